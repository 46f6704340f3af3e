"""Notice of change: Redis calls out, and the revision says whether anything was missed.

A notice (`lua/index.lua`) stands for all changes of the 20 ms after it, so whoever hears one looks
at once and once more then. Calls can be lost: every second it is looked at anyway.
"""

from __future__ import annotations

import asyncio

from redis.exceptions import RedisError

from inkreel.backends.redis.link import TRANSIENT, Link
from inkreel.errors import InkreelError

NOTICE_SECONDS = 0.025
POLL_SECONDS = 1.0
AWAY_SECONDS = 0.5


class Watch:
    """Revisions of the queue; for one event loop."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._revision = 0
        self._waiting: set[asyncio.Future[InkreelError | None]] = set()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    async def changed(self, since: int, seconds: float) -> int:
        """Wait until the revision is another one than `since`, or the time is over."""
        if since < 0:
            await self._look()
            return self._revision
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
        self._closed = True  # cancelling alone may be lost in a wait of redis-py's
        self._wake(None)
        if task is not None:
            task.cancel()
            await asyncio.wait([task])

    async def _watch(self) -> None:
        while not self._closed:
            try:
                await self._listen()
            except InkreelError as error:
                self._wake(error)
            except (*TRANSIENT, RedisError):
                continue  # the subscription was cut off: the next look tells whether it is away
            await asyncio.sleep(AWAY_SECONDS)

    async def _listen(self) -> None:
        """Look whenever there is a notice, till the server is another one."""
        async with self._link.listening(self._link.key("news")) as pubsub:
            generation = self._link.generation
            await self._look()
            while generation == self._link.generation and not self._closed:
                # Nothing in the time given is None; so are confirmations of the subscription.
                if await pubsub.get_message(ignore_subscribe_messages=True, timeout=POLL_SECONDS):
                    await self._look()
                    await asyncio.sleep(NOTICE_SECONDS)
                await self._look()

    async def _look(self) -> None:
        found = await self._link.ask("GET", self._link.key("revision"))
        before, self._revision = self._revision, int(found or 0)
        if self._revision != before:
            self._wake(None)

    def _wake(self, error: InkreelError | None) -> None:
        for woken in self._waiting:
            if not woken.done():
                woken.set_result(error)
        self._waiting.clear()
