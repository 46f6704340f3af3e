"""A job that no queue holds: its video is made here and now, and watched by whoever asked for it.

What a service keeps in its database lies in memory, and what it keeps among its objects in a
folder that goes with the process. The rest is the service's: steps, journal, events.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Callable, Sequence

from msgspec.structs import replace

from inkreel.build import Builder
from inkreel.errors import InkreelError, VoiceFailed
from inkreel.job import (
    Change,
    Event,
    Job,
    JobId,
    SceneState,
    StatusTold,
    Told,
    new_job_id,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.journal import Journal, kept
from inkreel.jobs.showing import Showing
from inkreel.model import Options, Progress, Result, Source, Storyboard
from inkreel.pipeline import Movie, Plan, make_video
from inkreel.ports import Objects
from inkreel.studio import Report

_KEEPING = lifecycle.Keeping(0, 0, 0)


class Premiere:
    """The one job of a `JobRecord`, and what can be watched of it among `objects`."""

    def __init__(self, title: str, options: Options, objects: Objects) -> None:
        self.objects = objects
        now = time.time()
        waiting = Job(
            id=new_job_id(now),
            client="",
            title=title,
            options=options,
            source=None,
            created=now,
            queued=now,
            sweep=now,
            attempt=lifecycle.TRIES - 1,  # nobody tries again when it fails
        )
        self.job = lifecycle.claimed("", now, 0)(waiting)
        self.shown: tuple[SceneState, ...] = ()
        """How far each scene is."""
        self._events: list[Event] = []
        self._revision = 0
        self._news = asyncio.Event()

    async def film(
        self,
        material: Source | Storyboard,
        plan: Plan,
        open_movie: Callable[[Storyboard], Movie],
        builder: Builder,
        report: Report,
    ) -> Result:
        """Make the video as `make_video` does; how it goes and how it ends can be watched. When a
        voice fails for good, what was watched ends and begins again with the next one."""
        while True:
            try:
                return await self._film(material, plan, open_movie, builder, report)
            except VoiceFailed as failed:
                fence, following = self.job.fence, plan.after(failed)
                if following is None:
                    self._apply(lifecycle.failed(fence, time.time(), _KEEPING, failed))
                    raise
            plan = following
            self._apply(lifecycle.revoiced(fence, time.time(), _KEEPING, plan.degraded), (), ())
            self._apply(lifecycle.claimed("", time.time(), 0))
            report(plan.revoiced)

    async def _film(
        self,
        material: Source | Storyboard,
        plan: Plan,
        open_movie: Callable[[Storyboard], Movie],
        builder: Builder,
        report: Report,
    ) -> Result:
        journal = Journal(self, self.job)
        showing = Showing(self.job, journal, self.objects, builder.store)

        def open_shown(board: Storyboard) -> Movie:
            self._apply(lambda job: replace(job, title=board.title))
            return showing.movie(board, open_movie(board))

        def tell(said: Progress) -> None:
            report(said)
            journal.report(said)

        fence = self.job.fence
        work = make_video(material, plan, open_shown, builder, tell, showing.show)
        try:
            result = await kept(journal, work)
        except VoiceFailed:
            raise
        except InkreelError as error:
            self._apply(lifecycle.failed(fence, time.time(), _KEEPING, error))
            raise
        except BaseException:
            self._apply(lifecycle.cancelled(time.time(), _KEEPING))
            raise
        scenes = (one.degraded for one in result.scenes if one.degraded)
        degraded = tuple(dict.fromkeys((*result.degraded, *scenes)))
        done = lifecycle.finished(
            fence, time.time(), _KEEPING, lifecycle.outcome_of(result), (), degraded
        )
        self._apply(done, (), journal.results(result.scenes))
        return result

    # --- JobRecord -------------------------------------------------------------------------------

    async def get(self, job: JobId) -> Job | None:
        return self.job if job == self.job.id else None

    async def scenes(self, job: JobId) -> tuple[SceneState, ...]:  # noqa: ARG002
        return self.shown

    async def change(
        self,
        job: JobId,  # noqa: ARG002  there is one
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        return self._apply(change, told, scenes)

    async def events(self, job: JobId, after: int, limit: int) -> list[Event]:  # noqa: ARG002
        return self._events[after : after + limit]

    async def last_event(self, job: JobId) -> int:  # noqa: ARG002
        return len(self._events)

    async def changed(self, since: int, seconds: float) -> int:
        if since == self._revision:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._news.wait(), seconds)
        return self._revision

    def _apply(
        self,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        before, job = self.job, change(self.job)
        self.job = replace(job, version=before.version + 1)
        self.shown = self.shown if scenes is None else scenes
        news = [*told]
        if job.status != before.status:
            news.append(StatusTold(job.status, job.attempt, None, job.error))
        for each in news:
            self._events.append(Event(len(self._events) + 1, job.id, time.time(), each))
        self._revision += 1
        self._news.set()
        self._news = asyncio.Event()
        return self.job
