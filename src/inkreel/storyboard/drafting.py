"""Document → Storyboard, without a language model."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import msgspec

from inkreel.model import Document, Scene, Storyboard
from inkreel.storyboard import framing, joining, keyphrases, value
from inkreel.storyboard.english import ENGLISH
from inkreel.storyboard.joining import Placed
from inkreel.storyboard.openers import Utterance
from inkreel.storyboard.pace import Pace
from inkreel.storyboard.prose import Writer
from inkreel.storyboard.sections import Section, divide, title_of
from inkreel.storyboard.telling import Telling, parts_of
from inkreel.storyboard.tongue import Tongue
from inkreel.storyboard.vietnamese import VIETNAMESE

TONGUES: dict[str, Tongue] = {"vi": VIETNAMESE, "en": ENGLISH}
LONGEST_VIDEO = 1_200.0
"""Seconds to which a document is told whole when no target is given."""
_ENOUGH = 0.92
"""Share of the target under which the user is told that the document has no more to say."""


def draft(document: Document, seconds: float | None, words_per_minute: float) -> Storyboard:
    """Tell a document: whole, or what matters most within `seconds`."""
    writer = writer_for(document, words_per_minute)
    notes: list[str] = []
    opening, body, closing = _told(document, writer, notes)
    frame = [scene for scene in (opening, closing) if scene]
    body = within(body, seconds, frame, writer, notes)
    scenes = [opening, *(scene for _, scene in body)]
    if closing:
        scenes.append(closing)
    elif len(scenes) > 2 and body[-1][0].concluding:
        headings = dict.fromkeys(s.heading for s, _ in body if s.opens_chapter)
        scenes[-1] = framing.recap(scenes[-1], [h for h in headings if h != scenes[-1].heading])
    return board(document, scenes, writer, notes)


def writer_for(document: Document, words_per_minute: float) -> Writer:
    """Who tells a document in its language, at a voice's pace."""
    tongue = TONGUES[document.language]
    pace = Pace(words_per_minute, document.language)
    return Writer(tongue, pace, title_of(document, tongue))


def board(
    document: Document, scenes: Sequence[Scene], writer: Writer, notes: Sequence[str]
) -> Storyboard:
    """The scenes as they are filmed: nothing said twice, no picture empty for long, each with an
    id."""
    unrepeated = joining.unrepeated(((None, scene) for scene in scenes), writer)
    scenes = [joining.prompt(scene, writer) for _, scene in unrepeated]
    return Storyboard(
        title=document.title,
        language=document.language,
        scenes=tuple(_numbered(scenes)),
        notes=tuple(dict.fromkeys(notes)),
    )


def _told(
    document: Document, writer: Writer, notes: list[str]
) -> tuple[Scene, list[Placed], Scene | None]:
    """The whole document: its title, its scenes with their sections, its close."""
    divided = divide(document, writer.tongue)
    parts = [parts_of(section, writer) for section in divided]
    topics = framing.topics_of(divided, writer)
    hook: list[Utterance] = []
    if divided and (not divided[0].chapter or len(topics) < 2):
        hook = framing.take_hook(parts[0], divided[0].heading, writer)
    kept = framing.keep_for_close(divided, parts, writer)
    opening = framing.title_scene(document.title, hook, topics, writer)
    told: list[tuple[Section | None, Scene]] = [(None, opening)]
    for section, own in zip(divided, parts, strict=True):
        telling = Telling(section, writer, own)
        told += [(section, scene) for scene in telling.run()]
        notes += telling.notes
    (_, opening), *later = joining.unrepeated(told, writer)
    body = [(section, scene) for section, scene in later if section]
    body = _moving(joining.settled(body, writer), writer)
    opening, body = joining.opened(opening, body, writer)
    return opening, body, framing.closing_scene(kept, writer)


def within(
    body: list[Placed],
    seconds: float | None,
    frame: Sequence[Scene],
    writer: Writer,
    notes: list[str],
) -> list[Placed]:
    """The scenes that fit the target; the notes say what the user should know about it."""
    pace, speech = writer.pace, writer.tongue.speech
    around = pace.scenes(frame)
    whole = around + pace.scenes([scene for _, scene in body])
    limit = seconds if seconds is not None else LONGEST_VIDEO
    if whole <= limit * (1.03 if seconds is not None else 1.0):
        if seconds is not None and whole < seconds * _ENOUGH:
            notes.append(speech.too_little.format(have=round(whole), want=round(seconds)))
        return body
    room = max(limit * (1.0 if seconds is not None else 0.98) - around, 8.0)
    indices = value.choose([scene for _, scene in body], room, pace, writer.tongue)
    left_out = speech.left_out.format(
        want=round(limit), count=len(body) - len(indices), total=len(body)
    )
    notes.append(left_out)
    return [body[i] for i in indices]


def _moving(body: list[Placed], writer: Writer) -> list[Placed]:
    """Every second chapter is announced, when its first scene has room for it."""
    scenes: list[Placed] = []
    before = -1
    for section, scene in body:
        scenes.append((section, scene))
        opens = section.opens_chapter and section.chapter != before and not section.concluding
        named = keyphrases.fold(section.heading) in keyphrases.fold(scene.narration[0])
        if opens and not named and section.chapter > 1 and section.chapter % 2 == 0:
            announced = framing.announced(scene, section.chapter // 2, section.heading, writer)
            if joining.holds(announced, writer, 19.0):
                scenes[-1] = (section, announced)
        before = section.chapter
    return scenes


def _numbered(scenes: Sequence[Scene]) -> list[Scene]:
    """Ids: the section's slug with a counter within the section."""
    counter: Counter[str] = Counter()
    done = []
    for scene in scenes:
        counter[scene.id] += 1
        done.append(msgspec.structs.replace(scene, id=f"{scene.id}-{counter[scene.id]}"))
    return done
