"""`JobQueue` in Redis: a step is applied to the job as it was read, and stored if nobody was
faster (`lua/save.lua`), else tried again; the rules lie in `lifecycle` and `schedule`."""

from __future__ import annotations

import asyncio
import itertools
import random
import secrets
import time
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from inkreel import schedule
from inkreel.backends.changes import changed
from inkreel.backends.redis.keys import RedisKeys
from inkreel.backends.redis.link import Link
from inkreel.backends.redis.scripts import script
from inkreel.backends.redis.watch import Watch
from inkreel.errors import NotFound
from inkreel.job import (
    PRIORITIES,
    Admission,
    Change,
    Event,
    Job,
    JobId,
    Load,
    Query,
    SceneState,
    Status,
    StatusTold,
    Told,
)

T = TypeVar("T")

STAMP = 16
"""Bytes before a job's JSON that no other write has."""
PAGE = 500
"""Records that a script answers at most."""
STATUSES: tuple[Status, ...] = ("queued", "running", "done", "failed", "cancelled", "expired")
CONFLICT_SECONDS = 0.003
"""Longest wait before the second try of a step; each further one may wait longer."""

_encode = msgspec.json.Encoder().encode
_job = msgspec.json.Decoder(Job).decode
_scenes = msgspec.json.Decoder(tuple[SceneState, ...]).decode
_told: Callable[[bytes], Told] = msgspec.json.Decoder(Told).decode


class Record(msgspec.Struct, frozen=True):
    """A job as it was read, with the stamp of the write that made it so."""

    stamp: bytes
    job: Job

    @classmethod
    def parse(cls, data: bytes) -> Record:
        """Of what lies under its key."""
        return cls(data[:STAMP], _job(data[STAMP:]))


class Turn(msgspec.Struct, frozen=True):
    """A job that may be next, with its tag, when the clock stood there."""

    head: Record
    clock: schedule.Clock
    tag: float


class RedisJobs(RedisKeys):
    """The queue and the keys behind one link; `now` is the clock, in seconds since the epoch."""

    def __init__(self, link: Link, now: Callable[[], float] = time.time) -> None:
        super().__init__(link)
        self._now = now
        self._watch = Watch(link)
        self._author = secrets.token_urlsafe(STAMP // 2 * 3 // 4)
        self._writes = itertools.count()

    async def close(self) -> None:
        await self._watch.close()
        await super().close()

    # --- Changes ---------------------------------------------------------------------------------

    async def add(self, job: Job, admission: Admission) -> Job:
        answer = await self._link.run(
            script("add"),
            self._now(),
            job.id,
            self._stamped(job),
            admission.waiting,
            admission.client_waiting,
            *_row(job),
            _encode(StatusTold(job.status)),
            safe=True,
        )
        if isinstance(answer, list):
            admission.check(*answer)
        return Record.parse(answer).job

    async def waiting(self, client: str) -> tuple[int, int]:
        waiting, own = await self._link.run(script("room"), client)
        return waiting, own

    async def change(
        self,
        job: JobId,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        async def tried() -> Job | None:
            record = await self._read(job)
            if record is None:
                raise NotFound(f"There is no job {job}.", hint="Check its id.")
            before, after = record.job, change(record.job)
            if after == before and not told and scenes is None:
                return before
            after, news = changed(before, after, told, self._now())
            return await self._save(record, after, news, scenes)

        return await _until_done(tried)

    async def claim(self, change: Change, client_running: int) -> Job | None:
        async def tried() -> list[Job] | None:
            turns = await self._next(client_running)
            if not turns:
                return []
            chosen = schedule.first([(turn.head.job, turn.tag) for turn in turns.values()])
            while chosen is not None:
                turn = turns.pop(chosen.id)
                after, news = changed(chosen, change(chosen), (), self._now())
                if await self._start(turn, after, news, client_running):
                    return [after]
                # Another was faster. Those who came at once would lose each following one to one
                # another, too, if they took them in order.
                others = [turn.head.job for turn in turns.values()]
                chosen = random.choice(others) if others else None  # noqa: S311
            return None

        return next(iter(await _until_done(tried)), None)

    async def _next(self, client_running: int) -> dict[JobId, Turn]:
        """The first ready jobs of the first clients with room, each with its tag."""
        found = await self._link.run(script("heads"), self._now(), client_running)
        clock = schedule.Clock(float(found[0]), float(found[1]))
        turns: dict[JobId, Turn] = {}
        for behind, *records in found[2:]:
            heads = {record.job.id: record for record in map(Record.parse, records)}
            jobs = [record.job for record in heads.values()]
            for job, tag in schedule.tags(clock, float(behind), jobs):
                turns[job.id] = Turn(heads[job.id], clock, tag)
        return turns

    async def _start(
        self, turn: Turn, after: Job, news: Sequence[Told], client_running: int
    ) -> bool:
        """Store the claimed job and where the clock and its client stand from now on; unless
        another was faster."""
        job, now = turn.head.job, self._now()
        clock, behind = schedule.started(turn.clock, job, turn.tag, now)
        answer = await self._link.run(
            script("claim"),
            now,
            job.id,
            turn.head.stamp,
            self._stamped(after),
            client_running,
            clock.at,
            behind,
            clock.wait,
            *_row(job),
            *_row(after),
            *map(_encode, news),
            safe=True,
        )
        return bool(answer)

    async def renew(self, worker: str, until: float) -> dict[JobId, int]:
        records = map(Record.parse, await self._link.run(script("held"), worker))
        held = await asyncio.gather(*(self._prolong(record, worker, until) for record in records))
        return {job.id: job.fence for job in held if job is not None}

    async def _prolong(self, record: Record, worker: str, until: float) -> Job | None:
        """Seen by nobody: no new version. None when it is no longer the worker's."""
        again: Record | None = record
        while again is not None and again.job.worker == worker:
            prolonged = replace(again.job, lease=until)
            if await self._save(again, prolonged, quiet=True) is not None:
                return prolonged
            again = await self._read(record.job.id)
        return None

    async def remove(self, job: JobId) -> None:
        async def tried() -> bool | None:
            record = await self._read(job)
            if record is None:
                return True
            row = _row(record.job)
            return (
                await self._link.run(script("remove"), job, record.stamp, *row, safe=True) or None
            )

        await _until_done(tried)

    async def _save(
        self,
        record: Record,
        after: Job,
        news: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
        *,
        quiet: bool = False,
    ) -> Job | None:
        """Put a job in the place of the one that was read; None when another was faster."""
        stored = await self._link.run(
            script("save"),
            self._now(),
            after.id,
            record.stamp,
            self._stamped(after),
            "" if scenes is None else _encode(scenes),
            "quiet" if quiet else "told",
            *_row(record.job),
            *_row(after),
            *map(_encode, news),
            safe=not quiet,
        )
        return after if stored else None

    # --- Questions -------------------------------------------------------------------------------

    async def get(self, job: JobId) -> Job | None:
        record = await self._read(job)
        return None if record is None else record.job

    async def scenes(self, job: JobId) -> tuple[SceneState, ...]:
        found = await self._link.ask("GET", self._link.key("scenes", job))
        return () if found is None else _scenes(found)

    async def jobs(self, query: Query) -> list[Job]:
        found: list[Job] = []
        before = query.before or ""
        while len(found) < query.limit:
            most = min(PAGE, query.limit - len(found))
            page = await self._link.run(
                script("listing"),
                query.client or "",
                before,
                most,
                "all" if query.client is None else "own",
                *(query.statuses or STATUSES),
            )
            found += [Record.parse(data).job for data in page]
            if len(page) < most:
                break
            before = found[-1].id
        return found

    async def by_idempotency(self, client: str, key: str) -> Job | None:
        found = await self._link.run(script("sent"), f"{key} {client}")
        return None if found is None else Record.parse(found).job

    async def due(self, now: float, limit: int) -> list[Job]:
        found = await self._link.run(script("due"), now, limit)
        return [Record.parse(data).job for data in found]

    async def events(self, job: JobId, after: int, limit: int) -> list[Event]:
        found = await self._link.run(script("events"), job, after, limit)
        return [_event(job, data) for data in found]

    async def last_event(self, job: JobId) -> int:
        found = await self._link.ask("LINDEX", self._link.key("events", job), -1)
        return 0 if found is None else _event(job, found).id

    async def load(self, now: float) -> Load:
        counts, oldest, priorities, workers, *steps = await self._link.run(
            script("load"), *STATUSES
        )
        waiting = dict.fromkeys(PRIORITIES, 0)
        waiting.update((int(name), count) for name, count in _counts(priorities))
        return Load(
            dict(zip(STATUSES, counts, strict=True)),
            waiting,
            max(0.0, now - float(oldest)) if oldest else 0.0,
            {name.decode(): count for name, count in _counts(workers)},
            *steps,
        )

    async def changed(self, since: int, seconds: float) -> int:
        return await self._watch.changed(since, seconds)

    def _stamped(self, job: Job) -> bytes:
        """What is to lie under its key; the stamp is of this writer, and of its writes the next."""
        return f"{self._author}{next(self._writes):0{STAMP // 2}x}".encode() + _encode(job)

    async def _read(self, job: JobId) -> Record | None:
        found = await self._link.ask("GET", self._link.key("job", job))
        return None if found is None else Record.parse(found)


async def _until_done(tried: Callable[[], Awaitable[T | None]]) -> T:
    """Try until nobody was faster. Somebody always gets on, so this ends."""
    tries = 0
    while True:
        done = await tried()
        if done is not None:
            return done
        tries += 1
        await asyncio.sleep(random.uniform(0, CONFLICT_SECONDS * tries))  # noqa: S311


def _row(job: Job) -> tuple[str, ...]:
    """What is searched for, as `lua/index.lua` names it; '' is nothing."""
    due = None if job.webhook is None else job.webhook.due
    sent = None if job.idempotency is None else f"{job.idempotency.key} {job.client}"
    fields = (
        job.client,
        job.status,
        job.priority,
        float(job.queued),
        float(schedule.urgency(job)),
        float(job.sweep),
        job.lease,
        job.worker,
        due,
        sent,
    )
    return tuple("" if field is None else str(field) for field in fields)


def _event(job: JobId, data: bytes) -> Event:
    number, at, told = data.split(b" ", 2)
    return Event(int(number), job, float(at), _told(told))


def _counts(flat: list[bytes]) -> list[tuple[bytes, int]]:
    return [(name, int(count)) for name, count in zip(flat[::2], flat[1::2], strict=True)]
