"""What operators have made again: it is taken out of the bucket, and told to all machines.

    drops/<time>-<random>      what was dropped when

The folder of a machine knows up to which of them it followed (`drops` in it), and catches up.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from pathlib import Path

import msgspec

from inkreel.backends.bucket.bucket import Bucket
from inkreel.backends.files import Drop, FileStore

FOLDER = "drops"


def drop(bucket: Bucket, what: Drop) -> None:
    """Take records out of the bucket, and have all machines take them out of their folders. Their
    bytes go when they are too old."""
    bucket.drop(_records(bucket, what))
    name = f"{FOLDER}/{int(time.time() * 1_000):015}-{secrets.token_hex(4)}"
    bucket.write(name, msgspec.json.encode(what))


def _records(bucket: Bucket, what: Drop) -> Iterator[str]:
    if what.names:
        for name in what.names:
            role, _, key = name.partition("/")
            if not what.roles or role in what.roles:
                yield f"index/{role}/{key[:2]}/{key}"
        return
    for folder in [f"index/{role}" for role in sorted(what.roles)] or ["index"]:
        for seen in bucket.keys(folder):
            _, role, _, key = seen.key.split("/")
            if what.holds(role, key, seen.changed):
                yield seen.key


def catch_up(bucket: Bucket, files: FileStore) -> int:
    """Drop from the folder what others dropped since it last caught up. Returns the bytes freed."""
    mark = files.root / FOLDER
    try:
        after = mark.read_text(encoding="ascii")
    except FileNotFoundError:
        after = ""
    told: list[Drop] = []
    for seen in bucket.keys(FOLDER, after):
        data = bucket.read(seen.key)
        told += [msgspec.json.decode(data, type=Drop)] if data else []
        after = seen.key
    freed = files.drop(lambda entry: any(one.takes(entry) for one in told)) if told else 0
    if told:
        _write(files, mark, after)
    return freed


def _write(files: FileStore, mark: Path, name: str) -> None:
    part = files.scratch.write(name.encode("ascii"))
    part.replace(mark)
