"""The film composed by others: by one ffmpeg filter graph, by ffmpeg scene by scene, by MoviePy.

Each is written as somebody would who knows it well: every file is decoded once, is converted once,
fades only while it fades, and is blended where it lies; the encoder is asked for the same preset,
quality and tuning as ours, the colours are BT.709 in limited range. The one filter graph and
MoviePy are measured a second time as their guides use them: an input that is looped (`-loop 1`)
for each picture, a clip for each layer.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from bench.bound import CRF
from bench.meter import Spent, cores, spending
from inkreel.recipes import Encoding

Json = dict[str, Any]
ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "bench" / "requirements-rivals.txt"
HOME = ROOT / ".venv" / "rivals"
PYTHON = HOME / "bin" / "python"

YUV = "scale=out_color_matrix=bt709:out_range=tv:flags=accurate_rnd+full_chroma_int,format={}"
AUDIO = ["-c:a", "aac", "-ac", "2", "-b:a", "128k"]
TAGS = "color_primaries=bt709:color_trc=bt709:colorspace=bt709:range=tv"
EASE = "pow(1-min(1,(t*{fps}-{start}+1)/{length}),3)"
"""What is left of a motion that starts fast and ends calmly."""
LINEAR = 0.55
"""A linear fade of this share of the time comes closest to an eased one; ffmpeg has no other."""


def install() -> None:
    """The rivals' environment, from its hashed lock."""
    uv, made = [sys.executable, "-m", "uv"], HOME / ".made"
    if made.exists() and made.read_bytes() == LOCK.read_bytes():
        return
    print("Setting up the rivals' environment (once) …", file=sys.stderr)
    subprocess.run([*uv, "venv", "--quiet", "--clear", HOME], check=True)
    packages = ["--require-hashes", "--requirement", LOCK]
    subprocess.run([*uv, "pip", "install", "--quiet", "--python", PYTHON, *packages], check=True)
    made.write_bytes(LOCK.read_bytes())


def ffmpeg() -> tuple[str, str]:
    """The newest ffmpeg at hand and its version: MoviePy's, or the one on the PATH."""
    asked = "import imageio_ffmpeg as i; print(i.get_ffmpeg_exe())"
    own = subprocess.run([PYTHON, "-c", asked], check=True, capture_output=True, text=True)
    found = [own.stdout.strip(), shutil.which("ffmpeg")]
    return max(
        ((path, _version(path)) for path in found if path), key=lambda each: _numbers(each[1])
    )


def moviepy_version() -> str:
    told = "from importlib.metadata import version; print(version('moviepy'))"
    asked = subprocess.run([PYTHON, "-c", told], check=True, capture_output=True, text=True)
    return asked.stdout.strip()


def _version(path: str) -> str:
    told = subprocess.run([path, "-version"], check=True, capture_output=True, text=True).stdout
    return told.split()[2]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in re.findall(r"\d+", version)[:3]]


# --- ffmpeg --------------------------------------------------------------------------------------


class Graph:
    """Inputs and filters of an ffmpeg command, scene by scene."""

    def __init__(self, sheet: Json, *, tuned: bool = True) -> None:
        self._sheet = sheet
        self._tuned = tuned
        self._frames = 0
        self.inputs: list[str] = []
        self.filters: list[str] = []
        self._labels = 0
        self._fps = sheet["fps"]

    def scene(self, scene: Json) -> str:
        """Add a scene; answers the label of its frames."""
        frames = self._frames = scene["frames"]
        base = self._file(scene["base"], YUV.format("yuv420p"))
        at = self._add(f"[{base}]{self._looped(frames)}")
        if scene["lead"]:
            at = self._transition(at, scene)
        for layer in scene["layers"]:
            at = self._layer(at, layer)
        return self._captions(at, scene["captions"])

    def write(self, path: Path) -> None:
        path.write_text(";\n".join(self.filters))

    def _transition(self, at: str, scene: Json) -> str:
        lead, width, before = scene["lead"], self._sheet["width"], scene["before"]
        enable = self._during(0, lead)
        if scene["effect"] == "slide":
            share = f"st(0,(t*{self._fps}+1)/{lead + 1});st(1,ld(0)*ld(0)*(3-2*ld(0)))"
            for file, origin in ((before, 0), (scene["base"], width)):
                moved = self._file(file, YUV.format("yuv420p"))
                x = f"x='{share};{origin}-2*round(ld(1)*{width / 2})'"
                at = self._over(at, moved, f"{x}:{enable}")
            return at
        chain = f"{YUV.format('yuva420p')},{self._looped(lead)}"
        fading = self._file(before, f"{chain},fade=out:0:{lead + 1}:alpha=1")
        return self._over(at, fading, enable)

    def _layer(self, at: str, layer: Json) -> str:
        start, length = layer["start"], layer["length"]
        x, y, width, height = (layer[name] for name in ("x", "y", "width", "height"))
        left = EASE.format(fps=self._fps, **layer)
        last = layer["end"] if layer["leave"] else start + length
        # The last of these frames stays to the scene's end.
        moving = self._looped(last - start, start)
        chain = [YUV.format("yuva420p")]
        if layer["motion"] == "wipe":
            # A window over the layer's left neighbourhood moves onto it, and is laid where it is.
            covered = f"2*round({width / 2}*{left})"
            chain += [f"pad={2 * width}:{height}:{width}:0:black@0", moving]
            chain += [f"crop={width}:{height}:'{width}-{covered}':0"]
            x = f"'{x}-{covered}'"
        elif layer["motion"] == "grow":
            covered = f"2*round({height / 2}*{left})"
            chain += [f"pad={width}:{2 * height}:0:0:black@0", moving]
            chain += [f"crop={width}:{height}:0:'{covered}'"]
            y = f"'{y}+{covered}'"
        else:
            chain += [moving, self._fade("in", start, length * LINEAR)]
            y = f"'{y}+2*round({layer['sink'] / 2}*{left})'" if layer["sink"] else y
        if layer["leave"]:
            chain += [self._fade("out", layer["leave"], last - layer["leave"])]
        file = self._file(layer["file"], ",".join(chain))
        return self._over(at, file, f"x={x}:y={y}:{self._during(start, layer['end'])}")

    def _looped(self, frames: int, start: int = 0) -> str:
        """So many frames of a still, from `start` on."""
        if not self._tuned:
            return "null"  # its input is looped, through all of the scene
        return f"loop={frames - 1}:1,setpts=(N+{start})/{self._fps}/TB"

    def _fade(self, way: str, start: int, frames: float) -> str:
        return f"fade=t={way}:st={start / self._fps:.6f}:d={frames / self._fps:.6f}:alpha=1"

    def _during(self, start: int, end: int) -> str:
        first, last = ((frame - 0.5) / self._fps for frame in (start, end))
        return f"enable='between(t,{first:.6f},{last:.6f})'"

    def _captions(self, at: str, captions: list[Json]) -> str:
        self.inputs += ["-f", "concat", "-safe", "0", "-i", _list(captions)]
        shown = self._add(f"[{self._count}:v]{YUV.format('yuva420p')}")
        x, y = self._sheet["strip"]
        return self._over(at, shown, f"x={x}:y={y}")

    def _file(self, file: str, chain: str) -> str:
        if not self._tuned:
            self.inputs += ["-loop", "1", "-t", f"{self._frames / self._fps:.6f}"]
        self.inputs += ["-framerate", str(self._fps), "-i", file]
        return self._add(f"[{self._count}:v]{chain}")

    @property
    def _count(self) -> int:
        """The number of the last input."""
        return self.inputs.count("-i") - 1

    def _over(self, below: str, above: str, options: str) -> str:
        return self._add(f"[{below}][{above}]overlay={options}")

    def _add(self, chain: str) -> str:
        self._labels += 1
        self.filters.append(f"{chain}[l{self._labels}]")
        return f"l{self._labels}"


def write_captions(sheet: Json, folder: Path) -> None:
    """For each scene a list of what stands on the strip, and how long."""
    for scene in sheet["scenes"]:
        lines = ["ffconcat version 1.0"]
        for caption in scene["captions"]:
            lines += [f"file {caption['file']}", f"option framerate {sheet['fps']}"]
            lines += [f"duration {caption['frames'] / sheet['fps']:.6f}"]
        (folder / _list(scene["captions"])).write_text("\n".join(lines))


def _list(captions: list[Json]) -> str:
    return f"{captions[0]['file']}.txt"


def one_graph(sheet: Json, folder: Path, encoding: Encoding, target: Path, *, tuned: bool) -> Spent:
    """The whole film, or some scenes of it, in one command."""
    graph = Graph(sheet, tuned=tuned)
    scenes = [graph.scene(scene) for scene in sheet["scenes"]]
    labels = "".join(f"[{label}]" for label in scenes)
    graph.filters.append(f"{labels}concat=n={len(scenes)},setparams={TAGS}[film]")
    graph.write(folder / "film.graph")
    seconds = sum(scene["frames"] for scene in sheet["scenes"]) / sheet["fps"]
    sound = [
        "-t",
        f"{seconds:.6f}",
        "-i",
        "sound.wav",
        *_map("film"),
        "-map",
        f"{graph.inputs.count('-i')}:a",
    ]
    command = [*graph.inputs, *sound, *_filter("film.graph"), *_video(encoding), *AUDIO]
    with spending() as spent:
        _ffmpeg([*command, "-movflags", "+faststart", str(target)], folder)
    return spent


def scene_by_scene(sheet: Json, folder: Path, encoding: Encoding, target: Path) -> Spent:
    """A command for each scene, one a core at a time, and one that joins them."""
    jobs = []
    for number, scene in enumerate(sheet["scenes"]):
        graph = Graph(sheet)
        label = graph.scene(scene)
        graph.filters.append(f"[{label}]setparams={TAGS}[film]")
        graph.write(folder / f"{number:02}.graph")
        threads = ["-filter_complex_threads", "1", *_filter(f"{number:02}.graph")]
        encoder = [*_video(encoding), "-threads", "1"]
        jobs.append([*graph.inputs, *threads, *_map("film"), *encoder, f"{number:02}.mp4"])
    names = [f"file {number:02}.mp4" for number in range(len(jobs))]
    (folder / "scenes.txt").write_text("\n".join(names))
    joined = ["-f", "concat", "-i", "scenes.txt", "-i", "sound.wav", "-c:v", "copy"]
    with spending() as spent:
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(lambda job: _ffmpeg(job, folder), jobs))
        ending = [*AUDIO, "-movflags", "+faststart", str(target)]
        _ffmpeg([*joined, *ending], folder)
    return spent


def _ffmpeg(arguments: list[str], folder: Path) -> None:
    command = [ffmpeg()[0], "-y", "-v", "error", "-nostdin", *arguments]
    subprocess.run(command, cwd=folder, check=True)


def _filter(file: str) -> list[str]:
    return ["-/filter_complex", file]


def _map(label: str) -> list[str]:
    return ["-map", f"[{label}]"]


def _video(encoding: Encoding) -> list[str]:
    """What one asks x264 for who leaves the rest to it: our preset, and a quality like ours."""
    settings = ["-c:v", "libx264", "-preset", encoding.preset, "-crf", str(CRF)]
    settings += ["-tune", "animation", "-g", str(round(encoding.keyframe_seconds * encoding.fps))]
    colours = ["-color_primaries", "bt709", "-color_trc", "bt709", "-colorspace", "bt709"]
    return [*settings, "-pix_fmt", "yuv420p", *colours, "-color_range", "tv"]


# --- MoviePy -------------------------------------------------------------------------------------


def moviepy(
    folder: Path, encoding: Encoding, window: tuple[int, int], target: Path, *, tuned: bool
) -> Spent:
    """Frames `window` of the film, by a program as the guide shows or by a tuned one. Loading is
    not counted: it does not grow with the film."""
    how = "tuned" if tuned else "default"
    arguments = [*map(str, window), json.dumps(_video(encoding)), str(target), how]
    script = [PYTHON, ROOT / "bench" / "rival_moviepy.py", *arguments]
    environment = {**os.environ, "FFMPEG_BINARY": ffmpeg()[0]}
    with spending() as spent:
        told = subprocess.run(
            script, cwd=folder, env=environment, check=True, stdout=subprocess.PIPE, text=True
        )
    loading = json.loads(told.stdout.splitlines()[-1])
    spent.wall -= loading["wall"]
    spent.cpu -= loading["cpu"]
    return spent
