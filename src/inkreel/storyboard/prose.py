"""Paragraphs → scenes: sentences are grouped by their length, then each group gets the visual
that its content gives reason for."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import Paragraph, Quote
from inkreel.storyboard import sentences, spoken
from inkreel.storyboard.openers import Utterance, opened, utter
from inkreel.storyboard.pace import COMFORT, LONGEST, SENTENCE_GAP, Pace
from inkreel.storyboard.tongue import Tongue

_TARGET = sum(COMFORT) / 2
_AMPLE = 22.0
"""Seconds a group may last when it can be parted."""
_BREATHLESS = 22.0
"""Seconds no sentence may last, full of figures as it may be."""
_TINY = 7.0
"""Seconds under which a paragraph joins the next one."""


@dataclass(frozen=True, slots=True)
class Writer:
    """What every part of the writer needs."""

    tongue: Tongue
    pace: Pace
    title: str


@dataclass(frozen=True, slots=True)
class Passage:
    """A paragraph as utterances."""

    utterances: tuple[Utterance, ...]
    terms: tuple[str, ...] = ()
    announces: bool = False
    """Ends with a colon: belongs to what follows."""


_OPEN_ENDS = {
    "en": (
        (re.compile(r"\b(means?) that\W*$", re.IGNORECASE), r"\1 the following."),
        (re.compile(r"\s(?:when|if|where)\W*$", re.IGNORECASE), " in these cases."),
        (re.compile(r"\b(like|such as)\W*$", re.IGNORECASE), r"\1 these."),
        (
            re.compile(
                r"\b(is|are|was|were|includes?|contains?|has|have|does|do)\W*$", re.IGNORECASE
            ),
            r"\1 the following.",
        ),
        (re.compile(r"\s(?:from|to|with|by|of|in|on|at|for|and|or)\W*$", re.IGNORECASE), "."),
    ),
    "vi": (
        (re.compile(r"\s(?:từ|với|cho|của|tại|về|theo|và|hoặc)\W*$", re.IGNORECASE), "."),
        (re.compile(r"(?<!\w)(như|gồm|là|có)\W*$", re.IGNORECASE), r"\1 như sau."),
    ),
}
"""How a sentence that announces a list is closed, where its last word wants one."""


def _closed(text: str, language: str) -> str:
    for pattern, instead in _OPEN_ENDS[language]:
        text = pattern.sub(instead, text)
    return text


def passage(block: Paragraph | Quote, writer: Writer) -> Passage:
    """Sentences of a paragraph, ready to be said; empty when nothing in it can be said."""
    found: list[Utterance] = []
    announces = block.text.rstrip().endswith(":")
    for raw in sentences.split(block.text, writer.tongue):
        found += utterances(raw, block.id, writer)
    terms = block.terms if isinstance(block, Paragraph) else ()
    return Passage(tuple(found), terms, announces)


def utterances(raw: str, source: str, writer: Writer) -> list[Utterance]:
    """One written sentence → what is said of it: clean, parted, its examples kept aside."""
    tongue = writer.tongue
    if tongue.lead_in.fullmatch(raw.strip()):
        return []
    said = spoken.say(raw, tongue)
    pointing = len(said.text.split()) <= 22 and tongue.pointing.match(said.text)
    if not said.text or pointing:
        return []
    made: list[Utterance] = []
    asides = said.asides
    whole = _closed(said.text, tongue.language) if raw.rstrip().endswith(":") else said.text
    pieces = sentences.part(whole, tongue, writer.pace.words(13.0))
    while any(writer.pace.sentence(piece) > _BREATHLESS and " " in piece for piece in pieces):
        halves = [
            sentences.part(p, tongue, len(p.split()) // 2 + 1, force=True)
            if writer.pace.sentence(p) > _BREATHLESS
            else [p]
            for p in pieces
        ]
        pieces = [piece for half in halves for piece in half]
    for piece in pieces:
        text = sentences.close(piece)
        if len(text.split()) >= 2 and spoken.speakable(text):
            made.append(utter(text, source, tongue, asides))
            asides = ()
    return made


def groups(utterances: Sequence[Utterance], pace: Pace) -> list[list[Utterance]]:
    """Cut a run of utterances into scenes near 12 s, only before sentences that stand alone."""
    units = _units(list(utterances), pace)
    count = len(units)
    if not count:
        return []
    lengths = [pace.sentences(u.text for u in unit) for unit in units]
    best: list[tuple[float, int]] = [(0.0, 0)] + [(float("inf"), 0)] * count
    for end in range(1, count + 1):
        length = -SENTENCE_GAP
        for start in range(end - 1, -1, -1):
            length += lengths[start] + SENTENCE_GAP
            if length > _AMPLE and start < end - 1:
                break
            number = sum(len(unit) for unit in units[start:end])
            cost = best[start][0] + _cost(length, number)
            if cost < best[end][0]:
                best[end] = (cost, start)
    cuts: list[list[Utterance]] = []
    end = count
    while end:
        start = best[end][1]
        cuts.append([u for unit in units[start:end] for u in unit])
        end = start
    return [opened(group) for group in reversed(cuts)]


def _cost(length: float, number: int) -> float:
    cost = (length - _TARGET) ** 2 / 16
    if length < COMFORT[0]:
        cost += (COMFORT[0] - length) ** 2
    return cost + (2.5 if number == 1 else 0.0)


def _units(utterances: list[Utterance], pace: Pace) -> list[list[Utterance]]:
    """Runs that must stay together: a sentence that stands alone and those that lean on it. A run
    too long for a scene loses the sentences that cannot open another."""
    units: list[list[Utterance]] = []
    length = 0.0
    for utterance in utterances:
        seconds = pace.sentence(utterance.text)
        if utterance.alone is not None or not units:
            if utterance.alone is None:
                continue
            units.append([utterance])
            length = seconds
        elif length + SENTENCE_GAP + seconds <= LONGEST - 1.5:
            units[-1].append(utterance)
            length += SENTENCE_GAP + seconds
    return units


def joined(passages: Sequence[Passage], pace: Pace) -> list[Passage]:
    """Tiny paragraphs join their successor (the last one its predecessor)."""
    done: list[Passage] = []
    for passage in passages:
        if not passage.utterances:
            continue
        leaning = passage.utterances[0].alone is None
        if done and (leaning or _short(done[-1], pace)):
            done[-1] = _join(done[-1], passage)
        else:
            done.append(passage)
    if len(done) > 1 and _short(done[-1], pace):
        tail = done.pop()
        done[-1] = _join(done[-1], tail)
    return done


def _short(passage: Passage, pace: Pace) -> bool:
    return pace.sentences(u.text for u in passage.utterances) < _TINY


def _join(first: Passage, second: Passage) -> Passage:
    return Passage(
        first.utterances + second.utterances, first.terms + second.terms, second.announces
    )
