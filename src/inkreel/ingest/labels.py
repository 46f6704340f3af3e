"""Entries of lists → their label and what is said about it; the marks that open an entry."""

from __future__ import annotations

import re
from collections.abc import Sequence

BULLET = re.compile(
    r"(\s*)(?:[-*•‣◦▪▫●○■□➢➤✓–—\u2043\uf0b7\uf0a7]|\(?(?:\d{1,3}|[a-zđ]|[ivx]{2,4})[.)])\s+(?=\S)"
)
"""An entry's mark with the white space around it; group 1 is its indent."""

ORDERED = re.compile(r"\s*\(?(?:\d{1,3}|[a-zđ]|[ivx]{2,4})[.)]\s")

_LABEL = re.compile(r"([^\s:.,;!?()\[\]\"“][^:.,;!?\n]{0,38}):\s+(?=\S)")
_MOST_WORDS = 5


def split_label(text: str) -> tuple[str, str]:
    """ "Speed: it is fast" → ("Speed", "it is fast"); without a short term, ("", text)."""
    match = _LABEL.match(text)
    if match and len(match.group(1).split()) <= _MOST_WORDS:
        return match.group(1).strip(), text[match.end() :]
    return "", text


def labelled(lines: Sequence[str]) -> list[tuple[str, str]]:
    """Lines that each begin with a term and a colon ("When: at noon"), as pairs of the two; none
    where a line does not."""
    pairs = [split_label(line.strip()) for line in lines]
    return pairs if len(pairs) > 1 and all(label for label, _ in pairs) else []
