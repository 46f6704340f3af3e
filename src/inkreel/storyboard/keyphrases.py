"""Sentence → its key phrases: whole runs between function words, never a run cut short, so that
no compound or name is ever broken."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from inkreel.storyboard.sentences import capitalise
from inkreel.storyboard.tongue import Tongue
from inkreel.storyboard.tongue import words as tongue_words

_WORD = re.compile(r"[^\W_]+(?:[-'’./&][^\W_]+)*%?", re.UNICODE)
_STRIP = re.compile(r"[\W_]+", re.UNICODE)
_OPEN_NOUN = re.compile(r"\b(?:an?|the|its|their)(?:\s\w+)?$", re.IGNORECASE)
_CONTRACTED = re.compile(r"(?:n[’']t|[’'](?:ll|ve|re|d|m))$")
LONGEST = {"en": 4, "vi": 6}
"""Words of a key phrase."""
_CLAUSE = {"en": 9, "vi": 12}
"""Words of a clause that is shown."""


@dataclass(frozen=True, slots=True)
class Phrase:
    text: str
    """First letter in upper case, to be shown."""
    raw: str
    """As it stands in the sentence, to be spoken."""
    score: float
    position: float
    """Where it begins in its sentence, 0 … 1."""


def phrases(
    sentence: str, tongue: Tongue, terms: Iterable[str] = (), around: str = ""
) -> list[Phrase]:
    """Key phrases in the order of the sentence, scored by what makes them worth showing. What the
    author marked, or says again in `around` (folded text), is worth more."""
    marked = {fold(term) for term in terms}
    found: list[Phrase] = []
    for phrase in _plain(sentence, tongue):
        folded = fold(phrase.raw) if marked or around else ""
        if folded in marked and folded:
            found.append(replace(phrase, score=phrase.score + 1.0))
        elif around and f" {around} ".count(f" {folded} ") > 1:
            found.append(replace(phrase, score=phrase.score + 0.5))
        else:
            found.append(phrase)
    return found


@lru_cache(maxsize=1_024)
def _plain(sentence: str, tongue: Tongue) -> tuple[Phrase, ...]:
    """The phrases of a sentence by themselves. A sentence is asked for each visual in turn."""
    words = list(_WORD.finditer(sentence))
    found: list[Phrase] = []
    for run in _runs(sentence, words, tongue):
        text = sentence[run[0].start() : run[-1].end()]
        score = _score(run, text, tongue, first=run[0] is words[0])
        if score > 0:
            position = run[0].start() / max(1, len(sentence))
            found.append(Phrase(capitalise(text), text, score, position))
    return tuple(found)


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
            following = words[index + 1].group().casefold() if index + 1 < len(words) else ""
            if tongue.language == "en" and _ends_noun(run, following):
                yield run
                run = []
    if run:
        yield run


def _ends_noun(run: list[re.Match[str]], following: str) -> bool:
    """English: after a plural no noun follows ("droplets collide"), and what looks like a plural
    before an article is a verb ("sunlight warms the layer"), which is taken off."""
    last = run[-1].group()
    plural = last.endswith("s") and not last.endswith(("ss", "us", "is")) and len(last) > 3
    if not plural or last[0].isupper():
        return False
    if len(run) > 1 and following in _BEFORE_OBJECT:
        run.pop()
    return True


def _content(words: list[re.Match[str]], tongue: Tongue) -> list[bool]:
    low = [word.group().casefold() for word in words]
    content = [not _is_function(word, tongue) for word in low]
    index = 0
    while index + 1 < len(low):
        pair = f"{low[index]} {low[index + 1]}"
        if pair in tongue.compounds or pair in tongue.idle:
            content[index] = content[index + 1] = pair in tongue.compounds
            index += 1
        index += 1
    return content


def _is_function(word: str, tongue: Tongue) -> bool:
    if word in tongue.function_words:
        return True
    return tongue.language == "en" and (
        (len(word) > 4 and word.endswith("ly")) or bool(_CONTRACTED.search(word))
    )


def _score(run: list[re.Match[str]], text: str, tongue: Tongue, *, first: bool) -> float:
    count = len(run)
    letters = sum(map(str.isalpha, text))
    if count > LONGEST[tongue.language] or letters < 4:
        return 0.0
    if not (run[0].group()[0].isalpha() and run[-1].group()[0].isalpha()):
        return 0.0
    # A run of Vietnamese syllables may be a phrase of any kind: only what recurs is a term.
    ideal = {"en": (0.5, 1.1, 1.0, 0.6), "vi": (0.0, 0.6, 0.7, 0.8, 0.6, 0.4)}[tongue.language]
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


_BEFORE_OBJECT = tongue_words(
    "the a an it its them their this that these only just more less no any every each us you"
)
_SUBORDINATE = tongue_words(
    "if when while because although though since unless until after before as once whereas which "
    "who that "
    "and or but so than to nếu khi vì bởi tuy dù mặc trong sau trước để rằng mà và hoặc hay nhưng "
    "nên thì "
    "cho do với là"
)
_LEADING = _SUBORDINATE | tongue_words(
    "for with in on at by from of as under like through during without apart such including "
    "đối theo từ tại ở bằng về vào như gồm bao chẳng ví ngoài"
)
_FINITE = tongue_words(
    "is are was were has have had can could will would should must may might do does did isn "
    "aren wasn weren hasn haven couldn won wouldn shouldn don doesn didn"
)
"""As `bag` gives them: "isn't" is two words there."""
_ONTO = tongue_words("on to into from by with at")
_NO_VERBS = tongue_words(
    "this thus perhaps others always sometimes towards besides across afterwards whereas unless "
    "its ours yours hers theirs less"
)


def clause(
    sentence: str,
    tongue: Tongue,
    known: Iterable[str] = (),
    longest: int | None = None,
    *,
    alone: bool = True,
) -> str:
    """A whole clause of four words or more that can be read on its own; empty when there is none.
    `known` are words it should not merely repeat; `longest` is in words, nine where it is not
    given (twelve syllables of Vietnamese). One that is not `alone` may be less than a sentence."""
    longest = longest or _CLAUSE[tongue.language]
    seen = set(known)
    best: tuple[int, str] | None = None
    pieces = re.split(r"[,;:–—]\s|\s[–—-]\s", sentence.rstrip(".!?…"))
    for place, piece in enumerate(pieces):
        words = bag(piece)
        if (
            not 4 <= len(words) <= longest
            or words[0] in (_LEADING if alone else _SUBORDINATE)
            or sentence.endswith("?")
            or tongue.leaning.match(piece)
            or tongue.connective.match(piece)
            or _is_open(pieces[place : place + 2], tongue)
            or _is_open(pieces[max(0, place - 1) : place + 1], tongue)
        ):
            continue
        if alone and (0 < place < len(pieces) - 1 or not _is_sentence(piece, tongue)):
            continue
        fresh = sum(word not in seen and word not in tongue.function_words for word in words)
        if fresh >= 2 and (best is None or fresh > best[0]):
            best = (fresh, piece.strip())
    return capitalise(best[1]) if best else ""


def _is_open(pieces: Sequence[str], tongue: Tongue) -> bool:
    """Whether the second piece goes on with the first one's noun: "a single, synchronous call"."""
    if len(pieces) < 2 or not _OPEN_NOUN.search(pieces[0]):
        return False
    following = bag(pieces[1])
    return bool(following) and following[0] not in tongue.function_words


def _is_sentence(piece: str, tongue: Tongue) -> bool:
    """Whether it can stand alone: in English it has a verb, as far as that can be seen."""
    if tongue.pointing.match(piece):
        return False
    if tongue.language != "en":
        return True
    words = bag(piece)
    if words[0] in _FINITE:
        return False
    following = (*words[1:], "")
    return any(
        word in _FINITE or (place and _may_be_verb(word, after, tongue))
        for place, (word, after) in enumerate(zip(words, following, strict=True))
    )


def _may_be_verb(word: str, following: str, tongue: Tongue) -> bool:
    """By its ending: a common verb, or one before an object ("rests on one assumption")."""
    if len(word) < 4 or word in _NO_VERBS or not word.endswith(("s", "ed")):
        return False
    return word in tongue.function_words or following in _BEFORE_OBJECT or following in _ONTO


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
