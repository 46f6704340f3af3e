"""Video size → where things may stand. All lengths are design pixels: 1080 on the short side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Aspect = Literal["wide", "tall", "square"]


@dataclass(frozen=True, slots=True)
class Box:
    x: float
    y: float
    w: float
    h: float

    @property
    def right(self) -> float:
        return self.x + self.w

    @property
    def bottom(self) -> float:
        return self.y + self.h

    def below(self, y: float) -> Box:
        """The part of the box under `y`."""
        return Box(self.x, y, self.w, self.bottom - y)

    def inset(self, dx: float, dy: float) -> Box:
        return Box(self.x + dx, self.y + dy, self.w - 2 * dx, self.h - 2 * dy)


@dataclass(frozen=True, slots=True)
class Stage:
    """A frame of `width` × `height` design pixels; `scale` makes them pixels of the video."""

    aspect: Aspect
    width: float
    height: float
    scale: float
    content: Box
    caption_middle: float
    """The height on which caption cards are centred."""
    caption_width: float

    @property
    def wide(self) -> bool:
        return self.aspect == "wide"

    @property
    def pixels(self) -> tuple[int, int]:
        return round(self.width * self.scale), round(self.height * self.scale)


def stage_for(width: int, height: int) -> Stage:
    """The stage of a video of `width` × `height` pixels."""
    scale = min(width, height) / 1080
    w, h = width / scale, height / scale
    if width > height * 1.2:
        return Stage("wide", w, h, scale, Box(128, 92, w - 256, h - 280), h - 98, w - 360)
    if height > width * 1.2:
        return Stage("tall", w, h, scale, Box(84, 230, w - 168, h - 690), h - 330, w - 120)
    return Stage("square", w, h, scale, Box(84, 80, w - 168, h - 290), h - 104, w - 120)
