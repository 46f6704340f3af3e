"""A CDN in front of the service: a real cache on loopback that does what its headers tell it."""

from __future__ import annotations

import asyncio
import http.server
import json
import re
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from inkreel.errors import SettingError
from inkreel.job import folder_key
from inkreel.jobs import purging
from inkreel.settings import load
from inkreel.wiring.worker import open_worker
from tests.entrypoints.http.server import Running

FILM = bytes(range(256)) * 400
PICTURE = b"\xff\xd8 a picture"


class Cdn:
    """Keeps public answers by path, whatever their signature; drops what it is told to."""

    def __init__(self) -> None:
        self.origin = ""
        self.kept: dict[str, tuple[bytes, dict[str, str]]] = {}
        self.fetched: list[str] = []
        self.told: list[tuple[str, str, bytes, str]] = []
        self.failing = 0
        cdn = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                cdn.serve(self)

            def do_PURGE(self) -> None:
                cdn.purge(self)

            def do_POST(self) -> None:
                cdn.purge(self)

            def log_message(self, *_: Any) -> None:
                return None

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def serve(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        key = re.sub(r"[?&](expires|signature)=[^&]*", "", handler.path)
        if key not in self.kept:
            self.fetched.append(key)
            try:
                with urllib.request.urlopen(self.origin + handler.path, timeout=10) as answer:
                    headers = {name.lower(): value for name, value in answer.headers.items()}
                    whole = answer.read(), headers
            except urllib.error.HTTPError as refusal:
                answer_with(handler, refusal.code, b"", {})
                return
            if "public" not in headers["cache-control"]:
                answer_with(handler, 200, *whole)
                return
            self.kept[key] = whole
        answer_with(handler, 200, *self.kept[key])

    def purge(self, handler: http.server.BaseHTTPRequestHandler) -> None:
        body = handler.rfile.read(int(handler.headers.get("content-length", 0)))
        self.told.append(
            (handler.command, handler.path, body, handler.headers.get("authorization", ""))
        )
        if self.failing:
            self.failing -= 1
            answer_with(handler, 503, b"", {})
            return
        links = json.loads(body)["files"] if body else [handler.path]
        for link in links:
            path = link.removeprefix(self.url)
            for key in [key for key in self.kept if key.partition("?")[0] == path]:
                del self.kept[key]
        answer_with(handler, 200, b"", {})


def answer_with(
    handler: http.server.BaseHTTPRequestHandler, status: int, body: bytes, headers: dict[str, str]
) -> None:
    handler.send_response(status)
    for name, value in headers.items():
        if name not in ("content-length", "connection", "date", "server", "transfer-encoding"):
            handler.send_header(name, value)
    handler.send_header("Content-Length", str(len(body)))
    handler.end_headers()
    handler.wfile.write(body)


@pytest.fixture
def cdn() -> Iterator[Cdn]:
    cdn = Cdn()
    yield cdn
    cdn.server.shutdown()
    cdn.server.server_close()


@contextmanager
def service(root: Path, cdn: Cdn, **settings: Any) -> Iterator[Running]:
    server = Running(root, cdn_url=f"{cdn.url}/", **settings)
    server.start()
    cdn.origin = f"http://127.0.0.1:{server.port}"
    try:
        yield server
    finally:
        server.stop()


def get(url: str) -> httpx2.Response:
    return httpx2.get(url, trust_env=False)


async def tell(server: Running) -> None:
    """A worker works until nothing is to be told any more."""
    stop = asyncio.Event()
    settings = server.service.settings.model_copy(update={"workers": 1})
    async with open_worker(settings) as worker:
        working = asyncio.create_task(worker.run(stop))
        async with asyncio.timeout(60):
            while list(server.service.objects.sizes(purging.FOLDER)):  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        stop.set()
        await working


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(purging, "SETTLED_SECONDS", 0.0)
    monkeypatch.setattr(purging, "LOOK_SECONDS", 0.05)


def test_files_are_fetched_once_and_dropped_when_the_video_is(
    tmp_path: Path, cdn: Cdn, soon: None
) -> None:
    """Videos, pictures and segments have links to the CDN, which may keep them for ever and is
    asked by all; captions and the playlist do not. When the video is deleted, the CDN is told
    until it listens, and then nothing is served any more."""
    with service(tmp_path, cdn) as server, server.client() as client:
        job = server.done({"video": FILM, "poster": PICTURE, "vtt": b"WEBVTT\n\n"})
        video = client.get(f"/v1/videos/{job.id}").json()
        links = {file["variant"]: file["url"] for file in video["files"]}
        assert links["vtt"].startswith("/v1/videos/")
        shown = [links["video"], links["poster"], video["scenes"][0]["thumbnail"]]
        for link in shown:
            assert link.startswith(f"{cdn.url}/v1/videos/{job.id}/files/")
            for _ in range(3):
                answer = get(link)
                assert answer.status_code == 200
                assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                assert answer.headers["access-control-allow-origin"] == "*"
                assert answer.headers["cache-tag"] == job.id
        assert get(links["video"]).content == FILM
        assert get(links["video"]).headers["content-type"] == "video/mp4"
        assert len(cdn.fetched) == 3
        cdn.failing = 2
        assert client.delete(f"/v1/videos/{job.id}").status_code == 204
        assert len(cdn.kept) == 3
        asyncio.run(tell(server))
        assert not cdn.kept
        assert {told[0] for told in cdn.told} == {"PURGE"}
        for link in shown:
            assert get(link).status_code in (403, 404)


def test_a_cdn_with_an_interface_of_its_own_is_told_in_its_words(
    tmp_path: Path, cdn: Cdn, soon: None
) -> None:
    """Method, address, body and header of the request are settings; one names many links."""
    with (
        service(
            tmp_path,
            cdn,
            cdn_purge_method="POST",
            cdn_purge_url=f"{cdn.url}/zones/7/purge",
            cdn_purge_body='{"files": {urls}}',
            cdn_purge_header="Authorization: Bearer secret",
        ) as server,
        server.client() as client,
    ):
        job = server.done({"video": FILM, "poster": PICTURE})
        for file in client.get(f"/v1/videos/{job.id}").json()["files"]:
            get(file["url"])
        assert len(cdn.kept) == 2
        client.delete(f"/v1/videos/{job.id}")
        asyncio.run(tell(server))
        assert not cdn.kept
        ((method, path, _, header),) = cdn.told
        assert (method, path, header) == ("POST", "/zones/7/purge", "Bearer secret")


def test_what_is_dropped_is_told_even_when_the_process_dies_first(
    tmp_path: Path, cdn: Cdn, soon: None
) -> None:
    """The note lies among the objects before anything is dropped, and a later worker sends it; the
    CDN that is away meanwhile keeps nobody from working."""
    with service(tmp_path, cdn) as server, server.client() as client:
        job = server.done({"video": FILM})
        (file,) = client.get(f"/v1/videos/{job.id}").json()["files"]
        get(file["url"])
        server.service.objects.drop(folder_key(job.id))
        assert len(list(server.service.objects.sizes(purging.FOLDER))) == 1
        assert cdn.kept
        asyncio.run(tell(server))
        assert not cdn.kept


def test_a_forged_or_expired_link_is_not_answered(tmp_path: Path, cdn: Cdn) -> None:
    """The CDN's links carry their own permission, for their path alone."""
    with service(tmp_path, cdn) as server, server.client() as client:
        job = server.done({"video": FILM, "poster": PICTURE})
        video, poster = (
            file["url"].removeprefix(cdn.url)
            for file in client.get(f"/v1/videos/{job.id}").json()["files"]
        )
        query = poster.partition("?")[2]
        assert client.get(f"{video.partition('?')[0]}?{query}").status_code == 403
        expired = re.sub(r"expires=\d+", f"expires={int(time.time()) - 10}", video)
        assert client.get(expired).status_code == 403
        odd = video.replace(".video.mp4", ".video.jpg")
        assert client.get(odd).status_code in (403, 404)
        part = client.get(video, headers={"Range": "bytes=5-9"})
        assert (part.status_code, part.content) == (206, FILM[5:10])
        head = client.head(video)
        assert (head.status_code, head.headers["content-length"]) == (200, str(len(FILM)))


def test_the_page_may_show_what_the_cdn_serves(tmp_path: Path, cdn: Cdn) -> None:
    """Its policy names the CDN's origin, and nothing else from elsewhere."""
    with service(tmp_path, cdn) as server, server.client() as client:
        policy = client.get("/").headers["content-security-policy"]
        for kind in ("img-src", "media-src", "connect-src"):
            assert f"{kind} 'self' {cdn.url}" in policy
        assert "default-src 'self';" in policy


@pytest.mark.parametrize(
    "given",
    [
        {"cdn_url": "cdn.example.com"},
        {"cdn_url": "https://user:pw@cdn.example.com"},
        {"cdn_url": "https://cdn.example.com", "cdn_purge_url": "ftp://x"},
        {"cdn_url": "https://cdn.example.com", "cdn_purge_header": "secret"},
    ],
)
def test_a_wrong_setting_is_refused_at_the_start(given: dict[str, str], tmp_path: Path) -> None:
    """It is named, with the way to write it."""

    async def start() -> None:
        settings = load(data=tmp_path, cache=tmp_path / "cache", **given)
        async with open_worker(settings):
            pass

    with pytest.raises(SettingError) as told:
        asyncio.run(start())
    assert told.value.field in given
    assert told.value.hint
