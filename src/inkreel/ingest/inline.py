"""Inline tokens of a Markdown paragraph → plain text, its marked terms, its images.

Links keep their text and lose their address, inline maths becomes Unicode, HTML tags vanish.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from markdown_it.token import Token

from inkreel.ingest import formulas

_URL = re.compile(
    r"\b(?:https?|ftp)://(?:www\.)?([\w.-]*\w)(?:[/?#:](?:[^\s<>()\[\]\"']*[\w/=])?)?"
)
_SHORTCODE = re.compile(r"(?<!\w):[a-z][a-z0-9_]{2,30}:(?!\w)")
_IMAGE_TAG = re.compile(r"""<img\b[^<>]{0,2000}?\bsrc\s*=\s*["']?([^"'\s<>]+)""", re.IGNORECASE)
_ALT = re.compile(r"""\balt\s*=\s*(?:"([^"<>]*)"|'([^'<>]*)')""", re.IGNORECASE)
_SPACE = re.compile(r"[ \t]+")


@dataclass(slots=True)
class Figure:
    """An image as the document refers to it."""

    path: str
    alt: str
    caption: str = ""


@dataclass(slots=True)
class Prose:
    """Text of a paragraph; `lines` keeps its line breaks as `\\n`."""

    lines: str = ""
    terms: list[str] = field(default_factory=list)
    figures: list[Figure] = field(default_factory=list)
    formulas: list[str] = field(default_factory=list)
    """Display maths (`$$…$$`) that stands inside the paragraph."""
    lead: str = ""
    """A marked or linked stretch that opens the text."""
    lead_kind: str = ""
    """`strong`, `em`, `code` or `link`."""
    only: str = ""
    """`strong`, `em` or `link` when the whole text is one such stretch, else ""."""
    links_only: bool = False
    """No letter stands outside a link."""

    @property
    def text(self) -> str:
        return _SPACE.sub(" ", self.lines.replace("\n", " ")).strip()


def image_tag(tag: str) -> Figure | None:
    """The image of an HTML `<img>` tag, if it has a source."""
    source = _IMAGE_TAG.search(tag)
    if source is None:
        return None
    alt = _ALT.search(tag)
    words = html.unescape((alt.group(1) or alt.group(2) or "") if alt else "")
    return Figure(html.unescape(source.group(1)), words)


def plain(text: str) -> str:
    """Text as it is said: addresses are shortened to their host, emoji short codes dropped."""
    if "://" in text:
        text = _URL.sub(r"\1", text)
    if ":" in text:
        text = _SHORTCODE.sub("", text)
    return text


def read_inline(tokens: Sequence[Token]) -> Prose:
    """Flatten the children of one `inline` token."""
    walker = _Walker()
    for token in tokens:
        walker.take(token)
    return walker.finish()


@dataclass(slots=True)
class _Stretch:
    """A marked piece of text, while it is open and after."""

    kind: str
    start: int
    end: int = -1
    text: str = ""


_MARKS = {"strong": "strong", "em": "em", "link": "link", "s": "s"}


class _Walker:
    def __init__(self) -> None:
        self.prose = Prose()
        self.parts: list[str] = []
        self.length = 0
        self.open: list[_Stretch] = []
        self.closed: list[_Stretch] = []

    def take(self, token: Token) -> None:
        kind, _, edge = token.type.rpartition("_")
        if kind in _MARKS and edge in ("open", "close"):
            self.mark(kind, opens=edge == "open")
        elif token.type == "text":
            self.add(token.content)
        elif token.type in ("softbreak", "hardbreak"):
            self.add("\n")
        elif token.type == "code_inline":
            self.mark("code", opens=True)
            self.add(token.content)
            self.mark("code", opens=False)
        elif token.type == "math_inline":
            self.add(formulas.to_text(token.content))
        elif token.type == "math_inline_double":
            self.prose.formulas.append(token.content.strip())
        elif token.type == "image":
            self.prose.figures.append(
                Figure(
                    str(token.attrs.get("src", "")),
                    token.content,
                    str(token.attrs.get("title", "")),
                )
            )
        elif token.type == "html_inline":
            self.tag(token.content)

    def add(self, text: str) -> None:
        self.parts.append(text)
        self.length += len(text)

    def mark(self, kind: str, *, opens: bool) -> None:
        if opens:
            self.open.append(_Stretch(kind, len(self.parts)))
            return
        while self.open:
            stretch = self.open.pop()
            if stretch.kind == kind:
                break
        else:
            return
        stretch.end = len(self.parts)
        stretch.text = plain("".join(self.parts[stretch.start :])).replace("\n", " ").strip()
        self.closed.append(stretch)
        if kind in ("sub", "sup"):
            change = formulas.lowered if kind == "sub" else formulas.raised
            self.parts[stretch.start :] = [change(stretch.text) or stretch.text]

    def tag(self, tag: str) -> None:
        name = re.match(r"<(/?)([A-Za-z][A-Za-z0-9]*)", tag)
        if name is None:
            return
        kind = name.group(2).lower()
        if kind == "br":
            self.add("\n")
        elif kind == "img":
            figure = image_tag(tag)
            if figure:
                self.prose.figures.append(figure)
        elif kind in ("sub", "sup", "b", "i", "strong", "em", "code", "a"):
            same = {"b": "strong", "i": "em", "a": "link"}.get(kind, kind)
            self.mark(same, opens=not name.group(1))

    def finish(self) -> Prose:
        prose = self.prose
        prose.lines = plain("".join(self.parts)).strip()
        self.closed.sort(key=lambda stretch: (stretch.start, -stretch.end))
        prose.terms = [
            s.text for s in self.closed if s.kind in ("strong", "em", "code") and s.text.strip()
        ]
        outer = next((s for s in self.closed if s.kind not in ("s", "sub", "sup")), None)
        if outer and outer.text and not "".join(self.parts[: outer.start]).strip():
            prose.lead, prose.lead_kind = outer.text, outer.kind
            if not "".join(self.parts[outer.end :]).strip():
                prose.only = outer.kind
        prose.links_only = self.all_linked()
        return prose

    def all_linked(self) -> bool:
        links = [s for s in self.closed if s.kind == "link"]
        if not links:
            return False
        outside: list[str] = []
        at = 0
        for link in links:
            outside.extend(self.parts[at : link.start])
            at = max(at, link.end)
        outside.extend(self.parts[at:])
        return not any(map(str.isalnum, "".join(outside)))
