"""Speech → samples at `SAMPLE_RATE`: one sentence with its edges trimmed and faded."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from inkreel.errors import VoiceFailed
from inkreel.model import SAMPLE_RATE, Speech
from inkreel.speech.resample import Samples, resample

THRESHOLD_DBFS = -45.0
"""What is below it at the edges of a sentence is silence."""
KEEP_MS = 30
"""Of the silence at an edge: a voice's soft onset and its decay."""
KEEP_FIRST_MS = 10
"""Before the first sound of a scene, which must not begin late."""
FADE_MS = 6
CLOSURE_MS = 100
GAP_MS = 350
"""Between sentences, in place of the voice's own pauses."""


@dataclass(frozen=True)
class TrimmedSentence:
    """`samples` at `SAMPLE_RATE` begin with sample `first` (at the voice's `rate`); sound is
    heard in samples `[onset, offset)`; `loud` are the voice's samples that are no silence."""

    samples: Samples
    rate: int
    first: int
    onset: int
    offset: int
    loud: npt.NDArray[np.intp]

    def position(self, at: int) -> int:
        """Where a word that begins at sample `at` of the voice's PCM is heard in `samples`.

        Voices count the closure before a k or t to the word: up to `CLOSURE_MS` of silence are
        passed over, so that a word lights up when it is heard.
        """
        following = int(np.searchsorted(self.loud, at))
        if following < len(self.loud):
            heard = int(self.loud[following])
            at = heard if heard - at <= CLOSURE_MS * self.rate // 1000 else at
        moved = round((at - self.first) * SAMPLE_RATE / self.rate)
        return min(max(moved, self.onset), self.offset)


def trim(speech: Speech, keep_before_ms: int = KEEP_MS) -> TrimmedSentence:
    """Cut the silent edges, resample, fade. Raises `VoiceFailed` when all of it is silent."""
    raw = np.frombuffer(speech.pcm, "<i2").astype(np.float32) / np.float32(32768)
    loud = np.flatnonzero(np.abs(raw) >= 10 ** (THRESHOLD_DBFS / 20))
    if not len(loud):
        raise VoiceFailed(
            "The voice answered with silence.", hint="Run it again, or choose another --voice."
        )
    first_loud, last_loud = int(loud[0]), int(loud[-1]) + 1
    first = max(0, first_loud - keep_before_ms * speech.rate // 1000)
    last = min(len(raw), last_loud + KEEP_MS * speech.rate // 1000)
    samples = resample(raw[first:last], speech.rate, SAMPLE_RATE)
    return TrimmedSentence(
        loud=loud,
        samples=_fade(samples),
        rate=speech.rate,
        first=first,
        onset=(first_loud - first) * SAMPLE_RATE // speech.rate,
        offset=min(len(samples), (last_loud - first) * SAMPLE_RATE // speech.rate),
    )


def silence(milliseconds: int) -> Samples:
    """Zeros at `SAMPLE_RATE`."""
    return np.zeros(SAMPLE_RATE * milliseconds // 1000, np.float32)


def to_pcm(samples: Samples) -> bytes:
    """Samples of −1 … 1 as s16le."""
    whole: npt.NDArray[np.int16] = np.clip(np.rint(samples * 32767), -32768, 32767).astype("<i2")
    return whole.tobytes()


def _fade(samples: Samples) -> Samples:
    """In and out over `FADE_MS` with a raised cosine, so that no join clicks."""
    length = min(SAMPLE_RATE * FADE_MS // 1000, len(samples) // 2)
    ramp = (0.5 - 0.5 * np.cos(np.pi * np.arange(length) / max(length, 1))).astype(np.float32)
    faded = samples.copy()
    faded[:length] *= ramp
    faded[len(faded) - length :] *= ramp[::-1]
    return faded
