"""What every queue does alike: who may wait, and what a change of a job is told as."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from inkreel.errors import QueueFull, QuotaExceeded
from inkreel.job import Admission, Job, StatusTold, Told

FULL_SECONDS = 30.0
"""When a client that was refused may come again: about the time of a job."""


def check_room(waiting: int, own: int, admission: Admission) -> None:
    """Raises `QueueFull` or `QuotaExceeded` when one more job, where so many wait in all and of
    its client, is not admitted."""
    if waiting >= admission.waiting:
        raise QueueFull(
            f"The queue is full: {waiting} jobs wait.",
            hint="Try again later. Whoever runs the service may start more workers, or raise "
            "INKREEL_MAX_WAITING.",
            retry_after=FULL_SECONDS,
        )
    if own >= admission.client_waiting:
        raise QuotaExceeded(
            f"{own} of your jobs wait already; no more may.",
            hint="Try again when some are done, or cancel some.",
            retry_after=FULL_SECONDS,
        )


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
