"""Figures of a table can be compared at a glance."""

from __future__ import annotations

import pytest

from inkreel.model import TableVisual
from inkreel.visuals.canvas import Style
from inkreel.visuals.drawing import lay_out
from inkreel.visuals.setting import width_of
from tests.visuals.scenes import MemoryShelf, request


def units_of(*cells: str, highlight: int | None = None) -> list[float]:
    """Where the whole part of each number of a column ends."""
    rows = tuple((f"Hàng {k}", cell, "ổn") for k, cell in enumerate(cells))
    visual = TableVisual(header=("Tên", "Số", "Ghi chú"), rows=rows, highlight=highlight)
    canvas = lay_out(request(visual), MemoryShelf()).canvas
    ends = {}
    for item in (item for layer in canvas.layers for item in layer.items):
        if item["draw"] == "text" and item["anchor"] == "right":
            (run,) = item["runs"]
            tail = run["text"].rpartition(",")[2] if "," in run["text"] else ""
            style = Style(run["size"], run["weight"], "")
            ends[run["text"]] = item["x"] - width_of(tail and f",{tail}", style)
    return [ends[cell] for cell in cells]


@pytest.mark.parametrize("highlight", [None, 1])
def test_decimal_marks_stand_under_each_other(highlight: int | None) -> None:
    """Numbers with unlike decimals are aligned at their marks; none gets digits that its author
    did not write."""
    ends = units_of("820", "1.240,5", "−96,25", highlight=highlight)
    assert max(ends) - min(ends) < 1


@pytest.mark.parametrize(
    "cells", [("820", "1.240", "12"), ("820", "1.240", "12,5 kg"), ("1,5", "2,5", "9,0")]
)
def test_other_numbers_end_at_the_edge(cells: tuple[str, ...]) -> None:
    """Where marks part thousands, units follow, or all decimals are alike, the ends are."""
    rows = tuple((f"Hàng {k}", cell) for k, cell in enumerate(cells))
    canvas = lay_out(request(TableVisual(header=("Tên", "Số"), rows=rows)), MemoryShelf()).canvas
    items = (item for layer in canvas.layers for item in layer.items if item["draw"] == "text")
    assert len({item["x"] for item in items if item["anchor"] == "right"}) <= 1
