"""A small HTTP server for this machine alone, out of the standard library.

It answers GET and HEAD, under a loopback name only: a page from elsewhere whose name was pointed at
this machine (DNS rebinding) is refused. Everything else is for whoever is asked to `answer`.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from inkreel.entrypoints.keys import is_loopback

HOST = "127.0.0.1"
HEAD_BYTES = 16_384
"""Longest head of a request."""
CONNECTIONS = 64
IDLE_SECONDS = 60.0
"""A connection may be silent for so long between two requests."""
LAST_WORDS_SECONDS = 0.1
"""Streams may go on for so long when the server ends."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is asked for; `path` begins with / and has no query."""

    method: str
    path: str
    headers: Mapping[str, str]
    """By lower-case names."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What is answered; a body of unknown length is streamed."""

    status: HTTPStatus
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | AsyncIterator[bytes] = b""


class Loopback:
    """The server, as a context; `address` is where it listens."""

    def __init__(self, answer: Callable[[Request], Awaitable[Answer]]) -> None:
        self.address = ""
        self._answer = answer
        self._talks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._meet, HOST, 0, limit=HEAD_BYTES)
        self.address = f"http://{HOST}:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._server is not None:
            self._server.close()
        if self._talks:
            await asyncio.wait(self._talks, timeout=LAST_WORDS_SECONDS)
        for talk in self._talks:
            talk.cancel()
        await asyncio.gather(*self._talks, return_exceptions=True)

    def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if len(self._talks) >= CONNECTIONS:
            writer.close()
            return
        talk = asyncio.create_task(self._talk(reader, writer))
        self._talks.add(talk)
        talk.add_done_callback(self._talks.discard)

    async def _talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer the requests of a connection, one after the other."""
        # Whatever is wrong with a connection ends it.
        with contextlib.suppress(
            ConnectionError, TimeoutError, asyncio.IncompleteReadError, asyncio.LimitOverrunError
        ):
            try:
                while await self._exchange(reader, writer):
                    pass
            finally:
                writer.close()
                await writer.wait_closed()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Take a request and answer it; whether another one may follow."""
        async with asyncio.timeout(IDLE_SECONDS):
            request = _parse(await reader.readuntil(b"\r\n\r\n"))
        if request is None:
            answer, lasts = Answer(HTTPStatus.BAD_REQUEST), False
        elif not is_loopback(urlsplit(f"//{request.headers.get('host', '')}").hostname or ""):
            answer, lasts = Answer(HTTPStatus.FORBIDDEN), False
        elif request.method not in ("GET", "HEAD"):
            answer, lasts = Answer(HTTPStatus.METHOD_NOT_ALLOWED, {"Allow": "GET, HEAD"}), False
        else:
            answer = await self._answer(request)
            lasts = request.headers.get("connection", "").lower() != "close"
        streams = not isinstance(answer.body, bytes)
        writer.write(_head(answer, lasts=lasts and not streams))
        if request is not None and request.method == "HEAD":
            await writer.drain()
        elif isinstance(answer.body, bytes):
            writer.write(answer.body)
            await writer.drain()
        else:
            await _stream(answer.body, reader, writer)
        return lasts and not streams


def _parse(head: bytes) -> Request | None:
    """A request without a body (RFC 9112); None for anything else."""
    first, *lines = head[:-4].decode("latin-1").split("\r\n")
    method, _, rest = first.partition(" ")
    target, _, version = rest.partition(" ")
    headers = {}
    for line in lines:
        name, colon, value = line.partition(":")
        if not colon or name != name.strip() or name.lower() in headers:
            return None
        headers[name.lower()] = value.strip()
    bodiless = headers.get("content-length", "0") == "0" and "transfer-encoding" not in headers
    if version != "HTTP/1.1" or not target.startswith("/") or not bodiless:
        return None
    return Request(method, target.partition("?")[0], headers)


def _head(answer: Answer, *, lasts: bool) -> bytes:
    headers = {**answer.headers, "Connection": "keep-alive" if lasts else "close"}
    if isinstance(answer.body, bytes):
        headers["Content-Length"] = str(len(answer.body))
    lines = [f"HTTP/1.1 {answer.status} {answer.status.phrase}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


async def _stream(
    body: AsyncIterator[bytes], reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send a body until it ends, or the other side does."""

    async def send() -> None:
        async for chunk in body:
            writer.write(chunk)
            await writer.drain()

    sending, leaving = asyncio.create_task(send()), asyncio.create_task(reader.read(1))
    try:
        await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        sending.cancel()
        leaving.cancel()
        await asyncio.gather(sending, leaving, return_exceptions=True)
