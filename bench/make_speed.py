"""Document → video: cold, again, and after an edit, as ratios of the video's length.

    .venv/bin/python bench/make_speed.py [--workers N] [DOCUMENT …]

Prints a row per document: seconds of video, wall and CPU seconds (children counted) cold, × real
time, wall again over the same store, and the share of the cold CPU that one changed word costs.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

EXAMPLES = Path(__file__).parents[1] / "examples"


def run(document: Path, folder: Path, workers: int) -> tuple[dict[str, object], float, float]:
    """One `inkreel make`: its JSON, wall and CPU seconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(
        [
            sys.executable, "-m", "inkreel", "make", str(document), "--json", "--quiet",
            "-o", str(folder / "out.mp4"), "--cache", str(folder / "cache"),
            "--workers", str(workers),
        ],
        check=True,
        stdout=subprocess.PIPE,
    )  # fmt: skip
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return json.loads(done.stdout.splitlines()[-1]), wall, cpu


def edited(document: Path, folder: Path) -> Path | None:
    """A copy with one longer word of the last long paragraph changed; None for a PDF."""
    if document.suffix == ".pdf":
        return None
    text = document.read_text(encoding="utf-8")
    long = list(re.finditer(r"(?m)^[^\W\d][^|#`\n]{80,}$", text))
    word = re.search(r"\b[^\W\d_]{4,}\b", text[long[-1].start() + 20 :])
    if word is None:
        return None
    start = long[-1].start() + 20 + word.start()
    copy = folder / document.name
    copy.write_text(
        text[:start] + word.group()[::-1] + text[start + len(word.group()) :], encoding="utf-8"
    )
    return copy


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--workers", type=int, default=len(os.sched_getaffinity(0)))
    parser.add_argument("documents", nargs="*", type=Path)
    arguments = parser.parse_args()
    documents = arguments.documents or sorted(
        path for path in EXAMPLES.iterdir() if path.suffix in (".md", ".txt", ".pdf")
    )
    print(f"{arguments.workers} workers")
    print("| document | video s | cold wall s | × real time | cold CPU s | again s | edit CPU |")
    print("|---|---|---|---|---|---|---|")
    for document in documents:
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            told, wall, cpu = run(document, folder, arguments.workers)
            again = run(document, folder, arguments.workers)[1]
            copy = edited(document, folder)
            share = f"{run(copy, folder, arguments.workers)[2] / cpu:.0%}" if copy else "–"
        seconds = float(str(told["seconds"]))
        print(
            f"| {document.name} | {seconds:.1f} | {wall:.1f} | {seconds / wall:.1f} | {cpu:.1f} "
            f"| {again:.2f} | {share} |"
        )


if __name__ == "__main__":
    main()
