"""Visual and sentences → the word, or at least the sentence, with which each step is spoken of.

A step that shows "Nhãn được ba bác sĩ đọc" comes in where these words are said. What is shown and
what is said differ; the run of the sentence that says most of a step's words is taken, so that the
steps follow each other as they are told. No step is guessed: where its words are not said there
is no answer, and it is placed by its sentence or between its neighbours.
"""

from __future__ import annotations

import itertools
import re
from collections import Counter
from collections.abc import Iterable, Sequence

from inkreel.model import (
    AnyVisual,
    ChartVisual,
    ComparisonVisual,
    DiagramVisual,
    EndVisual,
    FormulaVisual,
    NumberVisual,
    SlideVisual,
    TableVisual,
)

Tokens = tuple[str, ...]
"""Words in lower case, without marks."""

_WORD = re.compile(r"\w+(?:[.,]\d+)*", re.UNICODE)
_ENOUGH = 0.5
"""Share of a step's words that must be said for it to be heard."""
_MOST_STEPS, _MOST_WORDS = 60, 1_200
_NEAR = 3
"""Words of other things that may stand between two words of a step."""


def shown(visual: AnyVisual) -> tuple[str, ...]:
    """What is read in each step, as far as it can be spoken; none for kinds whose steps are not
    named by their text."""
    match visual:
        case SlideVisual(bullets=bullets):
            return tuple(bullet.text or bullet.detail for bullet in bullets)
        case ComparisonVisual(columns=columns):
            points = itertools.zip_longest(*(side.points for side in columns), fillvalue="")
            return tuple(" ".join(each) for each in points)
        case EndVisual(takeaways=takeaways):
            return takeaways
        case TableVisual(rows=rows):
            return tuple(" ".join(row[:1]) or " ".join(row) for row in rows)
        case ChartVisual():
            named = visual.form in ("line", "area")
            return tuple(one.name for one in visual.series) if named else visual.labels
        case FormulaVisual(steps=steps):
            return tuple(step.note for step in steps)
        case NumberVisual():
            return (visual.value, visual.detail)
        case DiagramVisual():
            return _of_diagram(visual)
    return ()


def _of_diagram(visual: DiagramVisual) -> tuple[str, ...]:
    """The texts of what has a step of its own: one who leaves them out does not say which."""
    parts = [(edge.step, edge.text) for edge in visual.edges]
    if visual.form != "sequence":
        parts = [(node.step, node.text) for node in visual.nodes] + parts
    texts: dict[int, list[str]] = {}
    for step, text in parts:
        if step is None:
            return ()
        texts.setdefault(step, []).append(text)
    if not texts:
        return ()
    return tuple(" ".join(texts.get(step, ())) for step in range(1 + max(texts)))


def onsets(
    texts: Sequence[str], sentences: Sequence[Sequence[str]], given: Sequence[int] = ()
) -> tuple[int | None, ...]:
    """For each text the number of the first word that says it, counted over all sentences; within
    the sentence that it is cued to, else anywhere, in the order of the texts."""
    spoken = [_tokens([word]) for sentence in sentences for word in sentence]
    if not spoken or len(texts) > _MOST_STEPS or len(spoken) > _MOST_WORDS:
        return (None,) * len(texts)
    bounds = [0, *itertools.accumulate(len(sentence) for sentence in sentences)]
    found: list[dict[int, float]] = []
    wanted = [_tokens([text]) for text in texts]
    rarity = _rarity(wanted, spoken)
    for step, tokens in enumerate(wanted):
        cue = given[step] if step < len(given) else None
        inside = cue is not None and 0 <= cue < len(sentences)
        first, last = (bounds[cue], bounds[cue + 1]) if inside and cue is not None else (0, None)
        found.append(_candidates(tokens, spoken[:last], first, rarity))
    return _in_order(found)


def cues(visual: AnyVisual, narration: Sequence[str]) -> tuple[int, ...]:
    """The sentence in which each step is spoken of: its cue, or where its words are said, or that
    of the step before it; none where that is not known of any step."""
    texts, given = shown(visual), visual.cues
    if len(given) >= len(texts):
        return given
    sentences = [sentence.split() for sentence in narration]
    words = onsets(texts, sentences, given)
    if not given and all(word is None for word in words):
        return ()
    found: list[int] = []
    for step, word in enumerate(words):
        before = found[-1] if found else 0
        cue = given[step] if step < len(given) else _sentence_of(word, sentences, before)
        found.append(cue)
    return tuple(found)


def _sentence_of(word: int | None, sentences: Sequence[Sequence[str]], otherwise: int) -> int:
    if word is None:
        return otherwise
    bounds = itertools.accumulate(len(sentence) for sentence in sentences)
    return next(number for number, end in enumerate(bounds) if word < end)


def _tokens(texts: Iterable[str]) -> Tokens:
    return tuple(word.lower() for text in texts for word in _WORD.findall(text))


def _rarity(wanted: Sequence[Tokens], spoken: Sequence[Tokens]) -> dict[str, float]:
    """How much a word tells which step is meant: less if other steps show it, or if it is said
    all the time."""
    shared = Counter(token for tokens in wanted for token in set(tokens))
    said = Counter(token for tokens in spoken for token in tokens)
    return {token: 1.0 / (count * max(1, said[token])) for token, count in shared.items()}


def _candidates(
    tokens: Tokens, spoken: Sequence[Tokens], first: int, rarity: dict[str, float]
) -> dict[int, float]:
    """Word → how much of a step is said from there on."""
    own = set(tokens)
    whole = sum(rarity[token] for token in own)
    places = [at for at in range(first, len(spoken)) if own.intersection(spoken[at])]
    scores: dict[int, float] = {}
    for index, place in enumerate(places):
        heard, before = set(own.intersection(spoken[place])), place
        for later in places[index + 1 :]:
            if later - before > _NEAR + 1:
                break
            heard |= own.intersection(spoken[later])
            before = later
        score = sum(rarity[token] for token in heard) / whole
        if score >= _ENOUGH:
            scores[place] = score
    return scores


def _in_order(found: Sequence[dict[int, float]]) -> tuple[int | None, ...]:
    """The places of most weight that follow each other; of equal ones the earlier."""
    chains: list[tuple[float, int, tuple[tuple[int, int], ...]]] = [(0.0, -1, ())]
    for step, places in enumerate(found):
        longer = []
        for place, score in sorted(places.items()):
            weight, _, chain = max(
                (each for each in chains if each[1] < place), key=lambda each: (each[0], -each[1])
            )
            longer.append((weight + score, place, (*chain, (step, place))))
        chains += longer
    best = dict(max(chains, key=lambda each: (each[0], -each[1]))[2])
    return tuple(best.get(step) for step in range(len(found)))
