"""Starts the processes that make artifacts, and loads next to nothing for it.

So the command can start one before it loads itself: on another core, that one has loaded its
libraries by the time there is something to make.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from dataclasses import dataclass

CALM = {
    # One thread a worker: there is one worker a core.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "VIPS_CONCURRENCY": "1",
    # Pictures of every size come and go here by the thousand. Left alone, glibc raises its bound
    # for mmap to 32 MB and keeps what is freed in holes: 1.25 times the memory over 60 scenes,
    # and rising; with fixed bounds 1.08 times, for the same CPU (`bench/hour.py`).
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_TRIM_THRESHOLD_": "4194304",
    "MALLOC_ARENA_MAX": "2",
}

SECRETS = (
    *("AWS_", "INKREEL_CDN", "INKREEL_IMAGES", "INKREEL_MODELS", "INKREEL_REDIS"),
    *("INKREEL_SECRET", "INKREEL_VOICES"),
)
"""Variables that may hold one begin so. No step needs them, and some read strangers' bytes."""


@dataclass(frozen=True, slots=True)
class Hatched:
    """A process that was started: what it is asked and answers goes through `line`."""

    process: subprocess.Popen[bytes]
    line: socket.socket
    errors: socket.socket


def hatch(*flags: str) -> Hatched:
    """Start `inkreel.backends.child`; it ends when `line` is closed, be it by our own end."""
    line, its_line = socket.socketpair()
    errors, its_errors = socket.socketpair()
    with its_line, its_errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "inkreel.backends.child", *flags],
            stdin=its_line.fileno(),
            stdout=its_line.fileno(),
            stderr=its_errors.fileno(),
            env=_environment(),
            start_new_session=True,  # Ctrl-C in a terminal is for the parent to handle
        )
    return Hatched(process, line, errors)


def hatch_early() -> None:
    """Start one for whoever needs a process without flags first."""
    _early.append(hatch())


def hatched_early() -> Hatched | None:
    """The one that was started early, once."""
    return _early.pop() if _early else None


_early: list[Hatched] = []


def _environment() -> dict[str, str]:
    mine = {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}
    return mine | CALM
