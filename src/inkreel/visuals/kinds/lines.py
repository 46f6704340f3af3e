"""Lines over labels: a step for each series, its name and last value at its end."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkreel.model import ChartVisual, Effect, Series
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Point, Style
from inkreel.visuals.kinds.bars import TICK, draw_grid, intervals_for, tick_texts
from inkreel.visuals.scale import Scale, number, scale_for
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

if TYPE_CHECKING:
    from inkreel.visuals.kinds.chart import Plot


@dataclass(frozen=True, slots=True)
class Endings:
    """What stands at the ends of the lines: name and last value, on one line or two."""

    names: tuple[str, ...]
    values: tuple[str, ...]
    name_style: Style
    value_style: Style
    stacked: bool

    @property
    def width(self) -> float:
        return max(self._width(k) for k in range(len(self.names)))

    @property
    def height(self) -> float:
        return (2.5 if self.stacked else 1.5) * self.value_style.size

    def _width(self, index: int) -> float:
        name = width_of(self.names[index], self.name_style)
        value = width_of(self.values[index], self.value_style)
        return max(name, value) if self.stacked else name + 14 + value


def draw(brief: Brief[ChartVisual], plot: Plot) -> None:
    """Draw axes into the base and a line for each series."""
    values = [v for one in plot.series for v in one.values if v is not None]
    scale = scale_for(values, from_zero=False, intervals=intervals_for(plot.box.h))
    ticks = tick_texts(brief, plot, scale)
    left = max(width_of(text, Style(TICK, 400, brief.theme.muted)) for text in ticks) + 24
    box = plot.box
    ends = [_last(one) for one in plot.series]
    endings = _endings(brief, plot, ends)
    field = Box(box.x + left, box.y + 20, box.w - left - endings.width - 40, box.h - 80)
    draw_grid(brief, field, scale, ticks, [])
    _draw_labels(brief, field, plot.labels)
    heights = [field.bottom - scale.share(end or 0.0) * field.h for end in ends]
    spots = _spread(heights, endings.height, field)
    for index in range(len(plot.series)):
        _draw_series(brief, plot, index, (field, scale))
        _draw_ending(brief, plot, index, endings, (field, heights[index], spots[index]))
    brief.canvas.note_body(TICK)


def _endings(brief: Brief[ChartVisual], plot: Plot, ends: list[float | None]) -> Endings:
    count = len(plot.series)
    size = min(32.0, plot.box.h / count / 1.7)
    stacked = count * 2.6 * size < plot.box.h - 80
    name_style = Style(max(14.0, size - 2), 600, brief.theme.ink)
    value_style = Style(max(15.0, size + 4 if stacked else size), 700, brief.theme.ink)
    room = plot.box.w * (0.26 if stacked else 0.22)
    names = tuple(cut(one.name, name_style, room, 1).lines[0] for one in plot.series)
    values = tuple(
        number(end, brief.language, plot.decimals, plot.unit) if end is not None else ""
        for end in ends
    )
    return Endings(names, values, name_style, value_style, stacked)


def _last(series: Series) -> float | None:
    return next((value for value in reversed(series.values) if value is not None), None)


def _x(field: Box, index: int, count: int) -> float:
    return field.x + field.w * (index / (count - 1) if count > 1 else 0.5)


def _draw_labels(brief: Brief[ChartVisual], field: Box, labels: Sequence[str]) -> None:
    """Labels under the axis; every second, third … where they would touch. The last is kept."""
    style = Style(TICK, 400, brief.theme.muted)
    widest = min(max(width_of(label, style) for label in labels), 240.0)
    pitch = field.w / max(1, len(labels) - 1)
    every = max(1, math.ceil((widest + 20) / pitch))
    last = len(labels) - 1
    for index in range(last % every, len(labels), every):
        shown = cut(labels[index], style, min(widest, pitch * every - 20), 1).lines[0]
        half = width_of(shown, style) / 2
        x = max(brief.box.x + half, _x(field, index, len(labels)))
        brief.canvas.base.text(x, field.bottom + 46, shown, style, "center")


def _spread(heights: Sequence[float], apart: float, field: Box) -> list[float]:
    """Middles moved as little as needed to be `apart` from each other, inside the field."""
    order = sorted(range(len(heights)), key=lambda k: heights[k])
    low, high = field.y + apart / 2 - 20, field.bottom - apart / 2 + 14
    placed = [max(low, heights[k]) for k in order]
    for k in range(1, len(placed)):
        placed[k] = max(placed[k], placed[k - 1] + apart)
    placed[-1] = min(placed[-1], high)
    for k in range(len(placed) - 2, -1, -1):
        placed[k] = min(placed[k], placed[k + 1] - apart)
    result = [0.0] * len(heights)
    for k, place in zip(order, placed, strict=True):
        result[k] = place
    return result


def _colour(brief: Brief[ChartVisual], plot: Plot, index: int) -> str:
    """The highlighted series has the accent colour; the first one takes its own instead."""
    highlight = brief.visual.highlight
    if highlight is None or not 0 <= highlight < len(plot.colours):
        return plot.colours[index]
    if index == highlight:
        return brief.theme.accent
    return plot.colours[highlight] if index == 0 else plot.colours[index]


def _draw_series(
    brief: Brief[ChartVisual], plot: Plot, index: int, frame: tuple[Box, Scale]
) -> None:
    """The line in unbroken stretches; a lone value is a dot."""
    field, scale = frame
    values = plot.series[index].values
    colour = _colour(brief, plot, index)
    width = 8 if brief.visual.highlight in (None, index) else 5
    layer = brief.canvas.layer(f"line-{index + 1}", index, Effect.WIPE)
    stretch: list[Point] = []
    for place, value in enumerate((*values, None)):
        if value is not None:
            y = field.bottom - scale.share(value) * field.h
            stretch.append((_x(field, place, len(values)), y))
            continue
        if len(stretch) == 1:
            layer.circle(*stretch[0], width, colour)
        elif stretch:
            layer.line(stretch, colour, width)
        stretch = []


def _draw_ending(
    brief: Brief[ChartVisual],
    plot: Plot,
    index: int,
    endings: Endings,
    place: tuple[Box, float, float],
) -> None:
    """A dot on the last value, name and value beside it at the height they were moved to."""
    field, y, spot = place
    name, value = endings.names[index], endings.values[index]
    if not value:
        return
    values = plot.series[index].values
    last = max(k for k, one in enumerate(values) if one is not None)
    layer = brief.canvas.layer(f"end-{index + 1}", index, Effect.FADE)
    colour = _colour(brief, plot, index)
    x = _x(field, last, len(values))
    layer.circle(x, y, 17, brief.theme.bg)
    layer.circle(x, y, 12, colour)
    name_style, value_style = endings.name_style, endings.value_style.filled(colour)
    text_x = field.right + 34
    if endings.stacked:
        layer.text(text_x, spot - 0.12 * name_style.size, name, name_style)
        layer.text(text_x, spot + 0.98 * value_style.size, value, value_style)
        return
    baseline = spot + 0.36 * value_style.size
    layer.text(text_x, baseline, name, name_style)
    layer.text(text_x + width_of(name, name_style) + 14, baseline, value, value_style)
