"""One call: its body in a file, bounded; why it failed, without a secret."""

from __future__ import annotations

import asyncio
import gc
import os
import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import httpx2
import pytest

from inkreel.providers.calls import Secrets, fetch
from inkreel.providers.http import Guard, meant, networks_from, open_client
from inkreel.providers.policies import Failed
from tests.providers.misbehaving import Server, misbehaving

KEY = "sk-loopback-1234"


def call(server: Server, part: Path, limit: int = 10_000_000, read: float = 5.0) -> None:
    async def run() -> None:
        timeout = httpx2.Timeout(5.0, read=read)
        async with open_client(Guard(meant(server.url)), timeout=timeout) as client:
            body = {"input": "One sentence.", "response_format": "wav"}
            headers = {"Authorization": f"Bearer {KEY}"}
            url = f"{server.url}/audio/speech"
            request = client.build_request("POST", url, json=body, headers=headers)
            await fetch(client, request, part, limit, Secrets([KEY]))

    asyncio.run(run())


@pytest.mark.parametrize(
    ("fault", "kind", "wait"),
    [
        ("429", "busy", 0),
        ("429 7", "busy", 7),
        ("503 Wed, 21 Oct 2015 07:28:00 GMT", "down", 0),
        ("503 99999999", "down", 86_400),
        ("500", "down", 0),
        ("529", "busy", 0),
        ("400", "refused", 0),
        ("401", "refused", 0),
        ("404", "refused", 0),
        ("redirect", "refused", 0),
        ("cut", "down", 0),
        ("hang", "slow", 0),
    ],
)
def test_failures_are_told_apart(fault: str, kind: str, wait: float, tmp_path: Path) -> None:
    """What may pass is told from what will not, and what the service asks for is passed on."""
    with misbehaving(lambda _: fault) as server, pytest.raises(Failed) as caught:
        call(server, tmp_path / "part", read=0.2)
    assert (caught.value.kind, caught.value.wait) == (kind, wait)


def test_a_key_is_never_told(tmp_path: Path) -> None:
    """A service that repeats the key in its refusal is quoted without it."""
    with misbehaving(lambda _: "key") as server, pytest.raises(Failed) as caught:
        call(server, tmp_path / "part")
    assert "bad key Bearer …" in caught.value.why
    assert KEY not in caught.value.why


def test_too_long_an_answer_is_left(tmp_path: Path) -> None:
    """No more than the limit is ever written."""
    with misbehaving() as server, pytest.raises(Failed, match=r"longer than 0\.001 MB"):
        call(server, tmp_path / "part", limit=1_000)
    assert not (tmp_path / "part").exists()


def test_a_call_that_is_given_up_leaves_no_open_file(tmp_path: Path) -> None:
    """Also when it is while a slow disk opens the file: here that waits for a reader."""
    part = tmp_path / "part"
    os.mkfifo(part)

    async def run(server: Server) -> None:
        async with open_client(Guard(meant(server.url)), timeout=httpx2.Timeout(5.0)) as client:
            request = client.build_request("POST", f"{server.url}/audio/speech", json={})
            calling = asyncio.create_task(fetch(client, request, part, 10_000_000, Secrets([])))
            while not server.said:  # noqa: ASYNC110  it is in another thread
                await asyncio.sleep(0.01)
            await asyncio.sleep(0.3)
            calling.cancel()
            await asyncio.wait([calling])
            await asyncio.to_thread(part.read_bytes)  # till whoever writes has closed it

    with misbehaving() as server, warnings.catch_warnings(record=True) as told:
        warnings.simplefilter("always", ResourceWarning)
        asyncio.run(run(server))
        gc.collect()
    assert [str(one.message) for one in told if issubclass(one.category, ResourceWarning)] == []


def test_nobody_there_is_a_failure_that_may_pass(tmp_path: Path) -> None:
    """A refused connection is told without the address."""
    with misbehaving() as server:
        gone = Server(port=server.port)
    with pytest.raises(Failed) as caught:
        call(gone, tmp_path / "part")
    assert (caught.value.kind, caught.value.why) == ("down", "no connection")


def answers(each: Callable[[bytes], bytes]) -> object:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(each(await reader.readuntil(b"\r\n\r\n")))
        await writer.drain()
        writer.close()

    return serve


def test_a_proxy_is_used_where_one_is_set(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proxy of the settings is asked with its password, and none of the environment."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    asked: list[bytes] = []

    def each(head: bytes) -> bytes:
        asked.append(head)
        return b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

    async def run() -> None:
        listener = await asyncio.start_server(answers(each), "127.0.0.1", 0)  # type: ignore[arg-type]
        async with listener:
            port = listener.sockets[0].getsockname()[1]
            proxy = f"http://me:secret@127.0.0.1:{port}"
            guard = Guard(networks_from(["127.0.0.1/32"]))
            async with open_client(guard, proxy=proxy) as client:
                request = client.build_request("GET", "http://voices.example.com/v1/models")
                await fetch(client, request, tmp_path / "part", 100, Secrets([]))

    asyncio.run(run())
    assert (tmp_path / "part").read_bytes() == b"ok"
    assert asked[0].startswith(b"GET http://voices.example.com/v1/models HTTP/1.1")
    assert b"basic bwu6c2vjcmv0" in asked[0].lower()


def test_what_the_operator_names_may_be_called() -> None:
    """A literal address and localhost are meant by who writes them; a name's addresses are not."""
    assert meant("http://127.0.0.1:8880/v1") == networks_from(["127.0.0.1/32"])
    assert meant("http://[::1]:8880/v1") == networks_from(["::1/128"])
    assert meant("http://localhost:8880/v1") == networks_from(["127.0.0.0/8", "::1/128"])
    for url in ("http://kokoro:8880/v1", "http://0x7f.1/", "http://127.1/", "https://a.example/v1"):
        assert meant(url) == ()


LARGE = """
import asyncio, resource, sys
from pathlib import Path
from inkreel.providers.calls import Secrets, fetch
from inkreel.providers.http import Guard, meant, open_client
SIZE = int(sys.argv[1]) * 1_000_000
async def serve(reader, writer):
    await reader.readuntil(b"\\r\\n\\r\\n")
    writer.write(b"HTTP/1.1 200 OK\\r\\nContent-Length: %d\\r\\n\\r\\n" % SIZE)
    block = bytes(1_000_000)
    for _ in range(SIZE // len(block)):
        writer.write(block)
        await writer.drain()
    writer.close()
async def main():
    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
        async with open_client(Guard(meant(url))) as client:
            part = Path(sys.argv[2])
            await fetch(client, client.build_request("GET", url), part, 10**9, Secrets([]))
            assert part.stat().st_size == SIZE
asyncio.run(main())
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_body(tmp_path: Path) -> None:
    """A body of 500 MB adds at most 16 MB of memory to what one of 1 MB needs."""

    def peak(megabytes: int) -> int:
        part = tmp_path / "part"
        asked = [sys.executable, "-c", LARGE, str(megabytes), str(part)]
        done = subprocess.run(asked, capture_output=True, text=True)
        part.unlink(missing_ok=True)
        assert done.returncode == 0, done.stderr
        return int(done.stdout) * (1 if sys.platform == "darwin" else 1024)

    assert peak(500) - peak(1) < 16 << 20
