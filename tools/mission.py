"""docs/mission.md → a line for each item asked for; fails when it promises what is not there.

    python tools/mission.py

A row names the files that do the work and the tests that prove it, as `tests/room/test_file.py` or
`tests/room/test_file.py::test_name`.
"""

from __future__ import annotations

import ast
import sys
from collections import Counter
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TABLE = ROOT / "docs" / "mission.md"
SPLIT = {46: "abc", 47: "abcd"}
"""Items of the list that hold several tasks."""
ITEMS = tuple(f"M{number}{part}" for number in range(1, 68) for part in SPLIT.get(number, " "))
ITEMS = tuple(item.strip() for item in ITEMS)
STATES = ("done", "part", "later")


@dataclass(frozen=True)
class Row:
    """A line of the table; `files` and `tests` are paths from the repository's root."""

    item: str
    words: str
    expected: str
    files: tuple[str, ...]
    tests: tuple[str, ...]
    state: str


def read(text: str) -> list[Row]:
    """The rows of the table, in its order."""
    rows = []
    for line in text.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("| M") and len(cells) == 6:
            item, words, expected, files, tests, state = cells
            rows.append(Row(item, words, expected, _paths(files), _paths(tests), state))
    return rows


def faults(rows: list[Row], root: Path = ROOT) -> list[str]:
    """What is wrong with the table, one sentence each."""
    count = Counter(row.item for row in rows)
    found = [f"{item} is missing." for item in ITEMS if not count[item]]
    found += [f"{item} stands here {n} times." for item, n in count.items() if n > 1]
    found += [f"{item} is not on the list." for item in count if item not in ITEMS]
    for row in rows:
        found += [f"{row.item}: {fault}" for fault in _faults_of(row, root)]
    return found


def _faults_of(row: Row, root: Path) -> list[str]:
    found = [f"no file {path}." for path in row.files if not (root / path).is_file()]
    found += [f"no test {test}." for test in row.tests if not _holds(root, test)]
    if row.state not in STATES:
        found.append(f"state {row.state!r} is none of {', '.join(STATES)}.")
    if row.state in ("done", "part"):
        found += [f"{row.state}, but no file is named."] if not row.files else []
        found += [f"{row.state}, but no test is named."] if not row.tests else []
    return found


def _paths(cell: str) -> tuple[str, ...]:
    names = (part.strip().strip("`") for part in cell.split(","))
    return tuple(name for name in names if name not in ("", "–"))


def _holds(root: Path, test: str) -> bool:
    path, _, name = test.partition("::")
    file = root / path
    if not file.is_file():
        return False
    defined = _defined(file)
    return name in defined if name else any(n.startswith("test_") for n in defined)


@cache
def _defined(file: Path) -> frozenset[str]:
    """The functions of a file; dozens of rows name the same one."""
    return frozenset(
        node.name
        for node in ast.walk(ast.parse(file.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    )


def main() -> int:
    """Print the table and its faults; 1 when there are any."""
    rows = read(TABLE.read_text("utf-8"))
    for row in rows:
        ours = ", ".join((*row.files, *row.tests)) or "–"
        print(f"{row.item:<5} {row.state:<6} {row.words}  [{row.expected}]  →  {ours}")
    found = faults(rows)
    for fault in found:
        print(fault, file=sys.stderr)
    if not found:
        count = Counter(row.state for row in rows)
        print(f"\n{len(rows)} items: " + ", ".join(f"{count[state]} {state}" for state in STATES))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
