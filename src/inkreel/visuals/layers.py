"""SVG → cropped pixels: each labelled group is measured by its ink, cut out and rasterised once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pyvips
from numpy.typing import NDArray

_TAG = re.compile(r"<(/?)(g|use|path|image)\b([^>]*)>")
_SYMBOL = re.compile(r'<symbol id="(g[0-9A-F]+)"[^>]*>(.*?)</symbol>', re.DOTALL)
_REFERENCE = re.compile(r'xlink:href="#(g[0-9A-F]+)"')
_PATH = re.compile(r"([MmLlHhVvCcQqZz])|(-?[0-9.]+(?:e-?\d+)?)")
_NUMBERS = re.compile(r"-?[0-9.]+(?:e-?\d+)?")

Bounds = tuple[float, float, float, float]
Pixels = NDArray[np.uint8]
Crop = tuple[int, int, int, int]
"""Left, top, width, height."""
Matrix = tuple[float, float, float, float, float, float]
_UNIT: Matrix = (1, 0, 0, 1, 0, 0)
_LABEL = "data-typst-label"
_INSIDE = 2
"""How deep what a drawing is made of lies, below the page and the drawing."""
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="{x} {y} {w} {h}" width="{w}" height="{h}">'
)


@dataclass(frozen=True, slots=True)
class Part:
    """A shape or a line of text within a drawing, and its ink."""

    markup: str
    bounds: Bounds


@dataclass(frozen=True, slots=True)
class Drawing:
    """A labelled group of the page. `bounds` is its ink (left, top, right, bottom) or None;
    `marks` are the ink bounds of labelled elements inside it."""

    label: str
    markup: str
    parts: tuple[Part, ...]
    bounds: Bounds | None
    marks: dict[str, Bounds]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A page taken apart; `glyphs` are the outlines that the drawings refer to."""

    width: int
    height: int
    drawings: tuple[Drawing, ...]
    glyphs: dict[str, str]


def take_apart(svg: str, width: int, height: int) -> Sheet:
    """Find the labelled groups of a page that typst wrote, with their ink bounds."""
    glyphs = dict(_SYMBOL.findall(svg))
    body = svg.partition("<defs")[0]
    drawings = tuple(_drawings(body, glyphs))
    return Sheet(width, height, drawings, glyphs)


@dataclass(slots=True)
class _Open:
    """An element that has begun: its transform, and its label if it has one."""

    matrix: Matrix
    label: str
    start: int
    opening: str
    ink: int
    """How much ink there was before it."""


def _drawings(body: str, glyphs: dict[str, str]) -> Iterator[Drawing]:
    stack = [_Open(_UNIT, "", 0, "", 0)]
    ink: list[Bounds] = []
    parts: list[Part] = []
    marks: dict[str, Bounds] = {}
    for tag in _TAG.finditer(body):
        closing, name, attributes = tag.groups()
        label, start, inked = "", tag.start(), len(ink)
        if closing:
            done = stack.pop()
            label, start, inked = done.label, done.start, done.ink
        else:
            values = _values(attributes)
            matrix = _times(stack[-1].matrix, values.get("transform", ""))
            if name != "g" and (box := _ink(name, values, glyphs)):
                ink.append(_mapped(box, matrix))
            if not attributes.endswith("/"):
                stack.append(_Open(matrix, values.get(_LABEL, ""), start, tag[0], inked))
                continue
        if len(stack) == _INSIDE and (bounds := _union(ink[inked:])):
            parts.append(Part(f"{stack[-1].opening}{body[start : tag.end()]}</g>", bounds))
        if label and len(stack) >= _INSIDE and (bounds := _union(ink[inked:])):
            marks[label] = bounds
        if label and len(stack) < _INSIDE:
            yield Drawing(label, body[start : tag.end()], tuple(parts), _union(ink), marks)
            ink, parts, marks = [], [], {}


def _values(attributes: str) -> dict[str, str]:
    pieces = attributes.split('"')
    return {name.strip(" ="): value for name, value in zip(pieces[::2], pieces[1::2], strict=False)}


def _ink(name: str, values: dict[str, str], glyphs: dict[str, str]) -> Bounds | None:
    """Bounds of one element in its own coordinates."""
    if name == "use":
        box = _symbol_bounds(glyphs.get(values["xlink:href"][1:], ""))
        dx, dy = float(values.get("x", 0)), float(values.get("y", 0))
        return (box[0] + dx, box[1] + dy, box[2] + dx, box[3] + dy) if box else None
    if name == "path":
        box = _path_bounds(values.get("d", ""))
        pen = (
            float(values.get("stroke-width", 0)) / 2
            if values.get("stroke", "none") != "none"
            else 0
        )
        return (box[0] - pen, box[1] - pen, box[2] + pen, box[3] + pen) if box else None
    return 0.0, 0.0, float(values.get("width", 0)), float(values.get("height", 0))


@lru_cache(maxsize=4096)
def _symbol_bounds(symbol: str) -> Bounds | None:
    boxes = [_ink(tag[2], _values(tag[3]), {}) for tag in _TAG.finditer(symbol) if not tag[1]]
    return _union([box for box in boxes if box])


def _path_bounds(d: str) -> Bounds | None:
    """Bounds of all points of a path, control points included."""
    xs: list[float] = []
    ys: list[float] = []
    x = y = start_x = start_y = 0.0
    for command, numbers in _segments(d):
        kind, relative = command.upper(), command.islower()
        if kind == "Z":
            x, y = start_x, start_y
            continue
        base_x, base_y = (x, y) if relative else (0.0, 0.0)
        if kind == "H":
            x = base_x + numbers[-1]
        elif kind == "V":
            y = base_y + numbers[-1]
        else:
            xs.extend(base_x + value for value in numbers[0:-2:2])
            ys.extend(base_y + value for value in numbers[1:-2:2])
            x, y = base_x + numbers[-2], base_y + numbers[-1]
        if kind == "M":
            start_x, start_y = x, y
            continue
        xs.extend((start_x, x))
        ys.extend((start_y, y))
    return (min(xs), min(ys), max(xs), max(ys)) if xs else None


def _segments(d: str) -> Iterator[tuple[str, list[float]]]:
    command = ""
    numbers: list[float] = []
    for letter, number in _PATH.findall(d):
        if letter:
            if command:
                yield command, numbers
            command, numbers = letter, []
        else:
            numbers.append(float(number))
    if command:
        yield command, numbers


def _times(outer: Matrix, transform: str) -> Matrix:
    if not transform:
        return outer
    numbers = [float(n) for n in _NUMBERS.findall(transform.partition("(")[2])]
    if transform.startswith("translate"):
        inner: Matrix = (1, 0, 0, 1, numbers[0], numbers[1] if len(numbers) > 1 else 0.0)
    elif transform.startswith("scale"):
        inner = (numbers[0], 0, 0, numbers[-1], 0, 0)
    else:
        inner = (numbers[0], numbers[1], numbers[2], numbers[3], numbers[4], numbers[5])
    a, b, c, d, e, f = outer
    g, h, i, j, k, m = inner
    return (
        a * g + c * h,
        b * g + d * h,
        a * i + c * j,
        b * i + d * j,
        a * k + c * m + e,
        b * k + d * m + f,
    )


def _mapped(box: Bounds, matrix: Matrix) -> Bounds:
    left, top, right, bottom = box
    a, b, c, d, e, f = matrix
    if not b and not c:  # nearly all: nothing is turned
        x0, x1, y0, y1 = a * left + e, a * right + e, d * top + f, d * bottom + f
        return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)
    corners = [(x, y) for x in (left, right) for y in (top, bottom)]
    xs = [a * x + c * y + e for x, y in corners]
    ys = [b * x + d * y + f for x, y in corners]
    return min(xs), min(ys), max(xs), max(ys)


def _union(boxes: list[Bounds]) -> Bounds | None:
    if not boxes:
        return None
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def crop_of(bounds: Bounds, width: int, height: int) -> Crop | None:
    """Even x, y, width, height around the ink, inside the frame; None when nothing is inside."""
    left = max(0, math.floor(bounds[0]) // 2 * 2)
    top = max(0, math.floor(bounds[1]) // 2 * 2)
    right = min(width, math.ceil(bounds[2] / 2) * 2)
    bottom = min(height, math.ceil(bounds[3] / 2) * 2)
    return (left, top, right - left, bottom - top) if right > left and bottom > top else None


_SHEET_PIXELS = 4_000_000
"""So many pixels are rasterised at a time at most: 16 MB."""


def rasterise(sheet: Sheet, markup: str, crop: Crop) -> bytes:
    """Straight RGBA8 of a piece of the page."""
    return rasterise_all(sheet, [(markup, crop)])[0]


def rasterise_all(sheet: Sheet, pieces: Sequence[tuple[str, Crop]]) -> list[bytes]:
    """Straight RGBA8 of pieces of the page, each markup within its crop.

    Many pieces are drawn beside each other as one image: loading costs more than drawing.
    """
    found: list[bytes] = []
    batch: list[tuple[str, Crop]] = []
    for markup, crop in pieces:
        if batch and sum(c[2] * c[3] for _, c in [*batch, (markup, crop)]) > _SHEET_PIXELS:
            found += _batch(sheet, batch)
            batch = []
        batch.append((markup, crop))
    return found + _batch(sheet, batch) if batch else found


def _batch(sheet: Sheet, pieces: Sequence[tuple[str, Crop]]) -> list[bytes]:
    spots, width, height = _shelved([crop for _, crop in pieces])
    markup = "".join(
        f'<g transform="translate({x - crop[0]} {y - crop[1]})">{own}</g>'
        for (own, crop), (x, y) in zip(pieces, spots, strict=True)
    )
    image = _image(sheet, markup, (0, 0, width, height))
    pixels = np.frombuffer(image.write_to_memory(), np.uint8).reshape(height, width, 4)
    return [
        pixels[y : y + crop[3], x : x + crop[2]].tobytes()
        for (_, crop), (x, y) in zip(pieces, spots, strict=True)
    ]


def _shelved(crops: Sequence[Crop]) -> tuple[list[tuple[int, int]], int, int]:
    """Left tops of boxes in rows, the highest first, and the size of all."""
    width = max(1024, *(crop[2] for crop in crops))
    spots = [(0, 0)] * len(crops)
    x = y = high = 0
    for index in sorted(range(len(crops)), key=lambda k: -crops[k][3]):
        _, _, w, h = crops[index]
        if x + w > width:
            x, y, high = 0, y + high, 0
        spots[index] = (x, y)
        x, high = x + w, max(high, h)
    return spots, width, y + high


def rasterise_opaque(sheet: Sheet, markup: str, crop: Crop) -> bytes:
    """RGB8 of a piece of the page that `markup` covers wholly."""
    return bytes(_image(sheet, markup, crop).extract_band(0, n=3).write_to_memory())


def filled(width: int, height: int, colour: str) -> Pixels:
    """RGB8 rows of one colour."""
    row = np.tile(np.frombuffer(bytes.fromhex(colour[1:]), np.uint8), width)
    return np.tile(row, height).reshape(height, width, 3)


def rasterise_over(
    sheet: Sheet, ground: str, parts: Sequence[Part]
) -> Iterator[tuple[int, int, Pixels]]:
    """Left, top and RGB8 of pieces of the page that hold all the ink of parts on a ground. What
    lies far apart is drawn apart: most of a page is empty, and empty pixels cost as much."""
    for bounds in _clusters([part.bounds for part in parts]):
        crop = crop_of(bounds, sheet.width, sheet.height)
        if crop is None:
            continue
        x, y, w, h = crop
        markup = "".join(part.markup for part in parts if _touch(part.bounds, bounds))
        under = f'<rect x="{x}" y="{y}" width="{w}" height="{h}" fill="{ground}"/>'
        pixels = rasterise_opaque(sheet, under + markup, crop)
        yield x, y, np.frombuffer(pixels, np.uint8).reshape(h, w, 3)


_WORTH = 120_000
"""So many empty pixels cost as much as a piece more."""


def _clusters(boxes: Sequence[Bounds]) -> list[Bounds]:
    """Few boxes that hold all, with few empty pixels."""
    found: list[Bounds] = []
    for box in boxes:
        joined = box
        while near := next((other for other in found if _is_near(other, joined)), None):
            found.remove(near)
            joined = _around(near, joined)
        found.append(joined)
    return found


def _is_near(one: Bounds, other: Bounds) -> bool:
    return _area(_around(one, other)) - _area(one) - _area(other) <= _WORTH


def _around(one: Bounds, other: Bounds) -> Bounds:
    return (
        min(one[0], other[0]), min(one[1], other[1]),
        max(one[2], other[2]), max(one[3], other[3]),
    )  # fmt: skip


def _area(box: Bounds) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


def _touch(one: Bounds, other: Bounds) -> bool:
    return one[0] <= other[2] and other[0] <= one[2] and one[1] <= other[3] and other[1] <= one[3]


@cache
def _forget_operations() -> None:
    """Keep no finished operations: every layer is drawn once, and memory stays flat."""
    pyvips.cache_set_max(0)


def _image(sheet: Sheet, markup: str, crop: Crop) -> pyvips.Image:
    _forget_operations()
    x, y, w, h = crop
    used = dict.fromkeys(_REFERENCE.findall(markup))
    symbols = "".join(
        f'<symbol id="{name}" overflow="visible">{sheet.glyphs[name]}</symbol>'
        for name in used
        if name in sheet.glyphs
    )
    svg = f"{_HEAD.format(x=x, y=y, w=w, h=h)}<defs>{symbols}</defs>{markup}</svg>"
    return pyvips.Image.svgload_buffer(svg.encode())
