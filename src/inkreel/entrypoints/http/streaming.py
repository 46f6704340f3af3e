"""A video while it is being made: an HLS playlist that grows, and segments of MP4.

Players that know HLS follow the playlist; the page appends the segments to a Media Source as the
events name them. A segment never changes under its version.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import Response

from inkreel.entrypoints.http import examples
from inkreel.entrypoints.http.content import (
    Linked,
    about_files,
    answer_file,
    job_of,
    missing,
    stored,
)
from inkreel.entrypoints.http.links import SEGMENT_SUFFIX
from inkreel.entrypoints.http.openapi import answers, refusals
from inkreel.entrypoints.http.playlist import MPEGURL, playlist, segment_of
from inkreel.entrypoints.http.state import Served
from inkreel.errors import Gone, NotFound
from inkreel.job import segment_key

router = APIRouter(prefix="/v1/videos", tags=["videos"], default_response_class=Response)


async def get_playlist(request: Request, service: Served, link: Linked) -> Response:
    """An HLS playlist of the scenes that can be played already; it ends when the video is done."""
    job = await job_of(request, service, link, "")
    scenes = await service.queue.scenes(job.id)
    if job.stream is None:
        raise missing(job, "Nothing can be played yet.")
    text = playlist(job, job.stream, scenes, service.links(request))
    headers = {"Cache-Control": "private, no-store"}
    return Response(text, headers=headers, media_type=MPEGURL)


async def get_segment(
    request: Request,
    service: Served,
    link: Linked,
    number: Annotated[int, InPath(ge=0, le=100_000, description="From 1; 0 initialises.")],
) -> Response:
    """A fragment of MP4, as soon as it can be played after those before it. The links
    in playlists and events add `.m4s`, since players go by names."""
    job = await job_of(request, service, link, "")
    digest = link.version or segment_of(job, await service.queue.scenes(job.id), number)
    file = None
    if digest is not None:
        key = segment_key(job.id, digest)
        fixed = link.version is not None
        file = await stored(service.objects, key, digest, "video/mp4", fixed=fixed)
    if file is None:
        raise missing(job, f"There is no segment {number}.")
    return answer_file(request, file, {})


for methods, told, also in ((["GET"], "get", True), (["HEAD"], "head", False)):
    router.add_api_route(
        "/{video_id}/playlist.m3u8",
        get_playlist,
        methods=methods,
        operation_id=f"{told}_playlist",
        summary="What can be played so far",
        include_in_schema=also,
        responses={
            **answers(200, "An HLS playlist.", (MPEGURL, {"type": "string"}, examples.PLAYLIST)),
            **refusals(NotFound, Gone),
        },
    )
    for suffix in (SEGMENT_SUFFIX, ""):
        router.add_api_route(
            f"/{{video_id}}/segments/{{number}}{suffix}",
            get_segment,
            methods=methods,
            operation_id=f"{told}_segment",
            summary="A piece to be played",
            include_in_schema=also and not suffix,
            responses=about_files("video/mp4"),
        )
