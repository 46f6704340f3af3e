"""A picture from the document, undistorted, which drifts to rest; its caption is the step."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inkreel.model import DRIFT_BEGIN, Effect, ImageVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Anchor, Group, Point, Style
from inkreel.visuals.header import draw_background, draw_header
from inkreel.visuals.photo import UnreadableImageError, enlarged, load, measure
from inkreel.visuals.setting import Setting, cut
from inkreel.visuals.stage import Box

_MOST_ENLARGED = 2.0
_PAPER = "#FFFFFF"
_PAD = 18.0
_GAP = 64.0
_WORDS, _CREDIT = 34.0, 28.0
_PITCH = 1.32


@dataclass(frozen=True, slots=True)
class Legend:
    """What is read with the picture, set to a width."""

    caption: Setting
    credit: Setting
    width: float

    @property
    def height(self) -> float:
        """0 where there is nothing to read."""
        return self.lines_height(self.caption) + self.lines_height(self.credit) + self.space

    @property
    def space(self) -> float:
        """Between caption and credit."""
        return 14.0 if self.caption.lines[0] and self.credit.lines[0] else 0.0

    @staticmethod
    def lines_height(setting: Setting) -> float:
        """Of the lines of one of them."""
        return len(setting.lines) * _PITCH * setting.size if setting.lines[0] else 0.0


def draw(brief: Brief[ImageVisual]) -> int:
    """Draw the picture into the base; one step, the caption."""
    canvas, theme = brief.canvas, brief.theme
    draw_background(canvas, theme)
    area = draw_header(canvas, theme, brief.eyebrow, brief.heading)
    area = Box(area.x, area.y - 16, area.w, area.h + 16)
    data = brief.shelf.read(brief.visual.digest)
    try:
        width, height, had_alpha = measure(data)
    except UnreadableImageError as error:
        _lose(brief, str(error))
        _draw_beside(brief, _legend(brief, area.w), area)
        return 1
    picture, legend, beside = _arranged(brief, area, (width, height))
    frame = picture.inset(-_PAD, -_PAD)
    # What is see-through was most likely drawn for white paper.
    plate = _PAPER if had_alpha else theme.surface
    canvas.base.rect(frame, plate, radius=24, stroke=theme.line)
    try:
        scale = canvas.stage.scale
        x, y, w, h = (
            2 * round(side * scale / 2) for side in (picture.x, picture.y, picture.w, picture.h)
        )
        pixels = load(data, max(2, w), max(2, h), plate)
        if brief.still:
            canvas.photos.append((x, y, pixels))
        else:
            canvas.photos.append((x, y, enlarged(pixels, DRIFT_BEGIN)))
            canvas.drifting.append((x, y, pixels))
    except UnreadableImageError as error:
        _lose(brief, str(error))
    if beside:
        room = replace(area, x=frame.right + _GAP, w=area.right - frame.right - _GAP)
        _draw_beside(brief, legend, room)
    else:
        _draw_below(brief, legend, frame)
    return 1


def _lose(brief: Brief[ImageVisual], why: str) -> None:
    brief.lost("An image of the document is not shown", why)


def _arranged(
    brief: Brief[ImageVisual], area: Box, pixels: tuple[int, int]
) -> tuple[Box, Legend, bool]:
    """The picture with its words below it, or beside it where it is larger so."""
    legend = _legend(brief, area.w)
    words = legend.height + 26 if legend.height else 0.0
    below = _fitted(replace(area, h=area.h - words), pixels)
    spare = area.h - words - below.h - 2 * _PAD
    below = replace(below, x=area.x + (area.w - below.w) / 2, y=area.y + _PAD + spare * 0.4)
    if not (brief.canvas.stage.wide and legend.height):
        return below, legend, False
    beside = _fitted(replace(area, w=area.w * 0.62), pixels)
    if beside.w * beside.h < below.w * below.h:
        return below, legend, False
    beside = replace(beside, y=area.y + (area.h - beside.h) * 0.4)
    return beside, _legend(brief, area.right - beside.right - _PAD - _GAP), True


def _fitted(room: Box, pixels: tuple[int, int]) -> Box:
    """As large as the room allows, in its left top; small pictures are not blown up beyond twice
    their size."""
    width, height = pixels
    inner = room.inset(_PAD, _PAD)
    factor = min(inner.w / width, inner.h / height, _MOST_ENLARGED)
    return Box(inner.x, inner.y, max(2.0, width * factor), max(2.0, height * factor))


def _legend(brief: Brief[ImageVisual], width: float) -> Legend:
    most = 9 if width < 0.45 * brief.box.w else 3
    caption = cut(brief.visual.caption, Style(_WORDS, 500, ""), width, most)
    if len(caption.lines) > 2:
        caption = cut(brief.visual.caption, Style(_WORDS - 4, 500, ""), width, most)
    credit = cut(brief.visual.credit, Style(_CREDIT, 400, ""), width, 2)
    return Legend(caption, credit, width)


def _draw_beside(brief: Brief[ImageVisual], legend: Legend, room: Box) -> None:
    """The words in the middle of the room's height, under a short bar."""
    if not legend.height:
        return
    layer = brief.canvas.layer("caption", 0, Effect.RISE)
    y = room.y + (room.h - legend.height) * 0.42
    layer.rect(Box(room.x, y - 34, 56, 8), brief.theme.accent, radius=4)
    _draw_words(brief, layer, legend, (room.x, y), "left")


def _draw_below(brief: Brief[ImageVisual], legend: Legend, frame: Box) -> None:
    """The words under the picture, centred."""
    if legend.height:
        layer = brief.canvas.layer("caption", 0, Effect.RISE)
        top = (frame.x + frame.w / 2, frame.bottom + 26 - _PAD / 2)
        _draw_words(brief, layer, legend, top, "center")


def _draw_words(
    brief: Brief[ImageVisual], layer: Group, legend: Legend, top: Point, anchor: Anchor
) -> None:
    x, y = top
    for setting, weight, fill in (
        (legend.caption, 500, brief.theme.ink),
        (legend.credit, 400, brief.theme.muted),
    ):
        style = Style(setting.size, weight, fill)
        for line in setting.lines if setting.lines[0] else ():
            layer.text(x, y + 0.98 * style.size, line, style, anchor)
            y += _PITCH * style.size
        y += legend.space
        if setting.lines[0]:
            brief.canvas.note_body(style.size)
        if setting.cut:
            brief.shortened("A caption")
