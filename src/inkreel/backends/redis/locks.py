"""`Locks` in Redis: what one machine is having made, no other one orders meanwhile.

A lock is a lease: it ends by itself when its holder does. While Redis is away each machine goes on
by itself; what two of them make then is made twice, and the store keeps one.
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import secrets
from collections.abc import AsyncIterator

from inkreel.backends.redis.link import Link
from inkreel.backends.redis.scripts import script
from inkreel.errors import DiskFull, Unavailable

LEASE_SECONDS = 10.0
LOOK_SECONDS = 0.25
"""Between two looks whether a lock is free, ± a half."""


class RedisLocks:
    """Locks over a link that is another's to close."""

    def __init__(self, link: Link, lease: float = LEASE_SECONDS) -> None:
        self._link = link
        self._lease = lease

    @contextlib.asynccontextmanager
    async def held(self, name: str) -> AsyncIterator[bool]:
        holder = secrets.token_hex(8)
        waited = False
        while not await self._take(name, holder):
            waited = True
            await asyncio.sleep(LOOK_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
        renewing = asyncio.create_task(self._renew(name, holder))
        try:
            yield waited
        finally:
            renewing.cancel()
            await asyncio.wait([renewing])
            with contextlib.suppress(DiskFull, Unavailable):  # then it ends by itself
                await asyncio.shield(self._link.run(script("unlock"), name, holder))

    async def _take(self, name: str, holder: str) -> bool:
        milliseconds = int(1000 * self._lease)
        try:
            return bool(await self._link.run(script("lock"), name, holder, milliseconds))
        except (DiskFull, Unavailable):
            return True

    async def _renew(self, name: str, holder: str) -> None:
        while True:
            await asyncio.sleep(self._lease / 3)
            await self._take(name, holder)
