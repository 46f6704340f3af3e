"""Words → seconds: how long a voice needs for sentences and scenes.

A voice's pace is measured on running text. Single sentences differ from it by the length of their
words, by figures (shown as one word, said as several) and by commas; the weights below were fitted
to the embedded voice over 160 English and 33 Vietnamese scenes (7 % error a scene).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from inkreel.model import Language, Scene

SENTENCE_GAP = 0.35
"""Seconds of silence between two sentences of a scene."""
SCENE_PAUSE = 0.73
"""Seconds between the last word of a scene and the first of the next: 14 frames, and half a
quantum of 16 on the average."""
SHORTEST, LONGEST = 4.0, 25.0
"""Seconds a scene may last."""
COMFORT = (8.0, 16.0)
"""Seconds a scene should last."""

_GAP_A_WORD = 0.023
"""Seconds of silence that a measured pace holds for each word: 0.35 s a sentence of 15 words."""
_DIGITS = re.compile(r"\d")
_COMMA = re.compile(r"[,;:—–]\s")
_JOINT = re.compile(r"\w[-_./]\w")


@dataclass(frozen=True, slots=True)
class Weights:
    """What parts of a sentence weigh, in words of the measured pace."""

    word: float
    letter: float
    digit: float
    comma: float
    joint: float
    """Inside a word: `a.b`, `a_b`, `a/b`."""


_WEIGHTS: dict[Language, Weights] = {
    "en": Weights(word=0.01, letter=0.218, digit=1.0, comma=1.0, joint=1.2),
    "vi": Weights(word=0.30, letter=0.166, digit=1.24, comma=0.95, joint=0.0),
}


@dataclass(frozen=True, slots=True)
class Pace:
    words_per_minute: float
    """Shown words a minute of running text, gaps between sentences included."""
    language: Language

    @property
    def _word(self) -> float:
        return max(0.02, 60 / self.words_per_minute - _GAP_A_WORD)

    def words(self, seconds: float) -> int:
        """How many words are said in that time."""
        return max(1, round(seconds / self._word))

    def sentence(self, text: str) -> float:
        """Seconds for one sentence."""
        return _weight(text, self.language) * self._word

    def sentences(self, texts: Iterable[str]) -> float:
        """Seconds for the sentences of a scene, gaps included."""
        lengths = [self.sentence(text) for text in texts]
        return sum(lengths) + SENTENCE_GAP * max(0, len(lengths) - 1)

    def scenes(self, scenes: Sequence[Scene]) -> float:
        """Seconds for a whole storyboard, pauses included."""
        return sum(self.sentences(scene.narration) + SCENE_PAUSE for scene in scenes)


@lru_cache(maxsize=4_096)
def _weight(text: str, language: Language) -> float:
    """A sentence in words of the measured pace; sentences are weighed many times while they are
    grouped."""
    weights = _WEIGHTS[language]
    total = weights.comma * len(_COMMA.findall(text)) + weights.joint * len(_JOINT.findall(text))
    total += weights.letter * sum(map(str.isalpha, text))
    for word in text.split():
        if word.isalpha():
            total += weights.word
            if word.isupper() and 2 <= len(word) <= 5:  # spelt out
                total += 0.35 * len(word)
        elif digits := "".join(_DIGITS.findall(word)):
            # Zeros at the end are said in one word: "million".
            total += weights.digit * (len(digits.rstrip("0")) + digits.endswith("0"))
        else:
            total += weights.word
    return total
