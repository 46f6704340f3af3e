"""Language models of services outside, over HTTP: their protocol, and what asks them.

The protocol is only words; the library that carries them is needed with `Writers`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.providers.llm.writers import Line, Writers

__all__ = ["Line", "Writers"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from inkreel.providers.llm import writers

        return getattr(writers, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
