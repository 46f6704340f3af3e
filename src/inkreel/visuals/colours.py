"""Colours as `#RRGGBB`: contrast, mixing, and lightness as the eye judges it (OKLCH).

OKLab: https://bottosson.github.io/posts/oklab/; contrast: WCAG 2.2, "relative luminance".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

WHITE, BLACK = "#FFFFFF", "#000000"
TEXT, SHAPE = 4.5, 3.0
"""Least contrast of text, and of shapes that mean something."""

Oklch = tuple[float, float, float]
"""Lightness 0 … 1, chroma, hue in radians."""


def _linear(colour: str) -> tuple[float, float, float]:
    r, g, b = (int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5))
    return tuple(c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (r, g, b))  # type: ignore[return-value]


@lru_cache(maxsize=512)
def luminance(colour: str) -> float:
    """Relative luminance, 0 … 1."""
    r, g, b = _linear(colour)
    return 0.2126 * r + 0.7152 * g + 0.0722 * b


def contrast(one: str, other: str) -> float:
    """Contrast ratio of two colours, 1 … 21."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def mix(over: str, under: str, share: float) -> str:
    """`share` of one colour on another, as an opaque one."""
    pairs = ((int(over[i : i + 2], 16), int(under[i : i + 2], 16)) for i in (1, 3, 5))
    return "#" + "".join(f"{round(a * share + b * (1 - share)):02X}" for a, b in pairs)


def readable_on(field: str, inks: Sequence[str] = ()) -> str:
    """The first of `inks` that can be read on a field, else white or black."""
    for ink in inks:
        if contrast(ink, field) >= TEXT:
            return ink
    return max((WHITE, BLACK), key=lambda ink: contrast(ink, field))


def oklch(colour: str) -> Oklch:
    """A colour as lightness, chroma and hue."""
    r, g, b = _linear(colour)
    long = math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b)
    medium = math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b)
    short = math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    c = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return lightness, math.hypot(a, c), math.atan2(c, a)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """The nearest colour of a screen: what is too bright for it loses chroma."""
    lightness = min(max(lightness, 0.0), 1.0)
    low, high = 0.0, chroma
    channels = _channels(lightness, chroma, hue)
    if not _shown(channels):
        for _ in range(18):
            middle = (low + high) / 2
            low, high = (
                (middle, high) if _shown(_channels(lightness, middle, hue)) else (low, middle)
            )
        channels = _channels(lightness, low, hue)
    return "#" + "".join(f"{round(255 * _gamma(c)):02X}" for c in channels)


def _channels(lightness: float, chroma: float, hue: float) -> tuple[float, float, float]:
    a, b = chroma * math.cos(hue), chroma * math.sin(hue)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _shown(channels: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= c <= 1 + 1e-4 for c in channels)


def _gamma(c: float) -> float:
    c = min(max(c, 0.0), 1.0)
    return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1 / 2.4) - 0.055
