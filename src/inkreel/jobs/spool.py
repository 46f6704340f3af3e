"""A queue that still takes orders while the one far away cannot be reached.

    add ──▶ far ──(away)──▶ near, a small queue on this machine's disk ──(back)──▶ far

Who was promised a job keeps its id: it can be looked at and cancelled while it lies here, and
waits in the far queue as soon as that is back. Nothing is claimed from the near queue.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, cast

from msgspec.structs import replace

from inkreel.errors import NotFound, Unavailable
from inkreel.job import Admission, Change, Event, Job, JobId, Query, SceneState, Told
from inkreel.jobs.supervision import again_and_again
from inkreel.ports import JobQueue

log = logging.getLogger(__name__)

MOVE_SECONDS = 0.5
ANY = Admission(2**31, 2**31)
"""What was promised is admitted, however many wait."""


class Spool:
    """`far`, with `near` for orders while it is away; `room` is what may lie there. `count` is told
    how many do. All else goes to `far`."""

    def __init__(
        self, far: JobQueue, near: JobQueue, room: Admission, count: Callable[[int], object]
    ) -> None:
        self._far = far
        self._near = near
        self._room = room
        self._count = count
        self._stop = asyncio.Event()
        self._moving: asyncio.Task[None] | None = None
        self._there = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._far, name)

    async def __aenter__(self) -> JobQueue:
        await self._near.check()
        self._moving = asyncio.create_task(again_and_again(self._move, MOVE_SECONDS, self._stop))
        return cast("JobQueue", self)  # what is not here, `far` has

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop.set()
        if self._moving is not None:
            await self._moving

    # --- Orders ----------------------------------------------------------------------------------

    async def check(self) -> str:
        try:
            return await self._far.check()
        except Unavailable:
            await self._near.check()
            return "away: orders are kept here"

    async def add(self, job: Job, admission: Admission) -> Job:
        try:
            return await self._far.add(job, admission)
        except Unavailable as error:
            kept = await self._near.add(job, self._room)
            log.warning("%s is kept here for now: %s", kept.id, error.message)
            return kept

    async def waiting(self, client: str) -> tuple[int, int]:
        """Those that lie here count for our own room alone. Raises `QueueFull` when it is full."""
        try:
            return await self._far.waiting(client)
        except Unavailable:
            self._room.check(*await self._near.waiting(client))
            return 0, 0

    async def by_idempotency(self, client: str, key: str) -> Job | None:
        try:
            found = await self._far.by_idempotency(client, key)
        except Unavailable:
            found = None
        return found or await self._near.by_idempotency(client, key)

    # --- Jobs that lie here ----------------------------------------------------------------------

    async def get(self, job: JobId) -> Job | None:
        try:
            found = await self._far.get(job)
        except Unavailable:
            found = await self._near.get(job)
            if found is None:
                raise
        return found or await self._near.get(job)

    async def change(
        self,
        job: JobId,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        try:
            return await self._far.change(job, change, told, scenes)
        except (NotFound, Unavailable):
            if await self._near.get(job) is None:
                raise
            return await self._near.change(job, change, told, scenes)

    async def scenes(self, job: JobId) -> tuple[SceneState, ...]:
        try:
            return await self._far.scenes(job)
        except Unavailable:
            if await self._near.get(job) is None:
                raise
            return ()

    async def last_event(self, job: JobId) -> int:
        try:
            return await self._far.last_event(job)
        except Unavailable:
            return await self._near.last_event(job)

    async def remove(self, job: JobId) -> None:
        # Here first: what lies here would be moved there again.
        await self._near.remove(job)
        await self._far.remove(job)

    async def events(self, job: JobId, after: int, limit: int) -> list[Event]:
        try:
            found = await self._far.events(job, after, limit)
        except Unavailable:
            found = await self._near.events(job, after, limit)
            if not found:
                raise
        return found or (await self._near.events(job, after, limit) if self._there else [])

    # --- Moving ----------------------------------------------------------------------------------

    async def _move(self) -> None:
        """Hand on what lies here, the longest first."""
        there = await self._near.jobs(Query(limit=self._room.waiting))
        self._there = len(there)
        self._count(self._there)
        with contextlib.suppress(Unavailable):  # still
            for job in reversed(there):
                await self._hand_on(job)
                self._there -= 1
                self._count(self._there)

    async def _hand_on(self, job: Job) -> None:
        added = await self._far.add(job, ANY)
        if added.id != job.id:  # its key was used elsewhere meanwhile; its own id was promised, too
            await self._far.add(replace(job, idempotency=None), ANY)
        # From now on steps go there; one that was done here meanwhile is done there again.
        now = await self._near.get(job.id)
        if now is not None and now != job:
            with contextlib.suppress(NotFound):
                await self._far.change(job.id, lambda moved: replace(now, version=moved.version))
        await self._near.remove(job.id)
        log.warning("%s was handed on to the queue", job.id)
