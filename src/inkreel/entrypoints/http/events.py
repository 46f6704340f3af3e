"""What happens to a video, as it happens: server-sent events out of the queue's own record.

Events are kept with ids that grow, so that a listener who was cut off goes on after the last one
that it has, at any process, and misses none and hears none twice.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from typing import Annotated

import msgspec
from fastapi import APIRouter, Header
from fastapi.sse import format_sse_event
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from inkreel import errors
from inkreel.entrypoints.http import examples, schemas, views
from inkreel.entrypoints.http.auth import Reader
from inkreel.entrypoints.http.links import Links
from inkreel.entrypoints.http.openapi import answers, refusals
from inkreel.entrypoints.http.state import Served, Service
from inkreel.entrypoints.http.videos import JobPath
from inkreel.job import ENDED, Event, Job, JobId, Status, StatusTold

EVENT_STREAM = "text/event-stream"
PING = b": ping\n\n"
PING_SECONDS = 15.0
TOGETHER_SECONDS = 0.1
"""Changes that follow one another faster are told together: each costs every listener a look."""
AT_ONCE = 500
RETRY_MILLISECONDS = 1_000

router = APIRouter(prefix="/v1/videos", tags=["videos"], default_response_class=Response)


@router.get(
    "/{video_id}/events",
    operation_id="stream_events",
    summary="What happens to a video",
    responses={
        **answers(
            200,
            "Server-sent events: `snapshot`, `status`, `progress`, `warning`, `thumbnail`, "
            "`segment`, `end`.",
            (EVENT_STREAM, {"type": "string"}, examples.EVENTS),
        ),
        **refusals(errors.NotFound),
    },
)
async def stream_events(
    request: Request,
    service: Served,
    caller: Reader,
    video_id: JobPath,
    last_event_id: Annotated[
        int | None,
        Header(ge=0, le=2**53, description="Id of the last event that is known: go on after it."),
    ] = None,
) -> Response:
    """First a `snapshot` with the whole video (unless `Last-Event-ID` is given), then what
    happens. After the final status comes `end`; a stream that ends without it was cut off and
    can be taken up again."""
    job = await service.orders.find(caller.client, JobId(video_id))
    listening = contextlib.ExitStack()
    listening.enter_context(service.listeners.admitted(caller.client))
    listening.enter_context(service.metrics.listening())
    links = service.links(request)
    return _Stream(_events(service, job, links, last_event_id), listening)


class _Stream(StreamingResponse):
    """A stream that gives its place back when it ends, however it ends."""

    media_type = EVENT_STREAM

    def __init__(self, events: AsyncIterator[bytes], listening: contextlib.ExitStack) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._listening = listening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._listening:
            await super().__call__(scope, receive, send)


async def _events(
    service: Service, job: Job, links: Links, last: int | None
) -> AsyncIterator[bytes]:
    yield b"retry: %d\n\n" % RETRY_MILLISECONDS
    queue = service.queue
    revision = await queue.changed(-1, 0)  # before looking: nothing falls in between
    newest = await queue.last_event(job.id)
    fresh = last is None
    # One that lies ahead would hide what comes.
    last = newest if last is None else min(last, newest)
    found = await queue.get(job.id) or job  # before its events: what they say is later
    if fresh:
        scenes = await queue.scenes(job.id)
        yield _said("snapshot", views.video(found, links, service.tries, scenes), last)
    status = found.status
    while True:
        told = await queue.events(job.id, last, AT_ONCE)
        if told:
            found = await queue.get(job.id) or found
        for event in told:
            yield _said(*views.event(found, event.told, links), event.id)
        last = told[-1].id if told else last
        status = _status(told, status)
        if len(told) == AT_ONCE:
            continue
        if status in ENDED:
            yield _said("end", schemas.EndEvent(status=status))
            return
        change = await _change(service, revision)
        if change is None:
            return  # who listens goes on elsewhere, after the last event
        if change == revision:
            if await queue.get(job.id) is None:
                return
            yield PING
        revision = change


def _status(told: Sequence[Event], before: Status) -> Status:
    """The last one that is told of."""
    said = [one.told.status for one in told if isinstance(one.told, StatusTold)]
    return said[-1] if said else before


async def _change(service: Service, revision: int) -> int | None:
    """The revision after the next change, the same one after a while without; None when the
    service is ending."""
    changed = asyncio.create_task(service.queue.changed(revision, PING_SECONDS))
    draining = asyncio.create_task(service.draining.wait())
    try:
        await asyncio.wait({changed, draining}, return_when=asyncio.FIRST_COMPLETED)
        if draining.done():
            return None
        if changed.result() != revision:
            await asyncio.wait({draining}, timeout=TOGETHER_SECONDS)
        return changed.result()
    finally:
        for task in (changed, draining):
            task.cancel()
        await asyncio.wait({changed, draining})


def _said(name: str, data: schemas.Shown, number: int | None = None) -> bytes:
    text = msgspec.json.encode(data).decode()
    told = None if number is None else str(number)
    return format_sse_event(event=name, data_str=text, id=told)
