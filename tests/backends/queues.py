"""What the tests of the job queue share: the backends under test, a clock, jobs, processes.

Run as a program it is a process of the service that the tests can kill:

An address is `sqlite:FILE`, or a URL of Redis with the prefix of the keys behind a #.

    python -m tests.backends.queues ADDRESS add      add jobs, tell each id once it is kept
    python -m tests.backends.queues ADDRESS same N   add N jobs at once under one idempotency key
    python -m tests.backends.queues ADDRESS work     claim and finish jobs till all are done
    python -m tests.backends.queues ADDRESS poke     one change
"""

from __future__ import annotations

import asyncio
import functools
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Protocol

from inkreel.backends.redis import Link, RedisJobs, parse
from inkreel.backends.sqlite import SqliteJobs
from inkreel.errors import LeaseLost
from inkreel.job import (
    ENDED,
    Admission,
    Idempotency,
    Job,
    JobId,
    Outcome,
    Query,
    SceneState,
    StatusTold,
    new_job_id,
)
from inkreel.jobs import lifecycle
from inkreel.model import Counts, Digest, Options
from inkreel.ports import JobQueue, KeyRing

ROOT = Path(__file__).resolve().parents[2]
ROOM = Admission(waiting=100_000, client_waiting=100_000)
KEEPING = lifecycle.Keeping(waiting=3_600, results=7_200, record=100)
OUTCOME = Outcome(60.0, 10.0, Counts(), Counts())
LEASE = 10.0
SAME = Idempotency("order-1", Digest("0" * 64))


class Backend(JobQueue, KeyRing, Protocol):
    """What holds the queue also holds the keys."""


@dataclass
class Clock:
    """Time as the test wants it."""

    now: float = 1_800_000_000.0

    def __call__(self) -> float:
        return self.now


def opened(address: str, now: Callable[[], float] = time.time) -> Backend:
    """The queue at an address, as a further process of the service would open it."""
    kind, _, rest = address.partition(":")
    if kind == "sqlite":
        return SqliteJobs(Path(rest), now)
    return RedisJobs(linked(address), now)


def linked(address: str) -> Link:
    """The way to a Redis at an address; more patient than a service, so that a busy machine is
    not taken for an outage."""
    url, _, prefix = address.partition("#")
    return Link(parse(url), prefix, patience=10)


@dataclass
class Place:
    """Where the queue under test is; every opening is a server of its own."""

    address: str
    clock: Clock

    @property
    def backend(self) -> str:
        return self.address.partition(":")[0]

    @asynccontextmanager
    async def open(self) -> AsyncIterator[Backend]:
        queue = opened(self.address, self.clock)
        try:
            yield queue
        finally:
            await queue.close()

    def started(self, *arguments: str) -> subprocess.Popen[str]:
        """A process of this program, on the real clock."""
        return subprocess.Popen(
            [sys.executable, "-m", "tests.backends.queues", self.address, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )


def law(test: Callable[..., Awaitable[None]]) -> Callable[..., None]:
    """A test that awaits."""

    @functools.wraps(test)
    def run(*args: object, **kwargs: object) -> None:
        async def awaited() -> None:
            await test(*args, **kwargs)

        asyncio.run(awaited())

    return run


def a_job(now: float, client: str = "ann", **fields: Any) -> Job:
    """A job that begins to wait now."""
    fields = {
        "title": "Tides",
        "options": Options(),
        "source": None,
        "created": now,
        "queued": now,
        "sweep": now + KEEPING.waiting,
        **fields,
    }
    return Job(id=new_job_id(now), client=client, **fields)


def done(job: Job, now: float) -> Any:
    return lifecycle.finished(job.fence, now, KEEPING, OUTCOME, (), ())


async def all_jobs(queue: JobQueue) -> list[Job]:
    return await queue.jobs(Query(limit=1_000_000))


async def statuses_told(queue: JobQueue, job: JobId) -> list[str]:
    return [
        event.told.status
        for event in await queue.events(job, 0, 1_000)
        if isinstance(event.told, StatusTold)
    ]


# --- A process of the service -------------------------------------------------------------------


def tell(text: str, to: IO[str] = sys.stdout) -> None:
    to.write(f"{text}\n")
    to.flush()


async def add(queue: Backend) -> None:
    while True:
        tell((await queue.add(a_job(time.time()), ROOM)).id)


async def same(queue: Backend, times: int) -> None:
    jobs = (a_job(time.time(), idempotency=SAME) for _ in range(times))
    for job in await asyncio.gather(*(queue.add(job, ROOM) for job in jobs)):
        tell(job.id)


async def work(queue: Backend, lease: float = 0.5) -> None:
    """A worker in small: claims, sets scenes, finishes; looks after those who died."""
    me = f"worker-{os.getpid()}"
    while True:
        revision = await queue.changed(-1, 0)
        for lost in await queue.due(time.time(), 100):
            with suppress(LeaseLost):  # another worker was first
                await queue.change(lost.id, lifecycle.lost(time.time(), KEEPING))
        job = await queue.claim(lifecycle.claimed(me, time.time(), lease), 1_000)
        if job is not None:
            await queue.change(job.id, lambda job: job, scenes=(SceneState(f"by {me}"),))
            await asyncio.sleep(0.03)
            with suppress(LeaseLost):  # too slow: it is another's
                await queue.change(job.id, done(job, time.time()))
        elif all(job.status in ENDED for job in await all_jobs(queue)):
            return
        else:
            await queue.changed(revision, 0.1)


async def poke(queue: Backend) -> None:
    await queue.add(a_job(time.time()), ROOM)


async def main(address: str, what: str, *arguments: str) -> None:
    queue = opened(address)
    roles: dict[str, Callable[..., Awaitable[None]]] = {
        "add": add,
        "same": same,
        "work": work,
        "poke": poke,
    }
    await roles[what](queue, *map(int, arguments))
    await queue.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
