"""The life of a job as pure steps `Job → Job`; every queue applies them atomically.

    queued ──claimed──▶ running ──finished──▶ done ──aged──▶ expired ──aged──▶ gone
       ▲                   │ ├──failed──▶ queued again after 2, 8, 32 s, then failed
       │                   │ ├──lost (its worker died)──▶ queued again
       │                   │ ├──revoiced (its voice failed)──▶ queued again, the next edition
       │                   └──cancelled
       └── retried, reboarded (a new storyboard: the next edition)

Whoever holds a running job names its fence; a step with an older one raises `LeaseLost`, so that
a worker that was thought dead cannot overwrite what its successor does.
"""

from __future__ import annotations

import random
from collections.abc import Callable

from msgspec.structs import replace

from inkreel.errors import Conflict, InkreelError, InputError, LeaseLost, OptionError
from inkreel.job import ENDED, Change, Failure, File, Job, Outcome, Summary
from inkreel.model import Degraded, Digest, Result

RETRY_SECONDS = (2.0, 8.0, 32.0)
"""Waits before the second, third and fourth try; each ± a quarter."""
TRIES = len(RETRY_SECONDS) + 1
MAX_LOST = 5
"""A job with which as many workers died is not given to another one."""


class Keeping:
    """How long, in seconds: a job may wait, its results are kept, its record is kept after."""

    def __init__(self, waiting: float, results: float, record: float) -> None:
        self.waiting = waiting
        self.results = results
        self.record = record


def held(job: Job, fence: int) -> None:
    """Raise `LeaseLost` unless the job still runs under this fence."""
    if job.status != "running" or job.fence != fence:
        raise LeaseLost(f"The job {job.id} was taken over, cancelled or changed meanwhile.")


def claimed(worker: str, now: float, lease: float) -> Change:
    """A worker takes the job for `lease` seconds."""

    def change(job: Job) -> Job:
        return replace(
            job,
            status="running",
            worker=worker,
            lease=now + lease,
            fence=job.fence + 1,
            attempt=job.attempt + 1,
            started=job.started or now,
            summary=Summary(),
            warnings=(),
            degraded=job.fallbacks,
            stream=None,
        )

    return change


def outcome_of(result: Result) -> Outcome:
    """What a job keeps of a finished run."""
    return Outcome(result.seconds, result.wall_seconds, result.made, result.found, result.writing)


def finished(
    fence: int,
    now: float,
    keeping: Keeping,
    outcome: Outcome,
    files: tuple[File, ...],
    degraded: tuple[Degraded, ...],
) -> Change:
    """The video is there."""

    def change(job: Job) -> Job:
        held(job, fence)
        summary = replace(job.summary, stage="video", fraction=1.0, scenes_done=job.summary.scenes)
        return _ended(
            replace(
                job,
                status="done",
                error=None,
                outcome=outcome,
                files=files,
                degraded=degraded,
                summary=summary,
            ),
            now,
            keeping,
        )

    return change


def failed(
    fence: int,
    now: float,
    keeping: Keeping,
    error: InkreelError,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Change:
    """A try failed: another one follows after a while, unless it could not help."""

    def change(job: Job) -> Job:
        held(job, fence)
        failure = Failure(error.code, error.message, error.hint)
        hopeless = isinstance(error, InputError | OptionError)
        if hopeless or job.attempt >= TRIES:
            return _ended(replace(job, status="failed", error=failure), now, keeping)
        wait = RETRY_SECONDS[job.attempt - 1] * jitter(0.75, 1.25)
        return _waiting(replace(job, error=failure), now + wait, keeping)

    return change


def lost(now: float, keeping: Keeping) -> Change:
    """The lease ran out: the worker is gone, and the job waits again with what it had made."""

    def change(job: Job) -> Job:
        if job.status != "running" or job.lease is None or job.lease > now:
            raise LeaseLost(f"The job {job.id} is held after all.")
        if job.lost + 1 >= MAX_LOST:
            failure = Failure(
                "worker_failed",
                f"The worker ended {MAX_LOST} times while it made this video.",
                "Check the memory of the machine; then retry the job.",
            )
            return _ended(replace(job, status="failed", error=failure), now, keeping)
        again = replace(job, lost=job.lost + 1, attempt=max(0, job.attempt - 1))
        return _waiting(again, now, keeping)

    return change


def handed_back(fence: int, now: float, keeping: Keeping) -> Change:
    """A worker that stops returns the job; this is no try."""

    def change(job: Job) -> Job:
        held(job, fence)
        return _waiting(replace(job, attempt=max(0, job.attempt - 1)), now, keeping)

    return change


def revoiced(fence: int, now: float, keeping: Keeping, fallbacks: tuple[Degraded, ...]) -> Change:
    """Its voice failed for good: the next edition, which waits for no time and is no try, is told
    whole by another one. What was played of this one has ended."""

    def change(job: Job) -> Job:
        held(job, fence)
        attempt = max(0, job.attempt - 1)
        again = replace(job, edition=job.edition + 1, fallbacks=fallbacks, attempt=attempt)
        return _waiting(again, now, keeping)

    return change


def cancelled(now: float, keeping: Keeping) -> Change:
    """The user does not want it. Its worker notices that the fence has risen, and stops."""

    def change(job: Job) -> Job:
        if job.status == "cancelled":
            return job
        if job.status in ENDED:
            raise Conflict(
                f"The job is {job.status} already.", hint="Only a job that waits or runs can stop."
            )
        return _ended(replace(job, status="cancelled"), now, keeping)

    return change


def retried(now: float, keeping: Keeping) -> Change:
    """Once more from the start of its tries; what was made is found."""

    def change(job: Job) -> Job:
        if job.status not in ("failed", "cancelled"):
            raise Conflict(
                f"The job is {job.status}.", hint="Only a failed or cancelled job can be retried."
            )
        return _again(job, now, keeping)

    return change


def reboarded(now: float, keeping: Keeping, board: Digest, words: int) -> Change:
    """A new storyboard: the next edition waits; the last one's results stay till it is done."""

    def change(job: Job) -> Job:
        if job.status == "expired":
            raise Conflict("The job is expired.", hint="Make a new video of the storyboard.")
        told = job.words if job.source else words  # a document's are its own
        return _again(replace(job, edition=job.edition + 1, board=board, words=told), now, keeping)

    return change


def reprioritised(priority: int) -> Change:
    """Another priority, while it waits."""

    def change(job: Job) -> Job:
        if job.status != "queued":
            raise Conflict(
                f"The job is {job.status}.",
                hint="The priority can be changed only while the job waits.",
            )
        return replace(job, priority=priority)

    return change


def aged(now: float, keeping: Keeping) -> Change:
    """Its time is over: it waited too long, or its results were kept long enough. An expired job
    whose time is over again is for the caller to remove."""

    def change(job: Job) -> Job:
        if job.status in ("running", "expired") or job.sweep > now:
            raise LeaseLost(f"The time of job {job.id} is not over.")
        failure = job.error
        if job.status == "queued":
            failure = Failure(
                "job_expired",
                f"The job waited for more than {keeping.waiting / 3600:.0f} hours.",
                "Retry it when there is less to do, or start more workers.",
            )
        ended = job.ended or now
        webhook = job.webhook
        if webhook is not None and job.status == "queued":
            webhook = replace(webhook, due=now, attempt=0, state="waiting")
        return replace(
            job,
            status="expired",
            files=(),
            stream=None,
            error=failure,
            ended=ended,
            sweep=now + keeping.record,
            webhook=webhook,
        )

    return change


def _waiting(job: Job, ready: float, keeping: Keeping) -> Job:
    return replace(
        job,
        status="queued",
        queued=ready,
        fence=job.fence + 1,
        worker="",
        lease=None,
        sweep=ready + keeping.waiting,
        summary=Summary(),
    )


def _again(job: Job, now: float, keeping: Keeping) -> Job:
    fresh = replace(
        job,
        attempt=0,
        lost=0,
        error=None,
        started=None,
        ended=None,
        outcome=None,
        fallbacks=(),
    )
    return _waiting(fresh, now, keeping)


def _ended(job: Job, now: float, keeping: Keeping) -> Job:
    webhook = job.webhook
    if webhook is not None:
        webhook = replace(webhook, due=now, attempt=0, state="waiting", said="")
    return replace(
        job,
        ended=now,
        fence=job.fence + 1,
        worker="",
        lease=None,
        sweep=now + keeping.results,
        webhook=webhook,
    )
