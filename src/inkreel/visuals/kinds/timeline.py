"""A time line: dates on an axis, what happened below them; down the page where it is tall."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from inkreel.model import DiagramVisual, Effect, Node
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.kinds.nodes import calm
from inkreel.visuals.layout.shapes import shown, torn
from inkreel.visuals.setting import Setting, cut
from inkreel.visuals.stage import Box

_LARGEST, _SMALLEST = {"wide": 40.0, "square": 40.0, "tall": 52.0}, 10.0
_EASY = 33.0
"""Text larger than this is not worth another row or column."""
_DATE, _DETAIL = 1.6, 0.84
"""Sizes of dates and details relative to the events'."""
_PITCH, _DETAIL_PITCH = 1.24, 1.2
_MOST, _MOST_DETAIL = 3, 4
_ABOVE, _BELOW, _BETWEEN = 0.95, 1.5, 0.28
"""From the axis to the date, to the events, and from an event to its detail, in em."""
_DOT = 0.42
_MOST_AIR = 2.2
"""Between stops that run down a page, beyond what they need."""


@dataclass(frozen=True, slots=True)
class Event:
    """What happened: its node's number, headline and detail."""

    node: int
    text: Setting
    detail: Setting
    torn: bool

    @property
    def height(self) -> float:
        high = len(self.text.lines) * _PITCH * self.text.size
        if not self._told:
            return high
        below = len(self.detail.lines) * _DETAIL_PITCH * self.detail.size
        return high + _BETWEEN * self.text.size + below

    @property
    def _told(self) -> bool:
        return bool(self.detail.lines[0])


@dataclass(frozen=True, slots=True)
class Stop:
    """A date with its events."""

    date: Setting
    events: tuple[Event, ...]

    def height(self, size: float) -> float:
        return sum(event.height for event in self.events) + 0.45 * size * (len(self.events) - 1)


@dataclass(frozen=True, slots=True)
class Grid:
    """All stops at one size: along rows beside each other, or down columns."""

    size: float
    down: bool
    lines: int
    """Rows, or columns where it runs down."""
    stops: tuple[Stop, ...]
    cell: float
    """Width of a stop's texts."""
    pitch: tuple[float, ...]
    """Height of each row; where it runs down the height of each stop."""
    cut: bool


def draw(
    brief: Brief[DiagramVisual], area: Box, nodes: Sequence[Node], steps: Sequence[int]
) -> float:
    """Draw the time line; answers the size of its text."""
    grid = _fit(brief, area, nodes)
    if grid.cut:
        brief.shortened("A text of the time line")
    if grid.size >= _SMALLEST:
        (_draw_down if grid.down else _draw_across)(brief, grid, area, steps)
    brief.canvas.note_body(grid.size)
    return grid.size


def _fit(brief: Brief[DiagramVisual], area: Box, nodes: Sequence[Node]) -> Grid:
    """The largest size at which it fits: across if that is as large, down where it is tall."""
    runs = [list(run) for _, run in groupby(enumerate(nodes), key=lambda pair: pair[1].group)]
    stops: list[list[tuple[int, Node]]] = []
    for run in runs:  # events without a date stand for themselves
        stops += [run] if run[0][1].group else [[pair] for pair in run]
    size = _LARGEST[brief.canvas.stage.aspect]
    while size > _SMALLEST:
        found = [grid for grid in _grids(brief, area, stops, size) if not grid.cut or size < 24]
        if found:
            return found[0]
        size -= 2 if size > 26 else 1
    return Grid(_SMALLEST - 1, False, 1, (), 0.0, (), cut=True)


def _grids(
    brief: Brief[DiagramVisual],
    area: Box,
    stops: Sequence[Sequence[tuple[int, Node]]],
    size: float,
) -> list[Grid]:
    """The arrangements that fit at this size, the most natural first."""
    count = len(stops)
    ways = [(False, rows) for rows in range(1, 5) if rows <= count]
    tall = [(True, columns) for columns in range(1, 3) if columns <= count]
    ways = tall + ways if brief.canvas.stage.aspect == "tall" else ways + tall
    found = []
    for down, lines in ways:
        if lines > 1 and size > _EASY:
            continue
        each = -(-count // lines)
        width = area.w / (lines if down else each)
        cell = width - (3.0 if down else 1.2) * size
        if cell < 4.2 * size:
            continue
        made = tuple(_stop(brief, stop, size, cell) for stop in stops)
        grid = _measured(made, size, cell, down=down, lines=lines)
        if _height(grid) <= area.h:
            found.append(grid)
    return found


def _stop(
    brief: Brief[DiagramVisual], stop: Sequence[tuple[int, Node]], size: float, cell: float
) -> Stop:
    date, text, detail = _styles(brief, size)
    events = tuple(
        Event(
            index,
            cut(shown(node), text, cell, _MOST),
            cut(node.detail, detail, cell, _MOST_DETAIL),
            torn(shown(node), text, cell),
        )
        for index, node in stop
    )
    return Stop(cut(stop[0][1].group, date, cell, 2), events)


def _styles(brief: Brief[DiagramVisual], size: float) -> tuple[Style, Style, Style]:
    return (
        Style(_DATE * size, 800, brief.theme.accent, tracking=-0.015),
        Style(size, 700, brief.theme.ink, tracking=-0.005),
        Style(round(_DETAIL * size, 1), 400, brief.theme.muted),
    )


def _measured(stops: tuple[Stop, ...], size: float, cell: float, *, down: bool, lines: int) -> Grid:
    each = -(-len(stops) // lines)
    short = any(stop.date.cut for stop in stops) or any(
        event.text.cut or event.detail.cut or event.torn for stop in stops for event in stop.events
    )
    if down:
        pitch = tuple(_date_height(stop, size) + stop.height(size) + 0.9 * size for stop in stops)
    else:
        rows = [stops[k : k + each] for k in range(0, len(stops), each)]
        pitch = tuple(
            max(_date_height(stop, size) for stop in row)
            + (0.2 + _ABOVE + _BELOW) * size
            + max(stop.height(size) for stop in row)
            for row in rows
        )
    return Grid(size, down, lines, stops, cell, pitch, short)


def _date_height(stop: Stop, size: float) -> float:
    return len(stop.date.lines) * 1.16 * _DATE * size if stop.date.lines[0] else 0.0


def _height(grid: Grid) -> float:
    if grid.down:
        return max(sum(column) for column in _columns(grid))
    return sum(grid.pitch) + 1.1 * grid.size * (len(grid.pitch) - 1)


def _columns(grid: Grid) -> list[tuple[float, ...]]:
    each = -(-len(grid.pitch) // grid.lines)
    return [grid.pitch[k : k + each] for k in range(0, len(grid.pitch), each)]


# --- Across --------------------------------------------------------------------------------------


def _draw_across(brief: Brief[DiagramVisual], grid: Grid, area: Box, steps: Sequence[int]) -> None:
    size = grid.size
    each = -(-len(grid.stops) // grid.lines)
    width = area.w / each
    free = area.h - _height(grid)
    rows = len(grid.pitch)
    gap = 1.1 * size + (min(free / rows, 2.0 * size) if rows > 1 else 0.0)
    y = area.y + max(0.0, area.h - _height(grid) - (gap - 1.1 * size) * (rows - 1)) * 0.4
    for row, pitch in enumerate(grid.pitch):
        stops = grid.stops[row * each : (row + 1) * each]
        dates = max(_date_height(stop, size) for stop in stops)
        axis = y + dates + (_ABOVE - 0.2) * size
        end = area.x + (area.w if len(stops) == each else len(stops) * width)
        _axis(brief, (area.x + _DOT * size, axis), (end, axis), size)
        for index, stop in enumerate(stops):
            spot = (area.x + index * width, axis)
            spots = (spot, (spot[0], axis - _ABOVE * size), axis + (_BELOW - 0.25) * size)
            _draw_stop(brief, grid, stop, steps, spots)
        y += pitch + gap


def _axis(
    brief: Brief[DiagramVisual], start: tuple[float, float], end: tuple[float, float], size: float
) -> None:
    """The line that all dates stand on, with an arrow's head at its end."""
    colour = calm(brief.theme)
    base = brief.canvas.base
    head, half = 0.55 * size, 0.28 * size
    if start[1] == end[1]:
        base.line([start, (end[0] - head, end[1])], colour, 4)
        tips = [end, (end[0] - head, end[1] - half), (end[0] - head, end[1] + half)]
    else:
        base.line([start, (end[0], end[1] - head)], colour, 4)
        tips = [end, (end[0] - half, end[1] - head), (end[0] + half, end[1] - head)]
    base.polygon(tips, colour)


# --- Down ----------------------------------------------------------------------------------------


def _draw_down(brief: Brief[DiagramVisual], grid: Grid, area: Box, steps: Sequence[int]) -> None:
    size = grid.size
    columns = _columns(grid)
    width = area.w / len(columns)
    free = area.h - _height(grid)
    most = max(len(column) for column in columns)
    more = min(_MOST_AIR * size, free / most)
    first = 0
    for index, column in enumerate(columns):
        x, y = area.x + index * width + 0.45 * size, area.y
        bottom = y + sum(column) + more * len(column)
        _axis(brief, (x, y + 0.6 * size), (x, bottom), size)
        for stop, pitch in zip(grid.stops[first : first + len(column)], column, strict=True):
            dated = _date_height(stop, size)
            middle = y + (0.58 * _DATE * size if dated else 0.6 * size)
            left = x + 1.5 * size
            spots = ((x, middle), (left, y + 0.96 * _DATE * size), y + dated)
            _draw_stop(brief, grid, stop, steps, spots)
            y += pitch + more
        first += len(column)


# --- A stop --------------------------------------------------------------------------------------


def _draw_stop(
    brief: Brief[DiagramVisual],
    grid: Grid,
    stop: Stop,
    steps: Sequence[int],
    spots: tuple[tuple[float, float], tuple[float, float], float],
) -> None:
    """The dot, the date whose last line ends at its baseline, and the events from a height on."""
    (x, axis), (left, baseline), top = spots
    size = grid.size
    radius = _DOT * size
    # Across, the dot's left edge stands where the texts begin.
    middle = (x if grid.down else x + radius, axis)
    for index, event in enumerate(stop.events):
        step = steps[event.node]
        layer = brief.canvas.layer(f"node-{event.node + 1}", step, Effect.FADE)
        focus = brief.canvas.layer(f"focus-{event.node + 1}", step, Effect.FOCUS)
        if index == 0:
            layer.circle(*middle, radius, brief.theme.accent)
            focus.circle(*middle, radius + 0.24 * size, stroke=brief.theme.accent)
            _draw_date(brief, layer, stop.date, (left, baseline), down=grid.down)
        _draw_event(brief, layer, focus, event, (left, top))
        top += event.height + 0.45 * size


def _draw_date(
    brief: Brief[DiagramVisual],
    layer: Group,
    date: Setting,
    at: tuple[float, float],
    *,
    down: bool,
) -> None:
    style = Style(date.size, 800, brief.theme.accent, tracking=-0.015)
    for index, line in enumerate(date.lines):
        behind = index if down else index - len(date.lines) + 1
        layer.text(at[0], at[1] + behind * 1.16 * date.size, line, style)


def _draw_event(
    brief: Brief[DiagramVisual],
    layer: Group,
    focus: Group,
    event: Event,
    at: tuple[float, float],
) -> None:
    _, text, detail = _styles(brief, event.text.size)
    x, y = at
    for line in event.text.lines:
        baseline = y + 0.92 * text.size
        layer.text(x, baseline, line, text)
        focus.text(x, baseline, line, text.filled(brief.theme.accent))
        y += _PITCH * text.size
    y += _BETWEEN * text.size
    for line in event.detail.lines if event.detail.lines[0] else ():
        layer.text(x, y + 0.9 * detail.size, line, detail)
        y += _DETAIL_PITCH * detail.size
