"""RGB pixels → YUV 4:2:0 planes in BT.709 limited range, and sprites that blend onto them.

All arithmetic is in integers, so that the same pixels come out in every process and on every
machine. A chroma sample is the mean of its 2×2 pixels, weighted by their alpha.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

from inkreel.compose.timeline import OPAQUE

Bytes: TypeAlias = npt.NDArray[np.uint8]
Shorts: TypeAlias = npt.NDArray[np.uint16]
Ints: TypeAlias = npt.NDArray[np.int32]

_BITS = 16
_KR, _KB = 0.2126, 0.0722
_LUMA_SPAN, _CHROMA_SPAN = 219 / 255, 224 / 255
_STRIP_ROWS = 32
"""Rows converted at a time: temporaries stay in the processor's cache."""


def _fixed(*weights: float) -> tuple[int, int, int]:
    """Weights of R, G, B in fixed point; G takes the rounding so that greys stay exact."""
    red, green, blue = (round(weight * (1 << _BITS)) for weight in weights)
    total = round(sum(weights) * (1 << _BITS))
    return red, green + total - red - green - blue, blue


_Y = _fixed(*(_LUMA_SPAN * weight for weight in (_KR, 1 - _KR - _KB, _KB)))
_U = _fixed(*(_CHROMA_SPAN / (2 - 2 * _KB) * weight for weight in (-_KR, _KR + _KB - 1, 1 - _KB)))
_V = _fixed(*(_CHROMA_SPAN / (2 - 2 * _KR) * weight for weight in (1 - _KR, _KR + _KB - 1, -_KB)))


class Rect(NamedTuple):
    """Pixels `[left, right) × [top, bottom)` of a picture; all four are even."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def area(self) -> int:
        return max(0, self.right - self.left) * max(0, self.bottom - self.top)

    def meet(self, other: Rect) -> Rect:
        """The intersection, perhaps empty."""
        return Rect(
            max(self.left, other.left),
            max(self.top, other.top),
            min(self.right, other.right),
            min(self.bottom, other.bottom),
        )

    def join(self, other: Rect) -> Rect:
        """The smallest rectangle around both."""
        return Rect(
            min(self.left, other.left),
            min(self.top, other.top),
            max(self.right, other.right),
            max(self.bottom, other.bottom),
        )

    def moved(self, x: int, y: int) -> Rect:
        return Rect(self.left + x, self.top + y, self.right + x, self.bottom + y)

    def halved(self) -> Rect:
        """The same place on a chroma plane."""
        return Rect(self.left // 2, self.top // 2, self.right // 2, self.bottom // 2)


class Planes(NamedTuple):
    """A picture: `y` has its size, `u` and `v` have half of it."""

    y: Bytes
    u: Bytes
    v: Bytes

    @property
    def rect(self) -> Rect:
        height, width = self.y.shape
        return Rect(0, 0, width, height)

    def copy(self) -> Planes:
        return Planes(self.y.copy(), self.u.copy(), self.v.copy())

    def put(self, source: Planes, rect: Rect) -> None:
        """Copy `rect` from another picture of the same size."""
        half = rect.halved()
        for plane, other, part in zip(self, source, (rect, half, half), strict=True):
            window = np.s_[part.top : part.bottom, part.left : part.right]
            plane[window] = other[window]


def blank(width: int, height: int) -> Planes:
    """Planes of an even size, their content undefined."""
    half = (height // 2, width // 2)
    return Planes(
        np.empty((height, width), np.uint8), np.empty(half, np.uint8), np.empty(half, np.uint8)
    )


def from_rgb(pixels: bytes, width: int, height: int) -> Planes:
    """Convert RGB8, row by row, of an even size."""
    rgb = np.frombuffer(pixels, np.uint8).reshape(height, width, 3)
    planes = blank(width, height)
    for top in range(0, height, _STRIP_ROWS):
        strip = rgb[top : top + _STRIP_ROWS]
        planes.y[top : top + _STRIP_ROWS] = _luma(strip)
        half = slice(top // 2, (top + _STRIP_ROWS) // 2)
        planes.u[half], planes.v[half] = _chroma(_four(strip[..., c]) for c in range(3))
    return planes


def _luma(rgb: Bytes) -> Bytes:
    total = np.multiply(rgb[..., 0], _Y[0], dtype=np.int32)
    total += np.multiply(rgb[..., 1], _Y[1], dtype=np.int32)
    total += np.multiply(rgb[..., 2], _Y[2], dtype=np.int32)
    total += (16 << _BITS) + (1 << _BITS >> 1)
    total >>= _BITS
    return total.astype(np.uint8)


def _four(channel: npt.NDArray[np.integer]) -> Ints:
    """Sums over 2×2 pixels."""
    rows = np.add(channel[0::2], channel[1::2], dtype=np.int32)
    sums: Ints = rows[:, 0::2] + rows[:, 1::2]
    return sums


def _chroma(sums: Iterable[Ints]) -> tuple[Bytes, Bytes]:
    """U and V from the sums of R, G and B over 2×2 pixels."""
    red, green, blue = sums
    found = []
    for weights in (_U, _V):
        total = red * weights[0] + green * weights[1] + blue * weights[2]
        total += (128 << _BITS + 2) + (1 << _BITS + 1)
        total >>= _BITS + 2
        found.append(total.astype(np.uint8))
    return found[0], found[1]


def enlarged(planes: Planes, times: float) -> Planes:
    """The middle of a picture, `times` (from 1 on) as large, in the same box. Samples are linear in
    256ths between the nearest ones: what moves slowly does so without steps."""
    return Planes(*(_enlarged(plane, times) for plane in planes))


def _enlarged(plane: Bytes, times: float) -> Bytes:
    height, width = plane.shape
    near, far, share = _taps(height, times)
    rows = _between(plane[near], plane[far], share[:, None])
    near, far, share = _taps(width, times)
    return _between(rows.take(near, axis=1), rows.take(far, axis=1), share)


def _taps(length: int, times: float) -> tuple[Ints, Ints, Shorts]:
    """For each sample the two that it lies between, and its share of the second in 256ths."""
    middle = (length - 1) / 2
    at = np.round(((np.arange(length) - middle) / times + middle) * 256).astype(np.int32)
    at = np.clip(at, 0, (length - 1) << 8)
    near = at >> 8
    return near, np.minimum(near + 1, length - 1), (at & 255).astype(np.uint16)


def _between(one: Bytes, other: Bytes, share: Shorts) -> Bytes:
    mixed = one * (256 - share)
    mixed += other * share
    mixed += 128
    mixed >>= 8
    return mixed.astype(np.uint8)


@dataclass(frozen=True)
class Ink:
    """What a sprite does to one plane: `plane = (plane × keep + paint) / 255`."""

    paint: Shorts
    keep: Bytes

    def patch(self, other: Ink, rect: Rect) -> None:
        """Copy `rect` from another ink of the same size."""
        window = np.s_[rect.top : rect.bottom, rect.left : rect.right]
        self.paint[window] = other.paint[window]
        self.keep[window] = other.keep[window]


@dataclass(frozen=True)
class Sprite:
    """A cropped, half-transparent picture, premultiplied once and blended often."""

    y: Ink
    u: Ink
    v: Ink

    @property
    def inks(self) -> tuple[Ink, Ink, Ink]:
        return self.y, self.u, self.v

    def patch(self, other: Sprite, rect: Rect) -> None:
        """Copy `rect` from another sprite of the same size."""
        half = rect.halved()
        for ink, source, part in zip(self.inks, other.inks, (rect, half, half), strict=True):
            ink.patch(source, part)

    def copy(self) -> Sprite:
        y, u, v = (Ink(ink.paint.copy(), ink.keep.copy()) for ink in self.inks)
        return Sprite(y, u, v)


def sprite(pixels: bytes, width: int, height: int) -> Sprite:
    """Convert straight RGBA8, row by row, of an even size."""
    rgba = np.frombuffer(pixels, np.uint8).reshape(height, width, 4)
    full, half = (height, width), (height // 2, width // 2)
    inks = [Ink(np.empty(s, np.uint16), np.empty(s, np.uint8)) for s in (full, half, half)]
    for top in range(0, height, _STRIP_ROWS):
        strip = rgba[top : top + _STRIP_ROWS]
        rows = slice(top, top + _STRIP_ROWS)
        alpha = strip[..., 3]
        inks[0].keep[rows] = 255 - alpha
        np.multiply(_luma(strip), alpha, out=inks[0].paint[rows], dtype=np.uint16)
        _sprite_chroma(strip, inks[1], inks[2], slice(top // 2, (top + _STRIP_ROWS) // 2))
    return Sprite(inks[0], inks[1], inks[2])


def _sprite_chroma(rgba: Bytes, u: Ink, v: Ink, rows: slice) -> None:
    weight = _four(rgba[..., 3])
    # Where nothing is painted the colour does not matter; one avoids a division by zero.
    divisor = np.maximum(weight, 1)
    alpha = rgba[..., 3].astype(np.int32)
    means = ((4 * _four(rgba[..., c] * alpha) + (divisor >> 1)) // divisor for c in range(3))
    quarter = (weight + 2) >> 2
    for ink, plane in zip((u, v), _chroma(means), strict=True):
        ink.keep[rows] = 255 - quarter
        np.multiply(plane, quarter, out=ink.paint[rows], casting="unsafe")


class Brush:
    """Blends sprites onto planes, in scratch memory of its own."""

    def __init__(self, width: int, height: int) -> None:
        self._mixed = np.empty(width * height, np.uint16)
        self._carry = np.empty(width * height, np.uint16)

    def blend(
        self, onto: Planes, what: Sprite, at: tuple[int, int], rect: Rect, opacity: int
    ) -> None:
        """Draw `what` with its corner `at` (even) inside `rect`, `opacity` of `OPAQUE` strong."""
        source = rect.moved(-at[0], -at[1])
        half, half_source = rect.halved(), source.halved()
        places = ((rect, source), (half, half_source), (half, half_source))
        for plane, ink, (to, of) in zip(onto, what.inks, places, strict=True):
            self._blend(
                plane[to.top : to.bottom, to.left : to.right],
                ink.paint[of.top : of.bottom, of.left : of.right],
                ink.keep[of.top : of.bottom, of.left : of.right],
                opacity,
            )

    def _blend(self, target: Bytes, paint: Shorts, keep: Bytes, opacity: int) -> None:
        mixed = self._mixed[: target.size].reshape(target.shape)
        carry = self._carry[: target.size].reshape(target.shape)
        np.multiply(target, keep, out=mixed, dtype=np.uint16)
        mixed += paint
        # (v + 128 + (v + 128 >> 8)) >> 8 is v / 255 rounded, exact below 65,536.
        mixed += 128
        np.right_shift(mixed, 8, out=carry)
        mixed += carry
        mixed >>= 8
        if opacity < OPAQUE:
            self._fade(target, mixed, opacity)
        np.copyto(target, mixed, casting="unsafe")

    @staticmethod
    def _fade(target: Bytes, mixed: Shorts, opacity: int) -> None:
        """Take `mixed` back towards `target`; ±255 × 128 fits 16 bits with a sign."""
        change = mixed.view(np.int16)
        change -= target
        change *= opacity
        change += OPAQUE // 2
        change >>= 7
        change += target


def mix(out: Bytes, before: Bytes, after: Bytes, share: int) -> None:
    """Cross-fade: `share` of `OPAQUE` is `after`."""
    change = after.astype(np.int16)
    change -= before
    change *= share
    change += OPAQUE // 2
    change >>= 7
    change += before
    np.copyto(out, change, casting="unsafe")
