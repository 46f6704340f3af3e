"""Settings → what all processes of a service share: the queue, the keys and the rates.

SQLite files in the data folder by default; Redis where `redis_url` names one. Nothing of Redis is
imported otherwise.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING

from inkreel.errors import SettingError
from inkreel.job import Admission
from inkreel.ports import JobQueue, KeyRing, Locks, Rates
from inkreel.settings import Settings

if TYPE_CHECKING:
    from inkreel.backends.redis import Link

DATABASE = "service.db"
SPOOL = "spool.db"


@dataclass(frozen=True, slots=True)
class Shared:
    """Each may be the same object under another role."""

    queue: JobQueue
    keys: KeyRing
    rates: Rates
    locks: Locks | None = None
    """Where there are other machines."""


def open_link(settings: Settings) -> Link:
    """The way to Redis. Raises `SettingError`."""
    missing = [name for name in ("redis", "bullmq") if find_spec(name) is None]
    if missing:
        raise SettingError(
            f"INKREEL_REDIS_URL is set, but {' and '.join(missing)} cannot be imported.",
            hint="Install the extra, in a checkout: pip install '.[service,redis]'",
            field="redis_url",
        )
    from inkreel.backends.redis import Link, parse

    assert settings.redis_url is not None  # noqa: S101  asked before
    address = parse(settings.redis_url.get_secret_value())
    return Link(address, settings.redis_prefix, settings.redis_connections)


def open_key_ring(settings: Settings) -> KeyRing:
    """The keys alone; files are made at the first call."""
    if settings.redis_url is not None:
        from inkreel.backends.redis import RedisKeys

        return RedisKeys(open_link(settings))
    from inkreel.backends.sqlite import SqliteKeys

    return SqliteKeys(settings.data / DATABASE)


@asynccontextmanager
async def open_queue(
    settings: Settings, spooled: Callable[[int], object] | None = None
) -> AsyncIterator[Shared]:
    """All of it, closed afterwards. With `spooled`, orders are kept here while Redis is away, and
    it is told how many."""
    async with AsyncExitStack() as stack:
        if settings.redis_url is None:
            from inkreel.backends.sqlite import SqliteJobs, SqliteRates

            jobs = SqliteJobs(settings.data / DATABASE)
            rates = SqliteRates(settings.data / "limits.db")
            stack.push_async_callback(jobs.close)
            stack.push_async_callback(rates.close)
            await jobs.check()
            yield Shared(jobs, jobs, rates)
            return
        link = open_link(settings)
        from inkreel.backends.redis import RedisJobs, RedisLocks, RedisRates

        far = RedisJobs(link)
        stack.push_async_callback(far.close)
        await far.check()
        queue: JobQueue = far
        if spooled is not None and settings.redis_spool:
            from inkreel.backends.sqlite import SqliteJobs
            from inkreel.jobs.spool import Spool

            near = SqliteJobs(settings.data / SPOOL)
            stack.push_async_callback(near.close)
            most = settings.redis_spool
            room = Admission(most, min(most, settings.client_waiting))
            queue = await stack.enter_async_context(Spool(far, near, room, spooled))
        yield Shared(queue, far, RedisRates(link), RedisLocks(link))
