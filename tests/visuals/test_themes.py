"""Colours that can be read."""

from __future__ import annotations

import pytest

from inkreel.model import THEMES
from inkreel.visuals.themes import Theme, theme_named


def _luminance(colour: str) -> float:
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _contrast(one: str, other: str) -> float:
    """WCAG 2.2 contrast ratio."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.fixture(params=THEMES)
def theme(request: pytest.FixtureRequest) -> Theme:
    return theme_named(request.param)


def test_text_can_be_read_on_every_field(theme: Theme) -> None:
    """Body text has a contrast of 4.5 on all fields that it is set on, ink far more."""
    for field in (theme.bg, theme.surface, theme.ornament, theme.soft):
        assert _contrast(theme.ink, field) >= 7
        assert _contrast(theme.muted, field) >= 4.5
        assert _contrast(theme.accent, field) >= 4.5
    assert _contrast(theme.on, theme.accent) >= 4.5
    assert _contrast(theme.caption_ink, theme.caption) >= 7
    assert _contrast(theme.caption_lit, theme.caption) >= 4.5


def test_code_can_be_read(theme: Theme) -> None:
    """All token colours have a contrast of 4.5 on the panel and on the band in focus."""
    code = theme.code
    tokens = (code.text, code.muted, code.keyword, code.name, code.string, code.number)
    for field in (code.panel, code.band, code.added, code.removed):
        assert [t for t in (*tokens, code.operator) if _contrast(t, field) < 4.5] == []
    assert _contrast(code.muted, code.bar) >= 4.5
    assert _contrast(code.plus, code.added) >= 4.5
    assert _contrast(code.minus, code.removed) >= 4.5


def test_chart_colours_can_be_seen(theme: Theme) -> None:
    """Bars and lines have a contrast of 3 on the background."""
    assert [colour for colour in theme.series if _contrast(colour, theme.bg) < 3] == []
