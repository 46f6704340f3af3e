"""Text + a width → balanced lines; text + a box → the largest size that fits.

Lines are chosen for least raggedness, so that no last line is left with one short word, and
breaks after punctuation are preferred. A word wider than the line is split, at a joint of a
path or URL where there is one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from inkreel.visuals.canvas import Style
from inkreel.visuals.faces import advance

_JOINT = re.compile(r"(?<=[/\-_.?&=:,;|])")
_CLAUSE_END = (",", ";", ":", ".", "!", "?", "–", "—")
ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Setting:
    """Lines at a size; `cut` when text had to be left out."""

    lines: tuple[str, ...]
    size: float
    cut: bool = False


def width_of(text: str, style: Style) -> float:
    """Width of one line in design pixels."""
    return advance(text, style.size, style.weight, tracking=style.tracking, face=style.face)


def break_lines(text: str, style: Style, width: float) -> list[str]:
    """Balanced lines no wider than `width`; an empty text has one empty line."""
    if not text or width_of(text, style) <= width:
        return [text]
    return list(_broken(text, style, round(width, 1)))


@lru_cache(maxsize=2048)
def _broken(text: str, style: Style, width: float) -> tuple[str, ...]:
    words = [part for word in text.split() for part in _parts(word, style, width)]
    if not words:
        return ("",)
    space = width_of(" ", style)
    widths = [width_of(word, style) for word, _ in words]
    target = _narrowest(words, widths, space, width)
    return tuple(_balanced(words, widths, space, target))


def _parts(word: str, style: Style, width: float) -> list[tuple[str, bool]]:
    """A word, or its pieces when it is wider than a line; the flag says that it ends the word."""
    if width_of(word, style) <= width:
        return [(word, True)]
    pieces: list[str] = [""]
    for joint in _JOINT.split(word):
        if pieces[-1] and width_of(pieces[-1] + joint, style) > width:
            pieces.append("")
        for letter in joint:
            if pieces[-1] and width_of(pieces[-1] + letter, style) > width:
                pieces.append("")
            pieces[-1] += letter
    return [(piece, index == len(pieces) - 1) for index, piece in enumerate(pieces)]


def _greedy(
    words: Sequence[tuple[str, bool]], widths: list[float], space: float, width: float
) -> int:
    lines, used, joined = 1, 0.0, True
    for (_, ends), wide in zip(words, widths, strict=True):
        need = wide if used == 0 or joined else space + wide
        if used and used + need > width:
            lines, used, need = lines + 1, 0.0, wide
        used += need
        joined = not ends
    return lines


def _narrowest(
    words: Sequence[tuple[str, bool]], widths: list[float], space: float, width: float
) -> float:
    """The narrowest measure that needs no more lines than `width` does."""
    lines = _greedy(words, widths, space, width)
    low, high = max(widths), width
    while high - low > 4:
        middle = (low + high) / 2
        if _greedy(words, widths, space, middle) <= lines:
            high = middle
        else:
            low = middle
    return min(width, high * 1.06)


def _balanced(
    words: Sequence[tuple[str, bool]], widths: list[float], space: float, width: float
) -> list[str]:
    """Least squares of the free space of each line (Knuth and Plass, without stretch)."""
    count = len(words)
    best = [0.0] + [float("inf")] * count
    start = [0] * (count + 1)
    for end in range(1, count + 1):
        used = 0.0
        for first in range(end - 1, -1, -1):
            used += widths[first]
            if first < end - 1 and words[first][1]:
                used += space
            if used > width and first < end - 1:
                break
            cost = best[first] + _badness(words, first, end, max(0.0, width - used) / width)
            if cost < best[end]:
                best[end], start[end] = cost, first
    lines: list[str] = []
    end = count
    while end:
        lines.append(_joined(words[start[end] : end]))
        end = start[end]
    return lines[::-1]


def _badness(words: Sequence[tuple[str, bool]], first: int, end: int, free: float) -> float:
    last = end == len(words)
    cost = 0.15 + free * free * (0.6 if last else 1.0)
    if last and end - first == 1 and first > 0:
        cost += 0.35
    if not last and words[end - 1][0].endswith(_CLAUSE_END):
        cost -= 0.06
    return cost


def _joined(words: Sequence[tuple[str, bool]]) -> str:
    return "".join(word + (" " if ends else "") for word, ends in words).rstrip()


def fit(
    text: str,
    style: Style,
    *,
    width: float,
    lines: Sequence[tuple[int, float, float]],
    height: float = float("inf"),
    pitch: float = 1.2,
) -> Setting:
    """The first of `lines` (most lines, largest size, smallest size) in which the text fits."""
    smallest = lines[-1][2]
    for most, large, small in lines:
        size = large
        while size >= small:
            set_lines = break_lines(text, style.sized(size), width)
            if len(set_lines) <= most and len(set_lines) * size * pitch <= height:
                return Setting(tuple(set_lines), size)
            size -= 2 if size > 30 else 1
    most = lines[-1][0]
    if height < most * smallest * pitch:
        most = max(1, int(height // (smallest * pitch)))
    return cut(text, style.sized(smallest), width, most)


def cut(text: str, style: Style, width: float, most: int) -> Setting:
    """Lines at one size; what does not fit in `most` lines is left out, with an ellipsis."""
    lines = break_lines(text, style, width)
    if len(lines) <= most:
        return Setting(tuple(lines), style.size)
    kept = lines[:most]
    last = kept[-1]
    while last and width_of(last + ELLIPSIS, style) > width:
        last = last[:-1]
    return Setting((*kept[:-1], last.rstrip() + ELLIPSIS), style.size, cut=True)
