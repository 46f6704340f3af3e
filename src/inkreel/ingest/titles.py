"""Blocks → the document's title, and the blocks without it."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from inkreel.model import AnyBlock, Heading, Paragraph

MAX_TITLE = 160
_JUNK = re.compile(
    r"^(?:microsoft \w+\s*-|untitled|no title|document\d*$|slide \d|presentation\d*$)"
    r"|\.(?:docx?|tex|indd|qxd|pdf|odt|rtf|pptx?|txt|md|dvi)$",
    re.IGNORECASE,
)


def choose_title(
    blocks: list[AnyBlock], *, stated: str = "", metadata: str = "", name: str = ""
) -> tuple[str, list[AnyBlock]]:
    """The title: `stated` (front matter), the first top heading, `metadata` (of a PDF) if it is
    sensible, the first short line, the file's name. A heading that became the title is taken out.
    """
    if stated:
        opening = (block for block in blocks[:5] if isinstance(block, Heading))
        same = next((h for h in opening if _bare(h.text) == _bare(stated)), None)
        return stated[:MAX_TITLE], _without(blocks, same)
    heading = _top_heading(blocks)
    if heading is not None:
        return heading.text[:MAX_TITLE], _without(blocks, heading)
    if is_sensible(metadata):
        return metadata[:MAX_TITLE], blocks
    first = blocks[0] if blocks else None
    if isinstance(first, Paragraph) and _is_title_like(first.text) and len(blocks) > 1:
        return first.text, blocks[1:]
    return _from_name(name) or _opening(blocks), blocks


def is_sensible(metadata: str) -> bool:
    """Whether a PDF's title field was written by a person, not by the program."""
    text = metadata.strip()
    return len(text) > 3 and not _JUNK.search(text) and any(map(str.isalpha, text))


def _top_heading(blocks: list[AnyBlock]) -> Heading | None:
    """The first heading, if its level is 1; else the first block, if it is the only heading of its
    level and none is above it."""
    headings = [block for block in blocks if isinstance(block, Heading)]
    if not headings:
        return None
    levels = [heading.level for heading in headings]
    alone = levels[0] == min(levels) and levels.count(levels[0]) == 1
    return headings[0] if levels[0] == 1 or (headings[0] is blocks[0] and alone) else None


def _without(blocks: list[AnyBlock], heading: Heading | None) -> list[AnyBlock]:
    return [block for block in blocks if block is not heading]


def _bare(text: str) -> str:
    return " ".join(re.findall(r"\w+", text.casefold()))


def _is_title_like(text: str) -> bool:
    return len(text) <= 80 and len(text.split()) <= 14 and text[-1] not in ".!?:;,…"


def _from_name(name: str) -> str:
    """`my-report_final.md` → "My report final"; "" for stdin."""
    stem = PurePosixPath(name).stem
    if stem in ("", "stdin", "-"):
        return ""
    words = " ".join(re.split(r"[\s_\-]+", stem)).strip()
    return words[:1].upper() + words[1:MAX_TITLE]


def _opening(blocks: list[AnyBlock]) -> str:
    """The first words that there are."""
    for block in blocks:
        if isinstance(block, Heading | Paragraph):
            words = block.text.split()
            return " ".join(words[:8])[:MAX_TITLE] + ("…" if len(words) > 8 else "")
    return "Document"
