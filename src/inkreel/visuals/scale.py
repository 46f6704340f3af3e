"""Values → axis ticks, and numbers as the language writes them (vi 1.234,5 · en 1,234.5)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inkreel.model import Language

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOSE_UNITS = ("%", "°", "°C", "°F", "‰")
_SIGNS = ("$", "€", "£", "¥")
"""Currencies whose sign stands before the number."""
_SUM = re.compile(r"([$€£¥])\s?([^\W\d]+)|([^\W\d]+)\s?([$€£¥])")
_SIZES = {
    1e3: ("k", "thousand", "nghìn", "ngàn"),
    1e6: ("m", "mn", "mio", "million", "millions", "triệu", "tr"),
    1e9: ("b", "bn", "billion", "billions", "tỷ", "tỉ"),
    1e12: ("t", "tn", "trillion", "trillions", "nghìn tỷ"),
}
_ATTACHED = ("%", "‰", *_SIGNS)
_SHORT_UNIT = 4
"""A unit of at most so many letters is written behind every number, a longer one once."""


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from `low` to `high` with a tick at every multiple of `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        first = math.ceil(self.low / self.step - 1e-9)
        last = math.floor(self.high / self.step + 1e-9)
        return tuple(self.step * index for index in range(first, last + 1))

    def share(self, value: float) -> float:
        """Where a value lies between low (0) and high (1)."""
        return (value - self.low) / (self.high - self.low)

    def reaching(self, value: float, below: float, length: float) -> Scale:
        """The same, continued so far that under the value `below` of the axis's `length` is free.
        No tick is added for that."""
        low = (value * length - below * self.high) / max(1.0, length - below)
        return Scale(min(self.low, low), self.high, self.step)


def scale_for(values: Iterable[float], *, from_zero: bool, intervals: int = 4) -> Scale:
    """Round ticks around the values; bars always start from zero."""
    known = list(values) or [0.0, 1.0]
    low, high = min(known), max(known)
    if from_zero or (low >= 0 and low < 0.45 * high) or high <= 0:
        low, high = min(low, 0.0), max(high, 0.0)
    if high == low:
        low, high = (low - 1, high + 1) if low else (0.0, 1.0)
    step = _round_step((high - low) / intervals)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return Scale(first * step, last * step, step)


def _round_step(raw: float) -> float:
    power = 10.0 ** math.floor(math.log10(raw))
    return next(base for base in _STEPS if base * power >= raw * 0.999) * power


def decimals_of(values: Iterable[float]) -> int:
    """How many decimals the values need; large values are not shown to the thousandth."""
    known = [abs(value) for value in values]
    top = max(known, default=0.0)
    most = 3 if top < 10 else 2 if top < 1000 else 1
    return max((_decimals(value, most) for value in known), default=0)


def _decimals(value: float, most: int) -> int:
    for count in range(most):
        if math.isclose(value, round(value, count), rel_tol=1e-9, abs_tol=1e-12):
            return count
    return most


def number(value: float, language: Language, decimals: int = 0, unit: str = "") -> str:
    """A figure as the language writes it; a short unit follows it."""
    text = f"{abs(value):,.{decimals}f}"
    if language == "vi":
        text = text.translate(str.maketrans(",.", ".,"))
    sign = "−" if value < 0 and text.strip("0.,") else ""
    if unit in _SIGNS:
        return f"{sign}{unit}{text}"
    space = "" if unit in _CLOSE_UNITS or not unit else "\u00a0"
    return f"{sign}{text}{space}{unit}"


@dataclass(frozen=True, slots=True)
class Figures:
    """How all numbers of one chart are written: large ones in millions, so that they stay short.

    English has letters for that ("$1.2M"); Vietnamese has words ("1,2 triệu"), which an axis says
    once, together with a unit of more than four letters.
    """

    language: Language
    unit: str
    divisor: float
    """0 where sizes differ so much that each number has its own."""
    decimals: int

    @property
    def _name(self) -> str:
        return _names(self.language).get(self.divisor, "")

    @property
    def note(self) -> str:
        """What is said once beside the axis."""
        worded = self._name if self.language == "vi" else ""
        unit = self.unit if self._long or (worded and self.unit not in _ATTACHED) else ""
        return f"{worded} {unit}".strip()

    @property
    def _long(self) -> bool:
        return len(self.unit) > _SHORT_UNIT

    def text(self, value: float, *, full: bool = False) -> str:
        """A number as it stands beside its bar; `full` repeats what `note` says."""
        divisor = self.divisor or _divisor(abs(value))
        name = _names(self.language).get(divisor, "")
        once = self.language == "vi" and self.divisor > 1 and not full
        unit = (
            "" if not full and (self._long or (once and self.unit not in _ATTACHED)) else self.unit
        )
        scaled = value / divisor
        decimals = _enough(scaled, self.decimals if self.divisor else _few(scaled))
        return _named(scaled, self.language, decimals, ("" if once else name, unit))

    def ticks(self, scale: Scale) -> list[str]:
        """The numbers of an axis; of the units only those that belong to a number are repeated."""
        divisor = self.divisor or _divisor(max(abs(scale.low), abs(scale.high)))
        name = (
            "" if self.language == "vi" and self.divisor else _names(self.language).get(divisor, "")
        )
        unit = self.unit if self.unit in _ATTACHED else ""
        values = [tick / divisor for tick in scale.ticks]
        decimals = decimals_of(values)
        return [
            _named(value, self.language, decimals, (name, unit))
            if abs(value) > 1e-9 * max(map(abs, values))
            else _named(0.0, self.language, 0, ("", unit))
            for value in values
        ]


def figures_for(values: Sequence[float], unit: str, language: Language) -> Figures:
    """How to write these values."""
    sizes = [abs(value) for value in values if value]
    divisor = _divisor(max(sizes, default=0.0))
    if divisor > 1 and min(sizes) < divisor / 1000:
        return Figures(language, unit, 0.0, 0)
    scaled = [value / divisor for value in values]
    decimals = decimals_of(scaled)
    if divisor > 1:
        decimals = min(decimals, 2 if max(sizes) / divisor < 10 else 1)
    return Figures(language, unit, divisor, decimals)


def in_full(unit: str) -> tuple[float, str]:
    """A unit as a number of sums of money: "$M" and "bn €" are many of "$" and "€"."""
    match = _SUM.fullmatch(unit.strip())
    if not match:
        return 1.0, unit
    word, sign = (match[2] or match[3]).casefold(), match[1] or match[4]
    times = next((size for size, words in _SIZES.items() if word in words), 0.0)
    return (times, sign) if times else (1.0, unit)


def _divisor(size: float) -> float:
    return next((power for power in (1e12, 1e9, 1e6) if size >= power), 1.0)


def _names(language: Language) -> dict[float, str]:
    if language == "vi":
        return {1e6: "triệu", 1e9: "tỷ", 1e12: "nghìn tỷ"}
    return {1e6: "M", 1e9: "B", 1e12: "T"}


def _named(value: float, language: Language, decimals: int, after: tuple[str, str]) -> str:
    """A number with the name of its size and its unit."""
    name, unit = after
    if not name:
        return number(value, language, decimals, unit)
    sign = unit if unit in _SIGNS else ""
    text = number(value, language, decimals, sign) + ("\u00a0" if language == "vi" else "") + name
    return text if sign or not unit else f"{text}\u00a0{unit}"


def _few(value: float) -> int:
    """Decimals of a number that stands for itself: three figures are enough."""
    most = 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return decimals_of([round(value, most)])


def _enough(value: float, decimals: int) -> int:
    """Decimals with which a number that is not zero does not look like it."""
    if not value or abs(value) >= 0.5 * 10.0**-decimals:
        return decimals
    return min(6, max(decimals, math.ceil(-math.log10(abs(value)))))
