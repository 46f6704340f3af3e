"""An example of everything that the API says, for its documentation."""

from __future__ import annotations

from typing import Any

from inkreel.errors import InkreelError
from inkreel.model import SHAPES, SIZES

JOB = "vid_01jd8z6q3v9k2m4n5p6r7s8t9w"
DIGEST = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"
_OWN = f"/v1/videos/{JOB}"
_SIGNED = "expires=1795000000&signature=yP3kqv0m1m6V4f0t2b8cN2u7h3Qe5Rz9sXw1aLd6KgE"

VIDEO: dict[str, Any] = {
    "id": JOB,
    "object": "video",
    "status": "done",
    "title": "How a lighthouse works",
    "priority": 5,
    "edition": 1,
    "version": 41,
    "created_at": "2026-11-23T09:00:00Z",
    "queued_at": "2026-11-23T09:00:00Z",
    "started_at": "2026-11-23T09:00:00.210000Z",
    "finished_at": "2026-11-23T09:00:12.480000Z",
    "expires_at": "2026-11-30T09:00:12.480000Z",
    "attempt": 1,
    "max_attempts": 4,
    "retry_at": None,
    "options": {
        "language": "auto",
        "size": "1920x1080",
        "theme": "light",
        "voice": "auto",
        "writer": "auto",
        "captions": "burn",
        "illustrate": "none",
        "seconds": None,
        "fps": 30,
        "profile": "standard",
        "still": "auto",
        "transition": "auto",
        "music_volume": 0.0,
    },
    "source": {"name": "lighthouse.md", "media_type": "text/markdown", "words": 412},
    "progress": {"stage": "video", "fraction": 1.0, "scenes": 1, "scenes_done": 1},
    "scenes": [
        {
            "number": 1,
            "id": "lamp-1",
            "heading": "The lamp",
            "visual": "slide",
            "narration": "made",
            "picture": "made",
            "clip": "made",
            "start": 0.0,
            "seconds": 9.6,
            "degraded": None,
            "credit": {
                "author": "Jane Doe",
                "source": "Pexels",
                "link": "https://www.pexels.com/photo/1",
                "generated": False,
            },
            "thumbnail": f"{_OWN}/scenes/1/thumbnail?version={DIGEST}&{_SIGNED}",
            "segments": [
                {
                    "number": 1,
                    "seconds": 9.6,
                    "url": f"{_OWN}/segments/1.m4s?version={DIGEST}&{_SIGNED}",
                }
            ],
        }
    ],
    "warnings": [],
    "degraded": [],
    "error": None,
    "outcome": {
        "seconds": 9.6,
        "wall_seconds": 12.2,
        "made": {"storyboards": 1, "narrations": 1, "pictures": 1, "clips": 1},
        "found": {"storyboards": 0, "narrations": 0, "pictures": 0, "clips": 0},
        "writing": None,
    },
    "files": [
        {
            "variant": "video",
            "media_type": "video/mp4",
            "size": 1482113,
            "version": DIGEST,
            "url": f"{_OWN}/content?variant=video&version={DIGEST}&{_SIGNED}",
        },
        {
            "variant": "thumbnails",
            "media_type": "text/vtt",
            "size": 212,
            "version": DIGEST,
            "url": f"{_OWN}/content?variant=thumbnails&version={DIGEST}&{_SIGNED}",
        },
        {
            "variant": "sprite",
            "media_type": "image/jpeg",
            "size": 14208,
            "version": DIGEST,
            "url": f"{_OWN}/content?variant=sprite&version={DIGEST}&{_SIGNED}",
        },
    ],
    "stream": {
        "playlist": f"{_OWN}/playlist.m3u8?{_SIGNED}",
        "initialisation": f"{_OWN}/segments/0.m4s?version={DIGEST}&{_SIGNED}",
        "mime_type": 'video/mp4; codecs="avc1.640028,mp4a.40.2"',
    },
    "links": {
        "self": _OWN,
        "events": f"{_OWN}/events",
        "cancel": f"{_OWN}/cancel",
        "retry": f"{_OWN}/retry",
        "storyboard": f"{_OWN}/storyboard",
        "content": f"{_OWN}/content",
    },
}

ACCEPTED: dict[str, Any] = {
    **VIDEO,
    "status": "queued",
    "version": 1,
    "started_at": None,
    "finished_at": None,
    "expires_at": None,
    "attempt": 0,
    "progress": {"stage": "", "fraction": 0.0, "scenes": 0, "scenes_done": 0},
    "scenes": [],
    "outcome": None,
    "files": [],
    "stream": None,
}

CANCELLED: dict[str, Any] = {
    **ACCEPTED,
    "status": "cancelled",
    "version": 2,
    "finished_at": "2026-11-23T09:00:01Z",
    "expires_at": "2026-11-30T09:00:01Z",
}

LIST: dict[str, Any] = {
    "object": "list",
    "data": [{name: value for name, value in VIDEO.items() if name != "scenes"}],
    "next_cursor": None,
}

STORYBOARD: dict[str, Any] = {
    "title": "How a lighthouse works",
    "language": "en",
    "scenes": [
        {
            "id": "lamp-1",
            "heading": "The lamp",
            "narration": ["The lamp turns once in ten seconds."],
            "visual": {"kind": "slide", "bullets": [{"text": "One turn in 10 s"}]},
        }
    ],
}

STORYBOARD_YAML = """\
title: How a lighthouse works
language: en
scenes:
  - id: lamp-1
    heading: The lamp
    narration:
      - The lamp turns once in ten seconds.
    visual:
      kind: slide
      bullets:
        - text: One turn in 10 s
"""

TEXT: dict[str, Any] = {
    "text": "# How a lighthouse works\n\nThe lamp turns once in ten seconds.\n",
    "format": "md",
    "theme": "dark",
    "priority": 7,
}

UPLOAD: dict[str, Any] = {
    "document": "# How a lighthouse works\n\nThe lamp turns once in ten seconds.\n",
    "theme": "dark",
}

EVENTS = f"""\
event: snapshot
data: {{"id":"{JOB}","status":"running"}}
id: 7

event: progress
data: {{"stage":"clip","state":"made","scene":1,"scenes":1,"heading":"The lamp","fraction":0.9}}
id: 8

event: status
data: {{"status":"done","attempt":1,"retry_at":null,"error":null}}
id: 9

event: end
data: {{"status":"done"}}

"""

PLAYLIST = f"""\
#EXTM3U
#EXT-X-VERSION:7
#EXT-X-TARGETDURATION:25
#EXT-X-PLAYLIST-TYPE:EVENT
#EXT-X-MAP:URI="{_OWN}/segments/0.m4s?version={DIGEST}&{_SIGNED}"
#EXTINF:9.600000,The lamp
{_OWN}/segments/1.m4s?version={DIGEST}&{_SIGNED}
"""

THUMBNAILS = f"""\
WEBVTT

00:00:00.000 --> 00:00:04.800
{_OWN}/content?variant=sprite&version={DIGEST}&{_SIGNED}#xywh=0,0,240,135

00:00:04.800 --> 00:00:09.600
{_OWN}/content?variant=sprite&version={DIGEST}&{_SIGNED}#xywh=240,0,240,135
"""

HEALTH: dict[str, Any] = {"status": "ok", "version": "0.2.0", "uptime_seconds": 81.4, "checks": {}}

ME: dict[str, Any] = {
    "client": "local",
    "auth": False,
    "scopes": ["admin"],
    "limits": {
        "document_bytes": 50_000_000,
        "json_bytes": 10_000_000,
        "storyboard_bytes": 1_000_000,
        "pages": 2_000,
        "requests_per_minute": 0,
        "burst": 120,
        "waiting": 1_000,
        "running": 64,
    },
    "options": {
        "languages": ["auto", "vi", "en"],
        "sizes": [*SHAPES, *SIZES],
        "themes": ["light", "dark", "brand"],
        "voices": ["auto", "espeak:vi", "espeak:en-us+klatt4"],
        "writers": ["auto", "own"],
        "captions": ["burn", "track", "both", "off"],
        "illustrators": ["none"],
        "fps": [24, 25, 30, 50, 60],
        "profiles": ["draft", "standard", "quality"],
        "stills": ["auto", "encode", "skip"],
        "transitions": ["auto", "cut", "fade", "slide", "wipe"],
        "formats": [".md", ".txt", ".pdf"],
        "priorities": list(range(10)),
        "defaults": {
            "language": "auto",
            "size": "wide",
            "theme": "light",
            "voice": "auto",
            "writer": "auto",
            "captions": "burn",
            "illustrate": "none",
            "seconds": None,
            "fps": 30,
            "profile": "standard",
            "still": "auto",
            "transition": "auto",
            "music_volume": 0.0,
            "priority": 5,
        },
    },
}

ADMIN: dict[str, Any] = {
    "version": "0.2.0",
    "uptime_seconds": 81.4,
    "draining": False,
    "queue": {
        "by_status": {"queued": 3, "running": 1, "done": 40},
        "waiting_by_priority": {"5": 2, "9": 1},
        "oldest_wait_seconds": 4.2,
    },
    "workers": {"host-412": 1},
    "sizes": {"objects": 81_204_112, "store": 402_113_902, "free": 40_112_000_000},
}

CLEANED: dict[str, Any] = {"bytes": 1_204_331}

METRICS = 'inkreel_jobs{status="queued"} 3.0\n'


def problem(kind: type[InkreelError], title: str) -> dict[str, Any]:
    """An error as it is answered."""
    told: dict[str, Any] = {
        "type": f"/docs#{kind.code}",
        "title": title,
        "status": kind.http_status,
        "detail": f"{title}.",
        "code": kind.code,
        "request_id": "req_7c1f0e9a2b3d4c5e",
        "hint": "See docs/errors.md.",
    }
    if kind.code == "request_invalid":
        told["errors"] = [{"field": "priority", "message": "Expected `int` <= 9"}]
    return told
