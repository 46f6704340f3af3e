"""The nouns of the service, frozen and without I/O: a job, its scenes, its events, its files.

A job makes one video. It waits (`queued`), runs, and ends `done`, `failed` or `cancelled`; when
its results were kept for their time it is `expired`. A new storyboard or a retry has it wait again.

These nouns stand apart from `model.py` on purpose: what a step makes does not depend on them, so
that a change here makes no artifact anew.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Literal, NewType

from inkreel.errors import QueueFull, QuotaExceeded
from inkreel.model import (
    Counts,
    Credit,
    Degraded,
    Digest,
    Options,
    Progress,
    Source,
    Struct,
    Writing,
)

JobId = NewType("JobId", str)
"""`vid_` and 26 letters of Crockford's base 32: 48 bits of milliseconds, then 80 random bits, so
that ids sort by the time of submission."""

JOB_ID = r"^vid_[0-7][0-9a-hjkmnp-tv-z]{25}$"
"""Every id matches this and nothing else is looked up."""

Status = Literal["queued", "running", "done", "failed", "cancelled", "expired"]
ENDED: frozenset[Status] = frozenset({"done", "failed", "cancelled", "expired"})

PRIORITIES = range(10)
"""9 is the most urgent."""
DEFAULT_PRIORITY = 5
FULL_SECONDS = 30.0
"""When a client that was refused may come again: about the time of a job."""

_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"


def new_job_id(now: float) -> JobId:
    """An id that was never given before; `now` is in seconds since the epoch."""
    number = int(now * 1000) << 80 | secrets.randbits(80)
    return JobId("vid_" + "".join(_ALPHABET[number >> shift & 31] for shift in range(125, -1, -5)))


def submitted(job: JobId) -> float:
    """When the id was made, in seconds since the epoch."""
    number = 0
    for letter in job.removeprefix("vid_"):
        number = number << 5 | _ALPHABET.index(letter)
    return (number >> 80) / 1000


class Failure(Struct, frozen=True):
    """An `InkreelError` that crosses a process or lies in a job."""

    code: str
    message: str
    hint: str = ""


Variant = Literal["video", "audio", "poster", "vtt", "srt", "storyboard", "thumbnails", "sprite"]
"""`thumbnails` is WebVTT that says when which part of which `sprite` shows what is seen; there may
be many sprites."""
MEDIA_TYPES: dict[Variant, str] = {
    "video": "video/mp4",
    "audio": "audio/mp4",
    "poster": "image/jpeg",
    "vtt": "text/vtt",
    "srt": "application/x-subrip",
    "storyboard": "application/yaml",
    "thumbnails": "text/vtt",
    "sprite": "image/jpeg",
}


class File(Struct, frozen=True):
    """A result: `key` names it among the objects, `digest` is of its bytes and its version."""

    variant: Variant
    key: str
    digest: Digest
    size: int


class Idempotency(Struct, frozen=True):
    """The client's `Idempotency-Key` and the digest of what it sent with it."""

    key: str
    payload: Digest


class Webhook(Struct, frozen=True):
    """Where the job's end is told; `due` is when the next try is (None: nothing to tell)."""

    url: str
    due: float | None = None
    attempt: int = 0
    state: Literal["waiting", "delivered", "given_up"] = "waiting"
    said: str = ""
    """Why the last try failed."""


Part = Literal["waiting", "started", "made", "found"]


class SceneSegment(Struct, frozen=True):
    """A scene, or a part of it, as players stream it: `number` (from 1) over all of the video."""

    number: int
    digest: Digest
    """Its version, kept under `segment_key`."""
    seconds: float


class SceneState(Struct, frozen=True):
    """How far a scene is; `start` and `seconds` are where it lies in the video."""

    heading: str = ""
    narration: Part = "waiting"
    picture: Part = "waiting"
    clip: Part = "waiting"
    thumbnail: Digest | None = None
    """Version of the small picture, kept under `thumbnail_key`."""
    segments: tuple[SceneSegment, ...] = ()
    """What can be played of it; with the first one `start` and `seconds` are known so far."""
    id: str = ""
    visual: str = ""
    start: float | None = None
    seconds: float | None = None
    degraded: Degraded | None = None
    credit: Credit | None = None
    """Of the picture that a source of images gave for it."""


class Outcome(Struct, frozen=True):
    """What the last finished run made."""

    seconds: float
    """Length of the video."""
    wall_seconds: float
    made: Counts
    found: Counts
    writing: Writing | None = None


class Stream(Struct, frozen=True):
    """What a player needs beside the segments of the scenes."""

    initialisation: Digest
    """Version of the initialisation segment, kept under `segment_key`."""
    codecs: str
    """As RFC 6381 writes them."""


class Summary(Struct, frozen=True):
    """Progress in short, as lists show it."""

    stage: str = ""
    fraction: float = 0.0
    scenes: int = 0
    scenes_done: int = 0


class Job(Struct, frozen=True, kw_only=True):
    """All that is known of a job but its scenes and events. Times are seconds since the epoch."""

    id: JobId
    client: str
    """Whose it is; others do not see it."""
    title: str
    options: Options
    source: Source | None
    """The uploaded document, kept under `source_key`; None when a storyboard was sent."""
    music: Digest | None = None
    """Of the music that was sent with it, kept under `music_key`."""
    words: int = 0
    """Of the document or the storyboard's narration."""
    board: Digest | None = None
    """Film the storyboard kept under `board_key`, which a user sent, not one written here."""
    edition: int = 1
    """Raised with each new storyboard, and when another voice tells the video from its start."""
    priority: int = DEFAULT_PRIORITY
    status: Status = "queued"
    version: int = 1
    """Raised at every change."""
    created: float
    queued: float
    """When it began to wait, or may begin again after a failure."""
    started: float | None = None
    """First claim of this edition."""
    ended: float | None = None
    sweep: float
    """When it must be looked at next: it waited too long, or was kept long enough."""
    fence: int = 0
    """Raised whenever the job changes hands; a worker that holds an older one is refused."""
    worker: str = ""
    lease: float | None = None
    """Until when the worker holds it; None when nobody does."""
    attempt: int = 0
    """Tries of this edition so far."""
    lost: int = 0
    """How often its worker died with it since it last got on."""
    error: Failure | None = None
    """Why the last try failed; also while it waits for the next one."""
    summary: Summary = Summary()
    warnings: tuple[str, ...] = ()
    degraded: tuple[Degraded, ...] = ()
    fallbacks: tuple[Degraded, ...] = ()
    """Voices that were given up for this edition and those before it, till it is retried."""
    outcome: Outcome | None = None
    stream: Stream | None = None
    """There as soon as the first scene can be played."""
    files: tuple[File, ...] = ()
    webhook: Webhook | None = None
    idempotency: Idempotency | None = None

    @property
    def cost(self) -> float:
        """Minutes of narration to expect, at least half a one; what fairness is counted in."""
        if self.options.seconds is not None:
            return max(0.5, self.options.seconds / 60)
        return min(20.0, max(0.5, self.words / 150))


Change = Callable[[Job], Job]
"""A step in a job's life: pure; raises to refuse, and then nothing changes."""


def source_key(job: JobId) -> str:
    """Where the uploaded document is kept."""
    return f"videos/{job}/source"


def music_key(job: JobId) -> str:
    """Where the uploaded music is kept."""
    return f"videos/{job}/music"


def board_key(job: JobId, board: Digest) -> str:
    """Where the storyboard that a user sent is kept: by its content, so that of two that are sent
    at once each edition has its own."""
    return f"videos/{job}/{board}.board"


def result_key(job: JobId, digest: Digest, variant: Variant) -> str:
    """Where a result is kept: by its content, so that a new one never overwrites an old one."""
    return f"videos/{job}/{digest}.{variant}"


def thumbnail_key(job: JobId, digest: Digest) -> str:
    """Where the small picture of a scene is kept."""
    return f"videos/{job}/{digest}.thumbnail"


def segment_key(job: JobId, digest: Digest) -> str:
    """Where a scene is kept as players stream it."""
    return f"videos/{job}/{digest}.segment"


SERVED: dict[str, tuple[str, str]] = {
    "video": ("mp4", "video/mp4"),
    "audio": ("m4a", "audio/mp4"),
    "poster": ("jpg", "image/jpeg"),
    "sprite": ("jpg", "image/jpeg"),
    "thumbnail": ("webp", "image/webp"),
    "segment": ("m4s", "video/mp4"),
}
"""Suffix and media type of those objects that a CDN may keep, by the end of their keys."""


def served_name(key: str) -> str:
    """What such an object is called in a link: by its content, so that the path of a link says
    which bytes it leads to. Empty for other objects."""
    name = key.rpartition("/")[2]
    served = SERVED.get(name.rpartition(".")[2])
    return f"{name}.{served[0]}" if served else ""


def served_link(key: str) -> str:
    """The path of a link to such an object, without permission. Empty for other objects."""
    name, job = served_name(key), key.split("/")[1] if key.startswith("videos/") else ""
    return f"/v1/videos/{job}/files/{name}" if name and job else ""


def folder_key(job: JobId) -> str:
    """What all keys of a job begin with."""
    return f"videos/{job}/"


class StatusTold(Struct, frozen=True, tag_field="type", tag="status"):
    """The status changed, or a try failed and there will be another."""

    status: Status
    attempt: int = 0
    retry_at: float | None = None
    error: Failure | None = None


class ProgressTold(Struct, frozen=True, tag_field="type", tag="progress"):
    """A step of the work."""

    progress: Progress
    fraction: float


class ThumbnailTold(Struct, frozen=True, tag_field="type", tag="thumbnail"):
    """The small picture of a scene (from 0) can be fetched."""

    scene: int
    digest: Digest


class SegmentTold(Struct, frozen=True, tag_field="type", tag="segment"):
    """A scene (from 0), or a part of it, can be played from second `start` of the video on."""

    scene: int
    segment: SceneSegment
    start: float


Told = StatusTold | ProgressTold | ThumbnailTold | SegmentTold


class Event(Struct, frozen=True):
    """Something told about a job; ids grow, over all jobs."""

    id: int
    job: JobId
    at: float
    told: Told


class Query(Struct, frozen=True):
    """Jobs of a client (None: of all), newest first, older than `before`."""

    client: str | None = None
    statuses: tuple[Status, ...] = ()
    before: JobId | None = None
    limit: int = 50


class Admission(Struct, frozen=True):
    """How many jobs may wait, over all and per client (the same client may also run only so many
    at once: see `JobQueue.claim`)."""

    waiting: int
    client_waiting: int

    def check(self, waiting: int, own: int) -> None:
        """Raises `QueueFull` or `QuotaExceeded` when one more job, where so many wait in all and
        of its client, is not admitted."""
        if waiting >= self.waiting:
            raise QueueFull(
                f"The queue is full: {waiting} jobs wait.",
                hint="Try again later. Whoever runs the service may start more workers, or raise "
                "INKREEL_MAX_WAITING.",
                retry_after=FULL_SECONDS,
            )
        if own >= self.client_waiting:
            raise QuotaExceeded(
                f"{own} of your jobs wait already; no more may.",
                hint="Try again when some are done, or cancel some.",
                retry_after=FULL_SECONDS,
            )


class Load(Struct, frozen=True):
    """The queue at a glance."""

    by_status: dict[Status, int]
    waiting_by_priority: dict[int, int]
    oldest_wait: float
    """Seconds that the longest waiting job has been ready."""
    workers: dict[str, int]
    """Jobs that each worker holds."""
    steps_waiting: int = 0
    """Steps of videos that are handed out, and nobody has begun."""
    steps_running: int = 0


Scope = Literal["read", "write", "admin"]
SCOPES: tuple[Scope, ...] = ("read", "write", "admin")


class ApiKey(Struct, frozen=True):
    """A key as it is kept: never the secret, only its SHA-256. Keys of one client share its
    jobs and quotas."""

    id: str
    client: str
    digest: Digest
    scopes: tuple[Scope, ...]
    created: float
    revoked: float | None = None


class Allowance(Struct, frozen=True):
    """What a rate limit says: refused when `retry_after` (seconds) is not 0."""

    remaining: int
    reset: float
    """Seconds until all is there again."""
    retry_after: float = 0.0
