"""Settings → where artifacts, uploads and results lie: folders of this machine, or a bucket."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from inkreel.backends.files import Drop, FileStore
from inkreel.backends.folder import FolderObjects
from inkreel.errors import SettingError
from inkreel.ports import Objects, Store, Workers
from inkreel.settings import Settings

if TYPE_CHECKING:
    from inkreel.backends.bucket.bucket import Bucket

EXTRA = "Install it with its extra, in a checkout: pip install '.[s3]'"


class OpenObjects(Objects, Protocol):
    """Objects with the unfinished files of this machine."""

    def sweep(self) -> None:
        """Remove what dead processes left unfinished."""

    def close(self) -> None:
        """Remove what this process left unfinished."""


@dataclass(frozen=True, slots=True)
class Storage:
    """Where artifacts lie: `files` is the folder of this machine, where children work and which
    is kept to its size; `store` is who is asked, the same without a bucket."""

    files: FileStore
    store: Store
    around: Callable[[Workers], Workers]
    """Has workers over `files` work for `store`."""
    expire: Callable[[], object]
    """Removes from the bucket what is too old. Blocks."""
    drop: Callable[[Drop], int]
    """Has artifacts made again. Returns the bytes freed here. Blocks."""
    bucket: Bucket | None = None

    def away(self) -> str:
        """Why the bucket cannot be reached, as far as is known; empty: it can, or there is none."""
        return "" if self.bucket is None else self.bucket.away


def open_storage(settings: Settings) -> Storage:
    """The store of the settings. Raises `SettingError`."""
    files = FileStore(settings.cache)
    bucket = _open_bucket(settings)
    if bucket is None:
        return Storage(
            files,
            files,
            around=lambda workers: workers,
            expire=lambda: None,
            drop=lambda what: files.drop(what.takes),
        )
    from inkreel.backends.bucket import upkeep
    from inkreel.backends.bucket.store import BucketStore
    from inkreel.backends.bucket.workers import BucketWorkers

    store = BucketStore(files, bucket)
    return Storage(
        files,
        store,
        around=lambda workers: BucketWorkers(workers, store),
        expire=lambda: upkeep.expire(bucket, time.time()),
        drop=store.drop,
        bucket=bucket,
    )


def open_objects(settings: Settings, bucket: Bucket | None) -> OpenObjects:
    """Uploads and results."""
    here = settings.data / "objects"
    if bucket is None:
        return FolderObjects(here)
    from inkreel.backends.bucket.objects import BucketObjects

    return BucketObjects(bucket, here)


def _open_bucket(settings: Settings) -> Bucket | None:
    """The bucket that the settings name, if they do. Raises `SettingError`."""
    if not settings.store:
        return None
    try:
        from inkreel.backends.bucket.bucket import Bucket
    except ImportError as error:
        raise SettingError(
            f"The store {settings.store} needs a library ({error.name}).", hint=EXTRA
        ) from error
    return Bucket(settings.store)
