"""`Rates` in SQLite. What lies here may be lost: nothing is synced, a damaged file is made anew."""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from inkreel.backends.rates import SWEEP_AFTER, Alone, allowed
from inkreel.backends.sqlite.database import Database
from inkreel.errors import DatabaseDamaged, DiskFull, Unavailable
from inkreel.job import Allowance

MIGRATIONS = ("CREATE TABLE rates (client TEXT PRIMARY KEY, full REAL NOT NULL) WITHOUT ROWID",)


class SqliteRates:
    """Rate limits that the processes of one machine share."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, durable=False)
        self._alone = Alone()
        self._taken = 0

    async def take(self, client: str, per_minute: int, burst: int, now: float) -> Allowance:
        if per_minute <= 0:
            return Allowance(remaining=burst, reset=0.0)

        def work(connection: sqlite3.Connection) -> Allowance:
            row = connection.execute("SELECT full FROM rates WHERE client = ?", (client,))
            (full,) = row.fetchone() or (now,)
            after, allowance = allowed(full, per_minute, burst, now)
            if after != full:
                connection.execute("INSERT OR REPLACE INTO rates VALUES (?, ?)", (client, after))
            self._taken += 1
            if self._taken % SWEEP_AFTER == 0:
                connection.execute("DELETE FROM rates WHERE full < ?", (now,))
            return allowance

        try:
            return await self._database.write(work)
        except DatabaseDamaged:
            await asyncio.to_thread(self._database.discard)
        except (DiskFull, Unavailable):
            pass
        return self._alone.take(client, per_minute, burst, now)

    async def close(self) -> None:
        await self._database.close()
