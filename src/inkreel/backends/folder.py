"""`Objects` in a folder: uploads and results, each durable and whole under its key.

    <key>              a file; keys are paths with /
    tmp/<random>/      unfinished files of one living process (see `Scratch`)

A file is synced, renamed to its key, and its folder synced: what has a key survives loss of
power. What a dead process left unfinished is swept by the next one that starts.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import os
import re
import shutil
from collections.abc import AsyncGenerator, Iterator
from itertools import takewhile
from pathlib import Path
from typing import BinaryIO

from inkreel.backends.scratch import Scratch
from inkreel.errors import DiskFull, NotFound, Unavailable

SCRATCH = "tmp"
PIECE_BYTES = 1 << 18
"""Of a stream."""

_NAME = r"[0-9A-Za-z_-][0-9A-Za-z._-]{0,199}"
_KEY = re.compile(rf"(?!{SCRATCH}(?:/|$)){_NAME}(?:/{_NAME})*")
"""No name begins with a dot, none is empty: a key never leads out of the folder."""


class FolderObjects:
    """`Objects` that processes of this machine share. Those that are not `durable` may be lost with
    the power: they are not synced."""

    def __init__(self, root: Path, *, durable: bool = True) -> None:
        self.root = root
        self._durable = durable
        self._scratch = Scratch(root / SCRATCH)

    def place(self, key: str, file: Path) -> None:
        path = self._path(key)
        with self._disk():
            if self._beside(file):
                self._into(file, path)
                return
            part = self._scratch.path()
            try:
                shutil.copyfile(file, part)  # a file of another file system cannot be renamed
                self._into(part, path)
            finally:
                part.unlink(missing_ok=True)
            file.unlink()

    def write(self, key: str, data: bytes) -> None:
        path = self._path(key)
        with self._disk():
            part = self._scratch.write(data)
            try:
                self._into(part, path)
            finally:
                part.unlink(missing_ok=True)

    def read(self, key: str) -> bytes:
        try:
            return self._path(key).read_bytes()
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise unknown() from None

    def size(self, key: str) -> int | None:
        path = self._path(key)
        try:
            return path.stat().st_size if path.is_file() else None
        except FileNotFoundError:
            return None

    async def stream(self, key: str, first: int, end: int) -> AsyncGenerator[bytes, None]:
        opening = asyncio.ensure_future(asyncio.to_thread(self._opened, key, first))
        try:
            file = await asyncio.shield(opening)
        except asyncio.CancelledError:  # the thread goes on
            opening.add_done_callback(_close)
            raise
        with file:
            while first < end:
                piece = await asyncio.to_thread(file.read, min(PIECE_BYTES, end - first))
                if not piece:
                    raise unknown()
                yield piece
                first += len(piece)

    def scratch(self) -> Path:
        with self._disk():
            return self._scratch.path()

    def drop(self, prefix: str) -> None:
        for path in list(self._below(prefix)):
            path.unlink(missing_ok=True)
            with contextlib.suppress(OSError):  # not empty: others lie there still
                path.parent.rmdir()

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        for path in self._below(prefix):
            with contextlib.suppress(FileNotFoundError):
                yield path.relative_to(self.root).as_posix(), path.stat().st_size

    def free(self) -> int:
        folder = self.root
        while not folder.exists():
            folder = folder.parent
        return shutil.disk_usage(folder).free

    def sweep(self) -> None:
        """Remove what dead processes left unfinished."""
        self._scratch.sweep()

    def close(self) -> None:
        """Remove what this process left unfinished."""
        self._scratch.close()

    # --- The folder ------------------------------------------------------------------------------

    def _path(self, key: str) -> Path:
        return self.root / checked(key)

    def _opened(self, key: str, first: int) -> BinaryIO:
        try:
            file = self._path(key).open("rb")
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
            raise unknown() from None
        file.seek(first)
        return file

    def _below(self, prefix: str) -> Iterator[Path]:
        """Files whose keys begin with this; "" names all."""
        if prefix:
            checked(prefix.removesuffix("/"))
        start = self.root / prefix.rpartition("/")[0]
        for folder, folders, names in os.walk(start):  # what vanishes meanwhile is passed over
            if folder == os.fspath(self.root) and SCRATCH in folders:
                folders.remove(SCRATCH)
            for name in names:
                path = Path(folder, name)
                if path.relative_to(self.root).as_posix().startswith(prefix):
                    yield path

    def _beside(self, file: Path) -> bool:
        self.root.mkdir(parents=True, exist_ok=True)
        return file.stat().st_dev == self.root.stat().st_dev

    def _into(self, part: Path, path: Path) -> None:
        """Sync, rename, sync all folders on the way. A folder that `drop` removes under our hands
        is made again."""
        self._sync(part)
        for _ in range(3):
            new = list(takewhile(lambda folder: not folder.exists(), path.parents))
            path.parent.mkdir(parents=True, exist_ok=True)
            try:
                part.replace(path)
            except FileNotFoundError:
                if not part.exists():
                    raise
                continue
            for folder in (path.parent, *(folder.parent for folder in new)):
                self._sync(folder)
            return
        raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))

    def _sync(self, path: Path) -> None:
        if self._durable:
            _sync(path)

    @contextlib.contextmanager
    def _disk(self) -> Iterator[None]:
        """Say what the disk refuses in the user's words."""
        try:
            yield
        except OSError as error:
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                raise DiskFull(
                    f"No space left in {self.root}.",
                    hint="Free some space or delete videos; the service goes on by itself.",
                ) from error
            raise Unavailable(
                f"Cannot write to {self.root}: {error.strerror}.",
                hint="Check the folder's owner and rights, or set INKREEL_DATA to another one.",
            ) from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checked(key: str) -> str:
    """The key, if it can be one. Raises `NotFound`."""
    if not _KEY.fullmatch(key):
        raise unknown()
    return key


def unknown() -> NotFound:
    """The error for a key that names nothing."""
    return NotFound("There is no such file.", hint="Check its name.")


def _close(opening: asyncio.Future[BinaryIO]) -> None:
    if not opening.cancelled() and opening.exception() is None:
        opening.result().close()
