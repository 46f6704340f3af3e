"""Random change patterns through the skip writer: each frame must decode to x264's own picture.

Every pattern is up to three segments of random length, size, preset, quality and key interval,
joined and decoded with all of FFmpeg's checks, by one thread or by several. Counted are the frames,
how many of them were skipped, and the decoder's warnings.
Run: `python -m bench.skip [--patterns N]`.
"""

from __future__ import annotations

import argparse
import multiprocessing
import time
from collections import Counter
from typing import NamedTuple

import numpy as np

from tests.compose.skipping import PRESETS, SIZES, Pattern, check

MIXES = ((1.0, 2), (0.7, 4), (0.5, 12), (0.3, 60), (0.1, 200))
"""How films change: the share of frames that move on at once, and how long the others stand."""


class Tally(NamedTuple):
    preset: str
    frames: int
    skipped: int
    bytes: int
    fault: str


def pattern(number: int) -> Pattern:
    dice = np.random.default_rng(number)
    moving, longest = MIXES[dice.integers(len(MIXES))]
    segments = []
    for _ in range(dice.integers(1, 4)):
        sights = int(dice.integers(1, 24))
        stills = np.where(dice.random(sights) < moving, 1, dice.integers(1, longest + 1, sights))
        # A segment of one frame would put two IDR pictures in a row.
        stills[-1] += stills.sum() == 1
        segments.append(tuple(int(still) for still in stills))
    return Pattern(
        tuple(segments),
        size=SIZES[dice.integers(len(SIZES))],
        preset=PRESETS[dice.integers(len(PRESETS))],
        qp=int(dice.integers(12, 40)),
        interval=int(dice.choice((6, 30, 150))),
        seed=number,
        threads=int(dice.choice((1, 1, 3))),
    )


def tally(number: int) -> Tally:
    tried = pattern(number)
    try:
        woven = check(tried)
    except Exception as error:  # noqa: BLE001 — counted and shown
        return Tally(tried.preset, tried.frames, 0, 0, f"pattern {number}: {error!r}"[:200])
    encoded = {(at, packet.pts) for at, each in enumerate(woven) for packet in each.coded}
    sizes = [
        len(packet.data)
        for at, each in enumerate(woven)
        for packet in each.segment.packets
        if (at, packet.pts) not in encoded
    ]
    return Tally(tried.preset, tried.frames, len(sizes), sum(sizes), "")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--patterns", type=int, default=10_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    start = time.perf_counter()
    numbers = range(options.first, options.first + options.patterns)
    with multiprocessing.get_context("spawn").Pool(options.processes) as pool:
        found = list(pool.imap_unordered(tally, numbers, chunksize=20))
    faults = [each.fault for each in found if each.fault]
    patterns, frames, skipped = Counter[str](), Counter[str](), Counter[str]()
    for each in found:
        patterns[each.preset] += 1
        frames[each.preset] += each.frames
        skipped[each.preset] += each.skipped
    print(f"{'preset':12}{'patterns':>10}{'frames':>10}{'skipped':>10}")
    for preset in PRESETS:
        print(f"{preset:12}{patterns[preset]:10}{frames[preset]:10}{skipped[preset]:10}")
    print(f"{'all':12}{len(found):10}{frames.total():10}{skipped.total():10}")
    if skipped.total():
        print(f"{sum(each.bytes for each in found) / skipped.total():.1f} bytes a skipped picture")
    print(f"{len(faults)} patterns with a wrong frame, count, time or a warning of the decoder")
    for fault in faults[:10]:
        print(fault)
    print(f"{time.perf_counter() - start:.0f} s")
    raise SystemExit(bool(faults))


if __name__ == "__main__":
    main()
