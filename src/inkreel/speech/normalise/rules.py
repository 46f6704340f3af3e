"""The rules of reading aloud, in the order in which they are asked."""

from __future__ import annotations

import re

from inkreel.speech.normalise import dates, figures, formula, identifiers, measures, names
from inkreel.speech.normalise.written import LETTER, Line, Reading, Rule


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


def wildcard(line: Line, at: int) -> Reading | None:
    """5xx, 4XX: a figure with open places."""
    found = re.fullmatch(r"(\d)([xX]{2})", line.core(at))
    if found is None:
        return None
    return (f"{line.tongue.digits[int(found[1])]} {line.tongue.spell(found[2])}",)


def silent(line: Line, at: int) -> Reading | None:
    """Bullets, rules and other marks that only order the page."""
    core = line.core(at)
    if core == "%" and line.next(at).isalnum() and line.core(at - 1).isalpha():
        return (line.tongue.modulo,)
    if not core or re.fullmatch(r"[•◦▪■●○–—|¦…·*\-_=#>~+]{2,}|[•◦▪■●○|¦…]", core):
        return ("",)
    return None


def leading_sign(line: Line, at: int) -> Reading | None:
    """≈ or < before the first figure: "about", not "is about"; # and > may also be markup."""
    core = line.core(at)
    if core not in line.tongue.prefixes:
        return None
    if line.next(at)[:1].isdecimal() and (at == 0 or line.words[at].before or core == "#"):
        return (line.tongue.prefixes[core],)
    return ("",) if core == "#" or (core == ">" and at == 0) else None


_WORD = re.compile(rf"{LETTER}+(?:['-]{LETTER}+)*")
_ODD = re.compile("[a-z][A-Z]|[Α-Ωα-ω]|-[A-Z]{2}|[A-Z]{2}-")


def word(line: Line, at: int) -> Reading | None:
    """An ordinary word: as it is."""
    core = line.core(at)
    return (core,) if _WORD.fullmatch(core) and not _ODD.search(core) else None


def alternatives(line: Line, at: int) -> Reading | None:
    """2,4GHz/5GHz, client/server: each by itself, one after the other."""
    parts = line.core(at).split("/")
    if len(parts) < 2 or not all(len(part) > 1 for part in parts):
        return None
    return (" ".join(line.with_core(at, part).read(at)[0] for part in parts),)


RULES: tuple[Rule, ...] = (
    dash,
    silent,
    leading_sign,
    wildcard,
    names.abbreviation,
    names.lexicon,
    figures.phone,
    figures.spaced_groups,
    dates.date,
    dates.time_of_day,
    dates.time_span,
    dates.named_month,
    figures.span,
    measures.money,
    measures.signed,
    figures.version,
    figures.area,
    figures.ratio,
    figures.fraction,
    figures.ordinal,
    measures.height,
    measures.quantity,
    figures.plain,
    names.roman,
    names.acronym,
    measures.lone_unit,
    measures.per_unit,
    identifiers.address,
    identifiers.option,
    identifiers.path,
    identifiers.file_or_code,
    word,
    alternatives,
    formula.pieces,
)
