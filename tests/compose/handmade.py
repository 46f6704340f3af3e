"""Pictures, narrations and captions made by hand, small enough to encode in a moment."""

from __future__ import annotations

import hashlib
from typing import Any, TypeVar

import msgspec
import numpy as np

from inkreel.errors import ArtifactLost
from inkreel.model import (
    SAMPLE_RATE,
    CaptionCard,
    Captions,
    Digest,
    Effect,
    Layer,
    Narration,
    Picture,
    Sentence,
    VoiceTrack,
    Word,
)

T = TypeVar("T")
WIDTH, HEIGHT = 320, 180


class MemoryShelf:
    """A shelf in a dict."""

    def __init__(self) -> None:
        self.blobs: dict[Digest, bytes] = {}

    def load(self, digest: Digest, kind: type[T]) -> T:
        return msgspec.msgpack.decode(self.read(digest), type=kind)

    def read(self, digest: Digest) -> bytes:
        try:
            return self.blobs[digest]
        except KeyError:
            raise ArtifactLost(digest) from None

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    def store(self, value: Any) -> Digest:
        return self.save(msgspec.msgpack.encode(value))


def narration(word_samples: tuple[int, ...], words_per_sentence: int = 4) -> Narration:
    """Words of the given lengths one after the other."""
    ends = np.cumsum(word_samples).tolist()
    starts = [0, *ends[:-1]]
    words = tuple(
        Word(f"w{index}", start, end)
        for index, (start, end) in enumerate(zip(starts, ends, strict=True))
    )
    sentences = []
    for first in range(0, len(words), words_per_sentence):
        last = min(first + words_per_sentence, len(words))
        sentences.append(Sentence(first, last, starts[first], ends[last - 1]))
    return Narration(ends[-1], words, tuple(sentences))


def hum(samples: int) -> VoiceTrack:
    """A quiet tone."""
    time = np.arange(samples) / SAMPLE_RATE
    return voice_track(np.sin(time * 2 * np.pi * 220) * 3_000)


def voice_track(samples: np.ndarray) -> VoiceTrack:
    """Samples of −32768 … 32767."""
    return VoiceTrack(samples.astype("<i2").tobytes())


def picture(
    layers: tuple[Layer, ...] = (), colour: tuple[int, int, int] = (246, 247, 251), steps: int = 0
) -> Picture:
    base = np.full((HEIGHT, WIDTH, 3), colour, np.uint8)
    base[10:20, 10:90] = (17, 22, 51)
    steps = max([steps, *(layer.step + 1 for layer in layers)])
    return Picture(WIDTH, HEIGHT, base.tobytes(), layers, steps, 28)


def layer(
    step: int,
    effect: Effect,
    box: tuple[int, int, int, int],
    colour: tuple[int, int, int] = (67, 56, 202),
    seed: int = 0,
) -> Layer:
    """A blob with ragged edges at (x, y, width, height): half of its pixels are half seen."""
    x, y, width, height = box
    rng = np.random.default_rng(seed)
    rgba = np.empty((height, width, 4), np.uint8)
    rgba[..., :3] = np.clip(np.array(colour) + rng.integers(-40, 40, (height, width, 3)), 0, 255)
    rgba[..., 3] = np.where(rng.random((height, width)) < 0.5, 255, rng.integers(0, 256))
    return Layer(f"l{step}", step, effect, x, y, width, height, rgba.tobytes())


def captions(spoken: Narration, words_per_card: int = 3) -> Captions:
    """Dark cards near the bottom, a box for each word."""
    cards = []
    for first in range(0, len(spoken.words), words_per_card):
        last = min(first + words_per_card, len(spoken.words))
        width, height = 200, 24
        plain = np.zeros((height, width, 4), np.uint8)
        plain[2:-2, 2:-2] = (17, 22, 51, 235)
        lit = plain.copy()
        boxes = tuple((10 + 40 * k, 4, 44 + 40 * k, 20) for k in range(last - first))
        for left, top, right, bottom in boxes:
            plain[top + 4 : bottom - 4, left + 4 : right - 4] = (255, 255, 255, 255)
            lit[top + 4 : bottom - 4, left + 4 : right - 4] = (255, 200, 87, 255)
        cards.append(
            CaptionCard(first, last, 60, 146, width, height, plain.tobytes(), lit.tobytes(), boxes)
        )
    return Captions(tuple(cards))
