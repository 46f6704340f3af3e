"""Music sent with a document."""

from __future__ import annotations

import httpx2
import numpy as np
import pytest

from inkreel.job import music_key
from tests.entrypoints.http.server import TEXT, Running
from tests.music.files import write


@pytest.fixture(scope="module")
def tune(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    noise = np.random.default_rng(1).standard_normal((2, 96_000)) * 0.1
    return write(tmp_path_factory.mktemp("tune") / "tune.flac", noise, 48_000)


def send(client: httpx2.Client, tune: bytes, **more: str) -> httpx2.Response:
    key = more.pop("key", "")
    files = [("music", ("tune.flac", tune)), ("document", ("tides.md", TEXT))]
    headers = {"Idempotency-Key": key} if key else {}
    return client.post("/v1/videos", files=files, data=more, headers=headers)


def test_music_is_taken_in(server: Running, client: httpx2.Client, tune: bytes) -> None:
    """It is kept with the job, whichever part comes first, and is a part of what was ordered."""
    answer = send(client, tune, music_volume="-3", key="tune")
    assert answer.status_code == 202, answer.text
    video = answer.json()
    assert video["options"]["music_volume"] == -3
    assert server.service.objects.read(music_key(video["id"])) == tune
    assert server.left() == []
    assert send(client, tune, music_volume="-3", key="tune").json()["id"] == video["id"]
    other = send(client, tune + b"\0", music_volume="-3", key="tune")
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_key_reused")
    client.delete(video["links"]["self"])
    assert server.service.objects.size(music_key(video["id"])) is None


def test_bad_music_is_refused(server: Running, client: httpx2.Client, tune: bytes) -> None:
    """To the sender, at once, and nothing is left of it."""
    before = client.get("/v1/videos").json()["data"]
    for bad in (b"", b"no music at all", b"ID3" + bytes(20_000), tune[:100]):
        answer = send(client, bad)
        assert (answer.status_code, answer.json()["code"]) == (422, "music_unreadable")
        assert answer.json()["hint"]
    large = send(client, bytes(server.service.settings.max_music_bytes + 1))
    assert large.json()["code"] == "music_unreadable"
    assert send(client, tune, music_volume="40").status_code == 422
    twice = [("music", ("a.flac", tune)), ("music", ("b.flac", tune)), ("document", ("a.md", TEXT))]
    assert client.post("/v1/videos", files=twice).status_code == 422
    assert client.post("/v1/videos", files={"music": ("a.flac", tune)}).status_code == 422
    assert client.get("/v1/videos").json()["data"] == before
    assert server.left() == []
