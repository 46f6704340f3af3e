"""Voices of services outside, over HTTP: a file per protocol, and what asks them (`voices.py`).

The protocols are only words; the library that carries them is needed with `Voices`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.providers.tts.remote.voices import Line, Voices

__all__ = ["Line", "Voices"]


def __getattr__(name: str) -> Any:
    if name in __all__:
        from inkreel.providers.tts.remote import voices

        return getattr(voices, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
