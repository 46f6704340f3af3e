"""Whatever a scene says, it stays inside its box, apart from itself, and above the captions."""

from __future__ import annotations

import math
from itertools import pairwise

from hypothesis import HealthCheck, given, settings

from inkreel.recipes import DrawRequest
from inkreel.visuals.canvas import Canvas
from inkreel.visuals.drawing import lay_out
from inkreel.visuals.faces import advance
from inkreel.visuals.layers import take_apart
from inkreel.visuals.typeset import typeset
from tests.visuals.scenes import MemoryShelf, requests

_OVERHANG = 26
"""Design pixels that a hanging mark or an accent may stand out."""


@settings(max_examples=220, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_ink_stays_inside_the_content_box(request: DrawRequest) -> None:
    """No random scene leaves its box, and no step lies outside the counted steps."""
    drawn = lay_out(request, MemoryShelf())
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


@settings(max_examples=220, deadline=None, suppress_health_check=list(HealthCheck))
@given(requests)
def test_texts_do_not_overlap(request: DrawRequest) -> None:
    """No two lines of text of a random scene's final state touch each other."""
    boxes = sorted(_text_boxes(lay_out(request, MemoryShelf()).canvas))
    for (top, bottom, left, right), others in _with_later(boxes):
        for other_top, _, other_left, other_right in others:
            if other_top >= bottom:
                break
            assert other_left >= right or other_right <= left, (top, left)


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
