"""Orders: make a video, look at it, change, stop, retry, forget it."""

from __future__ import annotations

from functools import partial
from typing import Annotated, Any, Literal, cast

from fastapi import APIRouter, Header, Path, Query
from starlette.requests import Request
from starlette.responses import Response

from inkreel import errors
from inkreel.entrypoints.http import body, examples, openapi, uploads, views
from inkreel.entrypoints.http.answers import is_known, json, not_modified
from inkreel.entrypoints.http.auth import Caller, Reader, Writer
from inkreel.entrypoints.http.openapi import JSON, answers, refusals, takes
from inkreel.entrypoints.http.problems import FieldProblem, Invalid
from inkreel.entrypoints.http.schemas import ChangeVideo, Choices, CreateVideo, Video, VideoList
from inkreel.entrypoints.http.state import Served, Service
from inkreel.errors import BodyTypeRefused, DiskFull
from inkreel.job import DEFAULT_PRIORITY, JOB_ID, Job, JobId, Status
from inkreel.job import Query as JobQuery
from inkreel.jobs.orders import Material, Order, Upload
from inkreel.jobs.webhooks import check_url
from inkreel.model import Options, Storyboard
from inkreel.providers.http import networks_from
from inkreel.storyboard import board
from inkreel.wiring.options import options_from

BOARD_BYTES = 1_000_000
"""A storyboard; parsing more would take seconds."""
MULTIPART = "multipart/form-data"

router = APIRouter(prefix="/v1/videos", tags=["videos"], default_response_class=Response)

JobPath = Annotated[
    str,
    Path(
        pattern=JOB_ID,
        description="Of a video, as `POST /v1/videos` gave it.",
        examples=[examples.JOB],
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        pattern=r"^[\x21-\x7e]+$",
        description="A text of your own: an order sent again with it makes no second video.",
    ),
]

INPUT_ERRORS = (
    errors.EmptyDocument,
    errors.UnsupportedFormat,
    errors.FormatMismatch,
    errors.EncryptedDocument,
    errors.NoText,
    errors.DamagedDocument,
    errors.DocumentTooLarge,
    errors.TooManyPages,
    errors.DocumentTooComplex,
    errors.InvalidStoryboard,
    errors.MusicUnreadable,
)
BODY_ERRORS = (errors.BodyTooLarge, errors.BodyTooSlow, errors.BodyTypeRefused)


@router.post(
    "",
    operation_id="create_video",
    summary="Order a video",
    status_code=202,
    responses={
        **answers(
            202,
            "Accepted; `Location` is where it can be followed.",
            (JSON, Video, examples.ACCEPTED),
        ),
        **refusals(
            *INPUT_ERRORS,
            *BODY_ERRORS,
            errors.OptionError,
            errors.KeyReused,
            errors.QuotaExceeded,
            errors.QueueFull,
            errors.DiskFull,
            errors.WorkerFailed,
        ),
    },
    openapi_extra=takes(
        (MULTIPART, openapi.upload_schema(), examples.UPLOAD), (JSON, CreateVideo, examples.TEXT)
    ),
)
async def create_video(
    request: Request, service: Served, caller: Writer, idempotency_key: IdempotencyKey = None
) -> Response:
    """Send a document (`multipart/form-data`), or text or a storyboard (`application/json`). What
    cannot be used is refused at once; what is accepted survives a crash. gzip is taken."""
    kind = body.media_type(request)
    if kind not in (MULTIPART, JSON):
        raise BodyTypeRefused(
            f"The Content-Type {kind[:60]!r} is not taken.",
            hint="Send multipart/form-data with a file `document`, or application/json.",
        )
    with service.uploads.admitted(caller.client):
        await _check_room(request, service, caller, idempotency_key)
        if kind == JSON:
            job, again = await _from_json(request, service, caller, idempotency_key)
        else:
            job, again = await _from_form(request, service, caller, idempotency_key)
    headers = {}
    if again:
        shown = await _shown(request, service, job)
        headers["Idempotent-Replayed"] = "true"
    else:  # it has no scenes yet
        shown = views.video(job, service.links(request), service.tries, ())
    headers["Location"] = shown.links.self
    return json(shown, 202, headers)


async def _check_room(request: Request, service: Service, caller: Caller, key: str | None) -> None:
    """Before anything is read; a queue that is full is told first, since then many come."""
    if key is None or await service.queue.by_idempotency(caller.client, key) is None:
        await service.check_room(caller.client)
    free = await service.free()
    declared = request.headers.get("content-length", "")
    coming = int(declared) if declared.isdecimal() and len(declared) < 16 else 0
    most = sum(_limits(service).values())  # no more is ever taken in
    if free - min(coming, most) < service.settings.disk_reserve_bytes:
        raise DiskFull(
            "The service has no room for uploads.", hint="Try again later, or tell its operator."
        )


def _limits(service: Service) -> dict[str, int]:
    """Bytes that each file of a form may have."""
    settings = service.settings
    return {uploads.DOCUMENT: settings.max_input_bytes, uploads.MUSIC: settings.max_music_bytes}


async def _from_form(
    request: Request, service: Service, caller: Caller, key: str | None
) -> tuple[Job, bool]:
    async with uploads.received(request, service.objects, _limits(service)) as form:
        given = {name: value for name, value in form.fields.items() if value != ""}
        order = _order(service, caller, body.converted(given, Choices), key)
        async with service.uploads.place():
            return await service.orders.submit(order, form.material)


async def _from_json(
    request: Request, service: Service, caller: Caller, key: str | None
) -> tuple[Job, bool]:
    asked = await body.decoded(request, CreateVideo)
    order = _order(service, caller, asked, key)
    if (asked.text is None) == (asked.storyboard is None):
        raise Invalid(
            FieldProblem("text", "exactly one of `text` and `storyboard` is needed"),
            FieldProblem("storyboard", "exactly one of `text` and `storyboard` is needed"),
        )
    async with service.uploads.place():
        return await service.orders.submit(order, partial(_material, asked))


def _material(asked: CreateVideo) -> Material:
    """Raises `InvalidStoryboard`."""
    if asked.text is None:
        return Material(parsed(asked.storyboard))
    name = uploads.shown_name(asked.name or "", "text")
    if not name.lower().endswith(f".{asked.format}"):
        name = f"{name}.{asked.format}"
    return Material(Upload(name, asked.text.encode()))


def parsed(given: dict[str, Any] | str | None) -> Storyboard:
    """A storyboard out of JSON or YAML. Raises `InvalidStoryboard`."""
    if not isinstance(given, str):
        return board.from_plain(given)
    if len(given.encode()) > BOARD_BYTES:
        raise errors.InvalidStoryboard(
            f"The storyboard has more than {BOARD_BYTES / 1e6:.0f} MB.", hint="Split it."
        )
    return board.parse(given)


def _order(service: Service, caller: Caller, asked: Choices, key: str | None) -> Order:
    """Who wants what. Raises `OptionError`."""
    settings = service.settings
    if asked.webhook_url is not None:
        check_url(asked.webhook_url, networks_from(settings.webhook_networks))
    title = "".join(c if c.isprintable() else " " for c in asked.title or "")
    return Order(
        client=caller.client,
        options=options_from(
            settings, {name: getattr(asked, name) for name in Options.__struct_fields__}
        ),
        title=" ".join(title.split()),
        priority=DEFAULT_PRIORITY if asked.priority is None else asked.priority,
        webhook=asked.webhook_url or "",
        idempotency_key=key or "",
    )


@router.get(
    "",
    operation_id="list_videos",
    summary="Your videos",
    responses={
        **answers(200, "Newest first, without scenes.", (JSON, VideoList, examples.LIST)),
        **refusals(),
    },
)
async def list_videos(
    request: Request,
    service: Served,
    caller: Reader,
    status: Annotated[
        list[Literal["queued", "running", "done", "failed", "cancelled", "expired"]] | None,
        Query(description="Only these; may be given more than once.", max_length=6),
    ] = None,
    cursor: Annotated[
        str | None, Query(pattern=JOB_ID, description="`next_cursor` of the page before.")
    ] = None,
    limit: Annotated[int, Query(ge=1, le=200, description="Videos on a page.")] = 50,
) -> Response:
    """Your videos, newest first."""
    query = JobQuery(
        client=caller.client,
        statuses=cast("tuple[Status, ...]", tuple(status or ())),
        before=None if cursor is None else JobId(cursor),
        limit=limit + 1,
    )
    found = await service.queue.jobs(query)
    links = service.links(request)
    data = tuple(views.video(job, links, service.tries) for job in found[:limit])
    more = data[-1].id if len(found) > limit else None
    return json(VideoList(data=data, next_cursor=more))


@router.get(
    "/{video_id}",
    operation_id="get_video",
    summary="A video",
    responses={
        **answers(200, "How it is now; `ETag` changes with it.", (JSON, Video, examples.VIDEO)),
        **answers(304, "As the `If-None-Match` says."),
        **refusals(errors.NotFound),
    },
)
async def get_video(
    request: Request, service: Served, caller: Reader, video_id: JobPath
) -> Response:
    """Status, progress by stage and scene, results, warnings and errors."""
    job = await service.orders.find(caller.client, JobId(video_id))
    headers = {"ETag": _etag(request, service, job), "Cache-Control": "private, no-cache"}
    if is_known(request, headers["ETag"]):
        return not_modified(headers)
    return json(await _shown(request, service, job), headers=headers)


@router.delete(
    "/{video_id}",
    operation_id="delete_video",
    summary="Forget a video",
    status_code=204,
    responses={**answers(204, "It is gone, with its files."), **refusals(errors.NotFound)},
)
async def delete_video(service: Served, caller: Writer, video_id: JobPath) -> Response:
    """Stop it if it runs, and remove it with all its files."""
    await service.orders.delete(caller.client, JobId(video_id))
    return Response(status_code=204)


@router.patch(
    "/{video_id}",
    operation_id="update_video",
    summary="Change a waiting video",
    responses={
        **answers(200, "Changed.", (JSON, Video, examples.ACCEPTED)),
        **refusals(errors.NotFound, errors.Conflict, *BODY_ERRORS),
    },
    openapi_extra=takes((JSON, ChangeVideo, {"priority": 9})),
)
async def update_video(
    request: Request, service: Served, caller: Writer, video_id: JobPath
) -> Response:
    """Another priority, while it waits: 9 is the most urgent."""
    await service.orders.find(caller.client, JobId(video_id))
    asked = await body.decoded(request, ChangeVideo, 10_000)
    job = await service.orders.reprioritise(caller.client, JobId(video_id), asked.priority)
    return json(await _shown(request, service, job))


@router.post(
    "/{video_id}/cancel",
    operation_id="cancel_video",
    summary="Stop a video",
    responses={
        **answers(200, "Stopped.", (JSON, Video, examples.CANCELLED)),
        **refusals(errors.NotFound, errors.Conflict),
    },
)
async def cancel_video(
    request: Request, service: Served, caller: Writer, video_id: JobPath
) -> Response:
    """Stop it, whether it waits or runs. What was made is found again by a retry."""
    job = await service.orders.cancel(caller.client, JobId(video_id))
    return json(await _shown(request, service, job))


@router.post(
    "/{video_id}/retry",
    operation_id="retry_video",
    summary="Try a video again",
    status_code=202,
    responses={
        **answers(202, "It waits again.", (JSON, Video, examples.ACCEPTED)),
        **refusals(errors.NotFound, errors.Conflict),
    },
)
async def retry_video(
    request: Request, service: Served, caller: Writer, video_id: JobPath
) -> Response:
    """Try a failed or cancelled video again; finished scenes are found."""
    job = await service.orders.retry(caller.client, JobId(video_id))
    shown = await _shown(request, service, job)
    return json(shown, 202, {"Location": shown.links.self})


async def _shown(request: Request, service: Service, job: Job) -> Video:
    scenes = await service.queue.scenes(job.id)
    return views.video(job, service.links(request), service.tries, scenes)


def _etag(request: Request, service: Service, job: Job) -> str:
    """Weak: of the job's version and the age of the links."""
    return f'W/"{job.version}-{service.links(request).expires}"'
