"""`KeyRing` in Redis, and the link it shares with the queue."""

from __future__ import annotations

import secrets

import msgspec
from msgspec.structs import replace

from inkreel.backends.redis.link import Link
from inkreel.backends.redis.scripts import script
from inkreel.job import ApiKey

SECRET_BYTES = 32

_decode = msgspec.json.Decoder(ApiKey).decode
_encode = msgspec.json.Encoder().encode


class RedisKeys:
    """API keys and the service's secrets."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def check(self) -> str:
        await self._link.check()
        return "ok"

    async def close(self) -> None:
        await self._link.close()

    async def add_key(self, key: ApiKey) -> None:
        await self._link.run(script("key"), key.id, _encode(key), safe=True)

    async def find_key(self, key: str) -> ApiKey | None:
        found = await self._link.ask("HGET", self._link.key("keys"), key)
        return None if found is None else _decode(found)

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
