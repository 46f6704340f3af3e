"""What only SQLite can do wrong: full, locked, damaged, older and newer files."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import sqlite3
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from inkreel.backends.sqlite import SqliteJobs, SqliteKeys
from inkreel.backends.sqlite import database as database_module
from inkreel.backends.sqlite.database import Database
from inkreel.errors import DatabaseDamaged, DiskFull, InkreelError, SettingError, Unavailable
from inkreel.job import ApiKey, Query
from inkreel.jobs import lifecycle
from inkreel.model import Digest
from tests.backends.queues import (
    KEEPING,
    ROOM,
    Clock,
    Place,
    a_job,
    all_jobs,
    done,
    law,
)
from tests.thorough import times


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "service.db"


def whole(path: Path) -> bool:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


@law
async def test_it_is_private_and_durable(path: Path) -> None:
    """The file holds secrets: only its owner may read it. Commits wait for the disk."""
    queue = SqliteJobs(path)
    await queue.check()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for work in (queue._database.write, queue._database.read):
        pragmas = [
            await work(
                lambda connection, name=name: connection.execute(f"PRAGMA {name}").fetchone()
            )
            for name in ("journal_mode", "synchronous", "foreign_keys")
        ]
        assert pragmas == [("wal",), (2,), (1,)]
    await queue.close()


@law
async def test_a_newer_file_is_refused(path: Path) -> None:
    """An older program does not touch what a newer one wrote; it says what to do."""
    keys = SqliteKeys(path)
    await keys.check()
    await keys.close()
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    before = path.read_bytes()
    queue = SqliteJobs(path)
    with pytest.raises(SettingError, match="99") as refusal:
        await queue.check()
    assert refusal.value.hint
    with pytest.raises(SettingError):
        await queue.add(a_job(0), ROOM)
    await queue.close()
    assert path.read_bytes() == before


@law
async def test_an_older_file_is_brought_up(path: Path) -> None:
    """Each step is made once, in order, by whichever of many openers is first; all or none."""
    first = "CREATE TABLE a (x); INSERT INTO a VALUES (1)"
    old = Database(path, (first,))
    await old.check()
    await old.close()
    steps = (first, "ALTER TABLE a ADD COLUMN y DEFAULT 2", "UPDATE a SET x = x + 10")
    openers = [Database(path, steps) for _ in range(4)]
    rows = await asyncio.gather(
        *(
            opener.read(lambda connection: connection.execute("SELECT x, y FROM a").fetchall())
            for opener in openers
        )
    )
    assert rows == [[(11, 2)]] * 4
    broken = Database(path, (*steps, "DELETE FROM a; NO SUCH STATEMENT"))
    with pytest.raises(sqlite3.OperationalError):
        await broken.check()
    assert await openers[0].read(lambda c: c.execute("SELECT count(*) FROM a").fetchone()) == (1,)
    for opener in (*openers, broken):
        await opener.close()


def rows_of(path: Path) -> set[str]:
    with contextlib.closing(sqlite3.connect(path)) as connection:
        return {row[0] for row in connection.execute("SELECT id FROM jobs")}


@law
async def test_a_full_disk_is_told_and_survived(path: Path) -> None:
    """When SQLite finds no page more: `DiskFull` with a hint, nothing half written, reading goes
    on, and so does writing when there is room again."""
    queue = SqliteJobs(path)
    kept = [(await queue.add(a_job(Clock.now + n), ROOM)).id for n in range(3)]
    pages = await queue._database.write(
        lambda connection: connection.execute("PRAGMA page_count").fetchone()[0]
    )
    await queue._database.write(
        lambda connection: connection.execute(f"PRAGMA max_page_count = {pages + 2}").fetchone()
    )

    async def fill() -> None:
        for n in range(100):
            job = await queue.add(a_job(Clock.now + 10 + n), ROOM)
            kept.append(job.id)

    with pytest.raises(DiskFull) as full:
        await fill()
    assert full.value.hint
    assert rows_of(path) == set(kept)
    assert len(await queue.jobs(Query(limit=1_000))) == len(kept)
    await queue.add(a_job(Clock.now + 1_000), ROOM)  # on a new connection, without the limit
    assert whole(path)
    await queue.close()


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 3 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=3m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting needs rights")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@law
async def test_a_really_full_disk_is_told_and_survived(small_disk: Path) -> None:
    """As above, on a disk that something else has filled: 507, never 500; nothing accepted is
    lost, nothing is damaged, and it goes on by itself when space is back."""
    path = small_disk / "service.db"
    queue = SqliteJobs(path)
    kept = {(await queue.add(a_job(Clock.now), ROOM)).id}
    other = small_disk / "others"
    with contextlib.suppress(OSError), other.open("wb", buffering=0) as file:
        while file.write(b"x" * 4_096):
            pass
    refused = 0
    for n in range(100):
        try:
            kept.add((await queue.add(a_job(Clock.now + n), ROOM)).id)
        except DiskFull:
            refused += 1
    assert refused > 0
    assert {job.id for job in await all_jobs(queue)} == kept
    other.unlink()
    for n in range(20):
        kept.add((await queue.add(a_job(Clock.now + n), ROOM)).id)
    assert {job.id for job in await all_jobs(queue)} == kept
    await queue.close()
    assert whole(path)


@law
async def test_a_locked_file_is_unavailable_not_broken(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While another program holds the file, writing is refused retryably and reading goes on."""
    monkeypatch.setattr(database_module, "BUSY_SECONDS", 0.1)
    queue = SqliteJobs(path)
    job = await queue.add(a_job(Clock.now), ROOM)
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as holder:
        holder.execute("BEGIN IMMEDIATE")
        with pytest.raises(Unavailable, match="locked") as refusal:
            await queue.change(job.id, lifecycle.cancelled(Clock.now, KEEPING))
        assert refusal.value.retryable
        assert await queue.get(job.id) == job
        holder.execute("ROLLBACK")
    assert (await queue.change(job.id, lifecycle.cancelled(0, KEEPING))).status == "cancelled"
    await queue.close()


@law
async def test_a_damaged_file_is_told(path: Path) -> None:
    """Neither a file of other bytes nor a torn one is taken for an empty queue."""
    path.parent.mkdir()
    path.write_bytes(b"not a database" * 1_000)
    queue = SqliteJobs(path)
    for asked in (queue.check, lambda: queue.jobs(Query()), lambda: queue.add(a_job(0), ROOM)):
        with pytest.raises(DatabaseDamaged) as refusal:
            await asked()  # type: ignore[no-untyped-call]
        assert "backup" in refusal.value.hint
    await queue.close()


@law
async def test_a_folder_that_is_away_is_unavailable_until_it_is_back(path: Path) -> None:
    """A data folder that vanishes is not replaced by an empty one unseen; when it is back, so is
    the queue."""
    queue = SqliteJobs(path)
    job = await queue.add(a_job(Clock.now), ROOM)
    await queue.close()
    queue = SqliteJobs(path)
    assert await queue.get(job.id) == job
    away = path.parent.rename(path.parent.with_name("away"))
    with pytest.raises(Unavailable):
        await queue.check()
    with pytest.raises(InkreelError):
        await queue.add(a_job(Clock.now), ROOM)
    assert not path.exists()
    away.rename(path.parent)
    await queue.check()
    await queue.add(a_job(Clock.now), ROOM)
    assert len(await all_jobs(queue)) == 2
    await queue.close()


@law
async def test_what_cannot_be_written_says_why(tmp_path: Path) -> None:
    """A data folder that is a file is named, with what to check."""
    (tmp_path / "file").write_bytes(b"")
    keys = SqliteKeys(tmp_path / "file" / "service.db")
    with pytest.raises(Unavailable, match="file"):
        await keys.add_key(ApiKey("k", "ann", Digest(""), (), 0.0))
    await keys.close()


@law
async def test_a_backup_taken_under_load_is_whole(path: Path, tmp_path: Path) -> None:
    """A copy by SQLite's own backup, while jobs are added and done, is a queue of one moment:
    nothing torn, and what had not ended goes on there."""
    queue = SqliteJobs(path)
    first = await queue.add(a_job(0), ROOM)

    async def busy() -> None:
        while True:
            await queue.add(a_job(0), ROOM)
            job = await queue.claim(lifecycle.claimed("w", 0, 10), 10)
            assert job is not None
            await queue.change(job.id, done(job, 0))

    load = asyncio.create_task(busy())
    copy = tmp_path / "copy.db"

    def back_up() -> None:
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target, pages=20, sleep=0.001)

    await asyncio.sleep(0.1)
    await asyncio.to_thread(back_up)
    load.cancel()
    await asyncio.gather(load, return_exceptions=True)
    await queue.close()
    assert whole(copy)
    restored = SqliteJobs(copy)
    assert await restored.get(first.id) is not None
    added = await restored.add(a_job(0), ROOM)
    assert await restored.claim(lifecycle.claimed("w", 0, 10), 10) is not None
    assert added.id in {job.id for job in await all_jobs(restored)}
    await restored.close()


def test_many_processes_may_start_on_an_empty_folder(tmp_path: Path) -> None:
    """Servers that start together make one database, and all of them work."""
    for n in range(times(1, 3)):
        place = Place(f"sqlite:{tmp_path / str(n) / 'service.db'}", Clock())
        processes = [place.started("poke") for _ in range(6)]
        assert [process.wait(60) for process in processes] == [0] * 6
        for process in processes:
            process.communicate()
        assert len(rows_of(tmp_path / str(n) / "service.db")) == 6


@law
async def test_lists_read_neither_scenes_nor_tables(path: Path) -> None:
    """What is asked all the time is found by an index."""
    queue = SqliteJobs(path)
    await queue.check()
    questions = [
        "SELECT body FROM jobs WHERE client = 'a' AND id < 'z' ORDER BY id DESC LIMIT 9",
        "SELECT body FROM jobs WHERE client = 'a' AND idempotency = 'k'",
        "SELECT body FROM jobs WHERE id = 'a'",
        "SELECT id FROM jobs WHERE status = 'running' AND lease <= 1",
        "SELECT id FROM jobs WHERE webhook_due <= 1",
        "SELECT id FROM jobs WHERE status <> 'running' AND sweep <= 1",
        "SELECT id, at, told FROM events WHERE job = 'a' AND id > 3 ORDER BY id LIMIT 9",
    ]
    for question in questions:
        plan = await queue._database.read(
            lambda connection, question=question: connection.execute(
                f"EXPLAIN QUERY PLAN {question}"
            ).fetchall()
        )
        steps = " ".join(step[-1] for step in plan)
        assert "INDEX" in steps, f"{question}: {steps}"
        assert "TEMP B-TREE" not in steps, f"{question}: {steps}"
    await queue.close()
    shutil.rmtree(path.parent)
