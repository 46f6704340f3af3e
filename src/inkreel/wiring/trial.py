"""A sentence → Speech, as a video would have it said; a document → its storyboard, written anew."""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

from inkreel.build import persist
from inkreel.errors import OptionError, WriterFailed
from inkreel.model import Language, Speech, Storyboard
from inkreel.narrator import Narrator
from inkreel.pipeline import read_and_write
from inkreel.settings import Settings
from inkreel.wiring.options import check_workers, options_from, plan_for
from inkreel.wiring.video import Material, open_builder, take_in
from inkreel.wiring.voices import chooser
from inkreel.writer import Written


async def say(settings: Settings, voice: str, language: Language, text: str) -> Speech:
    """Have a voice say a text. Raises `OptionError`, `VoiceFailed`."""
    check_workers(settings)
    choice = chooser(settings)(voice, language)
    async with open_builder(settings) as (builder, _):
        narrator = Narrator(builder, choice, language)
        return await persist(lambda: narrator.say(text))


async def write(settings: Settings, writer: str, material: Material) -> Written:
    """Have a language model write the storyboard of a document, in a store of its own: a trial
    asks, though it was made before. Raises `OptionError`, `WriterFailed`."""
    check_workers(settings)
    with tempfile.TemporaryDirectory() as folder:
        apart = settings.model_copy(update={"cache": Path(folder), "store": "", "workers": 1})
        plan = plan_for(apart, options_from(apart, {"writer": writer}))
        async with open_builder(apart) as (builder, _):
            source = await asyncio.to_thread(take_in, material, builder.store, apart)
            if isinstance(source, Storyboard):
                raise OptionError("This is a storyboard already.", hint="Give a document.")
            _, written = await read_and_write(source, plan, builder, lambda _: None)
    told = written.writing
    if told is not None and told.sections and told.own == told.sections:
        raise WriterFailed(written.degraded[0].why, hint="`inkreel doctor` looks at it.")
    return written
