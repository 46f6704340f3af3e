"""A brand's typeface, checked and put to use; what it lacks is told."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from pathlib import Path

from inkreel.errors import DrawingFailed
from inkreel.model import Brand, Degraded, FontFile
from inkreel.visuals import faces
from inkreel.visuals.canvas import Canvas

_MOST_SHOWN = 12


@contextmanager
def typeface_of(theme: str | Brand) -> Iterator[list[Degraded]]:
    """Draw with the typeface of a theme; yields a list of what could not be used. Raises
    `DrawingFailed` where a font file is not the one that the request names."""
    if not isinstance(theme, Brand) or not theme.fonts:
        yield []
        return
    for font in theme.fonts:
        _check(font)
    own = (theme.family, tuple(font.path for font in theme.fonts))
    try:
        faces.opened(own)
    except faces.UnreadableFontError as error:
        yield [Degraded(f"The typeface of the theme {theme.name} is not used", str(error))]
        return
    with faces.using(own):
        yield []


@lru_cache(maxsize=64)
def _check(font: FontFile) -> None:
    try:
        data = Path(font.path).read_bytes()
    except OSError as error:
        raise DrawingFailed(
            f"The font {font.path} cannot be read: {error}.",
            hint="Put it back, or change the theme.",
        ) from error
    if hashlib.sha256(data).hexdigest() != font.digest:
        raise DrawingFailed(
            f"The font {font.path} was changed while the video was made.", hint="Make it again."
        )


def other_faces(canvas: Canvas) -> list[Degraded]:
    """Which letters the user's typeface does not have."""
    own = faces.own()
    if own is None:
        return []
    face = faces.opened(own)[0][1]
    runs = (
        run
        for group in (canvas.base, *canvas.layers)
        for item in group.items
        for run in item.get("runs", ())
        if run["face"] == "sans"
    )
    letters = {letter for run in runs for letter in run["text"]}
    lacking = sorted(one for one in letters if ord(one) not in face.advances and not one.isspace())
    if not lacking:
        return []
    more = f" and {len(lacking) - _MOST_SHOWN} more" if len(lacking) > _MOST_SHOWN else ""
    what = f"Letters set in another typeface: {' '.join(lacking[:_MOST_SHOWN])}{more}"
    return [Degraded(what, f"{face.family} does not have them")]
