"""Sentence → its key phrases: whole runs between function words, never a run cut short, so that
no compound or name is ever broken."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from inkreel.storyboard.sentences import capitalise
from inkreel.storyboard.tongue import Tongue

_WORD = re.compile(r"[^\W_]+(?:[-'’./&][^\W_]+)*%?", re.UNICODE)
_STRIP = re.compile(r"[^\w]+", re.UNICODE)
LONGEST = {"en": 4, "vi": 6}
"""Words of a key phrase."""


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    """First letter in upper case, to be shown."""
    raw: str
    """As it stands in the sentence, to be spoken."""
    score: float
    position: float
    """Where it begins in its sentence, 0 … 1."""


def phrases(sentence: str, tongue: Tongue, terms: Iterable[str] = ()) -> list[Phrase]:
    """Key phrases in the order of the sentence, scored by what makes them worth showing."""
    marked = {fold(term) for term in terms}
    words = list(_WORD.finditer(sentence))
    found: list[Phrase] = []
    for run in _runs(sentence, words, tongue):
        text = sentence[run[0].start() : run[-1].end()]
        score = _score(run, text, run[0] is words[0], tongue)
        if fold(text) in marked:
            score += 1.0
        if score > 0:
            found.append(
                Phrase(capitalise(text), text, score, run[0].start() / max(1, len(sentence)))
            )
    return found


def _runs(
    sentence: str, words: list[re.Match[str]], tongue: Tongue
) -> Iterable[list[re.Match[str]]]:
    run: list[re.Match[str]] = []
    content = _content(words, tongue)
    for index, word in enumerate(words):
        gap = sentence[words[index - 1].end() : word.start()] if index else ""
        if run and (gap.strip() or not content[index]):
            yield run
            run = []
        if content[index]:
            run.append(word)
    if run:
        yield run


def _content(words: list[re.Match[str]], tongue: Tongue) -> list[bool]:
    low = [word.group().casefold() for word in words]
    content = [not _is_function(word, tongue) for word in low]
    index = 0
    while index + 1 < len(low):
        if f"{low[index]} {low[index + 1]}" in tongue.compounds:
            content[index] = content[index + 1] = True
            index += 1
        index += 1
    return content


def _is_function(word: str, tongue: Tongue) -> bool:
    if word in tongue.function_words:
        return True
    return tongue.language == "en" and len(word) > 4 and word.endswith("ly")


def _score(run: list[re.Match[str]], text: str, first: bool, tongue: Tongue) -> float:
    count = len(run)
    letters = sum(map(str.isalpha, text))
    if count > LONGEST[tongue.language] or letters < 4:
        return 0.0
    if not run[0].group()[0].isalpha() and count == 1:
        return 0.0
    ideal = {"en": (0.5, 1.1, 1.0, 0.6), "vi": (0.1, 1.0, 1.1, 1.2, 0.8, 0.6)}[tongue.language]
    score = ideal[count - 1]
    named = all(word.group()[0].isupper() for word in run) and not (first and count == 1)
    if named:
        score += 0.4
    last = run[-1].group()
    if tongue.language == "en" and last.endswith(("ing", "ed")) and not named:
        score -= 0.5  # a participle at the end: most likely the verb of the clause
    return score


def fold(text: str) -> str:
    """Case and punctuation removed, to compare."""
    return " ".join(_STRIP.sub(" ", text.casefold()).split())


def bag(text: str) -> list[str]:
    """The words of a text as they are compared."""
    return fold(text).split()


def spoken_share(shown: str, narration: Iterable[str]) -> float:
    """The largest share of the shown words that stand in one sentence of the narration, counted
    both by written words and by their parts, whichever is larger."""
    parts = bag(shown)
    wholes = [w for w in (_STRIP.sub("", word.casefold()) for word in shown.split()) if w]
    share = 0.0
    for sentence in narration:
        heard = set(bag(sentence))
        heard_wholes = {_STRIP.sub("", word.casefold()) for word in sentence.split()}
        either = heard | heard_wholes
        for words in (parts, wholes):
            if words:
                share = max(share, sum(word in either for word in words) / len(words))
    return share
