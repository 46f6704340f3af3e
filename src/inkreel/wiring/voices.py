"""Settings → voices: which there are, which one is meant, and what carries what they say."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import platformdirs

from inkreel.errors import OptionError, SettingError
from inkreel.model import Language, VoiceChoice
from inkreel.ports import Meter, Service
from inkreel.providers.tts import espeak, piper
from inkreel.providers.tts.remote.dialect import AnyDialect, Dialect
from inkreel.providers.tts.remote.edge import Edge
from inkreel.providers.tts.remote.elevenlabs import ElevenLabs
from inkreel.providers.tts.remote.openai import Kokoro, OpenAI
from inkreel.recipes import SAY
from inkreel.settings import Settings, VoiceSettings
from inkreel.wiring import lines
from inkreel.wiring.storage import Storage

if TYPE_CHECKING:
    from inkreel.providers.tts.remote import Line

Choose = Callable[[str, Language], VoiceChoice]

PACE: dict[Language, float] = {"vi": 190.0, "en": 160.0}
"""Shown words a minute that a voice is taken to say unless its setting `pace` knows better."""


PIPER_FOLDERS = (Path("/usr/local/share/piper-voices"), Path("/usr/share/piper-voices"))
"""Where packages of a system put voices."""


@dataclass(frozen=True, kw_only=True)
class Kind(lines.Kind[AnyDialect]):
    """A vendor of voices."""

    voice: str | dict[Language, str]
    form: str
    characters: int

    def spoken(self, language: Language) -> str:
        """The voice, unless another is chosen; of some vendors each speaks one language."""
        return self.voice if isinstance(self.voice, str) else self.voice[language]


def _kind(dialect: Dialect, url: str, model: str, voice: str, form: str, characters: int) -> Kind:
    keyed = url.startswith("https:")
    return Kind(dialect, url, model, keyed=keyed, voice=voice, form=form, characters=characters)


KINDS: dict[str, Kind] = {
    "openai": _kind(
        OpenAI(), "https://api.openai.com/v1", "gpt-4o-mini-tts", "alloy", "wav", 4_096
    ),
    "kokoro": _kind(Kokoro(), "http://127.0.0.1:8880/v1", "kokoro", "af_heart", "wav", 4_096),
    "chatterbox": _kind(OpenAI(), "http://127.0.0.1:4123/v1", "chatterbox", "default", "wav", 280),
    "elevenlabs": _kind(
        ElevenLabs(), "https://api.elevenlabs.io", "eleven_multilingual_v2", "", "pcm", 10_000
    ),
    "edge": Kind(
        Edge(),
        "https://speech.platform.bing.com/consumer/speech/synthesize/readaloud",
        "",
        package="edge_tts:edge",
        voice={"vi": "vi-VN-HoaiMyNeural", "en": "en-US-EmmaMultilingualNeural"},
        form="mp3",
        characters=1_300,  # 4,096 bytes, of letters that may have three
    ),
}


@dataclass(frozen=True)
class Voice(lines.Outside[AnyDialect]):
    """A voice of the settings."""

    noun = "voice"
    setting = "voices"
    own = ("auto", "espeak", "piper")

    kind: Kind
    given: VoiceSettings

    @property
    def listed(self) -> tuple[str, ...]:
        """A vendor without models lists voices."""
        if self.model:
            return (self.model,)
        spoken = (self.given.voice or self.kind.spoken(one) for one in get_args(Language))
        return tuple(dict.fromkeys(spoken))

    def choice(self, chosen: str, language: Language) -> VoiceChoice:
        """For a video of the language. Raises `OptionError`."""
        self.check_ready()
        voice = chosen or self.given.voice or self.kind.spoken(language)
        if not voice:
            raise OptionError(
                f"The service {self.name} is not told which voice.",
                hint=f"Write --voice {self.name}:VOICE, or set {self.variable('voice')}.",
            )
        pace = self.given.pace or PACE[language] * self.given.speed
        return VoiceChoice(
            provider=self.provider,
            voice=voice,
            words_per_minute=round(pace),
            pace=pace,
            model=self.model,
            form=self.given.format or self.kind.form,
            speed=self.given.speed,
            characters=self.given.characters or self.kind.characters,
        )


def configured(settings: Settings) -> dict[str, Voice]:
    """The voices that the settings name. Raises `SettingError`."""
    return {
        name: Voice(name, lines.kind_of(Voice, name, given, KINDS, _packaged), given).checked()
        for name, given in settings.voices.items()
    }


def _packaged(dialect: Dialect) -> Kind:
    return _kind(dialect, "", "", "", "wav", 4_096)


def piper_folder(settings: Settings) -> Path:
    """Where a Piper voice is put."""
    return settings.data / "piper"


def piper_voices(settings: Settings) -> dict[str, piper.Found]:
    """The Piper voices of the settings and in the usual folders, by name; a service that is asked
    all the time looks once a second."""
    return _piper_voices(tuple(settings.piper), piper_folder(settings), int(time.monotonic()))


@lru_cache(maxsize=4)
def _piper_voices(
    places: tuple[str, ...],
    folder: Path,
    second: int,  # noqa: ARG001  what it is forgotten by
) -> dict[str, piper.Found]:
    usual = platformdirs.user_data_path("piper-voices", appauthor=False)
    own = (Path(place).expanduser() for place in places)
    return piper.find((*own, folder, usual, *PIPER_FOLDERS))


def chooser(settings: Settings) -> Choose:
    """What the option `voice` stands for: `auto`, `espeak[:NAME]`, `piper[:NAME]`, or
    `NAME[:VOICE]` of the settings. `auto` is a Piper voice where there is one of the language."""
    known = configured(settings)
    found = cache(partial(piper_voices, settings))

    def choose(voice: str, language: Language) -> VoiceChoice:
        name, _, chosen = voice.partition(":")
        if name in known:
            return known[name].choice(chosen, language)
        natural = voice == "auto" and piper.installed() and piper.best(found(), language)
        if name == "piper" or natural:
            return piper.choose(chosen, language, found(), piper_folder(settings))
        if name in Voice.own:
            return espeak.choose(voice, language)
        raise lines.unknown(
            Voice,
            voice,
            KINDS,
            known,
            "Use auto, espeak, espeak:NAME, piper, piper:NAME, or NAME or NAME:VOICE of",
        )

    return choose


def fallbacks(settings: Settings, voice: str) -> tuple[str, ...]:
    """The voices that follow when this one fails for good. Raises `SettingError`."""
    choose = chooser(settings)
    chain: list[str] = []
    for following in settings.voice_fallback:
        try:
            made = {one for each in (voice, *chain) for one in _identities(choose, each)}
            if not _identities(choose, following) <= made:
                chain.append(following)
        except OptionError as error:
            raise SettingError(
                f"The setting voice_fallback is refused: {error.message}", hint=error.hint
            ) from error
    return tuple(chain)


def _identities(choose: Choose, voice: str) -> set[tuple[str, ...]]:
    """For each language that it speaks. Raises `OptionError` when there is none."""
    spoken = in_any_language(choose, voice)
    return {(language, *_identity(choice)) for language, choice in spoken.items()}


def in_any_language(choose: Choose, voice: str) -> dict[Language, VoiceChoice]:
    """What a voice is in each language that it speaks: a Piper voice has but one. Raises
    `OptionError` when it speaks none."""
    choices: dict[Language, VoiceChoice] = {}
    for language in get_args(Language):
        try:
            choices[language] = choose(voice, language)
        except OptionError as error:
            refused = error
    if not choices:
        raise refused
    return choices


def _identity(choice: VoiceChoice) -> tuple[str, ...]:
    """Voices that are alike here fail together: the embedded ones, those of one file, and one
    voice of a service."""
    if not choice.characters:
        return choice.provider, choice.file.digest if choice.file else ""
    return choice.provider, choice.model, choice.voice


@asynccontextmanager
async def open_service(
    settings: Settings, storage: Storage, meter: Meter
) -> AsyncIterator[dict[str, Service]]:
    """Who says what voices over HTTP are to say, by the step's role; nobody without such voices."""
    async with lines.open_lines(configured(settings), _line, meter) as opened:
        if not opened:
            yield {}
            return
        from inkreel.providers.tts.remote import Voices

        by_provider = {voice.provider: line for voice, line in opened.values()}
        yield {SAY.role: Voices(storage.store, storage.files.scratch.path, by_provider)}


def _line() -> type[Line]:
    from inkreel.providers.tts.remote import Line

    return Line
