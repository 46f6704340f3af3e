"""The contract of `Objects`: in a folder, and over a bucket (a folder that machines share, S3)."""

from __future__ import annotations

import asyncio
import os
import secrets
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from inkreel.backends.bucket.bucket import Bucket
from inkreel.backends.bucket.objects import BucketObjects
from inkreel.backends.folder import FolderObjects
from inkreel.errors import NotFound
from inkreel.job import board_key, folder_key, new_job_id, result_key, source_key, thumbnail_key
from inkreel.model import Digest
from inkreel.ports import Objects
from tests import buckets

JOB = new_job_id(1_800_000_000.0)
OTHER = new_job_id(1_800_000_001.0)
DIGEST = Digest("a" * 64)

Machine = Callable[[], Objects]
"""Objects of one service, as another machine or process has them."""


@pytest.fixture(params=["folder", "shared folder", "s3"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    with ExitStack() as stack:
        url = f"file://{tmp_path}/bucket"
        if request.param == "s3":
            address = request.getfixturevalue("s3")
            stack.enter_context(buckets.environment(**buckets.settings_of(address)))
            url = f"s3://{buckets.BUCKET}/{secrets.token_hex(8)}"

        def machine() -> FolderObjects | BucketObjects:
            if request.param == "folder":
                objects: FolderObjects | BucketObjects = FolderObjects(tmp_path / "objects")
            else:
                objects = BucketObjects(Bucket(url), tmp_path / secrets.token_hex(4))
            stack.callback(objects.close)
            return objects

        yield machine


@pytest.fixture
def objects(machine: Machine) -> Objects:
    return machine()


def streamed(objects: Objects, key: str, first: int, end: int) -> bytes:
    async def read() -> bytes:
        return b"".join([piece async for piece in objects.stream(key, first, end)])

    return asyncio.run(read())


def test_every_key_of_a_job_can_be_used(machine: Machine) -> None:
    """What is written or placed here is read there, listed with its size, and gone when dropped;
    other jobs' objects stay."""
    here, there = machine(), machine()
    keys = [
        source_key(JOB),
        board_key(JOB, DIGEST),
        result_key(JOB, DIGEST, "video"),
        thumbnail_key(JOB, DIGEST),
    ]
    for key in keys:
        here.write(key, key.encode())
    part = here.scratch()
    part.write_bytes(b"other")
    other = source_key(OTHER)
    here.place(other, part)
    assert not part.exists()
    for key in keys:
        assert there.read(key) == key.encode()
        assert there.size(key) == len(key)
        assert streamed(there, key, 0, len(key)) == key.encode()
    assert sorted(there.sizes(folder_key(JOB))) == sorted((key, len(key)) for key in keys)
    assert len(list(there.sizes(""))) == 5
    there.drop(folder_key(JOB))
    there.drop(folder_key(JOB))
    assert list(here.sizes("")) == [(other, 5)]
    for key in keys:
        assert here.size(key) is None
        with pytest.raises(NotFound):
            here.read(key)
        with pytest.raises(NotFound):
            streamed(here, key, 0, 1)


def test_one_key_is_dropped_alone(objects: Objects) -> None:
    """A whole key is a prefix, too, of itself and of what begins so."""
    for name in ("a.video", "a.video2", "b.video"):
        objects.write(f"videos/{JOB}/{name}", b"x")
    objects.drop(f"videos/{JOB}/b.video")
    objects.drop(f"videos/{JOB}/none")
    assert sorted(key for key, _ in objects.sizes("")) == [
        f"videos/{JOB}/a.video",
        f"videos/{JOB}/a.video2",
    ]
    objects.drop(f"videos/{JOB}/a.video")
    assert list(objects.sizes("")) == []


def test_a_new_object_replaces_the_old_one(machine: Machine) -> None:
    """Whoever reads is given one or the other, whole."""
    here, there = machine(), machine()
    here.write("videos/x/source", b"old" * 1_000)
    assert there.read("videos/x/source") == b"old" * 1_000
    here.write("videos/x/source", b"new")
    assert there.read("videos/x/source") == b"new"
    assert there.size("videos/x/source") == 3


def test_any_part_of_a_large_object_is_streamed(machine: Machine) -> None:
    """Of a film of 20 MB that one machine placed another one reads the head, the tail, and what
    lies across pieces, in pieces that stay small."""
    film = os.urandom(20_000_001)
    here, there = machine(), machine()
    part = here.scratch()
    part.write_bytes(film)
    here.place("videos/x/film", part)
    assert there.size("videos/x/film") == len(film)
    for first, end in ((0, 1), (0, len(film)), (5_000_000, 9_000_003), (20_000_000, 20_000_001)):
        assert streamed(there, "videos/x/film", first, end) == film[first:end]
    assert streamed(there, "videos/x/film", 7, 7) == b""

    async def largest() -> int:
        pieces = [len(one) async for one in there.stream("videos/x/film", 0, len(film))]
        return max(pieces)

    assert asyncio.run(largest()) <= 4_000_000


HOSTILE = [
    "",
    "/",
    ".",
    "..",
    "../x",
    "a/../b",
    "a/..",
    "/etc/passwd",
    "a//b",
    "a/",
    "a\\b",
    "a\0b",
    "a\nb",
    "a b",
    "~/x",
    "C:/x",
    ".hidden",
    "a/.hidden",
    "tmp",
    "tmp/x/y",
    "ä",
    "a" * 300,
    "a/%2e%2e/b",
    "$(x)",
    "a\n",
]


@pytest.mark.parametrize("key", HOSTILE)
def test_hostile_keys_are_unknown(objects: Objects, tmp_path: Path, key: str) -> None:
    """A key that could lead elsewhere is answered like one that is not there, by every method."""
    secret = tmp_path / "x"
    secret.write_bytes(b"secret")
    part = objects.scratch()
    part.write_bytes(b"part")
    for attempt in (
        lambda: objects.read(key),
        lambda: objects.size(key),
        lambda: objects.write(key, b"evil"),
        lambda: objects.place(key, part),
        lambda: streamed(objects, key, 0, 1),
    ):
        with pytest.raises(NotFound):
            attempt()
    if key and not key.endswith("/"):
        with pytest.raises(NotFound):
            objects.drop(key)
    assert secret.read_bytes() == b"secret"
    assert part.exists()


def test_listing_bears_what_vanishes(objects: Objects) -> None:
    """Objects that others drop while they are listed are passed over, or were listed before."""
    for n in range(20):
        objects.write(f"videos/{n}/source", b"x")
    listing = objects.sizes("videos/")
    next(listing)
    objects.drop("videos/")
    assert all(size == 1 for _, size in listing)
    objects.drop("videos/")
    assert list(objects.sizes("nothing/")) == []


def test_many_write_and_drop_at_once(machine: Machine) -> None:
    """Eight processes with a job each: every job's objects are all there, or all gone."""
    jobs = [new_job_id(1_800_000_000.0 + n) for n in range(8)]

    def work(number: int) -> None:
        mine = machine()
        for each in range(12):
            mine.write(f"videos/{jobs[number]}/{each}", b"%d" % each)
        if number % 2:
            mine.drop(folder_key(jobs[number]))

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = {f"videos/{jobs[n]}/{each}" for n in range(0, 8, 2) for each in range(12)}
    assert {key for key, _ in machine().sizes("videos/")} == kept
