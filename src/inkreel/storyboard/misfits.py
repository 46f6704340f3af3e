"""What does not fit together inside a visual, whoever wrote it."""

from __future__ import annotations

from collections.abc import Iterable

from inkreel.model import (
    AnyVisual,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    QuoteVisual,
    TableVisual,
)
from inkreel.storyboard import shorthand


def misfits(visual: AnyVisual) -> Iterable[str]:
    """What does not fit together inside a visual."""
    if isinstance(visual, ChartVisual):
        yield from _chart(visual)
    elif isinstance(visual, CodeVisual):
        yield from _code(visual)
    elif isinstance(visual, TableVisual):
        wrong = [i for i, r in enumerate(visual.rows, 1) if len(r) != len(visual.header)]
        if wrong:
            yield f"row {wrong[0]} does not have as many cells as the header."
        if visual.highlight is not None and not 0 <= visual.highlight < len(visual.rows):
            yield f"highlight {visual.highlight} is no row (they count from 0)."
    elif isinstance(visual, ComparisonVisual):
        count = len(visual.columns)
        if visual.highlight is not None and not 0 <= visual.highlight < count:
            yield f"highlight {visual.highlight} is no column (they count from 0)."
    elif isinstance(visual, DiagramVisual):
        yield from shorthand.misfits(visual)
    elif isinstance(visual, QuoteVisual) and not visual.text.strip():
        yield "the quote has no text."


def _code(visual: CodeVisual) -> Iterable[str]:
    lines = visual.text.count("\n") + 1
    for span in visual.focus:
        if not 1 <= span.first <= span.last <= lines:
            yield f"focus {span.first}–{span.last} is outside its {lines} lines of code."


def _chart(visual: ChartVisual) -> Iterable[str]:
    for series in visual.series:
        if len(series.values) != len(visual.labels):
            yield f"series {series.name!r} does not have one value for each label."
    if visual.form == "scatter" and len(visual.series) < 2:
        yield "a scatter chart needs two series: across and upwards."
    if visual.highlight is not None and not 0 <= visual.highlight < visual.counted:
        yield f"highlight {visual.highlight} is out of range (it counts from 0)."
