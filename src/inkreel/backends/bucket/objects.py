"""`Objects` in a bucket: uploads and results, each whole under its key, the same for all machines.

    objects/<key>      an object; keys are paths with /

Nothing is copied to this machine but unfinished files, so that any process serves any part of any
result, however large, at once.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterator
from pathlib import Path

from inkreel.backends.bucket.bucket import Bucket
from inkreel.backends.folder import FolderObjects, checked, unknown

ROOT = "objects/"
STREAM_BYTES = (1 << 18, 1 << 21)
"""Of the first piece of a stream, which players wait for, and of the largest; each is twice the
one before. So much memory a stream takes, and no connection while its reader is slow."""


class BucketObjects:
    """`Objects` over a bucket; `here` is a folder of this machine for unfinished files."""

    def __init__(self, bucket: Bucket, here: Path) -> None:
        self._bucket = bucket
        self._here = FolderObjects(here, durable=False)

    def place(self, key: str, file: Path) -> None:
        self._bucket.write(_key(key), file)
        file.unlink()

    def write(self, key: str, data: bytes) -> None:
        self._bucket.write(_key(key), data)

    def read(self, key: str) -> bytes:
        data = self._bucket.read(_key(key))
        if data is None:
            raise unknown()
        return data

    def size(self, key: str) -> int | None:
        seen = self._bucket.seen(_key(key))
        return None if seen is None else seen.size

    async def stream(self, key: str, first: int, end: int) -> AsyncGenerator[bytes, None]:
        most, largest = STREAM_BYTES
        while first < end:
            piece = await self._bucket.part(_key(key), first, min(first + most, end))
            if not piece:
                raise unknown()
            yield piece
            first += len(piece)
            most = min(2 * most, largest)

    def drop(self, prefix: str) -> None:
        self._bucket.drop(ROOT + key for key, _ in self.sizes(prefix))

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        if prefix:
            checked(prefix.removesuffix("/"))
        folder = ROOT + prefix.rpartition("/")[0]
        for seen in self._bucket.keys(folder):
            key = seen.key.removeprefix(ROOT)
            if key.startswith(prefix):
                yield key, seen.size

    def scratch(self) -> Path:
        return self._here.scratch()

    def free(self) -> int:
        return self._here.free()

    def sweep(self) -> None:
        """Remove what dead processes of this machine left unfinished."""
        self._here.sweep()

    def close(self) -> None:
        """Remove what this process left unfinished."""
        self._here.close()


def _key(key: str) -> str:
    return ROOT + checked(key)
