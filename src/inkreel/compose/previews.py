"""Frames of a scene, as they are drawn → a few small pictures of it.

They are taken from the planes that the encoder is given, so that they show what the film shows
(steps so far, captions) and cost what shrinking a frame costs: nothing is drawn for them.
"""

from __future__ import annotations

import itertools
from math import sqrt

import numpy as np
import numpy.typing as npt
import pyvips

from inkreel.compose.planes import Bytes, Planes
from inkreel.compose.sheets import BLOCK
from inkreel.model import FrameRate, Preview

PART_MS = 5_000
"""A picture stands for about so long."""
PIXELS = 240 * 135
"""Of a picture, about, whatever its shape."""
_QUALITY = 82


def parts(frames: int, rate: FrameRate) -> list[tuple[int, int]]:
    """A scene's frames in equal parts `[start, end)`, each about `PART_MS` long."""
    count = max(1, round(frames / rate.count(PART_MS)))
    edges = [frames * edge // count for edge in range(count + 1)]
    return list(itertools.pairwise(edges))


class Previews:
    """Small pictures of a scene; a part is shown by its middle frame, none by those of `lead`."""

    def __init__(self, frames: int, lead: int, rate: FrameRate) -> None:
        self._parts = {
            max(lead, (start + end) // 2): (start, end) for start, end in parts(frames, rate)
        }
        self._found: dict[int, Preview] = {}

    def see(self, planes: Planes, first: int, count: int) -> None:
        """`planes` are what is seen in `count` frames from `first` on; parts whose middle looks
        the same share a picture."""
        shown = [part for frame, part in self._parts.items() if first <= frame < first + count]
        if shown:
            start, end = shown[0][0], shown[-1][1]
            self._found[start] = Preview(start, end, jpeg(shrink(planes)))

    def all(self) -> tuple[Preview, ...]:
        """What was seen, in order."""
        return tuple(self._found[start] for start in sorted(self._found))


def shrink(planes: Planes) -> Bytes:
    """RGB8 of about `PIXELS` pixels: each is the mean of a square of the frame; what is left over
    at its right and bottom is cut off."""
    height, width = planes.y.shape
    half = max(1, round(sqrt(width * height / PIXELS) / 2))
    y, u, v = (
        _means(plane, side) for plane, side in zip(planes, (2 * half, half, half), strict=True)
    )
    # BT.709 in limited range, as it is tagged.
    luma, blue, red = (y - 16) * (255 / 219), (u - 128) * (255 / 224), (v - 128) * (255 / 224)
    rgb = np.stack(
        (luma + 1.5748 * red, luma - 0.187324 * blue - 0.468124 * red, luma + 1.8556 * blue), -1
    )
    pixels: Bytes = np.rint(rgb).clip(0, 255).astype(np.uint8)
    return pixels


def _means(plane: Bytes, side: int) -> npt.NDArray[np.float32]:
    """Over squares; adding rows and columns one by one is three times as fast as a sum over an
    axis."""
    height, width = plane.shape[0] // side * side, plane.shape[1] // side * side
    rows = plane[:height:side, :width].astype(np.uint16)
    for row in range(1, side):
        rows += plane[row:height:side, :width]
    sums = rows[:, ::side].astype(np.uint32)
    for column in range(1, side):
        sums += rows[:, column::side]
    return sums.astype(np.float32) / np.float32(side * side)


def jpeg(rgb: Bytes) -> bytes:
    """With a restart after each row of blocks, so that pictures can be joined without decoding
    (`inkreel.compose.sheets`)."""
    height, width, _ = rgb.shape
    image = pyvips.Image.new_from_memory(rgb.tobytes(), width, height, 3, "uchar")
    data: bytes = image.copy(interpretation="srgb").jpegsave_buffer(
        Q=_QUALITY, subsample_mode="off", restart_interval=-(-width // BLOCK), keep="none"
    )
    return data
