"""What can be played so far: an HLS playlist, and its segments by number."""

from __future__ import annotations

import math
from collections.abc import Iterable

from inkreel.entrypoints.http.links import Links
from inkreel.job import ENDED, Job, SceneState, Stream
from inkreel.model import Digest

MPEGURL = "application/vnd.apple.mpegurl"
LONGEST = 25
"""Seconds: the target duration must not change while the list grows, and no scene that is
written here is longer."""


def playlist(job: Job, stream: Stream, scenes: Iterable[SceneState], links: Links) -> str:
    """What can be played from the first scene on (RFC 8216)."""
    known = ((scene, segment) for scene in scenes for segment in scene.segments)
    ready = [each for number, each in enumerate(known, 1) if each[1].number == number]
    longest = max((segment.seconds for _, segment in ready), default=0.0)
    over = job.status in ENDED
    lines = [
        "#EXTM3U",
        "#EXT-X-VERSION:7",
        f"#EXT-X-TARGETDURATION:{max(LONGEST, math.ceil(longest))}",
        "#EXT-X-MEDIA-SEQUENCE:0",
        f"#EXT-X-PLAYLIST-TYPE:{'VOD' if over else 'EVENT'}",
        "#EXT-X-INDEPENDENT-SEGMENTS",
        f'#EXT-X-MAP:URI="{links.initialisation(job.id, stream.initialisation)}"',
    ]
    for scene, segment in ready:
        title = " ".join(scene.heading.split())
        lines += [f"#EXTINF:{segment.seconds:.6f},{title}", links.segment(job.id, segment)]
    return "\n".join([*lines, *(["#EXT-X-ENDLIST"] if over else []), ""])


def segment_of(job: Job, scenes: Iterable[SceneState], number: int) -> Digest | None:
    """Version of a segment (from 1) as far as it is there; 0 is what comes before them."""
    if number == 0:
        return None if job.stream is None else job.stream.initialisation
    found = (one for scene in scenes for one in scene.segments if one.number == number)
    return next((one.digest for one in found), None)
