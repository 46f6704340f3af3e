"""A film that waits to be composed: pictures, narrations and captions are made and in a store.

The product itself makes it once, and what was composed for that is left behind. Whoever composes it
gets the same pictures, sound and times.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import msgspec

from bench.meter import cores
from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.build import Builder, Built
from inkreel.compose import steps as composing
from inkreel.compose.planes import Planes, blank
from inkreel.delivery import Delivery
from inkreel.model import Picture, Result, Segment, Storyboard
from inkreel.pipeline import make_video
from inkreel.recipes import DRAW, ClipRequest, Encoding, Recipe, SoundRequest, TransitionRequest
from inkreel.settings import Settings
from inkreel.wiring.options import options_from, plan_for

COMPOSED = "inkreel.compose:"
"""Steps of this room are what is measured."""
DRAFT = Encoding(preset="ultrafast", qp=40)

Redraw = Callable[[Picture], Picture]


class Recorder(Builder):
    """Builds with settings of its own for the encoder, and remembers for which scene what was
    asked."""

    def __init__(self, store: FileStore, encoding: Encoding) -> None:
        limits = {"cpu": cores(), "network": 1}
        super().__init__(store, ChildWorkers(store.root, least=cores()), limits)
        self.encoding = encoding
        self.scene = -1
        self.asked: list[tuple[int, Recipe[Any], Built]] = []

    def at(self, *rank: int) -> Recorder:
        view = super().at(*rank)
        assert isinstance(view, Recorder)
        view.scene = rank[0]
        return view

    async def build(self, recipe: Recipe[Any]) -> Built:
        if hasattr(recipe.request, "encoding"):
            request = msgspec.structs.replace(recipe.request, encoding=self.encoding)
            recipe = recipe.step.recipe(request)
        built = await super().build(recipe)
        self.asked.append((self.scene, recipe, built))
        return built


async def produce(board: Storyboard, builder: Recorder, output: Path) -> Result:
    """The product's own pipeline over the builder's store."""
    plan = plan_for(Settings(workers=cores()), options_from(Settings()))

    def open_movie(_: Storyboard) -> Delivery:
        return Delivery(output, board, plan.options, builder.store.scratch)

    return await make_video(board, plan, open_movie, builder, lambda _: None)


@dataclass(frozen=True)
class SceneSteps:
    """The composed steps of a scene, as they are asked."""

    clips: tuple[ClipRequest, ...]
    """Parts of it that follow each other."""
    transition: TransitionRequest | None
    sound: SoundRequest


@dataclass(frozen=True)
class Film:
    """`store` holds all that the board's film needs but what is composed."""

    board: Storyboard
    folder: Path
    scenes: tuple[SceneSteps, ...]

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def store(self) -> FileStore:
        return FileStore(self.folder / "store")

    def finished(self, scene: int) -> Iterator[list[Planes]]:
        """The frames of a scene's segments as they are drawn, each list in memory."""
        steps = self.scenes[scene]
        if steps.transition:
            yield drawn(composing.transition, steps.transition, self.store)
        for part in steps.clips:
            yield drawn(composing.clip, part, self.store)


def prepare(board: Storyboard, folder: Path, redraw: Redraw | None = None) -> Film:
    """Make the film of a board in a folder; `redraw` changes its pictures."""
    raw = Recorder(FileStore(folder / "raw"), DRAFT)

    async def make() -> None:
        try:
            await produce(board, raw, folder / "raw.mp4")
        finally:
            await raw.close()

    asyncio.run(make())
    other = _keep(raw, FileStore(folder / "store"), redraw)
    shutil.rmtree(folder / "raw")
    scenes = []
    for number in range(len(board.scenes)):
        asked = [_renamed(recipe, other) for scene, recipe, _ in raw.asked if scene == number]
        parts = [each for each in asked if isinstance(each, ClipRequest)]
        moved = [each for each in asked if isinstance(each, TransitionRequest)]
        parts.sort(key=lambda part: part.span or ())
        (heard,) = {each for each in asked if isinstance(each, SoundRequest)}
        scenes.append(SceneSteps(tuple(parts), moved[0] if moved else None, heard))
    (folder / "board.json").write_bytes(msgspec.json.encode(board))
    return Film(board, folder, tuple(scenes))


def _keep(made: Recorder, store: FileStore, redraw: Redraw | None) -> dict[str, str]:
    """Copy what is not composed; says under which digest changed pictures are found."""
    other: dict[str, str] = {}
    for _, recipe, built in made.asked:
        if recipe.step.function.startswith(COMPOSED):
            continue
        for digest in built.artifact.also:
            store.put(made.store.read(digest))
        data = made.store.read(built.artifact.digest)
        if redraw and recipe.step is DRAW:
            data = msgspec.msgpack.encode(redraw(msgspec.msgpack.decode(data, type=Picture)))
        kept = store.keep(recipe, data, built.artifact.also)
        other[built.artifact.digest] = kept.digest
    return other


def _renamed(recipe: Recipe[Any], other: dict[str, str]) -> Any:
    """The request, naming the changed pictures."""
    body = recipe.body.decode()
    for before, after in other.items():
        body = body.replace(before, after)
    return msgspec.json.decode(body, type=recipe.step.request)


class _Drawing:
    """Takes the place of an encoder, and keeps the frames."""

    def __init__(self, width: int, height: int) -> None:
        self.planes = blank(width, height)
        self.frames: list[Planes] = []

    def push(self, frames: int = 1) -> None:
        self.frames += [self.planes.copy()] * frames


def drawn(step: Callable[..., Any], request: Any, store: FileStore) -> list[Planes]:
    """The frames that a step draws for its encoder."""
    found: list[Planes] = []

    def segment(size: tuple[int, int], frames: int, _: Encoding, draw: Any) -> Segment:
        drawing = _Drawing(*size)
        draw(drawing)
        found.extend(drawing.frames)
        return Segment(frames, b"", ())

    with mock.patch.object(composing, "segment", segment):
        step(request, store)
    return found
