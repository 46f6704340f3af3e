"""Processes that we keep: started again when they end, and gone when we are.

A kept process has our pipe as its stdin. However we end, the kernel closes the pipe, and whoever
is kept notices and ends too (`end_with_parent`): kill -9 leaves no orphan.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from inkreel.settings import Settings

log = logging.getLogger(__name__)

KEPT = "--kept"
"""The flag of a process that ends with its parent."""
WORKER = (sys.executable, "-m", "inkreel.entrypoints.worker", KEPT)

FIRST_WAIT, LONGEST_WAIT = 0.25, 15.0
"""Seconds before a process that ended is started again; doubled each time."""
STEADY = 30.0
"""A process that lived so long has not failed at its start."""
ORPHAN_SECONDS = 5.0
"""What a process has to end by itself when its parent is gone."""
TAKE_OVER = 1.0
LEAVE_SECONDS = 20.0

Ended = Callable[[int, int], None]
"""Called with the id of a process that ended unasked, and its status."""


class Child:
    """One process that is kept. `name` is for people."""

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        pass_fds: Sequence[int] = (),
        ended: Ended | None = None,
    ) -> None:
        self.name = name
        self.starts = 0
        self._command = command
        self._environment = dict(environment)  # uvloop takes nothing else
        self._pass_fds = pass_fds
        self._ended = ended
        self._process: asyncio.subprocess.Process | None = None
        self._stopping = asyncio.Event()

    async def keep(self) -> None:
        """Start it, and again whenever it ends, until `stop`; then return when it has ended."""
        wait = FIRST_WAIT
        while not self._stopping.is_set():
            began = time.monotonic()
            status = await self._run()
            if self._stopping.is_set():
                return
            wait = FIRST_WAIT if time.monotonic() - began > STEADY else wait
            if self._ended is not None:
                self._ended(self.pid, status)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._stopping.wait(), wait)
            wait = min(2 * wait, LONGEST_WAIT)

    @property
    def stopping(self) -> bool:
        """Whether it was asked to end."""
        return self._stopping.is_set()

    @property
    def pid(self) -> int:
        """Of the process that runs or ran last; 0 before the first."""
        return self._process.pid if self._process else 0

    def stop(self) -> None:
        """Ask it to end (SIGTERM), and do not start it again."""
        self._stopping.set()
        self._signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it and all that it started, at once."""
        self._stopping.set()
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)

    async def _run(self) -> int:
        # A session of its own: Ctrl-C reaches us alone, and we say when it ends.
        try:
            self._process = process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=asyncio.subprocess.PIPE,
                env=self._environment,
                pass_fds=self._pass_fds,
                start_new_session=True,
            )
        except OSError as error:  # too many processes or files, no memory
            return error.errno or 1
        self.starts += 1
        if self._stopping.is_set():
            self._signal(signal.SIGTERM)
        try:
            return await process.wait()
        finally:
            if process.stdin is not None:
                process.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(number)


def end_with_parent(stop: Callable[[], object]) -> None:
    """In a kept process: call `stop`, from another thread, when the parent is gone; and end the
    process if that does not. Does nothing in a process that a user started."""
    if KEPT not in sys.argv:
        return

    def watch() -> None:
        with contextlib.suppress(OSError):
            while os.read(0, 1_024):
                pass
        stop()
        time.sleep(ORPHAN_SECONDS)
        os._exit(1)

    threading.Thread(target=watch, name="parent", daemon=True).start()


@contextmanager
def when_told_to_end(call: Callable[[], object]) -> Iterator[None]:
    """Have the event loop call this at SIGTERM or SIGINT, before whoever handles the signal is
    told. A server waits for open streams before it tells its application to end; this lets the
    application end them. Does nothing where nobody handles the signals."""
    before: dict[int, Callable[[int, FrameType | None], Any]] = {}
    loop = asyncio.get_running_loop()

    def told(number: int, frame: FrameType | None) -> None:
        loop.call_soon_threadsafe(call)
        before[number](number, frame)

    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            handler = signal.getsignal(number)
            if callable(handler) and handler is not signal.default_int_handler:
                before[number] = handler
                signal.signal(number, told)
    try:
        yield
    finally:
        for one, handler in before.items():
            signal.signal(one, handler)


@asynccontextmanager
async def worker_kept(settings: Settings) -> AsyncIterator[None]:
    """Keep a worker meanwhile, unless there are to be none.

    Of several processes over one data folder one does so: the holder of a lock that the kernel
    releases when it ends; then the next takes over.
    """
    if settings.workers == 0:
        yield
        return
    child = Child("worker", WORKER, os.environ)
    task = asyncio.create_task(_keep_alone(child, settings.data / "worker.lock"))
    task.add_done_callback(_told)
    try:
        yield
    finally:
        child.stop()
        done, _ = await asyncio.wait([task], timeout=LEAVE_SECONDS)
        if not done:
            child.kill()
            task.cancel()
        await asyncio.gather(task, return_exceptions=True)


def _told(keeping: asyncio.Task[None]) -> None:
    if not keeping.cancelled() and (error := keeping.exception()) is not None:
        log.critical("no worker is kept any more, nothing is made", exc_info=error)


async def _keep_alone(child: Child, path: Path) -> None:
    import fcntl

    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as lock:
        while not child.stopping:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:  # another process keeps one
                await asyncio.sleep(TAKE_OVER)
            else:
                await child.keep()
