"""Scenes → scenes a viewer can follow: none too short, nothing said twice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeVar

import msgspec

from inkreel.model import (
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    FormulaVisual,
    ImageVisual,
    NumberVisual,
    QuoteVisual,
    Scene,
    SectionVisual,
    SlideVisual,
    Span,
    TableVisual,
)
from inkreel.storyboard import framing, keyphrases, openers, pictures, shots
from inkreel.storyboard.pace import COMFORT, LONGEST, SHORTEST
from inkreel.storyboard.prose import Writer
from inkreel.storyboard.sections import Section

_FULL = 22.0
_LISTED = 14
"""Lines of two listings that are shown as one."""
_RICH = (
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    FormulaVisual,
    ImageVisual,
    TableVisual,
)
"""What is not given up for words."""
_PATIENCE = 5.5
"""Seconds a picture may wait for its first step,"""
_IMPATIENCE = 3.0
"""where nothing but its heading is seen meanwhile."""
_BRIEF = 5.5
"""Seconds under which a scene looks for company."""

Placed = tuple[Section, Scene]
Of = TypeVar("Of")


def holds(scene: Scene, writer: Writer, seconds: float) -> bool:
    """Whether a changed scene still keeps its time and its bullets something of their own."""
    if writer.pace.sentences(scene.narration) > seconds:
        return False
    visual = scene.visual
    return not isinstance(visual, SlideVisual) or pictures.bullets_hold(
        visual.bullets, scene.narration
    )


def settled(body: list[Placed], writer: Writer) -> list[Placed]:
    """Brief scenes join a neighbour of their section, or are announced by their heading, or join
    a neighbour of another section."""
    done: list[Placed] = []
    for index, (section, scene) in enumerate(body):
        shown = isinstance(scene.visual, ImageVisual)  # a picture is not for another to replace
        if writer.pace.sentences(scene.narration) >= (SHORTEST if shown else _BRIEF):
            done.append((section, scene))
            continue
        if done and done[-1][0].slug == section.slug:
            joined = _joined(done[-1][1], scene)
            if holds(joined, writer, _FULL):
                done[-1] = (section, joined)
                continue
        following = body[index + 1] if index + 1 < len(body) else None
        if following and following[0].slug == section.slug:
            joined = _joined(scene, following[1], second_first=True)
            if holds(joined, writer, _FULL):
                body[index + 1] = (section, joined)
                continue
        done += _alone(section, scene, done, writer)
    return done


def _alone(section: Section, scene: Scene, done: list[Placed], writer: Writer) -> list[Placed]:
    """A brief scene that is all its section has."""
    if writer.pace.sentences(scene.narration) >= SHORTEST:
        return [(section, scene)]
    announced = framing.announced(scene, section.chapter, section.heading, writer)
    ample = writer.pace.sentences(announced.narration) >= SHORTEST
    if ample and section.heading and holds(announced, writer, COMFORT[1]):
        return [(section, announced)]
    if done:
        joined = _after(done[-1][1], scene)
        if holds(joined, writer, _FULL):
            done[-1] = (done[-1][0], joined)
    return []


def opened(opening: Scene, body: list[Placed], writer: Writer) -> tuple[Scene, list[Placed]]:
    """A title too brief for a scene takes over the sentences of the scene after it."""
    if not body or writer.pace.sentences(opening.narration) >= SHORTEST:
        return opening, body
    section, first = body[0]
    if isinstance(first.visual, QuoteVisual | SectionVisual | NumberVisual):
        joined = _after(opening, first)
        if holds(joined, writer, LONGEST - 1):
            return joined, body[1:]
    spare = 0 if isinstance(first.visual, ChartVisual | DiagramVisual) else len(first.narration)
    for count in range(1, spare):
        longer = opening.narration + first.narration[:count]
        rest = first.narration[count:]
        alone = not openers.leans(rest[0], writer.tongue)
        if alone and min(map(writer.pace.sentences, (longer, rest))) >= SHORTEST:
            opening = msgspec.structs.replace(
                opening, narration=longer, sources=opening.sources + first.sources
            )
            return opening, [(section, _cut(first, count)), *body[1:]]
    return _before(opening, first), body[1:]


def _cut(scene: Scene, count: int) -> Scene:
    """The scene without its first `count` sentences."""
    cues = tuple(max(0, cue - count) for cue in scene.visual.cues)
    visual = msgspec.structs.replace(scene.visual, cues=cues)
    return msgspec.structs.replace(scene, narration=scene.narration[count:], visual=visual)


def _joined(first: Scene, second: Scene, *, second_first: bool = False) -> Scene:
    """Both scenes as one, under the visual that holds more: two listings become one, and one of
    them, a table or a chart is not given up for words. Of visuals alike the first's is kept, or
    the second's."""
    shown, after = first.visual, second.visual
    if isinstance(shown, CodeVisual) and isinstance(after, CodeVisual):
        listing = _listing(shown, after, len(first.narration), len(second.narration))
        if listing is not None:
            return msgspec.structs.replace(_after(first, second), visual=listing)
    richer = isinstance(after, _RICH) - isinstance(shown, _RICH)
    if richer > 0 or (second_first and not richer):
        return _before(first, second)
    return _after(first, second)


def _listing(first: CodeVisual, second: CodeVisual, said: int, then: int) -> CodeVisual | None:
    """Two listings as one, with the lines in focus of both; None where it would be long. `said` and
    `then` count their sentences."""
    lines = first.text.count("\n") + 2
    alike = (first.language, first.file, first.first) == (second.language, second.file, 1)
    if not alike or lines + second.text.count("\n") + 1 > _LISTED or first.diff or second.diff:
        return None
    moved = [Span(first=s.first + lines, last=s.last + lines) for s in second.focus]
    cues = first.cues or shots.spread(len(first.focus), said)
    later = second.cues or shots.spread(len(second.focus), then)
    return msgspec.structs.replace(
        first,
        text=f"{first.text}\n\n{second.text}",
        focus=(*first.focus, *moved),
        cues=(*cues, *(cue + said for cue in later)),
    )


def _after(first: Scene, second: Scene) -> Scene:
    """The second scene's sentences at the end of the first, under the first's visual."""
    return msgspec.structs.replace(
        first,
        narration=first.narration + second.narration,
        sources=tuple(dict.fromkeys(first.sources + second.sources)),
        derived=first.derived + second.derived,
    )


def _before(first: Scene, second: Scene) -> Scene:
    """The first scene's sentences at the start of the second, under the second's visual."""
    count = len(first.narration)
    visual = second.visual
    cues = tuple(cue + count if i else cue for i, cue in enumerate(visual.cues))
    return msgspec.structs.replace(
        second,
        narration=first.narration + second.narration,
        visual=msgspec.structs.replace(visual, cues=cues),
        sources=tuple(dict.fromkeys(first.sources + second.sources)),
        derived=first.derived + second.derived,
    )


def unrepeated(told: Iterable[tuple[Of, Scene]], writer: Writer) -> list[tuple[Of, Scene]]:
    """Without sentences that were said before; a scene left too short goes, but the first."""
    heard: set[str] = set()
    done: list[tuple[Of, Scene]] = []
    for of, scene in told:
        fresh: list[bool] = []
        for text in scene.narration:
            folded = keyphrases.fold(text)
            fresh.append(folded not in heard)
            heard.add(folded)
        kept = scene if all(fresh) else _without(scene, fresh, writer)
        if kept and (not done or writer.pace.sentences(kept.narration) >= SHORTEST):
            done.append((of, kept))
    return done


def _without(scene: Scene, fresh: list[bool], writer: Writer) -> Scene | None:
    """The scene without the sentences that are not fresh, nor those that would open it and lean
    on one of them; its cues follow."""
    keep: list[int] = []
    for index, text in enumerate(scene.narration):
        if fresh[index] and (keep or not openers.leans(text, writer.tongue)):
            keep.append(index)
    if not keep:
        return None
    places = {old: new for new, old in enumerate(keep)}
    cues = tuple(
        places.get(cue, max((n for o, n in places.items() if o < cue), default=0))
        for cue in scene.visual.cues
    )
    return msgspec.structs.replace(
        scene,
        narration=tuple(scene.narration[i] for i in keep),
        visual=msgspec.structs.replace(scene.visual, cues=cues),
    )


def prompt(scene: Scene, writer: Writer) -> Scene:
    """The scene with its first step seen early: an empty picture would look like a fault."""
    cues = scene.visual.cues
    if not cues:
        return scene
    first = cues[0]
    bare = isinstance(scene.visual, DiagramVisual | NumberVisual | QuoteVisual | SlideVisual)
    quoted = isinstance(scene.visual, QuoteVisual) and scene.visual.by
    patience = _IMPATIENCE if bare and not quoted else _PATIENCE
    while first and writer.pace.sentences(scene.narration[:first]) > patience:
        first -= 1
    visual = msgspec.structs.replace(scene.visual, cues=(first, *cues[1:]))
    return msgspec.structs.replace(scene, visual=visual)
