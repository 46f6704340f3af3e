"""A group of sentences → the visual its content gives reason for: a figure it counts with, terms
it sets against each other, a command it names, or the sentence itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import (
    AnyVisual,
    Bullet,
    CodeVisual,
    NumberVisual,
    QuoteVisual,
    SectionVisual,
    SlideVisual,
)
from inkreel.storyboard import figures, keyphrases, openers
from inkreel.storyboard.keyphrases import spoken_share
from inkreel.storyboard.tongue import Tongue

MOST_SPOKEN = 0.5
"""Share of a bullet's words that may stand in any sentence of its scene."""
_PATIENCE = 10
"""Words for which a screen may hold nothing but its heading."""
_STATEMENT = {"en": 20, "vi": 26}
"""Words of a clause that is shown as a statement."""
_COMMAND = re.compile(
    r"(?:\$ )?(?:pip|npm|npx|git|docker|cargo|go|make|python3?|curl|apt|brew|uv|conda|yarn|kubectl)"
    r" [\w./@-][^\n]{2,70}"
)


@dataclass(frozen=True, slots=True)
class Marked:
    """What makes a phrase a term: the author marked it, or the section says it again."""

    terms: tuple[str, ...] = ()
    around: str = ""
    """The section's text, folded."""


def bullets_hold(bullets: Sequence[Bullet], narration: Sequence[str]) -> bool:
    """Whether the screen says something other than the voice."""
    return all(spoken_share(f"{b.text} {b.detail}", narration) <= MOST_SPOKEN for b in bullets)


def number(narration: Sequence[str], tongue: Tongue) -> tuple[float, NumberVisual] | None:
    """The most telling figure of a group, with its score."""
    best: tuple[float, int, figures.Salient] | None = None
    for index, sentence in enumerate(narration):
        found = figures.salient(sentence, tongue)
        score = found.score - _waiting(narration[:index]) if found else 0.0
        if found and (best is None or score > best[0]):
            best = (score, index, found)
    if best is None:
        return None
    score, index, found = best
    detail, detail_cue = _detail(narration, index, found.label, tongue)
    return score, NumberVisual(
        value=found.value, label=found.label, detail=detail, cues=(index, detail_cue)
    )


def _waiting(before: Sequence[str]) -> float:
    """What is lost where nothing is shown while these sentences are spoken."""
    words = sum(len(sentence.split()) for sentence in before)
    return max(0.0, 0.05 * (words - _PATIENCE))


def _detail(narration: Sequence[str], index: int, label: str, tongue: Tongue) -> tuple[str, int]:
    """A clause that sets the figure in context, from another sentence if possible."""
    known = keyphrases.bag(label)
    for other in [*range(index + 1, len(narration)), *range(index), index]:
        if found := keyphrases.clause(narration[other], tongue, known, alone=False):
            return found, max(other, index)
    return "", index


def command(terms: Sequence[str], narration: Sequence[str]) -> CodeVisual | None:
    """A command that the sentences name."""
    for term in terms:
        if _COMMAND.fullmatch(term) and any(term in sentence for sentence in narration):
            return CodeVisual(text=term.removeprefix("$ "), language="bash")
    return None


def outline_of(children: Sequence[str], narration: Sequence[str]) -> SlideVisual | None:
    """The parts to come, while the voice says why they matter."""
    bullets = tuple(Bullet(text=child) for child in children[:4])
    if len(children) < 2 or not bullets_hold(bullets, narration):
        return None
    last = len(narration) - 1
    cues = tuple(min(last, k * len(narration) // len(bullets)) for k in range(len(bullets)))
    return SlideVisual(bullets=bullets, cues=cues)


def quote(narration: Sequence[str], marked: Marked, tongue: Tongue) -> QuoteVisual | None:
    """The sentence of the group that is worth reading, its key phrase in colour."""
    best: tuple[float, int] | None = None
    for index, sentence in enumerate(narration):
        count = len(sentence.split())
        if not 7 <= count <= 34 or len(sentence) > 200 or sentence.endswith(":"):
            continue
        score = 1.0 * bool(tongue.defining.search(sentence))
        score += 0.6 * bool(tongue.cue_words.search(sentence)) + 0.3 * (index == 0)
        score -= abs(count - 16) / 30 + _waiting(narration[:index])
        if openers.leans(sentence, tongue) or sentence.endswith("?") or ": " in sentence:
            score -= 2.0
        if best is None or score > best[0]:
            best = (score, index)
    if best is None or best[0] < -1:
        return None
    sentence = narration[best[1]]
    return QuoteVisual(
        text=sentence,
        emphasis=emphasis(sentence, marked, tongue),
        cues=(best[1], best[1], len(narration) - 1),
    )


def statement(
    narration: Sequence[str], marked: Marked, known: str, tongue: Tongue
) -> QuoteVisual | None:
    """A whole clause of a sentence that is too long to be shown, or leans on another."""
    seen = keyphrases.bag(known)
    for index, sentence in enumerate(narration):
        if _waiting(narration[:index]):
            break
        if found := keyphrases.clause(sentence, tongue, seen, _STATEMENT[tongue.language]):
            lit = emphasis(found, marked, tongue)
            cues = (index, index, len(narration) - 1)
            return QuoteVisual(text=found, emphasis=lit, cues=cues)
    return None


def emphasis(sentence: str, marked: Marked, tongue: Tongue) -> str:
    """The best phrase of a sentence, as it is written there; in Vietnamese only a term, else a
    whole clause."""
    ranked = keyphrases.phrases(sentence, tongue, marked.terms, marked.around)
    least = 1.1 if tongue.language == "vi" else 0.5
    for phrase in sorted(ranked, key=lambda p: -p.score):
        telling = " " in phrase.raw or phrase.score >= 1.3
        if telling and phrase.score >= least and len(phrase.raw) < len(sentence) * 0.6:
            return phrase.raw
    clauses = [c.strip() for c in sentence.rstrip(".!?…").split(", ")]
    if len(clauses) > 1:
        return max(clauses[1:], key=lambda c: -abs(len(c.split()) - 6))
    return ""


def card(narration: Sequence[str], heading: str, number: str, tongue: Tongue) -> SectionVisual:
    """A chapter card: its subtitle is a clause of what is said, beyond the heading, or else a
    phrase."""
    if found := _subtitle(narration, heading, tongue):
        return SectionVisual(number=number, subtitle=found[1], cues=(found[0],))
    known = keyphrases.bag(heading)
    ranked = [
        (phrase.score, -index, phrase.text)
        for index, sentence in enumerate(narration)
        for phrase in keyphrases.phrases(sentence, tongue)
        if phrase.score >= 0.6 and not set(known) & set(keyphrases.bag(phrase.text))
    ]
    if not ranked:
        return SectionVisual(number=number)
    _, place, text = max(ranked)
    return SectionVisual(number=number, subtitle=text, cues=(-place,))


def telling_card(narration: Sequence[str], heading: str, tongue: Tongue) -> SectionVisual | None:
    """A card that says something: with a whole clause."""
    found = _subtitle(narration, heading, tongue)
    return SectionVisual(subtitle=found[1], cues=(found[0],)) if found else None


def _subtitle(narration: Sequence[str], heading: str, tongue: Tongue) -> tuple[int, str] | None:
    """A clause beyond the heading, and its sentence."""
    known = keyphrases.bag(heading)
    clauses = (
        (index, keyphrases.clause(narration[index], tongue, known))
        for index in [*range(1, len(narration)), 0]
    )
    return next((each for each in clauses if each[1]), None)


def theme(
    narration: Sequence[str], known: str, marked: Marked, tongue: Tongue, *, least: float = 1.0
) -> str:
    """What a group is about, in a phrase that is not in `known` already."""
    seen = set(keyphrases.bag(known))
    best: tuple[float, str] | None = None
    for index, sentence in enumerate(narration[:2]):
        for phrase in keyphrases.phrases(sentence, tongue, marked.terms, marked.around):
            subject = tongue.language == "en" and index == 0 and phrase.position < 0.06
            score = phrase.score + 0.8 * subject - 0.3 * index
            if score < least or seen & set(keyphrases.bag(phrase.text)):
                continue
            if best is None or score > best[0]:
                best = (score, phrase.text)
    return best[1] if best else ""


def choose(
    narration: Sequence[str],
    marked: Marked,
    tongue: Tongue,
    turn: int,
) -> list[tuple[float, AnyVisual]]:
    """The visuals that an ordinary group gives reason for, best first. `turn` is its place in
    the document's order: of visuals with like reason, neighbours prefer different ones."""
    if shown := command(marked.terms, narration):
        return [(2.0, shown)]
    options: list[tuple[float, AnyVisual]] = []
    if counted := number(narration, tongue):
        options.append((counted[0] + 0.2, counted[1]))
    if quoted := quote(narration, marked, tongue):
        defines = bool(tongue.defining.search(quoted.text))
        cued = bool(tongue.cue_words.search(quoted.text))
        score = 0.45 + 0.25 * defines + 0.1 * cued + 0.35 * (turn % 3 == 1)
        options.append((score, quoted))
    return sorted(options, key=lambda option: -option[0])
