"""Words → seconds: how long a voice needs for sentences and scenes."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from inkreel.model import Language, Scene

SENTENCE_GAP = 0.35
"""Seconds of silence between two sentences of a scene."""
SCENE_PAUSE = 0.65
"""Seconds between the last word of a scene and the first of the next."""
SHORTEST, LONGEST = 4.0, 25.0
"""Seconds a scene may last."""
COMFORT = (8.0, 16.0)
"""Seconds a scene should last."""

_PAUSE_A_WORD = 0.045
"""Seconds of silence that a measured pace holds for each word: 0.35 s a sentence of 15 words and
0.65 s a scene of 30. They are counted on their own here."""
_DIGITS = re.compile(r"\d")
_SYLLABLES_A_DIGIT = {"vi": 1.7, "en": 1.1}


@dataclass(frozen=True, slots=True)
class Pace:
    words_per_minute: float
    """Shown words a minute, pauses included."""
    language: Language

    @property
    def _word(self) -> float:
        return max(0.02, 60 / self.words_per_minute - _PAUSE_A_WORD)

    def words(self, seconds: float) -> int:
        """How many words are said in that time."""
        return max(1, round(seconds / self._word))

    def sentence(self, text: str) -> float:
        """Seconds for one sentence; figures are shown as one word and said as several."""
        return _weight(text, _SYLLABLES_A_DIGIT[self.language]) * self._word

    def sentences(self, texts: Iterable[str]) -> float:
        """Seconds for the sentences of a scene, gaps included."""
        lengths = [self.sentence(text) for text in texts]
        return sum(lengths) + SENTENCE_GAP * max(0, len(lengths) - 1)

    def scenes(self, scenes: Sequence[Scene]) -> float:
        """Seconds for a whole storyboard, pauses included."""
        return sum(self.sentences(scene.narration) + SCENE_PAUSE for scene in scenes)


@lru_cache(maxsize=4_096)
def _weight(text: str, syllables: float) -> float:
    """The words of a sentence, its figures counted by what is said of them. Sentences are
    weighed many times while they are grouped."""
    weight = 0.0
    for word in text.split():
        digits = "".join(_DIGITS.findall(word)) if not word.isalpha() else ""
        said = len(digits.rstrip("0")) + digits.endswith("0")
        weight += max(1.0, said * syllables)
    return weight
