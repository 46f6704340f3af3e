"""The frame of a storyboard: a hook that says what one will learn, transitions, and a close that
keeps two or three sentences of the document for the end."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import msgspec

from inkreel.model import (
    AnyVisual,
    Bullet,
    EndVisual,
    QuoteVisual,
    Scene,
    SectionVisual,
    SlideVisual,
    TitleVisual,
)
from inkreel.storyboard import pictures, sections, sentences
from inkreel.storyboard.openers import Utterance, anchored, opened
from inkreel.storyboard.pace import LONGEST, SHORTEST
from inkreel.storyboard.prose import Passage, Writer
from inkreel.storyboard.sections import Section
from inkreel.storyboard.telling import Part
from inkreel.storyboard.tongue import Tongue

_HOOK = 12.0
"""Seconds of the document's own opening that go into the title scene."""
_TOPICS = 3
_POINTS = re.compile(
    r"\b(?:see|here|below|above|documented|documentation|readme|click|xem|tại đây|ở đây|dưới đây"
    r"|trên đây|tài liệu (?:này|đó))\b",
    re.IGNORECASE,
)
"""What points elsewhere is nothing to be kept for the end."""


@dataclass(frozen=True, slots=True)
class Kept:
    """A sentence kept for the close, with the heading it belongs to."""

    heading: str
    utterance: Utterance


def take_hook(parts: list[Part], heading: str, writer: Writer) -> list[Utterance]:
    """The first sentence or two of the document; the rest stays."""
    if not parts or not isinstance(parts[0], Passage) or parts[0].announces:
        return []
    first = (anchored(parts[0].utterances[0], heading), *parts[0].utterances[1:])
    taken = 0
    for count in range(1, len(first) + 1):
        length = writer.pace.sentences(u.text for u in first[:count])
        if count > 1 and length > _HOOK:
            break
        rest = writer.pace.sentences(u.text for u in first[count:])
        if count == len(first) or (first[count].alone is not None and rest >= 7.0):
            taken = count
    if not taken or writer.pace.sentences(u.text for u in first[:taken]) > LONGEST - 8:
        return []
    rest_of = first[taken:]
    parts[:1] = [replace(parts[0], utterances=rest_of)] if rest_of else []
    return list(first[:taken])


def title_scene(
    document_title: str, hook: Sequence[Utterance], topics: Sequence[str], writer: Writer
) -> Scene:
    """The opening card: the document's own first words, then what lies ahead."""
    tongue, pace = writer.tongue, writer.pace
    title = sections.clean_heading(document_title, tongue) or writer.title
    head, subtitle = _title_lines(document_title, topics, tongue)
    head = head or writer.title
    said = opened(list(hook))
    narration = [u.text for u in said]
    if not narration:
        narration = [sentences.close(sentences.capitalise(title.rstrip("…")))]
    if ahead := _ahead(topics, writer):
        narration.append(ahead)
    if pace.sentences(narration) > LONGEST - 3:
        narration = narration[:1]
    elif said and pace.sentences(narration) < SHORTEST:
        narration.insert(0, sentences.close(title.rstrip("…")))
    cue = len(narration) - 1 if pace.sentences(narration[:-1]) <= 6.0 else 0
    return Scene(
        id="intro",
        heading=head,
        narration=tuple(narration),
        visual=TitleVisual(subtitle=subtitle, cues=(cue,)),
        sources=tuple(dict.fromkeys(u.source for u in said)),
    )


def _title_lines(title: str, topics: Sequence[str], tongue: Tongue) -> tuple[str, str]:
    for mark in (": ", " — ", " – ", " | ", " - "):
        if mark in title:
            head, rest = title.split(mark, 1)
            rest = sections.clean_heading(rest, tongue)
            return sections.clean_heading(head, tongue), rest
    subtitle = ""
    for count in range(min(3, len(topics)), 1, -1):
        subtitle = " · ".join(t.rstrip("?") for t in topics[:count])
        if len(subtitle) <= 72:
            break
        subtitle = ""
    return sections.clean_heading(title, tongue), subtitle


def _ahead(topics: Sequence[str], writer: Writer) -> str:
    """One sentence that names what is to come: the first, a middle and the last stop."""
    speech = writer.tongue.speech
    names = [sentences.lower_first(topic).rstrip("?.!:…") for topic in topics]
    names = [name for name in names if "," not in name and len(name.split()) <= 9]
    if len(names) < 2:
        return ""
    if len(names) > _TOPICS:
        names = [names[0], names[len(names) // 2], names[-1]]
    if all(writer.tongue.question.match(name) for name in names):
        return speech.questions.format(topics=sentences.join(names, writer.tongue))
    return speech.journey.format(topics=sentences.join(names, writer.tongue))


def topics_of(divided: Sequence[Section], writer: Writer) -> list[str]:
    """The chapters' headings, or those found for the paragraphs of a text without."""
    headings = [s.heading for s in divided if not s.concluding and (s.opens_chapter or s.found)]
    return [h for h in dict.fromkeys(headings) if h.casefold() != writer.title.casefold()]


# --- The close -----------------------------------------------------------------------------------


def keep_for_close(
    divided: Sequence[Section], parts: Sequence[list[Part]], writer: Writer
) -> list[Kept]:
    """Take the last sentence of the first, a middle and the last chapter out of them: what an
    author says last is what should stay. Chosen by place, so that an edit elsewhere changes
    nothing."""
    if any(s.concluding for s in divided[-2:]):
        return []
    candidates = _endings(divided, parts, 3, writer)
    if len(candidates) < 2:
        candidates = _endings(divided, parts, 2, writer)
    # What stands under no heading has none to be remembered by.
    named = [each for each in candidates if each[0].casefold() != writer.title.casefold()]
    if len(named) >= _TOPICS and any(section.opens_chapter for section in divided):
        candidates = named
    if len(candidates) > _TOPICS:
        candidates = [candidates[0], candidates[len(candidates) // 2], candidates[-1]]
    kept: list[Kept] = []
    for heading, own, place in candidates:
        last = own[place]
        if isinstance(last, Passage):
            kept.append(Kept(heading, last.utterances[-1]))
            own[place] = replace(last, utterances=last.utterances[:-1])
    return kept


def _endings(
    divided: Sequence[Section], parts: Sequence[list[Part]], least: int, writer: Writer
) -> list[tuple[str, list[Part], int]]:
    """The last paragraph of each section that can spare its end; in a document of one section,
    each such paragraph."""
    found: list[tuple[str, list[Part], int]] = []
    for section, own in zip(divided, parts, strict=True):
        places = [
            place
            for place, part in enumerate(own)
            if _spares_last(part, least, writer) and not _leans_back(own[place + 1 : place + 2])
        ]
        kept = places if len(divided) == 1 else places[-1:]
        found += [(section.heading, own, place) for place in kept]
    return found


def _leans_back(following: list[Part]) -> bool:
    """Whether what follows a paragraph needs the sentence before it."""
    return any(isinstance(p, Passage) and p.utterances[0].alone is None for p in following)


def _spares_last(passage: Part, least: int, writer: Writer) -> bool:
    if not isinstance(passage, Passage) or len(passage.utterances) < least or passage.announces:
        return False
    last = passage.utterances[-1]
    rest = writer.pace.sentences(u.text for u in passage.utterances[:-1])
    return (
        last.alone == last.text
        and 6 <= len(last.text.split()) <= 26
        and not last.text.endswith("?")
        and not _POINTS.search(last.text)
        and rest >= (7.0 if least > 2 else 4.5)
    )


def closing_scene(kept: Sequence[Kept], writer: Writer) -> Scene | None:
    """The sentences kept for the end, with the headings they belong to on the screen."""
    tongue = writer.tongue
    if not kept:
        return None
    number = tongue.speech.numbers[len(kept)]
    lead = tongue.speech.keep[len(writer.title) % len(tongue.speech.keep)].format(
        count=number, count_lower=number.lower()
    )
    narration = tuple(k.utterance.text for k in kept)
    if len(kept) > 1:
        narration = (lead, *narration)
    if writer.pace.sentences(narration) > LONGEST - 1:
        return closing_scene(kept[1:], writer)
    if writer.pace.sentences(narration) < SHORTEST:
        return None
    visual = _closing_visual(kept, narration, writer)
    return Scene(
        id="close",
        heading=tongue.speech.closing_heading,
        narration=narration,
        visual=visual,
        eyebrow="" if isinstance(visual, EndVisual) else writer.title,
        sources=tuple(dict.fromkeys(k.utterance.source for k in kept)),
    )


def _closing_visual(kept: Sequence[Kept], narration: Sequence[str], writer: Writer) -> AnyVisual:
    bullets = tuple(Bullet(text=k.heading) for k in kept)
    distinct = len({b.text for b in bullets}) == len(bullets)
    if distinct and len(bullets) > 1 and pictures.bullets_hold(bullets, narration):
        takeaways = tuple(bullet.text for bullet in bullets)
        cues = tuple(range(1, len(narration)))
        return EndVisual(takeaways=takeaways, source=writer.title, cues=cues)
    best = narration[-1]
    return QuoteVisual(
        text=best, emphasis=pictures.emphasis(best, pictures.Marked(), writer.tongue), cues=(0,)
    )


def recap(scene: Scene, headings: Sequence[str]) -> Scene:
    """The last scene, when it is prose: the chapters come together on the screen."""
    if not isinstance(scene.visual, QuoteVisual | SectionVisual | SlideVisual):
        return scene
    own = (Bullet(text=heading) for heading in headings if heading)
    held = [b.text for b in own if pictures.bullets_hold((b,), scene.narration)]
    if len(held) < 2:
        return scene
    if len(held) > _TOPICS:
        held = [held[0], held[len(held) // 2], held[-1]]
    count = len(scene.narration)
    cues = tuple(k * count // len(held) for k in range(len(held)))
    return msgspec.structs.replace(scene, visual=EndVisual(takeaways=tuple(held), cues=cues))


# --- Transitions ---------------------------------------------------------------------------------


def announced(scene: Scene, chapter: int, topic: str, writer: Writer) -> Scene:
    """The scene that opens a chapter, with a short sentence before it that says where we are."""
    forms = writer.tongue.speech.moving_on
    name = sentences.lower_first(topic)
    asks = writer.tongue.language == "vi" and writer.tongue.question.match(name)
    if asks or topic.endswith("?"):
        text = sentences.capitalise(topic.rstrip("?.!:")) + "?"
    else:
        text = forms[chapter % len(forms)].format(topic=name)
    return prefixed(scene, text)


def prefixed(scene: Scene, text: str) -> Scene:
    """The scene with one more sentence at its start; its steps keep their sentences."""
    visual = scene.visual
    cues = tuple(cue + 1 if index else cue for index, cue in enumerate(visual.cues))
    return msgspec.structs.replace(
        scene,
        narration=(text, *scene.narration),
        visual=msgspec.structs.replace(visual, cues=cues),
    )
