"""Ruling lines of a PDF page and the text between them → tables."""

from __future__ import annotations

import ctypes
from dataclasses import dataclass
from itertools import pairwise

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from inkreel.ingest.columns import Line
from inkreel.ingest.pagelines import Piece

MAX_OBJECTS = 4_000
"""Page objects looked at: drawings may have millions."""
MAX_COLUMNS = 12
_THICKEST = 2.5
_SHORTEST = 40.0


@dataclass(slots=True)
class Rule:
    """A horizontal line, in points from the page's top left."""

    y: float
    left: float
    right: float


@dataclass(slots=True)
class Grid:
    """A table: its rows, and the lines that it was made of."""

    rows: list[tuple[str, ...]]
    lines: list[Line]


def rules_of(page: pdfium.PdfPage) -> list[Rule]:
    """Thin horizontal strokes and boxes, from top to bottom; pieces of one line are joined."""
    left, _, _, top = page.get_cropbox()
    found: list[Rule] = []
    x0, y0, x1, y1 = (ctypes.c_float() for _ in range(4))
    for index in range(min(raw.FPDFPage_CountObjects(page), MAX_OBJECTS)):
        shape = raw.FPDFPage_GetObject(page, index)
        if raw.FPDFPageObj_GetType(shape) != raw.FPDF_PAGEOBJ_PATH:
            continue
        if not raw.FPDFPageObj_GetBounds(shape, x0, y0, x1, y1):
            continue
        if y1.value - y0.value < _THICKEST and x1.value > x0.value:
            middle = top - (y0.value + y1.value) / 2
            found.append(Rule(middle, x0.value - left, x1.value - left))
    return [rule for rule in _joined(found) if rule.right - rule.left >= _SHORTEST]


def _joined(rules: list[Rule]) -> list[Rule]:
    rules.sort(key=lambda rule: (round(rule.y), rule.left))
    joined: list[Rule] = []
    for rule in rules:
        last = joined[-1] if joined else None
        if last and abs(last.y - rule.y) < 1.5 and rule.left - last.right < 4:
            last.right = max(last.right, rule.right)
        else:
            joined.append(rule)
    return joined


def grids(lines: list[Line], rules: list[Rule]) -> list[Grid]:
    """Tables between rules of the same width. A slab between two rules belongs to a table when
    most of its lines have cells; prose between two rules does not."""
    tables: list[Grid] = []
    slabs: list[list[Line]] = []
    for above, below in pairwise(rules):
        alike = abs(above.left - below.left) < 8 and abs(above.right - below.right) < 8
        slab = _between(lines, above, below) if alike else []
        if slab and _has_cells(slab):
            slabs.append(slab)
            continue
        _close(slabs, tables)
        slabs = []
    _close(slabs, tables)
    return tables


def _between(lines: list[Line], above: Rule, below: Rule) -> list[Line]:
    return [
        line
        for line in lines
        if above.y - 1 < (line.top + line.bottom) / 2 < below.y + 1
        and line.right > above.left - 2
        and line.left < above.right + 2
    ]


def _has_cells(slab: list[Line]) -> bool:
    return 2 * sum(len(line.pieces) > 1 for line in slab) > len(slab)


def _close(slabs: list[list[Line]], tables: list[Grid]) -> None:
    lines = [line for slab in slabs for line in slab]
    columns = _columns(lines)
    if not 2 <= len(columns) <= MAX_COLUMNS:
        return
    rows: list[tuple[str, ...]] = []
    # Four rules or more between rows: each slab is a row, whose cells may have several lines.
    fenced = len(slabs) > 3
    for slab in slabs:
        groups = [slab] if fenced else [[line] for line in slab]
        rows.extend(_row(group, columns) for group in groups)
    rows = _with_continuations(rows)
    if len(rows) > 1:
        tables.append(Grid(rows, lines))


def _columns(lines: list[Line]) -> list[tuple[float, float]]:
    """Extents of the columns, from the lines with the most cells."""
    most = max((len(line.pieces) for line in lines), default=0)
    if most < 2:
        return []
    full = [line for line in lines if len(line.pieces) == most]
    return [
        (min(line.pieces[k].left for line in full), max(line.pieces[k].right for line in full))
        for k in range(most)
    ]


def _row(lines: list[Line], columns: list[tuple[float, float]]) -> tuple[str, ...]:
    cells: list[list[str]] = [[] for _ in columns]
    for line in lines:
        for piece in line.pieces:
            cells[_column_of(piece, columns)].append(piece.text)
    return tuple(" ".join(cell) for cell in cells)


def _column_of(piece: Piece, columns: list[tuple[float, float]]) -> int:
    """The column that a piece overlaps most, else the nearest."""

    def overlap(k: int) -> float:
        return min(piece.right, columns[k][1]) - max(piece.left, columns[k][0])

    return max(range(len(columns)), key=overlap)


def _with_continuations(rows: list[tuple[str, ...]]) -> list[tuple[str, ...]]:
    """A row whose first cell is empty and that is not full goes on with the row above."""
    merged: list[tuple[str, ...]] = []
    for row in rows:
        if len(merged) > 1 and not row[0] and sum(map(bool, row)) <= len(row) / 2:
            above = merged[-1]
            merged[-1] = tuple(f"{a} {b}".strip() for a, b in zip(above, row, strict=True))
        else:
            merged.append(row)
    return merged
