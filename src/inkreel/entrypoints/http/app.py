"""The application: what it stands on, what it answers, and what lies around every request."""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette_compress import CompressMiddleware, add_compress_type

from inkreel import __version__
from inkreel.entrypoints.http import (
    admin,
    content,
    docs,
    events,
    health,
    openapi,
    page,
    problems,
    storyboards,
    streaming,
    videos,
)
from inkreel.entrypoints.http.edge import Edge, Redacting
from inkreel.entrypoints.http.limits import Turnstile
from inkreel.entrypoints.http.sizes import Sizes
from inkreel.entrypoints.http.state import Service
from inkreel.entrypoints.keeping import when_told_to_end, worker_kept
from inkreel.entrypoints.keys import asks_for_keys
from inkreel.entrypoints.metrics import Counting, Metrics, counted
from inkreel.errors import InkreelError
from inkreel.settings import Settings, load
from inkreel.wiring.api import open_backends
from inkreel.wiring.keys import secret

FILE = re.compile(r"/(content|thumbnail|segments/\d+(\.m4s)?|files/[^/]+)$")
"""Paths of files: their ranges and tags are of their own bytes."""
MINIMUM_BYTES = 1_400
"""Smaller answers fit into one packet as they are."""


def create_app(settings: Settings | None = None) -> FastAPI:
    """The HTTP application. Settings that are not given are read when it starts; only then does
    it open anything."""
    metrics = Metrics()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        chosen = settings or load()
        async with _open(chosen, metrics) as service, worker_kept(chosen):
            app.state.service = service
            app.state.draining = service.draining
            with when_told_to_end(service.draining.set):
                yield

    app = FastAPI(
        title="Inkreel",
        version=__version__,
        lifespan=lifespan,
        openapi_url=None,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        default_response_class=Response,
    )
    app.openapi = partial(openapi.document, app)  # type: ignore[method-assign]
    app.add_exception_handler(InkreelError, problems.on_refusal)
    app.add_exception_handler(RequestValidationError, problems.on_parameters)
    app.add_exception_handler(HTTPException, problems.on_status)
    for part in (videos, storyboards, content, streaming, events, health, admin, docs, page):
        app.include_router(part.router)
    app.add_middleware(Compressing)
    app.add_middleware(Edge)
    app.add_middleware(Counting, metrics=metrics)
    app.add_middleware(Heads)
    return app


@asynccontextmanager
async def _open(settings: Settings, metrics: Metrics) -> AsyncIterator[Service]:
    logging.getLogger("uvicorn.access").addFilter(Redacting())
    # What clients do wrong is told to them, not to the log.
    logging.getLogger("python_multipart").setLevel(logging.ERROR)
    async with open_backends(
        settings, lambda queue: counted(queue, metrics), metrics.spooled.set
    ) as backends:
        draining = asyncio.Event()
        most = settings.max_connections
        try:
            yield Service(
                settings=settings,
                queue=backends.queue,
                keys=backends.keys,
                rates=backends.rates,
                objects=backends.objects,
                orders=backends.orders,
                link_secret=await secret(settings, backends.keys, "links"),
                asks_for_keys=asks_for_keys(settings),
                draining=draining,
                uploads=Turnstile(settings.uploads, settings.uploads_waiting, "uploads"),
                listeners=Turnstile(max(1, most // 2), 0, "event streams"),
                metrics=metrics,
                sizes=Sizes(backends.objects, backends.storage.files),
                clean=backends.clean,
                away=backends.storage.away,
            )
        finally:
            draining.set()


class Heads:
    """Answers HEAD wherever GET is answered at once; the server leaves the body out."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        own = scope["type"] != "http" or scope["path"].endswith("/events")
        if not own and scope["method"] == "HEAD" and FILE.search(scope["path"]) is None:
            scope = {**scope, "method": "GET"}
        await self._app(scope, receive, send)


class Compressing:
    """Compresses answers, save files."""

    def __init__(self, app: ASGIApp) -> None:
        add_compress_type("application/yaml")
        add_compress_type(problems.MEDIA_TYPE)
        self._plain = app
        self._compressed = CompressMiddleware(app, minimum_size=MINIMUM_BYTES)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        is_file = scope["type"] == "http" and FILE.search(scope["path"]) is not None
        await (self._plain if is_file else self._compressed)(scope, receive, send)
