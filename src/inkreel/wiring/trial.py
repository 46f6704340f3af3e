"""A sentence → Speech, as a video would have it said."""

from __future__ import annotations

from inkreel.build import persist
from inkreel.model import Language, Speech
from inkreel.narrator import Narrator
from inkreel.settings import Settings
from inkreel.wiring.options import check_workers
from inkreel.wiring.video import open_builder
from inkreel.wiring.voices import chooser


async def say(settings: Settings, voice: str, language: Language, text: str) -> Speech:
    """Have a voice say a text. Raises `OptionError`, `VoiceFailed`."""
    check_workers(settings)
    choice = chooser(settings)(voice, language)
    async with open_builder(settings) as (builder, _):
        narrator = Narrator(builder, choice, language)
        return await persist(lambda: narrator.say(text))
