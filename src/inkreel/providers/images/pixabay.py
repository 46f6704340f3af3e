"""Pixabay's search of photos."""

from __future__ import annotations

import urllib.parse

import msgspec

from inkreel.model import Credit
from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.images.dialect import SEVERAL, Named, picked, query
from inkreel.recipes import IllustrateRequest

_ORIENTATIONS = {"landscape": "horizontal", "portrait": "vertical", "square": "all"}
QUERY_CHARACTERS = 100


class _Hit(msgspec.Struct):
    page: str = msgspec.field(name="pageURL")
    large: str = msgspec.field(name="largeImageURL")
    user: str = ""


class _Hits(msgspec.Struct):
    hits: list[_Hit]


class Pixabay:
    """`GET /api/`; it wants to be named, answers to be kept for a day, and its key in the URL."""

    name = "pixabay/1"
    models = query("/", q="sea", per_page=3)

    def headers(self, key: str) -> dict[str, str]:  # noqa: ARG002  it goes in the URL
        return {}

    def signed(self, path: str, key: str) -> str:
        return f"{path}&key={urllib.parse.quote(key, safe='')}" if key else path

    def ask(self, request: IllustrateRequest) -> Ask:
        return Ask(
            query(
                "/",
                q=request.query[:QUERY_CHARACTERS],
                lang=request.language,
                orientation=_ORIENTATIONS[request.shape],
                image_type="photo",
                safesearch="true",
                per_page=SEVERAL,
            )
        )

    def read(self, request: IllustrateRequest, body: bytes) -> Named:
        hit = picked(decoded(body, _Hits).hits, request)
        return Named(Credit(hit.user, "Pixabay", hit.page), url=hit.large)

    def known(self, body: bytes) -> frozenset[str]:
        decoded(body, _Hits)
        return frozenset()
