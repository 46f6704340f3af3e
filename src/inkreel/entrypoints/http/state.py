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
from inkreel.errors import QueueFull
from inkreel.jobs.lifecycle import TRIES
from inkreel.jobs.orders import Orders
from inkreel.ports import JobQueue, KeyRing, Objects, Rates
from inkreel.settings import Settings

Clean = Callable[[], Awaitable[None]]
"""Remove what may go, now."""

LOAD_SECONDS = 0.5
"""How old the known number of waiting jobs may be."""


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
    began: float = field(default_factory=time.monotonic)
    tries: int = TRIES
    _waiting: int = 0
    _counted: float = float("-inf")

    @property
    def uptime(self) -> float:
        """Seconds since this process began to serve."""
        return round(time.monotonic() - self.began, 3)

    def links(self, request: Request) -> Links:
        """Links for an answer to this request."""
        seconds, root = self.settings.link_seconds, request.scope.get("root_path", "")
        return Links.at(self.link_secret, time.time(), seconds, root)

    async def check_room(self) -> None:
        """Raises `QueueFull` before anything is read, when as many jobs wait as may."""
        now = time.monotonic()
        if now - self._counted > LOAD_SECONDS:
            self._counted = now
            load = await self.queue.load(time.time())
            self._waiting = load.by_status.get("queued", 0)
        if self._waiting >= self.settings.max_waiting:
            raise QueueFull(
                f"{self._waiting} videos wait already, as many as may.",
                hint="Try again later.",
                retry_after=10.0,
            )


def _service(request: Request) -> Service:
    service: Service = request.app.state.service
    return service


Served = Annotated[Service, Depends(_service)]
