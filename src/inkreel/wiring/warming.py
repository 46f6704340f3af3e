"""Documents → all that their videos are made of, in the store before anybody asks, or out of it."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from inkreel.backends.files import Drop
from inkreel.build import Builder
from inkreel.errors import ArtifactLost, OptionError
from inkreel.model import Artifact, Degraded, Digest, Footage, Result, Scene, Source, Storyboard
from inkreel.narrator import Narrator
from inkreel.pipeline import Plan, fit_storyboard, make_video, read_and_write
from inkreel.ports import Rank, Store
from inkreel.recipes import STEPS, Recipe, TracksRequest
from inkreel.settings import Settings
from inkreel.studio import Report, Studio
from inkreel.wiring.options import check_workers, options_from, plan_for
from inkreel.wiring.storage import open_storage
from inkreel.wiring.video import open_builder, take_in, take_music

T = TypeVar("T")


class Unseen:
    """A `Movie` that nobody keeps."""

    path = Path("unseen")

    def add(self, scene: Scene, footage: Footage) -> None:  # noqa: ARG002
        return None

    def close(self, poster: bytes) -> tuple[TracksRequest, ...]:  # noqa: ARG002
        return ()

    def finish(self, poster: bytes) -> None:  # noqa: ARG002
        return None

    def abort(self) -> None:
        return None


async def warm(document: Path, settings: Settings, report: Report) -> Result:
    """Make all that the document's video is made of, or fetch it, as a service would."""
    check_workers(settings)
    async with open_builder(settings) as (builder, _):
        material = await asyncio.to_thread(take_in, document, builder.store, settings)
        plan = await _plan(settings, builder.store)
        return await make_video(material, plan, lambda _: Unseen(), builder, report, _look_away)


async def _plan(settings: Settings, store: Store) -> Plan:
    music = await asyncio.to_thread(take_music, store, settings)
    return replace(plan_for(settings, options_from(settings)), music=music, verify=False)


async def _look_away(scene: int, picture: Digest) -> None:
    """The small pictures are wanted, and not shown."""


# --- Having it made again ------------------------------------------------------------------------


async def invalidate(
    settings: Settings, documents: Sequence[Path], kinds: Sequence[str], older: float
) -> int:
    """Have artifacts made again: those that videos of these documents stand on, if any are given;
    of these kinds, if any are; made so many seconds ago. Returns the bytes freed in the folder.
    Raises `OptionError`."""
    unknown = sorted(set(kinds) - set(STEPS))
    if unknown:
        raise OptionError(
            f"There is no kind {unknown[0][:60]!r}.", hint=f"Use: {', '.join(sorted(STEPS))}."
        )
    storage = open_storage(settings)
    names: set[str] = set()
    for document in documents:
        names |= await _stands_on(document, settings, storage.store)
    if documents and not names:
        return 0
    what = Drop(time.time() - older, frozenset(kinds), frozenset(names))
    return await asyncio.to_thread(storage.drop, what)


async def _stands_on(document: Path, settings: Settings, store: Store) -> set[str]:
    """`role/key` of all that is found when the document's video is asked for, and nothing made."""
    seen = Seeing(store)
    outside = {role: Idle() for role, step in STEPS.items() if step.resource == "network"}
    builder = Builder(seen, Idle(), {"cpu": 1, "network": 1}, outside)
    plan = await _plan(settings, seen)
    with contextlib.suppress(ArtifactLost):
        material = await asyncio.to_thread(take_in, document, seen, settings)
        await _walk(material, plan, builder)
    await builder.close()
    return seen.names


async def _walk(material: Source | Storyboard, plan: Plan, builder: Builder) -> None:
    if isinstance(material, Source):
        _, written = await read_and_write(material, plan, builder, _unheard)
        board = written.board
    else:
        board = material
    if plan.seen:
        board = await fit_storyboard(board, plan.options, builder, _unheard)
    voice = plan.narrator(board.language)
    narrator = Narrator(builder, voice, board.language)
    studio = Studio(builder, board, plan.direction, narrator, _unheard, _look_away)
    scenes = range(len(board.scenes))
    takes = (studio.take(index, part) for index in scenes for part in range(studio.parts(index)))
    # A take ends at the first of its parts that is not there: the words are asked for apart.
    told = (narrator.narrate(narrator.read(scene.narration), builder) for scene in board.scenes)
    await asyncio.gather(narrator.gain(), studio.poster(), *takes, *told, return_exceptions=True)


def _unheard(_: object) -> None:
    return None


class Seeing:
    """A `Store` that remembers what was found."""

    def __init__(self, store: Store) -> None:
        self.names: set[str] = set()
        self._store = store

    def find(self, recipe: Recipe[Any]) -> Artifact | None:
        found = self._store.find(recipe)
        if found is not None:
            self.names.add(f"{recipe.step.role}/{recipe.key}")
        return found

    def keep(
        self,
        recipe: Recipe[Any],
        data: bytes,
        also: tuple[Digest, ...] = (),
        degraded: tuple[Degraded, ...] = (),
    ) -> Artifact:
        return self._store.keep(recipe, data, also, degraded)

    def put(self, data: bytes) -> Digest:
        return self._store.put(data)

    def read(self, digest: Digest) -> bytes:
        return self._store.read(digest)

    def load(self, digest: Digest, kind: type[T]) -> T:
        return self._store.load(digest, kind)


class Idle:
    """`Workers`, and a `Service`, that make nothing."""

    async def run(self, recipe: Recipe[Any], rank: Rank = ()) -> Artifact:  # noqa: ARG002
        raise ArtifactLost(f"The {recipe.step.role} is not there, and is not made.")

    async def __call__(self, recipe: Recipe[Any], build: object) -> Artifact:  # noqa: ARG002
        return await self.run(recipe)

    async def close(self) -> None:
        return None
