"""Nouns → what the API says of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import msgspec
from msgspec import UNSET, UnsetType

from inkreel.entrypoints.http.links import Links
from inkreel.entrypoints.http.schemas import (
    ProgressEvent,
    SegmentEvent,
    Shown,
    StatusEvent,
    ThumbnailEvent,
    Video,
    VideoError,
    VideoFile,
    VideoLinks,
    VideoOptions,
    VideoOutcome,
    VideoProgress,
    VideoScene,
    VideoSegment,
    VideoSource,
    VideoStream,
    WarningEvent,
)
from inkreel.job import (
    MEDIA_TYPES,
    Failure,
    Job,
    SceneSegment,
    SceneState,
    SegmentTold,
    StatusTold,
    ThumbnailTold,
    Told,
)


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
    options, summary = job.options, job.summary
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
        options=VideoOptions(**{**msgspec.structs.asdict(options), "theme": options.theme_name}),
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
                url=links.content(job.id, file.variant, file.digest),
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
        initialisation=links.initialisation(job.id, job.stream.initialisation),
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
        credit=scene.credit,
        thumbnail=None
        if scene.thumbnail is None
        else links.thumbnail(job.id, number, scene.thumbnail),
        segments=tuple(_segment(job, one, links) for one in scene.segments),
    )


def _segment(job: Job, segment: SceneSegment, links: Links) -> VideoSegment:
    return VideoSegment(
        number=segment.number, seconds=segment.seconds, url=links.segment(job.id, segment)
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
        writing=job.outcome.writing,
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
        return "segment", SegmentEvent(
            scene=told.scene + 1,
            start=told.start,
            segment=_segment(job, told.segment, links),
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
