"""A document becomes a video: the laws of the finished file and of the store behind it."""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import struct
import subprocess
import sys
import threading
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import psutil
import pytest

import inkreel
from inkreel.backends.files import FileStore
from inkreel.delivery import Reel
from inkreel.errors import VideoDamaged
from inkreel.model import Counts, Progress, Result
from inkreel.recipes import TracksRequest
from tests.conftest import DOCUMENT, Made
from tests.thorough import thorough, times

BT709 = 1
LIMITED = 1


def make(made: Made, tmp_path: Path, text: str = DOCUMENT, **options: object) -> Result:
    """Make it again over a copy of the store."""
    cache = tmp_path / "cache"
    if not cache.exists():
        shutil.copytree(made.cache, cache)
    document = tmp_path / "tides.md"
    document.write_text(text, encoding="utf-8")
    options = {"size": "1280x720", "captions": "both", **options}
    return inkreel.make(document, tmp_path / "tides.mp4", cache=cache, **options)


def sound(video: Path) -> np.ndarray:
    """The left channel, as a player plays it, in -1 … 1 at 48 kHz."""
    with av.open(str(video)) as file:
        frames = [frame.to_ndarray()[0] for frame in file.decode(audio=0)]
    return np.concatenate(frames)


def test_the_file_is_what_players_and_sites_expect(made: Made) -> None:
    """H.264 High yuv420p, bt709 tagged and limited, AAC 48 kHz, 30 fps constant, from time 0."""
    with av.open(str(made.video)) as file:
        video, audio = file.streams.video[0], file.streams.audio[0]
        context = video.codec_context
        assert (context.name, context.profile, context.pix_fmt) == ("h264", "High", "yuv420p")
        assert (context.color_primaries, context.color_trc, context.colorspace) == (BT709,) * 3
        assert context.color_range == LIMITED
        assert (audio.codec_context.name, audio.rate) == ("aac", 48_000)
        assert video.average_rate == 30
        assert file.start_time == 0
        times = [packet.pts for packet in file.demux(video) if packet.pts is not None]
        assert set(np.diff(sorted(times))) == {int(1 / (30 * video.time_base))}


def test_sound_and_picture_end_together(made: Made) -> None:
    """The streams end within one frame, and as long as the result says."""
    with av.open(str(made.video)) as file:
        ends = [stream.duration * stream.time_base for stream in list(file.streams)[:2]]  # type: ignore[operator]
        frames = file.streams.video[0].frames
    assert abs(ends[0] - ends[1]) <= Fraction(1, 30)
    assert abs(float(ends[0]) - made.result.seconds) < 1 / 30
    assert frames == round(made.result.seconds * 30)
    assert abs(len(sound(made.video)) - frames * 1_600) <= 1_600


def test_the_index_comes_before_the_media(made: Made) -> None:
    """Faststart: a browser plays the file while it loads."""
    order, data = [], made.video.read_bytes()
    position = 0
    while position < len(data):
        size, kind = struct.unpack(">I4s", data[position : position + 8])
        order.append(kind)
        position += size
    assert order.index(b"moov") < order.index(b"mdat")


def test_every_scene_starts_with_its_narration(made: Made) -> None:
    """At each scene's start the picture changes, and speech sets in within half a frame."""
    samples = np.abs(sound(made.video))
    with av.open(str(made.video)) as file:
        luma = [
            frame.to_ndarray()[: frame.height].astype(np.int16) for frame in file.decode(video=0)
        ]
    for scene in made.result.scenes:
        first = round(scene.start * 30)
        if first:
            change = np.abs(luma[first] - luma[first - 1]).mean()
            still = np.abs(luma[first - 1] - luma[first - 2]).mean()
            assert change > 4 * still
            assert change > 0.05
            before = samples[(first - 8) * 1_600 : first * 1_600]
            assert before.max() < 0.01, "a pause lies between the scenes"
        onset = int(np.argmax(samples[first * 1_600 :] > 0.004))
        assert onset <= 800, scene


def test_profiles_differ_in_what_they_cost(made: Made, tmp_path: Path) -> None:
    """A draft is smaller and quality larger (not in the sample), in picture and in sound; each
    plays whole, with the same frames."""
    videos = {"standard": made.video}
    for profile in ("draft", "quality")[: times(1, 2)]:
        result = make(made, tmp_path, profile=profile, captions="both")
        assert result.seconds == made.result.seconds
        assert not any(scene.degraded for scene in result.scenes)
        videos[profile] = (tmp_path / "tides.mp4").rename(tmp_path / f"{profile}.mp4")
    sizes, rates = {}, {}
    for profile, video in videos.items():
        sizes[profile] = video.stat().st_size
        with av.open(str(video)) as file:
            rates[profile] = file.streams.audio[0].codec_context.bit_rate
            assert sum(1 for _ in file.decode(video=0)) == round(made.result.seconds * 30)
    assert sizes["draft"] < 0.8 * sizes["standard"]
    assert rates["draft"] < rates["standard"]
    if "quality" in videos:
        assert sizes["standard"] < sizes["quality"]
        assert rates["standard"] < rates["quality"]


def test_loudness_is_that_of_the_web(made: Made) -> None:
    """-16 ± 1 LUFS, true peak at most -1 dBTP."""
    graph = av.filter.Graph()
    with av.open(str(made.video)) as file:
        stream = file.streams.audio[0]
        source = graph.add_abuffer(template=stream)
        meter = graph.add("ebur128", "peak=true:metadata=1")
        sink = graph.add("abuffersink")
        source.link_to(meter)
        meter.link_to(sink)
        graph.configure()
        loudness, peak = 0.0, -99.0
        for frame in file.decode(stream):
            graph.push(frame)
            while True:
                try:
                    metadata = graph.pull().metadata
                except (av.error.BlockingIOError, av.error.EOFError):
                    break
                loudness = float(metadata["lavfi.r128.I"])
                peak = max(peak, *(float(v) for k, v in metadata.items() if "true_peaks_ch" in k))
    assert -17 <= loudness <= -15
    assert 20 * np.log10(max(peak, 1e-9)) <= -1


def test_captions_chapters_and_poster_stand_beside(made: Made) -> None:
    """Both sidecars cover the speech, chapters name the scenes, the poster is a JPEG."""
    assert made.video.with_suffix(".jpg").read_bytes()[:3] == b"\xff\xd8\xff"
    text = made.video.with_suffix(".vtt").read_text(encoding="utf-8")
    assert text.startswith("WEBVTT")
    words = " ".join(line for line in text.splitlines() if "-->" not in line)
    assert "pressure" in words
    assert "-->" in made.video.with_suffix(".srt").read_text(encoding="utf-8")
    with av.open(str(made.video)) as file:
        titles = [chapter["metadata"]["title"] for chapter in file.chapters()]
        assert titles[0] == made.result.scenes[0].heading
        kinds = [stream.type for stream in file.streams]
        assert kinds[:3] == ["video", "audio", "subtitle"]


def test_the_second_time_everything_is_found(made: Made, tmp_path: Path) -> None:
    """The same document over the same store makes nothing and gives the same bytes."""
    again = make(made, tmp_path)
    assert again.made == Counts()
    assert again.found == made.result.made
    assert not any(scene.made for scene in again.scenes)
    assert Path(again.video).read_bytes() == made.video.read_bytes()


def test_a_changed_word_changes_only_its_scenes(made: Made, tmp_path: Path) -> None:
    """An edit in one paragraph re-makes at most two scenes."""
    edited = make(made, tmp_path, DOCUMENT.replace("A strong wind", "A steady wind"))
    touched = [scene.id for scene in edited.scenes if scene.made]
    assert 1 <= len(touched) <= 2
    assert edited.made.clips == len(touched)
    assert edited.found.clips == len(edited.scenes) - len(touched)


@pytest.mark.parametrize(
    "role",
    [
        "clip",
        *(pytest.param(role, marks=thorough) for role in ("narration", "picture", "storyboard")),
    ],
)
def test_lost_bytes_are_made_again(made: Made, tmp_path: Path, role: str) -> None:
    """Whatever the store lost is noticed and made again; the video is whole."""
    shutil.copytree(made.cache, tmp_path / "cache")
    store = FileStore(tmp_path / "cache")
    for entry in store.entries():
        if entry.role == role:
            blob = store._blob(entry.record.artifact.digest)
            assert blob is not None
            blob.write_bytes(b"damaged")
    again = make(made, tmp_path)
    assert again.seconds == made.result.seconds
    with av.open(again.video) as file:
        assert sum(1 for _ in file.decode(video=0)) == round(again.seconds * 30)


def test_scenes_come_in_as_they_are_told(tmp_path: Path) -> None:
    """A cut shows its scene from the first frame on; a fade begins with the scene before; a
    scene's own transition goes before the option for all, and another one changes nothing else."""
    look = "visual: {kind: quote, text: "
    board = "title: Four\nlanguage: en\nscenes:\n" + "".join(
        f"- {{id: s{n}, heading: {word}, narration: [{word}.], {own}{look}{word} again}}}}\n"
        for n, (word, own) in enumerate(
            [("One", ""), ("Two", ""), ("Three", "transition: fade, "), ("Four", "")]
        )
    )
    path = tmp_path / "four.yaml"
    path.write_text(board, encoding="utf-8")
    options = {"cache": tmp_path / "cache", "size": "1280x720", "captions": "off"}
    result = inkreel.make(path, tmp_path / "cut.mp4", transition="cut", **options)
    with av.open(str(tmp_path / "cut.mp4")) as file:
        luma = [frame.to_ndarray()[:720].astype(np.int16) for frame in file.decode(video=0)]

    def change(frame: int) -> float:
        return float(np.abs(luma[frame] - luma[frame - 1]).mean())

    _, cut, faded, last = (round(scene.start * 30) for scene in result.scenes)
    for at in (cut, last):
        assert max(map(change, range(at + 1, at + 4))) < 0.2 * change(at)
    assert change(faded) < 0.5 * change(cut)
    assert max(map(change, range(faded, faded + 12))) < 0.5 * change(cut)
    again = inkreel.make(path, tmp_path / "wipe.mp4", transition="wipe", **options)
    assert [scene.start for scene in again.scenes] == [scene.start for scene in result.scenes]
    assert (again.made.narrations, again.made.pictures) == (0, 0)
    assert [scene.made for scene in again.scenes] == [False, True, False, True]


def test_a_verified_video_is_told_in_figures(made: Made, tmp_path: Path) -> None:
    """`verify` decodes the finished file: all frames and samples that the scenes have."""
    found = make(made, tmp_path, verify=True)
    assert found.verified is not None
    assert found.verified.frames == round(found.seconds * 30)
    assert found.verified.samples == found.verified.frames * 1_600
    text = made.video.with_suffix(".srt").read_text(encoding="utf-8")
    assert found.verified.captions == text.count("-->")
    assert make(made, tmp_path).verified is None


def test_a_video_that_is_not_right_gets_no_name(
    made: Made, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What does not stand its check is never seen under the video's name, and nothing of it is
    left; what was there before stays."""
    whole = make(made, tmp_path)
    before = {path.name: path.read_bytes() for path in tmp_path.glob("tides.*")}
    close = Reel.close

    def closed(reel: Reel, poster: bytes) -> TracksRequest:
        told = close(reel, poster)
        with Path(told.video).open("r+b") as file:
            file.seek(-Path(whole.video).stat().st_size // 2, 2)
            byte = file.read(1)
            file.seek(-1, 1)
            file.write(bytes([byte[0] ^ 1]))
        return told

    monkeypatch.setattr(Reel, "close", closed)
    with pytest.raises(VideoDamaged) as told:
        make(made, tmp_path, verify=True)
    assert "cache clear" in told.value.hint
    assert {path.name: path.read_bytes() for path in tmp_path.glob("tides.*")} == before
    assert not list(tmp_path.glob(".*"))


def test_a_killed_encoder_costs_nothing_but_time(made: Made, tmp_path: Path) -> None:
    """kill -9 of a child in the middle of a scene: the scene is encoded again, by another one, and
    the video has the same bytes."""
    shutil.copytree(made.cache, tmp_path / "cache")
    shutil.rmtree(tmp_path / "cache" / "index" / "clip")
    killed: list[int] = []

    def kill() -> None:
        for child in psutil.Process().children():
            with contextlib.suppress(psutil.NoSuchProcess):  # it ended at the same time
                if child.cpu_percent(0.02) > 20 and not killed:
                    child.kill()
                    killed.append(child.pid)

    def watch(said: Progress) -> None:
        if (said.stage, said.state) == ("clip", "started") and not killed:
            threading.Timer(0.2, kill).start()

    again = make(made, tmp_path, progress=watch)
    assert killed
    assert again.made.clips == len(again.scenes)
    assert Path(again.video).read_bytes() == made.video.read_bytes()


def test_progress_tells_every_scene(made: Made, tmp_path: Path) -> None:
    """Each scene's narration, picture and clip is told once made or found, then the video."""
    said: list[Progress] = []
    result = make(made, tmp_path, progress=said.append)
    count = len(result.scenes)
    for stage in ("narration", "picture", "clip"):
        scenes = {one.scene for one in said if one.stage == stage and one.state == "found"}
        assert scenes == set(range(count))
    assert (said[-1].stage, said[-1].state) == ("video", "done")


def test_make_works_inside_a_running_loop(made: Made, tmp_path: Path) -> None:
    """A notebook has an event loop already: `make` works there too."""

    async def cell() -> Result:
        return make(made, tmp_path)

    assert asyncio.run(cell()).made == Counts()


def test_a_plain_script_needs_no_main_guard(made: Made, tmp_path: Path) -> None:
    """A script of three lines works: children do not import it again."""
    script = tmp_path / "script.py"
    script.write_text(
        "import inkreel\n"
        f"print(inkreel.make({str(made.document)!r}, {str(tmp_path / 'a.mp4')!r}, "
        f"cache={str(tmp_path / 'cache')!r}, size='1280x720', seconds=10).seconds)\n"
    )
    done = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) > 3
