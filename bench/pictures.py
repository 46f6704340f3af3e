"""How long a picture takes, and whether thousands of random ones keep the rules.

    make pictures, or python -m bench.pictures [--random 2000]

Draws the gallery in every theme and shape, then random scenes of every kind, in one process on one
core. Prints CPU milliseconds with all layers (median, 95th percentile), and how many random scenes
left their box, overlapped, could not be read where they stand, were small, lost a letter without a
word, or were not the same bytes twice. Memory is measured in a process that only draws the same
random scenes, one after the other, as a worker does: what it holds after each tenth (each has the
same mix of kinds and sizes), and by how much that grows in the second half.
"""

from __future__ import annotations

import argparse
import os
import pickle
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any, get_args, get_type_hints

import msgspec
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from inkreel.backends.hatching import CALM  # noqa: E402
from inkreel.errors import DiagramTooLarge  # noqa: E402
from inkreel.model import (  # noqa: E402
    SIZES,
    THEMES,
    DiagramVisual,
    Edge,
    ImageVisual,
    Node,
    Picture,
)
from inkreel.recipes import DrawRequest  # noqa: E402
from inkreel.visuals import draw  # noqa: E402
from inkreel.wiring import gallery  # noqa: E402
from tests.visuals import test_fit  # noqa: E402
from tests.visuals.graphs import graphs  # noqa: E402
from tests.visuals.scenes import MemoryShelf, request, requests  # noqa: E402

Graph = tuple[tuple[Node, ...], tuple[Edge, ...]]
_TENTHS = 10
FORMS = get_args(get_type_hints(DiagramVisual)["form"])


def memory() -> float:
    """Resident megabytes."""
    status = Path("/proc/self/status").read_text("utf-8")
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1000


def samples(shelf: MemoryShelf) -> Iterator[DrawRequest]:
    """The gallery."""
    svg = shelf.save((ROOT / "src/inkreel/wiring/gallery.svg").read_bytes())
    for theme in THEMES:
        for shape in gallery.USUAL:
            for scene in gallery.samples().scenes:
                visual = scene.visual
                if isinstance(visual, ImageVisual):
                    visual = msgspec.structs.replace(visual, digest=svg)
                width, height = gallery.SHAPES[shape]
                yield DrawRequest(
                    heading=scene.heading,
                    eyebrow=scene.eyebrow,
                    visual=visual,
                    language="vi",
                    theme=theme,
                    width=width,
                    height=height,
                )


def timed(request: DrawRequest, shelf: MemoryShelf) -> tuple[float, Picture]:
    begin = time.process_time()
    picture = draw(request, shelf)
    return 1000 * (time.process_time() - begin), picture


def say(name: str, times: list[float]) -> None:
    ranked = sorted(times)
    print(
        f"{name}: {len(times)} pictures, median {statistics.median(ranked):.0f} ms, "
        f"95th percentile {ranked[int(0.95 * (len(ranked) - 1))]:.0f} ms, "
        f"longest {ranked[-1]:.0f} ms of CPU"
    )


def by_kind(requests: Iterable[tuple[DrawRequest, float]]) -> None:
    kinds: dict[str, list[float]] = {}
    for asked, took in requests:
        kinds.setdefault(asked.visual.kind, []).append(took)
    for kind, times in sorted(kinds.items()):
        say(f"  {kind}", times)


def large(count: int, shelf: MemoryShelf) -> None:
    """Diagrams of up to 30 nodes, of every form."""
    sizes: list[int] = []
    times: list[float] = []

    @settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(graphs(edges=1.1), st.sampled_from(FORMS), st.sampled_from(sorted(SIZES)))
    def one(graph: Graph, form: Any, size: str) -> None:
        visual = DiagramVisual(form=form, nodes=graph[0], edges=graph[1])
        try:
            took, picture = timed(request(visual, size), shelf)
        except DiagramTooLarge:
            sizes.append(0)
            return
        times.append(took)
        sizes.append(picture.text_px)

    one()
    say("diagrams of up to 30 nodes", times)
    shares = (sum(size >= least for size in sizes) / len(sizes) for least in (28, 24, 1))
    readable, fair, drawn = (f"{share:.0%}" for share in shares)
    print(f"  {readable} at 28 px or more, {fair} at 24 or more, {drawn} drawn, the others refused")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--random", type=int, default=2000)
    parser.add_argument("--memory", action="store_true", help="measure nothing but memory")
    parser.add_argument("--only-draw", type=Path, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.only_draw:
        only_draw(asked.only_draw, asked.random)
        return
    if not asked.memory:
        rules(asked.random)
    held(asked.random)


def rules(count: int) -> None:
    """Times, and what random scenes break."""
    shelf = MemoryShelf()
    for asked in list(samples(shelf))[:30]:
        draw(asked, shelf)
    drawn = [(request, timed(request, shelf)[0]) for request in samples(shelf)]
    say("gallery", [took for _, took in drawn])
    by_kind(drawn)
    times: list[float] = []
    broken: list[str] = []
    refused: list[DrawRequest] = []
    drawn = []

    @same(count)
    @given(requests)
    def one(request: DrawRequest) -> None:
        try:
            took, picture = timed(request, shelf)
        except DiagramTooLarge:
            refused.append(request)
            return
        drawn.append((request, took))
        times.append(took)
        if draw(request, shelf) != picture:
            broken.append("bytes")
        for check in (
            test_fit.test_ink_stays_inside_the_content_box,
            test_fit.test_texts_do_not_overlap,
            test_fit.test_text_can_be_read_where_it_stands,
            test_fit.test_small_text_is_told,
            test_fit.test_no_letter_is_lost,
        ):
            try:
                check.hypothesis.inner_test(request)  # type: ignore[attr-defined]
            except AssertionError:
                broken.append(check.__name__)

    one()
    say("random", times)
    by_kind(drawn)
    print(f"{len(refused)} diagrams were refused as too large")
    large(count // 4, shelf)
    print(f"rules broken: {sorted(broken) or 'none'}")


def same(count: int) -> settings:
    """So many random scenes, each time the same."""
    return settings(
        max_examples=count,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def held(count: int) -> None:
    """Have a process of its own draw random scenes, with the settings of a worker: it reads one at
    a time, and keeps none."""
    with tempfile.NamedTemporaryFile(suffix=".scenes") as file:
        write_scenes(file, count)
        file.flush()
        asked = ["--random", str(count), "--only-draw", file.name]
        command = [sys.executable, "-m", "bench.pictures", *asked]
        subprocess.run(command, cwd=ROOT, env={**os.environ, **CALM}, check=True)


def write_scenes(file: IO[bytes], count: int) -> None:
    """Random scenes, one after the other."""

    @same(count)
    @given(requests)
    def one(request: DrawRequest) -> None:
        pickle.dump(request, file)

    one()


def only_draw(scenes: Path, count: int) -> None:
    """Draw the scenes of a file, and say what is held after each tenth."""
    shelf, levels = MemoryShelf(), []
    apart = max(1, count // _TENTHS)
    with scenes.open("rb") as file:
        for number in range(1, count + 1):
            try:
                draw(pickle.load(file), shelf)
            except DiagramTooLarge:
                pass
            except EOFError:
                break
            if number % apart == 0:
                levels.append(memory())
    say_memory(levels, apart)


def say_memory(held: list[float], apart: int) -> None:
    """What is held after each tenth: caches fill in the first half, a leak grows in the second."""
    late = held[len(held) // 2 :]
    slope = statistics.linear_regression(range(len(late)), late).slope if len(late) > 1 else 0.0
    told = " → ".join(f"{each:.0f}" for each in held)
    print(f"memory by tenths: {told} MB; later {1000 * slope / apart:+.0f} MB per 1,000")


if __name__ == "__main__":
    main()
