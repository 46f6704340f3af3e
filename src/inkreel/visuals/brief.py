"""What a kind's `draw` is given: the canvas, the theme, the texts of the scene."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Generic, TypeVar

from inkreel.model import Degraded, Language, Visual
from inkreel.ports import Shelf
from inkreel.visuals.canvas import Canvas
from inkreel.visuals.stage import Box
from inkreel.visuals.themes import Theme

V = TypeVar("V", bound=Visual)


@dataclass(frozen=True)
class Brief(Generic[V]):
    """One drawing order; all its texts are drawable."""

    visual: V
    heading: str
    eyebrow: str
    language: Language
    theme: Theme
    canvas: Canvas
    shelf: Shelf
    logo: bytes = b""
    illustrated: bool = False
    """A picture stands beside it, in a panel of its own."""
    still: bool = False
    """Images do not drift."""
    degraded: list[Degraded] = field(default_factory=list)
    crowding: list[Degraded] = field(default_factory=list)
    """Those of `degraded` which less in one picture would have spared."""

    @property
    def box(self) -> Box:
        return self.canvas.stage.content

    def lost(self, what: str, why: str, *, crowded: bool = False) -> None:
        """Tell the user of a fallback, once; `crowded`: because it is too much for a picture."""
        report = Degraded(what, why)
        if report not in self.degraded:
            self.degraded.append(report)
            self.crowding.extend([report] if crowded else [])

    def shortened(self, what: str) -> None:
        why = "it does not fit the picture at a readable size"
        self.lost(f"{what} was shortened", why, crowded=True)
