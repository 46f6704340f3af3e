"""A table: frame and header from the start, a step for each row."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import dataclass

from inkreel.model import Effect, TableVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Corners, Group, Style
from inkreel.visuals.header import draw_background, draw_header, resting_top
from inkreel.visuals.setting import Setting, cut, width_of
from inkreel.visuals.stage import Box

_FIGURE = re.compile(
    r"^[\s\d.,%+\-–−—×x≈~<>≤≥$€£₫°/:()]*$|^[+\-−~≈<>≤≥×]?\s*[$€£]?\d[\d.,\s]*\s?\S{0,12}$"
)
_READABLE, _SMALLEST = 24, 12
_SIZES = (*range(42, _READABLE, -2), *range(_READABLE, _SMALLEST, -1))
_PLAIN = re.compile(r"[+\-−]?[$€£₫]?\d[\d.,\u00a0]*")
_DECIMALS = re.compile(r"[.,]\d+$")
_THOUSANDS = 4
"""Letters of a mark with three digits, which may be thousands."""
_TALL_LINES = 4
"""Lines of a cell in a tall frame, which has the height for them, also where text is large."""
_NAME_LINES = 2
"""Lines of what a row is called: it is read first, and at a glance."""
_RADIUS = 26
_MOST_COLUMNS, _MOST_ROWS = 24, 80


@dataclass(frozen=True, slots=True)
class Grid:
    """The table at one size: where columns stand, how high rows are, every cell's lines."""

    size: float
    pad: float
    columns: tuple[Box, ...]
    """x and w are used."""
    right: tuple[bool, ...]
    header: tuple[Setting, ...]
    header_height: float
    rows: tuple[tuple[Setting, ...], ...]
    heights: tuple[float, ...]
    whole: bool = True
    """No word is split."""
    marks: tuple[str, ...] = ()
    """For each column the decimal mark at which its figures stand under each other, or nothing."""

    @property
    def height(self) -> float:
        return self.header_height + sum(self.heights)


def draw(brief: Brief[TableVisual]) -> int:
    """Draw the table; a step for each row."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    header, rows = _squared(brief.visual)
    if not header:
        return 0
    header, rows = _bounded(brief, header, rows)
    grid = _fit(brief, header, rows, area)
    if any(cell.cut for row in (grid.header, *grid.rows) for cell in row):
        brief.shortened("A table cell")
    top = resting_top(area, grid.height)
    _draw_frame(brief, grid, area, top)
    y = top + grid.header_height
    for index, height in enumerate(grid.heights):
        _draw_row(brief, grid, index, Box(area.x, y, area.w, height))
        y += height
    brief.canvas.note_body(grid.size)
    return len(rows)


def _squared(visual: TableVisual) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Header and rows, all of the same length."""
    count = max((len(row) for row in (visual.header, *visual.rows)), default=0)
    header = (*visual.header, *[""] * (count - len(visual.header)))
    return header, tuple((*row, *[""] * (count - len(row))) for row in visual.rows)


def _bounded(
    brief: Brief[TableVisual], header: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """As many columns and rows as can be told apart; that others are missing is told."""
    if len(header) > _MOST_COLUMNS or len(rows) > _MOST_ROWS:
        what = f"Of {len(rows)} rows and {len(header)} columns only the first are shown"
        why = f"a picture holds {_MOST_ROWS} and {_MOST_COLUMNS}"
        brief.lost(what, why, crowded=True)
    return header[:_MOST_COLUMNS], tuple(row[:_MOST_COLUMNS] for row in rows[:_MOST_ROWS])


def _fit(
    brief: Brief[TableVisual], header: tuple[str, ...], rows: tuple[tuple[str, ...], ...], area: Box
) -> Grid:
    """The largest size whose rows fit; cells wrap to two lines, to more below readable sizes."""
    grids: dict[int, Grid] = {}
    tall = brief.canvas.stage.aspect == "tall"

    def fits(size: int) -> bool:
        grids[size] = grid = _set(brief, header, rows, area, size, _TALL_LINES if tall else 0)
        cells = (cell for row in (grid.header, *grid.rows) for cell in row)
        names = max((len(row[0].lines) for row in grid.rows), default=0)
        calm = not tall or size <= _READABLE or (grid.whole and names <= _NAME_LINES)
        return grid.height <= area.h and calm and not any(cell.cut for cell in cells)

    at = bisect_left(_SIZES, 1, key=fits)  # what fits at a size fits at all that are smaller
    if at < len(_SIZES):
        return _airy(grids[_SIZES[at]], area)
    size = _SMALLEST
    brief.shortened("A cell of the table")
    for most in (4, 2, 1):
        grid = _set(brief, header, rows, area, size, most)
        if grid.height <= area.h:
            return _airy(grid, area)
    while grid.height > area.h and size > 6:
        size -= 1
        grid = _set(brief, header, rows, area, size, 1)
    return _airy(grid, area)


def _airy(grid: Grid, area: Box) -> Grid:
    """Rows as high as looks well: two to two and a half times the text."""
    count = max(1, len(grid.rows))
    extra = min((area.h - grid.height) / count, (0.9 if area.h < 700 else 1.9) * grid.size)
    heights = tuple(height + max(0.0, extra) for height in grid.heights)
    return Grid(
        grid.size,
        grid.pad,
        grid.columns,
        grid.right,
        grid.header,
        grid.header_height,
        grid.rows,
        heights,
        grid.whole,
        grid.marks,
    )


def _styles(brief: Brief[TableVisual], size: float) -> tuple[Style, Style, Style]:
    """Header, first column, other cells."""
    return (
        Style(max(12, round(size * 0.74)), 600, brief.theme.accent),
        Style(size, 600, brief.theme.ink),
        Style(size, 400, brief.theme.muted),
    )


def _set(
    brief: Brief[TableVisual],
    header: tuple[str, ...],
    rows: tuple[tuple[str, ...], ...],
    area: Box,
    size: float,
    most: int = 0,
) -> Grid:
    head_style, first_style, cell_style = _styles(brief, size)
    styles = [first_style, *[cell_style] * (len(header) - 1)]
    pad = max(14, min(40, size)) if area.w > 1000 else max(12, min(28, size))
    tall = brief.canvas.stage.aspect == "tall"
    gap = size * (1.05 if tall and len(header) > 3 else 1.3)
    natural, least, words = [], [], []
    for column, name in enumerate(header):
        cells = (width_of(row[column], styles[column].sized(size)) for row in rows)
        # A highlighted row is set bolder, hence wider.
        natural.append(max(width_of(name, head_style), max(cells, default=0.0) * 1.06, size) + 2)
        figures = (row[column] for row in rows if _FIGURE.fullmatch(row[column].strip()))
        bold = styles[column].sized(size * 1.08)
        least.append(max((width_of(figure, bold) + 2 for figure in figures), default=0.0))
        parts = (word for row in rows for word in row[column].split())
        own = [width_of(part, bold) * 1.04 + 2 for part in parts]
        own += [width_of(part, head_style) + 2 for part in name.split()]
        words.append(max([least[-1], *own]))
    inner = area.w - 2 * pad - gap * (len(header) - 1)
    whole = sum(words) <= inner
    widths = _share(natural, words if tall and whole else least, inner)
    most = most or (2 if size > _READABLE else 4)
    head = tuple(cut(name, head_style, w, most) for name, w in zip(header, widths, strict=True))
    bolder = [Style(size, 700, "")] * len(header)
    body = tuple(
        tuple(
            cut(cell, style, w / 1.04, most)
            for cell, style, w in zip(
                row, bolder if index == brief.visual.highlight else styles, widths, strict=True
            )
        )
        for index, row in enumerate(rows)
    )
    air = size * (0.62 if len(rows) <= 10 else 0.34 if len(rows) <= 14 else 0.18)
    heights = tuple(max(len(cell.lines) for cell in row) * 1.22 * size + air for row in body)
    head_lines = max(len(cell.lines) for cell in head)
    head_height = head_lines * 1.22 * head_style.size + max(air, 0.9 * head_style.size)
    return Grid(
        size, pad, _columns(area, pad, gap, widths), _figures(rows, len(header)), head, head_height,
        body, heights, whole, _marks(rows, widths, styles),
    )  # fmt: skip


def _share(natural: list[float], least: list[float], inner: float) -> list[float]:
    """Column widths: what is free goes to all alike; what lacks is taken from the widest, but
    never so much that a figure would be broken, while there is room for all figures."""
    free = inner - sum(natural)
    if free >= 0:
        return [width + free / len(natural) for width in natural]
    if sum(least) > inner:
        least = [0.0] * len(natural)

    def capped(cap: float) -> list[float]:
        pairs = zip(natural, least, strict=True)
        return [max(floor, min(width, cap)) for width, floor in pairs]

    low, high = 0.0, max(natural)
    for _ in range(24):
        middle = (low + high) / 2
        if sum(capped(middle)) > inner:
            high = middle
        else:
            low = middle
    return capped(low)


def _columns(area: Box, pad: float, gap: float, widths: list[float]) -> tuple[Box, ...]:
    boxes, x = [], area.x + pad
    for width in widths:
        boxes.append(Box(x, 0, width, 0))
        x += width + gap
    return tuple(boxes)


def _figures(rows: tuple[tuple[str, ...], ...], count: int) -> tuple[bool, ...]:
    """Columns of figures are set to the right; the first column never is."""
    result = [False]
    for column in range(1, count):
        cells = [row[column].strip() for row in rows if row[column].strip()]
        result.append(bool(cells) and all(len(c) < 18 and _FIGURE.match(c) for c in cells))
    return tuple(result)


def _marks(
    rows: tuple[tuple[str, ...], ...], widths: list[float], styles: list[Style]
) -> tuple[str, ...]:
    """The decimal marks of columns whose numbers have unlike numbers of decimals, as far as there
    is room to align them."""
    found = []
    for column, (width, style) in enumerate(zip(widths, styles, strict=True)):
        cells = [row[column].strip() for row in rows if row[column].strip()]
        mark = _mark(cells)
        bold = style.sized(style.size * 1.08)
        before = max((width_of(cell.partition(mark)[0], bold) for cell in cells if mark), default=0)
        after = max((width_of(_tail(cell, mark), bold) for cell in cells if mark), default=0)
        found.append(mark if before + after <= width else "")
    return tuple(found)


def _mark(cells: list[str]) -> str:
    """The decimal mark of numbers of which some have other decimals than the others; nothing where
    a mark may as well part thousands."""
    if not all(_PLAIN.fullmatch(cell) for cell in cells):
        return ""
    tails = {match[0] for cell in cells if (match := _DECIMALS.search(cell))}
    marks = {tail[0] for tail in tails if len(tail) != _THOUSANDS}
    if len(marks) != 1:
        return ""
    (mark,) = marks
    if any(cell.count(mark) > 1 for cell in cells):
        return ""
    return mark if len({len(_tail(cell, mark)) for cell in cells}) > 1 else ""


def _tail(cell: str, mark: str) -> str:
    """The decimals of a number, with their mark."""
    _, found, decimals = cell.partition(mark) if mark else ("", "", "")
    return found + decimals


def _draw_frame(brief: Brief[TableVisual], grid: Grid, area: Box, top: float) -> None:
    base, theme = brief.canvas.base, brief.theme
    base.rect(Box(area.x, top, area.w, grid.height), theme.surface, radius=_RADIUS)
    round_top = min(_RADIUS, grid.header_height / 2)
    corners: Corners = (round_top, round_top, 0, 0)
    base.rect(Box(area.x, top, area.w, grid.header_height), theme.soft, radius=corners)
    head_style = _styles(brief, grid.size)[0]
    _draw_cells(base, grid, grid.header, Box(area.x, top, area.w, grid.header_height), [head_style])
    y = top + grid.header_height
    for height in grid.heights[:-1]:
        y += height
        base.rect(Box(area.x, y - 1, area.w, 2), theme.line)
    base.rect(Box(area.x, top, area.w, grid.height), None, radius=_RADIUS, stroke=theme.line)


def _draw_row(brief: Brief[TableVisual], grid: Grid, index: int, box: Box) -> None:
    theme = brief.theme
    last = index == len(grid.rows) - 1
    corners: Corners = (0, 0, _RADIUS, _RADIUS) if last else (0, 0, 0, 0)
    cells = grid.rows[index]
    _, first, other = _styles(brief, grid.size)
    layer = brief.canvas.layer(f"row-{index + 1}", index, Effect.FADE)
    if index == brief.visual.highlight:
        layer.rect(Box(box.x, box.y, box.w, box.h), theme.accent, radius=corners)
        style = Style(grid.size, 700, theme.on)
        _draw_cells(layer, grid, cells, box, [style])
        return
    _draw_cells(layer, grid, cells, box, [first, other])
    focus = brief.canvas.layer(f"row-focus-{index + 1}", index, Effect.FOCUS)
    focus.rect(Box(box.x, box.y, box.w, box.h), theme.soft, radius=corners)
    mark = Box(box.x + 0.3 * grid.pad, box.y + 0.2 * box.h, max(4, 0.17 * grid.pad), 0.6 * box.h)
    focus.rect(mark, theme.accent, radius=mark.w / 2)
    _draw_cells(focus, grid, cells, box, [first, other.filled(theme.ink)])


def _draw_cells(
    group: Group, grid: Grid, cells: tuple[Setting, ...], box: Box, styles: list[Style]
) -> None:
    for index, (cell, column) in enumerate(zip(cells, grid.columns, strict=True)):
        style = styles[min(index, len(styles) - 1)]
        mark = grid.marks[index] if cells is not grid.header else ""
        right = column.right - _beyond(grid, index, cell, style) if mark else column.right
        pitch = 1.22 * style.size
        y = box.y + box.h / 2 - (len(cell.lines) - 1) * pitch / 2 + 0.36 * style.size
        for line in cell.lines:
            if grid.right[index]:
                group.text(right, y, line, style, "right")
            else:
                group.text(column.x, y, line, style)
            y += pitch


def _beyond(grid: Grid, column: int, cell: Setting, style: Style) -> float:
    """By how much the decimals of a cell are shorter than the longest of its column."""
    mark = grid.marks[column]
    tails = [_tail("".join(row[column].lines).strip(), mark) for row in grid.rows]
    bold = Style(grid.size, 700, "")  # as a highlighted row is set
    longest = max(width_of(tail, bold) for tail in tails)
    return longest - width_of(_tail("".join(cell.lines).strip(), mark), style)
