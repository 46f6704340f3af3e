"""What an API process stands on, from its start to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from inkreel.entrypoints.http.limits import Turnstile
from inkreel.entrypoints.http.links import Links
from inkreel.entrypoints.http.sizes import Sizes
from inkreel.entrypoints.metrics import Metrics
from inkreel.errors import TooMany
from inkreel.job import Admission
from inkreel.jobs.lifecycle import TRIES
from inkreel.jobs.orders import Orders
from inkreel.ports import JobQueue, KeyRing, Objects, Rates
from inkreel.settings import Settings

REFUSED_SECONDS = 0.1
"""So long a client that was told that there is no room is told the same again."""

Clean = Callable[[], Awaitable[None]]
"""Remove what may go, now."""


@dataclass(kw_only=True)
class Service:
    """One per process; everything that must be shared lies behind the ports."""

    settings: Settings
    queue: JobQueue
    keys: KeyRing
    rates: Rates
    objects: Objects
    orders: Orders
    link_secret: bytes
    asks_for_keys: bool
    draining: asyncio.Event
    uploads: Turnstile
    listeners: Turnstile
    metrics: Metrics
    sizes: Sizes
    clean: Clean
    away: Callable[[], str] = str
    """Why the shared store cannot be reached, as far as is known; empty: it can."""
    began: float = field(default_factory=time.monotonic)
    tries: int = TRIES
    _door: asyncio.Lock = field(default_factory=asyncio.Lock)
    _refused: dict[str, tuple[float, TooMany]] = field(default_factory=dict)
    """When each client was last told that there is no room."""

    @property
    def uptime(self) -> float:
        """Seconds since this process began to serve."""
        return round(time.monotonic() - self.began, 3)

    def links(self, request: Request) -> Links:
        """Links for an answer to this request."""
        settings, root = self.settings, request.scope.get("root_path", "")
        cdn = settings.cdn_url.rstrip("/")
        return Links.at(self.link_secret, time.time(), settings.link_seconds, root, cdn)

    async def check_room(self, client: str) -> None:
        """Raises `QueueFull` or `QuotaExceeded` before anything is read, if those that are being
        taken in leave no room in the queue; the one that asks is among them."""
        uploads, settings = self.uploads, self.settings
        left = Admission(
            settings.max_waiting - uploads.under_way + 1,
            settings.client_waiting - uploads.of[client] + 1,
        )
        # One after the other: a crowd that comes at once is told by the first one's answer.
        async with self._door:
            when, refusal = self._refused.get(client, (float("-inf"), None))
            if refusal is not None and time.monotonic() - when < REFUSED_SECONDS:
                raise refusal.with_traceback(None)
            try:
                await self.queue.admit(client, left)
            except TooMany as error:
                self._refused[client] = time.monotonic(), error
                raise
            self._refused.pop(client, None)


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]
