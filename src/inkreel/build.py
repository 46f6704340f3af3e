"""Recipe → Artifact: found in the store, else made once, within the limits of each resource.

This is the whole of cache, resume, single flight and bounded concurrency: a step that was done
is found, one that is being done is awaited, and of those that must be done only as many run at
once as the resource they use allows.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from inkreel.errors import ArtifactLost
from inkreel.model import Artifact, State
from inkreel.ports import Store, Workers
from inkreel.recipes import Recipe, Resource

T = TypeVar("T")

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


class Builder:
    """Builds recipes over a store and workers; `limits` says how many steps of each resource
    may run at once."""

    def __init__(self, store: Store, workers: Workers, limits: dict[Resource, int]) -> None:
        self.store = store
        self._workers = workers
        self._limits = {name: asyncio.Semaphore(count) for name, count in limits.items()}
        self._flights: dict[str, asyncio.Task[Built]] = {}

    async def build(self, recipe: Recipe[Any]) -> Built:
        """Find or make the artifact. Callers of one recipe share one making; a
        cancelled caller does not stop it for the others: `close` does."""
        flight = self._flights.get(recipe.key)
        if flight is None:
            flight = asyncio.create_task(self._find_or_make(recipe))
            self._flights[recipe.key] = flight
            flight.add_done_callback(lambda _: self._flights.pop(recipe.key, None))
        return await asyncio.shield(flight)

    async def load(self, built: Built, kind: type[T]) -> T:
        """Decode what was built. Raises `ArtifactLost`."""
        return await asyncio.to_thread(self.store.load, built.artifact.digest, kind)

    async def close(self) -> None:
        """Give up what is being made and end the workers."""
        flights = list(self._flights.values())
        for flight in flights:
            flight.cancel()
        await asyncio.gather(*flights, return_exceptions=True)
        await self._workers.close()

    async def _find_or_make(self, recipe: Recipe[Any]) -> Built:
        found = await asyncio.to_thread(self.store.find, recipe)
        if found is not None:
            return Built(found, made=False)
        async with self._limits[recipe.step.resource]:
            return Built(await self._workers.run(recipe), made=True)


async def persist(work: Callable[[], Awaitable[T]]) -> T:
    """Do `work`; when an artifact that it stands on is lost meanwhile (evicted, damaged), do it
    again: what is still there is found, what was lost is made."""
    for _ in range(TRIES - 1):
        with contextlib.suppress(ArtifactLost):
            return await work()
    return await work()
