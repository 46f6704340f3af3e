"""What only Redis can do wrong: away, stalled, full, restarted; answers that are lost."""

from __future__ import annotations

import asyncio
import re
import shutil
import subprocess
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace
from redis.exceptions import RedisError, ResponseError

from inkreel.backends.redis import Link, RedisJobs, RedisLocks, RedisRates, parse
from inkreel.backends.redis.address import Address
from inkreel.backends.redis.jobs import _row
from inkreel.backends.redis.scripts import script
from inkreel.build import Builder, Built
from inkreel.errors import DiskFull, SettingError, Unavailable, VoiceFailed
from inkreel.job import ApiKey, Query, Webhook
from inkreel.jobs import lifecycle
from inkreel.model import Artifact, Digest
from inkreel.ports import Build
from inkreel.recipes import Recipe
from tests import redis_servers
from tests.backends.queues import (
    LEASE,
    ROOM,
    SAME,
    a_job,
    all_jobs,
    done,
    law,
    statuses_told,
)
from tests.redis_servers import Deployment
from tests.test_build import NETWORK, MemoryStore, recipe

pytestmark = pytest.mark.skipif(
    not redis_servers.installed(), reason="redis-server is not installed (Debian: redis-server)"
)


@pytest.fixture
def alone() -> Iterator[Deployment]:
    """A server that this test may mistreat."""
    with redis_servers.running("redis") as deployment:
        yield deployment


@asynccontextmanager
async def opened(
    deployment: Deployment, size: int = 16, patience: float = 10.0
) -> AsyncIterator[tuple[Link, RedisJobs]]:
    """More patient than a service, so that a busy machine is not taken for an outage."""
    link = Link(parse(deployment.url), "test", size, patience)
    queue = RedisJobs(link)
    try:
        yield link, queue
    finally:
        await queue.close()


async def back(link: Link) -> None:
    """Wait until Redis answers again."""
    async with asyncio.timeout(60):
        while link.away:  # noqa: ASYNC110  a probe in the background finds out
            await asyncio.sleep(0.02)


# --- Addresses -----------------------------------------------------------------------------------


def test_addresses_are_taken_apart() -> None:
    """Each form says where to look, and with what."""
    assert parse("redis://localhost") == Address(kind="single", nodes=(("localhost", 6379),))
    assert parse("rediss://me:p%40ss@a.example:1/3?ca=/ca.pem") == Address(
        kind="single",
        nodes=(("a.example", 1),),
        database=3,
        username="me",
        password="p@ss",
        tls=True,
        ca="/ca.pem",
    )
    assert parse("redis+sentinel://:pw@a,b:2,[::1]:3/main?sentinel_password=s") == Address(
        kind="sentinel",
        nodes=(("a", 26379), ("b", 2), ("::1", 3)),
        service="main",
        password="pw",
        sentinel_password="s",
    )
    assert parse("rediss+cluster://a:1,b:2").kind == "cluster"


@pytest.mark.parametrize(
    "url",
    [
        "http://:secret@a",
        "redis://",
        "redis://:secret@a:x",
        "redis://:secret@a/b",
        "redis://:secret@a,b",
        "redis+sentinel://:secret@a,b",
        "redis+elsewhere://:secret@a",
        "redis://:secret@a?unknown=1",
    ],
)
def test_a_refused_address_tells_no_password(url: str) -> None:
    """It says what is wrong and what to write."""
    with pytest.raises(SettingError) as refused:
        parse(url)
    assert "secret" not in f"{refused.value} {refused.value.hint}"
    assert "redis+sentinel" in refused.value.hint
    assert "secret" not in repr(parse("redis://:secret@a"))


# --- Connections ---------------------------------------------------------------------------------


@law
async def test_connections_do_not_grow_with_clients(alone: Deployment) -> None:
    """200 at once, again and again, share the connections of their process; one more listens."""
    async with opened(alone, size=8) as (link, queue):
        waiting = [asyncio.create_task(queue.changed(0, 10)) for _ in range(50)]
        for _ in range(3):
            await asyncio.gather(*(queue.load(0) for _ in range(200)))
            told = str(await link.ask("INFO", "clients"))
            found = re.search(r"connected_clients\W+(\d+)", told)
            assert found is not None
            assert int(found[1]) <= 8 + 1
        await queue.add(a_job(time.time()), ROOM)
        await asyncio.gather(*waiting)


@law
async def test_dead_connections_are_replaced(alone: Deployment) -> None:
    """When the server has cut all of them, no call fails."""
    async with opened(alone) as (link, queue):
        for _ in range(3):
            await asyncio.gather(*(queue.load(0) for _ in range(50)))
            with alone.master("{test}").client() as client:
                client.execute_command("CLIENT KILL TYPE normal SKIPME yes")
                client.execute_command("CLIENT KILL TYPE pubsub")
        assert await asyncio.gather(*(queue.jobs(Query()) for _ in range(50))) == [[]] * 50
        assert not link.away


@law
async def test_a_stalled_server_is_left_alone_until_it_answers(alone: Deployment) -> None:
    """The first call is given up within seconds, further ones are refused at once; rates are
    counted here meanwhile; when it goes on, so does everything, and what was cut off is whole."""
    server = alone.master("{test}")
    async with opened(alone, patience=1.0) as (link, queue):
        job = await queue.add(a_job(time.time()), ROOM)
        server.stop()
        async with asyncio.timeout(60):
            with pytest.raises(Unavailable) as away:
                await queue.add(a_job(time.time()), ROOM)
            assert away.value.hint
            for _ in range(1_000):
                with pytest.raises(Unavailable):
                    await queue.get(job.id)
            rates = RedisRates(link)
            answers = [await rates.take("ann", 60, 3, 0.0) for _ in range(5)]
        assert [answer.retry_after == 0 for answer in answers] == [True] * 3 + [False] * 2
        server.go_on()
        await back(link)
        assert await queue.get(job.id) == job
        assert await queue.check() == "ok"
        for one in await all_jobs(queue):  # the one that was cut off is there, or is not
            assert await statuses_told(queue, one.id) == ["queued"]


@law
async def test_keys_that_were_seen_are_known_while_redis_is_away(alone: Deployment) -> None:
    """Who had shown a key lately is let in; an unknown key is not refused but told to wait."""
    async with opened(alone) as (_, queue):
        key = ApiKey("k1", "ann", Digest("d"), ("read",), 0.0)
        await queue.add_key(key)
        assert await queue.find_key("k1") == key
        alone.master("{test}").kill()
        assert await queue.find_key("k1") == key
        with pytest.raises(Unavailable):
            await queue.find_key("k2")


@law
async def test_a_killed_server_that_is_back_has_everything(alone: Deployment) -> None:
    """SIGKILL and a restart on the same files: all that was accepted is there, those who wait for
    a change are woken by the next one, and workers go on."""
    server = alone.master("{test}")
    async with opened(alone) as (link, queue):
        jobs = [await queue.add(a_job(time.time()), ROOM) for _ in range(100)]
        server.kill()
        with pytest.raises(Unavailable):
            await queue.claim(lifecycle.claimed("w", time.time(), LEASE), 9)
        await asyncio.to_thread(server.start)
        await back(link)
        assert {job.id for job in await all_jobs(queue)} == {job.id for job in jobs}
        revision = await queue.changed(-1, 0)
        waiting = asyncio.create_task(queue.changed(revision, 20))
        claimed = await queue.claim(lifecycle.claimed("w", time.time(), LEASE), 9)
        assert claimed is not None
        assert await waiting != revision


@law
async def test_a_full_memory_is_told_and_survived(alone: Deployment) -> None:
    """A write that does not fit is refused as a full disk is, and has changed nothing."""
    async with opened(alone) as (link, queue):
        job = await queue.add(a_job(time.time()), ROOM)
        await link.ask("CONFIG", "SET", "maxmemory", "1mb")
        with pytest.raises(DiskFull):
            await queue.change(job.id, lifecycle.reprioritised(9))
        assert await queue.get(job.id) == job
        await link.ask("CONFIG", "SET", "maxmemory", "0")
        assert (await queue.change(job.id, lifecycle.reprioritised(9))).version == 2


@law
async def test_a_wrong_password_is_told(alone: Deployment) -> None:
    """In the words of Redis; with the right one all is well."""
    with alone.master("{test}").client() as client:
        client.config_set("requirepass", "right")
    link = Link(replace_password(parse(alone.url), "wrong"), "test")
    with pytest.raises(Unavailable, match="password"):
        await link.check()
    await link.close()
    link = Link(replace_password(parse(alone.url), "right"), "test")
    await link.check()
    await link.close()


def replace_password(address: Address, password: str) -> Address:
    return Address(kind=address.kind, nodes=address.nodes, password=password)


# --- Answers that are lost -----------------------------------------------------------------------


@law
async def test_a_write_that_is_run_twice_is_done_once(alone: Deployment) -> None:
    """When an answer is lost the script is run again: it finds what it did, and says so."""
    async with opened(alone) as (link, queue):
        now = time.time()
        job = a_job(now)
        told = b'{"type":"status","status":"queued"}'
        words = (now, job.id, queue._stamped(job), 9, 9, *_row(job), told)
        answers = [await link.run(script("add"), *words) for _ in range(2)]
        assert answers[0] == answers[1]
        before = await queue._read(job.id)
        assert before is not None
        after = replace(job, version=2, priority=9)
        words = (
            *(now, job.id, before.stamp, queue._stamped(after), "", "told"),
            *(*_row(job), *_row(after), told),
        )
        assert [await link.run(script("save"), *words) for _ in range(2)] == [1, 1]
        assert len(await queue.events(job.id, 0, 9)) == 2
        assert (await queue.load(now)).waiting_by_priority[9] == 1


@law
async def test_a_silence_of_all_is_no_death_of_a_worker(alone: Deployment) -> None:
    """Leases that ran out while nobody could reach the queue are given a while to be prolonged;
    then they have run out."""
    async with opened(alone) as (link, queue):
        await queue.add(a_job(time.time()), ROOM)
        job = await queue.claim(lifecycle.claimed("w", time.time(), 0.0), 9)
        assert job is not None
        assert [one.id for one in await queue.due(time.time(), 9)] == [job.id]
        await link.ask("SET", link.key("seen"), time.time() - 60)
        assert await queue.due(time.time(), 9) == []
        await link.ask("DEL", link.key("grace"))  # it is over
        assert [one.id for one in await queue.due(time.time(), 9)] == [job.id]


# --- Keys ----------------------------------------------------------------------------------------


@law
async def test_no_key_is_left_or_undocumented(alone: Deployment) -> None:
    """What jobs leave in Redis goes with them; each key has the hash tag, and a line in the page
    of keys and in the script that keeps them."""
    async with opened(alone) as (link, queue):
        hook = Webhook("https://example.org/")
        for n in range(6):
            await queue.add(
                a_job(time.time(), f"c{n % 3}", webhook=hook, idempotency=SAME if n < 3 else None),
                ROOM,
            )
        await queue.add(a_job(time.time() + 99), ROOM)
        held = [await queue.claim(lifecycle.claimed("w", time.time(), LEASE), 9) for _ in range(4)]
        assert held[0] is not None
        await queue.change(held[0].id, done(held[0], time.time()), (), ())
        await queue.due(time.time(), 9)
        await link.ask("SET", link.key("seen"), 0)
        await queue.due(time.time(), 9)
        await queue.secret("links")
        await queue.add_key(ApiKey("k1", "ann", Digest("d"), ("read",), 0.0))
        await RedisRates(link).take("ann", 60, 5, time.time())
        await link.run(script("lock"), "r", "w", 60_000)
        documented = (files("inkreel.backends.redis") / "lua" / "index.lua").read_text("utf-8")
        names = {key.decode() for key in await link.ask("KEYS", "*")}
        assert len(names) > 25
        for name in names:
            assert name.startswith("{test}:")
            assert (
                f"--   {name.split(':')[1]}" in documented
                or f", {name.split(':')[1]}" in documented
            )
        for job in await all_jobs(queue):
            await queue.remove(job.id)
        left = {key.decode().split(":")[1] for key in await link.ask("KEYS", "*")}
        lasting = {"clock", "wait", "behind", "event", "revision", "told", "seen", "grace"}
        assert left <= lasting | {"keys", "key-order", "secrets", "rate", "lock"}


# --- TLS -----------------------------------------------------------------------------------------


def certified(folder: Path, name: str) -> tuple[Path, Path]:
    """A key and a certificate that vouches for itself."""
    key, certificate = folder / f"{name}.key", folder / f"{name}.crt"
    words = "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 1"
    named = ["-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1"]
    files = ["-keyout", str(key), "-out", str(certificate)]
    subprocess.run(["openssl", *words.split(), *named, *files], check=True, capture_output=True)
    return key, certificate


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl makes the certificate")
@law
async def test_what_goes_to_redis_is_sealed(tmp_path: Path) -> None:
    """With rediss:// all of it, BullMQ's too, to the server that the certificate names; another
    one is not believed, nor a door without a lock."""
    key, certificate = certified(tmp_path, "mine")
    _, other = certified(tmp_path, "other")
    plain, sealed = redis_servers.free_ports(2)
    server = redis_servers.Server(
        plain,
        *(f"tls-port {sealed}", "tls-auth-clients no"),
        *(f"tls-key-file {key}", f"tls-cert-file {certificate}", f"tls-ca-cert-file {certificate}"),
    )
    try:
        try:
            server.start()
        except RedisError:
            pytest.skip("this Redis was built without TLS")
        link = Link(parse(f"rediss://127.0.0.1:{sealed}/0?ca={certificate}"), "test", patience=10)
        queue = RedisJobs(link)
        kept = await queue.add(a_job(time.time()), ROOM)
        assert await queue.get(kept.id) == kept
        bull = await link.bull()
        assert await bull.ping()
        await bull.aclose()
        await queue.close()
        for address in (f"rediss://127.0.0.1:{sealed}/0?ca={other}", f"rediss://127.0.0.1:{plain}"):
            link = Link(parse(address), "test", patience=2)
            with pytest.raises(Unavailable):
                await link.check()
            await link.close()
    finally:
        server.close()


# --- Locks ---------------------------------------------------------------------------------------


@law
async def test_machines_ask_a_service_once(alone: Deployment) -> None:
    """100 who want the same at once, on two machines, cost one call; what fails is asked again."""
    store, calls = MemoryStore(), 0

    async def service(recipe: Recipe[Any], build: Build) -> Artifact:
        nonlocal calls
        calls += 1
        await asyncio.sleep(0.5)
        if calls == 1:
            raise VoiceFailed("it is flaky")
        artifact = store.made[recipe.key] = Artifact(Digest(recipe.key))
        return artifact

    async with opened(alone) as (one, _), opened(alone) as (other, _):
        builders = [
            Builder(store, None, {"network": 4}, {NETWORK.role: service}, RedisLocks(link))  # type: ignore[arg-type]
            for link in (one, other)
        ]
        wanted = (builder.build(recipe("x", NETWORK)) for builder in builders for _ in range(50))
        built = await asyncio.gather(*wanted, return_exceptions=True)
        # Those who shared the call that failed are told; the other machine asked again.
        assert calls == 2
        assert sum(isinstance(each, VoiceFailed) for each in built) == 50
        assert {each.artifact.digest for each in built if isinstance(each, Built)} == {
            Digest(recipe("x", NETWORK).key)
        }
        wanted = (builder.build(recipe("x", NETWORK)) for builder in builders for _ in range(50))
        assert not any(each.made for each in await asyncio.gather(*wanted))
        assert calls == 2
        assert not await one.ask("KEYS", "*lock*")


@law
async def test_a_lock_lasts_as_long_as_its_holder(alone: Deployment) -> None:
    """It is renewed while it is held, however long that is, and ends by itself when its holder
    does."""
    async with opened(alone) as (one, _), opened(alone) as (other, _):
        mine, theirs = RedisLocks(one, 0.6), RedisLocks(other, 0.6)
        told: list[str] = []

        async def wait() -> None:
            async with theirs.held("x") as waited:
                told.append(f"had it, waited: {waited}")

        async with mine.held("x") as waited:
            assert not waited
            waiting = asyncio.create_task(wait())
            await asyncio.sleep(2)
            told.append("let go")
        await waiting
        assert told == ["let go", "had it, waited: True"]
        assert await one.run(script("lock"), "y", "one who dies", 500)
        async with asyncio.timeout(20), theirs.held("y") as waited:
            assert waited


@law
async def test_without_redis_each_goes_on_alone(alone: Deployment) -> None:
    """Nobody waits for a lock that cannot be asked for, or that is lost while it is held."""
    async with opened(alone, patience=2.0) as (link, _):
        locks = RedisLocks(link, 0.6)
        async with locks.held("x") as waited:
            assert not waited
            alone.master().kill()
            await asyncio.sleep(1)
        async with asyncio.timeout(20), locks.held("x") as waited:
            assert not waited


@law
async def test_a_mistake_of_ours_is_not_taken_for_an_outage(alone: Deployment) -> None:
    """A command that Redis does not know is raised as it is, and nobody is kept away."""
    async with opened(alone) as (link, _):
        with pytest.raises(ResponseError):
            await link.ask("NOSUCHCOMMAND")
        assert not link.away
