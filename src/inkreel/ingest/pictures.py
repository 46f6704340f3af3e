"""Image bytes → width and height in pixels, from the header alone: nothing is decoded."""

from __future__ import annotations

import re
import struct

MAX_PIXELS = 100_000_000
"""Larger pictures are refused: decoding one would take gigabytes."""

_JPEG_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})
_MAX_SEGMENTS = 2_000
_SVG_HEAD = 4_096
"""Bytes within which the root of an SVG must begin and end."""
_SVG_ROOT = re.compile(rb"<svg\b([^<>]{0,4000})>")
_SVG_LENGTH = re.compile(rb"""\b(width|height)\s*=\s*["']\s*(\d{1,6}(?:\.\d+)?)(?:px)?\s*["']""")
_SVG_BOX = re.compile(
    rb"""\bviewBox\s*=\s*["']\s*\S+[\s,]+\S+[\s,]+(\d{1,6}(?:\.\d+)?)[\s,]+(\d{1,6}(?:\.\d+)?)"""
)


def size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, JPEG, GIF, WebP or SVG; None when the header is damaged, another
    format's, or promises more than `MAX_PIXELS`."""
    try:
        found = _size(data)
    except (struct.error, IndexError):
        return None
    if found is None or min(found) < 1 or found[0] * found[1] > MAX_PIXELS:
        return None
    return found


def _size(data: bytes) -> tuple[int, int] | None:
    if data.startswith(b"\x89PNG\r\n\x1a\n") and data[12:16] == b"IHDR":
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if data.startswith((b"GIF87a", b"GIF89a")):
        width, height = struct.unpack_from("<HH", data, 6)
        return width, height
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return _webp_size(data)
    if data.startswith(b"\xff\xd8\xff"):
        return _jpeg_size(data)
    if data.lstrip()[:5] in (b"<svg ", b"<svg\n", b"<svg\t", b"<svg\r", b"<?xml"):
        return _svg_size(data[:_SVG_HEAD])
    return None


def _svg_size(head: bytes) -> tuple[int, int] | None:
    """In pixels as the root says, else those of its view box."""
    root = _SVG_ROOT.search(head)
    if root is None:
        return None
    lengths = {name: round(float(value)) for name, value in _SVG_LENGTH.findall(root[1])}
    if len(lengths) == 2:
        return lengths[b"width"], lengths[b"height"]
    box = _SVG_BOX.search(root[1])
    return (round(float(box[1])), round(float(box[2]))) if box else None


def _webp_size(data: bytes) -> tuple[int, int] | None:
    form = data[12:16]
    if form == b"VP8 " and data[23:26] == b"\x9d\x01\x2a":
        width, height = struct.unpack_from("<HH", data, 26)
        return width & 0x3FFF, height & 0x3FFF
    if form == b"VP8L" and data[20:21] == b"\x2f":
        (bits,) = struct.unpack_from("<I", data, 21)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if form == b"VP8X" and len(data) >= 30:
        width = int.from_bytes(data[24:27], "little") + 1
        height = int.from_bytes(data[27:30], "little") + 1
        return width, height
    return None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    """Walks marker segments to the frame header. Orientation (EXIF) is not applied."""
    at = 2
    for _ in range(_MAX_SEGMENTS):
        while data[at] == 0xFF and data[at + 1] == 0xFF:
            at += 1
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, at + 5)
            return width, height
        (length,) = struct.unpack_from(">H", data, at + 2)
        at += 2 + max(2, length)
    return None
