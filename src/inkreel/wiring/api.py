"""What answers requests stands on: the queue, keys, rates, objects, and a builder that reads."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial

from inkreel.backends.children import ChildWorkers
from inkreel.build import Builder
from inkreel.job import Admission
from inkreel.jobs.janitor import House, clean
from inkreel.jobs.lifecycle import Keeping
from inkreel.jobs.orders import Orders, Terms
from inkreel.ports import JobQueue, KeyRing, Objects, Rates
from inkreel.settings import Settings
from inkreel.wiring import models, voices
from inkreel.wiring.cdn import known_to_cdn
from inkreel.wiring.queue import open_queue
from inkreel.wiring.storage import Storage, open_objects, open_storage

Clean = Callable[[], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Backends:
    """Shared with all other processes of the service."""

    queue: JobQueue
    keys: KeyRing
    rates: Rates
    objects: Objects
    storage: Storage
    orders: Orders
    clean: Clean


def keeping(settings: Settings) -> Keeping:
    """How long things are kept."""
    hour = 3600.0
    return Keeping(
        settings.queue_hours * hour, settings.keep_hours * hour, settings.record_hours * hour
    )


@asynccontextmanager
async def open_backends(
    settings: Settings,
    around: Callable[[JobQueue], JobQueue],
    spooled: Callable[[int], object],
) -> AsyncIterator[Backends]:
    """All of it, closed afterwards. Children read uploads, `settings.uploads` at once; `around`
    is put around the queue, `spooled` is told how many orders wait for it to be back."""
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(open_queue(settings, spooled))
        queue = around(shared.queue)
        storage = open_storage(settings)
        files = storage.files
        held = open_objects(settings, storage.bucket)
        stack.push_async_callback(asyncio.to_thread, held.close)
        objects = known_to_cdn(settings, held)
        stack.push_async_callback(asyncio.to_thread, files.scratch.close)
        children = storage.around(ChildWorkers(files.root, yielding=True))
        builder = Builder(storage.store, children, {"cpu": settings.uploads, "network": 1})
        stack.push_async_callback(builder.close)
        terms = Terms(
            keeping(settings),
            Admission(settings.max_waiting, settings.client_waiting),
            max_bytes=settings.max_input_bytes,
            max_pages=settings.max_pages,
            choose_voice=voices.chooser(settings),
            choose_writer=models.chooser(settings),
        )

        def sweep() -> None:
            files.sweep()
            held.sweep()
            storage.expire()

        house = House(
            queue=queue,
            objects=objects,
            store=files,
            max_bytes=settings.cache_max_bytes,
            keeping=keeping(settings),
            sweep=sweep,
        )
        orders = Orders(queue, objects, builder, terms)
        yield Backends(
            queue, shared.keys, shared.rates, objects, storage, orders, partial(clean, house)
        )
