"""List → scenes: labels stand on the screen while their explanation is spoken."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from inkreel.model import Bullet, DiagramVisual, Item, Listing, SlideVisual, TableVisual
from inkreel.storyboard import diagrams, keyphrases, pictures, sentences, spoken
from inkreel.storyboard.openers import Utterance, anchored
from inkreel.storyboard.pace import LONGEST, SHORTEST
from inkreel.storyboard.prose import Writer, utterances
from inkreel.storyboard.sentences import lower_first
from inkreel.storyboard.shots import Around, Shot
from inkreel.storyboard.tongue import Tongue

_SHORT = 6
"""Words up to which an entry is a name rather than a sentence."""
_MOST_STEPS = 8
"""A procedure of so many short steps is drawn as a flow."""
_LEAD = 8.0
"""Seconds of the paragraph before that may introduce a list."""
_FULL = 22.0
"""Seconds of a scene that holds several entries."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A list entry: what may be shown and what is said."""

    label: str
    shown: str
    """The entry itself, short."""
    said: tuple[Utterance, ...]
    aside: str = ""

    @property
    def words(self) -> list[str]:
        """The words spoken of it."""
        return [word for u in self.said for word in u.text.split()]


def entries(block: Listing, writer: Writer, heading: str) -> list[Entry]:
    """Clean entries; those with nothing to say are left out."""
    found = []
    for item in block.items:
        entry = _entry(item, block.id, writer, heading)
        if entry.said or entry.label:
            found.append(entry)
    return found


def _entry(item: Item, source: str, writer: Writer, heading: str) -> Entry:
    tongue = writer.tongue
    label = spoken.plain(item.label, tongue).strip(" :.–—-")
    said: list[Utterance] = []
    for raw in sentences.split(item.text, tongue):
        said += utterances(raw, source, writer)
    for child in item.children:
        said += utterances(child, source, writer)
    said[:1] = [anchored(u, label or heading) for u in said[:1]]
    asides = [aside for utterance in said for aside in utterance.asides]
    shown = spoken.say(item.text, tongue).text.rstrip(".")
    if opener := tongue.connective.match(shown):  # "However, …" after nothing
        shown = sentences.capitalise(shown[opener.end() :])
    return Entry(sentences.capitalise(label), shown, tuple(said), asides[0] if asides else "")


def shots(block: Listing, around: Around, writer: Writer, heading: str) -> list[Shot]:
    """The entries in scenes of up to four (more when they are names), introduced by the sentence
    that announces them."""
    found = entries(block, writer, heading)
    if not found:
        return []
    lead = around.lead(_lead_room(found, writer))
    about = " ".join([heading, *(u.text for u in lead)])
    steps = block.ordered and bool(writer.tongue.procedure.search(about))
    made: list[Shot] = []
    first = 1
    for part in _chunks(found, lead, writer):
        before = lead if first == 1 else []
        shot = _shot(part, first, before, block, writer, steps=steps)
        if shot:
            made.append(shot)
        elif first == 1:
            around.give_back(lead)
        first += len(part)
    return made


def _shot(
    found: Sequence[Entry],
    first: int,
    lead: Sequence[Utterance],
    block: Listing,
    writer: Writer,
    *,
    steps: bool,
) -> Shot | None:
    tongue, pace = writer.tongue, writer.pace
    intro = [u.text for u in lead]
    sources = (*(u.source for u in lead), block.id)
    if all(len(e.words) <= _SHORT for e in found):
        narration, cues = _names_aloud(found, intro, tongue)
    else:
        narration, cues = _explained(found, intro, labelled=False)
        slide = _slide(found, first, narration, cues, tongue, steps=steps)
        if slide and SHORTEST <= pace.sentences(narration) <= LONGEST - 1:
            return Shot(tuple(narration), slide, sources)
        narration, cues = _explained(found, intro, labelled=True)
    while len(narration) > 1 and pace.sentences(narration) > LONGEST - 1:
        narration.pop()
    cues = [min(cue, len(narration) - 1) for cue in cues]
    if pace.sentences(narration) < SHORTEST:
        return None
    flow = _flow(found, cues) if steps else None
    visual = flow or _table(found, first, cues, tongue, steps=steps)
    return Shot(tuple(narration), visual, sources)


def _flow(found: Sequence[Entry], cues: Sequence[int]) -> DiagramVisual | None:
    """A procedure of a few short steps, as a flow."""
    shown = [e.label or e.shown for e in found]
    if not 3 <= len(found) <= _MOST_STEPS or any(len(s.split()) > _SHORT for s in shown):
        return None
    return msgspec.structs.replace(diagrams.steps_of(shown), cues=tuple(cues))


def _lead_room(found: Sequence[Entry], writer: Writer) -> float:
    """Seconds of introduction that leave a short list whole: four bullets belong together."""
    total = writer.pace.sentences(text for e in found for text in _said(e))
    if len(found) <= 4 and total <= _FULL:
        return min(_LEAD, _FULL + 0.5 - total)
    return _LEAD


def _said(entry: Entry) -> list[str]:
    return [u.text for u in entry.said] or [entry.label]


def _chunks(found: Sequence[Entry], lead: Sequence[Utterance], writer: Writer) -> list[list[Entry]]:
    """Entries in runs that fill a scene each, the runs of about equal length."""
    pace = writer.pace
    lengths = [pace.sentences(_said(e)) for e in found]
    lengths[0] += pace.sentences(u.text for u in lead)
    most = 6 if all(len(e.words) <= _SHORT for e in found) else 4
    whole = len(found) <= 4 and sum(lengths) <= _FULL + 0.5
    count = 1 if whole else max(-(-len(found) // most), round(sum(lengths) / 16.0), 1)
    goal = sum(lengths) / count
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * len(found)
    for end in range(1, len(found) + 1):
        for start in range(max(0, end - most), end):
            length = sum(lengths[start:end])
            cost = best[start][0] + (length - goal) ** 2 + 30.0 * (end - start == 1)
            cost += 1000.0 * (length > _FULL and end - start > 1)
            if cost < best[end][0]:
                best[end] = (cost, start)
    runs: list[list[Entry]] = []
    end = len(found)
    while end:
        start = best[end][1]
        runs.append(list(found[start:end]))
        end = start
    return runs[::-1]


def _names_aloud(
    found: Sequence[Entry], intro: list[str], tongue: Tongue
) -> tuple[list[str], list[int]]:
    """Short entries as spoken sentences: "A, B and C."."""
    if any(e.label and e.said for e in found):
        return _explained(found, intro, labelled=True)
    names = [lower_first(e.label or e.shown) for e in found]
    halves = [names] if len(names) <= 4 else [names[: len(names) // 2], names[len(names) // 2 :]]
    narration = list(intro)
    cues: list[int] = []
    for half in halves:
        cues += [len(narration)] * len(half)
        narration.append(sentences.close(sentences.capitalise(sentences.join(half, tongue))))
    return narration, cues


def _explained(
    found: Sequence[Entry], intro: list[str], *, labelled: bool
) -> tuple[list[str], list[int]]:
    """What is said of each entry, with or without its label spoken; the entry's first sentence
    brings it on the screen."""
    narration: list[str] = list(intro)
    cues: list[int] = []
    for entry in found:
        cues.append(len(narration))
        said = [u.text for u in entry.said]
        if said:
            said[0] = entry.said[0].alone or said[0]
        named = bool(said) and said[0].startswith(f"{entry.label}:")
        if not said or (labelled and entry.label and not named):
            rest = lower_first(said[0]) if said else ""
            said[:1] = [f"{entry.label}: {rest}" if rest else sentences.close(entry.label)]
        narration += said
    return narration, [min(c, len(narration) - 1) for c in cues]


def _slide(
    found: Sequence[Entry],
    first: int,
    narration: Sequence[str],
    cues: Sequence[int],
    tongue: Tongue,
    *,
    steps: bool,
) -> SlideVisual | None:
    """Bullets of one form for all entries, where the screen can say something else than the
    voice."""
    if not 2 <= len(found) <= 4:
        return None
    for form in (_by_label, _by_step, _by_aside, _by_sentences):
        if form is _by_step and not steps:
            continue
        made = [
            next((b for b in form(e, first + i, tongue) if _holds(b, narration)), None)
            for i, e in enumerate(found)
        ]
        bullets = tuple(b for b in made if b)
        if len(bullets) == len(found) and len({b.text for b in bullets}) == len(bullets):
            return SlideVisual(bullets=bullets, cues=tuple(cues))
    return None


def _holds(bullet: Bullet, narration: Sequence[str]) -> bool:
    return len(bullet.text.split()) <= 7 and pictures.bullets_hold((bullet,), narration)


def _by_label(entry: Entry, _number: int, _tongue: Tongue) -> list[Bullet]:
    """The author's label, with what stood in parentheses."""
    if not entry.label:
        return []
    aside = sentences.capitalise(entry.aside)
    return [Bullet(text=entry.label, detail=aside), Bullet(text=entry.label)]


def _by_step(entry: Entry, number: int, tongue: Tongue) -> list[Bullet]:
    """ "Step 2" with the entry's key phrase."""
    step = tongue.speech.step.format(number)
    return [Bullet(text=step, detail=p) for p in _ranked(entry, tongue) if " " in p]


def _by_aside(entry: Entry, _number: int, tongue: Tongue) -> list[Bullet]:
    """The key phrase, with what stood in parentheses."""
    if not entry.aside:
        return []
    aside = sentences.capitalise(entry.aside)
    return [Bullet(text=phrase, detail=aside) for phrase in _ranked(entry, tongue)]


def _by_sentences(entry: Entry, _number: int, tongue: Tongue) -> list[Bullet]:
    """The key phrases of an entry's first two sentences."""
    if len(entry.said) < 2:
        return []
    details = _ranked(entry, tongue, 1)
    return [Bullet(text=t, detail=d) for t in _ranked(entry, tongue, 0) for d in details]


def _table(
    found: Sequence[Entry], first: int, cues: Sequence[int], tongue: Tongue, *, steps: bool
) -> TableVisual:
    """The list as a table, read at a glance. `first` is the number of the first entry."""
    header = tongue.speech.step_header if steps else tongue.speech.list_header
    labelled = any(e.label for e in found)
    rows = []
    for index, entry in enumerate(found):
        gist = _gist(entry, tongue)
        rows.append((entry.label, gist) if labelled else (str(first + index), gist))
    if not labelled and not steps:
        header = ("#", header[1])
    return TableVisual(header=header, rows=tuple(rows), cues=tuple(cues))


def _ranked(entry: Entry, tongue: Tongue, sentence: int | None = None) -> list[str]:
    said = entry.said if sentence is None else entry.said[sentence : sentence + 1]
    found = [p for u in said for p in keyphrases.phrases(u.text, tongue)]
    return [p.text for p in sorted(found, key=lambda p: -p.score) if p.score >= 0.8]


def _gist(entry: Entry, tongue: Tongue) -> str:
    """An entry in a few words: itself when short, else its first clause or its key phrase."""
    if entry.aside and entry.label:
        return sentences.capitalise(entry.aside)
    text = entry.shown
    if not text and entry.said:
        text = entry.said[0].text.rstrip(".")
    for mark in (None, ". ", ": ", "; ", " — ", " – ", ", "):
        head = (text if mark is None else text.split(mark)[0]).strip(" ;,.")
        if head and len(head.split()) <= 9:
            return sentences.capitalise(head)
    ranked = _ranked(entry, tongue)
    if ranked and len(text.split()) > 20:
        return ranked[0]
    return sentences.capitalise(text.strip(" ;,")) or entry.label
