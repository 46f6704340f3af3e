"""`JobQueue` in SQLite. Each method is one transaction; the rules lie in `lifecycle` and
`schedule`."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec
from msgspec.structs import replace

from inkreel import schedule
from inkreel.backends.changes import changed
from inkreel.backends.sqlite.keys import SqliteKeys
from inkreel.backends.sqlite.watch import Watch
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

Connection = sqlite3.Connection

MAX_ID = 2**63 - 1
"""No event has a greater id, whatever a listener says it has seen."""

_encode = msgspec.json.Encoder().encode
_job = msgspec.json.Decoder(Job).decode
_jobs = msgspec.json.Decoder(list[Job]).decode
_scenes = msgspec.json.Decoder(tuple[SceneState, ...]).decode
_told: Callable[[bytes], Told] = msgspec.json.Decoder(Told).decode

COLUMNS = (
    "id",
    "client",
    "status",
    "priority",
    "queued",
    "urgency",
    "sweep",
    "lease",
    "worker",
    "webhook_due",
    "idempotency",
    "body",
)
SAVE = (
    f"INSERT INTO jobs ({', '.join(COLUMNS)}) "  # noqa: S608  our own names
    f"VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "
    f"{', '.join(f'{column} = excluded.{column}' for column in COLUMNS[1:])}"
)

READY = """
    SELECT EXISTS (
        SELECT 1 FROM jobs INDEXED BY jobs_waiting WHERE status = 'queued' AND queued <= ?
    )
"""
HEADS = """
    SELECT coalesce(clients.behind, 0), head.body
    FROM (
        SELECT DISTINCT client FROM jobs INDEXED BY jobs_waiting WHERE status = 'queued'
    ) AS waiting
    LEFT JOIN clients USING (client)
    JOIN jobs AS head ON head.id = (
        SELECT id FROM jobs INDEXED BY jobs_waiting
        WHERE status = 'queued' AND client = waiting.client AND queued <= :now
        ORDER BY urgency, id LIMIT 1
    )
    WHERE :running > (
        SELECT count(*) FROM jobs INDEXED BY jobs_running
        WHERE status = 'running' AND client = waiting.client
    )
"""
"""The most urgent ready job of each client that may run one more: only these can be next."""

DUE = """
    SELECT body FROM jobs JOIN (
        SELECT id, 0 AS rank, lease AS at FROM jobs WHERE status = 'running' AND lease <= :now
        UNION ALL
        SELECT id, 1, webhook_due FROM jobs WHERE webhook_due <= :now
        UNION ALL
        SELECT id, 1, sweep FROM jobs WHERE status <> 'running' AND sweep <= :now
    ) USING (id) GROUP BY id ORDER BY min(rank), min(at) LIMIT :limit
"""
"""Jobs of dead workers first: somebody waits for them."""


class SqliteJobs(SqliteKeys):
    """The queue and the keys in one file; `now` is the clock, in seconds since the epoch."""

    def __init__(self, path: Path, now: Callable[[], float] = time.time) -> None:
        super().__init__(path)
        self._now = now
        self._watch = Watch(self._database)

    async def close(self) -> None:
        await self._watch.close()
        await super().close()

    # --- Changes ---------------------------------------------------------------------------------

    async def add(self, job: Job, admission: Admission) -> Job:
        def work(connection: Connection) -> Job:
            there = _find(connection, job.id)
            if there is None and job.idempotency is not None:
                there = _sent(connection, job.client, job.idempotency.key)
            if there is not None:
                return there
            admission.check(*_waiting(connection, job.client))
            save(connection, job)
            _tell(connection, job.id, self._now(), [StatusTold(job.status)])
            return job

        return await self._database.write(work)

    async def waiting(self, client: str) -> tuple[int, int]:
        return await self._database.read(lambda connection: _waiting(connection, client))

    async def change(
        self,
        job: JobId,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        def work(connection: Connection) -> Job:
            before = _find(connection, job)
            if before is None:
                raise NotFound(f"There is no job {job}.", hint="Check its id.")
            after = change(before)
            if scenes is not None:
                connection.execute(
                    "INSERT OR REPLACE INTO scenes VALUES (?, ?)", (job, _encode(scenes))
                )
            if after == before and not told and scenes is None:
                return before
            return self._saved(connection, before, after, told)

        return await self._database.write(work)

    async def claim(self, change: Change, client_running: int) -> Job | None:
        now = self._now()
        ready = await self._database.read(
            lambda connection: connection.execute(READY, (now,)).fetchone()[0]
        )
        if not ready:
            return None  # without a place in the line of those who write

        def work(connection: Connection) -> Job | None:
            clock = schedule.Clock(*connection.execute("SELECT at, wait FROM clock").fetchone())
            rows = connection.execute(HEADS, {"now": now, "running": client_running})
            tagged = [
                pair for behind, body in rows for pair in schedule.tags(clock, behind, [_job(body)])
            ]
            job = schedule.first(tagged)
            if job is None:
                return None
            tag = next(tag for other, tag in tagged if other is job)
            claimed = self._saved(connection, job, change(job))
            _advance(connection, job.client, *schedule.started(clock, job, tag, now))
            return claimed

        return await self._database.write(work)

    async def renew(self, worker: str, until: float) -> dict[JobId, int]:
        def work(connection: Connection) -> dict[JobId, int]:
            rows = connection.execute(
                "SELECT body FROM jobs WHERE status = 'running' AND worker = ?", (worker,)
            )
            held = _all(rows)
            for job in held:
                save(connection, replace(job, lease=until))  # seen by nobody: no new version
            return {job.id: job.fence for job in held}

        return await self._database.write(work)

    async def remove(self, job: JobId) -> None:
        await self._database.write(
            lambda connection: connection.execute("DELETE FROM jobs WHERE id = ?", (job,))
        )

    def _saved(
        self, connection: Connection, before: Job, after: Job, told: Sequence[Told] = ()
    ) -> Job:
        """Store a changed job under its next version, and tell of it."""
        now = self._now()
        after, news = changed(before, after, told, now)
        save(connection, after)
        _tell(connection, after.id, now, news)
        return after

    # --- Questions -------------------------------------------------------------------------------

    async def get(self, job: JobId) -> Job | None:
        return await self._database.read(lambda connection: _find(connection, job))

    async def scenes(self, job: JobId) -> tuple[SceneState, ...]:
        row = await self._one("SELECT body FROM scenes WHERE job = ?", job)
        return () if row is None else _scenes(row[0])

    async def jobs(self, query: Query) -> list[Job]:
        marks = ", ".join("?" * len(query.statuses))
        wanted: dict[str, list[object]] = {
            "client = ?": [] if query.client is None else [query.client],
            f"status IN ({marks})": list(query.statuses),
            "id < ?": [] if query.before is None else [query.before],
        }
        tests = " AND ".join(test for test, values in wanted.items() if values) or "1"
        values = [value for values in wanted.values() for value in values]
        return await self._database.read(
            lambda connection: _all(
                connection.execute(
                    f"SELECT body FROM jobs WHERE {tests} ORDER BY id DESC LIMIT ?",  # noqa: S608
                    (*values, query.limit),
                )
            )
        )

    async def by_idempotency(self, client: str, key: str) -> Job | None:
        return await self._database.read(lambda connection: _sent(connection, client, key))

    async def due(self, now: float, limit: int) -> list[Job]:
        return await self._database.read(
            lambda connection: _all(connection.execute(DUE, {"now": now, "limit": limit}))
        )

    async def events(self, job: JobId, after: int, limit: int) -> list[Event]:
        rows = await self._database.read(
            lambda connection: connection.execute(
                "SELECT id, at, told FROM events WHERE job = ? AND id > ? ORDER BY id LIMIT ?",
                (job, min(after, MAX_ID), limit),
            ).fetchall()
        )
        return [Event(number, job, at, _told(told)) for number, at, told in rows]

    async def last_event(self, job: JobId) -> int:
        row = await self._one("SELECT max(id) FROM events WHERE job = ?", job)
        return row[0] or 0

    async def load(self, now: float) -> Load:
        return await self._database.read(lambda connection: _load(connection, now))

    async def changed(self, since: int, seconds: float) -> int:
        return await self._watch.changed(since, seconds)

    async def _one(self, query: str, *values: object) -> Any:
        return await self._database.read(
            lambda connection: connection.execute(query, values).fetchone()
        )


def save(connection: Connection, job: Job) -> None:
    """The only writer of the table: its columns say what the body says."""
    due = None if job.webhook is None else job.webhook.due
    sent = None if job.idempotency is None else job.idempotency.key
    connection.execute(
        SAVE,
        (
            job.id,
            job.client,
            job.status,
            job.priority,
            job.queued,
            schedule.urgency(job),
            job.sweep,
            job.lease,
            job.worker,
            due,
            sent,
            _encode(job),
        ),
    )


def _find(connection: Connection, job: JobId) -> Job | None:
    row = connection.execute("SELECT body FROM jobs WHERE id = ?", (job,)).fetchone()
    return None if row is None else _job(row[0])


def _sent(connection: Connection, client: str, key: str) -> Job | None:
    row = connection.execute(
        "SELECT body FROM jobs WHERE client = ? AND idempotency = ?", (client, key)
    ).fetchone()
    return None if row is None else _job(row[0])


def _all(rows: Iterable[tuple[bytes]]) -> list[Job]:
    return _jobs(b"[" + b",".join(body for (body,) in rows) + b"]")


def _tell(connection: Connection, job: JobId, now: float, news: Iterable[Told]) -> None:
    connection.executemany(
        "INSERT INTO events (job, at, told) VALUES (?, ?, ?)",
        ((job, now, _encode(told)) for told in news),
    )


def _waiting(connection: Connection, client: str) -> tuple[int, int]:
    count = "SELECT count(*) FROM jobs INDEXED BY jobs_waiting WHERE status = 'queued'"
    (waiting,) = connection.execute(count).fetchone()
    (own,) = connection.execute(f"{count} AND client = ?", (client,)).fetchone()
    return waiting, own


def _advance(connection: Connection, client: str, clock: schedule.Clock, behind: float) -> None:
    connection.execute("UPDATE clock SET at = ?, wait = ?", (clock.at, clock.wait))
    connection.execute("INSERT OR REPLACE INTO clients VALUES (?, ?)", (client, behind))
    # Whom the clock has passed is as good as new.
    connection.execute("DELETE FROM clients WHERE behind <= (SELECT at FROM clock)")


def _load(connection: Connection, now: float) -> Load:
    by_status: dict[Status, int] = dict.fromkeys(
        ("queued", "running", "done", "failed", "cancelled", "expired"), 0
    )
    by_status.update(connection.execute("SELECT status, count(*) FROM jobs GROUP BY status"))
    by_priority = dict.fromkeys(PRIORITIES, 0)
    by_priority.update(
        connection.execute(
            "SELECT priority, count(*) FROM jobs WHERE status = 'queued' GROUP BY priority"
        )
    )
    (oldest,) = connection.execute(
        "SELECT min(queued) FROM jobs WHERE status = 'queued' AND queued <= ?", (now,)
    ).fetchone()
    workers = dict(
        connection.execute(
            "SELECT worker, count(*) FROM jobs WHERE status = 'running' GROUP BY worker"
        )
    )
    return Load(by_status, by_priority, 0.0 if oldest is None else now - oldest, workers)
