"""Plain text → blocks: paragraphs, lists, headings, quotes, as people type them.

A *group* is a run of filled lines between blank ones; each group is judged by its shape and by
its neighbours. All patterns are anchored and linear.
"""

from __future__ import annotations

import re
import textwrap
from collections import Counter
from dataclasses import dataclass

import msgspec

from inkreel.ingest.headings import NUMBER, is_chapter, is_numbered, level_of, looks_like_heading
from inkreel.ingest.inline import plain
from inkreel.ingest.labels import BULLET, ORDERED, labelled, split_label
from inkreel.ingest.matter import heads_contents, is_contents, is_label, is_rights
from inkreel.ingest.reading import Reading
from inkreel.ingest.wrapping import Vocabulary
from inkreel.model import AnyBlock, Code, Heading, Item, Listing, Paragraph, Place, Quote

LONG_LINE = 120
"""A line longer than this was not wrapped by hand: it is a paragraph."""
MAX_HEADING = 90

_UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,}|\*{3,})\s*")
_RULE = re.compile(r"[\s=\-_*~#+.]{3,}")
_QUOTED = re.compile(r"(?:>\s?)+")
_BYLINE = re.compile(r"(?:by|author|written by|tác giả|người viết)\b", re.IGNORECASE)
_GUTENBERG_START = re.compile(r"^\*\*\* ?START OF TH[^\n]*$", re.MULTILINE)
_GUTENBERG_END = re.compile(r"^\*\*\* ?END OF TH[^\n]*$", re.MULTILINE)
_FIELD = re.compile(r"([A-Z][A-Za-z-]{1,30}):\s*(.*)")
_MAIL_FIELDS = frozenset(("From", "To", "Subject", "Date", "Cc", "Message-ID", "Reply-To", "Sent"))


_COMMAND = re.compile(
    r"\s*(?:\$ [a-z./~]\S*.*|# (?=[a-z./])(?=.*(?: -|/|=|[|>$]|(?<=\w)-\w))[\w./+-]+.*)", re.ASCII
)
"""A line that is typed at a prompt; "# introduction" is a heading."""
_ROOT = re.compile(r"# [a-z./][\w./+-]*(?: .*)?", re.ASCII)
"""The same where root's prompt is known to be written."""
_CODED = re.compile(r"[={}<>|\\;$]|(?:^|\s)--?\w|\w\(\)")
_INDENT = 4
"""Letters by which a listing is set in."""
_LONG_LISTING = 10_000
"""Letters from which a listing takes in no more."""
_BOOK = 40
"""Groups from which a text has notices of rights before it."""
_OPENING = 12
"""They are among so many groups."""


@dataclass(slots=True)
class Group:
    """Filled lines that follow each other; `line` is the number of the first, from 1."""

    line: int
    lines: list[str]


def read_text(text: str) -> Reading:
    """Read plain text that `decode` made clean."""
    lines = text.expandtabs(4).split("\n")
    start, end, title = _body(text, lines)
    groups = _groups(lines, start, end)
    reader = _Reader(Vocabulary(lines[start:end]), groups)
    for index in range(len(groups)):
        reader.take(index)
    blocks = _even_levels(reader.blocks)
    opening = blocks[0] if blocks else None
    if not title and isinstance(opening, Heading) and not is_chapter(opening.text):
        title = opening.text
    beside = reader.beside
    left_out = f"Left out, table of contents, notices of rights: {beside} passage(s)."
    return Reading(blocks, stated=title, warnings=[left_out] if beside else [])


def _even_levels(blocks: list[AnyBlock]) -> list[AnyBlock]:
    """Levels that are used become 2, 3, …: lines of text have an order, no absolute level."""
    levels = sorted({block.level for block in blocks if isinstance(block, Heading)} - {1})
    even = {level: rank for rank, level in enumerate(levels, start=2)} | {1: 1}
    return [
        msgspec.structs.replace(block, level=even[block.level])
        if isinstance(block, Heading)
        else block
        for block in blocks
    ]


def _body(text: str, lines: list[str]) -> tuple[int, int, str]:
    """First line, end and title of what is told: Gutenberg's licence, a mail's header and its
    signature are not."""
    begin = _GUTENBERG_START.search(text)
    if begin:
        finish = _GUTENBERG_END.search(text, begin.end())
        start = text.count("\n", 0, begin.end()) + 1
        end = text.count("\n", 0, finish.start()) if finish else len(lines)
        title = next((ln[7:].strip() for ln in lines[:start] if ln.startswith("Title: ")), "")
        return start, end, title
    return _mail_body(lines)


def _mail_body(lines: list[str]) -> tuple[int, int, str]:
    at = 0
    fields: dict[str, str] = {}
    while at < min(60, len(lines)) and lines[at].strip():
        field = _FIELD.match(lines[at])
        if field:
            fields[field.group(1)] = field.group(2).strip()
        elif not lines[at].startswith(" "):
            return 0, len(lines), ""
        at += 1
    if len(_MAIL_FIELDS & fields.keys()) < 2:
        return 0, len(lines), ""
    signature = next((i for i in range(at, len(lines)) if lines[i] in ("-- ", "--")), len(lines))
    return at, signature, fields.get("Subject", "")


def _groups(lines: list[str], start: int, end: int) -> list[Group]:
    groups: list[Group] = []
    current: list[str] = []
    for number in range(start, end):
        line = lines[number].rstrip()
        if line.strip():
            if not current:
                groups.append(Group(number + 1, current))
            current.append(line)
        else:
            current = []
    return groups


class _Reader:
    def __init__(self, vocabulary: Vocabulary, groups: list[Group]) -> None:
        self.vocabulary = vocabulary
        self.groups = groups
        self.blocks: list[AnyBlock] = []
        hashed = (line for group in groups for line in group.lines if line.startswith("#"))
        self.typed = any(map(_COMMAND.fullmatch, hashed))
        """Root's prompt is written."""
        indents = Counter(_indent(group.lines[0]) for group in groups)
        self.indent = indents.most_common(1)[0][0] if indents else 0
        self.beside = 0
        """Passages that are left out."""
        self.listed = False
        """Within a table of contents."""
        # Whoever marks headings so begins with one.
        self.hashes_head = not self.typed or groups[0].lines[0].startswith("#")

    def take(self, index: int) -> None:
        group = self.groups[index]
        if len(self.groups) > _BOOK and index < _OPENING and is_rights(" ".join(group.lines)):
            self.beside += 1
            return
        alone = group.lines[0].strip() if len(group.lines) == 1 else ""
        if heads_contents(alone):
            self.listed = True
            return
        self.listed = self.listed and _lists(group.lines)
        self.beside += self.listed
        if self.listed or is_label(alone):
            return
        if self.is_code(group.lines):
            self.code(group.lines, group.line)
            return
        lines = self.headings_at_start(group)
        if not lines:
            return
        line = group.line + len(group.lines) - len(lines)
        if _QUOTED.match(lines[0]) and all(_QUOTED.match(text) for text in lines):
            self.quote(lines, line)
        elif len(lines) == 1 and self.is_heading(lines[0], index):
            self.heading(lines[0], line)
        elif BULLET.match(lines[0]) and self.is_list(lines, index):
            self.listing(lines, line)
        elif pairs := labelled(lines):
            items = tuple(Item(text=plain(said), label=label) for label, said in pairs)
            self.blocks.append(Listing(id="", place=Place(line=line), items=items))
        else:
            self.paragraphs(lines, line)

    def headings_at_start(self, group: Group) -> list[str]:
        """Takes an underlined or `#` heading off a group; returns the lines that are left."""
        lines = group.lines
        if len(lines) > 1 and _UNDERLINE.fullmatch(lines[1]) and len(lines[0]) <= MAX_HEADING:
            level = 1 if lines[1].strip()[0] in "=*" else 2
            self.add_heading(lines[0], level, group.line)
            return lines[2:]
        marked = self.hashes_head and re.match(r"#{1,6} \S", lines[0])
        if marked and lines[0][-1] not in ".:;," and len(lines[0]) <= MAX_HEADING:
            marks, _, text = lines[0].partition(" ")
            self.add_heading(text.rstrip("# "), len(marks), group.line)
            return lines[1:]
        return [] if len(lines) == 1 and _RULE.fullmatch(lines[0]) else lines

    def is_heading(self, line: str, index: int) -> bool:
        text = line.strip()
        if len(text) > MAX_HEADING:
            return False
        after = self.groups[index + 1].lines[0] if index + 1 < len(self.groups) else ""
        if not after:
            return False
        if looks_like_heading(text):
            return True
        if is_numbered(text):
            # "1. Title" before prose; "1. Buy milk" before "2. …" is an entry of a list.
            return not ORDERED.match(after) and text[-1] not in ".;,"
        if BULLET.match(line) or line.startswith("  ") or text[-1] in ".!?:;,…\"”'":
            return False
        if not (text[0].isupper() or text[0].isdigit()) or _BYLINE.match(text):
            return False
        words = len(text.split())
        if len(text) > 70 or words > 12:
            return False
        # Before prose; a shorter one also before a list or the sentence that announces it.
        announces = BULLET.match(after) or after.endswith(":")
        return len(after) > max(50, len(text)) or (words <= 8 and bool(announces))

    @staticmethod
    def is_list(lines: list[str], index: int) -> bool:  # noqa: ARG004
        """A lone "- I see, he said." is dialogue, not a list; a dash list has two entries."""
        entries = sum(bool(BULLET.match(line)) for line in lines)
        return entries > 1 or not re.match(r"\s*[-–]\s", lines[0])

    def heading(self, line: str, number: int) -> None:
        self.add_heading(line, level_of(line.strip()), number)

    def add_heading(self, text: str, level: int, number: int) -> None:
        self.blocks.append(
            Heading(id="", place=Place(line=number), level=level, text=plain(text).strip())
        )

    def is_code(self, lines: list[str]) -> bool:
        """Whether all lines are commands, or most look like code among lines that are all indented,
        or below comments."""
        root = _ROOT if self.typed else _COMMAND
        if all(_COMMAND.fullmatch(line) or root.fullmatch(line) for line in lines):
            return True
        own = [line for line in lines if not line.startswith("#")]
        commented = len(own) < len(lines)
        set_in = all(_indent(line) >= self.indent + _INDENT for line in lines)
        if not own or not (commented or set_in):
            return False
        return 2 * sum(bool(_CODED.search(line)) for line in own) > len(own)

    def code(self, lines: list[str], number: int) -> None:
        text = textwrap.dedent("\n".join(lines))
        last = self.blocks[-1] if self.blocks else None
        if isinstance(last, Code) and last.place.line and len(last.text) < _LONG_LISTING:
            gap = number - last.place.line - last.text.count("\n") - 1
            if gap <= 1:  # with blank lines in it
                whole = last.text + "\n" * (gap + 1) + text
                self.blocks[-1] = msgspec.structs.replace(last, text=whole)
                return
        self.blocks.append(Code(id="", place=Place(line=number), text=text))

    def quote(self, lines: list[str], number: int) -> None:
        text = self.join([_QUOTED.sub("", line, count=1) for line in lines])
        if text:
            self.blocks.append(Quote(id="", place=Place(line=number), text=text))

    def listing(self, lines: list[str], number: int) -> None:
        first = BULLET.match(lines[0])
        indent = len(first.group(1)) if first else 0
        entries: list[tuple[list[str], list[list[str]]]] = []
        for line in lines:
            bullet = BULLET.match(line)
            if bullet and len(bullet.group(1)) <= indent + 1:
                entries.append(([line[bullet.end() :]], []))
            elif bullet:
                entries[-1][1].append([line[bullet.end() :]])
            else:
                entry, children = entries[-1]
                (children[-1] if children else entry).append(line)
        items = tuple(self.item(entry, children) for entry, children in entries)
        ordered = bool(ORDERED.match(lines[0]))
        previous = self.blocks[-1] if self.blocks else None
        if isinstance(previous, Listing) and previous.ordered == ordered:
            # Entries with blank lines between them are one list.
            place, items = previous.place, previous.items + items
            self.blocks[-1] = Listing(id="", place=place, items=items, ordered=ordered)
            return
        self.blocks.append(Listing(id="", place=Place(line=number), items=items, ordered=ordered))

    def item(self, entry: list[str], children: list[list[str]]) -> Item:
        label, text = split_label(self.join(entry))
        return Item(text=text, label=label, children=tuple(map(self.join, children)))

    def paragraphs(self, lines: list[str], number: int) -> None:
        """A group is a paragraph, unless its lines are paragraphs or it goes over into a list."""
        current: list[str] = []
        first = number
        width = max(map(len, lines))
        for offset, line in enumerate(lines):
            if BULLET.match(line) and self.is_list(lines[offset:], 0) and offset:
                self.paragraph(current, first)
                self.listing(lines[offset:], number + offset)
                return
            if current and _starts_paragraph(current[-1], line, width):
                self.paragraph(current, first)
                current, first = [], number + offset
            current.append(line)
        self.paragraph(current, first)

    def paragraph(self, lines: list[str], number: int) -> None:
        text = self.join(lines)
        if any(map(str.isalnum, text)):
            self.blocks.append(Paragraph(id="", place=Place(line=number), text=text))

    def join(self, lines: list[str]) -> str:
        return " ".join(plain(self.vocabulary.join(lines, hyphens_break=False)).split())


def _lists(lines: list[str]) -> bool:
    """Whether most lines are entries of a table of contents: titles with their numbers."""
    entries = sum(bool(NUMBER.match(line)) or is_contents(line) for line in lines)
    return len(lines) > 1 and 2 * entries >= len(lines)


def _indent(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def _starts_paragraph(before: str, line: str, width: int) -> bool:
    if width > LONG_LINE:
        return True
    ended = before.rstrip()[-1:] in '.!?:…"”'
    indented = line.startswith("  ") and not before.startswith(" ")
    return ended and (indented or len(before) < 0.6 * width) and line.lstrip()[:1].isupper()
