"""How fast, how lean: a document of three minutes cold, the same again, after one word changed.

    python -m bench.pace [DOCUMENT] [--cores 4 2] [--runs N]

Every run is the command as a user starts it, with a store of its own in a temp folder.
"""

from __future__ import annotations

import argparse
import re
import statistics
import tempfile
from pathlib import Path

from bench.command import HEADER, Run, make
from bench.meter import cores, machine
from bench.stories import DOCUMENT


def edited(document: Path, folder: Path) -> Path:
    """A copy with one word more in the last sentence of its longest paragraph."""
    text = document.read_text("utf-8")
    longest = max(re.findall(r"(?m)^\w[^\n|`$]{40,}\.$", text), key=len)
    copy = folder / document.name
    copy.write_text(text.replace(longest, f"{longest[:-1]} 2026."), "utf-8")
    return copy


def measure(document: Path, used: int) -> Run:
    """A cold run, and what follows it; answers the cold one."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        cold = make(document, folder, used)
        print(cold.row(f"cold, {used} cores"))
        print(make(document, folder, used).row("  again"))
        if document.suffix != ".pdf":
            print(make(edited(document, folder), folder, used).row("  one word changed"))
    return cold


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("document", type=Path, nargs="?", default=DOCUMENT)
    parser.add_argument("--cores", type=int, nargs="+", default=[cores(), max(1, cores() // 2)])
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    print(f"{options.document.name}, {machine()}\n{HEADER}")
    for used in options.cores:
        paces = [measure(options.document, used).pace for _ in range(options.runs)]
        print(f"cold, {used} cores: {statistics.median(paces):.1f} × real time (median)")


if __name__ == "__main__":
    main()
