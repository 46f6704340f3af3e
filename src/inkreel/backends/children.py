"""Workers on this machine: child processes over socket pairs, kept warm, one step at a time each.

`multiprocessing` is not used on purpose: it imports the caller's main module again, so that a
plain script with `inkreel.make(...)` in it would start itself over and over. See
`docs/decisions/`.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
import subprocess
from pathlib import Path
from typing import Any

import msgspec

from inkreel.backends.child import LENGTH, Answer, Ask, beyond_limits
from inkreel.backends.files import FileStore
from inkreel.backends.hatching import hatch, hatched_early
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


class ChildLost(Exception):
    """The process ended in the middle of a step."""


class Child:
    """One worker process, and the streams to and from it."""

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        answers: asyncio.StreamReader,
        asks: asyncio.StreamWriter,
        errors: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        self._process = process
        self._answers = answers
        self._asks = asks
        self._errors = errors
        self._said = b""
        self._listener = asyncio.create_task(self._listen())

    @classmethod
    async def start(cls, *flags: str) -> Child:
        """Start a worker, or take the one that was started early."""
        hatched = (None if flags else hatched_early()) or hatch(*flags)
        streams = await asyncio.open_connection(sock=hatched.line)
        errors = await asyncio.open_connection(sock=hatched.errors)
        return cls(hatched.process, *streams, errors)

    async def ask(self, ask: Ask) -> Answer:
        """Have one step done. Raises `ChildLost`."""
        data = msgspec.msgpack.encode(ask)
        try:
            self._asks.write(LENGTH.pack(len(data)) + data)
            await self._asks.drain()
            (length,) = LENGTH.unpack(await self._answers.readexactly(LENGTH.size))
            return msgspec.msgpack.decode(await self._answers.readexactly(length), type=Answer)
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ChildLost from error

    async def last_words(self) -> str:
        """The end of what it wrote to stderr, and how it ended."""
        code = await self._ended()
        return f"exit status {code}. {self._said.decode(errors='replace').strip()[-600:]}".strip()

    async def outran(self) -> bool:
        """Whether its processor time was over."""
        return await self._ended() == -signal.SIGXCPU

    async def _ended(self) -> int | None:
        await asyncio.wait([self._listener], timeout=2)
        return self._process.poll()

    async def stop(self) -> None:
        """End it now, and reap it."""
        self._process.kill()
        await self._listener
        for writer in (self._asks, self._errors[1]):
            writer.close()
            with contextlib.suppress(ConnectionError):
                await writer.wait_closed()

    async def _listen(self) -> None:
        with contextlib.suppress(ConnectionError):
            while chunk := await self._errors[0].read(4_096):
                self._said = (self._said + chunk)[-STDERR_KEPT:]
        await asyncio.to_thread(self._process.wait)


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
                answer = await child.ask(Ask(str(self._store), recipe.step.role, recipe.body))
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
        starting = asyncio.ensure_future(Child.start(*self._flags, *flags))
        starting.add_done_callback(self._started)
        try:
            return await asyncio.shield(starting)
        except asyncio.CancelledError:  # nobody wants it, but it is there
            await asyncio.wait([starting])
            if starting.exception() is None:
                await self._end(starting.result())
            raise

    def _started(self, starting: asyncio.Future[Child]) -> None:
        if not starting.cancelled() and starting.exception() is None:
            self._all.add(starting.result())

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
