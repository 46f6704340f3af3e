"""One picture → the next: what is seen on the way."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.compose.planes import Planes, blank
from inkreel.compose.transitions import transition

SIZE = WIDTH, HEIGHT = 320, 180
STEPS = [(frame + 1) / 13 for frame in range(12)]
GROUND, INK = 235, 30
WORD, OTHER = np.s_[20:40, 20:120], np.s_[30:50, 60:200]
"""Two headings, one over the other; they agree where they meet."""
MARK = np.s_[150:160, 260:300]


def picture(*inked: tuple[slice, slice], ground: int = GROUND) -> Planes:
    planes = blank(*SIZE)
    for plane, colour in zip(planes, (ground, 128, 128), strict=True):
        plane[:] = colour
    for place in inked:
        planes.y[place] = INK
    return planes


def film(effect: str, before: Planes, after: Planes) -> list[Planes]:
    draw, frames = transition(effect, before, after), []  # type: ignore[arg-type]
    for progress in STEPS:
        frames.append(blank(*SIZE))
        draw(frames[-1], progress)
    return frames


def test_a_fade_shows_no_ghost() -> None:
    """Of two headings at one place only one is seen at a time, also where their letters meet."""
    frames = film("fade", picture(WORD, MARK), picture(OTHER, MARK))
    old, new = np.s_[20:29, 20:120], np.s_[41:50, 60:200]
    for frame in frames:
        assert (frame.y[old] == GROUND).all() or (frame.y[new] == GROUND).all()
    least = max(frames, key=lambda frame: int(frame.y[WORD].min()))
    assert least.y[WORD].min() > GROUND - 20
    assert least.y[OTHER].min() > GROUND - 20


def test_what_both_share_stands_still() -> None:
    """A mark that both pictures have is there, unchanged, in every frame of a fade."""
    for frame in film("fade", picture(WORD, MARK), picture(OTHER, MARK)):
        assert (frame.y[MARK] == INK).all()
        assert (frame.y[60:140] == GROUND).all()


@given(st.integers(0, 255), st.integers(0, 255), st.integers(0, 1 << 32))
def test_a_fade_goes_from_the_one_to_the_other(old: int, new: int, seed: int) -> None:
    """Whatever the pictures are, no sample leaves what lies between them and the new ground, and
    the last frame is near to the new picture."""
    dice = np.random.default_rng(seed)
    before, after = picture(ground=old), picture(ground=new)
    after.y[50:90] = dice.integers(0, 256, (40, WIDTH))
    before.v[10:30] = dice.integers(0, 256, (20, WIDTH // 2))
    frames = film("fade", before, after)
    colour = np.bincount(after.y[::2, ::2].ravel()).argmax()
    low = np.minimum(np.minimum(before.y, after.y), colour)
    high = np.maximum(np.maximum(before.y, after.y), colour)
    assert all(((low <= frame.y) & (frame.y <= high)).all() for frame in frames)
    for plane, target in zip(frames[-1], after, strict=True):
        assert np.abs(plane.astype(int) - target).max() <= 16


@pytest.mark.parametrize("effect", ["fade", "wipe"])
def test_equal_pictures_do_not_move(effect: str) -> None:
    """Between equal pictures nothing is seen of a fade or a wipe."""
    same = picture(WORD, MARK)
    for frame in film(effect, same, same.copy()):
        assert all((one == other).all() for one, other in zip(frame, same, strict=True))
