"""The child process that makes artifacts: recipes in on stdin, what they made out on stdout.

`python -m inkreel.backends.child` speaks length-prefixed MessagePack (`Ask` → `Answer`). It
reads stdin in a thread, so that it ends at once when its parent is gone, even within a step.
A worker started with `--sandbox` bounds its own memory and CPU before it reads a byte of a
stranger's document.
"""

from __future__ import annotations

import os
import queue
import random
import struct
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from inkreel.backends.files import FileStore
from inkreel.errors import (
    DocumentTooComplex,
    ImageFailed,
    InkreelError,
    MusicUnreadable,
    WorkerFailed,
)
from inkreel.job import Failure
from inkreel.model import Artifact, Degraded, Digest, Struct
from inkreel.recipes import STEPS, USUAL, Recipe, Step

T = TypeVar("T")

LENGTH = struct.Struct("<I")
NICENESS = 10
AUTOGROUP = Path("/proc/self/autogroup")
AUTOGROUP_TRIES = 200
NEXT_SECONDS = 0.05
"""Who has answered is mostly asked again within this: only then it may load something."""
SANDBOX_BYTES = 1 << 30
SANDBOX_CPU_SECONDS = 28
COMPLEX_HINT = "Split the document, or export it in a simpler form."


class Ask(Struct, frozen=True):
    """Parent → child: a role and its request in JSON, and the folder of the store to work on."""

    store: str
    role: str
    body: bytes


class Answer(Struct, frozen=True):
    """Child → parent: what was made, or why not."""

    artifact: Artifact | None = None
    failure: Failure | None = None


class WorkerShelf:
    """`Shelf` for one step: remembers which raw blobs the artifact stands on."""

    def __init__(self, store: FileStore) -> None:
        self._store = store
        self.also: list[Digest] = []

    def load(self, digest: Digest, kind: type[T]) -> T:
        return self._store.load(digest, kind)

    def read(self, digest: Digest) -> bytes:
        data = self._store.read(digest)
        self.also.append(digest)
        return data

    def save(self, data: bytes) -> Digest:
        digest = self._store.put(data)
        self.also.append(digest)
        return digest


def perform(ask: Ask, store: FileStore) -> Answer:
    """Run one step and keep what it made."""
    step = STEPS[ask.role]
    request = msgspec.json.decode(ask.body, type=step.request)
    shelf = WorkerShelf(store)
    try:
        output = step.load()(request, shelf)
        data = output if isinstance(output, bytes) else msgspec.msgpack.encode(output)
        degraded: tuple[Degraded, ...] = getattr(output, "degraded", ())
        recipe = Recipe(step=step, request=request)
        also = tuple(dict.fromkeys(shelf.also))
        return Answer(artifact=store.keep(recipe, data, also, degraded))
    except InkreelError as error:
        return Answer(failure=Failure(error.code, error.message, error.hint))
    except MemoryError:
        refusal = _exhausted(step)
        return Answer(failure=Failure(refusal.code, refusal.message, refusal.hint))
    except Exception as error:  # noqa: BLE001  the boundary of a child process
        traceback.print_exc()
        return Answer(
            failure=Failure(
                WorkerFailed.code,
                f"The {step.role} step broke: {type(error).__name__}: {error}",
                "This is a fault of Inkreel: please report it with the document, if you can.",
            )
        )


def _exhausted(step: Step[Any]) -> InkreelError:
    if step.sandboxed:
        return beyond_limits(step, f"it takes more than {SANDBOX_BYTES >> 20} MB")
    return WorkerFailed(
        f"The {step.role} step needs more than its memory.",
        hint="Give the machine more memory, or split the document.",
    )


def beyond_limits(step: Step[Any], why: str) -> InkreelError:
    """What a stranger's bytes are refused with that take too much to read."""
    message = f"The {step.reads} could not be read within its limits ({why})."
    if step.reads == "image":
        return ImageFailed(message, hint="Use an ordinary JPEG or PNG of a few megabytes.")
    if step.reads == "music":
        return MusicUnreadable(message, hint="Use an ordinary MP3 of a few minutes.")
    return DocumentTooComplex(message, hint=COMPLEX_HINT)


def _limit_self() -> None:
    """Bound memory and CPU of this process, where the system allows it."""
    if sys.platform == "win32":  # pragma: no cover
        return
    import resource

    # The hard limit is a second later, so that the signal (SIGXCPU) tells what it died of.
    resource.setrlimit(resource.RLIMIT_CPU, (SANDBOX_CPU_SECONDS, SANDBOX_CPU_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        resource.setrlimit(resource.RLIMIT_AS, (SANDBOX_BYTES, SANDBOX_BYTES))


_DONE = object()


def _asks(pipe: IO[bytes], meanwhile: Iterator[object]) -> Iterable[Ask]:
    """Requests as they come, and `meanwhile` one step at a time while none does; the process ends
    when the parent closes its side or is gone."""
    waiting: queue.SimpleQueue[Ask] = queue.SimpleQueue()

    def receive() -> None:
        try:
            while len(head := pipe.read(LENGTH.size)) == LENGTH.size:
                waiting.put(msgspec.msgpack.decode(pipe.read(*LENGTH.unpack(head)), type=Ask))
        finally:  # also where the line was reset: the parent had not read our answer
            os._exit(0)

    threading.Thread(target=receive, daemon=True).start()
    pause: float | None = 0.0
    while True:
        try:
            yield waiting.get(timeout=pause)
            pause = NEXT_SECONDS
        except queue.Empty:
            pause = 0.0 if next(meanwhile, _DONE) is not _DONE else None


def _yield() -> None:
    """Leave the cores to those who answer somebody."""
    os.nice(NICENESS)
    if os.getsid(0) == os.getpid():
        # Linux shares the cores among sessions first: what is nice within its own yields to nobody.
        threading.Thread(target=_yield_session, daemon=True).start()


def _yield_session() -> None:
    for _ in range(AUTOGROUP_TRIES):
        try:
            AUTOGROUP.write_text(str(NICENESS), "ascii")
        except BlockingIOError:  # of all but root's, one session is changed in a tenth of a second
            time.sleep(random.uniform(0.02, 0.2))  # noqa: S311
        except OSError:  # this system does not share them so
            return
        else:
            return


def main() -> None:
    """Serve recipes until stdin ends."""
    flags = sys.argv[1:]
    if "--yielding" in flags and sys.platform != "win32":
        _yield()
    if "--sandbox" in flags:
        _limit_self()
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not come between the answers
    store_at = cache(FileStore)
    # Libraries are loaded before a step waits for them; a sandbox loads what its one step needs.
    ready = (step.load() for step in (() if "--sandbox" in flags else USUAL))
    for ask in _asks(os.fdopen(os.dup(0), "rb"), ready):
        data = msgspec.msgpack.encode(perform(ask, store_at(Path(ask.store))))
        answers.write(LENGTH.pack(len(data)) + data)
        answers.flush()


if __name__ == "__main__":
    main()
