"""Settings → voices: which there are, which one is meant, and what carries what they say."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING

from inkreel.errors import OptionError, SettingError
from inkreel.model import Language, VoiceChoice
from inkreel.ports import Meter, Service
from inkreel.providers.policies import Breaker, Deadline, Pace, Policy, Retry, Room, Watched
from inkreel.providers.tts import espeak
from inkreel.providers.tts.remote.dialect import Dialect
from inkreel.providers.tts.remote.elevenlabs import ElevenLabs
from inkreel.providers.tts.remote.openai import Kokoro, OpenAI
from inkreel.recipes import SAY
from inkreel.settings import Settings, VoiceSettings
from inkreel.wiring.storage import Storage

if TYPE_CHECKING:
    from inkreel.providers.tts.remote import Line

Choose = Callable[[str, Language], VoiceChoice]

PACE: dict[Language, float] = {"vi": 190.0, "en": 160.0}
"""Shown words a minute that a voice is taken to say unless its setting `pace` knows better."""

PACKAGES = "inkreel.voices"
"""The entry points by which a package adds a `Dialect`: see docs/voices.md."""

EXTRA = "Install it with its extra, in a checkout: pip install '.[voices]'"


@dataclass(frozen=True, slots=True)
class Kind:
    """A vendor: its protocol, and what is used where the settings are silent."""

    dialect: Dialect
    url: str
    model: str
    voice: str
    form: str
    characters: int
    keyed: bool = False
    """Whether its own address asks for a key."""


KINDS: dict[str, Kind] = {
    "openai": Kind(
        OpenAI(), "https://api.openai.com/v1", "gpt-4o-mini-tts", "alloy", "wav", 4_096, keyed=True
    ),
    "kokoro": Kind(Kokoro(), "http://127.0.0.1:8880/v1", "kokoro", "af_heart", "wav", 4_096),
    "chatterbox": Kind(OpenAI(), "http://127.0.0.1:4123/v1", "chatterbox", "default", "wav", 280),
    "elevenlabs": Kind(
        ElevenLabs(),
        "https://api.elevenlabs.io",
        "eleven_multilingual_v2",
        "",
        "pcm",
        10_000,
        keyed=True,
    ),
}


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice of the settings, with what its kind adds."""

    name: str
    kind: Kind
    given: VoiceSettings

    @property
    def url(self) -> str:
        return (self.given.url or self.kind.url).rstrip("/")

    @property
    def model(self) -> str:
        return self.given.model or self.kind.model

    @property
    def key(self) -> str:
        return self.given.key.get_secret_value() if self.given.key else ""

    @property
    def lacks_key(self) -> bool:
        """Whether it cannot work without a key that is not there."""
        return self.kind.keyed and not self.key and not self.given.url

    @property
    def provider(self) -> str:
        """Names the protocol and, by a hash, where it is spoken; a URL may hold a secret."""
        return f"{self.kind.dialect.name}@{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"

    def choice(self, chosen: str, language: Language) -> VoiceChoice:
        """For a video of the language. Raises `OptionError`."""
        voice = chosen or self.given.voice or self.kind.voice
        variable = f"INKREEL_VOICES__{self.name.upper()}__"
        if self.lacks_key:
            raise OptionError(f"The voice {self.name} has no key.", hint=f"Set {variable}KEY.")
        if not voice:
            raise OptionError(
                f"The service {self.name} is not told which voice.",
                hint=f"Write --voice {self.name}:VOICE, or set {variable}VOICE.",
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
    from inkreel.providers.tts.remote.dialect import fault_of_url

    if name in ("auto", "espeak"):
        raise SettingError(f"A voice cannot be named {name}.", hint="Give it another name.")
    wanted = given.kind or (name if _kind(name) else "openai")
    kind = _kind(wanted)
    if kind is None:
        names = ", ".join((*KINDS, *(point.name for point in entry_points(group=PACKAGES))))
        raise SettingError(
            f"The kind {wanted[:60]!r} of the voice {name} is not known.", hint=f"Use: {names}."
        )
    voice = Voice(name, kind, given)
    fault = fault_of_url(voice.url)
    if fault:
        raise SettingError(
            f"The URL of the voice {name} is refused: {fault}.",
            hint="Write it like https://host/v1, without a password or what follows a ?.",
            field="voices",
        )
    return voice


def _kind(name: str) -> Kind | None:
    """A vendor of ours or of an installed package, which names everything else in the settings."""
    if name in KINDS:
        return KINDS[name]
    for point in entry_points(group=PACKAGES, name=name):
        return Kind(point.load()(), "", "", "", "wav", 4_096)
    return None


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


class Unmetered:
    """A `Meter` where nobody reads one."""

    def called(self, *_: object) -> None:
        return None

    def rests(self, *_: object) -> None:
        return None


# --- Carrying it ---------------------------------------------------------------------------------


@asynccontextmanager
async def open_services(
    settings: Settings, storage: Storage, meter: Meter
) -> AsyncIterator[Mapping[str, Service]]:
    """Who does network steps, by role; a pooled client per service, closed afterwards. Raises
    `SettingError` when the HTTP library is not here."""
    async with open_lines(settings, meter) as lines:
        if not lines:
            yield {}
            return
        from inkreel.providers.tts.remote import Voices

        by_provider = {voice.provider: line for voice, line in lines.values()}
        yield {SAY.role: Voices(storage.store, storage.files.scratch.path, by_provider)}


@asynccontextmanager
async def open_lines(
    settings: Settings, meter: Meter
) -> AsyncIterator[dict[str, tuple[Voice, Line]]]:
    """The services of the voices that the settings name, by name."""
    lines: dict[str, tuple[Voice, Line]] = {}
    async with AsyncExitStack() as stack:
        for name, voice in configured(settings).items():
            line = _line(voice, meter)
            await stack.enter_async_context(line.client)
            lines[name] = voice, line
        yield lines


def _line(voice: Voice, meter: Meter) -> Line:
    try:
        import httpx2

        from inkreel.providers.http import Guard, meant, networks_from, open_client
        from inkreel.providers.tts.remote import Line
    except ImportError as error:
        raise SettingError(
            f"The voice {voice.name} needs a library for HTTP ({error.name}).", hint=EXTRA
        ) from error
    given = voice.given
    proxy = given.proxy.get_secret_value() if given.proxy else ""
    networks = (
        *networks_from(given.networks, "networks of a voice"),
        *meant(proxy or voice.url),
    )
    timeout = httpx2.Timeout(
        connect=given.connect_seconds,
        read=given.read_seconds,
        write=given.write_seconds,
        pool=given.read_seconds,
    )
    client = open_client(Guard(networks), given.connections, timeout, proxy)
    retry = Retry(given.tries, given.patience_seconds)
    policies = _policies(voice, meter)
    return Line(voice.name, voice.kind.dialect, voice.url, voice.key, client, retry, policies)


def _policies(voice: Voice, meter: Meter) -> Callable[[str], tuple[Policy, ...]]:
    """What stands about each call, within the retries: room and pace are the service's, a breaker
    is a model's."""
    given = voice.given
    room = Room(given.connections)
    pace = (Pace(given.per_minute),) if given.per_minute else ()

    def guarded(model: str) -> tuple[Policy, ...]:
        told = f"{voice.name}/{model}" if model != voice.model else voice.name
        breaker = Breaker(rests=partial(meter.rests, told))
        watched = Watched(partial(meter.called, told))
        return (room, breaker, *pace, Deadline(given.deadline_seconds), watched)

    return guarded
