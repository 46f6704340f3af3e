"""Recipe → Artifact: found, awaited or made, within limits."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from inkreel.build import Builder
from inkreel.errors import VoiceFailed
from inkreel.model import Artifact, Digest
from inkreel.ports import Build
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

    async def run(self, recipe: Recipe[Any], rank: tuple[int, ...] = ()) -> Artifact:
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

    async def service(recipe: Recipe[Any], build: Build) -> Artifact:
        return await workers.run(recipe)

    services = {NETWORK.role: service}
    return Builder(workers.store, workers, limits, services), workers  # type: ignore[arg-type]


def test_a_hundred_callers_share_one_making() -> None:
    """Single flight: one recipe is made once, however many ask for it at once."""
    made, workers = builder(cpu=4)

    async def run() -> None:
        built = await asyncio.gather(*(made.build(recipe("x")) for _ in range(100)))
        assert sum(one.made for one in built) == 1
        assert not (await made.build(recipe("x"))).made

    asyncio.run(run())
    assert len(workers.runs) == 1


def test_what_was_rehearsed_counts_once_as_made() -> None:
    """A run is told that it made what it made ahead, the first time that it needs it, also while
    it is still being made; what was there before counts as found, and other runs find all."""
    made, workers = builder(cpu=1)

    async def run() -> None:
        one, other = made.for_run(), made.for_run()
        await other.build(recipe("old"))
        for name in ("old", "new"):
            await one.rehearsing().build(recipe(name))
        early = asyncio.create_task(one.rehearsing().build(recipe("slow")))
        await asyncio.sleep(0)
        told = [await one.build(recipe(name)) for name in ("old", "new", "new", "slow", "slow")]
        assert [each.made for each in told] == [False, True, False, True, False]
        assert not (await other.build(recipe("new"))).made
        await early

    asyncio.run(run())
    assert len(workers.runs) == 3


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


def test_a_service_has_cores_work_for_it() -> None:
    """A network step takes no core, and what its service has built waits for one in its turn: with
    as many of them as there are places, and a single core, nothing locks up."""
    workers = CountingWorkers(MemoryStore())
    ranks: list[tuple[int, ...]] = []

    async def service(asked: Recipe[Any], build: Build) -> Artifact:
        await build(recipe(f"checked {asked.key}"))
        ranks.append(build.__self__._rank)  # type: ignore[attr-defined]
        return Artifact(Digest(asked.key))

    made = Builder(workers.store, workers, {"cpu": 1, "network": 2}, {NETWORK.role: service})  # type: ignore[arg-type]

    async def run() -> None:
        await asyncio.gather(
            *(made.at(n).build(recipe(str(n), NETWORK)) for n in range(6)),
            *(made.build(recipe(str(n))) for n in range(6)),
        )

    asyncio.run(run())
    assert workers.peak == {"cpu": 1, "network": 0}
    assert sorted(ranks) == [(n,) for n in range(6)]


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
        assert not (await second).made
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


class PatientWorkers(CountingWorkers):
    """Makes a recipe when it is told to, and knows which were given up."""

    def __init__(self, store: MemoryStore) -> None:
        super().__init__(store)
        self.doors: dict[str, asyncio.Event] = {}
        self.given_up: list[str] = []

    async def run(self, recipe: Recipe[Any], rank: tuple[int, ...] = ()) -> Artifact:
        self.runs.append(recipe.key)
        door = self.doors[recipe.key] = asyncio.Event()
        try:
            await door.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # a child takes a moment to end
            self.given_up.append(recipe.key)
            raise
        return Artifact(Digest(recipe.key))


def patient(places: int) -> tuple[Builder, PatientWorkers]:
    workers = PatientWorkers(MemoryStore())
    return Builder(workers.store, workers, {"cpu": places}), workers  # type: ignore[arg-type]


async def settle() -> None:
    """Until the store was asked and everybody stands where they wait."""
    await asyncio.sleep(0.03)


def test_the_earliest_job_and_scene_go_first() -> None:
    """Steps that wait for a place get it by rank, whenever they came; of equals the first come."""
    made, workers = patient(1)
    ranks = [(2, 0), (1, 7), (1,), (3, 1), (1, 7, 1), (2, 0), (1, 12)]
    names = {recipe(str(n)).key: n for n in range(len(ranks))}

    async def run() -> None:
        tasks = [asyncio.create_task(made.build(recipe("blocks")))]
        await settle()
        for n, rank in enumerate(ranks):
            tasks.append(asyncio.create_task(made.at(*rank).build(recipe(str(n)))))
        await settle()
        while not all(task.done() for task in tasks):
            workers.doors[workers.runs[-1]].set()
            await asyncio.sleep(0.001)

    asyncio.run(run())
    assert [names[key] for key in workers.runs[1:]] == [2, 1, 4, 6, 0, 5, 3]


def test_who_is_more_urgent_pulls_a_shared_step_forward() -> None:
    """A step that waits for a late job goes early when an early job asks for it too."""
    made, workers = patient(1)

    async def run() -> None:
        tasks = [asyncio.create_task(made.build(recipe("blocks")))]
        await settle()
        for name, rank in (("shared", 9), ("other", 5), ("shared", 1)):
            tasks.append(asyncio.create_task(made.at(rank).build(recipe(name))))
            await settle()
        for name in ("blocks", "shared", "other"):
            workers.doors[recipe(name).key].set()
            await settle()
        await asyncio.gather(*tasks)

    asyncio.run(run())
    assert workers.runs == [recipe(name).key for name in ("blocks", "shared", "other")]


def test_what_nobody_waits_for_is_given_up() -> None:
    """When the last caller is cancelled the making ends, before the caller returns, and its place
    is free; who asks later has it made anew; others keep what they wait for."""
    made, workers = patient(1)

    async def run() -> None:
        callers = [asyncio.create_task(made.build(recipe("x"))) for _ in range(3)]
        waiting = asyncio.create_task(made.build(recipe("y")))
        await settle()
        for caller in callers[:2]:
            caller.cancel()
        await asyncio.wait(callers[:2])
        assert workers.given_up == []
        callers[2].cancel()
        later = asyncio.create_task(made.build(recipe("x")))
        await asyncio.wait(callers)
        assert workers.given_up == [recipe("x").key]
        await settle()
        waiting.cancel()
        await asyncio.wait([waiting])
        await settle()
        workers.doors[recipe("x").key].set()
        assert (await later).made

    asyncio.run(run())
    assert workers.runs.count(recipe("x").key) == 2


def test_a_place_that_was_just_given_is_not_lost() -> None:
    """Whoever is cancelled in the very moment of getting a place hands it on."""
    made, workers = builder(cpu=2)

    async def run() -> None:
        for seed in range(60):
            tasks = [asyncio.create_task(made.build(recipe(f"{seed}-{n}"))) for n in range(6)]
            await asyncio.sleep(0.0005 * seed)
            for task in tasks[seed % 3 :: 2]:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        workers.peak["cpu"] = 0
        await asyncio.gather(*(made.build(recipe(f"last-{n}")) for n in range(6)))

    asyncio.run(run())
    assert workers.peak["cpu"] == 2
