"""Pieces of a page → its lines in reading order: one column or two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inkreel.ingest.pagelines import Piece

MIN_GUTTER = 8.0
"""Points of empty space between two columns."""
_MIN_PIECES = 6
"""Narrow pieces on each side, before a page counts as set in two columns."""


@dataclass(slots=True)
class Line:
    """Pieces on one baseline of one column. Points from the page's top left."""

    pieces: list[Piece]
    page: int
    """From 1."""
    column: int
    """0: the full width; 1, 2: left and right column."""

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


def order(pieces: list[Piece], page: int) -> list[Line]:
    """Lines from top to bottom; on a page in two columns, each band between two lines that cross
    the gutter is read left column first."""
    gutter = _gutter(pieces)
    if gutter is None:
        return _lines(pieces, page, 0)
    lines: list[Line] = []
    band: tuple[list[Piece], list[Piece]] = ([], [])
    for piece in sorted(pieces, key=lambda piece: piece.top):
        if piece.left < gutter < piece.right:
            lines.extend(_band(band, page))
            band = ([], [])
            lines.extend(_lines([piece], page, 0))
        else:
            band[piece.left >= gutter].append(piece)
    lines.extend(_band(band, page))
    return lines


def _band(band: tuple[list[Piece], list[Piece]], page: int) -> list[Line]:
    return _lines(band[0], page, 1) + _lines(band[1], page, 2)


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
    for line in lines:
        line.pieces.sort(key=lambda piece: piece.left)
    return lines


def _gutter(pieces: list[Piece]) -> float | None:
    """The middle of the widest stretch near the page's centre that no narrow piece touches."""
    if len(pieces) < 2 * _MIN_PIECES:
        return None
    left = min(piece.left for piece in pieces)
    right = max(piece.right for piece in pieces)
    width = right - left
    narrow = [piece for piece in pieces if piece.right - piece.left < 0.55 * width]
    best = (0.0, 0.0)
    reach = left
    for piece in sorted(narrow, key=lambda piece: piece.left):
        gap, middle = piece.left - reach, (piece.left + reach) / 2
        if gap >= max(MIN_GUTTER, best[0]) and abs(middle - left - width / 2) < 0.2 * width:
            best = (gap, middle)
        reach = max(reach, piece.right)
    if not best[0]:
        return None
    return best[1] if _is_prose_beside(narrow, best[1], width) else None


def _is_prose_beside(narrow: list[Piece], gutter: float, width: float) -> bool:
    """Columns of prose have lines as wide as the column; the cells of a table have not."""
    for side in (
        [piece for piece in narrow if piece.right <= gutter],
        [piece for piece in narrow if piece.left >= gutter],
    ):
        wide = sum(piece.right - piece.left > 0.3 * width for piece in side)
        if len(side) < _MIN_PIECES or wide < 0.4 * len(side):
            return False
    return True
