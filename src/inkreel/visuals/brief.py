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
    degraded: list[Degraded] = field(default_factory=list)

    @property
    def box(self) -> Box:
        return self.canvas.stage.content

    def lost(self, what: str, why: str) -> None:
        """Tell the user of a fallback, once."""
        report = Degraded(what, why)
        if report not in self.degraded:
            self.degraded.append(report)

    def shortened(self, what: str) -> None:
        self.lost(f"{what} was shortened", "it does not fit the picture at a readable size")
