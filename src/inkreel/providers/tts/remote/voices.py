"""SayRequest → Utterance: asks the service, checks what came, and asks again.

An utterance is kept only when it was heard to hold the text (`recipes.HEAR`, in a child process:
strangers' bytes are decoded there), so that the store never serves what a bad moment left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from inkreel.errors import VoiceFailed, WorkerFailed
from inkreel.model import Artifact, Utterance
from inkreel.ports import Build, Store
from inkreel.providers import lines
from inkreel.providers.policies import Failed, around
from inkreel.providers.tts.remote.dialect import AnyDialect, Talk
from inkreel.recipes import HEAR, HearRequest, Recipe, SayRequest

log = logging.getLogger(__name__)

SPEECH_BYTES = 32_000_000
"""Most that is taken for one request: five minutes of sound in base64 are less."""


class Line(lines.Line[AnyDialect]):
    """One service of voices."""

    async def say(self, request: SayRequest, part: Path) -> Utterance:
        """Have it said, over `part`. Raises `Failed`."""
        dialect = self.dialect
        if isinstance(dialect, Talk):
            return await dialect.say(self, request)
        ask = dialect.ask(request)
        await self.fetch(self.request("POST", ask.path, json=ask.body), part, SPEECH_BYTES)
        return await asyncio.to_thread(lambda: dialect.read(request, part.read_bytes()))


class Voices:
    """The service of `recipes.SAY`; `lines` are by the provider that requests name."""

    def __init__(self, store: Store, part: Callable[[], Path], lines: dict[str, Line]) -> None:
        self._store = store
        self._part = part
        self._lines = lines

    async def __call__(self, recipe: Recipe[Any], build: Build) -> Artifact:
        request = recipe.request
        assert isinstance(request, SayRequest)  # noqa: S101  the role's
        line = self._lines[request.provider]

        async def attempt() -> Artifact:
            said = around(lambda: self._say(line, request), *line.policies(request.model))
            return await self._heard(recipe, request, await said(), build)

        try:
            return await line.retry(attempt)
        except Failed as failed:
            log.info("voice %s gives up: %s", line.name, failed.why)
            raise VoiceFailed(
                f"The voice {line.name} failed: {failed.why}.",
                hint=f"`inkreel doctor` looks at it; `inkreel voices --try {line.name}` tries it. "
                "Or choose another --voice.",
            ) from failed

    async def _say(self, line: Line, request: SayRequest) -> Utterance:
        part = self._part()
        try:
            return await line.say(request, part)
        finally:
            await asyncio.to_thread(part.unlink, missing_ok=True)

    async def _heard(
        self, recipe: Recipe[Any], request: SayRequest, said: Utterance, build: Build
    ) -> Artifact:
        """Keep what is good. Raises `Failed` (bad)."""
        data = msgspec.msgpack.encode(said)
        digest = await asyncio.to_thread(self._store.put, data)
        try:
            await build(HEAR.recipe(HearRequest((request.text,), (digest,), request.speed)))
        except (VoiceFailed, WorkerFailed) as error:
            raise Failed("bad", error.message.rstrip(".")) from error
        return await asyncio.to_thread(self._store.keep, recipe, data)
