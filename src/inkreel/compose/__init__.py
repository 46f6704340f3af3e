"""Picture, Narration, Captions → Clip; Narration → Sound; Clips → Video.

The steps run in a worker and bring numpy and FFmpeg's libraries with them when first asked for;
`inkreel.compose.mux.Movie` joins what they made into an MP4; `inkreel.compose.timeline` is also
asked where a video is planned, and imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.compose.steps import clip, poster, sound, thumbnail, transition

__all__ = ["clip", "poster", "sound", "thumbnail", "transition"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from inkreel.compose import steps

    return getattr(steps, name)
