"""The flow of scenes: in order, bounded, and ended whole."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
from dataclasses import dataclass, field

import pytest

from inkreel.errors import DrawingFailed
from inkreel.model import Clip, Scene, Segment, SlideVisual, Storyboard
from inkreel.pipeline import film
from inkreel.studio import SceneParts
from tests.conftest import Made

CLIP = Clip(0, Segment(16, b"", ()), (), b"", ())


@dataclass
class FakeStudio:
    """Makes scenes in random order, and knows how many are begun and not yet in the movie."""

    rng: random.Random
    fails: int = -1
    begun: int = 0
    taken: int = 0
    peak: int = 0
    ended: list[int] = field(default_factory=list)

    async def scene(self, index: int) -> SceneParts:
        self.begun += 1
        self.peak = max(self.peak, self.begun - self.taken)
        try:
            await asyncio.sleep(self.rng.uniform(0, 0.01))
            if index == self.fails:
                raise DrawingFailed("no")
        finally:
            self.ended.append(index)
        return index  # type: ignore[return-value]  its parts are not looked at

    async def load(self, index: int, parts: SceneParts) -> tuple[Clip, None]:
        assert parts == index
        return CLIP, None


@dataclass
class FakeMovie:
    studio: FakeStudio
    scenes: list[str] = field(default_factory=list)

    def add(self, scene: Scene, clip: Clip, transition: Segment | None) -> None:
        self.scenes.append(scene.id)
        self.studio.taken += 1


def run(studio: FakeStudio, movie: FakeMovie, count: int) -> None:
    scenes = tuple(Scene(str(n), "", ("a",), SlideVisual(bullets=())) for n in range(count))
    board = Storyboard("", "en", scenes)

    async def go() -> None:
        async for _ in film(studio, board, movie, 5):  # type: ignore[arg-type]
            pass

    asyncio.run(go())


@pytest.mark.parametrize("seed", range(5))
def test_scenes_reach_the_movie_in_order_and_bounded(seed: int) -> None:
    """Whatever order scenes are finished in, the movie gets them in order, and never more than
    `at_once` are begun and not yet in it: memory does not grow with their number."""
    studio = FakeStudio(random.Random(seed))
    movie = FakeMovie(studio)
    run(studio, movie, 40)
    assert movie.scenes == [str(n) for n in range(40)]
    assert studio.peak == 5


def test_a_scene_that_fails_ends_the_others() -> None:
    """The error of a scene is told, and no other scene is left under way."""
    studio = FakeStudio(random.Random(1), fails=7)
    movie = FakeMovie(studio)
    with pytest.raises(DrawingFailed):
        run(studio, movie, 40)
    assert movie.scenes == [str(n) for n in range(7)]
    assert len(studio.ended) == studio.begun


LONG = """
import resource, sys
from pathlib import Path
from inkreel.backends.files import FileStore
from inkreel.compose.mux import Movie
from inkreel.model import Clip
store = FileStore(Path(sys.argv[1]))
entries = [entry for entry in store.entries() if entry.role == "clip"]
clips = [store.load(entry.record.artifact.digest, Clip) for entry in entries]
(first,) = [clip for clip in clips if clip.lead == 0]
with Movie(Path(sys.argv[2]), title="", language="en") as movie:
    for _ in range(int(sys.argv[3])):
        movie.add(store.load(entries[clips.index(first)].record.artifact.digest, Clip), None)
    movie.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_film(made: Made, tmp_path: object) -> None:
    """A film of 300 scenes needs hardly more memory than one of 10: only its index grows."""

    def peak(scenes: int) -> int:
        done = subprocess.run(
            [sys.executable, "-c", LONG, str(made.cache), f"{tmp_path}/a.mp4", str(scenes)],
            capture_output=True,
            text=True,
        )
        assert done.returncode == 0, done.stderr
        unit = 1 if sys.platform == "darwin" else 1024
        return int(done.stdout) * unit

    assert peak(300) - peak(10) < 24 << 20
