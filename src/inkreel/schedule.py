"""Who is next: start-time fair queueing between clients, urgency and age within a client.

Each waiting job has a *tag*, its virtual start time; the smallest is next. Virtual time is counted
in minutes of video: a client's jobs are laid out one behind the other from where the clock stands,
each as long as its cost divided by its priority's weight. A client that submits a hundred jobs
thus does not delay one that submits one.

Within a client the more urgent goes first, and a level of priority is worth half a minute of
waiting: whatever keeps coming, a job waits at most five minutes longer than its turn by age. No job
starves.

Between clients that all have jobs waiting age counts, too. With equal shares alone those who order
a little more than others would wait ever longer; so a client whose job waited longer than others
do is charged less than its length for it, and one whose job waited less is charged more.

Source: P. Goyal, H. Vin, H. Cheng, Start-time Fair Queueing, 1996.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from inkreel.job import DEFAULT_PRIORITY, Job

LEVEL_SECONDS = 30.0
"""Waiting that makes up for a level of priority (`bench/fleet.py`)."""
HALVING_SECONDS = 1_200.0
"""Who waited so much while others did not wait at all is charged half (`bench/fleet.py`)."""
OF_LATE = 64
"""Jobs over which it is seen how long jobs wait; that is a moving mean."""


class Clock(msgspec.Struct, frozen=True):
    """Where virtual time stands: `at`, the tag of the job that was started last, over all clients;
    `wait`, the seconds that those started of late had waited."""

    at: float = 0.0
    wait: float = 0.0


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


def tags(clock: Clock, behind: float, waiting: Iterable[Job]) -> list[tuple[Job, float]]:
    """The waiting jobs of one client in their order, each with its tag.

    `behind` is where the client's last started job ends in virtual time (0 for one that never ran).
    """
    tag = max(clock.at, behind)
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


def started(clock: Clock, job: Job, tag: float, now: float) -> tuple[Clock, float]:
    """Where the clock stands and where the job's client does, once the job with this tag is started
    at `now` (seconds since the epoch)."""
    waited = max(0.0, now - job.queued)
    charged = length(job) * (HALVING_SECONDS + clock.wait) / (HALVING_SECONDS + waited)
    wait = clock.wait + (waited - clock.wait) / OF_LATE
    return Clock(max(clock.at, tag), wait), tag + charged
