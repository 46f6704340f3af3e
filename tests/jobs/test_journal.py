"""What is told of a run: in order, in batches, under the fence, and whole."""

from __future__ import annotations

import asyncio
import random
from itertools import pairwise

import pytest
from msgspec.structs import replace

from inkreel.errors import LeaseLost, Unavailable
from inkreel.job import Change, Job, JobId, ProgressTold, SceneState, ThumbnailTold, Told
from inkreel.jobs import journal as module
from inkreel.jobs.journal import Journal
from inkreel.model import Digest, Options, Progress, Stage, State
from tests.backends.queues import law
from tests.jobs.workshop import storyboard

FENCE = 3


class Ledger:
    """A queue of one job that remembers what it was told, and may be away."""

    def __init__(self) -> None:
        self.job = Job(
            id=JobId("vid_0"), client="c", title="", options=Options(), source=None,
            created=0, queued=0, sweep=0, status="running", fence=FENCE,
        )  # fmt: skip
        self.told: list[Told] = []
        self.batches = 0
        self.scenes: tuple[SceneState, ...] = ()
        self.away = 0

    async def change(
        self,
        job: JobId,
        change: Change,
        told: tuple[Told, ...],
        scenes: tuple[SceneState, ...] | None,
    ) -> Job:
        await asyncio.sleep(random.uniform(0, 0.01))
        if self.away:
            self.away -= 1
            raise Unavailable("away")
        self.job = change(self.job)
        self.told += told
        self.batches += 1
        self.scenes = scenes or ()
        return self.job


def opened(ledger: Ledger) -> Journal:
    return Journal(ledger, ledger.job)  # type: ignore[arg-type]  all of a queue that it uses


def parts(scenes: int) -> list[tuple[Stage, State, int]]:
    """What a run tells of its scenes, with some told twice, as after a lost artifact."""
    steps: list[tuple[Stage, State, int]] = []
    for scene in range(scenes):
        steps += [("narration", "started", scene), ("narration", "made", scene)]
        steps += [("picture", "found", scene), ("clip", "started", scene), ("clip", "made", scene)]
    return steps + steps[3:10]


@law
async def test_all_is_told_in_order_and_in_few_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is told reaches the queue once and in order, also past a moment in which it is
    away; a second of work costs a handful of transactions; the fraction only grows."""
    monkeypatch.setattr(module, "AWAY_SECONDS", 0.01)
    ledger = Ledger()
    ledger.away = 2
    journal = opened(ledger)
    keeping = asyncio.create_task(journal.keep())
    journal.report(Progress("reading", "started"))
    journal.report(Progress("reading", "warning", heading="A page is empty."))
    journal.begin(storyboard("x", 20))
    sent: list[Progress | int] = []
    for stage, state, scene in parts(20):
        journal.report(Progress(stage, state, scene, 20))
        sent.append(Progress(stage, state, scene, 20))
        if stage == "picture":
            journal.show(scene, Digest(str(scene)))
            sent.append(scene)
        await asyncio.sleep(0.003)
    journal.report(Progress("video", "done"))
    journal.end()
    await keeping
    got = [told.scene if isinstance(told, ThumbnailTold) else told.progress for told in ledger.told]  # type: ignore[union-attr]
    assert got[2:-1] == sent
    assert ledger.batches < 10
    fractions = [told.fraction for told in ledger.told if isinstance(told, ProgressTold)]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0
    assert ledger.job.warnings == ("A page is empty.",)
    assert (ledger.job.summary.scenes, ledger.job.summary.scenes_done) == (20, 20)
    assert {(s.narration, s.picture, s.clip, s.thumbnail) for s in ledger.scenes} == {
        ("made", "found", "made", Digest(str(n))) for n in range(20)
    }


@law
async def test_the_fraction_grows_evenly() -> None:
    """No step of a film of ten scenes is worth more than a tenth of it."""
    journal = opened(Ledger())
    journal.begin(storyboard("x", 10))
    for stage, state, scene in parts(10)[:50]:
        journal.report(Progress(stage, state, scene, 10))
    told = [0.05, *(one.fraction for one in journal._told if isinstance(one, ProgressTold))]
    steps = [after - before for before, after in pairwise(told)]
    assert max(steps) <= 0.1
    assert told[-1] == pytest.approx(0.95)


@law
async def test_a_run_that_lost_its_job_is_told() -> None:
    """Under an older fence nothing is written, and the run learns of it."""
    ledger = Ledger()
    journal = opened(ledger)
    ledger.job = replace(ledger.job, fence=FENCE + 1)
    journal.report(Progress("reading", "started"))
    with pytest.raises(LeaseLost):
        await journal.keep()
    assert ledger.told == []


@law
async def test_a_job_that_gets_on_is_not_given_up() -> None:
    """How often workers died with a job is counted anew once something was made: only a job with
    which they die without getting any further is given up."""
    ledger = Ledger()
    ledger.job = replace(ledger.job, lost=4)
    for state, lost in (("found", 4), ("made", 0)):
        journal = opened(ledger)
        journal.begin(storyboard("x", 1))
        journal.report(Progress("clip", state, 0, 1))  # type: ignore[arg-type]
        journal.end()
        await journal.keep()
        assert ledger.job.lost == lost
