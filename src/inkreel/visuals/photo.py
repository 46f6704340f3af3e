"""Image bytes of a stranger → pixels that fit a box.

Only formats known by their first bytes are decoded, and only after the header has told a bearable
size. SVG is drawn by the same renderer as our own pages, which reads no other file.
"""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.typing import NDArray

_MOST_PIXELS = 120_000_000
_PNG, _PNG_END = b"\x89PNG\r\n\x1a\n", b"IEND\xaeB`\x82"
_MAGIC = (
    _PNG,
    b"\xff\xd8\xff",
    b"GIF8",
    b"RIFF",
    b"<svg",
    b"<?xml",
)


class UnreadableImageError(ValueError):
    """The image cannot be shown; the message says why."""


def measure(data: bytes) -> tuple[int, int, bool]:
    """Width, height, and whether there is an alpha channel. Raises `UnreadableImageError`."""
    if not data.lstrip().startswith(_MAGIC):
        raise UnreadableImageError("its format is not PNG, JPEG, WebP, GIF or SVG")
    if data.startswith(_PNG) and _PNG_END not in data:
        raise UnreadableImageError("its end is missing")  # libvips draws the rest in black
    try:
        header = pyvips.Image.new_from_buffer(data, "")
    except pyvips.Error as error:
        raise UnreadableImageError("its bytes are damaged") from error
    if header.width * header.height > _MOST_PIXELS:
        raise UnreadableImageError(f"{header.width} × {header.height} pixels are too many")
    return header.width, header.height, bool(header.hasalpha())


def load(data: bytes, width: int, height: int, background: str) -> NDArray[np.uint8]:
    """RGB8 rows of the image at exactly `width` × `height`, `background` where it is
    see-through. Raises `UnreadableImageError`."""
    colour = [int(background[i : i + 2], 16) for i in (1, 3, 5)]
    try:
        image = pyvips.Image.thumbnail_buffer(
            data, width, height=height, size="force", export_profile="srgb"
        )
        if image.hasalpha():
            image = image.flatten(background=colour)
        image = image.colourspace("srgb").cast("uchar")
        pixels = np.frombuffer(image.extract_band(0, n=3).write_to_memory(), np.uint8)
    except pyvips.Error as error:
        raise UnreadableImageError("its bytes are damaged") from error
    return pixels.reshape(height, width, 3)


def enlarged(pixels: NDArray[np.uint8], times: float) -> NDArray[np.uint8]:
    """The middle of RGB8 rows, `times` as large, in as many pixels."""
    height, width, _ = pixels.shape
    image = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, 3, "uchar")
    large = image.resize(times, kernel="linear")
    left, top = (large.width - width) // 2, (large.height - height) // 2
    middle = large.crop(left, top, width, height).write_to_memory()
    return np.frombuffer(middle, np.uint8).reshape(height, width, 3)
