"""Video size → the shape of picture that its panel takes; light, as the parent process asks it."""

from __future__ import annotations

from typing import Literal

from inkreel.visuals.stage import stage_for

Shape = Literal["landscape", "portrait", "square"]


def panel_shape(width: int, height: int) -> Shape:
    """Of the panel in `panel.panel_of`."""
    return "square" if stage_for(width, height).wide else "landscape"
