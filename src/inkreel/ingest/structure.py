"""Chunks of a PDF → blocks: levels of headings, quotations, and what stands around the text."""

from __future__ import annotations

import re
from itertools import pairwise, takewhile, zip_longest

from inkreel.ingest.chunking import TERMINAL, Chunk, Chunker, Outline, Setting
from inkreel.ingest.columns import Line
from inkreel.ingest.headings import NUMBER, is_numbered, level_of, looks_like_heading
from inkreel.ingest.labels import BULLET, ORDERED, split_label
from inkreel.ingest.matter import are_indexed, is_index, is_ordinal, is_rights
from inkreel.ingest.ruled import Grid
from inkreel.ingest.running import Page
from inkreel.ingest.wrapping import Vocabulary
from inkreel.model import (
    AnyBlock,
    Code,
    Formula,
    Heading,
    Item,
    Listing,
    Paragraph,
    Place,
    Quote,
    Table,
)

_DOTS = re.compile(r"\s?\.\s\.\s\.(?!\s?\.)")
"""Three dots as TeX sets them."""
_RELATION = re.compile(r"[=<>→≈]|\\(?:le|ge|ne)\b")
_TEX = str.maketrans({"⋅": r" \cdot ", "·": r" \cdot ", "−": "-", "×": r" \times ", "≤": r" \le ",
                      "≥": r" \ge ", "≠": r" \ne ", "∞": r" \infty ", "∑": r" \sum "})  # fmt: skip


def build(
    pages: list[Page], tables: dict[int, Grid], outline: Outline, setting: Setting
) -> tuple[list[AnyBlock], int, int]:
    """Blocks in reading order; how many lines of formulas were left out because they are drawn,
    not written; and how many because they stand around the text. `tables` maps the id of a line
    to the table it belongs to."""
    lines = [line for page in pages for line in page.lines]
    chunks = list(Chunker(tables, outline, setting).chunks(lines))
    _demote_authors(chunks, outline)
    _set_levels(chunks, outline)
    _mark_quotes(chunks, setting)
    writer = _Writer(Vocabulary(line.text for line in lines), outline)
    text = _without_ordinals(_without_authors(chunks, outline), outline)
    told = _without_index(_without_rights(text))
    for chunk in told:
        writer.write(chunk, tables)
    beside = sum(len(chunk.lines) for chunk in text) - sum(len(chunk.lines) for chunk in told)
    return writer.blocks, writer.drawn, beside


def _set_levels(chunks: list[Chunk], outline: Outline) -> None:
    """Levels by bookmark, by number, else by the rank of the typeface; the title has 1."""
    headings = [chunk for chunk in chunks if chunk.kind == "heading"]
    styles = sorted({_style(chunk.lines[0]) for chunk in headings}, reverse=True)
    for chunk in headings:
        line = chunk.lines[0]
        text = " ".join(part.text for part in chunk.lines)
        bookmark = outline.level(line.page, text)
        if bookmark is not None:
            chunk.level = min(6, bookmark + 2)
        elif is_numbered(text):
            chunk.level = level_of(text)
        else:
            deepest = 3 if outline.count > 1 else 2
            chunk.level = min(6, deepest + styles.index(_style(line)))


def _mark_quotes(chunks: list[Chunk], setting: Setting) -> None:
    """A sentence that is indented as a whole, with space above and below, is quoted."""
    for before, chunk in pairwise(chunks):
        first, last = chunk.lines[0], chunk.lines[-1]
        left, right = setting.edges[first.page, first.column]
        if chunk.kind != "text" or before.kind == "item" or not last.text.endswith(TERMINAL):
            continue
        indented = all(line.left > left + 0.8 * line.size for line in chunk.lines)
        centred = abs(first.left + first.right - left - right) < 0.05 * (right - left)
        gap = first.top - before.lines[-1].top
        same = first.page == before.lines[-1].page
        if (
            indented
            and same
            and gap > 1.5 * setting.pitch
            and not (centred and len(chunk.lines) < 2)
        ):
            chunk.kind = "quote"


def _style(line: Line) -> tuple[int, bool]:
    return round(line.size), line.bold


def _demote_authors(chunks: list[Chunk], outline: Outline) -> None:
    """What is set large under the title, in a document without bookmarks, is no heading where it
    comes twice in one style, or where the page holds nothing else: authors, a date."""
    title = next((at for at, chunk in enumerate(chunks) if chunk.kind == "title"), None)
    if title is None or outline.count > 1:
        return
    under = list(takewhile(_is_large, chunks[title + 1 :]))
    after = chunks[title + 1 + len(under) : title + 2 + len(under)]
    styles = [_style(chunk.lines[0]) for chunk in under]
    if not after or after[0].lines[0].page > 1:
        count = len(under)
    else:
        count = max(
            (at + 1 for at, style in enumerate(styles) if styles.count(style) > 1), default=0
        )
    for chunk in under[:count]:
        chunk.kind = "text"


def _is_large(chunk: Chunk) -> bool:
    """Whether it is a heading of the first page by its typeface alone."""
    line = chunk.lines[0]
    by_words = is_numbered(chunk.text) or looks_like_heading(chunk.text)
    return chunk.kind == "heading" and line.page == 1 and not by_words


def _without_authors(chunks: list[Chunk], outline: Outline) -> list[Chunk]:
    """Without authors, addresses and dates: what stands before the first heading, on the first two
    pages, and is no sentence."""
    titled = outline.count > 1 or any(chunk.kind == "title" for chunk in chunks)
    first = _first_heading(chunks)
    return [
        chunk
        for at, chunk in enumerate(chunks)
        if at >= first
        or not titled
        or chunk.kind == "title"
        or chunk.lines[0].page > 2
        or _is_sentence(chunk)
    ]


def _without_rights(chunks: list[Chunk]) -> list[Chunk]:
    """Without what says, on pages before the first heading's, who may copy it."""
    first = _first_heading(chunks)
    page = chunks[first].lines[0].page if chunks else 0
    return [
        chunk
        for at, chunk in enumerate(chunks)
        if at >= first
        or chunk.kind == "title"
        or chunk.lines[0].page >= page
        or not is_rights(chunk.text)
    ]


def _first_heading(chunks: list[Chunk]) -> int:
    """Where it stands; 0 where there is none."""
    return next((at for at, chunk in enumerate(chunks) if chunk.kind == "heading"), 0)


def _without_ordinals(chunks: list[Chunk], outline: Outline) -> list[Chunk]:
    """Without "ONE" or "Chapter 1" over the title of a chapter."""
    return [
        chunk
        for chunk, after in zip_longest(chunks, chunks[1:])
        if not (
            after is not None
            and after.kind == "heading"
            and is_ordinal(chunk.text)
            and outline.level(chunk.lines[0].page, chunk.text) is None
        )
    ]


def _without_index(chunks: list[Chunk]) -> list[Chunk]:
    """Without indexes, with their letters."""
    kept: list[Chunk] = []
    ends = 0
    for at, chunk in enumerate(chunks):
        if at >= ends and chunk.kind == "heading" and is_index(NUMBER.sub("", chunk.text)):
            below = range(at + 1, len(chunks))
            end = next((i for i in below if _is_beside(chunks[i], chunk)), len(chunks))
            lines = [line.text for part in chunks[at + 1 : end] for line in part.lines]
            if are_indexed(lines):
                ends = end
        if at >= ends:
            kept.append(chunk)
    return kept


def _is_beside(chunk: Chunk, heading: Chunk) -> bool:
    """Whether another section begins; letters part an index."""
    return chunk.kind == "heading" and chunk.level <= heading.level and len(chunk.text) > 1


def _is_sentence(chunk: Chunk) -> bool:
    words = sum(len(line.text.split()) for line in chunk.lines)
    return words > 25 or (words > 6 and chunk.lines[-1].text.endswith((".", "!", "?")))


class _Writer:
    def __init__(self, vocabulary: Vocabulary, outline: Outline) -> None:
        self.vocabulary = vocabulary
        self.outline = outline
        self.blocks: list[AnyBlock] = []
        self.drawn = 0

    def write(self, chunk: Chunk, tables: dict[int, Grid]) -> None:
        place = chunk.place
        if chunk.kind == "table":
            rows = tables[id(chunk.lines[0])].rows
            self.blocks.append(Table(id="", place=place, header=rows[0], rows=tuple(rows[1:])))
        elif chunk.kind == "code":
            self.blocks.append(Code(id="", place=place, text=_listing(chunk.lines)))
        elif chunk.kind == "formula":
            self.formula(chunk, place)
        elif chunk.kind in ("title", "heading"):
            self.heading(chunk, place)
        elif chunk.kind == "quote":
            self.blocks.append(Quote(id="", place=place, text=self.text(chunk)))
        elif chunk.kind == "item":
            self.item(chunk, place)
        else:
            self.paragraph(self.text(chunk), _terms(chunk), place)

    def text(self, chunk: Chunk) -> str:
        text = self.vocabulary.join((line.text for line in chunk.lines), hyphens_break=True)
        return _DOTS.sub("…", text)

    def heading(self, chunk: Chunk, place: Place) -> None:
        text = self.text(chunk)
        if chunk.kind == "heading":
            text = self.outline.written(chunk.lines[0].page, text)
            text = NUMBER.sub("", text, count=1)
        level = 1 if chunk.kind == "title" else chunk.level
        self.blocks.append(Heading(id="", place=place, level=level, text=text))

    def paragraph(self, text: str, terms: tuple[str, ...], place: Place) -> None:
        if any(map(str.isalpha, text)):
            self.blocks.append(Paragraph(id="", place=place, text=text, terms=terms))

    def formula(self, chunk: Chunk, place: Place) -> None:
        """Of a formula only what is set in one line, without fractions and scripts, is text."""
        line = chunk.lines[0]
        tex = " ".join(line.text.translate(_TEX).split())
        if len(chunk.lines) == 1 and line.linear and _RELATION.search(tex):
            self.blocks.append(Formula(id="", place=place, tex=tex))
        else:
            self.drawn += len(chunk.lines)

    def item(self, chunk: Chunk, place: Place) -> None:
        text = self.text(chunk)
        mark = BULLET.match(text)
        ordered = bool(ORDERED.match(text))
        label, text = split_label(text[mark.end() :] if mark else text)
        entry = Item(text=text, label=label)
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Listing) and last.ordered == ordered:
            self.blocks[-1] = Listing(
                id="", place=last.place, items=(*last.items, entry), ordered=ordered
            )
        else:
            self.blocks.append(Listing(id="", place=place, items=(entry,), ordered=ordered))


def _terms(chunk: Chunk) -> tuple[str, ...]:
    return tuple(
        term.strip(" .,:;")
        for line in chunk.lines
        for piece in line.pieces
        for term in piece.strong
    )


def _listing(lines: list[Line]) -> str:
    """Lines of code, indented as on the page: a letter of a code face is 0.6 em wide."""
    left = min(line.left for line in lines)
    return "\n".join(
        " " * round((line.left - left) / (0.6 * line.size)) + line.text for line in lines
    )
