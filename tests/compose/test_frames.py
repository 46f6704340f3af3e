"""Planes, sprites, dirty regions."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.compose import captions as subtitles
from inkreel.compose import timeline
from inkreel.compose.frames import Canvas, FrameKey, frame_key, merge, settled, uncovered
from inkreel.compose.planes import Planes, Rect, blank, from_rgb, sprite
from inkreel.model import Effect, FrameRate
from tests.compose.handmade import HEIGHT, WIDTH, captions, layer, narration, picture

RATE = FrameRate(30)
BT709_LIMITED = {
    (255, 255, 255): (235, 128, 128),
    (0, 0, 0): (16, 128, 128),
    (128, 128, 128): (126, 128, 128),
    (255, 0, 0): (63, 102, 240),
    (0, 255, 0): (173, 42, 26),
    (0, 0, 255): (32, 240, 118),
}
"""Rec. ITU-R BT.709-6, 8 bits, item 4.6."""


def same(one: Planes, two: Planes) -> bool:
    return all(np.array_equal(a, b) for a, b in zip(one, two, strict=True))


@pytest.mark.parametrize(("rgb", "yuv"), BT709_LIMITED.items())
def test_colours_are_those_of_bt709(rgb: tuple[int, ...], yuv: tuple[int, ...]) -> None:
    """Pure colours have the code values of the standard."""
    planes = from_rgb(bytes(rgb) * 16, 4, 4)
    assert tuple(int(plane[0, 0]) for plane in planes) == yuv
    assert all((plane == plane[0, 0]).all() for plane in planes)


@given(st.integers(0, 2**32 - 1))
def test_an_opaque_layer_replaces_what_is_below(seed: int) -> None:
    """An opaque sprite holds the very values that its pixels have as a picture."""
    rng = np.random.default_rng(seed)
    rgb = rng.integers(0, 256, (8, 12, 3), np.uint8)
    rgba = np.dstack([rgb, np.full((8, 12), 255, np.uint8)])
    planes = from_rgb(rgb.tobytes(), 12, 8)
    for plane, ink in zip(planes, sprite(rgba.tobytes(), 12, 8).inks, strict=True):
        assert np.array_equal(plane.astype(np.uint16) * 255, ink.paint)
        assert not ink.keep.any()


LAYERS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.sampled_from(list(Effect)),
        st.integers(0, 120),
        st.integers(0, 60),
        st.integers(1, 40),
        st.integers(1, 30),
    ),
    max_size=6,
)


@settings(max_examples=25)
@given(LAYERS, st.integers(0, 99), st.lists(st.integers(0, 5), max_size=5), st.integers(0, 4))
def test_dirty_regions_equal_whole_frames(
    drawn: list[tuple[int, Effect, int, int, int, int]], seed: int, cues: list[int], card: int
) -> None:
    """Every frame reached step by step has the pixels of the same frame drawn from nothing."""
    board = picture(
        tuple(
            layer(step, effect, (2 * x, 2 * y, 2 * w, 2 * h), seed=seed + number)
            for number, (step, effect, x, y, w, h) in enumerate(drawn)
        )
    )
    rng = np.random.default_rng(seed)
    spoken = narration(tuple(int(n) for n in rng.integers(3_000, 15_000, 12)))
    cards = captions(spoken, card) if card else None
    plan = timeline.plan(board, spoken, cues, 12, RATE)
    timed = subtitles.track(spoken, subtitles.cards_of(cards), plan.frames, RATE) if cards else None
    target, other = blank(WIDTH, HEIGHT), blank(WIDTH, HEIGHT)
    canvas = Canvas(board, cards, target)
    shown: FrameKey | None = None
    for frame in range(plan.lead, plan.frames):
        key = frame_key(board, plan, timed, frame)
        before = target.copy()
        changed = canvas.show(key)
        assert changed or same(before, target)
        assert not changed or key != shown
        shown = key
        if frame % 5 == 0 or frame > plan.frames - 3:
            Canvas(board, cards, other).show(key)
            assert same(target, other)
    assert cards or same(target, settled(board))


RECTS = st.lists(
    st.tuples(*[st.integers(0, 30)] * 4).map(
        lambda t: Rect(2 * min(t[0], t[1]), 2 * min(t[2], t[3]), 2 * max(t[:2]), 2 * max(t[2:]))
    ),
    max_size=8,
)


@given(RECTS)
def test_merged_rectangles_cover_and_cost_no_more(rects: list[Rect]) -> None:
    """Joining dirty rectangles loses no pixel and draws no more of them."""
    merged = merge(rects)
    grid = np.zeros((62, 62), bool)
    for rect in merged:
        grid[rect.top : rect.bottom, rect.left : rect.right] = True
    for rect in rects:
        assert grid[rect.top : rect.bottom, rect.left : rect.right].all()
    assert sum(rect.area for rect in merged) <= sum(rect.area for rect in rects)


def test_a_still_scene_changes_only_once() -> None:
    """Frames without news have equal keys and draw nothing."""
    board = picture()
    plan = timeline.plan(board, narration((40_000,) * 5), (), 0, RATE)
    canvas = Canvas(board, None, blank(WIDTH, HEIGHT))
    changes = [canvas.show(frame_key(board, plan, None, f)) for f in range(plan.frames)]
    assert changes == [True] + [False] * (plan.frames - 1)


def test_playing_tells_how_long_each_sight_stands() -> None:
    """A scene played sight by sight shows, frame by frame, what showing each key does."""
    board = picture(tuple(layer(step, Effect.RISE, (40 * step, 60, 40, 40)) for step in range(4)))
    spoken = narration((9_000,) * 12)
    cards = captions(spoken)
    plan = timeline.plan(board, spoken, (), 0, RATE)
    timed = subtitles.track(spoken, subtitles.cards_of(cards), plan.frames, RATE)
    keys = [frame_key(board, plan, timed, frame) for frame in range(plan.frames)]
    played, shown = blank(WIDTH, HEIGHT), blank(WIDTH, HEIGHT)
    each = Canvas(board, cards, shown)
    frame = 0
    for still in Canvas(board, cards, played).play(keys):
        for repeat in range(still):
            assert each.show(keys[frame]) == (repeat == 0)
            assert same(played, shown)
            frame += 1
    assert frame == plan.frames
    assert list(Canvas(board, cards, played).play([])) == []


EDGES = {
    Effect.GROW: Rect(20, 90, 60, 100),
    Effect.DROP: Rect(20, 60, 60, 70),
    Effect.WIPE: Rect(20, 60, 30, 100),
    Effect.BACK: Rect(50, 60, 60, 100),
}


@pytest.mark.parametrize("effect", EDGES)
def test_layers_are_uncovered_from_their_edge(effect: Effect) -> None:
    """A quarter of a layer is the quarter at the edge that its effect names."""
    one = layer(0, effect, (20, 60, 40, 40))
    assert uncovered(one, timeline.WHOLE // 4) == EDGES[effect]
    assert uncovered(one, timeline.WHOLE) == Rect(20, 60, 60, 100)
    assert uncovered(one, 0).area == 0


def test_a_photo_drifts_to_rest_in_small_steps() -> None:
    """A photo that drifts begins a little larger than its box, moves by less than a pixel from
    frame to frame, and rests on its very pixels before the scene ends."""
    photo = layer(0, Effect.DRIFT, (40, 20, 160, 120))
    columns = np.tile(np.linspace(0, 255, 160, dtype=np.uint8)[None, :, None], (120, 1, 3))
    rgba = np.dstack([columns, np.full((120, 160), 255, np.uint8)])
    photo = msgspec.structs.replace(photo, rgba=rgba.tobytes())
    board = picture((photo,), steps=1)
    plan = timeline.plan(board, narration((40_000,) * 6), (), 12, RATE)
    planes = blank(WIDTH, HEIGHT)
    canvas = Canvas(board, None, planes)
    seen = []
    for frame in range(12, plan.frames):
        canvas.show(frame_key(board, plan, None, frame))
        seen.append(planes.y[80, 40:200].astype(int))
    rest = from_rgb(columns.tobytes(), 160, 120).y[60].astype(int)
    assert np.array_equal(seen[-1], rest)
    assert np.abs(seen[0] - rest).max() >= 3  # of 219 on 160 pixels: two pixels
    steps = [np.abs(b - a).max() for a, b in pairwise(seen)]
    assert max(steps) <= 1
    assert not any(steps[-15:])
