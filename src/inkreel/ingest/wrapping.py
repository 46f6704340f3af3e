"""Hard-wrapped lines → running text."""

from __future__ import annotations

import re
from collections.abc import Iterable

_HYPHENATED = re.compile(r"([^\W\d_]+)-$")
_LONGEST_WORD = 60
_LONGEST_ADDRESS = 300
_PARTS = 8
"""An address is broken over few lines, and a space is a part, too."""
_HALVED = re.compile(r"\w/$")
"""Broken behind a stroke: "and/or"."""
_WORD_START = re.compile(r"[^\W\d_]+")
_OPEN = re.compile(r"(?:https?:(?://)?|ftp://|www\.)(?:\S*[/.\-_=&?~%#:])?$", re.IGNORECASE)
_PLAIN = re.compile(r"[^\W\d_][^\W\d_A-Z]*[,.;:)]*")
_COMPOUND = re.compile(r"[^\W\d_]+(?:-[^\W\d_]+)?")


def goes_on(text: str, line: str) -> bool:
    """Whether `text` ends within an address (of the web) that `line` goes on with."""
    if not _OPEN.search(text.rpartition(" ")[2][-_LONGEST_ADDRESS:]):
        return False
    first = line.partition(" ")[0]
    if text.endswith("."):
        return first[:1].islower() or first[:1].isdigit()
    return not text.endswith("/") or text.endswith("://") or not _PLAIN.fullmatch(first)


class Vocabulary:
    """The words of a document: they tell a hyphen at a line's end from a compound's own."""

    def __init__(self, lines: Iterable[str]) -> None:
        self.words: set[str] = set()
        for line in lines:
            self.words.update(_COMPOUND.findall(line.lower()))

    def join(self, lines: Iterable[str], *, hyphens_break: bool) -> str:
        """One line of text. `hyphens_break`: a hyphen at a line's end was most likely put there
        by the typesetter (PDF), not by the author (text files)."""
        parts: list[str] = []
        for raw in lines:
            line = raw.strip()
            if not line:
                continue
            if parts and goes_on("".join(parts[-_PARTS:]), line):
                parts.append(line)
                continue
            head = _HYPHENATED.search(parts[-1][-_LONGEST_WORD:]) if parts else None
            tail = _WORD_START.match(line)
            if head and tail and tail.group(0).islower():
                first, second = head.group(1).lower(), tail.group(0)
                if self._is_one_word(first, second, hyphens_break=hyphens_break):
                    parts[-1] = parts[-1][:-1]
            elif parts and not _HALVED.search(parts[-1][-2:]):
                parts.append(" ")
            parts.append(line)
        return "".join(parts)

    def _is_one_word(self, first: str, second: str, *, hyphens_break: bool) -> bool:
        if f"{first}-{second}" in self.words:
            return False
        return hyphens_break or first + second in self.words
