"""Pexels' search of photos."""

from __future__ import annotations

import msgspec

from inkreel.model import Credit
from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.images.dialect import SEVERAL, Named, picked, query
from inkreel.recipes import IllustrateRequest

_LOCALES = {"vi": "vi-VN", "en": "en-US"}


class _Sizes(msgspec.Struct):
    large2x: str


class _Photo(msgspec.Struct):
    url: str
    src: _Sizes
    photographer: str = ""


class _Photos(msgspec.Struct):
    photos: list[_Photo]


class Pexels:
    """`GET /v1/search`; its licence wants photographer and Pexels named, with a link."""

    name = "pexels/1"
    models = query("/search", query="sea", per_page=1)
    """It has no models: what it answers to a search says whether it is there."""

    def headers(self, key: str) -> dict[str, str]:
        return {"Authorization": key} if key else {}

    def signed(self, path: str, key: str) -> str:  # noqa: ARG002  it goes in a header
        return path

    def ask(self, request: IllustrateRequest) -> Ask:
        return Ask(
            query(
                "/search",
                query=request.query,
                orientation=request.shape,
                locale=_LOCALES[request.language],
                per_page=SEVERAL,
            )
        )

    def read(self, request: IllustrateRequest, body: bytes) -> Named:
        photo = picked(decoded(body, _Photos).photos, request)
        return Named(Credit(photo.photographer, "Pexels", photo.url), url=photo.src.large2x)

    def known(self, body: bytes) -> frozenset[str]:
        decoded(body, _Photos)
        return frozenset()
