"""Pieces of a page → its lines in reading order: one column or two."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from inkreel.ingest.pagelines import SCRIPT, Piece, with_script

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

    @property
    def linear(self) -> bool:
        return all(piece.linear for piece in self.pieces)


def gutters(pages: list[list[Piece]]) -> list[float | None]:
    """The gutter of each page. When most pages agree on one, a last page whose second column is
    almost empty has it too."""
    found = [_gutter(pieces) for pieces in pages]
    known = sorted(gutter for gutter in found if gutter is not None)
    if 2 * len(known) < len(pages) or not known:
        return found
    usual = known[len(known) // 2]
    return [
        usual if gutter is None and _is_free(pieces, usual) else gutter
        for gutter, pieces in zip(found, pages, strict=True)
    ]


def _is_free(pieces: list[Piece], gutter: float) -> bool:
    crossing = sum(piece.left < gutter - 2 and piece.right > gutter + 2 for piece in pieces)
    return 5 * crossing < len(pieces)


def order(pieces: list[Piece], page: int, gutter: float | None) -> list[Line]:
    """Lines from top to bottom; on a page in two columns, each band between two lines that cross
    the gutter is read left column first."""
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
        wide = sum(piece.right - piece.left > 0.3 * width for piece in side)
        if len(side) < _MIN_PIECES or wide < 0.4 * len(side):
            return False
    return True
