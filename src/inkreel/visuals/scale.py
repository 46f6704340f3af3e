"""Values → axis ticks, and numbers as the language writes them (vi 1.234,5 · en 1,234.5)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inkreel.model import Language

_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
_CLOSE_UNITS = ("%", "°", "°C", "°F", "‰")


@dataclass(frozen=True, slots=True)
class Scale:
    """A linear axis from `low` to `high` with a tick every `step`."""

    low: float
    high: float
    step: float

    @property
    def ticks(self) -> tuple[float, ...]:
        count = round((self.high - self.low) / self.step)
        return tuple(self.low + self.step * index for index in range(count + 1))

    def share(self, value: float) -> float:
        """Where a value lies between low (0) and high (1)."""
        return (value - self.low) / (self.high - self.low)


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
    space = "" if unit in _CLOSE_UNITS or not unit else "\u00a0"
    return f"{sign}{text}{space}{unit}"


def large_numbers(values: Sequence[float], language: Language) -> tuple[float, str]:
    """A divisor and its name, so that axis labels of large values stay short."""
    top = max((abs(value) for value in values), default=0.0)
    names = {"vi": ("nghìn", "triệu", "tỷ"), "en": ("thousand", "million", "billion")}[language]
    for power, name in ((9, names[2]), (6, names[1])):
        if top >= 10**power:
            return 10.0**power, name
    return 1.0, ""
