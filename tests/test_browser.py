"""A made video in a real browser: it loads, plays, seeks and shows what was drawn."""

import re
import shutil
import threading
from collections.abc import Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import av
import pytest
from playwright.sync_api import sync_playwright

import inkreel

FRAME = 1 / 30
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), "")
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

DOCUMENT = """# A light in the window

Water boils at 100 degrees at sea level. On a high mountain it boils earlier.

## Why

The air presses less on the water, so its molecules leave sooner.
"""

PAGE = b"<!doctype html><title>inkreel</title><video muted preload=auto src=/video.mp4></video>"

WATCH = """async () => {
    const video = document.querySelector("video");
    const happens = (name) => new Promise((resolve, reject) => {
        video.addEventListener(name, resolve, { once: true });
        video.addEventListener("error", () => reject(video.error.message), { once: true });
    });
    const pixels = () => {
        const canvas = document.createElement("canvas");
        [canvas.width, canvas.height] = [video.videoWidth, video.videoHeight];
        const context = canvas.getContext("2d");
        context.drawImage(video, 0, 0);
        return [...context.getImageData(canvas.width / 2, canvas.height / 4, 1, 1).data];
    };
    if (video.readyState < 4) await happens("canplaythrough");
    await video.play();
    const began = video.currentTime;
    while (video.currentTime < began + 0.5) await happens("timeupdate");
    video.pause();
    const seen = { played: video.currentTime - began, early: pixels() };
    const target = video.duration * 0.75;
    const arrived = happens("seeked");
    video.currentTime = target;
    await arrived;
    seen.missed = Math.abs(video.currentTime - target);
    seen.late = pixels();
    await video.play();
    await happens("ended");
    return { ...seen, duration: video.duration, width: video.videoWidth,
             height: video.videoHeight, error: video.error && video.error.message };
}"""


class Pages(BaseHTTPRequestHandler):
    """A page with the video in it, and the video, whole or by range."""

    protocol_version = "HTTP/1.1"

    def __init__(self, video: Path, *rest: Any) -> None:
        self.video = video
        super().__init__(*rest)

    def do_GET(self) -> None:
        if self.path == "/":
            self._answer(200, "text/html", PAGE)
        elif self.path == "/video.mp4":
            self._answer_range(self.video.read_bytes())
        else:
            self._answer(404, "text/plain", b"")

    def log_message(self, *args: object) -> None:
        pass

    def _answer_range(self, data: bytes) -> None:
        asked = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range", ""))
        if asked is None:
            self._answer(200, "video/mp4", data)
            return
        first, last = int(asked[1]), int(asked[2] or len(data) - 1)
        part = data[first : last + 1]
        place = f"bytes {first}-{first + len(part) - 1}/{len(data)}"
        self._answer(206, "video/mp4", part, **{"Content-Range": place})

    def _answer(self, status: int, kind: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        sizes = {"Content-Type": kind, "Content-Length": str(len(body)), "Accept-Ranges": "bytes"}
        for name, value in {**sizes, **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except ConnectionError:
            self.close_connection = True  # the browser has read what it wanted


@pytest.fixture
def video(tmp_path: Path) -> Path:
    document = tmp_path / "light.md"
    document.write_text(DOCUMENT, "utf-8")
    path = tmp_path / "light.mp4"
    inkreel.make(document, path, size="1280x720", cache=tmp_path / "cache")
    return path


@pytest.fixture
def address(video: Path) -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Pages, video)) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@pytest.mark.skipif(not CHROMIUM, reason="no Chromium on this machine")
def test_a_browser_plays_it(video: Path, address: str) -> None:
    """A made file plays to its end in Chromium, at its size and length, and can be sought in."""
    with av.open(str(video)) as container:
        stream = container.streams.video[0]
        seconds = float(stream.duration * stream.time_base)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        page = browser.new_page()
        page.goto(address)
        seen = page.evaluate(WATCH)
        browser.close()
    assert seen["error"] is None
    assert (seen["width"], seen["height"]) == (1280, 720)
    assert abs(seen["duration"] - seconds) <= FRAME
    assert seen["played"] >= 0.5
    assert seen["missed"] <= FRAME
    assert max(seen["early"][:3]) > 0
    assert max(seen["late"][:3]) > 0
