"""Sources of images: a file per protocol, a folder of one's own, and what asks them (`sources.py`).

The protocols are only words; the library that carries them is needed with `Line`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.providers.images.lines import Line
    from inkreel.providers.images.sources import Images

__all__ = ["Images", "Line"]


def __getattr__(name: str) -> Any:
    if name == "Images":
        from inkreel.providers.images.sources import Images

        return Images
    if name == "Line":
        from inkreel.providers.images.lines import Line

        return Line
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
