from __future__ import annotations

import hashlib
from functools import cache
from typing import TypeVar

import msgspec
import numpy as np
import pytest

from inkreel.errors import ArtifactLost
from inkreel.model import Digest, Language, Narration, Speech, Struct, Token
from inkreel.providers.tts import espeak
from inkreel.recipes import LevelRequest, NarrateRequest, SpeakRequest, TrackRequest
from inkreel.speech import calibration_sentences, level, narrate, read_aloud, spoken_text, track
from inkreel.speech.resample import Samples

T = TypeVar("T")


class MemoryShelf:
    """A store as a step sees it, in a dictionary."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    def keep(self, artifact: Struct) -> Digest:
        return self.save(msgspec.msgpack.encode(artifact))

    def read(self, digest: Digest) -> bytes:
        if digest not in self.blobs:
            raise ArtifactLost(digest)
        return self.blobs[digest]

    def load(self, digest: Digest, kind: type[T]) -> T:
        return msgspec.msgpack.decode(self.read(digest), type=kind)


class Studio:
    """Says texts with the embedded voice, as the pipeline does."""

    def __init__(self) -> None:
        self.shelf = MemoryShelf()

    def say(self, text: str, language: Language) -> tuple[tuple[Token, ...], Speech]:
        voice = espeak.choose("auto", language)
        tokens = read_aloud(text, language)
        request = SpeakRequest(
            spoken_text(tokens), voice.provider, voice.voice, voice.words_per_minute
        )
        return tokens, espeak.speak(request, self.shelf)

    @cache  # noqa: B019 - one studio a session
    def gain(self, language: Language) -> float:
        speeches = [self.say(text, language)[1] for text in calibration_sentences(language)]
        request = LevelRequest(tuple(self.shelf.keep(speech) for speech in speeches))
        return level(request, self.shelf).gain_db

    def narrate(self, texts: tuple[str, ...], language: Language) -> Narration:
        said = [self.say(text, language) for text in texts]
        return self.join([tokens for tokens, _ in said], [speech for _, speech in said])

    def join(self, tokens: list[tuple[Token, ...]], speeches: list[Speech]) -> Narration:
        digests = tuple(self.shelf.keep(speech) for speech in speeches)
        return narrate(NarrateRequest(tuple(tokens), digests), self.shelf)

    def voice(self, texts: tuple[str, ...], language: Language) -> Samples:
        """How their narration sounds."""
        speeches = tuple(self.shelf.keep(self.say(text, language)[1]) for text in texts)
        made = track(TrackRequest(speeches, self.gain(language)), self.shelf)
        return np.frombuffer(made.pcm, "<i2").astype(np.float32) / 32768


@pytest.fixture(scope="session")
def studio() -> Studio:
    return Studio()
