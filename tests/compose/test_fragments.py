"""Fragments: what a player sees while the video is still being made."""

from __future__ import annotations

import io

import av
import numpy as np
import pytest

from inkreel.compose import fragments
from inkreel.compose.mux import Movie
from inkreel.model import SAMPLE_RATE
from tests.compose.handmade import HEIGHT, WIDTH, MemoryShelf
from tests.compose.test_movie import RATE, Made, make_scenes


@pytest.fixture(scope="module")
def scenes() -> list[Made]:
    return make_scenes(MemoryShelf(), 5)


def published(scenes: list[Made], upto: int | None = None) -> bytes:
    """What a player has fetched when `upto` scenes were ready."""
    data = fragments.initialisation(scenes[0].footage, (WIDTH, HEIGHT), RATE)
    for number, scene in enumerate(scenes[:upto]):
        data += fragments.fragment(number, scene.start, scene.footage, RATE)
    return data


def decoded(data: bytes | str) -> tuple[list[tuple[float, bytes]], np.ndarray, float]:
    """Frames with their times, sound, and the time of its first sample."""
    source = io.BytesIO(data) if isinstance(data, bytes) else data
    with av.open(source) as file:
        frames, sound, first = [], [], None
        for frame in file.decode(video=0, audio=0):
            if isinstance(frame, av.VideoFrame):
                frames.append((float(frame.time), bytes(frame.planes[0])))
            else:
                first = float(frame.time) if first is None else first
                sound.append(frame.to_ndarray()[0])
    return frames, np.concatenate(sound), first


def test_fragments_are_the_finished_video(scenes: list[Made], tmp_path) -> None:
    """Played as they come, the fragments show the frames and sound of the file, at its times."""
    with Movie(tmp_path / "whole.mp4", title="Whole", language="en", rate=RATE) as movie:
        for scene in scenes:
            movie.add(scene.footage)
        movie.close()
    frames, sound, first = decoded(published(scenes))
    whole_frames, whole_sound, whole_first = decoded(str(tmp_path / "whole.mp4"))
    assert [data for _, data in frames] == [data for _, data in whole_frames]
    assert [time for time, _ in frames] == pytest.approx([time for time, _ in whole_frames])
    begin = round((whole_first - first) * SAMPLE_RATE)
    length = min(sound.size - begin, whole_sound.size)
    assert np.array_equal(sound[begin : begin + length], whole_sound[:length])


def test_the_first_scene_plays_alone(scenes: list[Made]) -> None:
    """Nothing in a fragment needs a later one."""
    frames, sound, _ = decoded(published(scenes, 1))
    footage = scenes[0].footage
    assert len(frames) == footage.frames
    assert sound.size >= (len(footage.sound) - 1) * 1024


def test_a_fragment_is_the_same_whoever_makes_it(scenes: list[Made]) -> None:
    """A worker that takes over publishes what its predecessor did."""
    assert published(scenes) == published(scenes)


def test_the_codecs_are_named(scenes: list[Made]) -> None:
    """Browsers are asked with these names whether they can play it."""
    assert fragments.codecs(scenes[0].footage).startswith("avc1.64")
    assert fragments.codecs(scenes[0].footage).endswith(",mp4a.40.2")
