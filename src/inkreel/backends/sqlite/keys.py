"""`KeyRing` in SQLite, and the file it shares with the queue."""

from __future__ import annotations

import secrets
import sqlite3
from pathlib import Path

import msgspec
from msgspec.structs import replace

from inkreel.backends.sqlite.database import Database
from inkreel.backends.sqlite.schema import MIGRATIONS
from inkreel.job import ApiKey

SECRET_BYTES = 32

_decode = msgspec.json.Decoder(ApiKey).decode
_encode = msgspec.json.Encoder().encode


class SqliteKeys:
    """API keys and the service's secrets. The file is made at the first call."""

    def __init__(self, path: Path) -> None:
        self._database = Database(path, MIGRATIONS)

    async def check(self) -> str:
        await self._database.check()
        return "ok"

    async def close(self) -> None:
        await self._database.close()

    async def add_key(self, key: ApiKey) -> None:
        await self._database.write(
            lambda connection: connection.execute(
                "INSERT INTO keys (id, body) VALUES (?, ?)", (key.id, _encode(key))
            )
        )

    async def find_key(self, key: str) -> ApiKey | None:
        return await self._database.read(lambda connection: _find(connection, key))

    async def keys(self) -> list[ApiKey]:
        rows = await self._database.read(
            lambda connection: connection.execute("SELECT body FROM keys ORDER BY rowid").fetchall()
        )
        return [_decode(body) for (body,) in rows]

    async def revoke_key(self, key: str, now: float) -> bool:
        def work(connection: sqlite3.Connection) -> bool:
            found = _find(connection, key)
            if found is None:
                return False
            revoked = replace(found, revoked=found.revoked or now)
            connection.execute("UPDATE keys SET body = ? WHERE id = ?", (_encode(revoked), key))
            return True

        return await self._database.write(work)

    async def secret(self, name: str) -> bytes:
        def read(connection: sqlite3.Connection) -> bytes | None:
            row = connection.execute("SELECT secret FROM secrets WHERE name = ?", (name,))
            found: tuple[bytes] | None = row.fetchone()
            return None if found is None else found[0]

        def make(connection: sqlite3.Connection) -> bytes:
            fresh = secrets.token_bytes(SECRET_BYTES)
            connection.execute("INSERT OR IGNORE INTO secrets VALUES (?, ?)", (name, fresh))
            return read(connection) or fresh

        found = await self._database.read(read)
        return await self._database.write(make) if found is None else found


def _find(connection: sqlite3.Connection, key: str) -> ApiKey | None:
    row = connection.execute("SELECT body FROM keys WHERE id = ?", (key,)).fetchone()
    return None if row is None else _decode(row[0])
