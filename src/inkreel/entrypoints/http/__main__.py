"""One API process below `inkreel serve`: answers requests on a socket that it is handed.

    python -m inkreel.entrypoints.http --fd N --kept

On SIGTERM it first says that it is not ready and has each answer close its connection, for
`drain_seconds`, so that load balancers go elsewhere and lose nothing; then it stops to listen,
finishes what is under way within `grace_seconds`, and ends.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import logging
import signal
import socket
import sys
from collections.abc import Iterator
from types import FrameType
from typing import Any

import uvicorn

from inkreel import settings
from inkreel.entrypoints.http.app import create_app
from inkreel.entrypoints.http.connections import Connection
from inkreel.entrypoints.keeping import KEPT, end_with_parent

KEEP_ALIVE_SECONDS = 75
"""Longer than the load balancers' usual 60: they close an idle connection, not we under them."""
LINGER_SECONDS = 0.5
"""How long a kept connection stays open when we no longer listen."""
BACKLOG = 2_048


class Server(uvicorn.Server):
    """uvicorn's, but for how it begins and ends."""

    def __init__(self, config: uvicorn.Config, app: Any, drain_seconds: float) -> None:
        super().__init__(config)
        self._app = app
        self._drain_seconds = drain_seconds
        self._draining = False

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Ours for as long as we serve; what we were told is not raised again."""
        numbers = (signal.SIGTERM, signal.SIGINT)
        before = {number: signal.signal(number, self.handle_exit) for number in numbers}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:  # noqa: ARG002  the base's
        """Drain at the first signal, end at once at the second."""
        asyncio.get_event_loop().call_soon_threadsafe(self.drain)

    def drain(self) -> None:
        """Tell everybody to go elsewhere; a second call ends the wait."""
        if self._draining:
            self.should_exit = True
            return
        self._draining = True
        self._app.state.draining.set()  # not ready; answers close their connection; streams end
        asyncio.get_running_loop().call_later(self._drain_seconds, self._leave)

    def _leave(self) -> None:
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Begin to listen. What is there now stays: walking it again at each full collection of
        garbage held answers up for 150 ms now and then."""
        await super().startup(sockets)
        gc.collect()
        gc.freeze()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop to listen, and cut nobody off: who stood at the door is let in, and who kept a
        connection may ask once more on it."""
        doors = [listener.dup() for listener in sockets or ()]
        for server in self.servers:
            server.close()
        for connection in [one for door in doors for one in _at(door)]:
            await asyncio.get_running_loop().connect_accepted_socket(self._protocol, connection)
        if self.server_state.connections:
            await asyncio.sleep(LINGER_SECONDS)
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        state = self.lifespan.state
        return Connection(config=self.config, server_state=self.server_state, app_state=state)


def _at(door: socket.socket) -> Iterator[socket.socket]:
    """Connections that were made and not yet accepted: closing the last copy of the socket would
    reset them."""
    with door, contextlib.suppress(BlockingIOError):
        while True:
            connection, _ = door.accept()
            connection.setblocking(False)
            yield connection


def main() -> None:
    """Serve until told to end."""
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--fd", type=int, required=True, help="The socket to listen on.")
    arguments.add_argument(KEPT, action="store_true", help="End with the parent process.")
    listener = socket.socket(fileno=arguments.parse_args().fd)
    logging.basicConfig(level=logging.WARNING, format="%(levelname)s %(name)s: %(message)s")
    loaded = settings.load()
    app = create_app(loaded)
    config = uvicorn.Config(
        app,
        http=Connection,
        ws="none",
        lifespan="on",
        log_config=None,
        access_log=False,
        server_header=False,
        proxy_headers=False,
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=max(1, round(loaded.grace_seconds)),
    )
    server = Server(config, app, loaded.drain_seconds)

    def orphaned() -> None:
        server.should_exit = True

    end_with_parent(orphaned)
    server.run([listener])
    sys.exit(0 if server.started else 3)


if __name__ == "__main__":
    main()
