"""The HTTP application behind a real server on loopback, in a thread; no worker runs."""

from __future__ import annotations

import asyncio
import hashlib
import threading
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

import httpx2
import uvicorn

from inkreel.entrypoints.http.app import create_app
from inkreel.entrypoints.http.connections import Connection
from inkreel.entrypoints.http.state import Service
from inkreel.entrypoints.keys import new_key
from inkreel.job import (
    Admission,
    File,
    Job,
    JobId,
    Outcome,
    SceneState,
    Told,
    Variant,
    new_job_id,
    result_key,
    thumbnail_key,
)
from inkreel.jobs import lifecycle
from inkreel.jobs.lifecycle import Keeping
from inkreel.model import Counts, Digest, Options
from inkreel.settings import load

T = TypeVar("T")

KEEPING = Keeping(3600, 3600, 3600)
TEXT = b"# Tides\n\nThe sea is high twice a day, and low twice a day as well.\n"


class Running:
    """A server, and the application's own state for tests to put things into."""

    def __init__(self, root: Path, **settings: Any) -> None:
        self.data, self.cache = root / "data", root / "cache"
        chosen = {"data": self.data, "cache": self.cache, "workers": 0, "auth": "off", **settings}
        self.app = create_app(load(**chosen))
        config = uvicorn.Config(
            self.app,
            port=0,
            http=Connection,
            ws="none",
            lifespan="on",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            timeout_graceful_shutdown=5,
        )
        self.server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._run, name="server")
        self.loop: asyncio.AbstractEventLoop

    def _run(self) -> None:
        asyncio.run(self._serve())

    async def _serve(self) -> None:
        self.loop = asyncio.get_running_loop()
        await self.server.serve()

    def start(self) -> None:
        self._thread.start()
        until = time.monotonic() + 20
        while not self.server.started:
            assert self._thread.is_alive()
            assert time.monotonic() < until
            time.sleep(0.01)

    def stop(self) -> None:
        self.server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()

    @property
    def port(self) -> int:
        return int(self.server.servers[0].sockets[0].getsockname()[1])

    @property
    def service(self) -> Service:
        return self.app.state.service

    def do(self, work: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine where the application runs."""
        return asyncio.run_coroutine_threadsafe(work, self.loop).result(20)

    def client(self, **options: Any) -> httpx2.Client:
        return httpx2.Client(
            base_url=f"http://127.0.0.1:{self.port}", timeout=30, trust_env=False, **options
        )

    def key(self, client: str, *scopes: str) -> dict[str, str]:
        """Headers with a new key."""
        key, text = new_key(client, scopes or ("read", "write"), time.time())
        self.do(self.service.keys.add_key(key))
        return {"Authorization": f"Bearer {text}"}

    # --- Jobs in any state, without a worker ------------------------------------------------------

    def job(self, client: str = "local", title: str = "Tides") -> Job:
        """One that waits."""
        now = time.time()
        job = Job(
            id=new_job_id(now),
            client=client,
            title=title,
            options=Options(),
            source=None,
            created=now,
            queued=now,
            sweep=now + 3600,
        )
        return self.do(self.service.queue.add(job, Admission(100_000, 100_000)))

    def running(self, **fields: Any) -> Job:
        """One that a worker holds."""
        job = self.job(**fields)
        return self.change(job.id, lifecycle.claimed("nobody", time.time(), 3600))

    def done(self, files: dict[Variant, bytes], **fields: Any) -> Job:
        """One with results and a picture of its first scene."""
        job = self.running(**fields)
        objects = self.service.objects
        kept = []
        for variant, data in files.items():
            digest = Digest(hashlib.sha256(data).hexdigest())
            key = result_key(job.id, digest, variant)
            objects.write(key, data)
            kept.append(File(variant, key, digest, len(data)))
        picture = b"\xff\xd8\xff picture"
        digest = Digest(hashlib.sha256(picture).hexdigest())
        objects.write(thumbnail_key(job.id, digest), picture)
        outcome = Outcome(9.6, 4.2, Counts(clips=1), Counts())
        change = lifecycle.finished(job.fence, time.time(), KEEPING, outcome, tuple(kept), ())
        scenes = (
            SceneState("High water", "made", "made", "made", digest, id="high-1", visual="slide"),
        )
        return self.change(job.id, change, scenes=scenes)

    def change(self, job: JobId, change: Any, told: tuple[Told, ...] = (), **more: Any) -> Job:
        return self.do(self.service.queue.change(job, change, told, **more))

    def tell(self, job: JobId, *told: Told) -> None:
        """Add events and change nothing else."""
        self.change(job, lambda job: job, told)

    def left(self) -> list[Path]:
        """Unfinished files."""
        found = (path for path in self.data.rglob("tmp/*/*") if path.name != "lock")
        return [path for path in found if path.is_file()]


def every(client: httpx2.Client) -> list[dict[str, Any]]:
    """All videos of the client, page by page."""
    videos: list[dict[str, Any]] = []
    query: dict[str, Any] = {"limit": 200}
    while True:
        page = client.get("/v1/videos", params=query).json()
        videos += page["data"]
        if page["next_cursor"] is None:
            return videos
        query["cursor"] = page["next_cursor"]


@contextmanager
def running(root: Path, **settings: Any) -> Iterator[Running]:
    """A server, stopped afterwards."""
    server = Running(root, **settings)
    server.start()
    try:
        yield server
    finally:
        server.stop()
