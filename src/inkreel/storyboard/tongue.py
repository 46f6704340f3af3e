"""What the writer must know of a language: words that carry no content, openers that lean on the
sentence before, headings to skip, phrases of its own. One file per language holds the data."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inkreel.model import Language


def words(text: str) -> frozenset[str]:
    """A set of words, written as running text."""
    return frozenset(text.split())


def pairs(text: str) -> frozenset[str]:
    """A set of two-word entries, parted by bars."""
    return frozenset(entry.strip() for entry in " ".join(text.split()).split("|"))


def opener(alternatives: str) -> re.Pattern[str]:
    """A pattern for one of these openers with its comma and space."""
    return re.compile(rf"(?:{alternatives})(?!\w),?\s+", re.IGNORECASE)


def anywhere(pattern: str) -> re.Pattern[str]:
    """A pattern in either case."""
    return re.compile(pattern, re.IGNORECASE)


@dataclass(frozen=True, slots=True, eq=False)
class Tongue:
    """The data of one language; patterns are compiled once and match at the start of a sentence
    unless their name says otherwise."""

    language: Language
    decimal: str
    thousands: str
    abbreviations: frozenset[str]
    """Lower case, without the final dot: no sentence ends after them."""
    function_words: frozenset[str]
    """Words no key phrase contains; they part a sentence into phrases."""
    idle: frozenset[str]
    """Two words that together carry no content ("có thể")."""
    compounds: frozenset[str]
    """Two words that stay together although one of them is a function word."""
    cue_words: re.Pattern[str]
    """Anywhere: the author says that something matters."""
    additive: re.Pattern[str]
    """Openers that add nothing when spoken; always dropped."""
    connective: re.Pattern[str]
    """Openers that need the sentence before; dropped when it is not there."""
    unwrap: re.Pattern[str]
    """Openers such as "this means that": what follows stands alone."""
    leaning: re.Pattern[str]
    """Pronouns and demonstratives whose antecedent is in the sentence before."""
    demonstrative: re.Pattern[str]
    """Demonstrative with its noun: can stand alone with an article."""
    article: str
    """What `demonstrative` becomes (a replacement template)."""
    reference: re.Pattern[str]
    """Anywhere: "see Table 2" and the like."""
    written: tuple[tuple[re.Pattern[str], str], ...]
    """Anywhere: abbreviations of writing and what one says instead."""
    clause: re.Pattern[str]
    """Anywhere: where a long sentence can be parted; group `next` opens the second part."""
    example: re.Pattern[str]
    """Anywhere: ", such as …" up to the end of the clause; group `list` is what is listed."""
    lead_in: re.Pattern[str]
    """Whole sentence: announces what follows and says nothing itself."""
    pointing: re.Pattern[str]
    """Whole sentence: sends the reader elsewhere ("see the documentation")."""
    hanging: re.Pattern[str]
    """Anywhere: the end of a sentence that says nothing without the list after it."""
    procedure: re.Pattern[str]
    """Anywhere in a heading or an announcement: the numbered list after it is steps."""
    skipped: re.Pattern[str]
    """Headings of parts nobody wants to hear."""
    concluding: re.Pattern[str]
    """Headings of a conclusion."""
    question: re.Pattern[str]
    """Headings that are questions without a question mark, or "how …" clauses."""
    defining: re.Pattern[str]
    """Anywhere: the sentence defines something."""
    magnitude: re.Pattern[str]
    """Words after a figure that belong to it (million, triệu)."""
    units: frozenset[str]
    """Words after a figure that are its unit."""
    speech: Speech


@dataclass(frozen=True, slots=True)
class Speech:
    """Sentences of the writer's own; `{}` and names are filled in."""

    conjunction: str
    questions: str
    journey: str
    leads_to: str
    begins: str
    leads_by: str
    """With the edge's label."""
    next_comes: tuple[str, ...]
    at_last: str
    branch: str
    branch_back: str
    otherwise: str
    also: str
    also_by: str
    back: str
    back_by: str
    turns: str
    turns_by: str
    first_state: str
    last_state: str
    has_branches: str
    covers: str
    in_year: str
    tells: str
    answers: str
    acts: str
    joins: str
    as_code: str
    """A note: a Mermaid diagram that could not be drawn."""
    moving_on: tuple[str, ...]
    keep: tuple[str, ...]
    """Opens the close; `{count}` is a number word."""
    numbers: tuple[str, ...]
    """Number words from zero."""
    closing_heading: str
    step: str
    list_header: tuple[str, str]
    step_header: tuple[str, str]
    largest: str
    smallest: str
    two: str
    gap: str
    against: str
    """The two labels of a ratio, the larger first."""
    times: str
    increase: str
    decrease: str
    about: str
    yes: tuple[str, ...]
    no: tuple[str, ...]
    with_it: str
    without_it: str
    cell: str
    cells: str
    rise: str
    fall: str
    steady: str
    while_counting: str
    rise_then: str
    fall_then: str
    steady_then: str
    from_to: str
    row: str
    rows_cut: str
    defines: str
    defines_class: str
    lines_cut: str
    too_little: str
    left_out: str
    formula: str
