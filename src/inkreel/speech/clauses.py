"""A sentence → pieces that a voice can take, which end where one would breathe."""

from __future__ import annotations

import re

_BREATHS = (re.compile(r"[.;:!?…](?= )"), re.compile(r",(?= )"), re.compile(r"(?= )"))
EARLIEST = 0.4
"""Of the limit: an earlier breath makes too short a piece."""


def pieces(text: str, limit: int) -> tuple[str, ...]:
    """Pieces of at most `limit` characters, a space apart in the text: cut at the end of a clause,
    else at a comma, else between words, else where it must be."""
    found: list[str] = []
    while len(text) > limit:
        cut = _cut(text, limit)
        found.append(text[:cut])
        text = text[cut:].lstrip(" ")
    return (*found, text) if text or not found else tuple(found)


def _cut(text: str, limit: int) -> int:
    """Characters of the first piece."""
    for breath in _BREATHS:
        ends = [match.end() for match in breath.finditer(text, 0, limit + 1)]
        good = [end for end in ends if EARLIEST * limit <= end <= limit]
        if good:
            return good[-1]
    return limit
