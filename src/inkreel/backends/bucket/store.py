"""`Store` of many machines: the truth in a bucket, a folder of this machine in front of it.

    index/<role>/<2>/<key>     a record: which digest this recipe made
    blobs/<2>/<digest>         bytes, under zstd or as they are: their hash says which

What was found here once is found again without asking; what others made is fetched whole when it
is found, so that whatever stands on it, children too, reads the folder alone. What is made here
lies in the folder first, marked as not yet shared. It counts when it lies in the bucket: bytes
first, then the record, which is put-if-absent there as it is here; the loser adopts what is there.
"""

from __future__ import annotations

import logging
import threading
import time
from typing import Any, TypeVar

import msgspec
from msgspec.structs import replace

from inkreel.backends.bucket.bucket import Bucket
from inkreel.backends.bucket.drops import catch_up, drop
from inkreel.backends.files import Drop, FileStore, Record, is_aged, is_digest
from inkreel.errors import ArtifactLost, Unavailable
from inkreel.model import Artifact, Degraded, Digest
from inkreel.recipes import Recipe

T = TypeVar("T")

log = logging.getLogger(__name__)

FRESH_SECONDS = 86_400.0
"""Bytes that were put so long ago are put again when something new stands on them, so that their
age in the bucket says how long they may be needed."""
FOLLOW_SECONDS = 60.0
"""How often it is looked what others dropped."""


class BucketStore:
    """`Store` over a bucket; `files` is the folder of this machine."""

    def __init__(self, files: FileStore, bucket: Bucket) -> None:
        self.files = files
        self._bucket = bucket
        self._following = threading.Lock()
        self._followed = float("-inf")

    def find(self, recipe: Recipe[Any]) -> Artifact | None:
        self._follow()
        record = self.files.record(recipe)
        if record is None and recipe.step.max_age_days:
            record = self._fetch(recipe)
        elif record is not None and not record.shared:
            return self.share(recipe)
        return None if record is None else record.artifact

    def keep(
        self,
        recipe: Recipe[Any],
        data: bytes,
        also: tuple[Digest, ...] = (),
        degraded: tuple[Degraded, ...] = (),
    ) -> Artifact:
        self.files.keep(recipe, data, also, degraded)
        return self.share(recipe)

    def share(self, recipe: Recipe[Any]) -> Artifact:
        """Have others find what lies in the folder for this recipe. Returns the artifact that
        won. Raises `ArtifactLost`, `Unavailable`."""
        record = self.files.record(recipe)
        if record is None:
            raise ArtifactLost(f"The {recipe.step.role} that was just made is gone.")
        if record.shared:
            return record.artifact
        for digest in dict.fromkeys((record.artifact.digest, *record.artifact.also)):
            self._send(digest, anew=digest == record.artifact.digest)
        ours = replace(record, shared=True)
        if not self._bucket.create(_index(recipe), msgspec.json.encode(ours)):
            winner = self._fetch(recipe)
            if winner is not None:
                return winner.artifact
            self._bucket.write(_index(recipe), msgspec.json.encode(ours))  # too old, or not whole
        self.files.enter(recipe, ours)
        return ours.artifact

    def put(self, data: bytes) -> Digest:
        digest = self.files.put(data)
        self._send(digest, anew=False)
        return digest

    def read(self, digest: Digest) -> bytes:
        try:
            return self.files.read(digest)
        except ArtifactLost:
            if not self._bring(digest):
                raise
        return self.files.read(digest)

    def load(self, digest: Digest, kind: type[T]) -> T:
        try:
            return self.files.load(digest, kind)
        except ArtifactLost:
            if not self._bring(digest):
                raise
        return self.files.load(digest, kind)

    def bring(self, digest: Digest) -> bool:
        """Have these bytes in the folder; False where nobody has them."""
        return self.files.has(digest) or self._bring(digest)

    def drop(self, what: Drop) -> int:
        """Have these artifacts made again, by all. Returns the bytes freed in the folder."""
        drop(self._bucket, what)
        return self.files.drop(what.takes)

    def _follow(self) -> None:
        """Drop here what others dropped, once a minute; only the first time somebody waits."""
        now, first = time.monotonic(), self._followed == float("-inf")
        if now - self._followed < FOLLOW_SECONDS or not self._following.acquire(blocking=first):
            return
        try:
            if now - self._followed < FOLLOW_SECONDS:  # another one was faster
                return
            self._followed = now
            if first:
                self._catch_up()
            else:
                threading.Thread(target=self._catch_up, name="drops", daemon=True).start()
        finally:
            self._following.release()

    def _catch_up(self) -> None:
        try:
            catch_up(self._bucket, self.files)
        except Unavailable as error:
            log.warning("what others dropped is not known: %s", error.message)

    def _fetch(self, recipe: Recipe[Any]) -> Record | None:
        """What the bucket has for this recipe, with all its bytes, taken into the folder."""
        data = self._bucket.read(_index(recipe))
        if data is None:
            return None
        try:
            record = replace(msgspec.json.decode(data, type=Record), shared=True)
        except msgspec.DecodeError:
            return None
        artifact = record.artifact
        needed = (artifact.digest, *artifact.also)
        if is_aged(record, recipe.step) or not all(map(self.bring, needed)):
            return None
        self.files.enter(recipe, record)
        return record

    def _bring(self, digest: Digest) -> bool:
        key = blob_key(digest)
        packed = self._bucket.read(key) if is_digest(digest) else None
        if packed is None:
            return False
        if not self.files.take(digest, packed):
            self._bucket.drop([key])  # damaged: whoever makes it again puts it again
            return False
        return True

    def _send(self, digest: Digest, *, anew: bool) -> None:
        """Have these bytes in the bucket, young enough for what stands on them from now on. Bytes
        that were made `anew` are not looked for before."""
        key = blob_key(digest)
        if not anew:
            there = self._bucket.seen(key)
            if there is not None and time.time() - there.changed < FRESH_SECONDS:
                return
        self._bucket.write(key, self.files.packed(digest))


def _index(recipe: Recipe[Any]) -> str:
    return f"index/{recipe.step.role}/{recipe.key[:2]}/{recipe.key}"


def blob_key(digest: Digest) -> str:
    """Where bytes lie in the bucket."""
    return f"blobs/{digest[:2]}/{digest}"
