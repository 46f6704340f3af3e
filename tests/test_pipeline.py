"""The flow of scenes: in order, bounded, and ended whole."""

from __future__ import annotations

import asyncio
import random
import subprocess
import sys
import threading
import time
from dataclasses import dataclass, field

import pytest

from inkreel.errors import DrawingFailed
from inkreel.model import Footage, Scene, Segment, SlideVisual, Storyboard
from inkreel.pipeline import film
from inkreel.studio import Take
from inkreel.threads import let_go
from tests.conftest import Made
from tests.thorough import thorough

FOOTAGE = Footage((Segment(16, b"", ()),), (), b"")
PARTS = 3
"""Takes of the first scene; the last of them is None."""


@dataclass
class FakeStudio:
    """Makes scenes in random order, and knows how many are begun and not yet in the movie."""

    rng: random.Random
    fails: int = -1
    begun: int = 0
    taken: int = 0
    peak: int = 0
    passed: int = 0
    ended: list[int] = field(default_factory=list)

    def parts(self, index: int) -> int:
        return 1 if index else PARTS

    async def take(self, index: int, part: int) -> Take | None:
        if part == PARTS - 1:
            self.passed += 1
            return None
        self.begun += 1
        self.peak = max(self.peak, self.begun - self.taken)
        try:
            await asyncio.sleep(self.rng.uniform(0, 0.01))
            if index == self.fails:
                raise DrawingFailed("no")
        finally:
            self.ended.append(index)
        return index  # type: ignore[return-value]  it is not looked at

    async def load(self, take: Take) -> Footage:
        return FOOTAGE


@dataclass
class FakeMovie:
    studio: FakeStudio
    scenes: list[str] = field(default_factory=list)

    def add(self, scene: Scene, footage: Footage) -> None:
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
    assert movie.scenes == ["0", *(str(n) for n in range(40))]
    assert studio.peak == 5
    assert studio.passed == 1


def test_a_scene_that_fails_ends_the_others() -> None:
    """The error of a scene is told, and no other scene is left under way."""
    studio = FakeStudio(random.Random(1), fails=7)
    movie = FakeMovie(studio)
    with pytest.raises(DrawingFailed):
        run(studio, movie, 40)
    assert movie.scenes == ["0", *(str(n) for n in range(7))]
    assert len(studio.ended) == studio.begun


LONG = """
import resource, sys
from pathlib import Path
from inkreel.backends.files import FileStore
from inkreel.compose.mux import Movie
from inkreel.model import Clip, Footage, FrameRate, Segment, Sound
store = FileStore(Path(sys.argv[1]))
def kept(role, kind):
    for entry in store.entries():
        if entry.role == role:
            digest = entry.record.artifact.digest
            yield digest, store.load(digest, kind)
bodies = {body.body.frames: digest for digest, body in kept("clip", Clip)}
transition, moved = next(kept("transition", Segment))
sounds = {heard.frames - moved.frames: digest for digest, heard in kept("sound", Sound)}
frames = next(iter(bodies.keys() & sounds.keys()))
with Movie(Path(sys.argv[2]), title="", language="en", rate=FrameRate()) as movie:
    for _ in range(int(sys.argv[3])):
        moved = store.load(transition, Segment)
        body = store.load(bodies[frames], Clip).body
        heard = store.load(sounds[frames], Sound)
        movie.add(Footage((moved, body), heard.packets, heard.extradata))
    movie.close()
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


@thorough
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


def test_what_is_let_go_is_not_waited_for() -> None:
    """Work in a thread gives its result or its error; when nobody wants it any more, it holds up
    neither its caller nor the end of the loop."""
    slow = threading.Event()

    async def run() -> None:
        assert await let_go(divmod, 7, 2) == (3, 1)
        with pytest.raises(ZeroDivisionError):
            await let_go(divmod, 7, 0)
        waiting = asyncio.create_task(let_go(slow.wait, 60))
        await asyncio.sleep(0.05)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting

    began = time.monotonic()
    asyncio.run(run())
    assert time.monotonic() - began < 30
    slow.set()
