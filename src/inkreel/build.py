"""Recipe → Artifact: found in the store, else made once, within the limits of each resource.

This is the whole of cache, resume, single flight and bounded concurrency: a step that was done
is found, one that is being done is awaited, and of those that must be done only as many run at
once as the resource they use allows, in the order of their ranks.
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

from inkreel.errors import ArtifactLost
from inkreel.model import Artifact, State
from inkreel.ports import Build, Locks, Rank, Service, Store, Workers
from inkreel.recipes import Recipe, Resource

T = TypeVar("T")

LAST = 1_000
"""A rank behind the sections and scenes of a run; not far behind, as a step that another machine
was given keeps the rank that it had, though the run comes to need it."""
TRIES = 3
"""How often work is done again when the store loses bytes between two of its steps."""


@dataclass(frozen=True, slots=True)
class Built:
    """An artifact and whether this run made it."""

    artifact: Artifact
    made: bool

    @property
    def state(self) -> State:
        """As progress tells it."""
        return "made" if self.made else "found"


@dataclass(eq=False, slots=True)
class Flight:
    """A recipe being found or made, for all who wait for it; the most urgent of them gives it
    its rank."""

    rank: Rank
    waiting: int = 0
    task: asyncio.Task[Built] = field(init=False)


class Gate:
    """Lets so many flights through at once; of those that wait, the smallest rank is next."""

    def __init__(self, places: int) -> None:
        self._free = places
        self._waiting: dict[asyncio.Future[None], Flight] = {}

    @contextlib.asynccontextmanager
    async def place(self, flight: Flight) -> AsyncIterator[None]:
        """Wait for a place, and hold it."""
        if self._free:
            self._free -= 1
        else:
            await self._turn(flight)
        try:
            yield
        finally:
            self._leave()

    async def _turn(self, flight: Flight) -> None:
        turn = asyncio.get_running_loop().create_future()
        self._waiting[turn] = flight
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():  # it had just been given a place
                self._leave()
            raise
        finally:
            self._waiting.pop(turn, None)

    def _leave(self) -> None:
        waiting = [turn for turn in self._waiting if not turn.done()]
        if waiting:
            # Of equals the first come. Ranks are compared now, since flights may have been hurried.
            turn = min(waiting, key=lambda turn: self._waiting[turn].rank)
            turn.set_result(None)
        else:
            self._free += 1


class Builder:
    """Builds recipes over a store, workers, and for network steps the service of their role, which
    machines that share `locks` ask once; `limits` says how many steps of each resource may run at
    once."""

    def __init__(
        self,
        store: Store,
        workers: Workers,
        limits: dict[Resource, int],
        services: Mapping[str, Service] | None = None,
        locks: Locks | None = None,
    ) -> None:
        self.store = store
        self._workers = workers
        self._services = services or {}
        self._locks = locks
        self._gates = {name: Gate(count) for name, count in limits.items()}
        self._flights: dict[str, Flight] = {}
        self._rank: Rank = ()
        self._ahead: set[str] = set()
        self._rehearses = False

    def at(self, *rank: int) -> Builder:
        """This builder for callers of a rank, below the rank that it has: what it builds waits
        for its turn there. Everything else is shared."""
        view = copy.copy(self)
        view._rank = (*self._rank, *rank)
        return view

    def for_run(self) -> Builder:
        """This builder for a run, which counts what it makes ahead as its own."""
        view = copy.copy(self)
        view._ahead = set()
        return view

    def rehearsing(self) -> Builder:
        """This builder for work ahead of the time: all other work of the run goes first, and is
        told that it made what it finds then."""
        view = self.at(LAST)
        view._rehearses = True
        return view

    async def build(self, recipe: Recipe[Any]) -> Built:
        """Find or make the artifact. Callers of one recipe share one making; when the last of
        them is cancelled, it is given up before this returns."""
        flight = self._flights.get(recipe.key)
        joined = flight is not None
        if flight is None:
            flight = self._flights[recipe.key] = Flight(self._rank)
            flight.task = asyncio.create_task(self._find_or_make(recipe, flight))
            flight.task.add_done_callback(lambda _: self._landed(recipe, flight))
        flight.rank = min(flight.rank, self._rank)
        flight.waiting += 1
        try:
            await asyncio.wait([flight.task])
        finally:
            flight.waiting -= 1
            if not flight.waiting and not flight.task.done():
                self._landed(recipe, flight)  # who comes now begins anew
                flight.task.cancel()
                await asyncio.wait([flight.task])
        built = flight.task.result()
        made = built.made and not joined  # one of them made it
        if self._rehearses:
            self._ahead |= {recipe.key} if made else set()
        elif recipe.key in self._ahead:
            self._ahead.discard(recipe.key)
            made = True
        return Built(built.artifact, made)

    async def load(self, built: Built, kind: type[T]) -> T:
        """Decode what was built. Raises `ArtifactLost`."""
        return await asyncio.to_thread(self.store.load, built.artifact.digest, kind)

    async def close(self) -> None:
        """Give up what is being made and end the workers."""
        flights = [flight.task for flight in self._flights.values()]
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._workers.close()

    def _landed(self, recipe: Recipe[Any], flight: Flight) -> None:
        if self._flights.get(recipe.key) is flight:
            del self._flights[recipe.key]
        if flight.task.done() and not flight.task.cancelled():
            flight.task.exception()  # those who waited for it are told, or are gone

    async def _find_or_make(self, recipe: Recipe[Any], flight: Flight) -> Built:
        found = await asyncio.to_thread(self.store.find, recipe)
        if found is not None:
            return Built(found, made=False)
        async with self._gates[recipe.step.resource].place(flight):
            if recipe.step.resource == "cpu":
                return Built(await self._workers.run(recipe, flight.rank), made=True)
            # No step that holds a core waits for the network, so this cannot lock up.
            return await self._ordered(recipe, self._as(flight).build_artifact)

    async def _ordered(self, recipe: Recipe[Any], build: Build) -> Built:
        """Have it made outside, unless another machine just did: a call costs money."""
        service = self._services[recipe.step.role]
        if self._locks is None:
            return Built(await service(recipe, build), made=True)
        async with self._locks.held(recipe.key) as waited:
            found = await asyncio.to_thread(self.store.find, recipe) if waited else None
            if found is not None:
                return Built(found, made=False)
            return Built(await service(recipe, build), made=True)

    async def build_artifact(self, recipe: Recipe[Any]) -> Artifact:
        """Find or make the artifact, for those who do not care which."""
        return (await self.build(recipe)).artifact

    def _as(self, flight: Flight) -> Builder:
        view = copy.copy(self)
        view._rank = flight.rank
        return view


async def persist(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`; when an artifact that it stands on is lost meanwhile (evicted, damaged), do it
    again: what is still there is found, what was lost is made."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(ArtifactLost):
            return await work()
    return await work()


@contextlib.asynccontextmanager
async def together() -> AsyncIterator[asyncio.TaskGroup]:
    """A task group that raises the first error itself: when one task fails, the others are
    cancelled and waited for."""
    try:
        async with asyncio.TaskGroup() as group:
            yield group
    except BaseExceptionGroup as errors:
        raise errors.exceptions[0] from None
