"""What we ask of an object store, and its refusals in our errors.

Few kinds of request and no more, so that any store with conditional puts will do. All are bounded
in time. Once the store was away, those that follow are told so at once for a moment: no thread is
to wait where others just waited in vain.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import obstore
from obstore.exceptions import AlreadyExistsError, BaseError
from obstore.store import from_url

from inkreel.errors import SettingError, Unavailable

if TYPE_CHECKING:
    from obstore.store import ObjectStore

T = TypeVar("T")

CONNECT_SECONDS = 3
READ_SECONDS = 30
"""Between two packets of an answer, which for a part that is sent begins with its last byte."""
WHOLE_SECONDS = 120
"""For one request with all its bytes: at most a part of a large object, or a small one."""
TRIES = 4
TRIES_SECONDS = 15
"""After this nothing is tried again."""
REST_SECONDS = (2.0, 30.0)
"""So long nobody asks a store that was away: at first, and at most when it stays away."""
PART_BYTES = 8 << 20
PARTS_AT_ONCE = 2
"""Of one large object: they bound its memory."""
DROP_AT_ONCE = 1_000


@dataclass(frozen=True, slots=True)
class Seen:
    """An object in a list; `changed` is in seconds since the epoch."""

    key: str
    size: int
    changed: float


class Bucket:
    """A bucket below a prefix: `s3://bucket/prefix`, or `file:///folder`. Where it is, its region
    and credentials come from the usual variables (`AWS_…`). Safe for many threads. Everything
    raises `Unavailable`."""

    def __init__(self, url: str, clock: Callable[[], float] = time.monotonic) -> None:
        self.url = url
        self._clock = clock
        self._remote = _open(url)
        self._lock = threading.Lock()
        self._until = float("-inf")
        self._rests = 0
        self._why = ""

    @property
    def away(self) -> str:
        """Why it rests, now; empty when it does not."""
        with self._lock:
            return self._why if self._clock() < self._until else ""

    def read(self, key: str) -> bytes | None:
        """The whole object, None where there is none."""
        return self._asked(lambda: bytes(obstore.get(self._remote, key).bytes()))

    def seen(self, key: str) -> Seen | None:
        """Its size and age."""
        meta = self._asked(lambda: obstore.head(self._remote, key))
        return None if meta is None else Seen(key, meta["size"], meta["last_modified"].timestamp())

    def write(self, key: str, content: bytes | Path) -> None:
        """Put an object, whatever was there; a large one in parts, whole at the end or not at
        all."""
        self._told(
            lambda: obstore.put(
                self._remote, key, content, chunk_size=PART_BYTES, max_concurrency=PARTS_AT_ONCE
            )
        )

    def create(self, key: str, content: bytes) -> bool:
        """Put a small object unless there is one; False when there is."""
        put = self._told(
            lambda: obstore.put(self._remote, key, content, mode="create"), AlreadyExistsError
        )
        return put is not None

    def drop(self, keys: Iterable[str]) -> None:
        """Remove objects; those that are not there are fine."""
        rest = iter(keys)
        while some := list(islice(rest, DROP_AT_ONCE)):
            self._asked(lambda: obstore.delete(self._remote, some))

    def keys(self, folder: str, after: str = "") -> Iterator[Seen]:
        """All objects below a folder, in the order of their keys; only those behind `after`."""
        pages = obstore.list(
            self._remote, folder.strip("/") or None, offset=after or None, chunk_size=1_000
        )
        while (page := self._asked(lambda: next(pages, None))) is not None:
            for meta in page:
                yield Seen(meta["path"], meta["size"], meta["last_modified"].timestamp())

    def folders(self, folder: str) -> list[str]:
        """The folders right below one, without what lies in them."""
        listed = self._asked(
            lambda: obstore.list_with_delimiter(self._remote, folder.strip("/") or None)
        )
        return [] if listed is None else list(listed["common_prefixes"])

    async def part(self, key: str, first: int, end: int) -> bytes | None:
        """Bytes `[first, end)`, which is not empty."""
        self._check()
        try:
            piece = bytes(await obstore.get_range_async(self._remote, key, start=first, end=end))
        except FileNotFoundError:
            return None
        except (BaseError, OSError) as error:
            raise self._fault(error) from error
        self._rests = 0
        return piece

    def _asked(self, ask: Callable[[], T]) -> T | None:
        """The answer; None where there is no such object."""
        return self._told(ask, FileNotFoundError)

    def _told(self, ask: Callable[[], T], well: type[Exception] | tuple[()] = ()) -> T | None:
        """The answer; None where the store says what is `well` as well."""
        self._check()
        try:
            answer = ask()
        except well:
            return None
        except (BaseError, OSError, ValueError) as error:
            raise self._fault(error) from error
        self._rests = 0
        return answer

    def _check(self) -> None:
        if self.away:
            raise _away(self.url, self._why)

    def _fault(self, error: Exception) -> Unavailable:
        why = " ".join(str(error).partition("Debug source")[0].split())[:300]
        with self._lock:
            now, (first, most) = self._clock(), REST_SECONDS
            if now >= self._until:  # of those that failed together one counts
                self._until, self._why = now + min(most, first * 2.0**self._rests), why
                self._rests += 1
        return _away(self.url, why)


def _away(url: str, why: str) -> Unavailable:
    return Unavailable(
        f"The store {url} cannot be reached: {why}",
        hint="Check INKREEL_STORE, the AWS_ variables and the network; it is tried again.",
    )


def _open(url: str) -> ObjectStore:
    try:
        if url.startswith("file:///"):
            return from_url(url, mkdir=True)
        if url.startswith("s3://"):
            return from_url(
                url,
                client_options={
                    "connect_timeout": timedelta(seconds=CONNECT_SECONDS),
                    "read_timeout": timedelta(seconds=READ_SECONDS),
                    "timeout": timedelta(seconds=WHOLE_SECONDS),
                    "allow_http": _plain(),
                },
                retry_config={
                    "max_retries": TRIES - 1,
                    "retry_timeout": timedelta(seconds=TRIES_SECONDS),
                    "backoff": {
                        "init_backoff": timedelta(seconds=0.1),
                        "max_backoff": timedelta(seconds=2),
                        "base": 2,
                    },
                },
            )
    except (BaseError, OSError, ValueError) as error:
        raise _refused(url, " ".join(str(error).split())[:300]) from error
    raise _refused(url, "it is neither s3://… nor file:///…")


def _plain() -> bool:
    """Whether the operator's own address of the store is not encrypted."""
    names = ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL", "AWS_ENDPOINT")
    return any(os.environ.get(name, "").startswith("http://") for name in names)


def _refused(url: str, why: str) -> SettingError:
    return SettingError(
        f"The setting store = {url!r} is refused: {why}.",
        hint="Write it like s3://bucket/prefix or file:///folder.",
    )
