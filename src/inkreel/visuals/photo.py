"""Image bytes of a stranger → pixels that fit a box; those of a source of images → Photo.

Only formats known by their first bytes are decoded, and only after the header has told a bearable
size. SVG is drawn by the same renderer as our own pages, which reads no other file.
"""

from __future__ import annotations

import numpy as np
import pyvips
from numpy.typing import NDArray

from inkreel.errors import ImageFailed
from inkreel.model import Photo
from inkreel.ports import Shelf
from inkreel.recipes import DevelopRequest

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


_PHOTOS = (_PNG, b"\xff\xd8\xff", b"RIFF")
"""What a source of images may give: PNG, JPEG, WebP."""
_PHOTO_PIXELS = 50_000_000
_LEAST_SIDE = 320
"""Pixels under which a picture would be blurred in any panel."""
_MOST_SIDE = 2_400
"""As much as a panel has at 2,160 lines."""
_QUALITY = 90


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
        told = pyvips.Image.new_from_buffer(data, "").get_typeof("icc-profile-data") != 0
        # Without a profile of its own it is sRGB already; converting it costs more than all else.
        managed = {"export_profile": "srgb"} if told else {}
        image = pyvips.Image.thumbnail_buffer(data, width, height=height, size="force", **managed)
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


def develop(request: DevelopRequest, shelf: Shelf) -> Photo:
    """Check the picture and code it anew, no larger than it is needed. Raises `ImageFailed`."""
    data = shelf.read(request.image)
    why = _unfit(data)
    if why:
        raise ImageFailed(f"The picture cannot be used: {why}.", hint="Use another one.")
    try:
        image = _upright(data)
        coded: bytes = image.jpegsave_buffer(Q=_QUALITY, keep="none")
    except pyvips.Error as error:
        raise ImageFailed(
            "The picture cannot be used: its bytes are damaged.", hint="Use another one."
        ) from error
    return Photo(shelf.save(coded), image.width, image.height)


def _unfit(data: bytes) -> str:
    """Why a picture is none for us, as far as its head tells."""
    if not data.startswith(_PHOTOS):
        return "its format is not PNG, JPEG or WebP"
    try:
        width, height, _ = measure(data)
    except UnreadableImageError as error:
        return str(error)
    if width * height > _PHOTO_PIXELS:
        return f"{width} × {height} pixels are too many"
    return f"{width} × {height} pixels are too few" if min(width, height) < _LEAST_SIDE else ""


def _upright(data: bytes) -> pyvips.Image:
    """Decoded whole, turned as its camera says, in sRGB."""
    image = pyvips.Image.thumbnail_buffer(
        data, _MOST_SIDE, height=_MOST_SIDE, size="down", export_profile="srgb", fail_on="error"
    )
    if image.hasalpha():
        image = image.flatten(background=[255, 255, 255])
    return image.colourspace("srgb").cast("uchar").copy_memory()


def cropped(data: bytes, width: int, height: int) -> NDArray[np.uint8]:
    """RGB8 rows of a photo of ours that fill `width` × `height`: what is left out is where the
    least is to be seen. Raises `UnreadableImageError`."""
    try:
        image = pyvips.Image.thumbnail_buffer(data, width, height=height, crop="attention")
        pixels = np.frombuffer(image.extract_band(0, n=3).write_to_memory(), np.uint8)
    except pyvips.Error as error:
        raise UnreadableImageError("its bytes are damaged") from error
    return pixels.reshape(height, width, 3)
