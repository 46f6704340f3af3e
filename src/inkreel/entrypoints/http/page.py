"""The page at /: the files of `inkreel/web`."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from inkreel.entrypoints.http.assets import FOLDERS, Asset, asset, font

router = APIRouter(default_response_class=Response)


@router.api_route("/", methods=["GET", "HEAD"], include_in_schema=False)
async def get_page(request: Request) -> Response:
    """The page; what it shows is after the # of its address."""
    return _answer(request, asset("", "index.html"))


@router.api_route("/{name}.{kind}", methods=["GET", "HEAD"], include_in_schema=False)
async def get_root_file(request: Request, name: str, kind: str) -> Response:
    """A file beside the page."""
    return _answer(request, asset("", f"{name}.{kind}"))


@router.api_route("/fonts/{weight}.ttf", methods=["GET", "HEAD"], include_in_schema=False)
async def getfont(request: Request, weight: str) -> Response:
    """Be Vietnam Pro, which the videos are set in."""
    return _answer(request, font(weight))


async def get_folder_file(request: Request, name: str) -> Response:
    """A file of the page."""
    folder = request.url.path.rpartition("/")[0].rpartition("/")[2]
    return _answer(request, asset(folder, name))


for _folder in FOLDERS:
    router.add_api_route(
        f"/{_folder}/{{name}}", get_folder_file, methods=["GET", "HEAD"], include_in_schema=False
    )


def _answer(request: Request, asset: Asset) -> Response:
    cdn_url: str = request.app.state.service.settings.cdn_url
    headers = asset.headers(cdn_url)
    known = {tag.strip() for tag in request.headers.get("if-none-match", "").split(",")}
    if asset.tag in known:
        return Response(status_code=304, headers=headers)
    return Response(asset.data, headers=headers)
