"""A picture from the document, whole and undistorted, with its caption as the step."""

from __future__ import annotations

from dataclasses import replace

from inkreel.model import Effect, ImageVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_header
from inkreel.visuals.photo import UnreadableImageError, load, measure
from inkreel.visuals.setting import cut
from inkreel.visuals.stage import Box

_MOST_ENLARGED = 2.0
_PAPER = "#FFFFFF"
_PAD = 18.0


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
        _draw_caption(brief, Box(area.x, area.y + 40, area.w, area.h), beside=True)
        return 1
    worded = bool(brief.visual.caption or brief.visual.credit)
    beside = canvas.stage.wide and worded and width / height < 1.5
    picture = _picture_box(area, (width, height), beside=beside, worded=worded)
    frame = picture.inset(-_PAD, -_PAD)
    # What is see-through was most likely drawn for white paper.
    plate = _PAPER if had_alpha else theme.surface
    canvas.base.rect(frame, plate, radius=24, stroke=theme.line)
    try:
        scale = canvas.stage.scale
        x, y = round(picture.x * scale), round(picture.y * scale)
        pixels = load(data, round(picture.w * scale), round(picture.h * scale), plate)
        canvas.photos.append((x, y, pixels))
    except UnreadableImageError as error:
        _lose(brief, str(error))
    if worded and beside:
        _draw_caption(
            brief, replace(area, x=frame.right + 64, w=area.right - frame.right - 64), beside=True
        )
    elif worded:
        _draw_caption(
            brief, Box(frame.x, frame.bottom, frame.w, area.bottom - frame.bottom), beside=False
        )
    return 1


def _lose(brief: Brief[ImageVisual], why: str) -> None:
    brief.lost("An image of the document is not shown", why)


def _picture_box(area: Box, pixels: tuple[int, int], *, beside: bool, worded: bool) -> Box:
    """As large as the area allows; small pictures are not blown up beyond twice their size."""
    width, height = pixels
    room = Box(area.x, area.y, area.w * (0.6 if beside else 1.0), area.h)
    if worded and not beside:
        room = replace(room, h=room.h - 70)
    room = room.inset(_PAD, _PAD)
    factor = min(room.w / width, room.h / height, _MOST_ENLARGED)
    w, h = max(2.0, width * factor), max(2.0, height * factor)
    x = room.x if beside else room.x + (room.w - w) / 2
    return Box(x, room.y + (room.h - h) * 0.4, w, h)


def _draw_caption(brief: Brief[ImageVisual], box: Box, *, beside: bool) -> None:
    """The caption and its credit: beside the picture, or centred below it."""
    theme, visual = brief.theme, brief.visual
    style = Style(40 if beside else 31, 500, theme.ink)
    small = Style(27, 400, theme.muted)
    layer = brief.canvas.layer("caption", 0, Effect.RISE)
    if not beside:
        room = brief.box.w
        text = f"{visual.caption} · {visual.credit}" if visual.credit else visual.caption
        caption = cut(text.strip(" ·"), style, room, 1)
        if caption.cut:
            caption = cut(text.strip(" ·"), style.sized(25), room, 2)
        for row, line in enumerate(caption.lines):
            y = box.y + 48 + row * 32
            layer.text(box.x + box.w / 2, y, line, style.sized(caption.size), "center")
        brief.canvas.note_body(caption.size)
        return
    caption = cut(visual.caption, style, box.w, 8)
    credit = cut(visual.credit, small, box.w, 2)
    height = len(caption.lines) * 52 + (24 + len(credit.lines) * 36 if visual.credit else 0)
    y = box.y + (box.h - height) * 0.42 + 40
    layer.rect(Box(box.x, y - 78, 56, 8), theme.accent, radius=4)
    for line in caption.lines:
        layer.text(box.x, y, line, style)
        y += 52
    for line in credit.lines:
        layer.text(box.x, y + 8, line, small)
        y += 36
    if caption.cut or credit.cut:
        brief.shortened("A caption")
    brief.canvas.note_body(small.size if visual.credit else style.size)
