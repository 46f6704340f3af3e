"""Visual → Picture: the visual's kind draws on a canvas, typst sets it, layers are cut out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import numpy as np

from inkreel.model import (
    ChartVisual,
    CodeVisual,
    Degraded,
    Effect,
    FormulaVisual,
    ImageVisual,
    Layer,
    NumberVisual,
    Picture,
    QuoteVisual,
    SectionVisual,
    SlideVisual,
    TableVisual,
    TitleVisual,
    Visual,
)
from inkreel.ports import Shelf
from inkreel.recipes import DrawRequest
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import BASE_LABEL, Canvas
from inkreel.visuals.glyphs import Cover
from inkreel.visuals.kinds import (
    chart,
    code,
    formula,
    image,
    number,
    quote,
    section,
    slide,
    table,
    title,
)
from inkreel.visuals.layers import Sheet, crop_of, rasterise, rasterise_opaque, take_apart
from inkreel.visuals.stage import stage_for
from inkreel.visuals.themes import theme_named
from inkreel.visuals.typeset import typeset

KINDS: dict[type[Visual], Callable[[Brief[Any]], int]] = {
    TitleVisual: title.draw,
    SectionVisual: section.draw,
    SlideVisual: slide.draw,
    CodeVisual: code.draw,
    TableVisual: table.draw,
    QuoteVisual: quote.draw,
    ChartVisual: chart.draw,
    FormulaVisual: formula.draw,
    NumberVisual: number.draw,
    ImageVisual: image.draw,
}


def draw(request: DrawRequest, shelf: Shelf) -> Picture:
    """Draw a visual at the request's size. Raises `DrawingFailed`."""
    cover = Cover()
    canvas = Canvas(stage_for(request.width, request.height), request.language)
    visual = request.visual
    brief: Brief[Any] = Brief(
        visual=_drawable(visual, cover),
        heading=cover.text(request.heading),
        eyebrow=cover.text(request.eyebrow),
        language=request.language,
        theme=theme_named(request.theme),
        canvas=canvas,
        shelf=shelf,
    )
    steps = KINDS[type(visual)](brief)
    sheet = take_apart(typeset(canvas.scene()), request.width, request.height)
    return _picture(sheet, canvas, steps, (*cover.degraded, *brief.degraded))


def _drawable(visual: Visual, cover: Cover) -> Visual:
    """The visual with texts of which every letter can be drawn."""
    plain = msgspec.to_builtins(visual)
    covered = cover.every(plain)
    if isinstance(visual, CodeVisual):
        covered["text"] = cover.listing(visual.text.replace("\r\n", "\n").replace("\r", "\n"))
    return msgspec.convert(covered, type(visual))


def _picture(sheet: Sheet, canvas: Canvas, steps: int, degraded: tuple[Degraded, ...]) -> Picture:
    base, layers = b"", []
    for drawing in sheet.drawings:
        if drawing.label == BASE_LABEL:
            base = _with_photos(rasterise_opaque(sheet, drawing.markup), sheet, canvas)
            continue
        crop = crop_of(drawing.bounds, sheet.width, sheet.height) if drawing.bounds else None
        if crop is None:
            continue
        step, effect, name = drawing.label.split("/", 2)
        rgba = rasterise(sheet, drawing.markup, crop)
        layers.append(Layer(name, int(step), Effect(effect), *crop, rgba))
    return Picture(
        width=sheet.width,
        height=sheet.height,
        base=base,
        layers=tuple(layers),
        steps=steps,
        text_px=round(min(canvas.body_px, default=0)),
        degraded=degraded,
    )


def _with_photos(base: bytes, sheet: Sheet, canvas: Canvas) -> bytes:
    """The base with the pictures of the document laid on it."""
    if not canvas.photos:
        return base
    frame = np.frombuffer(base, np.uint8).reshape(sheet.height, sheet.width, 3).copy()
    for x, y, pixels in canvas.photos:
        height, width, _ = pixels.shape
        frame[y : y + height, x : x + width] = pixels
    return frame.tobytes()
