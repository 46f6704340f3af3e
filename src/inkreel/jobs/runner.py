"""The worker: takes jobs from the queue, makes their videos, and tells how it goes.

It holds a job as long as the queue says so: when the job was cancelled, deleted or given to
another one, its run ends at once, with its children and temp files. Whatever goes wrong in a run
reaches the job and the log; the worker itself goes on.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from inkreel.build import Builder
from inkreel.errors import (
    DamagedDocument,
    DiskFull,
    InkreelError,
    LeaseLost,
    NotFound,
    Unavailable,
    VoiceFailed,
)
from inkreel.job import (
    Change,
    Job,
    JobId,
    SceneState,
    board_key,
    music_key,
    source_key,
)
from inkreel.jobs import janitor, lifecycle
from inkreel.jobs.journal import Journal, kept
from inkreel.jobs.lifecycle import Keeping, outcome_of
from inkreel.jobs.production import Production
from inkreel.jobs.showing import Showing
from inkreel.jobs.supervision import again_and_again
from inkreel.model import Digest, Options, Source, Storyboard
from inkreel.pipeline import Movie, Plan, make_video
from inkreel.ports import JobQueue, Objects
from inkreel.storyboard.board import from_json

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.5
"""How often it looks for a job whose time to be tried again has come, when nothing else changes."""
PAUSE_SECONDS = 0.05
"""At least so long between two looks: a busy queue changes all the time."""
AWAY_SECONDS = 1.0
AWAY_TRIES = 60
"""How often it tries to tell the end of a run to a queue that is away."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """What a worker stands on. `plan` says how a video of these options is made."""

    queue: JobQueue
    objects: Objects
    builder: Builder
    keeping: Keeping
    plan: Callable[[Options], Plan]
    at_once: int
    """Jobs that run at once."""
    client_running: int
    lease: float
    """Seconds."""


@dataclass(eq=False, slots=True)
class Held:
    """A job that this worker runs; `order` counts the jobs that it began."""

    job: Job
    order: int
    task: asyncio.Task[None] = field(init=False)
    ending: bool = False

    def leave(self) -> None:
        """Have it end, unless it does already: that is not to be disturbed."""
        if not self.ending:
            self.ending = True
            self.task.cancel()


class Runner:
    """A worker by this name, which no other has."""

    def __init__(self, name: str, bench: Bench) -> None:
        self._name = name
        self._bench = bench
        self._queue = bench.queue
        self._held: set[Held] = set()
        self._claimed = 0
        self._unknown: dict[JobId, int] = {}
        self._revision = -1
        self._stop = asyncio.Event()

    @property
    def busy(self) -> bool:
        """Whether it runs a job."""
        return bool(self._held)

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; then hand back at once what is under way: what was made is found by
        the next worker."""
        self._stop = stop
        over = asyncio.Event()
        beating = asyncio.create_task(again_and_again(self._beat, self._bench.lease / 3, over))
        try:
            await again_and_again(self._look, PAUSE_SECONDS, stop)
        finally:
            stop.set()
            await asyncio.sleep(0)  # a run must have begun to be able to hand back
            for held in self._held:
                held.leave()
            await asyncio.gather(*(held.task for held in self._held), return_exceptions=True)
            over.set()
            await beating

    # --- Holding ---------------------------------------------------------------------------------

    async def _beat(self) -> None:
        """Prolong the leases; leave what is no longer ours."""
        held = list(self._held)  # those of now: what is claimed meanwhile may not be in the answer
        fences = await self._queue.renew(self._name, time.time() + self._bench.lease)
        for one in held:
            if fences.get(one.job.id) != one.job.fence:
                one.leave()
        await self._disown({job: fence for job, fence in fences.items() if not self._runs(job)})

    def _runs(self, job: JobId) -> bool:
        return any(held.job.id == job for held in self._held)

    async def _disown(self, unknown: dict[JobId, int]) -> None:
        """Hand back what the queue says is ours and is not: the answer to a claim was lost. One
        that is seen for the first time may just be on its way."""
        for job, fence in unknown.items() & self._unknown.items():
            log.warning("%s handed back: it was given to us, and we were not told", job)
            with contextlib.suppress(LeaseLost, NotFound):
                await self._queue.change(
                    job, lifecycle.handed_back(fence, time.time(), self._keeping)
                )
        self._unknown = unknown

    async def _look(self) -> None:
        """Wait for a change; leave what is no longer ours, take what there is room for."""
        self._revision = await self._queue.changed(self._revision, LOOK_SECONDS)
        for held in list(self._held):
            job = await self._queue.get(held.job.id)
            if job is None or job.status != "running" or job.fence != held.job.fence:
                held.leave()
        while len(self._held) < self._bench.at_once and not self._stop.is_set():
            change = lifecycle.claimed(self._name, time.time(), self._bench.lease)
            claimed = await self._queue.claim(change, self._bench.client_running)
            if claimed is None:
                break
            self._begin(claimed)

    def _begin(self, job: Job) -> None:
        self._claimed += 1
        held = Held(job, self._claimed)
        held.task = asyncio.create_task(self._run(held))
        self._held.add(held)
        held.task.add_done_callback(lambda _: self._ended(held))

    def _ended(self, held: Held) -> None:
        self._held.discard(held)
        fault = None if held.task.cancelled() else held.task.exception()
        if fault is not None:  # even the end could not be told: its lease will run out
            log.error("%s: a fault of the worker", held.job.id, exc_info=fault)

    # --- A run -----------------------------------------------------------------------------------

    async def _run(self, held: Held) -> None:
        """Make the video and tell the end, whatever it is."""
        job = held.job
        log.info("%s begins, attempt %d", job.id, job.attempt)
        try:
            change, scenes = await self._made(held)
        except asyncio.CancelledError:
            if not self._stop.is_set():
                log.info("%s left: it was cancelled or is another's", job.id)
                await janitor.tidy(self._queue, self._bench.objects, job.id)
                return
            log.info("%s handed back", job.id)
            change, scenes = lifecycle.handed_back(job.fence, time.time(), self._keeping), None
        await self._tell(job, change, scenes)
        await janitor.tidy(self._queue, self._bench.objects, job.id)

    async def _made(self, held: Held) -> tuple[Change, tuple[SceneState, ...] | None]:
        """Make the video; answers what is to be told of it."""
        job = held.job
        try:
            plan = replace(self._bench.plan(job.options), degraded=job.fallbacks)
            change, scenes = await self._make(job, plan, held.order)
        except VoiceFailed as error:
            log.warning("%s: %s", job.id, error.message)
            following = plan.after(error)
            if following is None:
                return lifecycle.failed(job.fence, time.time(), self._keeping, error), None
            fallbacks = following.degraded
            # What was told of its scenes is of the edition that ends.
            return lifecycle.revoiced(job.fence, time.time(), self._keeping, fallbacks), ()
        except InkreelError as error:
            if not isinstance(error, LeaseLost):
                log.warning("%s failed: %s: %s", job.id, error.code, error.message)
            return lifecycle.failed(job.fence, time.time(), self._keeping, error), None
        except Exception as error:
            log.exception("%s failed", job.id)
            fault = InkreelError(
                f"The video could not be made: {type(error).__name__}: {error}"[:500],
                hint="This is a fault of Inkreel: please report it with the document, if you can.",
            )
            return lifecycle.failed(job.fence, time.time(), self._keeping, fault), None
        else:
            return change, scenes
        finally:
            held.ending = True

    async def _make(
        self, job: Job, plan: Plan, order: int
    ) -> tuple[Change, tuple[SceneState, ...]]:
        bench = self._bench
        journal = Journal(self._queue, job)
        productions: list[Production] = []

        showing = Showing(job, journal, bench.objects, bench.builder.store)

        def open_movie(board: Storyboard) -> Movie:
            productions.append(Production(job.id, board, job.options, bench.objects))
            return showing.movie(board, productions[-1])

        material = await asyncio.to_thread(self._material, job)
        music = await asyncio.to_thread(self._music, job)
        plan, builder = replace(plan, music=music), bench.builder.at(order)
        work = make_video(material, plan, open_movie, builder, journal.report, showing.show)
        result = await kept(journal, work)
        scenes = (one.degraded for one in result.scenes if one.degraded)
        done = lifecycle.finished(
            job.fence,
            time.time(),
            self._keeping,
            outcome_of(result),
            productions[-1].files,
            tuple(dict.fromkeys((*result.degraded, *scenes))),
        )
        log.info("%s done: %.1f s in %.1f s", job.id, result.seconds, result.wall_seconds)
        return done, journal.results(result.scenes)

    def _material(self, job: Job) -> Source | Storyboard:
        """What the client sent. Raises `InputError`, `NotFound`."""
        objects, store = self._bench.objects, self._bench.builder.store
        if job.board is not None:
            return from_json(objects.read(board_key(job.id, job.board)))
        digest = store.put(objects.read(source_key(job.id)))
        if job.source is None or job.source.digest != digest:
            raise DamagedDocument(
                "The document is not what was sent.", hint="Send it again as a new video."
            )
        return job.source

    def _music(self, job: Job) -> Digest | None:
        if job.music is None:
            return None
        return self._bench.builder.store.put(self._bench.objects.read(music_key(job.id)))

    # --- Telling ---------------------------------------------------------------------------------

    @property
    def _keeping(self) -> Keeping:
        return self._bench.keeping

    async def _tell(
        self, job: Job, change: Change, scenes: tuple[SceneState, ...] | None = None
    ) -> None:
        """Tell the queue, also one that is away for a while; unless it knows better meanwhile."""
        for _ in range(AWAY_TRIES):
            try:
                with contextlib.suppress(LeaseLost, NotFound):
                    await self._queue.change(job.id, change, (), scenes)
            except (Unavailable, DiskFull) as error:
                log.warning("%s: its end is told later: %s", job.id, error.message)
                if self._stop.is_set():
                    return  # its lease will run out
                await asyncio.sleep(AWAY_SECONDS)
            else:
                return
