"""Points over two scales, each with its name beside it where there is room."""

from __future__ import annotations

from collections.abc import Sequence

from inkreel.model import Effect, Series
from inkreel.visuals.canvas import Anchor, Style
from inkreel.visuals.kinds.charts.plot import (
    LEAST,
    Spec,
    draw_levels,
    draw_plumbs,
    intervals_for,
    tick_width,
)
from inkreel.visuals.scale import Scale, figures_for, scale_for
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

_DOT = 13.0
_NAME = 28
_SPOTS: tuple[tuple[float, float, Anchor], ...] = (
    (26, 0.36, "left"),
    (-26, 0.36, "right"),
    (0, -0.95, "center"),
    (0, 1.65, "center"),
    (18, -0.6, "left"),
    (18, 1.3, "left"),
    (-18, -0.6, "right"),
    (-18, 1.3, "right"),
)
"""Where a name may stand: right of its point (in pixels), below it (in sizes), anchor."""


def draw(brief: Spec, box: Box, series: Sequence[Series]) -> None:
    """Draw two axes into the base and a step for each point."""
    across, upwards = series[0], series[1]
    points = [
        (k, x, y)
        for k, (x, y) in enumerate(zip(across.values, upwards.values, strict=True))
        if x is not None and y is not None
    ]
    style = Style(26, 500, brief.theme.muted)
    field, scales = _draw_axes(brief, box, points)
    title = cut(upwards.name, style, box.w, 1).lines[0]
    brief.canvas.base.text(box.x, box.y + 22, title, style)
    title = cut(across.name, style, field.w, 1).lines[0]
    brief.canvas.base.text(field.right, box.bottom - 8, title, style, "right")
    dots = {k: _dot(field, scales, x, y) for k, x, y in points}
    names = _placed(brief, field, dots)
    brief.canvas.note_body(LEAST if dots else _NAME)
    for k, (x, y) in dots.items():
        lit = brief.visual.highlight in (None, k)
        colour = brief.theme.accent if lit else brief.theme.series[1]
        layer = brief.canvas.layer(f"point-{k + 1}", k, Effect.FADE)
        layer.circle(x, y, _DOT + 5, brief.theme.bg)
        layer.circle(x, y, _DOT + 3 if k == brief.visual.highlight else _DOT, colour)
        if k in names:
            spot, anchor, text, own = names[k]
            layer.text(spot[0], spot[1], text, own, anchor)


def _draw_axes(
    brief: Spec, box: Box, points: Sequence[tuple[int, float, float]]
) -> tuple[Box, tuple[Scale, Scale]]:
    wide = scale_for(
        [x for _, x, _ in points], from_zero=False, intervals=intervals_for(box.w, 200)
    )
    high = scale_for(
        [y for _, _, y in points], from_zero=False, intervals=intervals_for(box.h - 160)
    )
    unit = brief.visual.unit
    levels = figures_for(high.ticks, unit, brief.language).ticks(high)
    plumbs = figures_for(wide.ticks, "", brief.language).ticks(wide)
    left = tick_width(levels) + 24
    field = Box(box.x + left, box.y + 56, box.w - left - 40, box.h - 56 - 104)
    draw_plumbs(brief, field, wide, plumbs)
    draw_levels(brief, field, high, levels)
    return field, (wide, high)


def _dot(field: Box, scales: tuple[Scale, Scale], x: float, y: float) -> tuple[float, float]:
    wide, high = scales
    return field.x + wide.share(x) * field.w, field.bottom - high.share(y) * field.h


Placed = tuple[tuple[float, float], Anchor, str, Style]


def _placed(brief: Spec, field: Box, dots: dict[int, tuple[float, float]]) -> dict[int, Placed]:
    """A free place for every name, the highlighted first; those without one are told."""
    discs = {
        k: Box(x - _DOT - 3, y - _DOT - 3, 2 * _DOT + 6, 2 * _DOT + 6) for k, (x, y) in dots.items()
    }
    taken: list[Box] = []
    first = brief.visual.highlight
    names: dict[int, Placed] = {}
    lost = 0
    for k in sorted(dots, key=lambda k: (k != first, k)):
        text = brief.visual.labels[k]
        size = _NAME if len(dots) <= 12 else LEAST
        style = Style(size, 700 if k == first else 500, brief.theme.ink)
        others = [box for other, box in discs.items() if other != k]
        found = _spot(text, style, dots[k], (field, taken + others)) if text else None
        if found:
            names[k], own = (found[0], found[1], text, style), found[2]
            taken.append(own)
        lost += bool(text) and not found
    if lost:
        brief.lost(f"The names of {lost} points of a chart are not shown", "they would overlap")
    return names


def _spot(
    text: str, style: Style, dot: tuple[float, float], room: tuple[Box, list[Box]]
) -> tuple[tuple[float, float], Anchor, Box] | None:
    """The first place beside a point where its name touches nothing."""
    field, taken = room
    width = width_of(text, style)
    for dx, dy, anchor in _SPOTS:
        x, y = dot[0] + dx, dot[1] + dy * style.size
        left = x - {"left": 0.0, "center": width / 2, "right": width}[anchor]
        box = Box(left - 6, y - 0.86 * style.size, width + 12, 1.16 * style.size)
        inside = field.x <= box.x and box.right <= field.right + 40
        inside = inside and field.y - 20 <= box.y and box.bottom <= field.bottom
        if inside and not any(_touch(box, other) for other in taken):
            return (x, y), anchor, box
    return None


def _touch(one: Box, other: Box) -> bool:
    return (
        one.x < other.right and other.x < one.right
        and one.y < other.bottom and other.y < one.bottom
    )  # fmt: skip
