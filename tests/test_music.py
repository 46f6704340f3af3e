"""Music under the voice, from the file to the finished video."""

from __future__ import annotations

import shutil
from pathlib import Path

import av
import numpy as np
import pytest

import inkreel
from inkreel.backends.files import FileStore
from inkreel.errors import InputNotFound, MusicUnreadable, OptionError
from inkreel.model import Counts, Result
from tests.conftest import DOCUMENT, Made
from tests.music.files import loudness, write
from tests.thorough import thorough


@pytest.fixture(scope="module")
def music(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Nine seconds of a chord that swells, in 44.1 kHz stereo."""
    path = tmp_path_factory.mktemp("music") / "chord.mp3"
    at = np.arange(9 * 44_100) / 44_100
    tones = np.array([196, 247, 294, 392])[:, None]
    swell = 0.6 + 0.4 * np.sin(2 * np.pi * at / 4)
    sides = [np.sin(2 * np.pi * tones * pitch * at).sum(0) for pitch in (1, 1.004)]
    write(path, np.stack(sides) * swell * 0.1, 44_100)
    return path


def make(made: Made, place: Path, text: str = DOCUMENT, **options: object) -> Result:
    """Make it over a copy of the store in which it was made without music."""
    cache = place.parent / "cache"
    if not cache.exists():
        shutil.copytree(made.cache, cache)
    document = place.parent / "tides.md"
    document.write_text(text, encoding="utf-8")
    return inkreel.make(
        document, place, cache=cache, **{"size": "1280x720", "captions": "both", **options}
    )


def sound(path: Path) -> np.ndarray:
    with av.open(path) as file:
        return np.concatenate([frame.to_ndarray() for frame in file.decode(audio=0)], axis=1)


def sounds(cache: Path) -> int:
    return sum(entry.role == "sound" for entry in FileStore(cache).entries())


def test_music_changes_no_picture(made: Made, music: Path, tmp_path: Path) -> None:
    """Of a video that is there only the sound is made again; the length stays, and an edit then
    re-makes pictures of its own scenes alone, but the sound of those behind it, too."""
    video = tmp_path / "tides.mp4"
    before = sounds(made.cache)
    with_music = make(made, video, music=music)
    assert with_music.made == Counts()
    assert with_music.seconds == made.result.seconds
    assert sounds(tmp_path / "cache") == before + len(with_music.scenes)
    again = make(made, video, music=music)
    assert sounds(tmp_path / "cache") == before + len(again.scenes)
    assert make(made, video).made == Counts()
    assert video.read_bytes() == made.video.read_bytes(), "without music it is what it was"

    text = DOCUMENT.replace("A tide table tells when", "Then a tide table tells us all when")
    edited = make(made, video, text, music=music)
    assert edited.scenes[0].made
    assert edited.made.clips <= 2
    assert sounds(tmp_path / "cache") == before + 2 * len(edited.scenes)


@pytest.mark.parametrize("fps", [24, pytest.param(30, marks=thorough)])
def test_music_lies_under_the_voice(made: Made, music: Path, tmp_path: Path, fps: int) -> None:
    """The whole is as loud as the web expects and its true peak below −1 dBTP; the voice is where
    it was, to the sample, with stereo music about it that begins and ends in silence."""
    place = tmp_path / "tides.m4a"
    make(made, place, fps=fps)
    plain = sound(place)
    make(made, place, fps=fps, music=music, music_volume=6)
    full = sound(place)
    assert full.shape == plain.shape
    measured, peak = loudness(full)
    assert -17 <= measured <= -15
    assert peak <= -1
    added = full - plain
    assert np.abs(added[:, :1_000]).max() < 0.01
    assert np.abs(full[:, -2_000:]).max() < 1e-3
    left, right = added[:, 100_000:-200_000]
    assert np.corrcoef(left, right)[0, 1] < 0.9
    assert -40 < loudness(added)[0] < -25
    middle = plain.shape[1] // 2
    window = plain[0, middle : middle + 48_000]
    fit = np.correlate(full[0, middle - 50 : middle + 48_050], window)
    assert int(np.argmax(fit)) == 50


def test_bad_music_is_refused(made: Made, tmp_path: Path) -> None:
    """What is no music, is not there, is too large or too loud has an error of its own."""
    place, broken = tmp_path / "tides.m4a", tmp_path / "broken.mp3"
    broken.write_bytes(b"ID3" + bytes(10_000))
    with pytest.raises(MusicUnreadable):
        make(made, place, music=broken)
    with pytest.raises(MusicUnreadable, match="more than"):
        make(made, place, music=broken, max_music_bytes=5_000)
    with pytest.raises(InputNotFound):
        make(made, place, music=tmp_path / "none.mp3")
    with pytest.raises(OptionError, match="music_volume"):
        make(made, place, music=broken, music_volume=20)
    assert not place.exists()
