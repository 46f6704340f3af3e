"""Who plays skipped pictures: one video in every decoder and browser that is installed.

The video counts its frames in black and white cells, so that each shown frame can be told; a
skipped frame shows the counter of the frame it repeats. Decoders must give every frame at its time,
equal to FFmpeg's samples. Browsers seek and then play it, as a file and through Media Source
Extensions; counters and colours must be those of the time.
Run: `python -m bench.players [-o FOLDER] [--only NAME]`.
"""

from __future__ import annotations

import argparse
import contextlib
import http.server
import itertools
import json
import os
import queue
import re
import shutil
import subprocess
import tempfile
import threading
import time
import urllib.parse
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import av
import numpy as np

from inkreel.compose import aac
from inkreel.compose.encode import segment
from inkreel.compose.mux import Movie
from inkreel.compose.planes import Planes, from_rgb
from inkreel.model import Digest, Footage, FrameRate
from inkreel.recipes import Encoding, SoundRequest

FPS = 30
WIDTH, HEIGHT, CELL, BITS = 1280, 720, 40, 10
COLUMNS, ROWS = WIDTH // CELL, HEIGHT // CELL
TOLERANCE = 12
"""Of a colour's channels in a browser: ways to round, and to enlarge the chroma planes."""
BEHIND, AHEAD = 2, 1
"""Frames by which what a browser draws may lag behind the frame that it tells, or precede it."""
PAGE = Path(__file__).with_name("players.html")
BROWSER_SECONDS = 240


def patterns() -> list[list[int]]:
    """How long each sight of each scene stands still: still, moving, and all between."""
    dice = np.random.default_rng(11)
    lively = [int(each) for each in dice.choice((1, 1, 1, 2, 3, 9, 25), 60)]
    mixed = [*[1] * 20, 30, *[1] * 7, *[2] * 10, *[3] * 5, 1, 1, 24]
    return [padded(each) for each in (mixed, [176], [1] * 112, lively)]


def padded(stills: list[int]) -> list[int]:
    """Scenes are multiples of 16 frames (decision 3)."""
    return [*stills[:-1], stills[-1] + -sum(stills) % 16]


@dataclass
class Sample:
    """The video in two forms, and what it shows when."""

    file: Path
    fragments: Path
    counters: list[int]
    pictures: list[np.ndarray]
    """Samples of every frame as FFmpeg decodes them, I420."""
    encoded: int


class Mosaic:
    """Coloured cells, of which some change; the first two rows count."""

    def __init__(self) -> None:
        self._dice = np.random.default_rng(7)
        self._cells = self._dice.integers(30, 226, (ROWS, COLUMNS, 3), np.uint8)

    def paint(self, planes: Planes, counter: int) -> None:
        count = self._cells[:, :, 0].size if counter % 37 == 0 else 24
        places = self._dice.integers(0, (ROWS, COLUMNS), (count, 2))
        self._cells[places[:, 0], places[:, 1]] = self._dice.integers(30, 226, (count, 3), np.uint8)
        for place in range(BITS):
            shade = 255 * (counter >> (BITS - 1 - place) & 1)
            self._cells[0, place], self._cells[1, place] = shade, 255 - shade
        rgb = self._cells.repeat(CELL, 0).repeat(CELL, 1)
        for plane, painted in zip(planes, from_rgb(rgb.tobytes(), WIDTH, HEIGHT), strict=True):
            plane[:] = painted


def make(folder: Path, *, skip: bool = True) -> Sample:
    """Encode the scenes, join them, and decode them once with FFmpeg."""
    encoding = Encoding(skip_unchanged=skip)
    counters: list[int] = []
    mosaic, file = Mosaic(), folder / "sample.mp4"
    encoded = 0
    with Movie(file, title="Players", language="en", rate=FrameRate(FPS)) as movie:
        for stills in patterns():

            def draw(encoder: Any, stills: Sequence[int] = stills) -> None:
                for still in stills:
                    mosaic.paint(encoder.planes, len(counters))
                    counters.extend([len(counters)] * still)
                    encoder.push(still)

            body = segment((WIDTH, HEIGHT), sum(stills), encoding, draw)
            assert not body.degraded
            encoded += len(stills)
            silence = aac.encode(b"", body.frames, SoundRequest(Digest(""), Digest(""), FPS))
            movie.add(Footage((body,), silence.packets, silence.extradata))
        movie.close()
    with av.open(file) as read:
        pictures = [frame.to_ndarray() for frame in read.decode(video=0)]
    assert len(pictures) == len(counters)
    return Sample(file, fragmented(file), counters, pictures, encoded)


def fragmented(file: Path) -> Path:
    """The video stream for Media Source Extensions; a frame late, so that no time is negative."""
    target = file.with_name("fragments.mp4")
    flags = "frag_keyframe+empty_moov+default_base_moof"
    with av.open(file) as source, av.open(target, "w", options={"movflags": flags}) as output:
        stream = output.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None and packet.pts is not None:
                late = round(1 / FPS / packet.time_base)
                packet.pts, packet.dts = packet.pts + late, packet.dts + late
                packet.stream = stream
                output.mux(packet)
    return target


# --- Decoders -------------------------------------------------------------------------------------


def compared(sample: Sample, raw: Path, times: Sequence[float]) -> str:
    """Decoded I420 frames against FFmpeg's, and their times against the clock."""
    frame_bytes = WIDTH * HEIGHT * 3 // 2
    found = np.fromfile(raw, np.uint8)
    frames = found.reshape(-1, HEIGHT * 3 // 2, WIDTH) if found.size % frame_bytes == 0 else []
    equal = sum(
        np.array_equal(one, other) for one, other in zip(frames, sample.pictures, strict=False)
    )
    total = len(sample.counters)
    verdict = f"{equal} of {total} frames equal"
    if len(frames) != total:
        verdict += f", {len(frames)} came out"
    # Buffers count from the first decoding time; the segment's start is subtracted for display.
    late = sum(abs(time - times[0] - at / FPS) > 0.1 / FPS for at, time in enumerate(times))
    return verdict + (f", {late + abs(total - len(times))} at other times" if times else "")


def ffmpeg(sample: Sample, folder: Path) -> str:
    raw = folder / "ffmpeg.yuv"
    command = ["ffmpeg", "-v", "warning", "-xerror", "-err_detect", "explode", "-y"]
    command += ["-i", str(sample.file), "-fps_mode", "passthrough", "-f", "rawvideo", str(raw)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    said = done.stderr.strip()
    return compared(sample, raw, ()) + (f", said {said[:80]}" if said else ", no warning")


def gstreamer(decoder: str, sample: Sample, folder: Path) -> str:
    raw = folder / f"{decoder}.yuv"
    raw.unlink(missing_ok=True)
    source = f"filesrc location={sample.file} ! qtdemux ! h264parse ! {decoder}"
    split = f"{source} ! video/x-raw,format=I420 ! tee name=t t. ! queue ! filesink location={raw}"
    watched = f"{split} t. ! queue ! fakesink sync=false silent=false"
    done = subprocess.run(
        ["gst-launch-1.0", "-v", *watched.split()], capture_output=True, text=True, check=False
    )
    if done.returncode:
        return f"failed: {done.stderr.strip()[:120]}"
    found = re.findall(r"\(\d+ bytes,.*? pts: (\d+):(\d+):([\d.]+)", done.stdout)
    seconds = [
        3600 * int(hours) + 60 * int(minutes) + float(rest) for hours, minutes, rest in found
    ]
    return compared(sample, raw, seconds)


def has_element(name: str) -> bool:
    inspect = shutil.which("gst-inspect-1.0")
    return bool(inspect) and not subprocess.run([inspect, "--exists", name], check=False).returncode


# --- Browsers -------------------------------------------------------------------------------------


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files with ranges, as seeking needs them, and the page's answer."""

    def __init__(self, *args: Any, answers: queue.Queue[dict[str, Any]], **named: Any) -> None:
        self._answers = answers
        super().__init__(*args, **named)

    def do_POST(self) -> None:
        self._answers.put(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
        self.send_response(204)
        self.end_headers()

    def do_GET(self) -> None:
        path = Path(self.translate_path(self.path))
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if not asked or not path.is_file():
            super().do_GET()
            return
        data = path.read_bytes()
        first, last = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
        self.send_response(206)
        self.send_header("Content-Type", "video/mp4")
        self.send_header("Content-Range", f"bytes {first}-{last}/{len(data)}")
        self.send_header("Content-Length", str(last + 1 - first))
        self.end_headers()
        with contextlib.suppress(ConnectionError):
            self.wfile.write(data[first : last + 1])

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[tuple[str, queue.Queue[dict[str, Any]]]]:
    answers: queue.Queue[dict[str, Any]] = queue.Queue()
    shutil.copy(PAGE, folder)
    handler = partial(Handler, directory=str(folder), answers=answers)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/", answers
        server.shutdown()


def seek_frames(counters: Sequence[int]) -> list[int]:
    """Frames on both sides of changes, and some anywhere."""
    dice = np.random.default_rng(5)
    edges = [at for at in range(1, len(counters)) if counters[at] - counters[at - 1] > 3]
    chosen = [at - back for at in edges[:14] for back in (0, 1)]
    chosen += [int(at) for at in dice.integers(0, len(counters), 24)]
    return [int(at) for at in dice.permutation(chosen)]


def points() -> list[tuple[int, int]]:
    """Middles of cells below the counter."""
    return [
        (CELL * x + CELL // 2, CELL * y + CELL // 2)
        for y in (3, 9, 16)
        for x in range(1, COLUMNS, 5)
    ]


def launch(command: Sequence[str], url: str, folder: Path) -> subprocess.Popen[bytes]:
    environment = {**os.environ, "HOME": str(folder), "MOZ_HEADLESS": "1", "NO_AT_BRIDGE": "1"}
    quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    return subprocess.Popen([*command, url], env=environment, start_new_session=True, **quiet)


def browser(command: Sequence[str], source: str, sample: Sample, folder: Path) -> str:
    frames = seek_frames(sample.counters)
    asked = {
        "cell": CELL,
        "bits": BITS,
        "points": points(),
        "seeks": [(frame + 0.5) / FPS for frame in frames],
        "source": source,
        "late": 1 / FPS,
    }
    fragment = urllib.parse.quote(json.dumps(asked))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home,
        serving(folder) as (url, answers),
    ):
        profile = [part.replace("PROFILE", home) for part in command]
        running = launch(profile, f"{url}{PAGE.name}#{fragment}", Path(home))
        try:
            found = answers.get(timeout=BROWSER_SECONDS)
        except queue.Empty:
            return f"no answer in {BROWSER_SECONDS} s"
        finally:
            stop(running)
    kind = next(name for name in ("chrom", "firefox", "MiniBrowser") if name in "".join(command))
    (folder / f"{kind}-{source}.json").write_text(json.dumps(found))
    return judged(sample, frames, found)


def stop(process: subprocess.Popen[bytes]) -> None:
    """End a browser with all its processes."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, 15)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, 9)


def judged(sample: Sample, frames: Sequence[int], found: dict[str, Any]) -> str:
    if "error" in found:
        return f"failed: {found['error']}"
    total, played = len(sample.counters), found["played"]
    good = sum(
        each["counter"] in lately(sample.counters, round(each["time"] * FPS))
        for each in played["shown"]
    )
    shown = [each["counter"] for each in played["shown"]]
    back = sum(later < earlier for earlier, later in itertools.pairwise(shown))
    right = sum(
        each["counter"] == sample.counters[frame] and near_colours(sample, frame, each["colours"])
        for frame, each in zip(frames, found["sought"], strict=True)
    )
    # WebKitGTK does not count the frames of files.
    counted = f"{found['total']} of {total} frames, {found['dropped']} dropped, "
    counted *= found["total"] > 0
    return (
        f"{good} of {len(shown)} seen frames right, {back} backwards, "
        f"{right} of {len(frames)} seeks, {counted}{found['duration']:.3f} s"
    )


def lately(counters: Sequence[int], frame: int) -> set[int]:
    """What may be seen when a frame is told while the video plays on."""
    return set(counters[max(0, frame - BEHIND) : frame + AHEAD + 1])


def near_colours(sample: Sample, frame: int, colours: Sequence[Sequence[int]]) -> bool:
    wanted = [colour(sample.pictures[frame], *point) for point in points()]
    return bool(np.abs(np.array(wanted) - np.array(colours)).max() <= TOLERANCE)


def colour(picture: np.ndarray, x: int, y: int) -> list[float]:
    """BT.709, limited range → RGB."""
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    luma = (float(picture[y, x]) - 16) * 255 / 219
    blue, red = ((float(plane[y // 2, x // 2]) - 128) * 255 / 224 for plane in chroma)
    rgb = luma + 1.5748 * red, luma - 0.1873 * blue - 0.4681 * red, luma + 1.8556 * blue
    return [min(max(channel, 0.0), 255.0) for channel in rgb]


# --- The table ------------------------------------------------------------------------------------

Check = Callable[[Sample, Path], str]


def version(command: Sequence[str], pattern: str = r"(?<![\w-])\d+(\.\d+)+") -> str:
    said = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(pattern, said.stdout + said.stderr)
    return found[0] if found else "?"


def decoders() -> Iterator[tuple[str, Check]]:
    if shutil.which("ffmpeg"):
        yield f"FFmpeg {version(['ffmpeg', '-version'])}", ffmpeg
    for element in ("avdec_h264", "openh264dec", "vah264dec", "nvh264dec", "v4l2h264dec"):
        if has_element(element):
            release = version(["gst-launch-1.0", "--version"])
            yield f"GStreamer {release} {element}", partial(gstreamer, element)


def browsers() -> Iterator[tuple[str, list[str]]]:
    chromium = next(filter(None, map(shutil.which, ("chromium", "google-chrome"))), None)
    if chromium:
        flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--mute-audio"]
        flags += ["--user-data-dir=PROFILE", "--autoplay-policy=no-user-gesture-required"]
        yield f"Chromium {version([chromium, '--version'])}", [chromium, *flags]
    firefox = next(filter(None, map(shutil.which, ("firefox-esr", "firefox"))), None)
    if firefox:
        named = f"Firefox {version([firefox, '--version'])}"
        yield named, [firefox, "--headless", "--no-remote", "--profile", "PROFILE"]
    found = sorted(Path("/usr").glob("lib*/**/webkit2gtk-4*/MiniBrowser"))
    if found and shutil.which("xvfb-run"):
        shown = ["xvfb-run", "-a", str(found[-1])]
        named = f"WebKitGTK {version([*shown, '--version'])}"
        yield named, [*shown, "--private", "--autoplay-policy=allow"]


def checks() -> Iterator[tuple[str, Check]]:
    yield from decoders()
    for name, command in browsers():
        for source, suffix in (("sample.mp4", "file"), ("mse", "MSE")):
            yield f"{name}, {suffix}", partial(browser, command, source)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("-o", "--output", type=Path)
    parser.add_argument("--only", default="")
    parser.add_argument("--plain", action="store_true", help="the same video, all frames encoded")
    options = parser.parse_args()
    with contextlib.ExitStack() as stack:
        folder = options.output or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        folder.mkdir(parents=True, exist_ok=True)
        sample = make(folder, skip=not options.plain)
        total = len(sample.counters)
        print(f"{total} frames of {WIDTH}×{HEIGHT}, {sample.encoded} of them change")
        for name, check in checks():
            if options.only.lower() in name.lower():
                start = time.perf_counter()
                verdict = check(sample, folder)
                print(f"{name:34} {verdict} ({time.perf_counter() - start:.0f} s)", flush=True)


if __name__ == "__main__":
    main()
