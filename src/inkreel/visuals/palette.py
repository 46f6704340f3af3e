"""A few colours of a brand → a theme in which everything can be read.

Lightness is moved in OKLCH, which keeps the hue, until the contrast of WCAG 2.2 holds: 7 for ink,
4.5 for other text, 3 for shapes. What a user gave and did not get is told.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from inkreel.model import Brand
from inkreel.visuals.colours import (
    SHAPE,
    TEXT,
    contrast,
    from_oklch,
    luminance,
    mix,
    oklch,
    readable_on,
)
from inkreel.visuals.themes import CodeColours, Theme

_INK = 7.0
_FIELD = 11.0
"""Contrast that black or white must have on a background, so that all text finds room."""
_BRIGHT = 2.4
_BLACKISH = 0.16
_SERIES = 6
_TURNS = (2.2, -2.0, 1.1, -1.0, 3.1, 1.7, -1.5)
"""Hues of further chart colours, in radians from the accent's."""
_GREEN, _RED = 2.6, 0.35
_STEP = 0.008


@dataclass(frozen=True)
class Palette:
    """A theme, and which of the given colours are drawn otherwise."""

    theme: Theme
    changed: tuple[str, ...]


@dataclass
class _Mixing:
    """Colours of one theme as they are found: on what fields they are read, and what was moved."""

    dark: bool
    changed: list[str] = field(default_factory=list)

    def until(self, colour: str, fields: Sequence[str], least: float) -> str:
        """The nearest lightness at which a colour has its contrast on all fields."""
        lightness, chroma, hue = oklch(colour)
        end = 1.0 if self.dark else 0.0
        step = _STEP if self.dark else -_STEP
        while min(contrast(colour, one) for one in fields) < least and lightness != end:
            lightness = min(max(lightness + step, 0.0), 1.0)
            colour = from_oklch(lightness, chroma, hue)
        return colour

    def given(self, name: str, colour: str, fields: Sequence[str], least: float) -> str:
        """Like `until`, for a colour of the user: a change is told."""
        found = self.until(colour, fields, least)
        if found != colour.upper():
            self.changed.append(f"{name} {colour} as {found}")
        return found

    def shade(self, base: str, lighter: float, chroma: float | None = None) -> str:
        """A colour of the same hue, by so much further from the background's end."""
        lightness, own, hue = oklch(base)
        towards = lighter if self.dark else -lighter
        return from_oklch(lightness + towards, own if chroma is None else chroma, hue)


@lru_cache(maxsize=16)
def palette_of(brand: Brand) -> Palette:
    """All colours of a brand's theme."""
    hue = oklch(brand.accent)[2]
    # A bright colour is read on a dark field, and would have to become another one on a light one.
    bright = contrast(brand.accent, "#FFFFFF") < _BRIGHT
    asked = brand.background or from_oklch(*((0.2, 0.03) if bright else (0.98, 0.006)), hue)
    mixing = _Mixing(dark=luminance(asked) < 0.22)
    bg = _background(mixing, asked)
    if brand.background and bg != brand.background.upper():
        mixing.changed.append(f"background {brand.background} as {bg}")
    fields = _fields(mixing, bg, brand.accent)
    soft = fields["soft"]
    plain = from_oklch(0.97, 0.01, hue) if mixing.dark else from_oklch(0.24, 0.04, hue)
    read = tuple(fields.values())
    ink = mixing.given("ink", brand.ink or plain, read, _INK) if brand.ink else plain
    ink = mixing.until(ink, read, _INK)
    muted = mixing.until(mix(ink, bg, 0.72), read, TEXT + 0.3)
    accent = mixing.given("accent", brand.accent, read, TEXT)
    series = _series(mixing, brand, (accent, muted), bg)
    deep = mixing.dark and oklch(bg)[0] > 0.24
    caption = from_oklch(0.2 if deep else 0.33 if mixing.dark else 0.29, 0.03, hue)
    dark = _Mixing(dark=True)
    theme = Theme(
        bg=bg,
        surface=fields["surface"],
        ink=ink,
        muted=muted,
        accent=accent,
        on=readable_on(accent, (bg, ink)),
        soft=soft,
        line=mixing.shade(soft, 0.05),
        ornament=fields["ornament"],
        ring=mixing.shade(fields["ornament"], 0.03),
        tiles=(
            brand.accent.upper(),
            (*brand.colours, series[2])[0].upper(),
            mixing.shade(soft, 0.04),
            ink,
        ),
        series=series,
        caption=caption,
        caption_ink="#FFFFFF",
        caption_lit=dark.until((*brand.colours, brand.accent)[0], (caption,), TEXT + 1),
        code=_code(mixing, bg, fields, (ink, accent)),
    )
    return Palette(theme, tuple(dict.fromkeys(mixing.changed)))


def _background(mixing: _Mixing, colour: str) -> str:
    """A background on which text has room: middle tones become darker or lighter."""
    lightness, chroma, hue = oklch(colour)
    colour = colour.upper()
    while contrast(colour, "#FFFFFF" if mixing.dark else "#000000") < _FIELD:
        lightness += -_STEP if mixing.dark else _STEP
        colour = from_oklch(lightness, chroma, hue)
    return colour


def _fields(mixing: _Mixing, bg: str, accent: str) -> dict[str, str]:
    """What text stands on: the background, cards, tints."""
    _, chroma, hue = oklch(accent)
    lightness, own, tint = oklch(bg)
    if mixing.dark:
        # What is nearly black differs from black no more to the eye than to the screen.
        lightness = max(lightness, _BLACKISH)
        surface = from_oklch(lightness + 0.045, own, tint)
        ornament = from_oklch(lightness + 0.022, own, tint)
        soft = from_oklch(
            lightness + 0.085, max(own, min(chroma, 0.05)), tint if own > 0.02 else hue
        )
    else:
        surface = "#FFFFFF" if bg != "#FFFFFF" else from_oklch(0.975, 0.005, hue)
        ornament = mixing.shade(bg, 0.022)
        soft = from_oklch(min(lightness, 0.97) - 0.03, min(chroma, 0.032), hue)
    return {"bg": bg, "surface": surface, "ornament": ornament, "soft": soft}


def _series(mixing: _Mixing, brand: Brand, own: tuple[str, str], bg: str) -> tuple[str, ...]:
    """Chart colours: the accent, a quiet one, the brand's own, then others of its strength."""
    accent, muted = own
    lightness, chroma, hue = oklch(accent)
    strength = min(max(lightness, 0.5), 0.78)
    quiet = mixing.until(mix(accent, bg, 0.62), (bg,), SHAPE)
    further = [
        mixing.given(f"colour {index}", colour, (bg,), SHAPE)
        for index, colour in enumerate(brand.colours, start=1)
        if colour.upper() != brand.accent.upper()
    ][: _SERIES - 3]
    for turn in _TURNS:
        made = from_oklch(strength, max(chroma, 0.11), math.fmod(hue + turn, math.tau))
        made = mixing.until(made, (bg,), SHAPE + 0.3)
        if len(further) < _SERIES - 3 and all(_apart(made, one) for one in (accent, *further)):
            further.append(made)
    return (accent, quiet, *further, mixing.until(muted, (bg,), SHAPE))


def _apart(one: str, other: str) -> bool:
    """Whether two colours are told apart: their distance in OKLab."""
    (l1, c1, h1), (l2, c2, h2) = oklch(one), oklch(other)
    a = c1 * math.cos(h1) - c2 * math.cos(h2)
    b = c1 * math.sin(h1) - c2 * math.sin(h2)
    return math.sqrt((l1 - l2) ** 2 + a * a + b * b) > 0.09


def _code(mixing: _Mixing, bg: str, fields: dict[str, str], own: tuple[str, str]) -> CodeColours:
    """A panel and the colours of tokens, which are read on every band."""
    ink, accent = own
    lightness, chroma, tint = oklch(bg)
    base = max(lightness, _BLACKISH) if mixing.dark else oklch(fields["surface"])[0]
    panel = from_oklch(base - 0.03, chroma, tint) if mixing.dark else fields["surface"]
    raised = base + (0.075 if mixing.dark else -0.045)
    added = from_oklch(raised, 0.05 if mixing.dark else 0.035, _GREEN)
    removed = from_oklch(raised, 0.06 if mixing.dark else 0.03, _RED)
    bar = from_oklch(base + 0.02, chroma, tint) if mixing.dark else mixing.shade(panel, 0.04)
    bands = (panel, bar, fields["soft"], added, removed)
    hue = oklch(accent)[2]
    start = 0.8 if mixing.dark else 0.48

    def token(turn: float, chroma: float = 0.12) -> str:
        return mixing.until(from_oklch(start, chroma, hue + turn), bands, TEXT)

    return CodeColours(
        panel=panel,
        bar=bar,
        band=fields["soft"],
        text=mixing.until(ink, bands, _INK),
        muted=mixing.until(mix(ink, panel, 0.66), bands, TEXT),
        keyword=mixing.until(accent, bands, TEXT),
        name=token(-0.7),
        string=mixing.until(from_oklch(start, 0.1, _GREEN), bands, TEXT),
        number=mixing.until(from_oklch(start, 0.12, 0.95), bands, TEXT),
        operator=token(0.9),
        added=added,
        removed=removed,
        plus=mixing.until(from_oklch(start, 0.14, _GREEN), (added,), TEXT),
        minus=mixing.until(from_oklch(start, 0.15, _RED), (removed,), TEXT),
    )
