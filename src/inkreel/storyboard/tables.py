"""Table → a chart with its finding when it holds comparable numbers, else a table with a row to
look at."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inkreel.model import (
    ChartForm,
    ChartVisual,
    ComparisonVisual,
    Derived,
    Series,
    Side,
    Table,
    TableVisual,
)
from inkreel.storyboard import figures, periods, spoken
from inkreel.storyboard.figures import Quantity
from inkreel.storyboard.sentences import capitalise, close, inside, lower_first
from inkreel.storyboard.tongue import Tongue

MOST_ROWS, MOST_COLUMNS = 7, 6
_MOST_BARS, _MOST_POINTS, _MOST_PARTS = 12, 24, 6
_MOST_GROUPS = 9
"""Labels with two or three bars each."""
_ROUNDING = 1.0
"""Percent by which shares may miss the whole."""
_SWING = 3.0
_MOST_POINTS_A_SIDE, _LONGEST_POINT = 5, 90
_CHANGES = (
    ("before", "after|now"),
    ("old", "new"),
    ("trước", "sau|nay|bây giờ|hiện nay|hiện tại"),
    ("cũ|cách cũ", "mới|cách mới"),
    ("problem", "solution"),
    ("vấn đề", "giải pháp|cách giải quyết"),
)
_OPPOSITES = (
    *_CHANGES,
    ("pros|advantages?|benefits?|strengths?", "cons|disadvantages?|drawbacks?|risks?|weaknesses"),
    ("do", "do not|don['’]t"),
    ("ưu điểm|điểm mạnh|lợi ích|thuận lợi", "nhược điểm|điểm yếu|hạn chế|rủi ro|khó khăn"),
    ("nên", "không nên"),
)
"""Headings of which one is the contrary of the other; of `_CHANGES` the second is what counts."""
_UNIT = re.compile(r"^(?P<name>.+?)\s*[(\[](?P<unit>[^()\[\]]{1,16})[)\]]$")

_LEVELS = re.compile(r"°.*|º.*|độ(?: [CF])?|degrees?.*|dB\w?|pH|mag\w*", re.IGNORECASE)
_LEVEL_NAMES = re.compile(
    r"\b(?:temperatures?|growth|changes?|pH|magnitudes?|scores?|ranks?|latitudes?|longitudes?"
    r"|nhiệt độ|tăng trưởng|thay đổi|biến động|chênh lệch|hạng|thứ hạng|vĩ độ|kinh độ)\b",
    re.IGNORECASE,
)
"""Units and names of numbers whose zero is not nothing."""

Shown = ChartVisual | TableVisual | ComparisonVisual


@dataclass(frozen=True, slots=True)
class Column:
    """A column of numbers."""

    index: int
    name: str
    unit: str
    cells: tuple[Quantity | None, ...]

    @property
    def values(self) -> list[float]:
        return [cell.value for cell in self.cells if cell]

    @property
    def measures_from_zero(self) -> bool:
        """Whether twice the number is twice as much: not of degrees, of what may fall below zero,
        or of changes."""
        levels = _LEVELS.fullmatch(self.unit) or _LEVEL_NAMES.search(self.name)
        return min(self.values, default=0.0) >= 0 and not levels


@dataclass(frozen=True, slots=True)
class Told:
    """What is said over a table and what is shown."""

    visual: Shown
    sentences: tuple[str, ...]
    derived: tuple[Derived, ...] = ()
    note: str = ""


def tell(table: Table, tongue: Tongue) -> Told | None:
    """The finding of a table and its picture; None when it is empty."""
    table = _cleaned(table, tongue)
    if not table.rows or len(table.header) < 2:
        return None
    if sides := _sides(table, tongue):
        return sides
    columns = _columns(table, tongue)
    labels = tuple(row[0] for row in table.rows)
    charted = _charted(table, columns)
    if charted:
        ordered = periods.are_periods(labels)
        return _chart(table, labels, charted, tongue, ordered=ordered)
    return _table(table, columns, tongue)


def _sides(table: Table, tongue: Tongue) -> Told | None:
    """A table of two columns whose headings are opposites: a comparison."""
    if len(table.header) != 2 or not 2 <= len(table.rows) <= _MOST_POINTS_A_SIDE:
        return None
    opposite = next((p for p in _OPPOSITES if _opposed(table.header, p)), None)
    cells = [cell for row in table.rows for cell in row]
    if not opposite or any(
        len(cell) > _LONGEST_POINT or not spoken.speakable(cell) for cell in cells if cell
    ):
        return None
    said = []
    for row in table.rows:
        parts = [
            f"{lower_first(head)}: {_sayable(cell, tongue)}"
            for head, cell in zip(table.header, row, strict=True)
            if cell and _sayable(cell, tongue)
        ]
        said += [capitalise(close("; ".join(parts)))] if parts else []
    columns = tuple(
        Side(heading=head, points=tuple(row[k] for row in table.rows))
        for k, head in enumerate(table.header)
    )
    visual = ComparisonVisual(columns=columns, highlight=1 if opposite in _CHANGES else None)
    return Told(visual, tuple(said)) if said else None


def _opposed(header: tuple[str, ...], pair: tuple[str, str]) -> bool:
    return all(
        re.match(rf"(?:{words})(?!\w)", head, re.IGNORECASE)
        for head, words in zip(header, pair, strict=True)
    )


def _cleaned(table: Table, tongue: Tongue) -> Table:
    header = tuple(spoken.plain(cell, tongue) for cell in table.header)
    width = len(header)
    rows = []
    for row in table.rows:
        cells = tuple(spoken.plain(cell, tongue) for cell in row[:width])
        cells += ("",) * (width - len(cells))
        if any(cells):
            rows.append(cells)
    return Table(id=table.id, header=header, rows=tuple(rows), caption=table.caption)


def _columns(table: Table, tongue: Tongue) -> list[Column]:
    """The columns after the first in which (nearly) every cell is a number of one unit."""
    found = []
    for index in range(1, len(table.header)):
        cells = figures.column([row[index] for row in table.rows], table.header[index], tongue)
        numbers = [cell for cell in cells if cell]
        units = {cell.unit.casefold() for cell in numbers}
        if len(numbers) < 2 or len(numbers) * 5 < len(cells) * 4 or len(units) > 1:
            continue
        name, unit = table.header[index], numbers[0].unit
        if match := _UNIT.match(name):
            name, unit = match["name"], unit or match["unit"]
        found.append(Column(index, name.strip(), unit, cells))
    return found


def _charted(table: Table, columns: list[Column]) -> list[Column]:
    """The columns that make one honest chart: one unit, comparable sizes."""
    rows = len(table.rows)
    if not columns or rows < 3 or rows > _MOST_POINTS:
        return []
    if len(columns) < len(table.header) - 1 or len(columns) > 3:
        return []  # other columns say something too: keep the table
    if len({c.unit.casefold() for c in columns}) > 1:
        return []
    values = [abs(v) for c in columns for v in c.values]
    tops = [max(map(abs, c.values)) for c in columns]
    if min(tops) == 0 or max(tops) / min(tops) > 12:
        return []
    if len(columns) == 1 and max(values) / max(min(values), 1e-9) > 150:
        return []
    if max(len(row[0]) for row in table.rows) > 28:
        return []
    ordered = periods.are_periods([row[0] for row in table.rows])
    most = _MOST_BARS if len(columns) == 1 else _MOST_GROUPS
    return columns if ordered or rows <= most else []


def _chart(
    table: Table, labels: tuple[str, ...], columns: list[Column], tongue: Tongue, *, ordered: bool
) -> Told:
    series = tuple(
        Series(name=c.name, values=tuple(q.value if q else None for q in c.cells)) for c in columns
    )
    main = columns[0]
    rising = _sorted_numbers(labels, tongue)
    if (ordered and not _swings(main)) or (rising and not ordered):
        said, derived, callout, detail = _trend(table, labels, main, tongue, counted=rising)
        others = [_trend(table, labels, c, tongue, counted=rising)[0][:1] for c in columns[1:]]
        highlight = 0 if ordered else len(labels) - 1
    else:
        said, derived, callout, detail, at = _extremes(table, labels, main, tongue)
        highlight = 0 if ordered else at
        others = [_extremes(table, labels, c, tongue)[0][:1] for c in columns[1:]]
    form: ChartForm = "line" if ordered else "bar"
    if not (ordered or rising) and (shares := _shares_of(columns)):
        # What a part is of the whole says more than how many times it is another part.
        form, callout, detail = shares, "", ""
    for other, column in zip(others, columns[1:], strict=True):
        said += [_about(column.name, sentence, tongue) for sentence in other]
    visual = ChartVisual(
        form=form,
        labels=labels,
        series=series,
        unit=main.unit,
        highlight=highlight,
        callout=callout,
        callout_detail=detail,
    )
    return Told(visual, tuple(said), tuple(derived))


def _swings(column: Column) -> bool:
    """Whether it goes so far up and down that its ends say little of it."""
    values = column.values
    return max(values) - min(values) > _SWING * abs(values[-1] - values[0])


def _shares_of(columns: list[Column]) -> ChartForm | None:
    """The form for percentages that come to a hundred, down one column or across several."""
    if any(column.unit != "%" or min(column.values) < 0 for column in columns):
        return None
    cells = [column.cells for column in columns]
    sums = [cells[0]] if len(cells) == 1 else list(zip(*cells, strict=True))
    for parts in sums:
        if abs(sum(part.value if part else 0.0 for part in parts) - 100) > _ROUNDING:
            return None
    if len(cells) > 1:
        return "percent"
    return "donut" if len(cells[0]) <= _MOST_PARTS else None


def _about(name: str, sentence: str, tongue: Tongue) -> str:
    """A finding about a further column, which has to be named."""
    if name.casefold() in sentence.casefold():
        return sentence
    return tongue.speech.about.format(name=lower_first(name), finding=lower_first(sentence))


def _sorted_numbers(labels: tuple[str, ...], tongue: Tongue) -> bool:
    """Whether the labels are a quantity that grows from row to row."""
    numbers = [figures.cell(label, tongue) for label in labels]
    values = [n.value for n in numbers if n]
    if periods.are_years(labels):
        return False
    return len(values) == len(labels) >= 3 and values == sorted(values)


def _shown(quantity: Quantity, column: Column, tongue: Tongue) -> str:
    unit = quantity.unit or column.unit
    return figures.amount(quantity.value, unit, tongue, quantity.decimals)


def _trend(
    table: Table, labels: tuple[str, ...], column: Column, tongue: Tongue, *, counted: bool
) -> tuple[list[str], list[Derived], str, str]:
    """From the first point to the last, and by how much."""
    known = [(label, cell) for label, cell in zip(labels, column.cells, strict=True) if cell]
    (first, low), (last, high) = known[0], known[-1]
    words = tongue.speech
    forms = (
        (words.rise_then, words.fall_then, words.steady_then)
        if counted
        else (words.rise, words.fall, words.steady)
    )
    form = forms[0 if high.value > low.value else 1 if high.value < low.value else 2]
    smaller, larger = sorted((low, high), key=lambda q: q.value)
    ends = {"low": _shown(smaller, column, tongue), "high": _shown(larger, column, tongue)}
    name, head = lower_first(column.name), lower_first(_UNIT.sub(r"\g<name>", table.header[0]))
    if counted and head:
        form = words.while_counting + form
    said = [
        capitalise(
            form.format(
                first=inside(first),
                last=inside(last),
                name=name,
                head=head,
                **ends,
                **_verbs(name, head),
            )
        )
    ]
    derived: list[Derived] = []
    callout = ""
    if column.measures_from_zero and smaller.value > 0 and high.value != low.value:
        callout, change = _change(low, high, table.id, tongue)
        derived.append(change)
        said.append(_change_said(change.value, low, high, tongue))
    ends_in_order = (
        (ends["low"], ends["high"]) if high.value >= low.value else (ends["high"], ends["low"])
    )
    detail = words.from_to.format(low=ends_in_order[0], high=ends_in_order[1])
    if high.value < low.value:
        detail = detail.replace(" lên ", " xuống ")
    return said, derived, callout, detail


def _verbs(name: str, head: str) -> dict[str, str]:
    """English verbs that agree with the column's name."""
    many = name.endswith("s") and not name.endswith("ss")
    verbs = {verb + "s": verb if many else verb + "s" for verb in ("rise", "fall", "stay")}
    plural = head.endswith("s") and not head.endswith("ss")
    return {**verbs, "goes": "go" if plural else "goes"}


def _change(low: Quantity, high: Quantity, source: str, tongue: Tongue) -> tuple[str, Derived]:
    times = max(low.value, high.value) / min(low.value, high.value)
    if times >= 1.8 and high.value > low.value:
        text = figures.ratio(times, tongue)
        formula = f"{high.shown} / {low.shown}"
        return "×" + text, Derived(value=text, formula=formula, sources=(source,))
    percent = (high.value - low.value) / low.value * 100
    text = figures.write(abs(percent), tongue, 0 if abs(percent) >= 10 else 1) + "%"
    formula = f"({high.shown} − {low.shown}) / {low.shown}"
    sign = "+" if percent > 0 else "−"
    return sign + text, Derived(value=text, formula=formula, sources=(source,))


def _change_said(change: str, low: Quantity, high: Quantity, tongue: Tongue) -> str:
    if not change.endswith("%"):
        return tongue.speech.times.format(ratio=change)
    form = tongue.speech.increase if high.value > low.value else tongue.speech.decrease
    return form.format(change=change)


def _extremes(
    table: Table, labels: tuple[str, ...], column: Column, tongue: Tongue
) -> tuple[list[str], list[Derived], str, str, int]:
    """The largest, the smallest, and their ratio."""
    known = [(cell, i) for i, cell in enumerate(column.cells) if cell]
    top, at = max(known, key=lambda k: k[0].value)
    low, below = min(known, key=lambda k: k[0].value)
    words = tongue.speech
    named = lower_first(column.name)
    high, least = _shown(top, column, tongue), _shown(low, column, tongue)
    first, last = inside(labels[at]), inside(labels[below])
    said = [
        capitalise(words.largest.format(name=named, label=first, value=high)),
        capitalise(words.smallest.format(label=last, value=least)),
    ]
    if len(known) == 2 or not named[:1].isalpha():
        said = [
            capitalise(words.two.format(name=named, label=first, value=high, other=last, low=least))
        ]
    derived: list[Derived] = []
    callout = detail = ""
    if column.measures_from_zero and top.value > low.value > 0:
        times = top.value / low.value
        if times >= 1.5:
            text = figures.ratio(times, tongue)
            callout, detail = "×" + text, words.against.format(high=labels[at], low=labels[below])
            derived.append(
                Derived(value=text, formula=f"{top.shown} / {low.shown}", sources=(table.id,))
            )
            said.append(words.gap.format(ratio=text))
    return said, derived, callout, detail, at


def _table(table: Table, columns: list[Column], tongue: Tongue) -> Told:
    keep_columns = _kept_columns(table, columns)
    keep_rows = _kept_rows(table, columns)
    main = columns[-1] if columns else None
    said: list[str] = []
    derived: list[Derived] = []
    at = 0
    if main and len(main.values) >= 2:
        labels = tuple(row[0] for row in table.rows)
        if _sorted_numbers(labels, tongue):
            for column in columns[:3]:
                said += _trend(table, labels, column, tongue, counted=True)[0][:1]
            at = len(table.rows) - 1
        else:
            sentences, derived, _, _, at = _extremes(table, labels, main, tongue)
            said += sentences
    if not said:
        said = _rows_said(table, keep_rows, tongue)
    rows = tuple(tuple(table.rows[r][c] for c in keep_columns) for r in keep_rows)
    visual = TableVisual(
        header=tuple(table.header[c] for c in keep_columns),
        rows=rows,
        highlight=keep_rows.index(at) if at in keep_rows else None,
    )
    note = ""
    if len(keep_rows) < len(table.rows):
        note = tongue.speech.rows_cut.format(total=len(table.rows), shown=len(keep_rows))
    return Told(visual, tuple(said), tuple(derived), note)


def _kept_columns(table: Table, columns: list[Column]) -> list[int]:
    count = len(table.header)
    if count <= MOST_COLUMNS:
        return list(range(count))
    numeric = [c.index for c in columns]
    ranked = [0, *numeric, *(i for i in range(1, count) if i not in numeric)]
    return sorted(ranked[:MOST_COLUMNS])


def _kept_rows(table: Table, columns: list[Column]) -> list[int]:
    """First, last, and the extremes of the numbers; the others in their order."""
    count = len(table.rows)
    if count <= MOST_ROWS:
        return list(range(count))
    telling = [0, count - 1]
    for column in columns[-2:]:
        known = [(cell.value, i) for i, cell in enumerate(column.cells) if cell]
        telling += [max(known)[1], min(known)[1]]
    ranked = list(dict.fromkeys([*telling, *range(count)]))
    return sorted(ranked[:MOST_ROWS])


def _rows_said(table: Table, rows: list[int], tongue: Tongue) -> list[str]:
    """A table of words: its rows as sentences, as many as a scene can hold."""
    said: list[str] = []
    for row in rows[:4]:
        label, *cells = table.rows[row]
        told = [
            _cell_said(table.header[i + 1], cell, tongue)
            for i, cell in enumerate(cells[:3])
            if cell and cell not in "-–—✓✗xX" and _sayable(cell, tongue)
        ]
        if label and told:
            said.append(
                close(tongue.speech.row.format(label=capitalise(label), cells=", ".join(told)))
            )
    return said


def _sayable(cell: str, tongue: Tongue) -> str:
    """A cell as it is spoken inside a sentence; figures and dates stay as they are."""
    said = lower_first(spoken.say(cell, tongue).text).rstrip(".")
    return said or (cell if any(map(str.isdigit, cell)) and len(cell) <= 16 else "")


def _cell_said(header: str, cell: str, tongue: Tongue) -> str:
    cell = _sayable(cell, tongue)
    if not header:
        return cell
    name = lower_first(_UNIT.sub(r"\g<name>", header))
    if cell in tongue.speech.yes:
        return tongue.speech.with_it.format(name=name)
    if cell in tongue.speech.no:
        return tongue.speech.without_it.format(name=name)
    several = name.endswith("s") and not name.endswith(("ss", "us", "is"))
    form = tongue.speech.cells if several else tongue.speech.cell
    return form.format(name=name, cell=cell)
