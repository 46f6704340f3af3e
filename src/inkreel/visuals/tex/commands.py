"""Commands of TeX's maths with their arguments → nodes."""

from __future__ import annotations

import re
import unicodedata

from inkreel.visuals.tex import names
from inkreel.visuals.tex.reader import (
    Command,
    Node,
    Reader,
    UntranslatableFormulaError,
    is_sign,
    row_of,
    tokens_of,
)

_MOST_EM = 4.0
_LENGTH = re.compile(r"\s*(-?[\d.]{1,8})\s*(em|ex|mu|pt|cm|mm|in)")
_EM = {"em": 1.0, "ex": 0.43, "mu": 1 / 18, "pt": 0.1, "cm": 2.8, "mm": 0.28, "in": 7.2}
_SIDES = {"l": "opening", "r": "closing"}


def _macro(reader: Reader, name: str) -> list[Node]:
    count, written = names.MACROS[name]
    for number in range(count):
        words = reader.words(name) if reader.peek() == "{" else reader.next_piece(name)
        written = written.replace(f"#{number + 1}", f"{{{words}}}")
    reader.tokens[reader.at : reader.at] = ["{", *tokens_of(written), "}"]
    return [reader.argument(name)]


def _fraction(reader: Reader, name: str) -> list[Node]:
    if name == "cfrac":
        reader.option()
    above, below = reader.argument(name), reader.argument(name)
    if name in names.BINOMIALS:
        return [["binom", above, below, names.BINOMIALS[name]]]
    return [["frac", above, below, names.FRACTIONS[name]]]


def _root(reader: Reader, name: str) -> list[Node]:
    degree = reader.option()
    return [["root", reader.argument(name), degree]]


def _accent(reader: Reader, name: str) -> list[Node]:
    return [["accent", reader.argument(name), names.ACCENTS[name]]]


def _brace(reader: Reader, name: str) -> list[Node]:
    return [["brace", name, reader.argument(name), None]]


def _font(reader: Reader, name: str) -> list[Node]:
    """A group in another font; letters that make a word are set as one."""
    inner = reader.argument(name)
    styles = names.FONTS[name]
    letters = inner[1:] if inner[0] == "row" else []
    if styles == ("upright",) and letters and all(map(_is_letter, letters)):
        return [["text", "".join(node[1] for node in letters), ""]]
    return [["font", list(styles), inner]]


def _is_letter(node: Node) -> bool:
    return node[0] in ("sign", "number", "text") and node[1].replace(".", "").isalnum()


def _text(reader: Reader, name: str) -> list[Node]:
    """Words, and the maths between dollars in them."""
    parts = re.split(r"(?<!\\)\$", reader.words(name))
    if len(parts) % 2 == 0:
        raise UntranslatableFormulaError(r"a $ in \text has no other end")
    nodes: list[Node] = []
    for index, part in enumerate(parts):
        if index % 2:
            nodes.append(_within(reader, part))
        elif part:
            nodes.append(["text", _words(part), names.TEXTS[name]])
    return [row_of(nodes)]


def _within(reader: Reader, source: str) -> Node:
    inner = Reader(tokens_of(source), reader.commands)
    inner.depth = reader.depth
    tree = row_of(inner.row(frozenset()))
    if inner.peek():
        raise UntranslatableFormulaError(f"{inner.peek()} has no beginning")
    return tree


def _words(source: str) -> str:
    """The plain words of `\\text`, whose spaces count."""
    text = re.sub(r"\\(?:text\w*|mathrm|rm|bf|it|emph|normalfont)\b\s*", "", source)
    text = re.sub(r"\\[,;: ]|~|\s+", " ", text)
    text = re.sub(r"``|''", lambda found: "“" if found[0] == "``" else "”", text)
    text = re.sub(r"(?<!\\)[{}]", "", text)
    text = re.sub(r"\\([%$#&_{}])", r"\1", text)
    if "\\" in text:
        raise UntranslatableFormulaError(r"a \text holds more than words")
    return text


def _function(reader: Reader, name: str) -> list[Node]:  # noqa: ARG001
    return [["function", names.LIMITED.get(name, name), name in names.LIMITED]]


def _operator_name(reader: Reader, name: str) -> list[Node]:
    star = reader.star()
    return [["function", _words(reader.words(name)).strip().replace("-", "‑"), bool(star)]]


def _long_arrow(reader: Reader, name: str) -> list[Node]:
    below = reader.option()
    return [["arrow", names.LONG_ARROWS[name], reader.argument(name), below]]


def _arrow_over(reader: Reader, name: str) -> list[Node]:
    side = "below" if name.startswith("under") else "above"
    return [["drawn", reader.argument(name), names.ARROWS_OVER[name], side]]


def _classed(reader: Reader, name: str) -> list[Node]:
    return [["class", names.CLASSES[name], reader.argument(name)]]


def _big(reader: Reader, name: str) -> list[Node]:
    return [["big", names.BIGS[name], _delimiter(reader, name), _SIDES.get(name[-1], "")]]


def _delimiter(reader: Reader, of: str) -> str:
    piece = reader.peek()
    reader.at += 1
    if piece == ".":
        return ""
    if piece not in names.DELIMITERS:
        raise UntranslatableFormulaError(f"\\{of} lacks its bracket")
    return names.DELIMITERS[piece]


def _fence(reader: Reader, name: str) -> list[Node]:
    """`\\left` … `\\right`, with what stands between them."""
    opening = _delimiter(reader, name)
    inner = reader.row(frozenset())
    reader.expect(r"\right", name)
    return [["fence", opening, row_of(inner), _delimiter(reader, "right")]]


def _middle(reader: Reader, name: str) -> list[Node]:
    return [["middle", _delimiter(reader, name)]]


def _stacked(reader: Reader, name: str) -> list[Node]:
    """`\\overset`, `\\underset`, `\\stackrel`: the note first, then what it stands on."""
    note, base = reader.argument(name), reader.argument(name)
    if base[0] == "class":
        base = base[2]
    above, below = (None, note) if name == "underset" else (note, None)
    kind = "relation" if name == "stackrel" or is_sign(base, names.RELATIONS) else ""
    return [["stacked", base, above, below, kind]]


def _negated(reader: Reader, name: str) -> list[Node]:
    base = reader.argument(name)
    composed = unicodedata.normalize("NFC", f"{base[1]}\u0338") if base[0] == "sign" else ""
    return [["sign", composed]] if len(composed) == 1 else [["cancel", base]]


def _wrapped(reader: Reader, name: str) -> list[Node]:
    return [[names.WRAPS[name], reader.argument(name)]]


def _shown(reader: Reader, name: str) -> list[Node]:
    """The last argument of a command whose colour is not ours to choose."""
    for _ in range(names.BARE[name]):
        reader.words(name)
    return [reader.argument(name)]


def _silent(reader: Reader, name: str) -> list[Node]:
    if name in names.SKIPPED:
        reader.star()
        reader.words(name)
    return []


def _tag(reader: Reader, name: str) -> list[Node]:
    reader.star()
    reader.tags.append(_words(reader.words(name).replace("$", "")))
    return []


def _spaced(reader: Reader, name: str) -> list[Node]:
    """A space of so many em; without braces the length ends where its unit does."""
    reader.star()
    braced = reader.peek() == "{"
    ahead = "".join(reader.tokens[reader.at : reader.at + 12])
    found = _LENGTH.match(reader.words(name) if braced else ahead)
    if not found:
        raise UntranslatableFormulaError(f"\\{name} lacks its length")
    if not braced:
        reader.at += len(tokens_of(found[0]))
    try:
        width = float(found[1]) * _EM[found[2]]
    except ValueError:
        raise UntranslatableFormulaError(f"{found[1]} is no length") from None
    return [["space", min(_MOST_EM, max(-_MOST_EM, width))]]


COMMANDS: dict[str, Command] = {
    **dict.fromkeys((*names.FRACTIONS, *names.BINOMIALS), _fraction),
    **dict.fromkeys(names.ACCENTS, _accent),
    **dict.fromkeys(names.LINES, _brace),
    **dict.fromkeys(names.FONTS, _font),
    **dict.fromkeys(names.TEXTS, _text),
    **dict.fromkeys((*names.LIMITED, *names.FUNCTIONS), _function),
    **dict.fromkeys(names.LONG_ARROWS, _long_arrow),
    **dict.fromkeys(names.ARROWS_OVER, _arrow_over),
    **dict.fromkeys(names.CLASSES, _classed),
    **dict.fromkeys(names.BIGS, _big),
    **dict.fromkeys(names.WRAPS, _wrapped),
    **dict.fromkeys(names.BARE, _shown),
    **dict.fromkeys((*names.SILENT, *names.SKIPPED), _silent),
    **dict.fromkeys(names.MACROS, _macro),
    **dict.fromkeys(("overset", "underset", "stackrel"), _stacked),
    **dict.fromkeys(("hspace", "mspace", "kern", "mkern", "hskip", "mskip"), _spaced),
    "left": _fence,
    "middle": _middle,
    "not": _negated,
    "operatorname": _operator_name,
    "sqrt": _root,
    "tag": _tag,
}
