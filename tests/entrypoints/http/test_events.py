"""The event stream: nothing missing, nothing twice, and it never holds up an end."""

from __future__ import annotations

import json
import random
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
import zstandard

from inkreel.errors import VoiceFailed
from inkreel.job import Failure, ProgressTold, StatusTold, ThumbnailTold
from inkreel.jobs import lifecycle
from inkreel.model import Digest, Progress
from tests.entrypoints.http.server import KEEPING, Running, running

Told = dict[str, Any]


def parse(lines: Iterator[str]) -> Iterator[Told]:
    """Events as a browser sees them, pings as `ping`."""
    event: Told = {}
    for line in lines:
        if line == "":
            if "data" in event:
                yield {**event, "data": json.loads(event["data"])}
            event = {}
        elif line.startswith(":"):
            yield {"event": "ping"}
        else:
            name, _, value = line.partition(": ")
            event[name] = value


def listen(client: httpx2.Client, place: str, last: str | None = None) -> list[Told]:
    """All events until the stream ends."""
    headers = {} if last is None else {"Last-Event-ID": last}
    with client.stream("GET", f"{place}/events", headers=headers) as answer:
        assert answer.status_code == 200
        assert answer.headers["content-type"].startswith("text/event-stream")
        return list(parse(answer.iter_lines()))


def step(number: int) -> ProgressTold:
    return ProgressTold(Progress("clip", "made", number, 100, f"Scene {number}"), number / 100)


def test_a_stream_tells_all_and_ends(server: Running, client: httpx2.Client) -> None:
    """Snapshot first, then each kind of event with growing ids, then the end."""
    job = server.running()
    place = f"/v1/videos/{job.id}"
    with client.stream("GET", f"{place}/events") as answer:
        told = parse(answer.iter_lines())
        snapshot = next(told)
        assert snapshot["event"] == "snapshot"
        assert snapshot["data"] == client.get(place).json()
        server.tell(
            job.id,
            step(0),
            ProgressTold(Progress("reading", "warning", heading="A picture is missing"), 0.1),
            ThumbnailTold(2, Digest("0" * 64)),
        )
        change = lifecycle.failed(job.fence, time.time(), KEEPING, VoiceFailed("gone"))
        server.change(job.id, change)
        server.change(job.id, lifecycle.cancelled(time.time(), KEEPING))
        rest = list(told)
    names = [event["event"] for event in rest]
    assert names == ["progress", "warning", "thumbnail", "status", "status", "end"]
    assert rest[0]["data"] == {
        "stage": "clip",
        "state": "made",
        "scene": 1,
        "scenes": 100,
        "heading": "Scene 0",
        "fraction": 0.0,
    }
    assert rest[1]["data"] == {"stage": "reading", "text": "A picture is missing"}
    assert rest[2]["data"]["scene"] == 3
    assert client.get(rest[2]["data"]["url"]).status_code == 404  # signed well, no such picture
    assert rest[3]["data"]["retry_at"]
    assert rest[3]["data"]["error"]["code"] == "voice_failed"
    assert rest[5]["data"] == {"status": "cancelled"}
    ids = [int(event["id"]) for event in (snapshot, *rest[:-1])]
    assert ids == sorted(set(ids))


def test_a_late_listener_misses_nothing(server: Running, client: httpx2.Client) -> None:
    """With Last-Event-ID there is no snapshot, only what came after; ids of others are fine."""
    job = server.running()
    place = f"/v1/videos/{job.id}"
    server.tell(job.id, *(step(number) for number in range(1200)))
    server.change(job.id, lifecycle.cancelled(time.time(), KEEPING))
    told = listen(client, place, "0")
    assert [event["event"] for event in told].count("progress") == 1200
    assert told[-1]["event"] == "end"
    half = told[len(told) // 2]["id"]
    assert listen(client, place, half) == told[len(told) // 2 + 1 :]
    assert [event["event"] for event in listen(client, place, "9000000")] == ["end"]
    assert [event["event"] for event in listen(client, place)] == ["snapshot", "end"]
    for bad in ("-1", "x", "1.5", "9" * 30):
        answer = client.get(f"{place}/events", headers={"Last-Event-ID": bad})
        assert answer.status_code == 422


def test_an_id_that_lies_ahead_hides_nothing(server: Running, client: httpx2.Client) -> None:
    """When a backup was put back, listeners may be ahead of it: they too are told what comes."""
    job = server.running()
    place = f"/v1/videos/{job.id}"
    headers = {"Last-Event-ID": str(10**12)}
    with client.stream("GET", f"{place}/events", headers=headers) as answer:
        told = parse(answer.iter_lines())
        time.sleep(0.2)  # it listens
        server.change(job.id, lifecycle.cancelled(time.time(), KEEPING))
        assert [event["event"] for event in told] == ["status", "end"]


def test_twenty_cuts_lose_nothing(server: Running, client: httpx2.Client) -> None:
    """A listener that is cut off again and again gets each event once."""
    job = server.running()
    place = f"/v1/videos/{job.id}"
    dice = random.Random(20)
    count = 300

    def work() -> None:
        for number in range(count):
            server.tell(job.id, step(number))
        server.change(job.id, lifecycle.cancelled(time.time(), KEEPING))

    worker = threading.Thread(target=work)
    worker.start()
    seen: list[Told] = []
    last, cuts, ended = "0", 0, False
    while not ended:
        before = len(seen)
        patience = dice.randrange(1, 15) if cuts < 20 else count
        with client.stream("GET", f"{place}/events", headers={"Last-Event-ID": last}) as answer:
            for event in parse(answer.iter_lines()):
                if event["event"] == "end":
                    ended = True
                    break
                last = event["id"]
                seen.append(event)
                if len(seen) - before == patience:
                    cuts += 1
                    break
    worker.join()
    assert cuts >= 20
    told = [event["data"]["heading"] for event in seen if event["event"] == "progress"]
    assert told == [f"Scene {number}" for number in range(count)]
    assert len({event["id"] for event in seen}) == len(seen)


def unpacked(answer: httpx2.Response, coding: str) -> Iterator[bytes]:
    """What has come so far, piece by piece (httpx2 knows no zstd)."""
    if coding != "zstd":
        yield from answer.iter_bytes()
        return
    unpack = zstandard.ZstdDecompressor().decompressobj()
    for piece in answer.iter_raw():
        yield unpack.decompress(piece)


def lines(pieces: Iterator[bytes]) -> Iterator[str]:
    rest = b""
    for piece in pieces:
        *whole, rest = (rest + piece).split(b"\n")
        yield from (line.decode() for line in whole)


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_compressed_events_come_one_by_one(server: Running, coding: str) -> None:
    """Compression does not hold events back."""
    job = server.running()
    with (
        server.client(headers={"Accept-Encoding": coding}) as client,
        client.stream("GET", f"/v1/videos/{job.id}/events") as answer,
    ):
        assert answer.headers["content-encoding"] == coding
        told = parse(lines(unpacked(answer, coding)))
        assert next(told)["event"] == "snapshot"
        for number in range(3):
            server.tell(job.id, step(number))
            assert next(told)["data"]["heading"] == f"Scene {number}"


def test_listeners_leave_no_trace(server: Running, client: httpx2.Client) -> None:
    """When a client goes, so does what listened for it."""
    job = server.running()
    before = server.service.listeners.under_way
    for _ in range(5):
        with client.stream("GET", f"/v1/videos/{job.id}/events") as answer:
            told = parse(answer.iter_lines())  # held: dropped, it would end the stream
            next(told)
            assert server.service.listeners.under_way == before + 1
        until = time.monotonic() + 5
        while server.service.listeners.under_way > before and time.monotonic() < until:
            time.sleep(0.02)
        assert server.service.listeners.under_way == before


def test_a_quiet_stream_pings(
    server: Running, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proxies between see that the stream lives."""
    monkeypatch.setattr("inkreel.entrypoints.http.telling.PING_SECONDS", 0.1)
    job = server.running()
    with client.stream("GET", f"/v1/videos/{job.id}/events") as answer:
        told = parse(answer.iter_lines())
        assert next(told)["event"] == "snapshot"
        assert next(told) == next(told) == {"event": "ping"}


def test_draining_ends_streams_and_cuts_no_request(tmp_path: Path) -> None:
    """A server that is to end says so, ends its streams at once, and answers until it stops."""
    with running(tmp_path, max_connections=4) as server, server.client() as client:
        job = server.running()
        place = f"/v1/videos/{job.id}"
        with client.stream("GET", f"{place}/events") as answer:
            told = parse(answer.iter_lines())
            next(told)
            with client.stream("GET", f"{place}/events") as second:
                other = parse(second.iter_lines())
                next(other)
                busy = client.get(f"{place}/events")
                assert (busy.status_code, busy.json()["code"]) == (429, "busy")
            began = time.monotonic()
            server.loop.call_soon_threadsafe(server.service.draining.set)
            assert list(told) == []
            assert time.monotonic() - began < 1
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["code"]) == (503, "unavailable")
        assert ready.headers["retry-after"]
        assert client.get("/livez").status_code == 200
        status = client.get(place)
        assert (status.status_code, status.headers["connection"]) == (200, "close")
        assert [event["event"] for event in listen(client, place)] == ["snapshot"]


def test_status_events_carry_the_failure(server: Running) -> None:
    """An event names the same fields as the video does."""
    from inkreel.entrypoints.http.views import event

    job = server.job()
    links = None
    name, data = event(job, StatusTold("failed", 4, None, Failure("a", "b", "c")), links)
    assert name == "status"
    assert data.error.code == "a"
