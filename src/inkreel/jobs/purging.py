"""Dropped files → a CDN that keeps them is told so: at least once, whatever dies in between.

What is to be told is written among the objects before the files are dropped, and removed when the
CDN was told; any worker does it. It is told a little later than it is written: by then nobody can
fetch the files any more and have the CDN keep them anew.
"""

from __future__ import annotations

import asyncio
import json
import logging
import secrets
import time
from collections.abc import AsyncGenerator, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import httpx2

from inkreel.errors import NotFound
from inkreel.job import served_link
from inkreel.jobs.supervision import again_and_again
from inkreel.ports import Objects
from inkreel.providers.calls import kind_of, retry_after
from inkreel.providers.policies import Deadline, Failed, Policy, Retry, Room, around

log = logging.getLogger(__name__)

FOLDER = "purges/"
SETTLED_SECONDS = 5.0
LOOK_SECONDS = 5.0
GIVEN_UP_SECONDS = 7 * 86_400.0
"""What a CDN keeps after that it keeps."""
DEADLINE = 10.0
AT_ONCE = 8
BATCH = 30
"""Links that one request names."""


@dataclass(frozen=True, slots=True)
class Request:
    """How a CDN is asked to drop files. `{url}` in `url` stands for one link, `{urls}` in `body`
    for a list of them in JSON; `header` is a name and a value."""

    cdn: str
    method: str = "PURGE"
    url: str = "{url}"
    body: str = ""
    header: tuple[str, str] | None = None

    def batches(self, links: Sequence[str]) -> Iterator[Sequence[str]]:
        """What one request is for each."""
        size = 1 if "{url}" in self.url else BATCH
        return (links[at : at + size] for at in range(0, len(links), size))


class Purged:
    """`Objects` of which a CDN keeps some: what is dropped is noted for it."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def drop(self, prefix: str) -> None:
        links = [link for key, _ in self._objects.sizes(prefix) if (link := served_link(key))]
        if links:
            name = f"{FOLDER}{int(time.time() * 1_000):015}-{secrets.token_hex(4)}"
            self._objects.write(name, "\n".join(links).encode())
        self._objects.drop(prefix)

    def place(self, key: str, file: Path) -> None:
        self._objects.place(key, file)

    def write(self, key: str, data: bytes) -> None:
        self._objects.write(key, data)

    def read(self, key: str) -> bytes:
        return self._objects.read(key)

    def size(self, key: str) -> int | None:
        return self._objects.size(key)

    def stream(self, key: str, first: int, end: int) -> AsyncGenerator[bytes, None]:
        return self._objects.stream(key, first, end)

    def scratch(self) -> Path:
        return self._objects.scratch()

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        return self._objects.sizes(prefix)

    def free(self) -> int:
        return self._objects.free()


class Purger:
    """Tells a CDN what was dropped."""

    def __init__(
        self,
        objects: Objects,
        client: httpx2.AsyncClient,
        request: Request,
        retry: Policy | None = None,
    ) -> None:
        self._objects = objects
        self._client = client
        self._request = request
        self._policies = (retry or Retry(4, 10.0), Room(AT_ONCE), Deadline(DEADLINE))

    async def run(self, stop: asyncio.Event) -> None:
        """Tell it until `stop`."""
        await again_and_again(self.turn, LOOK_SECONDS, stop)

    async def turn(self) -> None:
        """Tell all that is due; what fails stays for the next turn."""
        notes = await asyncio.to_thread(lambda: [key for key, _ in self._objects.sizes(FOLDER)])
        for note in sorted(notes):
            age = time.time() - int(note.removeprefix(FOLDER).partition("-")[0]) / 1_000
            if age >= SETTLED_SECONDS:
                await self._tell(note, age)

    async def _tell(self, note: str, age: float) -> None:
        try:
            text = await asyncio.to_thread(self._objects.read, note)
        except NotFound:  # another worker did it
            return
        links = [f"{self._request.cdn}{path}" for path in text.decode().split()]
        batches = self._request.batches(links)
        asking = (around(partial(self._ask, batch), *self._policies)() for batch in batches)
        failed = [one for one in await asyncio.gather(*asking, return_exceptions=True) if one]
        for fault in failed[:1]:
            log.warning("the CDN was not told of %d dropped files: %s", len(links), fault)
        if failed and age < GIVEN_UP_SECONDS:
            return
        await asyncio.to_thread(self._objects.drop, note)

    async def _ask(self, links: Sequence[str]) -> None:
        """Raises `Failed`."""
        request = self._request
        url = request.url.replace("{url}", links[0])
        headers = dict([request.header]) if request.header else {}
        body = request.body.replace("{urls}", json.dumps(links)).replace("{url}", links[0])
        if body:
            headers.setdefault("Content-Type", "application/json")
        try:
            answer = await self._client.request(
                request.method, url, content=body.encode() or None, headers=headers
            )
        except httpx2.TimeoutException as error:
            raise Failed("slow", f"no answer in time ({type(error).__name__})") from error
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise Failed("down", type(error).__name__) from error
        if not answer.is_success and answer.status_code != 404:  # it has none of it
            why = f"it answered {answer.status_code}"
            raise Failed(kind_of(answer.status_code), why, retry_after(answer.headers))
