"""Whatever a scene says, it stays inside its box, apart from itself, and above the captions."""

from __future__ import annotations

import math
import unicodedata
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import HealthCheck, given, reject, settings

from inkreel.errors import DiagramTooLarge
from inkreel.model import Bullet, CodeVisual, ComparisonVisual, Side, SlideVisual, TableVisual
from inkreel.recipes import DrawRequest
from inkreel.visuals.canvas import Canvas
from inkreel.visuals.colours import contrast
from inkreel.visuals.drawing import Drawn, lay_out
from inkreel.visuals.faces import advance, covers
from inkreel.visuals.glyphs import BOX
from inkreel.visuals.layers import take_apart
from inkreel.visuals.typeset import typeset
from tests.thorough import times
from tests.visuals.scenes import MemoryShelf, requests

_OVERHANG = 26
"""Design pixels that a hanging mark or an accent may stand out."""


@settings(max_examples=times(73, 220), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_ink_stays_inside_the_content_box(request: DrawRequest) -> None:
    """No random scene leaves its box, and no step lies outside the counted steps."""
    drawn = _laid_out(request)
    sheet = take_apart(typeset(drawn.canvas.scene()), request.width, request.height)
    stage = drawn.canvas.stage
    for drawing in sheet.drawings:
        if drawing.label == "field" or drawing.bounds is None:
            continue
        left, top, right, bottom = (value / stage.scale for value in drawing.bounds)
        assert left >= stage.content.x - _OVERHANG
        assert right <= stage.content.right + _OVERHANG
        assert top >= stage.content.y - 3 * _OVERHANG
        assert bottom <= stage.content.bottom + _OVERHANG
        if drawing.label != "base":
            assert 0 <= int(drawing.label.partition("/")[0]) < drawn.steps


@settings(max_examples=times(73, 220), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_texts_do_not_overlap(request: DrawRequest) -> None:
    """No two lines of text of a random scene's final state touch each other."""
    boxes = sorted(_text_boxes(_laid_out(request).canvas))
    for (top, bottom, left, right), others in _with_later(boxes):
        for other_top, _, other_left, other_right in others:
            if other_top >= bottom:
                break
            assert other_left >= right or other_right <= left, (top, left)


@settings(max_examples=times(50, 150), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_text_can_be_read_where_it_stands(request: DrawRequest) -> None:
    """Every text of a random scene has a contrast of 4.5 with the field that it is set on."""
    canvas = _laid_out(request).canvas
    width, height = canvas.stage.pixels
    ground = {"draw": "rect", "x": 0, "y": 0, "w": width, "h": height, "fill": canvas.ground}
    painted: list[dict[str, Any]] = [ground]
    for group in (canvas.field, canvas.base, *canvas.layers):
        below = [] if "/focus/" in group.label else painted
        own = painted if below is painted else list(painted)
        for item in group.items:
            if item["draw"] == "text":
                field = _field_under(item, own)
                for run in item["runs"]:
                    if run["text"] != "“":
                        assert contrast(run["fill"], field) >= 4.5, (run, field, group.label)
            elif item.get("fill"):
                own.append(item)


@settings(max_examples=times(50, 150), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_small_text_is_told(request: DrawRequest) -> None:
    """Text is set at 24 px or more, or the picture says that it is smaller."""
    drawn = _laid_out(request)
    small = [size for size in drawn.canvas.body_px if round(size) < 24]
    assert not small or any("px" in one.what for one in drawn.degraded)


@settings(max_examples=times(50, 150), deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_no_letter_is_lost(request: DrawRequest) -> None:
    """Every letter that a random scene is set in has a face; one that had none was replaced, and
    that is told."""
    drawn = _laid_out(request)
    groups = (drawn.canvas.base, *drawn.canvas.layers)
    runs = [run for g in groups for item in g.items for run in item.get("runs", ())]
    letters = {letter for run in runs for letter in run["text"] if not letter.isspace()}
    assert all(covers(letter) or unicodedata.category(letter) == "Cf" for letter in letters)
    if BOX in letters and BOX not in str(request):
        assert any(one.what.startswith("Letters drawn differently") for one in drawn.degraded)


TOO_MUCH = {
    "forty lines of code": CodeVisual(
        text="\n".join(f"value_{k} = compute(value_{k - 1}, {k})" for k in range(60))
    ),
    "twenty rows": TableVisual(
        header=("Một", "Hai", "Ba"),
        rows=tuple((f"Hàng {k}", "một ô dài " * 4, "x" * 60) for k in range(20)),
    ),
    "twelve bullets": SlideVisual(
        bullets=tuple(Bullet(f"Ý thứ {k} khá dài để xuống dòng", "và dòng phụ") for k in range(12))
    ),
    "long points": ComparisonVisual(
        columns=tuple(Side("Cột", tuple("rất nhiều chữ " * 9 for _ in range(6))) for _ in range(3))
    ),
}


@pytest.mark.parametrize("case", TOO_MUCH)
def test_what_is_too_much_for_one_picture_is_told(case: str) -> None:
    """A scene of a hand-made storyboard that cannot be read well says so."""
    from tests.visuals.scenes import request

    drawn = lay_out(request(TOO_MUCH[case], heading="Tiêu đề đôi " * 6), MemoryShelf())
    assert drawn.degraded


def _field_under(text: dict[str, Any], painted: list[dict[str, Any]]) -> str:
    """The colour of what was painted last under the beginning of a text."""
    width = math.fsum(
        advance(r["text"], r["size"], r["weight"], tracking=r["tracking"], face=r["face"])
        for r in text["runs"]
    )
    size = text["runs"][0]["size"]
    left = text["x"] - {"left": 0, "center": width / 2, "right": width}[text["anchor"]]
    x, y = left + min(0.3 * size, width / 2), text["y"] - 0.3 * size
    return next(str(item["fill"]) for item in reversed(painted) if _covers(item, x, y))


def _covers(item: dict[str, Any], x: float, y: float) -> bool:
    if item["draw"] == "rect":
        return bool(
            item["x"] <= x <= item["x"] + item["w"] and item["y"] <= y <= item["y"] + item["h"]
        )
    if item["draw"] == "circle":
        return math.hypot(x - item["x"] - item["r"], y - item["y"] - item["r"]) <= float(item["r"])
    if item["draw"] not in ("polygon", "path"):
        return False
    points = item.get("points") or [item["start"], *(way[-1] for way in item["ways"])]
    crossed = [
        (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0)
        for (x0, y0), (x1, y1) in pairwise([*points, points[0]])
    ]
    return sum(crossed) % 2 == 1


def _laid_out(request: DrawRequest) -> Drawn:
    """The scene on its canvas; one that is refused breaks no law."""
    try:
        return lay_out(request, MemoryShelf())
    except DiagramTooLarge:
        reject()


def test_lines_keep_clear_of_stacked_marks() -> None:
    """Two lines of bold capitals with two marks each do not touch: their ink is measured."""
    from inkreel.model import Bullet, SlideVisual
    from tests.visuals.scenes import request

    text = "ỄẶỮ ỆẬỔ " * 12
    canvas = lay_out(request(SlideVisual(bullets=(Bullet(text.strip()),))), MemoryShelf()).canvas
    lines = [item["y"] for item in canvas.layers[0].items if item["draw"] == "text"][1:]
    size = canvas.layers[0].items[-1]["runs"][0]["size"]
    assert len(lines) >= 2
    # Be Vietnam Pro: 0.92 em above the baseline for capitals with a mark, 0.25 em below.
    assert all(below - above >= 1.17 * size for above, below in pairwise(lines))


def _with_later(
    boxes: list[tuple[float, float, float, float]],
) -> list[tuple[tuple[float, float, float, float], list[tuple[float, float, float, float]]]]:
    return [(box, boxes[index + 1 :]) for index, box in enumerate(boxes)]


def _text_boxes(canvas: Canvas) -> list[tuple[float, float, float, float]]:
    """Top, bottom, left, right of the small letters of each line, focus layers left out."""
    boxes = []
    for group in (canvas.base, *canvas.layers):
        if "/focus/" in group.label:
            continue
        for item in group.items:
            if item["draw"] != "text" or item["runs"][0]["text"] == "“":
                continue
            width = math.fsum(
                advance(
                    run["text"],
                    run["size"],
                    run["weight"],
                    tracking=run["tracking"],
                    face=run["face"],
                )
                for run in item["runs"]
            )
            size = max(run["size"] for run in item["runs"])
            left = item["x"] - {"left": 0, "center": width / 2, "right": width}[item["anchor"]]
            boxes.append((item["y"] - 0.53 * size, item["y"], left + 1, left + width - 1))
    return boxes
