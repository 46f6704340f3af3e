"""Formulas on cards under each other, a note each; the current one is accented."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inkreel.model import Effect, FormulaVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.kinds import apart
from inkreel.visuals.kinds.terms import MEASURED_AT, Term, terms_of
from inkreel.visuals.setting import Setting, cut
from inkreel.visuals.stage import Box

_LARGEST, _SMALLEST = 64.0, 20.0
_LARGEST_ALONE = 96.0
_GAP = 22.0


@dataclass(frozen=True, slots=True)
class Card:
    """A term set at a size, with its note; `plain` holds the lines of a term shown as TeX."""

    term: Term
    size: float
    plain: Setting
    note: Setting
    height: float

    @property
    def term_height(self) -> float:
        if self.term.tree:
            return self.term.height * self.size / MEASURED_AT
        return len(self.plain.lines) * 1.4 * self.plain.size


@dataclass(frozen=True, slots=True)
class Measures:
    """Where things stand on a card."""

    number: float
    """Room left of the formula for its number."""
    formula: float
    note_x: float
    note: float
    pad: float
    beside: bool
    """Whether notes stand beside the formula or below it."""


def draw(brief: Brief[FormulaVisual]) -> int:
    """Draw the cards; a step for each."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    steps = brief.visual.steps
    if not steps:
        return 0
    if apart.is_one_formula(steps):
        return apart.draw(brief, area)
    terms = terms_of(brief, [step.tex for step in steps])
    measures = _measures(brief, area)
    cards = _fit(brief, terms, measures, area)
    height = sum(card.height for card in cards) + _GAP * (len(cards) - 1)
    extra = min(max(0.0, area.h - height) / len(cards), 36.0)
    y = resting_top(area, height + extra * len(cards))
    for index, card in enumerate(cards):
        box = Box(area.x, y, area.w, card.height + extra)
        layer = brief.canvas.layer(f"formula-{index + 1}", index, Effect.RISE)
        _draw_card(brief, layer, (index, card, box), measures, lit=False)
        if len(cards) > 1:
            focus = brief.canvas.layer(f"formula-focus-{index + 1}", index, Effect.FOCUS)
            _draw_card(brief, focus, (index, card, box), measures, lit=True)
        y += box.h + _GAP
    return len(steps)


# --- Layout --------------------------------------------------------------------------------------


def _measures(brief: Brief[FormulaVisual], area: Box) -> Measures:
    steps = brief.visual.steps
    noted = any(step.note for step in steps)
    alone = len(steps) == 1
    number = 0.0 if alone else 86.0
    pad = 46.0 if brief.canvas.stage.wide else 36.0
    inner = area.w - 2 * pad - number
    beside = brief.canvas.stage.wide and noted and not alone
    formula = inner * 0.63 if beside else inner
    note = inner * 0.33 if beside else inner
    note_x = pad + number + (inner - note if beside else 0.0)
    return Measures(number, formula, note_x, note, pad, beside)


def _fit(
    brief: Brief[FormulaVisual], terms: list[Term], measures: Measures, area: Box
) -> list[Card]:
    """All formulas at one size, except those that are too wide for it."""
    size = _LARGEST_ALONE if len(terms) == 1 else _LARGEST
    while True:
        cards = [
            _card(brief, term, step.note, measures, size)
            for term, step in zip(terms, brief.visual.steps, strict=True)
        ]
        total = sum(card.height for card in cards) + _GAP * (len(cards) - 1)
        if total <= area.h or size <= 8:
            break
        size -= 2
    if any(card.note.cut or card.plain.cut for card in cards):
        brief.shortened("A note of a formula")
    brief.canvas.note_body(min(min(card.size, card.note.size) for card in cards))
    return cards


def _card(
    brief: Brief[FormulaVisual], term: Term, note: str, measures: Measures, size: float
) -> Card:
    own = size
    if term.tree and term.width * size / MEASURED_AT > measures.formula:
        own = measures.formula / term.width * MEASURED_AT
    plain_size = max(14.0, size * 0.5)
    plain = cut(term.tex, Style(plain_size, 400, "", face="mono"), measures.formula, 4)
    note_size = max(min(26.0, size * 0.9), min(34.0, size * 0.62))
    note_set = cut(note, Style(note_size, 400, brief.theme.muted), measures.note, 3)
    card = Card(term, own, plain, note_set, 0.0)
    note_height = len(note_set.lines) * 1.3 * note_size if note_set.lines[0] else 0.0
    inner = (
        max(card.term_height, note_height)
        if measures.beside
        else card.term_height + (note_height + 0.5 * size if note_height else 0.0)
    )
    return replace(card, height=inner + 0.95 * size)


# --- Drawing -------------------------------------------------------------------------------------


def _draw_card(
    brief: Brief[FormulaVisual],
    layer: Group,
    entry: tuple[int, Card, Box],
    measures: Measures,
    *,
    lit: bool,
) -> None:
    index, card, box = entry
    theme = brief.theme
    if lit:
        card = replace(card, term=card.term.lit(brief.visual.steps[index].mark))
    fill, stroke = (theme.soft, theme.accent) if lit else (theme.surface, theme.line)
    layer.rect(box, fill, radius=26, stroke=stroke)
    note = Style(card.note.size, 400, theme.ink if lit else theme.muted)
    note_height = len(card.note.lines) * 1.3 * note.size if card.note.lines[0] else 0.0
    inner = card.term_height + (note_height + 0.5 * card.size if note_height else 0.0)
    x = box.x + measures.pad + measures.number
    if measures.beside:
        term_y = box.y + (box.h - card.term_height) / 2
        note_y = box.y + (box.h - note_height) / 2
    else:
        term_y = box.y + (box.h - inner) / 2
        note_y = term_y + card.term_height + 0.5 * card.size
    if measures.number:
        number = Style(34, 700, theme.accent)
        middle = box.y + box.h / 2 if measures.beside else term_y + card.term_height / 2
        layer.text(box.x + measures.pad, middle + 12, str(brief.visual.first + index), number)
    centred = not measures.number
    room = Box(x, term_y, measures.formula, card.term_height)
    _draw_term(layer, card, room, (theme.ink, theme.accent), centred)
    for row, line in enumerate(card.note.lines):
        y = note_y + (0.98 + 1.3 * row) * note.size
        if centred:
            layer.text(box.x + box.w / 2, y, line, note, "center")
        else:
            layer.text(box.x + measures.note_x, y, line, note)


def _draw_term(
    layer: Group,
    card: Card,
    box: Box,
    colours: tuple[str, str],
    centred: bool,  # noqa: FBT001
) -> None:
    """The formula in its colours: ink, and that of a part which is set off."""
    ink, accent = colours
    term = card.term
    if term.tree:
        scale = card.size / MEASURED_AT
        x = box.x + (box.w - term.width * scale) / 2 if centred else box.x
        style = Style(card.size, 400, ink)
        layer.math(x - term.ink[0] * scale, box.y - term.ink[1] * scale, term.tree, style, accent)
        return
    style = Style(card.plain.size, 400, ink, face="mono")
    for row, line in enumerate(card.plain.lines):
        layer.text(box.x, box.y + (1.05 + 1.4 * row) * style.size, line, style)
