"""Speech of the calibration sentences → the gain that brings a voice to −16 LUFS."""

from __future__ import annotations

import numpy as np

from inkreel.errors import VoiceFailed
from inkreel.model import Speech
from inkreel.ports import Shelf
from inkreel.recipes import Level, LevelRequest
from inkreel.speech.limiter import limit
from inkreel.speech.loudness import SILENCE_LUFS, envelope, integrated_loudness
from inkreel.speech.resample import Samples
from inkreel.speech.sentence import GAP_MS, silence, trim

TARGET_LUFS = -16.0
ROUNDS = 6
TOLERANCE_LU = 0.1
"""Nobody hears less, and each round costs as much as the first."""
LOST_SLOPE = 0.7
"""What the limiter leaves of a decibel at first; measured on the voices here."""
LAST_SLOPE = 0.6
"""What it leaves of the last of many decibels, in parts of what it leaves of all."""


def level(request: LevelRequest, shelf: Shelf) -> Level:
    """Measure, then try gains until the limited sound has the loudness that is wanted."""
    spoken = (trim(shelf.load(digest, Speech)).samples for digest in request.speeches)
    sentences = [(samples, envelope(samples)) for samples in spoken]
    measured = _loudness(sentences, 0.0)
    if measured <= SILENCE_LUFS:
        raise VoiceFailed(
            "The voice is too quiet or too short to be measured.", hint="Choose another --voice."
        )
    gain, slope = 0.0, LOST_SLOPE if measured < TARGET_LUFS else 1.0
    for number in range(ROUNDS):
        if abs(measured - TARGET_LUFS) <= TOLERANCE_LU:
            break
        # The limiter takes a part of every decibel: the next step counts on what the last gave.
        step = (TARGET_LUFS - measured) / slope
        louder = _loudness(sentences, gain + step)
        given = (louder - measured) / step
        slope = min(1.0, max(0.2, given if number else LAST_SLOPE * given))
        gain, measured = gain + step, louder
    return Level(gain_db=round(gain, 3), loudness_lufs=round(measured, 2))


def _loudness(sentences: list[tuple[Samples, Samples]], gain_db: float) -> float:
    """Of sentences, given with their envelopes."""
    gap = silence(GAP_MS)
    parts = [part for each in sentences for part in (limit(each[0], gain_db, each[1]), gap)]
    return integrated_loudness(np.concatenate(parts)) if parts else SILENCE_LUFS
