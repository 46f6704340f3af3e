"""A sentence → Speech, as a video would have it said; and how the services of voices are."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

from inkreel.build import persist
from inkreel.model import Language, Speech
from inkreel.narrator import Narrator
from inkreel.providers.policies import Deadline, Failed
from inkreel.settings import Settings
from inkreel.wiring.options import check_workers
from inkreel.wiring.video import open_builder
from inkreel.wiring.voices import Unmetered, chooser, configured, open_lines

LOOK_SECONDS = 15.0
"""For one look at a service, in all."""


async def say(settings: Settings, voice: str, language: Language, text: str) -> Speech:
    """Have a voice say a text. Raises `OptionError`, `VoiceFailed`."""
    check_workers(settings)
    choice = chooser(settings)(voice, language)
    async with open_builder(settings) as (builder, _):
        narrator = Narrator(builder, choice, language)
        return await persist(lambda: narrator.say(text))


async def look(settings: Settings) -> AsyncIterator[tuple[str, str, str]]:
    """Name, state (`ok`, `keyless`, `failed`, `modelless`) and words for each service; calls each
    once, with its list of models, which costs nothing."""
    for name, voice in configured(settings).items():
        if voice.lacks_key:
            yield name, "keyless", "has no key"
            continue
        shown = f"{voice.kind.dialect.name.partition('/')[0]} protocol"
        with tempfile.TemporaryDirectory() as folder:
            async with open_lines(settings, Unmetered()) as lines:
                line, part = lines[name][1], Path(folder) / "models"
                try:
                    known = await Deadline(LOOK_SECONDS)(lambda: line.models(part))  # noqa: B023
                except Failed as failed:
                    if failed.kind == "refused" and "(404)" in failed.why:
                        yield name, "ok", f"{shown}, reachable; it has no list of models"
                    else:
                        yield name, "failed", f"{shown}: {failed.why}"
                    continue
        if voice.model in known:
            yield name, "ok", f"{shown}, reachable, has {voice.model}"
        else:
            yield name, "modelless", f"{shown}, reachable, does not list {voice.model}"
