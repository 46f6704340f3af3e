"""Block → shots: what is said around it and what is shown of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from inkreel.model import (
    AnyVisual,
    ChartVisual,
    Code,
    CodeVisual,
    ComparisonVisual,
    Derived,
    DiagramVisual,
    Formula,
    FormulaStep,
    FormulaVisual,
    Image,
    ImageVisual,
    Quote,
    QuoteVisual,
    Span,
    Table,
)
from inkreel.storyboard import (
    diagrams,
    keyphrases,
    mermaid,
    pictures,
    programs,
    shorthand,
    spoken,
    tables,
)
from inkreel.storyboard.openers import Utterance, leans, opened
from inkreel.storyboard.pace import LONGEST, SHORTEST, Pace
from inkreel.storyboard.prose import Writer
from inkreel.storyboard.sentences import close, lower_first, split

_ENOUGH = 8.0
"""Seconds from which a scene borrows no more sentences from the paragraph after."""
_LEAD = 11.0
"""Seconds of the paragraph before that may introduce a block."""
_DIAGRAM_LEAD = 6.0
"""The same before a diagram, which is told from itself."""
_TOLD = 19.0
"""Seconds for which a diagram is told."""
_FORMULA_LEAD = 7.0
"""The same before a formula: what its letters mean is said after it."""
_FULL = LONGEST - 2.0
_ROOMY = 17.0
"""Seconds up to which a scene takes the whole paragraph after it."""
_SMALL_IMAGE = 64
"""Pixels under which an image is an icon or a badge."""
_MOST_SCREENS = 3


class Around(Protocol):
    """The sentences before and after a block, to borrow from."""

    notes: list[str]
    """What the user is told in the end."""

    def lead(self, seconds: float) -> list[Utterance]: ...

    def follow(self, seconds: float, room: float, *, needed: bool = False) -> list[Utterance]: ...

    def give_back(self, utterances: Iterable[Utterance]) -> None: ...


@dataclass(frozen=True, slots=True)
class Shot:
    """A scene without its place in the document."""

    narration: tuple[str, ...]
    visual: AnyVisual
    sources: tuple[str, ...] = ()
    derived: tuple[Derived, ...] = ()
    heading: str = ""
    """When it differs from the section's."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Formulas:
    """Formulas that stand under each other: told together."""

    formulas: tuple[Formula, ...]


def texts(utterances: Iterable[Utterance]) -> list[str]:
    """What is said."""
    return [u.text for u in utterances]


def spread(steps: int, count: int) -> tuple[int, ...]:
    """Steps spread evenly over the sentences of a narration."""
    return tuple(k * count // steps for k in range(steps)) if count else ()


def _cited(
    lead: Sequence[Utterance], ids: Sequence[str], follow: Sequence[Utterance]
) -> tuple[str, ...]:
    return (*(u.source for u in lead), *ids, *(u.source for u in follow))


def _fitting(said: Sequence[str], pace: Pace) -> tuple[str, ...]:
    """As many sentences as a scene can hold."""
    kept = list(said)
    while len(kept) > 1 and pace.sentences(kept) > _FULL:
        kept.pop()
    return tuple(kept)


def _borrow(
    around: Around, pace: Pace, own: float, before: float = _LEAD
) -> tuple[list[Utterance], list[Utterance]]:
    """Sentences for both sides of a block that says `own` seconds itself."""
    lead = around.lead(min(before, _FULL - own))
    length = own + pace.sentences(texts(lead))
    follow = around.follow(_ENOUGH - length, _ROOMY - length)
    return lead, follow if lead or own else opened(follow)


# --- Tables --------------------------------------------------------------------------------------


def table(block: Table, around: Around, writer: Writer) -> list[Shot]:
    """One scene: the table or its chart, with the finding."""
    told = tables.tell(block, writer.tongue)
    if told is None:
        return []
    own = writer.pace.sentences(told.sentences)
    lead, follow = _borrow(around, writer.pace, own)
    narration = _fitting([*texts(lead), *told.sentences, *texts(follow)], writer.pace)
    if writer.pace.sentences(narration) < SHORTEST:
        around.give_back([*lead, *follow])
        return []
    steps = _steps(told.visual)
    cues = spread(steps, len(narration))
    visual = _cued(told.visual, cues)
    derived = tuple(d for d in told.derived if any(d.value in text for text in narration))
    heading = spoken.plain(block.caption, writer.tongue)
    return [Shot(narration, visual, _cited(lead, [block.id], follow), derived, heading, told.note)]


def _steps(visual: tables.Shown) -> int:
    if isinstance(visual, ChartVisual):
        return visual.counted
    if isinstance(visual, ComparisonVisual):
        return max(len(side.points) for side in visual.columns)
    return len(visual.rows)


def _cued(visual: tables.Shown, cues: tuple[int, ...]) -> tables.Shown:
    import msgspec

    return msgspec.structs.replace(visual, cues=cues)


# --- Code ----------------------------------------------------------------------------------------


def code(block: Code, around: Around, writer: Writer, heading: str) -> list[Shot]:
    """A scene for each screen of the listing, as far as there is something to say about it; a
    diagram in Mermaid is drawn."""
    if block.language == "mermaid":
        return _diagram(block, around, writer, heading)
    return _listing(block, around, writer, heading)


def _diagram(block: Code, around: Around, writer: Writer, heading: str) -> list[Shot]:
    """A diagram told from its nodes and edges; as code where it cannot be drawn."""
    try:
        read = mermaid.diagram(block.text)
        why = next(iter(shorthand.misfits(read)), "").rstrip(".")
    except mermaid.Unread as error:
        read, why = None, str(error)
    if read is None or why:
        note = writer.tongue.speech.as_code.format(line=block.place.line or 1, why=why)
        around.notes.append(note)
        return _listing(block, around, writer, heading)
    return _drawn(block, read, around, writer)


def _drawn(block: Code, read: DiagramVisual, around: Around, writer: Writer) -> list[Shot]:
    tongue, pace = writer.tongue, writer.pace
    found = diagrams.statements(read, tongue)
    if pace.sentences(one.text for one in found) < SHORTEST:
        joins = tongue.speech.joins.format(count=len(read.nodes))
        found = [diagrams.Statement(joins), *found]
    while len(found) > 1 and pace.sentences(one.text for one in found) > _TOLD:
        found.pop()
    lead, follow = _borrow(around, pace, pace.sentences(one.text for one in found), _DIAGRAM_LEAD)
    own = [one.text for one in found]
    narration = _fitting([*texts(lead), *own, *texts(follow)], pace)
    said = found[: max(0, len(narration) - len(lead))]
    if pace.sentences(narration) < SHORTEST:
        around.give_back([*lead, *follow])
        return []
    last = min(len(lead) + max(0, len(said) - 1), len(narration) - 1)
    visual = diagrams.told(read, said, len(lead), last)
    return [Shot(narration, visual, _cited(lead, [block.id], follow))]


def _listing(block: Code, around: Around, writer: Writer, heading: str) -> list[Shot]:
    screens = programs.screens(block.text)[:_MOST_SCREENS]
    made: list[Shot] = []
    lead: list[Utterance] = []
    follow: list[Utterance] = []
    for index, screen in enumerate(screens):
        remarks = programs.remarks(screen.full, block.language, writer.tongue)
        if index == 0:
            own = min(writer.pace.sentences(r.text for r in remarks), 6.0)
            lead, follow = _borrow(around, writer.pace, own)
        said = _walk(lead if index == 0 else [], remarks, follow if index == 0 else [], writer)
        if writer.pace.sentences(text for text, _ in said) < SHORTEST and (index == 0):
            facts = programs.facts(screen, block.language, heading, writer.tongue)
            said += [(text, None) for text in facts]
        if writer.pace.sentences(text for text, _ in said) < SHORTEST:
            continue
        shot = _code_shot(screen, said, block, writer.pace)
        sources = _cited(lead, [block.id], follow) if index == 0 else (block.id,)
        made.append(Shot(shot[0], shot[1], sources))
    if not made:
        around.give_back([*lead, *follow])
    shown = sum(m.visual.text.count("\n") + 1 for m in made if isinstance(m.visual, CodeVisual))
    if made and not screens[0].whole and shown < screens[0].lines:
        note = writer.tongue.speech.lines_cut.format(total=screens[0].lines, shown=shown)
        made[0] = Shot(made[0].narration, made[0].visual, made[0].sources, note=note)
    return made


def _walk(
    lead: Sequence[Utterance],
    remarks: Sequence[programs.Remark],
    follow: Sequence[Utterance],
    writer: Writer,
) -> list[tuple[str, Span | None]]:
    """Sentences with the lines they are about: what introduces the code, what its comments say,
    what follows from it. Comments that repeat a sentence are left out."""
    said: list[tuple[str, Span | None]] = [(text, None) for text in texts(lead)]
    after: list[tuple[str, Span | None]] = [(text, None) for text in texts(follow)]
    heard = {word for text, _ in said + after for word in keyphrases.bag(text)}
    told = {keyphrases.fold(text) for text, _ in said + after}
    for remark in remarks:
        words = keyphrases.bag(remark.text)
        new = sum(word not in heard for word in words)
        length = writer.pace.sentences([t for t, _ in said + after] + [remark.text])
        folded = keyphrases.fold(remark.text)
        if leans(remark.text, writer.tongue):
            continue
        if new * 3 >= len(words) and folded not in told and length <= 20.0:
            said.append((remark.text, remark.span))
            told.add(folded)
    return said + (after if said else [(text, None) for text in texts(opened(list(follow)))])


def _code_shot(
    screen: programs.Screen, said: Sequence[tuple[str, Span | None]], block: Code, pace: Pace
) -> tuple[tuple[str, ...], CodeVisual]:
    narration = _fitting([text for text, _ in said], pace)
    lines = screen.text.count("\n") + 1
    wanted = max(2, round(pace.sentences(narration) / 4.5))
    natural = (Span(first=1, last=lines), *programs.focus(screen.text, max(1, len(narration) - 1)))
    spans = tuple(
        span or natural[min(index, len(natural) - 1)]
        for index, (_, span) in enumerate(said[: len(narration)])
    )
    cues = tuple(range(len(spans)))
    if sum(span is not None for _, span in said) < 2 or len(spans) < wanted:
        spans, cues = programs.focus(screen.text, min(wanted, 6)), ()
        if len(spans) == len(narration):
            cues = tuple(range(len(spans)))
    visual = CodeVisual(
        text=screen.text, language=block.language, file=block.file, focus=spans, cues=cues
    )
    return narration, visual


# --- Formulas, quotations, images ----------------------------------------------------------------


def formula(block: Formulas, around: Around, writer: Writer, heading: str) -> list[Shot]:
    """The formulas with a note each, while the text around them is spoken."""
    lead, follow = _borrow(around, writer.pace, 0.0, _FORMULA_LEAD)
    said = [*texts(lead), *texts(follow)]
    if writer.pace.sentences(said) < SHORTEST:
        said.append(writer.tongue.speech.formula.format(topic=lower_first(heading)))
    narration = _fitting(said, writer.pace)
    notes = _notes(narration, heading, len(block.formulas), writer)
    steps = tuple(
        FormulaStep(tex=f.tex, note=note) for f, note in zip(block.formulas, notes, strict=True)
    )
    visual = FormulaVisual(steps=steps, cues=spread(len(steps), len(narration)))
    ids = [f.id for f in block.formulas]
    return [Shot(narration, visual, _cited(lead, ids, follow))]


_NOTE_WORDS = {"vi": 4, "en": 2}
"""Fewer words under a formula say nothing of it."""


def _notes(narration: Sequence[str], heading: str, count: int, writer: Writer) -> list[str]:
    """A key phrase for each formula, from the sentences in their order, where one says enough."""
    known = set(keyphrases.bag(heading))
    notes: list[str] = []
    for index in range(count):
        sentence = narration[min(index * len(narration) // count, len(narration) - 1)]
        ranked = sorted(keyphrases.phrases(sentence, writer.tongue), key=lambda p: -p.score)
        least = _NOTE_WORDS[writer.tongue.language]
        telling = [p.text for p in ranked if p.score >= 0.6 and len(p.text.split()) >= least]
        fresh = [text for text in telling if text not in notes]
        better = [text for text in fresh if not set(keyphrases.bag(text)) <= known]
        notes.append((better or fresh or [""])[0])
    return notes


_WORDS_OF = {"vi": "{} từng nói như sau.", "en": "{} put it this way."}
"""Said before a quotation that is too short for a scene and has nothing around it."""


def quote(block: Quote, around: Around, writer: Writer) -> list[Shot]:
    """A true quotation, spoken and shown."""
    tongue, pace = writer.tongue, writer.pace
    text = spoken.say(block.text.replace("\n", " "), tongue).text.strip('"“”«» ')
    if len(text.split()) < 2:
        return []
    quoted = close(text)
    own = pace.sentence(quoted)
    lead = around.lead(min(9.0, _FULL - own))
    length = own + pace.sentences(texts(lead))
    follow = around.follow(SHORTEST + 2 - length, 0.0)
    spoken_parts = [close(part) for part in split(quoted, tongue)]
    by = spoken.plain(block.by, tongue)
    named: tuple[str, ...] = ()
    if by and not lead and length < SHORTEST:
        named = (_WORDS_OF[tongue.language].format(by),)
    narration = (*texts(lead), *named, *spoken_parts, *texts(follow))
    if pace.sentences(narration) < SHORTEST:
        around.give_back([*lead, *follow])
        return []
    visual = QuoteVisual(
        text=quoted,
        by=by,
        emphasis=pictures.emphasis(quoted, pictures.Marked(), tongue),
        cues=tuple(len(lead) + len(named) + k * len(spoken_parts) // 3 for k in range(3)),
    )
    return [Shot(narration, visual, _cited(lead, [block.id], follow))]


def image(block: Image, around: Around, writer: Writer) -> list[Shot]:
    """A picture of the document, while the text that speaks of it is told."""
    if min(block.width, block.height) < _SMALL_IMAGE:
        return []
    tongue, pace = writer.tongue, writer.pace
    told = spoken.say(block.caption or block.alt, tongue).text
    own = [close(told)] if len(told.split()) >= 4 else []
    lead, follow = _borrow(around, pace, pace.sentences(own))
    length = pace.sentences([*texts(lead), *own, *texts(follow)])
    if length < SHORTEST and not follow:  # a picture is not left out while there is text for it
        follow = around.follow(_ENOUGH - length, _ROOMY - length, needed=True)
    narration = _fitting([*texts(lead), *own, *texts(follow)], pace)
    if pace.sentences(narration) < SHORTEST:
        around.give_back([*lead, *follow])
        return []
    visual = ImageVisual(
        digest=block.digest,
        width=block.width,
        height=block.height,
        caption=spoken.plain(block.caption or block.alt, tongue),
        cues=(0,),
    )
    return [Shot(narration, visual, _cited(lead, [block.id], follow))]
