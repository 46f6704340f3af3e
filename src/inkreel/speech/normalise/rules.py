"""The rules of reading aloud, in the order in which they are asked."""

from __future__ import annotations

import re
from collections.abc import Callable

from inkreel.speech.normalise import dates, figures, formula, identifiers, measures, names
from inkreel.speech.normalise.figures import Reading
from inkreel.speech.normalise.written import LETTER, Line

Rule = Callable[[Line, int], Reading | None]


def dash(line: Line, at: int) -> Reading | None:
    """A dash of its own: "to" between figures, "minus" in a formula, else a pause."""
    core = line.core(at)
    if core not in ("-", "–", "—", "−", "--"):
        return None
    figure = re.compile(r"[$€£₫]?[\d.,]+\S*")
    if core != "—" and figure.fullmatch(line.core(at - 1)) and figure.fullmatch(line.core(at + 1)):
        formula_near = core == "−" or any(word.core in ("=", "+") for word in line.words)
        return (line.tongue.symbols["−"] if formula_near else line.tongue.to,)
    if core == "−" or (core == "-" and any(word.core in ("=", "+") for word in line.words)):
        return (line.tongue.symbols["−"],)
    return ("",)


def silent(line: Line, at: int) -> Reading | None:
    """Bullets, rules and other marks that only order the page."""
    core = line.core(at)
    if not core or re.fullmatch(r"[•◦▪■●○–—|¦…·*\-_=#>~]{2,}|[•◦▪■●○|¦…]", core):
        return ("",)
    return None


def leading_sign(line: Line, at: int) -> Reading | None:
    """≈ or < as the first thing that is said: "about", not "is about"."""
    core = line.core(at)
    first = at == 0 or bool(line.words[at].before)
    return (line.tongue.prefixes[core],) if first and core in line.tongue.prefixes else None


_WORD = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*")
_ODD = re.compile("[a-z][A-Z]|[Α-Ωα-ω]|-[A-Z]{2}|[A-Z]{2}-")


def word(line: Line, at: int) -> Reading | None:
    """An ordinary word: as it is."""
    core = line.core(at)
    return (core,) if _WORD.fullmatch(core) and not _ODD.search(core) else None


RULES: tuple[Rule, ...] = (
    dash,
    silent,
    leading_sign,
    names.abbreviation,
    names.lexicon,
    figures.phone,
    figures.spaced_groups,
    dates.date,
    dates.time_of_day,
    dates.named_month,
    figures.span,
    measures.money,
    measures.signed,
    figures.version,
    figures.area,
    figures.ratio,
    figures.fraction,
    figures.ordinal,
    measures.quantity,
    figures.plain,
    names.roman,
    names.acronym,
    measures.lone_unit,
    identifiers.address,
    identifiers.option,
    identifiers.path,
    identifiers.file_or_code,
    word,
    formula.pieces,
)


def read_word(line: Line, at: int) -> Reading:
    """What is said for the word at a place, and for those after it that belong to it."""
    for rule in RULES:
        reading = rule(line, at)
        if reading is not None:
            return reading
    raise AssertionError("the last rule reads everything")
