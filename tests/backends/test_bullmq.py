"""Steps done by workers anywhere: handed out, awaited, called off, done here when nobody can."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from inkreel.backends.bullmq import HIGHEST, LOWEST, StepQueue, StepWorker, priority
from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.backends.redis import Link, RedisJobs, parse
from inkreel.errors import ArtifactLost
from inkreel.model import Digest
from inkreel.recipes import LEVEL, LevelRequest
from tests import redis_servers
from tests.backends.conftest import BACKENDS
from tests.backends.queues import law
from tests.backends.test_children import speak
from tests.redis_servers import Deployment

pytestmark = pytest.mark.skipif(
    not redis_servers.installed(), reason="redis-server is not installed (Debian: redis-server)"
)


@pytest.fixture
def alone() -> Iterator[Deployment]:
    with redis_servers.running("redis") as deployment:
        yield deployment


@asynccontextmanager
async def coordinator(url: str, store: Path) -> AsyncIterator[StepQueue]:
    link = Link(parse(url), "test", patience=10)
    steps = StepQueue(link, FileStore(store), ChildWorkers(store), 1)
    try:
        yield steps
    finally:
        await steps.close()
        await link.close()


@asynccontextmanager
async def worker(url: str, store: Path, at_once: int = 1) -> AsyncIterator[ChildWorkers]:
    """A worker of another machine, as it were."""
    link, children, stop = (
        Link(parse(url), "test", patience=10),
        ChildWorkers(store),
        asyncio.Event(),
    )
    working = asyncio.create_task(StepWorker(link, children, at_once).run(stop))
    try:
        yield children
    finally:
        stop.set()
        await working
        await children.close()
        await link.close()


@law
async def test_a_step_is_done_by_another(alone: Deployment, tmp_path: Path) -> None:
    """What its worker made is the answer, and what it could not do is its error; no child runs at
    the coordinator."""
    async with coordinator(alone.url, tmp_path) as steps, worker(alone.url, tmp_path):
        artifact = await steps.run(speak("Hello."), (1, 2))
        assert FileStore(tmp_path).find(speak("Hello.")) == artifact
        with pytest.raises(ArtifactLost):
            await steps.run(LEVEL.recipe(LevelRequest((Digest("0" * 64),))), (1, 0))
        assert not steps._local._all


@law
async def test_a_step_that_is_called_off_stops(alone: Deployment, tmp_path: Path) -> None:
    """Whether it waits or runs, and its worker goes on with the next one."""
    async with coordinator(alone.url, tmp_path) as steps, worker(alone.url, tmp_path) as children:
        running = asyncio.create_task(steps.run(speak("word " * 20_000), (1, 0)))
        async with asyncio.timeout(100):
            while not children._all:  # noqa: ASYNC110  the child is another process
                await asyncio.sleep(0.01)
        waiting = asyncio.create_task(steps.run(speak("word " * 20_000 + "more"), (1, 1)))
        await asyncio.sleep(0.1)
        for task in (running, waiting):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        assert await asyncio.wait_for(steps.run(speak("Next."), (1, 2)), 30)


@law
async def test_steps_are_done_here_when_redis_is_away(alone: Deployment, tmp_path: Path) -> None:
    """Those that wait for an answer, and those that come: running jobs go on."""
    async with coordinator(alone.url, tmp_path) as steps:
        waiting = asyncio.create_task(steps.run(speak("One."), (1, 0)))
        await asyncio.sleep(0.5)
        alone.master("{test}").kill()
        assert await asyncio.wait_for(waiting, 60)
        many = (steps.run(speak(f"Two {n}."), (1, n)) for n in range(10))
        assert await asyncio.wait_for(asyncio.gather(*many), 60)
        assert len(steps._local._all) == 1  # as many as there are cores


@law
async def test_steps_that_wait_and_run_are_told(alone: Deployment, tmp_path: Path) -> None:
    """By whoever is asked for the load of the queue, so that an autoscaler may know."""
    link = Link(parse(alone.url), "test", patience=10)
    queue = RedisJobs(link)

    async def steps() -> tuple[int, int]:
        load = await queue.load(0.0)
        return load.steps_waiting, load.steps_running

    async def until(wanted: tuple[int, int]) -> None:
        async with asyncio.timeout(60):
            while await steps() != wanted:  # noqa: ASYNC110  Redis is asked
                await asyncio.sleep(0.05)

    try:
        assert await steps() == (0, 0)
        async with coordinator(alone.url, tmp_path) as handed:
            said = [speak("word " * 3_000 + name) for name in ("one", "two", "three")]
            made = [asyncio.create_task(handed.run(each, (1, 0))) for each in said]
            await until((3, 0))
            async with worker(alone.url, tmp_path):
                await until((2, 1))
                await asyncio.gather(*made)
                await until((0, 0))
    finally:
        await queue.close()


@pytest.mark.skipif(len(BACKENDS) < 4, reason="takes a lock's time: make redis")
@law
async def test_a_dead_workers_step_is_done_by_another(alone: Deployment, tmp_path: Path) -> None:
    """Its lock runs out, and whoever is there does it."""
    async with coordinator(alone.url, tmp_path) as steps:
        async with worker(alone.url, tmp_path) as children:
            made = asyncio.create_task(steps.run(speak("word " * 2_000), (1, 0)))
            async with asyncio.timeout(100):
                while not children._all:  # noqa: ASYNC110
                    await asyncio.sleep(0.01)
        async with worker(alone.url, tmp_path):
            assert await asyncio.wait_for(made, 60)


def test_the_earliest_scenes_of_all_jobs_go_first() -> None:
    """Of jobs that begin together each scene's turn comes before any next one's; a later job does
    not pass the scenes that an earlier one had begun; nothing leaves BullMQ's bounds."""
    assert priority(0, (1, 0)) == priority(0, (2, 0)) < priority(0, (1, 2)) < priority(0, (2, 3))
    assert priority(40, (3, 0)) > priority(0, (1, 30))
    assert priority(0, ()) == HIGHEST
    assert priority(10**9, (1, 5)) == LOWEST
