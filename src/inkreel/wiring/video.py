"""A document or storyboard → a file, for the command and the library."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from inkreel.backends.children import ChildWorkers
from inkreel.backends.folder import FolderObjects
from inkreel.build import Builder
from inkreel.delivery import SOUND, Delivery, check_output, load, write_text
from inkreel.errors import InputNotFound, InvalidStoryboard, OptionError, VoiceFailed
from inkreel.ingest.sources import open_source, source_from_bytes
from inkreel.model import Counts, Digest, Result, Source, Storyboard
from inkreel.music.sources import fitting
from inkreel.pipeline import Movie, Plan, make_video, read_and_write
from inkreel.ports import Store
from inkreel.recipes import Resource
from inkreel.settings import Settings
from inkreel.studio import Report
from inkreel.wiring.lines import Unmetered
from inkreel.wiring.options import check_workers, options_from, plan_for
from inkreel.wiring.services import open_services
from inkreel.wiring.storage import open_storage

if TYPE_CHECKING:
    from inkreel.backends.files import FileStore
    from inkreel.jobs.premiere import Premiere

__all__ = ["check_output", "make", "make_storyboard", "show", "write_text"]

Material = Path | tuple[str, bytes]
"""A path, or a name and bytes (stdin, an upload)."""

BOARD_SUFFIXES = (".yaml", ".yml")


@asynccontextmanager
async def open_builder(settings: Settings) -> AsyncIterator[tuple[Builder, FileStore]]:
    """The store, its folder swept, and workers over it; and the folder."""
    storage = open_storage(settings)
    files = storage.files
    await asyncio.to_thread(files.sweep)
    limits: dict[Resource, int] = {"cpu": settings.workers, "network": settings.connections}
    workers = storage.around(ChildWorkers(files.root, prepared=settings.workers - 1))
    async with open_services(settings, storage, Unmetered()) as services:
        builder = Builder(storage.store, workers, limits, services)
        try:
            yield builder, files
        finally:
            await builder.close()
            await asyncio.to_thread(files.scratch.close)
            await asyncio.to_thread(files.sweep)  # what the workers left, which `close` killed


@dataclass(frozen=True, slots=True)
class Making:
    """What a video is made of and with."""

    material: Source | Storyboard
    plan: Plan
    open_movie: Callable[[Storyboard], Movie]
    builder: Builder
    files: FileStore


@asynccontextmanager
async def open_making(
    material: Material, output: Path, settings: Settings
) -> AsyncIterator[Making]:
    """A document or storyboard that is to become a video at `output`, or only its sound."""
    check_workers(settings)
    seen = output.suffix.lower() != SOUND
    plan = replace(plan_for(settings, options_from(settings)), seen=seen)
    check_output(output)
    async with open_builder(settings) as (builder, files):
        # Nobody is to wait for it who gives up before it is needed.
        threading.Thread(target=load, daemon=True).start()
        taken = await asyncio.to_thread(take_in, material, builder.store, settings)
        music = await asyncio.to_thread(take_music, builder.store, settings)
        plan = replace(plan, music=music)

        def open_movie(board: Storyboard) -> Movie:
            return Delivery(
                output, board, plan.options, files.scratch, thumbnails=settings.thumbnails
            )

        yield Making(taken, plan, open_movie, builder, files)


async def make(material: Material, output: Path, settings: Settings, report: Report) -> Result:
    """A document or storyboard → a video at `output`, its captions and poster beside it; or only
    its sound, as the suffix says."""
    async with open_making(material, output, settings) as making:
        result = await _tell(making, report)
        await _tidy(making, result, settings)
        return result


Theatre = Callable[["Premiere"], AbstractAsyncContextManager[Callable[[Result], Awaitable[None]]]]
"""Shows a video while it is made; what it gives is told when it is done, and waits for those who
still watch."""


async def show(
    material: Material, output: Path, settings: Settings, report: Report, theatre: Theatre
) -> None:
    """As `make`, and meanwhile it can be watched."""
    from inkreel.jobs.premiere import Premiere

    if output.suffix.lower() == SOUND:
        raise OptionError(
            f"{output.name} is only heard: there is nothing to watch.",
            hint="Leave --play out, or make a video (.mp4).",
        )
    async with open_making(material, output, settings) as making:
        place = making.files.scratch.folder / "watched"
        with contextlib.closing(FolderObjects(place, durable=False)) as objects:
            name = material.stem if isinstance(material, Path) else material[0]
            premiere = Premiere(name, making.plan.options, objects)
            async with theatre(premiere) as over:
                result = await premiere.film(
                    making.material, making.plan, making.open_movie, making.builder, report
                )
                await _tidy(making, result, settings)
                await making.builder.close()  # nobody is to hold memory while others watch
                await over(result)


async def _tell(making: Making, report: Report) -> Result:
    """Make the video, from its start with the next voice when one fails for good: nothing was
    delivered yet. Raises `VoiceFailed` when there is no other."""
    plan = making.plan
    while True:
        try:
            return await make_video(
                making.material, plan, making.open_movie, making.builder, report
            )
        except VoiceFailed as failed:
            following = plan.after(failed)
            if following is None:
                raise
        plan = following
        report(plan.revoiced)


async def _tidy(making: Making, result: Result, settings: Settings) -> None:
    """Bring the store to its size after something was added to it."""
    if result.made != Counts() or result.verified:
        await asyncio.to_thread(making.files.evict, settings.cache_max_bytes)


async def make_storyboard(material: Material, settings: Settings, report: Report) -> str:
    """A document → its storyboard as YAML, with comments on what each scene tells."""
    from inkreel.storyboard.board import dump

    check_workers(settings)
    plan = plan_for(settings, options_from(settings))
    async with open_builder(settings) as (builder, _):
        source = await asyncio.to_thread(take_in, material, builder.store, settings)
        if isinstance(source, Storyboard):
            raise OptionError(
                "This is a storyboard already.", hint="Make the video: inkreel make board.yaml"
            )
        document, written = await read_and_write(source, plan, builder, report)
        return dump(written.board, document)


def take_music(store: Store, settings: Settings) -> Digest | None:
    """Put the music in the store, if any is wanted. Raises `InputNotFound`, `MusicUnreadable`."""
    path, limit = settings.music, settings.max_music_bytes
    if path is None:
        return None
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        raise InputNotFound(
            f"The music {path} cannot be read: {error.strerror}.", hint="Check the path of --music."
        ) from error
    return store.put(fitting(data, limit))


def take_in(material: Material, store: Store, settings: Settings) -> Source | Storyboard:
    """Put a document in the store, or parse a storyboard. Raises `InputError`."""
    limit = settings.max_input_bytes
    if isinstance(material, tuple):
        return source_from_bytes(*material, store.put, max_bytes=limit)
    if material.suffix.lower() not in BOARD_SUFFIXES:
        return open_source(material, store.put, max_bytes=limit)
    try:
        text = material.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise InputNotFound(f"There is no file {material}.", hint="Check the path.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InvalidStoryboard(
            f"{material} cannot be read: {error}.", hint="A storyboard is UTF-8 YAML."
        ) from error
    from inkreel.storyboard.board import parse  # brings YAML: not needed for most videos

    return parse(text)
