"""Charts tell the truth about their values, and say where they cannot."""

from __future__ import annotations

import math
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.model import ChartVisual, Effect, Series
from inkreel.visuals.drawing import lay_out
from inkreel.visuals.scale import figures_for
from tests.thorough import times
from tests.visuals.scenes import SCENES, MemoryShelf, request


def drawn(visual: ChartVisual, **asked: str) -> Any:
    return lay_out(request(visual, **asked), MemoryShelf())


def boxes(picture: Any, name: str) -> list[dict[str, Any]]:
    """The fields of all layers of that name, in order."""
    return [
        item
        for layer in picture.canvas.layers
        if layer.label.split("/")[2].startswith(name)
        for item in layer.items
        if item["draw"] == "rect"
    ]


values = st.lists(st.floats(0, 1e6).map(lambda v: round(v, 2)), min_size=2, max_size=9)


@settings(max_examples=times(20, 60), deadline=None)
@given(values=values, long=st.booleans(), scale=st.sampled_from((1.0, 1e6)))
def test_a_bar_is_as_long_as_its_value(values: list[float], *, long: bool, scale: float) -> None:
    """Upright or lying, lengths of bars are to each other as the values are."""
    labels = tuple(("Một nhãn dài không thể đứng " if long else "") + str(k) for k in range(9))
    visual = ChartVisual(
        form="bar",
        labels=labels[: len(values)],
        series=(Series("a", tuple(v * scale for v in values)),),
    )
    bars = boxes(drawn(visual), "bars")
    side = "w" if len({bar["x"] for bar in bars}) == 1 and long else "h"
    longest, top = max(bar[side] for bar in bars), max(values)
    for bar, value in zip(bars, values, strict=True):
        assert math.isclose(bar[side], max(3, longest * value / (top or 1)), abs_tol=3)


def test_piled_bars_reach_what_they_come_to() -> None:
    """Bars upon each other end at the sum of their values; shares always at the top."""
    bars = boxes(drawn(SCENES["stacked"]), "bars")
    first, second = bars[1]["y"], bars[3]["y"]
    foot = bars[0]["y"] + bars[0]["h"]
    assert (foot - first) / (foot - second) == pytest.approx(52 / 66, abs=0.01)
    picture = drawn(SCENES["percent"])
    ends = [bar["x"] + bar["w"] for bar in boxes(picture, "bars")][1::2]
    tops = [bar["y"] for bar in boxes(picture, "bars")][1::2]
    assert len(set(ends)) == 1 or len(set(tops)) == 1


def test_sectors_fill_the_whole() -> None:
    """The parts of a pie are as large as their shares, and together a full turn."""
    picture = drawn(SCENES["donut"])
    areas = []
    for layer in picture.canvas.layers:
        if "/sector-" in layer.label:
            points = next(i["points"] for i in layer.items if i["draw"] == "polygon")
            ring = zip(points, [*points[1:], points[0]], strict=True)
            areas.append(abs(sum(a[0] * b[1] - b[0] * a[1] for a, b in ring)) / 2)
    assert [area / sum(areas) for area in areas] == pytest.approx([0.5, 0.3, 0.2], abs=0.002)


BAD = {
    "a pie of losses": ChartVisual(form="pie", labels=("a", "b"), series=(Series("s", (3, -1)),)),
    "a pie of nothing": ChartVisual(form="donut", labels=("a",), series=(Series("s", (0,)),)),
    "two pies": ChartVisual(
        form="pie", labels=("a", "b"), series=(Series("s", (3, 1)), Series("t", (1, 1)))
    ),
    "shares of losses": ChartVisual(
        form="percent", labels=("a",), series=(Series("s", (3,)), Series("t", (-1,)))
    ),
    "an area under zero": ChartVisual(
        form="area", labels=("a", "b"), series=(Series("s", (3, -1)),)
    ),
    "points without height": ChartVisual(
        form="scatter", labels=("a", "b"), series=(Series("s", (3, 1)),)
    ),
    "seven series": ChartVisual(
        form="bar", labels=("a",), series=tuple(Series(str(k), (k,)) for k in range(7))
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_what_cannot_be_shown_is_told(case: str) -> None:
    """A form that its values do not fit is replaced, with the reason; all steps stay."""
    picture = drawn(BAD[case])
    assert picture.degraded
    assert picture.steps == BAD[case].counted
    assert {int(layer.label.split("/")[0]) for layer in picture.canvas.layers if layer.items}


def test_small_parts_are_taken_together() -> None:
    """A pie of many parts keeps the largest, and says how many stand in the last one."""
    visual = ChartVisual(
        form="pie",
        labels=tuple("abcdefghij"),
        series=(Series("s", tuple(range(1, 11))),),
    )
    picture = drawn(visual)
    assert sum("/sector-" in layer.label for layer in picture.canvas.layers) == 6
    assert "5 parts" in picture.degraded[0].what


def test_losses_hang_from_the_ground() -> None:
    """A value below zero is drawn downwards and does not grow from its own end."""
    visual = ChartVisual(form="bar", labels=("a", "b"), series=(Series("s", (5, -5)),))
    picture = drawn(visual)
    (up,), (down,) = boxes(picture, "bars"), boxes(picture, "below")
    assert up["y"] + up["h"] == down["y"]
    effects = [layer.label.split("/")[1] for layer in picture.canvas.layers]
    assert effects == [Effect.GROW, Effect.FADE, Effect.FADE, Effect.FADE]


def test_twenty_four_long_labels_stay_readable() -> None:
    """Long labels lie before their bars in full, in two columns, none below 24 px."""
    visual = ChartVisual(
        form="bar",
        labels=tuple(f"Thành phố số {k} có tên dài" for k in range(24)),
        series=(Series("s", tuple(range(1, 25))),),
    )
    picture = drawn(visual)
    assert picture.degraded == ()
    assert min(picture.canvas.body_px) >= 24
    assert picture.steps == 24


@pytest.mark.parametrize(
    ("all_values", "unit", "language", "value", "shown", "note"),
    [
        ([1_200_000, 15e6], "", "en", 1_200_000, "1.2M", ""),
        ([1_200_000, 15e6], "", "vi", 1_200_000, "1,2", "triệu"),
        ([1_200_000, 15e6], "đồng", "vi", 15e6, "15,0", "triệu đồng"),
        ([2e12], "$", "en", 2e12, "$2T", ""),
        ([-2.5e9], "€", "en", -2.5e9, "−€2.5B", ""),
        ([7e11, 1000], "", "vi", 7e11, "700\u00a0tỷ", ""),
        ([7e11, 1000], "", "vi", 1000, "1.000", ""),
        ([1234.5], "%", "vi", 1234.5, "1.234,5%", ""),
        ([12, 30], "visitors", "en", 12, "12", "visitors"),
        ([12, 30], "ms", "en", 12, "12\u00a0ms", ""),
        ([500, 0.004], "", "en", 0.004, "0.004", ""),
        ([0, 5], "", "en", 0, "0", ""),
    ],
)
def test_figures_are_short_and_true(
    all_values: list[float], unit: str, language: Any, value: float, shown: str, note: str
) -> None:
    """Large numbers are written in millions, small ones never as zero, units where they belong."""
    figures = figures_for(all_values, unit, language)
    assert figures.text(value) == shown
    assert figures.note == note


def test_what_the_axis_says_once_a_list_repeats() -> None:
    """Where no axis says the unit, the number does."""
    figures = figures_for([1_200_000, 15e6], "đồng", "vi")
    assert figures.text(1_200_000, full=True) == "1,2\u00a0triệu\u00a0đồng"


def test_an_old_storyboard_is_still_understood() -> None:
    """The two forms of the first version keep their names."""
    assert SCENES["bars"].form == "bar"
    assert SCENES["lines"].form == "line"


@pytest.mark.parametrize("unit", ["$M", "$ million", "M$"])
def test_millions_of_money_are_sums_of_money(unit: str) -> None:
    """The sign of a currency stands before a number, how many millions it is behind it."""
    visual = ChartVisual(
        form="bar", labels=("a", "b"), series=(Series("x", (540.1, -612.0)),), unit=unit
    )
    canvas = lay_out(msgspec.structs.replace(request(visual), language="en"), MemoryShelf()).canvas
    items = [item for layer in canvas.layers for item in layer.items if item["draw"] == "text"]
    texts = {run["text"] for item in items for run in item["runs"]}
    assert {"$540.1M", "−$612.0M"} <= texts


def written(visual: ChartVisual, **asked: str) -> list[str]:
    """All texts of a chart, those of its axes first."""
    canvas = drawn(visual, **asked).canvas
    groups = [canvas.base.items, *(layer.items for layer in canvas.layers)]
    found = [item for items in groups for item in items if item["draw"] == "text"]
    return ["".join(run["text"] for run in item["runs"]) for item in found]


@pytest.mark.parametrize("form", ["bar", "line"])
def test_zero_is_written_without_decimals(form: Any) -> None:
    """The ground of an axis is 0%, not 0.0%, and no tick is added below for a figure."""
    visual = ChartVisual(
        form=form,
        labels=tuple("abcde"),
        series=(Series("s", (5.2, -4.2, 3.0, -1.5, 6.1)),),
        unit="%",
    )
    texts = written(visual)
    assert "0%" in texts
    assert "0,0%" not in texts
    assert "−7,5%" not in texts
    assert {"−5,0%", "−4,2%", "7,5%"} <= set(texts)


@pytest.mark.parametrize("size", ["1920x1080", "1080x1920", "1080x1080"])
@pytest.mark.parametrize("count", [2, 3])
def test_grouped_bars_show_their_figures(size: str, count: int) -> None:
    """In every frame there is room for the figures of twelve bars."""
    series = tuple(
        Series(f"Năm {k}", (1120 + k, 1135 + k, 1150 + k, 1180 + k)) for k in range(count)
    )
    labels = tuple(f"Quý {k}" for k in range(1, 5))
    texts = written(ChartVisual(form="bar", labels=labels, series=series), size=size)
    assert {f"1.{int(v) - 1000}" for one in series for v in one.values} <= set(texts)
