"""Text → the direction in which it is read. Typst orders the letters of a line; which side a line
begins on, and the order of words that are set one by one, is found here.

After the Unicode Bidirectional Algorithm (UAX #9), with words as its letters.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence

_RIGHT_TO_LEFT = ("R", "AL")
_ENOUGH = 500
"""Letters of a text that tell its direction."""
_STRONG = ("L", *_RIGHT_TO_LEFT)


def has_rtl(text: str) -> bool:
    """Whether any letter is read from right to left."""
    return not text.isascii() and any(
        unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in text
    )


def is_rtl(text: str) -> bool:
    """Whether the first letter that has a direction is read from right to left (rule P2)."""
    if text.isascii():
        return False
    classes = map(unicodedata.bidirectional, text)
    return next((found in _RIGHT_TO_LEFT for found in classes if found in _STRONG), False)


def mostly_rtl(texts: Iterable[str]) -> bool:
    """Whether more letters are read from right to left than from left to right."""
    balance = 0
    for text in (text[:_ENOUGH] for text in texts):
        if text.isascii():
            balance -= sum(map(str.isalpha, text))
            continue
        classes = [unicodedata.bidirectional(letter) for letter in text]
        balance += sum(map(classes.count, _RIGHT_TO_LEFT)) - classes.count("L")
    return balance > 0


def visual_order(words: Sequence[str], *, rtl: bool) -> list[int]:
    """Indices of the words of a line from left to right, in a paragraph read as `rtl` says."""
    if not rtl and not any(map(has_rtl, words)):
        return list(range(len(words)))
    levels = _levels(words, base=int(rtl))
    order = list(range(len(words)))
    for level in range(max(levels, default=0), 0, -1):
        order = _turned(order, [levels[index] >= level for index in order])
    return order


def _levels(words: Sequence[str], base: int) -> list[int]:
    """Odd where a word is read from right to left. A figure after such a word stands among them
    but is read as it is written; a word without letters goes with its neighbours, or the line."""
    strong = [_direction(word) for word in words]
    levels = []
    before = base
    for index, own in enumerate(strong):
        if own is not None:
            before = own
            levels.append(2 if own < base else own)
            continue
        after = next((one for one in strong[index:] if one is not None), base)
        figure = any(letter.isdecimal() for letter in words[index])
        among = before if before == after else base
        levels.append(2 if figure and before == 1 else 2 if among < base else among)
    return levels


def _direction(word: str) -> int | None:
    """1 for right to left, 0 for left to right, None where no letter says."""
    classes = [unicodedata.bidirectional(letter) for letter in word]
    first = next((one for one in classes if one in _STRONG), None)
    return None if first is None else int(first in _RIGHT_TO_LEFT)


def _turned(order: list[int], marked: Sequence[bool]) -> list[int]:
    """The order with each run of marked places reversed (rule L2)."""
    found: list[int] = []
    run: list[int] = []
    for index, turn in zip(order, marked, strict=True):
        if turn:
            run.append(index)
            continue
        found += [*reversed(run), index]
        run = []
    return found + run[::-1]
