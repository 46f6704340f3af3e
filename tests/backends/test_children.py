"""Steps in child processes: real processes, really killed."""

from __future__ import annotations

import asyncio
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import psutil
import pytest

from inkreel.backends import child, hatching
from inkreel.backends import children as backend
from inkreel.backends.child import LENGTH, NICENESS, Ask
from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.errors import ArtifactLost, DocumentTooComplex, WorkerFailed
from inkreel.model import Artifact, Digest, Source, Speech
from inkreel.recipes import LEVEL, READ, SPEAK, LevelRequest, ReadRequest, SpeakRequest


def speak(text: str) -> object:
    return SPEAK.recipe(SpeakRequest(text, "espeak-ng/1.52.0", "en-us", 155))


async def until(condition: object, seconds: float = 60) -> None:
    for _ in range(int(seconds * 100)):
        if condition():  # type: ignore[operator]
            return
        await asyncio.sleep(0.01)
    raise TimeoutError


def children() -> list[psutil.Process]:
    """Of the workers: servers that other tests talk to are left alone."""

    def works(child: psutil.Process) -> bool:
        try:
            return "inkreel.backends.child" in child.cmdline()
        except psutil.ZombieProcess:
            return child.name().startswith("python")
        except psutil.NoSuchProcess:
            return False

    return [child for child in psutil.Process().children(recursive=True) if works(child)]


def test_a_step_that_is_cancelled_while_its_child_starts_leaves_nothing(tmp_path: Path) -> None:
    """Whenever it is given up: the process that was started is ended, and its lines are closed."""

    async def run() -> None:
        workers, files = ChildWorkers(tmp_path), psutil.Process().num_fds()
        for turns in range(8):
            step = asyncio.create_task(workers.run(speak("Hello.")))  # type: ignore[arg-type]
            for _ in range(turns):
                await asyncio.sleep(0)
            step.cancel()
            await asyncio.wait([step])
        assert workers._all == set(workers._idle)
        await workers.close()
        assert psutil.Process().num_fds() <= files

    asyncio.run(run())
    assert children() == []


def test_who_yields_does_so_beyond_its_session(tmp_path: Path) -> None:
    """Linux shares the cores among sessions first, and each child has one of its own: its whole
    session is nice, or it would yield to nobody."""
    group = Path("/proc/self/autogroup")
    if not group.exists():
        pytest.skip("this kernel does not share the cores among sessions")

    def nice(child: psutil.Process) -> tuple[int, str]:
        return child.nice(), Path(f"/proc/{child.pid}/autogroup").read_text().split()[-1]

    async def run() -> None:
        workers = ChildWorkers(tmp_path, yielding=True)
        try:
            await workers.run(speak("Hello."))  # type: ignore[arg-type]
            assert children()
            await until(
                lambda: {nice(child) for child in children()} == {(NICENESS, f"{NICENESS}")}
            )
        finally:
            await workers.close()

    asyncio.run(run())


def test_who_may_not_yet_yield_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """The kernel lets all but root change one session in a tenth of a second."""
    answers = [BlockingIOError, BlockingIOError, None, None]

    class Group:
        def write_text(self, *_: str) -> None:
            answer = answers.pop(0)
            if answer is not None:
                raise answer

    monkeypatch.setattr(child, "AUTOGROUP", Group())
    child._yield_session()
    assert answers == [None]


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
            with pytest.raises(WorkerFailed, match="ended 2 times"):
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
    """A cancelled step leaves no process and no unfinished file behind."""

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        work = asyncio.create_task(workers.run(speak("word " * 20_000)))  # type: ignore[arg-type]
        await until(children)
        await asyncio.sleep(0.3)
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work
        assert not children()
        assert not list((tmp_path / "tmp").glob("*"))
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
    gone, alive = psutil.wait_procs([child], timeout=60)
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
            assert len(list((tmp_path / "tmp").glob("*"))) == 1  # our own
        finally:
            await workers.close()

    asyncio.run(run())


def long_read(store: FileStore) -> object:
    """A document that takes seconds to read."""
    text = b"".join(b"# Part %d\n\nSome words, to be read.\n\n" % n for n in range(40_000))
    return READ.recipe(ReadRequest(Source("a.md", "text/markdown", store.put(text))))


@pytest.mark.parametrize("end", ["time", "processor", "memory"])
def test_a_document_beyond_the_limits_is_refused(
    end: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reading that exceeds its time, its processor time or its memory (the kernel kills it, twice)
    is the document's fault: an input error. No child is left."""
    recipe = long_read(FileStore(tmp_path))
    if end == "time":
        monkeypatch.setattr(backend, "SANDBOX_SECONDS", 0.6)

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        work = asyncio.create_task(workers.run(recipe))  # type: ignore[arg-type]
        for _ in range({"time": 0, "processor": 1, "memory": 2}[end]):
            await until(children)
            victim = children()[0]
            victim.send_signal(signal.SIGXCPU if end == "processor" else signal.SIGKILL)
            await until(lambda victim=victim: not victim.is_running())
        with pytest.raises(DocumentTooComplex) as told:
            await work
        assert told.value.hint
        assert not children()
        await workers.close()

    asyncio.run(run())


def test_a_reader_that_was_killed_once_has_another_go(tmp_path: Path) -> None:
    """What ended the child may have been somebody else's fault: the document gets one more try."""
    recipe = long_read(FileStore(tmp_path))

    async def run() -> None:
        workers = ChildWorkers(tmp_path)
        work = asyncio.create_task(workers.run(recipe))  # type: ignore[arg-type]
        await until(children)
        children()[0].kill()
        assert (await work).digest
        await workers.close()

    asyncio.run(run())


def test_the_pool_grows_and_shrinks(tmp_path: Path) -> None:
    """Children are started as they are needed; those that have nothing to do end, down to the
    number that is kept."""

    async def run() -> None:
        workers = ChildWorkers(tmp_path, least=1, patience=0.3)
        assert not children()
        try:
            work = [
                asyncio.create_task(workers.run(speak(f"Number {n}.")))  # type: ignore[arg-type]
                for n in range(3)
            ]
            await until(lambda: len(children()) == 3)  # the first may be gone when the last is done
            await asyncio.gather(*work)
            await until(lambda: len(children()) == 1)
            await asyncio.sleep(0.7)
            (kept,) = children()
            await workers.run(speak("Once more."))  # type: ignore[arg-type]
            assert children() == [kept]
        finally:
            await workers.close()
        assert not children()

    asyncio.run(run())


def test_one_that_was_started_early_is_the_first_to_be_asked(tmp_path: Path) -> None:
    """The command starts a process before it loads itself: that one is not left waiting."""

    others = set(children())  # of tests before, that are not quite gone

    async def run() -> set[psutil.Process]:
        workers = ChildWorkers(tmp_path)
        try:
            await workers.run(speak("Hello."))  # type: ignore[arg-type]
            return set(children()) - others
        finally:
            await workers.close()

    hatching.hatch_early()
    early = set(children()) - others
    assert len(early) == 1
    assert asyncio.run(run()) == early
    assert hatching.hatched_early() is None
    assert not early & set(children())


NEVER_ASKED = """
from inkreel.backends import hatching
hatching.hatch_early()
print(hatching._early[0].process.pid)
"""


def test_one_that_nobody_asks_ends_with_the_command() -> None:
    """A refused option leaves no process behind."""
    told = subprocess.run(
        [sys.executable, "-c", NEVER_ASKED], check=True, capture_output=True, text=True
    )
    early = int(told.stdout)
    asyncio.run(until(lambda: not psutil.pid_exists(early)))


def test_one_whose_answer_nobody_reads_ends_too(tmp_path: Path) -> None:
    """A parent that is killed before it has read an answer resets the line instead of closing
    it."""
    hatched = hatching.hatch()
    recipe = speak("Hello.")
    data = msgspec.msgpack.encode(Ask(str(tmp_path), recipe.step.role, recipe.body))  # type: ignore[attr-defined]
    hatched.line.sendall(LENGTH.pack(len(data)) + data)
    assert select.select([hatched.line], [], [], 60)[0]
    hatched.line.close()
    hatched.process.wait(15)
    hatched.errors.close()
