"""The rest: simple maths, signs and mixtures, read piece by piece. Nothing is left unread."""

from __future__ import annotations

import re
import unicodedata

from inkreel.speech.normalise.figures import NUMBERS, digits_of, number
from inkreel.speech.normalise.names import camel, split_words
from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import (
    FRACTIONS,
    LETTER,
    SUBSCRIPTS,
    SUPERSCRIPTS,
    Line,
    Reading,
)

_UP, _DOWN = "".join(SUPERSCRIPTS), "".join(SUBSCRIPTS)
FUNCTIONS = word_set("f g h p P E T F G sin cos tan log ln exp lim min max det Var")
_LOGARITHMS = ("log", "lg")


def pieces(line: Line, at: int) -> Reading:
    """Read a core piece by piece: figures, words, scripts, signs."""
    reader = _Pieces(line, at)
    return (reader.read(),)


class _Pieces:
    def __init__(self, line: Line, at: int) -> None:
        self.tongue = line.tongue
        self.line, self.at = line, at
        figure = NUMBERS[self.tongue.language]
        pattern = rf"{figure}|{LETTER}+(?:'{LETTER}+)*|[{_UP}]+|[{_DOWN}]+|\S"
        self.parts = re.findall(pattern, line.core(at))

    def read(self) -> str:
        said = [self._piece(index, part) for index, part in enumerate(self.parts)]
        return " ".join(word for word in said if word)

    def _before(self, index: int) -> str:
        return self.parts[index - 1] if index else ""

    def _after(self, index: int) -> str:
        return self.parts[index + 1] if index + 1 < len(self.parts) else ""

    def _piece(self, index: int, part: str) -> str:
        if part[0].isdecimal():
            return self._figure(index, part)
        if part[0] in _UP:
            return self._superscript(index, part)
        if part[0] in _DOWN:
            return self._subscript(index, part)
        if part[0].isalpha():
            return self._word(index, part)
        if part in FRACTIONS:
            return self.tongue.fraction(*FRACTIONS[part])
        return self._sign(index, part)

    def _figure(self, index: int, part: str) -> str:
        if self._before(index).isalpha() and part.isdecimal():
            return digits_of(part, self.tongue)
        return number(part, self.tongue)

    def _word(self, index: int, part: str) -> str:
        if part == "O" and self._after(index) == "(":
            return ""
        scripted = self._after(index)[:1] in SUPERSCRIPTS and self._after(index)
        if 1 < len(part) < 4 and part.islower() and (scripted or self._before(index).isdecimal()):
            return " ".join(part)  # a product of variables: mc², 4ac
        return " ".join(split_words(word, self.tongue) for word in _humps(part))

    def _superscript(self, index: int, part: str) -> str:
        before = self._before(index)
        if not before or (before.isalpha() and len(before) > 3):
            return ""  # the mark of a footnote
        plain = "".join(SUPERSCRIPTS[character] for character in part)
        if plain in ("2", "3"):
            return self.tongue.squared if plain == "2" else self.tongue.cubed
        sides = re.fullmatch(r"(\w)x(\w)", plain)
        if sides:  # the shape of a matrix
            return f"{self._plain(sides[1])} {self.tongue.by} {self._plain(sides[2])}"
        return f"{self.tongue.power} {self._plain(plain)}"

    def _subscript(self, index: int, part: str) -> str:
        said = self._plain("".join(SUBSCRIPTS[character] for character in part))
        if self._before(index).lower() in _LOGARITHMS:
            last = index + 1 == len(self.parts)
            follows = not last or self.line.next(self.at)
            return f"{self.tongue.base} {said}" + (f" {self.tongue.of}" if follows else "")
        return said

    def _plain(self, text: str) -> str:
        said = [
            number(piece, self.tongue) if piece.isdecimal() else piece
            for piece in re.findall(r"\d+|[A-Za-z]", text)
        ]
        return " ".join([self.tongue.minus, *said] if text.startswith("-") else said)

    def _sign(self, index: int, part: str) -> str:
        before, after = self._before(index), self._after(index)
        tongue = self.tongue
        if part == "(":
            if before == "O":
                return tongue.big_o
            return tongue.of if before in FUNCTIONS and after else ""
        if part in "-–—−":
            return self._dash(part, before, after)
        if part == "/":
            return tongue.over if _operand(before) and _operand(after) else ""
        if part == ".":
            return tongue.dot if _wordlike(before) and _wordlike(after) else ""
        if part == "!" and _operand(before) and after:
            return ""
        if part in "*·" and not (_operand(before) and _operand(after)):
            return ""
        if part in "#$" and (before or after) and not (before + after)[-1:].isdecimal():
            return ""  # markup, not money
        return tongue.symbols.get(part, "")

    def _dash(self, part: str, before: str, after: str) -> str:
        digits = before[:1].isdecimal() and after[:1].isdecimal()
        if len(before) == 1 and before.islower() and after.isdecimal():
            return self.tongue.symbols["−"]  # n-1
        if part == "−" or (part != "—" and not before and after[:1].isdecimal()):
            return self.tongue.symbols["−"] if before else self.tongue.minus
        if digits:
            return self.tongue.to
        single = len(before) == 1 and len(after) == 1 and before.islower() and after.islower()
        math = any(other in "=+^<>≤≥()" for other in self.parts)
        return self.tongue.symbols["−"] if math and (single or _operand(after)) else ""


def _operand(part: str) -> bool:
    """A figure or a variable of one letter."""
    return (
        part[:1].isdecimal()
        or (len(part) == 1 and part.isalpha())
        or part[:1] in (")", *SUPERSCRIPTS)
    )


def _wordlike(part: str) -> bool:
    return bool(part) and (part[0].isalpha() or part[0].isdecimal())


def _humps(text: str) -> list[str]:
    return camel(text) if not text.isupper() else [text]


def clean(said: str, tongue: Tongue) -> str:
    """Only letters, spaces and marks a voice pauses at: the last door before the voice."""
    kept = [_safe(character, tongue) for character in said]
    text = " ".join("".join(kept).split())
    text = re.sub(
        r"(?<![^\W\d_])['-]+|['-]+(?![^\W\d_])", lambda found: " " if "-" in found[0] else "", text
    )
    return " ".join(re.sub(r"\s+([,.;?!])", r"\1", text).split())


def _safe(character: str, tongue: Tongue) -> str:
    category = unicodedata.category(character)
    if character in " ,.;?!'-" or category in ("Ll", "Lu", "Lt", "Lo", "Mn", "Mc"):
        return character
    if category == "Nd":
        return f" {tongue.digits[unicodedata.decimal(character)]} "
    return " "
