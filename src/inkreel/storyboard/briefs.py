"""Document → Briefs: what a language model is told of each section, and what it may spend on it.

The prompts are Markdown files beside this module. What the document says goes into them as JSON, in
which no tag can close and nothing looks like the marks of a chat: a document is quoted, it does not
speak. A brief holds nothing of other sections but their headings, so that an edit stays local;
for the same reason time is shared out in coarse steps.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path

import msgspec

from inkreel.model import (
    AnyBlock,
    Brief,
    Cited,
    Code,
    Document,
    Formula,
    Heading,
    Image,
    Item,
    Language,
    Listing,
    Table,
)
from inkreel.storyboard.pace import COMFORT, SENTENCE_GAP, Pace
from inkreel.storyboard.sections import Section, divide
from inkreel.storyboard.tongue import Tongue

BLOCK_LETTERS = 6_000
"""Of one block: the rest of a longer one is not shown."""
_FRAME = 14.0
"""Seconds of the title card and the pauses of the close."""
_LEAST = 8.0
"""Seconds under which a section is not worth a scene."""
_SHOWN = 6.0
"""Seconds that a picture, a formula, a table or a piece of code gives to talk about, at least."""
_TERSE = 0.75
"""How long it takes to explain a text, to reading it out."""
_STEP = 1.15
"""Between two shares of time."""


def partition(document: Document, tongue: Tongue, characters: int) -> list[Section]:
    """The sections, those with too much text for one brief in several."""
    found = [
        part
        for section in divide(document, tongue)
        for part in _parted(section, max(1_000, characters))
    ]
    return [replace(section, place=place) for place, section in enumerate(found)]


def _parted(section: Section, characters: int) -> Iterator[Section]:
    parts: list[list[AnyBlock]] = [[]]
    size = 0
    for block in section.blocks:
        more = min(len(shown(block)), BLOCK_LETTERS)
        if parts[-1] and size + more > characters:
            parts.append([])
            size = 0
        parts[-1].append(block)
        size += more
    for number, blocks in enumerate(parts):
        opens = section.opens_chapter and not number
        yield replace(section, blocks=tuple(blocks), opens_chapter=opens)


def write(
    document: Document, sections: Sequence[Section], seconds: float | None, pace: Pace, most: float
) -> tuple[Brief | None, ...]:
    """A brief for each section that has something to tell and gets time for it, within `seconds`,
    or `most` when all is told."""
    natural = [_natural(section, pace) for section in sections]
    shares = shared(natural, (seconds or most) - _FRAME)
    told = [at for at, share in enumerate(shares) if share]
    outline = [section.heading for section in sections]
    outline = list(dict.fromkeys(outline))
    briefs: list[Brief | None] = [None] * len(sections)
    for at in told:
        place = "only" if len(told) == 1 else "middle"
        if len(told) > 1:
            place = {told[0]: "first", told[-1]: "last"}.get(at, "middle")
        briefs[at] = _brief(document, sections[at], outline, (place, shares[at]), pace)
    return tuple(briefs)


def shared(natural: Sequence[float], room: float) -> list[float]:
    """Seconds for each section: what it needs, or its share of the room; 0 for the shortest ones
    where there is not room for all."""
    kept = [at for at, need in enumerate(natural) if need]
    while len(kept) > 1 and room / len(kept) < _LEAST:
        kept.remove(min(kept, key=lambda at: (natural[at], -at)))
    total = sum(natural[at] for at in kept)
    factor = min(1.0, room / total) if total else 1.0
    if factor < 1.0:
        factor = _STEP ** math.floor(math.log(factor, _STEP))
    return [max(_LEAST, natural[at] * factor) if at in kept else 0.0 for at in range(len(natural))]


def _natural(section: Section, pace: Pace) -> float:
    """Seconds that it takes to explain a section; in steps, so that one sentence more or less
    changes nobody's share."""
    seconds = 0.0
    for block in section.blocks:
        if isinstance(block, Table | Code | Formula | Image):
            seconds += _SHOWN
        else:
            text = shown(block)
            seconds += (pace.sentence(text) + SENTENCE_GAP * text.count(". ")) * _TERSE
    if seconds < 2.0:
        return 0.0
    return max(_LEAST, _STEP ** round(math.log(seconds, _STEP)))


def _brief(
    document: Document,
    section: Section,
    outline: Sequence[str],
    share: tuple[str, float],
    pace: Pace,
) -> Brief:
    place, seconds = share
    language = document.language
    blocks = tuple(cited(block) for block in section.blocks)
    user = prompt("section", language).format(
        title=quoted(document.title),
        outline=quoted(list(outline)),
        heading=quoted(section.heading),
        place=_places(language)[place],
        seconds=round(seconds),
        words=pace.words(seconds),
        scenes=max(1, round(seconds / (sum(COMFORT) / 2))),
        blocks="\n".join(quoted(block) for block in blocks),
    )
    named = " ".join((document.title, section.eyebrow, *outline))
    system = prompt("write", language)
    return Brief(system, user, blocks, named, language, pace.words_per_minute)


def quoted(value: object) -> str:
    """As JSON in which no tag can close or open."""
    text = msgspec.json.encode(value).decode()
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


@cache
def prompt(name: str, language: Language) -> str:
    """A prompt by its name."""
    path = Path(__file__).with_name("prompts") / f"{name}.{language}.md"
    return path.read_text(encoding="utf-8").strip()


def _places(language: Language) -> dict[str, str]:
    lines = prompt("places", language).splitlines()
    return {name: said.strip() for name, _, said in (line.partition(":") for line in lines)}


# --- Blocks as text ------------------------------------------------------------------------------


def cited(block: AnyBlock) -> Cited:
    """A block as a model sees it."""
    kind = str(block.__struct_config__.tag)
    return Cited(block.id, "figure" if kind == "image" else kind, shown(block)[:BLOCK_LETTERS])


def shown(block: AnyBlock) -> str:
    """All text of a block."""
    match block:
        case Listing():
            marks = (f"{n}." if block.ordered else "-" for n in range(1, len(block.items) + 1))
            return "\n".join(
                _entry(mark, item) for mark, item in zip(marks, block.items, strict=True)
            )
        case Table():
            rows = [block.header, *block.rows]
            table = "\n".join(" | ".join(row) for row in rows)
            return f"{block.caption}\n{table}" if block.caption else table
        case Formula():
            return block.tex
        case Image():
            return block.caption or block.alt
        case Code() | Heading():
            return block.text
        case _:
            by = getattr(block, "by", "")
            return f"{block.text} — {by}" if by else block.text


def _entry(mark: str, item: Item) -> str:
    label = f"{item.label}: " if item.label else ""
    below = "".join(f"\n  - {child}" for child in item.children)
    return f"{mark} {label}{item.text}{below}"
