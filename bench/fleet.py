"""Thousands of workers and an hour of bursts, in simulated time.

SimPy moves the clock; who is next is asked of `schedule.tags`, `first` and `started`, the functions
that both queues ask. First it has to prove itself: 500 jobs of 25 clients go through the real
queues, SQLite's and (where it is installed) Redis's, whose clock is moved by hand, and through the
simulation; each must start at the same moment in all of them. Then 10,000 workers serve an hour of
bursts: Poisson arrivals of 2,000 clients, of whom each hundredth orders ten times as much, at 1.15
times what the fleet does, and ten bursts of 5,000 orders within a minute on top. A class is the
jobs of one priority of clients who order as much. The same jobs in the order in which they come,
whoever's they are, tell how much of it is due to the load: no order has a shorter longest wait.

Accepted: in each class the longest wait is at most 4 times the mean. Between clients: in windows of
ten minutes, Jain's index of the virtual time of those that had jobs waiting all the while is 0.95.

Run: `python -m bench.fleet [SEED ...]`.
"""

from __future__ import annotations

import asyncio
import heapq
import random
import statistics
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice, takewhile
from pathlib import Path

import simpy

from inkreel import schedule
from inkreel.job import Job, JobId, new_job_id
from inkreel.jobs import lifecycle
from inkreel.model import Options
from inkreel.ports import JobQueue
from tests import redis_servers
from tests.backends.queues import ROOM, Clock, done, opened

WORKERS = 10_000
PROVING, PROVING_WORKERS, PROVING_CLIENTS = 500, 20, 25
HOUR = 3_600.0
CLIENTS = 2_000
LOAD = 1.15
SECONDS_PER_MINUTE = 120.0
"""A worker's time for a minute of video."""
PRIORITIES = (3, 5, 5, 5, 5, 5, 5, 8)
MINUTES = (0.5, 1.0, 2.0, 3.0, 5.0)
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

    clock: schedule.Clock = field(default_factory=schedule.Clock)
    behind: dict[str, float] = field(default_factory=dict)
    waiting: dict[str, list[tuple[float, str, Job]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    fresh: list[tuple[float, str, str]] = field(default_factory=list)
    ahead: list[tuple[float, float, str, str]] = field(default_factory=list)

    def add(self, job: Job) -> None:
        heapq.heappush(self.waiting[job.client], (schedule.urgency(job), job.id, job))
        self._place(job.client)

    def _place(self, client: str) -> None:
        if not self.waiting[client]:
            return
        behind = self.behind.get(client, 0.0)
        urgency, number, _ = self.waiting[client][0]
        if behind > self.clock.at:
            heapq.heappush(self.ahead, (behind, urgency, number, client))
        else:
            heapq.heappush(self.fresh, (urgency, number, client))

    def _true(self) -> Iterator[str]:
        """The first clients of both heaps, as far as those still say what is so."""
        while self.ahead and self.ahead[0][0] <= self.clock.at:
            self._place(heapq.heappop(self.ahead)[-1])
        while self.fresh:
            urgency, number, client = self.fresh[0]
            if (
                self._leads(client, urgency, number)
                and self.behind.get(client, 0.0) <= self.clock.at
            ):
                yield client
                break
            heapq.heappop(self.fresh)
        while self.ahead:
            behind, urgency, number, client = self.ahead[0]
            if self._leads(client, urgency, number) and self.behind.get(client, 0.0) == behind:
                yield client
                break
            heapq.heappop(self.ahead)

    def _leads(self, client: str, urgency: float, number: str) -> bool:
        """Whether this job is still its client's first."""
        jobs = self.waiting[client]
        return bool(jobs) and jobs[0][:2] == (urgency, number)

    def claim(self, now: float) -> Job | None:
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
        self.clock, self.behind[job.client] = schedule.started(self.clock, job, tag, now)
        self._place(job.client)
        return job


@dataclass
class Day:
    """What came of it."""

    waits: dict[tuple[int, str], list[float]] = field(default_factory=lambda: defaultdict(list))
    got: dict[str, float] = field(default_factory=lambda: defaultdict(float))
    starts: dict[JobId, float] = field(default_factory=dict)
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
        while free and (job := queue.claim(START + world.now)) is not None:
            free -= 1
            day.waits[kind(job)].append(START + world.now - job.queued)
            day.starts[job.id] = world.now
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


def orders(dice: random.Random, workers: int, load: float) -> Iterator[float]:
    """Moments at which orders come, `load` times as many as so many workers do."""
    rate = workers / (statistics.mean(MINUTES) * SECONDS_PER_MINUTE) * load
    at = 0.0
    while True:
        at += dice.expovariate(rate)
        yield at


def arrivals(dice: random.Random, moments: Iterable[float], names: Sequence[str]) -> list[Job]:
    return [
        a_job(dice.choice(names), at, dice.choice(MINUTES), dice.choice(PRIORITIES))
        for at in sorted(moments)
    ]


def bursts(dice: random.Random) -> list[Job]:
    """An hour's arrivals."""
    names = [f"usual-{n}" for n in range(CLIENTS)]
    names += [f"heavy-{n}" for n in range(CLIENTS // 100)] * 10
    moments = list(takewhile(lambda at: at < HOUR, orders(dice, WORKERS, LOAD)))
    for _ in range(BURSTS):
        begin = dice.uniform(0, HOUR)
        moments += [begin + dice.uniform(0, 60) for _ in range(BURST)]
    return arrivals(dice, moments, names)


def in_order(arrivals: Iterable[Job], workers: int) -> list[float]:
    """What each would wait if the first that comes were the first that is served."""
    free, waits = [0.0] * workers, []
    for job in arrivals:
        start = max(job.queued - START, free[0])
        heapq.heapreplace(free, start + job.cost * SECONDS_PER_MINUTE)
        waits.append(START + start - job.queued)
    return waits


def jain(shares: Iterable[float]) -> float:
    shares = list(shares)
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else 1.0


def described(waits: Sequence[float]) -> str:
    mean, most = statistics.mean(waits), max(waits)
    each = f"mean wait {mean:.0f} s, longest {most:.0f} s"
    return f"{len(waits)} jobs | {each} | {most / mean if mean else 0:.2f}"


def told(name: str, day: Day) -> bool:
    held = True
    for (priority, who), waits in sorted(day.waits.items()):
        held &= max(waits) <= 4 * statistics.mean(waits)
        print(f"| {name}, {who} clients, priority {priority} | {described(waits)} |")
    if day.fairness:
        mean, least = statistics.mean(day.fairness), min(day.fairness)
        held &= mean >= 0.95
        windows = len(day.fairness)
        print(f"| {name}, between clients | {windows} windows | least {least:.3f} | {mean:.3f} |")
    return held


# --- The same by the real queues -----------------------------------------------------------------


async def served(queue: JobQueue, clock: Clock, jobs: Sequence[Job], workers: int) -> Day:
    """Have a real queue say who is next; the clock is moved from one event to the next."""
    day, coming, free = Day(), list(reversed(jobs)), workers
    busy: list[tuple[float, JobId]] = []
    while coming or busy:
        arrives = coming[-1].queued if coming else float("inf")
        if busy and busy[0][0] < arrives:
            clock.now, ended = heapq.heappop(busy)
            job = await queue.get(ended)
            assert job is not None
            await queue.change(ended, done(job, clock.now), (), ())
            free += 1
        else:
            clock.now = arrives
            await queue.add(coming.pop(), ROOM)
        while free:
            change = lifecycle.claimed("fleet", clock.now, HOUR)
            claimed = await queue.claim(change, len(jobs))
            if claimed is None:
                break
            free -= 1
            day.starts[claimed.id] = clock.now - START
            heapq.heappush(busy, (clock.now + claimed.cost * SECONDS_PER_MINUTE, claimed.id))
    return day


def proven(dice: random.Random) -> bool:
    """Whether the simulation starts each job when the real queues do."""
    workers = PROVING_WORKERS
    moments = islice(orders(dice, workers, LOAD), PROVING)
    jobs = arrivals(dice, moments, [f"usual-{n}" for n in range(PROVING_CLIENTS)])
    simulated = simulate(jobs, workers, 0.0).starts
    held = True
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        addresses = {"SQLite": f"sqlite:{folder / 'queue.db'}"}
        if redis_servers.installed():
            redis = stack.enter_context(redis_servers.running("redis"))
            addresses["Redis"] = f"{redis.url}#fleet"
        for name, address in addresses.items():
            real = asyncio.run(_asked(address, jobs, workers)).starts
            off = [abs(real[job.id] - simulated[job.id]) for job in jobs]
            waited = sum(real[job.id] + START > job.queued for job in jobs)
            other = sum(each > 1e-3 for each in off)
            held &= not other
            print(
                f"| {len(jobs)} jobs by {name}, {workers} workers | {waited} had to wait | "
                f"{other} began at another time than in the simulation |"
            )
    return held


async def _asked(address: str, jobs: Sequence[Job], workers: int) -> Day:
    clock = Clock(START)
    queue = opened(address, clock)
    try:
        return await served(queue, clock, jobs, workers)
    finally:
        await queue.close()


def main() -> None:
    held = True
    for seed in sys.argv[1:] or ["7"]:
        dice = random.Random(int(seed))
        print(f"\nseed {seed}\n")
        held &= proven(dice)
        began = time.monotonic()
        hour = bursts(dice)
        day = simulate(hour, WORKERS, HOUR)
        held &= told("10,000 workers", day)
        print(f"| the same in order of arrival | {described(in_order(hour, WORKERS))} |")
        jobs = sum(map(len, day.waits.values()))
        print(f"\n{jobs} jobs in {time.monotonic() - began:.0f} s", flush=True)
    sys.exit(not held)


if __name__ == "__main__":
    main()
