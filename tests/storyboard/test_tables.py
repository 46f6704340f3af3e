"""The laws of tables: what can be compared is charted whole, with its signs and units."""

from __future__ import annotations

import pytest

from inkreel.model import ChartVisual, Language, Table
from inkreel.storyboard.drafting import TONGUES
from inkreel.storyboard.tables import Told, tell

MONTHS: dict[str, tuple[Language, str]] = {
    "numbered": ("vi", "|".join(f"Tháng {k}" for k in range(1, 13))),
    "short": ("vi", "|".join(f"T{k}" for k in range(1, 13))),
    "in words": (
        "vi",
        (
            "Tháng Giêng|Tháng Hai|Tháng Ba|Tháng Tư|Tháng Năm|Tháng Sáu|Tháng Bảy|Tháng Tám|"
            "Tháng Chín|Tháng Mười|Tháng Mười Một|Tháng Chạp"
        ),
    ),
    "abbreviated": ("en", "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec"),
    "named": (
        "en",
        "January|February|March|April|May|June|July|August|September|October|November|December",
    ),
    "dated": ("en", "|".join(f"2024-{k:02}" for k in range(1, 13))),
}
RAIN = (12, 14, 18, 25, 31, 40, 42, 39, 33, 28, 20, 15)


def told(language: Language, header: str, *rows: str) -> Told:
    """What is told of a table, its cells divided by bars."""
    cells = (tuple(cell.strip() for cell in row.split("|")) for row in rows)
    table = Table(id="t", header=tuple(h.strip() for h in header.split("|")), rows=tuple(cells))
    found = tell(table, TONGUES[language])
    assert found is not None
    return found


@pytest.mark.parametrize("case", MONTHS)
def test_the_months_of_a_year_are_a_line(case: str) -> None:
    """Months, however they are written, are a line; where the ends say less than the summit, the
    summit is told."""
    language, months = MONTHS[case]
    rows = (f"{month} | {rain}" for month, rain in zip(months.split("|"), RAIN, strict=True))
    found = told(language, "Tháng | Mưa (mm)", *rows)
    assert isinstance(found.visual, ChartVisual)
    assert found.visual.form == "line"
    assert "42 mm" in found.sentences[0]


def test_twelve_things_of_one_kind_are_bars() -> None:
    """A chart of twelve bars shows all; a table would leave out five."""
    found = told(
        "en", "Country | Rain (mm)", *(f"Land {'abcdefghijkl'[k]} | {RAIN[k]}" for k in range(12))
    )
    assert isinstance(found.visual, ChartVisual)
    assert (found.visual.form, len(found.visual.labels), found.note) == ("bar", 12, "")


def test_what_falls_below_zero_is_charted() -> None:
    """Losses stand in a chart like gains; nothing is called a multiple of them."""
    growth = told(
        "en", "Year | Growth (%)", "2019|5.2", "2020|−4.2", "2021|3", "2022|-1.5", "2023|6.1"
    )
    cold = told("en", "City | January (°C)", "Berlin | 1.5", "Nuuk | -8", "Oslo | -4.3")
    assert isinstance(growth.visual, ChartVisual)
    assert isinstance(cold.visual, ChartVisual)
    assert (growth.visual.form, cold.visual.form) == ("line", "bar")
    assert cold.visual.series[0].values == (1.5, -8.0, -4.3)
    assert "−8 °C" in " ".join(cold.sentences)
    assert (growth.visual.callout, cold.visual.callout) == ("", "")


def test_parentheses_are_a_minus() -> None:
    """A figure of accounts in parentheses is a loss."""
    found = told("en", "Firm | Profit", "A | (540.1)", "B | 612.3", "C | 580")
    assert isinstance(found.visual, ChartVisual)
    assert found.visual.series[0].values[0] == -540.1


@pytest.mark.parametrize(
    ("language", "header", "cell", "shown"),
    [
        ("en", "Revenue ($M)", "540.1", "$540.1M"),
        ("vi", "Doanh thu ($M)", "540,1", "$540,1 triệu"),
        ("en", "Revenue (€ bn)", "540.1", "€540.1B"),
        ("en", "Revenue", "$540.1M", "$540.1M"),
        ("en", "Profit ($M)", "-540.1", "−$540.1M"),
        ("en", "Revenue ($ million)", "540.1", "$540.1M"),
    ],
)
def test_money_is_written_as_the_language_does(
    language: Language, header: str, cell: str, shown: str
) -> None:
    """The sign stands before a sum and its size behind it; neither is lost."""
    found = told(language, f"Hãng | {header}", f"A | {cell}", "B | 700", "C | 800")
    if "$" in cell:
        found = told(language, f"Hãng | {header}", f"A | {cell}", "B | $700M", "C | $800M")
    assert shown in " ".join(found.sentences)


def test_years_are_not_counted() -> None:
    """A row of years is told as a time, not as a quantity that grows."""
    found = told("en", "Year | Rain", "2020 | 4", "2021 | 5", "2022 | 6", "2023 | 7")
    assert found.sentences[0].startswith("From 2020 to 2023")


@pytest.mark.parametrize(
    ("header", "cells"),
    [
        ("January (°C)", ("2", "7", "21")),
        ("Temperature", ("2 °C", "7 °C", "21 °C")),
        ("Growth (%)", ("2", "7", "21")),
        ("Nhiệt độ (độ C)", ("2", "7", "21")),
        ("Rain", ("2", "7", "-21")),
    ],
)
@pytest.mark.parametrize("first", [("Berlin", "Nuuk", "Oslo", "Rom"), ("1", "2", "3", "4")])
def test_no_ratio_is_told_of_what_has_no_zero(
    header: str, cells: tuple[str, ...], first: tuple[str, ...]
) -> None:
    """Twenty degrees are not twice as warm as ten, nor is a share of what may be below zero one."""
    rows = [f"{name} | {cell}" for name, cell in zip(first, (*cells, cells[1]), strict=True)]
    found = told("en", f"Place | {header}", *rows)
    assert isinstance(found.visual, ChartVisual)
    assert (found.visual.callout, found.derived) == ("", ())
    assert "factor" not in " ".join(found.sentences)


def test_a_ratio_says_of_what() -> None:
    """Two dates over each other would look like a third one."""
    found = told("en", "Shop | Sales", "A/1 | 2", "B/2 | 7", "C/3 | 3")
    assert isinstance(found.visual, ChartVisual)
    assert (found.visual.callout, found.visual.callout_detail) == ("×3.5", "B/2 compared with A/1")


def test_months_keep_their_capital() -> None:
    """The heading of a column may be the name of a month, which is written as in the source."""
    found = told("en", "City | January", "Berlin | 15", "Nuuk | 8", "Oslo | 43")
    assert "The highest January" in found.sentences[0]
    found = told("en", "City | Rain", "Berlin | 15", "Nuuk | 8", "Oslo | 43")
    assert "The highest rain" in found.sentences[0]


@pytest.mark.parametrize(
    ("header", "cells", "first"),
    [
        ("Cases", ("(12)", "30", "41", "25", "18", "22"), None),
        ("Cases", ("(12)", "(1,200)", "41", "25", "18", "22"), -12.0),
        ("Net profit", ("(12)", "30", "41", "25", "18", "22"), -12.0),
        ("Lợi nhuận", ("(12)", "30", "41", "25", "18", "22"), -12.0),
    ],
)
def test_a_footnote_is_no_loss(header: str, cells: tuple[str, ...], first: float | None) -> None:
    """A small number in parentheses is a loss only in a column that is one of accounts."""
    rows = [f"{'ABCDEF'[k]} | {cell}" for k, cell in enumerate(cells)]
    found = told("en", f"Firm | {header}", *rows)
    if isinstance(found.visual, ChartVisual):
        assert found.visual.series[0].values[0] == first
    assert ("−12" in " ".join(found.sentences)) == (first is not None and "(1,200)" not in cells)
