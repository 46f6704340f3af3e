"""What services over HTTP cost when they fail: calls, time, and what is made all the same.

    python bench/services.py [scenes]

Everything is on loopback: `tests/providers/misbehaving.py` answers. Six questions: how many calls
a flaky voice takes for a video of 200 scenes, and whether all of it is told; how many a flaky
language model takes for as many sections; how much longer a video takes whose voice is dead, and
one whose language model, voice and images all are, against the defaults alone; how soon a call to
a service that rests is refused; how soon a call to one that hangs or drips ends; what the same
document costs the second time.
"""

from __future__ import annotations

import asyncio
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

import inkreel
from inkreel.model import Result, Scene, SlideVisual, Storyboard
from inkreel.providers.policies import Breaker, Failed
from inkreel.storyboard.board import dump
from tests.providers.misbehaving import Server, misbehaving

FLAKY = 0.3
JOBS = 20
ROUNDS = 3


def board(scenes: int) -> str:
    """Short scenes of two sentences, each with words of its own."""
    made = []
    for number in range(scenes):
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        told = (f"This is buoy {name}.", f"Its lamp {name} is lit at dusk.")
        made.append(Scene(f"s{number}", f"Buoy {number}", told, SlideVisual(bullets=())))
    return dump(Storyboard("Buoys", "en", tuple(made)), None)


def make(
    folder: Path, scenes: int, server: Server | None, cache: str = "cache", **more: object
) -> tuple[Result, float]:
    file = folder / f"board-{scenes}.yaml"
    file.write_text(board(scenes), encoding="utf-8")
    voice: dict[str, object] = {"voice": "auto"}
    if server:
        voice = {"voice": "mine", "voices": {"mine": {"url": server.url, "voice": "a", **more}}}
    began = time.monotonic()
    output = folder / "out.mp4"
    result = inkreel.make(
        file, output, size="1280x720", captions="off", cache=folder / cache, **voice
    )
    return result, time.monotonic() - began


def faults(seed: int) -> Callable[[int], str]:
    """Failures of every kind that passes, at random."""
    rng = random.Random(seed)
    kinds = ("500", "503", "429", "cut", "html", "silence")
    return lambda _: rng.choice(kinds) if rng.random() < FLAKY else ""


def flaky(folder: Path, scenes: int) -> None:
    """Jobs of `scenes / JOBS` scenes, and one of them all."""
    for jobs, each in ((JOBS, scenes // JOBS), (1, scenes)):
        done, wall = 0, 0.0
        sentences = 6 + 2 * each  # with those that measure the level
        with misbehaving(faults(jobs)) as server:
            for job in range(jobs):
                result, took = make(folder, each, server, model=f"{jobs}-{job}")
                done += not result.degraded
                wall += took
        calls = len(server.said) / (jobs * sentences)
        print(
            f"flaky {FLAKY:.0%}: {done} of {jobs} videos of {each} scenes told by it, "
            f"{calls:.2f} calls a sentence, {wall:.1f} s"
        )


def dead(folder: Path) -> None:
    """The same video by the embedded voice alone, and when the voice that was chosen is dead, each
    in a store of its own."""
    alone, _ = make(folder, 40, None, cache="alone")
    print(f"embedded alone: {alone.wall_seconds:.1f} s")
    for name, fault in (("answers 500", "500"), ("refuses the key", "401")):
        with misbehaving(lambda _, fault=fault: fault) as server:
            result, took = make(folder, 40, server, cache=fault)
        assert result.degraded
        print(f"dead ({name}): {took:.1f} s, {len(server.said)} calls")


def document(folder: Path, sections: int) -> Path:
    """Sections of two paragraphs, each with words of its own."""
    parts = ["# Buoys and their lamps\n"]
    for number in range(sections):
        name = "".join("abcdefghij"[int(digit)] for digit in str(number))
        parts.append(
            f"\n## Buoy {name}\n\nThe buoy {name} lies in the fairway, and its lamp is "
            f"lit at dusk. Whoever sails past {name} at night can see it from afar.\n\n"
            f"A keeper visits {name} once a year. He cleans its glass and renews its paint.\n"
        )
    file = folder / f"buoys-{sections}.md"
    file.write_text("".join(parts), encoding="utf-8")
    return file


def told(folder: Path, sections: int, cache: str, **more: object) -> tuple[Result, float]:
    """A video of a document."""
    began = time.monotonic()
    result = inkreel.make(
        document(folder, sections),
        folder / "told.mp4",
        size="1280x720",
        captions="off",
        cache=folder / cache,
        **more,
    )
    return result, time.monotonic() - began


def dead_together(folder: Path) -> None:
    """A video by the defaults, and one whose language model, voice and images are all dead: held
    to 1.2 times the defaults and one breaker's opening. In turn, and the best of each counts,
    since others use the machine as well."""
    alone, openings = [], []
    dead: dict[str, list[float]] = {fault: [] for fault in ("500", "401")}
    for turn in range(ROUNDS):
        alone.append(told(folder, 12, f"defaults-{turn}")[1])
        for fault, took in dead.items():
            with misbehaving(lambda _, fault=fault: fault) as server:
                result, seconds = told(
                    folder,
                    12,
                    f"dead-{fault}-{turn}",
                    writer="mine",
                    voice="mine",
                    illustrate="mine",
                    models={"mine": {"url": server.url, "model": "m"}},
                    voices={"mine": {"url": server.url, "voice": "a"}},
                    images={"mine": {"url": f"{server.root}/pictures", "kind": "pexels"}},
                )
            assert len(result.degraded) == 2, result.degraded
            took.append(seconds)
            if fault == "500":
                openings.append(opening(server))
            lost = sum(bool(scene.degraded) for scene in result.scenes)
            print(
                f"model, voice and images answer {fault}: {len(server.said)} calls, {lost} of "
                f"{len(result.scenes)} scenes without their picture"
            )
    bound = 1.2 * min(alone) + min(openings)
    print(f"defaults alone: {min(alone):.1f} s; the slowest breaker opens in {min(openings):.2f} s")
    for fault, took in dead.items():
        held = "held" if min(took) <= bound else "NOT held"
        ratio = min(took) / min(alone)
        print(f"all answer {fault}: {min(took):.1f} s, {ratio:.2f} times; {bound:.1f} s is {held}")


def opening(server: Server) -> float:
    """From the first call to the fifth, with which a breaker opens; of the slowest service."""
    calls: dict[str, list[float]] = {}
    for said in server.said:
        service = "images" if said.path.startswith("/pictures") else said.path
        calls.setdefault(service, []).append(said.at)
    return max(at[:5][-1] - at[0] for at in calls.values())


def written(folder: Path, sections: int) -> None:
    """What a flaky language model takes, and what the same document costs again; only storyboards
    are written."""
    from inkreel.settings import load
    from inkreel.wiring import video

    def write(server: Server, text: Path) -> tuple[str, int]:
        before = len(server.said)
        models = {"mine": {"url": server.url, "model": "m"}}
        loaded = load(cache=folder / "written", writer="mine", models=models, seconds=9_000)
        warnings: list[str] = []
        board = asyncio.run(
            video.make_storyboard(
                text, loaded, lambda p: warnings.append(p.heading) if p.state == "warning" else None
            )
        )
        lost = [one for one in warnings if "language model" in one]
        print(f"  {len(server.said) - before} calls; {'; '.join(lost) or 'nothing lost'}")
        return board, len(server.said) - before

    text = document(folder, sections)
    rng = random.Random(7)
    kinds = ("500", "503", "429", "cut", "html", "prose")
    with misbehaving(lambda _: rng.choice(kinds) if rng.random() < FLAKY else "") as server:
        print(f"language model, flaky {FLAKY:.0%}, {sections} sections:")
        began = time.monotonic()
        write(server, text)
        print(f"  {time.monotonic() - began:.1f} s")
        print("the same document again:")
        write(server, text)
        edited = text.read_text(encoding="utf-8").replace("once a year", "twice a year", 1)
        text.write_text(edited, encoding="utf-8")
        print("with a word of one sentence changed:")
        server.fault = lambda _: ""
        write(server, text)


def resting(times: int = 10_000) -> None:
    """How soon a call to a service that rests is refused."""

    async def fails() -> None:
        raise Failed("down", "no")

    async def run() -> float:
        breaker = Breaker(first=60.0)
        began = 0.0
        for number in range(times + 5):
            if number == 5:
                began = time.perf_counter()
            try:
                await breaker(fails)
            except Failed:
                continue
        return (time.perf_counter() - began) / times

    print(f"a call to a service that rests is refused in {asyncio.run(run()) * 1e6:.1f} µs")


def slow(folder: Path) -> None:
    """How soon a call ends whose service hangs or drips, with 1 s to read and 2 s in all."""
    from tests.providers.test_remote_voices import desk

    async def say(server: Server) -> float:
        limits = {"read_seconds": 1.0, "deadline_seconds": 2.0, "tries": 1}
        async with desk(server, folder / "slow", **limits) as at:  # type: ignore[arg-type]
            began = time.monotonic()
            try:
                await at.say("The lamp is lit.")
            except inkreel.InkreelError:
                return time.monotonic() - began
        raise AssertionError("it was said")

    def ended(work: Callable[[], float], name: str) -> None:
        print(f"{name}: ended after {work():.2f} s")

    for fault, limit in (("hang", "1 s to read"), ("drip", "2 s in all")):
        with misbehaving(lambda _, fault=fault: fault) as server:
            ended(lambda server=server: asyncio.run(say(server)), f"{fault}, {limit}")


def main() -> None:
    """Ask them all."""
    scenes = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as folder:
        resting()
        slow(Path(folder))
        written(Path(folder), scenes)
        dead(Path(folder))
        dead_together(Path(folder))
        flaky(Path(folder), scenes)


if __name__ == "__main__":
    main()
