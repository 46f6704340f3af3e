"""What time takes out of the bucket.

    sweeps/<day>               whoever puts it first does the day's sweep

A record goes a day after it is too old to be found, so that no job that runs loses what it found;
its bytes go with it unless they were put again since; bytes that no record led to go when none can
stand on them any more.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice

import msgspec

from inkreel.backends.bucket.bucket import Bucket, Seen
from inkreel.backends.bucket.store import FRESH_SECONDS, blob_key
from inkreel.backends.files import Record
from inkreel.model import Digest
from inkreel.recipes import STEPS

log = logging.getLogger(__name__)

DAY = 86_400.0
GRACE_SECONDS = DAY
"""No run takes longer."""
LONGEST_SECONDS = max(step.max_age_days for step in STEPS.values()) * DAY
AT_ONCE = 100_000
"""Records that one sweep takes out at most: they bound its memory."""
READERS = 8


def expire(bucket: Bucket, now: float) -> int:
    """The day's sweep, unless somebody did it. Returns how many records went."""
    today = f"sweeps/{time.strftime('%Y-%m-%d', time.gmtime(now))}"
    if not bucket.create(today, b""):
        return 0
    bucket.drop(_older(bucket.keys("sweeps"), now - 2 * DAY))
    bucket.drop(_older(bucket.keys("drops"), now - LONGEST_SECONDS - GRACE_SECONDS))
    gone = list(islice(_aged(bucket, now), AT_ONCE))
    limits = dict(_own_bytes(bucket, gone, now))  # asked before they go
    bucket.drop(gone)
    oldest = now - LONGEST_SECONDS - FRESH_SECONDS - GRACE_SECONDS
    bucket.drop(
        seen.key for seen in bucket.keys("blobs") if seen.changed < limits.get(seen.key, oldest)
    )
    log.info("%d artifacts of %s expired", len(gone), bucket.url)
    return len(gone)


def _older(all_of_them: Iterable[Seen], than: float) -> Iterator[str]:
    return (seen.key for seen in all_of_them if seen.changed < than)


def _aged(bucket: Bucket, now: float) -> Iterator[str]:
    for seen in bucket.keys("index"):
        if seen.changed < _limit(seen.key, now):
            yield seen.key


def _limit(index_key: str, now: float) -> float:
    """A record that was put before this may go."""
    step = STEPS.get(index_key.split("/")[1])
    return now - GRACE_SECONDS - (step.max_age_days * DAY if step else 0.0)


def _own_bytes(bucket: Bucket, keys: list[str], now: float) -> Iterator[tuple[str, float]]:
    """Where the bytes of these records lie, and before when they must have been put to go with
    them. Those that others may stand on, too, are left to the longest age."""
    with ThreadPoolExecutor(READERS) as readers:
        for key, data in zip(keys, readers.map(bucket.read, keys), strict=True):
            try:
                record = msgspec.json.decode(data or b"", type=Record)
            except msgspec.DecodeError:
                continue
            yield blob_key(Digest(record.artifact.digest)), _limit(key, now)
