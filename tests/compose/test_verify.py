"""Finished videos, whole and damaged in every way that we could think of."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import msgspec
import pytest

from inkreel.compose import poster, verify
from inkreel.compose.mux import Chapter, Movie
from inkreel.compose.skip import read_extradata
from inkreel.compose.skip.bits import nal_units
from inkreel.compose.skip.filler import is_skipped_picture, skipped_picture
from inkreel.compose.skip.slices import B, read_slice
from inkreel.errors import VideoDamaged
from inkreel.model import Digest, Footage, FrameRate, Packet
from inkreel.recipes import Encoding, FramesRequest, PosterRequest, TracksRequest
from tests.compose.handmade import MemoryShelf, picture
from tests.compose.test_movie import PLAIN, make_scenes

SPAN = 97
SHELF = MemoryShelf()
Altered = Iterator["av.Packet[Any]"]


def skipping(fps: int, *, skip: bool = True) -> Encoding:
    return msgspec.structs.replace(PLAIN, fps=fps, skip_unchanged=skip)


def film(path: Path, pieces: list[Footage], fps: int = 30) -> TracksRequest:
    """Write a video; answers what must be in it."""
    with Movie(path, title="Film", language="en", rate=FrameRate(fps), captions=True) as movie:
        starts = []
        for piece in pieces:
            starts.append(movie.frames)
            movie.add(piece)
        movie.close([Chapter(f"{start}", start) for start in starts])
        cues = sum(len(piece.cues) for piece in pieces)
        return TracksRequest(str(path), fps, movie.frames, True, len(starts), cues, movie.seal)


@pytest.fixture(scope="module")
def pieces() -> list[Footage]:
    """Three scenes in which most frames are skipped pictures."""
    return [scene.footage for scene in make_scenes(MemoryShelf(), 3, skipping(30))]


@pytest.fixture(scope="module")
def whole(pieces: list[Footage], tmp_path_factory: pytest.TempPathFactory) -> TracksRequest:
    return film(tmp_path_factory.mktemp("whole") / "film.mp4", pieces)


def look(whole: TracksRequest) -> tuple[int, int, int]:
    """Verify it as workers do: frames, skipped ones, samples."""
    spans = [
        FramesRequest(whole.video, whole.fps, first, min(first + SPAN, whole.frames))
        for first in range(0, whole.frames, SPAN)
    ]
    seen = [verify.frames(span, SHELF) for span in spans]
    read = verify.tracks(whole, SHELF)
    return sum(s.frames for s in seen), sum(s.skipped for s in seen), read.samples


def fault(check: Callable[[Any, MemoryShelf], object], request: object) -> str:
    """What is said of the video, "" for nothing."""
    try:
        check(request, SHELF)
    except VideoDamaged as error:
        return error.message
    return ""


def faults(whole: TracksRequest) -> list[str]:
    """What those who decode and those who read hold against it."""
    every = FramesRequest(whole.video, whole.fps, 0, whole.frames)
    return [*filter(None, (fault(verify.frames, every), fault(verify.tracks, whole)))]


def remuxed(
    whole: TracksRequest, path: Path, alter: Callable[[av.Packet[Any]], Altered]
) -> TracksRequest:
    """The same video with other packets."""
    with av.open(whole.video) as source, av.open(path, "w") as to:
        streams = {}
        for stream in (*source.streams.video, *source.streams.audio):
            streams[stream.index] = to.add_stream_from_template(stream)
        for packet in source.demux(*source.streams.video, *source.streams.audio):
            if packet.pts is not None:
                for each in alter(packet):
                    each.stream = streams[packet.stream.index]
                    to.mux_one(each)
    return msgspec.structs.replace(whole, video=str(path), cues=0, chapters=0)


@pytest.mark.parametrize(("fps", "skip"), [(30, True), (30, False), (24, True)])
def test_what_was_made_stands(tmp_path: Path, fps: int, *, skip: bool) -> None:
    """Every frame and sample is counted once, however many share the work; skipped pictures are
    counted by what they are."""
    scenes = [scene.footage for scene in make_scenes(MemoryShelf(), 3, skipping(fps, skip=skip))]
    request = film(tmp_path / "film.mp4", scenes, fps)
    ours = sum(
        is_skipped_picture(nal_units(packet.data)[-1])
        for piece in scenes
        for segment in piece.segments
        for packet in segment.packets
    )
    assert look(request) == (request.frames, ours, request.frames * 48_000 // fps)
    assert (ours > 0) is skip


def test_remuxing_alone_changes_nothing(whole: TracksRequest, tmp_path: Path) -> None:
    """What the next tests find is what they did."""

    def same(packet: Any) -> Altered:
        yield packet

    assert faults(remuxed(whole, tmp_path / "film.mp4", same)) == []


@pytest.mark.parametrize("kind", ["video", "audio"])
@pytest.mark.parametrize("number", [1, 20, -1])
def test_a_lost_packet_is_noticed(
    whole: TracksRequest, tmp_path: Path, kind: str, number: int
) -> None:
    """A frame or a piece of sound that is missing, in the middle or at the end."""
    with av.open(whole.video) as file:
        stream = file.streams.video[0] if kind == "video" else file.streams.audio[0]
        lost = [packet.pts for packet in file.demux(stream) if packet.pts is not None][number]

    def drop(packet: Any) -> Altered:
        if packet.stream.type != kind or packet.pts != lost:
            yield packet

    found = faults(remuxed(whole, tmp_path / "film.mp4", drop))
    assert found
    assert len(found) == 2 or kind == "audio"


@pytest.mark.parametrize("kind", ["video", "audio"])
def test_a_shifted_time_is_noticed(whole: TracksRequest, tmp_path: Path, kind: str) -> None:
    """Everything from some time on comes a little later."""

    def shift(packet: Any) -> Altered:
        if packet.stream.type == kind and packet.pts * packet.time_base > 2:
            late = Fraction(1, 1000) / packet.time_base
            packet.pts, packet.dts = int(packet.pts + late), int(packet.dts + late)
        yield packet

    assert faults(remuxed(whole, tmp_path / "film.mp4", shift))


def test_a_flipped_bit_is_noticed(whole: TracksRequest, tmp_path: Path) -> None:
    """Wherever in pictures or sound it is, and also where a decoder would not mind."""
    dice = random.Random(5)
    data = Path(whole.video).read_bytes()
    begin = data.index(b"mdat") + 4
    end = begin + int.from_bytes(data[begin - 8 : begin - 4]) - 8
    with av.open(whole.video) as file:
        text = [p.pos for p in file.demux(file.streams.subtitles[0]) if p.pts is not None]
    heard = 0
    for number in range(24):
        at = dice.randrange(begin, min(text) if number % 2 else end)
        copy = bytearray(data)
        copy[at] ^= 1 << dice.randrange(8)
        path = tmp_path / f"{number}.mp4"
        path.write_bytes(copy)
        found = faults(msgspec.structs.replace(whole, video=str(path)))
        heard += len(found)
        # Nothing is said of the letters of captions and chapters.
        assert found or at >= min(text), (number, at)
    assert heard > 24


def test_a_skipped_picture_that_shows_something_new_is_noticed(
    pieces: list[Footage], tmp_path: Path
) -> None:
    """Its data may be as they were made: what counts is what is seen."""

    def forge(packet: Packet) -> bytes:
        picture = read_slice(nal_units(packet.data)[-1], sets)
        return skipped_picture(sets, picture.frame_num, picture.order)

    segment = pieces[1].segments[-1]
    sets = read_extradata(segment.extradata)
    coded = [p for p in segment.packets if not is_skipped_picture(nal_units(p.data)[-1])]
    victim = next(p for p in coded if read_slice(nal_units(p.data)[-1], sets).kind == B)
    packets = tuple(
        msgspec.structs.replace(p, data=forge(p)) if p is victim else p for p in segment.packets
    )
    bent = msgspec.structs.replace(segment, packets=packets)
    segments = (*pieces[1].segments[:-1], bent)
    forged = [pieces[0], pieces[1]._replace(segments=segments), *pieces[2:]]
    (said,) = faults(film(tmp_path / "film.mp4", forged))
    assert "shows something new" in said


def test_sound_alone_stands(pieces: list[Footage], tmp_path: Path) -> None:
    """A file that is only heard has no frames to be counted, whatever its cover shows."""
    heard = [piece.unseen() for piece in pieces]
    cover, path = SHELF.store(picture((), (0, 0, 0))), tmp_path / "film.m4a"
    with Movie(path, title="Film", language="en", rate=FrameRate(30), captions=True) as movie:
        for piece in heard:
            movie.add(piece)
        movie.close([Chapter("All", 0)], poster(PosterRequest(cover), SHELF))
        request = TracksRequest(str(path), 30, movie.frames, False, 1, 0, movie.seal)
    assert verify.tracks(request, SHELF).samples == movie.frames * 1_600
    assert "there are no pictures" in fault(verify.frames, FramesRequest(str(path), 30, 0, 9))
    assert fault(verify.tracks, msgspec.structs.replace(request, seen=True))


def test_other_data_are_noticed(whole: TracksRequest) -> None:
    """A video without a fault that is another one."""
    other = msgspec.structs.replace(whole, seal=Digest("0" * 64))
    (said,) = faults(other)
    assert "not those that were encoded" in said


def test_a_torn_file_is_noticed(whole: TracksRequest, tmp_path: Path) -> None:
    """Also one that is empty, or gone."""
    data = Path(whole.video).read_bytes()
    for length in (0, 100, len(data) // 2, len(data) - 4_000):
        path = tmp_path / f"{length}.mp4"
        path.write_bytes(data[:length])
        assert faults(msgspec.structs.replace(whole, video=str(path)))
    assert len(faults(msgspec.structs.replace(whole, video=str(tmp_path / "none.mp4")))) == 2
