"""`inkreel make --play`: the video plays in the browser while it is made.

A server on loopback, under a path that nobody can guess, speaks the part of the service's API that
the page's view of one video needs, and gives its playlist to players that know HLS. The page holds
on to its events for as long as it needs the server: that is how the command knows when to end.
"""

from __future__ import annotations

import asyncio
import contextlib
import math
import os
import re
import secrets
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from http import HTTPStatus

import msgspec

from inkreel.entrypoints.http import assets, views
from inkreel.entrypoints.http.links import SEGMENT_SUFFIX, Links
from inkreel.entrypoints.http.playlist import MPEGURL, playlist, segment_of
from inkreel.entrypoints.http.telling import EVENT_STREAM, PING_SECONDS, Telling
from inkreel.entrypoints.loopback import Answer, Loopback, Request
from inkreel.entrypoints.progress import Teller
from inkreel.errors import NotFound
from inkreel.job import ENDED, SERVED, segment_key, thumbnail_key
from inkreel.jobs.lifecycle import TRIES
from inkreel.jobs.premiere import Premiere
from inkreel.model import Result

GRACE_SECONDS = 2.0
"""A page that is loaded again is away for less."""
PATIENCE_SECONDS = 600.0
"""So long the finished video waits for somebody to open it, or for a player that is paused."""
LOOK_SECONDS = 0.1
NEWS_SECONDS = 8.0
"""So long a playlist is held back in which there would be nothing new."""
_FOREVER = 2**40
"""Its links are as good as the path that they begin with."""
_PRIVATE = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
}


@contextlib.asynccontextmanager
async def theatre(
    premiere: Premiere, *, teller: Teller, done: Callable[[Result], None], browser: bool
) -> AsyncIterator[Callable[[Result], Awaitable[None]]]:
    """Show a video while it is made, and say where. What is given is told when it is `done`, and
    waits until nobody needs the server any more."""
    house = Theatre(premiere)
    async with Loopback(house.answer) as server:
        try:
            address = server.address + house.path
            teller.say(f"Playing at {address} (mpv, VLC: {address}/playlist.m3u8)")
            if browser and _has_browser():
                _open(address)

            async def over(result: Result) -> None:
                done(result)
                teller.say(f"Still playing at {address} until it was watched; Ctrl-C ends it now.")
                await house.empty()

            yield over
        finally:
            house.ending.set()


class Theatre:
    """Answers those who watch a premiere, and knows whether anybody does."""

    def __init__(self, premiere: Premiere) -> None:
        self.path = f"/{secrets.token_urlsafe(16)}"
        self.ending = asyncio.Event()
        self._premiere = premiere
        self._links = Links(secrets.token_bytes(32), _FOREVER, self.path)
        self._telling = Telling(premiere, self._links, TRIES, self.ending, stay=True)
        self._pages = 0
        """Pages that hold on to their events now."""
        self._opened = self._followed = False
        self._listed = 0
        """Segments in the playlist when it was last given."""
        self._sent = {0}
        """Segments that players of the playlist have."""
        self._asked = time.monotonic()
        """When anything was asked for last."""
        own = f"/v1/videos/{premiere.job.id}"
        self._routes: dict[str, Callable[..., Awaitable[Answer]]] = {
            "": self._page,
            "/": self._index,
            f"{own}": self._video,
            f"{own}/events": self._events,
            f"{own}/playlist.m3u8": self._playlist,
            "/playlist.m3u8": self._playlist,
            rf"{own}/segments/(\d{{1,6}}){SEGMENT_SUFFIX}": self._segment,
            rf"{own}/scenes/(\d{{1,6}})/thumbnail": self._thumbnail,
            r"/fonts/(\d{3})\.ttf": self._font,
            r"/(?:([a-z]+)/)?([a-z0-9]+\.[a-z]+)": self._asset,
        }

    async def empty(self) -> None:
        """Wait until nobody needs the video any more, or the user has enough."""
        self._asked = time.monotonic()
        with contextlib.suppress(asyncio.CancelledError):  # the video is made
            while self._wanted():  # noqa: ASYNC110  also time passes
                await asyncio.sleep(LOOK_SECONDS)

    def _wanted(self) -> bool:
        silence = time.monotonic() - self._asked
        if self._pages or silence < GRACE_SECONDS:
            return True
        # Somebody is still to come, or a player of the playlist has not got everything.
        misses = self._followed and len(self._sent) < self._segments()
        return silence < PATIENCE_SECONDS and (misses or not (self._opened or self._followed))

    def _segments(self) -> int:
        """How many there are, with the one that initialises."""
        if self._premiere.job.stream is None:
            return 0
        return 1 + sum(len(scene.segments) for scene in self._premiere.shown)

    # --- Answers ---------------------------------------------------------------------------------

    async def answer(self, request: Request) -> Answer:
        """What is at a path below ours; nothing is at any other."""
        own, path = request.path[: len(self.path)], request.path[len(self.path) :]
        if secrets.compare_digest(own.encode(), self.path.encode()):
            for pattern, route in self._routes.items():
                match = re.fullmatch(pattern, path)
                if match:
                    self._asked = time.monotonic()
                    return await route(request, *match.groups())
        return _nothing()

    async def _page(self, _: Request) -> Answer:
        place = f"{self.path}/#/watch/{self._premiere.job.id}"
        return Answer(HTTPStatus.FOUND, {**_PRIVATE, "Location": place})

    async def _index(self, _: Request) -> Answer:
        return _file(assets.asset("", "index.html"))

    async def _asset(self, _: Request, folder: str | None, name: str) -> Answer:
        try:
            return _file(assets.asset(folder or "", name))
        except NotFound:
            return _nothing()

    async def _font(self, _: Request, weight: str) -> Answer:
        try:
            return _file(assets.font(weight))
        except NotFound:
            return _nothing()

    async def _video(self, _: Request) -> Answer:
        premiere = self._premiere
        shown = views.video(premiere.job, self._links, TRIES, premiere.shown)
        return _found("application/json", msgspec.json.encode(shown))

    async def _events(self, request: Request) -> Answer:
        last = request.headers.get("last-event-id", "")
        return _found(EVENT_STREAM, self._told(int(last) if last.isdecimal() else None))

    async def _told(self, last: int | None) -> AsyncIterator[bytes]:
        self._pages += 1
        self._opened = True
        try:
            async for event in self._telling.events(self._premiere.job, last):
                yield event
        finally:
            self._pages -= 1
            self._asked = time.monotonic()

    async def _playlist(self, _: Request) -> Answer:
        """Players give up on a playlist that is not there, and come late again to one that has
        nothing new: they wait here."""
        self._followed = True
        premiere, revision, began = self._premiere, -1, time.monotonic()
        while premiere.job.status not in ENDED:
            patience = math.inf if premiere.job.stream is None else NEWS_SECONDS
            left = began + patience - time.monotonic()
            if left <= 0 or self._segments() > self._listed:
                break
            revision = await premiere.changed(revision, min(left, PING_SECONDS))
        if premiere.job.stream is None:
            return _nothing()
        self._listed = self._segments()
        text = playlist(premiere.job, premiere.job.stream, premiere.shown, self._links)
        return _found(MPEGURL, text.encode())

    async def _segment(self, _: Request, number: str) -> Answer:
        premiere = self._premiere
        digest = segment_of(premiere.job, premiere.shown, int(number))
        if digest is None:
            return _nothing()
        self._sent.add(int(number))
        return await self._object("video/mp4", segment_key(premiere.job.id, digest))

    async def _thumbnail(self, _: Request, number: str) -> Answer:
        scenes = self._premiere.shown[int(number) - 1 : int(number)]
        if not scenes or scenes[0].thumbnail is None:
            return _nothing()
        key = thumbnail_key(self._premiere.job.id, scenes[0].thumbnail)
        return await self._object(SERVED["thumbnail"][1], key)

    async def _object(self, media_type: str, key: str) -> Answer:
        return _found(media_type, await asyncio.to_thread(self._premiere.objects.read, key))


def _found(media_type: str, body: bytes | AsyncIterator[bytes]) -> Answer:
    return Answer(HTTPStatus.OK, {**_PRIVATE, "Content-Type": media_type}, body)


def _file(asset: assets.Asset) -> Answer:
    return Answer(HTTPStatus.OK, {**asset.headers(), **_PRIVATE}, asset.data)


def _nothing() -> Answer:
    return Answer(HTTPStatus.NOT_FOUND, _PRIVATE)


def _open(address: str) -> None:
    """Have the user's browser show it, in a process that shares nothing with ours: some end only
    with the browser, and some write to the terminal."""
    subprocess.Popen(
        [sys.executable, "-m", "webbrowser", address],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )


def _has_browser() -> bool:
    """Whether a browser would come up before the user's eyes, and not in his terminal or on
    another machine."""
    remote = os.environ.get("SSH_CONNECTION") or os.environ.get("SSH_TTY")
    seen = ("BROWSER", "DISPLAY", "WAYLAND_DISPLAY")
    return not remote and (sys.platform != "linux" or any(map(os.environ.get, seen)))
