"""What an edit costs: one scene of a hundred gets another heading and another sentence.

Run: `python -m bench.edit [--scenes N]`. All CPU of the command and its children is counted.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import msgspec

from bench import stories
from bench.command import HEADER, make
from bench.meter import machine
from inkreel.model import Storyboard


def edited(board: Storyboard) -> Storyboard:
    """Its middle scene shows and says something else."""
    scenes = list(board.scenes)
    middle = len(scenes) // 2
    scene = scenes[middle]
    said = ("This scene was written anew.", *scene.narration[1:])
    scenes[middle] = msgspec.structs.replace(scene, heading="Written anew", narration=said)
    return msgspec.structs.replace(board, scenes=tuple(scenes))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=100)
    options = parser.parse_args()
    board = stories.long(options.scenes)
    print(f"{options.scenes} scenes, {machine()}\n{HEADER}")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "board.yaml"
        cold = make(stories.save(board, path), folder)
        print(cold.row("cold"))
        print(make(path, folder).row("again"))
        edit = make(stories.save(edited(board), path), folder)
        print(edit.row("one scene changed"))
    print(f"one scene changed: {edit.spent.cpu / cold.spent.cpu:.1%} of the cold run's CPU")


if __name__ == "__main__":
    main()
