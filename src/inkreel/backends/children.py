"""Workers on this machine: child processes over pipes, kept warm, one step at a time each.

`multiprocessing` is not used on purpose: it imports the caller's main module again, so that a
plain script with `inkreel.make(...)` in it would start itself over and over. See
`docs/decisions/`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
from pathlib import Path
from typing import Any

import msgspec

from inkreel.backends.child import LENGTH, Answer, Ask
from inkreel.errors import WorkerFailed, by_code
from inkreel.model import Artifact
from inkreel.recipes import Recipe

STEP_SECONDS = 600.0
SANDBOX_SECONDS = 90.0
STDERR_KEPT = 4_000


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
        # One thread a worker: there is one worker a core.
        calm = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "VIPS_CONCURRENCY": "1"}
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "inkreel.backends.child",
            str(store),
            *flags,
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, **calm},
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
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._listener, 2)
        code = self._process.returncode
        return f"exit status {code}. {self._said.decode(errors='replace').strip()[-600:]}".strip()

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
    """`Workers` in child processes. How many run at once is for the caller's semaphore to say;
    children are started when they are first needed and kept until `close`."""

    def __init__(self, store: Path) -> None:
        self._store = store
        self._idle: list[Child] = []
        self._all: set[Child] = set()

    async def run(self, recipe: Recipe[Any]) -> Artifact:
        sandboxed = recipe.step.sandboxed
        limit = SANDBOX_SECONDS if sandboxed else STEP_SECONDS
        attempts = 1 if sandboxed else 2
        for attempt in range(1, attempts + 1):
            child = await self._child("--sandbox") if sandboxed else await self._next()
            try:
                answer = await asyncio.wait_for(
                    child.ask(Ask(recipe.step.role, recipe.body)), limit
                )
            except ChildLost as error:
                words = await child.last_words()
                await self._end(child)
                if attempt == attempts:
                    raise _died(recipe, words) from error
            except TimeoutError as error:
                await self._end(child)
                raise _died(recipe, f"no answer within {limit:.0f} s") from error
            except asyncio.CancelledError:
                await asyncio.shield(self._end(child))
                raise
            else:
                if sandboxed:
                    await self._end(child)
                else:
                    self._idle.append(child)
                return _unwrap(answer)
        raise AssertionError  # pragma: no cover

    async def close(self) -> None:
        await asyncio.gather(*(self._end(child) for child in list(self._all)))

    async def _next(self) -> Child:
        return self._idle.pop() if self._idle else await self._child()

    async def _child(self, *flags: str) -> Child:
        child = await Child.start(self._store, *flags)
        self._all.add(child)
        return child

    async def _end(self, child: Child) -> None:
        self._all.discard(child)
        if child in self._idle:
            self._idle.remove(child)
        await child.stop()


def _died(recipe: Recipe[Any], words: str) -> WorkerFailed:
    step = recipe.step
    if step.sandboxed:
        return WorkerFailed(
            f"Reading the document ended its process ({words}).",
            hint="The file may be damaged or made to exhaust memory. Nothing else was harmed.",
        )
    return WorkerFailed(
        f"The process that made the {step.role} ended twice ({words}).",
        hint="Check the free memory (about 300 MB are needed per core), then run it again: "
        "finished scenes are found.",
    )


def _unwrap(answer: Answer) -> Artifact:
    if answer.failure is not None:
        failure = answer.failure
        raise by_code()[failure.code](failure.message, hint=failure.hint)
    assert answer.artifact is not None  # noqa: S101  one of the two
    return answer.artifact
