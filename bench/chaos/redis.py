"""Redis killed, stalled, failed over: the queue's promises with real servers."""

from __future__ import annotations

import asyncio
import itertools
import os
import subprocess
import sys
import time
from collections import Counter
from contextlib import suppress
from dataclasses import replace

import httpx2

from bench.chaos import crashes, load  # they enter their promises
from bench.chaos.promises import PROMISES, Experiment, Measured, promise
from bench.chaos.service import EVERYWHERE, document, ended, service, submit
from inkreel.backends.redis import Link, RedisJobs, parse
from inkreel.entrypoints.http.examples import STORYBOARD
from inkreel.errors import Unavailable
from inkreel.job import Query
from tests import redis_servers
from tests.backends.queues import ROOM, a_job

FAILOVERS = 5
ALSO = {
    *(load.identical, load.overload, load.cancelled),
    *(crashes.api_killed, crashes.terminated),
}
"""What is promised of a service on one machine, and holds over Redis alike."""


def _over_redis(experiment: Experiment) -> Experiment:
    async def run() -> Measured:
        with redis_servers.running("redis") as redis:
            EVERYWHERE["INKREEL_REDIS_URL"] = redis.url
            try:
                return await experiment()
            finally:
                del EVERYWHERE["INKREEL_REDIS_URL"]

    return run


PROMISES[:] = [
    replace(one, experiment=_over_redis(one.experiment))
    for one in PROMISES
    if one.experiment in ALSO
]


@promise("3", "Redis is down for 30 s under load, orders are spooled", "all taken, 0 lost")
async def down() -> Measured:
    with redis_servers.running("redis") as redis:
        server = redis.master()
        env = {"INKREEL_REDIS_URL": redis.url, "INKREEL_REDIS_SPOOL": "1000"}
        async with service("--workers", "0", **env) as (_, client):
            accepted, statuses, slowest = await _load(client, server, 30)
            kept = 0
            for job in accepted:
                kept += (await _patient(client, f"/v1/videos/{job}")).status_code == 200
            figure = (
                f"{kept}/{len(accepted)} kept, answers {dict(statuses)}, slowest {slowest:.1f} s"
            )
            return Measured(figure, kept == len(accepted) and set(statuses) == {202})


async def _load(
    client: httpx2.AsyncClient, server: redis_servers.Server, seconds: float
) -> tuple[list[str], Counter[int], float]:
    accepted: list[str] = []
    statuses: Counter[int] = Counter()
    slowest = 0.0
    began = time.monotonic()
    killed = back = False
    number = 0
    while time.monotonic() - began < seconds + 10:
        since = time.monotonic() - began
        if not killed and since > 4:
            server.kill()
            killed = True
        if not back and since > 4 + seconds:
            await asyncio.to_thread(server.start)
            back = True
        number += 1
        asked = time.monotonic()
        answer = await client.post(
            "/v1/videos", json={"text": document(number).decode(), "format": "md"}
        )
        slowest = max(slowest, time.monotonic() - asked)
        statuses[answer.status_code] += 1
        if answer.status_code == 202:
            accepted.append(answer.json()["id"])
        await asyncio.sleep(0.2)
    if not back:
        await asyncio.to_thread(server.start)
    return accepted, statuses, slowest


async def _patient(client: httpx2.AsyncClient, path: str) -> httpx2.Response:
    for _ in range(50):
        answer = await client.get(path)
        if answer.status_code == 200:
            return answer
        await asyncio.sleep(0.2)
    return answer


async def _failovers(kind: str) -> Measured:
    """Orders without a pause while the master is killed, again and again."""
    with redis_servers.running(kind) as redis:
        link = Link(parse(redis.url), "inkreel")
        queue = RedisJobs(link)
        accepted: list[str] = []
        at = [time.monotonic()]
        over = asyncio.Event()

        async def order() -> None:
            while not over.is_set():
                with suppress(Unavailable):
                    accepted.append((await queue.add(a_job(time.time()), ROOM)).id)
                    at.append(time.monotonic())
                await asyncio.sleep(0.01)

        ordering = asyncio.create_task(order())
        for _ in range(FAILOVERS):
            await asyncio.sleep(3)
            dead = await asyncio.to_thread(redis.master)
            dead.kill()
            before = len(accepted)
            async with asyncio.timeout(60):
                while len(accepted) < before + 20:  # noqa: ASYNC110  the servers are others
                    await asyncio.sleep(0.05)
            await asyncio.to_thread(dead.start)
            await asyncio.sleep(4)  # it is a replica now, and has caught up
        over.set()
        await ordering
        there = {job.id for job in await queue.jobs(Query(limit=10**6))}
        await queue.close()
        lost = len(set(accepted) - there)
        gap = max(later - sooner for sooner, later in itertools.pairwise(at))
        figure = f"{FAILOVERS} failovers, {lost} of {len(accepted)} lost, longest gap {gap:.1f} s"
        return Measured(figure, not lost and gap <= 10)


@promise("4s", "the master behind Sentinel is killed 5 times", "0 accepted lost, gap ≤ 10 s")
async def sentinel() -> Measured:
    return await _failovers("sentinel")


@promise("4c", "the master in a Cluster is killed 5 times", "0 accepted lost, gap ≤ 10 s")
async def cluster() -> Measured:
    return await _failovers("cluster")


@promise("5", "Redis stalls for 20 s", "no request > 2 s, then all is well")
async def stalled() -> Measured:
    with redis_servers.running("redis") as redis:
        server = redis.master()
        async with service("--workers", "0", INKREEL_REDIS_URL=redis.url) as (_, client):
            statuses: Counter[int] = Counter()
            slowest = 0.0

            async def ask(path: str) -> None:
                nonlocal slowest
                until = time.monotonic() + 22
                while time.monotonic() < until:
                    began = time.monotonic()
                    statuses[(await client.get(path)).status_code] += 1
                    slowest = max(slowest, time.monotonic() - began)
                    await asyncio.sleep(0.05)

            asking = [
                asyncio.create_task(ask(path))
                for path in ("/readyz", "/v1/videos", "/livez", "/metrics", "/v1/admin") * 4
            ]
            await asyncio.sleep(1)
            server.stop()
            await asyncio.sleep(20)
            server.go_on()
            await asyncio.gather(*asking)
            after = (await _patient(client, "/readyz")).status_code
            figure = f"slowest {slowest:.2f} s, answers {dict(statuses)}, afterwards {after}"
            return Measured(figure, slowest <= 2 and set(statuses) <= {200, 503} and after == 200)


@promise("1", "two workers are killed 20 times, their steps on BullMQ", "0 lost, all done")
async def workers_killed() -> Measured:
    with redis_servers.running("redis") as redis:
        env = {"INKREEL_REDIS_URL": redis.url, "INKREEL_REDIS_STEPS": "1"}
        async with service("--workers", "0", **env) as (running, client):
            folders = {"INKREEL_DATA": str(running.data), "INKREEL_CACHE": str(running.cache)}
            more = {"INKREEL_WORKERS": "1", "INKREEL_LEASE_SECONDS": "3"}

            def worker() -> subprocess.Popen[bytes]:
                command = [sys.executable, "-m", "inkreel.entrypoints.worker"]
                settings = {**os.environ, **env, **folders, **more}
                return subprocess.Popen(command, env=settings, stderr=subprocess.DEVNULL)

            workers = [worker(), worker()]
            try:
                jobs = [(await submit(client, document(n, 2))).json()["id"] for n in range(12)]
                for _ in range(20):
                    await asyncio.sleep(2)
                    workers[0].kill()
                    workers[0].wait()
                    workers = [workers[1], worker()]
                statuses = Counter([(await ended(client, job))["status"] for job in jobs])
            finally:
                for one in workers:
                    one.kill()
                    one.wait()
            figure = f"20 kills, {dict(statuses)} of {len(jobs)}"
            return Measured(figure, statuses == {"done": len(jobs)})


@promise("rate", "small JSON orders on one API process, 40 at once", "≥ 300 a second")
async def orders() -> Measured:
    body = {"storyboard": STORYBOARD}
    with redis_servers.running("redis") as redis:
        env = {"INKREEL_REDIS_URL": redis.url, "INKREEL_UPLOADS": "32"}
        async with service("--workers", "0", **env) as (_, client):
            statuses: Counter[int] = Counter()

            async def order(times: int) -> None:
                for _ in range(times):
                    statuses[(await client.post("/v1/videos", json=body)).status_code] += 1

            await order(5)
            began = time.monotonic()
            await asyncio.gather(*(order(20) for _ in range(40)))
            rate = 800 / (time.monotonic() - began)
            return Measured(f"{rate:.0f} a second, {dict(statuses)}", rate >= 300)
