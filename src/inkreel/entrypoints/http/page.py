"""The page at /: the files of `inkreel/web` and the videos' own typeface, as they are.

Each has the hash of its content for a tag, so that it is the same from every server, and is asked
for anew each time: a new release is seen at once and an old one never mixes with it.
"""

from __future__ import annotations

import hashlib
import mimetypes
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import fontpkg
from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkreel.errors import NotFound

POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; media-src 'self' blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
"""Nothing from elsewhere, nothing inline."""

FOLDERS = ("core", "css", "elements", "lang")
WEIGHTS = ("400", "600", "700")
_MEDIA_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}

router = APIRouter(default_response_class=Response)


@dataclass(frozen=True, slots=True)
class Asset:
    """A file as it is sent."""

    data: bytes
    media_type: str
    tag: str


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def get_page(request: Request) -> Response:
    """The page; what it shows is after the # of its address."""
    return _answer(request, _asset("", "index.html"))


@router.api_route("/{name}.{kind}", methods=["GET", "HEAD"], include_in_schema=False)
async def get_root_file(request: Request, name: str, kind: str) -> Response:
    """A file beside the page."""
    return _answer(request, _asset("", f"{name}.{kind}"))


@router.api_route("/fonts/{weight}.ttf", methods=["GET", "HEAD"], include_in_schema=False)
async def get_font(request: Request, weight: str) -> Response:
    """Be Vietnam Pro, which the videos are set in."""
    return _answer(request, _font(weight))


async def get_folder_file(request: Request, name: str) -> Response:
    """A file of the page."""
    folder = request.url.path.rpartition("/")[0].rpartition("/")[2]
    return _answer(request, _asset(folder, name))


for _folder in FOLDERS:
    router.add_api_route(
        f"/{_folder}/{{name}}", get_folder_file, methods=["GET", "HEAD"], include_in_schema=False
    )


@cache
def _listed() -> dict[tuple[str, str], Path]:
    """All files that may be sent: nothing is looked up by a name that a client made."""
    root = Path(str(files("inkreel"))) / "web"
    return {
        (folder, path.name): path
        for folder in ("", *FOLDERS)
        for path in (root / folder).iterdir()
        if path.is_file()
    }


def _asset(folder: str, name: str) -> Asset:
    path = _listed().get((folder, name))
    if path is None:
        raise NotFound(
            f"There is nothing at /{folder + '/' if folder else ''}{name}.",
            hint="The page is at /, the API at /docs.",
        )
    return _read(path)


def _font(weight: str) -> Asset:
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


def _answer(request: Request, asset: Asset) -> Response:
    headers = {
        "ETag": asset.tag,
        "Cache-Control": "no-cache",
        "Content-Security-Policy": POLICY,
        "Content-Type": asset.media_type,
        "X-Content-Type-Options": "nosniff",
    }
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if asset.tag in known:
        return Response(status_code=304, headers=headers)
    return Response(asset.data, headers=headers)
