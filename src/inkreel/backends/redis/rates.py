"""`Rates` in Redis: all processes of a service share them; each counts alone while it is away."""

from __future__ import annotations

from inkreel.backends.rates import UNLIMITED, Alone, allowed
from inkreel.backends.redis.link import Link
from inkreel.backends.redis.scripts import script
from inkreel.errors import DiskFull, Unavailable
from inkreel.job import Allowance


class RedisRates:
    """Rate limits over a link that is another's to close."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._alone = Alone()

    async def take(self, client: str, per_minute: int, burst: int, now: float) -> Allowance:
        if per_minute <= UNLIMITED:
            return Allowance(remaining=burst, reset=0.0)
        try:
            full = await self._link.run(script("rate"), client, now, 60.0 / per_minute, burst)
        except (DiskFull, Unavailable):
            return self._alone.take(client, per_minute, burst, now)
        return allowed(float(full), per_minute, burst, now)[1]

    async def close(self) -> None:
        """Nothing is kept open here."""
