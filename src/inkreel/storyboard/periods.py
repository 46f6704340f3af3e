"""Labels → whether they are points in time, one after the other."""

from __future__ import annotations

import itertools
import re
from collections.abc import Sequence

_PERIOD = re.compile(
    r"(?:năm|tháng|quý|tuần|ngày|thứ|year|month|week|day|quarter|fy|[qthw]|thg?)?\s*\.?"
    r"(?:\d{1,4}|[ivx]+)(?:[/ –-]\d{1,4}){0,2}"
    r"|\d{1,4}[/ -](?:[qt]|quý )\d{1,2}"
    r"|tháng (?:giêng|một|hai|ba|tư|bốn|năm|sáu|bảy|tám|chín|mười|mười một|mười hai|chạp)"
    r"|thứ (?:hai|ba|tư|năm|sáu|bảy)|chủ nhật"
    r"|(?:jan|febr?|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec"
    r"|january|february|march|april|august|september|october|november|december"
    r"|mon|tues?|wed|thu(?:rs?)?|fri|sat|sun"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day)\.?(?: '?\d{2,4})?",
    re.IGNORECASE,
)
_FEWEST = 4


def are_periods(labels: Sequence[str]) -> bool:
    """Whether labels are points in time (or evenly spaced numbers), four or more."""
    if len(labels) < _FEWEST or not all(_PERIOD.fullmatch(label.strip()) for label in labels):
        return False
    if not all(label.isdigit() for label in labels):
        return len(set(labels)) == len(labels)
    steps = {int(b) - int(a) for a, b in itertools.pairwise(labels)}
    return min(steps) > 0 and (len(steps) == 1 or are_years(labels))


def are_years(labels: Sequence[str]) -> bool:
    """Whether all labels are years of four digits."""
    return all(label.isdigit() and 1000 <= int(label) <= 2100 for label in labels)
