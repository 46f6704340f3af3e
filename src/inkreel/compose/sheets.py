"""Small pictures of all scenes → sheets of them, and the WebVTT that says which is seen when.

JPEG codes rows of blocks, and after a restart marker each begins anew: a sheet is the rows of its
pictures in another order, under a header with its own size. Nothing is decoded (decision 15).
Source: ITU-T T.81, annex B.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from inkreel.compose.captions import vtt
from inkreel.errors import EncodingFailed
from inkreel.model import Cue, FrameRate, Preview

ACROSS = 10
PLACES = ACROSS * ACROSS
"""Pictures on a sheet: with 240×135 pixels each it stays below what phones decode."""

BLOCK = 8
"""Pixels a side of what JPEG codes at a time, when no colours are subsampled."""
_START_OF_FRAME, _START_OF_SCAN = 0xC0, 0xDA
_END_OF_IMAGE = b"\xff\xd9"
_RESTART = re.compile(rb"\xff[\xd0-\xd7]")


class Place(NamedTuple):
    """Pixels of a sheet that show what is seen in frames `[start, end)` of the video."""

    start: int
    end: int
    x: int
    y: int
    width: int
    height: int


class Sheet(NamedTuple):
    """Pictures in rows, in the order of the video, as one JPEG."""

    jpeg: bytes
    places: tuple[Place, ...]


class Sheets:
    """The sheets of a video; keeps its pictures, about 1 KB for a second of it."""

    def __init__(self) -> None:
        self._previews: list[Preview] = []

    def add(self, previews: Iterable[Preview], start: int) -> None:
        """Append pictures whose frames count from `start` of the video."""
        self._previews += (preview.moved(start) for preview in previews)

    def all(self) -> list[Sheet]:
        """As many as it takes, all but the last one full."""
        firsts = range(0, len(self._previews), PLACES)
        return [_sheet(self._previews[first : first + PLACES]) for first in firsts]


def index(sheets: Sequence[Sheet], links: Sequence[str], rate: FrameRate) -> str:
    """WebVTT whose cues say `LINK#xywh=x,y,width,height`, as players read it from a track of
    thumbnails; the links are relative to its own place."""
    cues = (
        Cue(start, end, f"{link}#xywh={x},{y},{width},{height}")
        for sheet, link in zip(sheets, links, strict=True)
        for start, end, x, y, width, height in sheet.places
    )
    return vtt(cues, rate)


class _Coded(NamedTuple):
    """A JPEG, taken apart."""

    head: bytes
    size: int
    """Where its height and width stand in the head."""
    rows: list[bytes]
    """Each of blocks, without its restart marker."""


def _sheet(previews: Sequence[Preview]) -> Sheet:
    pictures = [_coded(preview.jpeg) for preview in previews]
    head, size, rows = pictures[0]
    if any(picture.head != head or len(picture.rows) != len(rows) for picture in pictures):
        raise EncodingFailed("Pictures of different size cannot stand on one sheet.")
    height, width = (int.from_bytes(head[at : at + 2], "big") for at in (size, size + 2))
    across, down = min(ACROSS, len(pictures)), -(-len(pictures) // ACROSS)
    # A picture's last blocks may reach beyond it: the next one begins behind them.
    step_x, step_y = -(-width // BLOCK) * BLOCK, len(rows) * BLOCK
    # The last one again, where none is left.
    filled = [*pictures, *[pictures[-1]] * (across * down - len(pictures))]
    joined = [
        picture.rows[row]
        for top in range(0, len(filled), across)
        for row in range(len(rows))
        for picture in filled[top : top + across]
    ]
    places = (
        Place(one.start, one.end, at % across * step_x, at // across * step_y, width, height)
        for at, one in enumerate(previews)
    )
    own = (down * step_y).to_bytes(2, "big") + (across * step_x).to_bytes(2, "big")
    return Sheet(head[:size] + own + head[size + 4 :] + _scan(joined), tuple(places))


def _scan(rows: Sequence[bytes]) -> bytes:
    """Restart markers count from 0 to 7 and round again."""
    markers = (bytes((0xFF, 0xD0 + number % 8)) for number in range(len(rows) - 1))
    return b"".join(
        part for pair in zip(rows, (*markers, _END_OF_IMAGE), strict=True) for part in pair
    )


def _coded(jpeg: bytes) -> _Coded:
    """Walk over the marker segments to the scan, which is the rest."""
    at, size, marker = 2, 0, 0
    while marker != _START_OF_SCAN:
        marker, length = jpeg[at + 1], int.from_bytes(jpeg[at + 2 : at + 4], "big")
        if marker == _START_OF_FRAME:
            size = at + 5
        at += 2 + length
    return _Coded(jpeg[:at], size, _RESTART.split(jpeg[at : -len(_END_OF_IMAGE)]))
