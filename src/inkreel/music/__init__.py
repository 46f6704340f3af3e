"""A music file → Bed, which lies under a voice: decoded, levelled, its peaks limited.

Runs in a sandboxed child: a music file is a stranger's. `inkreel.compose` plays it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.music.bed import prepare

__all__ = ["prepare"]


def __getattr__(name: str) -> Any:
    if name != "prepare":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from inkreel.music.bed import prepare

    return prepare
