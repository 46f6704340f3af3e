"""What lies around every request: bounds, ids, headers, languages, and what breaks."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest

from inkreel.entrypoints.http import body, connections
from inkreel.entrypoints.http.problems import CODES, language, title
from inkreel.errors import Unavailable, by_code
from tests.entrypoints.http.server import TEXT, Running, running

PART = b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.md"\r\n\r\n'
HEAD = (
    b"POST /v1/videos HTTP/1.1\r\nHost: localhost\r\n"
    b"Content-Type: multipart/form-data; boundary=x\r\n"
)


def test_an_endless_upload_is_stopped(server: Running) -> None:
    """A body without end is refused with 413 after the limit and no more than 10 MB."""
    limit = server.service.settings.max_input_bytes
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.settimeout(10)
        # What lies in between was sent, but never read.
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 16)
        line.sendall(HEAD + b"Transfer-Encoding: chunked\r\n\r\n")
        line.sendall(b"%x\r\n%b\r\n" % (len(PART), PART))
        sent, piece = 0, b"a" * 65_536
        try:
            while sent < limit + 50_000_000:
                line.sendall(b"%x\r\n%b\r\n" % (len(piece), piece))
                sent += len(piece)
        except ConnectionError:
            pass
        assert sent <= limit + 10_000_000
        answer = b""
        try:
            while more := line.recv(65_536):
                answer += more
        except ConnectionError:
            pass
    assert answer.startswith(b"HTTP/1.1 413 ")
    assert b'"document_too_large"' in answer
    assert server.left() == []


@pytest.mark.parametrize("length", [b"900000000", b"900000000000000"])
def test_a_declared_giant_is_not_read(server: Running, length: bytes) -> None:
    """Content-Length alone is enough to refuse, before a client that waits sends anything; one
    that no disk would hold is too large, it does not fill ours."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.settimeout(5)
        line.sendall(HEAD + b"Expect: 100-continue\r\nContent-Length: " + length + b"\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 413 ")


@pytest.mark.parametrize(
    ("opening", "more"),
    [
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\n", b"X-More: and more\r\n" * 1000),
        (b"GET /livez HTTP/1.1\r\nHost: localhost\r\nX-Long: ", b"a" * 20_000),
        (b"GET /", b"a" * 20_000),
        (HEAD + b"Transfer-Encoding: chunked\r\n\r\n1;", b"a" * 20_000),
    ],
)
def test_an_endless_head_is_stopped(server: Running, opening: bytes, more: bytes) -> None:
    """What comes before a head is whole is kept in memory, before anybody is asked for a key."""
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.settimeout(10)
        sent = 0
        with contextlib.suppress(ConnectionError):
            line.sendall(opening)
            while sent < 50_000_000:
                line.sendall(more)
                sent += len(more)
        assert sent < 20_000_000  # of this most lies in the buffers of the system


def test_a_client_that_goes_leaves_nothing(server: Running) -> None:
    """Cut off in the middle of an upload, the service forgets it."""
    before = sorted(server.service.objects.sizes(""))
    for cut in (10, 1_000, 1_900_000):
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.sendall(
                HEAD + b"Content-Length: 1950000\r\n\r\n" + (PART + bytes(1_950_000))[:cut]
            )
            time.sleep(0.05)
    until = time.monotonic() + 5
    while server.service.uploads.under_way and time.monotonic() < until:
        time.sleep(0.02)
    assert server.service.uploads.under_way == 0
    assert server.left() == []
    assert sorted(server.service.objects.sizes("")) == before


def test_slow_clients_are_closed(server: Running, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever sends nothing, drips its head or its body, or does not read, is closed in time."""
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.5)
    monkeypatch.setattr(body, "BODY_SECONDS", 0.8)
    monkeypatch.setattr(body, "STALL_SECONDS", 0.5)
    drips = {
        "silent": b"",
        "head": b"GET /livez HTTP/1.1\r\nHost: ",
        "stalled body": HEAD + b"Content-Length: 5000\r\n\r\n" + PART,
        "dripped body": HEAD + b"Content-Length: 5000\r\n\r\n" + PART,
    }

    def drip(what: str) -> tuple[float, bytes]:
        began = time.monotonic()
        heard = b""
        with socket.create_connection(("127.0.0.1", server.port)) as line:
            line.settimeout(0.1)
            line.sendall(drips[what])
            while time.monotonic() - began < 10:
                try:
                    more = line.recv(65_536)
                except TimeoutError:
                    if what in ("head", "dripped body"):
                        try:
                            line.sendall(b"a")
                        except ConnectionError:
                            break
                    continue
                except ConnectionError:
                    break
                if not more:
                    break
                heard += more
        return time.monotonic() - began, heard

    with ThreadPoolExecutor(40) as threads:
        found = list(threads.map(lambda what: (what, *drip(what)), list(drips) * 10))
    assert max(seconds for _, seconds, _ in found) < 6
    for what, _, heard in found:
        if "body" in what:
            assert heard.startswith(b"HTTP/1.1 408 "), (what, heard)
            assert b'"body_too_slow"' in heard


def test_a_client_that_does_not_read_is_closed(
    server: Running, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full buffer is not kept for a client that has fallen asleep."""
    monkeypatch.setattr(connections, "READ_SECONDS", 0.3)
    job = server.done({"video": bytes(30_000_000)})
    with socket.create_connection(("127.0.0.1", server.port)) as line:
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        line.sendall(
            f"GET /v1/videos/{job.id}/content HTTP/1.1\r\nHost: localhost\r\n\r\n".encode()
        )
        until = time.monotonic() + 5
        while time.monotonic() < until:
            if not server.do(_open(server, line.getsockname()[1])):
                return
            time.sleep(0.05)
    raise AssertionError("the connection is still open")


async def _open(server: Running, port: int) -> bool:
    return any(
        one.client and one.client[1] == port for one in server.server.server_state.connections
    )


def test_overload_is_refused_at_once(tmp_path: Path) -> None:
    """More uploads than are taken in, more jobs than may wait, too little room: each is told
    before the body is read, and the probes answer on."""
    limits = {"uploads": 1, "uploads_waiting": 1, "max_waiting": 3, "client_waiting": 2}
    with running(tmp_path, **limits) as server, server.client() as client:
        lines = []
        for _ in range(2):
            line = socket.create_connection(("127.0.0.1", server.port))
            line.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + PART)
            lines.append(line)
        until = time.monotonic() + 5
        while server.service.uploads.under_way < 2 and time.monotonic() < until:
            time.sleep(0.01)
        began = time.monotonic()
        busy = client.post("/v1/videos", json={"text": TEXT.decode()})
        assert time.monotonic() - began < 1
        assert (busy.status_code, busy.json()["code"]) == (429, "busy")
        assert busy.headers["retry-after"]
        assert client.get("/readyz").status_code == 200
        for line in lines:
            line.close()
        while server.service.uploads.under_way and time.monotonic() < until:
            time.sleep(0.01)
        codes = []
        for number in range(3):
            body = {"text": f"# Number {number}\n\nThe sea is high."}
            codes.append(client.post("/v1/videos", json=body).json().get("code"))
        assert codes == [None, None, "quota_exceeded"]
        server.job(client="another")
        time.sleep(0.6)
        full = client.post("/v1/videos", json={"text": TEXT.decode()})
        assert (full.status_code, full.json()["code"]) == (429, "queue_full")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    """507, and the service is ready for all else."""
    with running(tmp_path, disk_reserve_bytes=10**18) as server, server.client() as client:
        full = client.post("/v1/videos", json={"text": TEXT.decode()})
        assert (full.status_code, full.json()["code"]) == (507, "disk_full")
        ready = client.get("/readyz")
        assert (ready.status_code, ready.json()["checks"]["disk"]) == (200, "no room for uploads")


def test_connections_are_bounded(tmp_path: Path) -> None:
    """More requests at once than a process answers are told so."""
    with running(tmp_path, max_connections=2) as server, server.client() as client:
        lines = []
        for _ in range(2):
            line = socket.create_connection(("127.0.0.1", server.port))
            line.sendall(HEAD + b"Content-Length: 5000\r\n\r\n" + PART)
            lines.append(line)
        until = time.monotonic() + 5
        while server.service.uploads.under_way < 2 and time.monotonic() < until:
            time.sleep(0.01)
        assert client.get("/v1/videos").json()["code"] == "busy"
        assert client.get("/livez").status_code == 200
        for line in lines:
            line.close()


def test_every_answer_has_an_id(client: httpx2.Client) -> None:
    """The client's own if it is sane; never one that could forge a line of the log."""
    for path in ("/livez", "/v1/videos", "/nothing", "/v1/videos/x"):
        assert client.get(path).headers["x-request-id"].startswith("req_")
    assert (
        client.get("/livez", headers={"X-Request-ID": "a-1.b"}).headers["x-request-id"] == "a-1.b"
    )
    for bad in ("a b", "a" * 65, "<b>", ""):
        told = client.get("/livez", headers={"X-Request-ID": bad}).headers["x-request-id"]
        assert told.startswith("req_")


def test_answers_are_sealed(client: httpx2.Client) -> None:
    """Nothing that the API says can run in a browser, nor be kept by a cache unasked."""
    for path in ("/v1/videos", "/nothing", "/livez", "/v1/me", "/openapi.json"):
        headers = client.get(path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["content-security-policy"].startswith("default-src 'none'")
        assert headers["cache-control"] in ("no-store", "private, no-cache", "no-cache")
    assert "script-src" not in client.get("/docs").headers["content-security-policy"]


def test_unknown_places_and_methods_are_problems(client: httpx2.Client) -> None:
    """404 and 405 look as all other errors do."""
    unknown = client.get("/v2/videos")
    assert (unknown.status_code, unknown.json()["code"]) == (404, "not_found")
    wrong = client.put("/v1/videos")
    assert (wrong.status_code, wrong.json()["code"]) == (405, "method_not_allowed")
    assert wrong.headers["allow"] == "GET, POST"


@pytest.mark.parametrize(
    ("accept", "tongue"),
    [
        ("", "en"),
        ("vi", "vi"),
        ("vi-VN,vi;q=0.9,en;q=0.8", "vi"),
        ("en-GB;q=0.8, vi;q=0.7", "en"),
        ("fr, vi;q=0.1", "vi"),
        ("vi;q=0", "en"),
        (";;;,,,q=", "en"),
    ],
)
def test_titles_speak_the_readers_language(client: httpx2.Client, accept: str, tongue: str) -> None:
    """By Accept-Language; the code is the same in both."""
    assert language(accept) == tongue
    answer = client.get("/nothing", headers={"Accept-Language": accept})
    assert answer.json()["title"] == title("not_found", tongue)
    assert answer.headers["content-language"] == tongue


def test_every_error_has_titles() -> None:
    """Each code that can reach a client is told in both languages."""
    kinds = by_code()
    inside = {"setting_invalid", "output_invalid", "output_not_writable", "service_failed"}
    inside |= {"voice_failed", "drawing_failed", "encoding_failed", "lease_lost", "cancelled"}
    inside |= {"writer_failed", "image_failed"}
    inside |= {"request_refused", "too_many_requests", "database_damaged", "video_damaged"}
    assert set(kinds) - set(CODES) <= inside
    assert set(CODES) <= set(kinds)


def test_what_breaks_is_told_and_logged(
    server: Running,
    client: httpx2.Client,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """500 with a request id that leads to the log; the message of the fault stays inside."""

    async def broken(query: object) -> None:
        raise ValueError("a secret of the house")

    monkeypatch.setattr(server.service.queue._queue, "jobs", broken)
    answer = client.get("/v1/videos")
    assert (answer.status_code, answer.json()["code"]) == (500, "internal")
    assert "secret" not in answer.text
    assert answer.json()["request_id"] in caplog.text
    monkeypatch.undo()
    assert client.get("/v1/videos").status_code == 200


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_answers_are_compressed(server: Running, client: httpx2.Client, coding: str) -> None:
    """Large ones, in what the client takes."""
    headers = {"Accept-Encoding": coding}
    with client.stream("GET", "/openapi.json", headers=headers) as answer:
        packed = b"".join(answer.iter_raw())
    assert answer.headers["content-encoding"] == coding
    plain = client.get("/openapi.json", headers={"Accept-Encoding": "identity"})
    assert len(packed) < len(plain.content) / 4
    assert "content-encoding" not in client.get("/livez", headers=headers).headers


@pytest.mark.parametrize("path", ["/livez", "/openapi.json", "/docs", "/v1/me", "/v1/videos", "/"])
def test_head_is_answered_as_get(client: httpx2.Client, path: str) -> None:
    """Probes that ask with HEAD learn what GET would say, without its body."""
    head, whole = client.head(path), client.get(path)
    assert (head.status_code, head.content) == (whole.status_code, b"") == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]


def test_health_is_told(server: Running, client: httpx2.Client) -> None:
    """Version and true uptime; the queue is asked."""
    first = client.get("/livez").json()
    time.sleep(0.05)
    second = client.get("/startupz").json()
    assert second["uptime_seconds"] - first["uptime_seconds"] >= 0.04
    assert client.get("/readyz").json()["checks"] == {"queue": "ok", "disk": "ok"}
    admin = client.get("/v1/admin").json()
    assert admin["queue"]["by_status"]["queued"] >= 0
    assert admin["sizes"]["free"] > 0
    assert client.post("/v1/admin/clean").json()["bytes"] >= 0
    page = client.get("/metrics").text
    assert 'route="/livez"' in page
    assert "vid_" not in page


def test_a_queue_that_is_away_is_told(
    server: Running, client: httpx2.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """503 with Retry-After, for probes and requests alike; no 500."""

    async def away(*_: object) -> None:
        raise Unavailable("The database cannot be used.", hint="Look at the disk.")

    for name in ("check", "jobs"):
        monkeypatch.setattr(server.service.queue._queue, name, away)
    for path in ("/readyz", "/v1/videos"):
        answer = client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        assert answer.headers["retry-after"]
    assert client.get("/livez").status_code == 200


def test_a_data_folder_that_is_away_is_told(tmp_path: Path) -> None:
    """503 for uploads and storyboards until it is back."""
    with running(tmp_path) as server, server.client() as client:
        text = {"text": TEXT.decode()}
        assert client.post("/v1/videos", json=text).status_code == 202
        objects = server.data / "objects"
        objects.rename(server.data / "away")
        form = {"document": ("a.md", TEXT)}
        for answer in (client.post("/v1/videos", json=text), client.post("/v1/videos", files=form)):
            assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
        (server.data / "away").rename(objects)
        assert client.post("/v1/videos", json=text).status_code == 202


def test_requests_on_one_connection_follow_one_another(server: Running) -> None:
    """Refused bodies break the connection, all else keeps it."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=5)
    for _ in range(3):
        line.request(
            "POST",
            "/v1/videos",
            json.dumps({"text": TEXT.decode()}),
            {"Content-Type": "application/json"},
        )
        answer = line.getresponse()
        assert (answer.status, answer.getheader("connection")) == (202, None)
        answer.read()
    line.close()


def test_a_writer_is_not_held_up_by_others(server: Running) -> None:
    """While uploads are read in children, status is answered."""
    stop = threading.Event()

    def upload() -> None:
        with server.client() as client:
            while not stop.is_set():
                client.post("/v1/videos", json={"text": f"# {time.time()}\n\nThe sea is high."})

    threads = [threading.Thread(target=upload) for _ in range(2)]
    for thread in threads:
        thread.start()
    job = server.job()
    with server.client() as client:
        taken = []
        for _ in range(60):
            began = time.monotonic()
            assert client.get(f"/v1/videos/{job.id}").status_code == 200
            taken.append(time.monotonic() - began)
    stop.set()
    for thread in threads:
        thread.join()
    assert sorted(taken)[len(taken) // 2] < 0.5
