"""A folder of one's own pictures as a source: matched by the words of their names and captions.

`wind-farm.jpg` may have a `wind-farm.txt` beside it: a caption, whose words count too, and a line
`credit: …`, which is shown with it.
"""

from __future__ import annotations

import asyncio
import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from inkreel.model import Credit
from inkreel.providers.images.dialect import picked
from inkreel.providers.policies import Failed
from inkreel.recipes import IllustrateRequest

SUFFIXES = (".jpg", ".jpeg", ".png", ".webp")
MOST = 5_000
"""Pictures that are looked at."""
CAPTION_BYTES = 4_000
IMAGE_BYTES = 24_000_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A file, and what is said of it."""

    path: Path
    words: frozenset[str]
    credit: str


@dataclass(frozen=True, slots=True)
class Folder:
    """A source that needs no network and never rests."""

    name: str
    place: Path

    @property
    def provider(self) -> str:
        """By what it holds, as far as names, sizes and times tell."""
        digest = hashlib.sha256()
        for path in _files(self.place):
            for file in (path, path.with_suffix(".txt")):
                if file.is_file():
                    seen = file.stat()
                    told = f"{file.relative_to(self.place)}\0{seen.st_size}\0{seen.st_mtime_ns}\n"
                    digest.update(told.encode())
        return f"folder/1@{digest.hexdigest()[:12]}"

    async def picture(self, request: IllustrateRequest, part: Path) -> Credit:
        """The picture whose words are most of those that are asked for, over `part`. Raises
        `Failed` (refused) when none has any."""
        return await asyncio.to_thread(self._find, request, part)

    def _find(self, request: IllustrateRequest, part: Path) -> Credit:
        wanted = folded(request.query)
        pictures = [_read(path) for path in _files(self.place)]
        scored = [(len(wanted & one.words), one) for one in pictures]
        best = max((score for score, _ in scored), default=0)
        fitting = [one for score, one in scored if score == best > 0]
        picture = picked(fitting, request)
        try:
            if picture.path.stat().st_size > IMAGE_BYTES:
                raise Failed("refused", f"{picture.path.name} is too large")
            part.write_bytes(picture.path.read_bytes())
        except OSError as error:
            raise Failed("refused", f"{picture.path.name}: {error.strerror}") from error
        return Credit(source=picture.credit)


def count(place: Path) -> int:
    """How many pictures there are."""
    return len(_files(place))


def _files(place: Path) -> Sequence[Path]:
    try:
        found = (path for path in place.rglob("*") if path.suffix.lower() in SUFFIXES)
        return sorted(path for path, _ in zip(found, range(MOST), strict=False) if path.is_file())
    except OSError:
        return ()


def _read(path: Path) -> Picture:
    try:
        with path.with_suffix(".txt").open(encoding="utf-8", errors="replace") as file:
            caption = file.read(CAPTION_BYTES)
    except OSError:
        caption = ""
    credit = re.search(r"^credit:[ \t]*(.+)$", caption, re.IGNORECASE | re.MULTILINE)
    said = caption.replace(credit[0], "") if credit else caption
    return Picture(path, folded(f"{path.stem} {said}"), credit[1].strip() if credit else "")


def folded(text: str) -> frozenset[str]:
    """Its words without case and marks, so that `gio` is found for `gió`."""
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    letters = "".join(c for c in plain if not unicodedata.combining(c))
    return frozenset(word for word in re.findall(r"[^\W_]+", letters) if len(word) > 1)
