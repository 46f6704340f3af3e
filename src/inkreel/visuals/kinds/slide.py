"""Bullets: a numbered badge each, the current one filled with the accent colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from inkreel.model import Bullet, Effect, SlideVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.setting import Setting, cut
from inkreel.visuals.stage import Box

_LARGEST, _LARGE_FEW, _SMALLEST = 56, 64, 20


@dataclass(frozen=True, slots=True)
class Entry:
    """A bullet set at a size: its lines, and how high it is."""

    text: Setting
    detail: Setting
    height: float


@dataclass(frozen=True, slots=True)
class Column:
    """All bullets at one size."""

    size: float
    badge: float
    indent: float
    entries: tuple[Entry, ...]

    @property
    def height(self) -> float:
        return sum(entry.height for entry in self.entries)


def draw(brief: Brief[SlideVisual]) -> int:
    """Draw the slide; a step for each bullet."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    draw_bullets(brief, brief.visual.bullets, area, brief.visual.first)
    return len(brief.visual.bullets)


def draw_bullets(brief: Brief[Any], bullets: Sequence[Bullet], area: Box, first: int = 1) -> None:
    """Set them as large as the area allows, numbered from `first`."""
    count = len(bullets)
    if not count:
        return
    column = _fit(brief, bullets, area)
    free = area.h - column.height
    widest = 1.3 if count > 2 else 1.6
    gap = min(free / max(1, count - 1), column.size * widest) if count > 1 else 0.0
    y = resting_top(area, column.height + gap * (count - 1))
    for index, entry in enumerate(column.entries):
        box = Box(area.x, y, area.w, entry.height)
        _draw_entry(brief, column, (index, str(first + index)), entry, box)
        y += entry.height + gap
    brief.canvas.note_body(column.size)


def _fit(brief: Brief[Any], bullets: Sequence[Bullet], area: Box) -> Column:
    """The largest size at which all bullets stand with air between them."""
    count = len(bullets)
    size = _LARGE_FEW if count <= 3 else _LARGEST
    while size > _SMALLEST:
        column = _set(brief, bullets, area, size, most=3)
        lines = max(len(entry.text.lines) for entry in column.entries)
        airy = column.height + 0.62 * size * (count - 1) <= area.h
        if (
            airy
            and not any(e.text.cut or e.detail.cut for e in column.entries)
            and lines <= _lines_at(size)
        ):
            return column
        size -= 2
    for most in (4, 3, 2, 1):
        column = _set(brief, bullets, area, size, most)
        if column.height + 0.3 * size * (count - 1) <= area.h:
            break
        while size > 12 and column.height > area.h and most == 1:
            size -= 1
            column = _set(brief, bullets, area, size, most)
    if any(entry.text.cut or entry.detail.cut for entry in column.entries):
        brief.shortened("A bullet")
    return column


def _lines_at(size: float) -> int:
    """Large text in many lines reads like a page, not like a point."""
    return 2 if size > 40 else 3


def _set(brief: Brief[Any], bullets: Sequence[Bullet], area: Box, size: float, most: int) -> Column:
    badge = max(1.28 * size, min(90.0, 1.6 * size))
    indent = badge + 0.42 * badge
    width = area.w - indent
    text_style, detail_style = _styles(brief, size)
    entries = []
    for bullet in bullets:
        shown, extra = (bullet.text, bullet.detail) if bullet.text else (bullet.detail, "")
        text = cut(shown, text_style, width, most)
        detail = cut(extra, detail_style, width, most)
        entries.append(Entry(text, detail, _height(text, detail, size, badge)))
    return Column(size, badge, indent, tuple(entries))


def _styles(brief: Brief[Any], size: float) -> tuple[Style, Style]:
    return (
        Style(size, 600, brief.theme.ink, tracking=-0.008),
        Style(round(size * 0.74, 1), 400, brief.theme.muted),
    )


def _height(text: Setting, detail: Setting, size: float, badge: float) -> float:
    height = 0.95 * size + (len(text.lines) - 1) * 1.2 * size + 0.24 * size
    if detail.lines[0]:
        height += 0.74 * size + (len(detail.lines) - 1) * 0.92 * size
    return max(badge, height)


def _draw_entry(
    brief: Brief[Any], column: Column, counted: tuple[int, str], entry: Entry, box: Box
) -> None:
    index, figure = counted
    size, badge, theme = column.size, column.badge, brief.theme
    layer = brief.canvas.layer(f"bullet-{index + 1}", index, Effect.RISE)
    number = Style(round(badge * 0.44), 700, theme.accent)
    middle = (box.x + badge / 2, box.y + badge / 2 + 0.37 * number.size)
    layer.rect(Box(box.x, box.y, badge, badge), theme.soft, radius=0.26 * badge)
    layer.text(*middle, figure, number, "center")
    text_style, detail_style = _styles(brief, size)
    alone = len(entry.text.lines) == 1 and not entry.detail.lines[0]
    y = box.y + (badge / 2 + 0.36 * size if alone else 0.95 * size)
    for line in entry.text.lines:
        layer.text(box.x + column.indent, y, line, text_style)
        y += 1.2 * size
    y += (0.98 - 1.2) * size
    for line in entry.detail.lines:
        layer.text(box.x + column.indent, y, line, detail_style)
        y += 0.92 * size
    focus = brief.canvas.layer(f"badge-{index + 1}", index, Effect.FOCUS)
    focus.rect(Box(box.x, box.y, badge, badge), theme.accent, radius=0.26 * badge)
    focus.text(*middle, figure, number.filled(theme.on), "center")
