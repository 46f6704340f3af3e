"""What a book has before and behind its text: a table of contents, notices of rights, an index."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import pairwise

from inkreel.ingest.columns import Line

_NUMBER = r"(?:\d{1,4}|[ivxlc]{1,7})"
_LEADER = re.compile(rf"(?:\.\s?){{4,}}\s*({_NUMBER})?\s*$")
_ENTRY = re.compile(rf"\s{_NUMBER}$")
_TITLE = re.compile(
    r"(?:table of )?contents|toc|list of (?:figures|tables|examples|listings)"
    r"|mục lục|danh (?:mục|sách) (?:các )?(?:bảng|hình)(?: vẽ| ảnh| biểu)?",
    re.IGNORECASE,
)
_LEADERS = 3
"""Lines with dots and a page's number, before they are a table of contents."""
_UPPERMOST = 6
"""A page's title is one of so many lines."""

_INDEX = re.compile(r"(?:general |subject )?index|(?:bảng )?chỉ mục|mục từ", re.IGNORECASE)
_INDEXED = re.compile(r",\s*\d{1,4}(?:\s*[,–-]\s*\d{1,4})*$")
_RIGHTS = re.compile(
    r"©|\b(?:copyright|bản quyền)\s+(?:\(?c\)?\s+)?\d{4}|\ball rights reserved\b|\bISBN\b"
    r"|\bpermission is granted\b|\bgeneral public license\b|\bgiấy phép công cộng\b"
    r"|\bwithout (?:any|even the implied) warranty\b",
    re.IGNORECASE,
)
_ABSTRACT = re.compile(r"abstract|summary|tóm tắt", re.IGNORECASE)
_LABEL = re.compile(
    r"note|warning|tip|caution|important|hint|ghi chú|lưu ý|chú ý|cảnh báo|mẹo", re.IGNORECASE
)
_ORDINAL = re.compile(
    r"(?:(?:chapter|part|appendix|chương|phần|phụ lục)\s+)?"
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|[A-Z]|\d{1,2}|[IVXL]{1,6})",
    re.IGNORECASE,
)


def without_contents(pages: Sequence[list[Line]]) -> list[list[Line]]:
    """The lines of all pages without tables of contents and lists of figures."""
    spans: list[tuple[int, int] | None] = []
    for lines in pages:
        spans.append(_contents(lines, goes_on=bool(spans) and spans[-1] is not None))
    kept = []
    for at, (lines, span) in enumerate(zip(pages, spans, strict=True)):
        if span is None:
            kept.append(lines)
            continue
        # An entry may be broken over two pages.
        first = 0 if at and spans[at - 1] else span[0]
        last = len(lines) if spans[at + 1 : at + 2] not in ([], [None]) else span[1]
        kept.append(lines[:first] + lines[last:])
    return kept


def _contents(lines: list[Line], *, goes_on: bool) -> tuple[int, int] | None:
    """From which line to which a page holds entries with the numbers of their pages."""
    texts = [line.text for line in lines]
    leaders = [at for at, text in enumerate(texts) if _LEADER.search(text)]
    entries = [at for at, text in enumerate(texts) if at in leaders or _ENTRY.search(text)]
    title = next((at for at, text in enumerate(texts[:_UPPERMOST]) if _TITLE.fullmatch(text)), None)
    led = len(leaders) >= (1 if goes_on else _LEADERS) and _ascend(texts[at] for at in leaders)
    listed = title is not None or goes_on
    if not led and not (listed and len(entries) >= max(_LEADERS, 0.6 * len(lines))):
        return None
    first, last = (leaders or entries)[0], (leaders or entries)[-1]
    if title is not None:
        first = min(title, first)
    else:
        while first and first - 1 in entries:
            first -= 1
    while last + 1 in entries:
        last += 1
    return first, last + 1


def _ascend(texts: Iterable[str]) -> bool:
    """Whether the numbers at the ends of lines are those of pages, and not of prices."""
    found = (_LEADER.search(text) for text in texts)
    numbers = [int(match[1]) for match in found if match and (match[1] or "").isdigit()]
    # A list of figures behind the contents begins again.
    falls = sum(after < before for before, after in pairwise(numbers))
    return bool(numbers) and falls <= len(numbers) // 5


def is_contents(line: str) -> bool:
    """Whether a line is of a table of contents, or its title."""
    return bool(_LEADER.search(line)) or heads_contents(line)


def heads_contents(line: str) -> bool:
    """Whether a line is the title of a table of contents, or of a list of figures."""
    return bool(_TITLE.fullmatch(line))


def is_index(heading: str) -> bool:
    """Whether an index may stand below a heading."""
    return bool(_INDEX.fullmatch(heading))


def are_indexed(lines: Sequence[str]) -> bool:
    """Whether most lines are words with the pages that they stand on."""
    indexed = sum(bool(_INDEXED.search(line)) for line in lines)
    return 2 * indexed >= len(lines) > 0


def is_rights(text: str) -> bool:
    """Whether a paragraph before the text says who may copy it."""
    return bool(_RIGHTS.search(text))


def is_ordinal(text: str) -> bool:
    """Whether a line only counts the chapter whose title follows."""
    return bool(_ORDINAL.fullmatch(text))


def is_abstract(text: str) -> bool:
    """Whether a line is the word over what a book says of itself."""
    return bool(_ABSTRACT.fullmatch(text))


def is_label(text: str) -> bool:
    """Whether a line is the word that stands over a note."""
    return bool(_LABEL.fullmatch(text.rstrip(" :!")))
