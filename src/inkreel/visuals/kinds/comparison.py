"""Columns beside each other (or under each other where they are narrow), compared row by row."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import ComparisonVisual, Effect, Side
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.setting import Setting, cut, width_of
from inkreel.visuals.stage import Box

MOST = 3
_GAP, _RADIUS = 32.0, 26.0
_SIZES = (42, 40, 38, 36, 34, 32, 30, 28, 26, 24, 22, 20)
_READABLE = 28
_PITCH = 1.24
_MOST_LINES = 4


@dataclass(frozen=True, slots=True)
class Card:
    """A column at one size: its place, its heading, its points and where each stands."""

    box: Box
    heading: Setting
    head: float
    points: tuple[Setting, ...]
    rows: tuple[tuple[float, float], ...]
    """Top and height of each row, from the card's top."""

    @property
    def cut(self) -> bool:
        return self.heading.cut or any(point.cut for point in self.points)


@dataclass(frozen=True, slots=True)
class Layout:
    size: float
    pad: float
    cards: tuple[Card, ...]
    split: bool
    """A word is too long for its column."""

    @property
    def height(self) -> float:
        return max(card.box.bottom for card in self.cards) - self.cards[0].box.y

    @property
    def cut(self) -> bool:
        return any(card.cut for card in self.cards)


def draw(brief: Brief[ComparisonVisual]) -> int:
    """Draw cards and headings into the base; a step for each row of points."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    columns = brief.visual.columns[:MOST]
    if len(brief.visual.columns) > MOST:
        left_out = len(brief.visual.columns) - MOST
        brief.lost(f"{left_out} columns of a comparison are not shown", "there is room for three")
    steps = max((len(side.points) for side in brief.visual.columns), default=0)
    if not columns:
        return steps
    layout = _fit(brief, columns, area)
    if layout.cut:
        brief.shortened("A point of a comparison")
    brief.canvas.note_body(layout.size)
    down = resting_top(area, layout.height) - area.y
    for index, card in enumerate(layout.cards):
        lit = index == brief.visual.highlight
        _draw_card(brief, layout, card, down, lit=lit)
    for step in range(max(len(side.points) for side in columns)):
        _draw_step(brief, layout, step, down)
    return steps


# --- Layout --------------------------------------------------------------------------------------


def _fit(brief: Brief[ComparisonVisual], columns: Sequence[Side], area: Box) -> Layout:
    """The largest size at which all fits, beside or under each other, whichever is larger."""
    ways = (False,) if brief.canvas.stage.aspect == "wide" else (False, True)
    for size in _SIZES:
        for stacked in ways:
            layout = _set(columns, area, size, stacked=stacked)
            tight = layout.split and size > _READABLE
            if layout.height <= area.h and not layout.cut and not tight:
                return _airy(layout, area, stacked=stacked)
    layouts = [
        _set(columns, area, size, stacked=s) for size in (28, 24, 20, 16, 12, 8) for s in ways
    ]
    return next((one for one in layouts if one.height <= area.h), layouts[-1])


def _set(columns: Sequence[Side], area: Box, size: float, *, stacked: bool) -> Layout:
    pad = min(40.0, size)
    count = 1 if stacked else len(columns)
    width = (area.w - _GAP * (count - 1)) / count
    text = Style(size, 500, "")
    bold = Style(size, 700, "")
    inner = width - 2 * pad
    mark = 0.9 * size
    most = _MOST_LINES if size >= _READABLE else 6
    if size < _SIZES[-1]:
        most = max(1, int(area.h / (1.9 * size * max(1, *(len(c.points) for c in columns)))))
    points = [tuple(cut(p, text, inner - mark, most) for p in side.points) for side in columns]
    headings = [cut(side.heading, bold, inner, 2) for side in columns]
    split = any(
        width_of(word, style) > room
        for style, room, said in (
            (bold, inner, [side.heading for side in columns]),
            (text, inner - mark, [point for side in columns for point in side.points]),
        )
        for each in said
        for word in each.split()
    )
    air = 0.86 * size
    groups = [[k] for k in range(len(columns))] if stacked else [list(range(len(columns)))]
    cards: list[Card] = []
    y = area.y
    for group in groups:
        head = max(len(headings[k].lines) for k in group) * _PITCH * size + 0.9 * size
        rows = _rows([points[k] for k in group], size, head + 0.3 * size, air)
        height = rows[-1][0] + rows[-1][1] + 0.3 * size if rows else head + size
        for place, k in enumerate(group):
            box = Box(area.x + place * (width + _GAP), y, width, height)
            cards.append(Card(box, headings[k], head, points[k], rows))
        y += height + 0.75 * _GAP
    return Layout(size, pad, tuple(cards), split)


def _rows(
    columns: Sequence[tuple[Setting, ...]], size: float, top: float, air: float
) -> tuple[tuple[float, float], ...]:
    """Top and height of rows that are as high as the highest point in them."""
    rows = []
    for k in range(max(len(points) for points in columns)):
        lines = max(len(points[k].lines) for points in columns if k < len(points))
        rows.append((top, lines * _PITCH * size + air))
        top += rows[-1][1]
    return tuple(rows)


def _airy(layout: Layout, area: Box, *, stacked: bool) -> Layout:
    """Rows with more air, where there is room."""
    count = sum(len(card.rows) for card in layout.cards) if stacked else len(layout.cards[0].rows)
    extra = min((area.h - layout.height) / max(1, count), 0.9 * layout.size)
    cards, shift = [], 0.0
    for card in layout.cards:
        rows = tuple((top + k * extra, high + extra) for k, (top, high) in enumerate(card.rows))
        grown = extra * len(rows)
        box = Box(card.box.x, card.box.y + shift, card.box.w, card.box.h + grown)
        cards.append(Card(box, card.heading, card.head, card.points, rows))
        shift += grown if stacked else 0.0
    return Layout(layout.size, layout.pad, tuple(cards), layout.split)


# --- Drawing -------------------------------------------------------------------------------------


def _draw_card(
    brief: Brief[ComparisonVisual], layout: Layout, card: Card, down: float, *, lit: bool
) -> None:
    base, theme, size = brief.canvas.base, brief.theme, layout.size
    box = Box(card.box.x, card.box.y + down, card.box.w, card.box.h)
    base.rect(box, theme.surface, radius=_RADIUS)
    radius = min(_RADIUS, card.head / 2)
    head = Box(box.x, box.y, box.w, card.head)
    base.rect(head, theme.accent if lit else theme.soft, radius=(radius, radius, 0, 0))
    style = Style(size, 700, theme.on if lit else theme.accent)
    y = head.y + head.h / 2 - (len(card.heading.lines) - 1) * _PITCH * size / 2 + 0.36 * size
    for line in card.heading.lines:
        base.text(box.x + layout.pad, y, line, style)
        y += _PITCH * size
    for k, (top, _) in enumerate(card.rows[1:], start=1):
        if k < len(card.points):
            field = Box(box.x + layout.pad, box.y + top - 1, box.w - 2 * layout.pad, 2)
            base.rect(field, theme.line)
    base.rect(box, None, radius=_RADIUS, stroke=theme.accent if lit else theme.line)


def _draw_step(brief: Brief[ComparisonVisual], layout: Layout, step: int, down: float) -> None:
    theme = brief.theme
    layer = brief.canvas.layer(f"points-{step + 1}", step, Effect.FADE)
    focus = brief.canvas.layer(f"focus-{step + 1}", step, Effect.FOCUS)
    for card in layout.cards:
        if step >= len(card.points):
            continue
        top, height = card.rows[step]
        row = Box(card.box.x, card.box.y + down + top, card.box.w, height)
        _draw_point(layer, layout, card.points[step], row, (theme.ink, theme.accent))
        focus.rect(Box(row.x + 8, row.y + 5, row.w - 16, row.h - 10), theme.soft, radius=16)
        _draw_point(focus, layout, card.points[step], row, (theme.ink, theme.accent))


def _draw_point(
    group: Group, layout: Layout, point: Setting, row: Box, colours: tuple[str, str]
) -> None:
    """A dot and the lines of a point in the middle of its row."""
    ink, accent = colours
    size = layout.size
    style = Style(size, 500, ink)
    y = row.y + row.h / 2 - (len(point.lines) - 1) * _PITCH * size / 2 + 0.36 * size
    if point.lines[0]:
        group.circle(row.x + layout.pad + 0.2 * size, y - 0.33 * size, 0.17 * size, accent)
    for line in point.lines:
        group.text(row.x + layout.pad + 0.9 * size, y, line, style)
        y += _PITCH * size
