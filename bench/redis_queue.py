"""What the queue in Redis costs: `python -m bench.redis_queue [redis|sentinel|cluster]`.

Starts servers of its own. Prints: submit → claimed by a free worker; orders and claims a second;
with 10,000 jobs waiting the time of listing, claiming and cancelling, what reading costs Redis and
who asks it (whether replicas would help), and the memory of a job; a finished job's memory; a step
through BullMQ against a local child.
"""

from __future__ import annotations

import asyncio
import re
import statistics
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

from inkreel.backends.bullmq import StepQueue, StepWorker
from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.backends.redis import Link, RedisJobs, parse
from inkreel.job import ProgressTold, Query, SceneState
from inkreel.jobs import lifecycle
from inkreel.model import Progress
from inkreel.ports import Workers
from tests.backends.queues import KEEPING, ROOM, a_job, done
from tests.backends.test_children import speak
from tests.redis_servers import running

WAITING = 10_000
LEASE = 60.0


def shown(name: str, seconds: list[float]) -> None:
    ordered = sorted(seconds)
    p50, p99 = statistics.median(ordered), ordered[int(len(ordered) * 0.99)]
    print(f"| {name} | {p50 * 1000:.1f} ms | {p99 * 1000:.1f} ms | {max(ordered) * 1000:.1f} ms |")


async def timed(times: int, call: Callable[[], Awaitable[object]]) -> list[float]:
    taken = []
    for _ in range(times):
        began = time.perf_counter()
        await call()
        taken.append(time.perf_counter() - began)
    return taken


async def memory(link: Link) -> int:
    told = str(await link.ask("INFO", "memory"))
    return int(told.replace("'", "").split("used_memory")[1].split(",")[0].strip(": "))


async def spent(link: Link, name: str, times: int, call: Callable[[], Awaitable[object]]) -> None:
    """What a question costs the one who answers and the one who asks."""
    there, here = await _used(link), time.process_time()
    for _ in range(times):
        await call()
    here = time.process_time() - here
    there = await _used(link) - there
    each = 1e6 / times
    print(f"| {name}, CPU | Redis {there * each:.0f} µs | who asks {here * each:.0f} µs | |")


async def _used(link: Link) -> float:
    told = str(await link.ask("INFO", "cpu"))
    return sum(map(float, re.findall(r"used_cpu_(?:sys|user)\W+([\d.]+)", told)))


async def started(url: str) -> list[float]:
    """Submit → a worker that waits has claimed it; each with a link of its own."""
    here, there = Link(parse(url), "start"), Link(parse(url), "start")
    submitting, worker = RedisJobs(here), RedisJobs(there)
    claims: asyncio.Queue[float] = asyncio.Queue()

    async def work() -> None:
        revision = -1
        while True:
            revision = await worker.changed(revision, 0.5)
            if await worker.claim(lifecycle.claimed("w", time.time(), LEASE), 10_000):
                await claims.put(time.perf_counter())

    working = asyncio.create_task(work())
    taken = []
    for _ in range(200):
        await asyncio.sleep(0.03)
        began = time.perf_counter()
        await submitting.add(a_job(time.time()), ROOM)
        taken.append(await claims.get() - began)
    working.cancel()
    await asyncio.wait([working])
    await submitting.close()
    await worker.close()
    return taken


async def crowded(url: str) -> None:
    """10,000 jobs of 100 clients wait."""
    link = Link(parse(url), "crowd", patience=30)
    queue = RedisJobs(link)
    await queue.check()
    empty = await memory(link)
    began = time.perf_counter()
    jobs = [a_job(time.time(), f"client-{n % 100}", words=600) for n in range(WAITING)]
    for at in range(0, WAITING, 50):
        await asyncio.gather(*(queue.add(job, ROOM) for job in jobs[at : at + 50]))
    seconds = time.perf_counter() - began
    print(f"| orders, 50 at once | {WAITING / seconds:.0f} a second | | |")
    print(f"| a waiting job | {(await memory(link) - empty) / WAITING:.0f} bytes | | |")
    shown("page of 50 of a client", await timed(100, lambda: queue.jobs(Query("client-7"))))
    shown(
        "page of 200 of a client",
        await timed(100, lambda: queue.jobs(Query("client-7", limit=200))),
    )
    await spent(link, "status", 1_000, lambda: queue.get(jobs[77].id))
    await spent(link, "page of 50 of a client", 300, lambda: queue.jobs(Query("client-7")))
    shown("load", await timed(100, lambda: queue.load(time.time())))
    shown("due", await timed(100, lambda: queue.due(time.time(), 1_000)))
    left = iter(jobs)
    cancel = lifecycle.cancelled(time.time(), KEEPING)
    shown("cancel", await timed(200, lambda: queue.change(next(left).id, cancel)))
    claim = lifecycle.claimed("w", time.time(), LEASE)
    shown("claim", await timed(500, lambda: queue.claim(claim, 100)))
    began = time.perf_counter()
    await asyncio.gather(*(_claims(queue, 50) for _ in range(20)))
    print(
        f"| claims, 20 workers at once | {1_000 / (time.perf_counter() - began):.0f} a second | | |"
    )
    held = await queue.jobs(Query(statuses=("running",), limit=1))
    before = await memory(link)
    scenes = tuple(SceneState(f"Scene {n}", clip="made", id=f"s{n}") for n in range(10))
    for n in range(100):
        told = ProgressTold(Progress("clip", "made", scene=n % 10, scenes=10), n / 100)
        await queue.change(held[0].id, lambda job: job, (told,), scenes)
    await queue.change(held[0].id, done(held[0], time.time()))
    print(f"| a finished job of 10 scenes, 100 events | {await memory(link) - before} more | | |")
    await queue.close()


async def _claims(queue: RedisJobs, times: int) -> None:
    for _ in range(times):
        await queue.claim(lifecycle.claimed("w", time.time(), LEASE), 10_000)


async def steps(url: str) -> None:
    """The same short step in a local child, and through BullMQ in a child of a worker."""
    with tempfile.TemporaryDirectory() as folder:
        store = Path(folder)
        local = ChildWorkers(store)
        await local.run(speak("Warm."))
        shown("step, local child", await _steps(local, "local"))
        link = Link(parse(url), "steps")
        stop = asyncio.Event()
        working = asyncio.create_task(StepWorker(link, local, 1).run(stop))
        queue = StepQueue(link, FileStore(store), ChildWorkers(store), 1)
        await queue.run(speak("Warm as well."))
        shown("step, through BullMQ", await _steps(queue, "remote"))
        began = time.perf_counter()
        await asyncio.gather(*(queue.run(speak(f"Many {n}."), (1, n)) for n in range(200)))
        rate = 200 / (time.perf_counter() - began)
        print(f"| steps through BullMQ, one worker | {rate:.0f} a second | | |")
        stop.set()
        await working
        await queue.close()
        await local.close()
        await link.close()


async def _steps(workers: Workers, name: str) -> list[float]:
    numbers = iter(range(10_000))
    return await timed(200, lambda: workers.run(speak(f"Number {next(numbers)} {name}."), (1, 0)))


async def main(url: str) -> None:
    print("| what | p50 | p99 | most |\n|---|---|---|---|")
    shown("submit → claimed", await started(url))
    await crowded(url)
    await steps(url)


if __name__ == "__main__":
    with running((sys.argv[1:] or ["redis"])[0]) as deployment:
        asyncio.run(main(deployment.url))
