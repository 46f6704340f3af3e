"""Music file → Bed: without silence at its ends, at one loudness, its peaks held.

The ceiling is such that a bed under a voice needs no limiter of its own in the mix: a voice takes
at most 0.58 of full scale in either channel, the loudest bed under it 0.25, where it is joined to
its own beginning. So a mix depends on nothing but the two sounds at that moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

import av
import msgspec
import numpy as np
import numpy.typing as npt

from inkreel.errors import MusicUnreadable
from inkreel.model import BED_LUFS, BED_PIECE, SAMPLE_RATE, Bed, Degraded
from inkreel.music.decoding import MAX_SECONDS, Decoded, decode, through
from inkreel.ports import Shelf
from inkreel.recipes import BedRequest

CEILING = 0.5
"""Of full scale, for the peaks of the bed."""
SILENT_LUFS = -60.0
AUDIBLE = 0.003
"""Of its peak: what is below this at the ends counts as silence."""
LEAST_SAMPLES = SAMPLE_RATE // 2
_BLOCK = SAMPLE_RATE // 100

Stereo = npt.NDArray[np.int16]
"""Rows of left and right."""


def prepare(request: BedRequest, shelf: Shelf) -> Bed:
    """Make a music file ready to lie under a voice. Raises `MusicUnreadable`."""
    decoded = decode(shelf.read(request.music))
    samples = _audible(np.frombuffer(decoded.pcm, np.int16).reshape(-1, 2))
    silent = decoded.loudness <= SILENT_LUFS
    if not len(samples) or (silent and len(samples) >= LEAST_SAMPLES):
        raise MusicUnreadable("The music is silent.", hint="Use another file, or no music.")
    if len(samples) < LEAST_SAMPLES:
        raise MusicUnreadable(
            f"The music lasts {len(samples) / SAMPLE_RATE:.1f} s, which cannot be repeated.",
            hint="Use at least half a second.",
        )
    pieces = []
    waiting = bytearray()
    count = 0
    for frame in _levelled(samples, BED_LUFS - decoded.loudness):
        waiting += frame.to_ndarray().tobytes()
        count += frame.samples
        while len(waiting) >= 4 * BED_PIECE:
            pieces.append(shelf.save(msgspec.msgpack.encode(bytes(waiting[: 4 * BED_PIECE]))))
            del waiting[: 4 * BED_PIECE]
    if waiting:
        pieces.append(shelf.save(msgspec.msgpack.encode(bytes(waiting))))
    return Bed(count, tuple(pieces), _degraded(decoded))


def _audible(samples: Stereo) -> Stereo:
    if not len(samples):
        return samples
    starts = np.arange(0, len(samples), _BLOCK)
    high = np.maximum.reduceat(samples, starts).max(axis=1).astype(np.int32)
    low = np.minimum.reduceat(samples, starts).min(axis=1).astype(np.int32)
    level = np.maximum(high, -low)
    heard = np.flatnonzero(level > AUDIBLE * level.max())
    return samples[starts[heard[0]] : starts[heard[-1]] + _BLOCK] if len(heard) else samples[:0]


def _levelled(samples: Stereo, gain_db: float) -> Iterator[av.AudioFrame]:
    return through(
        _frames(samples),
        ("aformat", "sample_fmts=dbl"),
        ("volume", f"{gain_db:.3f}dB:precision=double"),
        ("alimiter", f"limit={CEILING}:level=0:latency=1"),
        ("aformat", "sample_fmts=s16"),
    )


def _frames(samples: Stereo) -> Iterator[av.AudioFrame]:
    for start in range(0, len(samples), SAMPLE_RATE):
        block = np.ascontiguousarray(samples[start : start + SAMPLE_RATE]).reshape(1, -1)
        frame = av.AudioFrame.from_ndarray(block, format="s16", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        frame.time_base = Fraction(1, SAMPLE_RATE)
        yield frame


def _degraded(decoded: Decoded) -> tuple[Degraded, ...]:
    found = []
    if decoded.damaged:
        found.append(
            Degraded("parts of the music are left out", f"{decoded.damaged} packets are damaged")
        )
    if decoded.cut:
        found.append(
            Degraded(
                f"the music begins again after {MAX_SECONDS // 60} minutes",
                "no more of it is used",
            )
        )
    return tuple(found)
