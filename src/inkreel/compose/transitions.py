"""The settled end of one picture, the start of the next → the frames between them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import numpy as np

from inkreel.compose.planes import Planes, mix
from inkreel.compose.timeline import OPAQUE, ease_in_out

Mixer = Callable[[Planes, Planes, Planes, float], None]


def draw(
    effect: Literal["fade", "slide", "wipe"],
    out: Planes,
    pictures: tuple[Planes, Planes],
    progress: float,
) -> None:
    """Draw `pictures` (before, after) as they stand when `progress` of 0 … 1 has passed."""
    _MIXERS[effect](out, *pictures, ease_in_out(progress))


def _fade(out: Planes, before: Planes, after: Planes, share: float) -> None:
    for plane, old, new in zip(out, before, after, strict=True):
        mix(plane, old, new, round(OPAQUE * share))


def _slide(out: Planes, before: Planes, after: Planes, share: float) -> None:
    """The next picture pushes this one out to the left."""
    half = round(out.u.shape[1] * share)
    for plane, old, new, moved in zip(out, before, after, (2 * half, half, half), strict=True):
        width = plane.shape[1]
        np.copyto(plane[:, : width - moved], old[:, moved:])
        np.copyto(plane[:, width - moved :], new[:, :moved])


def _wipe(out: Planes, before: Planes, after: Planes, share: float) -> None:
    """The next picture is uncovered from the left."""
    half = round(out.u.shape[1] * share)
    for plane, old, new, edge in zip(out, before, after, (2 * half, half, half), strict=True):
        np.copyto(plane[:, :edge], new[:, :edge])
        np.copyto(plane[:, edge:], old[:, edge:])


_MIXERS: dict[str, Mixer] = {"fade": _fade, "slide": _slide, "wipe": _wipe}
