"""Progress → stderr: live bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn
from rich.progress import Progress as Bars

from inkreel.model import Progress, Stage

NAMES: dict[Stage, str] = {
    "reading": "Reading",
    "storyboard": "Storyboard",
    "narration": "Narration",
    "picture": "Pictures",
    "clip": "Clips",
    "video": "Video",
}
FINISHED = ("made", "found", "done")


class Teller(Protocol):
    """Tells the user of each `Progress`, and what else there is to `say`, a line at a time."""

    def __call__(self, said: Progress) -> None: ...

    def say(self, line: str) -> None: ...


@contextmanager
def progress(*, quiet: bool) -> Iterator[Teller]:
    """Who tells the user."""
    if quiet:
        yield NoProgress()
    elif sys.stderr.isatty():
        with _bars() as bars:
            yield LiveProgress(bars)
    else:
        yield PlainProgress()


def _bars() -> Bars:
    return Bars(
        TextColumn("[bold]{task.description:<11}"),
        BarColumn(bar_width=32),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TextColumn("[dim]{task.fields[now]}"),
        console=Console(stderr=True),
        transient=True,
    )


class NoProgress:
    """Says only what must be said."""

    def __call__(self, said: Progress) -> None:
        pass

    def say(self, line: str) -> None:
        sys.stderr.write(line + "\n")
        sys.stderr.flush()


class LiveProgress:
    """A bar for each stage, with the heading of the scene it is at."""

    def __init__(self, bars: Bars) -> None:
        self._bars = bars
        self._tasks: dict[Stage, TaskID] = {
            stage: bars.add_task(
                name,
                total=None if stage in ("narration", "picture", "clip") else 1,
                now="",
                visible=stage != "picture",  # there may be none
            )
            for stage, name in NAMES.items()
        }
        self._counted: set[tuple[Stage, int | None]] = set()

    def __call__(self, said: Progress) -> None:
        if said.state == "warning":
            self.say(f"warning: {said.heading}")
            return
        task = self._tasks[said.stage]
        self._bars.update(task, visible=True)
        if said.scenes:
            for stage in ("narration", "picture", "clip"):
                self._bars.update(self._tasks[stage], total=said.scenes)
        if said.state in FINISHED and (said.stage, said.scene) not in self._counted:
            self._counted.add((said.stage, said.scene))
            self._bars.update(task, advance=1, now=said.heading[:48])

    def say(self, line: str) -> None:
        self._bars.console.print(line, markup=False, highlight=False, soft_wrap=True)


class PlainProgress(NoProgress):
    """A line for each finished stage and each finished scene."""

    def __init__(self) -> None:
        self._clips = 0

    def __call__(self, said: Progress) -> None:
        if said.state == "warning":
            self.say(f"warning: {said.heading}")
        if said.state not in FINISHED:
            return
        if said.stage in ("reading", "storyboard"):
            scenes = f": {said.scenes} scenes" if said.scenes else ""
            self.say(f"{NAMES[said.stage]} {said.state}{scenes}")
        elif said.stage == "clip":
            self._clips += 1
            self.say(f"scene {self._clips}/{said.scenes} {said.state}: {said.heading}")
