"""Names: abbreviations, Roman numerals, acronyms, and words that voices get wrong."""

from __future__ import annotations

import re

from inkreel.speech.normalise.figures import digits_of, number
from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import LETTER, Line, Reading


def abbreviation(line: Line, at: int) -> Reading | None:
    """Dr., e.g., TS."""
    said = line.tongue.abbreviations.get(line.core(at))
    return None if said is None else (said,)


def lexicon(line: Line, at: int) -> Reading | None:
    """Words that voices get wrong."""
    said = line.tongue.words.get(line.lower(at))
    if said is None or (line.core(at).isupper() and line.core(at) in line.tongue.said):
        return None
    return (said,)


_ROMAN = re.compile(r"(?=[IVXLC])(C{0,3})(XC|XL|L?X{0,3})(IX|IV|V?I{0,3})")
_VALUES = {"I": 1, "V": 5, "X": 10, "L": 50, "C": 100}
_SURELY_ROMAN = word_set("II III VII VIII XII XIII XVI XVII XVIII XIX XXI")


def roman_value(text: str) -> int | None:
    """XIV → 14, None when it is no numeral up to 399."""
    if not _ROMAN.fullmatch(text):
        return None
    values = [_VALUES[letter] for letter in text]
    return sum(
        -value if value < after else value
        for value, after in zip(values, [*values[1:], 0], strict=True)
    )


def roman(line: Line, at: int) -> Reading | None:
    """Chapter IV, Louis XIV, thế kỷ XIX–XX."""
    tongue, before = line.tongue, line.lower(at - 1)
    values = [roman_value(part) for part in re.split(r"[-–—]", line.core(at))]
    if not values or None in values or len(values) > 2:
        return None
    numbers = [value for value in values if value is not None]
    if before in tongue.ruler_words and line.core(at - 1).istitle() and line.core(at) != "C":
        return (
            tongue.ordinal(numbers[0])
            if tongue.language == "vi"
            else f"the {tongue.ordinal(numbers[0])}",
        )
    if before in tongue.roman_words:
        say = tongue.ordinal if before == "thứ" else tongue.cardinal
        return (f" {tongue.to} ".join(say(value) for value in numbers),)
    if line.core(at) in _SURELY_ROMAN:
        return (tongue.cardinal(numbers[0]),)
    return None


_CAPITALS = re.compile(rf"({LETTER}{{2,}}?)(?:'?(s))?")


def acronym(line: Line, at: int) -> Reading | None:
    """CPU, APIs, NASA, U.S.A."""
    core = line.core(at)
    if re.fullmatch(r"(?:[A-ZĐ]\.){2,}[A-ZĐ]?|[A-ZĐ](?:\.[A-ZĐ])+", core):
        return (line.tongue.spell(core.replace(".", "")),)
    found = _CAPITALS.fullmatch(core)
    if found is None or not found[1].isupper():
        return None
    shouting = line.next(at).isupper() and len(line.next(at)) > 1
    around = shouting or (line.core(at - 1).isupper() and len(line.core(at - 1)) > 1)
    said = say_capitals(found[1], line.tongue, shouting=around)
    return (f"{said}'s" if found[2] and line.tongue.language == "en" else said,)


def say_capitals(letters: str, tongue: Tongue, *, shouting: bool = False) -> str:
    """Capitals as a word or letter by letter."""
    if letters in tongue.said:
        return tongue.said[letters]
    if letters in tongue.shouted or tongue.is_word(letters):
        return letters.lower()
    if len(letters) > 5 or (shouting and len(letters) > 3 and re.search("[AEIOUY]", letters)):
        return letters.lower()
    if not re.fullmatch("[A-ZĐĂÂÊÔƠƯ]+", letters):
        return letters.lower()
    return tongue.spell(letters)


def say_word(letters: str, tongue: Tongue) -> str:
    """A run of letters inside of a longer core: by the lexicon, as an acronym, or as it is."""
    if letters.lower() in tongue.words:
        return tongue.words[letters.lower()]
    if len(letters) > 1 and letters.isupper():
        return say_capitals(letters, tongue)
    if letters and all(letter in tongue.greek for letter in letters.lower()) and len(letters) < 4:
        return " ".join(tongue.greek[letter] for letter in letters.lower())
    return letters


def split_words(text: str, tongue: Tongue) -> str:
    """Letters and digits run together or in camelCase: parseHTTPBody2 → parse H-T-T-P Body two."""
    said: list[str] = []
    for piece in _PIECES.findall(text):
        if piece.isdecimal():
            said.append(digits_of(piece, tongue) if said else number(piece, tongue))
        else:
            said.append(say_word(piece, tongue))
    return " ".join(said)


_PIECES = re.compile(rf"[0-9]+|{LETTER}+")


def camel(text: str) -> list[str]:
    """Parts of camelCase; a word of another shape is one part."""
    marked = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", text)
    return marked.split()
