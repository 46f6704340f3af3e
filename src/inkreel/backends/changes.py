"""What every queue does alike: what a change of a job is told as."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from inkreel.job import Job, StatusTold, Told


def changed(
    before: Job, after: Job, told: Sequence[Told], now: float
) -> tuple[Job, tuple[Told, ...]]:
    """The job under its next version, and all that is told: a changed status last."""
    after = replace(after, version=before.version + 1)
    if _face(before) == _face(after):
        return after, tuple(told)
    retry = after.queued if after.status == "queued" and after.queued > now else None
    return after, (*told, StatusTold(after.status, after.attempt, retry, after.error))


def _face(job: Job) -> tuple[object, ...]:
    """What listeners are told of at once."""
    return job.status, job.attempt, job.error
