"""Lines of a PDF in reading order → chunks: stretches of lines that belong together.

A chunk is opened by the first line's kind and ends where gap, indent, typeface or a short last
line say so.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from inkreel.ingest.columns import Line
from inkreel.ingest.headings import NUMBER, is_numbered, looks_like_heading
from inkreel.ingest.labels import BULLET
from inkreel.ingest.matter import is_abstract, is_contents, is_label
from inkreel.ingest.ruled import Grid
from inkreel.ingest.running import Page
from inkreel.ingest.wrapping import goes_on
from inkreel.model import Place

MAX_HEADING = 160
_ADDRESS = 4
"""An address of the web takes at most so many lines."""
_DOT = re.compile(r"[•‣◦▪▫●○■□➢➤✓\uf0b7\uf0a7]\s+\S")
TERMINAL = (".", "!", "?", ":", "…", "”", '"', ")")


@dataclass(slots=True)
class Outline:
    """Bookmarks: for each page (from 1), bare titles with their level (from 0), and as they are
    written."""

    pages: dict[int, dict[str, tuple[int, str]]] = field(default_factory=dict)
    count: int = 0

    def add(self, page: int, title: str, level: int) -> None:
        bare = bare_title(title)
        if bare:
            self.pages.setdefault(page, {})[bare] = level, title
            self.count += 1

    def level(self, page: int, text: str) -> int | None:
        level, _ = self.pages.get(page, {}).get(bare_title(text), (None, ""))
        return level

    def written(self, page: int, text: str) -> str:
        """The title, in small letters where the page has only capitals."""
        _, title = self.pages.get(page, {}).get(bare_title(text), (None, ""))
        return title if text.isupper() and title and not title.isupper() else text

    def begins(self, page: int, text: str) -> bool:
        """Whether a longer title of the page begins with this text."""
        bare = bare_title(text)
        titles = self.pages.get(page, ())
        return len(bare) >= 4 and any(t.startswith(bare) and t != bare for t in titles)


def bare_title(text: str) -> str:
    """Letters and digits only, without the section number: bookmarks and pages differ in both."""
    return "".join(c for c in NUMBER.sub("", text).casefold() if c.isalnum())


@dataclass(slots=True)
class Chunk:
    kind: str
    lines: list[Line]
    level: int = 0

    @property
    def text(self) -> str:
        return " ".join(line.text for line in self.lines)

    @property
    def place(self) -> Place:
        first = self.lines[0]
        same = [ln for ln in self.lines if (ln.page, ln.column) == (first.page, first.column)]
        box = (
            min(line.left for line in same),
            min(line.top for line in same),
            max(line.right for line in same),
            max(line.bottom for line in same),
        )
        return Place(page=first.page, box=tuple(round(edge, 1) for edge in box))  # type: ignore[arg-type]


@dataclass(slots=True)
class Setting:
    """How a document's body is set; sizes and distances in points."""

    size: float
    pitch: float
    """From one baseline to the next."""
    title_size: float
    """The size of the title on page 1; infinite when nothing there stands out."""
    edges: dict[tuple[int, int], tuple[float, float]]
    """Left and right of each page's columns."""


def measure(pages: list[Page], body: float) -> Setting:
    """Find pitch, column edges and the size of the title."""
    pitches: Counter[float] = Counter()
    lefts: dict[tuple[int, int], Counter[int]] = {}
    rights: dict[tuple[int, int], float] = {}
    for page in pages:
        for line, after in zip(page.lines, page.lines[1:], strict=False):
            if abs(line.size - body) < 0.6 and after.column == line.column:
                pitches[round((after.top - line.top) * 2) / 2] += 1
        for line in page.lines:
            key = (line.page, line.column)
            lefts.setdefault(key, Counter())[round(line.left)] += 1
            rights[key] = max(rights.get(key, 0.0), line.right)
    likely = [(n, pitch) for pitch, n in pitches.items() if 0.9 * body < pitch < 3 * body]
    edges = {key: (float(seen.most_common(1)[0][0]), rights[key]) for key, seen in lefts.items()}
    return Setting(body, max(likely)[1] if likely else 1.3 * body, _title_size(pages, body), edges)


def _title_size(pages: list[Page], body: float) -> float:
    first = pages[0] if pages else None
    if first is None:
        return float("inf")
    upper = [line for line in first.lines if line.top < 0.6 * first.height]
    largest = max((line.size for line in upper if len(line.text) > 2), default=0.0)
    return largest if largest > 1.3 * body else float("inf")


class Chunker:
    """Cuts lines into chunks."""

    def __init__(self, tables: dict[int, Grid], outline: Outline, setting: Setting) -> None:
        self.tables = tables
        self.outline = outline
        self.setting = setting
        self.past_heading = False

    def chunks(self, lines: list[Line]) -> Iterator[Chunk]:
        current: Chunk | None = None
        for line in lines:
            if is_contents(line.text):
                continue
            if self.is_label(line):
                if current:
                    yield current
                current = None
                continue
            kind = self.kind(line)
            if current and (
                self.continues(current, line, kind)
                or (kind == "code" and self.runs_on(current, line))
            ):
                current.lines.append(line)
                continue
            if current:
                yield current
            current = Chunk(kind, [line])
            self.past_heading |= kind == "heading"
        if current:
            yield current

    def is_label(self, line: Line) -> bool:
        """Whether a line is a word over what follows, and is neither told nor a heading."""
        if self.outline.level(line.page, line.text) is not None:
            return False
        opens = not self.past_heading and is_abstract(line.text) and self.kind(line) == "text"
        return opens or is_label(line.text)

    def kind(self, line: Line) -> str:
        if id(line) in self.tables:
            return "table"
        if _DOT.match(line.text):
            return "item"
        if self.is_title(line):
            return "title"
        if self.is_heading(line):
            return "heading"
        if line.mono:
            return "code"
        if line.maths or (len(line.text) < 9 and not any(map(str.isalpha, line.text))):
            # Numbers on their own are limits, numerators and denominators.
            return "formula"
        return "item" if BULLET.match(line.text) else "text"

    def is_title(self, line: Line) -> bool:
        return line.page == 1 and line.size > 0.97 * self.setting.title_size

    def is_heading(self, line: Line) -> bool:
        text = line.text
        body = self.setting.size
        if len(text) > MAX_HEADING or line.maths or line.mono or not any(map(str.isalpha, text)):
            return False
        large = line.size > 1.12 * body
        set_off = large or (line.bold and line.size > 0.95 * body)
        if self.outline.level(line.page, text) is not None:
            return True
        if set_off and self.outline.begins(line.page, text):
            return True
        if self.outline.count > 1 and not self.past_heading:
            return False
        if BULLET.match(text) and not (is_numbered(text) and set_off):
            return False
        if text[-1] in ".;,:" and not large:
            return False
        return (set_off and (large or len(text) <= 100)) or (
            looks_like_heading(text)
            and line.left < self.edges(line)[0] + 200
            and len(text) < 60
            and line.size > 0.97 * body
            and line.right < self.edges(line)[1] - 2 * body
        )

    def edges(self, line: Line) -> tuple[float, float]:
        return self.setting.edges[line.page, line.column]

    def continues(self, chunk: Chunk, line: Line, kind: str) -> bool:
        last = chunk.lines[-1]
        together = (last.page, last.column) == (line.page, line.column)
        gap = line.top - last.top
        if chunk.kind == "table":
            return kind == "table" and self.tables[id(line)] is self.tables[id(last)]
        if chunk.kind in ("title", "heading"):
            alike = abs(last.size - line.size) < 0.5 and last.bold == line.bold
            whole = self.outline.level(last.page, " ".join(ln.text for ln in chunk.lines))
            return (
                kind == chunk.kind
                and together
                and alike
                and gap < 1.7 * line.size
                and (whole is None)
            )
        if "formula" in (chunk.kind, kind):
            return chunk.kind == kind and together and gap < 2 * self.setting.pitch
        if chunk.kind == "code" or kind not in ("text", chunk.kind):
            return chunk.kind == kind and together
        if kind == "item":
            return False
        if chunk.kind == "item" and together and line.left < chunk.lines[0].left + 0.4 * line.size:
            return False
        return not self.breaks(last, line, in_item=chunk.kind == "item")

    def runs_on(self, chunk: Chunk, line: Line) -> bool:
        """Whether a line of fixed width is part of a sentence: it stands in line with the one
        before, and that has not ended."""
        last = chunk.lines[-1]
        left, right = self.edges(last)
        gap, indent = line.top - last.top, line.left - last.left
        text = ""
        for one in chunk.lines[-_ADDRESS:]:
            text += one.text if goes_on(text, one.text) else f" {one.text}"
        ended = text.endswith(TERMINAL) and not goes_on(text, line.text)
        deepest = 3.0 if chunk.kind == "item" and len(chunk.lines) == 1 else 0.4
        return (
            chunk.kind in ("text", "item")
            and (last.page, last.column) == (line.page, line.column)
            and 0 < gap < 1.25 * self.setting.pitch
            and -3 * last.size < indent < deepest * last.size
            and not ended
            and (len(chunk.lines) > 1 or last.right > (left + right) / 2)
        )

    def breaks(self, last: Line, line: Line, *, in_item: bool) -> bool:
        """Whether a new paragraph begins with `line`."""
        setting = self.setting
        ended = last.text.endswith(TERMINAL)
        if abs(last.size - line.size) > 0.08 * last.size:
            return True
        if (last.page, last.column) != (line.page, line.column):
            return ended and not line.text[0].islower()
        gap = line.top - last.top
        if gap < 0 or gap > 1.25 * setting.pitch * max(1.0, line.size / setting.size):
            return True
        if in_item:
            return False
        left, right = self.edges(line)
        indented = line.left > left + 0.8 * line.size and last.left < left + 0.4 * line.size
        short = last.right < right - 0.15 * (right - left)
        return (indented or short) and ended and not line.text[0].islower()
