"""Who is next: start-time fair queueing between clients, urgency and age within a client.

Each waiting job has a *tag*, its virtual start time; the smallest is next. Virtual time is counted
in minutes of video: a client's jobs are laid out one behind the other from where the clock stands,
each as long as its cost divided by its priority's weight. A client that submits a hundred jobs
thus does not delay one that submits one.

Within a client the more urgent goes first, and a level of priority is worth half a minute of
waiting: whatever keeps coming, a job waits at most five minutes longer than its turn by age. No job
starves.

Source: P. Goyal, H. Vin, H. Cheng, Start-time Fair Queueing, 1996.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from inkreel.job import DEFAULT_PRIORITY, Job

LEVEL_SECONDS = 30.0
"""Waiting that makes up for a level of priority (`bench/fleet.py`)."""


def weight(priority: int) -> float:
    """Share of a job of this priority: doubles with every three levels."""
    return float(2 ** ((priority - DEFAULT_PRIORITY) / 3))


def urgency(job: Job) -> float:
    """Seconds since the epoch, put forward by priority; of two jobs of a client the smaller is
    first."""
    return job.queued - LEVEL_SECONDS * job.priority


def length(job: Job) -> float:
    """Virtual time that a job takes."""
    return job.cost / weight(job.priority)


def tags(clock: float, behind: float, waiting: Iterable[Job]) -> list[tuple[Job, float]]:
    """The waiting jobs of one client in their order, each with its tag.

    `clock` is the tag of the job that was started last, over all clients; `behind` is where the
    client's last started job ends in virtual time (0 for one that never ran).
    """
    tag = max(clock, behind)
    tagged = []
    for job in sorted(waiting, key=lambda job: (urgency(job), job.id)):
        tagged.append((job, tag))
        tag += length(job)
    return tagged


def first(tagged: Sequence[tuple[Job, float]]) -> Job | None:
    """The next of all clients' jobs: by tag, then by urgency, then by age."""
    return min(
        tagged, key=lambda pair: (pair[1], urgency(pair[0]), pair[0].id), default=(None, 0.0)
    )[0]
