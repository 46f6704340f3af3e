"""Tall frames have height where they lack width: it is used."""

from __future__ import annotations

from typing import Any

import pytest

from inkreel.model import CodeVisual, TableVisual
from inkreel.visuals.drawing import lay_out
from tests.visuals.scenes import MemoryShelf, request


def texts_of(canvas: Any) -> list[dict[str, Any]]:
    """All texts of a picture."""
    groups = [canvas.base.items, *(layer.items for layer in canvas.layers)]
    return [item for items in groups for item in items if item["draw"] == "text"]


LISTING = CodeVisual(
    text=(
        "def total(orders):\n"
        "    paid = [order for order in orders if order.paid_at is not None]\n"
        "    return sum((order.amount for order in paid), start=Money(0))\n"
    ),
    language="python",
)
OFFERS = TableVisual(
    header=("Gói", "Giá", "Người dùng", "Lưu trữ", "Hỗ trợ"),
    rows=(
        ("Cơ bản", "99.000 đ", "1", "10 GB", "Email trong giờ hành chính"),
        ("Doanh nghiệp", "Liên hệ", "Không giới hạn", "2 TB", "Kỹ sư riêng, mọi lúc"),
    ),
)


@pytest.mark.parametrize("visual", [LISTING, OFFERS])
def test_tall_frames_use_their_height(visual: Any) -> None:
    """Where there is height to wrap, code and tables are set at 30 px or more; no word of a cell
    is split for that."""
    canvas = lay_out(request(visual, "1080x1920"), MemoryShelf()).canvas
    assert min(canvas.body_px) >= 30
    texts = " ".join(run["text"] for item in texts_of(canvas) for run in item["runs"])
    words = visual.rows[1][2].split() if isinstance(visual, TableVisual) else ["None", "Money"]
    assert all(word in texts for word in words)


def test_names_of_rows_stay_short() -> None:
    """A table is not made so large that the name of a row takes more than two lines."""
    names = ("Mô hình A", "Mô hình C (đề xuất)")
    figures = ("25,6 tr", "0,874", "81,2%", "14 ms")
    header = ("Mô hình", "Tham số", "AUC", "Độ nhạy", "Thời gian / ảnh")
    table = TableVisual(header=header, rows=tuple((name, *figures) for name in names))
    canvas = lay_out(request(table, "1080x1920"), MemoryShelf()).canvas
    said = {"".join(run["text"] for run in item["runs"]) for item in texts_of(canvas)}
    assert {"Mô hình A", "Mô hình C", "(đề xuất)"} <= said
    assert min(canvas.body_px) >= 24


def test_continued_code_keeps_its_indent() -> None:
    """What is wrapped stands two columns further in than its line, so that blocks can be seen."""
    canvas = lay_out(request(LISTING, "1080x1920"), MemoryShelf()).canvas
    rows: dict[float, float] = {}
    for item in texts_of(canvas):
        if (
            item["anchor"] == "left"
            and item["runs"][0]["face"] == "mono"
            and item["runs"][0]["text"]
        ):
            rows[item["y"]] = min(rows.get(item["y"], item["x"]), item["x"])
    starts = [rows[y] for y in sorted(rows)]
    cell = (starts[1] - starts[0]) / 4
    assert [round((x - starts[0]) / cell) for x in starts] == [0, 4, 6, 4, 6]
