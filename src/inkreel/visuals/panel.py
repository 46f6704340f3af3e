"""Where the picture of a source of images stands: a panel of its own beside what is read.

It bleeds to the frame's edges, as the tiles of the opening card do, and leaves the captions' band
free. What is read keeps the plain background, so that its contrast is the theme's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from inkreel.model import Credit, Language, Photo
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.glyphs import Cover
from inkreel.visuals.photo import UnreadableImageError, cropped
from inkreel.visuals.setting import cut
from inkreel.visuals.stage import Box, Stage

_CREDIT = 22.0
_GAP = 72.0
_SHARE = {"wide": 0.385, "tall": 0.39, "square": 0.36}
"""Of the frame's width, or of its height where the panel is above."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A frame shared between a picture and what is read."""

    picture: Box
    content: Box
    credit: Box
    """The line under the picture, on the plain background."""


def panel_of(stage: Stage) -> Panel:
    """The picture at the right, above the captions; in tall and square frames at the top."""
    content = stage.content
    if stage.wide:
        x = round(stage.width * (1 - _SHARE["wide"]))
        picture = Box(x, 0, stage.width - x, stage.height * 0.75)
        room = Box(content.x, content.y, x - _GAP - content.x, content.h)
    else:
        height = round(stage.height * _SHARE[stage.aspect])
        picture = Box(0, 0, stage.width, height)
        top = height + (96 if stage.aspect == "tall" else 62)
        room = Box(content.x, top, content.w, content.bottom - top)
    right = picture.right - (40 if stage.wide else content.x)
    left = max(content.x, picture.x)
    return Panel(picture, room, Box(left, picture.bottom + 12, right - left, 1.4 * _CREDIT))


def draw_panel(brief: Brief[Any], photo: Photo, panel: Panel, cover: Cover) -> None:
    """Draw the picture into the base, and whose it is below it."""
    canvas, theme = brief.canvas, brief.theme
    scale, box = canvas.stage.scale, panel.picture
    left, top = round(box.x * scale), round(box.y * scale)
    right, bottom = round(box.right * scale), round(box.bottom * scale)
    try:
        pixels = cropped(brief.shelf.read(photo.image), right - left, bottom - top)
    except UnreadableImageError as error:
        brief.lost("The picture beside the scene is not shown", str(error))
        canvas.base.rect(box, theme.soft)
        return
    canvas.field.items.clear()  # no ornament peeps out
    canvas.photos.append((left, top, pixels))
    told = cover.text(credit_line(photo.credit, brief.language))
    if told:
        style = Style(_CREDIT, 500, theme.muted)
        line = cut(told, style, panel.credit.w, 1).lines[0]
        canvas.base.text(panel.credit.right, panel.credit.y + _CREDIT, line, style, "right")


def credit_line(credit: Credit, language: Language) -> str:
    """Whose a picture is, in words; empty where nobody is to be named."""
    named = " / ".join(filter(None, (credit.author, credit.source)))
    if credit.generated:
        made = {"vi": "Ảnh do AI tạo", "en": "AI-generated image"}[language]
        return f"{made}: {named}" if named else made
    photo = {"vi": "Ảnh", "en": "Photo"}[language]
    return f"{photo}: {named}" if named else ""
