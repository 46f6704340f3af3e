"""What an API process stands on, from its start to its end."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Annotated

from fastapi import Depends
from starlette.requests import Request

from inkreel.entrypoints.http.limits import Recent, Turnstile
from inkreel.entrypoints.http.links import Links
from inkreel.entrypoints.http.sizes import Sizes
from inkreel.entrypoints.metrics import Metrics
from inkreel.job import Admission
from inkreel.jobs.lifecycle import TRIES
from inkreel.jobs.orders import Orders
from inkreel.ports import JobQueue, KeyRing, Objects, Rates
from inkreel.settings import Settings

RECENT_SECONDS = 0.02
"""So long what was found out about room is good: what is added is counted again."""

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
    _waiting: Recent[tuple[int, int]] = field(default_factory=lambda: Recent(RECENT_SECONDS))
    _free: Recent[int] = field(default_factory=lambda: Recent(RECENT_SECONDS))

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
        waiting, own = await self._waiting.of(client, lambda: self.queue.waiting(client))
        uploads, settings = self.uploads, self.settings
        Admission(
            settings.max_waiting - uploads.under_way + 1,
            settings.client_waiting - uploads.of[client] + 1,
        ).check(waiting, own)

    async def free(self) -> int:
        """Bytes that results may still take here."""
        return await self._free.of("", lambda: asyncio.to_thread(self.objects.free))


async def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]
