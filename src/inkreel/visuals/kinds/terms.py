"""TeX formulas of a picture → terms: measured trees of maths, or else their source as code."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkreel.errors import DrawingFailed
from inkreel.model import Effect, FormulaVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Canvas, Style
from inkreel.visuals.layers import Bounds, take_apart
from inkreel.visuals.tex import Node, UntranslatableFormulaError, lit, translate
from inkreel.visuals.typeset import typeset

MEASURED_AT = 100.0


@dataclass(frozen=True, slots=True)
class Term:
    """A formula: its tree with the ink it has at `MEASURED_AT`, or else plain TeX."""

    tex: str
    tree: Node | None = None
    ink: Bounds = (0.0, 0.0, 0.0, 0.0)

    @property
    def width(self) -> float:
        return self.ink[2] - self.ink[0]

    @property
    def height(self) -> float:
        return self.ink[3] - self.ink[1]

    def lit(self, mark: str) -> Term:
        """The same with the part `mark` set off, if it has such a part."""
        part = _translated(mark) if mark and self.tree else None
        tree = lit(self.tree, part) if self.tree and part else None
        return replace(self, tree=tree) if tree else self


def _translated(source: str) -> Node | None:
    try:
        return translate(source)
    except UntranslatableFormulaError:
        return None


def terms_of(brief: Brief[FormulaVisual], sources: Sequence[str]) -> list[Term]:
    """Translate and measure; what cannot be set is to be shown as its TeX source."""
    terms = []
    for source in sources:
        try:
            terms.append(Term(source, translate(source)))
        except UntranslatableFormulaError as error:
            brief.lost(f"The formula {_short(source)} is shown as its TeX source", str(error))
            terms.append(Term(source))
    try:
        return _measured(brief.canvas, terms)
    except DrawingFailed:
        return [_measured_alone(brief, term) for term in terms]


def _measured_alone(brief: Brief[FormulaVisual], term: Term) -> Term:
    try:
        return _measured(brief.canvas, [term])[0]
    except DrawingFailed as error:
        why = error.message.rpartition(":")[2].strip()
        brief.lost(f"The formula {_short(term.tex)} is shown as its TeX source", why)
        return Term(term.tex)


def _measured(canvas: Canvas, terms: list[Term]) -> list[Term]:
    """Terms with their ink, read from a page that shows nothing but them."""
    scratch = Canvas(replace(canvas.stage, scale=1.0), canvas.language)
    for index, term in enumerate(terms):
        if term.tree:
            group = scratch.layer(str(index), 0, Effect.FADE)
            group.math(0, 0, term.tree, Style(MEASURED_AT, 400, "#000000"))
    scene = scratch.scene()
    if not scene["groups"]:
        return terms
    width, height = scratch.stage.pixels
    inks = {
        int(drawing.label.rpartition("/")[2]): drawing.bounds
        for drawing in take_apart(typeset(scene), width, height).drawings
    }
    return [_with_ink(term, inks.get(index)) for index, term in enumerate(terms)]


def _with_ink(term: Term, ink: Bounds | None) -> Term:
    if not term.tree or ink is None:
        return Term(term.tex)
    return replace(term, ink=ink)


def _short(tex: str) -> str:
    return tex if len(tex) <= 40 else tex[:39] + "…"
