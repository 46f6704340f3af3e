"""SpeakRequest → Speech: the embedded voice, eSpeak NG, over ctypes.

The library is loaded in `speak` and `voices` only, so that planning a job in the parent process
never runs it: it is not thread-safe, it may crash, and its licence is to stay in the worker.

The engine's noise and pitch go on from sentence to sentence, so each sentence is said by a library
loaded afresh (about 3 ms): it sounds the same whatever was said before, in whichever process.
"""

from __future__ import annotations

import _ctypes
import ctypes
import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

import espeakng_loader

from inkreel.errors import OptionError, VoiceFailed
from inkreel.model import Language, Speech, SpokenWord, VoiceChoice
from inkreel.ports import Shelf
from inkreel.recipes import SpeakRequest

VERSION = "1.52.0"
"""Of the library that the wheel carries."""
PROVIDER = f"espeak-ng/{VERSION}"

DEFAULT_VOICES: dict[Language, str] = {"vi": "vi", "en": "en-us+klatt4"}
"""Of the Vietnamese variants the plain voice moves its pitch the most over the six tones (7.7
semitones, others 4 to 7); in an earlier trial a
speech recogniser understood klatt4 best of the English ones."""
DEFAULT_RATES: dict[Language, int] = {"vi": 150, "en": 155}
"""eSpeak's own words a minute; for shown words a minute see `WORDS_PER_MINUTE`."""

WORDS_PER_MINUTE: dict[Language, float] = {"vi": 196.0, "en": 172.0}
"""Shown words a minute of running text, with the gaps between sentences and without those
between scenes, at the default voices and rates; measured by `python bench/speech.py`."""

LIBRARY_VARIABLE = "INKREEL_ESPEAK"
"""Environment variable with the path of the user's own libespeak-ng."""

_ALIASES = {"en-gb": "en-gb-x-rp", "en": "en-us"}


def choose(voice: str, language: Language) -> VoiceChoice:
    """The voice for an option `auto`, `espeak` or `espeak:NAME`, without loading the library.

    NAME is a voice (`en-gb-x-rp`), a voice with a variant (`vi+f3`) or a variant of the default
    voice (`+f3`). Raises `OptionError`, which lists what there is.
    """
    provider, _, name = voice.partition(":")
    if provider not in ("auto", "espeak") or (provider == "auto" and name):
        raise OptionError(
            f"There is no voice {voice!r}.",
            hint="Use auto, espeak, or espeak:NAME, for example espeak:en-gb-x-rp or espeak:vi+f3.",
        )
    standard = DEFAULT_VOICES[language]
    name = name.lower() or standard
    base, plus, variant = name.partition("+")
    base = _ALIASES.get(base, base) or standard.partition("+")[0]
    if base not in voice_names():
        raise OptionError(
            f"eSpeak has no voice {base!r}.", hint=f"It has: {', '.join(voice_names())}."
        )
    if plus and variant not in variant_names():
        raise OptionError(
            f"eSpeak has no variant {variant!r}.", hint=f"It has: {', '.join(variant_names())}."
        )
    return VoiceChoice(
        provider=PROVIDER,
        voice=f"{base}{plus}{variant}",
        words_per_minute=DEFAULT_RATES[language],
        pace=WORDS_PER_MINUTE[language],
    )


@cache
def voice_names() -> tuple[str, ...]:
    """Names for `espeak:NAME`, in order, read from the data folder."""
    return tuple(sorted(file.name.lower() for file in _files("lang")))


@cache
def variant_names() -> tuple[str, ...]:
    """Names for `espeak:NAME+VARIANT`, in order, read from the data folder."""
    return tuple(sorted(_variants()))


@cache
def _variants() -> dict[str, str]:
    """Name in lower case → file name; eSpeak passes over a variant that it does not find."""
    return {file.name.lower(): file.name for file in _files("voices/!v")}


def _files(folder: str) -> list[Path]:
    root = Path(espeakng_loader.get_data_path()) / folder
    return [file for file in root.rglob("*") if file.is_file()]


def voices() -> tuple[str, ...]:
    """Voices as the loaded library names them. Raises `VoiceFailed` when it cannot be loaded."""
    with _engine() as engine:
        return tuple(sorted(engine.voices))


def library_version() -> str:
    """Version of the loaded library, for `inkreel doctor`. Raises `VoiceFailed`."""
    with _engine() as engine:
        return engine.version


def speak(request: SpeakRequest, shelf: Shelf) -> Speech:  # noqa: ARG001 - a step takes both
    """Say one sentence. Raises `VoiceFailed` when nothing was said."""
    with _engine() as engine:
        return engine.say(request.text, request.voice, request.words_per_minute)


# --- The C side: speak_lib.h of eSpeak NG --------------------------------------------------------

_SYNCHRONOUS = 2
_DONT_EXIT = 0x8000
_UTF8 = 1
_RATE, _VOLUME = 1, 2
_HEADROOM = 70
"""Percent: at 100 some variants clip; the level is set later anyway."""
_LIST_TERMINATED = 0
_WORD = 1
_SLOWEST, _FASTEST = 80, 450


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("unique_identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),  # characters, from 1
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),  # milliseconds
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", ctypes.c_char * 8),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),  # a list of (priority byte, name)
        ("identifier", ctypes.c_char_p),
        ("gender", ctypes.c_ubyte),
        ("age", ctypes.c_ubyte),
        ("variant", ctypes.c_ubyte),
        ("reserved", ctypes.c_ubyte),
        ("score", ctypes.c_int),
        ("spare", ctypes.c_void_p),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Engine:
    """The loaded library; one sentence at a time."""

    def __init__(self) -> None:
        self._library = _load()
        data = os.fsencode(espeakng_loader.get_data_path())
        self.rate: int = self._library.espeak_Initialize(_SYNCHRONOUS, 0, data, _DONT_EXIT)
        if self.rate <= 0:
            raise VoiceFailed(
                f"eSpeak NG did not start with its data in {os.fsdecode(data)}.",
                hint="Reinstall espeakng-loader; `inkreel doctor` says what is here.",
            )
        self.version: str = self._library.espeak_Info(None).decode().split()[0]
        self.voices = self._list_voices()
        self._chunks: list[bytes] = []
        self._words: list[SpokenWord] = []
        self._callback = _Callback(self._receive)  # kept: the library holds only the address
        self._library.espeak_SetSynthCallback(self._callback)

    def close(self) -> None:
        """Unload the library with all that it remembers."""
        self._library.espeak_Terminate()
        if os.name == "posix":
            _ctypes.dlclose(self._library._handle)

    def say(self, text: str, voice: str, words_per_minute: int) -> Speech:
        self._select(voice)
        rate = min(max(words_per_minute, _SLOWEST), _FASTEST)
        self._library.espeak_SetParameter(_RATE, rate, 0)
        self._library.espeak_SetParameter(_VOLUME, _HEADROOM, 0)
        self._chunks.clear()
        self._words.clear()
        data = text.replace("\0", " ").encode()
        status = self._library.espeak_Synth(data, len(data) + 1, 0, 0, 0, _UTF8, None, None)
        pcm = b"".join(self._chunks)
        if status != 0 or not self._words or not pcm.strip(b"\0"):
            raise VoiceFailed(
                f"eSpeak said nothing for {_shorten(text)!r} (voice {voice}, status {status}).",
                hint="Choose another voice with --voice, or write the sentence differently.",
            )
        samples = len(pcm) // 2
        words = tuple(word for word in self._words if word.start < len(text) and word.at <= samples)
        return Speech(rate=self.rate, pcm=pcm, words=words)

    def _select(self, voice: str) -> None:
        base, plus, variant = voice.partition("+")
        identifier = self.voices.get(base)
        name = f"{identifier}{plus}{_variants().get(variant, '')}"
        if identifier is None or self._library.espeak_SetVoiceByName(name.encode()) != 0:
            raise VoiceFailed(
                f"eSpeak has no voice {voice!r}.",
                hint=f"It has: {', '.join(sorted(self.voices))}.",
            )

    def _list_voices(self) -> dict[str, str]:
        """Name (the last part of the identifier, lower case) → identifier."""
        found: dict[str, str] = {}
        for pointer in self._library.espeak_ListVoices(None):
            if not pointer:
                break
            identifier = pointer.contents.identifier.decode()
            found[identifier.rpartition("/")[2].lower()] = identifier
        return found

    def _receive(
        self, wave: ctypes._Pointer[ctypes.c_short], count: int, events: ctypes._Pointer[_Event]
    ) -> int:
        if wave and count > 0:
            self._chunks.append(ctypes.string_at(wave, count * 2))
        index = 0
        while events[index].type != _LIST_TERMINATED:
            event = events[index]
            if event.type == _WORD and event.text_position > 0:
                start = event.text_position - 1
                self._words.append(SpokenWord(start, start + event.length, event.sample))
            index += 1
        return 0


@contextmanager
def _engine() -> Iterator[_Engine]:
    """A freshly loaded library, unloaded afterwards."""
    if os.name == "posix":
        ctypes.CDLL(None).srand(1)  # the library draws its noise from there
    engine = _Engine()
    try:
        yield engine
    finally:
        engine.close()


def _load() -> ctypes.CDLL:
    path = os.environ.get(LIBRARY_VARIABLE) or espeakng_loader.get_library_path()
    try:
        library = ctypes.CDLL(path)
    except OSError as error:
        raise VoiceFailed(
            f"The voice library {path} cannot be loaded: {error}.",
            hint=f"Reinstall espeakng-loader, or set {LIBRARY_VARIABLE} to a libespeak-ng.",
        ) from error
    library.espeak_Initialize.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_char_p, ctypes.c_int)
    library.espeak_Info.argtypes = (ctypes.c_void_p,)
    library.espeak_Info.restype = ctypes.c_char_p
    library.espeak_ListVoices.argtypes = (ctypes.c_void_p,)
    library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
    library.espeak_SetVoiceByName.argtypes = (ctypes.c_char_p,)
    library.espeak_SetSynthCallback.argtypes = (_Callback,)
    library.espeak_SetSynthCallback.restype = None
    library.espeak_SetParameter.argtypes = (ctypes.c_int, ctypes.c_int, ctypes.c_int)
    library.espeak_Synth.argtypes = (
        ctypes.c_char_p,
        ctypes.c_size_t,
        ctypes.c_uint,
        ctypes.c_int,
        ctypes.c_uint,
        ctypes.c_uint,
        ctypes.c_void_p,
        ctypes.c_void_p,
    )
    return library


def _shorten(text: str, limit: int = 60) -> str:
    return text if len(text) <= limit else text[: limit - 1] + "…"
