"""Real Redis servers on loopback ports, to be killed, stopped and failed over.

They end with whoever started them, also when that one is killed.
"""

from __future__ import annotations

import contextlib
import ctypes
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

START_SECONDS = 30.0
SERVICE = "inkreel-test"
DOWN_MILLISECONDS = 1_000
"""After so long sentinels and cluster nodes take a silent server for dead."""
PR_SET_PDEATHSIG = 1


def installed() -> bool:
    """Whether there is a redis-server to be started."""
    return bool(shutil.which("redis-server") and shutil.which("redis-cli"))


def free_ports(count: int) -> list[int]:
    """Ports that nobody has now."""
    with contextlib.ExitStack() as stack:
        doors = [stack.enter_context(socket.socket()) for _ in range(count)]
        for door in doors:
            door.bind(("127.0.0.1", 0))
        return [door.getsockname()[1] for door in doors]


class Server:
    """One process with a folder of its own, durable as a queue must be."""

    def __init__(self, port: int, *options: str, sentinel: bool = False) -> None:
        self.port = port
        self._options = options
        self._sentinel = sentinel
        self._folder = Path(tempfile.mkdtemp(prefix="inkreel-redis-"))
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, seconds: float = START_SECONDS) -> None:
        """Start it, also again on what it has kept; returns when it answers."""
        file = self._folder / "redis.conf"
        if not file.exists():
            lines = [f"port {self.port}", "bind 127.0.0.1", f"dir {self._folder}", *self._options]
            if not self._sentinel:
                lines += ["appendonly yes", "appendfsync everysec", 'save ""']
                lines += ["maxmemory-policy noeviction", "repl-diskless-sync-delay 0"]
            file.write_text("\n".join(lines) + "\n")
        flags = ["--sentinel"] if self._sentinel else []
        self._process = subprocess.Popen(
            ["redis-server", str(file), *flags],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            preexec_fn=_end_with_parent if sys.platform == "linux" else None,  # noqa: PLW1509
        )
        until = time.monotonic() + seconds
        while True:
            try:
                with self.client() as client:
                    client.ping()
                    return
            except RedisError:
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def client(self) -> Redis:
        return Redis(port=self.port, socket_timeout=5, protocol=2)

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL: what it has not written is gone."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def stop(self) -> None:
        """SIGSTOP: its connections stand, and nothing is answered."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def close(self) -> None:
        self.kill()
        shutil.rmtree(self._folder, ignore_errors=True)


class Deployment:
    """Servers as one of the ways to run Redis has them; `url` is what a service is given."""

    def __init__(self, url: str, servers: Sequence[Server], others: Sequence[Server] = ()) -> None:
        self.url = url
        self.servers = servers
        self._others = others

    def master(self, key: str = "{inkreel}") -> Server:
        """Who may write the key, to be mistreated."""
        for server in self.servers:
            # A cluster node refuses (MOVED) the keys of others.
            with contextlib.suppress(RedisError), server.client() as client:
                client.exists(key)
                if _plain(client.execute_command("ROLE")[0]) == "master":
                    return server
        raise LookupError("no server says that it is the master")

    def close(self) -> None:
        for server in (*self._others, *self.servers):
            server.close()


def _end_with_parent() -> None:
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


def single() -> Deployment:
    """One server."""
    server = Server(*free_ports(1))
    server.start()
    return Deployment(f"redis://127.0.0.1:{server.port}/0", [server])


def sentinel() -> Deployment:
    """A master with a replica, and three sentinels."""
    ports = free_ports(5)
    master = Server(ports[0])
    replica = Server(ports[1], f"replicaof 127.0.0.1 {ports[0]}")
    watchers = [
        Server(
            port,
            f"sentinel monitor {SERVICE} 127.0.0.1 {ports[0]} 2",
            f"sentinel down-after-milliseconds {SERVICE} {DOWN_MILLISECONDS}",
            f"sentinel failover-timeout {SERVICE} 4000",
            sentinel=True,
        )
        for port in ports[2:]
    ]
    for server in (master, replica, *watchers):
        server.start()
    nodes = ",".join(f"127.0.0.1:{port}" for port in ports[2:])
    deployment = Deployment(f"redis+sentinel://{nodes}/{SERVICE}", [master, replica], watchers)
    with watchers[0].client() as asked:
        _until(partial(_complete, asked))
    return deployment


def _complete(asked: Redis) -> bool:
    """Whether a sentinel knows the replica and the two other sentinels."""
    flat = asked.execute_command("SENTINEL", "MASTER", SERVICE)
    if not isinstance(flat, dict):
        flat = dict(zip(flat[::2], flat[1::2], strict=True))
    known = {_plain(name): _plain(value) for name, value in flat.items()}
    return int(known["num-slaves"]) >= 1 and int(known["num-other-sentinels"]) >= 2


def _plain(value: object) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def cluster() -> Deployment:
    """Three masters, each with a replica."""
    ports = free_ports(12)
    servers = [
        Server(
            port,
            "cluster-enabled yes",
            f"cluster-port {bus}",
            f"cluster-node-timeout {DOWN_MILLISECONDS}",
            "cluster-replica-validity-factor 0",
        )
        for port, bus in zip(ports[:6], ports[6:], strict=True)
    ]
    for server in servers:
        server.start()
    nodes = [f"127.0.0.1:{port}" for port in ports[:6]]
    subprocess.run(
        ["redis-cli", "--cluster", "create", *nodes, "--cluster-replicas", "1", "--cluster-yes"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=60,
    )
    for server in servers:
        with server.client() as asked:
            _until(partial(_formed, asked))
    return Deployment(f"redis+cluster://{','.join(nodes)}", servers)


def _formed(asked: Redis) -> bool:
    """Whether a cluster node sees all slots served."""
    return bool(re.search(r"cluster_state\W+ok", str(asked.execute_command("CLUSTER INFO"))))


def _until(true: Callable[[], bool], seconds: float = START_SECONDS) -> None:
    end = time.monotonic() + seconds
    while not true():
        if time.monotonic() > end:
            raise TimeoutError("the Redis servers did not find each other")
        time.sleep(0.05)


KINDS = {"redis": single, "sentinel": sentinel, "cluster": cluster}


@contextmanager
def running(kind: str) -> Iterator[Deployment]:
    """Servers of a kind (`KINDS`), ended afterwards."""
    deployment = KINDS[kind]()
    try:
        yield deployment
    finally:
        deployment.close()
