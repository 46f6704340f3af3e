"""A worker over real folders, for the tests of this room."""

from __future__ import annotations

import asyncio
import hashlib
import os
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil

from inkreel.backends.folder import FolderObjects
from inkreel.backends.sqlite import SqliteJobs
from inkreel.job import (
    ENDED,
    Admission,
    Event,
    Job,
    JobId,
    board_key,
    music_key,
    new_job_id,
    source_key,
)
from inkreel.jobs import lifecycle
from inkreel.model import CaptionsMode, Digest, Options, Scene, SlideVisual, Source, Storyboard
from inkreel.settings import Settings
from inkreel.storyboard.board import dump
from inkreel.wiring.api import keeping
from inkreel.wiring.worker import Worker, open_worker

OPTIONS = Options(size="1280x720", language="en", captions=CaptionsMode.TRACK, profile="draft")


def document(name: str) -> str:
    """Markdown that becomes a few short scenes, with words that no other name has."""
    return f"# {name}\n\n## Its lamp\n\nThe {name} has a lamp.\n\n## Its keeper\n\nBo keeps it.\n"


def storyboard(name: str, scenes: int = 2) -> Storyboard:
    """Scenes of two seconds, with words that no other name has."""
    return Storyboard(
        name,
        "en",
        tuple(
            Scene(f"s{n}", f"{name} {n}", (f"This is {name} {n}.",), SlideVisual(bullets=(name,)))
            for n in range(scenes)
        ),
    )


@dataclass
class Workshop:
    """Folders with a queue; `work` runs workers over them."""

    settings: Settings
    queue: SqliteJobs
    objects: FolderObjects

    async def submit(self, name: str, data: bytes | None = None) -> Job:
        """A waiting job for a document of this name, whose upload may be another."""
        text = document(name).encode()
        source = Source(f"{name}.md", "text/markdown", Digest(hashlib.sha256(text).hexdigest()))
        return await self._add(name, source, source_key, data or text)

    async def tell(self, text: str, options: Options = OPTIONS) -> Job:
        """A waiting job for this document."""
        data = text.encode()
        source = Source("d.md", "text/markdown", Digest(hashlib.sha256(data).hexdigest()))
        return await self._add("d", source, source_key, data, options=options)

    async def film(
        self, board: Storyboard, options: Options = OPTIONS, music: bytes | None = None
    ) -> Job:
        """A waiting job for a storyboard that a user sent, with music."""
        data = dump(board, None).encode()
        digest = Digest(hashlib.sha256(data).hexdigest())
        return await self._add(
            board.title,
            None,
            lambda job: board_key(job, digest),
            data,
            board=digest,
            options=options,
            music=music,
        )

    async def _add(
        self,
        title: str,
        source: Source | None,
        key: Callable[[JobId], str],
        data: bytes,
        music: bytes | None = None,
        **more: object,
    ) -> Job:
        now = time.time()
        if music is not None:
            more["music"] = Digest(hashlib.sha256(music).hexdigest())
        job = Job(
            id=new_job_id(now),
            client="local",
            title=title,
            source=source,
            created=now,
            queued=now,
            sweep=now + 3_600,
            **{"options": OPTIONS, **more},  # type: ignore[arg-type]
        )
        self.objects.write(key(job.id), data)
        if music is not None:
            self.objects.write(music_key(job.id), music)
        return await self.queue.add(job, Admission(100, 100))

    async def job(self, job: Job) -> Job:
        found = await self.queue.get(job.id)
        assert found is not None
        return found

    async def ended(self, job: Job, seconds: float = 150) -> Job:
        """The job when it has ended."""

        async def over() -> bool:
            return (await self.job(job)).status in ENDED

        await until(over, seconds)
        return await self.job(job)

    async def told(self, job: Job) -> list[Event]:
        return await self.queue.events(job.id, 0, 10_000)

    async def cancel(self, job: Job) -> Job:
        change = lifecycle.cancelled(time.time(), keeping(self.settings))
        return await self.queue.change(job.id, change)

    def files(self, job: Job) -> set[str]:
        """What is kept for the job."""
        return {key for key, _ in self.objects.sizes(f"videos/{job.id}/")}

    def unfinished(self) -> list[Path]:
        """Temp files of videos and steps."""
        folders = (self.settings.data / "objects" / "tmp", self.settings.cache / "tmp")
        return [file for folder in folders for file in folder.glob("*/*") if file.name != "lock"]

    @asynccontextmanager
    async def work(self) -> AsyncIterator[Worker]:
        """A worker in this process, ended afterwards."""
        stop = asyncio.Event()
        async with open_worker(self.settings) as worker:
            working = asyncio.create_task(worker.run(stop))
            try:
                yield worker
            finally:
                stop.set()
                await working

    def process(self) -> subprocess.Popen[str]:
        """A worker in a process of its own, as it is in service."""
        names = ("data", "cache", "workers", "lease_seconds", "jobs_at_once")
        given = {f"INKREEL_{name.upper()}": str(getattr(self.settings, name)) for name in names}
        return subprocess.Popen(
            [sys.executable, "-m", "inkreel.entrypoints.worker"],
            env={**os.environ, **given},
            stderr=subprocess.PIPE,
            text=True,
        )


@asynccontextmanager
async def workshop(root: Path, **changes: object) -> AsyncIterator[Workshop]:
    """Over these folders, which another one may have used before."""
    given: dict[str, object] = {"workers": 2, "lease_seconds": 3.0, **changes}
    given.setdefault("cache", root / "cache")
    settings = Settings(data=root / "data", **given)  # type: ignore[arg-type]
    queue = SqliteJobs(settings.data / "service.db")
    objects = FolderObjects(settings.data / "objects")
    try:
        yield Workshop(settings, queue, objects)
    finally:
        objects.close()
        await queue.close()


async def until(condition: Callable[[], Awaitable[bool]], seconds: float = 60) -> None:
    """Wait for it."""
    async with asyncio.timeout(seconds):
        while not await condition():  # noqa: ASYNC110  the state lies on the disk
            await asyncio.sleep(0.01)


def steps(process: int | None = None) -> list[psutil.Process]:
    """Living children that make steps, or wait for some."""
    return [
        child
        for child in psutil.Process(process).children(recursive=True)
        if child.status() != psutil.STATUS_ZOMBIE
    ]


async def busy(process: int | None = None) -> list[psutil.Process]:
    """Those of them that use the processor."""
    before = {child: sum(child.cpu_times()[:2]) for child in steps(process)}
    await asyncio.sleep(0.15)
    return [child for child in before if child.is_running() and used(child) > before[child]]


async def calm() -> None:
    """Until those that were started have loaded what they need."""
    while await busy():
        pass


def used(child: psutil.Process) -> float:
    """Seconds of processor time."""
    try:
        return float(sum(child.cpu_times()[:2]))
    except psutil.NoSuchProcess:
        return 0.0
