"""IllustrateRequest → Illustration: asks the source, has what came checked, and asks again.

A picture is kept only when a sandboxed child could decode it (`recipes.DEVELOP`), so that the store
never serves what a bad moment left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import Any, Protocol

import msgspec

from inkreel.errors import ImageFailed, WorkerFailed
from inkreel.model import Artifact, Credit, Digest, Illustration
from inkreel.ports import Build, Store
from inkreel.providers.images.folder import Folder
from inkreel.providers.images.lines import Line
from inkreel.providers.policies import Failed, around
from inkreel.recipes import DEVELOP, DevelopRequest, IllustrateRequest, Recipe

log = logging.getLogger(__name__)


class Source(Protocol):
    """Gives a picture for a query."""

    @property
    def name(self) -> str: ...

    async def picture(self, request: IllustrateRequest, part: Path) -> Credit: ...


class Images:
    """The service of `recipes.ILLUSTRATE`; `sources` are by the provider that requests name."""

    def __init__(
        self, store: Store, part: Callable[[], Path], sources: Mapping[str, Line | Folder]
    ) -> None:
        self._store = store
        self._part = part
        self._sources = sources

    async def __call__(self, recipe: Recipe[Any], build: Build) -> Artifact:
        request = recipe.request
        assert isinstance(request, IllustrateRequest)  # noqa: S101  the role's
        source = self._sources[request.provider]

        async def attempt() -> Artifact:
            if isinstance(source, Folder):
                image, credit = await self._take(source, request)
            else:
                policies = source.policies(request.model)
                take: Callable[[], Awaitable[tuple[Digest, Credit]]] = around(
                    lambda: self._take(source, request), *policies
                )
                image, credit = await take()
            return await self._developed(recipe, Illustration(image, credit), build)

        try:
            return await (attempt() if isinstance(source, Folder) else source.retry(attempt))
        except Failed as failed:
            log.info("images %s give up: %s", source.name, failed.why)
            raise ImageFailed(
                f"The images {source.name} failed: {failed.why}.",
                hint="`inkreel doctor` looks at it.",
            ) from failed

    async def _take(self, source: Source, request: IllustrateRequest) -> tuple[Digest, Credit]:
        part = self._part()
        try:
            credit = await source.picture(request, part)
            image = await asyncio.to_thread(lambda: self._store.put(part.read_bytes()))
            return image, credit
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _developed(
        self, recipe: Recipe[Any], illustration: Illustration, build: Build
    ) -> Artifact:
        """Keep what is a picture. Raises `Failed` (bad)."""
        try:
            await build(DEVELOP.recipe(DevelopRequest(illustration.image)))
        except (ImageFailed, WorkerFailed) as error:
            raise Failed("bad", error.message.rstrip(".")) from error
        data = msgspec.msgpack.encode(illustration)
        also = (illustration.image,)
        return await asyncio.to_thread(self._store.keep, recipe, data, also)
