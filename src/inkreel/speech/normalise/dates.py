"""Dates and times of day."""

from __future__ import annotations

import re

from inkreel.speech.normalise.written import Line, Reading

_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:T(\d{1,2}):(\d\d)(?::(\d\d))?Z?)?")
_NUMERIC = re.compile(r"(\d{1,2})([/.-])(\d{1,2})\2(\d{4}|\d\d)")
_SHORT = re.compile(r"(\d{1,2})[/-](\d{1,2})")
_MONTH_YEAR = re.compile(r"(\d{1,2})[/-]((?:1[89]|20)\d\d)")


def date(line: Line, at: int) -> Reading | None:
    """2024-05-17, 17/5/2024, 5/17/2024, 5/2024; "ngày 2/9"."""
    tongue, core = line.tongue, line.core(at)
    before = line.lower(at - 1)
    found = _ISO.fullmatch(core)
    if found and _valid(int(found[3]), int(found[2])):
        said = tongue.day_of(int(found[3]), int(found[2]), int(found[1]), before)
        if found[4]:
            said += ", " + tongue.clock(int(found[4]), int(found[5]), _number(found[6]))
        return (said,)
    found = _NUMERIC.fullmatch(core)
    if found:
        return _numeric(line, at, found)
    found = _MONTH_YEAR.fullmatch(core)
    if found and 1 <= int(found[1]) <= 12:
        if before in ("quý", "q"):
            return (f"{tongue.cardinal(int(found[1]))} năm {tongue.cardinal(int(found[2]))}",)
        return (tongue.day_of(None, int(found[1]), int(found[2]), before),)
    found = _SHORT.fullmatch(core)
    if found and before in tongue.date_words and _valid(int(found[1]), int(found[2])):
        return (tongue.day_of(int(found[1]), int(found[2]), None, before),)
    return None


def _numeric(line: Line, at: int, found: re.Match[str]) -> Reading | None:
    first, second, year = int(found[1]), int(found[3]), int(found[4])
    day, month = (first, second) if line.tongue.day_first else (second, first)
    if not _valid(day, month):
        day, month = month, day
    if not _valid(day, month) or (found[2] != "/" and len(found[4]) == 2):
        return None
    full = year if len(found[4]) == 4 else 2000 + year
    return (line.tongue.day_of(day, month, full, line.lower(at - 1)),)


def _valid(day: int, month: int) -> bool:
    return 1 <= day <= 31 and 1 <= month <= 12


def _number(text: str | None) -> int | None:
    return None if text is None else int(text)


def named_month(line: Line, at: int) -> Reading | None:
    """May 17, 17 May; "tháng 4"."""
    tongue, core = line.tongue, line.core(at)
    if not re.fullmatch(r"\d{1,2}", core) or not 1 <= int(core) <= 31:
        return None
    if tongue.language == "vi":
        return ("tư",) if core == "4" and line.lower(at - 1) == "tháng" else None
    if line.core(at - 1).istitle() and line.lower(at - 1).rstrip(".") in tongue.months:
        return (tongue.ordinal(int(core)),)
    after = line.next(at)
    if after.istitle() and after.lower() in tongue.months:
        article = "" if line.lower(at - 1) == "the" else "the "
        return (f"{article}{tongue.ordinal(int(core))} of",)
    return None


_CLOCK = re.compile(r"(\d{1,2}):(\d\d)(?::(\d\d))?(am|pm|AM|PM|a\.m|p\.m)?")
_HOURS = re.compile(r"(\d{1,2})[hg](\d\d)?p?")
_NOON = re.compile(r"(\d{1,2})(am|pm|AM|PM)")
_NOON_NEXT = ("am", "pm", "a.m", "p.m", "a.m.", "p.m.")


def time_of_day(line: Line, at: int) -> Reading | None:
    """10:30, 10:30 pm, 3pm; 8h30 in Vietnamese."""
    tongue, core = line.tongue, line.core(at)
    found = _NOON.fullmatch(core)
    if found and tongue.language == "en":
        return (f"{tongue.cardinal(int(found[1]))} {tongue.spell(found[2])}",)
    found = _HOURS.fullmatch(core)
    if (
        found
        and tongue.language == "vi"
        and (found[2] or core.endswith("h"))
        and _is_time(found[1], found[2])
    ):
        return (tongue.clock(int(found[1]), int(found[2] or 0), None),)
    found = _CLOCK.fullmatch(core)
    if not found or not _is_time(found[1], found[2]) or line.lower(at - 1) in tongue.ratio_words:
        return None
    said = tongue.clock(int(found[1]), int(found[2]), _number(found[3]))
    follows = line.next(at) if line.next(at).lower() in _NOON_NEXT else ""
    half = tongue.spell((found[4] or follows).replace(".", ""))
    if not half or tongue.language != "en":
        return (said,)
    said = said.removesuffix(" o'clock")
    return (said, half) if follows else (f"{said} {half}",)


def _is_time(hours: str, minutes: str | None) -> bool:
    return int(hours) <= 24 and int(minutes or 0) < 60


def time_span(line: Line, at: int) -> Reading | None:
    """9:00–17:30, 7h–11h30."""
    begin, dash, end = (*re.split(r"([-–—])", line.core(at), maxsplit=1), "", "")[:3]
    if not dash:
        return None
    first = time_of_day(line.with_core(at, begin), at)
    last = time_of_day(line.with_core(at, end), at)
    if first is None or last is None:
        return None
    return (f"{first[0]} {line.tongue.to} {last[0]}", *last[1:])
