"""What every layout answers: boxes, routes and labels, in em of the node text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from inkreel.visuals.stage import Box

Point = tuple[float, float]
Shape = Literal["card", "pill", "diamond", "cylinder", "dot", "ring", "bare"]


@dataclass(frozen=True, slots=True)
class Placed:
    """A node in its place: `lines` are its text, `detail` what stands below it."""

    node: int
    shape: Shape
    box: Box
    lines: tuple[str, ...]
    detail: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Route:
    """An edge: `runs` are its pieces (more than one where a label stands between them), from its
    source to its target. Right angles are rounded when drawn; a `curve` leads calmly from its
    first to its last point, leaving and arriving sideways or downwards."""

    edge: int
    runs: tuple[tuple[Point, ...], ...]
    curve: Literal["", "sideways", "downwards"] = ""


@dataclass(frozen=True, slots=True)
class Label:
    """The text of an edge, centred in its box; a note has a card of its own."""

    edge: int
    box: Box
    lines: tuple[str, ...]
    note: bool = False


@dataclass(frozen=True, slots=True)
class Frame:
    """Around messages from `edge` on, with its title on a tab in the upper left corner."""

    edge: int
    box: Box
    tab: Box
    title: str


@dataclass(frozen=True, slots=True)
class Rail:
    """A quiet line that is there from the start."""

    start: Point
    end: Point


@dataclass(frozen=True, slots=True)
class Plan:
    """A diagram of `width` × `height` em from (0, 0)."""

    width: float
    height: float
    placed: tuple[Placed, ...] = ()
    routes: tuple[Route, ...] = ()
    labels: tuple[Label, ...] = ()
    cut: bool = False
    """Some text had to be shortened."""
    frames: tuple[Frame, ...] = ()
    rails: tuple[Rail, ...] = ()

    def moved(self, dx: float, dy: float) -> Plan:
        """The same, with everything moved; width and height stay."""
        return self.mapped(lambda at: (at[0] + dx, at[1] + dy))

    def mapped(self, to: Callable[[Point], Point]) -> Plan:
        """Every point sent elsewhere by a turn, a mirror or a move."""
        return Plan(
            self.width,
            self.height,
            tuple(
                Placed(one.node, one.shape, _sent(one.box, to), one.lines, one.detail)
                for one in self.placed
            ),
            tuple(
                Route(one.edge, tuple(tuple(map(to, run)) for run in one.runs), one.curve)
                for one in self.routes
            ),
            tuple(Label(one.edge, _sent(one.box, to), one.lines, one.note) for one in self.labels),
            self.cut,
            tuple(
                Frame(one.edge, _sent(one.box, to), _sent(one.tab, to), one.title)
                for one in self.frames
            ),
            tuple(Rail(to(one.start), to(one.end)) for one in self.rails),
        )


def _sent(box: Box, to: Callable[[Point], Point]) -> Box:
    (x1, y1), (x2, y2) = to((box.x, box.y)), to((box.right, box.bottom))
    return Box(min(x1, x2), min(y1, y2), abs(x2 - x1), abs(y2 - y1))
