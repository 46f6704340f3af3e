"""Progress of a run → what others see of it: scenes, summary, events, in small batches.

A run tells dozens of things a second; each batch is one transaction under the job's fence, in
order. A run that no longer holds its job is told so at the next batch.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Coroutine, Sequence
from typing import Any, TypeVar

from msgspec.structs import replace

from inkreel.errors import DiskFull, Unavailable
from inkreel.job import (
    Change,
    Job,
    Part,
    ProgressTold,
    SceneState,
    SegmentTold,
    Stream,
    Summary,
    ThumbnailTold,
    Told,
)
from inkreel.jobs import lifecycle
from inkreel.model import Digest, Progress, SceneResult, Stage, Storyboard
from inkreel.ports import JobRecord

T = TypeVar("T")

log = logging.getLogger(__name__)

BATCH_SECONDS = 0.15
AWAY_SECONDS = 1.0
"""Wait before a batch is written again when the queue is away."""

SPANS: dict[Stage, tuple[float, float]] = {
    "reading": (0.0, 0.02),
    "storyboard": (0.02, 0.05),
    "video": (0.95, 1.0),
}
"""Fraction done at the start and end of a stage; the scenes lie between them."""
SHARES: dict[Stage, float] = {"narration": 0.15, "picture": 0.15, "clip": 0.7}
"""Of the work on a scene."""


class Journal:
    """Keeps the record of one run of a job."""

    def __init__(self, queue: JobRecord, job: Job) -> None:
        self._queue = queue
        self._job = job
        self._told: list[Told] = []
        self._scenes: list[SceneState] = []
        self._warnings: list[str] = []
        self._stage = ""
        self._made = False
        self._fraction = 0.0
        self._stream: Stream | None = None
        self._news = asyncio.Event()
        self._over = asyncio.Event()

    # --- What is told ----------------------------------------------------------------------------

    def begin(self, board: Storyboard) -> None:
        """The scenes are known."""
        self._scenes = [
            SceneState(heading=scene.heading, id=scene.id, visual=scene.visual.kind)
            for scene in board.scenes
        ]
        self._fraction = max(self._fraction, SPANS["storyboard"][1])
        self._news.set()

    def report(self, said: Progress) -> None:
        """A step of the work."""
        if said.state == "warning":
            self._warnings.append(said.heading)
        else:
            self._stage = said.stage
            self._made = self._made or said.state == "made"
            self._fraction = max(self._fraction, self._fold(said))
        self._tell(ProgressTold(said, round(self._fraction, 4)))

    def show(self, scene: int, digest: Digest) -> None:
        """The small picture of a scene can be fetched."""
        self._scenes[scene] = replace(self._scenes[scene], thumbnail=digest)
        self._tell(ThumbnailTold(scene, digest))

    def publish(self, stream: Stream, told: SegmentTold) -> None:
        """A scene, or a part of it, can be played."""
        self._stream = stream
        scene = self._scenes[told.scene]
        self._scenes[told.scene] = replace(
            scene,
            segments=(*scene.segments, told.segment),
            start=told.start if scene.start is None else scene.start,
            seconds=round((scene.seconds or 0) + told.segment.seconds, 6),
        )
        self._tell(told)

    def results(self, scenes: Sequence[SceneResult]) -> tuple[SceneState, ...]:
        """The scenes as they lie in the finished video."""
        return tuple(
            replace(
                state,
                start=result.start,
                seconds=result.seconds,
                degraded=result.degraded,
                credit=result.credit,
            )
            for state, result in zip(self._scenes, scenes, strict=True)
        )

    # --- Keeping it ------------------------------------------------------------------------------

    async def keep(self) -> None:
        """Write what is told until `end`, and the rest then. Raises `LeaseLost`, `NotFound`."""
        while not self._over.is_set():
            await self._news.wait()
            await self._write()
            await self._pause(BATCH_SECONDS)
        while self._told:
            await self._write()

    def end(self) -> None:
        """Nothing more will be told."""
        self._over.set()
        self._news.set()

    async def _write(self) -> None:
        self._news.clear()
        batch, scenes = tuple(self._told), tuple(self._scenes)
        change = self._change()
        try:
            await self._queue.change(self._job.id, change, batch, scenes or None)
        except (Unavailable, DiskFull) as error:
            log.warning("%s: progress is written later: %s", self._job.id, error.message)
            self._news.set()
            await asyncio.sleep(AWAY_SECONDS)
        else:
            del self._told[: len(batch)]

    def _change(self) -> Change:
        done = sum(state.clip in ("made", "found") for state in self._scenes)
        summary = Summary(self._stage, round(self._fraction, 4), len(self._scenes), done)
        warnings, stream, made = tuple(self._warnings), self._stream, self._made

        def change(job: Job) -> Job:
            lifecycle.held(job, self._job.fence)
            # A job that gets on is not what its workers die of.
            lost = 0 if made else job.lost
            return replace(job, summary=summary, warnings=warnings, stream=stream, lost=lost)

        return change

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._over.wait(), seconds)

    def _tell(self, told: Told) -> None:
        self._told.append(told)
        self._news.set()

    # --- Folding ---------------------------------------------------------------------------------

    def _fold(self, said: Progress) -> float:
        """Set the scene's part; answers the fraction done."""
        if said.scene is None or said.stage not in SHARES:
            return SPANS[said.stage][said.state != "started"]
        part: Part = said.state if said.state in ("started", "made", "found") else "waiting"
        state = self._scenes[said.scene]
        self._scenes[said.scene] = replace(state, **{said.stage: part})
        shares = (
            share
            for state in self._scenes
            for stage, share in SHARES.items()
            if getattr(state, stage) in ("made", "found")
        )
        before, after = SPANS["storyboard"][1], SPANS["video"][0]
        return before + (after - before) * sum(shares) / len(self._scenes)


async def kept(journal: Journal, work: Coroutine[Any, Any, T]) -> T:
    """Do the work while its journal is kept: when this returns or raises, all is written."""
    making, keeping = asyncio.create_task(work), asyncio.create_task(journal.keep())
    try:
        await asyncio.wait([making, keeping], return_when=asyncio.FIRST_COMPLETED)
        if keeping.done():  # the job is no longer ours
            making.cancel()
            await asyncio.wait([making])
        journal.end()
        await keeping
        return making.result()
    finally:
        making.cancel()
        keeping.cancel()
        await asyncio.gather(making, keeping, return_exceptions=True)
