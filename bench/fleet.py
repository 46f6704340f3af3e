"""Thousands of workers and an hour of bursts, in simulated time: `python -m bench.fleet [SEED]`.

SimPy moves the clock; who is next is asked of `schedule.tags` and `schedule.first`, the functions
that both queues ask. First 500 jobs of a real queue are replayed (`--replay FILE`, JSON lines of
`{"client", "at", "cost", "priority"}`), if there is a file. Then 10,000 workers serve an hour of
bursts: Poisson arrivals of 2,000 clients, of whom each hundredth orders ten times as much, at 1.15
times what the fleet does, and ten bursts of 5,000 orders within a minute on top. A class is the
jobs of one priority of clients who order as much.

Accepted: in each class the longest wait is at most 4 times the mean. Between clients: in windows of
ten minutes, Jain's index of the virtual time of those that had jobs waiting all the while is 0.95.
"""

from __future__ import annotations

import heapq
import json
import random
import statistics
import sys
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import simpy

from inkreel import schedule
from inkreel.job import Job, new_job_id
from inkreel.model import Options

WORKERS = 10_000
HOUR = 3_600.0
CLIENTS = 2_000
LOAD = 1.15
SECONDS_PER_MINUTE = 120.0
"""A worker's time for a minute of video."""
PRIORITIES = (3, 5, 5, 5, 5, 5, 5, 8)
BURSTS, BURST = 10, 5_000
START = 1_800_000_000.0
WINDOW = 600.0


def a_job(client: str, at: float, minutes: float, priority: int) -> Job:
    now = START + at
    return Job(
        id=new_job_id(now),
        client=client,
        title="",
        options=Options(seconds=minutes * 60),
        source=None,
        priority=priority,
        created=now,
        queued=now,
        sweep=now,
    )


@dataclass
class Fair:
    """The queue as both backends keep it: per client its jobs by urgency, all clients by the tag
    of their first one; only those that can be first are shown to the schedule."""

    clock: float = 0.0
    behind: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, list[tuple[float, str, Job]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    fresh: list[tuple[float, str, str]] = field(default_factory=list)
    ahead: list[tuple[float, str]] = field(default_factory=list)

    def add(self, job: Job) -> None:
        heapq.heappush(self.waiting[job.client], (schedule.urgency(job), job.id, job))
        self._place(job.client)

    def _place(self, client: str) -> None:
        if not self.waiting[client]:
            return
        behind = self.behind.get(client, 0.0)
        if behind > self.clock:
            heapq.heappush(self.ahead, (behind, client))
        else:
            urgency, number, _ = self.waiting[client][0]
            heapq.heappush(self.fresh, (urgency, number, client))

    def _true(self) -> Iterator[str]:
        """The first clients of both heaps, as far as those still say what is so."""
        while self.ahead and self.ahead[0][0] <= self.clock:
            self._place(heapq.heappop(self.ahead)[1])
        while self.fresh:
            urgency, number, client = self.fresh[0]
            jobs = self.waiting[client]
            if (
                jobs
                and jobs[0][:2] == (urgency, number)
                and self.behind.get(client, 0) <= self.clock
            ):
                yield client
                break
            heapq.heappop(self.fresh)
        while self.ahead:
            behind, client = self.ahead[0]
            if self.waiting[client] and self.behind.get(client, 0.0) == behind:
                yield client
                break
            heapq.heappop(self.ahead)

    def claim(self) -> Job | None:
        tagged = [
            pair
            for client in self._true()
            for pair in schedule.tags(
                self.clock, self.behind.get(client, 0.0), [self.waiting[client][0][2]]
            )
        ]
        job = schedule.first(tagged)
        if job is None:
            return None
        tag = next(tag for other, tag in tagged if other is job)
        heapq.heappop(self.waiting[job.client])
        self.clock = max(self.clock, tag)
        self.behind[job.client] = tag + schedule.length(job)
        self._place(job.client)
        return job


@dataclass
class Day:
    """What came of it."""

    waits: dict[tuple[int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    got: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    fairness: list[float] = field(default_factory=list)


def simulate(arrivals: Iterable[Job], workers: int, until: float) -> Day:
    """Serve these jobs, in order of arrival, all of them; shares are measured up to `until`."""
    world, queue, day = simpy.Environment(), Fair(), Day()
    free = workers

    def source() -> Iterator[simpy.Event]:
        for job in arrivals:
            if job.queued - START > world.now:
                yield world.timeout(job.queued - START - world.now)
            queue.add(job)
            begin()

    def begin() -> None:
        nonlocal free
        while free and (job := queue.claim()) is not None:
            free -= 1
            day.waits[kind(job)].append(START + world.now - job.queued)
            day.got[job.client] += schedule.length(job)
            world.process(work(job))

    def work(job: Job) -> Iterator[simpy.Event]:
        nonlocal free
        yield world.timeout(job.cost * SECONDS_PER_MINUTE)
        free += 1
        begin()

    def watch() -> Iterator[simpy.Event]:
        """Who has jobs waiting all through a window got the same virtual time in it."""
        while world.now < until:
            behind = {client for client, jobs in queue.waiting.items() if jobs}
            day.got.clear()
            yield world.timeout(WINDOW)
            behind &= {client for client, jobs in queue.waiting.items() if jobs}
            if len(behind) > 1:
                day.fairness.append(jain(day.got[client] for client in behind))

    world.process(source())
    world.process(watch())
    world.run()
    return day


def kind(job: Job) -> tuple[int, str]:
    """A class: jobs of one priority of clients who order as much."""
    return job.priority, job.client.split("-")[0]


def bursts(dice: random.Random) -> list[Job]:
    """An hour's arrivals."""
    minutes = [0.5, 1.0, 2.0, 3.0, 5.0]
    rate = WORKERS / (statistics.mean(minutes) * SECONDS_PER_MINUTE) * LOAD
    names = [f"usual-{n}" for n in range(CLIENTS)]
    names += [f"heavy-{n}" for n in range(CLIENTS // 100)] * 10
    at, moments = 0.0, []
    while at < HOUR:
        at += dice.expovariate(rate)
        moments.append(at)
    for _ in range(BURSTS):
        begin = dice.uniform(0, HOUR)
        moments += [begin + dice.uniform(0, 60) for _ in range(BURST)]
    return [
        a_job(dice.choice(names), at, dice.choice(minutes), dice.choice(PRIORITIES))
        for at in sorted(moments)
    ]


def jain(shares: Iterable[float]) -> float:
    shares = list(shares)
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


def told(name: str, day: Day) -> bool:
    held = True
    for (priority, who), waits in sorted(day.waits.items()):
        mean, most = statistics.mean(waits), max(waits)
        held &= most <= 4 * mean
        print(
            f"| {name}, {who} clients, priority {priority} | {len(waits)} jobs | mean wait "
            f"{mean:.0f} s, longest {most:.0f} s | {most / mean if mean else 0:.2f} |"
        )
    if day.fairness:
        mean, least = statistics.mean(day.fairness), min(day.fairness)
        held &= mean >= 0.95
        windows = len(day.fairness)
        print(f"| {name}, between clients | {windows} windows | least {least:.3f} | {mean:.3f} |")
    return held


def replayed(file: Path) -> list[Job]:
    jobs = [json.loads(line) for line in file.read_text().splitlines()[:500]]
    return [a_job(one["client"], one["at"], one["cost"], one["priority"]) for one in jobs]


def main() -> None:
    arguments = sys.argv[1:]
    if "--replay" in arguments:
        file = Path(arguments.pop(arguments.index("--replay") + 1))
        arguments.remove("--replay")
        told("replayed", simulate(replayed(file), 4, HOUR))
    began = time.monotonic()
    day = simulate(bursts(random.Random(int((arguments or ["7"])[0]))), WORKERS, HOUR)
    held = told("10,000 workers", day)
    print(f"\n{sum(map(len, day.waits.values()))} jobs in {time.monotonic() - began:.0f} s")
    sys.exit(not held)


if __name__ == "__main__":
    main()
