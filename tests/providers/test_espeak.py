"""SpeakRequest → Speech with the embedded voice, and choosing it."""

from __future__ import annotations

import subprocess
import sys

import msgspec
import pytest

from inkreel.errors import OptionError, VoiceFailed
from inkreel.model import Digest
from inkreel.providers.tts import espeak
from inkreel.recipes import SpeakRequest


class NoShelf:
    """A voice needs nothing from the store."""

    def load(self, digest: Digest, kind: type[object]) -> object:
        raise NotImplementedError

    def read(self, digest: Digest) -> bytes:
        raise NotImplementedError

    def save(self, data: bytes) -> Digest:
        raise NotImplementedError


def say(text: str, voice: str = "vi", rate: int = 150) -> espeak.Speech:
    return espeak.speak(SpeakRequest(text, espeak.PROVIDER, voice, rate), NoShelf())


@pytest.mark.parametrize(
    ("voice", "text"),
    [
        ("vi", "Thuật toán này chạy rất nhanh, ổn định và dễ hiểu."),
        ("en-us", "The algorithm is fast, stable and easy to understand."),
        ("en-gb-x-rp+f3", "The algorithm is fast."),
    ],
)
def test_every_word_has_an_event_where_it_stands(voice: str, text: str) -> None:
    """Events name the words of the text in order, and rise within the sound."""
    speech = say(text, voice)
    words = [text[word.start : word.end] for word in speech.words]
    assert words == [word.strip(",.") for word in text.split()]
    times = [word.at for word in speech.words]
    assert times == sorted(times)
    assert 0 <= times[0] <= times[-1] < len(speech.pcm) // 2


def test_the_rate_is_what_was_asked() -> None:
    """More words a minute make a shorter sentence."""
    text = "Một câu dài vừa đủ để đo tốc độ nói của giọng đọc."
    assert len(say(text, rate=220).pcm) < 0.8 * len(say(text, rate=130).pcm)


@pytest.mark.parametrize("voice", ["vi", "en-us+klatt4"])
def test_a_sentence_sounds_the_same_whatever_was_said_before(voice: str) -> None:
    """Two workers, or one today and one tomorrow, make the same artifact."""
    first = say("Alpha beta gamma.", voice)
    say("Something else was said meanwhile.", "en-gb-x-rp")
    assert say("Alpha beta gamma.", voice) == first


@pytest.mark.parametrize("text", ["", " ", "\0"])
def test_nothing_said_is_an_error(text: str) -> None:
    """An empty synthesis is never passed on as speech."""
    with pytest.raises(VoiceFailed):
        say(text)


def test_an_unknown_voice_is_an_error_that_lists_voices() -> None:
    """A worker without the voice says what it has."""
    with pytest.raises(VoiceFailed) as caught:
        say("một", voice="zz")
    assert "en-us" in caught.value.hint


def test_the_version_is_that_of_the_library() -> None:
    """Recipes name the library that is loaded: a new wheel must raise VERSION."""
    assert espeak.library_version() == espeak.VERSION


def test_names_read_from_files_are_those_of_the_library() -> None:
    """What `choose` accepts without the library is what the library has."""
    assert espeak.voice_names() == espeak.voices()


@pytest.mark.parametrize(
    ("option", "language", "voice"),
    [
        ("auto", "vi", espeak.DEFAULT_VOICES["vi"]),
        ("espeak", "en", espeak.DEFAULT_VOICES["en"]),
        ("espeak:vi-vn-x-south", "vi", "vi-vn-x-south"),
        ("espeak:en-gb", "en", "en-gb-x-rp"),
        ("espeak:en-us+F3", "en", "en-us+f3"),
        ("espeak:+f3", "vi", "vi+f3"),
    ],
)
def test_an_option_names_a_voice(option: str, language: espeak.Language, voice: str) -> None:
    """auto, espeak and espeak:NAME become a voice that the library knows."""
    choice = espeak.choose(option, language)
    assert choice.voice == voice
    assert choice.provider == espeak.PROVIDER
    assert say("một" if language == "vi" else "one", choice.voice, choice.words_per_minute).pcm


@pytest.mark.parametrize(
    "option", ["", "piper", "auto:x", "espeak:zz", "espeak:vi+zz", "espeak:vi+"]
)
def test_an_unknown_option_is_refused_with_what_there_is(option: str) -> None:
    """The hint lists the names that would have worked."""
    with pytest.raises(OptionError) as caught:
        espeak.choose(option, "vi")
    assert "vi" in caught.value.hint or "f3" in caught.value.hint


def test_a_broken_library_path_is_an_error_with_a_way_out() -> None:
    """A user's own library that cannot be loaded ends in VoiceFailed, not in a traceback."""
    code = (
        "from inkreel.providers.tts import espeak\n"
        "from inkreel.errors import VoiceFailed\n"
        "try: espeak.voices()\n"
        "except VoiceFailed as error: assert 'INKREEL_ESPEAK' in error.hint\n"
        "else: raise SystemExit('loaded')"
    )
    env = {espeak.LIBRARY_VARIABLE: "/nowhere/libespeak-ng.so"}
    subprocess.run([sys.executable, "-c", code], check=True, env=env)


def test_speech_travels_as_messagepack() -> None:
    """Speech survives the way through the store."""
    speech = say("một hai ba")
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(speech), type=espeak.Speech) == speech
