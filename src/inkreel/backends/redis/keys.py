"""`KeyRing` in Redis, and the link it shares with the queue."""

from __future__ import annotations

import secrets
import time

import msgspec
from msgspec.structs import replace

from inkreel.backends.redis.link import Link
from inkreel.backends.redis.scripts import script
from inkreel.errors import Unavailable
from inkreel.job import ApiKey

SECRET_BYTES = 32
SEEN = 1_000
"""Keys that are remembered for when Redis is away."""
SEEN_SECONDS = 900.0
"""How long: one that is revoked meanwhile is good for no longer."""

_decode = msgspec.json.Decoder(ApiKey).decode
_encode = msgspec.json.Encoder().encode


class RedisKeys:
    """API keys and the service's secrets."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._seen: dict[str, tuple[float, ApiKey]] = {}

    async def check(self) -> str:
        await self._link.check()
        return "ok"

    async def close(self) -> None:
        await self._link.close()

    async def add_key(self, key: ApiKey) -> None:
        await self._link.run(script("key"), key.id, _encode(key), safe=True)

    async def find_key(self, key: str) -> ApiKey | None:
        """While Redis is away, one that was seen lately is known."""
        now = time.monotonic()
        try:
            data = await self._link.ask("HGET", self._link.key("keys"), key)
        except Unavailable:
            when, seen = self._seen.get(key, (-SEEN_SECONDS, None))
            if seen is None or now - when > SEEN_SECONDS:
                raise
            return seen
        self._seen.pop(key, None)
        if data is None:
            return None
        found = _decode(data)
        if len(self._seen) >= SEEN:
            del self._seen[next(iter(self._seen))]  # the one that was not shown for longest
        self._seen[key] = now, found
        return found

    async def keys(self) -> list[ApiKey]:
        order = await self._link.ask("LRANGE", self._link.key("key-order"), 0, -1)
        if not order:
            return []
        found = await self._link.ask("HMGET", self._link.key("keys"), *order)
        return [_decode(data) for data in found]

    async def revoke_key(self, key: str, now: float) -> bool:
        while True:
            before = await self._link.ask("HGET", self._link.key("keys"), key)
            if before is None:
                return False
            found = _decode(before)
            after = _encode(replace(found, revoked=found.revoked or now))
            if await self._link.run(script("revoke"), key, before, after, safe=True):
                return True

    async def secret(self, name: str) -> bytes:
        fresh = secrets.token_bytes(SECRET_BYTES)
        kept: bytes = await self._link.run(script("secret"), name, fresh, safe=True)
        return kept
