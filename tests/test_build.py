"""Recipe → Artifact: found, awaited or made, within limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inkreel.build import Builder
from inkreel.errors import VoiceFailed
from inkreel.model import Artifact, Digest
from inkreel.recipes import LEVEL, STEPS, LevelRequest, Recipe, Step, fingerprint


class MemoryStore:
    def __init__(self) -> None:
        self.made: dict[str, Artifact] = {}

    def find(self, recipe: Recipe[Any]) -> Artifact | None:
        return self.made.get(recipe.key)


class CountingWorkers:
    """Takes a moment for each recipe, and counts how many are under way."""

    def __init__(self, store: MemoryStore, *, fail: bool = False) -> None:
        self.store = store
        self.fail = fail
        self.runs: list[str] = []
        self.now: dict[str, int] = {"cpu": 0, "network": 0}
        self.peak = dict(self.now)

    async def run(self, recipe: Recipe[Any]) -> Artifact:
        resource = recipe.step.resource
        self.runs.append(recipe.key)
        self.now[resource] += 1
        self.peak[resource] = max(self.peak[resource], self.now[resource])
        try:
            await asyncio.sleep(0.01)
        finally:
            self.now[resource] -= 1
        if self.fail:
            raise VoiceFailed("no")
        artifact = Artifact(Digest(recipe.key))
        self.store.made[recipe.key] = artifact
        return artifact

    async def close(self) -> None:
        return None


NETWORK: Step[Any] = Step(
    "level", "remote/1", LEVEL.function, LevelRequest, LEVEL.output, 1, resource="network"
)


def recipe(name: str, step: Step[Any] = LEVEL) -> Recipe[Any]:
    return step.recipe(LevelRequest((Digest(name),)))


def builder(**limits: int) -> tuple[Builder, CountingWorkers]:
    workers = CountingWorkers(MemoryStore())
    return Builder(workers.store, workers, limits), workers  # type: ignore[arg-type]


def test_a_hundred_callers_share_one_making() -> None:
    """Single flight: one recipe is made once, however many ask for it at once."""
    made, workers = builder(cpu=4)

    async def run() -> None:
        built = await asyncio.gather(*(made.build(recipe("x")) for _ in range(100)))
        assert all(one.made for one in built)
        assert not (await made.build(recipe("x"))).made

    asyncio.run(run())
    assert len(workers.runs) == 1


def test_each_resource_has_its_own_limit() -> None:
    """Never more steps of a resource under way than its limit, and both limits are reached."""
    made, workers = builder(cpu=3, network=5)

    async def run() -> None:
        await asyncio.gather(
            *(made.build(recipe(str(n))) for n in range(20)),
            *(made.build(recipe(str(n), NETWORK)) for n in range(20)),
        )

    asyncio.run(run())
    assert workers.peak == {"cpu": 3, "network": 5}


def test_a_failure_is_told_to_all_and_not_remembered() -> None:
    """Everyone who waits for a failed making gets its error; the next call tries again."""
    made, workers = builder(cpu=1)
    workers.fail = True

    async def run() -> None:
        told = await asyncio.gather(
            *(made.build(recipe("x")) for _ in range(3)), return_exceptions=True
        )
        assert all(isinstance(one, VoiceFailed) for one in told)
        workers.fail = False
        assert (await made.build(recipe("x"))).made

    asyncio.run(run())


def test_one_cancelled_caller_does_not_stop_the_others() -> None:
    """A making goes on for those who still wait; `close` gives it up."""
    made, workers = builder(cpu=1)

    async def run() -> None:
        first = asyncio.create_task(made.build(recipe("x")))
        second = asyncio.create_task(made.build(recipe("x")))
        await asyncio.sleep(0)
        first.cancel()
        assert (await second).made
        third = asyncio.create_task(made.build(recipe("y")))
        await asyncio.sleep(0.005)
        await made.close()
        with pytest.raises(asyncio.CancelledError):
            await third

    asyncio.run(run())
    assert workers.now == {"cpu": 0, "network": 0}


def test_keys_name_role_maker_and_request() -> None:
    """A recipe's key changes with its maker's version and its request, and with nothing else."""
    assert recipe("x").key == recipe("x").key
    assert recipe("x").key != recipe("y").key
    assert recipe("x").key != recipe("x", NETWORK).key


def test_the_version_is_that_of_the_code() -> None:
    """A changed source file of a room, or of the nouns, changes the version of its steps."""
    versions = {step.function.partition(":")[0]: step.version for step in STEPS.values()}
    assert len(set(versions.values())) == len(versions)
    assert fingerprint("inkreel.errors") != fingerprint("inkreel.ports")
