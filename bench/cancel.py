"""How long the command and a job take to end when they are told to, at every stage of their work.

    python -m bench.cancel [--times N] [--limit MILLISECONDS]

The command is sent SIGINT or SIGTERM at a random moment of a stage, several times each; a job is
cancelled over HTTP. Measured is until the command and all its children are gone, and until the
worker has ended the job's run with the children that worked for it. Nothing unfinished may be
left on the disk.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import psutil

from bench.chaos.service import service

LIMIT = 250.0
"""Milliseconds."""
CHAPTERS = 400
"""Of a document in which every scene has to be made."""
SCENES = 600
"""Of a storyboard whose scenes are alike: made in no time, to be joined to an hour of video."""


def chapters(count: int) -> str:
    """A document that no other count has, long enough to be caught at any stage of it."""
    sections = (
        f"## Lamp {number} of {count}\n\nThe lamp {number} of {count} turns once in "
        f"{number % 50 + 5} seconds. Ships see it {number % 20 + 9} miles off, and its keeper "
        f"writes down each of the {count} that pass.\n"
        for number in range(1, count + 1)
    )
    return "\n".join([f"# A coast with {count} lamps\n", *sections])


def storyboard(count: int) -> str:
    """A long video of one scene."""
    scene = {
        "heading": "The lamp",
        "narration": ["The lamp turns, and turns, and turns once more, and is seen far away."],
        "visual": {"kind": "slide", "bullets": [{"text": "It turns"}, {"text": "It is seen"}]},
    }
    scenes = [{"id": f"lamp-{number}", **scene} for number in range(count)]
    return json.dumps({"title": "A lamp", "language": "en", "scenes": scenes})


class Command:
    """`inkreel make` in a folder of its own. `said` is what it wrote to stderr so far."""

    def __init__(self, document: Path, folder: Path, cache: Path, *flags: str) -> None:
        self.said = ""
        self.video = folder / "video.mp4"
        command = [sys.executable, "-m", "inkreel", "make", str(document), "-o", str(self.video)]
        self.process = psutil.Popen(
            [*command, *flags],
            env={**os.environ, "INKREEL_CACHE": str(cache)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        for line in self.process.stderr:
            self.said += line

    def family(self) -> list[psutil.Process]:
        return [self.process, *self.process.children(recursive=True)]

    def reads(self) -> bool:
        """A child has the document under its limits."""
        return self._has("--sandbox")

    def writes(self) -> bool:
        return "Reading" in self.said

    def speaks(self) -> bool:
        """Nothing can be heard or seen yet."""
        return "Storyboard" in self.said

    def encodes(self) -> bool:
        return "scene 1/" in self.said

    def written(self) -> int:
        """Bytes of the unfinished video."""
        for part in self.video.parent.glob(".video.mp4.*.part"):
            with contextlib.suppress(FileNotFoundError):
                return part.stat().st_size
        return 0

    def _has(self, word: str) -> bool:
        for child in self.family()[1:]:
            try:
                if word in child.cmdline():
                    return True
            except psutil.Error:
                continue
        return False


Reached = Callable[[Command], bool]


@dataclass
class Stage:
    """Where the work is caught: once `reached`, after up to `later` seconds more."""

    name: str
    reached: Reached
    later: float
    flags: tuple[str, ...] = ()
    took: list[float] = field(default_factory=list)
    left: list[str] = field(default_factory=list)


COLD = (
    ("starting", lambda _: True, 0.5),
    ("reading", Command.reads, 0.5),
    ("writing", Command.writes, 0.3),
    ("speaking", Command.speaks, 1.0),
    ("encoding", Command.encodes, 4.0),
    ("playing", Command.encodes, 4.0, ("--play", "--no-browser")),
)


def stages(times: int) -> Iterator[Stage]:
    """Cancel the command at each stage so many times."""
    dice = random.Random(4)
    with tempfile.TemporaryDirectory(prefix="inkreel-cancel-") as name:
        folder = Path(name)
        document, board = folder / "coast.md", folder / "lamp.yaml"
        document.write_text(chapters(CHAPTERS), "utf-8")
        board.write_text(storyboard(SCENES), "utf-8")
        for each in COLD:
            stage = Stage(*each)
            for number in range(times):
                cancel(stage, document, folder / f"{stage.name}-{number}", dice)
            yield stage
        # All scenes are found from now on, and only put together.
        whole = Command(board, folder, folder / "found")
        whole.process.wait()
        size = whole.video.stat().st_size

        def is_whole(command: Command) -> bool:
            return command.written() > 0.97 * size

        for stage in (
            Stage("joining", lambda command: command.written() > 0, 1.0),
            Stage("finishing", is_whole, 0.15),
            Stage("verifying", is_whole, 10.0, ("--verify",)),
        ):
            for _ in range(times):
                cancel(stage, board, folder / "found", dice)
            yield stage


def cancel(stage: Stage, document: Path, cache: Path, dice: random.Random) -> None:
    """Catch a command at this stage, and note how long it took to end and what it left."""
    with tempfile.TemporaryDirectory(dir=cache.parent) as name:
        folder = Path(name)
        command = Command(document, folder, cache, *stage.flags)
        while not stage.reached(command) and command.process.poll() is None:
            time.sleep(0.002)
        time.sleep(dice.uniform(0, stage.later))
        family = command.family()
        began = time.perf_counter()
        command.process.send_signal(dice.choice((signal.SIGINT, signal.SIGTERM)))
        alive = ended(family)
        took = time.perf_counter() - began
        stage.took.append(1000 * took)
        left = [*folder.glob(".*"), *(cache / "tmp").glob("*/*")]
        stage.left += [path.name for path in left] + [f"process {one.pid}" for one in alive]
        for one in alive:
            one.kill()


def ended(family: list[psutil.Process]) -> list[psutil.Process]:
    """Wait until all have ended, be it that nobody asked yet how; answers who has not."""
    until = time.perf_counter() + 20
    while family and time.perf_counter() < until:
        family = [one for one in family if lives(one)]
        time.sleep(0.002)
    return family


def lives(process: psutil.Process) -> bool:
    with contextlib.suppress(psutil.Error):
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    return False


async def jobs(times: int) -> Stage:
    """Cancel a job over HTTP while its scenes are made: until its run has ended, with the children
    that worked for it."""
    stage = Stage("a job", Command.encodes, 2.0)
    dice = random.Random(4)
    async with service("--workers", "4") as (running, client):
        for number in range(times):
            text = chapters(CHAPTERS + 1 + number).encode()
            sent = await client.post("/v1/videos", files={"document": ("coast.md", text)})
            job = sent.json()["id"]
            own = f"/v1/videos/{job}"
            while (await client.get(own)).json()["progress"]["scenes_done"] < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
            await asyncio.sleep(dice.uniform(0, stage.later))
            began = time.perf_counter()
            answer = await client.post(f"{own}/cancel")
            answer.raise_for_status()
            while not any(f"{job} left" in line for line in running.lines):  # noqa: ASYNC110
                await asyncio.sleep(0.002)
            stage.took.append(1000 * (time.perf_counter() - began))
            stage.left += [path.name for path in running.data.rglob("tmp/*/*.part")]
            stage.left += await asyncio.to_thread(busy, running.steps())
    return stage


def busy(processes: list[psutil.Process]) -> list[str]:
    """Those that still work: one that is new may load its libraries for a moment."""
    time.sleep(0.8)
    before = [(one, one.cpu_times().user) for one in processes]
    time.sleep(0.2)
    return [
        f"process {one.pid}"
        for one, user in before
        if one.is_running() and one.cpu_times().user > user
    ]


def show(stage: Stage, limit: float) -> bool:
    """Print a row; whether it holds."""
    worst = max(stage.took, default=float("nan"))
    middle = statistics.median(stage.took) if stage.took else float("nan")
    left = ", ".join(stage.left) or "nothing"
    print(f"{stage.name:<12}{len(stage.took):>6}{middle:>10.0f}{worst:>10.0f}   {left}", flush=True)
    return worst < limit and not stage.left


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--limit", type=float, default=LIMIT)
    options = parser.parse_args()
    print(f"{'stage':<12}{'times':>6}{'median ms':>10}{'worst ms':>10}   left behind")
    held = [show(stage, options.limit) for stage in stages(options.times)]
    held.append(show(asyncio.run(jobs(options.times)), options.limit))
    raise SystemExit(not all(held))


if __name__ == "__main__":
    main()
