"""The `inkreel make` command as a user starts it, measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.meter import Spent, spending


@dataclass(frozen=True)
class Run:
    result: dict[str, Any]
    """What `--json` says."""
    spent: Spent

    @property
    def seconds(self) -> float:
        """Of the video."""
        return float(self.result["seconds"])

    @property
    def pace(self) -> float:
        """How many times faster than real time it was made."""
        return self.seconds / self.spent.wall

    def row(self, name: str) -> str:
        made = self.result["made"]
        counts = " ".join(f"{made[kind]:>4}" for kind in ("narrations", "pictures", "clips"))
        return (
            f"{name:<26} {self.seconds:>8.1f} {self.spent.wall:>8.2f} {self.pace:>7.1f}× "
            f"{self.spent.cpu:>8.1f} {self.spent.peak / 1e6:>7.0f}   {counts}"
        )


HEADER = (
    f"{'':<26} {'video s':>8} {'wall s':>8} {'pace':>8} {'CPU s':>8} {'MB':>7}   "
    "made: narr. pict. clips"
)


def make(material: Path, folder: Path, cores: int | None = None) -> Run:
    """Make a video in `folder`, where its store lies, too; on so many cores."""
    command = [sys.executable, "-m", "inkreel", "make", str(material), "--json", "--quiet"]
    places = ["-o", str(folder / "video.mp4"), "--cache", str(folder / "cache")]

    def bind() -> None:
        if cores:
            os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:cores])

    with spending() as spent:
        done = subprocess.run(
            [*command, *places], check=True, stdout=subprocess.PIPE, preexec_fn=bind
        )
    return Run(json.loads(done.stdout.splitlines()[-1]), spent)
