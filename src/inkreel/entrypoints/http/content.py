"""Files: the results of a video and the small pictures of its scenes.

A file never changes under its version, which is the hash of its bytes and its ETag: with the
version in the link it may be kept for ever, without it must be asked for again.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends, Query
from fastapi import Path as InPath
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.types import Receive, Scope, Send

from inkreel.entrypoints.http import examples, links, problems
from inkreel.entrypoints.http.answers import is_known, not_modified
from inkreel.entrypoints.http.auth import Caller, Viewer
from inkreel.entrypoints.http.openapi import Described, Responses, answers, refusals
from inkreel.entrypoints.http.state import Served, Service
from inkreel.entrypoints.http.videos import JobPath
from inkreel.errors import Gone, NotFound, RangeRefused
from inkreel.job import (
    MEDIA_TYPES,
    SERVED,
    Job,
    JobId,
    Variant,
    folder_key,
    result_key,
    thumbnail_key,
)
from inkreel.model import Digest
from inkreel.ports import Objects

YEAR = 31_536_000
SUFFIXES: dict[Variant, str] = {
    "video": "mp4",
    "audio": "m4a",
    "poster": "jpg",
    "vtt": "vtt",
    "srt": "srt",
    "storyboard": "yaml",
    "thumbnails": "thumbnails.vtt",
    "sprite": "thumbnails.jpg",
}
NAME = rf"^[0-9a-f]{{64}}\.({'|'.join(SERVED)})\.[a-z0-9]{{3,4}}$"
_RANGE = re.compile(r"bytes=(?:(\d{1,18})-(\d{0,18})|-(\d{1,18}))")

router = APIRouter(prefix="/v1/videos", tags=["videos"], default_response_class=Response)

Version = Annotated[
    str | None,
    Query(pattern=r"^[0-9a-f]{64}$", description="Hash of the file: this one and no other."),
]
Expires = Annotated[
    int | None, Query(ge=0, le=2**53, description="Of a signed link, seconds since the epoch.")
]
Signature = Annotated[str, Query(max_length=100, description="Of a signed link; it needs no key.")]
BYTES: Described = {"type": "string", "format": "binary"}
_EXAMPLES = {"text/vtt": examples.THUMBNAILS}
_FILE = {
    "ETag": {"description": "The version, quoted.", "schema": {"type": "string"}},
    "Accept-Ranges": {"description": "bytes", "schema": {"type": "string"}},
}


def about_files(*media: str) -> Responses:
    """What a file's route may answer."""
    contents = [(one, BYTES, _EXAMPLES.get(one)) for one in media]
    whole = answers(200, "The file.", *contents)
    whole[200]["headers"] = _FILE
    return {
        **whole,
        **answers(206, "The part that `Range` asks for.", *((*one[:2], None) for one in contents)),
        **answers(304, "As the `If-None-Match` says."),
        **refusals(NotFound, Gone, RangeRefused),
    }


@dataclass(frozen=True, slots=True)
class Link:
    """What a request for a file says, and who it is from: None for who has only the link."""

    job: JobId
    caller: Caller | None
    version: Digest | None
    expires: int | None
    signature: str


async def _link(
    caller: Viewer,
    video_id: JobPath,
    version: Version = None,
    expires: Expires = None,
    signature: Signature = "",
) -> Link:
    digest = None if version is None else Digest(version)
    return Link(JobId(video_id), caller, digest, expires, signature)


Linked = Annotated[Link, Depends(_link)]


async def get_content(
    request: Request,
    service: Served,
    link: Linked,
    variant: Annotated[Variant, Query(description="Which of the results.")] = "video",
    download: Annotated[bool, Query(description="Name the file after the video's title.")] = False,
) -> Response:
    """A result, whole or in parts. With `version` it may be kept for ever; only `thumbnails` are
    written anew for each request, since their links to sprites are signed and expire."""
    job = await job_of(request, service, link, variant)
    digest = link.version or _current(job, variant)
    key = result_key(job.id, digest, variant)
    fixed = link.version is not None
    file = await stored(service.objects, key, digest, MEDIA_TYPES[variant], fixed=fixed)
    if file is None:
        raise missing(job, f"The {variant} is not there.")
    named = links.disposition(job.title, SUFFIXES[variant], download=download)
    if variant == "thumbnails":
        text = (await asyncio.to_thread(service.objects.read, key)).decode()
        headers = {"Content-Disposition": named, "Cache-Control": "private, no-store"}
        signed = service.links(request).signed(job.id, text)
        return Response(signed, headers=headers, media_type=MEDIA_TYPES[variant])
    return answer_file(request, file, {"Content-Disposition": named})


async def get_thumbnail(
    request: Request,
    service: Served,
    link: Linked,
    number: Annotated[int, InPath(ge=1, le=100_000, description="Of the scene, from 1.")],
) -> Response:
    """A small picture of a scene, as soon as the scene is drawn."""
    job = await job_of(request, service, link, "")
    digest = link.version
    if digest is None:
        scenes = await service.queue.scenes(job.id)
        digest = scenes[number - 1].thumbnail if number <= len(scenes) else None
    file, (_, media) = None, SERVED["thumbnail"]
    if digest is not None:
        key = thumbnail_key(job.id, digest)
        fixed = link.version is not None
        file = await stored(service.objects, key, digest, media, fixed=fixed)
    if file is None:
        raise missing(job, f"There is no picture of scene {number}.")
    return answer_file(request, file, {})


async def get_file(
    request: Request,
    service: Served,
    link: Linked,
    name: Annotated[str, InPath(pattern=NAME, description="Hash, kind and suffix.")],
    download: Annotated[bool, Query(description="Name the file after the video's title.")] = False,
) -> Response:
    """A file by its content, as links below `INKREEL_CDN_URL` name it: its path alone says which
    bytes it is, and anybody on the way may keep it."""
    job = await job_of(request, service, link, "")
    digest, kind, suffix = name.split(".")
    right, media = SERVED[kind]
    file = None
    if suffix == right:
        key = f"{folder_key(job.id)}{digest}.{kind}"
        file = await stored(service.objects, key, Digest(digest), media, fixed=True)
    if file is None:
        raise missing(job, "There is no such file.")
    headers = {"Content-Disposition": links.disposition(job.title, suffix, download=download)}
    if service.settings.cdn_url:
        headers |= {
            "Cache-Control": f"public, max-age={YEAR}, immutable",
            "Access-Control-Allow-Origin": "*",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Cache-Tag": job.id,
        }
    return answer_file(request, file, headers)


for methods, told, also in ((["GET"], "get", True), (["HEAD"], "head", False)):
    router.add_api_route(
        "/{video_id}/content",
        get_content,
        methods=methods,
        operation_id=f"{told}_content",
        summary="A file of a video",
        include_in_schema=also,
        responses=about_files(*MEDIA_TYPES.values()),
    )
    router.add_api_route(
        "/{video_id}/files/{name}",
        get_file,
        methods=methods,
        operation_id=f"{told}_file",
        summary="A file by its content",
        include_in_schema=also,
        responses=about_files(*sorted({media for _, media in SERVED.values()})),
    )
    router.add_api_route(
        "/{video_id}/scenes/{number}/thumbnail",
        get_thumbnail,
        methods=methods,
        operation_id=f"{told}_thumbnail",
        summary="A small picture of a scene",
        include_in_schema=also,
        responses=about_files(SERVED["thumbnail"][1]),
    )


async def job_of(request: Request, service: Service, link: Link, variant: str) -> Job:
    """The job, for its client or for who has a signed link."""
    if link.caller is not None:
        return await service.orders.find(link.caller.client, link.job)
    path = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    version = link.version or ""
    service.links(request).check(link.signature, path, variant, version, link.expires or 0)
    found = await service.queue.get(link.job)
    if found is None:
        raise NotFound(f"There is no video {link.job}.", hint="It was deleted.")
    return found


def _current(job: Job, variant: Variant) -> Digest:
    for file in job.files:
        if file.variant == variant:
            return file.digest
    raise missing(job, f"The {variant} is not there yet.")


def missing(job: Job, what: str) -> Gone | NotFound:
    """Why there is nothing: not yet, or not any more."""
    if job.status == "expired":
        return Gone("The video has expired.", hint="Send the document again.")
    return NotFound(what, hint=f"The video is {job.status}; its `files` say what there is.")


@dataclass(frozen=True, slots=True)
class Stored:
    """An object; `fixed` when the request names its version."""

    objects: Objects
    key: str
    size: int
    digest: Digest
    media: str
    fixed: bool


async def stored(
    objects: Objects, key: str, digest: Digest, media: str, *, fixed: bool
) -> Stored | None:
    """What lies under this key, if anything does."""
    size = await asyncio.to_thread(objects.size, key)
    if size is None:
        return None
    return Stored(objects, key, size, digest, media, fixed)


def answer_file(request: Request, file: Stored, headers: dict[str, str]) -> Response:
    """The file, whole or in the part that is asked for, unless the client has it."""
    kept = f"private, max-age={YEAR}, immutable" if file.fixed else "private, no-cache"
    headers = {"ETag": f'"{file.digest}"', "Cache-Control": kept, **headers}
    if is_known(request, headers["ETag"]):
        return not_modified(headers)
    part = _part(request, file.size, headers["ETag"])
    first, end = part or (0, file.size)
    if part is not None and first >= end:
        refused = RangeRefused(
            f"The file has {file.size} bytes; the range lies beyond.", hint="Ask for less."
        )
        return problems.answer(request, refused, {"Content-Range": f"bytes */{file.size}"})
    headers |= {"Accept-Ranges": "bytes", "Content-Length": str(end - first)}
    if part is not None:
        headers["Content-Range"] = f"bytes {first}-{end - 1}/{file.size}"
    status = 200 if part is None else 206
    if request.method == "HEAD":
        return Response(None, status, headers, file.media)
    return Streamed(file.objects.stream(file.key, first, end), status, headers, file.media)


class Streamed(StreamingResponse):
    """Pieces of a file, which is closed when all are sent or the client is gone, not some time
    later."""

    def __init__(
        self, pieces: AsyncGenerator[bytes, None], status: int, headers: dict[str, str], media: str
    ) -> None:
        super().__init__(pieces, status, headers, media)
        self._pieces = pieces

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async with contextlib.aclosing(self._pieces):
            await super().__call__(scope, receive, send)


def _part(request: Request, size: int, etag: str) -> tuple[int, int] | None:
    """Which bytes `[first, end)` are asked for, when a single good range of this version is;
    others are ignored, as RFC 9110 allows. An empty one lies beyond the end."""
    match = _RANGE.fullmatch(request.headers.get("range", "").replace(" ", "").lower())
    if match is None or request.headers.get("if-range", etag) != etag:
        return None
    first, last, tail = (int(part) if part else None for part in match.groups())
    if tail is not None:
        return size - min(tail, size), size
    first = first or 0
    if last is not None and last < first:
        return None
    return first, size if last is None else min(last + 1, size)
