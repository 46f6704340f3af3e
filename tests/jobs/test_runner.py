"""Jobs that are really made: real queue, real files, real children, really killed."""

from __future__ import annotations

import asyncio
import hashlib
import io
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import pyvips
from msgspec.structs import replace

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.errors import NotFound, VoiceFailed
from inkreel.job import (
    Event,
    File,
    Job,
    ProgressTold,
    SegmentTold,
    StatusTold,
    ThumbnailTold,
    folder_key,
    segment_key,
    thumbnail_key,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.production import Production
from inkreel.model import Artifact, CaptionsMode, Stage
from inkreel.recipes import Recipe
from inkreel.storyboard.board import parse
from inkreel.wiring.worker import Worker, open_worker
from tests.backends.queues import law
from tests.jobs.workshop import OPTIONS, Workshop, calm, steps, storyboard, until, workshop
from tests.music.files import write


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that holds how loud the voice is."""
    return tmp_path_factory.mktemp("cache")


def progress(events: list[Event]) -> list[ProgressTold]:
    return [event.told for event in events if isinstance(event.told, ProgressTold)]


# --- What a job gives ----------------------------------------------------------------------------


@law
async def test_a_job_is_made_and_told(tmp_path: Path, cache: Path) -> None:
    """A document becomes all its files, each under its digest; what is told of it is in order and
    complete; nothing unfinished stays. Its storyboard, sent again, finds every scene."""
    async with workshop(tmp_path, cache=cache) as shop, shop.work():
        job = await shop.ended(await shop.submit("lighthouse"))
        assert (job.status, job.error, job.attempt) == ("done", None, 1)
        assert job.outcome is not None
        made = job.outcome.made
        assert (
            made.narrations == made.pictures == made.clips == len(await shop.queue.scenes(job.id))
        )
        check_files(shop, job)
        await check_told(shop, job)
        await check_segments(shop, job)
        assert shop.unfinished() == []

        board = parse(shop.objects.read(of(job, "storyboard").key).decode())
        silent = replace(OPTIONS, captions=CaptionsMode.OFF)
        again = await shop.ended(await shop.film(board, silent))
        assert again.outcome is not None
        assert again.outcome.made.clips == again.outcome.made.pictures == 0
        left = {"video", "audio", "poster", "storyboard", "thumbnails", "sprite"}
        assert {file.variant for file in again.files} == left


def of(job: Job, variant: str) -> File:
    return next(file for file in job.files if file.variant == variant)


def check_files(shop: Workshop, job: Job) -> None:
    variants = [file.variant for file in job.files]
    small = ["sprite", "thumbnails"]
    large = ["audio", "poster", "srt", "storyboard", "video", "vtt"]
    assert sorted(variants) == sorted(large + small)
    for file in job.files:
        data = shop.objects.read(file.key)
        assert hashlib.sha256(data).hexdigest() == file.digest
        assert len(data) == file.size
    assert job.outcome is not None
    with av.open(io.BytesIO(shop.objects.read(of(job, "video").key))) as video:
        frames = sum(1 for _ in video.decode(video=0))
    assert frames == round(job.outcome.seconds * 30)
    assert packets_of(shop, job, "audio") == packets_of(shop, job, "video")
    assert shop.objects.read(of(job, "vtt").key).startswith(b"WEBVTT")
    thumbnails = shop.objects.read(of(job, "thumbnails").key).decode()
    assert f"{of(job, 'sprite').digest}#xywh=0,0," in thumbnails


def packets_of(shop: Workshop, job: Job, variant: str) -> list[bytes]:
    with av.open(io.BytesIO(shop.objects.read(of(job, variant).key))) as file:
        return [bytes(packet) for packet in file.demux(audio=0)]


@law
async def test_music_of_a_job_is_heard(tmp_path: Path) -> None:
    """The music that was sent lies under the voice of what is streamed and of what is kept; no
    picture depends on it, and a store that lost it is given it again."""
    noise = np.random.default_rng(2).standard_normal((2, 96_000)) * 0.1
    tune = write(tmp_path / "tune.flac", noise, 48_000)
    async with workshop(tmp_path) as shop, shop.work():
        plain = await shop.ended(await shop.film(storyboard("pier")))
        played = await shop.ended(await shop.film(storyboard("pier"), music=tune))
        assert played.status == "done", played.error
        assert played.outcome is not None
        assert played.outcome.made.clips == played.outcome.made.pictures == 0
        assert packets_of(shop, played, "audio") == packets_of(shop, played, "video")
        assert packets_of(shop, played, "audio") != packets_of(shop, plain, "audio")
        await check_segments(shop, played)
        FileStore(shop.settings.cache).clear()
        again = await shop.ended(await shop.film(storyboard("pier"), music=tune))
        assert packets_of(shop, again, "audio") == packets_of(shop, played, "audio")


async def check_segments(shop: Workshop, job: Job) -> None:
    """What was played while the video was made is the video."""
    events = [event.told for event in await shop.told(job)]
    told = [one for one in events if isinstance(one, SegmentTold)]
    scenes = await shop.queue.scenes(job.id)
    assert [one.segment for one in told] == [one for scene in scenes for one in scene.segments]
    assert [one.segment.number for one in told] == list(range(1, len(told) + 1))
    first = {one.scene: one.start for one in reversed(told)}
    assert [first[scene] for scene in range(len(scenes))] == [scene.start for scene in scenes]
    assert job.stream is not None
    parts = [job.stream.initialisation, *(one.segment.digest for one in told)]
    played = b"".join(shop.objects.read(segment_key(job.id, digest)) for digest in parts)
    assert frames_of(played) == frames_of(shop.objects.read(of(job, "video").key))


def frames_of(data: bytes) -> list[bytes]:
    with av.open(io.BytesIO(data)) as video:
        return [bytes(frame.planes[0]) for frame in video.decode(video=0)]


async def check_told(shop: Workshop, job: Job) -> None:
    events = await shop.told(job)
    statuses = [event.told.status for event in events if isinstance(event.told, StatusTold)]
    assert statuses == ["queued", "running", "done"]
    fractions = [told.fraction for told in progress(events)]
    assert fractions == sorted(fractions)
    assert (fractions[0], fractions[-1]) == (0.0, 1.0)
    scenes = await shop.queue.scenes(job.id)
    for stage in ("narration", "picture", "clip"):
        made = [
            told.progress.scene
            for told in progress(events)
            if told.progress.stage == stage and told.progress.state in ("made", "found")
        ]
        assert sorted(made) == list(range(len(scenes)))
        assert {getattr(scene, stage) for scene in scenes} <= {"made", "found"}
    shown = {e.told.scene: e.told.digest for e in events if isinstance(e.told, ThumbnailTold)}
    for number, scene in enumerate(scenes):
        assert scene.thumbnail == shown[number]
        data = shop.objects.read(thumbnail_key(job.id, shown[number]))
        assert pyvips.Image.new_from_buffer(data, "").width == 480
        assert scene.id
        assert scene.visual
    lengths = [scene.seconds or 0 for scene in scenes]
    assert [scene.start for scene in scenes] == pytest.approx(
        [sum(lengths[:n]) for n in range(len(scenes))], abs=1e-4
    )
    assert (job.summary.scenes, job.summary.scenes_done) == (len(scenes), len(scenes))


@law
async def test_the_earlier_job_goes_first(tmp_path: Path, cache: Path) -> None:
    """Of two jobs that run at once on one core, the scenes of the first are made first."""
    async with workshop(tmp_path, cache=cache, workers=1, jobs_at_once=2) as shop, shop.work():
        first = await shop.film(storyboard("ferry"))
        second = await shop.film(storyboard("harbour"))
        await asyncio.gather(shop.ended(first), shop.ended(second))
        clips = {
            job.id: [
                event.id
                for event in await shop.told(job)
                if isinstance(event.told, ProgressTold)
                and event.told.progress.stage == "clip"
                and event.told.progress.state == "made"
            ]
            for job in (first, second)
        }
        started = [(await shop.job(job)).started or 0 for job in (first, second)]
        assert started[1] - started[0] < 1
        assert max(clips[first.id]) < min(clips[second.id])


# --- Stopping it ---------------------------------------------------------------------------------


@pytest.mark.parametrize("stage", ["reading", "storyboard", "picture", "clip"])
@law
async def test_a_cancelled_job_ends_at_once(stage: Stage, tmp_path: Path, cache: Path) -> None:
    """Cancelled at any stage: no step goes on or is started, no temp file stays, and nothing is
    told afterwards."""
    async with workshop(tmp_path, cache=cache) as shop, shop.work() as worker:
        job = await shop.submit(f"boat of {stage}")
        await until(lambda: reached(shop, job, stage))
        cancelled = await shop.cancel(job)
        began = time.monotonic()
        await until(lambda: idle(worker))
        assert time.monotonic() - began < 5
        told, made = await shop.told(job), artifacts(cache)
        await calm()  # a child that was being started still loads what it would have needed
        assert artifacts(cache) == made
        assert shop.unfinished() == []
        assert cancelled.status == (await shop.job(job)).status == "cancelled"
        assert await shop.told(job) == told
        assert told[-1].told == StatusTold("cancelled", 1)


def artifacts(cache: Path) -> set[Path]:
    """What lies in the store."""
    return {path for path in cache.glob("index/**/*") if path.is_file()}


async def reached(shop: Workshop, job: Job, stage: Stage) -> bool:
    return any(told.progress.stage == stage for told in progress(await shop.told(job)))


async def idle(worker: Worker) -> bool:
    return not worker.runner.busy


@law
async def test_a_job_cancelled_at_the_very_end_gives_no_video(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Cancelled while its files are placed: what was placed is dropped again."""
    finish = Production.finish
    placing = threading.Event()

    def slow(production: Production, poster: bytes) -> None:
        placing.set()
        time.sleep(0.5)
        finish(production, poster)

    monkeypatch.setattr(Production, "finish", slow)
    async with workshop(tmp_path, cache=cache) as shop, shop.work() as worker:
        job = await shop.film(storyboard("gale", 1))
        await asyncio.to_thread(placing.wait, 20)
        await shop.cancel(job)
        await until(lambda: idle(worker))
        assert (await shop.job(job)).status == "cancelled"
        kept = {key.rpartition(".")[2] for key in shop.files(job)}
        assert kept - {"segment"} == {"board", "thumbnail"}  # what was played can still be
        assert shop.unfinished() == []


@law
async def test_a_deleted_job_leaves_nothing(tmp_path: Path, cache: Path) -> None:
    """A job that is forgotten while it runs ends, and what its run still wrote goes too."""
    async with workshop(tmp_path, cache=cache) as shop, shop.work() as worker:
        job = await shop.film(storyboard("wreck"))
        await until(lambda: reached(shop, job, "clip"))
        await shop.queue.remove(job.id)
        shop.objects.drop(folder_key(job.id))
        await until(lambda: idle(worker))
        assert shop.files(job) == set()
        assert shop.unfinished() == []


@law
async def test_sigterm_hands_back(tmp_path: Path, cache: Path) -> None:
    """A worker that is told to end does so within seconds, without children; its job waits again,
    and that was no try of it."""
    async with workshop(tmp_path, cache=cache) as shop:
        process = shop.process()
        job = await shop.film(storyboard("anchor"))
        await until(lambda: reached(shop, job, "clip"))
        children = steps(process.pid)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = await asyncio.to_thread(process.communicate, timeout=60)
        assert (process.returncode, time.monotonic() - began < 5) == (0, True), said
        assert not any(child.is_running() for child in children)
        back = await shop.job(job)
        assert (back.status, back.attempt, back.error) == ("queued", 0, None)
        assert shop.unfinished() == []


@law
async def test_the_next_worker_takes_over(tmp_path: Path, cache: Path) -> None:
    """kill -9 of a worker loses nothing: after the lease the next one goes on with what was made,
    and it costs no try; what the dead one left unfinished is swept."""
    async with workshop(tmp_path, cache=cache, lease_seconds=1.0) as shop:
        process = shop.process()
        job = await shop.film(storyboard("beacon", 4))
        await until(lambda: filmed(shop, job))
        process.kill()
        process.communicate()
        assert shop.unfinished() != []
        async with shop.work():
            done = await shop.ended(job)
            assert (done.status, done.attempt, done.error) == ("done", 1, None)
            assert done.outcome is not None
            assert done.outcome.found.clips >= 1
            check_files(shop, done)
            await until(lambda: swept(shop))


async def filmed(shop: Workshop, job: Job) -> bool:
    return (await shop.job(job)).summary.scenes_done > 0


async def swept(shop: Workshop) -> bool:
    return not shop.unfinished()


# --- What goes wrong -----------------------------------------------------------------------------

Run = Callable[[ChildWorkers, Recipe[Any]], Any]


def failing(monkeypatch: pytest.MonkeyPatch, error: Exception, times: int) -> None:
    """The first narrations fail so; waits between tries are short."""
    run: Run = ChildWorkers.run
    left = [times]

    async def broken(
        workers: ChildWorkers, recipe: Recipe[Any], rank: tuple[int, ...] = ()
    ) -> Artifact:
        if recipe.step.role == "narration" and left[0]:
            left[0] -= 1
            raise error
        made: Artifact = await run(workers, recipe, rank)
        return made

    monkeypatch.setattr(ChildWorkers, "run", broken)
    monkeypatch.setattr(lifecycle, "RETRY_SECONDS", (0.4, 0.4, 0.4))


@law
async def test_a_failed_job_is_tried_again(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A failed try is told with the time of the next one, which comes also after a restart."""
    failing(monkeypatch, VoiceFailed("The voice is away."), 1)
    async with workshop(tmp_path, cache=cache, workers=1) as shop:
        async with shop.work():
            job = await shop.film(storyboard("buoy", 1))
            await until(lambda: waits_again(shop, job))
        waiting = await shop.job(job)
        assert (waiting.status, waiting.attempt) == ("queued", 1)
        assert waiting.error is not None
        assert waiting.error.code == "voice_failed"
        async with shop.work():
            done = await shop.ended(job)
        assert (done.status, done.attempt, done.error) == ("done", 2, None)
        retried = [
            event.told.retry_at - event.at
            for event in await shop.told(job)
            if isinstance(event.told, StatusTold) and event.told.retry_at
        ]
        assert len(retried) == 1
        assert 0.2 < retried[0] < 0.6


async def waits_again(shop: Workshop, job: Job) -> bool:
    return (await shop.job(job)).error is not None


@pytest.mark.parametrize(
    ("error", "attempts", "code"),
    [
        (RuntimeError("odd"), 4, "internal"),
        (VoiceFailed("no"), 4, "voice_failed"),
        (NotFound("no"), 4, "not_found"),
    ],
)
@law
async def test_a_job_that_always_fails_ends(
    error: Exception,
    attempts: int,
    code: str,
    tmp_path: Path,
    cache: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After four tries it is failed, with the error that its user sees; the worker goes on."""
    failing(monkeypatch, error, 10**6)
    monkeypatch.setattr(lifecycle, "RETRY_SECONDS", (0.02, 0.02, 0.02))
    async with workshop(tmp_path, cache=cache) as shop, shop.work() as worker:
        job = await shop.ended(await shop.film(storyboard("shoal", 1)))
        assert (job.status, job.attempt) == ("failed", attempts)
        assert job.error is not None
        assert job.error.code == code
        assert shop.unfinished() == []
        await until(lambda: idle(worker))


@law
async def test_what_cannot_be_read_is_not_tried_again(tmp_path: Path, cache: Path) -> None:
    """An upload that is not what was sent, or cannot be used, ends its job at the first try."""
    async with workshop(tmp_path, cache=cache) as shop, shop.work():
        job = await shop.submit("reef", data=b"something else")
        ended = await shop.ended(job)
        assert (ended.status, ended.attempt) == ("failed", 1)
        assert ended.error is not None
        assert ended.error.code == "document_damaged"


@law
async def test_a_claim_whose_answer_was_lost_is_handed_back(tmp_path: Path) -> None:
    """The queue says that a worker holds a job of which it was not told: it returns it, unless
    the answer was only on its way."""
    async with workshop(tmp_path) as shop, open_worker(shop.settings) as worker:
        job = await shop.submit("lost")
        name = worker.runner._name
        await shop.queue.change(job.id, lifecycle.claimed(name, time.time(), 60))
        await worker.runner._beat()
        assert (await shop.job(job)).status == "running"
        await worker.runner._beat()
        after = await shop.job(job)
        assert (after.status, after.attempt, after.lost) == ("queued", 0, 0)
