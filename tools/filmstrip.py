"""The demo's video → docs/images/demo.webp: six frames of it, one for each kind of picture.

python tools/filmstrip.py
"""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pyvips

import inkreel
from inkreel.model import SceneResult

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "examples" / "gioi-thieu.vi.md"
VIDEO = ROOT / "out" / "gioi-thieu.vi.mp4"
STRIP = ROOT / "docs" / "images" / "demo.webp"

KINDS = ("title", "chart", "code", "slide", "formula", "table")
"""In reading order; a kind that the video lacks is made up for by another scene."""
ACROSS = 3
SCALE = 1 / 3
GAP = 16
LATE = 0.9
"""How far into a scene its frame is taken: nearly everything has appeared."""


def choose(scenes: tuple[SceneResult, ...]) -> list[SceneResult]:
    """The last scene of each kind, then others, as many as there are kinds."""
    chosen: list[SceneResult] = []
    for kind in (*KINDS, *(scene.visual for scene in scenes)):
        fresh = [scene for scene in scenes if scene.visual == kind and scene not in chosen]
        chosen += fresh[-1:]
    return chosen[: len(KINDS)]


def frame(video: Path, second: float) -> pyvips.Image:
    """The frame that is seen at this second, made smaller."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        container.seek(int(Fraction(second) / stream.time_base), stream=stream)
        for picture in container.decode(stream):
            if picture.time >= second:
                pixels: np.ndarray = picture.to_ndarray(format="rgb24")
                return pyvips.Image.new_from_array(pixels).resize(SCALE)
    raise ValueError(f"{video} has no frame at {second} s")


def main() -> None:
    """Make the video (or find it), and the picture."""
    VIDEO.parent.mkdir(exist_ok=True)
    scenes = choose(inkreel.make(DOCUMENT, VIDEO).scenes)
    frames = [frame(VIDEO, scene.start + LATE * scene.seconds) for scene in scenes]
    strip = pyvips.Image.arrayjoin(frames, across=ACROSS, shim=GAP, background=[214, 217, 230])
    STRIP.parent.mkdir(exist_ok=True)
    strip.webpsave(str(STRIP), Q=82)
    print(STRIP)


if __name__ == "__main__":
    main()
