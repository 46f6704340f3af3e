"""Figures: plain numbers, years, ranges, scores, fractions, ordinals, versions, phone numbers."""

from __future__ import annotations

import re

from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import FRACTIONS, Line, Reading

NUMBERS = {
    "vi": r"(?:[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?|[1-9]\d{0,2}(?:,\d{3}){2,}|\d+(?:[.,]\d+)?)",
    "en": r"(?:[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?|[1-9]\d{0,2}(?:\.\d{3}){2,}|\d+(?:\.\d+)?)",
}
"""A number without a sign, by the language's marks."""


def number(text: str, tongue: Tongue) -> str:
    """A number that matches `NUMBERS`, as it is said."""
    whole, fraction, mark = _parts(text, tongue)
    if whole.startswith("0") and len(whole) > 1:
        said = digit_by_digit(whole, tongue)
    else:
        said = tongue.cardinal(int(whole)) if len(whole) < 4000 else digit_by_digit(whole, tongue)
    return f"{said} {tongue.marks[mark]} {tongue.decimals(fraction)}" if fraction else said


def is_one(text: str) -> bool:
    """Whether a unit behind the number stands in the singular."""
    return text in ("1", "1.0", "1,0")


def digit_by_digit(text: str, tongue: Tongue) -> str:
    """Digits one by one; all other characters are passed over."""
    return " ".join(tongue.digits[int(digit)] for digit in text if digit in "0123456789")


def _parts(text: str, tongue: Tongue) -> tuple[str, str, str]:
    """Whole part without marks, fraction, the mark between them."""
    other = "," if tongue.grouping == "." else "."
    for mark in (tongue.grouping, other):
        groups = text.split(mark)
        if len(groups) > 2 or (len(groups) == 2 and mark == tongue.grouping and _grouped(groups)):
            whole, _, fraction = groups[-1].partition("." if mark == "," else ",")
            return "".join(groups[:-1]) + whole, fraction, other
    for mark in ".,":
        if mark in text:
            whole, _, fraction = text.partition(mark)
            return whole, fraction, mark
    return text, "", ""


def _grouped(groups: list[str]) -> bool:
    return not groups[0].startswith("0") and bool(re.match(r"\d{3}(?!\d)", groups[1]))


# --- Rules: (line, place) → what is said, or None ------------------------------------------------


def spaced_groups(line: Line, at: int) -> Reading | None:
    """1 000 000: thin or plain spaces between thousands."""
    if not re.fullmatch(r"[1-9]\d{0,2}", line.core(at)):
        return None
    groups = [line.core(at)]
    while re.fullmatch(r"\d{3}", line.next(at + len(groups) - 1)):
        groups.append(line.core(at + len(groups)))
    if len(groups) == 1:
        return None
    last = at + len(groups) - 1
    whole = line.with_core(last, "".join(groups))

    return ("",) * (len(groups) - 1) + whole.read(last)


_PHONE = re.compile(
    r"\+\d{1,3}|\d{3}-\d{4}|\d{3}-\d{3}-\d{4}|\(?0\d{1,4}\)?|0\d{2,3}[.-]\d{3}[.-]\d{3,4}|0\d{8,10}"
)


def phone(line: Line, at: int) -> Reading | None:
    """Digits one by one: 0912 345 678, +84 912 345 678."""
    core = line.core(at)
    if not _PHONE.fullmatch(core) or len(core) < (2 if core[0] == "+" else 3):
        return None
    pieces = [core]
    while re.fullmatch(r"\d{2,4}(?:[.-]\d{2,4})*", line.next(at + len(pieces) - 1)):
        pieces.append(line.core(at + len(pieces)))
    if sum(len(re.sub(r"\D", "", piece)) for piece in pieces) < 7:
        return None
    said = [digit_by_digit(piece, line.tongue) for piece in pieces]
    if core.startswith("+"):
        said[0] = f"{line.tongue.symbols['+']} {said[0]}"
    return tuple(said)


_RANGE_DASH = r"(?:-|–|—|−|~|\.\.\.?|…)"


def span(line: Line, at: int) -> Reading | None:
    """5–10 km, 2019–2023: the first number, "to", then whatever the rest is."""
    tongue = line.tongue
    figure = NUMBERS[tongue.language]
    found = re.fullmatch(
        rf"(?P<low>[$€£₫]?{figure}(?:%|°|°C|K)?){_RANGE_DASH}(?P<high>[$€£₫]?{figure}\D*)",
        line.core(at),
    )
    if found is None:
        return None

    low, high = found["low"], found["high"]
    if low[0] in tongue.currencies and high[0].isdecimal():
        low, high = low[1:], low[0] + high
    score = line.lower(at - 1) in tongue.score_words
    years = re.fullmatch(r"(1[1-9]|20)\d\d", low) and re.fullmatch(r"(1[1-9]|20)\d\d|\d\d", high)
    if years:
        first = tongue.year(int(low))
        rest: Reading = (tongue.year(int(high)) if len(high) == 4 else tongue.cardinal(int(high)),)
    else:
        first = number(low, tongue) if low.isdecimal() else line.with_core(at, low).read(at)[0]
        rest = line.with_core(at, high).read(at)
    link = "" if score and tongue.language == "vi" else f"{tongue.to} "
    return (f"{first} {link}{rest[0]}", *rest[1:])


def digits_of(text: str, tongue: Tongue) -> str:
    """Figures of a name like H264: round hundreds as a number, others one by one."""
    if len(text) < 3 or re.fullmatch(r"[1-9]00+", text):
        return number(text, tongue)
    return digit_by_digit(text, tongue)


def ratio(line: Line, at: int) -> Reading | None:
    """3:1, 16:9."""
    found = re.fullmatch(r"(\d+(?:[.,]\d+)?):(\d+(?:[.,]\d+)?)(?::(\d+))?", line.core(at))
    if found is None:
        return None
    said = [number(part, line.tongue) for part in found.groups() if part]
    return (f" {line.tongue.versus} ".join(said),)


def area(line: Line, at: int) -> Reading | None:
    """1920×1080, 3 x 4: the sides of an area."""
    figure = NUMBERS[line.tongue.language]
    found = re.fullmatch(
        rf"({figure})[×x*]({figure})(?:[×x*]({figure}))?(?P<unit>[a-zA-Z%]*)", line.core(at)
    )
    if found is None:
        return None

    *first, last = [part for part in found.groups()[:3] if part]
    rest = line.with_core(at, last + found["unit"]).read(at)
    head = "".join(f"{number(part, line.tongue)} {line.tongue.by} " for part in first)
    return (head + rest[0], *rest[1:])


def fraction(line: Line, at: int) -> Reading | None:
    """3/4, ½, 1½."""
    core = line.core(at)
    found = re.fullmatch(r"(\d{1,6})/(\d{1,6})", core)
    if found:
        above, below = int(found[1]), int(found[2])
        return (line.tongue.fraction(above, below),)
    if core and core[-1] in FRACTIONS and (core[:-1].isdecimal() or len(core) == 1):
        part = line.tongue.fraction(*FRACTIONS[core[-1]])
        link = line.tongue.symbols["&"]
        return (f"{number(core[:-1], line.tongue)} {link} {part}" if len(core) > 1 else part,)
    return None


def ordinal(line: Line, at: int) -> Reading | None:
    """21st, 19th-century, 1990s; "thứ 4"."""
    tongue, core = line.tongue, line.core(at)
    if tongue.language == "vi":
        if core.isdecimal() and line.lower(at - 1) == "thứ" and len(core) < 4:
            return (tongue.ordinal(int(core)),)
        return None
    found = re.fullmatch(r"(\d{1,3}(?:,?\d{3})*)(st|nd|rd|th)((?:-[a-z]+)*)", core, re.IGNORECASE)
    if found:
        return (tongue.ordinal(int(found[1].replace(",", ""))) + found[3].replace("-", " "),)
    found = re.fullmatch(r"'?(1[1-9]|20)?(\d)0s", core)
    if found:
        if found[1] and found[2] == "0":
            return (f"{tongue.year(int(found[1]) * 100)}s",)
        decade = tongue.cardinal(int(found[2]) * 10)
        plural = f"{decade[:-1]}ies" if decade.endswith("y") else f"{decade}s"
        return (f"{tongue.cardinal(int(found[1]))} {plural}" if found[1] else plural,)
    return None


_VERSIONED = word_set(
    "python node java ubuntu ffmpeg http tls ssl usb version phiên bản bluetooth react vue django "
    "debian fedora macos android ios windows php ruby go rust gcc clang cuda pytorch tensorflow "
    "postgresql postgres redis mysql sqlite kubernetes docker release v espeak gpt llama claude "
    "gemini qwen numpy pandas c++ linux kernel chrome firefox cpython bs opencv av pyav"
)


def version(line: Line, at: int) -> Reading | None:
    """v1.2.3, 1.2.3, Python 3.11, 192.168.1.1: parts as numbers with "dot" between them."""
    tongue, core = line.tongue, line.core(at)
    found = re.fullmatch(r"([vV]\.?)?(\d+(?:\.\d+)*)((?:-?(?:alpha|beta|rc|dev)\d*)?)\+?", core)
    if found is None or re.fullmatch(r"[1-9]\d{0,2}(\.\d{3})+", core):
        return None
    parts = found[2].split(".")
    named = line.lower(at - 1) in _VERSIONED and len(parts) > 1
    if not (found[1] or found[3] or named or len(parts) > 2):
        return None
    said = f" {tongue.marks['.']} ".join(number(part, tongue) for part in parts)
    if found[1] and line.lower(at - 1) not in ("version", "bản"):
        said = f"{tongue.version} {said}"
    for stage, count in re.findall(r"(alpha|beta|rc|dev)(\d*)", found[3]):
        name = tongue.spell("rc") if stage == "rc" else stage
        said += f" {name} {number(count, tongue)}" if count else f" {name}"
    return (said,)


def plain(line: Line, at: int) -> Reading | None:
    """A number alone; four digits are a year where the words around it say so."""
    tongue, core = line.tongue, line.core(at)
    if not re.fullmatch(NUMBERS[tongue.language], core):
        return None
    if re.fullmatch(r"1[1-9]\d\d|20\d\d", core) and _is_year(line, at):
        return (tongue.year(int(core)),)
    return (number(core, tongue),)


_SINGULAR_IN_S = word_set("was is has as this its thus does always")


def _is_year(line: Line, at: int) -> bool:
    tongue, before, after = line.tongue, line.lower(at - 1), line.next(at)
    if before in tongue.year_words or before.rstrip(".") in tongue.months:
        return True
    counted = after.endswith("s") and after.islower() and after not in _SINGULAR_IN_S
    recent = int(line.core(at)) >= 1900
    return recent and not counted and after not in tongue.scale_words
