"""Lines of Mermaid source, and texts as people write them in it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from dataclasses import dataclass

_COMMENT = re.compile(r"^\s*%%.*$")
_FRONT = re.compile(r"\A\s*---[ \t]*\n.*?\n---[ \t]*(?:\n|\Z)", re.DOTALL)
_DIRECTIVE = re.compile(r"%%\{.*?\}%%", re.DOTALL)
_ENTITY = re.compile(r"#(\w{2,8}|\d{1,6});")
_MARKUP = re.compile(r"<br\s*/?>|</?[a-z][^<>]{0,80}>|\\n", re.IGNORECASE)
_EMPHASIS = re.compile(r"\*\*|__|(?<!\w)[*_](?=\w)|(?<=\w)[*_](?!\w)")
_LONGEST, _MOST = 1_000, 1_000
"""Letters of a line and lines; more is not written for people."""


class Unread(ValueError):
    """A line that is not understood: `str()` says which and why."""


@dataclass(frozen=True, slots=True)
class Line:
    """A line with its number in the source (from 1) and its indent."""

    number: int
    text: str
    indent: int

    def unread(self, why: str = "is not understood") -> Unread:
        shown = self.text if len(self.text) <= 48 else self.text[:47] + "…"
        return Unread(f"line {self.number} {why}: “{shown}”")


def lines_of(text: str) -> Iterator[Line]:
    """The lines that say something: without front matter, directives and comments. Raises
    `Unread` when there is too much of them."""
    text = text.replace("\r\n", "\n").expandtabs(4)
    text = _FRONT.sub(lambda m: "\n" * m[0].count("\n"), text)
    text = _DIRECTIVE.sub(lambda m: "\n" * m[0].count("\n"), text)
    for number, line in enumerate(text.split("\n"), start=1):
        if line.strip() and not _COMMENT.match(line):
            found = Line(number, line.strip(), len(line) - len(line.lstrip()))
            if len(found.text) > _LONGEST or number > _MOST:
                raise found.unread("is too much")
            yield found


def label(text: str) -> str:
    """A text without its quotes, markup and entities, on one line."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1].strip()
    if len(text) > 1 and text[0] == text[-1] == "`":
        text = _EMPHASIS.sub("", text[1:-1])
    text = _ENTITY.sub(lambda m: f"&{'#' if m[1].isdigit() else ''}{m[1]};", text)
    text = html.unescape(_MARKUP.sub(" ", text))
    return " ".join(text.split())
