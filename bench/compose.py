"""What composing a film costs: ours, the bound, and others; one run of everything.

Three films are composed at 1080p: a generated one that stands still most of the time, a generated
one that moves nearly always, and one of a real document. Everybody gets the same pictures, drawn
beforehand, the same sound and times, and is asked for the same preset and a like quality;
everybody makes an MP4 of it. The bound is x264 as it decides by itself; how much of what we save is
due to our settings, the bound with these tells. The ways follow each other within each run, so
that they meet the same load; ratios are taken within a run, and the medians are told.

Run: `python -m bench.compose [--runs N] [--films still,moving,document] [--scenes N]
[--seconds N] [--alone]`.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from importlib.metadata import version
from itertools import accumulate
from pathlib import Path
from typing import Any

from bench import ours, plot, rivals, sheet, stories
from bench.bound import CRF, bound, lossless
from bench.film import Film, prepare
from bench.likeness import Likeness, compare
from bench.meter import Spent, machine
from inkreel.recipes import Encoding

Json = dict[str, Any]
ENCODING = Encoding()
MOVIEPY_SECONDS = 10
BOUND, OURS = "bound", "bound, encoded as ours"
PLAIN, SKIPPED = "inkreel", "inkreel, skipped pictures"
SCENES = "ffmpeg, a process a scene"
GRAPH, LOOPED = "ffmpeg, one graph, tuned", "ffmpeg, one graph, as its guide"
OWN = 4
"""Ways until here are the bound and ours."""
TUNED, MOVIEPY = "MoviePy, tuned", "MoviePy, as its guide"


@dataclass
class Way:
    """A way to compose a film: `make` writes the video and says what it took."""

    name: str
    make: Callable[[Path], Spent]
    suffix: str = ".mp4"
    window: tuple[int, int] | None = None
    """The frames of the film that it makes, if not all; what that took is scaled."""
    runs: list[Spent] = field(default_factory=list)
    likeness: Likeness | None = None

    def run(self, folder: Path, frames: int) -> Path:
        target = folder / f"{self.name}{self.suffix}"
        spent = self.make(target)
        part = (self.window[1] - self.window[0]) / frames if self.window else 1
        scaled = Spent(spent.wall / part, spent.cpu / part, spent.peak)
        self.runs.append(scaled)
        print(f"    {self.name}: {scaled.line}", file=sys.stderr)
        return target


class Contest:
    """A film and all ways to compose it."""

    def __init__(self, film: Film, ffmpeg: str) -> None:
        self._film = film
        self._ffmpeg = ffmpeg
        told = sheet.write(film)
        rivals.write_captions(told, film.folder / "sheet")
        self._finished = film.folder / "finished.h264"
        self.frames, self.changed = lossless(film, ENCODING, self._finished)
        half, tenth = self.frames // 2, MOVIEPY_SECONDS * ENCODING.fps // 2
        window = half - tenth, half + tenth
        middle, looped = _scenes(told, window)
        theirs = told, film.folder / "sheet", ENCODING
        self.ways = [
            Way(BOUND, partial(bound, film, ENCODING, usual=True), ".h264"),
            Way(OURS, partial(bound, film, ENCODING, usual=False), ".h264"),
            Way(PLAIN, partial(ours.compose, film, skip=False)),
            Way(SKIPPED, partial(ours.compose, film, skip=True)),
            Way(SCENES, partial(rivals.scene_by_scene, *theirs)),
            Way(GRAPH, partial(rivals.one_graph, *theirs, tuned=True)),
            Way(
                LOOPED,
                partial(rivals.one_graph, middle, *theirs[1:], tuned=False),
                window=looped,
            ),
            *(
                Way(
                    name,
                    partial(rivals.moviepy, *theirs[1:], window, tuned=tuned),
                    window=window,
                )
                for name, tuned in ((TUNED, True), (MOVIEPY, False))
            ),
        ]

    @property
    def name(self) -> str:
        return self._film.name

    def run(self) -> None:
        """All ways once, in turn; the first time, what they made is looked at."""
        for way in self.ways:
            made = way.run(self._film.folder, self.frames)
            if way.likeness is None:
                window = way.window or (0, self.frames)
                way.likeness = compare(self._ffmpeg, made, self._finished, window)

    def told(self) -> Json:
        fps = ENCODING.fps
        ways = [self._way(way) for way in self.ways]
        return {
            "film": self._film.name,
            "seconds": self.frames / fps,
            "scenes": len(self._film.scenes),
            "changed": self.changed / self.frames,
            "ways": ways,
        }

    def _way(self, way: Way) -> Json:
        bounds, mine = self.ways[0].runs, self.ways[3].runs
        assert way.likeness
        seen = way.likeness
        return {
            "way": way.name,
            "cpu_seconds": _median([run.cpu for run in way.runs]),
            "cpu_of_bound": _ratio([run.cpu for run in way.runs], [run.cpu for run in bounds]),
            "wall_seconds": _median([run.wall for run in way.runs]),
            "wall_of_skipped": _ratio([run.wall for run in way.runs], [run.wall for run in mine]),
            "wall_of_plain": _ratio(
                [run.wall for run in way.runs], [run.wall for run in self.ways[2].runs]
            ),
            "peak_bytes": _median([run.peak for run in way.runs])
            if way.name not in (BOUND, OURS)
            else None,
            "bytes": round(seen.bytes * self.frames / seen.frames),
            "ssim": seen.ssim,
            "psnr_db": seen.psnr,
            "runs": [{"wall": run.wall, "cpu": run.cpu, "peak": run.peak} for run in way.runs],
        }


def _scenes(sheet: Json, window: tuple[int, int]) -> tuple[Json, tuple[int, int]]:
    """The scenes that are seen in a window, and their frames."""
    ends = list(accumulate(scene["frames"] for scene in sheet["scenes"]))
    starts = [0, *ends[:-1]]
    within = [
        number
        for number, (start, end) in enumerate(zip(starts, ends, strict=True))
        if start < window[1] and end > window[0]
    ]
    first, last = within[0], within[-1]
    part = {**sheet, "scenes": sheet["scenes"][first : last + 1]}
    return part, (starts[first], ends[last])


def _median(values: list[float]) -> float:
    return round(statistics.median(values), 3)


def _ratio(values: list[float], of: list[float]) -> float:
    return round(statistics.median(a / b for a, b in zip(values, of, strict=True)), 3)


HEADINGS = (
    "way",
    "CPU s",
    "of the bound",
    "wall s",
    "× real time",
    "wall of ours",
    "peak MB",
    "picture kB",
    "SSIM",
    "PSNR dB",
)


def table(told: Json) -> str:
    """A table in Markdown for each film."""
    lines = []
    for film in told["films"]:
        lines += ["", f"**{film['film']}**, {plot.about(film)}", ""]
        lines += [f"| {' | '.join(HEADINGS)} |", f"|---{'|--:' * (len(HEADINGS) - 1)}|"]
        lines += [f"| {' | '.join(_cells(film, way))} |" for way in film["ways"]]
    return "\n".join(lines)


def _cells(film: Json, way: Json) -> list[str]:
    return [
        way["way"],
        f"{way['cpu_seconds']:.1f}",
        f"{way['cpu_of_bound']:.2f}",
        f"{way['wall_seconds']:.1f}",
        f"{film['seconds'] / way['wall_seconds']:.1f}",
        f"{way['wall_of_skipped']:.1f}",
        f"{way['peak_bytes'] / 1e6:,.0f}" if way["peak_bytes"] else "–",
        f"{way['bytes'] / 1000:,.0f}",
        f"{way['ssim']:.5f}",
        f"{way['psnr_db']:.1f}",
    ]


def boards(
    chosen: list[str], scenes: int, seconds: float, cache: Path
) -> list[tuple[str, Any, Any]]:
    """Name, storyboard and what is done to its pictures."""
    made = {
        "still": lambda: (stories.still(scenes), None),
        "moving": lambda: (stories.moving(scenes), stories.cut),
        "document": lambda: (stories.document(seconds, cache), None),
    }
    return [(name, *made[name]()) for name in chosen]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--scenes", type=int, default=12, help="of the generated films")
    parser.add_argument("--seconds", type=float, default=60, help="of the document's film")
    parser.add_argument("--films", default="still,moving,document")
    parser.add_argument("--alone", action="store_true", help="the bound and ours, without rivals")
    parser.add_argument("-o", "--output", type=Path, default=Path("out/bench"))
    options = parser.parse_args()
    rivals.install()
    path, number = rivals.ffmpeg()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        # Where its film is prepared: the pictures that the document brings lie there, too.
        cache = folder / "document" / "raw"
        chosen = boards(options.films.split(","), options.scenes, options.seconds, cache)
        contests = [
            Contest(prepare(board, folder / film, redraw), path) for film, board, redraw in chosen
        ]
        if options.alone:
            for contest in contests:
                del contest.ways[OWN:]
        for run in range(options.runs):
            for contest in contests:
                print(f"  run {run + 1}, {contest.name}", file=sys.stderr)
                contest.run()
        told = {
            "machine": machine(),
            "preset": ENCODING.preset,
            "crf": CRF,
            "qp": ENCODING.qp,
            "runs": options.runs,
            "ffmpeg": number,
            "moviepy": rivals.moviepy_version(),
            "pyav": version("av"),
            "films": [contest.told() for contest in contests],
        }
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "compose.json").write_text(json.dumps(told, indent=1))
    if not options.alone:
        (options.output / "compose.svg").write_text(plot.compose(told))
    print(f"{told['machine']}; ffmpeg {number}, MoviePy {told['moviepy']}, PyAV {told['pyav']}")
    print(table(told))


if __name__ == "__main__":
    main()
