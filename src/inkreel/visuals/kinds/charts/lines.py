"""Lines and areas over labels: a step for each series, its name and last value at its end."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from inkreel.model import Effect, Series
from inkreel.visuals.canvas import Point, Style
from inkreel.visuals.colours import TEXT, contrast, mix
from inkreel.visuals.kinds.charts.plot import (
    LEAST,
    TICK,
    Plot,
    Spec,
    draw_levels,
    intervals_for,
    tick_width,
)
from inkreel.visuals.scale import Scale, scale_for
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

_BELOW = 56
"""Room under the lowest point for its figure."""
_TINT = (0.22, 0.8)
"""How much of its line's colour an area alone has, and areas upon each other have."""


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
        return (2.5 if self.stacked else 1.4) * self.value_style.size

    def _width(self, index: int) -> float:
        name = width_of(self.names[index], self.name_style)
        value = width_of(self.values[index], self.value_style)
        return max(name, value) if self.stacked else name + 14 + value


@dataclass(frozen=True, slots=True)
class Trace:
    """One line: its heights, and those of the line that it lies on."""

    series: Series
    tops: tuple[float | None, ...]
    floors: tuple[float, ...]

    @property
    def last(self) -> int | None:
        known_at = [k for k, value in enumerate(self.series.values) if value is not None]
        return known_at[-1] if known_at else None


def draw(brief: Spec, plot: Plot, *, area: bool) -> None:
    """Draw axes into the base and a line for each series, the field below it filled for areas."""
    traces = _traces(plot.series, piled=area)
    values = [top for trace in traces for top in trace.tops if top is not None]
    scale = scale_for(values, from_zero=area, intervals=intervals_for(plot.box.h))
    if scale.low < 0:
        scale = scale.reaching(min(values), _BELOW, plot.box.h - 80)
    ticks = plot.figures.ticks(scale)
    left = tick_width(ticks) + 24
    box = plot.box
    endings = _endings(brief, plot, traces, named=not (area and len(traces) > 1))
    field = Box(box.x + left, box.y + 20, box.w - left - endings.width - 48, box.h - 80)
    draw_levels(brief, field, scale, ticks)
    _draw_labels(brief, field, plot.labels)
    heights = [_height(trace, field, scale, area=area) for trace in traces]
    spots = _spread(heights, endings.height, field)
    for index, trace in enumerate(traces):
        if area:
            _fill(brief, plot, index, trace, (field, scale))
        _draw_line(brief, plot, index, trace, (field, scale))
    for index, trace in enumerate(traces):
        _draw_ending(brief, plot, index, endings, (trace, field, scale, spots[index]))
    if len(traces) == 1 and not area:
        _draw_turns(brief, plot, traces[0], (field, scale))
    brief.canvas.note_body(min(TICK, endings.name_style.size))


def _traces(series: Sequence[Series], *, piled: bool) -> list[Trace]:
    """The lines; `piled` ones lie upon each other, and what is not known adds nothing."""
    floors = (0.0,) * len(series[0].values)
    traces = []
    for one in series:
        if not piled:
            traces.append(Trace(one, one.values, floors))
            continue
        tops = tuple(floor + (v or 0.0) for floor, v in zip(floors, one.values, strict=True))
        traces.append(Trace(one, tops, floors))
        floors = tops
    return traces


def _endings(brief: Spec, plot: Plot, traces: Sequence[Trace], *, named: bool) -> Endings:
    count = len(traces)
    size = min(32.0, plot.box.h / count / 1.7)
    stacked = named and count * 2.6 * size < plot.box.h - 80
    name_style = Style(max(LEAST, size - 2), 600, brief.theme.ink)
    value_style = Style(max(LEAST, size + 4 if stacked else size), 700, brief.theme.ink)
    room = plot.box.w * (0.26 if stacked else 0.22)
    settings = [cut(one.series.name if named else "", name_style, room, 1) for one in traces]
    if any(setting.cut for setting in settings):
        brief.shortened("The name of a line in a chart")
    values = tuple(
        plot.figures.text(trace.series.values[trace.last] or 0.0) if trace.last is not None else ""
        for trace in traces
    )
    names = tuple(setting.lines[0] for setting in settings)
    return Endings(names, values, name_style, value_style, stacked)


def _height(trace: Trace, field: Box, scale: Scale, *, area: bool) -> float:
    """Where a line ends; the name of an area stands at its middle."""
    if trace.last is None:
        return field.bottom
    top = trace.tops[trace.last] or 0.0
    value = (top + trace.floors[trace.last]) / 2 if area and any(trace.floors) else top
    return field.bottom - scale.share(value) * field.h


def _x(field: Box, index: int, count: int) -> float:
    return field.x + field.w * (index / (count - 1) if count > 1 else 0.5)


def _draw_labels(brief: Spec, field: Box, labels: Sequence[str]) -> None:
    """Labels under the axis; every second, third … where they would touch. The last is kept."""
    style = Style(TICK, 400, brief.theme.muted)
    widest = min(max(width_of(label, style) for label in labels), 260.0)
    pitch = field.w / max(1, len(labels) - 1)
    every = max(1, math.ceil((widest + 20) / pitch))
    last = len(labels) - 1
    for index in range(last % every, len(labels), every):
        setting = cut(labels[index], style, min(widest, max(pitch * every - 20, 60)), 1)
        if setting.cut:
            brief.shortened("A label under a chart")
        half = width_of(setting.lines[0], style) / 2
        x = min(max(brief.box.x + half, _x(field, index, len(labels))), brief.box.right - half)
        brief.canvas.base.text(x, field.bottom + 46, setting.lines[0], style, "center")


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


def _colour(brief: Spec, plot: Plot, index: int) -> str:
    """The highlighted series has the accent colour; the first one takes its own instead."""
    highlight = brief.visual.highlight
    if highlight is None or not 0 <= highlight < len(plot.colours):
        return plot.colours[index]
    if index == highlight:
        return brief.theme.accent
    return plot.colours[highlight] if index == 0 else plot.colours[index]


def _stretches(trace: Trace, field: Box, scale: Scale) -> Iterator[list[Point]]:
    """The unbroken parts of a line."""
    stretch: list[Point] = []
    for place, value in enumerate((*trace.tops, None)):
        if value is not None:
            y = field.bottom - scale.share(value) * field.h
            stretch.append((_x(field, place, len(trace.tops)), y))
        elif stretch:
            yield stretch
            stretch = []


def _draw_line(brief: Spec, plot: Plot, index: int, trace: Trace, frame: tuple[Box, Scale]) -> None:
    """The line in unbroken stretches; a lone value is a dot."""
    colour = _colour(brief, plot, index)
    width = 8 if brief.visual.highlight in (None, index) else 5
    layer = brief.canvas.layer(f"line-{index + 1}", index, Effect.WIPE)
    for stretch in _stretches(trace, *frame):
        if len(stretch) == 1:
            layer.circle(*stretch[0], width, colour)
        else:
            layer.line(stretch, colour, width)


def _fill(brief: Spec, plot: Plot, index: int, trace: Trace, frame: tuple[Box, Scale]) -> None:
    """The field between a line and the one that it lies on."""
    field, scale = frame
    count = len(trace.floors)
    if count < 2 or trace.last is None:
        return
    tops = [point for stretch in _stretches(trace, field, scale) for point in stretch]
    floors = [
        (_x(field, k, count), field.bottom - scale.share(floor) * field.h)
        for k, floor in enumerate(trace.floors)
    ]
    layer = brief.canvas.layer(f"area-{index + 1}", index, Effect.WIPE)
    tint = _TINT[len(plot.series) > 1]
    fill = mix(_colour(brief, plot, index), brief.theme.bg, tint)
    layer.polygon([*tops, *reversed(floors)], fill)


def _draw_ending(
    brief: Spec,
    plot: Plot,
    index: int,
    endings: Endings,
    place: tuple[Trace, Box, Scale, float],
) -> None:
    """A dot on the last value, name and value beside it at the height they were moved to."""
    trace, field, scale, spot = place
    name, value = endings.names[index], endings.values[index]
    if trace.last is None:
        return
    layer = brief.canvas.layer(f"end-{index + 1}", index, Effect.FADE)
    colour = _colour(brief, plot, index)
    x = _x(field, trace.last, len(trace.tops))
    y = field.bottom - scale.share(trace.tops[trace.last] or 0.0) * field.h
    layer.circle(x, y, 17, brief.theme.bg)
    layer.circle(x, y, 12, colour)
    name_style, value_style = endings.name_style, endings.value_style.filled(_ink(brief, colour))
    text_x = field.right + 34
    if endings.stacked:
        layer.text(text_x, spot - 0.12 * name_style.size, name, name_style)
        layer.text(text_x, spot + 0.98 * value_style.size, value, value_style)
        return
    baseline = spot + 0.36 * value_style.size
    layer.text(text_x, baseline, name, name_style)
    after = width_of(name, name_style) + 14 if name else 0.0
    layer.text(text_x + after, baseline, value, value_style)


def _draw_turns(brief: Spec, plot: Plot, trace: Trace, frame: tuple[Box, Scale]) -> None:
    """The summit and the ground of a lone line, where they are not its ends."""
    field, scale = frame
    known = [(value, k) for k, value in enumerate(trace.tops) if value is not None]
    if len({value for value, _ in known}) < 2:
        return
    style = Style(TICK + 4, 700, brief.theme.ink)
    for (value, k), above in ((max(known), True), (min(known), False)):
        y = field.bottom - scale.share(value) * field.h
        below = y + 20 + style.size
        x, text = _x(field, k, len(trace.tops)), plot.figures.text(value)
        beside = min(x - field.x, field.right - x) < width_of(text, style) / 2
        if beside or k in (known[0][1], known[-1][1]) or (not above and below > field.bottom):
            continue
        layer = brief.canvas.layer("summit" if above else "ground", 0, Effect.FADE)
        layer.circle(x, y, 9, _colour(brief, plot, 0))
        layer.text(x, y - 26 if above else below, text, style, "center")


def _ink(brief: Spec, colour: str) -> str:
    """The colour of a line for its figure, if it can be read as text."""
    readable = min(contrast(colour, field) for field in (brief.theme.bg, brief.theme.ornament))
    return colour if readable >= TEXT else brief.theme.ink
