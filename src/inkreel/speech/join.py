"""Sentences and their speech → Narration of a scene, its level final, timed to the word.

Sentences are trimmed and limited one by one and set apart by gaps of our own, so every time is
exact by construction, and a changed sentence changes no sample of the others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from inkreel.errors import VoiceFailed
from inkreel.model import SAMPLE_RATE, Degraded, Narration, Sentence, Speech, Token, Word
from inkreel.ports import Shelf
from inkreel.recipes import NarrateRequest
from inkreel.speech.limiter import limit
from inkreel.speech.normalise import spoken_text
from inkreel.speech.sentence import (
    GAP_MS,
    KEEP_FIRST_MS,
    KEEP_MS,
    TrimmedSentence,
    silence,
    to_pcm,
    trim,
)
from inkreel.speech.timing import native_starts, proportional_starts

FASTEST_LETTER_MS = 15
"""A sentence with less sound than this per letter was cut off: fast speech takes 40 ms."""

_UNTIMED = Degraded(
    what="the words of a sentence are timed by their length",
    why="the voice gave no usable word times",
)


@dataclass
class _Track:
    """The narration as it grows."""

    pcm: list[bytes] = field(default_factory=list)
    samples: int = 0
    words: list[Word] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    native: bool = True

    def append(self, pcm: bytes) -> None:
        self.pcm.append(pcm)
        self.samples += len(pcm) // 2


def narrate(request: NarrateRequest, shelf: Shelf) -> Narration:
    """Join the sentences of a scene. Raises `VoiceFailed` for silent or cut-off speech."""
    track = _Track()
    for tokens, digest in zip(request.sentences, request.speeches, strict=True):
        if track.samples:
            track.append(to_pcm(silence(GAP_MS)))
        _add(track, tokens, shelf.load(digest, Speech), request.gain_db)
    return Narration(
        pcm=b"".join(track.pcm),
        words=tuple(track.words),
        sentences=tuple(track.sentences),
        timing="native" if track.native else "proportional",
        degraded=() if track.native else (_UNTIMED,),
    )


def _add(track: _Track, tokens: Sequence[Token], speech: Speech, gain_db: float) -> None:
    trimmed = trim(speech, KEEP_MS if track.samples else KEEP_FIRST_MS)
    _check_length(tokens, trimmed)
    starts = _starts(tokens, speech, trimmed)
    if starts is None:
        track.native = False
        starts = proportional_starts(tokens, trimmed.onset, trimmed.offset)
    begin, first = track.samples, len(track.words)
    ends = [*starts[1:], trimmed.offset]
    for token, start, end in zip(tokens, starts, ends, strict=True):
        track.words.append(Word(token.shown, begin + start, begin + end))
    track.append(to_pcm(limit(trimmed.samples, gain_db)))
    track.sentences.append(Sentence(first, len(track.words), begin, track.samples))


def _starts(tokens: Sequence[Token], speech: Speech, trimmed: TrimmedSentence) -> list[int] | None:
    native = native_starts(tokens, speech.words, len(speech.pcm) // 2)
    return native and [trimmed.position(at) for at in native]


def _check_length(tokens: Sequence[Token], trimmed: TrimmedSentence) -> None:
    text = spoken_text(tokens)
    letters = sum(character.isalpha() for character in text)
    heard = (trimmed.offset - trimmed.onset) * 1000 / SAMPLE_RATE
    if heard < letters * FASTEST_LETTER_MS:
        raise VoiceFailed(
            f"The voice broke off: {heard:.0f} ms for {text[:60]!r}.",
            hint="Run it again, or choose another --voice.",
        )
