"""A document becomes something to listen to."""

from __future__ import annotations

import asyncio
from collections import Counter
from pathlib import Path

import av
import pytest

import inkreel
from inkreel.backends.files import FileStore
from inkreel.errors import OptionError
from tests.conftest import Made


def packets(path: Path) -> list[tuple[int | None, bytes]]:
    """The sound's packets with their times."""
    with av.open(path) as file:
        stream = file.streams.audio[0]
        return [(packet.pts, bytes(packet)) for packet in file.demux(stream) if packet.size]


def test_only_the_sound_is_made(made: Made, tmp_path: Path) -> None:
    """An .m4a holds the video's very packets, its chapters, title, language and poster, with
    captions beside it; and of all pictures only the cover is drawn, none encoded."""
    place = tmp_path / "tides.m4a"
    result = inkreel.make(made.document, place, cache=tmp_path / "cache", size="1280x720")
    assert packets(place) == packets(made.video)
    assert result.seconds == made.result.seconds
    assert [scene.start for scene in result.scenes] == [one.start for one in made.result.scenes]
    assert all(scene.made for scene in result.scenes)
    assert (result.made.clips, result.made.pictures) == (0, 0)
    roles = Counter(entry.role for entry in FileStore(tmp_path / "cache").entries())
    assert (roles["picture"], roles["sound"]) == (1, len(result.scenes))
    assert not roles.keys() & {"clip", "transition", "captions", "thumbnail"}

    with av.open(place) as file, av.open(made.video) as video:
        assert file.chapters() == video.chapters()
        assert file.metadata["title"] == video.metadata["title"]
        assert file.metadata["major_brand"] == "M4A "
        assert file.streams.audio[0].metadata["language"] == "eng"
        assert file.duration == video.duration
        cover = [bytes(packet) for packet in file.demux(video=0) if packet.size]
    assert cover == [made.video.with_suffix(".jpg").read_bytes()]
    assert sorted(path.name for path in tmp_path.glob("tides.*")) == [
        "tides.m4a",
        "tides.srt",
        "tides.vtt",
    ]
    assert "pressure" in place.with_suffix(".srt").read_text(encoding="utf-8")


def test_a_name_says_what_it_is(tmp_path: Path) -> None:
    """Neither film nor sound: refused before anything is done."""
    with pytest.raises(OptionError, match=r"\.mp4 or \.m4a"):
        asyncio.run(inkreel.make_async("a.md", tmp_path / "a.mp3"))
