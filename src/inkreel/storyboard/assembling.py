"""Drafts of sections → Storyboard: a title card, the scenes of the drafts, a close. What a language
model did not tell, or not well, the writer of the house tells from the same blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import msgspec

from inkreel.model import (
    AnyVisual,
    Document,
    Draft,
    DraftScene,
    FigureVisual,
    Image,
    ImageVisual,
    Scene,
    SectionVisual,
    SlideVisual,
    Storyboard,
)
from inkreel.storyboard import briefs, drafting, framing, joining
from inkreel.storyboard.joining import Placed
from inkreel.storyboard.openers import Utterance
from inkreel.storyboard.prose import Writer
from inkreel.storyboard.sections import Section, clean_heading
from inkreel.storyboard.telling import Telling, parts_of


def assemble(
    document: Document,
    drafts: Sequence[Draft | None],
    briefed: Sequence[bool],
    writer: Writer,
    plan: tuple[float | None, int],
) -> Storyboard:
    """`briefed` are the sections that a language model was to tell; those that it was not, as they
    have nothing to tell or there is no time for them, are left out."""
    seconds, characters = plan
    notes: list[str] = []
    divided = briefs.partition(document, writer.tongue, characters)
    told: list[tuple[Section | None, Scene]] = []
    for section, draft, meant in zip(divided, drafts, briefed, strict=True):
        if draft is not None:
            told += [(section, scene) for scene in _drafted(section, draft, writer, notes)]
        elif meant:
            told += [(section, scene) for scene in _own(section, section.blocks, writer, notes)]
    topics = framing.topics_of([s for s, m in zip(divided, briefed, strict=True) if m], writer)
    hook: list[Utterance] = []
    opening = framing.title_scene(document.title, hook, topics, writer)
    (_, opening), *later = joining.unrepeated([(None, opening), *told], writer)
    body: list[Placed] = [(section, scene) for section, scene in later if section]
    body = drafting.within(joining.settled(body, writer), seconds, [opening], writer, notes)
    scenes = [opening, *(scene for _, scene in body)]
    if len(scenes) > 2:
        headings = dict.fromkeys(section.heading for section, _ in body)
        scenes[-1] = framing.recap(scenes[-1], list(headings))
    return drafting.board(document, scenes, writer, notes)


def _own(
    section: Section, blocks: Sequence[object], writer: Writer, notes: list[str]
) -> list[Scene]:
    part = replace(section, blocks=tuple(b for b in section.blocks if b in blocks))
    telling = Telling(part, writer, parts_of(part, writer))
    scenes = telling.run()
    notes += telling.notes
    return scenes


def _drafted(section: Section, draft: Draft, writer: Writer, notes: list[str]) -> Iterator[Scene]:
    lost = list(draft.lost)
    told = {source for scene in draft.scenes for source in scene.sources}
    for number, drafted in enumerate([*draft.scenes, None]):
        while lost and lost[0].at <= number:
            ids = set(lost.pop(0).sources) - told
            told |= ids
            blocks = [block for block in section.blocks if block.id in ids]
            if blocks:
                yield from _own(section, blocks, writer, notes)
        if drafted is not None:
            yield _scene(section, drafted, writer)


def _scene(section: Section, drafted: DraftScene, writer: Writer) -> Scene:
    heading = clean_heading(drafted.heading, writer.tongue) or section.heading
    eyebrow = section.heading if heading != section.heading else section.eyebrow
    return Scene(
        id=section.slug,
        heading=heading,
        narration=tuple(" ".join(sentence.split()) for sentence in drafted.narration),
        visual=_visual(section, drafted),
        eyebrow=eyebrow if eyebrow.casefold() != heading.casefold() else "",
        sources=drafted.sources,
    )


def _visual(section: Section, drafted: DraftScene) -> AnyVisual:
    """As it is filmed: cues that fit the narration and the steps, figures as images."""
    visual = drafted.visual
    if isinstance(visual, FigureVisual):
        return _image(section, visual)
    sentences = len(drafted.narration)
    cues = visual.cues
    steps = len(visual.bullets) if isinstance(visual, SlideVisual) else len(cues)
    fitting = len(cues) == steps and all(0 <= cue < sentences for cue in cues)
    if not fitting or list(cues) != sorted(cues):
        visual = msgspec.structs.replace(visual, cues=())
    return visual


def _image(section: Section, figure: FigureVisual) -> AnyVisual:
    for block in section.blocks:
        if isinstance(block, Image) and block.id == figure.block:
            caption = block.caption or block.alt
            return ImageVisual(
                digest=block.digest, width=block.width, height=block.height, caption=caption
            )
    return SectionVisual()
