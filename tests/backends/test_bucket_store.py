"""The store over a bucket: damage, faults, what is asked of the bucket and what is not."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec
import pytest

from inkreel.backends.bucket import bucket as bucket_module
from inkreel.backends.bucket import store as store_module
from inkreel.backends.bucket.bucket import Bucket, Seen
from inkreel.backends.bucket.store import BucketStore, blob_key
from inkreel.backends.bucket.upkeep import expire
from inkreel.backends.files import Drop, FileStore, Record
from inkreel.entrypoints.doctor import _shared_store
from inkreel.errors import ArtifactLost, SettingError, Unavailable
from inkreel.recipes import LEVEL, Level, LevelRequest, Recipe
from inkreel.settings import Settings
from tests import buckets
from tests.buckets import Faults, Proxy


@dataclass
class Site:
    """A bucket behind a proxy, and machines before it."""

    url: str
    proxy: Proxy
    folder: Path

    def bucket(self) -> Bucket:
        return Bucket(self.url)

    def machine(self, name: str = "") -> BucketStore:
        """A store with a folder of its own, or with the one of this name."""
        return BucketStore(FileStore(self.folder / (name or secrets.token_hex(4))), self.bucket())


@pytest.fixture
def site(s3: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Site]:
    monkeypatch.setattr(bucket_module, "READ_SECONDS", 1)
    monkeypatch.setattr(bucket_module, "TRIES", 2)
    monkeypatch.setattr(bucket_module, "REST_SECONDS", (0.3, 0.3))
    with buckets.proxy_to(s3) as proxy, buckets.environment(**buckets.settings_of(proxy.address)):
        yield Site(f"s3://{buckets.BUCKET}/{secrets.token_hex(8)}", proxy, tmp_path)


def recipe(name: str) -> Recipe[Level]:
    return LEVEL.recipe(LevelRequest((name,)))  # type: ignore[arg-type]


def index_key(name: str) -> str:
    key = recipe(name).key
    return f"index/level/{key[:2]}/{key}"


def test_requests_are_signed(site: Site) -> None:
    """Each names its credential and carries a signature; whether it is right, moto does not see."""
    seen: list[bytes] = []
    original = buckets._head

    def head(stream: object) -> bytes:
        seen.append(original(stream))
        return seen[-1]

    buckets._head, restore = head, original
    try:
        site.machine().put(b"x")
    finally:
        buckets._head = restore
    asked = [one for one in seen if one.startswith((b"PUT", b"HEAD"))]
    assert asked
    assert all(b"AWS4-HMAC-SHA256 Credential=key/" in one for one in asked)


def test_what_is_here_costs_no_request(site: Site) -> None:
    """An artifact is two requests for its maker, two for each machine that finds it the first
    time, and none after that."""
    here, there = site.machine(), site.machine()
    assert here.find(recipe("x")) is None
    site.proxy.forget()
    kept = here.keep(recipe("x"), b"content")
    assert site.proxy.counts == {"PUT": 2}
    site.proxy.forget()
    assert there.find(recipe("x")) == kept
    assert site.proxy.counts == {"GET": 3}  # and what others dropped, once a minute
    site.proxy.forget()
    for store in (here, there):
        assert store.find(recipe("x")) == kept
        assert store.read(kept.digest) == b"content"
    assert site.proxy.counts == {}


@pytest.mark.parametrize("damage", [b"", b"garbage", "cut", None])
def test_bytes_damaged_in_the_bucket_are_never_served(
    site: Site, damage: bytes | str | None
) -> None:
    """They are dropped there, count as lost, are made again, and then found by all."""
    kept = site.machine().keep(recipe("x"), b"content" * 100)
    bucket, key = site.bucket(), blob_key(kept.digest)
    whole = bucket.read(key)
    assert whole is not None
    if damage is None:
        bucket.drop([key])
    else:
        bucket.write(key, whole[:-3] if isinstance(damage, str) else damage)
    there = site.machine()
    assert there.find(recipe("x")) is None
    assert bucket.read(key) is None
    with pytest.raises(ArtifactLost):
        there.read(kept.digest)
    again = there.keep(recipe("x"), b"made again")
    for store in (there, site.machine()):
        assert store.find(recipe("x")) == again
        assert store.read(again.digest) == b"made again"


@pytest.mark.parametrize("damage", [b"", b"{", b"garbage"])
def test_a_damaged_record_is_none(site: Site, damage: bytes) -> None:
    """What cannot be read is made again and replaced."""
    site.machine().keep(recipe("x"), b"content")
    site.bucket().write(index_key("x"), damage)
    there = site.machine()
    assert there.find(recipe("x")) is None
    again = there.keep(recipe("x"), b"again")
    assert site.machine().find(recipe("x")) == again


def test_bytes_damaged_here_are_fetched_again(site: Site) -> None:
    """A damaged or evicted local copy costs a request, not a step."""
    here = site.machine()
    kept = here.keep(recipe("x"), b"content")
    (path,) = (here.files.root / "blobs").glob("*/*")
    for damage in (b"garbage", None):
        path.unlink() if damage is None else path.write_bytes(damage)
        assert here.read(kept.digest) == b"content"
    here.files.clear()
    assert here.find(recipe("x")) == kept


def test_old_records_are_replaced(site: Site) -> None:
    """Past the age of its kind a record of the bucket is neither found nor adopted."""
    site.machine().keep(recipe("x"), b"old")
    bucket = site.bucket()
    record = msgspec.json.decode(bucket.read(index_key("x")) or b"", type=Record)
    aged = msgspec.structs.replace(
        record, created=record.created - (LEVEL.max_age_days + 1) * 86_400
    )
    bucket.write(index_key("x"), msgspec.json.encode(aged))
    there = site.machine()
    assert there.find(recipe("x")) is None
    new = there.keep(recipe("x"), b"new")
    assert site.machine().find(recipe("x")) == new


def test_a_slow_store_is_waited_for(site: Site) -> None:
    """Answers that come late are answers."""
    kept = site.machine().keep(recipe("x"), b"content")
    site.proxy.faults = Faults(delay=0.3)
    assert site.machine().find(recipe("x")) == kept


@pytest.mark.parametrize(
    "faults",
    [
        Faults(refuse=500, times=1),
        Faults(refuse=503, times=1),
        Faults(cut=0, times=1),
        Faults(cut=40, times=1),
        Faults(cut=40, times=1, match="PUT .*index"),
    ],
)
def test_a_passing_fault_is_not_seen(site: Site, faults: Faults) -> None:
    """One refusal, or one answer that breaks off anywhere, is tried again; a put that was done
    unheard is not taken for another's."""
    here = site.machine()
    site.proxy.faults = faults
    kept = here.keep(recipe("x"), b"content")
    site.proxy.faults = Faults(cut=faults.cut, refuse=faults.refuse, times=1)
    there = site.machine()
    assert there.find(recipe("x")) == kept
    assert there.read(kept.digest) == b"content"


@pytest.mark.parametrize("faults", [Faults(refuse=500), Faults(hold=True), Faults(cut=0)])
def test_a_store_that_is_away_is_told_and_what_is_here_is_served(
    site: Site, faults: Faults
) -> None:
    """`unavailable`, to be tried again; found and read is what lies here; whoever follows is told
    at once, without a request; and when it is back, all goes on."""
    here, there = site.machine(), site.machine()
    kept = here.keep(recipe("x"), b"content")
    site.proxy.faults = faults
    with pytest.raises(Unavailable) as told:
        there.find(recipe("x"))
    assert told.value.retryable
    assert site.url in told.value.message
    assert told.value.hint
    site.proxy.forget()
    for attempt in (lambda: there.find(recipe("x")), lambda: there.put(b"y")):
        with pytest.raises(Unavailable):
            attempt()
    assert not site.proxy.requests
    assert here.find(recipe("x")) == kept
    assert here.read(kept.digest) == b"content"
    site.proxy.faults = Faults()
    time.sleep(bucket_module.REST_SECONDS[0])
    assert there.find(recipe("x")) == kept


def test_what_could_not_be_shared_is_shared_when_it_is_found(site: Site) -> None:
    """What was made while the store was away is kept here, and found by all after the next try."""
    here = site.machine()
    site.proxy.faults = Faults(refuse=500)
    with pytest.raises(Unavailable):
        here.keep(recipe("x"), b"content")
    site.proxy.faults = Faults()
    time.sleep(bucket_module.REST_SECONDS[0])
    assert site.machine().find(recipe("x")) is None
    found = here.find(recipe("x"))
    assert found is not None
    assert site.machine().find(recipe("x")) == found


def test_what_lay_here_before_there_was_a_bucket_is_shared(site: Site) -> None:
    """A folder that was used alone goes on, and what it holds is found by others once it is
    found here."""
    alone = FileStore(site.folder / "old")
    kept = alone.keep(recipe("x"), b"content")
    assert site.machine("old").find(recipe("x")) == kept
    assert site.machine().find(recipe("x")) == kept


def test_the_later_of_two_who_could_not_share_adopts_the_winner(site: Site) -> None:
    """Made here unshared, and elsewhere shared meanwhile: the bucket's is the one that counts."""
    here = site.machine()
    here.files.keep(recipe("x"), b"mine")
    winner = site.machine().keep(recipe("x"), b"theirs")
    assert here.find(recipe("x")) == winner
    assert here.find(recipe("x")) == winner
    assert here.read(winner.digest) == b"theirs"


WRITES = """
import sys
from pathlib import Path
from inkreel.backends.bucket import store as store_module
from inkreel.backends.bucket.bucket import Bucket, Seen
from inkreel.backends.bucket.store import BucketStore
from inkreel.backends.files import FileStore
from inkreel.recipes import LEVEL, LevelRequest
store = BucketStore(FileStore(Path(sys.argv[1])), Bucket(sys.argv[2]))
for n in range(1000):
    store.keep(LEVEL.recipe(LevelRequest((str(n),))), b"%d" % n * 100_000)
    print(n, flush=True)
"""


def test_killed_writers_leave_only_whole_artifacts(site: Site) -> None:
    """A process is killed while it writes: whatever the bucket has a record of is whole, and what
    was confirmed is there."""
    for turn in range(2):
        with subprocess.Popen(
            [sys.executable, "-c", WRITES, str(site.folder / f"killed{turn}"), site.url],
            stdout=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            said = [process.stdout.readline() for _ in range(8)]
            time.sleep(0.004 * turn)
            process.send_signal(signal.SIGKILL)
            said += process.stdout.read().splitlines(keepends=True)
        there = site.machine()
        whole = [line for line in said if line.endswith("\n")]
        for number in range(len(whole) + 1):
            found = there.find(recipe(str(number)))
            assert found is not None or number >= len(whole)
            if found is not None:
                assert there.read(found.digest) == b"%d" % number * 100_000


def test_two_processes_race_for_one_key(site: Site) -> None:
    """Both end with the same artifact, on every one of many keys."""
    stores = site.machine(), site.machine()
    won: tuple[list[str], list[str]] = ([], [])
    begin = threading.Barrier(2)

    def make(who: int) -> None:
        for number in range(25):
            begin.wait()
            won[who].append(stores[who].keep(recipe(str(number)), os.urandom(2_000)).digest)

    threads = [threading.Thread(target=make, args=(who,)) for who in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert won[0] == won[1]
    assert len(set(won[0])) == 25


@pytest.mark.parametrize("url", ["", "s3:/x", "ftp://x/y", "films/x", "file://relative", "s3://"])
def test_a_wrong_address_is_refused_at_once(url: str) -> None:
    """The setting is named, with the way to write it."""
    with pytest.raises(SettingError) as told:
        Bucket(url)
    assert "s3://bucket/prefix" in told.value.hint


def listed(bucket: Bucket, folder: str) -> list[str]:
    return [seen.key for seen in bucket.keys(folder)]


def test_expiry_is_by_kind_and_by_one_janitor(site: Site) -> None:
    """A day's sweep is done once. What is too old to be found goes a day later, record and bytes;
    what is younger, or was put again since, stays, and so does what a running job may have
    found."""
    here, bucket = site.machine(), site.bucket()
    old = here.keep(recipe("old"), b"old")
    also = here.put(b"picture")
    here.keep(recipe("pictured"), b"pictured", (also,))
    day, now = 86_400.0, time.time()
    age = LEVEL.max_age_days * day
    assert expire(bucket, now + age + 0.5 * day) == 0  # too old to be found, found a moment ago
    assert site.machine().find(recipe("old")) == old
    assert expire(bucket, now + age + 1.1 * day) == 2
    assert expire(bucket, now + age + 1.2 * day) == 0  # somebody did it
    assert listed(bucket, "index") == []
    assert listed(bucket, "blobs") == [blob_key(also)]  # others may stand on it
    assert expire(bucket, now + age + 3 * day) == 0
    assert listed(bucket, "blobs") == []
    assert len(listed(bucket, "sweeps")) <= 2


def test_bytes_that_were_put_again_outlive_the_record_that_named_them_first(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of two recipes with the same bytes the younger one keeps them."""
    bucket = site.bucket()
    real = bucket.keys
    kept = site.machine().keep(recipe("first"), b"same")
    site.machine().keep(recipe("second"), b"same")
    bucket_time = time.time()
    long_ago = bucket_time - (LEVEL.max_age_days + 2) * 86_400

    def keys(folder: str, after: str = "") -> Iterator[Seen]:
        for seen in real(folder, after):
            aged = seen.key == index_key("first")
            yield Seen(seen.key, seen.size, long_ago if aged else seen.changed)

    monkeypatch.setattr(bucket, "keys", keys)
    assert expire(bucket, bucket_time) == 1
    assert site.machine().find(recipe("first")) is None
    assert site.machine().find(recipe("second")) == kept


def test_what_is_dropped_is_dropped_everywhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """By kind, by key and by age: in the bucket, here, and in the folders of all machines as soon
    as they look, once; what was made since stays."""
    monkeypatch.setattr(store_module, "FOLLOW_SECONDS", 0.0)
    here, there = site.machine(), site.machine()
    for name in "abc":
        here.keep(recipe(name), name.encode())
        there.find(recipe(name))
    one = frozenset({f"level/{recipe('a').key}"})
    here.drop(Drop(time.time() + 1, frozenset(), one))
    settled(there)
    assert [store.find(recipe("a")) for store in (here, there, site.machine())] == [None] * 3
    assert there.find(recipe("b"))
    here.drop(Drop(time.time() - 3_600))
    here.drop(Drop(time.time() + 1, frozenset({"clip"})))
    settled(there)
    assert there.find(recipe("b"))
    here.drop(Drop(time.time() + 1, frozenset({"level"})))
    settled(there)
    assert [there.find(recipe(name)) for name in "abc"] == [None] * 3
    time.sleep(1.1)
    again = there.keep(recipe("a"), b"again")
    settled(there)
    assert there.find(recipe("a")) == again


def settled(store: BucketStore) -> None:
    """It has looked what others dropped."""
    store.find(recipe("nothing"))
    for thread in threading.enumerate():
        if thread.name.startswith("drops"):
            thread.join()


def test_the_doctor_tries_it(site: Site) -> None:
    """It writes, reads, lists and removes, leaves nothing behind, and says what does not work."""
    settings = Settings(cache=site.folder / "cache", store=site.url)
    (found,) = _shared_store(settings)
    assert found.state == "ok", found
    assert not list(site.bucket().keys(""))
    with pytest.raises(Unavailable):
        list(_shared_store(settings.model_copy(update={"store": "s3://another/prefix"})))
