"""A group of sentences → the visual its content gives reason for: a figure it counts with, terms
it sets against each other, a command it names, or the sentence itself."""

from __future__ import annotations

import re
from collections.abc import Sequence

from inkreel.model import (
    AnyVisual,
    Bullet,
    CodeVisual,
    NumberVisual,
    QuoteVisual,
    SectionVisual,
    SlideVisual,
)
from inkreel.storyboard import figures, keyphrases
from inkreel.storyboard.keyphrases import Phrase, spoken_share
from inkreel.storyboard.tongue import Tongue

MOST_SPOKEN = 0.5
"""Share of a bullet's words that may stand in any sentence of its scene."""
_COMMAND = re.compile(
    r"(?:\$ )?(?:pip|npm|npx|git|docker|cargo|go|make|python3?|curl|apt|brew|uv|conda|yarn|kubectl)"
    r" [\w./@-][^\n]{2,70}"
)


def bullets_hold(bullets: Sequence[Bullet], narration: Sequence[str]) -> bool:
    """Whether the screen says something other than the voice."""
    return all(spoken_share(f"{b.text} {b.detail}", narration) <= MOST_SPOKEN for b in bullets)


def number(narration: Sequence[str], tongue: Tongue) -> tuple[float, NumberVisual] | None:
    """The most telling figure of a group, with its score."""
    best: tuple[float, int, figures.Salient] | None = None
    for index, sentence in enumerate(narration):
        found = figures.salient(sentence, tongue)
        if found and (best is None or found.score > best[0]):
            best = (found.score, index, found)
    if best is None:
        return None
    score, index, found = best
    detail, detail_cue = _detail(narration, index, found.label, tongue)
    return score, NumberVisual(
        value=found.value, label=found.label, detail=detail, cues=(index, detail_cue)
    )


def _detail(narration: Sequence[str], index: int, label: str, tongue: Tongue) -> tuple[str, int]:
    """A key phrase of another sentence that sets the figure in context."""
    used = set(keyphrases.bag(label))
    for other in [*range(index + 1, len(narration)), *range(index)]:
        for phrase in sorted(keyphrases.phrases(narration[other], tongue), key=lambda p: -p.score):
            if phrase.score >= 1.0 and not used & set(keyphrases.bag(phrase.text)):
                return phrase.text, max(other, index)
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


def terms_slide(
    narration: Sequence[str], asides: Sequence[Sequence[str]], terms: Sequence[str], tongue: Tongue
) -> tuple[float, SlideVisual] | None:
    """Key phrases of the sentences, each with what another sentence or an aside adds to it."""
    found = [keyphrases.phrases(sentence, tongue, terms) for sentence in narration]
    used: set[str] = set()
    bullets: list[tuple[int, Bullet]] = []
    total = 0.0
    for index in range(len(narration)):
        choice = _bullet(index, found, asides, narration, used)
        if choice and len(bullets) < 4:
            score, bullet = choice
            used.update(keyphrases.bag(f"{bullet.text} {bullet.detail}"))
            bullets.append((index, bullet))
            total += score
    if len(bullets) < 2:
        return None
    visual = SlideVisual(
        bullets=tuple(b for _, b in bullets), cues=tuple(index for index, _ in bullets)
    )
    return total / len(bullets), visual


def _bullet(
    index: int,
    found: Sequence[Sequence[Phrase]],
    asides: Sequence[Sequence[str]],
    narration: Sequence[str],
    used: set[str],
) -> tuple[float, Bullet] | None:
    """The best pair of a phrase of sentence `index` and a detail that is said elsewhere or not."""
    best: tuple[float, Bullet] | None = None
    details = [(1.6, aside) for aside in asides[index] if len(aside.split()) <= 9]
    for other in (index + 1, index - 1, index + 2):
        if 0 <= other < len(found):
            nearness = 0.2 if other == index + 1 else 0.0
            details += [(p.score + nearness + 0.2 * p.position, p.text) for p in found[other]]
    for phrase in found[index]:
        words = set(keyphrases.bag(phrase.text))
        if phrase.score < 0.9 or words & used:
            continue
        for weight, detail in details:
            others = set(keyphrases.bag(detail))
            score = phrase.score + weight - 0.2 * phrase.position
            if weight < 0.9 or others & (used | words) or (best and best[0] >= score):
                continue
            bullet = Bullet(text=phrase.text, detail=sentences_first(detail))
            if bullets_hold((bullet,), narration):
                best = (score, bullet)
    return best


def sentences_first(text: str) -> str:
    """First letter in upper case."""
    return text[:1].upper() + text[1:]


def quote(narration: Sequence[str], terms: Sequence[str], tongue: Tongue) -> QuoteVisual | None:
    """The sentence of the group that is worth reading, its key phrase in colour."""
    best: tuple[float, int] | None = None
    for index, sentence in enumerate(narration):
        count = len(sentence.split())
        if not 5 <= count <= 34 or len(sentence) > 200 or sentence.endswith(":"):
            continue
        score = 1.0 * bool(tongue.defining.search(sentence))
        score += 0.6 * bool(tongue.cue_words.search(sentence)) + 0.3 * (index == 0)
        score -= abs(count - 16) / 30
        if tongue.leaning.match(sentence) or tongue.connective.match(sentence):
            score -= 2.0
        if best is None or score > best[0]:
            best = (score, index)
    if best is None or best[0] < -1:
        return None
    sentence = narration[best[1]]
    return QuoteVisual(text=sentence, emphasis=emphasis(sentence, terms, tongue), cues=(best[1],))


def emphasis(sentence: str, terms: Sequence[str], tongue: Tongue) -> str:
    """The best phrase of a sentence, as it is written there."""
    found = sorted(keyphrases.phrases(sentence, tongue, terms), key=lambda p: -p.score)
    for phrase in found:
        at = sentence.casefold().find(phrase.text.casefold())
        if at >= 0 and len(phrase.text) < len(sentence) * 0.6:
            return sentence[at : at + len(phrase.text)]
    return ""


def card(
    narration: Sequence[str], heading: str, number: str, terms: Sequence[str], tongue: Tongue
) -> SectionVisual:
    """A chapter card: its subtitle is what the sentences are about, beyond the heading."""
    known = set(keyphrases.bag(heading))
    options: list[tuple[float, int, str]] = []
    for index, sentence in enumerate(narration):
        for phrase in keyphrases.phrases(sentence, tongue, terms):
            if phrase.score >= 0.9 and not known & set(keyphrases.bag(phrase.text)):
                options.append((phrase.score, index, phrase.text))
    if not options:
        return SectionVisual(number=number)
    _, index, text = max(options, key=lambda o: o[0])
    return SectionVisual(number=number, subtitle=text, cues=(index,))


def choose(
    narration: Sequence[str],
    asides: Sequence[Sequence[str]],
    terms: Sequence[str],
    tongue: Tongue,
    turn: int,
) -> AnyVisual | None:
    """The visual of an ordinary group. `turn` is its place in the section: of two visuals that
    both have reason, neighbours take different ones."""
    if shown := command(terms, narration):
        return shown
    counted = number(narration, tongue)
    slide = terms_slide(narration, asides, terms, tongue)
    quoted = quote(narration, terms, tongue)
    options: list[tuple[float, AnyVisual]] = []
    if counted:
        options.append((counted[0] + 0.2, counted[1]))
    if slide:
        options.append((slide[0] * 0.45 + (0.25 if turn % 2 == 0 else -0.15), slide[1]))
    if quoted:
        defines = bool(tongue.defining.search(quoted.text))
        options.append((0.45 + 0.3 * defines + (0.35 if turn % 2 else 0.0), quoted))
    return max(options, key=lambda o: o[0])[1] if options else None
