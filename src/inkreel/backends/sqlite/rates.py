"""`Rates` in SQLite: the generic cell rate algorithm, one number per client.

What lies here may be lost (nothing is synced, a damaged file is made anew), and no request fails
because it cannot be counted: this process then counts for itself.
"""

from __future__ import annotations

import asyncio
import sqlite3
from pathlib import Path

from inkreel.backends.sqlite.database import Database
from inkreel.errors import DatabaseDamaged, DiskFull, Unavailable
from inkreel.job import Allowance

MIGRATIONS = ("CREATE TABLE rates (client TEXT PRIMARY KEY, full REAL NOT NULL) WITHOUT ROWID",)
SWEEP_AFTER = 1_000
"""Requests of this process after which clients whose allowance is whole are forgotten."""


def allowed(full: float, per_minute: int, burst: int, now: float) -> tuple[float, Allowance]:
    """One request more, when the allowance is whole again at `full`: that time now, and the answer.

    A request puts it off by a minute's share; it is refused if that would be further away than a
    burst takes.
    """
    each = 60.0 / per_minute
    after = max(full, now) + each
    over = after - (now + burst * each)
    if over > 1e-6:
        return full, Allowance(remaining=0, reset=full - now, retry_after=over)
    remaining = int((burst * each - (after - now)) / each + 1e-6)
    return after, Allowance(remaining=remaining, reset=after - now)


class SqliteRates:
    """Rate limits that the processes of one machine share."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS, durable=False)
        self._alone: dict[str, float] = {}
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
        if len(self._alone) > SWEEP_AFTER:
            self._alone = {name: full for name, full in self._alone.items() if full > now}
        full, allowance = allowed(self._alone.get(client, now), per_minute, burst, now)
        self._alone[client] = full
        return allowance

    async def close(self) -> None:
        await self._database.close()
