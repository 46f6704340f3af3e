"""Pieces of a diagram's plan → shapes and texts on the canvas."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Literal

from inkreel.model import Effect
from inkreel.visuals.canvas import Group, Pen, Point, Style
from inkreel.visuals.colours import SHAPE, TEXT, contrast, mix
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.plan import Frame, Label, Placed, Rail, Route
from inkreel.visuals.stage import Box
from inkreel.visuals.themes import Theme

Look = Literal["plain", "soft", "bold", "lit"]
"""A node as it rests, set off a little, as the start or the end, or being spoken of."""

_ROUND = 0.42
"""Corners of edges and cards, in em."""
_HEAD, _HEAD_HALF = 0.58, 0.31
_KAPPA = 0.5523
"""Handles of a cubic that draws a quarter of a circle."""


def hairline(theme: Theme) -> str:
    """Outlines of cards."""
    return mix(theme.muted, theme.bg, 0.32)


def calm(theme: Theme) -> str:
    """Edges and axes: as quiet as can be while they are seen well."""
    mixes = [mix(theme.muted, theme.bg, share) for share in (0.72, 0.85)]
    return next((own for own in mixes if contrast(own, theme.bg) > SHAPE), theme.muted)


def quiet(ink: str, field: str) -> str:
    """A text beside another on a field: as quiet as can be read."""
    calmer = mix(ink, field, 0.86)
    return calmer if contrast(calmer, field) >= TEXT else ink


@dataclass(frozen=True, slots=True)
class Pencil:
    """Draws a plan's pieces with its corner at (x, y) and `size` pixels to the em."""

    theme: Theme
    x: float
    y: float
    size: float

    def at(self, spot: Point) -> Point:
        return self.x + spot[0] * self.size, self.y + spot[1] * self.size

    def box(self, box: Box) -> Box:
        x, y = self.at((box.x, box.y))
        return Box(x, y, box.w * self.size, box.h * self.size)

    @property
    def pen(self) -> float:
        """Width of an edge."""
        return max(2.0, round(0.088 * self.size))

    # --- Nodes -----------------------------------------------------------------------------------

    def node(self, group: Group, placed: Placed, look: Look, tint: str = "") -> None:
        """A node with its text; `tint` is the colour of the group it belongs to."""
        theme = self.theme
        card = (theme.surface, hairline(theme), theme.ink)
        if tint:
            card = (mix(tint, theme.surface, 0.1), mix(tint, theme.surface, 0.7), theme.ink)
        fill, stroke, ink = {
            "plain": card,
            "soft": (theme.soft, theme.accent, theme.ink),
            "bold": (theme.accent, theme.accent, theme.on),
            "lit": (theme.accent, theme.accent, theme.on),
        }[look]
        if placed.shape == "bare":
            ink = theme.accent if look == "lit" else theme.ink
        else:
            self._outline(group, placed, fill, stroke)
        muted = theme.muted if contrast(theme.muted, fill) >= TEXT else ink
        below = quiet(ink, fill) if look in ("bold", "lit") else muted
        self._texts(group, placed, ink, below)

    def halo(self, group: Group, placed: Placed) -> None:
        """A ring around a node that is filled already."""
        box = self.box(placed.box)
        air = 0.2 * self.size
        around = Box(box.x - air, box.y - air, box.w + 2 * air, box.h + 2 * air)
        radius = min(around.w, around.h) / 2 if placed.shape != "card" else _ROUND * self.size + air
        group.rect(around, None, radius=radius, stroke=self.theme.accent)

    def _outline(self, group: Group, placed: Placed, fill: str, stroke: str) -> None:
        box = self.box(placed.box)
        line = Pen(stroke, max(2.0, round(0.06 * self.size)))
        middle = (box.x + box.w / 2, box.y + box.h / 2)
        if placed.shape == "diamond":
            tips: list[tuple[Point, ...]] = [
                ((box.right, middle[1]),), ((middle[0], box.bottom),), ((box.x, middle[1]),),
            ]  # fmt: skip
            group.path((middle[0], box.y), tips, fill=fill, pen=line)
        elif placed.shape == "cylinder":
            self._cylinder(group, box, fill, line)
        elif placed.shape in ("dot", "ring"):
            colour = self.theme.ink if fill == self.theme.surface else fill
            group.circle(*middle, box.w / 2, colour if placed.shape == "dot" else self.theme.bg)
            if placed.shape == "ring":
                group.circle(*middle, box.w / 2 - 2, stroke=colour)
                group.circle(*middle, box.w * 0.28, colour)
        else:
            pill = placed.shape == "pill"
            radius = min(box.w, box.h) / 2 if pill else _ROUND * self.size
            group.rect(box, fill, radius=radius, stroke=stroke)

    def _cylinder(self, group: Group, box: Box, fill: str, line: Pen) -> None:
        lid = shapes.LID * self.size
        left, right, top, bottom = box.x, box.right, box.y + lid, box.bottom - lid
        middle, arm, dip = box.x + box.w / 2, box.w / 2 * _KAPPA, lid * _KAPPA

        def half(y: float, bulge: float) -> list[tuple[Point, ...]]:
            """From the right over the middle to the left, `bulge` up or down."""
            way = 1 if bulge > 0 else -1
            return [
                ((right, y + way * dip), (middle + arm, y + bulge), (middle, y + bulge)),
                ((middle - arm, y + bulge), (left, y + way * dip), (left, y)),
            ]

        back = [tuple(reversed((*way[:2],))) for way in half(top, -lid)][::-1]
        lid_up: list[tuple[Point, ...]] = [
            (*back[0], (middle, top - lid)), (*back[1], (right, top)),
        ]  # fmt: skip
        body: list[tuple[Point, ...]] = [*lid_up, ((right, bottom),), *half(bottom, lid)]
        group.path((left, top), body, fill=fill, pen=line)
        group.path((right, top), half(top, lid), pen=line)

    def _texts(self, group: Group, placed: Placed, ink: str, quiet: str) -> None:
        high = len(placed.lines) * shapes.PITCH
        below = len(placed.detail) * shapes.DETAIL_PITCH + (0.1 if placed.detail else 0.0)
        x = placed.box.x + placed.box.w / 2
        y = placed.box.y + (placed.box.h - high - below) / 2
        y += shapes.LID if placed.shape == "cylinder" else 0.0
        style = Style(self.size, 600, ink)
        for index, line in enumerate(placed.lines):
            spot = (x, y + (index + 0.5) * shapes.PITCH + 0.35)
            group.text(*self.at(spot), line, style, "center")
        y += high + 0.1
        small = Style(shapes.DETAIL.size * self.size, 400, quiet)
        for index, line in enumerate(placed.detail):
            spot = (x, y + (index + 0.5) * shapes.DETAIL_PITCH + 0.28)
            group.text(*self.at(spot), line, small, "center")

    # --- Edges -----------------------------------------------------------------------------------

    def route(
        self, group: Group, route: Route, colour: str, kind: str, *, bold: bool = False
    ) -> None:
        """An edge with its heads, in the manner of its kind."""
        width = self.pen + (1.0 if bold else 0.0)
        dash = (2.6 * self.pen, 2.2 * self.pen) if kind == "dashed" else None
        pen = Pen(colour, width, dash)
        if route.curve:
            self._curve(group, route, pen)
            return
        runs = [[self.at(spot) for spot in run] for run in route.runs]
        tail_tip, head_tip = runs[0][:2], runs[-1][-2:]
        if kind != "line":
            self._head(group, head_tip[0], head_tip[1], colour)
            runs[-1][-1] = _short(head_tip[0], head_tip[1], 0.7 * _HEAD * self.size)
        if kind == "both":
            self._head(group, tail_tip[1], tail_tip[0], colour)
            runs[0][0] = _short(tail_tip[1], tail_tip[0], 0.7 * _HEAD * self.size)
        for run in runs:
            group.path(run[0], _rounded(run, _ROUND * 1.2 * self.size), pen=pen)

    def _curve(self, group: Group, route: Route, pen: Pen) -> None:
        (x, y), (x2, y2) = (self.at(spot) for spot in route.runs[0])
        half_x, half_y = (x + x2) / 2, (y + y2) / 2
        handles = ((half_x, y), (half_x, y2))
        if route.curve == "downwards":
            handles = ((x, half_y), (x2, half_y))
        group.path((x, y), [(*handles, (x2, y2))], pen=pen)

    def _head(self, group: Group, before: Point, tip: Point, colour: str) -> None:
        ux, uy = _direction(before, tip)
        back = _short(before, tip, _HEAD * self.size)
        side = _HEAD_HALF * self.size
        group.polygon(
            [
                tip,
                (back[0] - uy * side, back[1] + ux * side),
                (back[0] + uy * side, back[1] - ux * side),
            ],
            colour,
        )

    def label(self, group: Group, label: Label, ink: str) -> None:
        """The text of an edge; a note lies on a soft card."""
        if label.note:
            group.rect(self.box(label.box), self.theme.soft, radius=_ROUND * self.size)
            ink = self.theme.ink
        style = Style(shapes.LABEL.size * self.size, shapes.LABEL.weight, ink)
        y = label.box.y + (label.box.h - len(label.lines) * shapes.LABEL_PITCH) / 2
        x = label.box.x + label.box.w / 2
        for index, line in enumerate(label.lines):
            spot = (x, y + (index + 0.5) * shapes.LABEL_PITCH + 0.31)
            group.text(*self.at(spot), line, style, "center")

    def note_lit(self, group: Group, label: Label) -> None:
        """A note that is being spoken of."""
        group.rect(self.box(label.box), self.theme.accent, radius=_ROUND * self.size)
        self.label(group, replace(label, note=False), self.theme.on)

    # --- What stands behind ----------------------------------------------------------------------

    def rail(self, group: Group, rail: Rail) -> None:
        """A dashed line from the start to the end of the scene."""
        pen = Pen(hairline(self.theme), 3.0, (3.0, 9.0))
        group.path(self.at(rail.start), [(self.at(rail.end),)], pen=pen)

    def frame(self, group: Group, frame: Frame) -> None:
        """Around messages that belong together."""
        box, radius = self.box(frame.box), _ROUND * self.size
        group.rect(box, None, radius=radius, stroke=hairline(self.theme))
        tab = self.box(frame.tab)
        group.rect(tab, self.theme.soft, radius=(radius, 0, radius, 0))
        style = Style(shapes.LABEL.size * self.size, 600, self.theme.accent)
        spot = (frame.tab.x + 0.5, frame.tab.y + frame.tab.h / 2 + 0.31)
        group.text(*self.at(spot), frame.title, style)


def effect_of(route: Route) -> Effect:
    """Edges are drawn from their beginning to their end where they go one way, else they fade."""
    spots = [spot for run in route.runs for spot in run]
    across = [b[0] - a[0] for a, b in pairwise(spots)]
    down = [b[1] - a[1] for a, b in pairwise(spots)]
    wide, high = abs(spots[-1][0] - spots[0][0]), abs(spots[-1][1] - spots[0][1])
    ways = [(wide, across, Effect.WIPE, Effect.BACK), (high, down, Effect.DROP, Effect.GROW)]
    for length, steps, onward, backward in sorted(ways, key=lambda way: -way[0]):
        if length > 0.3 and all(step >= -0.01 for step in steps):
            return onward
        if length > 0.3 and all(step <= 0.01 for step in steps):
            return backward
    return Effect.FADE


def _direction(before: Point, tip: Point) -> Point:
    dx, dy = tip[0] - before[0], tip[1] - before[1]
    length = max(1e-6, (dx * dx + dy * dy) ** 0.5)
    return dx / length, dy / length


def _short(before: Point, tip: Point, by: float) -> Point:
    ux, uy = _direction(before, tip)
    return tip[0] - ux * by, tip[1] - uy * by


def _rounded(run: list[Point], radius: float) -> list[tuple[Point, ...]]:
    """The ways of a run with its corners rounded, less where its pieces are short."""
    ways: list[tuple[Point, ...]] = []
    for before, at, after in zip(run, run[1:], run[2:], strict=False):
        one, two = _length(before, at), _length(at, after)
        own = min(radius, one / 2, two / 2)
        if own < 0.5:
            ways.append((at,))
            continue
        enter, leave = _short(before, at, own), _short(after, at, own)
        rest = 1 - _KAPPA
        ways.append((enter,))
        ways.append((_short(before, at, own * rest), _short(after, at, own * rest), leave))
    return [*ways, (run[-1],)]


def _length(a: Point, b: Point) -> float:
    return float(((b[0] - a[0]) ** 2 + (b[1] - a[1]) ** 2) ** 0.5)
