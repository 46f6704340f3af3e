"""Settings → voices: which there are, which one is meant, and what carries what they say."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkreel.errors import OptionError, SettingError
from inkreel.model import Language, VoiceChoice
from inkreel.ports import Meter, Service
from inkreel.providers.tts import espeak
from inkreel.providers.tts.remote.dialect import Dialect
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind(lines.Kind[Dialect]):
    """A vendor of voices."""

    voice: str
    form: str
    characters: int


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
}


@dataclass(frozen=True)
class Voice(lines.Outside[Dialect]):
    """A voice of the settings."""

    noun = "voice"
    setting = "voices"

    kind: Kind
    given: VoiceSettings

    def choice(self, chosen: str, language: Language) -> VoiceChoice:
        """For a video of the language. Raises `OptionError`."""
        voice = chosen or self.given.voice or self.kind.voice
        if self.lacks_key:
            raise OptionError(
                f"The voice {self.name} has no key.", hint=f"Set {self.variable('key')}."
            )
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
    return {name: _voice(name, given) for name, given in settings.voices.items()}


def _voice(name: str, given: VoiceSettings) -> Voice:
    if name in ("auto", "espeak"):
        raise SettingError(f"A voice cannot be named {name}.", hint="Give it another name.")
    return Voice(name, lines.kind_of(Voice, name, given, KINDS, _packaged), given).checked()


def _packaged(dialect: Dialect) -> Kind:
    return _kind(dialect, "", "", "", "wav", 4_096)


def chooser(settings: Settings) -> Choose:
    """What the option `voice` stands for: `auto`, `espeak[:NAME]`, or `NAME[:VOICE]` of the
    settings."""
    known = configured(settings)

    def choose(voice: str, language: Language) -> VoiceChoice:
        name, _, chosen = voice.partition(":")
        if name in known:
            return known[name].choice(chosen, language)
        if name in KINDS:
            lacks = "KEY" if KINDS[name].keyed else "URL"
            raise OptionError(
                f"The voice {name} is not set up.",
                hint=f"Set INKREEL_VOICES__{name.upper()}__{lacks}, or [voices.{name}] in "
                "inkreel.toml.",
            )
        if name not in ("auto", "espeak"):
            names = ", ".join(dict.fromkeys((*known, *KINDS)))
            raise OptionError(
                f"There is no voice {voice[:60]!r}.",
                hint=f"Use auto, espeak, espeak:NAME, or NAME or NAME:VOICE of: {names}.",
            )
        return espeak.choose(voice, language)

    return choose


def fallbacks(settings: Settings, voice: str) -> tuple[str, ...]:
    """The voices that follow when this one fails for good. Raises `SettingError`."""
    choose = chooser(settings)
    chain: list[str] = []
    for following in settings.voice_fallback:
        try:
            made = [_identity(choose(one, "en")) for one in (voice, *chain)]
            if _identity(choose(following, "en")) not in made:
                chain.append(following)
        except OptionError as error:
            raise SettingError(
                f"The setting voice_fallback is refused: {error.message}", hint=error.hint
            ) from error
    return tuple(chain)


def _identity(choice: VoiceChoice) -> tuple[str, ...]:
    """Voices that are alike here fail together: the embedded ones, and one voice of a service."""
    if not choice.characters:
        return (choice.provider,)
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
