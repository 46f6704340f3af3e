"""What composing costs beside encoding: CPU of the composer against the bound.

The bound encodes the finished frames, lying in memory, with the same settings and nothing else:
no drawing, no conversion, no sound, no file. Two stories are composed, plainly and with skipped
pictures: in the *still* one layers come in and rest, in the *moving* one each is uncovered slowly,
so that nearly every frame differs. Size and likeness to the finished frames are told beside it.
Run: `python bench/compose_speed.py [--scenes N] [--runs N]`.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import math
import multiprocessing
import os
import resource
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any, TypeVar
from unittest import mock

import av
import msgspec
import numpy as np

from inkreel import compose, visuals
from inkreel.compose import captions as subtitles
from inkreel.compose import encode, frames, planes, timeline, transitions
from inkreel.compose.mux import Chapter, Movie
from inkreel.compose.skip import filler
from inkreel.compose.skip.bits import unit
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
    Effect,
    Layer,
    Narration,
    Packet,
    Picture,
    QuoteVisual,
    Segment,
    Series,
    SlideVisual,
    Span,
    TableVisual,
    TitleVisual,
)
from inkreel.providers.tts import espeak
from inkreel.recipes import (
    CaptionRequest,
    ClipRequest,
    DrawRequest,
    Encoding,
    NarrateRequest,
    SpeakRequest,
    TransitionRequest,
)
from inkreel.speech import narrate
from inkreel.speech.normalise import read_aloud, spoken_text

T = TypeVar("T")
LEAD = 12
SIZE = 1920, 1080
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


SKIPPED_DATA = unit(filler._skipped_macroblocks(-(-SIZE[0] // 16) * -(-SIZE[1] // 16)))[4:]
"""How each skipped picture of this size ends."""


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


def say(sentences: tuple[str, ...], shelf: MemoryShelf) -> Narration:
    """Real speech: a pure tone takes AAC three times as long, for its silent bands."""
    voice = espeak.choose("auto", "en")
    tokens = [read_aloud(sentence, "en") for sentence in sentences]
    wanted = (
        SpeakRequest(spoken_text(each), voice.provider, voice.voice, voice.words_per_minute)
        for each in tokens
    )
    speeches = tuple(shelf.store(espeak.speak(each, shelf)) for each in wanted)
    return narrate(NarrateRequest(tuple(tokens), speeches, 0.0), shelf)


def wiped(picture: Picture) -> Picture:
    """The picture with a bar that grows along its foot, all layers uncovered from the left."""
    width, height = SIZE
    bar = np.full((8, width, 4), (67, 56, 202, 255), np.uint8).tobytes()
    foot = Layer("bar", 0, Effect.WIPE, 0, height - 8, width, 8, bar)
    layers = [msgspec.structs.replace(layer, effect=Effect.WIPE) for layer in picture.layers]
    return msgspec.structs.replace(picture, layers=(foot, *layers))


def slow_motion() -> contextlib.ExitStack:
    """Wipes take the longest scene, at an even pace."""
    stack = contextlib.ExitStack()
    stack.enter_context(mock.patch.dict(timeline.EFFECT_FRAMES, {Effect.WIPE: 400}))
    stack.enter_context(mock.patch.object(timeline, "ease_out", lambda progress: progress))
    return stack


class Story:
    """The requests of a story, drawn beforehand, and their inputs."""

    def __init__(self, scenes: int, *, moving: bool = False) -> None:
        self.name = "moving" if moving else "still"
        self.motion = slow_motion if moving else contextlib.ExitStack
        self.shelf = MemoryShelf()
        self.requests: list[tuple[ClipRequest, TransitionRequest | None]] = []
        before = None
        for number in range(scenes):
            heading, visual = VISUALS[number % len(VISUALS)]
            request = DrawRequest(heading, "Bench", visual, "en", "light", *SIZE)
            spoken = say(TEXT[number % 2 :], self.shelf)
            said = tuple(tuple(text.split()) for text in TEXT[number % 2 :])
            cards = visuals.draw_captions(CaptionRequest(said, "en", "light", *SIZE), self.shelf)
            picture = visuals.draw(request, self.shelf)
            after = self.shelf.store(wiped(picture) if moving else picture)
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
        painter, brush = frames.CaptionPainter(cards), planes.Brush(*SIZE)
        made = []
        for frame in range(LEAD):
            transitions.draw(moved.effect, target, (old, new), (frame + 1) / (LEAD + 1))
            if shown := timed.shown(frame):
                painter.draw(target, brush, shown, target.rect)
            made.append(target.copy())
        yield made
    canvas = frames.Canvas(picture, cards, target)
    made = []
    for frame in range(plan.lead, plan.frames):
        canvas.show(frames.frame_key(picture, plan, timed, frame))
        made.append(target.copy())
    yield made


@dataclass
class Encoded:
    """A way to encode a story: what it took, what it looks like."""

    name: str
    seconds: list[float] = field(default_factory=list)
    """CPU, a run each."""
    bytes: int = 0
    errors: list[float] = field(default_factory=list)
    likeness: list[float] = field(default_factory=list)
    skipped: int = 0

    @property
    def psnr(self) -> float:
        return 10 * math.log10(255**2 / statistics.mean(self.errors))

    def look(self, made: Sequence[planes.Planes], segment: Segment) -> None:
        """Compare every fourth frame with what was drawn."""
        self.bytes += sum(len(packet.data) for packet in segment.packets)
        self.skipped += sum(packet.data.endswith(SKIPPED_DATA) for packet in segment.packets)
        for number, frame in enumerate(decoded(segment)):
            if number % 4 == 0:
                error, ssim = compared(made[number].y, frame)
                self.errors.append(error)
                self.likeness.append(ssim)


def decoded(segment: Segment) -> Iterator[np.ndarray]:
    """Luma of all frames."""
    codec = av.CodecContext.create("h264", "r")
    codec.extradata = segment.extradata
    for packet in segment.packets:
        for frame in codec.decode(av.Packet(packet.data)):
            yield encode._view(frame.planes[0])
    for frame in codec.decode(None):
        yield encode._view(frame.planes[0])


def compared(one: np.ndarray, other: np.ndarray) -> tuple[float, float]:
    """Mean squared error and SSIM over blocks of 8×8."""
    height, width = (side // 8 * 8 for side in one.shape)
    shape = height // 8, 8, width // 8, 8
    a, b = (each[:height, :width].astype(np.float32).reshape(shape) for each in (one, other))
    mean_a, mean_b = (each.mean(axis=(1, 3)) for each in (a, b))
    square_a, square_b = ((each * each).mean(axis=(1, 3)) for each in (a, b))
    product = (a * b).mean(axis=(1, 3))
    light, contrast = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    ssim = (2 * mean_a * mean_b + light) / (mean_a**2 + mean_b**2 + light)
    spread = square_a - mean_a**2 + square_b - mean_b**2
    ssim *= (2 * (product - mean_a * mean_b) + contrast) / (spread + contrast)
    return float((square_a - 2 * product + square_b).mean()), float(ssim.mean())


def bound(made: list[planes.Planes]) -> tuple[float, Segment]:
    """CPU seconds to encode these frames, and what came out."""
    pictures = [video_frame(each) for each in made]
    start = time.process_time()
    codec = encode._open(*SIZE, Encoding())
    packets = []
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, FPS)
        packets += codec.encode(picture)
    packets += codec.encode(None)
    spent = time.process_time() - start
    kept = [Packet(packet.pts or 0, 0, packet.is_keyframe, bytes(packet)) for packet in packets]
    return spent, Segment(len(made), codec.extradata or b"", tuple(kept))


def video_frame(picture: planes.Planes) -> av.VideoFrame:
    frame = av.VideoFrame(*SIZE, "yuv420p")
    for plane, pixels in zip(frame.planes, picture, strict=True):
        encode._view(plane)[:] = pixels
    return frame


def ours(story: Story, number: int, encoding: Encoding) -> tuple[Clip, Segment | None, float]:
    """A scene's clip and transition, with the CPU seconds they took."""
    clip, moved = (
        each and msgspec.structs.replace(each, encoding=encoding) for each in story.requests[number]
    )
    start = time.process_time()
    segment = compose.transition(moved, story.shelf) if moved else None
    made = compose.clip(clip, story.shelf)
    return made, segment, time.process_time() - start


_STORY: list[Story] = []


def ours_in_worker(job: tuple[int, Encoding]) -> float:
    return ours(_STORY[0], *job)[2]


PLAIN, SKIPPED = Encoding(), Encoding(skip_unchanged=True)


def measure(story: Story, scenes: int, runs: int) -> tuple[list[Encoded], list[Any]]:
    """The bound and ours, scene by scene in turn, so that both meet the same load."""
    rows = [Encoded("bound: encode finished frames"), Encoded("plain"), Encoded("skipped")]
    clips: list[Any] = []
    for run in range(runs):
        for row in rows:
            row.seconds.append(0.0)
        for number in range(scenes):
            drawn = list(finished(story, number))
            found = [bound(each) for each in drawn]
            rows[0].seconds[-1] += sum(each[0] for each in found)
            made = [[each[1] for each in found]]
            for row, encoding in zip(rows[1:], (PLAIN, SKIPPED), strict=True):
                clip, segment, spent = ours(story, number, encoding)
                assert not clip.degraded
                row.seconds[-1] += spent
                made.append([segment, clip.body] if segment else [clip.body])
                if encoding is SKIPPED and run == 0:
                    clips.append((clip, segment))
            for row, segments in zip(rows, made, strict=True):
                for frames_drawn, segment in zip(drawn, segments, strict=True):
                    if run == 0:
                        row.look(frames_drawn, segment)
    return rows, clips


def mux(clips: Sequence[tuple[Clip, Segment | None]], target: Path) -> float:
    """CPU seconds to write the MP4."""
    start = time.process_time()
    movie = Movie(target, title="Bench", language="en")
    for clip, segment in clips:
        movie.add(clip, segment)
    movie.close([Chapter("Bench", 0)])
    return time.process_time() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=6)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--story", choices=("still", "moving", "both"), default="both")
    parser.add_argument("-o", "--output", type=Path)
    options = parser.parse_args()
    for moving in (False, True):
        story = Story(options.scenes, moving=moving)
        if options.story in (story.name, "both"):
            with story.motion():
                report(story, options)


def report(story: Story, options: argparse.Namespace) -> None:
    rows, clips = measure(story, options.scenes, options.runs)
    total = sum(clip.lead + clip.body.frames for clip, _ in clips)
    print(
        f"{story.name}: {total / FPS:.1f} s of 1080p in {options.scenes} scenes, "
        f"medians of {options.runs} runs, {os.cpu_count()} cores"
    )
    print(f"{'':32}{'CPU s':>8}{'of bound':>10}{'kB':>8}{'PSNR':>8}{'SSIM':>9}{'encoded':>9}")
    least = rows[0].seconds
    for row in rows:
        share = statistics.median(used / of for used, of in zip(row.seconds, least, strict=True))
        print(
            f"{row.name:32}{statistics.median(row.seconds):8.2f}{share:10.2f}{row.bytes // 1000:8}"
            f"{row.psnr:8.2f}{statistics.mean(row.likeness):9.5f}{1 - row.skipped / total:9.2f}"
        )
    with tempfile.TemporaryDirectory() as folder:
        muxing = mux(clips, options.output or Path(folder) / "bench.mp4")
    print(f"muxing, faststart, fsync: {muxing:.2f} CPU s")
    _STORY[:] = [story]
    for encoding in (PLAIN, SKIPPED):
        start = time.perf_counter()
        jobs = [(number, encoding) for number in range(options.scenes)]
        with multiprocessing.get_context("fork").Pool(options.processes) as pool:
            pool.map(ours_in_worker, jobs, chunksize=1)
        wall = time.perf_counter() - start
        name = "skipped" if encoding.skip_unchanged else "plain"
        print(f"{name}, {options.processes} processes: {total / FPS / wall:.1f} × real time")
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
    print(f"worker peak {peak} MB\n")


if __name__ == "__main__":
    main()
