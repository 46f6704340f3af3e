"""The grammar of TeX's maths: tokens → rows of atoms with their scripts."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from inkreel.visuals.tex import names

_DEEPEST = 24
_MOST_NODES = 2_000
_TOKENS = re.compile(r"\\(?:[A-Za-z]+|.)|\s+|.", re.DOTALL)
_NO_ARGUMENT = frozenset(("", "}", "&", r"\right", r"\\", "^", "_"))
_NO_SIGNS = frozenset("#&$")
_PRIMES = ("'", "′", "’")

Node = list[Any]
"""The name of a part, then what it is made of: signs, words and further nodes."""


Command: TypeAlias = "Callable[[Reader, str], list[Node]]"
"""Reads the arguments of a command and says what they are."""


class UntranslatableFormulaError(ValueError):
    """The formula cannot be set as maths; the message says why."""


def tokens_of(source: str) -> list[str]:
    """Commands, single signs, and the spaces between them."""
    return _TOKENS.findall(source)


def row_of(nodes: list[Node]) -> Node:
    """Nodes as one."""
    return nodes[0] if len(nodes) == 1 else ["row", *nodes]


def is_sign(node: Node, signs: frozenset[str] | set[str]) -> bool:
    """Whether a node is one of these signs."""
    return node[0] == "sign" and node[1] in signs


def _shown(name: str) -> str:
    return f"\\{name}" if name.isalpha() else name


class Reader:
    """Recursive descent over the tokens of a formula."""

    def __init__(self, tokens: list[str], commands: Mapping[str, Command]) -> None:
        self.tokens = tokens
        self.commands = commands
        self.at = 0
        self.depth = 0
        self.nodes = 0
        self.tags: list[str] = []

    # --- Tokens ----------------------------------------------------------------------------------

    def peek(self) -> str:
        """The next token that is not space, or ""."""
        while self.at < len(self.tokens) and self.tokens[self.at].isspace():
            self.at += 1
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self, piece: str) -> bool:
        """Whether `piece` was next; then it is behind."""
        found = self.peek() == piece
        self.at += found
        return found

    def expect(self, piece: str, after: str) -> None:
        """Pass over `piece`. Raises `UntranslatableFormulaError` where it is missing."""
        if not self.take(piece):
            raise UntranslatableFormulaError(f"{_shown(after)} lacks its {piece}")

    def star(self) -> str:
        """The star behind a command, if there is one."""
        if self.at < len(self.tokens) and self.tokens[self.at] == "*":
            self.at += 1
            return "*"
        return ""

    # --- Rows ------------------------------------------------------------------------------------

    def row(self, ends: frozenset[str]) -> list[Node]:
        """Atoms up to one of `ends`, which is left to be read."""
        self.deeper()
        found: list[Node] = []
        while (piece := self.peek()) and piece not in ends and piece not in ("}", r"\right"):
            self.at += 1
            if piece in ("^", "_"):
                self.script(found, piece)
            elif piece in _PRIMES:
                self.primes(found)
            elif piece in names.INFIX:
                found = [[names.INFIX[piece], row_of(found), row_of(self.row(ends)), ""]]
            elif piece in (r"\limits", r"\nolimits"):
                self.bounds(found, piece)
            else:
                found += self.atom(piece, ends)
        self.depth -= 1
        return _with_dots(_with_prescripts(found))

    def argument(self, of: str) -> Node:
        """The next atom or group. Raises `UntranslatableFormulaError` where there is none."""
        piece = self.peek()
        if piece in _NO_ARGUMENT:
            raise UntranslatableFormulaError(f"{_shown(of)} lacks what it stands on")
        self.at += 1
        if piece.isdecimal():
            return ["number", piece]
        return row_of(self.atom(piece, frozenset()))

    def deeper(self) -> None:
        """Count a level. Raises `UntranslatableFormulaError` where there are too many."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise UntranslatableFormulaError(f"it is nested more than {_DEEPEST} deep")

    def option(self) -> Node | None:
        """The optional argument in square brackets, if there is one."""
        if not self.take("["):
            return None
        inner = row_of(self.row(frozenset("]")))
        self.expect("]", "[")
        return inner

    def words(self, of: str) -> str:
        """The source of a group in braces, as it is written."""
        self.expect("{", of)
        start, depth = self.at, 1
        while self.at < len(self.tokens):
            depth += (self.tokens[self.at] == "{") - (self.tokens[self.at] == "}")
            self.at += 1
            if not depth:
                return "".join(self.tokens[start : self.at - 1])
        raise UntranslatableFormulaError(f"{_shown(of)} lacks its }}")

    def next_piece(self, of: str) -> str:
        """The next piece as it is written. Raises `UntranslatableFormulaError`."""
        piece = self.peek()
        if piece in _NO_ARGUMENT:
            raise UntranslatableFormulaError(f"{_shown(of)} lacks what it stands on")
        self.at += 1
        return piece

    # --- Atoms -----------------------------------------------------------------------------------

    def atom(self, piece: str, ends: frozenset[str]) -> list[Node]:
        """What a piece stands for, with its arguments."""
        self.nodes += 1
        if self.nodes > _MOST_NODES:
            raise UntranslatableFormulaError(f"it has more than {_MOST_NODES} parts")
        if piece == "{":
            return self.group()
        if piece.startswith("\\"):
            return self.command(piece[1:], ends)
        if piece.isdecimal():
            return [["number", self.number(piece)]]
        if piece == "~":
            return [["space", 0.25]]
        if piece in _NO_SIGNS:
            raise UntranslatableFormulaError(f"{piece} stands where it has no meaning")
        if "LATIN" in unicodedata.name(piece, "") and not piece.isascii():
            return [self.word(piece)]
        return [["sign", names.PLAIN.get(piece, piece)]]

    def group(self) -> list[Node]:
        """A braced group; an operator in braces is a letter (`0{,}5`)."""
        inner = self.row(frozenset("}"))
        self.expect("}", "{")
        if len(inner) == 1 and (is_sign(inner[0], names.OPERATORS | set(",;"))):
            return [["class", "normal", inner[0]]]
        return [row_of(inner)]

    def number(self, digit: str) -> str:
        """Digits with the point in them."""
        text = digit
        while self.at < len(self.tokens):
            ahead = "".join(self.tokens[self.at : self.at + 2])
            if ahead[:1].isdecimal():
                text += ahead[0]
                self.at += 1
            elif re.fullmatch(r"\.\d", ahead):
                text += ahead
                self.at += 2
            else:
                break
        return text

    def word(self, letter: str) -> Node:
        """Letters that are no maths: a word that somebody forgot to mark as text."""
        text = letter
        while self.at < len(self.tokens) and self.tokens[self.at].isalpha():
            text += self.tokens[self.at]
            self.at += 1
        if len(text) == 1:
            return ["sign", text]
        return ["text", text, ""]

    def command(self, name: str, ends: frozenset[str]) -> list[Node]:
        """What a command stands for; a switch like `\\bf` governs all to the end of its group."""
        if name in names.SIGNS:
            return [["sign", names.SIGNS[name]]]
        if name in names.SPACES:
            return [["space", names.SPACES[name]]]
        if name in names.OLD_FONTS:
            return [["font", list(names.OLD_FONTS[name]), row_of(self.row(ends))]]
        if name in names.SIZES:
            return [["size", names.SIZES[name], row_of(self.row(ends))]]
        if name not in self.commands:
            raise UntranslatableFormulaError(f"\\{name} is not known")
        return self.commands[name](self, name)

    def script(self, found: list[Node], mark: str) -> None:
        """Hang the next argument on the last atom."""
        side = "t" if mark == "^" else "b"
        inner = self.argument(mark)
        base: Node = found.pop() if found and found[-1][0] != "space" else ["row"]
        if base[0] == "brace" and base[1].startswith("over" if side == "t" else "under"):
            found.append(["brace", base[1], base[2], inner])
            return
        scripts = base[2] if base[0] == "scripts" else {}
        if side in scripts:
            if scripts[side][0] != "primes":
                raise UntranslatableFormulaError(f"there are two {mark} on one letter")
            inner = ["row", scripts[side], inner]
        found.append(["scripts", base[1] if scripts else base, {**scripts, side: inner}])

    def primes(self, found: list[Node]) -> None:
        """Hang a prime, or several, on the last atom."""
        count = 1
        while self.at < len(self.tokens) and self.tokens[self.at] in _PRIMES:
            count += 1
            self.at += 1
        base: Node = found.pop() if found else ["row"]
        scripts = base[2] if base[0] == "scripts" else {}
        if "t" in scripts:
            raise UntranslatableFormulaError("a prime stands behind a superscript")
        base = base[1] if scripts else base
        found.append(["scripts", base, {**scripts, "t": ["primes", count]}])

    def bounds(self, found: list[Node], piece: str) -> None:
        """Say where the bounds of the last atom stand."""
        if found:
            found[-1] = ["limits", found[-1], piece == r"\limits"]


# --- Rows, mended --------------------------------------------------------------------------------


def _with_prescripts(nodes: list[Node]) -> list[Node]:
    """Scripts on nothing belong to what follows: `{}^{14}_6 C`."""
    found: list[Node] = []
    for node in nodes:
        before = found[-1] if found else None
        if before and before[0] == "scripts" and before[1] == ["row"] and node[0] != "space":
            left = {side + "l": inner for side, inner in found.pop()[2].items()}
            base, scripts = (node[1], node[2]) if node[0] == "scripts" else (node, {})
            found.append(["scripts", base, {**left, **scripts}])
        else:
            found.append(node)
    return found


def _with_dots(nodes: list[Node]) -> list[Node]:
    """Dots between operators stand at their height; what TeX puts before a bracket that grows is
    not there, so that it need not be taken back."""
    found: list[Node] = []
    for node, after in itertools.zip_longest(nodes, nodes[1:], fillvalue=["row"]):
        if node == ["sign", "…"] and is_sign(after, names.OPERATORS) and found:
            found.append(["sign", "⋯"])
        elif node != ["space", names.SPACES["!"]] or after[0] != "fence":
            found.append(node)
    return found
