"""Sentences and their speech → Narration of a scene, timed to the word, and its VoiceTrack.

Sentences are trimmed and limited one by one and set apart by gaps of our own, so every time is
exact by construction, and a changed sentence changes no sample of the others. Times do not depend
on the voice's level: pictures need not wait until that is measured.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from inkreel.errors import VoiceFailed
from inkreel.model import (
    SAMPLE_RATE,
    Degraded,
    Digest,
    Narration,
    Sentence,
    Speech,
    Token,
    VoiceTrack,
    Word,
)
from inkreel.ports import Shelf
from inkreel.recipes import NarrateRequest, TrackRequest
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
class _Timed:
    """The narration as it grows."""

    samples: int = 0
    words: list[Word] = field(default_factory=list)
    sentences: list[Sentence] = field(default_factory=list)
    native: bool = True


def narrate(request: NarrateRequest, shelf: Shelf) -> Narration:
    """Time the sentences of a scene. Raises `VoiceFailed` for silent or cut-off speech."""
    timed = _Timed()
    spoken = _spoken(request.speeches, shelf)
    for tokens, (speech, trimmed) in zip(request.sentences, spoken, strict=True):
        if timed.samples:
            timed.samples += len(silence(GAP_MS))
        _add(timed, tokens, speech, trimmed)
    return Narration(
        samples=timed.samples,
        words=tuple(timed.words),
        sentences=tuple(timed.sentences),
        timing="native" if timed.native else "proportional",
        degraded=() if timed.native else (_UNTIMED,),
    )


def track(request: TrackRequest, shelf: Shelf) -> VoiceTrack:
    """Join the sentences of a scene, each at the voice's level."""
    gap, pcm = to_pcm(silence(GAP_MS)), list[bytes]()
    for _, trimmed in _spoken(request.speeches, shelf):
        pcm.append(to_pcm(limit(trimmed.samples, request.gain_db)))
    return VoiceTrack(gap.join(pcm))


def _spoken(speeches: Sequence[Digest], shelf: Shelf) -> Iterator[tuple[Speech, TrimmedSentence]]:
    """The speech of each sentence, and what of it is heard."""
    for number, digest in enumerate(speeches):
        speech = shelf.load(digest, Speech)
        yield speech, trim(speech, KEEP_MS if number else KEEP_FIRST_MS)


def _add(timed: _Timed, tokens: Sequence[Token], speech: Speech, trimmed: TrimmedSentence) -> None:
    _check_length(tokens, trimmed)
    starts = _starts(tokens, speech, trimmed)
    if starts is None:
        timed.native = False
        starts = proportional_starts(tokens, trimmed.onset, trimmed.offset)
    begin, first = timed.samples, len(timed.words)
    ends = [*starts[1:], trimmed.offset]
    for token, start, end in zip(tokens, starts, ends, strict=True):
        timed.words.append(Word(token.shown, begin + start, begin + end))
    timed.samples += len(trimmed.samples)
    timed.sentences.append(Sentence(first, len(timed.words), begin, timed.samples))


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
