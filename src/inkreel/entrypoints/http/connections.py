"""Connections that wait for nobody: uvicorn's, but closed when a client is too slow, or says too
much before it comes to the point.

uvicorn itself waits for ever for the head of a request, keeps all of it however long it is, and
waits for a client that does not read its answer; bodies are bounded by `body`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""From the opening, or the first byte of a further request, to the end of its head."""
HEAD_BYTES = 512 * 1024
"""Most that comes in one go, and thus of a head and of what lies between the pieces of a body."""
READ_SECONDS = 30.0
"""How long a client may leave unread what fills the buffers."""


class Connection(HttpToolsProtocol):
    """`uvicorn.Config(http=Connection)`."""

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None
    _heard = 0
    """Bytes since a head was whole or a piece of a body was there."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._head = self._later(HEAD_SECONDS, self._close)

    def data_received(self, data: bytes) -> None:
        """It has sent something."""
        if self._head is None and (self.cycle is None or self.cycle.response_complete):
            self._head = self._later(HEAD_SECONDS, self._close)
        self._heard += len(data)
        super().data_received(data)
        if self._heard > HEAD_BYTES and not self.transport.is_closing():
            self.send_400_response("The head of the request is too large.")

    def on_headers_complete(self) -> None:
        """The head of a request is whole."""
        self._head = _stopped(self._head)
        self._heard = 0
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A piece of a body is there."""
        self._heard = 0
        super().on_body(body)

    def pause_writing(self) -> None:
        """It does not read."""
        super().pause_writing()
        self._unread = self._unread or self._later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """It reads again."""
        self._unread = _stopped(self._unread)
        super().resume_writing()

    def connection_lost(self, exc: Exception | None) -> None:
        """It is gone."""
        self._head, self._unread = _stopped(self._head), _stopped(self._unread)
        super().connection_lost(exc)

    def _later(self, seconds: float, call: Callable[[], None]) -> asyncio.TimerHandle:
        return self.loop.call_later(seconds, call)

    def _close(self) -> None:
        self._head = None
        self.transport.close()


def _stopped(timer: asyncio.TimerHandle | None) -> asyncio.TimerHandle | None:
    """No timer."""
    if timer is not None:
        timer.cancel()
    return None
