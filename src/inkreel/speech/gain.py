"""Speech of the calibration sentences → the gain that brings a voice to −16 LUFS."""

from __future__ import annotations

import numpy as np

from inkreel.errors import VoiceFailed
from inkreel.model import Digest, Speech
from inkreel.ports import Shelf
from inkreel.recipes import Level, LevelRequest
from inkreel.speech.limiter import gain_curve
from inkreel.speech.loudness import SILENCE_LUFS, envelope, gated_loudness, k_weighted
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
_GAP = silence(GAP_MS)


def level(request: LevelRequest, shelf: Shelf) -> Level:
    """Measure, then try gains until the limited sound has the loudness that is wanted."""
    spoken = [part for digest in request.speeches for part in (_said(shelf, digest), _GAP)]
    sound = np.concatenate([*spoken, _GAP])
    # The limiter moves too slowly to matter to the weighting, which therefore is done once.
    weighted, peaks = k_weighted(sound), envelope(sound)

    def loudness(gain_db: float) -> float:
        curve = gain_curve(peaks, gain_db)
        return gated_loudness(weighted * curve)

    measured = loudness(0.0)
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
        louder = loudness(gain + step)
        given = (louder - measured) / step
        slope = min(1.0, max(0.2, given if number else LAST_SLOPE * given))
        gain, measured = gain + step, louder
    return Level(gain_db=round(gain, 3), loudness_lufs=round(measured, 2))


def _said(shelf: Shelf, digest: Digest) -> Samples:
    return trim(shelf.load(digest, Speech)).samples
