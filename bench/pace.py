"""How fast, how lean: a cold run, the same again, and one after one word was changed.

    python bench/pace.py [DOCUMENT]

Every run is the command as a user starts it, with a store of its own in a temp folder. Memory is
the sum over parent and children of what each holds alone (USS), sampled five times a second.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil

ROOT = Path(__file__).resolve().parent.parent
EXAMPLE = ROOT / "examples" / "gioi-thieu.vi.md"


def run(document: Path, folder: Path) -> dict[str, Any]:
    """Make the video; the result with `wall` (seconds, start to end) and `peak` (bytes)."""
    command = [sys.executable, "-m", "inkreel", "make", str(document), "--json", "--quiet"]
    places = ["-o", str(folder / "video.mp4"), "--cache", str(folder / "cache")]
    began = time.monotonic()
    process = psutil.Popen([*command, *places], stdout=subprocess.PIPE)
    peak = 0
    while process.poll() is None:
        peak = max(peak, memory(process))
        time.sleep(0.2)
    wall = time.monotonic() - began
    said = process.stdout.read().splitlines()
    if process.returncode:
        sys.exit(process.returncode)
    return {**json.loads(said[-1]), "wall": wall, "peak": peak}


def memory(process: psutil.Process) -> int:
    """Bytes that the process and its children hold alone."""
    total = 0
    try:
        for one in (process, *process.children(recursive=True)):
            total += one.memory_full_info().uss
    except psutil.Error:
        pass  # one ended while it was looked at
    return total


def edited(document: Path, folder: Path) -> Path:
    """A copy with one word more in the last sentence of its longest paragraph."""
    text = document.read_text("utf-8")
    longest = max(re.findall(r"(?m)^\w[^\n|`$]{40,}\.$", text), key=len)
    copy = folder / document.name
    copy.write_text(text.replace(longest, f"{longest[:-1]} 2026."), "utf-8")
    return copy


def show(name: str, result: dict[str, Any]) -> None:
    """Print a row."""
    made = result["made"]
    counts = " ".join(f"{made[kind]:>3}" for kind in ("narrations", "pictures", "clips"))
    pace = result["seconds"] / result["wall"]
    print(
        f"{name:<18} {result['seconds']:>7.1f} {result['wall']:>7.2f} {pace:>7.1f}× "
        f"{result['peak'] / 1e6:>7.0f}   {counts}"
    )


def main() -> None:
    """Measure and print."""
    document = Path(sys.argv[1]) if len(sys.argv) > 1 else EXAMPLE
    print(f"{document.name}, {len(psutil.Process().cpu_affinity())} cores")
    print(f"{'':<18} {'video s':>7} {'wall s':>7} {'pace':>8} {'MB':>7}   made: narr. pict. clips")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        show("cold", run(document, folder))
        show("again", run(document, folder))
        if document.suffix != ".pdf":
            show("one word changed", run(edited(document, folder), folder))


if __name__ == "__main__":
    main()
