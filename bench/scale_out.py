"""How much faster one long document is finished by more workers, each with a core of its own.

    python -m bench.scale_out [--workers 1 2 3 4] [--scenes 60] [--share PERCENT]

A service over Redis with a shared folder, whose videos' steps go to all workers; each worker has
one process for steps. Where there is a core for each of them they are pinned, workers to the first
cores, the service and Redis to those that are left. Elsewhere `--share 40` (root, cgroups) gives
each worker so much of a core instead. Cores that share silicon slow one another down: what that
takes is measured with loops that do nothing else, and told beside it.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import httpx2

from bench.chaos.service import ended, service
from bench.meter import cores, machine
from inkreel.backends.redis import Link, parse
from tests import redis_servers

FIRST_GROUPS, SECOND_GROUPS = Path("/sys/fs/cgroup/cpu"), Path("/sys/fs/cgroup")
"""Of both versions of the kernel's control groups."""
PERIOD_MICROSECONDS = 10_000
LOOP = "n = 12_000_000\nwhile n: n -= 1"
READY_SECONDS = 60.0


def document(scenes: int) -> str:
    """So many sections, no two alike."""
    sections = (
        f"## Stage {number} of the pass\n\n"
        f"Stage {number} begins {number * 37 + 400} metres above the sea. The road climbs "
        f"{number % 7 + 3} percent for {number % 11 + 2} kilometres, and then it rests.\n"
        for number in range(1, scenes)
    )
    return "\n".join(["# The road over the pass\n", *sections])


class Place:
    """Where a worker runs: a core, or a share of whichever is free."""

    def __init__(self, number: int, share: int) -> None:
        self._core = sorted(os.sched_getaffinity(0))[number % cores()]
        self._share = share
        self._group: Path | None = None
        if share:
            second = (SECOND_GROUPS / "cgroup.controllers").exists()
            self._group = (SECOND_GROUPS if second else FIRST_GROUPS) / f"inkreel-bench-{number}"
            self._group.mkdir(exist_ok=True)
            quota = PERIOD_MICROSECONDS * share // 100
            if second:
                (self._group / "cpu.max").write_text(f"{quota} {PERIOD_MICROSECONDS}")
            else:
                (self._group / "cpu.cfs_period_us").write_text(str(PERIOD_MICROSECONDS))
                (self._group / "cpu.cfs_quota_us").write_text(str(quota))

    def enter(self) -> None:
        """In the new process, before it becomes the worker; what it starts stays here, too."""
        if self._group is None:
            os.sched_setaffinity(0, {self._core})
        else:
            (self._group / "cgroup.procs").write_text(str(os.getpid()))

    def close(self) -> None:
        if self._group is not None:
            with contextlib.suppress(OSError):  # a process of it is about to end
                self._group.rmdir()


@contextlib.contextmanager
def running(
    count: int, share: int, command: Sequence[str], env: dict[str, str]
) -> Iterator[list[subprocess.Popen[bytes]]]:
    """So many processes, each in a place of its own."""
    places = [Place(number, share) for number in range(count)]
    started: list[subprocess.Popen[bytes]] = []
    try:
        for place in places:
            one = subprocess.Popen(command, env={**os.environ, **env}, preexec_fn=place.enter)  # noqa: PLW1509
            started.append(one)
        yield started
    finally:
        for one in started:
            one.terminate()
            one.wait()
        for place in places:
            place.close()


def loops(count: int, share: int) -> float:
    """Seconds until so many loops at once have ended."""
    began = time.monotonic()
    with running(count, share, [sys.executable, "-c", LOOP], {}) as started:
        for one in started:
            one.wait()
    return time.monotonic() - began


async def made(workers: int, share: int, text: str) -> float:
    """Seconds from the order to the end of the video, with workers that were ready."""
    spare = set(sorted(os.sched_getaffinity(0))[workers:])
    if not share and spare:
        os.sched_setaffinity(0, spare)  # what is started now stays there
    with redis_servers.running("redis") as redis:
        env = {"INKREEL_REDIS_URL": redis.url, "INKREEL_REDIS_STEPS": "1"}
        async with service("--workers", "0", **env) as (serving, client):
            os.sched_setaffinity(0, range(os.cpu_count() or 1))
            env |= {"INKREEL_DATA": str(serving.data), "INKREEL_CACHE": str(serving.cache)}
            env["INKREEL_WORKERS"] = "1"
            command = [sys.executable, "-m", "inkreel.entrypoints.worker"]
            with running(workers, share, command, env):
                await ready(redis.url, workers)
                return await ordered(client, text)


async def ready(url: str, workers: int) -> None:
    """Until so many workers wait for steps."""
    link = Link(parse(url))
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        clients = await link.ask("CLIENT", "LIST")
        if str(clients).count("bzpopmin") >= workers:
            await link.close()
            return
        await asyncio.sleep(0.2)
    raise TimeoutError(f"{workers} workers were not ready within {READY_SECONDS:.0f} s")


async def ordered(client: httpx2.AsyncClient, text: str) -> float:
    began = time.monotonic()
    answer = await client.post("/v1/videos", json={"text": text, "format": "md"})
    answer.raise_for_status()
    told = await ended(client, answer.json()["id"], 3_600)
    if told["status"] != "done":
        raise RuntimeError(f"the video {told['status']}: {told.get('error')}")
    return time.monotonic() - began


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 3, 4])
    parser.add_argument("--scenes", type=int, default=60)
    parser.add_argument("--share", type=int, default=0, help="percent of a core for each worker")
    options = parser.parse_args()
    if not options.share and max(options.workers) > cores():
        parser.error(f"{cores()} cores are not enough for {max(options.workers)}: see --share")
    text = document(options.scenes)
    given = f"{options.share} % of a core" if options.share else "a core"
    print(f"{machine()}; a worker has {given}")
    print("| workers | s | efficiency | of loops |\n|---|---|---|---|")
    first = options.workers[0]
    alone = loop = 0.0
    for count in options.workers:
        seconds = asyncio.run(made(count, options.share, text))
        looped = loops(count, options.share)
        if count == first:
            alone, loop = seconds * first, looped
        print(
            f"| {count} | {seconds:.1f} | {alone / (count * seconds):.2f} | {loop / looped:.2f} |",
            flush=True,
        )


if __name__ == "__main__":
    main()
