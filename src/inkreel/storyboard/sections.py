"""Document → its sections in reading order, without the parts nobody wants to hear."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace

from inkreel.model import AnyBlock, Document, Heading, Listing, Paragraph
from inkreel.storyboard import keyphrases, pictures, sentences, spoken
from inkreel.storyboard.tongue import Tongue

_NUMBERING = re.compile(
    r"^(?:(?:chapter|section|part|phần|chương|mục|bài)\s+(?:\d+|[IVX]+)|\d+(?:\.\d+)*|"
    r"[IVX]+)(?:\s*[.:)](?!\d)\s*|\s+[–-]\s+)"
    r"|^(?:\d+(?:\.\d+)+|[A-Z](?:\.\d+)+\.?)\s+(?-i:(?=[A-ZĐÀ-ỸƠƯ]))",
    re.IGNORECASE,
)
_LINKED = re.compile(r"https?://|www\.|\]\(|@\w+\.\w")
HEADING_LETTERS = 90
_SUBSTANTIAL = 30
"""Words from which a paragraph can be a part of its own."""


@dataclass(frozen=True, slots=True)
class Section:
    """The blocks under one heading, up to the next heading of any level."""

    heading: str
    eyebrow: str
    slug: str
    chapter: int
    """Number among the top sections, from 1; 0 before the first."""
    opens_chapter: bool
    concluding: bool
    blocks: tuple[AnyBlock, ...]
    children: tuple[str, ...] = ()
    """Headings one level finer that belong to this one."""
    source: str = ""
    """Id of the heading's block."""
    place: int = 0
    """Number among all sections, from 0."""
    found: bool = False
    """The heading was found in the text: the document has none."""


def divide(document: Document, tongue: Tongue) -> list[Section]:
    """Cut at headings; a heading's whole branch goes when its name says nobody listens to it."""
    title = title_of(document, tongue)
    top = _top_level(document)
    found: list[Section] = []
    parents: list[Heading] = []
    chapter = 0
    for heading, blocks in _runs(document, tongue):
        if heading is not None:
            parents = [p for p in parents if p.level < heading.level]
            chapter += heading.level == top
        if heading is None or heading.level >= top:
            found.append(_section(heading, blocks, parents, title, tongue))
            found[-1] = replace(
                found[-1],
                chapter=chapter,
                opens_chapter=heading is not None and heading.level == top,
            )
        if heading is not None and heading.level >= top:
            parents.append(heading)
    if len(found) == 1 and not chapter:
        found = _by_theme(found[0], tongue)
    placed = enumerate(_with_children(found, document))
    return [replace(section, place=place) for place, section in placed]


def _runs(
    document: Document, tongue: Tongue
) -> Iterator[tuple[Heading | None, tuple[AnyBlock, ...]]]:
    """Each heading with the blocks up to the next; skipped branches are left out."""
    heading: Heading | None = None
    blocks: list[AnyBlock] = []
    skipping: int | None = None
    for block in document.blocks:
        if not isinstance(block, Heading):
            if skipping is None and not _boilerplate(block):
                blocks.append(block)
            continue
        if skipping is not None and block.level > skipping:
            continue
        if skipping is None and (heading or blocks):
            yield heading, tuple(blocks)
        heading, blocks = block, []
        skipped = tongue.skipped.match(clean_heading(block.text, tongue))
        skipping = block.level if skipped else None
    if skipping is None and (heading or blocks):
        yield heading, tuple(blocks)


def _section(
    heading: Heading | None,
    blocks: tuple[AnyBlock, ...],
    parents: list[Heading],
    title: str,
    tongue: Tongue,
) -> Section:
    name = clean_heading(heading.text, tongue) if heading else ""
    eyebrow = short_title(parents[-1].text, tongue) if parents else title if name else ""
    return Section(
        heading=name or title,
        eyebrow=eyebrow,
        slug=slug(name or "intro"),
        chapter=0,
        opens_chapter=False,
        concluding=bool(name and tongue.concluding.match(name)),
        blocks=blocks,
        source=heading.id if heading else "",
    )


def _by_theme(whole: Section, tongue: Tongue) -> list[Section]:
    """A text without headings, cut before paragraphs that name a theme of their own."""
    texts = [b.text if isinstance(b, Paragraph) else "" for b in whole.blocks]
    if sum(len(text.split()) >= _SUBSTANTIAL for text in texts) < 4:
        return [whole]
    sections: list[Section] = []
    used = whole.heading
    for block, text in zip(whole.blocks, texts, strict=True):
        theme = ""
        if len(text.split()) >= _SUBSTANTIAL and sections:
            said = sentences.split(text, tongue)
            marked = pictures.Marked(around=keyphrases.fold(text))
            theme = pictures.theme([spoken.say(s, tongue).text for s in said], used, marked, tongue)
        if theme or not sections:
            used = f"{used} {theme}"
            sections.append(
                replace(
                    whole,
                    heading=theme or whole.heading,
                    eyebrow=whole.heading if theme else "",
                    slug=slug(theme or "intro"),
                    blocks=(),
                    found=bool(theme),
                )
            )
        sections[-1] = replace(sections[-1], blocks=(*sections[-1].blocks, block))
    return sections


def _top_level(document: Document) -> int:
    """The level of the main sections: the coarsest that occurs more than once."""
    levels = [b.level for b in document.blocks if isinstance(b, Heading)]
    for level in sorted(set(levels)):
        first = next(b for b in document.blocks if isinstance(b, Heading))
        alone = levels.count(level) == 1 and len(set(levels)) > 1
        if alone and first.level == level:
            continue
        return level
    return 1


def _with_children(sections: list[Section], document: Document) -> list[Section]:
    levels = {b.id: b.level for b in document.blocks if isinstance(b, Heading)}
    done: list[Section] = []
    for index, section in enumerate(sections):
        own = levels.get(section.source, 0)
        children: list[str] = []
        for later in sections[index + 1 :]:
            level = levels.get(later.source, 0)
            if level <= own or not own:
                break
            if level == own + 1:
                children.append(later.heading)
        done.append(replace(section, children=tuple(children)))
    return done


def _boilerplate(block: AnyBlock) -> bool:
    """Lists and paragraphs that are nothing but links: contents, badges."""
    if isinstance(block, Listing):
        linked = sum(bool(_LINKED.search(item.text)) for item in block.items)
        return linked * 2 > len(block.items)
    if isinstance(block, Paragraph):
        text = block.text.strip()
        return not any(map(str.isalpha, _LINKED.sub("", text)))
    return False


def clean_heading(text: str, tongue: Tongue) -> str:
    """Without markup, numbering and end mark; at most `HEADING_LETTERS`, cut between words."""
    text = spoken.plain(text, tongue)
    text = _NUMBERING.sub("", text, count=1).strip().rstrip(":.").strip() or text
    if text.isupper() and (len(text) > 12 or (" " in text and not text.isascii())):
        text = text.capitalize()
    return shorten(text[:1].upper() + text[1:], HEADING_LETTERS)


def shorten(text: str, letters: int) -> str:
    """The text, or its part before a colon, a dash, a comma, or as many words as fit."""
    if len(text) <= letters:
        return text
    for mark in (": ", " — ", " – ", " - ", "? ", "; ", ", ", " ("):
        head = text.split(mark, maxsplit=1)[0].strip()
        if 8 <= len(head) <= letters:
            return head + ("?" if mark == "? " else "")
    cut = text[: letters - 1].rsplit(" ", 1)[0].rstrip(" ,;:–—-")
    return cut + "…"


def title_of(document: Document, tongue: Tongue) -> str:
    """The document's short title; where it is nothing but an image or a link, its first heading
    or its first words."""
    named = [b.text for b in document.blocks if isinstance(b, Heading | Paragraph)]
    found = (short_title(text, tongue) for text in (document.title, *named))
    return next((text for text in found if text), "…")


def short_title(title: str, tongue: Tongue) -> str:
    """A title as an eyebrow: the part before its colon or dash."""
    return shorten(clean_heading(re.split(r":\s| [—–|-] ", title, maxsplit=1)[0], tongue), 52)


def slug(text: str) -> str:
    """Lower-case ASCII with hyphens, at most 40 letters."""
    plain = unicodedata.normalize("NFD", text.replace("đ", "d").replace("Đ", "d"))
    ascii_only = "".join(c for c in plain if c.isascii()).lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_only).strip("-")[:40].strip("-") or "part"
