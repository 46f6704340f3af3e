"""Around every request: its id, its bounds, its headers, its line in the log, and what is
answered when something breaks."""

from __future__ import annotations

import asyncio
import logging
import random
import re
import time
from urllib.parse import quote

from starlette.requests import ClientDisconnect, Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from inkreel.entrypoints.http import problems
from inkreel.entrypoints.http.health import PROBES
from inkreel.entrypoints.http.state import Service
from inkreel.errors import Busy, InkreelError

LINGER_BYTES = 4_000_000
LINGER_SECONDS = 1.0
"""How much of a refused body is still read, so that who sends it gets to read the answer: a
connection closed with bytes unread is reset."""

_SANE_ID = re.compile(rb"[A-Za-z0-9._-]{1,64}")
_SECRET = re.compile(r"(signature|key|token)=[^&\s\"]*", re.IGNORECASE)
_DEFAULTS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"cache-control", b"no-store"),
)
"""Sent where the answer does not say otherwise."""

access = logging.getLogger("inkreel.access")
log = logging.getLogger("inkreel.http")


class Edge:
    """ASGI middleware around the whole application."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._under_way = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        service: Service = scope["app"].state.service
        passage = Passage(scope, receive, send, service)
        self._under_way += 1
        try:
            await self._pass(passage, service)
        finally:
            self._under_way -= 1
            passage.note()

    async def _pass(self, passage: Passage, service: Service) -> None:
        request = Request(passage.scope)
        most = service.settings.max_connections
        if self._under_way > most and passage.scope["path"] not in PROBES:
            busy = Busy(f"{most} requests are under way.", hint="Try again in a moment.")
            await problems.answer(request, busy)(passage.scope, passage.receive, passage.send)
            return
        try:
            await self._app(passage.scope, passage.receive, passage.send)
        except ClientDisconnect:
            passage.status = 499
        except Exception as error:
            log.exception("request %s broke", passage.scope["inkreel.request_id"])
            if passage.status:
                raise  # half an answer is out: the connection must break
            broken = InkreelError(
                f"The service broke on this request ({type(error).__name__}).",
                hint="Tell its operator the request_id.",
            )
            await problems.answer(request, broken)(passage.scope, passage.receive, passage.send)


class Passage:
    """One request on its way in and out."""

    def __init__(self, scope: Scope, receive: Receive, send: Send, service: Service) -> None:
        self.scope = scope
        self.status = 0
        self._receive = receive
        self._send = send
        self._service = service
        self._began = time.perf_counter()
        self._unread = False
        self._id = b""
        for name, value in scope["headers"]:
            if name == b"x-request-id" and _SANE_ID.fullmatch(value):
                self._id = value
            elif name == b"transfer-encoding" or (name == b"content-length" and value != b"0"):
                self._unread = True
        self._id = self._id or b"req_%016x" % random.getrandbits(64)
        scope["inkreel.request_id"] = self._id.decode()

    async def receive(self) -> Message:
        """What comes in."""
        message = await self._receive()
        if message["type"] == "http.disconnect" or not message.get("more_body", False):
            self._unread = False
        return message

    async def send(self, message: Message) -> None:
        """What goes out."""
        if message["type"] == "http.response.start":
            self.status = message["status"]
            message = {**message, "headers": self._headers(list(message["headers"]))}
        elif self._unread and not message.get("more_body", False):
            await self._send({**message, "more_body": True})
            await self._linger()
            message = {"type": "http.response.body", "body": b"", "more_body": False}
        await self._send(message)

    def _headers(self, headers: list[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in headers}
        headers += [pair for pair in _DEFAULTS if pair[0] not in there]
        headers += self.scope.get("inkreel.headers", ())
        headers.append((b"x-request-id", self._id))
        if self._unread or self._service.draining.is_set():
            headers.append((b"connection", b"close"))
        return headers

    async def _linger(self) -> None:
        """Let a refused body run out for a moment."""
        read = 0
        try:
            async with asyncio.timeout(LINGER_SECONDS):
                while self._unread and read < LINGER_BYTES:
                    read += len((await self.receive()).get("body", b""))
        except TimeoutError:
            return

    def note(self) -> None:
        """The line in the access log; secrets are left out."""
        access.info(
            "%s %s %d %.1f ms %s",
            self.scope["method"],
            redacted(self.scope),
            self.status,
            (time.perf_counter() - self._began) * 1000,
            self.scope["inkreel.request_id"],
        )


def redacted(scope: Scope) -> str:
    """Path and query without signatures, on one line."""
    query = scope["query_string"].decode("latin-1")
    return quote(scope["path"]) + (f"?{without_secrets(query)}" if query else "")


def without_secrets(text: str) -> str:
    """A text in which parameters that open something are struck out."""
    return _SECRET.sub(r"\1=…", text)


class Redacting(logging.Filter):
    """For loggers of the server that write whole URLs."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Strike secrets out of the arguments."""
        if isinstance(record.args, tuple):
            record.args = tuple(
                without_secrets(one) if isinstance(one, str) else one for one in record.args
            )
        return True
