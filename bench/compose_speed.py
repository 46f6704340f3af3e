"""What composing costs beside encoding: CPU of the composer against the bound.

The bound encodes the finished frames, lying in memory, with the same settings and nothing else:
no drawing, no conversion, no sound, no file. Run: `python bench/compose_speed.py [--scenes N]`.
"""

from __future__ import annotations

import argparse
import hashlib
import multiprocessing
import os
import resource
import tempfile
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar

import av
import msgspec
import numpy as np

from inkreel import compose, visuals
from inkreel.compose import captions as subtitles
from inkreel.compose import encode, frames, planes, timeline, transitions
from inkreel.compose.mux import Chapter, Movie
from inkreel.errors import ArtifactLost
from inkreel.model import (
    FPS,
    AnyVisual,
    Bullet,
    Captions,
    ChartVisual,
    Clip,
    CodeVisual,
    Digest,
    Narration,
    Picture,
    QuoteVisual,
    Segment,
    Sentence,
    Series,
    SlideVisual,
    Span,
    TableVisual,
    TitleVisual,
    Word,
)
from inkreel.recipes import (
    CaptionRequest,
    ClipRequest,
    DrawRequest,
    Encoding,
    TransitionRequest,
)

T = TypeVar("T")
LEAD = 12
TEXT = (
    "Every scene of this story says one thing and shows it at the same moment.",
    "A layer comes in with the sentence that speaks of it, and then it rests.",
    "What rests costs nothing but the encoder's look at it.",
)
VISUALS: tuple[tuple[str, AnyVisual], ...] = (
    ("A document becomes a film", TitleVisual(subtitle="Scene by scene")),
    (
        "What happens on the way",
        SlideVisual(
            bullets=(
                Bullet("Read the blocks", "headings, lists, tables"),
                Bullet("Write the scenes", "one thought each"),
                Bullet("Say and draw them", "at the same time"),
                Bullet("Join by packet", "never encode twice"),
            ),
            cues=(0, 0, 1, 2),
        ),
    ),
    (
        "A function, line by line",
        CodeVisual(
            text="def ease(t):\n    rest = 1 - t\n    return 1 - rest ** 3\n\nprint(ease(0.5))",
            language="python",
            focus=(Span(1, 1), Span(2, 3), Span(5, 5)),
            cues=(0, 1, 2),
        ),
    ),
    (
        "Letters of five words",
        ChartVisual(
            form="bar",
            labels=("read", "write", "draw", "speak", "compose"),
            series=(Series("letters", (4.0, 5.0, 4.0, 5.0, 7.0)),),
        ),
    ),
    (
        "Squares and cubes",
        TableVisual(
            header=("n", "n²", "n³"),
            rows=(("2", "4", "8"), ("3", "9", "27"), ("4", "16", "64"), ("5", "25", "125")),
        ),
    ),
    ("In one sentence", QuoteVisual(text="What does not change need not be drawn again.")),
)


class MemoryShelf:
    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def load(self, digest: Digest, kind: type[T]) -> T:
        return msgspec.msgpack.decode(self.read(digest), type=kind)

    def read(self, digest: Digest) -> bytes:
        if digest not in self.blobs:
            raise ArtifactLost(digest)
        return self.blobs[digest]

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    def store(self, value: Any) -> Digest:
        return self.save(msgspec.msgpack.encode(value))


def say(sentences: tuple[str, ...]) -> Narration:
    """A hum with the rhythm of speech: 70 ms a letter, 0.35 s between sentences."""
    words: list[Word] = []
    spans = []
    at = 0
    for sentence in sentences:
        first, start = len(words), at
        for word in sentence.split():
            length = 48 * 70 * len(word)
            words.append(Word(word, at, at + length))
            at += length
        spans.append(Sentence(first, len(words), start, at))
        at += 16_800
    clock = np.arange(words[-1].end) / 48_000
    hum = np.sin(clock * 2 * np.pi * 180) * np.abs(np.sin(clock * np.pi * 4)) * 8_000
    return Narration(hum.astype("<i2").tobytes(), tuple(words), tuple(spans))


class Story:
    """The requests of a story, drawn beforehand, and their inputs."""

    def __init__(self, scenes: int) -> None:
        self.shelf = MemoryShelf()
        self.requests: list[tuple[ClipRequest, TransitionRequest | None]] = []
        before = None
        for number in range(scenes):
            heading, visual = VISUALS[number % len(VISUALS)]
            request = DrawRequest(heading, "Bench", visual, "en", "light", 1920, 1080)
            spoken = say(TEXT[number % 2 :])
            said = tuple(tuple(text.split()) for text in TEXT[number % 2 :])
            cards = visuals.draw_captions(
                CaptionRequest(said, "en", "light", 1920, 1080), self.shelf
            )
            after = self.shelf.store(visuals.draw(request, self.shelf))
            voice, shown = self.shelf.store(spoken), self.shelf.store(cards)
            lead = LEAD if before else 0
            cues = tuple(min(cue, len(spoken.sentences) - 1) for cue in visual.cues)
            clip = ClipRequest(after, voice, shown, cues, lead)
            moved = None
            if before:
                moved = TransitionRequest(before, after, voice, shown, LEAD, "fade")
            self.requests.append((clip, moved))
            before = after


def finished(story: Story, number: int) -> Iterator[list[planes.Planes]]:
    """The frames of a scene's segments, each list in memory."""
    clip, moved = story.requests[number]
    shelf = story.shelf
    picture = shelf.load(clip.picture, Picture)
    spoken = shelf.load(clip.narration, Narration)
    assert clip.captions
    cards = shelf.load(clip.captions, Captions)
    plan = timeline.plan(picture, spoken, clip.cues, clip.lead)
    timed = subtitles.track(spoken, subtitles.cards_of(cards), plan.frames)
    target = planes.blank(picture.width, picture.height)
    if moved:
        old = frames.settled(shelf.load(moved.before, Picture))
        new = planes.from_rgb(picture.base, picture.width, picture.height)
        made = []
        for frame in range(LEAD):
            transitions.draw(moved.effect, target, (old, new), (frame + 1) / (LEAD + 1))
            made.append(target.copy())
        yield made
    canvas = frames.Canvas(picture, cards, target)
    made = []
    for frame in range(plan.lead, plan.frames):
        canvas.show(frames.frame_key(picture, plan, timed, frame))
        made.append(target.copy())
    yield made


def bound(made: list[planes.Planes]) -> float:
    """CPU seconds to encode these frames."""
    pictures = [video_frame(each) for each in made]
    start = time.process_time()
    codec = encode._open(1920, 1080, Encoding())
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, FPS)
        codec.encode(picture)
    codec.encode(None)
    return time.process_time() - start


def video_frame(picture: planes.Planes) -> av.VideoFrame:
    frame = av.VideoFrame(1920, 1080, "yuv420p")
    for plane, pixels in zip(frame.planes, picture, strict=True):
        encode._view(plane)[:] = pixels
    return frame


def ours(job: tuple[Story, int]) -> tuple[Clip, Segment | None, float]:
    """A scene's clip and transition, with the CPU seconds they took."""
    story, number = job
    clip, moved = story.requests[number]
    start = time.process_time()
    segment = compose.transition(moved, story.shelf) if moved else None
    made = compose.clip(clip, story.shelf)
    return made, segment, time.process_time() - start


_STORY: list[Story] = []


def ours_in_worker(number: int) -> tuple[Clip, Segment | None, float]:
    return ours((_STORY[0], number))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=8)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    story = Story(options.scenes)
    _STORY.append(story)

    least = spent = 0.0
    made = []
    for number in range(options.scenes):
        least += sum(bound(each) for each in finished(story, number))
        made.append(ours((story, number)))
        spent += made[-1][2]
    seconds = sum(clip.lead + clip.body.frames for clip, _, _ in made) / FPS

    start, cpu = time.perf_counter(), time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        target = options.output or Path(folder) / "bench.mp4"
        movie = Movie(target, title="Bench", language="en")
        for clip, segment, _ in made:
            movie.add(clip, segment)
        movie.close([Chapter("Bench", 0)])
        size = target.stat().st_size
    muxing, mux_wall = time.process_time() - cpu, time.perf_counter() - start

    start = time.perf_counter()
    with multiprocessing.get_context("fork").Pool(options.processes) as pool:
        parallel = pool.map(ours_in_worker, range(options.scenes), chunksize=1)
    wall = time.perf_counter() - start
    peak = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_CHILDREN,)) // 1024

    print(f"{seconds:.1f} s of 1080p in {options.scenes} scenes, {os.cpu_count()} cores")
    print(f"{'':34}{'CPU s':>8}{'of bound':>10}{'× real time':>13}")
    rows = (
        ("bound: encode finished frames", least, least),
        ("clips and transitions, 1 process", spent, spent),
        ("muxing, faststart, fsync", muxing, mux_wall),
        (
            f"clips, {options.processes} processes",
            sum(each[2] for each in parallel),
            wall,
        ),
    )
    for name, used, taken in rows:
        print(f"{name:34}{used:8.2f}{used / least:10.2f}{seconds / taken:13.1f}")
    print(f"{size / 1000:.0f} kB, worker peak {peak} MB")


if __name__ == "__main__":
    main()
