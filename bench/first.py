"""How long until the first piece of a video can be played: one page, 100 pages, a PDF of 100.

    python bench/first.py [--runs N]

Each run is the command with a store of its own, from the start of the process until the movie was
given its first footage; then it is cancelled. With `--first` the command goes before all others
of the machine (needs root), so that a busy machine tells what a quiet one would.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.long_documents import markdown, pdf  # noqa: E402

WATCHED = """
import os, sys, time
from inkreel.backends import hatching
hatching.hatch_early()  # as the command does before all else
if os.environ.get("BENCH_FIRST"):
    # The parent before its children, as a fair scheduler has it: it sleeps most of the time.
    def demote(process):
        os.sched_setscheduler(process.pid, os.SCHED_RR, os.sched_param(10))
    os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(20))
    demote(hatching._early[0].process)
    import inkreel.backends.children as children
    start = children.Child.start.__func__
    async def demoted(cls, *given):
        child = await start(cls, *given)
        demote(child._process)
        return child
    children.Child.start = classmethod(demoted)
import inkreel.delivery as delivery
add = delivery.Delivery.add
def told(self, scene, footage):
    add(self, scene, footage)
    print(time.time(), flush=True)
    os.kill(os.getpid(), 15)
    delivery.Delivery.add = add
delivery.Delivery.add = told
from inkreel.entrypoints.cli import main
main()
"""


INSTALLED = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}
"""As a user has it: modules are compiled once."""


def seconds(document: Path, *, first: bool) -> float:
    """From the command to its first footage."""
    with tempfile.TemporaryDirectory() as folder:
        began = time.time()
        command = [sys.executable, "-c", WATCHED, "make", str(document), "--quiet"]
        places = ["-o", f"{folder}/video.mp4", "--cache", f"{folder}/cache"]
        told = subprocess.run(
            [*command, *places],
            check=False,  # it is ended by a signal
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env={**INSTALLED, "BENCH_FIRST": "1" if first else ""},
        ).stdout
        return float(told.split()[0]) - began


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--first", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        page = (ROOT / "examples" / "gioi-thieu.vi.md").read_text("utf-8")[:1_800]
        (folder / "page.md").write_text(page.rpartition("\n")[0], "utf-8")
        (folder / "book.md").write_text(markdown(100), "utf-8")
        (folder / "book.pdf").write_bytes(pdf(100))
        seconds(folder / "page.md", first=False)  # whatever is not compiled yet is now
        for document, target in (("page.md", 2), ("book.md", 3), ("book.pdf", 8)):
            took = [seconds(folder / document, first=options.first) for _ in range(options.runs)]
            middle = statistics.median(took)
            print(f"{document:10} {middle:6.2f} s, at most {max(took):.2f} s (wanted: {target} s)")


if __name__ == "__main__":
    main()
