"""Settings → ports: the only place that chooses who does what."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.build import Builder
from inkreel.delivery import Delivery, check_output, write_text
from inkreel.errors import InputNotFound, InvalidStoryboard, OptionError
from inkreel.ingest.sources import open_source, source_from_bytes
from inkreel.model import SIZES, THEMES, CaptionsMode, Counts, Options, Result, Source, Storyboard
from inkreel.pipeline import Plan, make_video, read_and_write
from inkreel.providers.tts.espeak import choose
from inkreel.recipes import Resource
from inkreel.settings import Settings
from inkreel.storyboard.board import dump, parse
from inkreel.studio import Report

__all__ = ["check_output", "make", "make_storyboard", "open_builder", "take_in", "write_text"]

Material = Path | tuple[str, bytes]
"""A path, or a name and bytes (stdin, an upload)."""

BOARD_SUFFIXES = (".yaml", ".yml")


def options_from(settings: Settings) -> Options:
    """The user's choices, checked. Raises `OptionError`."""
    for name, value, known in (
        ("size", settings.size, SIZES),
        ("theme", settings.theme, THEMES),
    ):
        if value not in known:
            raise OptionError(
                f"The {name} {value!r} is not known.", hint=f"Use one of: {', '.join(known)}."
            )
    return Options(
        language=settings.language,
        size=settings.size,
        theme=settings.theme,
        voice=settings.voice,
        captions=CaptionsMode(settings.captions),
        seconds=settings.seconds,
    )


@asynccontextmanager
async def open_builder(settings: Settings) -> AsyncIterator[tuple[Builder, FileStore]]:
    """The store, swept, and workers over it; afterwards the store is brought to its size."""
    store = FileStore(settings.cache)
    await asyncio.to_thread(store.sweep)
    limits: dict[Resource, int] = {"cpu": settings.workers, "network": settings.connections}
    builder = Builder(store, ChildWorkers(store.root), limits)
    try:
        yield builder, store
    finally:
        await builder.close()
        await asyncio.to_thread(store.scratch.close)
        await asyncio.to_thread(store.sweep)  # what the workers left, which `close` killed


async def make(material: Material, output: Path, settings: Settings, report: Report) -> Result:
    """A document or storyboard → a video at `output`, its captions and poster beside it."""
    plan = _plan(settings)
    check_output(output)
    async with open_builder(settings) as (builder, store):
        taken = await asyncio.to_thread(take_in, material, store, settings)

        def open_movie(board: Storyboard) -> Delivery:
            return Delivery(output, board, plan.options, store.scratch)

        result = await make_video(taken, plan, open_movie, builder, report)
        if result.made != Counts():
            await asyncio.to_thread(store.evict, settings.cache_max_bytes)
        return result


async def make_storyboard(material: Material, settings: Settings, report: Report) -> str:
    """A document → its storyboard as YAML, with comments on what each scene tells."""
    plan = _plan(settings)
    async with open_builder(settings) as (builder, store):
        source = await asyncio.to_thread(take_in, material, store, settings)
        if isinstance(source, Storyboard):
            raise OptionError(
                "This is a storyboard already.", hint="Make the video: inkreel make board.yaml"
            )
        document, board, _ = await read_and_write(source, plan, builder, report)
        return dump(board, document)


def _plan(settings: Settings) -> Plan:
    options = options_from(settings)
    choose(options.voice, "en")  # refuse an unknown voice before any work
    return Plan(options, choose, at_once=settings.workers + 2, max_pages=settings.max_pages)


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
    return parse(text)
