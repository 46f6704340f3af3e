"""Section → scenes, from its own content alone: an edit elsewhere changes nothing here."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import msgspec

from inkreel.model import (
    AnyBlock,
    AnyVisual,
    Code,
    CodeVisual,
    Formula,
    Image,
    Item,
    Listing,
    NumberVisual,
    Paragraph,
    Quote,
    QuoteVisual,
    Scene,
    SectionVisual,
    SlideVisual,
    Table,
)
from inkreel.storyboard import keyphrases, listings, pictures, prose, sections, shots
from inkreel.storyboard.openers import Utterance, anchored, opened
from inkreel.storyboard.prose import Passage, Writer
from inkreel.storyboard.sections import Section
from inkreel.storyboard.shots import Formulas, Shot

_REST = 6.0
"""Seconds that must be left of a paragraph when another scene borrows from it."""
_CARD = 13.0
"""Seconds from which the sentences of a chapter's card are told in two scenes."""
_LONG_ITEM = 45
"""Words from which a list entry is told as a paragraph."""
_NAME = 7
"""Words from which the only entry of a list is, too; fewer are a name."""
_LONG_QUOTE = 45
"""Words from which a quotation is told as prose."""

Part = Passage | AnyBlock | Formulas


@dataclass
class Telling:
    """A section being told, part by part. Paragraphs wait until it is clear whether the block
    after them borrows their end."""

    section: Section
    writer: Writer
    parts: list[Part]
    scenes: list[Scene] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    text: str = ""
    """All its prose, folded, to see which phrases come back."""
    _waiting: list[Passage] = field(default_factory=list)
    _at: int = 0
    _turn: int = 0
    """Place of the next group; starts at the section's place, so that sections differ."""

    def run(self) -> list[Scene]:
        self._turn = self.section.place
        prose_parts = (part for part in self.parts if isinstance(part, Passage))
        self.text = keyphrases.fold(" ".join(u.text for p in prose_parts for u in p.utterances))
        while self._at < len(self.parts):
            part = self.parts[self._at]
            self._at += 1
            if isinstance(part, Passage):
                self._waiting.append(part)
            else:
                self._block(part)
        self._flush()
        return self.scenes

    def _block(self, block: AnyBlock | Formulas) -> None:
        made = _shots(block, self)
        self._flush()
        for shot in made:
            self._add(shot)

    # --- What a block may borrow -----------------------------------------------------------------

    def lead(self, seconds: float) -> list[Utterance]:
        """Take the end of the paragraph before, up to `seconds`, from a sentence that stands
        alone."""
        if not self._waiting or seconds <= 0:
            return []
        last = self._waiting[-1]
        cut = self._lead_cut(last.utterances, seconds)
        if cut == len(last.utterances):
            return []
        self._waiting.pop()
        if cut:
            rest = replace(last, utterances=last.utterances[:cut], announces=False)
            self._waiting.append(rest)
        return opened(list(last.utterances[cut:]))

    def _lead_cut(self, utterances: Sequence[Utterance], seconds: float) -> int:
        pace, cut = self.writer.pace, len(utterances)
        for index in range(len(utterances) - 1, -1, -1):
            if pace.sentences(u.text for u in utterances[index:]) > seconds:
                break
            rest = pace.sentences(u.text for u in utterances[:index])
            if utterances[index].alone is not None and (index == 0 or rest >= _REST):
                cut = index
        return cut

    def follow(self, seconds: float, room: float, *, needed: bool = False) -> list[Utterance]:
        """Take the start of the paragraph after, about `seconds`, or all of it when there is
        `room`; never one that announces the next block, and one that only stands before it if it
        is `needed`."""
        after = self.parts[self._at] if self._at < len(self.parts) else None
        if not isinstance(after, Passage) or seconds <= 0:
            return []
        last = self._at == len(self.parts) - 1
        free = needed or last or isinstance(self.parts[self._at + 1], Passage)
        if after.announces or not free:
            return []
        whole = self.writer.pace.sentences(u.text for u in after.utterances)
        cut = len(after.utterances)
        if whole > room:
            cut = self._follow_cut(after.utterances, seconds)
        rest = after.utterances[cut:]
        self.parts[self._at : self._at + 1] = [replace(after, utterances=rest)] if rest else []
        return list(after.utterances[:cut])

    def _follow_cut(self, utterances: Sequence[Utterance], seconds: float) -> int:
        pace, cut = self.writer.pace, 0
        for count in range(1, len(utterances) + 1):
            length = pace.sentences(u.text for u in utterances[:count])
            if length > seconds + 6.0:
                break
            whole = count == len(utterances)
            rest = pace.sentences(u.text for u in utterances[count:])
            if whole or (utterances[count].alone is not None and rest >= _REST):
                cut = count
                if length >= seconds:
                    break
        return cut

    def give_back(self, utterances: Iterable[Utterance]) -> None:
        """Tell borrowed sentences as prose after all."""
        kept = tuple(utterances)
        if kept:
            self._waiting.append(Passage(kept))

    # --- Prose -----------------------------------------------------------------------------------

    def _flush(self) -> None:
        for passage in prose.joined(self._waiting, self.writer.pace):
            first = anchored(passage.utterances[0], self.section.heading)
            told = (first, *passage.utterances[1:])
            for group in prose.groups(told, self.writer.pace):
                for part in self._opening(group):
                    self._prose(part, passage.terms)
        self._waiting.clear()

    def _opening(self, group: list[Utterance]) -> list[list[Utterance]]:
        """A group, or two: a chapter's card should not stand for long."""
        pace = self.writer.pace
        if self.scenes or not self.section.opens_chapter or not group:
            return [group] if group else []
        if pace.sentences(u.text for u in group) > _CARD:
            for cut in range(1, len(group)):
                parts = [group[:cut], opened(group[cut:])]
                whole = len(parts[1]) == len(group) - cut
                if whole and min(pace.sentences(u.text for u in p) for p in parts) >= _REST - 0.5:
                    return parts
        return [group]

    def _prose(self, group: list[Utterance], terms: Sequence[str]) -> None:
        narration = tuple(u.text for u in group)
        marked = pictures.Marked(tuple(terms), self.text)
        visual, heading = self._picture(narration, marked)
        self._turn += 1
        self._add(Shot(narration, visual, tuple(u.source for u in group), heading=heading))

    def _picture(
        self, narration: tuple[str, ...], marked: pictures.Marked
    ) -> tuple[AnyVisual, str]:
        """The visual of a group, and its heading where it has one of its own."""
        section, tongue = self.section, self.writer.tongue
        before = self.scenes[-1].visual if self.scenes else None
        if before is None and (shown := pictures.outline_of(section.children, narration)):
            return shown, ""
        options = pictures.choose(narration, marked, tongue, self._turn)
        opens = section.opens_chapter and before is None and not section.concluding
        if opens and not (options and isinstance(options[0][1], NumberVisual | CodeVisual)):
            opening = pictures.card(narration, section.heading, str(section.chapter), tongue)
            if opening.subtitle or not options:
                return opening, ""
        theme = pictures.theme(narration, section.heading, marked, tongue, least=1.5)
        if section.concluding:
            theme = ""
        named = theme or section.heading
        if card := pictures.telling_card(narration, named, tongue):
            options.append((0.5 + 0.35 * (self._turn % 3 == 2), card))
        if not any(isinstance(option, QuoteVisual) for _, option in options) and (
            stated := pictures.statement(narration, marked, named, tongue)
        ):
            options.append((0.4, stated))
        fresh = [o for o in options if not _alike(o[1], before)] or options
        if not fresh:
            return pictures.card(narration, named, "", tongue), theme
        best = max(fresh, key=lambda option: option[0])[1]
        return best, theme if best is card else ""

    # --- Scenes ----------------------------------------------------------------------------------

    def _add(self, shot: Shot) -> None:
        section = self.section
        heading, eyebrow = section.heading, section.eyebrow
        if shot.heading:
            heading = sections.clean_heading(shot.heading, self.writer.tongue)
            eyebrow = section.heading
        if shot.note:
            self.notes.append(shot.note)
        self.scenes.append(
            Scene(
                id=section.slug,
                heading=heading,
                narration=shot.narration,
                visual=shot.visual,
                eyebrow=eyebrow if eyebrow.casefold() != heading.casefold() else "",
                sources=tuple(dict.fromkeys(shot.sources)),
                derived=shot.derived,
            )
        )


def parts_of(section: Section, writer: Writer) -> list[Part]:
    """The blocks of a section, its paragraphs already in sentences; formulas that follow each
    other are one part."""
    found: list[Part] = []
    for block in section.blocks:
        if isinstance(block, Paragraph) or (
            isinstance(block, Quote) and len(block.text.split()) > _LONG_QUOTE
        ):
            passage = prose.passage(block, writer)
            if passage.utterances:
                found.append(passage)
        elif isinstance(block, Listing):
            found += _list_parts(block, writer)
        elif isinstance(block, Formula):
            last = found[-1] if found else None
            if isinstance(last, Formulas) and len(last.formulas) < 4:
                found[-1] = Formulas((*last.formulas, block))
            else:
                found.append(Formulas((block,)))
        else:
            found.append(block)
    return _unhung(found, writer)


def _unhung(parts: list[Part], writer: Writer) -> list[Part]:
    """Without sentences that announce a list which is not told."""
    done: list[Part] = []
    for index, part in enumerate(parts):
        following = parts[index + 1] if index + 1 < len(parts) else None
        if not isinstance(part, Passage) or not (
            following is None or isinstance(following, Passage)
        ):
            done.append(part)
            continue
        last = part.utterances[-1].text
        if writer.tongue.hanging.search(last) or (part.announces and following is None):
            done.append(replace(part, utterances=part.utterances[:-1], announces=False))
        else:
            done.append(part)
    return [p for p in done if not isinstance(p, Passage) or p.utterances]


def _list_parts(block: Listing, writer: Writer) -> list[Part]:
    """A list, its entries of a paragraph's length told as paragraphs, and so one of one entry."""
    found: list[Part] = []
    short: list[Item] = []
    for item in block.items:
        if len(item.text.split()) < (_LONG_ITEM if len(block.items) > 1 else _NAME):
            short.append(item)
            continue
        if short:
            found.append(msgspec.structs.replace(block, items=tuple(short)))
            short = []
        text = f"{item.label.rstrip(' :.')}: {item.text}" if item.label else item.text
        passage = prose.passage(Paragraph(id=block.id, text=text), writer)
        if passage.utterances:
            found.append(passage)
    return [*found, msgspec.structs.replace(block, items=tuple(short))] if short else found


def _alike(visual: AnyVisual, before: AnyVisual | None) -> bool:
    """Two of these in a row would tire; figures and code may follow each other."""
    return isinstance(visual, QuoteVisual | SectionVisual | SlideVisual) and isinstance(
        before, type(visual)
    )


def _shots(block: AnyBlock | Formulas, around: Telling) -> list[Shot]:
    writer = around.writer
    match block:
        case Listing():
            return listings.shots(block, around, writer, around.section.heading)
        case Table():
            return shots.table(block, around, writer)
        case Code():
            return shots.code(block, around, writer, around.section.heading)
        case Formulas():
            return shots.formula(block, around, writer, around.section.heading)
        case Quote():
            return shots.quote(block, around, writer)
        case Image():
            return shots.image(block, around, writer)
        case _:
            return []
