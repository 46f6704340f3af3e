"""Storyboard → the same, with what a picture beside a scene is to show.

A picture helps where there is nothing to draw: beside a statement, or at the head of a chapter. It
never takes the place of a chart, a table, code, a formula, a diagram or a figure of the document,
and a bounded share of the scenes has one, so that it stays something to look at.
"""

from __future__ import annotations

from dataclasses import dataclass

from msgspec.structs import replace

from inkreel.model import QuoteVisual, Scene, SectionVisual, Storyboard
from inkreel.storyboard import keyphrases
from inkreel.storyboard.english import ENGLISH
from inkreel.storyboard.tongue import Tongue
from inkreel.storyboard.vietnamese import VIETNAMESE

SHARE = 3
"""At most one scene in so many is illustrated."""
MOST = 20
"""Of a video: pictures cost money, or an allowance."""
WORDS = {"en": 5, "vi": 8}
"""Of a query: more find less."""


@dataclass(frozen=True, slots=True)
class Wish:
    """A scene that could be illustrated."""

    index: int
    query: str
    weight: int
    """Statements before chapters: they stay on the screen the longest."""


def illustrated(board: Storyboard) -> Storyboard:
    """Choose scenes that are worth a picture, never two in a row, and say what it is to show."""
    tongue = {"vi": VIETNAMESE, "en": ENGLISH}[board.language]
    wishes = [wish for at, scene in enumerate(board.scenes) if (wish := _wish(at, scene, tongue))]
    room = min(MOST, -(-len(board.scenes) // SHARE))
    chosen: dict[int, str] = {}
    for wish in sorted(wishes, key=lambda one: (-one.weight, one.index)):
        beside = {wish.index - 1, wish.index + 1} & chosen.keys()
        if len(chosen) < room and not beside:
            chosen[wish.index] = wish.query
    scenes = (
        replace(scene, illustrate=chosen[at]) if at in chosen else scene
        for at, scene in enumerate(board.scenes)
    )
    return replace(board, scenes=tuple(scenes))


def _wish(index: int, scene: Scene, tongue: Tongue) -> Wish | None:
    match scene.visual:
        case QuoteVisual(by="", text=text):
            said, weight = text, 2
        case SectionVisual(subtitle=subtitle):
            said, weight = subtitle or scene.narration[0], 1
        case _:
            return None
    query = _query(scene, said, tongue)
    return Wish(index, query, weight) if query else None


def _query(scene: Scene, said: str, tongue: Tongue) -> str:
    """The words that carry the scene: its heading, then the best phrase of what it says."""
    phrases = sorted(keyphrases.phrases(said, tongue), key=lambda one: -one.score)
    headed = keyphrases.phrases(scene.heading, tongue)
    words: list[str] = []
    for phrase in (*headed, *phrases):
        fresh = [word for word in keyphrases.bag(phrase.raw) if word not in words]
        if len(words) + len(fresh) <= WORDS[tongue.language]:
            words += fresh
    return " ".join(words)
