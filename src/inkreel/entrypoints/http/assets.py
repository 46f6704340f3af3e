"""The files of `inkreel/web` and the videos' own typeface, as they are.

Each has the hash of its content for a tag, so that it is the same from every server. Nothing is
looked up by a name that a client made.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path
from urllib.parse import urlsplit

from inkreel.errors import NotFound

POLICY = (
    "default-src 'self'; img-src 'self'{cdn} blob: data:; media-src 'self'{cdn} blob:; "
    "connect-src 'self'{cdn}; object-src 'none'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)
"""Nothing from elsewhere but from the CDN, nothing inline."""

FOLDERS = ("core", "css", "elements", "lang")
WEIGHTS = ("400", "600", "700")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    data: bytes
    media_type: str
    tag: str

    def headers(self, cdn_url: str = "") -> dict[str, str]:
        """It is asked for anew each time: a new release is seen at once, and an old one never
        mixes with it."""
        cdn = urlsplit(cdn_url)
        return {
            "ETag": self.tag,
            "Cache-Control": "no-cache",
            "Content-Security-Policy": POLICY.format(
                cdn=f" {cdn.scheme}://{cdn.netloc}" if cdn_url else ""
            ),
            "Content-Type": self.media_type,
            "X-Content-Type-Options": "nosniff",
        }


@cache
def _listed() -> dict[tuple[str, str], Path]:
    """All files that may be sent."""
    root = Path(str(files("inkreel"))) / "web"
    return {
        (folder, path.name): path
        for folder in ("", *FOLDERS)
        for path in (root / folder).iterdir()
        if path.is_file()
    }


def asset(folder: str, name: str) -> Asset:
    """A file of the page. Raises `NotFound`."""
    path = _listed().get((folder, name))
    if path is None:
        raise NotFound(
            f"There is nothing at /{folder + '/' if folder else ''}{name}.",
            hint="The page is at /, the API at /docs.",
        )
    return _read(path)


def font(weight: str) -> Asset:
    """Be Vietnam Pro, which the videos are set in. Raises `NotFound`."""
    import fontpkg

    if weight not in WEIGHTS:
        raise NotFound(
            f"There is no font of weight {weight!r}.", hint=f"There are {', '.join(WEIGHTS)}."
        )
    return _read(Path(fontpkg.path("be-vietnam-pro", int(weight))))


@cache
def _read(path: Path) -> Asset:
    data = path.read_bytes()
    kind = _MEDIA_TYPES.get(path.suffix) or mimetypes.guess_type(path.name)[0] or "font/ttf"
    charset = "; charset=utf-8" if kind.startswith("text/") else ""
    return Asset(data, kind + charset, f'W/"{hashlib.sha256(data).hexdigest()[:32]}"')
