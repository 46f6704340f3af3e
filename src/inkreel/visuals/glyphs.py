"""Text → text whose every letter some face draws; what had to be replaced is told.

A glyph that no font has would be left out silently, so each letter is looked up first.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Any

from inkreel.model import Degraded
from inkreel.visuals.faces import Own, covers, own
from inkreel.visuals.tex import names

BOX = "□"
LONGEST, LONGEST_LISTING = 1_000, 20_000
"""Letters of a text, and of code; a picture shows a few hundred."""
_ALIKE = {
    "⇒": "→",
    "⟶": "→",
    "⟹": "→",
    "⟵": "←",
    "⇐": "←",
    "✔": "✓",
    "✅": "✓",
    "☑": "✓",
    "❌": "✗",
    "✖": "×",
    "‐": "-",
    "‑": "-",
    "⁃": "-",
    "〜": "~",
    "❤": "♥",
    "⭐": "★",
    "🙂": "☺",
    "😀": "☺",
}
_MATHS = frozenset(names.SIGNS.values())
_BREAKS = re.compile(r"(\n|\t)")
_INVISIBLE = ("Cc", "Cf")
_JOINERS = "\u200c\u200d"
"""They make one sign of several emoji, and shape the letters of Persian and of Indian scripts."""


@lru_cache(maxsize=4096)
def _letter(letter: str, own: Own | None) -> str:  # noqa: ARG001  what `covers` depends on
    """What is drawn for one letter: itself, its closest kin, or a box."""
    if letter.isspace():
        return " "
    if unicodedata.category(letter) in _INVISIBLE or 0xFE00 <= ord(letter) <= 0xFE0F:
        return ""
    if covers(letter):
        return letter
    alike = _ALIKE.get(letter, "")
    if alike and covers(alike):
        return alike
    plain = [
        part for part in unicodedata.normalize("NFKD", letter) if not unicodedata.combining(part)
    ]
    if plain and all(covers(part) for part in plain):
        return "".join(plain)
    return "" if unicodedata.combining(letter) else BOX


def _is_joined(before: str) -> bool:
    """Whether a joiner after this letter changes how it looks."""
    return unicodedata.category(before[-1:] or " ") in ("So", "Sk", "Lo", "Mn", "Mc")


class Cover:
    """Makes texts drawable and remembers which letters were replaced."""

    def __init__(self) -> None:
        self._replaced: dict[str, str] = {}
        self._longest = 0

    def text(self, text: str) -> str:
        """One line of drawable letters; line ends become spaces."""
        return self._drawable(self._cut(text, LONGEST), frozenset())

    def _drawable(self, text: str, known: frozenset[str]) -> str:
        """`text` with a stand-in for each letter that is not `known` and has no face."""
        composed = unicodedata.normalize("NFC", text)
        if composed.isascii() and composed.isprintable():
            return composed
        typeface = own()
        drawn: list[str] = []
        for letter in composed:
            if letter in known or (letter in _JOINERS and drawn and _is_joined(drawn[-1])):
                drawn.append(letter)
            else:
                drawn.append(self._note(letter, _letter(letter, typeface)))
        return "".join(drawn)

    def _cut(self, text: str, most: int) -> str:
        """The text, or as much of it as could ever be read; the rest is told."""
        if len(text) <= most:
            return text
        self._longest = max(self._longest, len(text))
        return text[: most - 1] + "…"

    def maths(self, tex: str) -> str:
        """TeX with letters that can be drawn: the face of formulas has more signs than others."""
        return self._drawable(self._cut(tex, LONGEST_LISTING), _MATHS)

    def _note(self, letter: str, drawn: str) -> str:
        if drawn not in (letter, " ") and (drawn or unicodedata.combining(letter)):
            self._replaced.setdefault(letter, drawn)
        return drawn

    def listing(self, text: str) -> str:
        """Like `text`, but line ends and tabs stay."""
        kept = self._cut(text, LONGEST_LISTING)
        return "".join(
            part if part in ("\n", "\t") else self._drawable(part, frozenset())
            for part in _BREAKS.split(kept)
        )

    def every(self, value: Any) -> Any:
        """All texts in a nest of lists and dictionaries of builtins, a line each."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {key: self.every(inner) for key, inner in value.items()}
        if isinstance(value, list | tuple):
            return tuple(self.every(inner) for inner in value)
        return value

    @property
    def shortened(self) -> bool:
        """Whether a text was too long for any picture."""
        return bool(self._longest)

    @property
    def degraded(self) -> tuple[Degraded, ...]:
        """One report for all replaced letters, and one for all that was too long."""
        told = []
        if self._longest:
            what = f"A text of {self._longest:,} letters was shortened"
            told.append(Degraded(what, "it is more than a picture can show"))
        if self._replaced:
            shown = [_told(letter, drawn) for letter, drawn in self._replaced.items()]
            more = f" and {len(shown) - 8} more" if len(shown) > 8 else ""
            what = f"Letters drawn differently: {', '.join(shown[:8])}{more}"
            told.append(Degraded(what, "no installed font has them"))
        return tuple(told)


def _told(letter: str, drawn: str) -> str:
    name = unicodedata.name(letter, "unnamed").lower()
    return f"{letter} (U+{ord(letter):04X}, {name}) as {drawn or 'nothing'}"
