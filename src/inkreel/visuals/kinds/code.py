"""Source code in a window: all lines from the start with a band over the lines in focus, or,
without focus, the lines in a few groups."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, replace
from itertools import groupby

from pygments.lexer import Lexer
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.lexers.special import TextLexer
from pygments.token import (
    Comment,
    Keyword,
    Literal,
    Name,
    Number,
    Operator,
    String,
    _TokenType,
)
from pygments.util import ClassNotFound

from inkreel.model import CodeVisual, Effect, Span
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.setting import cut
from inkreel.visuals.stage import Box
from inkreel.visuals.themes import CodeColours

_LARGEST, _WRAPPED, _READABLE, _SMALLEST = 42, 26, 24, 8
_TALL_WRAPPED, _MOST_WRAPS = 32, 3
"""In tall frames, which have the height for it, long lines are wrapped at larger sizes: into so
many rows at most."""
_ADVANCE = 0.6
_BAR = 64
_TAB = 4
_PAUSES = frozenset(" ,;")
_JOINTS = frozenset(".(){}[]=&|+-/?:<>!*")

# The first row that holds a token decides its colour and weight.
_LOOKS: tuple[tuple[tuple[_TokenType, ...], str, int], ...] = (
    ((Comment, String.Doc), "muted", 400),
    ((Keyword, Operator.Word, Name.Tag), "keyword", 700),
    ((Name.Function, Name.Class, Name.Builtin, Name.Attribute), "name", 400),
    ((String,), "string", 400),
    ((Number, Literal), "number", 400),
    ((Operator, Name.Decorator), "operator", 400),
)

_DIFFS = ("diff", "patch", "udiff")
_META = "@"
_METAS = ("@@", "--- ", "+++ ", "diff ", "index ")
_SIGNS = {"+": ("added", "plus", "+"), "-": ("removed", "minus", "−")}
"""Mark → band, colour of its sign, and the sign."""
_HEAD = re.compile(r"^\+\+\+ (?:b/)?(\S+)", re.MULTILINE)

Run = tuple[str, str, int]
"""Text, colour, weight."""


@dataclass(frozen=True, slots=True)
class Row:
    """A line as it is shown: `number` is empty for the continuation of a long line, `line` counts
    from 0."""

    number: str
    line: int
    runs: tuple[Run, ...]
    mark: str = ""
    """+ or - of a diff."""


@dataclass(frozen=True, slots=True)
class Panel:
    """The listing at a size: rows, their pitch, and the column where the text begins."""

    box: Box
    size: float
    pitch: float
    pad: float
    text_x: float
    rows: tuple[Row, ...]

    def top(self, index: int) -> float:
        return self.box.y + _BAR + self.pad + index * self.pitch


def draw(brief: Brief[CodeVisual]) -> int:
    """Draw the listing; a step for each focus, else for each group of lines."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    colours = brief.theme.code
    lines, marks = _lines(brief.visual, colours)
    panel = _fit(brief, lines, area)
    if _is_diff(brief.visual):
        panel = replace(panel, rows=tuple(_marked(row, marks[row.line]) for row in panel.rows))
    _draw_window(brief, panel)
    brief.canvas.note_body(panel.size)
    if brief.visual.focus:
        for row_index, row in enumerate(panel.rows):
            _draw_row(brief.canvas.base, panel, row_index, row, colours)
        for step, span in enumerate(brief.visual.focus):
            _draw_focus(brief, panel, step, span)
        return len(brief.visual.focus)
    groups = _groups([bool("".join(text for text, _, _ in line).strip()) for line in lines])
    for step, (first, last) in enumerate(groups):
        layer = brief.canvas.layer(f"lines-{step + 1}", step, Effect.WIPE)
        for row_index, row in enumerate(panel.rows):
            if first <= row.line < last:
                _draw_row(layer, panel, row_index, row, colours)
    return len(groups)


# --- Tokens --------------------------------------------------------------------------------------


def _is_diff(visual: CodeVisual) -> bool:
    return visual.diff or visual.language in _DIFFS


def _lexer(visual: CodeVisual) -> Lexer:
    """By the language, else by the name of the file, which a diff has in its head."""
    file = visual.file
    try:
        if visual.language and visual.language not in _DIFFS:
            return get_lexer_by_name(visual.language, stripnl=False)
        if not file and _is_diff(visual) and (match := _HEAD.search(visual.text)):
            file = match[1]
        return get_lexer_for_filename(file, stripnl=False)
    except ClassNotFound:
        return TextLexer(stripnl=False)


def _lines(visual: CodeVisual, colours: CodeColours) -> tuple[list[list[Run]], list[str]]:
    """Coloured runs of each line, and its mark in a diff; empty lines at the end are dropped."""
    source = visual.text.expandtabs(_TAB)
    marks = [""] * (source.count("\n") + 1)
    if _is_diff(visual):
        marks = [_mark(line) for line in source.split("\n")]
        pairs = zip(marks, source.split("\n"), strict=True)
        source = "\n".join(_unmarked(mark, line) for mark, line in pairs)
    lines = _coloured(source, visual, colours)
    for index, mark in enumerate(marks[: len(lines)]):
        if mark == _META:
            text = "".join(text for text, _, _ in lines[index])
            lines[index] = [(text, colours.muted, 400)] if text else []
    return lines, marks[: len(lines)]


def _mark(line: str) -> str:
    """+ or - of a line that came or went, `_META` of one about the diff itself."""
    if line.startswith(_METAS):
        return _META
    return line[:1] if line[:1] in ("+", "-") else ""


def _marked(row: Row, mark: str) -> Row:
    """A row of a diff: its sign stands where its number would."""
    sign = _SIGNS[mark][2] if mark in _SIGNS and row.number else ""
    return replace(row, number=sign, mark=mark)


def _unmarked(mark: str, line: str) -> str:
    return line if mark == _META else line[1:] if mark or line.startswith(" ") else line


def _coloured(source: str, visual: CodeVisual, colours: CodeColours) -> list[list[Run]]:
    lines: list[list[Run]] = [[]]
    for token, text in _lexer(visual).get_tokens(source):
        colour, weight = _look(token, colours)
        for index, part in enumerate(text.split("\n")):
            if index:
                lines.append([])
            if part:
                lines[-1].append((part, colour, weight))
    while len(lines) > 1 and not "".join(text for text, _, _ in lines[-1]).strip():
        lines.pop()
    return lines


def _look(token: _TokenType, colours: CodeColours) -> tuple[str, int]:
    for names, colour, weight in _LOOKS:
        if any(token[: len(name)] == name for name in names):
            return getattr(colours, colour), weight
    return colours.text, 400


# --- Layout --------------------------------------------------------------------------------------


def _fit(brief: Brief[CodeVisual], lines: list[list[Run]], area: Box) -> Panel:
    """The largest size at which all lines fit; below a readable one long lines are wrapped."""
    first = brief.visual.first
    tall = brief.canvas.stage.aspect == "tall"
    size = float(_LARGEST if area.w > 1000 or tall else 34)
    while size > _SMALLEST:
        wrap = size <= (_TALL_WRAPPED if tall else _WRAPPED)
        panel = _panel(lines, first, area, size, wrap=wrap)
        if panel is not None and (size <= _WRAPPED or _wraps(panel) <= _MOST_WRAPS):
            return panel
        size -= 1
    most = max(1, int((area.h - _BAR - 1.4 * size) // (1.28 * size)))
    columns = int((area.w - 60) // (_ADVANCE * size)) - 6
    clipped = [_clipped(line, columns) for line in lines[:most]]
    brief.lost("The end of a listing is not shown", "it is too long for one picture", crowded=True)
    return _panel(clipped, first, area, size, wrap=True) or Panel(area, size, size, 8, area.x, ())


def _wraps(panel: Panel) -> int:
    """Rows of the line that takes most of them."""
    return max(Counter(row.line for row in panel.rows).values(), default=0)


def _clipped(line: list[Run], columns: int) -> list[Run]:
    kept: list[Run] = []
    for text, colour, weight in line:
        room = columns - sum(len(t) for t, _, _ in kept)
        if room > 0:
            kept.append((text[:room], colour, weight))
    return kept


def _panel(
    lines: list[list[Run]], first: int, area: Box, size: float, *, wrap: bool
) -> Panel | None:
    """The listing at a size, its lines numbered from `first`; None where it does not fit."""
    cell = _ADVANCE * size
    digits = len(str(first + len(lines) - 1))
    margin = min(40.0, max(20.0, size)) if area.w > 1000 else 24.0
    text_x = area.x + margin + (digits + 1.6) * cell
    columns = int((area.right - margin - text_x) // cell)
    longest = max(sum(len(text) for text, _, _ in line) for line in lines)
    if longest > columns and not wrap:
        return None
    rows = tuple(
        row
        for index, line in enumerate(lines)
        for row in _wrapped(index, str(first + index), line, columns)
    )
    pitch = 1.56 * size
    pad = 0.7 * size
    room = area.h - _BAR - 2 * pad
    if len(rows) * pitch > room:
        pitch = room / len(rows)
        if pitch < (1.42 if size > _READABLE else 1.28) * size:
            return None
    height = _BAR + 2 * pad + len(rows) * pitch
    box = Box(area.x, resting_top(area, height), area.w, height)
    return Panel(box, size, pitch, pad, text_x, rows)


def _wrapped(index: int, number: str, line: list[Run], columns: int) -> list[Row]:
    """A line as rows of at most `columns` letters, cut after a space or comma where there is one,
    else after a sign but never within one of several letters; continuations are indented by two
    more than their line."""
    letters = [(letter, colour, weight) for text, colour, weight in line for letter in text]
    rows: list[Row] = []
    text = "".join(letter for letter, _, _ in letters)
    indent = min(len(text) - len(text.lstrip(" ")), columns // 4) + 2
    while len(letters) > columns:
        end = _end([letter for letter, _, _ in letters], columns)
        while end < len(letters) and letters[end][0] == " ":
            end += 1
        rows.append(_row(index, "" if rows else number, letters[:end]))
        letters = [(" ", "", 400)] * indent + letters[end:]
    if len(letters) > indent or not rows:
        rows.append(_row(index, "" if rows else number, letters))
    return rows


def _end(letters: list[str], columns: int) -> int:
    """How many of more than `columns` letters stand in a row."""
    places = range(columns, columns // 2, -1)
    pauses = (k for k in places if letters[k - 1] in _PAUSES)
    joints = (k for k in places if letters[k - 1] in _JOINTS and letters[k] not in _JOINTS)
    return next(pauses, None) or next(joints, columns)


def _row(index: int, number: str, letters: list[Run]) -> Row:
    """Neighbouring letters of one look become a run."""
    runs = [
        ("".join(letter for letter, _, _ in group), colour, weight)
        for (colour, weight), group in groupby(letters, key=lambda run: (run[1], run[2]))
    ]
    return Row(number, index, tuple(runs))


def _groups(filled: list[bool]) -> list[tuple[int, int]]:
    """Two to four groups of lines [first, last), cut at empty lines where there are any near."""
    count = len(filled)
    wanted = min(4, max(1, round(count / 5)) + 1, max(1, count))
    ends: list[int] = []
    for part in range(1, wanted):
        ideal = count * part / wanted
        low = (ends[-1] if ends else 0) + 1
        choices = range(low, count - (wanted - part) + 1)
        ends.append(
            min(choices, key=lambda end: abs(end - ideal) - (2.5 if not filled[end] else 0))
        )
    bounds = [0, *ends, count]
    return [(bounds[i], bounds[i + 1]) for i in range(wanted)]


# --- Drawing -------------------------------------------------------------------------------------


def _draw_window(brief: Brief[CodeVisual], panel: Panel) -> None:
    base, colours, box = brief.canvas.base, brief.theme.code, panel.box
    base.rect(Box(box.x, box.y, box.w, box.h), colours.panel, radius=24)
    base.rect(Box(box.x, box.y, box.w, _BAR), colours.bar, radius=(24, 24, 0, 0))
    base.rect(Box(box.x, box.y, box.w, box.h), None, radius=24, stroke=brief.theme.line)
    for index, colour in enumerate(("#F87171", "#FBBF24", "#34D399")):
        base.circle(box.x + 43 + index * 31, box.y + _BAR / 2, 9, colour)
    y = box.y + _BAR / 2 + 8
    language = _lexer(brief.visual).name if brief.visual.language or brief.visual.file else ""
    name = cut(language if language != "Text only" else "", Style(23, 600, colours.muted), 260, 1)
    base.text(box.right - 36, y, name.lines[0], Style(23, 600, colours.muted), "right")
    style = Style(25, 400, colours.muted, face="mono")
    base.text(box.x + 148, y, cut(brief.visual.file, style, box.w - 460, 1).lines[0], style)


def _draw_row(group: Group, panel: Panel, index: int, row: Row, colours: CodeColours) -> None:
    y = panel.top(index) + panel.pitch / 2 + 0.365 * panel.size
    cell = _ADVANCE * panel.size
    number = Style(panel.size, 400, colours.muted, face="mono")
    if row.mark in _SIGNS:
        band, sign, _ = _SIGNS[row.mark]
        top, bottom = panel.top(index), panel.top(index + 1)
        field = Box(panel.box.x + 2, top, panel.box.w - 4, bottom - top)
        group.rect(field, getattr(colours, band))
        number = replace(number, weight=700, fill=getattr(colours, sign))
    group.text(panel.text_x - 1.6 * cell, y, row.number, number, "right")
    column = 0
    for text, colour, weight in row.runs:
        shown = text.lstrip(" ")
        x = panel.text_x + (column + len(text) - len(shown)) * cell
        style = Style(panel.size, weight, colour, face="mono")
        group.text(x, y, shown.rstrip(" "), style)
        column += len(text)


def _draw_focus(brief: Brief[CodeVisual], panel: Panel, step: int, span: Span) -> None:
    """A band with the lines drawn on it again, so that they stay crisp above the base."""
    colours = brief.theme.code
    hit = [k for k, row in enumerate(panel.rows) if span.first <= row.line + 1 <= span.last]
    if not hit:
        return
    layer = brief.canvas.layer(f"focus-{step + 1}", step, Effect.FOCUS)
    top, bottom = panel.top(hit[0]), panel.top(hit[-1] + 1)
    layer.rect(Box(panel.box.x + 2, top, panel.box.w - 4, bottom - top), colours.band)
    for index in hit:
        _draw_row(layer, panel, index, panel.rows[index], colours)
    layer.rect(Box(panel.box.x + 2, top, 8, bottom - top), brief.theme.accent)
