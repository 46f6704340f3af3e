"""The store in a folder: recipe key → record, digest → bytes. Safe for many processes.

    index/<role>/<2>/<key>       a record (JSON): which digest this recipe made
    blobs/<2>/<digest>[.zst]     bytes, named by the SHA-256 of their plain form
    tmp/<random>/                unfinished files of one living process (see `Scratch`)

Nothing is written in place: a file is finished under `tmp/`, then linked or renamed. Index
entries are put-if-absent; the loser adopts what is there. Blobs are checked by hash at every
read, so a torn or damaged one is noticed, dropped and made again; that is why nothing here is
synced to the platter.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import zstandard

from inkreel.backends.scratch import Scratch
from inkreel.errors import ArtifactLost, DiskFull, OutputNotWritable
from inkreel.model import Artifact, Degraded, Digest, Struct
from inkreel.recipes import STEPS, Recipe, Step

T = TypeVar("T")

_DIGEST = re.compile(r"[0-9a-f]{64}")
UNCLAIMED_SECONDS = 24 * 3600
"""Blobs that no record names (uploads, work in flight) are left alone for this long."""


class Record(Struct, frozen=True):
    """An index entry as it lies on the disk."""

    artifact: Artifact
    created: float
    """Seconds since the epoch; the file's own mtime is the time of its last use."""
    size: int
    """Bytes on the disk of all blobs it names, when it was written."""
    shared: bool = False
    """Whether others find it, too: it lies in the bucket (`bucket/store.py`)."""


class Entry(Struct, frozen=True):
    """A line of `inkreel cache list`."""

    role: str
    key: str
    record: Record
    used: float


class Drop(Struct, frozen=True):
    """Artifacts that are to be made again: of these kinds and with these keys, where any are
    named, and made before this moment."""

    before: float
    roles: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()
    """`role/key`."""

    def holds(self, role: str, key: str, created: float) -> bool:
        """Whether an artifact is among them."""
        return (
            created < self.before
            and (not self.roles or role in self.roles)
            and (not self.names or f"{role}/{key}" in self.names)
        )

    def takes(self, entry: Entry) -> bool:
        """As `FileStore.drop` asks."""
        return self.holds(entry.role, entry.key, entry.record.created)


class FileStore:
    """`Store` in a folder that processes of this machine share."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.scratch = Scratch(root / "tmp")

    # --- Store -----------------------------------------------------------------------------------

    def find(self, recipe: Recipe[Any]) -> Artifact | None:
        record = self.record(recipe)
        return None if record is None else record.artifact

    def keep(
        self,
        recipe: Recipe[Any],
        data: bytes,
        also: tuple[Digest, ...] = (),
        degraded: tuple[Degraded, ...] = (),
    ) -> Artifact:
        digest = self._write_blob(data, compressed=recipe.step.compressed)
        artifact = Artifact(digest, also, degraded)
        size = sum(path.stat().st_size for path in map(self._blob, (digest, *also)) if path)
        part = self._written(Record(artifact, time.time(), size))
        try:
            return self._publish(part, artifact, recipe)
        finally:
            part.unlink(missing_ok=True)

    def put(self, data: bytes) -> Digest:
        return self._write_blob(data, compressed=False)

    def read(self, digest: Digest) -> bytes:
        return self._verified(digest)[1]

    def load(self, digest: Digest, kind: type[T]) -> T:
        data = self.read(digest)
        try:
            return msgspec.msgpack.decode(data, type=kind)
        except msgspec.DecodeError:
            # Right bytes of an older shape: the maker's version should have been raised.
            raise lost(digest) from None

    # --- For who keeps it in step with a bucket --------------------------------------------------

    def record(self, recipe: Recipe[Any]) -> Record | None:
        """What `find` stands on: a record that is young enough and whose bytes are all here."""
        path = self._record_path(recipe.step.role, recipe.key)
        record = self._record(path)
        if record is None or is_aged(record, recipe.step) or not self._whole(record.artifact):
            return None
        with contextlib.suppress(FileNotFoundError, PermissionError):
            os.utime(path)
        return record

    def enter(self, recipe: Recipe[Any], record: Record) -> None:
        """Have this record, whatever was there."""
        part = self._written(record)
        with self._disk():
            self._into(part, self._record_path(recipe.step.role, recipe.key))

    def has(self, digest: Digest) -> bool:
        """Whether these bytes are here, damaged or not."""
        return self._blob(digest) is not None

    def packed(self, digest: Digest) -> bytes:
        """The bytes as they lie here, compressed or not, verified. Raises `ArtifactLost`."""
        return self._verified(digest)[0]

    def take(self, digest: Digest, packed: bytes) -> bool:
        """Keep bytes that were packed elsewhere; False when they are not what they should be."""
        data = unpacked(packed, digest)
        if data is not None:
            self._lay(digest, packed, compressed=data is not packed)
        return data is not None

    # --- Housekeeping ----------------------------------------------------------------------------

    def entries(self) -> Iterator[Entry]:
        """All records, in no order."""
        for path in (self.root / "index").glob("*/??/*"):
            record = self._record(path)
            if record is not None:
                with contextlib.suppress(FileNotFoundError):
                    yield Entry(path.parent.parent.name, path.name, record, path.stat().st_mtime)

    def size(self) -> int:
        """Bytes of all blobs on the disk."""
        return sum(size for _, size, _ in self._blobs())

    def evict(self, max_bytes: int) -> int:
        """Drop records past their kind's age, then the least recently used ones until the blobs
        fit, and the blobs that only they named. Returns the bytes freed."""
        total = 0

        def goes(entry: Entry) -> bool:
            nonlocal total
            step = STEPS.get(entry.role)
            if step is None or is_aged(entry.record, step):
                return True
            if total + entry.record.size > max_bytes:
                return True
            total += entry.record.size
            return False

        return self.drop(goes)

    def drop(self, goes: Callable[[Entry], bool]) -> int:
        """Drop the records of which this says so, asked for the last used first, and the blobs
        that only they named. Returns the bytes freed."""
        now = time.time()
        named: set[str] = set()
        dropped: set[str] = set()
        for entry in sorted(self.entries(), key=lambda entry: entry.used, reverse=True):
            artifact = entry.record.artifact
            if goes(entry):
                self._record_path(entry.role, entry.key).unlink(missing_ok=True)
                dropped.update((artifact.digest, *artifact.also))
            else:
                named.update((artifact.digest, *artifact.also))
        return self._drop(
            path
            for path, _, used in self._blobs()
            if (name := path.name.removesuffix(".zst")) not in named
            and (name in dropped or now - used > UNCLAIMED_SECONDS)
        )

    def clear(self) -> int:
        """Drop everything. Returns the bytes freed."""
        for entry in list(self.entries()):
            self._record_path(entry.role, entry.key).unlink(missing_ok=True)
        return self._drop(path for path, _, _ in self._blobs())

    def sweep(self) -> None:
        """Remove what processes that are gone left unfinished."""
        self.scratch.sweep()

    # --- Paths -----------------------------------------------------------------------------------

    def _record_path(self, role: str, key: str) -> Path:
        return self.root / "index" / role / key[:2] / key

    def _blob(self, digest: Digest) -> Path | None:
        if not is_digest(digest):
            return None
        plain = self.root / "blobs" / digest[:2] / digest
        for path in (plain, plain.with_name(f"{digest}.zst")):
            if path.exists():
                return path
        return None

    def _blobs(self) -> Iterator[tuple[Path, int, float]]:
        for path in (self.root / "blobs").glob("??/*"):
            with contextlib.suppress(FileNotFoundError):
                stat = path.stat()
                yield path, stat.st_size, stat.st_mtime

    # --- Reading and writing ---------------------------------------------------------------------

    def _record(self, path: Path) -> Record | None:
        try:
            return msgspec.json.decode(path.read_bytes(), type=Record)
        except (FileNotFoundError, msgspec.DecodeError):
            return None

    def _whole(self, artifact: Artifact) -> bool:
        return all(self._blob(digest) for digest in (artifact.digest, *artifact.also))

    def _write_blob(self, data: bytes, *, compressed: bool) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        there = self._blob(digest)
        if there is not None:
            with contextlib.suppress(FileNotFoundError, PermissionError):
                os.utime(there)
            return digest
        packed = zstandard.ZstdCompressor(level=3).compress(data) if compressed else data
        self._lay(digest, packed, compressed=compressed)
        return digest

    def _lay(self, digest: Digest, packed: bytes, *, compressed: bool) -> None:
        name = f"{digest}.zst" if compressed else digest
        with self._disk():
            self._into(self.scratch.write(packed), self.root / "blobs" / digest[:2] / name)

    def _verified(self, digest: Digest) -> tuple[bytes, bytes]:
        """The bytes as they lie here, and plain. Damaged ones are dropped."""
        path = self._blob(digest)
        if path is None:
            raise lost(digest)
        try:
            packed = path.read_bytes()
        except FileNotFoundError:
            raise lost(digest) from None
        data = unpacked(packed, digest)
        if data is None:
            path.unlink(missing_ok=True)
            raise lost(digest)
        return packed, data

    def _written(self, record: Record) -> Path:
        with self._disk():
            return self.scratch.write(msgspec.json.encode(record))

    def _publish(self, part: Path, artifact: Artifact, recipe: Recipe[Any]) -> Artifact:
        path = self._record_path(recipe.step.role, recipe.key)
        with self._disk():
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                path.hardlink_to(part)
            except FileExistsError:
                winner = self.find(recipe)
                if winner is not None:
                    return winner
                part.replace(path)
            except OSError as error:
                if error.errno not in (errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK):
                    raise
                part.replace(path)  # a file system without hard links: the last one wins
        return artifact

    def _into(self, part: Path, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.replace(path)

    def _drop(self, paths: Iterable[Path]) -> int:
        freed = 0
        for path in paths:
            with contextlib.suppress(FileNotFoundError):
                freed += path.stat().st_size
                path.unlink()
        return freed

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Say what the disk refuses in the user's words."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    f"No space left for the cache in {self.root}.",
                    hint="Free some space, run `inkreel cache evict 1GB`, or set INKREEL_CACHE.",
                ) from error
            raise OutputNotWritable(
                f"Cannot write to the cache in {self.root}: {error.strerror}.",
                hint="Check the folder's owner and rights, or set INKREEL_CACHE to another one.",
            ) from error


def is_digest(text: str) -> bool:
    """A storyboard may name anything as a picture."""
    return _DIGEST.fullmatch(text) is not None


def is_aged(record: Record, step: Step[Any]) -> bool:
    """Whether it is past the age of its kind."""
    return time.time() - record.created > step.max_age_days * 86_400


def unpacked(packed: bytes, digest: Digest) -> bytes | None:
    """The plain bytes with this hash, whether they lie under zstd or not; None when they are
    damaged. The hash says which, so that no name or header has to."""
    if hashlib.sha256(packed).hexdigest() == digest:
        return packed  # first of all: what a stranger sent is never taken for ours
    try:
        data = zstandard.ZstdDecompressor().decompress(packed)
    except (zstandard.ZstdError, MemoryError):  # the damaged header may name any size
        return None
    return data if hashlib.sha256(data).hexdigest() == digest else None


def lost(digest: Digest) -> ArtifactLost:
    """The error for bytes that are not there."""
    return ArtifactLost(
        f"The store no longer holds {digest[:12]}…, or its bytes are damaged.",
        hint="Run the command again: what is missing is made again.",
    )
