"""Sentences → sentences that can stand where they are put: openers whose antecedent is gone are
dropped or rewritten; what cannot stand alone is bound to the sentence before."""

from __future__ import annotations

from dataclasses import dataclass, replace

from inkreel.storyboard.sentences import capitalise, lower_first
from inkreel.storyboard.tongue import Tongue


@dataclass(frozen=True, slots=True)
class Utterance:
    """A sentence to be spoken."""

    text: str
    """As it is said after the sentence that precedes it in the document."""
    alone: str | None
    """As it is said when a scene opens with it; None when it must follow the one before."""
    source: str
    """Id of the block it comes from."""
    asides: tuple[str, ...] = ()


def utter(text: str, source: str, tongue: Tongue, asides: tuple[str, ...] = ()) -> Utterance:
    """Work out both forms of a sentence."""
    text = _drop(text, tongue, additive_only=True)
    alone: str | None = _drop(text, tongue, additive_only=False)
    if alone is not None and leans(alone, tongue):
        alone = _with_article(alone, tongue)
    return Utterance(text, alone, source, asides)


def opened(utterances: list[Utterance]) -> list[Utterance]:
    """The same list with its first sentence made to stand alone; sentences that cannot are left
    out until one can."""
    for index, first in enumerate(utterances):
        if first.alone is not None:
            return [replace(first, text=first.alone), *utterances[index + 1 :]]
    return []


def anchored(utterance: Utterance, topic: str) -> Utterance:
    """A sentence that leans on what is gone, named after its topic: "Evaporation: it begins …"."""
    if utterance.alone is not None:
        return utterance
    text = f"{topic.rstrip('?.!:… ')}: {lower_first(utterance.text)}"
    return replace(utterance, text=text, alone=text)


def leans(text: str, tongue: Tongue) -> bool:
    """Whether the sentence opens with a pronoun, a demonstrative or a connective."""
    return bool(
        tongue.leaning.match(text) or tongue.connective.match(text) or tongue.additive.match(text)
    )


def _drop(text: str, tongue: Tongue, *, additive_only: bool) -> str:
    patterns = (
        (tongue.additive,) if additive_only else (tongue.additive, tongue.unwrap, tongue.connective)
    )
    for _ in range(4):  # "And so, moreover, …": a few layers at most
        before = text
        for pattern in patterns:
            match = pattern.match(text)
            if match and len(text) - match.end() >= 8:
                text = capitalise(text[match.end() :].lstrip(" ,:"))
        if text == before:
            break
    return text


def _with_article(text: str, tongue: Tongue) -> str | None:
    """ "These bacteria grow" → "The bacteria grow"; None when there is no noun to keep."""
    match = tongue.demonstrative.match(text)
    if not match:
        return None
    rewritten = capitalise(match.expand(tongue.article).lstrip() + text[match.end() :])
    return None if leans(rewritten, tongue) else rewritten
