"""Whether memory grows with the video: an hour against a minute, at 1080p.

Storyboards of scenes of which no two are alike are made by the command as a user starts it, cold;
its peak is the sum of PSS over it and its children. Run: `python -m bench.hour [--scenes N]`.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from bench import stories
from bench.command import HEADER, Run, make
from bench.meter import machine

MINUTE = 7
"""Scenes."""


def measure(scenes: int) -> Run:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run = make(stories.save(stories.long(scenes), folder / "board.yaml"), folder)
    print(run.row(f"{scenes} scenes"), flush=True)
    return run


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=430)
    options = parser.parse_args()
    print(f"{machine()}\n{HEADER}")
    short, long = measure(MINUTE), measure(options.scenes)
    ratio = long.spent.peak / short.spent.peak
    print(f"{long.seconds / 60:.1f} minutes take {ratio:.2f} × the memory of {short.seconds:.0f} s")


if __name__ == "__main__":
    main()
