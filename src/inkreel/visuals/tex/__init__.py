"""TeX → a tree of maths, as the kit builds it.

The tree is data: names of the kit's own parts (`frac`, `root`, …) with signs and words in them. No
source of another language is ever written, so that nothing in a formula can be obeyed. A command
that is not known makes the whole formula untranslatable: half a formula would be a wrong one.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from inkreel.visuals.tex.cells import ENVIRONMENTS, lines
from inkreel.visuals.tex.commands import COMMANDS
from inkreel.visuals.tex.reader import Node, Reader, UntranslatableFormulaError, tokens_of

__all__ = ["LONGEST", "Node", "UntranslatableFormulaError", "lit", "translate"]

LONGEST = 1_500
_SHELLS = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_COMMENT = re.compile(r"(?<!\\)%[^\n]*\n?")


@lru_cache(maxsize=512)
def translate(source: str) -> Node:
    """The tree of a TeX formula. Raises `UntranslatableFormulaError`."""
    bare = _bare(source)
    if not bare:
        raise UntranslatableFormulaError("it is empty")
    if len(bare) > LONGEST:
        raise UntranslatableFormulaError(f"it is longer than {LONGEST} letters")
    reader = Reader(tokens_of(_COMMENT.sub("", bare)), COMMANDS | ENVIRONMENTS)
    tree = lines(reader)
    if reader.at < len(reader.tokens):
        raise UntranslatableFormulaError(f"{reader.tokens[reader.at]} has no beginning")
    return tree


def lit(tree: Node, part: Node) -> Node | None:
    """The tree with every appearance of `part` set off; None where there is none."""
    wanted = part[1:] if part[0] == "row" else [part]
    changed = _lit(tree, wanted)
    return changed if changed != tree else None


def _lit(value: Any, wanted: list[Any]) -> Any:
    if not isinstance(value, list):
        return {k: _lit(v, wanted) for k, v in value.items()} if isinstance(value, dict) else value
    if [value] == wanted:
        return ["lit", value]
    found: list[Any] = []
    at, size = 0, len(wanted)
    while at < len(value):
        if size > 1 and value[at : at + size] == wanted:
            found.append(["lit", ["row", *wanted]])
            at += size
        else:
            found.append(_lit(value[at], wanted))
            at += 1
    return found


def _bare(source: str) -> str:
    source = source.strip()
    for begin, end in _SHELLS:
        if source.startswith(begin) and source.endswith(end) and len(source) > len(begin + end):
            return source[len(begin) : -len(end)].strip()
    return source
