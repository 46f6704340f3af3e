"""Many at once: shared work, bounded stores, quick answers, overload, cancelling, fair order."""

from __future__ import annotations

import asyncio
import itertools
import json
import random
import statistics
import time
from collections import Counter
from pathlib import Path

from bench.chaos.promises import Measured, promise
from bench.chaos.service import document, ended, service, submit


@promise("10", "100 identical requests at once", "each sentence spoken once")
async def identical() -> Measured:
    async with service("--workers", "4") as (_, client):
        answers = await asyncio.gather(*(submit(client, document(7, 3)) for _ in range(100)))
        accepted = [answer.json()["id"] for answer in answers if answer.status_code == 202]
        videos = [await ended(client, job) for job in accepted]
        scenes = len(videos[0]["scenes"])
        spoken = sum(video["outcome"]["made"]["narrations"] for video in videos)
        clips = sum(video["outcome"]["made"]["clips"] for video in videos)
        figure = (
            f"{len(accepted)} videos of {scenes} scenes: {spoken} narrations, {clips} clips made"
        )
        return Measured(figure, len(accepted) == 100 and spoken == scenes == clips)


@promise("12", "the store outgrows its cap", "≤ 1.05 × the cap after each video")
async def capped() -> Measured:
    cap = 8_000_000
    async with service("--workers", "4", INKREEL_CACHE_MAX_BYTES=str(cap)) as (running, client):
        worst = 0.0
        for number in range(8):
            await ended(client, (await submit(client, document(number, 4))).json()["id"])
            await asyncio.sleep(1.5)
            worst = max(worst, _size(running.cache / "blobs") / cap)
        return Measured(f"at most {worst:.2f} × the cap", worst <= 1.05)


def _size(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


@promise(
    "18",
    "GET status over 200 connections, 400 a second, while it renders",
    "p99 < 100 ms, 0 errors",
)
async def quick_answers() -> Measured:
    async with service("--workers", "4") as (running, client):
        jobs = [(await submit(client, document(number, 60))).json()["id"] for number in range(8)]
        await asyncio.sleep(2)
        seconds, errors = await _open_loop(running.port, f"/v1/videos/{jobs[0]}", 200, 400, 15)
        busy = (await client.get("/v1/videos", params={"status": "running"})).json()["data"]
        p50 = statistics.median(seconds) * 1000
        p99 = statistics.quantiles(seconds, n=100)[98] * 1000
        figure = f"{len(seconds)} answers, p50 {p50:.1f} ms, p99 {p99:.1f} ms, {errors} errors"
        return Measured(f"{figure}, {len(busy)} still rendering", p99 < 100 and not errors)


async def _open_loop(
    port: int, path: str, connections: int, per_second: int, duration: float
) -> tuple[list[float], int]:
    """Requests at fixed times whatever the answers take; seconds from the time due."""
    request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode()
    pairs = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    taken: list[float] = []
    errors = 0
    begin = time.monotonic() + 0.5

    async def one(number: int) -> None:
        nonlocal errors
        reader, writer = pairs[number]
        due = begin + number / per_second
        while due < begin + duration:
            await asyncio.sleep(max(0.0, due - time.monotonic()))
            writer.write(request)
            head = await reader.readuntil(b"\r\n\r\n")
            length = next(
                int(line.split(b":")[1])
                for line in head.lower().split(b"\r\n")
                if line.startswith(b"content-length")
            )
            await reader.readexactly(length)
            errors += not head.startswith(b"HTTP/1.1 200")
            taken.append(time.monotonic() - due)
            due += connections / per_second

    await asyncio.gather(*(one(number) for number in range(connections)))
    for _, writer in pairs:
        writer.close()
    return taken, errors


@promise(
    "19", "ten times more uploads than are taken in", "429/503 in < 100 ms; accepted ones done"
)
async def overload() -> Measured:
    limits = {"INKREEL_UPLOADS": "4", "INKREEL_UPLOADS_WAITING": "16", "INKREEL_MAX_WAITING": "40"}
    async with service("--workers", "4", **limits) as (running, client):
        boundary = "----chaos"
        answers: list[tuple[int, float, bytes]] = []

        async def post(number: int) -> None:
            fields = "".join(
                f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'
                for name, value in (("size", "1280x720"), ("captions", "off"))
            ).encode()
            head = (
                f'--{boundary}\r\nContent-Disposition: form-data; name="document"; '
                'filename="a.md"\r\nContent-Type: text/markdown\r\n\r\n'
            ).encode()
            body = fields + head + document(number) + f"\r\n--{boundary}--\r\n".encode()
            reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
            began = time.monotonic()
            writer.write(
                (
                    f"POST /v1/videos HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
                    f"Content-Type: multipart/form-data; boundary={boundary}\r\n"
                    f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
                ).encode()
                + body
            )
            data = await reader.read()
            answers.append((int(data[9:12]), time.monotonic() - began, data))
            writer.close()

        for wave in range(10):
            await asyncio.gather(*(post(wave * 40 + number) for number in range(40)))
        refused = sorted(seconds for status, seconds, _ in answers if status in (429, 503))
        accepted = [data for status, _, data in answers if status == 202]
        jobs = [json.loads(data.partition(b"\r\n\r\n")[2])["id"] for data in accepted]
        statuses = Counter([(await ended(client, job))["status"] for job in jobs])
        p99 = refused[int(len(refused) * 0.99)] * 1000 if refused else 0.0
        odd = len(answers) - len(refused) - len(accepted)
        figure = (
            f"{len(accepted)} accepted {dict(statuses)}, {len(refused)} refused, p99 {p99:.0f} ms"
        )
        held = bool(refused) and p99 < 100 and not odd and set(statuses) == {"done"}
        return Measured(f"{figure}, {odd} other", held)


@promise("20", "cancelled at 20 stages", "`cancelled` < 1 s; nothing of it left or made after 5 s")
async def cancelled() -> Measured:
    slowest, late, left = 0.0, 0, 0
    async with service("--workers", "4") as (running, client):
        for stage in range(20):
            job = (await submit(client, document(1000 + stage, 8))).json()["id"]
            await asyncio.sleep(stage * 0.2)
            began = time.monotonic()
            answer = await client.post(f"/v1/videos/{job}/cancel")
            if answer.status_code == 409:
                continue  # it was done before
            status = answer.json()["status"]
            while status != "cancelled" and time.monotonic() - began < 5:
                status = (await client.get(f"/v1/videos/{job}")).json()["status"]
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(1.0)
            made = _records(running.cache)
            await asyncio.sleep(1.0)
            late += _records(running.cache) - made
            left += len([path for path in running.data.rglob("tmp/*/*") if path.stat().st_size])
            left += sum(process.cpu_percent(0.2) > 20 for process in running.steps())
        figure = f"slowest {slowest * 1000:.0f} ms, {late} artifacts made later, {left} left behind"
        return Measured(figure, slowest < 1 and not late and not left)


def _records(cache: Path) -> int:
    return sum(1 for _ in cache.glob("index/*/??/*"))


@promise("50", "50 jobs at once", "all done, urgent ones first, memory flat")
async def fifty() -> Measured:
    dice = random.Random(50)
    async with service("--workers", "4") as (running, client):
        await ended(client, (await submit(client, document(999))).json()["id"])
        priorities = [dice.randrange(10) for _ in range(50)]
        answers = await asyncio.gather(
            *(submit(client, document(n, 2), priority=p) for n, p in enumerate(priorities))
        )
        jobs = [answer.json()["id"] for answer in answers]
        memory: list[int] = []

        async def watch() -> None:
            while True:
                memory.append(await asyncio.to_thread(running.memory))
                await asyncio.sleep(1)

        watcher = asyncio.create_task(watch())
        videos = [await ended(client, job) for job in jobs]
        watcher.cancel()
        statuses = Counter(video["status"] for video in videos)
        started = sorted(videos, key=lambda video: video["started_at"])
        # Those that began before all had been submitted took what was there.
        last = max(video["created_at"] for video in videos)
        order = [video["priority"] for video in started if video["started_at"] > last]
        swaps = sum(a < b for a, b in itertools.pairwise(order))
        third = max(1, len(memory) // 3)
        early, end = (
            statistics.median(memory[third : 2 * third]),
            statistics.median(memory[-third:]),
        )
        figure = (
            f"{dict(statuses)}, {swaps} of {len(order)} out of order, memory "
            f"{early / 1e6:.0f} → {end / 1e6:.0f} MB (peak {max(memory) / 1e6:.0f})"
        )
        return Measured(figure, statuses == {"done": 50} and not swaps and end < early * 1.15)
