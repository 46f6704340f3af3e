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

LOOK_AHEAD_MS = 8
"""A gain is held for twice this on both sides, which covers a period of the deepest voice
(62 Hz); longer windows need up to 2 dB more gain for the same loudness."""

_KNOT = 8
"""Samples from one value of the curve to the next; it is straight between them."""
_REACH = SAMPLE_RATE * LOOK_AHEAD_MS // 1000 // _KNOT


def limit(samples: Samples, gain_db: float) -> Samples:
    """Apply `gain_db` and hold the true peak at `CEILING_DBTP`."""
    return np.asarray(samples * gain_curve(envelope(samples), gain_db), np.float32)


def gain_curve(peaks: Samples, gain_db: float) -> Samples:
    """By what to multiply samples with the `envelope` of `peaks`."""
    factor = np.float32(10 ** (gain_db / 20))
    knots = -(-len(peaks) // _KNOT)
    highest = np.pad(peaks, (0, knots * _KNOT - len(peaks))).reshape(knots, _KNOT).max(axis=1)
    needed = np.minimum(1.0, 10 ** (CEILING_DBTP / 20) / np.maximum(highest * factor, 1e-9))
    if needed.min(initial=1.0) == 1.0:
        return np.full(len(peaks), factor)
    # The minimum reaches as far as both averages and a neighbour, so that all that is averaged for
    # a peak, and for the knots beside it, holds the gain that the peak needs.
    padded = np.pad(needed, 2 * _REACH + 2, constant_values=1.0)
    held = _sliding_minimum(padded, 2 * _REACH + 3)
    curve = _average(_average(held, _REACH + 1), _REACH + 1) * factor
    between = (np.arange(_KNOT, dtype=np.float32) + 0.5) / _KNOT
    rises = np.diff(curve)[:, None]
    # From the middle of a knot's samples to the middle of the next ones'.
    straight = (curve[:-1, None] + rises * between).ravel()
    return np.asarray(straight[_KNOT // 2 :][: len(peaks)], np.float32)


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
