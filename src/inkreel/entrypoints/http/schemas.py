"""What the API says and is told, as msgspec types: from them come the JSON and its OpenAPI.

Times are RFC 3339 in UTC. A field that may be null says so; none is left out unless it says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inkreel.entrypoints.http.links import Links
from inkreel.job import (
    MEDIA_TYPES,
    Failure,
    Job,
    Part,
    SceneState,
    SegmentTold,
    Status,
    StatusTold,
    ThumbnailTold,
    Told,
    Variant,
)
from inkreel.model import CaptionsMode, Counts, Degraded, Language, Stage, State


class Shown(msgspec.Struct, frozen=True, kw_only=True):
    """Base of all answers."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of all requests: unknown fields are refused."""


# --- A video -------------------------------------------------------------------------------------


class VideoOptions(Shown, frozen=True, kw_only=True):
    """What was chosen; `seconds` is the target length, null tells the document whole."""

    language: Literal["auto", "vi", "en"]
    size: str
    theme: str
    voice: str
    captions: CaptionsMode
    seconds: float | None


class VideoSource(Shown, frozen=True, kw_only=True):
    """The document."""

    name: str
    media_type: str
    words: int


class VideoProgress(Shown, frozen=True, kw_only=True):
    """How far it is; `fraction` is from 0 to 1."""

    stage: str
    fraction: float
    scenes: int
    scenes_done: int


class VideoScene(Shown, frozen=True, kw_only=True):
    """A scene; `start` and `seconds` are known when the video is done."""

    number: int
    id: str
    heading: str
    visual: str
    narration: Part
    picture: Part
    clip: Part
    start: float | None
    seconds: float | None
    degraded: Degraded | None
    thumbnail: str | None
    segment: str | None
    """A fragment of MP4 that can be played after those before it."""
    """Signed link to a small picture."""


class VideoError(Shown, frozen=True, kw_only=True):
    """Why the last try failed; `code` is one of docs/errors.md."""

    code: str
    message: str
    hint: str


class VideoOutcome(Shown, frozen=True, kw_only=True):
    """What the last finished run made and found."""

    seconds: float
    wall_seconds: float
    made: Counts
    found: Counts


class VideoFile(Shown, frozen=True, kw_only=True):
    """A result; `url` is a signed link that expires."""

    variant: Variant
    media_type: str
    size: int
    version: str
    url: str


class VideoLinks(Shown, frozen=True, kw_only=True):
    """Paths of what can be asked of it."""

    self: str
    events: str
    cancel: str
    retry: str
    storyboard: str
    content: str


class VideoStream(Shown, frozen=True, kw_only=True):
    """How it is played while it is still being made."""

    playlist: str
    """HLS; grows while scenes are made."""
    initialisation: str
    """What comes before the segments of the scenes."""
    mime_type: str
    """With codecs, as Media Source Extensions ask for it."""


class Video(Shown, frozen=True, kw_only=True):
    """A video, from the order to its end. `scenes` is left out in lists."""

    id: str
    object: Literal["video"] = "video"
    status: Status
    title: str
    priority: int
    edition: int
    version: int
    created_at: datetime
    queued_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    expires_at: datetime | None
    """When its results are removed; null while it waits or runs."""
    attempt: int
    max_attempts: int
    retry_at: datetime | None
    """When the next try begins, after a failed one."""
    options: VideoOptions
    source: VideoSource | None
    progress: VideoProgress
    scenes: tuple[VideoScene, ...] | UnsetType = UNSET
    warnings: tuple[str, ...]
    degraded: tuple[Degraded, ...]
    error: VideoError | None
    outcome: VideoOutcome | None
    files: tuple[VideoFile, ...]
    stream: VideoStream | None
    """There as soon as the first scene can be played."""
    links: VideoLinks


class VideoList(Shown, frozen=True, kw_only=True):
    """Newest first; `next_cursor` leads to older ones, null at the end."""

    object: Literal["list"] = "list"
    data: tuple[Video, ...]
    next_cursor: str | None


# --- Requests ------------------------------------------------------------------------------------

Priority = Literal[0, 1, 2, 3, 4, 5, 6, 7, 8, 9]
Title = Annotated[str, Meta(max_length=200)]
Url = Annotated[str, Meta(max_length=2_000, pattern=r"^https?://[^\s/?#@]+([/?#]\S*)?$")]
Choice = Annotated[str, Meta(max_length=80)]


class Choices(Asked, frozen=True, kw_only=True):
    """What every order may choose; what is left out comes from the service's settings."""

    language: Literal["auto", "vi", "en"] | None = None
    size: Choice | None = None
    theme: Choice | None = None
    voice: Choice | None = None
    captions: Literal["burn", "track", "both", "off"] | None = None
    seconds: Annotated[float, Meta(gt=0)] | None = None
    priority: Priority | None = None
    """9 is the most urgent; 5 when left out."""
    webhook_url: Url | None = None
    title: Title | None = None


class CreateVideo(Choices, frozen=True, kw_only=True):
    """Text or a storyboard; a document is sent as multipart/form-data. Exactly one of `text` and
    `storyboard` is given."""

    text: str | None = None
    format: Literal["md", "txt"] = "md"
    name: Annotated[str, Meta(max_length=200)] | None = None
    storyboard: dict[str, Any] | str | None = None
    """A storyboard as an object or as YAML text."""


class ChangeVideo(Asked, frozen=True, kw_only=True):
    """What can be changed while it waits."""

    priority: Priority


# --- The service itself --------------------------------------------------------------------------


class Health(Shown, frozen=True, kw_only=True):
    """Whether the process is there; `checks` says what was looked at."""

    status: Literal["ok"]
    version: str
    uptime_seconds: float
    checks: dict[str, str] = {}


class Defaults(Shown, frozen=True, kw_only=True):
    """Options that are taken when an order leaves them out."""

    language: str
    size: str
    theme: str
    voice: str
    captions: str
    seconds: float | None
    priority: int


class OptionChoices(Shown, frozen=True, kw_only=True):
    """What may be chosen."""

    languages: tuple[str, ...]
    sizes: tuple[str, ...]
    themes: tuple[str, ...]
    voices: tuple[str, ...]
    captions: tuple[str, ...]
    formats: tuple[str, ...]
    """Extensions of documents."""
    priorities: tuple[int, ...]
    defaults: Defaults


class ClientLimits(Shown, frozen=True, kw_only=True):
    """0 requests a minute means no limit."""

    document_bytes: int
    json_bytes: int
    storyboard_bytes: int
    pages: int
    requests_per_minute: int
    burst: int
    waiting: int
    running: int


class Me(Shown, frozen=True, kw_only=True):
    """Who asks, and what they may."""

    client: str
    auth: bool
    """Whether the service asks for keys."""
    scopes: tuple[str, ...]
    limits: ClientLimits
    options: OptionChoices


class AdminQueue(Shown, frozen=True, kw_only=True):
    """The queue at a glance."""

    by_status: dict[str, int]
    waiting_by_priority: dict[str, int]
    oldest_wait_seconds: float


class AdminSizes(Shown, frozen=True, kw_only=True):
    """Bytes on the disk."""

    objects: int
    store: int
    free: int


class AdminView(Shown, frozen=True, kw_only=True):
    """What an operator looks at; `workers` says how many jobs each worker holds."""

    version: str
    uptime_seconds: float
    draining: bool
    queue: AdminQueue
    workers: dict[str, int]
    sizes: AdminSizes


class Cleaned(Shown, frozen=True, kw_only=True):
    """What a clean-up did."""

    bytes: int
    """Bytes that were freed."""


# --- Events --------------------------------------------------------------------------------------


class StatusEvent(Shown, frozen=True, kw_only=True):
    """`event: status`."""

    status: Status
    attempt: int
    retry_at: datetime | None
    error: VideoError | None


class ProgressEvent(Shown, frozen=True, kw_only=True):
    """`event: progress`; `scene` counts from 1 and is null for the whole video."""

    stage: Stage
    state: State
    scene: int | None
    scenes: int | None
    heading: str
    fraction: float


class WarningEvent(Shown, frozen=True, kw_only=True):
    """`event: warning`."""

    stage: Stage
    text: str


class ThumbnailEvent(Shown, frozen=True, kw_only=True):
    """`event: thumbnail`; `scene` counts from 1."""

    scene: int
    url: str


class SegmentEvent(Shown, frozen=True, kw_only=True):
    """`event: segment`: a scene (from 1) can be played."""

    scene: int
    start: float
    seconds: float
    url: str
    stream: VideoStream | None


class EndEvent(Shown, frozen=True, kw_only=True):
    """`event: end`: nothing follows."""

    status: Status


# --- A storyboard (shape of its YAML; checked by `storyboard.board`) ------------------------------


class StoryboardScene(Asked, frozen=True, kw_only=True):
    """What is said and what is shown; what is null counts as left out."""

    narration: tuple[str, ...] | str
    visual: dict[str, Any]
    """`kind` and what that kind shows."""
    id: str | UnsetType | None = UNSET
    heading: str | UnsetType | None = UNSET
    eyebrow: str | UnsetType | None = UNSET
    sources: tuple[str, ...] | UnsetType | None = UNSET
    derived: tuple[dict[str, Any], ...] | UnsetType | None = UNSET


class Storyboard(Asked, frozen=True, kw_only=True):
    """A storyboard, as `inkreel storyboard` writes it."""

    title: str
    language: Language
    scenes: tuple[StoryboardScene, ...]
    notes: tuple[str, ...] | UnsetType | None = UNSET


# --- Nouns → answers -----------------------------------------------------------------------------


def when(seconds: float | None) -> datetime | None:
    """Seconds since the epoch as a time, to the millisecond."""
    return None if seconds is None else datetime.fromtimestamp(round(seconds, 3), UTC)


def _at(seconds: float) -> datetime:
    return datetime.fromtimestamp(round(seconds, 3), UTC)


def video(
    job: Job, links: Links, tries: int, scenes: Sequence[SceneState] | UnsetType = UNSET
) -> Video:
    """A job as its client sees it."""
    ended = job.status in ("done", "failed", "cancelled")
    waits_again = job.status == "queued" and job.error is not None
    options = job.options
    summary = job.summary
    return Video(
        id=job.id,
        status=job.status,
        title=job.title,
        priority=job.priority,
        edition=job.edition,
        version=job.version,
        created_at=_at(job.created),
        queued_at=_at(job.queued),
        started_at=when(job.started),
        finished_at=when(job.ended),
        expires_at=when(job.sweep) if ended else None,
        attempt=job.attempt,
        max_attempts=tries,
        retry_at=when(job.queued) if waits_again else None,
        options=VideoOptions(
            language=options.language,
            size=options.size,
            theme=options.theme,
            voice=options.voice,
            captions=options.captions,
            seconds=options.seconds,
        ),
        source=None
        if job.source is None
        else VideoSource(name=job.source.name, media_type=job.source.media_type, words=job.words),
        progress=VideoProgress(
            stage=summary.stage,
            fraction=round(summary.fraction, 4),
            scenes=summary.scenes,
            scenes_done=summary.scenes_done,
        ),
        scenes=scenes
        if isinstance(scenes, UnsetType)
        else tuple(_scene(job, one, at, links) for at, one in enumerate(scenes, 1)),
        warnings=job.warnings,
        degraded=job.degraded,
        error=_error(job.error),
        outcome=_outcome(job),
        files=tuple(
            VideoFile(
                variant=file.variant,
                media_type=MEDIA_TYPES[file.variant],
                size=file.size,
                version=file.digest,
                url=links.content(job.id, file),
            )
            for file in job.files
        ),
        stream=_stream(job, links),
        links=_links(job, links),
    )


def _stream(job: Job, links: Links) -> VideoStream | None:
    if job.stream is None:
        return None
    return VideoStream(
        playlist=links.playlist(job.id),
        initialisation=links.segment(job.id, 0, job.stream.initialisation),
        mime_type=f'video/mp4; codecs="{job.stream.codecs}"',
    )


def _links(job: Job, links: Links) -> VideoLinks:
    own = links.video(job.id)
    return VideoLinks(
        self=own,
        events=f"{own}/events",
        cancel=f"{own}/cancel",
        retry=f"{own}/retry",
        storyboard=f"{own}/storyboard",
        content=f"{own}/content",
    )


def _scene(job: Job, scene: SceneState, number: int, links: Links) -> VideoScene:
    return VideoScene(
        number=number,
        id=scene.id,
        heading=scene.heading,
        visual=scene.visual,
        narration=scene.narration,
        picture=scene.picture,
        clip=scene.clip,
        start=scene.start,
        seconds=scene.seconds,
        degraded=scene.degraded,
        thumbnail=None
        if scene.thumbnail is None
        else links.thumbnail(job.id, number, scene.thumbnail),
        segment=None if scene.segment is None else links.segment(job.id, number, scene.segment),
    )


def _error(error: Failure | None) -> VideoError | None:
    if error is None:
        return None
    return VideoError(code=error.code, message=error.message, hint=error.hint)


def _outcome(job: Job) -> VideoOutcome | None:
    if job.outcome is None:
        return None
    return VideoOutcome(
        seconds=job.outcome.seconds,
        wall_seconds=job.outcome.wall_seconds,
        made=job.outcome.made,
        found=job.outcome.found,
    )


def event(job: Job, told: Told, links: Links) -> tuple[str, Shown]:
    """Name and data of an event."""
    if isinstance(told, StatusTold):
        return "status", StatusEvent(
            status=told.status,
            attempt=told.attempt,
            retry_at=when(told.retry_at),
            error=_error(told.error),
        )
    if isinstance(told, ThumbnailTold):
        number = told.scene + 1
        return "thumbnail", ThumbnailEvent(
            scene=number, url=links.thumbnail(job.id, number, told.digest)
        )
    if isinstance(told, SegmentTold):
        number = told.scene + 1
        return "segment", SegmentEvent(
            scene=number,
            start=told.start,
            seconds=told.seconds,
            url=links.segment(job.id, number, told.digest),
            stream=_stream(job, links),
        )
    progress = told.progress
    if progress.state == "warning":
        return "warning", WarningEvent(stage=progress.stage, text=progress.heading)
    return "progress", ProgressEvent(
        stage=progress.stage,
        state=progress.state,
        scene=None if progress.scene is None else progress.scene + 1,
        scenes=progress.scenes,
        heading=progress.heading,
        fraction=round(told.fraction, 4),
    )
