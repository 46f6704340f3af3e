"""An HTML block inside Markdown → its headings, paragraphs and images; all else is ignored.

No tag has an effect: scripts, styles, comments and HTML tables are dropped, text is kept.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass

from inkreel.ingest.inline import Figure, image_tag

# `[^<>]*` stops at the next bracket: linear on any input.
_TAG = re.compile(r"<(/?)([A-Za-z][A-Za-z0-9-]*)([^<>]*)>")
_HIDDEN = frozenset(("script", "style", "table", "summary", "svg", "iframe", "head", "template"))
_BREAKING = re.compile(
    r"p|div|h[1-6r]|[uo]l|li|details|section|article|center|blockquote|pre|d[td]|fig(?:ure|caption)"
)


@dataclass(slots=True)
class Passage:
    """A stretch of visible text; `level` is its heading's, 0 for a paragraph."""

    text: str
    level: int = 0


def read_html(source: str) -> tuple[list[Passage | Figure], bool]:
    """Visible passages and images in order, and whether a table was dropped."""
    walker = _Walker()
    source = _without_comments(source)
    at = 0
    for match in _TAG.finditer(source):
        walker.text(source[at : match.start()])
        walker.tag(match)
        at = match.end()
    walker.text(source[at:])
    walker.flush()
    return walker.found, walker.table


def _without_comments(source: str) -> str:
    parts: list[str] = []
    at = 0
    while True:
        start = source.find("<!--", at)
        if start < 0:
            return "".join((*parts, source[at:]))
        parts.append(source[at:start])
        end = source.find("-->", start + 4)
        if end < 0:
            return "".join(parts)
        at = end + 3


class _Walker:
    def __init__(self) -> None:
        self.found: list[Passage | Figure] = []
        self.table = False
        self.hidden = ""
        self.linked = 0
        self.level = 0
        self.parts: list[str] = []
        self.outside = False

    def text(self, text: str) -> None:
        if self.hidden:
            return
        text = html.unescape(text)
        self.parts.append(text)
        if not self.linked and any(map(str.isalnum, text)):
            self.outside = True

    def tag(self, match: re.Match[str]) -> None:
        closes, name = bool(match.group(1)), match.group(2).lower()
        if self.hidden:
            if closes and name == self.hidden:
                self.hidden = ""
            return
        if name in _HIDDEN and not closes:
            self.hidden = name
            self.table |= name == "table"
        elif name == "a":
            self.linked = max(0, self.linked + (-1 if closes else 1))
        elif name == "img":
            figure = image_tag(match.group(0))
            if figure:
                self.found.append(figure)
        elif name == "br":
            self.parts.append(" ")
        elif _BREAKING.fullmatch(name):
            self.flush()
            self.level = int(name[1]) if name[1:].isdigit() and not closes else 0

    def flush(self) -> None:
        text = " ".join("".join(self.parts).split())
        # Text that is nothing but links is a bar of badges or a menu.
        if text and (self.outside or self.level):
            self.found.append(Passage(text, self.level))
        self.parts = []
        self.outside = False
