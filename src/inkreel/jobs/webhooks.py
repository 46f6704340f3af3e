"""Job → its end, told to a URL: signed, tried again with growing waits, at least once.

Standard Webhooks: the receiver checks `webhook-signature` over `webhook-id.webhook-timestamp.body`
with the secret of its client, and knows a repetition by its `webhook-id`. When the next try is due
lies in the job, so that a restart forgets nothing; of several processes one takes each try.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import datetime as dt
import hashlib
import hmac
import logging
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Literal

import httpx2
import msgspec
from msgspec.structs import replace

from inkreel.errors import LeaseLost, NotFound, OptionError
from inkreel.job import ENDED, Change, Failure, Job, JobId, Status, Webhook
from inkreel.jobs.supervision import again_and_again
from inkreel.model import Struct
from inkreel.ports import JobQueue
from inkreel.providers.calls import retry_after
from inkreel.providers.http import Network, fault_of

log = logging.getLogger(__name__)

WAITS = (5.0, 30.0, 120.0, 600.0, 3_600.0, 21_600.0)
"""Seconds before the second and later tries; each ± a quarter."""
TRIES = len(WAITS) + 1
LONGEST_WAIT = 86_400.0
"""Of what a receiver asks for with Retry-After."""
DEADLINE = 10.0
"""Seconds that a receiver has to answer."""
HELD = 30.0
"""Seconds after which a try that was begun and not recorded is another's to make."""
POLL = 0.5
AT_ONCE = 16
LOOKED_AT = 1_000
"""Due jobs, of which those of clients with room are taken."""
CLIENT_AT_ONCE = 4
"""Slow receivers of one client leave room for the others."""
ANSWER_BYTES = 4_096
"""More of an answer's body is not read."""
LEAVE_SECONDS = 3.0
"""What a running try is given when the process stops; then it is made again later."""


class Ended(Struct, frozen=True, kw_only=True):
    """What `data` of a message holds: enough to fetch the rest, and no link that opens it."""

    id: JobId
    status: Status
    title: str
    ended_at: str
    seconds: float | None = None
    error: Failure | None = None
    links: dict[str, str]


class Message(Struct, frozen=True):
    """The body: `type` is `video.done`, `video.failed`, `video.cancelled` or `video.expired`."""

    type: str
    timestamp: str
    data: Ended


class Said(Struct, frozen=True):
    """What came of a try; `wait` is what the receiver asked for, in seconds."""

    state: Literal["delivered", "failed", "gone"]
    why: str = ""
    wait: float = 0.0


def check_url(url: str, networks: Sequence[Network] = ()) -> None:
    """Raises `OptionError` for a URL that no message will be sent to."""
    fault = fault_of(url, networks)
    if fault:
        raise OptionError(
            f"The webhook URL is refused: {fault}.",
            hint="Give an http:// or https:// URL that the internet can reach, without a password.",
            field="webhook_url",
        )


def secret_for(client: str, master: bytes) -> bytes:
    """What messages to this client are signed with, from the service's own secret."""
    return hmac.digest(master, b"webhook:" + client.encode(), "sha256")


def shown(secret: bytes) -> str:
    """A client's secret as receivers' libraries take it."""
    return "whsec_" + base64.b64encode(secret).decode()


def sign(secret: bytes, message_id: str, timestamp: int, body: bytes) -> str:
    """The value of `webhook-signature`."""
    signed = b"%s.%d.%s" % (message_id.encode(), timestamp, body)
    return "v1," + base64.b64encode(hmac.digest(secret, signed, hashlib.sha256)).decode()


def message_id(job: Job) -> str:
    """The same for all tries of one end of a job: its fence rises before there can be another."""
    return f"msg_{job.id.removeprefix('vid_')}_{job.fence}"


def body_of(job: Job, public_url: str) -> bytes:
    """What is told of an ended job. Links are relative unless `public_url` is known."""
    place = f"{public_url.rstrip('/')}/v1/videos/{job.id}"
    ended = dt.datetime.fromtimestamp(job.ended or job.queued, dt.UTC)
    data = Ended(
        id=job.id,
        status=job.status,
        title=job.title,
        ended_at=ended.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        seconds=job.outcome.seconds if job.outcome and job.status == "done" else None,
        error=job.error if job.status in ("failed", "expired") else None,
        links={"self": place} | ({"content": f"{place}/content"} if job.status == "done" else {}),
    )
    return msgspec.json.encode(Message(f"video.{job.status}", data.ended_at, data))


# --- The steps of a webhook's life ----------------------------------------------------------------


def taken(now: float) -> Change:
    """A process makes the next try; raises `LeaseLost` when another does or nothing is due."""

    def change(job: Job) -> Job:
        webhook = _due(job, now)
        if job.status not in ENDED:  # a retry or a new edition: its end will be told instead
            return replace(job, webhook=replace(webhook, due=None))
        attempt = webhook.attempt + 1
        return replace(job, webhook=replace(webhook, due=now + HELD, attempt=attempt))

    return change


def told(
    taken: Job,
    said: Said,
    now: float,
    jitter: Callable[[float, float], float] = random.uniform,
) -> Change:
    """What came of the try that began with `taken`."""

    def change(job: Job) -> Job:
        webhook = job.webhook
        if webhook is None or job.fence != taken.fence or webhook != taken.webhook:
            raise LeaseLost(f"The webhook of job {job.id} was taken over meanwhile.")
        return replace(job, webhook=_after(webhook, said, now, jitter))

    return change


def _after(
    webhook: Webhook, said: Said, now: float, jitter: Callable[[float, float], float]
) -> Webhook:
    if said.state == "delivered":
        return replace(webhook, due=None, state="delivered", said="")
    if said.state == "gone" or webhook.attempt >= TRIES:
        return replace(webhook, due=None, state="given_up", said=said.why)
    wait = WAITS[webhook.attempt - 1] * jitter(0.75, 1.25)
    wait = max(wait, min(said.wait, LONGEST_WAIT))
    return replace(webhook, due=now + wait, said=said.why)


def _due(job: Job, now: float) -> Webhook:
    if job.webhook is None or job.webhook.due is None or job.webhook.due > now:
        raise LeaseLost(f"No webhook of job {job.id} is due.")
    return job.webhook


# --- Sending --------------------------------------------------------------------------------------


class Sender:
    """Makes single tries. `master` is the service's secret that those of clients come from."""

    def __init__(self, client: httpx2.AsyncClient, master: bytes, public_url: str = "") -> None:
        self._client = client
        self._master = master
        self._public_url = public_url

    async def send(self, job: Job, now: float) -> Said:
        """Tell of an ended job; never raises for what a receiver does."""
        url = job.webhook.url if job.webhook else ""
        body = body_of(job, self._public_url)
        secret = secret_for(job.client, self._master)
        identity, stamp = message_id(job), int(now)
        headers = {
            "Content-Type": "application/json",
            "webhook-id": identity,
            "webhook-timestamp": str(stamp),
            "webhook-signature": sign(secret, identity, stamp, body),
        }
        try:
            async with (
                asyncio.timeout(DEADLINE),
                self._client.stream("POST", url, content=body, headers=headers) as answer,
            ):
                await _taste(answer)
        except (TimeoutError, httpx2.TimeoutException):
            return Said("failed", f"No answer within {DEADLINE:.0f} s.")
        except (httpx2.HTTPError, httpx2.InvalidURL, OSError, ValueError) as error:
            return Said("failed", f"{type(error).__name__}: {error}"[:200])
        return _judge(answer)


async def _taste(answer: httpx2.Response) -> None:
    """Read a short body, so that the connection can be used again; leave a long one."""
    read = 0
    async for part in answer.aiter_raw(ANSWER_BYTES):
        read += len(part)
        if read > ANSWER_BYTES:
            return


def _judge(answer: httpx2.Response) -> Said:
    if answer.is_success:
        return Said("delivered")
    if answer.status_code == 410:
        return Said("gone", "The receiver is gone for good (410).")
    return Said(
        "failed", f"The receiver answered {answer.status_code}.", retry_after(answer.headers)
    )


class _Round:
    """The tries under way in this process."""

    def __init__(self, queue: JobQueue, sender: Sender) -> None:
        self._queue = queue
        self._sender = sender
        self._running: dict[JobId, asyncio.Task[None]] = {}
        self._clients: Counter[str] = Counter()

    async def turn(self) -> None:
        """Start the tries that are due, as far as there is room; raise what ended ones raised."""
        self._reap()
        now = time.time()
        for job in await self._queue.due(now, LOOKED_AT):
            webhook = job.webhook
            due = webhook is not None and webhook.due is not None and webhook.due <= now
            busy = len(self._running) >= AT_ONCE or self._clients[job.client] >= CLIENT_AT_ONCE
            if due and not busy and job.id not in self._running:
                self._clients[job.client] += 1
                self._running[job.id] = asyncio.create_task(self._try(job.id, job.client))

    async def leave(self) -> None:
        """Give those under way a little time to end."""
        if self._running:
            await asyncio.wait(self._running.values(), timeout=LEAVE_SECONDS)

    async def end(self) -> None:
        """End what is still under way: it is made again when its time is over."""
        for task in self._running.values():
            task.cancel()
        await asyncio.gather(*self._running.values(), return_exceptions=True)

    def _reap(self) -> None:
        for job, task in list(self._running.items()):
            if task.done():
                del self._running[job]
                if not task.cancelled():
                    task.result()

    async def _try(self, job_id: JobId, client: str) -> None:
        try:
            with contextlib.suppress(LeaseLost, NotFound):  # another's to make, or deleted
                job = await self._queue.change(job_id, taken(time.time()))
                if job.status in ENDED:
                    said = await self._sender.send(job, time.time())
                    changed = await self._queue.change(job_id, told(job, said, time.time()))
                    _note(changed, said)
        finally:
            self._clients[client] -= 1


def _note(job: Job, said: Said) -> None:
    """For the operator; the URL may hold a secret and is left out."""
    webhook = job.webhook or Webhook("")
    level = logging.INFO if said.state == "delivered" else logging.WARNING
    log.log(level, "webhook of %s, try %d: %s", job.id, webhook.attempt, said.why or said.state)


async def deliver(queue: JobQueue, sender: Sender, stop: asyncio.Event) -> None:
    """Send all that is due until `stop`; then running tries have `LEAVE_SECONDS`.

    While the queue is away nothing is sent and nothing lost. Run it as one task of a process.
    """
    rounds = _Round(queue, sender)
    try:
        await again_and_again(rounds.turn, POLL, stop)
        await rounds.leave()
    finally:
        await rounds.end()
