"""One figure, very large: the figure with what it counts, then the detail."""

from __future__ import annotations

import re

from inkreel.model import Effect, NumberVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.setting import fit
from inkreel.visuals.stage import Box

_UNIT_SHARE = 0.36
"""Size of a unit's letters beside its figure's."""
_BELOW = 0.12
"""What hangs below the line, in sizes of letters; figures alone do not."""
_HANGING = frozenset(",;()/gjpqyQ")
_UNIT = re.compile(r"(\S*\d\S*)\s+(\D{1,24})")


def _parted(value: str) -> tuple[str, str]:
    """`97 percent` → the figure and its unit; anything else stays whole."""
    match = _UNIT.fullmatch(value)
    return (match[1], match[2]) if match else (value, "")


def draw(brief: Brief[NumberVisual]) -> int:
    """Draw the figure; two steps."""
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    draw_background(canvas, theme)
    area = draw_header(canvas, theme, brief.eyebrow, brief.heading)
    visual = brief.visual
    figure_style = Style(300, 800, theme.accent, tracking=-0.035)
    unit_style = Style(108, 800, theme.accent, tracking=-0.02)
    label_style = Style(54, 700, theme.ink, tracking=-0.01)
    detail_style = Style(36, 400, theme.muted)
    width = area.w - 60
    label = fit(visual.label, label_style, width=width, lines=[(2, 56, 40), (3, 44, 30)])
    detail = fit(
        visual.detail, detail_style, width=min(width, 1300), lines=[(2, 38, 32), (4, 34, 24)]
    )
    label_height = 40 + 1.2 * label.size * len(label.lines) if label.lines[0] else 0.0
    detail_height = 26 + 1.34 * detail.size * len(detail.lines) if detail.lines[0] else 0.0
    room = area.h - label_height - detail_height
    largest = min({"wide": 300, "tall": 260, "square": 220}[stage.aspect], room / (0.78 + _BELOW))
    ladder = [(1, largest, min(largest, 90)), (2, min(largest / 2, 96), 40)]
    amount, unit = _parted(visual.value)
    figure = fit(amount, figure_style, width=width * (0.6 if unit else 1), lines=ladder)
    if figure.cut or label.cut or detail.cut:
        brief.shortened("A text beside the figure")
    below = _BELOW if set(figure.lines[-1]) & _HANGING else 0.0
    figure_height = (0.76 + below + 1.05 * (len(figure.lines) - 1)) * figure.size
    height = figure_height + label_height + detail_height
    top = min(resting_top(area, height + 24) + 12, area.bottom - height)
    # The bar ties figure and texts together and gives the left edge of the page.
    canvas.base.rect(Box(area.x, top, 12, height), theme.accent, radius=6)
    x = area.x + 60
    layer = canvas.layer("figure", 0, Effect.RISE)
    for index, line in enumerate(figure.lines):
        y = top + (0.75 + 1.05 * index) * figure.size
        runs = [(line, figure_style.sized(figure.size))]
        if unit and index == len(figure.lines) - 1:
            runs.append((f" {unit}", unit_style.sized(_UNIT_SHARE * figure.size)))
        layer.runs(x - 0.04 * figure.size, y, runs)
    y = top + figure_height + 40 + 0.86 * label.size
    for index, line in enumerate(label.lines):
        layer.text(x, y + 1.2 * label.size * index, line, label_style.sized(label.size))
    if detail.lines[0]:
        layer = canvas.layer("detail", 1, Effect.RISE)
        y = top + figure_height + label_height + 26 + 0.86 * detail.size
        for index, line in enumerate(detail.lines):
            layer.text(x, y + 1.34 * detail.size * index, line, detail_style.sized(detail.size))
        canvas.note_body(detail.size)
    canvas.note_body(label.size)
    return 2
