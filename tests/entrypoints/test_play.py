"""`inkreel make --play`: who may watch, what they get, and when the command ends."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import stat
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from http import HTTPStatus
from pathlib import Path

import av
import pytest

from inkreel.entrypoints.loopback import Answer, Loopback, Request
from tests.conftest import Made
from tests.entrypoints.playing import Playing, playing


def get(url: str, **headers: str) -> tuple[int, bytes]:
    """Status and body."""
    asked = urllib.request.Request(
        url, headers={k.replace("_", "-"): v for k, v in headers.items()}
    )
    try:
        with urllib.request.urlopen(asked, timeout=30) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()


def test_players_of_hls_follow_it_to_the_end(made: Made, tmp_path: Path) -> None:
    """A player that is given the playlist at once waits, plays what is there, goes on while more
    is made, and has every frame and sample at the end; then the command ends by itself and leaves
    the video and nothing else. No package beyond the core is needed."""
    with playing(made, tmp_path) as command:
        playlist = f"{command.address}/playlist.m3u8"
        early = get(playlist)[1].decode()
        with urllib.request.urlopen(f"{own(command)}/events"):  # for as long as that takes
            with av.open(playlist) as stream:
                frames = [frame.pts * frame.time_base for frame in stream.decode(video=0)]
            late = get(playlist)[1].decode()
        status, answer = command.ended()
        assert (status, answer.strip()) == (0, str(command.video)), command.said
        assert not command.left()
    count = round(made.result.seconds * 30)
    assert len(set(frames)) == len(frames) == count
    assert "#EXT-X-PLAYLIST-TYPE:EVENT" in early
    assert "#EXT-X-ENDLIST" not in early
    assert late.endswith("#EXT-X-ENDLIST\n")
    assert sum(map(float, re.findall(r"#EXTINF:([\d.]+)", late))) == pytest.approx(count / 30)
    assert command.video.read_bytes() == made.video.read_bytes()


def test_nobody_else_may_look(made: Made, tmp_path: Path) -> None:
    """Only who has the path is answered, under a name of this machine, and only who asks."""
    with playing(made, tmp_path) as command:
        own = command.address
        root = own.rpartition("/")[0]
        assert get(own)[0] == HTTPStatus.OK  # by way of the view's address
        assert get(f"{own}/core/i18n.js")[0] == HTTPStatus.OK
        for path in ("/", "/v1/videos", f"/{'a' * 22}/", "/core/i18n.js"):
            assert get(root + path)[0] == HTTPStatus.NOT_FOUND
        for path in ("/core/../app.js", "/settings.py", "/core/none.js", "/fonts/100.ttf"):
            assert get(own + path)[0] == HTTPStatus.NOT_FOUND
        assert get(f"{own}/", Host="attacker.example")[0] == HTTPStatus.FORBIDDEN
        assert get(f"{own}/", Host="127.0.0.1.attacker.example")[0] == HTTPStatus.FORBIDDEN
        assert get(f"{own}/", Host="localhost:1")[0] == HTTPStatus.OK  # through a tunnel
        with pytest.raises(OSError, match="refused"):  # other addresses of this machine
            socket.create_connection((socket.gethostbyname("127.0.0.2"), int(root.split(":")[2])))


def own(command: Playing) -> str:
    """The address of its video in the API."""
    with urllib.request.urlopen(command.address, timeout=30) as page:
        place, _, view = page.geturl().partition("#/watch/")
    return f"{place}v1/videos/{view}"


def test_listeners_hear_that_it_was_stopped(made: Made, tmp_path: Path) -> None:
    """Ctrl-C while it is made: pages are told, and nothing is left."""
    with playing(made, tmp_path) as command:
        with urllib.request.urlopen(f"{own(command)}/events", timeout=30) as events:
            assert b"event: snapshot" in events.readline() + events.readline() + events.readline()
            command.process.send_signal(signal.SIGINT)
            assert b'"status":"cancelled"' in events.read()
        status, answer = command.ended()
        assert (status, answer) == (130, "")
        assert not command.left()
        assert not command.video.exists()


@pytest.mark.parametrize("leaves", [True, False])
def test_the_finished_video_waits_for_those_who_watch(
    made: Made, tmp_path: Path, *, leaves: bool
) -> None:
    """The answer is given when the file is there, and the command stays while a page is open. It
    ends soon after that is closed, or at once with Ctrl-C; that is no failure."""
    with playing(made, tmp_path) as command:
        video = own(command)
        with urllib.request.urlopen(f"{video}/events", timeout=30):
            command.found(r"(Still playing)")
            assert json.loads(get(video)[1])["status"] == "done"
            assert command.process.poll() is None
            if not leaves:
                command.process.send_signal(signal.SIGINT)
                command.process.wait(60)
        status, answer = command.ended()
        assert (status, answer.strip()) == (0, str(command.video))
        assert not command.left()


def test_what_a_killed_command_showed_is_swept(made: Made, tmp_path: Path) -> None:
    """kill -9 while it plays: the next run removes the segments."""
    with playing(made, tmp_path) as command:
        get(f"{command.address}/playlist.m3u8")
        assert list(command.cache.glob("tmp/*/watched/**/*.segment"))
        command.process.kill()
        command.ended()
        assert command.left()
    with playing(made, tmp_path) as command:
        assert len(list(command.cache.glob("tmp/*"))) <= 1 + 4  # its own, and its children's
        command.process.send_signal(signal.SIGINT)
        command.ended()
        assert not command.left()


def test_the_browser_is_opened(made: Made, tmp_path: Path) -> None:
    """The user's browser is given the address, unless he sits at another machine."""
    browser = tmp_path / "browser"
    browser.write_text(f"#!/bin/sh\necho $1 >> {tmp_path}/asked\nsleep 60\n")
    browser.chmod(browser.stat().st_mode | stat.S_IXUSR)
    for remote, asked in (("", True), ("192.0.2.1 1 192.0.2.2 22", False)):
        variables = {"BROWSER": f"{browser} %s", "SSH_CONNECTION": remote, "SSH_TTY": ""}
        with playing(made, tmp_path, "--browser", **variables) as command:
            get(f"{command.address}/playlist.m3u8")
            told = tmp_path / "asked"
            assert told.exists() is asked
            if asked:
                assert told.read_text().strip() == command.address
                told.unlink()
            command.process.send_signal(signal.SIGINT)
            command.ended()  # the browser is still there


# --- The server ----------------------------------------------------------------------------------


async def answer(request: Request) -> Answer:
    async def forever() -> AsyncIterator[bytes]:
        while True:
            yield b"more\n"
            await asyncio.sleep(0.01)

    if request.path == "/stream":
        return Answer(HTTPStatus.OK, {}, forever())
    return Answer(HTTPStatus.OK, {"Content-Type": "text/plain"}, request.path.encode())


async def exchange(server: Loopback, data: bytes) -> bytes:
    """What is answered to these bytes until the connection ends."""
    port = int(server.address.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(data)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close", 200),
        ("HEAD / HTTP/1.1\r\nHost: [::1]:8\r\nConnection: close", 200),
        ("GET / HTTP/1.1", 403),
        ("GET / HTTP/1.1\r\nHost: example.com", 403),
        ("POST / HTTP/1.1\r\nHost: localhost", 405),
        ("GET / HTTP/1.0\r\nHost: localhost", 400),
        ("GET http://localhost/ HTTP/1.1\r\nHost: localhost", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nHost: example.com", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked", 400),
        ("GET / HTTP/1.1\r\nHost : localhost", 400),
        ("\x00\xff", 400),
        ("GET / HTTP/1.1\r\nHost: localhost\r\nX: " + "x" * 20_000, 0),
    ],
)
def test_only_plain_requests_are_answered(head: str, status: int) -> None:
    """What is not a request without a body, to a name of this machine, ends the connection."""

    async def run() -> bytes:
        async with Loopback(answer) as server:
            return await exchange(server, head.encode("latin-1") + b"\r\n\r\n")

    said = asyncio.run(run())
    assert said.startswith(b"HTTP/1.1 %d " % status) if status else said == b""
    if head.startswith("HEAD"):
        assert b"Content-Length: 1\r\n" in said
        assert said.endswith(b"\r\n\r\n")


def test_a_connection_is_used_again_and_streams_end_with_the_server() -> None:
    """Requests follow each other on one connection; a stream does not hold the server up."""

    async def run() -> tuple[bytes, bytes, float]:
        both = b"GET /one HTTP/1.1\r\nHost: localhost\r\n\r\n"
        last = b"GET /two?x=1 HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
        async with Loopback(answer) as server:
            first = await exchange(server, both + last)
            stream = asyncio.create_task(
                exchange(server, b"GET /stream HTTP/1.1\r\nHost: localhost\r\n\r\n")
            )
            await asyncio.sleep(0.2)
            began = asyncio.get_running_loop().time()
        return first, await stream, asyncio.get_running_loop().time() - began

    first, streamed, took = asyncio.run(run())
    assert first.count(b"HTTP/1.1 200 OK") == 2
    assert b"/one" in first
    assert first.endswith(b"/two")
    assert streamed.count(b"more") > 3
    assert took < 5
