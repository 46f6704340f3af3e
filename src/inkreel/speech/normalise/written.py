"""Sentence → line: shown words, each taken apart into opening marks, core and closing marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, replace

from inkreel.speech.normalise.tongue import Tongue

SUPERSCRIPTS = dict(zip("⁰¹²³⁴⁵⁶⁷⁸⁹⁺⁻ⁿⁱᵀˣʸᵏᵐᵃᵇᵈᵉᵗᵖʲ", "0123456789+-niTxykmabdetpj", strict=True))
SUBSCRIPTS = dict(zip("₀₁₂₃₄₅₆₇₈₉ₙᵢⱼₖₘₓₜₐₑ", "0123456789nijkmxtae", strict=True))
OPERATORS = {"==": "=", "!=": "≠", ">=": "≥", "<=": "≤", "->": "→", "=>": "⇒", "<-": "←", "&&": "∧",
             "||": "∨", "-->": "→"}  # fmt: skip
"""Signs of code and of ASCII, by the one they stand for."""

FRACTIONS = {
    "½": (1, 2), "⅓": (1, 3), "⅔": (2, 3), "¼": (1, 4), "¾": (3, 4), "⅕": (1, 5), "⅖": (2, 5),
    "⅗": (3, 5), "⅘": (4, 5), "⅙": (1, 6), "⅛": (1, 8), "⅜": (3, 8), "⅝": (5, 8), "⅞": (7, 8),
}  # fmt: skip
LETTER = rf"[^\W\d_{''.join(SUPERSCRIPTS)}{''.join(SUBSCRIPTS)}]"
"""A letter in a pattern; to Python a superscript figure is one, too."""

_KEPT = {*SUPERSCRIPTS, *SUBSCRIPTS, *FRACTIONS, "℃", "…", "№", "µ"}

OPENING = "([{\"“‘«‹¿¡*_`'"
CLOSING = ")]}\"”’»›*`'.,;:!?…_"
_PARTS = re.compile(
    rf"(?P<before>[{re.escape(OPENING)}]*)(?P<core>.*?)(?P<after>[{re.escape(CLOSING)}]*)",
    re.DOTALL,
)


@dataclass(frozen=True)
class Written:
    """A shown word. `core` has plain letters and digits (NFKC) but keeps super- and subscripts."""

    shown: str
    before: str
    core: str
    after: str


Reading = tuple[str, ...]
"""What is said for a word and for those after it that belong to it."""

Rule = Callable[["Line", int], Reading | None]
"""Reads the word at a place of a line, or leaves it to the next rule."""


@dataclass(frozen=True)
class Line:
    """The words of a sentence, as a rule looks at them, and the rules in order."""

    words: tuple[Written, ...]
    tongue: Tongue
    rules: tuple[Rule, ...]

    def read(self, at: int) -> Reading:
        """What the first rule that knows the word at a place says; the last knows all."""
        readings = (rule(self, at) for rule in self.rules)
        return next(reading for reading in readings if reading is not None)

    def core(self, at: int) -> str:
        """Core of a word, empty outside of the line."""
        return self.words[at].core if 0 <= at < len(self.words) else ""

    def lower(self, at: int) -> str:
        return self.core(at).lower()

    def next(self, at: int) -> str:
        """Core of the following word when no mark stands between."""
        return self.core(at + 1) if self.joined(at) else ""

    def joined(self, at: int) -> bool:
        """Whether the word and the following one have no mark between them."""
        if at + 1 >= len(self.words):
            return False
        return not self.words[at].after and not self.words[at + 1].before

    def with_core(self, at: int, core: str) -> Line:
        """The same line with another core at one place."""
        words = (*self.words[:at], replace(self.words[at], core=core), *self.words[at + 1 :])
        return replace(self, words=words)


def line_of(sentence: str, tongue: Tongue, rules: tuple[Rule, ...]) -> Line:
    """Split at white space and take the words apart."""
    shown = sentence.split()
    last = len(shown) - 1
    words = tuple(_written(word, tongue, last=at == last) for at, word in enumerate(shown))
    return Line(words, tongue, rules)


def _written(shown: str, tongue: Tongue, *, last: bool) -> Written:
    flat = _flatten(shown)
    flat = OPERATORS.get(flat) or re.sub(r"^[<>]=(?=[\d-])", lambda sign: OPERATORS[sign[0]], flat)
    parts = _PARTS.fullmatch(flat)
    assert parts is not None  # noqa: S101 - all three parts may be empty
    before, core, after = parts["before"], parts["core"], parts["after"]
    if before.endswith("'") and re.fullmatch(r"\d0s", core):
        before, core = before[:-1], f"'{core}"
    if after.startswith(".") and f"{core}." in tongue.abbreviations:
        core, after = f"{core}.", "." if last else after[1:]
    return Written(shown, before, core, after)


def _flatten(text: str) -> str:
    """NFKC, but what a script's height says is kept; digits of all scripts become ASCII."""
    plain = "".join(
        character if character in _KEPT else unicodedata.normalize("NFKC", _digit(character))
        for character in unicodedata.normalize("NFC", text)
    )
    joined = unicodedata.normalize("NFC", plain).replace("µ", "μ")
    return (
        joined.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        .replace("\N{HYPHEN}", "-")
        .replace("\N{NON-BREAKING HYPHEN}", "-")
    )


def _digit(character: str) -> str:
    value = unicodedata.decimal(character, None)
    return character if value is None else str(value)
