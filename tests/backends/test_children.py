"""Steps in child processes: real processes, really killed."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.errors import ArtifactLost, WorkerFailed
from inkreel.model import Artifact, Digest, Source, Speech
from inkreel.recipes import LEVEL, READ, SPEAK, LevelRequest, ReadRequest, SpeakRequest


def speak(text: str) -> object:
    return SPEAK.recipe(SpeakRequest(text, "espeak-ng/1.52.0", "en-us", 155))


async def until(condition: object, seconds: float = 10) -> None:
    for _ in range(int(seconds * 100)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


def children() -> list[psutil.Process]:
    return psutil.Process().children(recursive=True)


def test_a_step_is_made_in_a_child_and_kept(tmp_path: Path) -> None:
    """The child stores what it made; the parent gets the artifact; no child outlives `close`."""

    async def run() -> Artifact:
        workers = ChildWorkers(tmp_path)
        try:
            return await workers.run(speak("Hello."))  # type: ignore[arg-type]
        finally:
            await workers.close()

    artifact = asyncio.run(run())
    assert FileStore(tmp_path).load(artifact.digest, Speech).rate > 0
    assert not children()


def test_a_child_that_dies_is_replaced(tmp_path: Path) -> None:
    """A killed worker costs one more try, not the video."""

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        try:
            work = asyncio.create_task(workers.run(speak("word " * 3_000)))  # type: ignore[arg-type]
            await until(children)
            children()[0].kill()
            await work
        finally:
            await workers.close()

    asyncio.run(run())


def test_a_child_that_dies_twice_is_an_error(tmp_path: Path) -> None:
    """A step that always ends its process is told, with what the process last said."""

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        try:
            work = asyncio.create_task(workers.run(speak("word " * 3_000)))  # type: ignore[arg-type]
            for _ in range(2):
                await until(children)
                victim = children()[0]
                victim.kill()
                await until(lambda victim=victim: not victim.is_running())
            with pytest.raises(WorkerFailed, match="ended twice"):
                await work
        finally:
            await workers.close()

    asyncio.run(run())


def test_errors_cross_the_pipe_with_their_type(tmp_path: Path) -> None:
    """An error of a step arrives as the same type with code, message and hint."""
    missing = Digest("0" * 64)

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        try:
            await workers.run(LEVEL.recipe(LevelRequest((missing,))))
        finally:
            await workers.close()

    with pytest.raises(ArtifactLost, match="0000") as told:
        asyncio.run(run())
    assert told.value.hint


def test_cancelling_ends_the_child(tmp_path: Path) -> None:
    """A cancelled step leaves no process behind."""

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        work = asyncio.create_task(workers.run(speak("word " * 20_000)))  # type: ignore[arg-type]
        await until(children)
        await asyncio.sleep(0.3)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert not children()
        await workers.close()

    asyncio.run(run())


PARENT = """
import asyncio, sys
from pathlib import Path
from inkreel.backends.children import ChildWorkers
from inkreel.recipes import SPEAK, SpeakRequest
request = SpeakRequest("word " * 50_000, "espeak-ng/1.52.0", "en-us", 155)
asyncio.run(ChildWorkers(Path(sys.argv[1])).run(SPEAK.recipe(request)))
"""


def test_children_end_when_their_parent_is_killed(tmp_path: Path) -> None:
    """kill -9 of the parent ends its children, also in the middle of a step."""
    parent = subprocess.Popen([sys.executable, "-c", PARENT, str(tmp_path)])
    process = psutil.Process(parent.pid)
    while not process.children():
        time.sleep(0.01)
    (child,) = process.children()
    time.sleep(0.5)
    parent.kill()
    parent.wait()
    gone, alive = psutil.wait_procs([child], timeout=10)
    assert gone
    assert not alive


def test_the_sandbox_is_fresh_and_bounded(tmp_path: Path) -> None:
    """A stranger's bytes are read in a process of their own that ends with the step."""
    store = FileStore(tmp_path)
    source = Source("a.md", "text/markdown", store.put(b"# Title\n\nSome words to read.\n"))

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        try:
            await workers.run(READ.recipe(ReadRequest(source)))
            assert not children()
        finally:
            await workers.close()

    asyncio.run(run())
