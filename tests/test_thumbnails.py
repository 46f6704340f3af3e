"""Thumbnails beside a video: what players show over their seek bars."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path
from urllib.parse import unquote

import av
import numpy as np

import inkreel
from inkreel.model import Counts, Result, SceneResult
from tests.conftest import DOCUMENT, Made

FPS = 30
CUE = re.compile(r"^(\S+) --> (\S+)\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)$", re.MULTILINE)


class Thumbnails:
    """Read as a player does: when each is shown, in frames `[start, end)`, and its pixels."""

    def __init__(self, video: Path) -> None:
        cues = CUE.findall(video.with_suffix(".thumbnails.vtt").read_text(encoding="utf-8"))
        assert len({cue[2] for cue in cues}) == 1
        with av.open(str(video.parent / unquote(cues[0][2]))) as file:
            sheet = next(file.decode(video=0)).to_ndarray(format="rgb24")
        self.edges = [(_frame(start), _frame(end)) for start, end, *_ in cues]
        self.pictures = []
        for x, y, width, height in ([int(number) for number in cue[3:]] for cue in cues):
            picture = sheet[y : y + height, x : x + width].astype(int)
            assert picture.shape == (height, width, 3), "it lies in its sheet"
            self.pictures.append(picture)

    def of(self, scene: SceneResult) -> list[np.ndarray]:
        """The pictures of a scene."""
        first, end = round(scene.start * FPS), round((scene.start + scene.seconds) * FPS)
        return [
            picture
            for (start, _), picture in zip(self.edges, self.pictures, strict=True)
            if first <= start < end
        ]


def _frame(stamp: str) -> int:
    hours, minutes, seconds = stamp.split(":")
    return int((60 * int(hours) + int(minutes)) * 60 * FPS + float(seconds) * FPS + 1e-6)


def make(made: Made, folder: Path, text: str = DOCUMENT, *, thumbnails: bool = True) -> Result:
    """Make it again over a copy of the store, under a name that a link cannot hold as it is."""
    cache = folder / "cache"
    if not cache.exists():
        shutil.copytree(made.cache, cache)
    document = folder / "tides.md"
    document.write_text(text, encoding="utf-8")
    video = folder / "thuỷ triều #1.mp4"
    options = {"size": "1280x720", "captions": "both", "thumbnails": thumbnails}
    return inkreel.make(document, video, cache=cache, **options)


def test_they_show_the_film(made: Made, tmp_path: Path) -> None:
    """They are written when they are asked for, from what was made before. Their cues tile the
    video; each shows the frame in its middle, scaled down; neighbouring scenes look different."""
    make(made, tmp_path, thumbnails=False)
    assert not list(tmp_path.glob("*thumbnails*"))
    result = make(made, tmp_path)
    assert result.made == Counts()
    small = Thumbnails(Path(result.video))
    assert small.edges[0][0] == 0
    assert small.edges[-1][1] == round(result.seconds * FPS)
    assert all(end == start for (_, end), (start, _) in itertools.pairwise(small.edges))
    middles = {sum(edge) // 2: at for at, edge in enumerate(small.edges)}
    compared = 0
    with av.open(result.video) as file:
        for number, frame in enumerate(file.decode(video=0)):
            if number in middles:
                picture = small.pictures[middles[number]]
                height, width, _ = picture.shape
                film = frame.reformat(width, height, "rgb24", interpolation="AREA").to_ndarray()
                assert np.abs(film.astype(int) - picture).mean() < 4
                compared += 1
    assert compared == len(small.pictures)
    firsts = [small.of(scene)[0] for scene in result.scenes]
    for one, following in itertools.pairwise(firsts):
        assert np.abs(one - following).mean() > 4


def test_a_changed_scene_has_new_ones_alone(made: Made, tmp_path: Path) -> None:
    """After an edit the thumbnails of all other scenes are the same to the pixel."""
    before = make(made, tmp_path)
    old = Thumbnails(Path(before.video))
    after = make(made, tmp_path, DOCUMENT.replace("A strong wind", "A steady wind"))
    new = Thumbnails(Path(after.video))
    assert any(scene.made for scene in after.scenes)
    same = [scene for scene in after.scenes if not scene.made]
    assert len(same) >= len(after.scenes) - 2
    was = {scene.id: scene for scene in before.scenes}
    for scene in same:
        for one, other in zip(old.of(was[scene.id]), new.of(scene), strict=True):
            assert np.array_equal(one, other)
