"""Design pixels → a display list in whole pixels of the video, as the kit draws it.

A canvas has a base and layers; each is a group of texts and flat shapes. Edges of rectangles and
baselines are rounded to the pixel grid here, once, so that nothing is blurred afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from inkreel.model import Effect
from inkreel.visuals.bidi import has_rtl, is_rtl
from inkreel.visuals.stage import Box, Stage

Anchor = Literal["left", "center", "right"]
Point = tuple[float, float]
Corners = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Style:
    """How a line of text is set: size in design pixels, tracking in em."""

    size: float
    weight: int
    fill: str
    tracking: float = 0.0
    face: Literal["sans", "mono"] = "sans"

    def sized(self, size: float) -> Style:
        return replace(self, size=size)

    def filled(self, fill: str) -> Style:
        return replace(self, fill=fill)


@dataclass(frozen=True, slots=True)
class Pen:
    """How a path is stroked: width in design pixels; `dash` are lengths drawn and left out."""

    stroke: str
    width: float
    dash: tuple[float, float] | None = None


class Marked(NamedTuple):
    """A word whose place is asked for; `rtl` says how the line it stands in is read."""

    mark: str
    word: str
    rtl: bool


class Group:
    """Items drawn together: the base, or one layer."""

    def __init__(self, label: str, scale: float) -> None:
        self.label = label
        self.items: list[dict[str, Any]] = []
        self._scale = scale

    def _grid(self, value: float) -> int:
        return round(value * self._scale)

    def _exact(self, value: float) -> float:
        return round(value * self._scale, 3)

    def text(self, x: float, y: float, text: str, style: Style, anchor: Anchor = "left") -> None:
        """One line with its baseline at `y`; it is never wrapped."""
        self.runs(x, y, [(text, style)], anchor)

    def runs(
        self, x: float, y: float, runs: Sequence[tuple[str, Style]], anchor: Anchor = "left"
    ) -> None:
        """One line of differently set parts."""
        rtl = is_rtl("".join(text for text, _ in runs))
        self._line(x, y, [self._run(text, style) for text, style in runs if text], anchor, rtl=rtl)

    def _line(
        self, x: float, y: float, runs: list[dict[str, Any]], anchor: Anchor, *, rtl: bool
    ) -> None:
        if runs:
            place = {"x": self._exact(x), "y": self._grid(y), "anchor": anchor, "rtl": rtl}
            self.items.append({"draw": "text", **place, "runs": runs})

    def _run(self, text: str, style: Style) -> dict[str, Any]:
        return {
            "text": text,
            "size": self._exact(style.size),
            "weight": style.weight,
            "fill": style.fill,
            # Letters that are joined would be torn apart.
            "tracking": 0.0 if has_rtl(text) else style.tracking,
            "face": style.face,
        }

    def words(self, x: float, y: float, words: Sequence[Marked], style: Style) -> None:
        """One line of words, centred on `x`, from left to right whatever their letters: the ink of
        each is found under its mark."""
        runs: list[dict[str, Any]] = []
        for index, (mark, word, rtl) in enumerate(words):
            runs += [self._run(" ", style)] if index else []
            runs += [{**self._run(word, style), "mark": mark, "rtl": rtl}] if word else []
        self._line(x, y, runs, "center", rtl=False)

    def rect(
        self,
        box: Box,
        fill: str | None = None,
        *,
        radius: float | Corners = 0.0,
        stroke: str | None = None,
    ) -> None:
        """A rectangle on the pixel grid, its stroke inside. Corners clockwise from top left."""
        left, top, right, bottom = (self._grid(v) for v in (box.x, box.y, box.right, box.bottom))
        line = max(1, self._grid(2)) if stroke else 0
        corners = radius if isinstance(radius, tuple) else (radius,) * 4
        self.items.append(
            {
                "draw": "rect",
                "x": left + line / 2,
                "y": top + line / 2,
                "w": max(1, right - left) - line,
                "h": max(1, bottom - top) - line,
                "fill": fill,
                "radius": [self._exact(c) for c in corners],
                "stroke": stroke,
                "line": line,
            }
        )

    def circle(
        self, x: float, y: float, r: float, fill: str | None = None, *, stroke: str | None = None
    ) -> None:
        """A circle around (x, y)."""
        self.items.append(
            {
                "draw": "circle",
                "x": self._exact(x - r),
                "y": self._exact(y - r),
                "r": self._exact(r),
                "fill": fill,
                "stroke": stroke,
                "line": max(1, self._grid(2)) if stroke else 0,
            }
        )

    def line(
        self,
        points: Sequence[Point],
        stroke: str,
        width: float,
        *,
        dash: tuple[float, float] | None = None,
    ) -> None:
        """A polyline with round joins; a level or plumb line of whole pixels stays crisp."""
        line = max(1.0, round(width * self._scale))
        shift = line % 2 / 2 if len(points) == 2 else 0.0
        self.items.append(
            {
                "draw": "line",
                "points": [[self._level(px, shift), self._level(py, shift)] for px, py in points],
                "stroke": stroke,
                "line": line,
                "dash": [self._exact(d) for d in dash] if dash else None,
            }
        )

    def _level(self, value: float, shift: float) -> float:
        return self._grid(value) + shift if shift else self._exact(value)

    def polygon(self, points: Sequence[Point], fill: str) -> None:
        self.items.append(
            {
                "draw": "polygon",
                "points": [[self._exact(px), self._exact(py)] for px, py in points],
                "fill": fill,
            }
        )

    def path(
        self,
        start: Point,
        ways: Sequence[tuple[Point, ...]],
        *,
        fill: str | None = None,
        pen: Pen | None = None,
    ) -> None:
        """From `start` along straight (one point) and curved ways (two handles and the end),
        closed where it is filled."""
        self.items.append(
            {
                "draw": "path",
                "start": self._spot(start),
                "ways": [[self._spot(at) for at in way] for way in ways],
                "fill": fill,
                "stroke": pen.stroke if pen else None,
                "line": max(1.0, round(pen.width * self._scale)) if pen else 0,
                "dash": [self._exact(d) for d in pen.dash] if pen and pen.dash else None,
            }
        )

    def _spot(self, at: Point) -> list[float]:
        return [self._exact(at[0]), self._exact(at[1])]

    def math(self, x: float, y: float, tree: list[Any], style: Style, accent: str = "") -> None:
        """A formula as `tex.translate` gives it, its text box's top left at (x, y); `accent`
        is the colour of parts that are set off."""
        self.items.append(
            {
                "draw": "math",
                "x": self._exact(x),
                "y": self._exact(y),
                "tree": tree,
                "size": self._exact(style.size),
                "fill": style.fill,
                "accent": accent or style.fill,
            }
        )


FIELD_LABEL, BASE_LABEL = "field", "base"


class Canvas:
    """What a visual draws on: a ground of one colour, the field (ornament, up to the edges), the
    base (what is seen from the first frame), and layers in the order of their making."""

    def __init__(
        self, stage: Stage, language: str, *, ground: str = "#000000", mirrored: bool = False
    ) -> None:
        self.stage = stage
        self.language = language
        self.ground = ground
        self.mirrored = mirrored
        """Whether the picture begins at its right side, as its text does."""
        self.field = Group(FIELD_LABEL, stage.scale)
        self.base = Group(BASE_LABEL, stage.scale)
        self.layers: list[Group] = []
        self.body_px: list[float] = []
        self.photos: list[tuple[int, int, NDArray[np.uint8]]] = []
        """RGB8 pixels that lie on the base, with their left and top in pixels of the video."""
        self.drifting: list[tuple[int, int, NDArray[np.uint8]]] = []
        """Photos likewise, at even places and sizes, as they are when they have come to rest."""

    def layer(self, name: str, step: int, effect: Effect) -> Group:
        """A new layer on top; names are unique within a picture."""
        group = Group(f"{step}/{effect}/{name}", self.stage.scale)
        self.layers.append(group)
        return group

    def note_body(self, size: float) -> None:
        """Remember a size of body text; the smallest is reported."""
        self.body_px.append(size)

    def scene(self) -> dict[str, Any]:
        """The display list for `kit/draw.typ`."""
        width, height = self.stage.pixels
        return {
            "width": width,
            "height": height,
            "language": self.language,
            "groups": [
                {"label": group.label, "items": self._placed(group.items)}
                for group in (self.field, self.base, *self.layers)
                if group.items
            ],
        }

    def placed_photos(self) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
        """The photos where they are seen."""
        return self._on_their_side(self.photos)

    def placed_drifting(self) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
        """The photos that drift, where they are seen."""
        return self._on_their_side(self.drifting)

    def _on_their_side(
        self, photos: list[tuple[int, int, NDArray[np.uint8]]]
    ) -> Iterator[tuple[int, int, NDArray[np.uint8]]]:
        width, _ = self.stage.pixels
        for x, y, pixels in photos:
            yield (width - x - pixels.shape[1] if self.mirrored else x), y, pixels

    def _placed(self, items: list[dict[str, Any]]) -> list[dict[str, Any]]:
        width, _ = self.stage.pixels
        return [_mirrored(item, width) for item in items] if self.mirrored else items


_OTHER_SIDE = {"left": "right", "center": "center", "right": "left"}


def _mirrored(item: dict[str, Any], width: int) -> dict[str, Any]:
    """An item on the other side of the picture; its text is read as before."""
    match item:
        case {"draw": "text"}:
            texts = [run["text"] for run in item["runs"]]
            anchor = _OTHER_SIDE[item["anchor"]]
            rtl = item["rtl"] or any(map(has_rtl, texts))
            return {**item, "x": width - item["x"], "anchor": anchor, "rtl": rtl}
        case {"draw": "rect", "radius": [top_left, top_right, bottom_right, bottom_left]}:
            corners = [top_right, top_left, bottom_left, bottom_right]
            return {**item, "x": width - item["x"] - item["w"], "radius": corners}
        case {"draw": "circle"}:
            return {**item, "x": width - item["x"] - 2 * item["r"]}
        case {"points": points}:
            return {**item, "points": [[width - x, y] for x, y in points]}
    return item
