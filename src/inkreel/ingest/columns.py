"""Pieces of a page → its lines in reading order: one column, or up to four."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import zip_longest

from inkreel.ingest.pagelines import SCRIPT, Piece, with_script

MIN_GUTTER = 8.0
"""Points of empty space between two columns."""
_NARROWEST = 0.15
"""Share of the page's width that a column takes."""
_DEEPEST = 2
"""A page is parted so often: in up to four columns."""
_MIN_PIECES = 6
"""Narrow pieces on each side, before a page counts as set in two columns."""


@dataclass(slots=True)
class Line:
    """Pieces on one baseline of one column. Points from the page's top left."""

    pieces: list[Piece]
    page: int
    """From 1."""
    column: int
    """0: the full width; 1, 2, …: columns from the left."""

    @property
    def text(self) -> str:
        return " ".join(piece.text for piece in self.pieces)

    @property
    def left(self) -> float:
        return self.pieces[0].left

    @property
    def right(self) -> float:
        return max(piece.right for piece in self.pieces)

    @property
    def top(self) -> float:
        return min(piece.top for piece in self.pieces)

    @property
    def bottom(self) -> float:
        return max(piece.bottom for piece in self.pieces)

    @property
    def size(self) -> float:
        return max(self.pieces, key=lambda piece: len(piece.text)).size

    @property
    def bold(self) -> bool:
        return all(piece.bold for piece in self.pieces)

    @property
    def mono(self) -> bool:
        return all(piece.mono for piece in self.pieces)

    @property
    def maths(self) -> bool:
        return all(piece.maths for piece in self.pieces)

    @property
    def linear(self) -> bool:
        return all(piece.linear for piece in self.pieces)


def gutters(pages: list[list[Piece]]) -> list[tuple[float, ...]]:
    """The gutters of each page, from the left. When most pages agree on them, a last page whose
    other columns are almost empty has them too."""
    found = [_gutters(pieces, _DEEPEST) for pieces in pages]
    known = sorted(each for each in found if each)
    if 2 * len(known) < len(pages) or not known:
        return found
    usual = known[len(known) // 2]
    return [
        usual if not each and all(_is_free(pieces, gutter) for gutter in usual) else each
        for each, pieces in zip(found, pages, strict=True)
    ]


def _is_free(pieces: list[Piece], gutter: float) -> bool:
    return 5 * sum(_crosses(piece, gutter) for piece in pieces) < len(pieces)


def _crosses(piece: Piece, gutter: float) -> bool:
    return piece.left < gutter - 2 and piece.right > gutter + 2


def _gutters(pieces: list[Piece], depth: int) -> tuple[float, ...]:
    """The gutter of a page, and those within what lies on its sides, where hardly any line crosses
    them."""
    gutter = _gutter(pieces) if depth else None
    if gutter is None:
        return ()
    crossing = sum(_crosses(piece, gutter) for piece in pieces)
    if depth < _DEEPEST and 10 * crossing > len(pieces):
        return ()
    left = [piece for piece in pieces if piece.right <= gutter + 2]
    right = [piece for piece in pieces if piece.left >= gutter - 2]
    return (*_gutters(left, depth - 1), gutter, *_gutters(right, depth - 1))


def order(pieces: list[Piece], page: int, gutters: tuple[float, ...]) -> list[Line]:
    """Lines from top to bottom; on a page in columns, each band between two lines that cross a
    gutter is read column by column."""
    if not gutters:
        return _lines(pieces, page, 0)
    alone = _centred(pieces, gutters)
    lines: list[Line] = []
    band: list[list[Piece]] = [[] for _ in range(len(gutters) + 1)]
    for piece in sorted(pieces, key=lambda piece: piece.top):
        crosses = any(piece.left < gutter < piece.right for gutter in gutters)
        if crosses or id(piece) in alone:
            lines.extend(_band(band, page))
            band = [[] for _ in band]
            lines.extend(_lines([piece], page, 0))
        else:
            band[bisect(gutters, piece.left)].append(piece)
    lines.extend(_band(band, page))
    return lines


def _centred(pieces: list[Piece], gutters: tuple[float, ...]) -> set[int]:
    """The ids of pieces in the middle of the page that nothing stands beside: headlines that are
    no wider than a middle column."""
    if len(gutters) % 2:
        return set()
    left, right = gutters[0], gutters[-1]
    edge = 0.02 * (right - left)
    ordered = sorted(pieces, key=lambda piece: piece.top)
    found: set[int] = set()
    lowest = float("-inf")
    for piece, after in zip_longest(ordered, ordered[1:]):
        free = lowest <= piece.top and (after is None or after.top >= piece.bottom)
        if free and abs(piece.left + piece.right - left - right) < edge:
            found.add(id(piece))
        lowest = max(lowest, piece.bottom)
    return found


def _band(band: list[list[Piece]], page: int) -> list[Line]:
    return [
        line for column, pieces in enumerate(band, start=1) for line in _lines(pieces, page, column)
    ]


def _lines(pieces: Iterable[Piece], page: int, column: int) -> list[Line]:
    """Join what stands on one baseline."""
    lines: list[Line] = []
    base = 0.0
    for piece in sorted(pieces, key=lambda piece: (piece.bottom + piece.top) / 2):
        middle = (piece.bottom + piece.top) / 2
        if lines and abs(middle - base) < 0.4 * piece.size:
            lines[-1].pieces.append(piece)
        else:
            lines.append(Line([piece], page, column))
            base = middle
    lines = _with_scripts(lines)
    for line in lines:
        line.pieces = _merged(sorted(line.pieces, key=lambda piece: piece.left))
    return lines


def _with_scripts(lines: list[Line]) -> list[Line]:
    """Short lines of small type that lie within the line above or below become part of it."""
    kept: list[Line] = []
    for index, line in enumerate(lines):
        if len(line.text) > 40 or max(piece.size for piece in line.pieces) > 20:
            kept.append(line)
            continue
        beside = [*kept[-1:], *lines[index + 1 : index + 2]]
        host = next((other for other in beside if _is_script(line, other)), None)
        if host is None:
            kept.append(line)
        else:
            host.pieces.extend(line.pieces)
    return kept


def _is_script(line: Line, host: Line) -> bool:
    middle = (line.top + line.bottom) / 2
    small = all(piece.size < SCRIPT * host.size for piece in line.pieces)
    return small and host.top - 1 < middle < host.bottom + 1


def _merged(pieces: list[Piece]) -> list[Piece]:
    """Pieces that stand no wider apart than words become one."""
    merged: list[Piece] = []
    for piece in pieces:
        last = merged[-1] if merged else None
        if last is None or piece.left - last.right > max(last.size, piece.size):
            merged.append(piece)
            continue
        near = piece.left - last.right < 0.3 * last.size
        if near and piece.size < SCRIPT * last.size and len(piece.text) < 10:
            up = piece.top + piece.bottom < last.top + last.bottom
            last.text = with_script(last.text, piece.text, up=up)
            last.linear = False
        else:
            tight = near and (piece.text[0] in ".,;:)" or piece.text == "-" or len(last.text) == 1)
            last.text += piece.text if tight else f" {piece.text}"
            last.bold &= piece.bold
            last.mono &= piece.mono
            last.size = max(last.size, piece.size)
            last.maths &= piece.maths
            last.linear &= piece.linear
        last.strong += piece.strong
        last.right = max(last.right, piece.right)
    return merged


def _gutter(pieces: list[Piece]) -> float | None:
    """The middle of the widest stretch near the page's centre that next to no narrow piece
    touches: a title or a page number may stand in it."""
    if len(pieces) < 2 * _MIN_PIECES:
        return None
    left = min(piece.left for piece in pieces)
    width = max(piece.right for piece in pieces) - left
    narrow = [piece for piece in pieces if piece.right - piece.left < 0.55 * width]
    first, last = int(left + 0.3 * width), int(left + 0.7 * width)
    touched = [0] * (last - first + 1)
    for piece in narrow:
        for x in range(max(first, int(piece.left)), min(last, int(piece.right)) + 1):
            touched[x - first] += 1
    few = max(1, len(narrow) // 20)
    best, run = (0, 0.0), 0
    for offset, count in enumerate(touched):
        run = run + 1 if count <= few else 0
        best = max(best, (run, first + offset - run / 2))
    if best[0] < MIN_GUTTER or not _is_prose_beside(narrow, best[1], width):
        return None
    return best[1]


def _is_prose_beside(narrow: list[Piece], gutter: float, width: float) -> bool:
    """Columns of prose have lines as wide as the column; the cells of a table have not."""
    for side in (
        [piece for piece in narrow if piece.right <= gutter],
        [piece for piece in narrow if piece.left >= gutter],
    ):
        widths = sorted(piece.right - piece.left for piece in side)
        if len(side) < _MIN_PIECES:
            return False
        usual = widths[int(0.8 * len(widths))]
        full = sum(each > 0.8 * usual for each in widths)
        if usual < _NARROWEST * width or full < 0.4 * len(side):
            return False
    return True
