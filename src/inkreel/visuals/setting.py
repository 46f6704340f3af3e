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
from inkreel.visuals.faces import Own, advance, own
from inkreel.visuals.linebreaks import break_cost

_JOINT = re.compile(r"(?<=[/\-_.?&=:,;|])")
_CLOSING = "、。，．・：；？！」』）】〉》〕ーっゃゅょッャュョ々"
_RUNS = re.compile(
    rf"[「『（【〈《〔]*[\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]"
    rf"[{_CLOSING}]*|(?:(?![「『（【〈《〔\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff]).)+|."
)
"""Chinese and Japanese have no spaces: a line may end after each of their letters, but not before a
closing sign nor after an opening one."""
ELLIPSIS = "…"
_ROUNDING = 1e-6


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
    return list(_broken(text, style, max(1.0, round(width, 1)), own()))


@lru_cache(maxsize=2048)
def _broken(text: str, style: Style, width: float, _typeface: Own | None) -> tuple[str, ...]:
    words = [part for word in text.split() for part in _parts(word, style, width)]
    if not words:
        return ("",)
    space = width_of(" ", style)
    widths = [width_of(word, style) for word, _ in words]
    return tuple(_balanced(words, widths, space, width))


def _parts(word: str, style: Style, width: float) -> list[tuple[str, bool]]:
    """A word, or its pieces when it is wider than a line; the flag says that it ends the word."""
    runs = [word] if word.isascii() else _RUNS.findall(word)
    found = [part for run in runs for part in _split(run, style, width)]
    return [(piece, index == len(found) - 1) for index, piece in enumerate(found)]


def _split(word: str, style: Style, width: float) -> list[str]:
    """Pieces of a word that fit a line."""
    if width_of(word, style) <= width:
        return [word]
    pieces, room = [""], width
    for joint in _JOINT.split(word):
        if pieces[-1] and width_of(joint, style) > room:
            pieces.append("")
            room = width
        for letter in joint:
            own = width_of(letter, style)
            if pieces[-1] and own > room:
                pieces.append("")
                room = width
            pieces[-1] += letter
            room -= own
    return pieces


def _least(
    words: Sequence[tuple[str, bool]], widths: list[float], space: float, width: float
) -> list[int]:
    """How many lines the first k words take at least, for each k."""
    found, lines, used, joined = [0], 1, 0.0, True
    for (_, ends), wide in zip(words, widths, strict=True):
        need = wide if used == 0 or joined else space + wide
        if used and used + need > width:
            lines, used, need = lines + 1, 0.0, wide
        used += need
        joined = not ends
        found.append(lines)
    return found


def _balanced(
    words: Sequence[tuple[str, bool]], widths: list[float], space: float, width: float
) -> list[str]:
    """As few lines as can be, of like length (least squares), broken where it reads well.

    If all words take as few lines as can be, so do the first k, for each k where a line ends.
    """
    count, least = len(words), _least(words, widths, space, width)
    average = (sum(widths) + space * (count - 1)) / least[-1]
    best = [0.0] + [float("inf")] * count
    start = [0] * (count + 1)
    for end in range(1, count + 1):
        torn = break_cost(words[end - 1][0], words[end][0]) if end < count else 0.0
        used = -space
        for first in range(end - 1, -1, -1):
            used += widths[first] + (space if first == end - 1 or words[first][1] else 0.0)
            if used > width + _ROUNDING and first < end - 1:
                break
            short = (average - used) / width
            own = short * short + torn if end < count else _last(short, end - first, first)
            if least[first] + 1 == least[end] and best[first] + own < best[end]:
                best[end], start[end] = best[first] + own, first
    lines: list[str] = []
    end = count
    while end:
        lines.append(_joined(words[start[end] : end]))
        end = start[end]
    return lines[::-1]


def _last(short: float, words: int, first: int) -> float:
    """How bad the last line is; `short` is what it lacks to the average."""
    lonely = 0.35 if words == 1 and first > 0 else 0.0
    return short * short * (0.6 if short > 0 else 1.0) + lonely


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
