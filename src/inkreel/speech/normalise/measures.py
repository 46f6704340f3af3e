"""Quantities: figures with a unit, a currency or a sign."""

from __future__ import annotations

import re

from inkreel.speech.normalise.figures import NUMBERS, Reading, is_one, number
from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import Line


def signed(line: Line, at: int) -> Reading | None:
    """−5, ~10 km, ≤5%, #3: the sign, then whatever the rest is."""
    tongue, core = line.tongue, line.core(at)
    rest = core[1:]
    if not core or core[0] not in tongue.prefixes or not re.match(r"[-−]?[$€£₫√]?\d", rest):
        return None
    from inkreel.speech.normalise.rules import read_word

    if core[0] in "×x" and re.fullmatch(NUMBERS[tongue.language], rest) and tongue.language == "vi":
        return (f"{number(rest, tongue)} lần",)
    reading = read_word(line.with_core(at, rest), at)
    return (f"{tongue.prefixes[core[0]]} {reading[0]}", *reading[1:])


def money(line: Line, at: int) -> Reading | None:
    """$5 million, 50.000₫, 100 USD."""
    tongue = line.tongue
    signs = "|".join(re.escape(sign) for sign in sorted(tongue.currencies, key=len, reverse=True))
    scales = "|".join(sorted(tongue.scales, key=len, reverse=True))
    amount = rf"(?P<amount>{NUMBERS[tongue.language]})(?P<scale>{scales})?\+?"
    core = line.core(at)
    found = re.fullmatch(rf"(?P<sign>{signs}){amount}", core) or re.fullmatch(
        rf"{amount}(?P<sign>{signs})(?:/(?P<per>\w+))?", core
    )
    if found:
        return _amount(line, at, found)
    found = re.fullmatch(amount, core)
    if found and line.next(at) in tongue.currencies:
        currency = tongue.currencies[line.next(at)]
        return _scaled(found, tongue), _form(found, currency.one, currency.many)
    if core in ("USD", "VND", "EUR", "US$") and re.fullmatch(amount, line.next(at)):
        return "", _amount(line, at + 1, re.fullmatch(rf"(?P<sign>){amount}", line.next(at)), core)[
            0
        ]
    return None


def _amount(line: Line, at: int, found: re.Match[str] | None, sign: str = "") -> Reading:
    assert found is not None  # noqa: S101 - the caller has matched it
    tongue = line.tongue
    currency = tongue.currencies[sign or found["sign"]]
    if line.next(at).lower() in tongue.scale_words and not found["scale"]:
        return number(found["amount"], tongue), f"{line.next(at)} {currency.many}"
    cents = re.fullmatch(r"([\d,]+)\.(\d\d)", found["amount"])
    if cents and tongue.language == "en" and not found["scale"] and currency.one.endswith("dollar"):
        return (_dollars(cents[1], cents[2], currency.one, tongue),)
    said = f"{_scaled(found, tongue)} {_form(found, currency.one, currency.many)}"
    per = found.groupdict().get("per")
    return (f"{said} {tongue.per} {_per_name(per, tongue)}" if per else said,)


def _scaled(found: re.Match[str], tongue: Tongue) -> str:
    said = number(found["amount"], tongue)
    return f"{said} {tongue.scales[found['scale']]}" if found["scale"] else said


def _form(found: re.Match[str], one: str, many: str) -> str:
    return one if is_one(found["amount"]) and not found["scale"] else many


def _dollars(whole: str, cents: str, name: str, tongue: Tongue) -> str:
    said = []
    if whole != "0":
        said.append(f"{number(whole, tongue)} {name}{'' if whole == '1' else 's'}")
    if cents != "00":
        said.append(f"{tongue.cardinal(int(cents))} cent{'' if cents == '01' else 's'}")
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
    unit = unit_name(rest, tongue, one=is_one(amount) or "-" in core)
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


_POWER = re.compile(r"(?P<unit>.*?)(?P<power>[²³]|(?<=m)[23])?")


def unit_name(text: str, tongue: Tongue, *, one: bool) -> str | None:
    """km/h → kilometers per hour; None when it is no unit."""
    above, *below = text.split("/")
    said = _simple_unit(above, tongue, one=one)
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
