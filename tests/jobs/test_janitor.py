"""What time does to jobs and disks."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace

from inkreel.backends.files import FileStore
from inkreel.backends.folder import FolderObjects
from inkreel.backends.sqlite import SqliteJobs
from inkreel.job import (
    Admission,
    File,
    Job,
    JobId,
    SceneState,
    new_job_id,
    result_key,
    source_key,
    submitted,
    thumbnail_key,
)
from inkreel.jobs import janitor, lifecycle
from inkreel.jobs.janitor import House, Janitor
from inkreel.jobs.lifecycle import Keeping
from inkreel.model import Digest, Options
from inkreel.recipes import LEVEL, LevelRequest
from tests.backends.queues import OUTCOME, law
from tests.jobs.workshop import until

KEEPING = Keeping(waiting=100, results=200, record=300)


@asynccontextmanager
async def house(root: Path, max_bytes: int = 10**9) -> AsyncIterator[House]:
    queue = SqliteJobs(root / "service.db")
    objects = FolderObjects(root / "objects")
    store = FileStore(root / "cache")
    try:
        yield House(
            queue=queue,
            objects=objects,
            store=store,
            max_bytes=max_bytes,
            keeping=KEEPING,
            sweep=store.sweep,
        )
    finally:
        objects.close()
        await queue.close()


async def waiting(place: House, now: float | None = None) -> Job:
    """A job with its upload."""
    now = time.time() if now is None else now
    job = Job(
        id=new_job_id(now), client="c", title="", options=Options(), source=None,
        created=now, queued=now, sweep=now + KEEPING.waiting,
    )  # fmt: skip
    await asyncio.to_thread(place.objects.write, source_key(job.id), b"text")
    return await place.queue.add(job, Admission(100, 100))


async def running(place: House, lease: float = 10) -> Job:
    await waiting(place)
    job = await place.queue.claim(lifecycle.claimed("w", time.time(), lease), 10)
    assert job is not None
    return job


async def done(place: House) -> Job:
    """A finished job with its video."""
    job = await running(place)
    digest = Digest("d" * 64)
    key = result_key(job.id, digest, "video")
    await asyncio.to_thread(place.objects.write, key, b"video")
    files = (File("video", key, digest, 5),)
    change = lifecycle.finished(job.fence, time.time(), KEEPING, OUTCOME, files, ())
    return await place.queue.change(job.id, change)


def keys(place: House, job: JobId) -> set[str]:
    return {key.rpartition("/")[2] for key, _ in place.objects.sizes(f"videos/{job}/")}


async def look(place: House, later: float = 0) -> None:
    now = time.time() + later
    for job in await place.queue.due(now, 100):
        await janitor.age(place, job, now)


@law
async def test_the_job_of_a_silent_worker_waits_again(tmp_path: Path) -> None:
    """When the lease has run out, and not before, the job is for others to take."""
    async with house(tmp_path) as place:
        job = await running(place, lease=10)
        await look(place)
        assert (await place.queue.get(job.id)).status == "running"  # type: ignore[union-attr]
        await look(place, later=11)
        again = await place.queue.get(job.id)
        assert again is not None
        assert (again.status, again.lost, again.attempt) == ("queued", 1, 0)
        assert keys(place, job.id) == {"source"}


@law
async def test_results_are_kept_for_their_time(tmp_path: Path) -> None:
    """A finished job expires with its files, is remembered for a while, and is then gone."""
    async with house(tmp_path) as place:
        job = await done(place)
        await look(place, later=KEEPING.results - 5)
        assert (await place.queue.get(job.id)).files  # type: ignore[union-attr]
        await look(place, later=KEEPING.results + 5)
        expired = await place.queue.get(job.id)
        assert expired is not None
        assert (expired.status, expired.files) == ("expired", ())
        assert keys(place, job.id) == set()
        await look(place, later=KEEPING.results + KEEPING.record + 20)
        assert await place.queue.get(job.id) is None


@law
async def test_a_job_that_waited_too_long_expires(tmp_path: Path) -> None:
    """Its upload goes, and its user reads why."""
    async with house(tmp_path) as place:
        job = await waiting(place)
        await look(place, later=KEEPING.waiting + 5)
        expired = await place.queue.get(job.id)
        assert expired is not None
        assert expired.status == "expired"
        assert expired.error is not None
        assert expired.error.code == "job_expired"
        assert keys(place, job.id) == set()


@law
async def test_former_editions_are_dropped(tmp_path: Path) -> None:
    """When a new edition is done the files of the last one go; uploads, storyboards, pictures of
    its scenes and its own files stay, and so does all of a job that is being made."""
    async with house(tmp_path) as place:
        job = await done(place)
        shown, old = Digest("a" * 64), Digest("b" * 64)
        for key in (thumbnail_key(job.id, shown), thumbnail_key(job.id, old)):
            place.objects.write(key, b"jpeg")
        place.objects.write(result_key(job.id, old, "video"), b"old")
        place.objects.write(result_key(job.id, old, "sprite"), b"old")
        place.objects.write(f"videos/{job.id}/{old}.board", b"yaml")
        scenes = (SceneState(thumbnail=shown),)
        await place.queue.change(job.id, lambda job: job, (), scenes)
        before = keys(place, job.id)
        await place.queue.change(job.id, lambda job: replace(job, status="queued", title="other"))
        await janitor.tidy(place.queue, place.objects, job.id)
        assert keys(place, job.id) == before
        await place.queue.change(job.id, lambda job: replace(job, status="done"))
        await janitor.tidy(place.queue, place.objects, job.id)
        assert keys(place, job.id) == before - {
            f"{old}.video",
            f"{old}.sprite",
            f"{old}.thumbnail",
        }


@law
async def test_what_belongs_to_nobody_is_dropped(tmp_path: Path) -> None:
    """Objects of jobs that nobody knows go, save those of an upload that may just be coming in."""
    async with house(tmp_path) as place:
        known = await waiting(place)
        coming, gone = new_job_id(time.time() - 60), new_job_id(time.time() - 7_200)
        assert submitted(gone) == pytest.approx(time.time() - 7_200, abs=5)
        for job in (coming, gone):
            place.objects.write(source_key(job), b"text")
        await janitor.clean(place)
        assert [bool(keys(place, job)) for job in (known.id, coming, gone)] == [True, True, False]


@law
async def test_the_store_is_brought_to_its_size(tmp_path: Path) -> None:
    """A janitor brings a store that is too large well under its size while jobs run, and what was
    used last stays."""
    async with house(tmp_path, max_bytes=400_000) as place:
        store = place.store
        assert isinstance(store, FileStore)
        recipes = [LEVEL.recipe(LevelRequest((Digest(str(n)),))) for n in range(100)]
        stop = asyncio.Event()
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(janitor, "STORE_SECONDS", 0.01)
            working = asyncio.create_task(Janitor(place, lambda: True).run(stop))
            for n, recipe in enumerate(recipes):
                await asyncio.to_thread(store.keep, recipe, noise(n))

            async def small() -> bool:
                return await asyncio.to_thread(store.size) < 400_000

            await until(small)
            stop.set()
            await working
        assert store.find(recipes[-1]) is not None
        assert store.find(recipes[0]) is None


@law
async def test_the_last_run_is_tidied_after(tmp_path: Path) -> None:
    """What a run adds between the last look and its end is over the limit no longer than others."""
    async with house(tmp_path, max_bytes=30_000) as place:
        store = place.store
        assert isinstance(store, FileStore)
        runs = True
        keeper = Janitor(place, lambda: runs)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(janitor, "CALM", 0.0)
            await keeper._limit()
            for number in range(20):
                recipe = LEVEL.recipe(LevelRequest((Digest(f"{number}"),)))
                await asyncio.to_thread(store.keep, recipe, noise(number))
            runs = False
            await keeper._limit()
        assert store.size() <= place.max_bytes


def noise(seed: int) -> bytes:
    import random

    return random.Random(seed).randbytes(5_000)


@law
async def test_a_janitor_survives_what_is_away(tmp_path: Path) -> None:
    """A queue that is away for a while does not end the janitor: it does its work afterwards."""
    async with house(tmp_path) as place:
        job = await running(place, lease=0.1)
        due = place.queue.due
        failures = iter([OSError("odd"), OSError("odd")])

        async def broken(now: float, limit: int) -> list[Job]:
            for failure in failures:
                raise failure
            return await due(now, limit)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(place.queue, "due", broken)
            patch.setattr("inkreel.jobs.supervision.FAULT_SECONDS", 0.01)
            stop = asyncio.Event()
            working = asyncio.create_task(Janitor(place, lambda: False).run(stop))

            async def back() -> bool:
                found = await place.queue.get(job.id)
                return found is not None and found.status == "queued"

            await until(back)
            stop.set()
            await working
