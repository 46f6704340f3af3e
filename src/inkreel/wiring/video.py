"""A document or storyboard → a file, for the command and the library."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.build import Builder
from inkreel.delivery import SOUND, Delivery, check_output, load, write_text
from inkreel.errors import InputNotFound, InvalidStoryboard, OptionError
from inkreel.ingest.sources import open_source, source_from_bytes
from inkreel.model import Counts, Digest, Result, Source, Storyboard
from inkreel.music.sources import fitting
from inkreel.pipeline import make_video, read_and_write
from inkreel.recipes import Resource
from inkreel.settings import Settings
from inkreel.studio import Report
from inkreel.wiring.options import check_workers, options_from, plan_for

__all__ = ["check_output", "make", "make_storyboard", "write_text"]

Material = Path | tuple[str, bytes]
"""A path, or a name and bytes (stdin, an upload)."""

BOARD_SUFFIXES = (".yaml", ".yml")


@asynccontextmanager
async def open_builder(settings: Settings) -> AsyncIterator[tuple[Builder, FileStore]]:
    """The store, swept, and workers over it; afterwards the store is brought to its size."""
    store = FileStore(settings.cache)
    await asyncio.to_thread(store.sweep)
    limits: dict[Resource, int] = {"cpu": settings.workers, "network": settings.connections}
    builder = Builder(store, ChildWorkers(store.root, prepared=settings.workers - 1), limits)
    try:
        yield builder, store
    finally:
        await builder.close()
        await asyncio.to_thread(store.scratch.close)
        await asyncio.to_thread(store.sweep)  # what the workers left, which `close` killed


@asynccontextmanager
async def meanwhile(work: Callable[[], None]) -> AsyncIterator[None]:
    """Have something done in a thread beside the block."""
    task = asyncio.create_task(asyncio.to_thread(work))
    try:
        yield
    finally:
        await task


async def make(material: Material, output: Path, settings: Settings, report: Report) -> Result:
    """A document or storyboard → a video at `output`, its captions and poster beside it; or only
    its sound, as the suffix says."""
    check_workers(settings)
    seen = output.suffix.lower() != SOUND
    plan = replace(plan_for(settings, options_from(settings)), seen=seen)
    check_output(output)
    async with open_builder(settings) as (builder, store), meanwhile(load):
        taken = await asyncio.to_thread(take_in, material, store, settings)
        music = await asyncio.to_thread(take_music, store, settings)
        plan = replace(plan, music=music)

        def open_movie(board: Storyboard) -> Delivery:
            return Delivery(
                output, board, plan.options, store.scratch, thumbnails=settings.thumbnails
            )

        result = await make_video(taken, plan, open_movie, builder, report)
        if result.made != Counts() or result.verified:
            await asyncio.to_thread(store.evict, settings.cache_max_bytes)
        return result


async def make_storyboard(material: Material, settings: Settings, report: Report) -> str:
    """A document → its storyboard as YAML, with comments on what each scene tells."""
    from inkreel.storyboard.board import dump

    check_workers(settings)
    plan = plan_for(settings, options_from(settings))
    async with open_builder(settings) as (builder, store):
        source = await asyncio.to_thread(take_in, material, store, settings)
        if isinstance(source, Storyboard):
            raise OptionError(
                "This is a storyboard already.", hint="Make the video: inkreel make board.yaml"
            )
        document, board, _ = await read_and_write(source, plan, builder, report)
        return dump(board, document)


def take_music(store: FileStore, settings: Settings) -> Digest | None:
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


def take_in(material: Material, store: FileStore, settings: Settings) -> Source | Storyboard:
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
