"""Samples at one rate → samples at another: a windowed-sinc polyphase filter.

Outputs are made in blocks: `up` outputs need the same `down` inputs (and the filter's reach on
both sides) in every block, so that the whole conversion is one matrix product.
"""

from __future__ import annotations

from functools import cache
from math import gcd

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float32]

ZERO_CROSSINGS = 32
"""Of the sinc on each side: the stop band begins within 5 % of the lower Nyquist frequency."""

KAISER_BETA = 10.0
"""About −100 dB in the stop band."""

_BLOCK = 64
"""A block has at least this many inputs, which keeps the matrix product efficient."""


def resample(samples: Samples, source: int, target: int) -> Samples:
    """Convert `samples` from `source` to `target` hertz; sample 0 stays at time 0.

    The result has `ceil(len * target / source)` samples; outside of `samples` there is silence.
    """
    if source == target or not len(samples):
        return samples
    matrix, down, reach = _filter(source, target)
    up = matrix.shape[1]
    length = -(-len(samples) * target // source)
    blocks = -(-length // up)
    padded = np.zeros(blocks * down + 2 * reach, np.float32)
    padded[reach : reach + len(samples)] = samples[: blocks * down + reach]
    windows = np.lib.stride_tricks.sliding_window_view(padded, matrix.shape[0])[::down][:blocks]
    return (windows @ matrix).reshape(-1)[:length]


@cache
def _filter(source: int, target: int) -> tuple[Samples, int, int]:
    """Matrix (inputs of a block with reach on both sides) × (outputs), inputs a block, reach."""
    common = gcd(source, target)
    up, down = target // common, source // common
    repeat = -(-_BLOCK // down)
    up, down = up * repeat, down * repeat
    cutoff = min(1.0, target / source) * (0.97 if target < source else 0.98)
    half = ZERO_CROSSINGS / cutoff
    reach = int(np.ceil(half)) + 1
    inputs = np.arange(-reach, down + reach)[:, None]
    outputs = (np.arange(up) * (down / up))[None, :]
    distance = inputs - outputs
    inside = np.clip(1 - (distance / half) ** 2, 0, None)
    window = np.i0(KAISER_BETA * np.sqrt(inside)) / np.i0(KAISER_BETA) * (np.abs(distance) < half)
    taps = cutoff * np.sinc(cutoff * distance) * window
    taps /= taps.sum(axis=0, keepdims=True)
    return taps.astype(np.float32), down, reach
