"""Markdown → blocks in reading order; `commonmark` is the parser."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

import msgspec
from markdown_it.token import Token

from inkreel.ingest import pictures
from inkreel.ingest.commonmark import Tokens, describe
from inkreel.ingest.hypertext import read_html
from inkreel.ingest.inline import Figure, Prose
from inkreel.ingest.labels import labelled, split_label
from inkreel.ingest.matter import heads_contents
from inkreel.ingest.reading import Reading
from inkreel.model import (
    AnyBlock,
    Code,
    Digest,
    Formula,
    Heading,
    Image,
    Item,
    Listing,
    Paragraph,
    Place,
    Quote,
    Source,
    Table,
)

Load = Callable[[Digest], bytes]

MAX_HEADING = 300
_ANCHOR = re.compile(r"\s*\{[#.:][^{}]*\}\s*$")
_ALERT = re.compile(r"\[!(?:NOTE|TIP|IMPORTANT|WARNING|CAUTION|INFO)\][^\n]*\n?", re.IGNORECASE)
_TASK = re.compile(r"\[[ xX]\]\s+")
_JOINT = re.compile(r"\s*(?::\s*|[–—]\s+|--?\s+)")
_BYLINE = re.compile(r"(?:[—–―]|--+)\s*(\S.{0,119})")
_TAIL_BYLINE = re.compile(r"[\"”’.!?…]\s*[—―–]\s*([^\"”.!?—–]{2,60})$")
_FILE = re.compile(r"\b(?:title|file|filename|name)\s*=\s*(?:\"([^\"]*)\"|'([^']*)'|(\S+))")
_FILE_NAME = re.compile(r"[\w./-]*\w\.[A-Za-z]\w{0,7}")
_MOST_FRONT_LINES = 200
_FRONT_FIELD = re.compile(r"(title|language|lang)\s*:\s*(.+)", re.IGNORECASE)


class Reader:
    """Walks the tokens of one document; `blocks` is the result."""

    def __init__(self, tokens: Tokens, source: Source, load: Load) -> None:
        self.source = tokens
        self.tokens = tokens.tokens
        self.left_out = tokens.left_out
        self.attached = {unquote(a.path): a.digest for a in source.attachments}
        self.load = load
        self.blocks: list[AnyBlock] = []
        self.level = 1

    def walk(self, start: int, end: int) -> None:
        """Take the tokens `[start, end)`, whole containers at a time."""
        at = start
        while at < end:
            token = self.tokens[at]
            close = self.source.close_of(at) if token.nesting == 1 else at
            take = _TAKE.get(token.type)
            if take is not None:
                take(self, at, close)
            elif token.nesting == 1:
                self.walk(at + 1, close)
            at = close + 1

    def place(self, token: Token) -> Place:
        return Place(line=token.map[0] + 1) if token.map else Place()

    # --- leaves --------------------------------------------------------------------------------

    def heading(self, at: int, close: int) -> None:  # noqa: ARG002
        prose = self.source.prose(self.tokens[at + 1])
        text = _ANCHOR.sub("", prose.text[:MAX_HEADING])
        if text:
            self.level = int(self.tokens[at].tag[1])
            self.add(Heading(id="", place=self.place(self.tokens[at]), level=self.level, text=text))
        self.figures(prose.figures, self.tokens[at])

    def paragraph(self, at: int, close: int) -> None:  # noqa: ARG002
        token = self.tokens[at]
        prose = self.source.prose(self.tokens[at + 1])
        place = self.place(token)
        text = prose.text
        if prose.links_only and text:
            self.left_out["links"] += 1
        elif prose.figures and prose.only == "em":
            prose.figures[-1].caption = text
        elif prose.only == "strong" and len(text) <= 80 and text[-1] not in ".!?:,;…":
            level = min(6, self.level + 1)
            self.add(Heading(id="", place=place, level=level, text=text))
        elif pairs := labelled(prose.lines.split("\n")):
            items = tuple(Item(text=said, label=label) for label, said in pairs)
            self.add(Listing(id="", place=place, items=items))
        elif text:
            self.add(Paragraph(id="", place=place, text=text, terms=tuple(prose.terms)))
        for tex in prose.formulas:
            self.add(Formula(id="", place=place, tex=tex))
        self.figures(prose.figures, token)

    def code(self, at: int, close: int) -> None:  # noqa: ARG002
        token = self.tokens[at]
        text = token.content.rstrip("\n")
        if not text.strip():
            return
        language, file = _fence_info(token.info)
        if language == "math":
            self.add(Formula(id="", place=self.place(token), tex=text.strip()))
            return
        self.add(
            Code(
                id="", place=self.place(token), text=text.strip("\n"), language=language, file=file
            )
        )

    def formula(self, at: int, close: int) -> None:  # noqa: ARG002
        token = self.tokens[at]
        if token.content.strip():
            self.add(Formula(id="", place=self.place(token), tex=token.content.strip()))

    def html(self, at: int, close: int) -> None:  # noqa: ARG002
        token = self.tokens[at]
        place = self.place(token)
        found, table = read_html(token.content)
        self.left_out["html_table"] += table
        for thing in found:
            if isinstance(thing, Figure):
                self.figures([thing], token)
            elif thing.level:
                self.level = thing.level
                self.add(Heading(id="", place=place, level=thing.level, text=thing.text))
            else:
                self.add(Paragraph(id="", place=place, text=thing.text))

    def figures(self, figures: list[Figure], token: Token) -> None:
        for figure in figures:
            digest = self.attached.get(unquote(figure.path))
            size = pictures.size(self.load(digest)) if digest is not None else None
            if digest is None or size is None:
                self.left_out["image"] += "://" not in figure.path
                continue
            self.add(
                Image(
                    id="",
                    place=self.place(token),
                    digest=digest,
                    width=size[0],
                    height=size[1],
                    alt=figure.alt,
                    caption=figure.caption,
                )
            )

    def footnotes(self, at: int, close: int) -> None:  # noqa: ARG002
        self.left_out["footnote"] += 1

    def add(self, block: AnyBlock) -> None:
        self.blocks.append(block)

    # --- containers ----------------------------------------------------------------------------

    def quote(self, at: int, close: int) -> None:
        inner = range(at + 1, close)
        first = self.tokens[at + 2] if at + 2 < close else None
        alert = first is not None and first.type == "inline" and _ALERT.match(first.content)
        if alert and first is not None:
            first.content = first.content[alert.end() :]
        if alert or any(self.tokens[i].type not in _QUOTABLE for i in inner):
            self.walk(at + 1, close)
            return
        proses = [
            self.source.prose(self.tokens[i]) for i in inner if self.tokens[i].type == "inline"
        ]
        lines = [line.strip() for prose in proses for line in prose.lines.split("\n")]
        text, by = _split_byline([line for line in lines if line])
        if text:
            self.add(Quote(id="", place=self.place(self.tokens[at]), text=text, by=by))
        self.figures([f for prose in proses for f in prose.figures], self.tokens[at])

    def admonition(self, at: int, close: int) -> None:
        kind = str(self.tokens[at].meta.get("tag", "")).lower()
        start = at + 1
        if self.tokens[start].type == "admonition_title_open":
            title = self.source.prose(self.tokens[start + 1]).text
            start = self.source.close_of(start) + 1
            self.walk_titled(start, close, "" if title.lower() == kind else title)
        else:
            self.walk(start, close)

    def walk_titled(self, start: int, close: int, title: str) -> None:
        """What an admonition holds, its own title set before its first sentence."""
        first = len(self.blocks)
        self.walk(start, close)
        opening = self.blocks[first] if first < len(self.blocks) else None
        if title and isinstance(opening, Paragraph):
            text = f"{title.rstrip(':')}: {opening.text}"
            self.blocks[first] = msgspec.structs.replace(opening, text=text)

    def listing(self, at: int, close: int) -> None:
        builder = _ListBuilder(self)
        items = builder.items(at, close)
        if items and not builder.unlinked:
            self.left_out["links"] += 1
            last = self.blocks[-1] if self.blocks else None
            if isinstance(last, Heading) and heads_contents(last.text):
                self.blocks.pop()
        elif items:
            ordered = self.tokens[at].type == "ordered_list_open"
            place = self.place(self.tokens[at])
            self.add(Listing(id="", place=place, items=tuple(items), ordered=ordered))
        for start, end in builder.asides:
            self.walk(start, end)
        for figures, token in builder.figures:
            self.figures(figures, token)

    def definitions(self, at: int, close: int) -> None:
        items: list[Item] = []
        label = ""
        for i in range(at + 1, close):
            if self.tokens[i].type != "inline":
                continue
            text = self.source.prose(self.tokens[i]).text
            if self.tokens[i - 1].type == "dt_open":
                label = text
            elif text:
                items.append(Item(text=text, label=label))
                label = ""
        if items:
            self.add(Listing(id="", place=self.place(self.tokens[at]), items=tuple(items)))

    def table(self, at: int, close: int) -> None:
        rows: list[tuple[str, ...]] = []
        row: list[str] = []
        for i in range(at + 1, close):
            kind = self.tokens[i].type
            if kind == "inline":
                row.append(self.source.prose(self.tokens[i]).text)
            elif kind == "tr_close":
                rows.append(tuple(row))
                row = []
        if len(rows) > 1 and any(any(row) for row in rows):
            place = self.place(self.tokens[at])
            self.add(Table(id="", place=place, header=rows[0], rows=tuple(rows[1:])))


class _ListBuilder:
    """Flattens a list: nested lists become children; code, tables and formulas inside an entry
    follow the list as blocks of their own."""

    def __init__(self, reader: Reader) -> None:
        self.reader = reader
        self.tokens = reader.tokens
        self.asides: list[tuple[int, int]] = []
        self.figures: list[tuple[list[Figure], Token]] = []
        self.unlinked = 0
        """Entries, nested ones too, that say more than links."""

    def items(self, at: int, close: int) -> list[Item]:
        items: list[Item] = []
        index = at + 1
        while index < close:
            end = self.reader.source.close_of(index)
            item = self.item(index + 1, end)
            if item is not None:
                items.append(item)
            index = end + 1
        return items

    def item(self, start: int, end: int) -> Item | None:
        lead: Prose | None = None
        rest: list[str] = []
        children: list[str] = []
        index = start
        while index < end:
            token = self.tokens[index]
            close = self.reader.source.close_of(index) if token.nesting == 1 else index
            if token.type == "paragraph_open":
                prose = self.reader.source.prose(self.tokens[index + 1])
                if prose.figures:
                    self.figures.append((prose.figures, token))
                if lead is None:
                    lead = prose
                elif prose.text:
                    rest.append(prose.text)
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                for child in self.items(index, close):
                    children.append(_one_line(child))
                    children.extend(child.children)
            else:
                self.asides.append((index, close + 1))
            index = close + 1
        if lead is None or not (lead.text or rest or children):
            return None
        self.unlinked += not lead.links_only or bool(rest)
        return _entry(lead, rest, tuple(children))


def _entry(lead: Prose, rest: list[str], children: tuple[str, ...]) -> Item:
    text = _TASK.sub("", lead.text, count=1) if _TASK.match(lead.text) else lead.text
    label, text = _split_lead(text, lead, more=bool(rest))
    return Item(text=" ".join(filter(None, (text, *rest))), label=label, children=children)


def _split_lead(text: str, prose: Prose, *, more: bool) -> tuple[str, str]:
    """A leading term and what is said about it: "**Term:** …", "`flag` – …", "**Term.** …"."""
    lead = prose.lead
    if lead and len(lead) <= 60 and text.startswith(lead):
        after = text[len(lead) :].strip()
        joint = _JOINT.match(text[len(lead) :])
        stopped = lead.endswith(".") and prose.lead_kind == "strong" and len(lead.split()) <= 6
        if after and (lead.endswith(":") or stopped):
            return lead.rstrip(":. "), after
        if joint and text[len(lead) + joint.end() :].strip():
            return lead, text[len(lead) + joint.end() :].strip()
        if more and not after.strip(" :."):
            return lead.rstrip(":. "), ""
    return split_label(text)


def _one_line(item: Item) -> str:
    return ": ".join(filter(None, (item.label, item.text)))


def _split_byline(lines: list[str]) -> tuple[str, str]:
    """Text of a quote and who said it: a last line that opens with a dash, or a dash at its end."""
    if len(lines) > 1:
        by = _BYLINE.fullmatch(lines[-1])
        if by:
            return " ".join(lines[:-1]), by.group(1)
    text = " ".join(lines)
    tail = _TAIL_BYLINE.search(text[-120:])
    if tail:
        return text[: len(text) - len(tail.group(0)) + 1].rstrip(), tail.group(1).strip()
    return text, ""


def _fence_info(info: str) -> tuple[str, str]:
    """Language and file name of a fence: `python title="a.py"`, `python:a.py`, `{.python}`."""
    info = info.strip()[:200]
    named = _FILE.search(info)
    file = next(filter(None, named.groups()), "") if named else ""
    words = info.strip("{}").split()
    if not words:
        return "", file
    language, _, tail = words[0].lstrip(".").partition(":")
    language = language.partition("{")[0].partition(",")[0]
    if not file:
        file = tail or next((w for w in words[1:] if _FILE_NAME.fullmatch(w)), "")
    return ("" if "=" in language else language.lower()), file


_QUOTABLE = frozenset(("paragraph_open", "inline", "paragraph_close"))
_TAKE: dict[str, Callable[[Reader, int, int], None]] = {
    "heading_open": Reader.heading,
    "paragraph_open": Reader.paragraph,
    "fence": Reader.code,
    "code_block": Reader.code,
    "math_block": Reader.formula,
    "math_block_label": Reader.formula,
    "html_block": Reader.html,
    "footnote_reference_open": Reader.footnotes,
    "footnote_block_open": Reader.footnotes,
    "blockquote_open": Reader.quote,
    "admonition_open": Reader.admonition,
    "bullet_list_open": Reader.listing,
    "ordered_list_open": Reader.listing,
    "dl_open": Reader.definitions,
    "table_open": Reader.table,
}


def read_markdown(text: str, source: Source, load: Load) -> Reading:
    """Read Markdown text; `load` gives the bytes of the source's attachments."""
    front, text = _part_front_matter(text)
    tokens = Tokens(text)
    reader = Reader(tokens, source, load)
    reader.walk(0, len(reader.tokens))
    return Reading(
        reader.blocks,
        stated=front.get("title", ""),
        language=front.get("lang", ""),
        warnings=list(describe(tokens.left_out)),
    )


def _part_front_matter(text: str) -> tuple[dict[str, str], str]:
    """Title and language of YAML front matter, and the text with its lines emptied, so that line
    numbers stay right. Only plain `key: value` lines are read: no YAML of strangers is parsed."""
    fields: dict[str, str] = {}
    if not text.startswith("---"):
        return fields, text
    lines = text.split("\n", _MOST_FRONT_LINES)
    ends = (i for i, line in enumerate(lines[1:], 1) if line.rstrip() in ("---", "..."))
    end = next(ends, None)
    if end is None or lines[0].rstrip() != "---":
        return fields, text
    for line in lines[1:end]:
        field = _FRONT_FIELD.match(line[:500])
        if field:
            key = field.group(1).lower().replace("language", "lang")
            fields[key] = field.group(2).strip().strip("\"'").strip()
    return fields, "\n".join((*[""] * (end + 1), *lines[end + 1 :]))
