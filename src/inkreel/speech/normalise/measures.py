"""Quantities: figures with a unit, a currency or a sign."""

from __future__ import annotations

import re
from dataclasses import dataclass

from inkreel.model import Language
from inkreel.speech.normalise.figures import NUMBERS, is_one, number
from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import Line, Reading


def signed(line: Line, at: int) -> Reading | None:
    """−5, ~10 km, ≤5%, #3: the sign, then whatever the rest is."""
    tongue, core = line.tongue, line.core(at)
    rest = core[1:]
    if not core or core[0] not in tongue.prefixes or not re.match(r"[-−]?[$€£₫√]?\d", rest):
        return None

    if core[0] in "×x" and re.fullmatch(NUMBERS[tongue.language], rest) and tongue.language == "vi":
        return (f"{number(rest, tongue)} lần",)
    reading = line.with_core(at, rest).read(at)
    return (f"{tongue.prefixes[core[0]]} {reading[0]}", *reading[1:])


def money(line: Line, at: int) -> Reading | None:
    """$5 million, 50.000₫, 100 USD."""
    tongue, core = line.tongue, line.core(at)
    if tongue.language not in _SUMS:
        _SUMS[tongue.language] = _Sums.of(tongue)
    sums = _SUMS[tongue.language]
    found = sums.after_sign.fullmatch(core) or sums.before_sign.fullmatch(core)
    if found:
        return _amount(line, at, found)
    found = sums.bare.fullmatch(core)
    if found and line.next(at) in tongue.currencies:
        currency = tongue.currencies[line.next(at)]
        return _scaled(found, tongue), _form(found, currency.one, currency.many)
    if core in ("USD", "VND", "EUR", "US$"):
        found = sums.bare.fullmatch(line.next(at))
        return ("", _amount(line, at + 1, found, core)[0]) if found else None
    return None


@dataclass(frozen=True)
class _Sums:
    """How sums of money are written in a language."""

    after_sign: re.Pattern[str]
    before_sign: re.Pattern[str]
    bare: re.Pattern[str]

    @classmethod
    def of(cls, tongue: Tongue) -> _Sums:
        longest = sorted(tongue.currencies, key=len, reverse=True)
        sign = f"(?P<sign>{'|'.join(map(re.escape, longest))})"
        scales = "|".join(sorted(tongue.scales, key=len, reverse=True))
        amount = rf"(?P<amount>{NUMBERS[tongue.language]})(?P<scale>{scales})?\+?"
        return cls(
            re.compile(sign + amount),
            re.compile(rf"{amount}{sign}(?:/(?P<per>\w+))?"),
            re.compile(amount),
        )


_SUMS: dict[Language, _Sums] = {}


def _amount(line: Line, at: int, found: re.Match[str], sign: str = "") -> Reading:
    tongue = line.tongue
    currency = tongue.currencies[sign or found["sign"]]
    if line.next(at).lower() in tongue.scale_words and not found["scale"]:
        return number(found["amount"], tongue), f"{line.next(at)} {currency.many}"
    cents = re.fullmatch(r"([\d,]+)\.(\d\d)", found["amount"])
    small = tongue.language == "en" and currency.one.rpartition(" ")[2] in _CENTS
    if cents and small and not found["scale"]:
        return (_with_cents(cents[1], cents[2], currency.one, tongue),)
    said = f"{_scaled(found, tongue)} {_form(found, currency.one, currency.many)}"
    per = found.groupdict().get("per")
    return (f"{said} {tongue.per} {_per_name(per, tongue)}" if per else said,)


def _scaled(found: re.Match[str], tongue: Tongue) -> str:
    said = number(found["amount"], tongue)
    return f"{said} {tongue.scales[found['scale']]}" if found["scale"] else said


def _form(found: re.Match[str], one: str, many: str) -> str:
    return one if is_one(found["amount"]) and not found["scale"] else many


_CENTS = {"dollar": ("cent", "cents"), "euro": ("cent", "cents"), "pound": ("penny", "pence")}


def _with_cents(whole: str, cents: str, name: str, tongue: Tongue) -> str:
    """English: $1.50 → one dollar and fifty cents."""
    said = []
    if whole != "0":
        said.append(f"{number(whole, tongue)} {name}{'' if whole == '1' else 's'}")
    if cents != "00":
        one, many = _CENTS[name.rpartition(" ")[2]]
        said.append(f"{tongue.cardinal(int(cents))} {one if cents == '01' else many}")
    return " and ".join(said) or f"zero {name}s"


def _per_name(text: str, tongue: Tongue) -> str:
    return tongue.units[text].one if text in tongue.units else text


_AMBIGUOUS = word_set("in a A B K N t min mi pt px l h g s m V W J L bit")
"""Units that are also words, names or variables: not read as a unit without a number."""


_BARE_SCALES = word_set("k K tr bn mn M tỷ tỉ triệu nghìn")
"""Short forms of thousand and so on that are read without a currency."""


def quantity(line: Line, at: int) -> Reading | None:
    """5km, 5 km/h, 3×, 10k: a number with what it counts, in this word or the next."""
    tongue, core = line.tongue, line.core(at)
    found = re.match(NUMBERS[tongue.language], core)
    if found is None:
        return None
    amount, rest = found[0], core[found.end() :].lstrip("-") if core[found.end() :] != "-" else ""
    said = number(amount, tongue)
    if not rest:
        unit = unit_name(line.next(at), tongue, one=is_one(amount)) if line.joined(at) else None
        if unit is None or line.next(at) in ("in", "A", "a", "B"):
            return None
        return said, unit
    attributive = "-" in core or line.lower(at - 1) in ("a", "an")
    unit = unit_name(rest, tongue, one=is_one(amount) or attributive)
    if unit is not None:
        return (f"{said} {unit}",)
    if rest in ("×", "x", "X"):
        return (f"{said} {'lần' if tongue.language == 'vi' else 'times'}",)
    if rest.rstrip("+") in _BARE_SCALES and rest.rstrip("+") in tongue.scales:
        return (f"{said} {tongue.scales[rest.rstrip('+')]}",)
    if rest == "+":
        return (f"{said} {tongue.symbols['+']}",)
    return None


def lone_unit(line: Line, at: int) -> Reading | None:
    """km/h, GB, °C without a number before them."""
    core = line.core(at)
    if core in _AMBIGUOUS or core.isdecimal() or core in line.tongue.symbols:
        return None
    if "/" in core and not all(part in line.tongue.units for part in core.split("/")):
        return None
    unit = unit_name(core, line.tongue, one=False)
    return None if unit is None else (unit,)


def per_unit(line: Line, at: int) -> Reading | None:
    """người/km², 4,5%/năm: whatever stands before the slash, per unit."""
    tongue = line.tongue
    above, slash, below = line.core(at).rpartition("/")
    if not slash or not above or "/" in above or above.isdecimal():
        return None
    name = below if below in tongue.per_words else unit_name(below, tongue, one=True)
    if name is None or (below in _AMBIGUOUS and above[-1:] not in "%₫đ"):
        return None

    return (f"{line.with_core(at, above).read(at)[0]} {tongue.per} {name}",)


def height(line: Line, at: int) -> Reading | None:
    """1m75 in Vietnamese."""
    found = re.fullmatch(r"(\d)m(\d\d?)", line.core(at))
    if found is None or line.tongue.language != "vi":
        return None
    cardinal = line.tongue.cardinal
    return (f"{cardinal(int(found[1]))} {line.tongue.units['m'].one} {cardinal(int(found[2]))}",)


_POWER = re.compile(r"(?P<unit>.*?)(?P<power>[²³]|(?<=m)[23])?")


def unit_name(text: str, tongue: Tongue, *, one: bool) -> str | None:
    """km/h → kilometers per hour; None when it is no unit."""
    above, *below = text.split("/")
    *factors, last = above.split("·")
    said = _simple_unit(last, tongue, one=one)
    for factor in reversed(factors):
        name = _simple_unit(factor, tongue, one=True)
        said = None if said is None or name is None else f"{name} {said}"
    for part in below:
        under = _simple_unit(part, tongue, one=True)
        if said is None or under is None:
            return None
        said = f"{said} {tongue.per} {under}"
    return said


def _simple_unit(text: str, tongue: Tongue, *, one: bool) -> str | None:
    found = _POWER.fullmatch(text)
    if found is None or found["unit"] not in tongue.units:
        return None
    unit = tongue.units[found["unit"]]
    name = unit.one if one else unit.many
    if found["unit"] in ("s", "h") and found["power"]:
        return f"{name} {tongue.squared if found['power'] in '²2' else tongue.cubed}"
    if found["power"]:
        return tongue.square(name) if found["power"] in "²2" else tongue.cubic(name)
    return name
