"""Clips and transitions → MP4: real encodes, read back."""

from __future__ import annotations

import contextlib
import itertools
import os
import resource
import subprocess
import sys
import threading
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest

from inkreel.compose import clip, poster, sound, transition
from inkreel.compose.encode import key_spacing
from inkreel.compose.mux import Chapter, Movie
from inkreel.errors import DiskFull, EncodingFailed, InkreelError, OutputNotWritable
from inkreel.model import (
    FRAME_RATES,
    PACKET_SAMPLES,
    Clip,
    Digest,
    Effect,
    Footage,
    FrameRate,
    Profile,
    Segment,
    Sound,
)
from inkreel.recipes import (
    PROFILES,
    ClipRequest,
    Encoding,
    PosterRequest,
    SoundRequest,
    TransitionRequest,
)
from tests.compose.handmade import (
    HEIGHT,
    WIDTH,
    MemoryShelf,
    captions,
    layer,
    narration,
    picture,
    voice_track,
)

LEAD = 12
RATE = FrameRate(30)
PLAIN = Encoding()


@dataclass(frozen=True)
class Made:
    clip: Clip
    transition: Segment | None
    sound: Sound
    start: int
    beep: np.ndarray

    @property
    def footage(self) -> Footage:
        segments = tuple(part for part in (self.transition, self.clip.body) if part)
        return Footage(segments, self.sound.packets, self.sound.extradata, self.clip.cues)

    @property
    def lead(self) -> int:
        return self.transition.frames if self.transition else 0


def beep(samples: int, seed: int) -> np.ndarray:
    """A burst of noise from the first sample on, then silence."""
    sound = np.zeros(samples)
    sound[:4_800] = np.random.default_rng(seed).standard_normal(4_800) * 8_000
    return sound.clip(-32_768, 32_767).astype(np.int16)


def make_scenes(shelf: MemoryShelf, count: int = 12, encoding: Encoding = PLAIN) -> list[Made]:
    """Scenes of random lengths, black and white in turn, each with a beep at its start."""
    rate, fps = encoding.rate, encoding.fps
    rng = np.random.default_rng(3)
    made: list[Made] = []
    before: Digest | None = None
    start = 0
    for number in range(count):
        words = tuple(int(n) for n in rng.integers(3_000, 12_000, 6))
        spoken, voice = narration(words), voice_track(beep(sum(words), number))
        block = layer(0, Effect.RISE, (100, 80, 60, 40), seed=number)
        shade = 255 * (number % 2)
        board = shelf.store(picture((block,), (shade, shade, shade)))
        said, cards = shelf.store(spoken), shelf.store(captions(spoken))
        lead = LEAD if before and number % 3 else 0
        body = clip(ClipRequest(board, said, cards, (), lead, encoding=encoding), shelf)
        moved = None
        if before and lead:
            request = TransitionRequest(before, board, said, cards, lead, "wipe", encoding)
            moved = transition(request, shelf)
        phase = start * rate.samples % PACKET_SAMPLES
        heard = sound(SoundRequest(said, shelf.store(voice), fps, phase), shelf)
        made.append(Made(body, moved, heard, start, beep(sum(words), number)))
        start += lead + body.body.frames
        assert heard.frames == lead + body.body.frames
        before = board
    return made


@pytest.fixture(scope="module")
def scenes() -> list[Made]:
    return make_scenes(MemoryShelf())


@pytest.fixture(scope="module")
def video(scenes: list[Made], tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("movie") / "phim.mp4"
    with Movie(path, title="Đọc & hiểu", language="vi", rate=RATE, captions=True) as movie:
        for scene in scenes:
            assert movie.frames == scene.start
            movie.add(scene.footage)
        movie.close([Chapter(f"Cảnh {n}", scene.start) for n, scene in enumerate(scenes)])
    return path


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(path) as file:
        return list(file.decode(video=0))


def luma(frame: av.VideoFrame) -> np.ndarray:
    return frame.to_ndarray()[:HEIGHT]


def total(scenes: list[Made]) -> int:
    return scenes[-1].start + scenes[-1].sound.frames


def test_streams_start_at_zero_and_end_together(video: Path, scenes: list[Made]) -> None:
    """Sound and picture start at 0 and last equally long, to the sample."""
    with av.open(video) as file:
        assert file.start_time == 0
        for stream in (file.streams.video[0], file.streams.audio[0]):
            assert stream.start_time == 0
            assert stream.duration is not None
            assert stream.time_base is not None
            assert stream.duration * stream.time_base == Fraction(total(scenes), 30)


def test_the_stream_is_what_players_expect(video: Path) -> None:
    """avc1 High, yuv420p, tagged BT.709 limited, AAC stereo 48 kHz, index before the data."""
    with av.open(video) as file:
        stream = file.streams.video[0]
        codec = stream.codec_context
        assert (stream.codec_tag, codec.profile, codec.pix_fmt) == ("avc1", "High", "yuv420p")
        assert codec.color_primaries == codec.color_trc == codec.colorspace == 1
        assert codec.color_range == 1
        assert stream.average_rate == 30
        sound = file.streams.audio[0].codec_context
        assert (sound.codec_tag, sound.sample_rate, sound.layout.name) == ("mp4a", 48_000, "stereo")
        assert file.metadata["title"] == "Đọc & hiểu"
        assert file.streams.audio[0].language == "vie"
    data = video.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_the_frame_rate_is_constant(video: Path, scenes: list[Made]) -> None:
    """Every frame is there once, 1/30 s after the one before; decode times only rise."""
    with av.open(video) as file:
        packets = [p for p in file.demux(video=0) if p.pts is not None]
    unit = packets[0].time_base
    assert sorted(p.pts * unit for p in packets) == [Fraction(n, 30) for n in range(total(scenes))]
    assert all(a.dts < b.dts for a, b in itertools.pairwise(packets))


def test_every_scene_starts_with_a_key_frame(video: Path, scenes: list[Made]) -> None:
    """A player can jump to every scene, and to every body behind a transition."""
    with av.open(video) as file:
        keys = {p.pts * p.time_base * 30 for p in file.demux(video=0) if p.is_keyframe and p.size}
    for scene in scenes:
        assert {scene.start, scene.start + scene.lead} <= keys


def decoded(segment: Segment) -> list[np.ndarray]:
    codec = av.CodecContext.create("h264", "r")
    codec.extradata = segment.extradata
    packets = [av.Packet(packet.data) for packet in segment.packets]
    frames = [f for p in [*packets, None] for f in codec.decode(p)]
    return [frame.to_ndarray() for frame in frames]


def test_joined_frames_equal_their_segments(
    video: Path, scenes: list[Made], capfd: pytest.CaptureFixture[str]
) -> None:
    """The film decodes without a warning to the frames of its segments, each once."""
    av.logging.set_level(av.logging.WARNING)
    try:
        joined = [frame.to_ndarray() for frame in frames_of(video)]
    finally:
        av.logging.set_level(None)
    segments = [s for scene in scenes for s in (scene.transition, scene.clip.body) if s]
    alone = [frame for segment in segments for frame in decoded(segment)]
    assert len(joined) == len(alone) == total(scenes)
    assert all(np.array_equal(a, b) for a, b in zip(joined, alone, strict=True))
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize("fps", FRAME_RATES)
def test_flash_and_beep(fps: int, shelf: MemoryShelf, tmp_path: Path) -> None:
    """The picture changes in the scene's first frame and the beep is there to the sample, at every
    frame rate."""
    rate, video = FrameRate(fps), tmp_path / "flash.mp4"
    scenes = make_scenes(shelf, 7, Encoding(fps=fps))
    write(video, scenes, rate)
    frames = frames_of(video)
    assert [frame.time for frame in frames] == pytest.approx([n / fps for n in range(len(frames))])
    shades = [int(luma(frame)[40, 0]) for frame in frames]
    with av.open(video) as file:
        length = file.streams.audio[0].duration
        sound = np.concatenate([f.to_ndarray() for f in file.decode(audio=0)], axis=1)[0]
    assert length == total(scenes) * rate.samples <= sound.size
    for before, scene in itertools.pairwise(scenes):
        assert abs(shades[scene.start] - shades[scene.start - 1]) > 150, before.start
    for scene in scenes:
        beep_heard = scene.beep[:4_800].astype(float)
        at = scene.start * rate.samples
        fit = {
            lag: float(np.dot(sound[at + lag : at + lag + 4_800], beep_heard))
            for lag in range(-60 if at else 0, 61)
        }
        assert max(fit, key=lambda lag: fit[lag]) == 0


def test_chapters_and_captions_are_told(video: Path, scenes: list[Made]) -> None:
    """Chapters name the scenes at their first frame; the soft captions say the words in time."""
    with av.open(video) as file:
        chapters = file.chapters()
        assert [c["metadata"]["title"] for c in chapters] == [f"Cảnh {n}" for n in range(12)]
        for chapter, scene in zip(chapters, scenes, strict=True):
            assert chapter["time_base"] is not None
            assert abs(chapter["start"] * chapter["time_base"] - scene.start / 30) < 0.001
        told = [p for p in file.demux(subtitles=0) if p.size > 2]
    expected = [(scene.start + c.start, c.text) for scene in scenes for c in scene.clip.cues]
    found = [(p.pts * p.time_base * 30, bytes(p)[2:].decode()) for p in told]
    assert found == expected


def test_a_child_process_encodes_the_same(tmp_path: Path, shelf: MemoryShelf) -> None:
    """The same request gives the same bytes in another process."""
    script = (
        "import sys, msgspec; from tests.compose.handmade import MemoryShelf; "
        "from tests.compose.test_movie import make_scenes; "
        "sys.stdout.buffer.write("
        "msgspec.msgpack.encode([m.footage for m in make_scenes(MemoryShelf(), 3)]))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True)
    here = [made.footage for made in make_scenes(shelf, 3)]
    assert done.stdout == msgspec.msgpack.encode(here)


@pytest.mark.parametrize("frames", [1, 150, 151, 301])
def test_key_frames_are_spread_evenly(frames: int) -> None:
    """No group is longer than asked, none is a lone picture at the end."""
    spacing = key_spacing(frames, Encoding())
    assert spacing <= 150
    assert frames == 1 or frames % spacing != 1


def test_a_failed_film_leaves_nothing(tmp_path: Path, scenes: list[Made]) -> None:
    """An error inside the block removes the unfinished file."""
    target = tmp_path / "a.mp4"

    def fail() -> None:
        with Movie(target, title="", language="en", rate=RATE) as movie:
            movie.add(scenes[0].footage)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("place", ["missing/a.mp4", "."])
def test_an_unwritable_place_is_told_at_once(tmp_path: Path, place: str) -> None:
    """Before any scene is encoded, a folder that is missing or taken is refused."""
    target = tmp_path / place if place != "." else tmp_path
    with pytest.raises(OutputNotWritable) as caught:
        Movie(target, title="", language="en", rate=RATE)
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def write(path: Path, scenes: list[Made], rate: FrameRate = RATE) -> None:
    with Movie(path, title="", language="en", rate=rate) as movie:
        for scene in scenes:
            movie.add(scene.footage)
        movie.close()


def test_a_full_disk_is_told(tmp_path: Path, scenes: list[Made]) -> None:
    """When no more bytes fit, the error says so and the temporary file is gone."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(DiskFull) as caught:
            write(tmp_path / "a.mp4", scenes)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert caught.value.hint
    assert list(tmp_path.iterdir()) == []


def test_a_movie_can_be_given_up_while_it_closes(
    tmp_path: Path, scenes: list[Made], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its file is gone at once, however long the disk takes, and stays gone."""
    slow, there = threading.Event(), threading.Event()
    fsync = os.fsync

    def slowly(file: int) -> None:
        there.set()
        slow.wait(60)
        fsync(file)

    monkeypatch.setattr(os, "fsync", slowly)
    movie = Movie(tmp_path / "a.mp4", title="", language="en", rate=RATE)
    movie.add(scenes[0].footage)

    def close() -> None:
        with contextlib.suppress(InkreelError, ValueError):
            movie.close()

    closing = threading.Thread(target=close)
    closing.start()
    assert there.wait(60)
    movie.abort()
    assert list(tmp_path.iterdir()) == []
    slow.set()
    closing.join(60)
    assert list(tmp_path.iterdir()) == []


def test_scenes_that_do_not_fit_are_refused(tmp_path: Path, shelf: MemoryShelf) -> None:
    """A scene of other settings, or without its transition, never reaches the file."""
    scenes = make_scenes(shelf, 3)
    assert scenes[1].transition
    other = msgspec.structs.replace(scenes[1].transition, extradata=b"other")
    body = scenes[1].clip.body
    for segments in ((body,), (other, body)):
        with (
            pytest.raises(EncodingFailed),
            Movie(tmp_path / "a.mp4", title="", language="en", rate=RATE) as movie,
        ):
            movie.add(scenes[1].footage._replace(segments=segments))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("other", ["quality", "draft"])
def test_segments_of_two_encodings_do_not_join(
    shelf: MemoryShelf, tmp_path: Path, other: Profile
) -> None:
    """A film is of one encoding: a scene of another profile is refused, and it is told."""
    first = make_scenes(shelf, 1)[0]
    strange = make_scenes(shelf, 1, encoding=PROFILES[other].encoding)[0]
    movie = Movie(tmp_path / "a.mp4", title="", language="en", rate=RATE)
    movie.add(first.footage)
    with pytest.raises(EncodingFailed, match="different size or encoding"), movie:
        movie.add(strange.footage)
    assert list(tmp_path.iterdir()) == []


def test_the_poster_shows_all_layers(shelf: MemoryShelf) -> None:
    """The poster is a JPEG of the picture's size with its layers, without those in focus."""
    shown = layer(0, Effect.RISE, (20, 40, 60, 60), (200, 40, 40))
    focus = layer(1, Effect.FOCUS, (120, 40, 60, 60), (40, 200, 40))
    board = shelf.store(picture((shown, focus), (255, 255, 255)))
    data = poster(PosterRequest(board), shelf)
    codec = av.CodecContext.create("mjpeg", "r")
    (frame,) = codec.decode(av.Packet(data))
    pixels = frame.to_ndarray(format="rgb24")
    assert pixels.shape == (HEIGHT, WIDTH, 3)
    assert pixels[50:90, 30:70].mean(axis=(0, 1))[1] < 170
    assert pixels[50:90, 130:170].mean() > 250


@pytest.mark.parametrize("effect", ["fade", "slide", "wipe"])
def test_a_transition_leads_from_one_picture_to_the_next(shelf: MemoryShelf, effect: str) -> None:
    """It begins near the settled end of the one, and ends near the start of the other."""
    spoken = narration((9_600,) * 6)
    said = shelf.store(spoken)
    black, white = (shelf.store(picture((), (shade,) * 3)) for shade in (0, 255))
    request = TransitionRequest(black, white, said, None, LEAD, effect)  # type: ignore[arg-type]
    means = [float(frame[:HEIGHT].mean()) for frame in decoded(transition(request, shelf))]
    assert len(means) == LEAD
    assert means[0] < 60
    assert means[-1] > 215
    assert all(after > before - 4 for before, after in itertools.pairwise(means))
