"""Sentence → tokens: words as captions show them, each with what is said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from inkreel.model import Language, Token
from inkreel.speech.normalise.english import ENGLISH
from inkreel.speech.normalise.formula import clean
from inkreel.speech.normalise.rules import RULES
from inkreel.speech.normalise.tongue import Tongue
from inkreel.speech.normalise.vietnamese import VIETNAMESE
from inkreel.speech.normalise.written import Line, Written, line_of

_TONGUES: dict[Language, Tongue] = {"vi": VIETNAMESE, "en": ENGLISH}
_PAUSES = ",.;?!"


@lru_cache(2_000)  # a scene's sentences are asked for wherever their words are shown or timed
def read_aloud(sentence: str, language: Language) -> tuple[Token, ...]:
    """Shown words (separated by white space) with how each is said in `language`.

    What is said has letters, spaces, hyphens, apostrophes and `, . ; ? !` only; a word that is
    shown but not said (a lone dash) has an empty `spoken`.
    """
    line = line_of(sentence, _TONGUES[language], RULES)
    said: list[str] = []
    while len(said) < len(line.words):
        said.extend(clean(part, line.tongue) for part in line.read(len(said)))
    paused = _pauses(line, said)
    return tuple(Token(word.shown, spoken) for word, spoken in zip(line.words, paused, strict=True))


def spoken_text(tokens: Sequence[Token]) -> str:
    """What a voice is given: the spoken words joined by single spaces."""
    return " ".join(token.spoken for token in tokens if token.spoken)


def _pauses(line: Line, said: Sequence[str]) -> list[str]:
    """Put the marks that a voice pauses at behind the words they close."""
    paused: list[str] = []
    depth = 0
    last = len(said) - 1
    for at, (word, spoken) in enumerate(zip(line.words, said, strict=True)):
        depth += word.before.count("(")
        if "(" in word.before or (not spoken and word.core in ("-", "–", "—", "--")):
            _pause(paused, ",")
        paused.append(spoken)
        closes = ")" in word.after and depth > 0
        depth = max(0, depth - word.after.count(")"))
        mark = _mark(word)
        if mark or (closes and at < last):
            _pause(paused, mark or ",")
    return paused


def _mark(word: Written) -> str:
    """The strongest of the closing marks, as a voice knows it."""
    for marks, said in (("?", "?"), ("!", "!"), (".…", "."), (";", ";"), (",:", ",")):
        if any(mark in word.after for mark in marks):
            return said
    return ""


def _pause(paused: list[str], mark: str) -> None:
    """Put a mark behind the last word that is said; a stronger one replaces a comma."""
    for at in range(len(paused) - 1, -1, -1):
        if paused[at]:
            if paused[at][-1] not in _PAUSES:
                paused[at] += mark
            elif paused[at][-1] == "," and mark != ",":
                paused[at] = paused[at][:-1] + mark
            return
