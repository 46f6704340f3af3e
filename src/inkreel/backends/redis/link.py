"""The way to Redis: one bounded pool of a process, to the server that may be written to.

All keys of a service have one hash tag, so that one server has them all, whatever stands around
it. Who that is, is asked of the sentinels or of the cluster whenever a command fails, and a
client for that server is all that is needed. (redis-py's own clients for Sentinel and Cluster
neither bound their waits nor say what became of a command that was cut off.)

No call takes longer than `PATIENCE` seconds. When one fails, Redis is *away*: until a probe in
the background is answered, every call is refused at once. Scripts may run twice when an answer
is lost; each is written so that the second run finds what the first one did.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, TypeVar

import redis.exceptions as refusals
from redis.asyncio import BlockingConnectionPool, Redis, SSLConnection
from redis.asyncio.client import PubSub
from redis.asyncio.cluster import ClusterNode, RedisCluster
from redis.asyncio.retry import Retry
from redis.asyncio.sentinel import Sentinel
from redis.backoff import ExponentialWithJitterBackoff, NoBackoff
from redis.crc import key_slot

from inkreel.backends.redis.address import Address, Node
from inkreel.backends.redis.scripts import Script
from inkreel.errors import DiskFull, InkreelError, Unavailable

T = TypeVar("T")
Call = Callable[["Redis"], Awaitable[T]]

log = logging.getLogger(__name__)

CONNECTIONS = 16
PATIENCE = 1.5
"""Seconds for a call in all, with a place in the pool, finding the server and tries."""
CONNECT_SHARE, ANSWER_SHARE = 1 / 3, 2 / 3
"""Of that, what the server has to be connected to and to answer: then another one may be tried."""
TRIES = 3
BLOCKED_SECONDS = 15.0
"""Longer than BullMQ waits for a job in one command."""
HEALTH_SECONDS = 15
"""A connection that was idle for so long is tried before it is used."""
PROBE_SECONDS = 0.4
"""Between two looks whether Redis is back, ± a half."""
REPLICA_MILLISECONDS = 100
"""How long a write waits for the first replica to have it, where there is one."""

TRANSIENT = (
    refusals.AskError,
    refusals.ClusterDownError,
    refusals.ConnectionError,
    refusals.ReadOnlyError,
    refusals.TimeoutError,
    refusals.TryAgainError,
    OSError,  # also what `asyncio.timeout` raises
)
"""What may be over at the next try, with another server perhaps."""
PASSING = ("BUSY", "MISCONF", "NOREPLICAS")
"""How refusals begin that are over when the server is well again."""


class Link:
    """Redis at an address, for one event loop. `prefix` keeps services apart that share it."""

    def __init__(
        self,
        address: Address,
        prefix: str = "inkreel",
        size: int = CONNECTIONS,
        patience: float = PATIENCE,
    ) -> None:
        self.address = address
        self.root = f"{{{prefix}}}"
        """Begins every key: the hash tag, so that all lie in one slot of a cluster."""
        self._size = size
        self._patience = patience
        self._places = asyncio.Semaphore(size)
        self._slot = key_slot(prefix.encode())
        self._client: Redis | None = None
        self._replicas = 0
        self._retiring: set[asyncio.Task[None]] = set()
        self._finding = asyncio.Lock()
        self._away: InkreelError | None = None
        self._probing: asyncio.Task[None] | None = None
        self._closed = False
        self.generation = 0
        """Raised whenever the server is another one, or there again."""

    @property
    def away(self) -> bool:
        """Whether calls are refused because Redis does not answer."""
        return self._away is not None

    def key(self, *parts: str) -> str:
        """The name of a key: `{inkreel}:job:vid_…`."""
        return ":".join((self.root, *parts))

    async def run(self, script: Script, *arguments: str | bytes | float, safe: bool = False) -> Any:
        """Run a script; a `safe` one answers when a replica, if there is one, has what it wrote.
        Raises `Unavailable`, `DiskFull`."""
        words = (1, self.root, *arguments)

        async def evaluate(client: Redis) -> Any:
            try:
                return await _send(client, "EVALSHA", script.sha, *words)
            except refusals.NoScriptError:
                return await _send(client, "EVAL", script.text, *words)

        async def evaluate_safely(client: Redis) -> Any:
            if not self._replicas:
                return await evaluate(client)
            pipe = client.pipeline(transaction=False)
            pipe.execute_command("EVALSHA", script.sha, *words)
            pipe.execute_command("WAIT", 1, REPLICA_MILLISECONDS)
            answer, copies = await pipe.execute(raise_on_error=False)
            if isinstance(answer, refusals.NoScriptError):
                await _send(client, "SCRIPT", "LOAD", script.text)
                return await evaluate_safely(client)
            if isinstance(answer, Exception):
                raise answer
            if copies == 0:
                log.warning("no replica of Redis had a write after %d ms", REPLICA_MILLISECONDS)
            return answer

        return await self.call(evaluate_safely if safe else evaluate)

    async def ask(self, *words: str | bytes | float) -> Any:
        """One command that only reads. Raises `Unavailable`."""
        return await self.call(lambda client: _send(client, *words))

    async def call(self, call: Call[T]) -> T:
        """Have it done within `PATIENCE`, tried again where that may help."""
        self._check()
        if self._away is not None:
            raise type(self._away)(self._away.message, hint=self._away.hint)
        began = asyncio.get_running_loop().time()
        try:
            await asyncio.wait_for(self._places.acquire(), self._patience)
        except TimeoutError as error:
            raise Unavailable(
                "Too many calls to Redis are under way.", hint="Try again in a moment."
            ) from error
        try:
            async with asyncio.timeout_at(began + self._patience):
                return await self._tried(call)
        except TRANSIENT as error:
            self._check()
            raise self._left(error) from error
        except refusals.RedisError as error:
            self._check()
            told = _told(error, self.address)
            if told is None:
                raise
            raise told from error
        finally:
            self._places.release()

    @contextlib.asynccontextmanager
    async def listening(self, channel: str) -> AsyncIterator[PubSub]:
        """A subscription on a connection of its own. Raises `Unavailable`."""

        async def subscribe(client: Redis) -> PubSub:
            pubsub = client.pubsub()
            try:
                await pubsub.subscribe(channel)
            except BaseException:
                await pubsub.aclose()  # type: ignore[no-untyped-call]
                raise
            return pubsub

        pubsub = await self.call(subscribe)
        try:
            yield pubsub
        finally:
            with contextlib.suppress(*TRANSIENT, refusals.RedisError):
                await pubsub.aclose()  # type: ignore[no-untyped-call]

    async def bull(self) -> Redis | RedisCluster:
        """A client of redis-py's own, as BullMQ takes it: text, patient, for its caller to close.
        It follows sentinels and clusters by itself."""
        address = self.address
        options: dict[str, Any] = {
            "decode_responses": True,
            "socket_connect_timeout": self._patience * CONNECT_SHARE,
            "socket_timeout": BLOCKED_SECONDS,
            "health_check_interval": HEALTH_SECONDS,
            "username": address.username,
            "password": address.password,
            "protocol": 2,
        }
        if address.tls:
            options |= {"ssl": True, "ssl_ca_certs": address.ca}
        backoff = ExponentialWithJitterBackoff(base=0.1, cap=1.0)
        retry = Retry(backoff, TRIES)
        if address.kind == "cluster":
            nodes = [ClusterNode(host, port) for host, port in address.nodes]
            cluster = RedisCluster(startup_nodes=nodes, retry=retry, **options)
            await cluster.initialize()  # a cold one fails its first commands
            return cluster
        if address.kind == "sentinel":
            asked = {"socket_timeout": self._patience, "password": address.sentinel_password}
            watchers = Sentinel(list(address.nodes), sentinel_kwargs=asked)  # type: ignore[no-untyped-call]
            found: Redis = watchers.master_for(address.service, retry=retry, **options)
            return found
        host, port = address.nodes[0]
        return Redis(host=host, port=port, db=address.database, retry=retry, **options)

    async def check(self) -> None:
        """Raises `Unavailable` when Redis does not answer."""
        await self.ask("PING")

    async def close(self) -> None:
        """Drop all connections; later calls raise `Unavailable`."""
        self._closed = True
        if self._probing is not None:
            self._probing.cancel()
            await asyncio.wait([self._probing])
        await self._drop()
        await asyncio.sleep(0)  # one that has not begun would close nothing
        for retiring in self._retiring:
            retiring.cancel()
        await asyncio.gather(*self._retiring, return_exceptions=True)

    def _check(self) -> None:
        if self._closed:
            raise Unavailable("The service is ending.", hint="Try again in a moment.")

    # --- Trying ----------------------------------------------------------------------------------

    async def _tried(self, call: Call[T]) -> T:
        for tries_left in range(TRIES - 1, -1, -1):
            client = self._client
            try:
                client = client or await self._found()
                return await call(client)
            except TRANSIENT:
                # Other connections to it are as dead, or it is no longer the one to write to.
                await self._drop(client)
                if not tries_left:
                    raise
                await asyncio.sleep(random.uniform(0.01, 0.05))  # noqa: S311
        raise AssertionError("the last try returns or raises")

    def _left(self, error: BaseException) -> Unavailable:
        """Refuse calls until a probe is answered."""
        away = Unavailable(
            f"Redis at {self.address.shown} does not answer: {error or type(error).__name__}.",
            hint="It is tried again all the time; nothing that was accepted is lost.",
        )
        if self._away is None:
            log.warning("%s", away.message)
            self._away = away
            self._probing = asyncio.create_task(self._probe())
        return away

    async def _probe(self) -> None:
        while not self._closed:
            try:
                async with asyncio.timeout(self._patience):
                    await self._drop()
                    await _send(await self._found(), "PING")
                    break
            except (*TRANSIENT, refusals.RedisError):
                await asyncio.sleep(PROBE_SECONDS * random.uniform(0.5, 1.5))  # noqa: S311
        log.warning("Redis at %s answers again", self.address.shown)
        self._away = None

    # --- Finding ---------------------------------------------------------------------------------

    async def _found(self) -> Redis:
        async with self._finding:
            if self._client is None:
                node = await self._master()
                client = self._open(node, self._size)
                try:
                    replicas = await _replicas(client)
                except BaseException:
                    await client.aclose()
                    raise
                self._replicas = replicas
                self._client = client
                self.generation += 1
            return self._client

    async def _master(self) -> Node:
        """The server that our keys can be written to."""
        if self.address.kind == "single":
            return self.address.nodes[0]
        why: Exception = refusals.ConnectionError("none of them answers")
        for node in random.sample(self.address.nodes, len(self.address.nodes)):
            client = self._open(node, 1, sentinel=self.address.kind == "sentinel")
            try:
                return await self._named(client, node)
            except (*TRANSIENT, refusals.ResponseError) as error:
                why = error
            finally:
                await client.aclose()
        raise refusals.ConnectionError(
            f"nobody at {self.address.shown} knows the master: {why}"
        ) from why

    async def _named(self, client: Redis, node: Node) -> Node:
        if self.address.kind == "sentinel":
            name = self.address.service
            found = await _send(client, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", name)
            if not found:
                raise refusals.ResponseError(f"the sentinels know no service {name!r}")
            return _text(found[0]), int(found[1])
        for first, last, master, *_ in await _send(client, "CLUSTER SLOTS"):
            if first <= self._slot <= last:
                return _text(master[0]) or node[0], int(master[1])
        raise refusals.ClusterDownError(f"no server has the slot {self._slot}")

    def _open(self, node: Node, size: int, *, sentinel: bool = False) -> Redis:
        address = self.address
        secure: dict[str, Any] = {}
        if address.tls:
            secure = {"connection_class": SSLConnection, "ssl_ca_certs": address.ca}
        pool = BlockingConnectionPool(
            max_connections=size + 1,  # one listens
            timeout=self._patience,
            host=node[0],
            port=node[1],
            db=0 if sentinel else address.database,
            username=None if sentinel else address.username,
            password=address.sentinel_password if sentinel else address.password,
            socket_connect_timeout=self._patience * CONNECT_SHARE,
            socket_timeout=self._patience * ANSWER_SHARE,
            health_check_interval=0 if sentinel else HEALTH_SECONDS,
            retry=Retry(NoBackoff(), 0),  # ours are tried again above
            protocol=2,
            **secure,
        )
        return Redis.from_pool(pool)

    async def _drop(self, client: Redis | None = None) -> None:
        """Leave the server, unless another one was found meanwhile. Calls that are under way on it
        may end: redis-py breaks, not refuses, when a connection is closed under it."""
        dropped = self._client
        if dropped is not None and client in (None, dropped):
            self._client = None
            retiring = asyncio.create_task(self._retire(dropped))
            self._retiring.add(retiring)
            retiring.add_done_callback(self._retiring.discard)

    async def _retire(self, client: Redis) -> None:
        try:
            await asyncio.sleep(self._patience)
        finally:
            with contextlib.suppress(*TRANSIENT, refusals.RedisError):
                await client.aclose()


async def _send(client: Redis, *words: Any) -> Any:
    return await client.execute_command(*words)  # type: ignore[no-untyped-call]


async def _replicas(client: Redis) -> int:
    """How many replicas a server has. Raises `ReadOnlyError` when it is one itself."""
    try:
        name, _, replicas, *_ = await _send(client, "ROLE")
    except refusals.NoPermissionError:
        return 0  # a managed service may hide it
    if _text(name) != "master":
        raise refusals.ReadOnlyError("it is a replica")
    return len(replicas)


def _text(name: bytes | str | None) -> str:
    return name.decode() if isinstance(name, bytes) else name or ""


def _told(error: refusals.RedisError, address: Address) -> InkreelError | None:
    """The error in the user's words; None for a mistake of ours."""
    if isinstance(error, refusals.OutOfMemoryError):
        return DiskFull(
            f"The memory of Redis at {address.shown} is full.",
            hint="Raise its maxmemory; nothing was lost, and the service goes on by itself.",
        )
    if isinstance(error, refusals.AuthorizationError | refusals.NoPermissionError) or str(
        error
    ).startswith(PASSING):
        return Unavailable(
            f"Redis at {address.shown} refuses: {error}.", hint="Look at its log and its users."
        )
    return None
