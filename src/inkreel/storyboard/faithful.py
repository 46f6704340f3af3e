"""Whether a text says what its source says, as far as figures and names go.

Figures are compared by value: `1.234,5` and `1,234.5`, `3,5 triệu` and `3500000`, `25%` and 25
percent. A figure that can be read in two ways counts as both. Names are words with a capital letter
within a sentence. What is turned around with the same words (rose, fell; not) is not noticed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

_FIGURE = re.compile(r"\d+(?:[.,\u00a0\u202f ]\d{3})*(?:[.,]\d+)?")
_SCALE = re.compile(
    r"[\s\u00a0-]*(?:(?P<word>nghìn|ngàn|triệu|tỷ|tỉ|thousand|million|billion|trillion)\b"
    r"|(?P<sign>[kKMB]|bn|tr)\b)",
    re.IGNORECASE,
)
_SCALES = {
    "nghìn": 1e3, "ngàn": 1e3, "triệu": 1e6, "tỷ": 1e9, "tỉ": 1e9, "tr": 1e6,
    "thousand": 1e3, "million": 1e6, "billion": 1e9, "trillion": 1e12,
    "k": 1e3, "m": 1e6, "b": 1e9, "bn": 1e9,
}  # fmt: skip
_SPELT = {
    "zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7,
    "eight": 8, "nine": 9, "ten": 10, "eleven": 11, "twelve": 12, "twenty": 20, "thirty": 30,
    "forty": 40, "fifty": 50, "half": 0.5, "double": 2, "twice": 2, "hundred": 100,
    "không": 0, "một": 1, "hai": 2, "ba": 3, "bốn": 4, "năm": 5, "sáu": 6, "bảy": 7, "tám": 8,
    "chín": 9, "mười": 10, "nửa": 0.5, "đôi": 2, "trăm": 100,
}  # fmt: skip
_WORD = re.compile(r"[^\W\d_][\w'’-]*")
_SENTENCE = re.compile(r"(?:^|[.!?…:;\n“”\"(])[\s“”\"'(]*$")
_ALWAYS = frozenset({"i", "ok"})


def figures(text: str) -> Iterator[tuple[str, frozenset[float]]]:
    """Each figure as it is written, with the values that it can stand for."""
    for found in _FIGURE.finditer(text):
        written = found.group()
        values = set(_readings(written))
        scale = _SCALE.match(text, found.end())
        if scale:
            factor = _SCALES[(scale["word"] or scale["sign"]).lower()]
            values = {round(value * factor, 6) for value in values}
            written += scale.group()
        elif text[found.end() : found.end() + 2].strip()[:1] == "%":
            values |= {round(value / 100, 9) for value in values}
        yield written, frozenset(values)


def _readings(written: str) -> Iterator[float]:
    """With the comma, and with the dot, for the decimals."""
    plain = re.sub(r"[\u00a0\u202f ]", "", written)
    for decimal, thousands in ((".", ","), (",", ".")):
        text = plain.replace(thousands, "").replace(decimal, ".")
        if text.count(".") <= 1:
            yield float(text)
    if re.search(r"[\u00a0\u202f ]", written):  # or two figures beside each other
        yield from (float(part.replace(",", ".")) for part in written.split() if _single(part))


def _single(part: str) -> bool:
    return part.replace(",", ".").count(".") <= 1


def invented_figures(text: str, source: str, counts: Iterable[int] = ()) -> list[str]:
    """Figures of a text that its source does not have; `counts` are of its entries, which one may
    say."""
    known = {value for _, values in figures(source) for value in values}
    known |= {float(_SPELT[word]) for word in re.findall(r"\w+", source.lower()) if word in _SPELT}
    known |= set(map(float, counts))
    return [written.strip() for written, values in figures(text) if not values & known]


def invented_names(sentences: Iterable[str], source: str) -> list[str]:
    """Names of sentences that their source does not have."""
    known = {_folded(word) for word in _WORD.findall(source)}
    found: list[str] = []
    for sentence in sentences:
        for word in _WORD.finditer(sentence):
            name = word.group()
            if not name[0].isupper() or _SENTENCE.search(sentence[: word.start()]):
                continue
            parts = [_folded(part) for part in re.split(r"[-’']", name) if part]
            if _folded(name) not in known and not all(p in known or p in _ALWAYS for p in parts):
                found.append(name)
    return list(dict.fromkeys(found))


def _folded(word: str) -> str:
    return re.sub(r"['’]s?$", "", word.casefold())
