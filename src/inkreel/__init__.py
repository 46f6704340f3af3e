"""Inkreel: a document goes in, a narrated, captioned explainer video comes out.

    import inkreel

    result = inkreel.make("notes.md", "notes.mp4", theme="dark")
    print(result.seconds, [scene.heading for scene in result.scenes])

Importing this module is cheap: everything heavy is imported when a video is made.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from inkreel.errors import InkreelError

if TYPE_CHECKING:
    from inkreel.model import Progress, Result

__version__ = "0.2.0"
__all__ = ["InkreelError", "make", "make_async"]


def make(
    document: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    progress: Callable[[Progress], None] | None = None,
    **options: object,
) -> Result:
    """Make a video from a document (`.md`, `.txt`, `.pdf`) or a storyboard (`.yaml`).

    `options` are the settings of `docs/settings.md`, by the names that the command uses:
    `language` ("auto", "vi", "en"), `size` ("wide", "1080x1920", …), `theme`, `voice`, `writer`
    (of the storyboard: "own", or a language model of the settings), `illustrate` (name of a source
    of images), `captions` ("burn", "track", "both", "off"), `seconds` (target length), `fps`
    (frames a second), `profile` ("draft", "standard", "quality"), `still` ("auto", "encode",
    "skip"), `transition` ("auto", "cut", "fade", "slide", "wipe"), `music` (file to lie under the
    voice), `music_volume` (decibels, 0 is 19 below the voice), `thumbnails` (pictures for the seek
    bars of players), `cache` (folder of the store), `workers` (child processes). Those left out
    come from `INKREEL_*` variables and the settings file. `progress` is called in the thread that
    makes the video.

    Writes `output` with its captions (`.srt`, `.vtt`) and poster (`.jpg`) beside it, and its
    thumbnails (`.thumbnails.vtt`, `.thumbnails.jpg`) when they are asked for. An `output` that
    ends in `.m4a` is only heard: nothing is drawn but its cover.

    Raises:
        InkreelError: with a stable `code`, a message and a hint; see `docs/errors.md`.
    """
    import asyncio
    from concurrent.futures import ThreadPoolExecutor

    def run() -> Result:
        return asyncio.run(make_async(document, output, progress=progress, **options))

    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return run()
    with ThreadPoolExecutor(1) as thread:  # called inside a loop (a notebook): use one beside it
        return thread.submit(run).result()


async def make_async(
    document: str | os.PathLike[str],
    output: str | os.PathLike[str],
    *,
    progress: Callable[[Progress], None] | None = None,
    **options: object,
) -> Result:
    """`make` for programs with an event loop. Cancelling it ends its child processes and
    removes what was unfinished."""
    from inkreel import settings
    from inkreel.wiring import video

    return await video.make(
        Path(document), Path(output), settings.load(**options), progress or (lambda _: None)
    )
