"""One formula taken apart: large above, and below it each of its parts with what that means.

The part that is spoken of stands out in the formula and in its row.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import Effect, FormulaStep, FormulaVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.kinds.terms import MEASURED_AT, Term, terms_of
from inkreel.visuals.setting import Setting, cut
from inkreel.visuals.stage import Box

_LARGEST, _SMALLEST = 92.0, 44.0
_ROW_LARGEST, _ROW_SMALLEST = 44.0, 22.0
_EASY = 30.0
"""Notes are read with ease from this size on; for it the formula gives way."""
_MOST_PARTS = 8
_PAD = 44.0
_GAP = 14.0


@dataclass(frozen=True, slots=True)
class Row:
    """A part with its note; both at sizes at which they fit."""

    part: Term
    size: float
    note: Setting
    height: float


def is_one_formula(steps: Sequence[FormulaStep]) -> bool:
    """Whether the steps speak of the parts of one formula."""
    return len(steps) > 1 and all(step.mark for step in steps) and len({s.tex for s in steps}) == 1


def draw(brief: Brief[FormulaVisual], area: Box) -> int:
    """Draw the formula into the base and a row for each part; a step each."""
    canvas, theme, steps = brief.canvas, brief.theme, brief.visual.steps
    whole, *parts = terms_of(brief, [steps[0].tex, *(step.mark for step in steps)])
    size = min(_LARGEST, (area.w - 2 * _PAD) / max(1.0, whole.width) * MEASURED_AT)
    rows = _fit(brief, parts, area, _card_height(whole, size))
    while size > _SMALLEST and rows[0].note.size < _EASY:
        size -= 4
        rows = _fit(brief, parts, area, _card_height(whole, size))
    height = sum(row.height + _GAP for row in rows)
    brief.canvas.note_body(min(row.note.size for row in rows))
    if any(row.note.cut for row in rows):
        brief.shortened("A note of a formula")
    card = Box(area.x, area.y, area.w, min(_card_height(whole, size), area.h - height))
    spare = max(0.0, area.h - card.h - height)
    card = Box(card.x, card.y, card.w, card.h + min(60.0, spare * 0.4))
    _draw_whole(brief, canvas.base, whole, card, size)
    y = card.bottom + _GAP + min(24.0, spare * 0.2)
    for index, (row, step) in enumerate(zip(rows, steps, strict=True)):
        box = Box(area.x, y, area.w, row.height)
        _draw_row(brief, canvas.layer(f"part-{index + 1}", index, Effect.RISE), row, box)
        focus = canvas.layer(f"part-focus-{index + 1}", index, Effect.FOCUS)
        focus.rect(box, theme.soft, radius=18)
        _draw_row(brief, focus, row, box, lit=True)
        seen = canvas.layer(f"whole-focus-{index + 1}", index, Effect.FOCUS)
        _draw_whole(brief, seen, whole.lit(step.mark), card, size)
        y += row.height + _GAP
    return len(steps)


def _card_height(whole: Term, size: float) -> float:
    height = whole.height * size / MEASURED_AT if whole.tree else 2.8 * size
    return height + 2 * _PAD * 0.9


def _fit(brief: Brief[FormulaVisual], parts: list[Term], area: Box, card: float) -> list[Row]:
    """Rows at one size that leave the formula its place."""
    size = _ROW_LARGEST
    while True:
        rows = [
            _row(brief, part, step.note, area, size)
            for part, step in zip(parts, brief.visual.steps, strict=True)
        ]
        if size <= _ROW_SMALLEST or sum(r.height + _GAP for r in rows) + card <= area.h:
            break
        size -= 2
    return rows


def _column(brief: Brief[FormulaVisual], area: Box) -> float:
    """Width that the parts have beside their notes."""
    return area.w * (0.24 if brief.canvas.stage.wide else 0.34)


def _row(brief: Brief[FormulaVisual], part: Term, note: str, area: Box, size: float) -> Row:
    column = _column(brief, area)
    own = min(size * 1.1, (column - _PAD) / max(1.0, part.width) * MEASURED_AT)
    style = Style(max(20.0, round(size * 0.8)), 400, "")
    setting = cut(note, style, area.w - column - _PAD, 3)
    height = max(part.height * own / MEASURED_AT, len(setting.lines) * 1.3 * style.size)
    return Row(part, own, setting, height + 0.55 * size)


def _draw_whole(
    brief: Brief[FormulaVisual], layer: Group, whole: Term, box: Box, size: float
) -> None:
    theme = brief.theme
    layer.rect(box, theme.surface, radius=26, stroke=theme.line)
    if whole.tree:
        scale = size / MEASURED_AT
        x = box.x + (box.w - whole.width * scale) / 2 - whole.ink[0] * scale
        y = box.y + (box.h - whole.height * scale) / 2 - whole.ink[1] * scale
        layer.math(x, y, whole.tree, Style(size, 400, theme.ink), theme.accent)
        return
    style = Style(34, 400, theme.ink, face="mono")
    for row, line in enumerate(cut(whole.tex, style, box.w - 2 * _PAD, 3).lines):
        layer.text(box.x + _PAD, box.y + 70 + row * 48, line, style)


def _draw_row(
    brief: Brief[FormulaVisual], layer: Group, row: Row, box: Box, *, lit: bool = False
) -> None:
    theme = brief.theme
    part, scale = row.part, row.size / MEASURED_AT
    middle = box.y + box.h / 2
    if part.tree:
        y = middle - part.height * scale / 2 - part.ink[1] * scale
        style = Style(row.size, 400, theme.accent)
        layer.math(box.x + _PAD / 2 - part.ink[0] * scale, y, part.tree, style)
    else:
        code = Style(24, 400, theme.accent, face="mono")
        shown = cut(part.tex, code, _column(brief, box) - _PAD, 1).lines[0]
        layer.text(box.x + _PAD / 2, middle + 8, shown, code)
    style = Style(row.note.size, 400, theme.ink if lit else theme.muted)
    top = middle - len(row.note.lines) * 1.3 * style.size / 2
    for index, line in enumerate(row.note.lines):
        x, y = box.x + _column(brief, box), top + (0.98 + 1.3 * index) * style.size
        layer.text(x, y, line, style)
