"""What a protocol of speech is to us: how to ask, and how to read the answer. It does nothing."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from inkreel.model import SpokenWord, Utterance
from inkreel.providers import dialect
from inkreel.providers.dialect import Ask
from inkreel.providers.policies import Failed
from inkreel.recipes import SayRequest

if TYPE_CHECKING:
    from inkreel.providers.lines import Line

PCM_RATE = 24_000
"""Samples a second of `pcm`, which does not tell: what these services send."""


class Dialect(dialect.Dialect, Protocol):
    """A protocol of speech."""

    def ask(self, request: SayRequest) -> Ask:
        """How a text is asked for."""

    def read(self, request: SayRequest, body: bytes) -> Utterance:
        """What came. Raises `Failed` (bad) for what is no sound."""


@runtime_checkable
class Talk(dialect.Dialect, Protocol):
    """A protocol of speech that is more than a question and its answer: it is held here."""

    async def say(self, line: Line[Any], request: SayRequest) -> Utterance:
        """Have a text said over the line's client. Raises `Failed`."""


AnyDialect = Dialect | Talk


def utterance(sound: bytes, request: SayRequest, words: tuple[SpokenWord, ...] = ()) -> Utterance:
    """An utterance in the format that its first bytes tell, whatever else was said of it. Raises
    `Failed` (bad) for anything but sound."""
    rate = 0
    if sound[:4] == b"RIFF" and sound[8:12] == b"WAVE":
        form = "wav"
    elif sound[:4] == b"fLaC":
        form = "flac"
    elif sound[:4] == b"OggS":
        form = "ogg"
    elif sound[:3] == b"ID3":
        form = "mp3"
    elif request.form == "pcm" and not _is_text(sound):
        form, rate = "pcm", PCM_RATE
    elif request.form != "pcm" and len(sound) > 1 and sound[0] == 0xFF and sound[1] & 0xE6 == 0xE2:
        form = "mp3"  # layer III
    else:
        raise Failed("bad", "its answer is no sound" if sound else "its answer is empty")
    return Utterance(form, sound, rate, words)  # type: ignore[arg-type]


def _is_text(data: bytes) -> bool:
    """Whether it is likely to be a message: HTML, JSON, or a line."""
    start = data[:64]
    return not start or all(byte in b"\t\r\n" or 32 <= byte < 127 for byte in start)


def placed(text: str, words: Iterable[tuple[str, float]]) -> tuple[SpokenWord, ...]:
    """Words with the seconds they begin at, found in the text one after the other; those that the
    service wrote otherwise are left out."""
    lower, at = text.casefold(), 0
    if len(lower) != len(text):  # letters that fold to two
        lower = text
    found: list[SpokenWord] = []
    for word, seconds in words:
        wanted = word.strip().casefold()
        start = lower.find(wanted, at) if any(letter.isalnum() for letter in wanted) else -1
        if start >= 0 and 0 <= seconds < 86_400:
            at = start + len(wanted)
            found.append(SpokenWord(start, at, round(seconds * 1000)))
    return tuple(found)
