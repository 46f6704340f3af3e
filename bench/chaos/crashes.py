"""Killed processes, damaged bytes, a full disk."""

from __future__ import annotations

import asyncio
import os
import random
import subprocess
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx2
import psutil

from bench.chaos.promises import Measured, promise
from bench.chaos.service import Service, document, ended, folder, service, submit
from inkreel.backends.files import FileStore
from inkreel.errors import ArtifactLost


@promise("1", "the worker is killed at 20 random points while it makes videos", "0 lost, all done")
async def worker_killed() -> Measured:
    dice = random.Random(1)
    async with service("--workers", "4", INKREEL_LEASE_SECONDS="3") as (running, client):
        answers = [await submit(client, document(number, 3)) for number in range(24)]
        jobs = [answer.json()["id"] for answer in answers]
        killed = 0
        while killed < 20:
            await asyncio.sleep(dice.uniform(0.3, 1.5))
            try:
                (await asyncio.to_thread(running.worker)).kill()
            except (IndexError, psutil.Error):
                continue  # not back yet
            killed += 1
        videos = [await ended(client, job) for job in jobs]
        statuses = Counter(video["status"] for video in videos)
        left = [
            path for path in running.data.rglob("tmp/*/*") if path.name not in ("lock", "claims")
        ]
        figure = f"{killed} kills, {dict(statuses)} of {len(jobs)}, {len(left)} temp files"
        return Measured(figure, statuses == {"done": len(jobs)} and not left)


@promise("2", "the API is killed right after its answer 202", "100/100 jobs kept")
async def api_killed() -> Measured:
    kept: list[str] = []
    async with service("--workers", "0") as (running, client):
        for number in range(10):
            batch = [document(number * 10 + each) for each in range(10)]
            done = asyncio.as_completed([submit(client, data) for data in batch])
            for count, answer in enumerate(done, start=1):
                response = await answer
                if response.status_code == 202:
                    kept.append(response.json()["id"])
                if count == 10:
                    for process in running.api():
                        process.kill()
            await _answering(client)
        there = await _all(client)
        return Measured(
            f"{len(set(kept) & there)}/{len(kept)} kept, {len(there)} in all",
            len(kept) == 100 and set(kept) <= there,
        )


EXAMPLE = Path("examples/gioi-thieu.vi.md").read_bytes()


@promise("11", "100 entries of the store are corrupted", "100/100 detected, 0 served")
async def corrupted() -> Measured:
    dice = random.Random(11)
    async with service("--workers", "4") as (running, client):
        first = await ended(client, (await submit(client, EXAMPLE, "a.md")).json()["id"])
        blobs = sorted(running.cache.glob("blobs/??/*"))
        spoiled = dice.sample(blobs, min(100, len(blobs)))
        originals = {path: path.read_bytes() for path in spoiled}
        for path, data in originals.items():
            at = dice.randrange(len(data))
            path.write_bytes(data[:at] + bytes([data[at] ^ 0xFF]) + data[at + 1 :])
        again = await ended(client, (await submit(client, EXAMPLE, "a.md")).json()["id"])
        store = FileStore(running.cache)
        served = detected = 0
        for path, data in originals.items():
            try:
                store.read(path.name.removesuffix(".zst"))  # type: ignore[arg-type]
                healed = path.exists() and path.read_bytes() == data
                detected += healed
                served += not healed
            except ArtifactLost:
                detected += 1
        same = _version(first) == _version(again)
        figure = f"{detected}/{len(spoiled)} detected, {served} served, same video: {same}"
        return Measured(figure, detected == len(spoiled) and same)


def _version(video: dict[str, object]) -> str | None:
    return next((file["version"] for file in video["files"] if file["variant"] == "video"), None)


@promise("13", "the disk is full", "507 or 503, nothing torn, recovers alone")
async def disk_full() -> Measured:
    if os.geteuid():
        return Measured("needs root to mount a small disk", None)
    with folder() as root, _small_disk(root, 120):
        reserve = {"INKREEL_DISK_RESERVE_BYTES": "1000000"}
        async with service("--workers", "2", root=root, **reserve) as (_, client):
            before = await ended(client, (await submit(client, document(1))).json()["id"])
            filler = root / "filler"
            running = (await submit(client, document(2, 6))).json()["id"]
            _fill(filler)
            refused = await submit(client, document(3))
            await asyncio.sleep(3)
            filler.unlink()
            survived = await ended(client, running)
            after = await ended(client, (await submit(client, document(3))).json()["id"])
            whole = await client.get(after["links"]["content"] + "?variant=video")
            statuses = before["status"], survived["status"], after["status"]
            held = refused.status_code in (503, 507) and set(statuses) == {"done"}
            figure = f"refused with {refused.status_code}; before, during, after: {statuses}"
            return Measured(figure, held and whole.status_code == 200)


@promise("21", "SIGTERM with jobs running and streams open", "≤ 30 s, jobs go on afterwards")
async def terminated() -> Measured:
    with folder() as root:
        running = Service(root, "--workers", "4")
        await asyncio.to_thread(running.start)
        async with running.client() as client:
            job = (await submit(client, document(1, 8))).json()["id"]
            async with client.stream("GET", f"/v1/videos/{job}/events") as stream:
                lines = stream.aiter_lines()
                await anext(lines)
                family = running.children()
                seconds = await asyncio.to_thread(running.stop)
        left = sum(process.is_running() for process in family)
        running = Service(root, "--workers", "4")
        await asyncio.to_thread(running.start)
        try:
            async with running.client() as client:
                video = await ended(client, job)
        finally:
            await asyncio.to_thread(running.kill)
        figure = f"{seconds:.1f} s, {left} processes left, then {video['status']}"
        return Measured(figure, seconds <= 30 and not left and video["status"] == "done")


async def _answering(client: httpx2.AsyncClient) -> None:
    for _ in range(300):
        try:
            if (await client.get("/readyz")).status_code == 200:
                return
        except httpx2.TransportError:
            pass  # not back yet
        await asyncio.sleep(0.1)
    raise TimeoutError("the API did not come back")


async def _all(client: httpx2.AsyncClient) -> set[str]:
    found: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/v1/videos", params={"limit": 100, **cursor})).json()
        found |= {video["id"] for video in page["data"]}
        if not page["next_cursor"]:
            return found
        cursor = {"cursor": page["next_cursor"]}


@contextmanager
def _small_disk(root: Path, megabytes: int) -> Iterator[None]:
    subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m", "tmpfs", str(root)], check=True
    )
    try:
        yield
    finally:
        subprocess.run(["umount", "-l", str(root)], check=True)


def _fill(filler: Path) -> None:
    with filler.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(bytes(65_536))
        except OSError:
            return  # full, as wanted
