"""Orders while the queue is away: kept here, and handed on."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest
from msgspec.structs import replace

from inkreel.backends.sqlite import SqliteJobs
from inkreel.errors import NotFound, QueueFull, Unavailable
from inkreel.job import Admission, Job
from inkreel.jobs import lifecycle
from inkreel.jobs.spool import Spool
from inkreel.ports import JobQueue
from tests.backends.queues import KEEPING, ROOM, SAME, a_job, all_jobs, law
from tests.jobs.workshop import until


class Far:
    """A queue that can be away."""

    def __init__(self, queue: SqliteJobs) -> None:
        self.queue = queue
        self.away = False

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.queue, name)

        async def reached(*words: Any) -> Any:
            if self.away:
                raise Unavailable("The queue does not answer.", hint="Wait.")
            return await method(*words)

        return reached


@asynccontextmanager
async def spooling(root: Path, most: int = 10) -> AsyncIterator[tuple[JobQueue, Far, list[int]]]:
    """A queue with a spool before it, and what was counted."""
    far, near = Far(SqliteJobs(root / "far.db")), SqliteJobs(root / "spool.db")
    counts: list[int] = []
    try:
        async with Spool(
            cast("JobQueue", far), near, Admission(most, most), counts.append
        ) as queue:
            yield queue, far, counts
    finally:
        await near.close()
        await far.queue.close()


async def arrived(far: Far, *jobs: Job) -> None:
    async def there() -> bool:
        return {job.id for job in jobs} <= {job.id for job in await all_jobs(far.queue)}

    await until(there)


@law
async def test_orders_are_kept_and_handed_on(tmp_path: Path) -> None:
    """Under the id that was promised, in their order; they can be looked at all the while; it is
    told how many wait."""
    async with spooling(tmp_path) as (queue, far, counts):
        assert await queue.check() == "ok"
        far.away = True
        assert "kept here" in await queue.check()
        jobs = [await queue.add(a_job(time.time() + n), ROOM) for n in range(5)]
        assert [await queue.get(job.id) for job in jobs] == jobs
        assert len(await queue.events(jobs[0].id, 0, 9)) == 1
        assert await queue.last_event(jobs[0].id) > 0
        assert await queue.scenes(jobs[0].id) == ()

        async def counted() -> bool:
            return counts[-1:] == [5]

        await until(counted)
        far.away = False
        await arrived(far, *jobs)
        assert [await queue.get(job.id) for job in jobs] == jobs

        async def emptied() -> bool:
            return counts[-1] == 0

        await until(emptied)


@law
async def test_kept_orders_survive_a_restart(tmp_path: Path) -> None:
    """They lie on the disk: the next process hands them on."""
    async with spooling(tmp_path) as (queue, far, _):
        far.away = True
        job = await queue.add(a_job(time.time()), ROOM)
    async with spooling(tmp_path) as (_, far, _counts):
        await arrived(far, job)


@law
async def test_only_so_many_are_kept(tmp_path: Path) -> None:
    """More are told to come again; what was kept is not dropped for them."""
    async with spooling(tmp_path, most=3) as (queue, far, _):
        far.away = True
        jobs = [await queue.add(a_job(time.time()), ROOM) for _ in range(3)]
        with pytest.raises(QueueFull):
            await queue.waiting("ann")
        with pytest.raises(QueueFull):
            await queue.add(a_job(time.time()), ROOM)
        far.away = False
        await arrived(far, *jobs)


@law
async def test_a_kept_order_can_be_cancelled(tmp_path: Path) -> None:
    """It arrives cancelled; an unknown one is unknown only when the queue says so."""
    async with spooling(tmp_path) as (queue, far, _):
        far.away = True
        job = await queue.add(a_job(time.time()), ROOM)
        with pytest.raises(Unavailable):
            await queue.get(a_job(time.time()).id)
        cancelled = await queue.change(job.id, lifecycle.cancelled(time.time(), KEEPING))
        assert cancelled.status == "cancelled"
        far.away = False
        await arrived(far, job)
        assert (await queue.get(job.id)) == cancelled
        assert (await far.queue.load(time.time())).by_status["queued"] == 0
        with pytest.raises(NotFound):
            await queue.change(a_job(time.time()).id, lifecycle.reprioritised(1))


@law
async def test_one_idempotency_key_is_one_order_here(tmp_path: Path) -> None:
    """Sent twice while the queue is away, it is one; if another order with it was taken elsewhere
    meanwhile, both ids that were promised are kept."""
    async with spooling(tmp_path) as (queue, far, _):
        far.away = True
        job = await queue.add(a_job(time.time(), idempotency=SAME), ROOM)
        assert await queue.add(a_job(time.time(), idempotency=SAME), ROOM) == job
        assert await queue.by_idempotency("ann", SAME.key) == job
        elsewhere = await far.queue.add(a_job(time.time(), idempotency=SAME), ROOM)
        far.away = False
        await arrived(far, job, elsewhere)
        assert await queue.by_idempotency("ann", SAME.key) == elsewhere
        assert await queue.get(job.id) == replace(job, idempotency=None)


@law
async def test_a_kept_order_can_be_forgotten(tmp_path: Path) -> None:
    """Neither here nor there is it found afterwards."""
    async with spooling(tmp_path) as (queue, far, _):
        far.away = True
        job = await queue.add(a_job(time.time()), ROOM)
        far.away = False
        await queue.remove(job.id)
        assert await queue.get(job.id) is None
