"""Narration, steps and cues → what is seen when, in whole frames.

Frames count from the scene's first frame, which is the first frame of the transition into it
and the first sample of its narration.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inkreel.model import (
    Effect,
    FrameRate,
    Layer,
    Narration,
    Picture,
    Sentence,
)

TAIL_MS = 467
"""Least pause after the narration."""
LEAST_MS = 1_067
"""A scene lasts so long at least."""
FIRST_STEP_MS = 133
"""Earliest step after the lead: the eye first finds the heading."""
FIRST_STEP_LATEST_MS = 600
FIRST_WORD_LATEST_MS = 4_000
"""The same where the first step waits for its own words: a heading stands alone no longer."""
STEP_GAP_MS = 200
"""Least distance between two steps, so that each is seen as one."""
NEAR_MS = 500
"""A step without a cue waits this long at most for a word to begin."""

OPAQUE = 128
"""Opacity of a layer that is fully there; less than this while it fades."""
WHOLE = 1024
"""Share of a layer that is uncovered when all of it is."""

EFFECT_MS = {
    Effect.FADE: 400,
    Effect.RISE: 500,
    Effect.GROW: 600,
    Effect.WIPE: 600,
    Effect.DROP: 600,
    Effect.BACK: 600,
    Effect.FOCUS: 200,
    Effect.DRIFT: 0,
}
DRIFT_REST_MS = 700
"""A photo has come to rest so long before the scene ends."""

UNCOVERING = frozenset({Effect.GROW, Effect.WIPE, Effect.DROP, Effect.BACK})
"""Effects that show more and more of a layer, which stands still."""


class Look(NamedTuple):
    """How a layer is seen in one frame. Equal looks draw equal pixels."""

    opacity: int
    """0 … `OPAQUE`."""
    sunk: int
    """How far below its place it stands, in thousandths of the picture's height."""
    share: int
    """How much of it is uncovered, 0 … `WHOLE`."""
    final: bool
    """It stays like this to the scene's end."""


HIDDEN = Look(0, 0, 0, final=False)
GONE = Look(0, 0, 0, final=True)
SETTLED = Look(OPAQUE, 0, WHOLE, final=True)

RISE_THOUSANDTHS = 22


def ease_out(progress: float) -> float:
    """Fast start, calm end (cubic); 0 → 0, 1 → 1."""
    return 1 - (1 - min(max(progress, 0.0), 1.0)) ** 3


def ease_in_out(progress: float) -> float:
    """Calm start and end (smoothstep); 0 → 0, 1 → 1."""
    t = min(max(progress, 0.0), 1.0)
    return t * t * (3 - 2 * t)


def narration_frames(narration: Narration, rate: FrameRate) -> int:
    """Frames that the narration's samples fill, the last one perhaps in part."""
    return -(-narration.samples // rate.samples)


def scene_frames(narration: Narration, rate: FrameRate) -> int:
    """Frames of the scene, lead and body: whole quanta that hold the narration and a pause."""
    needed = max(rate.count(LEAST_MS), narration_frames(narration, rate) + rate.count(TAIL_MS))
    return -(-needed // rate.quantum) * rate.quantum


@dataclass(frozen=True)
class Timeline:
    """When the steps of a picture come in. `starts[k]` is the first frame of step k."""

    lead: int
    frames: int
    starts: tuple[int, ...]
    rate: FrameRate
    rising: frozenset[int] = frozenset()
    """Steps with a layer that rises: what is in focus there rises with it."""

    def look(self, layer: Layer, frame: int) -> Look:
        """How `layer` is seen in `frame`."""
        if layer.effect is Effect.DRIFT:
            return self._drift(frame)
        if frame < self.starts[layer.step]:
            return HIDDEN
        if layer.effect is Effect.FOCUS:
            return self._focus(layer.step, frame)
        return self._coming(layer.step, layer.effect, frame)

    def _coming(self, step: int, effect: Effect, frame: int) -> Look:
        since, whole = frame - self.starts[step] + 1, self.rate.count(EFFECT_MS[effect])
        if since >= whole:
            return SETTLED
        done = ease_out(since / whole)
        if effect in UNCOVERING:
            return Look(OPAQUE, 0, round(WHOLE * done), final=False)
        sunk = round(RISE_THOUSANDTHS * (1 - done)) if effect is Effect.RISE else 0
        return Look(round(OPAQUE * done), sunk, WHOLE, final=False)

    def _drift(self, frame: int) -> Look:
        """On its way through the whole scene, slow at both ends; `share` is how far it is."""
        since = frame - self.lead + 1
        whole = self.frames - self.lead - self.rate.count(DRIFT_REST_MS)
        if since <= 0:
            return HIDDEN
        if since >= whole:
            return SETTLED
        return Look(OPAQUE, 0, round(WHOLE * ease_in_out(since / whole)), final=False)

    def _focus(self, step: int, frame: int) -> Look:
        """Seen from its step to the next one; the last one to the scene's end."""
        fade = self.rate.count(EFFECT_MS[Effect.FOCUS])
        # Leaves while the next one comes; the scene's last frame shows none.
        leave = self.starts[step + 1] if step + 1 < len(self.starts) else self.frames - fade
        left = fade - max(frame - leave + 1, 0)
        if left <= 0:
            return GONE
        coming = self._coming(step, Effect.RISE if step in self.rising else Effect.FOCUS, frame)
        opacity = coming.opacity * left // fade
        return coming._replace(opacity=opacity, final=False)


def plan(
    picture: Picture,
    narration: Narration,
    cues: Sequence[int],
    lead: int,
    rate: FrameRate,
    words: Sequence[int | None] = (),
) -> Timeline:
    """Place every step of `picture` on the narration.

    Step k appears with the word `words[k]`; where that is not known, with its sentence `cues[k]`;
    steps with neither are spread evenly between the others.
    """
    frames = scene_frames(narration, rate)
    steps = max(picture.steps, 1 + max((layer.step for layer in picture.layers), default=-1))
    known = {
        step: rate.at(narration.words[word].start)
        for step, word in enumerate(words[:steps])
        if word is not None and word < len(narration.words)
    }
    wanted = _wanted(narration, cues[:steps], known, steps, rate)
    rising = frozenset(each.step for each in picture.layers if each.effect is Effect.RISE)
    latest = FIRST_WORD_LATEST_MS if 0 in known else FIRST_STEP_LATEST_MS
    starts = _settle(wanted, lead, frames, rate.count(latest), rate)
    return Timeline(lead, frames, starts, rate, rising)


def _wanted(
    narration: Narration, cues: Sequence[int], known: Mapping[int, int], steps: int, rate: FrameRate
) -> list[int]:
    """Frames of all steps; `known` are those of steps whose words are said."""
    sentences = narration.sentences
    cued = [min(max(cue, 0), len(sentences) - 1) for cue in cues] if sentences else []
    marks: list[int | None] = [rate.at(sample) for sample in _cued(narration, cued)]
    marks += [None] * (steps - len(marks))
    for step, frame in known.items():
        marks[step] = frame
    frames = _spread(narration, marks, rate)
    for step in reversed(range(steps - 1)):  # none pushes a known one away
        frames[step] = min(frames[step], frames[step + 1])
    return frames


def _cued(narration: Narration, cues: Sequence[int]) -> list[int]:
    """Start samples of cued steps; those that share a sentence are spread over its words."""
    starts: list[int] = []
    for cue, group in itertools.groupby(cues):
        sharing = len(list(group))
        starts += _within(narration, narration.sentences[cue], sharing)
    return starts


def _within(narration: Narration, sentence: Sentence, count: int) -> list[int]:
    words = narration.words[sentence.first : sentence.last]
    if len(words) >= count > 0:
        return [words[index * len(words) // count].start for index in range(count)]
    length = sentence.end - sentence.start
    return [sentence.start + index * length // count for index in range(count)]


def _spread(narration: Narration, marks: Sequence[int | None], rate: FrameRate) -> list[int]:
    """The marks, where those that are missing lie evenly between the others, each at the start of
    a word."""
    onsets = sorted({rate.at(word.start) for word in narration.words})
    end, near = narration_frames(narration, rate), rate.count(NEAR_MS)
    frames: list[int] = []
    for missing, run in itertools.groupby(marks, key=lambda mark: mark is None):
        if not missing:
            frames += [mark for mark in run if mark is not None]
            continue
        count, first = len(list(run)), len(frames)
        start = frames[-1] if frames else 0
        after = marks[first + count] if first + count < len(marks) else None
        stop = max(start, end if after is None else after)
        parts = count + bool(frames)
        ideal = [start + (stop - start) * index // parts for index in range(parts)][-count:]
        frames += [_nearest(onsets, frame, within=near) for frame in ideal]
    return frames


def _nearest(onsets: Sequence[int], frame: int, within: int) -> int:
    near = min(onsets, key=lambda onset: abs(onset - frame), default=frame)
    return near if abs(near - frame) <= within else frame


def _settle(
    wanted: Sequence[int], lead: int, frames: int, first_latest: int, rate: FrameRate
) -> tuple[int, ...]:
    """Bring starts in order: after the lead (the first one within `first_latest` of it), apart from
    each other, settled before the end."""
    count = len(wanted)
    earliest = lead + rate.count(FIRST_STEP_MS)
    latest = frames - 1 - rate.count(max(EFFECT_MS.values()))
    gap = min(rate.count(STEP_GAP_MS), max(0, latest - earliest) // max(count, 1))
    starts: list[int] = []
    for index, frame in enumerate(wanted):
        first = starts[-1] + gap if starts else min(earliest, max(latest, lead))
        last = latest - gap * (count - 1 - index)
        if index == 0:
            last = min(last, lead + first_latest)
        starts.append(max(first, min(frame, last)))
    return tuple(starts)
