"""Narration, steps and cues → frames."""

from __future__ import annotations

import itertools

from hypothesis import given
from hypothesis import strategies as st

from inkreel.compose import timeline
from inkreel.model import FRAME_RATES, Effect, FrameRate, Narration, Picture
from tests.compose.handmade import layer, narration, picture

WORDS = st.lists(st.integers(4_000, 40_000), min_size=1, max_size=60).map(tuple)
LEADS = st.sampled_from([0, 12])
RATES = st.sampled_from([FrameRate(fps) for fps in FRAME_RATES])
RATE = FrameRate(30)


def stepped(count: int, effect: Effect = Effect.RISE) -> Picture:
    return picture(tuple(layer(step, effect, (0, 0, 2, 2)) for step in range(count)), steps=count)


@given(WORDS, RATES)
def test_a_scene_is_whole_quanta_with_a_pause(words: tuple[int, ...], rate: FrameRate) -> None:
    """A scene holds its narration and at least 0.45 s of silence, in whole AAC packets (which
    nobody can at 24 frames a second)."""
    spoken = narration(words)
    frames = timeline.scene_frames(spoken, rate)
    silence = frames * rate.samples - spoken.samples
    assert frames % rate.quantum == 0
    assert rate.fps == 24 or frames * rate.samples % 1_024 == 0
    assert silence >= 0.45 * 48_000
    assert silence <= 1.5 * 48_000


HEARD = st.lists(st.none() | st.integers(0, 70), max_size=12)


@given(WORDS, st.integers(1, 9), st.lists(st.integers(-1, 20), max_size=12), HEARD, LEADS, RATES)
def test_steps_come_in_order_and_settle(
    words: tuple[int, ...],
    steps: int,
    cues: list[int],
    heard: list[int | None],
    lead: int,
    rate: FrameRate,
) -> None:
    """Whatever the cues and words, steps come after the lead, in order, and are settled by the
    end."""
    spoken = narration(words)
    plan = timeline.plan(stepped(steps), spoken, cues, lead, rate, heard)
    assert len(plan.starts) == steps
    assert list(plan.starts) == sorted(plan.starts)
    assert lead <= plan.starts[0] <= lead + (4 if heard else 0.6) * rate.fps
    for effect in Effect:
        board = stepped(steps, effect)
        looks = [plan.look(each, plan.frames - 1) for each in board.layers]
        assert all(look.final for look in looks)


@given(WORDS, st.integers(1, 9), LEADS)
def test_without_cues_something_moves(words: tuple[int, ...], steps: int, lead: int) -> None:
    """Steps without cues leave no gap of 6 s where there are enough of them."""
    spoken = narration(words)
    starts = timeline.plan(stepped(steps), spoken, (), lead, RATE).starts
    end = timeline.narration_frames(spoken, RATE)
    if steps * 4.5 * 30 >= end:
        marks = [*starts, max(end, starts[-1])]
        assert max(b - a for a, b in itertools.pairwise(marks)) <= 6 * 30


def test_cued_steps_come_with_their_sentence() -> None:
    """A step appears within half a frame of the sentence that it is cued to."""
    spoken = narration((12_000,) * 24)
    starts = timeline.plan(stepped(4), spoken, (0, 1, 3, 5), 0, RATE).starts
    for start, cue in list(zip(starts, (0, 1, 3, 5), strict=True))[1:]:
        assert abs(start * RATE.samples - spoken.sentences[cue].start) <= 800


def test_steps_that_share_a_sentence_are_spread_over_its_words() -> None:
    """Three steps of one sentence start with three different words of it."""
    spoken = narration((12_000,) * 16, words_per_sentence=8)
    starts = timeline.plan(stepped(3), spoken, (1, 1, 1), 0, RATE).starts
    onsets = {RATE.at(word.start) for word in spoken.words[8:]}
    assert set(starts[1:]) <= onsets
    assert starts[2] - starts[1] > 15


def test_steps_come_with_their_words() -> None:
    """A step whose word is known appears within half a frame of it, not at its sentence's start;
    one between two such steps lies between them."""
    spoken = narration((12_000,) * 24)
    starts = timeline.plan(stepped(4), spoken, (0, 1, 2), 0, RATE, (2, 6, None, 21)).starts
    for step, word in ((0, 2), (1, 6), (3, 21)):
        assert abs(starts[step] * RATE.samples - spoken.words[word].start) <= 800
    assert starts[1] < starts[2] < starts[3]


def test_a_heading_does_not_stand_alone_for_long() -> None:
    """The first step waits for its word, but no longer than four seconds."""
    spoken = narration((24_000,) * 24)
    starts = timeline.plan(stepped(2), spoken, (), 12, RATE, (20, 21)).starts
    assert starts[0] == 12 + 4 * 30


def test_a_focus_lasts_until_the_next_one() -> None:
    """At most two focus layers are seen, one coming and one leaving; the last frame has none."""
    spoken: Narration = narration((12_000,) * 24)
    board = stepped(4, Effect.FOCUS)
    plan = timeline.plan(board, spoken, (0, 1, 2, 4), 12, RATE)
    for frame in range(plan.frames):
        seen = [step for step in range(4) if plan.look(board.layers[step], frame).opacity]
        assert len(seen) <= 2
        if plan.starts[0] <= frame < plan.frames - 1:
            assert seen
    middle = (plan.starts[1] + plan.starts[2]) // 2
    assert plan.look(board.layers[1], middle).opacity == timeline.OPAQUE
    assert plan.look(board.layers[3], plan.frames - 1) == timeline.GONE


def test_focus_rises_with_its_step() -> None:
    """What is in focus on a rising layer moves with it, frame by frame."""
    spoken = narration((12_000,) * 24)
    below, above = (layer(0, effect, (0, 0, 2, 2)) for effect in (Effect.RISE, Effect.FOCUS))
    board = picture((below, above, layer(1, Effect.RISE, (0, 0, 2, 2))))
    plan = timeline.plan(board, spoken, (0, 3), 0, RATE)
    for frame in range(plan.starts[1]):
        one, two = plan.look(below, frame), plan.look(above, frame)
        assert (one.opacity, one.sunk) == (two.opacity, two.sunk)


@given(st.floats(0, 1), st.floats(0, 1))
def test_easing_never_turns_back(one: float, two: float) -> None:
    """Eased progress grows with time, from 0 to 1."""
    for ease in (timeline.ease_out, timeline.ease_in_out):
        assert ease(0) == 0
        assert ease(1) == 1
        assert ease(min(one, two)) <= ease(max(one, two))
