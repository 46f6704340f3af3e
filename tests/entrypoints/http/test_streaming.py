"""A video that is still being made, over HTTP: what can be played, and how it is told."""

from __future__ import annotations

import hashlib
import time

import httpx2
from msgspec.structs import replace

from inkreel.job import Job, SceneSegment, SceneState, SegmentTold, Stream, segment_key
from inkreel.jobs import lifecycle
from inkreel.model import Digest
from tests.entrypoints.http.server import KEEPING, Running

OPENING = b"initialisation"


def place(server: Running, job: Job, data: bytes) -> Digest:
    digest = Digest(hashlib.sha256(data).hexdigest())
    server.service.objects.write(segment_key(job.id, digest), data)
    return digest


def publish(server: Running, job: Job, ready: int, scenes: int = 3) -> Job:
    """A job of which so many scenes can be played."""
    stream = Stream(place(server, job, OPENING), "avc1.640028,mp4a.40.2")
    states, told = [], []
    for number in range(scenes):
        if number >= ready:
            states.append(SceneState(f"Scene {number}"))
            continue
        segment = SceneSegment(number + 1, place(server, job, b"segment %d" % number), 10.0)
        start = 10.0 * number
        states.append(
            SceneState(f"Scene\n{number}", segments=(segment,), start=start, seconds=10.0)
        )
        told.append(SegmentTold(number, segment, start))
    return server.change(
        job.id, lambda job: replace(job, stream=stream), tuple(told), scenes=tuple(states)
    )


def test_the_playlist_grows_and_ends(server: Running, client: httpx2.Client) -> None:
    """It lists the scenes from the first on that are there, by links that need no key."""
    job = server.running()
    own = f"/v1/videos/{job.id}"
    assert client.get(f"{own}/playlist.m3u8").status_code == 404
    publish(server, job, 2)
    answer = client.get(client.get(own).json()["stream"]["playlist"])
    assert answer.headers["content-type"].startswith("application/vnd.apple.mpegurl")
    assert answer.headers["cache-control"] == "private, no-store"
    lines = answer.text.splitlines()
    assert lines[0] == "#EXTM3U"
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in lines
    assert "#EXT-X-ENDLIST" not in lines
    segments = [line for line in lines if line.startswith("/")]
    assert [client.get(url).content for url in segments] == [b"segment 0", b"segment 1"]
    assert "#EXTINF:10.000000,Scene 0" in lines
    opening = next(line for line in lines if line.startswith("#EXT-X-MAP")).split('"')[1]
    assert client.get(opening).content == OPENING
    server.change(job.id, lambda job: replace(job, status="done"))
    assert client.get(f"{own}/playlist.m3u8").text.endswith("#EXT-X-ENDLIST\n")


def test_a_hole_is_not_listed(server: Running, client: httpx2.Client) -> None:
    """What lies behind a scene that is not there cannot be played."""
    job = publish(server, server.running(), 3)
    scenes = list(server.do(server.service.queue.scenes(job.id)))
    scenes[1] = SceneState("Scene 1")
    server.change(job.id, lambda job: job, scenes=tuple(scenes))
    text = client.get(f"/v1/videos/{job.id}/playlist.m3u8").text
    assert text.count("#EXTINF") == 1


def test_segments_are_files(server: Running, client: httpx2.Client) -> None:
    """They are kept for ever under their version, served in parts, and 404 until they are there."""
    job = publish(server, server.running(), 1)
    own = f"/v1/videos/{job.id}"
    scene = client.get(own).json()["scenes"][0]
    url = scene["segments"][0]["url"]
    fixed = client.get(url)
    assert "immutable" in fixed.headers["cache-control"]
    assert (
        scene["segments"][0]["url"].partition("?")[0] == f"{own}/segments/1.m4s"
    )  # FFmpeg asks for a name
    assert client.get(f"{own}/segments/1.m4s").content == fixed.content
    part = client.get(f"{own}/segments/1", headers={"Range": "bytes=0-6"})
    assert (part.status_code, part.content) == (206, b"segment")
    assert part.headers["cache-control"] == "private, no-cache"
    assert client.get(f"{own}/segments/2").status_code == 404
    assert client.get(f"{own}/segments/9").status_code == 404


def test_an_expired_stream_is_gone(server: Running, client: httpx2.Client) -> None:
    """Its playlist names nothing that is no longer there."""
    job = publish(server, server.running(), 3)
    server.change(job.id, lambda job: replace(job, status="done"))
    server.change(job.id, lifecycle.aged(time.time() + 4000, KEEPING))
    own = f"/v1/videos/{job.id}"
    assert client.get(own).json()["stream"] is None
    gone = client.get(f"{own}/playlist.m3u8")
    assert (gone.status_code, gone.json()["code"]) == (410, "gone")
