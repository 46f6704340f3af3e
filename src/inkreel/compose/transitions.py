"""The settled end of one picture, the start of the next → the frames between them."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from inkreel.compose.planes import Bytes, Planes, mix
from inkreel.compose.timeline import OPAQUE, ease_in_out

Bools: TypeAlias = npt.NDArray[np.bool_]
Draw = Callable[[Planes, float], None]
"""Draws on planes what is seen when so much of 0 … 1 has passed."""

_LEAVING = 0.42
"""Share of a fade in which the old leaves; then the new comes."""
_TILES = 360
"""Pictures are compared in squares; half as many lie along the short side."""


def transition(effect: Literal["fade", "slide", "wipe"], before: Planes, after: Planes) -> Draw:
    """The way from one picture to the next."""
    return _EFFECTS[effect](before, after)


def _fade(before: Planes, after: Planes) -> Draw:
    """The old leaves, then the new comes: two headings are never seen through each other. What
    both share stays where it is."""
    ground = _shared(before, after)

    def draw(out: Planes, progress: float) -> None:
        leaving = progress < _LEAVING
        old, new = (before, ground) if leaving else (ground, after)
        passed = progress / _LEAVING if leaving else (progress - _LEAVING) / (1 - _LEAVING)
        share = round(OPAQUE * ease_in_out(passed))
        for plane, one, other in zip(out, old, new, strict=True):
            mix(plane, one, other, share)

    return draw


def _slide(before: Planes, after: Planes) -> Draw:
    """The next picture pushes this one out to the left."""

    def draw(out: Planes, progress: float) -> None:
        half = round(out.u.shape[1] * ease_in_out(progress))
        for plane, old, new, moved in zip(out, before, after, (2 * half, half, half), strict=True):
            width = plane.shape[1]
            np.copyto(plane[:, : width - moved], old[:, moved:])
            np.copyto(plane[:, width - moved :], new[:, :moved])

    return draw


def _wipe(before: Planes, after: Planes) -> Draw:
    """The next picture is uncovered from the left."""

    def draw(out: Planes, progress: float) -> None:
        half = round(out.u.shape[1] * ease_in_out(progress))
        for plane, old, new, edge in zip(out, before, after, (2 * half, half, half), strict=True):
            np.copyto(plane[:, :edge], new[:, :edge])
            np.copyto(plane[:, edge:], old[:, edge:])

    return draw


_EFFECTS: dict[str, Callable[[Planes, Planes], Draw]] = {
    "fade": _fade,
    "slide": _slide,
    "wipe": _wipe,
}


# --- What two pictures share ---------------------------------------------------------------------


def _shared(before: Planes, after: Planes) -> Planes:
    """What is equal in both, on the flat colour that most of `after` has.

    Pictures are compared in small tiles. What touches something that changes leaves with it:
    letters and cards that lie on each other agree in places by chance.
    """
    colours = _colour(after)
    tile = max(2, min(before.y.shape) // _TILES * 2)
    sides = tile, tile // 2, tile // 2
    every = list(zip(before, after, colours, sides, strict=True))
    changed = _any(_tiles(old != new, side) for old, new, _, side in every)
    content = _any(
        _tiles((old != colour) | (new != colour), side) for old, new, colour, side in every
    )
    while (wider := changed | (_spread(changed) & content)).sum() > changed.sum():
        changed = wider
    ground = before.copy()
    for plane, colour, side in zip(ground, colours, sides, strict=True):
        rows, columns = plane.shape
        plane[changed.repeat(side, axis=0)[:rows].repeat(side, axis=1)[:, :columns]] = colour
    return ground


def _any(grids: Iterable[Bools]) -> Bools:
    return functools.reduce(np.logical_or, grids)


def _tiles(pixels: Bools, side: int) -> Bools:
    """In which tiles there is one."""
    rows, columns = (range(0, length, side) for length in pixels.shape)
    return np.logical_or.reduceat(np.logical_or.reduceat(pixels, rows), columns, axis=1)


def _spread(tiles: Bools) -> Bools:
    """With their eight neighbours."""
    upright = tiles.copy()
    upright[1:] |= tiles[:-1]
    upright[:-1] |= tiles[1:]
    wider = upright.copy()
    wider[:, 1:] |= upright[:, :-1]
    wider[:, :-1] |= upright[:, 1:]
    return wider


def _colour(picture: Planes) -> tuple[int, int, int]:
    """The most frequent one, plane by plane among those that agree so far."""
    luma, u, v = picture.y[::2, ::2], picture.u, picture.v
    y0 = _most(luma)
    here = luma == y0
    u0 = _most(u[here])
    return y0, u0, _most(v[here & (u == u0)])


def _most(values: Bytes) -> int:
    return int(np.bincount(values.ravel()).argmax())
