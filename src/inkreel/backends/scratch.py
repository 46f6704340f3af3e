"""Unfinished files of one process, found and removed by the next one after a crash.

Each process has a folder of its own below `tmp/`, with a lock that the kernel releases when the
process ends, however it ends. A folder whose lock is free belongs to nobody: `sweep` removes it,
and with it the unfinished files elsewhere (beside a user's output) that it had claimed.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import secrets
import shutil
import sys
import time
import weakref
from collections.abc import Callable
from pathlib import Path

BIRTH = 60.0
"""Seconds after which a folder that never got its name is nobody's."""
CLAIMS = "claims"
LOCK = "lock"


def _try_lock(descriptor: int) -> bool:
    try:
        if sys.platform == "win32":  # pragma: no cover
            import msvcrt

            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True


class Scratch:
    """Temp files below `root`; nothing is created before the first one is asked for."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._folder: Path | None = None
        self._numbers = itertools.count()
        self._unlock: Callable[[], object] = lambda: None

    @property
    def folder(self) -> Path:
        """This process's own folder, locked while it lives."""
        if self._folder is None:
            folder = self._root / secrets.token_hex(8)
            # Locked under a name that `sweep` leaves alone at first: never seen unlocked.
            hidden = self._root / f".{folder.name}"
            hidden.mkdir(parents=True)
            lock = os.open(hidden / LOCK, os.O_RDWR | os.O_CREAT)
            _try_lock(lock)
            self._unlock = weakref.finalize(self, os.close, lock)
            hidden.rename(folder)
            self._folder = folder
        return self._folder

    def path(self) -> Path:
        """A new name in this process's folder."""
        return self.folder / str(next(self._numbers))

    def write(self, data: bytes) -> Path:
        """A new temp file with these bytes; it is gone again when writing fails."""
        path = self.path()
        try:
            path.write_bytes(data)
        except OSError:
            path.unlink(missing_ok=True)
            raise
        return path

    def claim(self, path: Path) -> None:
        """Have `path`, a temp file outside, removed by a later sweep if this process dies."""
        with (self.folder / CLAIMS).open("a", encoding="utf-8") as claims:
            claims.write(f"{os.path.abspath(path)}\n")  # noqa: PTH100  absolute, links kept

    def close(self) -> None:
        """Remove this process's folder and what it still claims."""
        if self._folder is not None:
            self._remove(self._folder)
            self._folder = None
        self._unlock()

    def sweep(self) -> None:
        """Remove the folders of processes that are gone."""
        for folder in self._root.glob("*"):
            if folder == self._folder:
                continue
            with contextlib.suppress(FileNotFoundError):
                if folder.name.startswith(".") and time.time() - folder.stat().st_mtime < BIRTH:
                    continue
                with (folder / LOCK).open("r+b") as lock:
                    if not _try_lock(lock.fileno()):
                        continue
                self._remove(folder)

    def _remove(self, folder: Path) -> None:
        with contextlib.suppress(FileNotFoundError):
            for line in (folder / CLAIMS).read_text(encoding="utf-8").splitlines():
                with contextlib.suppress(OSError):
                    Path(line).unlink()
        shutil.rmtree(folder, ignore_errors=True)
