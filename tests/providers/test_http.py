"""The guard on the way out: nobody has us call ourselves or our neighbours."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager

import httpcore2
import httpx2
import pytest

from inkreel.errors import SettingError
from inkreel.providers.http import Guard, fault_of, is_open, networks_from, open_client

LOOPBACK = networks_from(["127.0.0.0/8", "::1/128"])

PRIVATE = [
    "127.0.0.1",
    "127.8.9.10",
    "0.0.0.0",
    "10.0.0.1",
    "172.16.5.4",
    "192.168.1.1",
    "169.254.169.254",
    "168.63.129.16",
    "100.64.0.1",
    "100.100.100.200",
    "192.0.0.192",
    "198.18.0.1",
    "203.0.113.7",
    "224.0.0.1",
    "239.255.255.250",
    "240.0.0.1",
    "255.255.255.255",
    "192.88.99.1",
    "::",
    "::1",
    "::7f00:1",
    "::ffff:127.0.0.1",
    "::ffff:169.254.169.254",
    "64:ff9b::7f00:1",
    "64:ff9b::a9fe:a9fe",
    "64:ff9b:1::a00:1",
    "2002:7f00:1::",
    "2002:a9fe:a9fe::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:db8::1",
    "3fff::1",
    "5f00::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fec0::1",
    "ff02::1",
]
PUBLIC = [
    "1.1.1.1",
    "8.8.8.8",
    "2606:4700:4700::1111",
    "::ffff:8.8.8.8",
    "64:ff9b::808:808",
    "2002:808:808::1",
]
HOSTILE = [
    *(f"http://{one}/" for one in PRIVATE if ":" not in one),
    *(f"http://[{one}]/" for one in PRIVATE if ":" in one),
    "http://localhost/",
    "http://LOCALHOST:8000/",
    "http://hooks.localhost/",
    "http://localhost./",
    "http://127.0.0.1./",
    "http://2130706433/",
    "http://0x7f000001/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://127.1/",
    "http://127.0.0.0x1/",
    "http://0/",
    "http://1.1.1.1.1/",
    "http://%31%32%37.0.0.1/",
    "http://127。0。0。1/",
    "http://ⓛocalhost/",
    "http://[fe80::1%25eth0]/",
    "http://[::1%251]/",
    "http://example.com\\@127.0.0.1/",
    "http://example.com@127.0.0.1/",
    "http://user:secret@example.com/",
    "http://@example.com/",
    "http://exa mple.com/",
    "http://example.com\r\nHost:inner/",
    "http://a..b/",
    "http://example.com./",
    "http:///etc/passwd",
    "http://",
    "http:",
    "http:example.com",
    "http:/example.com/",
    "//example.com/",
    "example.com/hook",
    "file:///etc/passwd",
    "gopher://example.com/",
    "ftp://example.com/",
    "unix:/run/docker.sock",
    "javascript:alert(1)",
    "http://example.com:22/",
    "http://example.com:25/",
    "http://example.com:0/",
    "http://example.com:99999/",
    "http://example.com:-1/",
    f"http://example.com/{'a' * 3000}",
    "",
]


class Wire(httpcore2.AsyncMockBackend):
    """Answers 204 and remembers who was connected to."""

    def __init__(self) -> None:
        super().__init__([b"HTTP/1.1 204 No Content\r\n\r\n"])
        self.connected: list[str] = []

    async def connect_tcp(self, host: str, *args: object, **more: object) -> object:  # type: ignore[override]
        self.connected.append(host)
        return await super().connect_tcp(host, 80)


def names(*answers: Sequence[str]) -> Callable[[str, int], Awaitable[Sequence[str]]]:
    """A name server that gives one answer after the other, and the last one for ever."""
    left = list(answers)

    async def resolve(host: str, port: int) -> Sequence[str]:
        return left.pop(0) if len(left) > 1 else left[0]

    return resolve


def test_addresses_are_told_apart() -> None:
    """Public is what everybody can reach; whatever reaches an inner address is not."""
    assert [one for one in PRIVATE if is_open(ipaddress.ip_address(one))] == []
    assert [one for one in PUBLIC if not is_open(ipaddress.ip_address(one))] == []


@pytest.mark.parametrize("url", HOSTILE)
def test_hostile_urls_lead_nowhere(url: str) -> None:
    """Neither the check of the form nor the client lets one of them out: no connection is made,
    whatever the name server says."""
    assert fault_of(url)
    wire = Wire()

    async def post() -> None:
        resolve = names(["127.0.0.1"])
        async with open_client(Guard(resolve=resolve, network=wire)) as client:
            with pytest.raises((httpx2.HTTPError, httpx2.InvalidURL, ValueError)):
                await client.post(url)

    asyncio.run(post())
    assert wire.connected == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::ffff:10.0.0.1]", "0x7f.1", "inner.example.com"])
def test_names_are_no_way_in(host: str) -> None:
    """A name that stands for one private address among public ones is refused."""
    wire = Wire()

    async def post() -> None:
        resolve = names(["93.184.215.14", "10.0.0.8"])
        async with open_client(Guard(resolve=resolve, network=wire)) as client:
            with pytest.raises(httpx2.ConnectError):
                await client.post(f"http://{host}/")

    asyncio.run(post())
    assert wire.connected == []


def test_good_urls_pass() -> None:
    """Names and public addresses are let out, to the address that was checked."""
    for url in (
        "https://example.com/hook",
        "http://hooks.example.com:8080/a?b=c#d",
        "https://xn--exmple-cua.com/",
        "http://8.8.8.8/",
        "https://[2606:4700:4700::1111]:8443/x",
        "http://receiver/",
    ):
        assert fault_of(url) == ""
    assert fault_of("http://127.0.0.1:9999/", LOOPBACK) == ""
    assert fault_of("http://localhost:9999/", LOOPBACK) == ""
    wire = Wire()

    async def post() -> int:
        guard = Guard(resolve=names(["93.184.215.14"]), network=wire)
        async with open_client(guard) as client:
            return (await client.post("http://example.com/hook")).status_code

    assert asyncio.run(post()) == 204
    assert wire.connected == ["93.184.215.14"]


def test_rebinding_is_no_way_in() -> None:
    """The name is asked for once a connection, and what was checked is what is connected to: a
    name server that says public first and private then reaches nothing private."""
    wire = Wire()

    async def post() -> None:
        guard = Guard(resolve=names(["93.184.215.14"], ["127.0.0.1"]), network=wire)
        async with open_client(guard) as client:
            await client.post("http://example.com/", headers={"Connection": "close"})
        async with open_client(guard) as client:
            for _ in range(20):
                with pytest.raises(httpx2.ConnectError):
                    await client.post("http://example.com/")

    asyncio.run(post())
    assert wire.connected == ["93.184.215.14"]


def test_unknown_names_and_sockets_are_refused() -> None:
    """No address, no connection; and there is no way to a local socket."""

    async def unknown(host: str, port: int) -> Sequence[str]:
        raise socket.gaierror("Name or service not known")

    async def post() -> None:
        for resolve in (unknown, names([])):
            async with open_client(Guard(resolve=resolve, network=Wire())) as client:
                with pytest.raises(httpx2.ConnectError, match="not known"):
                    await client.post("http://example.com/")
        with pytest.raises(httpcore2.ConnectError):
            await Guard().connect_unix_socket("/run/docker.sock")

    asyncio.run(post())


def test_slow_names_end_in_time() -> None:
    """A name server that never answers costs the connect timeout, no more."""

    async def never(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return []

    async def post() -> None:
        async with open_client(Guard(resolve=never)) as client:
            with pytest.raises(httpx2.ConnectTimeout):
                await client.post("http://example.com/", timeout=0.05)

    asyncio.run(post())


@asynccontextmanager
async def server(answer: bytes) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A server on loopback that says `answer` to all; what was asked is in the list."""
    asked: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(answer)
        await writer.drain()
        writer.close()

    listener = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listener:
        yield listener.sockets[0].getsockname()[1], asked


def test_redirects_are_not_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A redirect is an answer like others; cookies are not kept, proxies of the environment are
    not used, and what is really connected to is the guard's choice."""
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")

    async def run() -> None:
        async with server(b"HTTP/1.1 204 No Content\r\n\r\n") as (inner, reached):
            redirect = (
                f"HTTP/1.1 307 Go\r\nLocation: http://127.0.0.1:{inner}/\r\n"
                "Set-Cookie: a=b\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
            )
            async with server(redirect.encode()) as (port, asked):
                guard = Guard(LOOPBACK, names(["127.0.0.1"]))
                async with open_client(guard) as client:
                    for _ in range(2):
                        said = await client.post(f"http://hooks.example.com:{port}/")
                        assert said.status_code == 307
                assert len(asked) == 2
                assert b"cookie" not in asked[1].lower()
            assert reached == []

    asyncio.run(run())


def test_connections_are_used_again() -> None:
    """One after the other, requests to one place go over one connection."""
    opened = 0
    left = asyncio.Event()

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal opened
        opened += 1
        with contextlib.suppress(asyncio.IncompleteReadError):
            while await reader.readuntil(b"\r\n\r\n"):
                writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        writer.close()
        await writer.wait_closed()
        left.set()

    async def run() -> None:
        async with await asyncio.start_server(serve, "127.0.0.1", 0) as listener:
            url = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}/"
            async with open_client(Guard(LOOPBACK)) as client:
                for _ in range(5):
                    assert (await client.post(url)).status_code == 204
            await left.wait()

    asyncio.run(run())
    assert opened == 1


def test_networks_are_checked() -> None:
    """A wrong network in the settings is told with an example of a right one."""
    with pytest.raises(SettingError, match="10\\.0\\.0\\.1/8"):
        networks_from(["10.0.0.1/8"])
