"""SVG → cropped pixels: each labelled group is measured by its ink, cut out and rasterised once."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

import numpy as np
import pyvips

_TAG = re.compile(r"<(/?)(g|use|path|image)\b([^>]*?)(/?)>")
_ATTRIBUTE = re.compile(r'([\w:-]+)="([^"]*)"')
_SYMBOL = re.compile(r'<symbol id="(g[0-9A-F]+)"[^>]*>(.*?)</symbol>', re.DOTALL)
_REFERENCE = re.compile(r'xlink:href="#(g[0-9A-F]+)"')
_PATH = re.compile(r"([MmLlHhVvCcQqZz])|(-?[0-9.]+(?:e-?\d+)?)")
_NUMBERS = re.compile(r"-?[0-9.]+(?:e-?\d+)?")

Bounds = tuple[float, float, float, float]
Crop = tuple[int, int, int, int]
"""Left, top, width, height."""
Matrix = tuple[float, float, float, float, float, float]
_UNIT: Matrix = (1, 0, 0, 1, 0, 0)
_HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="{x} {y} {w} {h}" width="{w}" height="{h}">'
)


@dataclass(frozen=True, slots=True)
class Drawing:
    """A labelled group of the page. `bounds` is its ink (left, top, right, bottom) or None;
    `marks` are the ink bounds of labelled parts inside it."""

    label: str
    markup: str
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
    """A group that has begun: its transform, and its label if it has one."""

    matrix: Matrix
    label: str
    start: int
    ink: int
    """How much ink there was before it."""


def _drawings(body: str, glyphs: dict[str, str]) -> Iterator[Drawing]:
    stack = [_Open(_UNIT, "", 0, 0)]
    ink: list[Bounds] = []
    marks: dict[str, Bounds] = {}
    for tag in _TAG.finditer(body):
        closing, name, attributes, empty = tag.groups()
        if closing:
            done = stack.pop()
            bounds = _union(ink[done.ink :]) if done.label else None
            if done.label and any(group.label for group in stack):
                marks |= {done.label: bounds} if bounds else {}
            elif done.label:
                yield Drawing(done.label, body[done.start : tag.end()], bounds, marks)
                ink, marks = [], {}
            continue
        values = dict(_ATTRIBUTE.findall(attributes))
        matrix = _times(stack[-1].matrix, values.get("transform", ""))
        if not empty:
            label = values.get("data-typst-label", "")
            stack.append(_Open(matrix, label, tag.start(), len(ink)))
        box = None if name == "g" else _ink(name, values, glyphs)
        if box is not None:
            ink.append(_mapped(box, matrix))


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
    boxes = [
        _ink(tag[2], dict(_ATTRIBUTE.findall(tag[3])), {})
        for tag in _TAG.finditer(symbol)
        if not tag[1]
    ]
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
    a, b, c, d, e, f = matrix
    corners = [(x, y) for x in (box[0], box[2]) for y in (box[1], box[3])]
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
