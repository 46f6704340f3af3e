"""Settings → a worker with all that it stands on."""

from __future__ import annotations

import asyncio
import os
import secrets
import socket
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkreel.backends.children import ChildWorkers
from inkreel.build import Builder
from inkreel.jobs import webhooks
from inkreel.jobs.janitor import House, Janitor
from inkreel.jobs.purging import Purger
from inkreel.jobs.runner import Bench, Runner
from inkreel.model import Options
from inkreel.pipeline import Plan
from inkreel.ports import JobQueue, KeyRing, Meter, Objects, Workers
from inkreel.providers.http import Guard, meant, networks_from, open_client
from inkreel.recipes import Resource
from inkreel.settings import Settings
from inkreel.wiring.api import keeping
from inkreel.wiring.cdn import known_to_cdn, purge_request
from inkreel.wiring.keys import secret
from inkreel.wiring.lines import Unmetered
from inkreel.wiring.options import plan_for
from inkreel.wiring.queue import open_link, open_queue
from inkreel.wiring.services import open_services
from inkreel.wiring.storage import Storage, open_objects, open_storage

if TYPE_CHECKING:
    from inkreel.backends.bullmq import StepWorker


@dataclass(frozen=True, slots=True)
class Worker:
    """Runs jobs, looks after the house, and tells of ended jobs."""

    runner: Runner
    janitor: Janitor
    queue: JobQueue
    sender: webhooks.Sender
    purger: Purger | None = None
    steps: StepWorker | None = None
    """Does steps of videos that others make."""

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`. What is under way is handed back at once."""
        async with asyncio.TaskGroup() as group:
            group.create_task(self.runner.run(stop))
            group.create_task(self.janitor.run(stop))
            group.create_task(webhooks.deliver(self.queue, self.sender, stop))
            if self.purger is not None:
                group.create_task(self.purger.run(stop))
            if self.steps is not None:
                group.create_task(self.steps.run(stop))


@asynccontextmanager
async def open_worker(
    settings: Settings,
    around: Callable[[JobQueue], JobQueue] = lambda queue: queue,
    meter: Meter | None = None,
) -> AsyncIterator[Worker]:
    """A worker and its backends, closed afterwards; `around` may look on at the queue, `meter` at
    services outside."""
    async with AsyncExitStack() as stack:
        shared = await stack.enter_async_context(open_queue(settings))
        queue = around(shared.queue)
        storage = open_storage(settings)
        files = storage.files
        held = open_objects(settings, storage.bucket)
        stack.push_async_callback(asyncio.to_thread, held.close)
        objects = known_to_cdn(settings, held)
        stack.push_async_callback(asyncio.to_thread, files.scratch.close)
        children = ChildWorkers(files.root, settings.workers_min, yielding=True)
        steps, workers, cores = await _steps(settings, storage, children, stack)
        limits: dict[Resource, int] = {"cpu": cores, "network": settings.connections}
        services = await stack.enter_async_context(
            open_services(settings, storage, meter or Unmetered())
        )
        builder = Builder(storage.store, workers, limits, services, shared.locks)
        stack.push_async_callback(builder.close)

        def sweep() -> None:
            files.sweep()
            held.sweep()
            storage.expire()

        def plan(options: Options) -> Plan:
            return plan_for(settings, options)

        kept = keeping(settings)
        bench = Bench(
            queue=queue,
            objects=objects,
            builder=builder,
            keeping=kept,
            plan=plan,
            at_once=settings.jobs_at_once or settings.workers,
            client_running=settings.client_running,
            lease=settings.lease_seconds,
        )
        house = House(
            queue=queue,
            objects=objects,
            store=files,
            max_bytes=settings.cache_max_bytes,
            keeping=kept,
            sweep=sweep,
        )
        runner = Runner(_name(), bench)
        sender = await _sender(settings, shared.keys, stack)
        purger = await _purger(settings, objects, stack)
        yield Worker(runner, Janitor(house, lambda: runner.busy), queue, sender, purger, steps)


async def _steps(
    settings: Settings, storage: Storage, children: ChildWorkers, stack: AsyncExitStack
) -> tuple[StepWorker | None, Workers, int]:
    """Who does steps of others here, who does ours, and how many of them at once."""
    local = storage.around(children)
    if settings.redis_url is None or not settings.redis_steps:
        return None, local, settings.workers
    from inkreel.backends.bullmq import StepQueue, StepWorker

    link = open_link(settings)
    stack.push_async_callback(link.close)
    here = StepWorker(link, local, settings.workers)
    return here, StepQueue(link, storage.store, local, settings.workers), settings.steps_out


async def _sender(settings: Settings, keys: KeyRing, stack: AsyncExitStack) -> webhooks.Sender:
    client = open_client(Guard(networks_from(settings.webhook_networks)))
    await stack.enter_async_context(client)
    return webhooks.Sender(client, await secret(settings, keys, "webhooks"), settings.public_url)


async def _purger(settings: Settings, objects: Objects, stack: AsyncExitStack) -> Purger | None:
    request = purge_request(settings)
    if request is None:
        return None
    asked = request.url.replace("{url}", request.cdn)
    client = await stack.enter_async_context(open_client(Guard(meant(asked))))
    return Purger(objects, client, request)


def _name() -> str:
    """No other worker has it, also after a restart."""
    return f"{socket.gethostname()}-{os.getpid()}-{secrets.token_hex(3)}"
