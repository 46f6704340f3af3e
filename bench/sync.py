"""Flash and beep: whether picture and sound of every scene of an hour begin together.

Scenes of random lengths, joined by cuts, fades, slides and wipes in turn, go through the product's
own steps into an MP4 and into fragments. Each scene begins with a flash, which is the first frame
that differs from the dark end of the scene before, and with a beep, a burst of noise of its own in
the narration's first sample. Both are looked for in what is decoded, and told apart in two ways: by
the times that the file gives, and by counting frames and samples from its start, as some players
do.

Run: `python -m bench.sync [--scenes N] [--minutes M] [--fps N] [--skip]`.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import av
import numpy as np

from bench.meter import cores
from inkreel.compose import clip, fragments, sound, transition
from inkreel.compose.mux import Movie
from inkreel.compose.timeline import TAIL_MS, scene_frames
from inkreel.model import (
    PACKET_SAMPLES,
    SAMPLE_RATE,
    Effect,
    Footage,
    FrameRate,
    Layer,
    Narration,
    Picture,
    Sentence,
    VoiceTrack,
    Word,
)
from inkreel.recipes import ClipRequest, Encoding, SoundRequest, TransitionRequest
from tests.compose.handmade import MemoryShelf

SIZE = 64, 36
JOINS = (None, "fade", "slide", "wipe")
LEAD_MS = 400
BEEP = 4_800
"""Samples."""
NEAR = 2_400
"""Samples around its place in which a beep is looked for."""
NEAR_FRAMES = 5
FLASH = 2
"""A change of luma that the encoder does not make by itself."""
ALLOWED_MS = 1.0


@dataclass(frozen=True)
class Made:
    start: int
    """The scene's first frame."""
    footage: Footage


def beep(seed: int, samples: int = BEEP) -> np.ndarray:
    noise = np.zeros(samples)
    noise[:BEEP] = np.random.default_rng(seed).standard_normal(BEEP) * 8_000
    return noise.clip(-32_768, 32_767).astype("<i2")


def spoken(samples: int) -> Narration:
    word = Word("beep", 0, samples)
    return Narration(samples, (word,), (Sentence(0, 1, 0, samples),))


def picture() -> Picture:
    """White, and soon dark."""
    width, height = SIZE
    dark = np.full((height, width, 4), (20, 20, 40, 255), np.uint8).tobytes()
    layer = Layer("dark", 0, Effect.FADE, 0, 0, width, height, dark)
    return Picture(width, height, b"\xff" * (width * height * 3), (layer,), 1, 28)


def lengths(scenes: int, minutes: float) -> list[int]:
    """Random samples of narration that make about so many minutes."""
    mean = minutes * 60 / scenes - TAIL_MS / 1000 - 0.25
    seconds = np.random.default_rng(5).uniform(0.4 * mean, 1.6 * mean, scenes)
    return [round(each * SAMPLE_RATE) for each in seconds]


def make(encoding: Encoding, number: int, samples: int, start: int) -> Made:
    """A scene that begins at frame `start`."""
    shelf, rate = MemoryShelf(), encoding.rate
    board, said = shelf.store(picture()), shelf.store(spoken(samples))
    join = JOINS[number % len(JOINS)]
    lead = rate.count(LEAD_MS) if join else 0
    body = clip(ClipRequest(board, said, None, (), lead, encoding), shelf).body
    segments = (body,)
    if join:
        asked = TransitionRequest(board, board, said, None, lead, join, encoding)
        segments = (transition(asked, shelf), body)
    phase = start * rate.samples % PACKET_SAMPLES
    voice = shelf.store(VoiceTrack(beep(number, samples).tobytes()))
    heard = sound(SoundRequest(said, voice, encoding.fps, phase), shelf)
    return Made(start, Footage(segments, heard.packets, heard.extradata))


def write(scenes: Iterator[Made], rate: FrameRate, movie: Path, parts: Path) -> list[int]:
    """The MP4 and the fragments after each other; answers where scenes begin, and the end."""
    starts = []
    with Movie(movie, title="Sync", language="en", rate=rate) as film, parts.open("wb") as stream:
        for number, scene in enumerate(scenes):
            if not starts:
                stream.write(fragments.initialisation(scene.footage, SIZE, rate))
            starts.append(scene.start)
            film.add(scene.footage)
            stream.write(fragments.fragment(number, scene.start, scene.footage, rate))
        starts.append(film.frames)
        film.close()
    return starts


@dataclass(frozen=True)
class Seen:
    """Where something begins: by the file's clock, and by counting; seconds."""

    told: float
    counted: float


def flashes(path: Path, starts: list[int], rate: FrameRate) -> list[Seen]:
    """The first frame near each scene's start that differs from the one before it: the end of a
    scene is dark and stands still."""
    awaited, found = iter([*starts[1:-1], starts[-1] + 10 * NEAR_FRAMES]), []
    start = next(awaited)
    with av.open(str(path)) as file:
        before = np.zeros(0)
        for number, frame in enumerate(file.decode(video=0)):
            luma = frame.to_ndarray()[: SIZE[1]].astype(int)
            if number >= start - NEAR_FRAMES and abs(luma - before).max() > FLASH:
                found.append(Seen(float(frame.pts * frame.time_base), number / rate.fps))
                start = next(awaited)
            before = luma
    return found


def beeps(path: Path, starts: list[int], rate: FrameRate) -> list[Seen]:
    """Where each scene's burst of noise fits best."""
    heard, first = decoded_sound(path)
    found = []
    for number, start in enumerate(starts[1:-1], start=1):
        # What came before time zero is known to players by the file's clock alone.
        at = start * rate.samples - min(0, first)
        window = heard[at - NEAR : at + BEEP + NEAR].astype(float)
        fit = np.correlate(window, beep(number).astype(float), "valid")
        begin = at - NEAR + int(np.argmax(fit))
        counted = (begin + min(0, first)) / SAMPLE_RATE
        found.append(Seen((first + begin) / SAMPLE_RATE, counted))
    return found


def decoded_sound(path: Path) -> tuple[np.ndarray, int]:
    """All samples of a channel, and the time of the first, in samples. Raises `AssertionError`
    where the file's clock and the count of samples part."""
    blocks, count, first = [], 0, None
    with av.open(str(path)) as file:
        for frame in file.decode(audio=0):
            time = round(frame.pts * frame.time_base * SAMPLE_RATE)
            first = time if first is None else first
            assert abs(time - first - count) <= 1, (time, first, count)
            blocks.append((frame.to_ndarray()[0] * 32_767).astype(np.int16))
            count += frame.samples
    assert first is not None
    return np.concatenate(blocks), first


def report(name: str, path: Path, starts: list[int], rate: FrameRate) -> float:
    """Print the errors; answers the largest, in milliseconds."""
    seen, heard = flashes(path, starts, rate), beeps(path, starts, rate)
    assert len(seen) == len(heard) == len(starts) - 2, (len(seen), len(heard))
    worst = []
    for way in ("told", "counted"):
        errors = [
            1000 * (getattr(flash, way) - getattr(tone, way))
            for flash, tone in zip(seen, heard, strict=True)
        ]
        worst.append(max(map(abs, errors)))
        print(
            f"{name:<10} {way:<8} {len(errors):>5} boundaries: |error| {worst[-1]:.3f} ms at most, "
            f"first {errors[0]:+.3f}, last {errors[-1]:+.3f}"
        )
    return max(worst)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scenes", type=int, default=690)
    parser.add_argument("--minutes", type=float, default=61.5)
    parser.add_argument("--fps", type=int, default=30)
    parser.add_argument("--skip", action="store_true")
    options = parser.parse_args()
    encoding = Encoding(fps=options.fps, skip_unchanged=options.skip)
    rate = encoding.rate
    samples = lengths(options.scenes, options.minutes)
    frames = [scene_frames(spoken(each), rate) for each in samples]
    starts = [sum(frames[:number]) for number in range(len(frames))]
    with tempfile.TemporaryDirectory() as name, ProcessPoolExecutor(cores()) as pool:
        movie, parts = Path(name) / "film.mp4", Path(name) / "parts.mp4"
        made = pool.map(partial(make, encoding), range(len(frames)), samples, starts, chunksize=8)
        begun = write(made, rate, movie, parts)
        assert begun == [*starts, sum(frames)]
        minutes = sum(frames) / rate.fps / 60
        print(f"{minutes:.1f} minutes, {len(frames)} scenes, {rate.fps} frames a second")
        worst = max(report(path.stem, path, begun, rate) for path in (movie, parts))
    raise SystemExit(worst > ALLOWED_MS)


if __name__ == "__main__":
    main()
