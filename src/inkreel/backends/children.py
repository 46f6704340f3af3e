"""Workers on this machine: child processes over pipes, kept warm, one step at a time each.

`multiprocessing` is not used on purpose: it imports the caller's main module again, so that a
plain script with `inkreel.make(...)` in it would start itself over and over. See
`docs/decisions/`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import sys
from pathlib import Path
from typing import Any

import msgspec

from inkreel.backends.child import LENGTH, Answer, Ask, beyond_limits
from inkreel.backends.files import FileStore
from inkreel.errors import InkreelError, WorkerFailed, by_code
from inkreel.model import Artifact
from inkreel.ports import Rank
from inkreel.recipes import Recipe

STEP_SECONDS = 600.0
SANDBOX_SECONDS = 29.0
"""From the first byte to the answer, whatever the document is; a child that ended without a word
is given one more try within it."""
IDLE_SECONDS = 20.0
STDERR_KEPT = 4_000
TRIES = 2
CALM = {
    # One thread a worker: there is one worker a core.
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
    "VIPS_CONCURRENCY": "1",
    # Pictures of every size come and go here by the thousand. Left alone, glibc raises its bound
    # for mmap to 32 MB and keeps what is freed in holes: 1.25 times the memory over 60 scenes,
    # and rising; with fixed bounds 1.08 times, for the same CPU (`bench/hour.py`).
    "MALLOC_MMAP_THRESHOLD_": "1048576",
    "MALLOC_TRIM_THRESHOLD_": "4194304",
    "MALLOC_ARENA_MAX": "2",
}


SECRETS = (
    *("AWS_", "INKREEL_CDN", "INKREEL_IMAGES", "INKREEL_MODELS", "INKREEL_REDIS"),
    *("INKREEL_SECRET", "INKREEL_VOICES"),
)
"""Variables that may hold one begin so. No step needs them, and some read strangers' bytes."""


def _environment() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(SECRETS)}


class ChildLost(Exception):
    """The process ended in the middle of a step."""


class Child:
    """One worker process."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process
        self._said = b""
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, store: Path, *flags: str) -> Child:
        """Start a worker on this store."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "inkreel.backends.child",
            str(store),
            *flags,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**_environment(), **CALM},
            start_new_session=True,  # Ctrl-C in a terminal is for the parent to handle
        )
        return cls(process)

    async def ask(self, ask: Ask) -> Answer:
        """Have one step done. Raises `ChildLost`."""
        process = self._process
        assert process.stdin is not None  # noqa: S101  given at start
        assert process.stdout is not None  # noqa: S101
        data = msgspec.msgpack.encode(ask)
        try:
            process.stdin.write(LENGTH.pack(len(data)) + data)
            await process.stdin.drain()
            (length,) = LENGTH.unpack(await process.stdout.readexactly(LENGTH.size))
            return msgspec.msgpack.decode(await process.stdout.readexactly(length), type=Answer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildLost from error

    async def last_words(self) -> str:
        """The end of what it wrote to stderr, and how it ended."""
        await self._ended()
        code = self._process.returncode
        return f"exit status {code}. {self._said.decode(errors='replace').strip()[-600:]}".strip()

    async def outran(self) -> bool:
        """Whether its processor time was over."""
        await self._ended()
        return sys.platform != "win32" and self._process.returncode == -signal.SIGXCPU

    async def _ended(self) -> None:
        await asyncio.wait([self._listener], timeout=2)

    async def stop(self) -> None:
        """End it now, and reap it."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()
        await self._process.wait()
        await self._listener
        # Without this the transport would be closed by the garbage collector, with a warning.
        self._process._transport.close()  # type: ignore[attr-defined]

    async def _listen(self) -> None:
        assert self._process.stderr is not None  # noqa: S101
        while chunk := await self._process.stderr.read(4_096):
            self._said = (self._said + chunk)[-STDERR_KEPT:]
        await self._process.wait()


class ChildWorkers:
    """`Workers` in child processes. How many run at once is for the caller to say; a child is
    started when it is needed, and ends when `least` others are idle too and it had nothing to do
    for `patience` seconds. With the first step `prepared` ones are started, which meanwhile load
    what steps stand on. `yielding` ones leave the cores to whoever answers requests."""

    def __init__(
        self,
        store: Path,
        least: int = 1,
        patience: float = IDLE_SECONDS,
        *,
        prepared: int = 0,
        yielding: bool = False,
    ) -> None:
        self._store = store
        self._prepared = prepared
        self._flags = ("--yielding",) if yielding else ()
        self._least = least
        self._patience = patience
        self._idle: dict[Child, asyncio.TimerHandle] = {}
        self._all: set[Child] = set()
        self._starting: set[asyncio.Task[None]] = set()
        self._ending: set[asyncio.Task[None]] = set()

    async def run(self, recipe: Recipe[Any], rank: Rank = ()) -> Artifact:  # noqa: ARG002  the caller says when
        self._prepare()
        limit = SANDBOX_SECONDS if recipe.step.sandboxed else STEP_SECONDS
        deadline = asyncio.get_running_loop().time() + limit
        for _ in range(TRIES):
            try:
                return _unwrap(await self._try(recipe, deadline))
            except ChildLost as lost:
                words = str(lost)
        raise _died(recipe, f"it ended {TRIES} times: {words}")

    async def close(self) -> None:
        await asyncio.gather(*self._starting)
        await asyncio.gather(*(self._end(child) for child in list(self._all)), *self._ending)

    async def _try(self, recipe: Recipe[Any], deadline: float) -> Answer:
        """Have a child do the step. Raises `ChildLost` when another one may have better luck."""
        sandboxed = recipe.step.sandboxed
        child = await (self._start("--sandbox") if sandboxed else self._next())
        kept = False
        try:
            async with asyncio.timeout_at(deadline):
                answer = await child.ask(Ask(recipe.step.role, recipe.body))
            kept = not sandboxed
        except ChildLost:
            if await child.outran():
                raise _died(recipe, "it took too much processor time") from None
            raise ChildLost(await child.last_words()) from None
        except TimeoutError:
            raise _died(recipe, "it took too long") from None
        else:
            return answer
        finally:
            if kept:
                self._rest(child)
            else:
                await asyncio.shield(self._end(child))

    def _prepare(self) -> None:
        """Start the first children at once."""
        while self._prepared:
            self._prepared -= 1
            task = asyncio.create_task(self._stand_by())
            self._starting.add(task)
            task.add_done_callback(self._starting.discard)

    async def _stand_by(self) -> None:
        with contextlib.suppress(OSError):  # told when a step needs one
            self._rest(await self._start())

    async def _next(self) -> Child:
        while not self._idle and self._starting:
            await asyncio.wait(self._starting, return_when=asyncio.FIRST_COMPLETED)
        if not self._idle:
            return await self._start()
        child, timer = self._idle.popitem()  # the last used: the others may grow old
        timer.cancel()
        return child

    async def _start(self, *flags: str) -> Child:
        child = await Child.start(self._store, *self._flags, *flags)
        self._all.add(child)
        return child

    def _rest(self, child: Child) -> None:
        loop = asyncio.get_running_loop()
        self._idle[child] = loop.call_later(self._patience, self._retire, child)

    def _retire(self, child: Child) -> None:
        if len(self._idle) <= self._least:
            self._rest(child)
            return
        del self._idle[child]
        task = asyncio.create_task(self._end(child))
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    async def _end(self, child: Child) -> None:
        self._all.discard(child)
        timer = self._idle.pop(child, None)
        if timer is not None:
            timer.cancel()
        await child.stop()
        await asyncio.to_thread(FileStore(self._store).sweep)  # what it left unfinished


def _died(recipe: Recipe[Any], why: str) -> InkreelError:
    step = recipe.step
    if step.sandboxed:
        return beyond_limits(step, why)
    return WorkerFailed(
        f"The process that made the {step.role} failed ({why}).",
        hint="Check the free memory (about 300 MB are needed per core), then run it again: "
        "finished scenes are found.",
    )


def _unwrap(answer: Answer) -> Artifact:
    if answer.failure is not None:
        failure = answer.failure
        raise by_code()[failure.code](failure.message, hint=failure.hint)
    assert answer.artifact is not None  # noqa: S101  one of the two
    return answer.artifact
