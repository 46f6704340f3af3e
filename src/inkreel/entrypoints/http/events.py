"""What happens to a video, as it happens: the route of its events."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterator
from typing import Annotated

from fastapi import APIRouter, Header
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from inkreel import errors
from inkreel.entrypoints.http import examples
from inkreel.entrypoints.http.auth import Reader
from inkreel.entrypoints.http.openapi import answers, refusals
from inkreel.entrypoints.http.state import Served
from inkreel.entrypoints.http.telling import EVENT_STREAM, Telling
from inkreel.entrypoints.http.videos import JobPath
from inkreel.job import JobId

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
    telling = Telling(service.queue, service.links(request), service.tries, service.draining)
    return _Stream(telling.events(job, last_event_id), listening)


class _Stream(StreamingResponse):
    """A stream that gives its place back when it ends, however it ends."""

    media_type = EVENT_STREAM

    def __init__(self, events: AsyncIterator[bytes], listening: contextlib.ExitStack) -> None:
        super().__init__(events, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})
        self._listening = listening

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with self._listening:
            await super().__call__(scope, receive, send)
