"""The way to a source of images: the question, and the download of what its answer names.

An address that a service names is a stranger's: it goes through a guard that knows no exceptions,
without the key, unless it lies at the very place that the operator gave.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

from inkreel.model import Credit
from inkreel.providers import lines
from inkreel.providers.calls import fetch
from inkreel.providers.http import fault_of
from inkreel.providers.images.dialect import Dialect
from inkreel.providers.policies import Failed
from inkreel.recipes import IllustrateRequest

IMAGE_BYTES = 24_000_000
"""Most that is taken for a picture."""
ANSWER_BYTES = 34_000_000
"""Likewise, in base64 with what stands about it."""


@dataclass(slots=True)
class Line(lines.Line[Dialect]):
    """One source of images."""

    abroad: httpx2.AsyncClient | None = None
    """The client for addresses that it names."""

    async def picture(self, request: IllustrateRequest, part: Path) -> Credit:
        """Have a picture made or found, its bytes over `part`. Raises `Failed`."""
        ask = self.dialect.ask(request)
        asked = (
            self.request("POST", ask.path, json=ask.body)
            if ask.body
            else self.request("GET", ask.path)
        )
        await self.fetch(asked, part, ANSWER_BYTES)
        named = await asyncio.to_thread(lambda: self.dialect.read(request, part.read_bytes()))
        if named.data:
            await asyncio.to_thread(part.write_bytes, named.data)
        else:
            await self._download(named.url, part)
        return named.credit

    async def _download(self, address: str, part: Path) -> None:
        try:
            url = httpx2.URL(address)
        except httpx2.InvalidURL as error:
            raise Failed("bad", "it names no address of a picture") from error
        own = httpx2.URL(self.url)
        at_home = (url.scheme, url.host, url.port) == (own.scheme, own.host, own.port)
        if not at_home and fault_of(address):
            raise Failed("bad", "it names an address that is not public")
        client = self.client if at_home else self.abroad or self.client
        get = client.build_request("GET", url, headers={"Accept-Encoding": "identity"})
        try:
            await fetch(client, get, part, IMAGE_BYTES, self.secrets)
        except Failed as failed:
            failed.status = 0  # one picture is not there: that is no word on the key or the place
            raise

    def request(self, method: str, path: str, **more: Any) -> httpx2.Request:
        return lines.Line.request(self, method, self.dialect.signed(path, self.key), **more)
