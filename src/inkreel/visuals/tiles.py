"""The pattern of flat tiles on title and chapter cards."""

from __future__ import annotations

from inkreel.visuals.canvas import Canvas, Group
from inkreel.visuals.stage import Box
from inkreel.visuals.themes import Theme

# Shape and colour of each tile, row by row: D disc, d small disc, and quarters rounded at the
# named corner (a top left, b top right, c bottom right, e bottom left); `-` leaves it empty.
_ROWS = (
    ("c0", "D1", "a2"),
    ("b1", "a0", "D3"),
    ("D2", "c2", "d1"),
    ("a1", "b0", "D0"),
)
_CORNERS = {"a": (1, 0, 0, 0), "b": (0, 1, 0, 0), "c": (0, 0, 1, 0), "e": (0, 0, 0, 1)}


def draw_tiles(canvas: Canvas, theme: Theme, box: Box, side: float, shift: int = 0) -> None:
    """Fill the box with tiles of `side`; `shift` starts the pattern elsewhere."""
    for row in range(round(box.h / side)):
        for column in range(round(box.w / side)):
            index = column + shift
            code = _ROWS[(row + index // 3) % 4][index % 3]
            _draw_tile(canvas.field, theme, code, (box.x + column * side, box.y + row * side), side)


def _draw_tile(
    group: Group, theme: Theme, code: str, corner: tuple[float, float], side: float
) -> None:
    shape, fill = code[0], theme.tiles[int(code[1])]
    x, y = corner
    if shape in "Dd":
        radius = side / 2 if shape == "D" else side * 0.17
        group.circle(x + side / 2, y + side / 2, radius, fill)
        return
    tl, tr, br, bl = (side / 2 * on for on in _CORNERS[shape])
    group.rect(Box(x, y, side, side), fill, radius=(tl, tr, br, bl))
