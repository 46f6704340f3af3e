"""Lines of all pages → the same without running heads, running feet and page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from dataclasses import dataclass

from inkreel.ingest.columns import Line

EDGE = 0.14
"""Share of the page's height at top and bottom where they stand."""
_DEEPEST = 3
"""Lines from the edge that are looked at."""
_DIGITS = re.compile(r"\d+")
_OUTER_NUMBER = re.compile(r"^\d{1,4}(?=\s)|(?<=\s)\d{1,4}$")
_CAPTION = re.compile(r"(?:figure|fig\.|table|hình|bảng|source|nguồn)\b", re.IGNORECASE)
_PAGE_NUMBER = re.compile(
    r"\W*(?:(?:page|trang|p\.)\s*)?(?:\d{1,4}|[ivxlc]{1,7})(?:\s*(?:/|of|trên)\s*\d{1,4})?\W*",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Page:
    """Lines of a page in reading order; `height` in points."""

    lines: list[Line]
    height: float


def drop_running(pages: list[Page]) -> None:
    """Take out lines at a page's edge that come back, with other digits, at the same height of
    another page, lines that carry the page's number, and bare page numbers."""
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for number, page in enumerate(pages):
        for line in _edges(page):
            for key in _keys(line, page):
                seen[key].add(number)
    offset = _numbering(pages)
    for page in pages:
        doomed = {
            id(line)
            for line in _edges(page)
            if any(len(seen[key]) > 1 for key in _keys(line, page))
            or _PAGE_NUMBER.fullmatch(line.text)
            or offset in _offsets(line)
        }
        page.lines = [line for line in page.lines if id(line) not in doomed]


def _numbering(pages: list[Page]) -> int | None:
    """What printed page numbers lag behind, when a quarter of all pages and at least three agree.
    "Chapter 2: Names 14" differs from chapter to chapter, but its number counts the pages."""
    votes = Counter(
        offset for page in pages for line in _edges(page) for offset in set(_offsets(line))
    )
    offset, count = votes.most_common(1)[0] if votes else (0, 0)
    return offset if count >= max(3, len(pages) / 4) else None


def _offsets(line: Line) -> list[int]:
    """Page minus the number that opens or ends a line."""
    return [line.page - int(number) for number in _OUTER_NUMBER.findall(line.text)]


def _edges(page: Page) -> list[Line]:
    """The outermost lines at top and bottom, as far as they stand in the edge."""
    by_height = sorted(page.lines, key=lambda line: line.top)
    top = [line for line in by_height[:_DEEPEST] if line.bottom < EDGE * page.height]
    foot = [line for line in by_height[-_DEEPEST:] if line.top > (1 - EDGE) * page.height]
    return top + foot


def _keys(line: Line, page: Page) -> tuple[tuple[str, int], ...]:
    """Masked text with the height in steps of 6 points, both steps that it may round to."""
    masked = _DIGITS.sub("#", line.text).lower()
    step = line.top / 6 if line.top < page.height / 2 else (page.height - line.top) / 6
    return (masked, int(step)), (masked, int(step + 0.5) + 100_000)


def drop_footnotes(pages: list[Page], body: float) -> int:
    """Take out what is set small below the last line of body text in a column; returns how many
    lines went. Captions and code stay."""
    dropped = 0
    for page in pages:
        lowest = {ln.column: ln.bottom for ln in page.lines if ln.size > 0.95 * body}
        kept = [
            line
            for line in page.lines
            if line.size > 0.92 * body
            or line.mono
            or line.top < max(lowest.get(line.column, page.height), 0.5 * page.height)
            or _CAPTION.match(line.text)
        ]
        dropped += len(page.lines) - len(kept)
        page.lines = kept
    return dropped


def most_common_size(pages: list[Page]) -> float:
    """The size of the body: the one most letters are set in, to half a point."""
    sizes: Counter[float] = Counter()
    for page in pages:
        for line in page.lines:
            for piece in line.pieces:
                sizes[round(piece.size * 2) / 2] += len(piece.text)
    return sizes.most_common(1)[0][0] if sizes else 10.0
