"""Notice of change: one watcher of a process asks SQLite whether anything was committed.

`PRAGMA data_version` on a connection that never writes changes with every commit of any other
connection, of this process or another. It is asked only while somebody waits.
"""

from __future__ import annotations

import asyncio
import sqlite3

from inkreel.backends.sqlite.database import Database
from inkreel.errors import InkreelError

POLL_SECONDS = 0.04


class Watch:
    """Revisions of a database, counted by this process; for one event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._revision = 0
        self._seen: tuple[sqlite3.Connection, int] | None = None
        self._waiting: set[asyncio.Future[InkreelError | None]] = set()
        self._task: asyncio.Task[None] | None = None

    async def changed(self, since: int, seconds: float) -> int:
        """Wait until the revision is another one than `since`, or the time is over."""
        if since < 0:
            return await self._look()
        if since != self._revision:
            return self._revision
        woken: asyncio.Future[InkreelError | None] = asyncio.get_running_loop().create_future()
        self._waiting.add(woken)
        if self._task is None:
            self._task = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(seconds):
                error = await woken
        except TimeoutError:
            error = None
        finally:
            self._waiting.discard(woken)
        if error is not None:
            raise error
        return self._revision

    async def close(self) -> None:
        """Wake all who wait."""
        task = self._task
        self._wake(None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        try:
            while self._waiting:
                before = self._revision
                if await self._look() != before:
                    self._wake(None)
                else:
                    await asyncio.sleep(POLL_SECONDS)
        except InkreelError as error:
            self._wake(error)
        finally:
            self._task = None

    def _wake(self, error: InkreelError | None) -> None:
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(error)
        self._waiting.clear()

    async def _look(self) -> int:
        return await self._database.watch(self._compare)

    def _compare(self, connection: sqlite3.Connection) -> int:
        seen = (connection, int(connection.execute("PRAGMA data_version").fetchone()[0]))
        if seen != self._seen:  # versions of two connections say nothing about each other
            self._seen = seen
            self._revision += 1
        return self._revision
