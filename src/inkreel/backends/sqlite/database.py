"""An SQLite file in WAL mode: its connections, threads, transactions, migrations and errors.

SQLite blocks, so nothing of it runs on the event loop: one thread writes, a few read, one watches
for changes; each has a connection of its own. A connection on which something failed is closed,
and the next call opens another: what was away and is back is found without a restart.

The file must lie on a local disk: the processes share memory beside it.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import shutil
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from inkreel.errors import DatabaseDamaged, DiskFull, InkreelError, SettingError, Unavailable

T = TypeVar("T")
Work = Callable[[sqlite3.Connection], T]

READERS = 3
BUSY_SECONDS = 10.0
"""How long a transaction waits for those of other processes."""
OPEN_SECONDS = 0.01
LITTLE_BYTES = 1_000_000
"""With less free space than this a failed write is put down to it."""


class Database:
    """`migrations[n]` holds the statements that lead from schema `n` to `n + 1`."""

    def __init__(self, path: Path, migrations: Sequence[str], *, durable: bool = True) -> None:
        self.path = path
        self._migrations = migrations
        self._durable = durable
        self._there = False
        self._own = threading.local()
        self._lock = threading.Lock()
        self._connections: set[sqlite3.Connection] = set()
        self._writer = ThreadPoolExecutor(1, "sqlite-writer")
        self._readers = ThreadPoolExecutor(READERS, "sqlite-reader")
        self._watcher = ThreadPoolExecutor(1, "sqlite-watcher")

    async def write(self, work: Work[T]) -> T:
        """Do work in one transaction: when this returns it is on the disk, when it raises nothing
        has changed. Raises `DiskFull`, `Unavailable`, and what the work raises."""
        return await self._in(self._writer, lambda: self._transaction("BEGIN IMMEDIATE", work))

    async def read(self, work: Work[T]) -> T:
        """Do work that only reads, all of one moment. Raises `Unavailable`."""
        return await self._in(self._readers, lambda: self._transaction("BEGIN", work))

    async def watch(self, work: Work[T]) -> T:
        """Do work on a connection that never writes, and thus sees the commits of all others."""
        return await self._in(self._watcher, lambda: self._bare(work))

    async def check(self) -> None:
        """Raises `Unavailable` when the file is away or damaged, `SettingError` when a newer
        version of this program wrote it."""
        await self.read(lambda connection: connection.execute("PRAGMA user_version").fetchone())
        if not self.path.exists():
            raise self._away("it is no longer there")

    async def close(self) -> None:
        """Finish what is under way; later calls raise `Unavailable`."""
        await asyncio.to_thread(self._shut)

    def discard(self) -> None:
        """Delete a damaged file, so that the next call starts with an empty one."""
        self._there = False
        for end in ("", "-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)

    # --- Threads ---------------------------------------------------------------------------------

    async def _in(self, threads: Executor, call: Callable[[], T]) -> T:
        try:
            future = threads.submit(call)
        except RuntimeError as error:
            raise Unavailable("The service is ending.", hint="Try again in a moment.") from error
        return await asyncio.wrap_future(future)

    def _shut(self) -> None:
        for threads in (self._writer, self._readers, self._watcher):
            threads.shutdown()
        with self._lock:
            while self._connections:
                self._connections.pop().close()

    # --- Transactions ----------------------------------------------------------------------------

    def _transaction(self, begin: str, work: Work[T]) -> T:
        with self._connected() as connection:
            connection.execute(begin)
            try:
                result = work(connection)
            except BaseException:
                if connection.in_transaction:  # SQLite itself may have rolled back
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")
            return result

    def _bare(self, work: Work[T]) -> T:
        with self._connected() as connection:
            return work(connection)

    @contextlib.contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        """This thread's connection, dropped when something fails on it."""
        try:
            if getattr(self._own, "connection", None) is None:
                self._own.connection = self._patiently_opened()
            yield self._own.connection
        except (sqlite3.Error, OSError) as error:
            self._drop()
            told = self._told(error)
            if told is None:
                raise
            raise told from error

    def _drop(self) -> None:
        connection = getattr(self._own, "connection", None)
        self._own.connection = None
        if connection is not None:
            with self._lock:
                self._connections.discard(connection)
            with contextlib.suppress(sqlite3.Error):
                connection.close()

    # --- Opening ---------------------------------------------------------------------------------

    def _patiently_opened(self) -> sqlite3.Connection:
        """Others may be opening or closing the file too; SQLite itself does not wait for that."""
        until = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                return self._open()
            except sqlite3.OperationalError as error:
                if _code(error) != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                    raise
                time.sleep(OPEN_SECONDS)

    def _open(self) -> sqlite3.Connection:
        if not self._there:
            # Only once: a file that vanishes later must not be replaced by an empty one unseen.
            self.path.parent.mkdir(parents=True, exist_ok=True)
            os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        connection = sqlite3.connect(
            f"{self.path.absolute().as_uri()}?mode=rw",
            uri=True,
            timeout=BUSY_SECONDS,
            isolation_level=None,
            check_same_thread=False,  # each thread has its own; `_shut` closes them all
        )
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute(f"PRAGMA synchronous = {'FULL' if self._durable else 'OFF'}")
            connection.execute("PRAGMA foreign_keys = ON")
            self._migrate(connection)
        except BaseException:
            connection.close()
            raise
        self._there = True
        with self._lock:
            self._connections.add(connection)
        return connection

    def _migrate(self, connection: sqlite3.Connection) -> None:
        if self._schema(connection) == len(self._migrations):
            return
        connection.execute("BEGIN IMMEDIATE")
        for number in range(self._schema(connection), len(self._migrations)):
            for statement in self._migrations[number].split(";"):
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {len(self._migrations)}")
        connection.execute("COMMIT")

    def _schema(self, connection: sqlite3.Connection) -> int:
        found = int(connection.execute("PRAGMA user_version").fetchone()[0])
        if found > len(self._migrations):
            raise SettingError(
                f"{self.path} was written by a newer version of Inkreel (its schema is {found}, "
                f"this version knows {len(self._migrations)}).",
                hint="Install the newer version again, or set INKREEL_DATA to another folder.",
            )
        return found

    # --- Errors ----------------------------------------------------------------------------------

    def _told(self, error: sqlite3.Error | OSError) -> InkreelError | None:
        """The error in the user's words; None for a mistake of ours."""
        if isinstance(error, OSError):
            full = error.errno in (errno.ENOSPC, errno.EDQUOT)
            return self._full() if full else self._away(error.strerror or str(error))
        code = _code(error)
        if code == sqlite3.SQLITE_FULL or (code == sqlite3.SQLITE_IOERR and self._little()):
            return self._full()
        if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
            return DatabaseDamaged(
                f"The database {self.path} is damaged: {error}.",
                hint="Stop the service and put back a backup of the data folder.",
            )
        if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            return Unavailable(
                f"The database {self.path} was locked for too long.",
                hint="Try again. If it goes on, look for a process that holds it.",
            )
        if code in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_IOERR,
            sqlite3.SQLITE_PERM,
            sqlite3.SQLITE_READONLY,
        ):
            return self._away(str(error))
        return None

    def _little(self) -> bool:
        with contextlib.suppress(OSError):
            return shutil.disk_usage(self.path.parent).free < LITTLE_BYTES
        return False

    def _full(self) -> DiskFull:
        return DiskFull(
            f"No space left for the database {self.path}.",
            hint="Free some space; nothing was lost, and the service goes on by itself.",
        )

    def _away(self, why: str) -> Unavailable:
        return Unavailable(
            f"The database {self.path} cannot be used: {why}.",
            hint="Check that the data folder is there and may be written to.",
        )


def _code(error: sqlite3.Error) -> int:
    """SQLite's primary result code; of an error of the `sqlite3` module itself the general one."""
    code: int = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return code & 0xFF
