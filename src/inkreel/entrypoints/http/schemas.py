"""What the API says and is told, as msgspec types: from them come the JSON and its OpenAPI.

Times are RFC 3339 in UTC. A field that may be null says so; none is left out unless it says so.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

import msgspec
from msgspec import UNSET, Meta, UnsetType

from inkreel.job import (
    Part,
    Status,
    Variant,
)
from inkreel.model import (
    CaptionsMode,
    Counts,
    Credit,
    Degraded,
    Language,
    Profile,
    Stage,
    State,
    Still,
    Transition,
    Writing,
)


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
    writer: str
    captions: CaptionsMode
    illustrate: str
    seconds: float | None
    fps: int
    profile: Profile
    still: Still
    transition: Transition
    music_volume: float


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


class VideoSegment(Shown, frozen=True, kw_only=True):
    """A fragment of MP4 that can be played after those before it; `number` counts all fragments
    of the video, from 1."""

    number: int
    seconds: float
    url: str


class VideoScene(Shown, frozen=True, kw_only=True):
    """A scene; `start` and `seconds` are known when the video is done, and as far as it can be
    played before."""

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
    credit: Credit | None
    """Of the picture beside it, when the video is done; its licence may want it shown."""
    thumbnail: str | None
    """Signed link to a small picture."""
    segments: tuple[VideoSegment, ...]
    """What can be played of it."""


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
    writing: Writing | None
    """What a language model had to do with the storyboard; null where none was asked."""


class VideoFile(Shown, frozen=True, kw_only=True):
    """A result; `url` is a signed link that expires. `thumbnails` (WebVTT for seek bars) are
    written anew for each request, with signed links to the sprites: `version` and `size` are of
    what is kept."""

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

    language: Annotated[
        Literal["auto", "vi", "en"] | None, Meta(description="Of the narration; auto finds it.")
    ] = None
    size: Annotated[
        Choice | None, Meta(description="wide, tall or square; or pixels, e.g. 1920x1080.")
    ] = None
    theme: Annotated[
        Choice | None, Meta(description="light, dark, brand, or another of this service.")
    ] = None
    voice: Annotated[
        Choice | None,
        Meta(description="auto, espeak:NAME, piper:NAME, or another of this service."),
    ] = None
    writer: Annotated[
        Choice | None,
        Meta(description="Of the storyboard: auto, own, or a language model of this service."),
    ] = None
    captions: Annotated[
        Literal["burn", "track", "both", "off"] | None,
        Meta(description="Into the picture, as a track of the file, both, or none."),
    ] = None
    illustrate: Annotated[
        Choice | None, Meta(description="Source of images: none, or one of this service.")
    ] = None
    seconds: Annotated[
        Annotated[float, Meta(gt=0)] | None,
        Meta(description="Target length; the whole document is told when left out."),
    ] = None
    fps: Annotated[int | None, Meta(description="Frames a second: 24, 25, 30, 50 or 60.")] = None
    profile: Annotated[
        Profile | None,
        Meta(description="draft: soon and small; quality: slowly and finely; else standard."),
    ] = None
    still: Annotated[
        Still | None,
        Meta(description="Frames in which nothing changes: encode, skip, or auto: as the profile."),
    ] = None
    transition: Annotated[
        Transition | None,
        Meta(description="auto, cut, fade, slide or wipe, where the storyboard does not say."),
    ] = None
    music_volume: Annotated[
        Annotated[float, Meta(ge=-24, le=6)] | None,
        Meta(description="Of music under the voice, in decibels; 0 is 19 below the voice."),
    ] = None
    priority: Annotated[
        Priority | None, Meta(description="9 is the most urgent; 5 when left out.")
    ] = None
    webhook_url: Annotated[
        Url | None, Meta(description="Told when the video is done, failed, cancelled or expired.")
    ] = None
    title: Annotated[Title | None, Meta(description="To show; else the document's.")] = None


class CreateVideo(Choices, frozen=True, kw_only=True):
    """Text or a storyboard; a document is sent as multipart/form-data. Exactly one of `text` and
    `storyboard` is given."""

    text: Annotated[str | None, Meta(description="The document's text.")] = None
    format: Annotated[Literal["md", "txt"], Meta(description="What the text is.")] = "md"
    name: Annotated[
        Annotated[str, Meta(max_length=200)] | None, Meta(description="Of the document, to show.")
    ] = None
    storyboard: Annotated[
        dict[str, Any] | str | None, Meta(description="As an object, or as YAML text.")
    ] = None


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
    writer: str
    captions: str
    illustrate: str
    seconds: float | None
    fps: int
    profile: str
    still: str
    transition: str
    music_volume: float
    priority: int


class OptionChoices(Shown, frozen=True, kw_only=True):
    """What may be chosen."""

    languages: tuple[str, ...]
    sizes: tuple[str, ...]
    themes: tuple[str, ...]
    voices: tuple[str, ...]
    writers: tuple[str, ...]
    captions: tuple[str, ...]
    illustrators: tuple[str, ...]
    fps: tuple[int, ...]
    profiles: tuple[str, ...]
    stills: tuple[str, ...]
    transitions: tuple[str, ...]
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
    """`event: segment`: a scene (from 1), or a part of it, can be played."""

    scene: int
    start: float
    segment: VideoSegment
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
    transition: Transition | UnsetType | None = UNSET
    """Into the scene."""
    illustrate: str | UnsetType | None = UNSET
    """What a picture beside the visual is to show."""


class Storyboard(Asked, frozen=True, kw_only=True):
    """A storyboard, as `inkreel storyboard` writes it."""

    title: str
    language: Language
    scenes: tuple[StoryboardScene, ...]
    notes: tuple[str, ...] | UnsetType | None = UNSET
