"""`Workers` whose children know nothing of the bucket, its address or its keys.

A child reads and writes the folder of its machine. What its request names is brought there before,
and what it made is shared after it; a child that parses a stranger's bytes holds no key to
everybody's.
"""

from __future__ import annotations

import asyncio
import re
from typing import Any

from inkreel.backends.bucket.store import BucketStore
from inkreel.model import Artifact, Digest
from inkreel.ports import Rank, Workers
from inkreel.recipes import Recipe

_DIGESTS = re.compile(rb'"([0-9a-f]{64})"')


class BucketWorkers:
    """`Workers` over a bucket; those within run over its folder."""

    def __init__(self, workers: Workers, store: BucketStore) -> None:
        self._workers = workers
        self._store = store

    async def run(self, recipe: Recipe[Any], rank: Rank = ()) -> Artifact:
        await asyncio.to_thread(self._bring, recipe)
        artifact = await self._workers.run(recipe, rank)
        if not recipe.step.max_age_days:
            return artifact
        return await asyncio.to_thread(self._store.share, recipe)

    async def close(self) -> None:
        await self._workers.close()

    def _bring(self, recipe: Recipe[Any]) -> None:
        """What is nowhere is missed by the step itself."""
        for digest in _DIGESTS.findall(recipe.body):
            self._store.bring(Digest(digest.decode()))
