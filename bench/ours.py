"""A film composed by the product, in a process of its own: FOLDER SKIP TARGET.

The workers are there and warm, as in a service: they make the film once, small and rough. Says
"ready", then what the film cost: wall from the first request to the finished file, CPU of this
process and its workers.
"""

from __future__ import annotations

import asyncio
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import msgspec
import psutil

from bench.film import DRAFT, Film, Recorder, produce
from bench.meter import Spent, living, peak_memory
from inkreel.backends.files import FileStore
from inkreel.model import Result, Storyboard
from inkreel.recipes import Encoding


def compose(film: Film, target: Path, *, skip: bool) -> Spent:
    """Have it composed from a fresh copy of its store."""
    with tempfile.TemporaryDirectory(dir=film.folder) as folder:
        shutil.copytree(film.folder / "store", Path(folder) / "store")
        board = film.folder / "board.json"
        asked = [str(board), str(Path(folder) / "store"), str(int(skip)), str(target)]
        command = [sys.executable, "-m", "bench.ours", *asked]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            process.stdout.readline()
            with peak_memory(psutil.Process(process.pid), itself=True) as peak:
                told = process.stdout.read()
    return Spent(**json.loads(told), peak=peak.bytes)


async def run(board: Storyboard, store: FileStore, encoding: Encoding, target: Path) -> Spent:
    """Warm up, compose, measure."""
    builder = Recorder(store, DRAFT)
    try:
        await produce(board, builder, target)
        print("ready", flush=True)
        builder.encoding = encoding
        used, began = living(), time.perf_counter()
        result = await produce(board, builder, target)
        spent = Spent(time.perf_counter() - began, living() - used)
    finally:
        await builder.close()
    check(result)
    return spent


def check(result: Result) -> None:
    """Nothing but the composing was done, all of it, as asked."""
    assert not any(scene.degraded for scene in result.scenes)
    assert (result.made.narrations, result.made.pictures) == (0, 0), result.made
    assert result.made.clips == len(result.scenes), result.made


def main() -> None:
    board, store, skip, target = sys.argv[1:]
    asked = run(
        msgspec.json.decode(Path(board).read_bytes(), type=Storyboard),
        FileStore(Path(store)),
        Encoding(skip_unchanged=bool(int(skip))),
        Path(target),
    )
    spent = asyncio.run(asked)
    print(json.dumps({"wall": spent.wall, "cpu": spent.cpu}))


if __name__ == "__main__":
    main()
