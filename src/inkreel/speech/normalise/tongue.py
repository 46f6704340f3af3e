"""What a language brings to reading aloud: its number words, marks, names and lexicons."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from inkreel.model import Language


@dataclass(frozen=True)
class Unit:
    """A unit or a currency: what one of it is called, and what many are."""

    one: str
    many: str


@dataclass(frozen=True, kw_only=True)
class Tongue:
    """A language, as far as it is read aloud."""

    language: Language

    # Numbers
    cardinal: Callable[[int], str]
    ordinal: Callable[[int], str]
    year: Callable[[int], str]
    decimals: Callable[[str], str]
    """Digits behind the decimal mark."""
    fraction: Callable[[int, int], str]
    digits: tuple[str, ...]
    grouping: str
    """Mark between thousands; the other one of `.` and `,` is the decimal mark."""
    marks: Mapping[str, str]
    """`.` and `,` inside of a number that is no group, as they are said."""

    # Words between and around numbers
    to: str
    minus: str
    versus: str
    """Between the figures of a score or a ratio."""
    by: str
    """Between the sides of an area: 1920×1080."""
    version: str
    dot: str
    at_sign: str
    slash: str
    flags: tuple[str, str]
    """Before an option of one dash, of two dashes."""
    of: str
    """Between a function and its argument."""
    big_o: str
    base: str
    """Between a logarithm and its base."""
    power: str
    squared: str
    cubed: str
    per: str
    over: str
    modulo: str

    # Dates and times
    months: Mapping[str, int]
    """Names and short names in lower case."""
    day_of: Callable[[int | None, int | None, int | None, str], str]
    """Day, month, year and the word before them, as a date is said."""
    clock: Callable[[int, int, int | None], str]
    day_first: bool
    date_words: frozenset[str]
    """Words after which 2/9 is a date."""
    year_words: frozenset[str]
    """Words after which four digits are a year."""
    score_words: frozenset[str]
    ratio_words: frozenset[str]
    roman_words: frozenset[str]
    """Words after which XIV is a number."""
    ruler_words: frozenset[str]
    """Names after which XIV is an ordinal."""

    # Names
    units: Mapping[str, Unit]
    square: Callable[[str], str]
    cubic: Callable[[str], str]
    currencies: Mapping[str, Unit]
    scales: Mapping[str, str]
    """Short forms of million and so on behind an amount."""
    scale_words: frozenset[str]
    per_words: frozenset[str]
    """Words behind a slash that are counted by: %/năm, $/month."""
    prefixes: Mapping[str, str]
    """Signs before a figure."""
    symbols: Mapping[str, str]
    """Signs between words or alone; what is in no table is silent."""
    spell: Callable[[str], str]
    """Letters, one by one."""
    said: Mapping[str, str]
    """Acronyms that are said as a word or in a way of their own, in capitals."""
    shouted: frozenset[str]
    """Ordinary words that are often written in capitals, in capitals."""
    abbreviations: Mapping[str, str]
    """With the dot they end with, as written."""
    words: Mapping[str, str]
    """Words that voices get wrong, in lower case."""
    greek: Mapping[str, str]
    is_word: Callable[[str], bool] = field(default=lambda _: False)
    """Whether capitals spell a word of the language rather than an acronym."""


def word_set(text: str) -> frozenset[str]:
    """Words between spaces, as a set: a table that is read, not counted."""
    return frozenset(text.split())


def word_list(text: str) -> tuple[str, ...]:
    """Words between spaces, in order."""
    return tuple(text.split())
