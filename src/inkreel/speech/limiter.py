"""Samples, gain → samples whose true peak stays below the ceiling.

A look-ahead limiter: the gain that each moment needs, its minimum over a window, smoothed over
the same window. The smoothed curve is nowhere above what is needed, moves without a step, and
is too slow to follow single periods of a voice, which would be heard as distortion.
"""

from __future__ import annotations

import numpy as np

from inkreel.model import SAMPLE_RATE
from inkreel.speech.loudness import envelope
from inkreel.speech.resample import Samples

CEILING_DBTP = -1.7
"""AAC at 160 kbit/s puts up to half a decibel on top; the video must stay below −1 dBTP."""

LOOK_AHEAD = SAMPLE_RATE * 8 // 1000
"""A gain is held for twice this on both sides, which covers a period of the deepest voice
(62 Hz); longer windows need up to 2 dB more gain for the same loudness."""


def limit(samples: Samples, gain_db: float, peaks: Samples | None = None) -> Samples:
    """Apply `gain_db` and hold the true peak at `CEILING_DBTP`; who tries several gains gives the
    samples' `envelope` as `peaks`."""
    factor = np.float32(10 ** (gain_db / 20))
    louder = samples * factor
    peaks = envelope(samples) if peaks is None else peaks
    needed = np.minimum(1.0, 10 ** (CEILING_DBTP / 20) / np.maximum(peaks * factor, 1e-9))
    if needed.min(initial=1.0) == 1.0:
        return louder
    # The minimum reaches as far as both averages together, so that every window that holds a
    # peak is filled with the gain that the peak needs.
    padded = np.pad(needed, 2 * LOOK_AHEAD, constant_values=1.0)
    held = _sliding_minimum(padded, 2 * LOOK_AHEAD + 1)
    smooth = _average(_average(held, LOOK_AHEAD + 1), LOOK_AHEAD + 1)
    return np.asarray(louder * smooth, np.float32)


def _sliding_minimum(values: Samples, width: int) -> Samples:
    """Minimum over each `width` neighbours, by doubling: log₂ width passes."""
    have = 1
    while have < width:
        step = min(have, width - have)
        values = np.minimum(values[:-step], values[step:])
        have += step
    return values


def _average(values: Samples, width: int) -> Samples:
    """Mean over each `width` neighbours."""
    total = np.cumsum(np.concatenate(([0.0], values)))
    return np.asarray((total[width:] - total[:-width]) / width, np.float32)
