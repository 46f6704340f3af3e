"""Thousands of workers and an hour of bursts, in simulated time: `python -m bench.fleet [SEED]`.

SimPy moves the clock; who is next is asked of `schedule.tags` and `schedule.first`, the functions
that both queues ask. First 500 jobs of a real queue are replayed (`--replay FILE`, JSON lines of
`{"client", "at", "cost", "priority"}`), if there is a file. Then 10,000 workers serve an hour of
bursts: Poisson arrivals of 2,000 clients at 1.15 times what the fleet does, with ten bursts of
5,000 jobs by single clients on top. A class is the jobs of one priority.

Accepted: in each class the longest wait is at most 4 times the mean, and Jain's index of what the
clients that wait got, over what a fair queue gives them, is at least 0.95.
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

    waits: dict[int, list[float]] = field(default_factory=lambda: defaultdict(list))
    by_client: dict[str, list[float]] = field(default_factory=lambda: defaultdict(list))
    got: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    wanted: dict[str, float] = field(default_factory=lambda: defaultdict(float))


def simulate(arrivals: Iterable[Job], workers: int, until: float) -> Day:
    """Serve these jobs, in order of arrival; what was begun by `until` counts as got."""
    world, queue, day = simpy.Environment(), Fair(), Day()
    free = simpy.Container(world, init=workers, capacity=workers)
    ready = simpy.Store(world)

    def source() -> Iterator[simpy.Event]:
        for job in arrivals:
            yield world.timeout(max(0.0, job.queued - START - world.now))
            queue.add(job)
            day.wanted[job.client] += job.cost
            yield ready.put(None)

    def fleet() -> Iterator[simpy.Event]:
        while True:
            yield ready.get()
            yield free.get(1)
            job = queue.claim()
            assert job is not None
            waited = START + world.now
            day.waits[job.priority].append(waited - job.queued)
            day.by_client[job.client].append(waited - job.queued)
            if world.now <= until:
                day.got[job.client] += job.cost
            world.process(work(job))

    def work(job: Job) -> Iterator[simpy.Event]:
        yield world.timeout(job.cost * SECONDS_PER_MINUTE)
        yield free.put(1)

    world.process(source())
    world.process(fleet())
    world.run()
    return day


def bursts(dice: random.Random) -> list[Job]:
    """An hour's arrivals."""
    minutes = [0.5, 1.0, 2.0, 3.0, 5.0]
    rate = WORKERS / (statistics.mean(minutes) * SECONDS_PER_MINUTE) * LOAD
    jobs, at = [], 0.0
    while at < HOUR:
        at += dice.expovariate(rate)
        client = f"client-{dice.randrange(CLIENTS)}"
        jobs.append(a_job(client, at, dice.choice(minutes), dice.choice(PRIORITIES)))
    for number in range(BURSTS):
        at = dice.uniform(0, HOUR)
        jobs += [a_job(f"burst-{number}", at, dice.choice(minutes), 5) for _ in range(BURST)]
    return sorted(jobs, key=lambda job: job.queued)


def jain(shares: Iterable[float]) -> float:
    shares = list(shares)
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def fair_shares(wanted: dict[str, float], total: float) -> dict[str, float]:
    """Max-min: nobody gets more than he wanted, and what is left is shared evenly."""
    shares, left = {}, total
    ordered = sorted(wanted.items(), key=lambda pair: pair[1])
    for place, (client, minutes) in enumerate(ordered):
        shares[client] = min(minutes, left / (len(ordered) - place))
        left -= shares[client]
    return shares


def told(name: str, day: Day) -> bool:
    held = True
    steady = {c: w for c, w in day.by_client.items() if not c.startswith("burst")}
    for priority, waits in sorted(day.waits.items()):
        mean = statistics.mean(waits)
        print(
            f"| {name}, priority {priority} | {len(waits)} jobs | mean {mean:.1f} s, longest "
            f"{max(waits):.1f} s | {max(waits) / mean if mean else 0:.2f} |"
        )
    fair = fair_shares(day.wanted, sum(day.got.values()))
    index = jain(day.got[client] / fair[client] for client in fair if fair[client])
    held &= index >= 0.95
    means = [statistics.mean(waits) for waits in steady.values()]
    print(
        f"| {name}, between clients | Jain {index:.3f} | steady clients' mean waits "
        f"{min(means):.1f} to {max(means):.1f} s | |"
    )
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
