"""Answers in JSON, encoded by msgspec."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from inkreel.entrypoints.http.schemas import Shown

_encoder = msgspec.json.Encoder()

TOLD_APART = "Authorization"
"""What answers differ by, for caches."""


class Json(Response):
    """A msgspec type as JSON."""

    media_type = "application/json"

    def render(self, content: object) -> bytes:
        return _encoder.encode(content)


def json(shown: Shown, status: int = 200, headers: Mapping[str, str] | None = None) -> Json:
    """An answer that nobody keeps without asking again."""
    return Json(shown, status, headers={"Cache-Control": "private, no-cache", **(headers or {})})


def is_known(request: Request, etag: str) -> bool:
    """Whether the client has this version (`If-None-Match`, weak comparison)."""
    sent = request.headers.get("if-none-match", "")
    mine = etag.removeprefix("W/")
    return any(one.strip().removeprefix("W/") in (mine, "*") for one in sent.split(","))


def not_modified(headers: Mapping[str, str]) -> Response:
    """304 with what a cache must know again."""
    return Response(status_code=304, headers=dict(headers))
