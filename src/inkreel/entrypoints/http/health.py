"""How the service is, for who watches it: probes, and numbers for Prometheus."""

from __future__ import annotations

import time

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkreel import __version__
from inkreel.entrypoints import metrics
from inkreel.entrypoints.http import examples
from inkreel.entrypoints.http.answers import json
from inkreel.entrypoints.http.auth import Operator
from inkreel.entrypoints.http.openapi import ALWAYS, JSON, answers, refusals
from inkreel.entrypoints.http.schemas import Health
from inkreel.entrypoints.http.state import Served, Service
from inkreel.errors import Unavailable

PROBES = ("/livez", "/readyz", "/startupz")
"""Answered also when too much is going on."""

router = APIRouter(tags=["service"], default_response_class=Response)
_TOLD = answers(200, "It is.", (JSON, Health, examples.HEALTH))


def _health(service: Service, **checks: str) -> Response:
    health = Health(status="ok", version=__version__, uptime_seconds=service.uptime, checks=checks)
    return json(health, headers={"Cache-Control": "no-store"})


@router.get(
    "/livez",
    operation_id="get_liveness",
    summary="Whether the process lives",
    responses={**_TOLD, **refusals(base=ALWAYS)},
)
async def livez(service: Served) -> Response:
    """200 as long as the process answers."""
    return _health(service)


@router.get(
    "/startupz",
    operation_id="get_startup",
    summary="Whether the process has started",
    responses={**_TOLD, **refusals(base=ALWAYS)},
)
async def startupz(service: Served) -> Response:
    """200 once it has started."""
    return _health(service)


@router.get(
    "/readyz",
    operation_id="get_readiness",
    summary="Whether requests should be sent here",
    responses={**_TOLD, **refusals(base=ALWAYS)},
)
async def readyz(service: Served) -> Response:
    """200 when the queue answers and the service is not ending; 503 says why not."""
    if service.draining.is_set():
        raise Unavailable("The service is ending.", hint="Send requests to another server.")
    queue = await service.queue.check()
    free = await service.free()
    room = "ok" if free >= service.settings.disk_reserve_bytes else "no room for uploads"
    checks = {"queue": queue, "disk": room}
    if service.settings.store:  # what lies here already is served without it
        checks["store"] = "away" if service.away() else "ok"
    return _health(service, **checks)


@router.get(
    "/metrics",
    operation_id="get_metrics",
    summary="Numbers for Prometheus",
    responses={
        **answers(200, "Of all processes.", ("text/plain", {"type": "string"}, examples.METRICS)),
        **refusals(),
    },
)
async def get_metrics(request: Request, service: Served, caller: Operator) -> Response:  # noqa: ARG001  who may see it
    """Counters of all processes, and the queue as it is, if it answers."""
    try:
        load = await service.queue.load(time.time())
    except Unavailable:
        load = None
    page = service.metrics.page(load, await service.sizes.look())
    return Response(page, headers={"Content-Type": metrics.MEDIA_TYPE})
