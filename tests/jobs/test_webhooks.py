"""What is told of a job's end: signed, tried again, at least once, and never to a neighbour."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import hmac
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from inkreel.backends.sqlite import SqliteJobs
from inkreel.errors import InkreelError, LeaseLost, NotFound, OptionError, Unavailable
from inkreel.job import Admission, Change, Failure, Job, JobId, Webhook, new_job_id
from inkreel.jobs import supervision, webhooks
from inkreel.jobs.lifecycle import Keeping, cancelled, retried
from inkreel.jobs.webhooks import Said, Sender, deliver
from inkreel.model import Options
from inkreel.providers.http import Guard, networks_from, open_client

MASTER = b"m" * 32
LOOPBACK = networks_from(["127.0.0.0/8"])
KEEPING = Keeping(3600, 3600, 3600)


def ended(url: str, **more: Any) -> Job:
    """A job that has just ended, and whose webhook is due."""
    now = time.time()
    known: dict[str, Any] = {
        "id": new_job_id(now),
        "client": "ada",
        "title": "Tides",
        "options": Options(),
        "source": None,
        "status": "done",
        "created": now,
        "queued": now,
        "ended": now,
        "sweep": now + 3600,
        "fence": 3,
        "webhook": Webhook(url, due=now - 1),
    }
    return Job(**(known | more))


class Queue:
    """The two things of a JobQueue that delivery needs, in memory."""

    def __init__(self, *jobs: Job) -> None:
        self.held = {job.id: job for job in jobs}
        self.away = False

    async def due(self, now: float, limit: int) -> list[Job]:
        if self.away:
            raise Unavailable("The queue is away.")
        return [
            job
            for job in self.held.values()
            if job.webhook and job.webhook.due is not None and job.webhook.due <= now
        ][:limit]

    async def change(self, job: JobId, change: Change) -> Job:
        if self.away:
            raise Unavailable("The queue is away.")
        if job not in self.held:
            raise NotFound("There is no such job.")
        self.held[job] = change(self.held[job])
        return self.held[job]

    def webhook(self, job: Job) -> Webhook:
        found = self.held[job.id].webhook
        assert found is not None
        return found


class Receiver:
    """Notes each message and answers as the script says; the last line holds for ever."""

    def __init__(self, *script: bytes | float) -> None:
        self.script = list(script)
        self.messages: list[tuple[dict[str, str], bytes]] = []
        self.url = ""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = dict(line.lower().split(": ", 1) for line in head[1:] if line)
            headers |= {"webhook-signature": self._exact(head, "webhook-signature")}
            body = await reader.readexactly(int(headers["content-length"]))
            self.messages.append((headers, body))
            answer = self.script.pop(0) if len(self.script) > 1 else self.script[0]
            if isinstance(answer, float):
                await asyncio.sleep(answer)
            else:
                writer.write(answer)
                await writer.drain()
        finally:
            writer.close()

    @staticmethod
    def _exact(head: list[str], name: str) -> str:
        return next(line.split(": ", 1)[1] for line in head if line.lower().startswith(name))


def says(status: str, *headers: str) -> bytes:
    """An answer without a body."""
    lines = [f"HTTP/1.1 {status}", "Content-Length: 0", "Connection: close", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


@asynccontextmanager
async def receiver(*script: bytes | float) -> AsyncIterator[Receiver]:
    """A receiver on loopback."""
    one = Receiver(*script)
    server = await asyncio.start_server(one.serve, "127.0.0.1", 0)
    one.url = f"http://hooks.example.com:{server.sockets[0].getsockname()[1]}/hook?a=b"
    async with server:
        yield one


async def on_loopback(host: str, port: int) -> Sequence[str]:
    """A name server that sends every name to this machine."""
    return ["127.0.0.1"]


@asynccontextmanager
async def delivery(queue: Any, networks: Any = LOOPBACK) -> AsyncIterator[None]:
    """Delivery at work on the queue."""
    stop = asyncio.Event()
    async with open_client(Guard(networks, on_loopback)) as client:
        sender = Sender(client, MASTER, "https://videos.example.com/")
        task = asyncio.create_task(deliver(queue, sender, stop))
        try:
            yield
        finally:
            stop.set()
            await task


async def until(true: Callable[[], bool]) -> None:
    """Wait for what must happen."""
    async with asyncio.timeout(60):
        while not true():  # noqa: ASYNC110  what changes is in another process or task
            await asyncio.sleep(0.01)


@pytest.fixture
def hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits of hundredths of a second."""
    monkeypatch.setattr(webhooks, "WAITS", (0.02, 0.02, 0.02))
    monkeypatch.setattr(webhooks, "TRIES", 4)
    monkeypatch.setattr(webhooks, "POLL", 0.01)
    monkeypatch.setattr(supervision, "FAULT_SECONDS", 0.01)
    monkeypatch.setattr(webhooks, "DEADLINE", 0.3)


def test_messages_are_signed_and_small(hasty: None) -> None:
    """A receiver can check who speaks with the secret that `keys webhook-secret` shows, and the
    message holds no more than it needs to fetch the rest."""

    async def run() -> None:
        async with receiver(says("204 No Content")) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            async with delivery(queue):
                await until(lambda: queue.webhook(job).state == "delivered")
            headers, body = hook.messages[0]
            assert len(hook.messages) == 1
            told = json.loads(body)
            assert told["type"] == "video.done"
            assert told["data"]["id"] == job.id
            assert told["data"]["links"] == {
                "self": f"https://videos.example.com/v1/videos/{job.id}",
                "content": f"https://videos.example.com/v1/videos/{job.id}/content",
            }
            assert len(body) < 1_000
            shown = webhooks.shown(webhooks.secret_for("ada", MASTER))
            key = base64.b64decode(shown.removeprefix("whsec_"))
            signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
            proof = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
            assert headers["webhook-signature"] == f"v1,{proof}"
            assert abs(int(headers["webhook-timestamp"]) - time.time()) < 10
            assert "." not in headers["webhook-id"]

    asyncio.run(run())


def test_secrets_differ_between_clients() -> None:
    """One client's secret says nothing of another's."""
    one, other = (webhooks.secret_for(name, MASTER) for name in ("ada", "bob"))
    assert one != other
    assert MASTER not in (one, other)
    assert len(one) == 32


def test_known_signature() -> None:
    """The published example of Standard Webhooks comes out."""
    secret = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    signature = webhooks.sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body)
    assert signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_the_receiver_in_the_manual_is_right() -> None:
    """The lines of docs/service.md take what we send, and nothing forged or old."""
    manual = Path(__file__).parents[2] / "docs" / "service.md"
    written = re.search(r"```python\n(.*?)```", manual.read_text("utf-8"), re.DOTALL)
    assert written is not None
    names: dict[str, Any] = {}
    exec(compile(written[1], str(manual), "exec"), names)
    is_genuine = names["is_genuine"]
    secret = webhooks.secret_for("ada", MASTER)
    body, now = webhooks.body_of(ended("https://example.com/"), ""), int(time.time())
    headers = {
        "webhook-id": "msg_1",
        "webhook-timestamp": str(now),
        "webhook-signature": webhooks.sign(secret, "msg_1", now, body),
    }
    told = webhooks.shown(secret)
    assert is_genuine(told, headers, body)
    other = {"webhook-signature": f"v1,AAAA {headers['webhook-signature']}"}
    assert is_genuine(told, headers | other, body)
    assert not is_genuine(told, headers, body + b" ")
    assert not is_genuine(told, headers | {"webhook-id": "msg_2"}, body)
    assert not is_genuine(webhooks.shown(webhooks.secret_for("bob", MASTER)), headers, body)
    old = {
        "webhook-timestamp": str(now - 3600),
        "webhook-signature": webhooks.sign(secret, "msg_1", now - 3600, body),
    }
    assert not is_genuine(told, headers | old, body)


def test_failures_are_tried_again(hasty: None) -> None:
    """Errors, redirects, silence, cut connections and rubbish lead to another try with the same
    webhook-id, and to no call of where a redirect points."""

    async def run() -> None:
        async with receiver(says("204 No Content")) as inner:
            script = (
                says("500 Oops"),
                says("302 Found", f"Location: {inner.url}"),
                b"SSH-2.0-rubbish\r\n",
                says("200 OK"),
            )
            async with receiver(*script) as hook:
                job = ended(hook.url)
                queue = Queue(job)
                async with delivery(queue):
                    await until(lambda: queue.webhook(job).state == "delivered")
                assert len(hook.messages) == 4
                assert len({headers["webhook-id"] for headers, _ in hook.messages}) == 1
                assert len({body for _, body in hook.messages}) == 1
            assert inner.messages == []

    asyncio.run(run())


@pytest.mark.parametrize(
    ("answer", "tries", "why"),
    [
        (says("410 Gone"), 1, "410"),
        (says("503 Later"), 4, "503"),
        (b"", 4, "RemoteProtocolError"),
        (30.0, 4, "No answer within"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9000000\r\n\r\n", 4, "No answer|Protocol"),
    ],
)
def test_giving_up(hasty: None, answer: bytes | float, tries: int, why: str) -> None:
    """After the last wait, or at once when the receiver is gone for good, it is given up, and the
    job says why."""

    async def run() -> None:
        async with receiver(answer) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            async with delivery(queue):
                await until(lambda: queue.webhook(job).state == "given_up")
            assert len(hook.messages) == tries
            assert queue.webhook(job).due is None
            assert any(part in queue.webhook(job).said for part in why.split("|"))

    asyncio.run(run())


def test_long_answers_are_not_read(hasty: None) -> None:
    """An endless body costs no more than its beginning."""
    endless = b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n" + b"x" * 100_000

    async def run() -> None:
        async with receiver(endless) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            async with delivery(queue):
                await until(lambda: queue.webhook(job).state == "delivered")

    asyncio.run(run())


def test_waits_grow_and_heed_the_receiver() -> None:
    """5 s, 30 s, 2 min, 10 min, 1 h, 6 h, each ± a quarter, or longer if the receiver asks for it;
    but not for longer than a day."""
    job = ended("http://hooks.example.com/")
    waits = []
    for _ in range(webhooks.TRIES):
        now = 1_000_000.0
        due = replace(job.webhook, due=now) if job.webhook else None
        trying = webhooks.taken(now)(replace(job, webhook=due))
        job = webhooks.told(trying, Said("failed", "No."), now, lambda low, high: 1.0)(trying)
        assert job.webhook is not None
        waits.append(job.webhook.due and job.webhook.due - now)
    assert waits == [*webhooks.WAITS, None]
    fresh = ended("http://hooks.example.com/")
    for asked, wait in ((1.0, 5.0), (100.0, 100.0), (1e9, webhooks.LONGEST_WAIT)):
        trying = webhooks.taken(time.time())(fresh)
        after = webhooks.told(trying, Said("failed", "No.", asked), 50.0, lambda low, high: 1.0)
        assert (again := after(trying).webhook) is not None
        assert again.due == 50.0 + wait


def test_retry_after_is_heeded(hasty: None) -> None:
    """Both forms of Retry-After put the next try off."""

    async def run(header: str, least: float) -> None:
        async with receiver(says("429 Slow", f"Retry-After: {header}")) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            async with delivery(queue):
                await until(lambda: queue.webhook(job).said != "")
            due = queue.webhook(job).due
            assert due is not None
            assert least < due - time.time() < webhooks.LONGEST_WAIT + 1
            assert len(hook.messages) == 1

    asyncio.run(run("100", 90))
    asyncio.run(run("Fri, 01 Jan 2100 00:00:00 GMT", 80_000))


def test_each_try_is_made_by_one(hasty: None) -> None:
    """Of several processes at the same queue one makes a try."""

    async def run() -> None:
        async with receiver(says("200 OK")) as hook:
            jobs = [ended(hook.url) for _ in range(20)]
            queue = Queue(*jobs)
            async with delivery(queue), delivery(queue), delivery(queue):
                await until(lambda: all(queue.webhook(job).due is None for job in jobs))
            assert len(hook.messages) == 20

    asyncio.run(run())


def test_a_lost_try_is_made_again(monkeypatch: pytest.MonkeyPatch, hasty: None) -> None:
    """A process that dies while it sends leaves a try that another one makes later, under the same
    webhook-id; what the first then says is not heeded."""
    monkeypatch.setattr(webhooks, "HELD", 0.2)

    async def run() -> None:
        async with receiver(says("200 OK")) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            lost = await queue.change(job.id, webhooks.taken(time.time()))
            async with delivery(queue):
                await until(lambda: queue.webhook(job).state == "delivered")
            with pytest.raises(LeaseLost):
                webhooks.told(lost, Said("failed", "late"), time.time())(queue.held[job.id])
            assert hook.messages[0][0]["webhook-id"] == webhooks.message_id(lost).lower()

    asyncio.run(run())


def test_only_ends_are_told(hasty: None) -> None:
    """A job that was retried before its end was told runs again: its next end is told instead, and
    under another id."""

    async def run() -> None:
        async with receiver(says("200 OK")) as hook:
            failed = ended(hook.url, status="failed", error=Failure("x", "y"))
            queue = Queue(retried(time.time(), KEEPING)(failed))
            async with delivery(queue):
                await until(lambda: queue.webhook(failed).due is None)
            assert hook.messages == []
            assert webhooks.message_id(queue.held[failed.id]) != webhooks.message_id(failed)

    asyncio.run(run())


@pytest.mark.parametrize("status", ["done", "failed", "cancelled", "expired"])
def test_every_end_has_its_type(status: Any) -> None:
    """The type tells the end, and only a finished video has content to fetch."""
    told = json.loads(webhooks.body_of(ended("", status=status, error=Failure("x", "y")), ""))
    assert told["type"] == f"video.{status}"
    assert ("content" in told["data"]["links"]) == (status == "done")
    assert ("error" in told["data"] and told["data"]["error"] is not None) == (
        status in ("failed", "expired")
    )


def test_a_queue_that_is_away_loses_nothing(hasty: None) -> None:
    """Delivery goes on when the queue is back, and does not mind a job that was deleted."""

    async def run() -> None:
        async with receiver(says("200 OK")) as hook:
            job, deleted = ended(hook.url), ended(hook.url)
            queue = Queue(job, deleted)
            queue.away = True
            async with delivery(queue):
                await asyncio.sleep(0.05)
                del queue.held[deleted.id]
                queue.away = False
                await until(lambda: queue.webhook(job).state == "delivered")

    asyncio.run(run())


def test_tries_survive_a_restart(hasty: None, tmp_path: Path) -> None:
    """When the next try is due lies in the queue's file: a process that opens it later makes it,
    under the same webhook-id."""

    async def run() -> None:
        async with receiver(says("500 Oops"), says("200 OK")) as hook:
            job = ended(hook.url, status="queued", webhook=Webhook(hook.url))
            first = SqliteJobs(tmp_path / "service.db")
            await first.add(job, Admission(9, 9))
            await first.change(job.id, cancelled(time.time(), KEEPING))
            async with delivery(first):
                await until(lambda: len(hook.messages) == 1)
                await asyncio.sleep(0.01)
            await first.close()
            second = SqliteJobs(tmp_path / "service.db")
            async with delivery(second):
                await until(lambda: len(hook.messages) == 2)
            found = await second.get(job.id)
            await second.close()
            assert found is not None
            assert found.webhook is not None
            assert found.webhook.state == "delivered"
            assert len({headers["webhook-id"] for headers, _ in hook.messages}) == 1
            assert json.loads(hook.messages[0][1])["type"] == "video.cancelled"

    asyncio.run(run())


def test_slow_receivers_hold_up_their_client_only(hasty: None, monkeypatch: Any) -> None:
    """Receivers of one client that never answer leave room for the others."""
    monkeypatch.setattr(webhooks, "DEADLINE", 5.0)
    monkeypatch.setattr(webhooks, "LEAVE_SECONDS", 0.01)

    async def run() -> None:
        async with receiver(30.0) as slow, receiver(says("200 OK")) as quick:
            stuck = [ended(slow.url, client="slow") for _ in range(50)]
            job = ended(quick.url)
            queue = Queue(*stuck, job)
            async with delivery(queue):
                await until(lambda: queue.webhook(job).state == "delivered")
                assert len(slow.messages) == webhooks.CLIENT_AT_ONCE

    asyncio.run(run())


def test_neighbours_are_not_called(hasty: None) -> None:
    """A name that stands for a private address is never connected to, and this is told."""

    async def run() -> None:
        async with receiver(says("200 OK")) as hook:
            job = ended(hook.url)
            queue = Queue(job)
            async with delivery(queue, ()):
                await until(lambda: queue.webhook(job).state == "given_up")
            assert hook.messages == []
            assert "public address" in queue.webhook(job).said

    asyncio.run(run())


def test_bad_urls_are_refused_at_once() -> None:
    """The error names the field."""
    with pytest.raises(OptionError) as caught:
        webhooks.check_url("http://169.254.169.254/latest/meta-data")
    assert caught.value.field == "webhook_url"
    assert isinstance(caught.value, InkreelError)
    webhooks.check_url("https://example.com/hook")
