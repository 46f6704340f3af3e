"""The gallery → docs/images/gallery-*.webp: a few of its pictures, small.

python tools/contact_sheets.py
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path

import pyvips

from inkreel import settings
from inkreel.wiring.gallery import make_gallery

ROOT = Path(__file__).resolve().parent.parent
WIDE = ("title", "comparison", "table", "bars", "stacked", "donut", "area", "diff", "end")
TALL = ("title", "slide", "lying", "grouped", "donut", "code")
SHEETS = {
    "light": ("light-16x9", WIDE, 3, 400),
    "dark": ("dark-16x9", ("section", "slide", "number", "lines", "pie", "formula"), 3, 400),
    "diagrams": (
        "light-16x9",
        ("flow", "sequence", "mindmap", "timeline", "layers", "state"),
        3,
        400,
    ),
    "tall": ("brand-9x16", TALL, 6, 200),
}
"""Name → pictures, how many across, and how wide each."""


def main() -> None:
    """Draw the gallery and write its sheets."""
    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(make_gallery(Path(folder), settings.load(), shapes=("16:9", "9:16")))
        for name, (prefix, kinds, across, width) in SHEETS.items():
            pictures = [
                pyvips.Image.thumbnail(
                    str(Path(folder) / f"{prefix}-{kind}.jpg"), width, height=10 * width
                )
                for kind in kinds
            ]
            sheet = pyvips.Image.arrayjoin(
                pictures, across=across, shim=10, background=[255, 255, 255]
            )
            path = ROOT / "docs" / "images" / f"gallery-{name}.webp"
            sheet.webpsave(str(path), Q=82, effort=6, keep="none")
            print(path, path.stat().st_size)


if __name__ == "__main__":
    main()
