"""A real service with its own folders, to be mistreated: `inkreel serve` as a user starts it."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any

import httpx2
import psutil

ENDED = ("done", "failed", "cancelled", "expired")
SMALL = {"size": "1280x720", "captions": "off"}
READY_SECONDS = 60


def document(number: int, sections: int = 1) -> bytes:
    """A short Markdown text that no other number has."""
    lamps = (
        f"## Lamp {section}\n\nThe lamp {section} of house {number} turns once in "
        f"{number % 50 + section + 5} seconds. Ships see it {number % 20 + 9} miles away.\n"
        for section in range(sections)
    )
    return "\n".join([f"# Lighthouse number {number}\n", *lamps]).encode()


EVERYWHERE: dict[str, str] = {}
"""Settings of all services."""


class Service:
    """A supervisor process with its children, on a port of its own."""

    def __init__(self, root: Path, *flags: str, **env: str) -> None:
        self.root = root
        self.data, self.cache = root / "data", root / "cache"
        self._flags = flags
        self._env = env
        self.lines: list[str] = []
        self.url = ""
        self.process: psutil.Popen | None = None

    def start(self, port: int = 0) -> None:
        """Start and wait until it says where it is."""
        settings = {"INKREEL_DATA": str(self.data), "INKREEL_CACHE": str(self.cache)}
        command = [sys.executable, "-m", "inkreel", "serve", "--port", str(port), *self._flags]
        self.process = psutil.Popen(
            command,
            stderr=subprocess.PIPE,
            text=True,
            env={**os.environ, **EVERYWHERE, **settings, **self._env},
            start_new_session=True,
        )
        there = threading.Event()
        threading.Thread(target=self._listen, args=(there,), daemon=True).start()
        if not there.wait(READY_SECONDS):
            self.kill()
            raise RuntimeError("the service did not start:\n" + "\n".join(self.lines[-20:]))

    def _listen(self, there: threading.Event) -> None:
        with self.process.stderr as told:
            for line in told:
                self.lines.append(line.rstrip())
                found = re.search(r"http://[\d.]+:\d+", line)
                if found and not self.url:
                    self.url = found[0]
                    there.set()

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def children(self, marker: str = "") -> list[psutil.Process]:
        """Living processes below the supervisor whose command line has the marker."""
        found = []
        for process in self.process.children(recursive=True):
            try:
                if marker in " ".join(process.cmdline()) and process.status() != "zombie":
                    found.append(process)
            except psutil.Error:
                continue  # it ended while it was looked at
        return found

    def worker(self) -> psutil.Process:
        """The process that runs the jobs."""
        return self.children("inkreel.entrypoints.worker")[0]

    def api(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        return self.children("inkreel.entrypoints.http")

    def steps(self) -> list[psutil.Process]:
        """The processes that draw, speak and encode."""
        return self.children("inkreel.backends.child")

    def memory(self) -> int:
        """Bytes that the whole family holds alone."""
        total = 0
        for process in (self.process, *self.process.children(recursive=True)):
            try:
                total += process.memory_full_info().uss
            except psutil.Error:
                continue
        return total

    def stop(self) -> float:
        """SIGTERM; seconds until all were gone."""
        family = [self.process, *self.process.children(recursive=True)]
        began = time.monotonic()
        self.process.send_signal(signal.SIGTERM)
        psutil.wait_procs(family, timeout=40)
        return time.monotonic() - began

    def kill(self) -> None:
        """SIGKILL to the whole family."""
        if self.process is None or not self.process.is_running():
            return
        family = [self.process, *self.process.children(recursive=True)]
        for process in family:
            try:
                process.kill()
            except psutil.Error:
                continue
        psutil.wait_procs(family, timeout=10)

    def client(self, **options: Any) -> httpx2.AsyncClient:
        """A client for it."""
        limits = httpx2.Limits(max_connections=options.pop("connections", 100))
        return httpx2.AsyncClient(
            base_url=self.url, limits=limits, timeout=60, trust_env=False, **options
        )


@contextmanager
def folder() -> Iterator[Path]:
    """An empty folder, gone afterwards."""
    root = Path(tempfile.mkdtemp(prefix="inkreel-chaos-"))
    try:
        yield root
    finally:
        shutil.rmtree(root, ignore_errors=True)


@asynccontextmanager
async def service(
    *flags: str, root: Path | None = None, **env: str
) -> AsyncIterator[tuple[Service, httpx2.AsyncClient]]:
    """A running service and a client; both gone afterwards."""
    with folder() as own:
        running = Service(root or own, *flags, **env)
        await asyncio.to_thread(running.start)
        try:
            async with running.client() as client:
                yield running, client
        finally:
            await asyncio.to_thread(running.kill)


async def submit(
    client: httpx2.AsyncClient, data: bytes, name: str = "house.md", **fields: Any
) -> httpx2.Response:
    """POST a document."""
    return await client.post(
        "/v1/videos",
        files={"document": (name, data)},
        data={**SMALL, **{key: str(value) for key, value in fields.items()}},
    )


async def ended(client: httpx2.AsyncClient, job: str, seconds: float = 300) -> dict[str, Any]:
    """Wait for the end of a job."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            answer = await client.get(f"/v1/videos/{job}")
        except httpx2.TransportError:
            await asyncio.sleep(0.2)
            continue
        if answer.status_code == 200 and answer.json()["status"] in ENDED:
            return answer.json()
        await asyncio.sleep(0.1)
    raise TimeoutError(f"{job} did not end within {seconds} s")
