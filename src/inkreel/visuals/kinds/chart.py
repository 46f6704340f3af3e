"""Bars or lines over labels, with a legend and a call-out card."""

from __future__ import annotations

import math
from dataclasses import dataclass

import msgspec

from inkreel.model import ChartVisual, Effect, Series
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_header
from inkreel.visuals.kinds import bars, lines
from inkreel.visuals.scale import decimals_of, large_numbers
from inkreel.visuals.setting import cut, fit, width_of
from inkreel.visuals.stage import Box

_LEAST_PLOT = 330
"""Height that a plot with its legend needs."""
_CLOSE = 4
"""A unit of at most so many letters is written behind every number, a longer one once."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What bars and lines share: cleaned data, colours, how numbers are written."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    colours: tuple[str, ...]
    unit: str
    decimals: int
    box: Box


def draw(brief: Brief[ChartVisual]) -> int:
    """Draw the chart; a step for each label (bars) or series (lines)."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    visual = brief.visual
    steps = len(visual.labels) if visual.form == "bar" else len(visual.series)
    if not visual.labels or not visual.series:
        return steps
    labels, series = _clean(visual)
    box = _draw_callout(brief, area, steps)
    unit, series = _unit(brief, series)
    colours = tuple(brief.theme.series[_order(index, len(series))] for index in range(len(series)))
    if len(series) > 1 and visual.form == "bar":
        box = _draw_legend(brief, box, [one.name for one in series], colours)
    if unit and len(unit) > _CLOSE:
        style = Style(25, 400, brief.theme.muted)
        shown = cut(unit, style, box.w, 1).lines[0]
        brief.canvas.base.text(box.x, box.y + 22, shown, style)
        box, unit = box.below(box.y + 46), ""
    values = [value for one in series for value in one.values if value is not None]
    plot = Plot(labels, series, colours, unit, decimals_of(values), box)
    (bars.draw if visual.form == "bar" else lines.draw)(brief, plot)
    return steps


def _order(index: int, count: int) -> int:
    """Colour of the n-th series: the quiet second colour comes last unless there are two."""
    palette = (0, 1) if count == 2 else (0, 2, 3, 4, 1, 5)
    return palette[index % len(palette)]


def _clean(visual: ChartVisual) -> tuple[tuple[str, ...], tuple[Series, ...]]:
    """As many values as labels in every series; what is not a finite number is a gap."""
    count = len(visual.labels)
    series = tuple(
        msgspec.structs.replace(
            one,
            values=tuple(
                value if value is not None and math.isfinite(value) else None
                for value in (*one.values, *[None] * count)[:count]
            ),
        )
        for one in visual.series
    )
    return visual.labels, series


def _unit(brief: Brief[ChartVisual], series: tuple[Series, ...]) -> tuple[str, tuple[Series, ...]]:
    """Millions and billions are divided, and named in the unit."""
    values = [value for one in series for value in one.values if value is not None]
    divisor, name = large_numbers(values, brief.language)
    if divisor == 1:
        return brief.visual.unit, series
    divided = tuple(
        msgspec.structs.replace(
            one, values=tuple(v / divisor if v is not None else None for v in one.values)
        )
        for one in series
    )
    return f"{name} {brief.visual.unit}".strip(), divided


def _draw_legend(
    brief: Brief[ChartVisual], box: Box, names: list[str], colours: tuple[str, ...]
) -> Box:
    """Coloured squares with the names of the series; returns what is left below."""
    style = Style(27, 500, brief.theme.ink)
    x, y = box.x, box.y
    for name, colour in zip(names, colours, strict=True):
        shown = cut(name, style, box.w / min(3, len(names)) - 80, 1).lines[0]
        width = 36 + width_of(shown, style)
        if x > box.x and x + width > box.right:
            x, y = box.x, y + 42
        brief.canvas.base.rect(Box(x, y + 4, 22, 22), colour, radius=6)
        brief.canvas.base.text(x + 36, y + 25, shown, style)
        x += width + 44
    return box.below(y + 62)


def _draw_callout(brief: Brief[ChartVisual], area: Box, steps: int) -> Box:
    """The finding on a card beside (or below) the plot, with the last step."""
    visual, theme = brief.visual, brief.theme
    if not visual.callout:
        return area
    wide = brief.canvas.stage.wide
    height = 230 if brief.canvas.stage.aspect == "tall" else 170
    if not wide and area.h - height < _LEAST_PLOT:
        brief.lost("The call-out of a chart is not shown", "the heading leaves no room for it")
        return area
    card = (
        Box(area.right - 470, area.y + 10, 470, area.h - 72)
        if wide
        else Box(area.x, area.bottom - height, area.w, height)
    )
    layer = brief.canvas.layer("callout", max(0, steps - 1), Effect.FADE)
    layer.rect(card, theme.surface, radius=28, stroke=theme.line)
    inner = card.inset(44, 36)
    figure_width = inner.w if wide else inner.w * 0.44
    big = Style(116, 800, theme.accent, tracking=-0.02)
    ladder = [(1, 116 if wide else 92, 64), (2, 72, 44), (4, 44, 24)]
    figure = fit(visual.callout, big, width=figure_width, lines=ladder, height=card.h * 0.5)
    big = big.sized(figure.size)
    small = Style(33, 400, theme.muted)
    detail_width = inner.w if wide or not visual.callout_detail else inner.w * 0.5
    detail = cut(visual.callout_detail, small, detail_width, 5 if wide else 3)
    figure_height = (0.76 + 1.1 * (len(figure.lines) - 1)) * figure.size
    detail_height = len(detail.lines) * 43 if detail.lines[0] else 0
    if wide:
        top = card.y + (card.h - figure_height - detail_height - (26 if detail_height else 0)) / 2
        detail_x, detail_top = inner.x, top + figure_height + 26
    else:
        top = card.y + (card.h - figure_height) / 2
        detail_x, detail_top = inner.right - detail_width, card.y + (card.h - detail_height) / 2
    for index, line in enumerate(figure.lines):
        y = top + 0.75 * figure.size + index * 1.1 * figure.size
        layer.text(inner.x - 0.04 * figure.size, y, line, big)
    if detail_height:
        for index, line in enumerate(detail.lines):
            layer.text(detail_x, detail_top + 32 + index * 43, line, small)
    if wide:
        return Box(area.x, area.y, area.w - card.w - 76, area.h)
    return Box(area.x, area.y, area.w, area.h - height - 40)
