"""Buckets for tests: moto's S3 as a process of its own, and a proxy before it that misbehaves.

moto does not check signatures: that requests are signed is seen, that they are signed rightly is
not. Nor is its "only if there is none" one step, so that two could be first: here one is asked
after the other.
"""

from __future__ import annotations

import contextlib
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

BUCKET = "films"
SERVER = """
import io, os, sys, threading
from moto.moto_server.werkzeug_app import create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server
WSGIRequestHandler.protocol_version = "HTTP/1.1"
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
moto, one = create_backend_app("s3"), threading.Lock()
def app(environ, start_response):
    if "HTTP_IF_NONE_MATCH" not in environ:
        return moto(environ, start_response)
    sent = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
    environ["wsgi.input"] = io.BytesIO(sent)  # before its turn: it may come slowly
    with one:
        return moto(environ, start_response)
server = make_server("127.0.0.1", 0, app, threaded=True)
print(server.port, flush=True)
server.serve_forever()
"""


@contextlib.contextmanager
def s3_server() -> Iterator[str]:
    """The address of an S3 that holds one empty bucket, in memory; it ends with this process."""
    with subprocess.Popen(
        [sys.executable, "-c", SERVER],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    ) as process:
        assert process.stdout is not None
        address = f"http://127.0.0.1:{int(process.stdout.readline())}"
        made = urllib.request.Request(f"{address}/{BUCKET}", method="PUT")
        with urllib.request.urlopen(made, timeout=10):
            pass
        try:
            yield address
        finally:
            process.kill()


def settings_of(address: str) -> dict[str, str]:
    """The variables by which a bucket is found."""
    return {
        "AWS_ENDPOINT_URL": address,
        "AWS_REGION": "eu-central-1",
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }


@contextlib.contextmanager
def environment(**variables: str) -> Iterator[None]:
    """With these variables."""
    before = {name: os.environ.get(name) for name in variables}
    os.environ.update(variables)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@dataclass
class Faults:
    """What a proxy does to those who pass: `delay` holds an answer up, `cut` closes after so many
    bytes of it, `refuse` answers with this status instead, `hold` never answers. Only the next
    `times` requests whose line matches are hit."""

    delay: float = 0.0
    cut: int | None = None
    refuse: int = 0
    hold: bool = False
    times: int = 10**9
    match: str = ""


@dataclass
class Proxy:
    """A proxy on loopback that counts what passes; `faults` may be changed at any time."""

    upstream: tuple[str, int]
    faults: Faults = field(default_factory=Faults)
    requests: list[str] = field(default_factory=list)
    sent: int = 0
    received: int = 0

    def __post_init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._listener.getsockname()[1]}"
        self._open: set[socket.socket] = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        for one in (self._listener, *self._open):
            with contextlib.suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    @property
    def counts(self) -> Counter[str]:
        """Requests by method."""
        return Counter(line.split()[0] for line in self.requests)

    def forget(self) -> None:
        self.requests.clear()
        self.sent = self.received = 0

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                self._open.add(client)
                threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _serve(self, client: socket.socket) -> None:
        with contextlib.suppress(OSError, ValueError), client:
            server = socket.create_connection(self.upstream)
            self._open.add(server)
            with server, client.makefile("rb") as asked, server.makefile("rb") as answered:
                while head := _head(asked):
                    line = head.split(b"\r\n", 1)[0].decode()
                    body = asked.read(_length(head))
                    self.requests.append(line)
                    self.sent += len(head) + len(body)
                    if not self._misbehave(line, client):
                        return
                    server.sendall(head + body)
                    answer = _head(answered)
                    bodyless = line.startswith("HEAD") or b" 204 " in answer[:20]
                    answer += b"" if bodyless else answered.read(_length(answer))
                    if not answer:
                        return
                    self.received += len(answer)
                    cut = self.faults.cut
                    if cut is not None and self._hit(line):
                        client.sendall(answer[:cut])
                        return
                    client.sendall(answer)

    def _misbehave(self, line: str, client: socket.socket) -> bool:
        """Whether the request is to go on."""
        faults = self.faults
        if (
            faults.cut is None
            and (faults.delay or faults.refuse or faults.hold)
            and self._hit(line)
        ):
            if faults.hold:
                while self.faults is faults:
                    time.sleep(0.02)
                return False
            time.sleep(faults.delay)
            if faults.refuse:
                client.sendall(b"HTTP/1.1 %d No\r\nContent-Length: 0\r\n\r\n" % faults.refuse)
                return False
        return True

    def _hit(self, line: str) -> bool:
        if self.faults.times <= 0 or not re.search(self.faults.match, line):
            return False
        self.faults.times -= 1
        return True


def _head(stream: object) -> bytes:
    lines = []
    while (line := stream.readline()) not in (b"", b"\r\n"):  # type: ignore[attr-defined]
        lines.append(line)
    return b"".join(lines) + b"\r\n" if lines else b""


def _length(head: bytes) -> int:
    found = re.search(rb"(?im)^content-length: *(\d+)", head)
    return int(found[1]) if found else 0


@contextlib.contextmanager
def proxy_to(address: str) -> Iterator[Proxy]:
    """A proxy before a server at this address."""
    host, port = address.removeprefix("http://").split(":")
    proxy = Proxy((host, int(port)))
    try:
        yield proxy
    finally:
        proxy.close()


def unfinished(folder: Path) -> list[Path]:
    """Temp files below a folder."""
    return [path for path in (folder / "tmp").glob("*/*") if path.name != "lock"]
