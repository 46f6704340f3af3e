"""Display list → SVG, by typst in this process, with our fonts and our files only."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path
from typing import Any

import typst

from inkreel.errors import DrawingFailed
from inkreel.visuals import faces

KIT = Path(__file__).parent / "kit"


@lru_cache(maxsize=2)
def _compiler(*folders: str) -> typst.Compiler:
    return typst.Compiler(
        input=str(KIT / "draw.typ"),
        root=str(KIT),
        font_paths=list(folders),
        ignore_system_fonts=True,
    )


def typeset(scene: dict[str, Any]) -> str:
    """Set a display list. Raises `DrawingFailed` with typst's own message."""
    families = {"sans": faces.families("sans"), "mono": faces.families("mono")}
    data = json.dumps({**scene, "faces": families}, ensure_ascii=False)
    try:
        page = _compiler(*faces.folders()).compile(format="svg", sys_inputs={"scene": data})
    except typst.TypstError as error:
        raise DrawingFailed(
            f"The picture could not be laid out: {error}",
            hint="Please report this together with the scene of the storyboard.",
        ) from error
    if not isinstance(page, bytes):
        raise DrawingFailed("The picture did not stay on one page.")
    return page.decode()
