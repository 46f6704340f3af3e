"""Bytes on the disk, counted now and then: walking a large folder for every look is waste."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from inkreel.backends.files import FileStore
    from inkreel.ports import Objects

KEPT_SECONDS = 15.0


class Sizes:
    """Of the objects, the store, and what is free."""

    def __init__(self, objects: Objects, store: FileStore) -> None:
        self._objects = objects
        self._store = store
        self._known: dict[str, int] = {}
        self._counted = float("-inf")
        self._lock = asyncio.Lock()

    async def look(self, *, now: bool = False) -> dict[str, int]:
        """`objects`, `store` and `free`, in bytes; at most 15 s old."""
        async with self._lock:
            if now or time.monotonic() - self._counted > KEPT_SECONDS:
                self._known = await asyncio.to_thread(self._count)
                self._counted = time.monotonic()
            return {**self._known, "free": await asyncio.to_thread(self._objects.free)}

    def _count(self) -> dict[str, int]:
        return {
            "objects": sum(size for _, size in self._objects.sizes("")),
            "store": self._store.size(),
        }
