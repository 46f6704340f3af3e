"""The logo of a brand on the first and the last card."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from inkreel.visuals.brief import Brief
from inkreel.visuals.colours import BLACK, WHITE, luminance
from inkreel.visuals.photo import UnreadableImageError, load, measure
from inkreel.visuals.stage import Box

HEIGHT, WIDEST = 72.0, 380.0
_FAINT, _MAY_BE_FAINT = 1.6, 0.12
"""Contrast under which a part of a logo is lost on its background, and how much of it may be."""
_NIGHT = "#14161C"
_PAD = 16.0


def draw_logo(brief: Brief[Any], room: Box) -> Box | None:
    """Draw it into the left of `room`, on a plate where it would not be seen; answers where it
    stands. One that cannot be read is told."""
    if not brief.logo:
        return None
    try:
        width, height, see_through = measure(brief.logo)
        factor = min(room.h / height, min(room.w, WIDEST) / width)
        box = Box(room.x, room.y, max(2.0, width * factor), max(2.0, height * factor))
        scale = brief.canvas.stage.scale
        size = round(box.w * scale), round(box.h * scale)
        field = brief.theme.bg
        if see_through and (plate := _plate(brief, size)):
            field = plate
            box = Box(box.x + _PAD, box.y, box.w, box.h)
            brief.canvas.base.rect(box.inset(-_PAD, -_PAD), plate, radius=14)
        pixels = load(brief.logo, *size, field)
    except UnreadableImageError as error:
        brief.lost("The logo of the theme is not shown", str(error))
        return None
    brief.canvas.photos.append((round(box.x * scale), round(box.y * scale), pixels))
    return box


def _plate(brief: Brief[Any], size: tuple[int, int]) -> str | None:
    """White or black behind a logo of which a part has nearly the colour of the background."""
    white, black = (load(brief.logo, *size, field).astype(float) for field in (WHITE, BLACK))
    # On white and on black a pixel differs by what is see-through.
    ink = 1 - (white - black).mean(axis=2) / 255
    drawn = ink > 0.5
    if not drawn.any():
        return None
    linear = ((black[drawn] / ink[drawn][:, None]).clip(0, 255) / 255) ** 2.2
    light = linear @ np.array([0.2126, 0.7152, 0.0722])
    fields = (brief.theme.bg, WHITE, _NIGHT)
    lost = {field: float(_faint(light, luminance(field)).mean()) for field in fields}
    if lost[brief.theme.bg] < _MAY_BE_FAINT:
        return None
    best = min(fields, key=lambda field: lost[field])
    return None if best == brief.theme.bg else best


def _faint(light: NDArray[np.float64], field: float) -> NDArray[np.bool_]:
    """Which of these luminances are hardly seen on a field."""
    higher, lower = np.maximum(light, field), np.minimum(light, field)
    return (higher + 0.05) / (lower + 0.05) < _FAINT
