"""Eyebrow and heading at the top of a picture, and the flat ornament behind them."""

from __future__ import annotations

from inkreel.visuals.canvas import Canvas, Style
from inkreel.visuals.setting import fit, width_of
from inkreel.visuals.stage import Box
from inkreel.visuals.themes import Theme

TITLE_TRACKING = -0.018
_GAP = 72


def draw_background(canvas: Canvas, theme: Theme) -> None:
    """Two circles in the top right corner."""
    stage = canvas.stage
    x = stage.width - 108
    canvas.field.circle(x, -21, 432, theme.ornament)
    canvas.field.circle(x, -21, 237, stroke=theme.ring)


def draw_eyebrow(canvas: Canvas, theme: Theme, eyebrow: str, top: float | None = None) -> None:
    """A short bar and the section's name in capitals, at the content's top or at `top`."""
    box = canvas.stage.content
    top = box.y if top is None else top
    canvas.base.rect(Box(box.x, top + 17, 44, 6), theme.accent, radius=3)
    if not eyebrow:
        return
    style = Style(25, 600, theme.accent, tracking=0.06)
    setting = fit(eyebrow.upper(), style, width=box.w - 68, lines=[(1, 25, 20)])
    canvas.base.text(box.x + 67, top + 29, setting.lines[0], style.sized(setting.size))


def draw_header(canvas: Canvas, theme: Theme, eyebrow: str, heading: str) -> Box:
    """Draw both and return what is left of the content box."""
    box = canvas.stage.content
    draw_eyebrow(canvas, theme, eyebrow)
    if not heading:
        return box.below(box.y + 90)
    style = Style(70, 700, theme.ink, tracking=TITLE_TRACKING)
    # Two lines in the wide format cost the body much of its height: first try one, smaller.
    choices = (
        [(1, 70, 54), (2, 58, 40)] if canvas.stage.wide else [(1, 70, 60), (2, 68, 50), (3, 54, 40)]
    )
    setting = fit(heading, style, width=box.w, lines=choices)
    style = style.sized(setting.size)
    baseline = box.y + 67 + 0.74 * setting.size
    for index, line in enumerate(setting.lines):
        y = baseline + index * setting.size * 1.2
        canvas.base.text(box.x - 0.03 * setting.size, y, line, style)
    bottom = baseline + (len(setting.lines) - 1) * setting.size * 1.2
    return box.below(bottom + (_GAP if canvas.stage.wide else _GAP + 12))


def draw_kicker(canvas: Canvas, theme: Theme, x: float, y: float, text: str) -> None:
    """A pill with a short text, its left top at (x, y)."""
    style = Style(27, 600, theme.accent)
    canvas.base.rect(Box(x, y, width_of(text, style) + 50, 48), theme.soft, radius=24)
    canvas.base.text(x + 25, y + 33, text, style)


def resting_top(area: Box, height: float) -> float:
    """Where a block of this height stands in the area: above its middle, where the eye rests."""
    share = 0.36 if area.h < 700 else 0.42
    return area.y + max(0.0, area.h - height) * share
