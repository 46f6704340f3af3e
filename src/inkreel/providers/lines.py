"""The way to one service outside: a pooled client, and what stands between us and it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Generic, TypeVar

import httpx2

from inkreel.providers.calls import Secrets, fetch
from inkreel.providers.dialect import Dialect
from inkreel.providers.policies import Policy, Retry

LIST_BYTES = 4_000_000
LIST_SECONDS = 10.0

D = TypeVar("D", bound=Dialect)


@dataclass(slots=True)
class Line(Generic[D]):
    """One service, for as long as the process lives."""

    name: str
    """As the user calls it."""
    dialect: D
    url: str
    key: str
    client: httpx2.AsyncClient
    retry: Retry
    guarded: Callable[[str], Sequence[Policy]]
    """Policies for a new model; each model has a breaker of its own."""
    _models: dict[str, Sequence[Policy]] = field(default_factory=dict)

    async def fetch(self, request: httpx2.Request, part: Path, limit: int) -> None:
        """Send it and write the body of the answer to `part`. Raises `Failed`."""
        await fetch(self.client, request, part, limit, self.secrets)

    async def models(self, part: Path) -> frozenset[str]:
        """Names of the models that it has; their list goes over `part`. Raises `Failed`."""
        get = self.request("GET", self.dialect.models, timeout=LIST_SECONDS)
        await self.fetch(get, part, LIST_BYTES)
        return await asyncio.to_thread(lambda: self.dialect.known(part.read_bytes()))

    def policies(self, model: str) -> Sequence[Policy]:
        """Those of a model, which last as long as the process."""
        if model not in self._models:
            self._models[model] = self.guarded(model)
        return self._models[model]

    @property
    def secrets(self) -> Secrets:
        return Secrets((self.key,))

    def request(self, method: str, path: str, **more: Any) -> httpx2.Request:
        """To a path below the service's URL; one that begins with `/..` lies beside it."""
        headers = {**self.dialect.headers(self.key), "Accept-Encoding": "identity"}
        base = self.url.rstrip("/")
        if path.startswith("/.."):
            base, path = base.rpartition("/")[0], path.removeprefix("/..")
        return self.client.build_request(method, base + path, headers=headers, **more)
