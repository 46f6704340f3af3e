"""Document → Storyboard: what is said, scene by scene, and what is shown meanwhile.

The steps run in a worker, which loads what they stand on before it is asked; whoever plans a video
imports nothing heavy.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from inkreel.storyboard.steps import assemble, brief, check, outline

__all__ = ["assemble", "brief", "check", "outline"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from inkreel.storyboard import steps

    return getattr(steps, name)
