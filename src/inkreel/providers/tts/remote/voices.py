"""SayRequest → Utterance: asks the service, checks what came, and asks again.

An utterance is kept only when it was heard to hold the text (`recipes.HEAR`, in a child process:
strangers' bytes are decoded there), so that the store never serves what a bad moment left.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx2
import msgspec

from inkreel.errors import VoiceFailed, WorkerFailed
from inkreel.model import Artifact, Utterance
from inkreel.ports import Build, Store
from inkreel.providers.calls import Secrets, fetch
from inkreel.providers.policies import Failed, Policy, Retry, around
from inkreel.providers.tts.remote.dialect import Dialect
from inkreel.recipes import HEAR, HearRequest, Recipe, SayRequest

log = logging.getLogger(__name__)

SPEECH_BYTES = 32_000_000
"""Most that is taken for one request: five minutes of sound in base64 are less."""
LIST_BYTES = 4_000_000
LIST_SECONDS = 10.0


@dataclass(slots=True)
class Line:
    """One service, with what stands between us and it."""

    name: str
    """As the user calls it."""
    dialect: Dialect
    url: str
    key: str
    client: httpx2.AsyncClient
    retry: Retry
    guarded: Callable[[str], Sequence[Policy]]
    """Policies for a new model; each model has a breaker of its own."""
    _models: dict[str, Sequence[Policy]] = field(default_factory=dict)

    async def say(self, request: SayRequest, part: Path) -> Utterance:
        """Have it said, over `part`. Raises `Failed`."""
        ask = self.dialect.ask(request)
        post = self._request("POST", ask.path, json=ask.body)
        await fetch(self.client, post, part, SPEECH_BYTES, self._secrets)
        return await asyncio.to_thread(lambda: self.dialect.read(request, part.read_bytes()))

    async def models(self, part: Path) -> frozenset[str]:
        """Names of the models that it has. Raises `Failed`."""
        get = self._request("GET", self.dialect.models, timeout=LIST_SECONDS)
        await fetch(self.client, get, part, LIST_BYTES, self._secrets)
        return await asyncio.to_thread(lambda: self.dialect.known(part.read_bytes()))

    def policies(self, model: str) -> Sequence[Policy]:
        """Those of a model, which last as long as the process."""
        if model not in self._models:
            self._models[model] = self.guarded(model)
        return self._models[model]

    @property
    def _secrets(self) -> Secrets:
        return Secrets((self.key,))

    def _request(self, method: str, path: str, **more: Any) -> httpx2.Request:
        headers = {**self.dialect.headers(self.key), "Accept-Encoding": "identity"}
        base = self.url.rstrip("/")
        if path.startswith("/.."):
            base, path = base.rpartition("/")[0], path.removeprefix("/..")
        return self.client.build_request(method, base + path, headers=headers, **more)


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
