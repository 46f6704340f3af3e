"""Sheets of the test formulas, to be looked at: `python bench/formulas.py OUT`.

Each page holds eight, large, with the number that it has in `tests/visuals/formulas.txt`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import pyvips

from inkreel.errors import DrawingFailed
from inkreel.visuals.canvas import Canvas, Style
from inkreel.visuals.layers import rasterise_opaque, take_apart
from inkreel.visuals.stage import Box, stage_for
from inkreel.visuals.tex import UntranslatableFormulaError, translate
from inkreel.visuals.typeset import typeset

FORMULAS = Path(__file__).parent.parent / "tests" / "visuals" / "formulas.txt"
WIDTH, HEIGHT, ROWS = 1400, 1400, 8


def main(out: Path) -> None:
    """Write a PNG for each eight formulas."""
    parts = FORMULAS.read_text().split("\n\n")
    formulas = list(enumerate(part for part in parts if not part.startswith("%%")))
    for page, first in enumerate(range(0, len(formulas), ROWS)):
        canvas = Canvas(stage_for(WIDTH, HEIGHT), "vi")
        canvas.base.rect(Box(0, 0, 1080, 1080), "#FFFFFF")
        for row, (number, source) in enumerate(formulas[first : first + ROWS]):
            _draw(canvas, row, number, source.strip())
        sheet = take_apart(typeset(canvas.scene()), WIDTH, HEIGHT)
        pixels = rasterise_opaque(sheet, sheet.drawings[0].markup, (0, 0, WIDTH, HEIGHT))
        image = pyvips.Image.new_from_memory(pixels, WIDTH, HEIGHT, 3, "uchar")
        image.write_to_file(str(out / f"formulas-{page:02}.png"))


def _draw(canvas: Canvas, row: int, number: int, source: str) -> None:
    top = row * 135 + 4
    canvas.base.text(8, top + 30, str(number + 1), Style(20, 400, "#AA0000"))
    try:
        canvas.base.math(60, top, translate(source), Style(25, 400, "#000000"), "#CC0000")
        typeset(canvas.scene())
    except (UntranslatableFormulaError, DrawingFailed) as error:
        if isinstance(error, DrawingFailed):
            canvas.base.items.pop()
        canvas.base.text(60, top + 40, str(error)[:90], Style(20, 600, "#AA0000"))
        canvas.base.text(60, top + 70, source[:90], Style(18, 400, "#666666", face="mono"))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
