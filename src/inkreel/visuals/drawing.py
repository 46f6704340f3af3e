"""Visual → Picture: the visual's kind draws on a canvas, typst sets it, layers are cut out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any

import msgspec
import numpy as np

from inkreel.model import (
    Brand,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    Degraded,
    DiagramVisual,
    Effect,
    EndVisual,
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
from inkreel.visuals.bidi import mostly_rtl
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import BASE_LABEL, FIELD_LABEL, Canvas
from inkreel.visuals.glyphs import Cover
from inkreel.visuals.kinds import (
    charts,
    code,
    comparison,
    diagram,
    end,
    formula,
    image,
    number,
    quote,
    section,
    slide,
    table,
    title,
)
from inkreel.visuals.layers import Sheet, crop_of, filled, rasterise_all, rasterise_over, take_apart
from inkreel.visuals.palette import palette_of
from inkreel.visuals.panel import draw_panel, panel_of
from inkreel.visuals.stage import stage_for
from inkreel.visuals.themes import Theme, theme_named
from inkreel.visuals.typefaces import other_faces, typeface_of
from inkreel.visuals.typeset import typeset

KINDS: dict[type[Visual], Callable[[Brief[Any]], int]] = {
    TitleVisual: title.draw,
    SectionVisual: section.draw,
    SlideVisual: slide.draw,
    ComparisonVisual: comparison.draw,
    CodeVisual: code.draw,
    TableVisual: table.draw,
    QuoteVisual: quote.draw,
    ChartVisual: charts.draw,
    FormulaVisual: formula.draw,
    NumberVisual: number.draw,
    ImageVisual: image.draw,
    EndVisual: end.draw,
    DiagramVisual: diagram.draw,
}

_STILL = (FIELD_LABEL, BASE_LABEL)


_READABLE: dict[type[Visual], int] = {
    SlideVisual: 28,
    ComparisonVisual: 28,
    EndVisual: 28,
    QuoteVisual: 28,
    NumberVisual: 28,
}
_MIRRORED = frozenset(KINDS) - {CodeVisual, ChartVisual, DiagramVisual, FormulaVisual}
"""Kinds that begin at the right side where their text does. Code and formulas are read from left
to right everywhere, axes and diagrams mostly."""
_NOT_READ = ("kind", "digest")
_SMALL_PRINT = 24
"""Pixels, at 1080 lines, under which running text is hard to read in a video; code, tables and
what stands beside a drawing may be a little smaller."""


@dataclass(frozen=True, slots=True)
class Drawn:
    """A visual on its canvas, not yet set."""

    canvas: Canvas
    steps: int
    degraded: tuple[Degraded, ...]
    crowded: bool
    """It is too much for one picture: text is small, or something was shortened."""


def draw(request: DrawRequest, shelf: Shelf) -> Picture:
    """Draw a visual at the request's size. Raises `DrawingFailed`, `ArtifactLost` for an image
    that is gone, `OptionError` for an unknown theme."""
    with typeface_of(request.theme) as told:
        drawn = lay_out(request, shelf)
        told.extend(other_faces(drawn.canvas))
        sheet = take_apart(typeset(drawn.canvas.scene()), request.width, request.height)
    return Picture(
        width=sheet.width,
        height=sheet.height,
        base=_base(sheet, drawn.canvas),
        layers=(*_drifting(drawn.canvas), *_layers(sheet)),
        steps=drawn.steps,
        text_px=round(min(drawn.canvas.body_px, default=0)),
        degraded=(*drawn.degraded, *told),
    )


def lay_out(request: DrawRequest, shelf: Shelf) -> Drawn:
    """Let the visual's kind draw on a fresh canvas."""
    cover = Cover()
    read = (request.heading, *_texts(msgspec.to_builtins(request.visual)))
    mirrored = type(request.visual) in _MIRRORED and mostly_rtl(read)
    stage = stage_for(request.width, request.height)
    panel = panel_of(stage)
    if request.photo:
        stage = replace(stage, content=panel.content)
    theme = theme_for(request.theme)
    canvas = Canvas(stage, request.language, ground=theme.bg, mirrored=mirrored)
    brief: Brief[Any] = Brief(
        visual=_drawable(request.visual, cover),
        heading=cover.text(request.heading).strip(),
        eyebrow=cover.text(request.eyebrow).strip(),
        language=request.language,
        theme=theme,
        logo=request.theme.logo if isinstance(request.theme, Brand) else b"",
        canvas=canvas,
        shelf=shelf,
        illustrated=request.photo is not None,
        still=request.still,
    )
    steps = KINDS[type(request.visual)](brief)
    if request.photo:
        draw_panel(brief, request.photo, panel, cover)
    _report_small(brief)
    _report_colours(brief, request.theme)
    degraded = (*cover.degraded, *brief.degraded)
    return Drawn(canvas, steps, degraded, crowded=bool(brief.crowding) or cover.shortened)


def _texts(value: Any) -> Iterator[str]:
    """All that is read in a visual, in builtins."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from () if key in _NOT_READ else _texts(inner)
    elif isinstance(value, list | tuple):
        for inner in value:
            yield from _texts(inner)


def theme_for(theme: str | Brand) -> Theme:
    """The colours of a theme. Raises `OptionError` for a name that is not known."""
    return palette_of(theme).theme if isinstance(theme, Brand) else theme_named(theme)


def _report_colours(brief: Brief[Any], theme: str | Brand) -> None:
    """Say on the first and the last card which colours of a brand could not be read."""
    if not isinstance(theme, Brand) or not isinstance(brief.visual, TitleVisual | EndVisual):
        return
    changed = palette_of(theme).changed
    if changed:
        what = f"Colours of the theme {theme.name} are drawn otherwise: {', '.join(changed)}"
        brief.lost(what, "text and shapes must stand out from their background")


def _report_small(brief: Brief[Any]) -> None:
    """Say when so much was asked of one picture that it can hardly be read."""
    least = least_px(brief.visual)
    size = round(min(brief.canvas.body_px, default=least))
    if size < least:
        brief.lost(
            f"The text is set at {size} px",
            f"it is too much for one picture at {least} px; give it two scenes",
            crowded=True,
        )


def least_px(visual: Visual) -> int:
    """Pixels, at 1080 lines, from which the visual's text is read well."""
    return _READABLE.get(type(visual), _SMALL_PRINT)


def _drawable(visual: Visual, cover: Cover) -> Visual:
    """The visual with texts of which every letter can be drawn."""
    covered = cover.every(msgspec.to_builtins(visual))
    if isinstance(visual, CodeVisual):
        covered["text"] = cover.listing(visual.text.replace("\r\n", "\n").replace("\r", "\n"))
    if isinstance(visual, FormulaVisual):
        for step, told in zip(covered["steps"], visual.steps, strict=True):
            step |= {"tex": cover.maths(told.tex), "mark": cover.maths(told.mark)}
    return msgspec.convert(covered, type(visual))


def _layers(sheet: Sheet) -> Iterator[Layer]:
    inked = [(one, one.bounds) for one in sheet.drawings if one.label not in _STILL and one.bounds]
    crops = [(one, crop_of(bounds, sheet.width, sheet.height)) for one, bounds in inked]
    seen = [(one, crop) for one, crop in crops if crop is not None]
    pixels = rasterise_all(sheet, [(one.markup, crop) for one, crop in seen])
    for (drawing, crop), rgba in zip(seen, pixels, strict=True):
        step, effect, name = drawing.label.split("/", 2)
        yield Layer(name, int(step), Effect(effect), *crop, rgba)


def _drifting(canvas: Canvas) -> Iterator[Layer]:
    """A layer below all others for each photo that drifts."""
    for index, (x, y, photo) in enumerate(canvas.placed_drifting(), 1):
        height, width, _ = photo.shape
        rgba = np.dstack([photo, np.full((height, width), 255, np.uint8)])
        yield Layer(f"photo-{index}", 0, Effect.DRIFT, x, y, width, height, rgba.tobytes())


def _base(sheet: Sheet, canvas: Canvas) -> bytes:
    """The ground, what is drawn on it, and photos laid on that."""
    frame = filled(sheet.width, sheet.height, canvas.ground)
    parts = [part for one in sheet.drawings if one.label in _STILL for part in one.parts]
    for x, y, piece in rasterise_over(sheet, canvas.ground, parts):
        frame[y : y + piece.shape[0], x : x + piece.shape[1]] = piece
    for x, y, photo in canvas.placed_photos():
        frame[y : y + photo.shape[0], x : x + photo.shape[1]] = photo
    return frame.tobytes()
