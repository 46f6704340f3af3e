"""Bed, Narration → the music under a scene, to the sample.

Music is looped with a cross-fade, lies low under speech, rises a little in long pauses, fades in at
the video's start and out at its end. Around a joint of two scenes it depends on the time alone:
speech begins with a scene, so that music is low there, and stays so for as long as the encoder
of the next scene reaches back. Both scenes hear the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from inkreel.model import BED_PIECE, PACKET_SAMPLES, SAMPLE_RATE, Bed, Narration
from inkreel.ports import Shelf
from inkreel.recipes import Under

UNDER_SPEECH_DB = -15.0
"""A voice is at −16 LUFS, so that a bed lies 19 LU below."""
RISE_DB = 5.0
"""By how much music is louder in a long pause."""
PAUSE = SAMPLE_RATE
"""Samples that a pause has at least that is long."""
RAMP = SAMPLE_RATE * 3 // 10
GUARD = SAMPLE_RATE * 2 // 5
"""Music is low so many samples before speech; more than the pre-roll of an encoder."""
FADE_IN = SAMPLE_RATE * 3 // 2
FADE_OUT = SAMPLE_RATE * 2
SILENT_END = 3 * PACKET_SAMPLES
"""The last packets of a video are silent, so that they can be repeated."""
CROSS_FADE = SAMPLE_RATE * 2

Stereo = npt.NDArray[np.float32]
"""Two rows, −1 … 1."""
Curve = npt.NDArray[np.float64]


def music(under: Under, narration: Narration, samples: int, heard: range, shelf: Shelf) -> Stereo:
    """What lies under a scene of `samples` samples, where it is `heard`: samples that count from
    the scene's first one and reach beyond both its ends."""
    bed = shelf.load(under.bed, Bed)
    sound = play(bed, shelf, under.begin + heard.start, len(heard))
    return np.asarray(sound * gain(under, narration, samples, heard), np.float32)


def play(bed: Bed, shelf: Shelf, start: int, count: int) -> Stereo:
    """Samples `[start, start + count)` of the endless music; nothing sounds before 0.

    Each round is heard whole, and fades in (but for the first) while the one before fades out.
    """
    sound = np.zeros((2, count), np.float32)
    fade = min(CROSS_FADE, bed.samples // 4)
    period = bed.samples - fade
    for number in range(max(start // period - 1, 0), (start + count - 1) // period + 1):
        begin = number * period
        first, last = max(start, begin), min(start + count, begin + bed.samples)
        if first < last:
            at = np.arange(first - begin, last - begin)
            level = _quarter((bed.samples - at) / fade)
            if number:
                level *= _quarter(at / fade)
            sound[:, first - start : last - start] += _read(bed, shelf, at[0], at[-1] + 1) * level
    return sound


def gain(under: Under, narration: Narration, samples: int, heard: range) -> Curve:
    """The factor by which music is heard at each moment."""
    at = np.arange(heard.start, heard.stop)
    moments, heights = [heard.start], [0.0]
    for begin, end in _pauses(narration, samples):
        if end - begin >= PAUSE:
            moments += [begin, begin + RAMP, end - GUARD - RAMP, end - GUARD]
            heights += [0.0, 1.0, 1.0, 0.0]
    rise = _smooth(np.interp(at, moments, heights))
    level = 10 ** ((UNDER_SPEECH_DB + under.volume_db + RISE_DB * rise) / 20)
    level *= _smooth((under.begin + at) / FADE_IN)
    if under.following is None:
        end = samples - SILENT_END
        length = min(FADE_OUT, end - PACKET_SAMPLES)
        level *= _smooth((end - at) / length)
    return np.asarray(level, np.float64)


def _pauses(narration: Narration, samples: int) -> Iterator[tuple[int, int]]:
    """From the end of each sentence to the start of the next, which follows at the scene's end."""
    for one, other in itertools.pairwise(narration.sentences):
        yield one.end, other.start
    if narration.sentences:
        yield narration.sentences[-1].end, samples


def _read(bed: Bed, shelf: Shelf, first: int, last: int) -> Stereo:
    numbers = range(first // BED_PIECE, (last - 1) // BED_PIECE + 1)
    data = b"".join(shelf.load(bed.pieces[number], bytes) for number in numbers)
    begin = first - numbers[0] * BED_PIECE
    both = np.frombuffer(data, "<i2").reshape(-1, 2)[begin : begin + last - first]
    return np.asarray(both.T / np.float32(32_768), np.float32)


def _quarter(progress: Curve) -> Curve:
    """0 → 0, 1 → 1, as a sine: two that cross have one power together."""
    return np.asarray(np.sin(np.clip(progress, 0, 1) * (np.pi / 2)))


def _smooth(progress: Curve) -> Curve:
    """0 → 0, 1 → 1, calm at both ends."""
    within = np.clip(progress, 0, 1)
    return np.asarray(within * within * (3 - 2 * within))
