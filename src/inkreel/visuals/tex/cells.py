"""Environments of TeX's maths: rows of cells → tables and aligned lines."""

from __future__ import annotations

import re

from inkreel.visuals.tex import names
from inkreel.visuals.tex.reader import (
    Command,
    Node,
    Reader,
    UntranslatableFormulaError,
    row_of,
)

_LINE_ENDS = (r"\\", r"\cr", r"\tabularnewline")
_CELL_ENDS = frozenset(("&", *_LINE_ENDS, r"\end"))


def lines(reader: Reader) -> Node:
    """A formula from its start to its end: one line, or several that are aligned."""
    rows = _cells(reader)
    tree = rows[0][0] if len(rows) == 1 and len(rows[0]) == 1 else _aligned(rows)
    for tag in reader.tags:
        tree = ["row", tree, ["space", 2.0], ["text", f"({tag})", ""]]
    return tree


def _cells(reader: Reader) -> list[list[Node]]:
    """Rows of cells up to `\\end`, a closing brace, or the end of the formula."""
    rows: list[list[Node]] = [[]]
    while True:
        rows[-1].append(row_of(reader.row(_CELL_ENDS)))
        if reader.take("&"):
            continue
        if reader.peek() not in _LINE_ENDS:
            break
        reader.at += 1
        reader.star()
        reader.option()
        rows.append([])
    if len(rows) > 1 and rows[-1] == [["row"]]:
        rows.pop()
    return rows


def _environment(reader: Reader, name: str) -> list[Node]:
    kind = reader.words(name).strip()
    plain = kind.rstrip("*")
    if plain not in names.TABLES and plain not in names.STACKS:
        raise UntranslatableFormulaError(f"the environment {kind} is not known")
    reader.deeper()
    form = _columns(reader, plain)
    rows = _cells(reader)
    reader.expect(r"\end", f"\\begin{{{kind}}}")
    if reader.words("end").strip() != kind:
        raise UntranslatableFormulaError(f"\\begin{{{kind}}} has no end")
    reader.depth -= 1
    return [_aligned(rows) if plain in names.STACKS else _table(plain, rows, form)]


def _columns(reader: Reader, kind: str) -> str:
    """How the columns of an array are set: l, c, r and |."""
    if kind in ("array", "subarray"):
        return re.sub(r"@\{[^{}]*\}|[^lcr|]", "", reader.words(kind))
    if kind in ("alignedat", "alignat"):
        reader.words(kind)
    elif kind in names.PLACED:
        reader.option()
    return ""


def _substack(reader: Reader, name: str) -> list[Node]:
    reader.expect("{", name)
    rows = _cells(reader)
    reader.expect("}", name)
    return [_table("subarray", rows, "")]


def _rule(reader: Reader, name: str) -> list[Node]:  # noqa: ARG001
    return [["rule"]]


def _aligned(rows: list[list[Node]]) -> Node:
    """Lines whose cells are by turns right and left of a common edge."""
    pairs = [
        [[row[k], row[k + 1] if k + 1 < len(row) else None] for k in range(0, len(row), 2)]
        for row in rows
    ]
    single = all(len(row) == 1 for row in rows)
    return ["lines", pairs, single]


def _table(kind: str, rows: list[list[Node]], form: str) -> Node:
    rules = [at for at, row in enumerate(rows) if _is_ruled(row)]
    rows = [_unruled(row) for row in rows]
    if len(rows) > 1 and rows[-1] == [["row"]]:
        rows.pop()
    wide = max(len(row) for row in rows)
    rows = [row + [["row"]] * (wide - len(row)) for row in rows]
    bars = [form[:at].replace("|", "") for at, sign in enumerate(form) if sign == "|"]
    return [
        "table",
        kind,
        rows,
        {
            "delimiter": names.TABLES[kind],
            "columns": (form.replace("|", "") or "").ljust(wide, "c")[:wide],
            "bars": [len(before) for before in bars if 0 < len(before) < wide],
            "rules": [at for at in rules if 0 < at < len(rows)],
        },
    ]


def _is_ruled(row: list[Node]) -> bool:
    first = row[0]
    return first == ["rule"] or (first[0] == "row" and ["rule"] in first[1:])


def _unruled(row: list[Node]) -> list[Node]:
    first = row[0]
    if not _is_ruled(row):
        return row
    return [row_of([node for node in first[1:] if node != ["rule"]]), *row[1:]]


ENVIRONMENTS: dict[str, Command] = {
    "begin": _environment,
    "substack": _substack,
    "hline": _rule,
}
