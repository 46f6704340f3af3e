"""The contract of `Store`: in a folder, and over a bucket (a folder that machines share, S3)."""

from __future__ import annotations

import os
import secrets
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.backends.bucket.bucket import Bucket
from inkreel.backends.bucket.store import BucketStore
from inkreel.backends.files import FileStore
from inkreel.errors import ArtifactLost
from inkreel.model import Degraded, Digest
from inkreel.ports import Store
from inkreel.recipes import LEVEL, Level, LevelRequest, Recipe
from tests import buckets

Machine = Callable[[], Store]
"""A store on another machine or in another process: of one truth, as far from us as can be."""


@pytest.fixture(params=["folder", "shared folder", "s3"])
def machine(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Machine]:
    if request.param == "folder":
        yield lambda: FileStore(tmp_path / "store")
        return
    url = f"file://{tmp_path}/bucket"
    with buckets.environment(**buckets.settings_of("")):
        if request.param == "s3":
            os.environ["AWS_ENDPOINT_URL"] = request.getfixturevalue("s3")
            url = f"s3://{buckets.BUCKET}/{secrets.token_hex(8)}/store"
        yield lambda: BucketStore(FileStore(tmp_path / secrets.token_hex(4)), Bucket(url))


@pytest.fixture
def store(machine: Machine) -> Store:
    return machine()


def recipe(name: str) -> Recipe[Level]:
    return LEVEL.recipe(LevelRequest((name,)))  # type: ignore[arg-type]


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None
)
@given(data=st.binary(max_size=10_000), key=st.text(min_size=1))
def test_what_is_kept_is_found_and_read_unchanged(
    machine: Machine, store: Store, data: bytes, key: str
) -> None:
    """For any bytes and any request: keep here, find and read there, and the bytes are those of
    whoever kept some first."""
    kept = store.keep(recipe(key), data)
    other = machine()
    found = other.find(recipe(key))
    assert found == kept
    assert other.read(found.digest) == store.read(kept.digest)


def test_what_is_not_there_is_not_found(store: Store) -> None:
    """No artifact, no bytes: None and `ArtifactLost`."""
    assert store.find(recipe("x")) is None
    with pytest.raises(ArtifactLost):
        store.read(Digest("0" * 64))
    with pytest.raises(ArtifactLost):
        store.load(Digest("0" * 64), Level)


@pytest.mark.parametrize("digest", ["", ".", "..", "a/b", "../../x", "/etc/hostname", "A" * 64])
def test_what_is_no_digest_leads_nowhere(store: Store, digest: str) -> None:
    """A storyboard names pictures by digests, and may say anything."""
    store.put(b"x")
    with pytest.raises(ArtifactLost):
        store.read(Digest(digest))


def test_first_maker_wins(machine: Machine) -> None:
    """Makers are not deterministic: whoever comes second adopts what is there, wherever he is."""
    here, there = machine(), machine()
    first = here.keep(recipe("x"), b"one")
    assert there.keep(recipe("x"), b"two") == first
    assert there.find(recipe("x")) == here.find(recipe("x")) == first
    assert there.read(first.digest) == b"one"


def test_of_many_makers_at_once_one_wins(machine: Machine) -> None:
    """Eight makers, each with bytes of its own, end with one artifact."""
    stores, won = [machine() for _ in range(8)], []
    begin = threading.Barrier(len(stores))

    def make(number: int) -> None:
        begin.wait()
        won.append(stores[number].keep(recipe("x"), b"%d" % number * 1_000).digest)

    threads = [threading.Thread(target=make, args=(n,)) for n in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    found = machine().find(recipe("x"))
    assert found is not None
    assert set(won) == {found.digest}


def test_an_artifact_comes_with_all_it_stands_on(machine: Machine) -> None:
    """Further bytes and what it fell back on are found elsewhere, too."""
    here, there = machine(), machine()
    image = here.put(b"image")
    here.keep(recipe("x"), b"document", (image,), (Degraded("a", "b"),))
    found = there.find(recipe("x"))
    assert found is not None
    assert found.degraded == (Degraded("a", "b"),)
    assert found.also == (image,)
    assert there.read(image) == b"image"


def test_what_a_stranger_compressed_is_left_alone(machine: Machine) -> None:
    """Bytes that look like ours under zstd are kept as they came."""
    sent = bytes.fromhex("28b52ffd") + b"\xff" * 50
    digest = machine().put(sent)
    assert machine().read(digest) == sent


def test_many_small_ones_and_a_large_one(machine: Machine) -> None:
    """Dozens of artifacts, and one of many megabytes, which goes in parts."""
    here, there = machine(), machine()
    for number in range(60):
        here.keep(recipe(str(number)), b"%d" % number)
    for number in range(0, 60, 7):
        found = there.find(recipe(str(number)))
        assert found is not None
        assert there.read(found.digest) == b"%d" % number
    large = os.urandom(20_000_000)
    assert there.read(here.put(large)) == large
