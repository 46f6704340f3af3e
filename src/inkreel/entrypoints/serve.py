"""`inkreel serve`: the supervisor. It holds the socket and keeps the processes that do the work.

    supervisor ─┬─ API process 1 … N   answer requests on the one socket
                └─ worker              runs jobs, in child processes of its own

It does no work itself, so that there is nothing in it to fail: whoever dies is started again, and
the address stays. If it is killed, its processes end too (`keeping`).
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import sys
import time
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from pathlib import Path

from inkreel.backends.scratch import Scratch
from inkreel.entrypoints.keeping import KEPT, WORKER, Child
from inkreel.entrypoints.keys import check_may_listen, is_loopback
from inkreel.entrypoints.running import when_told_to_stop
from inkreel.errors import SettingError, WorkerFailed
from inkreel.settings import Settings

Say = Callable[[str], None]

BACKLOG = 2_048
START_TRIES = 3
"""An API process that fails so often before the service was ever ready will not start at all."""
READY_POLL = 0.1
SLOW_START = 30.0
"""Seconds after which a service that is not ready yet says so."""
LEEWAY = 3.0
"""Beyond what was granted for finishing requests, before what is left is killed."""
RUNTIME = "run"
"""Folder below `data` for what lives as long as a supervisor: the metrics of its processes."""
METRICS_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"


def check_installed() -> None:
    """Raises `SettingError` when the packages of the service are not there."""
    needed = (
        "fastapi",
        "httptools",
        "httpx2",
        "prometheus_client",
        "starlette_compress",
        "uvicorn",
    )
    missing = [name for name in needed if find_spec(name) is None]
    if missing:
        raise SettingError(
            f"The service is not installed: {', '.join(missing)} cannot be imported.",
            hint="Install it with its extra, in a checkout: pip install '.[service]'",
        )


def parse_workers(text: str) -> tuple[int, int | None]:
    """`N` or `MIN:MAX` → most workers, and least if given. Raises `SettingError`."""
    least, colon, most = text.rpartition(":")
    if not most.isdecimal() or (colon and not least.isdecimal()):
        raise SettingError(
            f"{text!r} is not a number of workers.", hint="Write --workers 4 or --workers 1:8."
        )
    if colon and int(least) > int(most):
        raise SettingError(
            f"Of {text!r} the first number is the larger one.", hint="Write MIN:MAX, like 1:8."
        )
    return int(most), int(least) if colon else None


def listen(host: str, port: int) -> socket.socket:
    """The socket of the service; port 0 takes a free one. Raises `SettingError`."""
    try:
        family, _, _, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        return socket.create_server(address[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        why = error.strerror or str(error)
        raise SettingError(
            f"The service cannot listen on {host} port {port}: {why}.",
            hint="Choose another port (--port 0 takes a free one), or end the program that has it.",
            field="port",
        ) from error


def address_of(listener: socket.socket) -> str:
    """Where the service can be reached from this machine, as a URL."""
    host, port = listener.getsockname()[:2]
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  told, not bound
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


async def serve(settings: Settings, say: Say) -> None:
    """Run the service until SIGTERM, SIGINT or SIGHUP; a second one ends it at once.

    Raises:
        SettingError: it may not listen, or cannot, or a setting is wrong.
        WorkerFailed: its processes do not start.
    """
    check_installed()
    if settings.webhook_networks:
        from inkreel.providers.http import networks_from

        networks_from(settings.webhook_networks)  # refused here, not by each process
    await check_may_listen(settings)
    with listen(settings.host, settings.port) as listener:
        runtime = Scratch(settings.data / RUNTIME)
        try:
            await Supervisor(settings, listener, _fresh(runtime, settings), say).run()
        finally:
            runtime.close()


def _fresh(runtime: Scratch, settings: Settings) -> Path:
    """Its folder, without what dead supervisors left. Raises `SettingError`."""
    try:
        runtime.sweep()
        folder = runtime.folder
    except OSError as error:
        raise SettingError(
            f"The data folder {settings.data} cannot be used: {error.strerror}.",
            hint="Set INKREEL_DATA to a folder that may be written to.",
            field="data",
        ) from error
    return folder


class Supervisor:
    """The processes of one service."""

    def __init__(self, settings: Settings, listener: socket.socket, folder: Path, say: Say) -> None:
        self._settings = settings
        self._listener = listener
        self._folder = folder
        self._say = say
        self._url = address_of(listener)
        self._ready = False
        self._failed = False
        self._signals = 0
        self._stop = asyncio.Event()
        self._children = [self._api(number) for number in range(1, settings.processes + 1)]
        if settings.workers > 0:
            environment = self._environment(INKREEL_WORKERS=str(settings.workers))
            self._children.append(Child("worker", WORKER, environment, (), self._ended("worker")))

    async def run(self) -> None:
        """Start all, tell when they are ready, and end all."""
        when_told_to_stop(self._signalled)
        tasks = [asyncio.create_task(child.keep()) for child in self._children]
        waiting = asyncio.create_task(self._tell_when_ready())
        try:
            await self._stop.wait()
        finally:
            waiting.cancel()
            await self._end(tasks)
        if self._failed:
            raise WorkerFailed(
                f"The service does not start: its process ended {START_TRIES} times.",
                hint="The messages above say why; `inkreel doctor` looks for what is missing.",
            )

    def _api(self, number: int) -> Child:
        name = f"API process {number}"
        descriptor = self._listener.fileno()
        command = (sys.executable, "-m", "inkreel.entrypoints.http", "--fd", str(descriptor), KEPT)
        environment = self._environment(INKREEL_WORKERS="0")  # the worker is ours to keep
        return Child(name, command, environment, (descriptor,), self._ended(name))

    def _environment(self, **more: str) -> Mapping[str, str]:
        """What a child must know of the flags that we were given."""
        settings = self._settings
        return {
            **os.environ,
            "INKREEL_HOST": settings.host,
            "INKREEL_PORT": str(self._listener.getsockname()[1]),
            "INKREEL_PROCESSES": str(settings.processes),
            "INKREEL_WORKERS_MIN": str(settings.workers_min),
            "INKREEL_DATA": str(settings.data.absolute()),
            "INKREEL_CACHE": str(settings.cache.absolute()),
            METRICS_VARIABLE: str(self._folder),
            **more,
        }

    def _ended(self, name: str) -> Callable[[int, int], None]:
        def ended(process: int, status: int) -> None:
            self._say(f"The {name} ended with status {status}; it is started again.")
            _forget(self._folder, process)
            if not self._ready and any(child.starts >= START_TRIES for child in self._children):
                self._failed = True
                self._stop.set()

        return ended

    def _signalled(self) -> None:
        self._signals += 1
        if self._signals == 1:
            self._stop.set()
        else:
            for child in self._children:
                child.kill()

    async def _tell_when_ready(self) -> None:
        began = time.monotonic()
        told = False
        while not await _is_ready(self._url):
            if not told and time.monotonic() - began > SLOW_START:
                self._say("Still starting …")
                told = True
            await asyncio.sleep(READY_POLL)
        self._ready = True
        settings = self._settings
        self._say(
            f"Inkreel is at {self._url}  ({_count(settings.processes, 'API process')}, "
            f"{_count(settings.workers, 'worker')}; data in {settings.data})"
        )
        if not is_loopback(settings.host):
            self._say("Requests need an API key. TLS is the business of a proxy in front of it.")

    async def _end(self, tasks: list[asyncio.Task[None]]) -> None:
        """SIGTERM to all, and SIGKILL to those that are still there when their time is over."""
        if self._ready:
            self._say("Ending: requests are finished, jobs are handed back …")
        self._listener.close()  # theirs are still open
        for child in self._children:
            child.stop()
        seconds = self._settings.drain_seconds + self._settings.grace_seconds + LEEWAY
        _, left = await asyncio.wait(tasks, timeout=seconds)
        for child in self._children if left else ():
            child.kill()
        await asyncio.gather(*tasks)


def _count(number: int, what: str) -> str:
    plural = "es" if what.endswith("s") else "s"
    return f"{number} {what}{'' if number == 1 else plural}"


def _forget(folder: Path, process: int) -> None:
    """Drop the metrics that only a living process can say; what it has counted stays."""
    for file in folder.glob(f"gauge_live*_{process}.db"):
        file.unlink(missing_ok=True)


async def _is_ready(url: str) -> bool:
    """Whether `/readyz` answers 200."""
    host, _, port = url.removeprefix("http://").rpartition(":")
    with contextlib.suppress(OSError, TimeoutError, asyncio.IncompleteReadError):
        async with asyncio.timeout(2):
            reader, writer = await asyncio.open_connection(host.strip("[]"), int(port))
            try:
                head = f"GET /readyz HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n"
                writer.write(head.encode())
                return (await reader.readexactly(12)).endswith(b" 200")
            finally:
                writer.close()
    return False
