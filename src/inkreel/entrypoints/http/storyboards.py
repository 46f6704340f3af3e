"""A video's storyboard, as JSON or YAML of the same shape; another one makes the next edition."""

from __future__ import annotations

import asyncio

import msgspec
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkreel import errors
from inkreel.entrypoints.http import body, examples, schemas, views
from inkreel.entrypoints.http.answers import json
from inkreel.entrypoints.http.auth import Reader, Writer
from inkreel.entrypoints.http.openapi import JSON, YAML, answers, refusals, takes
from inkreel.entrypoints.http.problems import FieldProblem, Invalid
from inkreel.entrypoints.http.schemas import Video
from inkreel.entrypoints.http.state import Served
from inkreel.entrypoints.http.videos import BOARD_BYTES, BODY_ERRORS, JobPath
from inkreel.errors import BodyTypeRefused, NotAcceptable
from inkreel.job import JobId
from inkreel.model import Storyboard
from inkreel.storyboard import board as boards

YAMLS = (YAML, "application/x-yaml", "text/yaml", "text/x-yaml")

router = APIRouter(prefix="/v1/videos", tags=["videos"], default_response_class=Response)


@router.get(
    "/{video_id}/storyboard",
    operation_id="get_storyboard",
    summary="A video's storyboard",
    responses={
        **answers(
            200,
            "JSON, or YAML with `Accept: application/yaml`.",
            (JSON, schemas.Storyboard, examples.STORYBOARD),
            (YAML, {"type": "string"}, examples.STORYBOARD_YAML),
        ),
        **refusals(errors.NotFound, errors.Conflict, errors.Gone, errors.NotAcceptable),
    },
)
async def get_storyboard(
    request: Request, service: Served, caller: Reader, video_id: JobPath
) -> Response:
    """What the video tells, scene by scene; there as soon as it is written."""
    kind = _wanted(request.headers.get("accept", ""))
    job = await service.orders.find(caller.client, JobId(video_id))
    board = await service.orders.storyboard(job)
    headers = {"Cache-Control": "private, no-cache", "Vary": "Accept"}
    if kind == YAML:
        text = await asyncio.to_thread(boards.dump, board, None)
        return Response(text, headers=headers, media_type=YAML)
    data = msgspec.json.encode(boards.to_plain(board))
    return Response(data, headers=headers, media_type=JSON)


@router.put(
    "/{video_id}/storyboard",
    operation_id="replace_storyboard",
    summary="Film another storyboard",
    status_code=202,
    responses={
        **answers(202, "The next edition waits.", (JSON, Video, examples.ACCEPTED)),
        **refusals(
            errors.NotFound,
            errors.Conflict,
            errors.InvalidStoryboard,
            errors.DiskFull,
            *BODY_ERRORS,
        ),
    },
    openapi_extra=takes(
        (JSON, schemas.Storyboard, examples.STORYBOARD),
        (YAML, {"type": "string"}, examples.STORYBOARD_YAML),
    ),
)
async def replace_storyboard(
    request: Request, service: Served, caller: Writer, video_id: JobPath
) -> Response:
    """Make the video again from this storyboard; unchanged scenes are found. The results that
    are there stay until the new ones are."""
    await service.orders.find(caller.client, JobId(video_id))
    with service.uploads.admitted(caller.client):
        async with service.uploads.place():
            board = await _sent(request)
        job = await service.orders.film(caller.client, JobId(video_id), board)
    scenes = await service.queue.scenes(job.id)
    shown = views.video(job, service.links(request), service.tries, scenes)
    return json(shown, 202, {"Location": shown.links.self})


async def _sent(request: Request) -> Storyboard:
    kind = body.media_type(request)
    if kind == JSON:
        plain = await body.decoded(request, dict, BOARD_BYTES)
        return await asyncio.to_thread(boards.from_plain, plain)
    if kind not in YAMLS:
        raise BodyTypeRefused(
            f"The Content-Type {kind[:60]!r} is not taken here.", hint=f"Send {JSON} or {YAML}."
        )
    data = await body.whole(request, BOARD_BYTES)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(FieldProblem("body", "it is not UTF-8")) from error
    return await asyncio.to_thread(boards.parse, text)


def _wanted(accept: str) -> str:
    """JSON or YAML, whichever the header prefers. Raises `NotAcceptable`."""
    worth = {JSON: 0.0, YAML: 0.0}
    for part in (accept or "*/*").lower().split(",")[:30]:
        kind, *parameters = (one.strip() for one in part.split(";"))
        weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
        try:
            quality = min(1.0, float(weight))
        except ValueError:
            continue
        for offered, names in ((JSON, (JSON,)), (YAML, YAMLS)):
            if kind in names:
                worth[offered] = max(worth[offered], quality)
            elif kind in ("*/*", "application/*"):
                worth[offered] = max(worth[offered], quality / 100)
    best = max(worth, key=lambda kind: worth[kind])  # JSON of equals
    if worth[best] <= 0:
        raise NotAcceptable(
            f"None of {accept[:100]!r} can be answered.", hint=f"Accept {JSON} or {YAML}."
        )
    return best
