"""Two servers on one data folder behind a load balancer: any answers anything, one may leave."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx2
import psutil

from bench.chaos.promises import Measured, promise
from bench.chaos.service import Service, document, ended, folder, submit

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "haproxy.cfg"
CLIENTS = 12


def program() -> str | None:
    """Where haproxy is, if it is here."""
    return shutil.which("haproxy", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@contextmanager
def balancer(root: Path, first: Service, second: Service) -> Iterator[str]:
    """HAProxy with the configuration that we recommend, on free ports; its URL."""
    port = free_port()
    text = CONFIGURATION.read_text("utf-8")
    for known, ours in ((8000, port), (8001, first.port), (8002, second.port)):
        text = text.replace(f"127.0.0.1:{known}", f"127.0.0.1:{ours}")
    path = root / "haproxy.cfg"
    path.write_text(text, "utf-8")
    with (root / "haproxy.log").open("wb") as log:
        process = subprocess.Popen([program() or "", "-db", "-f", path], stdout=log, stderr=log)
    try:
        yield f"http://127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


@asynccontextmanager
async def pair(root: Path, *flags: str, **env: str) -> AsyncIterator[tuple[Service, Service, str]]:
    """Two services on one data folder, and the URL of the balancer before them."""
    env = {"INKREEL_AUTH": "off", "INKREEL_DRAIN_SECONDS": "2", **env}
    services = [Service(root, *flags, **env) for _ in range(2)]
    try:
        await asyncio.gather(*(asyncio.to_thread(one.start) for one in services))
        with balancer(root, *services) as url:
            async with httpx2.AsyncClient(base_url=url, trust_env=False) as client:
                async with asyncio.timeout(20):
                    while not await _answers(client):  # noqa: ASYNC110  another process's state
                        await asyncio.sleep(0.05)
            yield services[0], services[1], url
    finally:
        for one in services:
            one.kill()


async def _answers(client: httpx2.AsyncClient) -> bool:
    with contextlib.suppress(httpx2.TransportError):
        return (await client.get("/livez")).status_code == 200
    return False


class Load:
    """Clients that ask through the balancer for as long as they are let."""

    def __init__(self, url: str, video: str) -> None:
        self.url = url
        self.video = video
        self.answered = 0
        self.cut: list[str] = []
        self.stop = asyncio.Event()

    async def run(self) -> None:
        """All clients, until `stop`."""
        await asyncio.gather(*(self._client(number) for number in range(CLIENTS)))

    async def _client(self, number: int) -> None:
        async with httpx2.AsyncClient(base_url=self.url, trust_env=False, timeout=30) as client:
            turn = number
            while not self.stop.is_set():
                turn += 1
                try:
                    answer = await self._ask(client, turn)
                except httpx2.TransportError as error:
                    self.cut.append(f"{type(error).__name__}: {error}")
                    continue
                if answer.is_success or answer.status_code == 409:  # no longer waiting
                    self.answered += 1
                else:
                    self.cut.append(f"{answer.status_code} {answer.text[:200]}")
                await asyncio.sleep(0.01)

    async def _ask(self, client: httpx2.AsyncClient, turn: int) -> httpx2.Response:
        if turn % 40 == 0:
            key = {"Idempotency-Key": f"turn-{id(client)}-{turn}"}
            order = {"text": f"Turn {turn} of a client.", "format": "txt", "size": "1280x720"}
            return await client.post("/v1/videos", json=order, headers=key)
        if turn % 5 == 0:
            return await client.patch(f"/v1/videos/{self.video}", json={"priority": turn % 10})
        if turn % 5 == 1:
            return await client.get("/v1/videos?limit=5")
        return await client.get(f"/v1/videos/{self.video}")


async def listen(url: str, video: str, seen: list[tuple[int, str]]) -> None:
    """Follow the events of a video to their end, taking the stream up again whenever it ends."""
    last: dict[str, str] = {}
    async with httpx2.AsyncClient(base_url=url, trust_env=False, timeout=30) as client:
        while not seen or seen[-1][1] != "end":
            async with client.stream("GET", f"/v1/videos/{video}/events", headers=last) as stream:
                if stream.status_code != 200:
                    await asyncio.sleep(0.1)
                    continue
                with contextlib.suppress(httpx2.TransportError):
                    async for number, name in _events(stream):
                        seen.append((number, name))
                        last = {"Last-Event-ID": str(number)} if number else last


async def _events(stream: httpx2.Response) -> AsyncIterator[tuple[int, str]]:
    found: dict[str, str] = {}
    async for line in stream.aiter_lines():
        name, colon, value = line.partition(": ")
        if name and colon:
            found[name] = value
        elif not line and "event" in found:
            yield int(found.get("id", 0)), found["event"]
            found = {}


async def drain_under_load(
    first: Service, url: str, video: str, steady: float = 1.0
) -> tuple[Load, float]:
    """End a server while clients ask, from `steady` seconds before until so long after it is gone;
    what they saw, and the seconds until it was gone."""
    load = Load(url, video)
    task = asyncio.create_task(load.run())
    await asyncio.sleep(steady)
    family = [first.process, *first.process.children(recursive=True)]
    began = time.monotonic()
    first.process.send_signal(signal.SIGTERM)
    await asyncio.to_thread(psutil.wait_procs, family, 40)
    seconds = time.monotonic() - began
    await asyncio.sleep(steady)
    load.stop.set()
    await task
    return load, seconds


@promise("HAProxy", "two servers, one is ended under load", "0 cut, no event lost or twice")
async def haproxy() -> Measured:
    """Upload on A, events from B, then drain A while clients ask and listen."""
    if program() is None:
        return Measured("haproxy is not here (Debian: apt-get install haproxy)", None)
    with folder() as root:
        async with pair(root, "--workers", "1") as (first, second, url):
            async with first.client() as a, second.client() as b:
                sent = (await submit(a, document(1))).json()
                seen: list[tuple[int, str]] = []
                await listen(second.url, sent["id"], seen)
                over = (await ended(b, sent["id"]))["status"]
                long = await _long(b)
            followed: list[tuple[int, str]] = []
            listening = asyncio.create_task(listen(url, long, followed))
            load, seconds = await drain_under_load(first, url, long)
            async with second.client() as b:
                await b.post(f"/v1/videos/{long}/cancel")
                await asyncio.wait_for(listening, 20)
    numbers = [number for number, name in followed if name not in ("snapshot", "end")]
    once = len(numbers) == len(set(numbers)) and numbers == sorted(numbers)
    held = over == "done" and seen[-1][1] == "end" and not load.cut and once and seconds <= 30
    cut = f": {json.dumps(load.cut[:3])}" if load.cut else ""
    return Measured(
        f"{load.answered} answered, {len(load.cut)} cut{cut}; A gone after {seconds:.1f} s; "
        f"events of A's upload from B: {len(seen)} ({over}), over the drain: {len(followed)}",
        held,
    )


async def _long(client: httpx2.AsyncClient) -> str:
    """A video that runs, on either server, and is not done soon."""
    answer = (await submit(client, document(2, sections=40))).json()
    while answer["status"] == "queued":
        await asyncio.sleep(0.1)
        answer = (await client.get(f"/v1/videos/{answer['id']}")).json()
    return str(answer["id"])
