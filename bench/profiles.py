"""What each profile costs and keeps: CPU, bytes and likeness of the pictures of real documents.

The segments of every document in `examples/` are drawn once; then each encoding in turn encodes
these frames. CPU includes drawing; SSIM is that of luma, of every 15th frame against what was
drawn. Run: `python -m bench.profiles [--seconds N] [PRESET/CRF[/skip] …]`.
"""

from __future__ import annotations

import argparse
import asyncio
import hashlib
import os
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest import mock

import av
import msgspec
import numpy as np

from inkreel.build import Built
from inkreel.compose import encode, planes, steps
from inkreel.ingest.sources import open_source
from inkreel.model import Artifact, Digest, Options, Segment
from inkreel.narrator import Narrator
from inkreel.pipeline import Plan, read_and_write
from inkreel.providers.tts.espeak import choose
from inkreel.recipes import PROFILES, Encoding, Recipe
from inkreel.studio import Direction, Studio

EXAMPLES = sorted((Path(__file__).resolve().parent.parent / "examples").iterdir())
EVERY = 15
DOCUMENTS = [path for path in EXAMPLES if path.suffix in (".md", ".txt", ".pdf")]


class Bench:
    """A builder and its store in this process and in memory."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}
        self.made: dict[str, Built] = {}

    def at(self, *_: int) -> Bench:
        return self

    def read(self, digest: Digest) -> bytes:
        return self.blobs[digest]

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    async def build(self, recipe: Recipe[Any]) -> Built:
        if recipe.key not in self.made:
            output = recipe.step.load()(recipe.request, Shelf(self))
            digest = self.save(msgspec.msgpack.encode(output))
            self.made[recipe.key] = Built(Artifact(digest), made=True)
        return self.made[recipe.key]

    async def build_artifact(self, recipe: Recipe[Any]) -> Artifact:
        return (await self.build(recipe)).artifact

    async def load(self, built: Built, kind: type[Any]) -> Any:
        return Shelf(self).load(built.artifact.digest, kind)


@dataclass
class Shelf:
    bench: Bench

    def load(self, digest: Digest, kind: type[Any]) -> Any:
        return msgspec.msgpack.decode(self.bench.read(digest), type=kind)

    def read(self, digest: Digest) -> bytes:
        return self.bench.read(digest)

    def save(self, data: bytes) -> Digest:
        return self.bench.save(data)


@dataclass(frozen=True)
class Shot:
    """A segment that can be drawn again, and every 15th frame of it."""

    size: tuple[int, int]
    frames: int
    draw: encode.Draw
    luma: list[np.ndarray]


class Watcher:
    """Takes what is pushed to an encoder."""

    def __init__(self, size: tuple[int, int]) -> None:
        self.planes = planes.blank(*size)
        self.luma: list[np.ndarray] = []
        self._pushed = 0

    def push(self, frames: int = 1) -> None:
        kept = None
        for frame in range(self._pushed, self._pushed + frames):
            if frame % EVERY == 0:
                kept = self.planes.y.copy() if kept is None else kept
                self.luma.append(kept)
        self._pushed += frames


def shots(options: Options) -> list[Shot]:
    """All segments of the examples."""
    found: list[Shot] = []

    def watched(size: tuple[int, int], frames: int, _: Encoding, draw: encode.Draw) -> Segment:
        watcher = Watcher(size)
        draw(watcher)  # type: ignore[arg-type]
        found.append(Shot(size, frames, draw, watcher.luma))
        return Segment(frames, b"", ())

    with mock.patch.object(steps, "segment", watched):
        for document in DOCUMENTS:
            asyncio.run(film(document, options))
    return found


async def film(document: Path, options: Options) -> None:
    bench: Any = Bench()
    source = open_source(document, bench.save, max_bytes=1 << 30)
    plan = Plan(options, choose, at_once=1, max_pages=100)
    _, written = await read_and_write(source, plan, bench, lambda _: None)
    board = written.board
    narrator = Narrator(bench, choose(options.voice, board.language), board.language)
    studio = Studio(bench, board, Direction(options), narrator, lambda _: None)
    for index in range(len(board.scenes)):
        for part in range(studio.parts(index)):
            await studio.take(index, part)


def decoded(segment: Segment) -> Iterator[np.ndarray]:
    """Luma of all frames."""
    codec = av.CodecContext.create("h264", "r")
    codec.extradata = segment.extradata
    for packet in (*segment.packets, None):
        for frame in codec.decode(packet and av.Packet(packet.data)):
            yield encode.view(frame.planes[0])


def likeness(one: np.ndarray, other: np.ndarray) -> float:
    """SSIM over blocks of 8×8."""
    height, width = (side // 8 * 8 for side in one.shape)
    shape = height // 8, 8, width // 8, 8
    a, b = (each[:height, :width].astype(np.float32).reshape(shape) for each in (one, other))
    mean_a, mean_b = (each.mean(axis=(1, 3)) for each in (a, b))
    spread = (a * a).mean(axis=(1, 3)) - mean_a**2 + (b * b).mean(axis=(1, 3)) - mean_b**2
    shared = (a * b).mean(axis=(1, 3)) - mean_a * mean_b
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    alike = (2 * mean_a * mean_b + light) / (mean_a**2 + mean_b**2 + light)
    alike *= (2 * shared + contrast) / (spread + contrast)
    return float(alike.mean())


def measure(shots: Sequence[Shot], encoding: Encoding) -> tuple[float, int, float, float]:
    """CPU seconds, bytes, mean and least SSIM."""
    cpu, size, alike = 0.0, 0, []
    for shot in shots:
        began = time.process_time()
        segment = encode.segment(shot.size, shot.frames, encoding, shot.draw)
        cpu += time.process_time() - began
        size += sum(len(packet.data) for packet in segment.packets)
        frames = (luma for number, luma in enumerate(decoded(segment)) if number % EVERY == 0)
        alike += [likeness(*pair) for pair in zip(shot.luma, frames, strict=True)]
    return cpu, size, statistics.mean(alike), min(alike)


def spelled(text: str) -> Encoding:
    preset, qp, *skip = text.split("/")
    return Encoding(preset, int(qp), skip_unchanged=bool(skip))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=40.0, help="of each document")
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("encodings", nargs="*", type=spelled)
    given = parser.parse_args()
    wanted = given.encodings or [profile.encoding for profile in PROFILES.values()]
    drawn = shots(Options(size=given.size, seconds=given.seconds))
    seconds = sum(shot.frames for shot in drawn) / 30
    print(
        f"{seconds:.0f} s of {given.size} out of {len(DOCUMENTS)} documents, {os.cpu_count()} cores"
    )
    print(f"{'':24}{'CPU s/min':>10}{'MB/min':>8}{'SSIM':>9}{'least':>9}")
    for encoding in wanted:
        cpu, size, mean, least = measure(drawn, encoding)
        name = f"{encoding.preset}/{encoding.qp}{'/skip' * encoding.skip_unchanged}"
        minutes = seconds / 60
        print(
            f"{name:24}{cpu / minutes:10.1f}{size / 1e6 / minutes:8.2f}{mean:9.5f}{least:9.5f}",
            flush=True,
        )


if __name__ == "__main__":
    main()
