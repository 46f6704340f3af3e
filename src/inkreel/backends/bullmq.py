"""Workers on any machine: a step is a BullMQ job, done by whoever is free, in its child processes.

    coordinator ── add(recipe, priority) ──▶ BullMQ ──▶ StepWorker ── ChildWorkers ── store
         ▲                                                  │
         └───────────── completed, with the artifact ───────┘

The queue is named for the versions of all steps, so that a worker is never given one that its own
sources make otherwise. The priority is the scene's turn: a job's steps begin where the clock of all
jobs stands and lie one scene behind the other, so that jobs share the workers and their earliest
scenes go first. A step that cannot be handed out, or is not answered while Redis is away, is done
by a child of this process: running jobs go on.

BullMQ delivers at least once; as artifacts are named by recipe, that is waste, never damage.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import logging
import random
import secrets
from typing import Any

import msgspec
from bullmq import Queue, QueueEvents, UnrecoverableError
from bullmq import Worker as BullWorker

from inkreel.backends.child import Answer
from inkreel.backends.redis import Link
from inkreel.backends.redis.link import TRANSIENT
from inkreel.errors import InkreelError, Unavailable, by_code
from inkreel.job import Failure
from inkreel.model import Artifact, Struct
from inkreel.ports import Rank, Store, Workers
from inkreel.recipes import STEPS, Recipe

log = logging.getLogger(__name__)

HIGHEST, LOWEST = 1, 2_097_151
"""Of BullMQ's priorities: the smaller goes first, and 0 would pass them all."""
ADD_SECONDS = 2.0
"""`add` waits for Redis for longer than a step takes."""
ADDING = 4
"""Steps that are handed out at the same moment: each takes a connection."""
LOOK_SECONDS = 2.0
"""An answer can be missed: so often the store is asked."""
LOCK_MILLISECONDS = 5_000
STALLED_MILLISECONDS = 5_000
MAX_STALLED = 10
"""Workers that may die with a step before it is given up."""
KEPT_SECONDS = 60
CANCELLED_SECONDS = 600
BLOCK_MILLISECONDS = 5_000
RETRY_SECONDS = 1.0

_decode = msgspec.json.Decoder(Answer).decode


class Order(Struct, frozen=True):
    """What a step's BullMQ job holds; `key` is that of the recipe, as the coordinator has it."""

    role: str
    body: str
    key: str


def queue_name() -> str:
    """Of the steps as these sources make them."""
    versions = "\n".join(f"{role} {step.maker}/{step.version}" for role, step in STEPS.items())
    return f"steps-{hashlib.sha256(versions.encode()).hexdigest()[:12]}"


def priority(base: int, rank: Rank) -> int:
    """Of a step whose job began at `base`: its scene's turn, within BullMQ's bounds."""
    scene = rank[1] if len(rank) > 1 else 0
    return min(max(HIGHEST, base + scene), LOWEST)


class StepQueue:
    """`Workers` over a BullMQ queue; `local` does what cannot be handed out, `cores` at once."""

    def __init__(self, link: Link, store: Store, local: Workers, cores: int) -> None:
        self._link = link
        self._cores = asyncio.Semaphore(cores)
        self._adding = asyncio.Semaphore(ADDING)
        self._store = store
        self._local = local
        self._clients = Clients(link)
        self._name = queue_name()
        self._answers: dict[str, asyncio.Future[Answer]] = {}
        self._bases: dict[int, asyncio.Future[int]] = {}
        self._queue: Queue | None = None
        self._listening: asyncio.Task[None] | None = None
        self._last = "$"

    async def run(self, recipe: Recipe[Any], rank: Rank = ()) -> Artifact:
        if recipe.step.sandboxed:
            return await self._here(recipe)
        number = f"{recipe.key}-{secrets.token_hex(4)}"
        answer = self._answers[number] = asyncio.get_running_loop().create_future()
        try:
            async with self._adding, asyncio.timeout(ADD_SECONDS):
                await self._hand_out(number, recipe, rank)
            return await self._awaited(recipe, answer)
        except (Unavailable, *TRANSIENT) as error:
            why = str(error) or type(error).__name__
            log.warning("a %s step is done here: %s", recipe.step.role, why)
            return await self._here(recipe)
        except asyncio.CancelledError:
            await self._call_off(number)
            raise
        finally:
            del self._answers[number]

    async def _here(self, recipe: Recipe[Any]) -> Artifact:
        async with self._cores:
            return await self._local.run(recipe)

    async def close(self) -> None:
        if self._listening is not None:
            self._listening.cancel()
            await asyncio.wait([self._listening])
        await self._clients.close()
        await self._local.close()

    async def _hand_out(self, number: str, recipe: Recipe[Any], rank: Rank) -> None:
        if self._queue is None:
            # Listed, so that whoever looks at the load knows of it.
            await self._link.ask("SADD", self._link.key("steps", "queues"), self._name)
            self._queue = Queue(self._name, await self._clients.options())
            self._listening = asyncio.create_task(self._listen())
        order = Order(recipe.step.role, recipe.body.decode(), recipe.key)
        options = {
            "jobId": number,
            "priority": priority(await self._base(rank), rank),
            "removeOnComplete": {"age": KEPT_SECONDS},
            "removeOnFail": {"age": KEPT_SECONDS},
        }
        await self._queue.add(recipe.step.role, msgspec.to_builtins(order), options)

    async def _base(self, rank: Rank) -> int:
        """Where the clock of all jobs stood when this one began."""
        job = rank[0] if rank else -1
        if job not in self._bases:
            future = self._bases[job] = asyncio.get_running_loop().create_future()
            future.set_result(int(await self._link.ask("GET", _clock(self._link)) or 0))
            for begun in sorted(self._bases)[:-1_000]:
                del self._bases[begun]
        return await self._bases[job]

    # --- Answers ---------------------------------------------------------------------------------

    async def _awaited(self, recipe: Recipe[Any], answer: asyncio.Future[Answer]) -> Artifact:
        """What the step's worker said; if that was missed, what lies in the store."""
        while True:
            done, _ = await asyncio.wait([answer], timeout=LOOK_SECONDS)
            if done:
                return _unwrapped(answer.result())
            found = await asyncio.to_thread(self._store.find, recipe)
            if found is not None:
                return found
            await self._link.check()  # raises when Redis is away

    async def _listen(self) -> None:
        options = await self._clients.options(autorun=False, blockingTimeout=BLOCK_MILLISECONDS)
        while True:
            events = QueueEvents(self._name, {**options, "lastEventId": self._last})
            events.on("completed", self._completed)
            events.on("failed", self._failed)
            events.on("error", lambda error: log.warning("answers of steps: %s", error))
            with contextlib.suppress(*TRANSIENT):
                await events.run()  # until its connection fails; then on from the last answer
            await asyncio.sleep(RETRY_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311

    def _completed(self, told: dict[str, Any], event: str) -> None:
        self._last = event
        waiting = self._answers.get(told["jobId"])
        if waiting is not None and not waiting.done():
            waiting.set_result(_decode(told["returnvalue"]))

    def _failed(self, told: dict[str, Any], event: str) -> None:
        self._last = event
        waiting = self._answers.get(told["jobId"])
        if waiting is not None and not waiting.done():
            why = told.get("failedReason", "")
            failure = Failure("worker_failed", f"A step failed on its worker: {why}.", "Retry it.")
            waiting.set_result(Answer(failure=failure))

    async def _call_off(self, number: str) -> None:
        """Have nobody begin it any more, and whoever does it stop."""
        with contextlib.suppress(InkreelError):
            flag = _flag(self._link, number)
            await self._link.ask("SET", flag, "", "EX", CANCELLED_SECONDS)
            await self._link.ask("PUBLISH", _calls(self._link), number)


class StepWorker:
    """Does steps that others hand out, `at_once`, in children of this process."""

    def __init__(self, link: Link, children: Workers, at_once: int) -> None:
        self._link = link
        self._children = children
        self._at_once = at_once
        self._worker: BullWorker | None = None

    async def run(self, stop: asyncio.Event) -> None:
        """Work until `stop`; what is under way is then done by others."""
        clients = Clients(self._link)
        options = await clients.options(
            concurrency=self._at_once,
            lockDuration=LOCK_MILLISECONDS,
            stalledInterval=STALLED_MILLISECONDS,
            maxStalledCount=MAX_STALLED,
            settings={"backoffStrategy": lambda *_: random.uniform(500, 1_500)},  # noqa: S311
            autorun=False,
        )
        self._worker = worker = BullWorker(queue_name(), self._process, options)
        worker.on("error", lambda error, *_: log.warning("steps of others: %s", error))
        for connection in (worker.redisConnection, worker.blockingRedisConnection):
            await connection.getRedisVersion()  # else delays under a second are rounded up
        working = asyncio.create_task(worker.run())
        relaying = asyncio.create_task(self._relay())
        try:
            await stop.wait()
        finally:
            relaying.cancel()
            # What is cut off is found stalled, and done by another.
            await worker.close(force=True)
            working.cancel()
            await asyncio.gather(working, relaying, return_exceptions=True)
            await clients.close()

    async def _process(self, job: Any, token: str, signal: Any) -> str:  # noqa: ARG002  BullMQ's
        """One step. Never raises CancelledError, which would stop the worker without a word."""
        order = msgspec.convert(job.data, Order)
        step = STEPS[order.role]
        recipe = Recipe(step=step, request=msgspec.json.decode(order.body, type=step.request))
        try:
            if recipe.key != order.key or await self._link.ask("EXISTS", _flag(self._link, job.id)):
                raise UnrecoverableError("it was called off, or is another version's")
            await self._link.ask("SET", _clock(self._link), job.opts.get("priority", 0))
            making = asyncio.create_task(self._children.run(recipe))
            aborted = asyncio.create_task(signal.wait())
            try:
                await asyncio.wait([making, aborted], return_when=asyncio.FIRST_COMPLETED)
                if not making.done():
                    raise UnrecoverableError("it was called off")
                answer = Answer(artifact=making.result())
            finally:
                for task in (making, aborted):
                    task.cancel()
                await asyncio.wait([making, aborted])
        except InkreelError as error:
            answer = Answer(failure=Failure(error.code, error.message, error.hint))
        except asyncio.CancelledError:
            raise UnrecoverableError("its worker ends") from None
        return msgspec.json.encode(answer).decode()

    async def _relay(self) -> None:
        """Pass on that steps were called off."""
        while True:
            with contextlib.suppress(InkreelError, *TRANSIENT):
                async with self._link.listening(_calls(self._link)) as calls:
                    while True:
                        said = await calls.get_message(ignore_subscribe_messages=True, timeout=1.0)
                        if said and self._worker is not None:
                            self._worker.cancelJob(said["data"].decode(), "called off")
            await asyncio.sleep(RETRY_SECONDS)


def _unwrapped(answer: Answer) -> Artifact:
    if answer.failure is not None:
        failure = answer.failure
        raise by_code()[failure.code](failure.message, hint=failure.hint)
    assert answer.artifact is not None  # noqa: S101  one of the two
    return answer.artifact


class Clients:
    """Connections of BullMQ's parts, which do not close what they are given."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._open: list[Any] = []

    async def options(self, **more: Any) -> dict[str, Any]:
        """Of a part of BullMQ: a client of its own, and a prefix in braces, so that a cluster keeps
        all its keys on one server."""
        client = await self._link.bull()
        self._open.append(client)
        return {"connection": client, "prefix": self._link.root, **more}

    async def close(self) -> None:
        for client in self._open:
            with contextlib.suppress(*TRANSIENT):
                await client.aclose()


def _clock(link: Link) -> str:
    return link.key("steps", "clock")


def _flag(link: Link, number: str) -> str:
    return link.key("steps", "off", number)


def _calls(link: Link) -> str:
    return link.key("steps", "calls")
