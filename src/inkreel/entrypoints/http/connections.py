"""Connections that wait for nobody: uvicorn's, but closed when a client is too slow.

uvicorn itself waits for ever for the head of a request and for a client that does not read its
answer; bodies are bounded by `body`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_SECONDS = 20.0
"""From the opening, or the first byte of a further request, to the end of its head."""
READ_SECONDS = 30.0
"""How long a client may leave unread what fills the buffers."""


class Connection(HttpToolsProtocol):
    """`uvicorn.Config(http=Connection)`."""

    _head: asyncio.TimerHandle | None = None
    _unread: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client is there."""
        super().connection_made(transport)
        self._head = self._later(HEAD_SECONDS, self._close)

    def data_received(self, data: bytes) -> None:
        """It has sent something."""
        if self._head is None and (self.cycle is None or self.cycle.response_complete):
            self._head = self._later(HEAD_SECONDS, self._close)
        super().data_received(data)

    def on_headers_complete(self) -> None:
        """The head of a request is whole."""
        self._head = _stopped(self._head)
        super().on_headers_complete()

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
