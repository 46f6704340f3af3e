"""Scenes → the files a user gets: video or sound, its captions, its poster, its thumbnails.

Everything is written under a temp name beside its place and renamed at the end, so that a file
with the final name is always whole; the temp names are claimed, so that the next run removes
them if this one is killed.
"""

from __future__ import annotations

import contextlib
import errno
import importlib
import os
import secrets
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from inkreel.backends.scratch import Scratch
from inkreel.compose.captions import srt, vtt
from inkreel.compose.sheets import Sheets, index
from inkreel.errors import DiskFull, OptionError, OutputError, OutputNotWritable
from inkreel.job import Variant
from inkreel.model import CaptionsMode, Cue, Footage, Options, Scene, Storyboard
from inkreel.recipes import TracksRequest

if TYPE_CHECKING:
    from inkreel.compose.mux import Chapter

SOUND = ".m4a"
"""Of files that are only heard."""


def load() -> None:
    """Bring what writes videos into memory; that takes a tenth of a second."""
    importlib.import_module("inkreel.compose.mux")


def check_output(output: Path, suffixes: tuple[str, ...] = (".mp4", SOUND)) -> None:
    """Refuse an output that cannot be written, before any work is done.

    Raises `OptionError` for a name that does not end as it should, `OutputNotWritable` else.
    """
    if output.suffix.lower() not in suffixes:
        raise OptionError(
            f"The output {output.name!r} does not end in {' or '.join(suffixes)}.",
            hint=f"Name it like talk{suffixes[0]}.",
        )
    if output.is_dir():
        raise OutputNotWritable(f"{output} is a folder.", hint="Name a file in it.")
    folder = output.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    probe = _part(folder / output.name)
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise output_error(output, error) from error


def output_error(output: Path, error: OSError) -> OutputError:
    """What the disk refused, in the user's words."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull(f"No space left for {output}.", hint="Free some space and run it again.")
    return OutputNotWritable(
        f"Cannot write {output}: {error.strerror}.",
        hint="Choose a folder that you may write to, with -o.",
    )


def write_text(output: Path, text: str) -> None:
    """Write a file whole or not at all."""
    part = _part(output)
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        part.write_text(text, encoding="utf-8")
        part.replace(output)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise output_error(output, error) from error


class Reel:
    """Footage in order → the video in an unfinished file, and what belongs beside it. Errors call
    the file `shown`."""

    def __init__(
        self, part: Path, board: Storyboard, options: Options, shown: Path | None = None
    ) -> None:
        # FFmpeg's libraries take a while: by now the workers are busy.
        from inkreel.compose.mux import Movie

        self._part = part
        self._options = options
        self._chapters: list[Chapter] = []
        self._cues: list[Cue] = []
        self._sheets = Sheets()
        self._seen = True
        self._frames = 0
        self._movie = Movie(
            part,
            shown=shown,
            title=board.title,
            language=board.language,
            rate=options.rate,
            captions=options.captions.tracked,
        )

    def add(self, scene: Scene, footage: Footage) -> None:
        """Append a scene, or a part of it."""
        from inkreel.compose.mux import Chapter

        if not self._chapters or self._chapters[-1].title != scene.heading:
            self._chapters.append(Chapter(scene.heading, self._frames))
        self._movie.add(footage)
        self._cues += [
            Cue(cue.start + self._frames, cue.end + self._frames, cue.text) for cue in footage.cues
        ]
        self._sheets.add(footage.previews, self._frames)
        self._seen = footage.seen
        self._frames += footage.frames

    def close(self, poster: bytes) -> TracksRequest:
        """Complete the video's file; answers what must be in it now."""
        self._movie.close(self._chapters, poster)
        return TracksRequest(
            video=str(self._part.absolute()),
            fps=self._options.fps,
            frames=self._frames,
            seen=self._seen,
            chapters=len(self._chapters),
            cues=len(self._cues) if self._seen and self._options.captions.tracked else 0,
            seal=self._movie.seal,
        )

    def captions(self) -> dict[Variant, bytes]:
        """Those of the whole video, if any are asked for."""
        if self._options.captions is CaptionsMode.OFF:
            return {}
        rate = self._options.rate
        return {"srt": srt(self._cues, rate).encode(), "vtt": vtt(self._cues, rate).encode()}

    def thumbnails(self, keep: Callable[[int, bytes], str]) -> bytes:
        """WebVTT of the sheets of small pictures; `keep` takes each of them (JPEG) with its
        number, from 1, and answers what links to it."""
        sheets = self._sheets.all()
        links = [keep(number, sheet.jpeg) for number, sheet in enumerate(sheets, 1)]
        return index(sheets, links, self._options.rate).encode()

    def abort(self) -> None:
        """Remove the unfinished file."""
        self._movie.abort()


class Delivery:
    """A `Movie` that is files beside each other: talk.mp4, talk.srt, talk.vtt, talk.jpg, and with
    `thumbnails` talk.thumbnails.vtt and talk.thumbnails.jpg (then talk.thumbnails-2.jpg, …); or
    talk.m4a, talk.srt, talk.vtt."""

    def __init__(
        self,
        output: Path,
        board: Storyboard,
        options: Options,
        scratch: Scratch,
        *,
        thumbnails: bool = False,
    ) -> None:
        self.path = output
        self._thumbnails = thumbnails
        self._scratch = scratch
        self._parts: list[Path] = []
        self._new_folder = not output.parent.exists()
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise output_error(output, error) from error
        self._reel = Reel(self._claim(output), board, options, shown=output)

    def add(self, scene: Scene, footage: Footage) -> None:
        self._reel.add(scene, footage)

    def close(self, poster: bytes) -> tuple[TracksRequest, ...]:
        return (self._reel.close(poster),)

    def finish(self, poster: bytes) -> None:
        beside = {f".{variant}": text for variant, text in self._reel.captions().items()}
        if self.path.suffix.lower() != SOUND:
            beside[".jpg"] = poster
            if self._thumbnails:
                beside |= self._small_pictures()
        places = {self.path: self._parts[0]}
        try:
            for suffix, data in beside.items():
                place = self.path.with_suffix(suffix)
                places[place] = self._claim(place)
                places[place].write_bytes(data)
            for place, part in reversed(places.items()):  # the video last: then all is there
                os.replace(part, place)  # noqa: PTH105  says what it does to an existing file
        except OSError as error:
            raise output_error(self.path, error) from error

    def _small_pictures(self) -> dict[str, bytes]:
        found: dict[str, bytes] = {}

        def keep(number: int, jpeg: bytes) -> str:
            suffix = f".thumbnails{'' if number == 1 else f'-{number}'}.jpg"
            found[suffix] = jpeg
            return quote(self.path.with_suffix(suffix).name)

        found[".thumbnails.vtt"] = self._reel.thumbnails(keep)
        return found

    def abort(self) -> None:
        self._reel.abort()
        for part in self._parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)
        if self._new_folder:
            with contextlib.suppress(OSError):
                self.path.parent.rmdir()

    def _claim(self, place: Path) -> Path:
        part = _part(place)
        self._scratch.claim(part)
        self._parts.append(part)
        return part


def _part(place: Path) -> Path:
    return place.with_name(f".{place.name}.{secrets.token_hex(4)}.part")
