"""What time does to jobs and disks: lost leases, expiry, what belongs to nobody, a full store.

Every step is atomic and may be done by any number of janitors at once.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from inkreel.errors import LeaseLost, NotFound
from inkreel.job import (
    MEDIA_TYPES,
    Job,
    JobId,
    folder_key,
    segment_key,
    submitted,
    thumbnail_key,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.lifecycle import Keeping
from inkreel.jobs.supervision import again_and_again
from inkreel.ports import JobQueue, Objects

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
STORE_SECONDS = 1.0
SWEEP_SECONDS = 600.0
AT_ONCE = 1_000
FULL = 0.9
"""How full the store is after it was brought to its size."""
CALM = 20.0
"""Measuring the store takes at most one part in so many of a core."""
ORPHAN_SECONDS = 3_600.0
"""An upload lies in its place before its job is known; an older one belongs to nobody."""
RESULTS = (*(f".{variant}" for variant in MEDIA_TYPES), ".thumbnail", ".segment")


class Room(Protocol):
    """A store whose size is limited."""

    def size(self) -> int:
        """Bytes on the disk."""

    def evict(self, max_bytes: int) -> int:
        """Bring it under this size; answers the bytes freed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """What a janitor looks after; `sweep` removes what dead processes left unfinished."""

    queue: JobQueue
    objects: Objects
    store: Room
    max_bytes: int
    keeping: Keeping
    sweep: Callable[[], None]


class Janitor:
    """Looks after the house as long as a worker lives; `busy` says whether the store grows."""

    def __init__(self, house: House, busy: Callable[[], bool]) -> None:
        self._house = house
        self._busy = busy
        self._next = 0.0
        self._grew = True

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`."""
        await asyncio.gather(
            again_and_again(self._look, LOOK_SECONDS, stop),
            again_and_again(self._limit, STORE_SECONDS, stop),
            again_and_again(self._sweep, SWEEP_SECONDS, stop),
        )

    async def _look(self) -> None:
        now = time.time()
        for job in await self._house.queue.due(now, AT_ONCE):
            with contextlib.suppress(LeaseLost, NotFound):  # another one was faster
                await age(self._house, job, now)

    async def _limit(self) -> None:
        """Keep the store within its size while it grows."""
        began = time.monotonic()
        if began >= self._next and (self._grew or self._busy()):
            self._grew = self._busy()  # what a run adds until its end is looked at after it
            await asyncio.to_thread(limit, self._house)
            now = time.monotonic()
            self._next = now + CALM * (now - began)

    async def _sweep(self) -> None:
        await asyncio.to_thread(self._house.sweep)
        await drop_orphans(self._house.queue, self._house.objects, time.time())


async def clean(house: House) -> None:
    """All of it, now: sweep, drop what belongs to nobody, bring the store to its size."""
    await asyncio.to_thread(house.sweep)
    await drop_orphans(house.queue, house.objects, time.time())
    await asyncio.to_thread(limit, house)


async def age(house: House, job: Job, now: float) -> None:
    """Do what is due: another worker may have the job, it expires, or it is forgotten. Raises
    `LeaseLost` and `NotFound` when it is no longer so."""
    if job.status == "running":
        if job.lease is not None and job.lease <= now:
            log.warning("%s: its worker %s fell silent", job.id, job.worker)
            await house.queue.change(job.id, lifecycle.lost(now, house.keeping))
    elif job.sweep <= now:
        if job.status == "expired":
            await house.queue.remove(job.id)
        else:
            await house.queue.change(job.id, lifecycle.aged(now, house.keeping))
            log.info("%s expired", job.id)
        await asyncio.to_thread(house.objects.drop, folder_key(job.id))


async def tidy(queue: JobQueue, objects: Objects, job_id: JobId) -> None:
    """Drop what runs of a job left that is no longer part of it: results of former editions, and
    everything if the job was deleted meanwhile. Leaves a job alone that is being made."""
    job = await queue.get(job_id)
    if job is None or job.status == "expired":
        await asyncio.to_thread(objects.drop, folder_key(job_id))
    elif job.status not in ("queued", "running"):
        scenes = await queue.scenes(job_id)
        used = {file.key for file in job.files}
        used |= {thumbnail_key(job_id, one.thumbnail) for one in scenes if one.thumbnail}
        used |= {segment_key(job_id, one.digest) for scene in scenes for one in scene.segments}
        if job.stream is not None:
            used.add(segment_key(job_id, job.stream.initialisation))
        await asyncio.to_thread(_drop_unused, objects, job_id, used)


def _drop_unused(objects: Objects, job: JobId, used: set[str]) -> None:
    for key, _ in list(objects.sizes(folder_key(job))):
        if key.endswith(RESULTS) and key not in used:
            objects.drop(key)


async def drop_orphans(queue: JobQueue, objects: Objects, now: float) -> None:
    """Drop the objects of jobs that nobody knows any more."""
    owners = await asyncio.to_thread(_owners, objects)
    for owner in owners:
        if now - submitted(owner) > ORPHAN_SECONDS:
            job = await queue.get(owner)
            if job is None or job.status == "expired":
                await asyncio.to_thread(objects.drop, folder_key(owner))


def _owners(objects: Objects) -> set[JobId]:
    return {JobId(key.split("/")[1]) for key, _ in objects.sizes("videos/")}


def limit(house: House) -> None:
    """Bring the store to its size if it is over it. Blocks."""
    if house.store.size() > house.max_bytes:
        freed = house.store.evict(int(house.max_bytes * FULL))
        log.info("the store was too large; %d bytes freed", freed)
