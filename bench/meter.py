"""What a piece of work took: wall, CPU with all children, peak memory; and on which machine.

CPU is user and system time of all processes that were started and have ended (`getrusage`), or of
those that still live (`/proc`). Memory is the sum of PSS over a process and all below it, five
times a second: a page that several of them share counts once.
"""

from __future__ import annotations

import contextlib
import os
import platform
import re
import resource
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil

SAMPLED_SECONDS = 0.2


@dataclass
class Spent:
    """Seconds, seconds, bytes."""

    wall: float = 0.0
    cpu: float = 0.0
    peak: int = 0

    @property
    def line(self) -> str:
        return f"{self.wall:.2f} s, {self.cpu:.2f} CPU s, {self.peak / 1e6:.0f} MB"


@contextlib.contextmanager
def spending() -> Iterator[Spent]:
    """What the children cost that are started and ended inside the block."""
    spent = Spent()
    before, began = ended_children(), time.perf_counter()
    with peak_memory(psutil.Process()) as peak:
        yield spent
    spent.wall = time.perf_counter() - began
    spent.cpu = ended_children() - before
    spent.peak = peak.bytes


def ended_children() -> float:
    """CPU seconds of all children, and theirs, that have ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def living(process: psutil.Process | None = None) -> float:
    """CPU seconds of a process (this one) and of what lives below it, up to now."""
    top = process or psutil.Process()
    return sum(_cpu(one) for one in (top, *top.children(recursive=True)))


def _cpu(process: psutil.Process) -> float:
    with contextlib.suppress(psutil.Error):
        times = process.cpu_times()
        return times.user + times.system
    return 0.0


@dataclass
class Peak:
    bytes: int = 0


@contextlib.contextmanager
def peak_memory(top: psutil.Process, *, itself: bool = False) -> Iterator[Peak]:
    """The most that what lives below `top` holds at once while the block runs; with `itself`, it
    counts too."""
    peak, done = Peak(), threading.Event()

    def watch() -> None:
        while not done.wait(SAMPLED_SECONDS):
            peak.bytes = max(peak.bytes, held(top, itself=itself))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield peak
    finally:
        done.set()
        watcher.join()


def held(top: psutil.Process, *, itself: bool) -> int:
    """Bytes held now."""
    with contextlib.suppress(psutil.Error):
        below = top.children(recursive=True)
        return sum(_pss(one.pid) for one in ([top, *below] if itself else below))
    return 0


def _pss(pid: int) -> int:
    with contextlib.suppress(OSError):  # it may have ended
        rolled = Path(f"/proc/{pid}/smaps_rollup").read_text("ascii")
        if found := re.search(r"(?m)^Pss: +(\d+) kB", rolled):
            return int(found[1]) * 1024
    return 0


def machine() -> str:
    """The processor and how many of its cores this process may use."""
    name = platform.processor() or platform.machine()
    with contextlib.suppress(OSError):
        found = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text("utf-8"))
        name = found[1] if found else name
    return f"{name}, {cores()} cores"


def cores() -> int:
    return len(os.sched_getaffinity(0))
