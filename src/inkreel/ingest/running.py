"""Lines of all pages → the same without running heads, running feet and page numbers."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from inkreel.ingest.columns import Line

EDGE = 0.14
"""Share of the page's height at top and bottom where they stand."""
_DEEPEST = 3
"""Lines from the edge that are looked at."""
_DIGITS = re.compile(r"\d+|\b[ivxlc]+$", re.IGNORECASE)
_FEWEST_LETTERS = 6
"""Of a part of a line that is taken for a running head's."""
_FEWEST_PAGES = 3
_SLOT = 3.0
"""Points: running heads stand at one height, as nearly as this."""
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
    another page, lines that carry the page's number, and bare page numbers; and the outermost line
    where part of it comes back, or where it stands in the place of others that do."""
    places = list(_places(pages))
    seen = _seen(places)
    offset = _numbering(places, len(pages))
    found = [
        (page, line)
        for page, line, outermost in places
        if _comes_back(line, page, seen, outermost=outermost)
        or _PAGE_NUMBER.fullmatch(line.text)
        or offset in _offsets(line)
    ]
    slots = Counter(_slot(line, page) for page, line in found if any(map(str.isalpha, line.text)))
    usual = {slot for slot, count in slots.items() if count >= max(_FEWEST_PAGES, len(pages) / 4)}
    doomed = {id(line) for _, line in found}
    doomed.update(
        id(line)
        for page, line, outermost in places
        if outermost and _slot(line, page) in usual and _stands_apart(line, page)
    )
    for page in pages:
        page.lines = [line for line in page.lines if id(line) not in doomed]


def _places(pages: list[Page]) -> Iterator[tuple[Page, Line, bool]]:
    """The lines in the edges of pages, and whether each is the highest or the lowest."""
    for page in pages:
        edges = _edges(page)
        for at, line in enumerate(edges):
            yield page, line, at in (0, len(edges) - 1)


def _seen(places: list[tuple[Page, Line, bool]]) -> dict[tuple[str, int], set[int]]:
    """On which pages a key of a line, or of a part of an outermost one, stands."""
    seen: dict[tuple[str, int], set[int]] = defaultdict(set)
    for page, line, outermost in places:
        for key in (*_keys(line, page), *(_part_keys(line, page) if outermost else ())):
            seen[key].add(line.page)
    return seen


def _comes_back(
    line: Line, page: Page, seen: dict[tuple[str, int], set[int]], *, outermost: bool
) -> bool:
    parts = _part_keys(line, page) if outermost else ()
    return any(len(seen[key]) > 1 for key in _keys(line, page)) or any(
        len(seen[key]) >= _FEWEST_PAGES for key in parts
    )


def _part_keys(line: Line, page: Page) -> list[tuple[str, int]]:
    """Keys of the parts of a line that stand apart and are long enough to tell."""
    parts = [piece.text for piece in line.pieces] if len(line.pieces) > 1 else []
    long = (text for text in parts if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS)
    return [key for text in long for key in _masked(text, line, page)]


def _slot(line: Line, page: Page) -> tuple[bool, int, int]:
    """The place of a running head, and its size in points."""
    upper = line.top < page.height / 2
    distance = line.top if upper else page.height - line.bottom
    return upper, round(distance / _SLOT), round(line.size)


def _stands_apart(line: Line, page: Page) -> bool:
    """Whether the next line is further away than within a paragraph."""
    others = [other for other in page.lines if other is not line]
    gaps = [max(other.top - line.bottom, line.top - other.bottom) for other in others]
    return min(gaps, default=0.0) > 0.5 * line.size


def _numbering(places: list[tuple[Page, Line, bool]], pages: int) -> int | None:
    """What printed page numbers lag behind, when a quarter of all pages and at least three agree.
    "Chapter 2: Names 14" differs from chapter to chapter, but its number counts the pages."""
    votes = Counter(offset for _, line, _ in places for offset in set(_offsets(line)))
    offset, count = votes.most_common(1)[0] if votes else (0, 0)
    return offset if count >= max(3, pages / 4) else None


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
    return _masked(line.text, line, page)


def _masked(text: str, line: Line, page: Page) -> tuple[tuple[str, int], ...]:
    """Masked text with the height in steps of 6 points, both steps that it may round to."""
    masked = _DIGITS.sub("#", text).lower()
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
