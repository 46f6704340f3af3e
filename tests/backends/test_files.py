"""The store in a folder."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.backends.files import FileStore
from inkreel.errors import ArtifactLost, DiskFull, OutputNotWritable
from inkreel.model import Degraded
from inkreel.recipes import CLIP, LEVEL, ClipRequest, Level, LevelRequest, Recipe


@pytest.fixture
def store(tmp_path: Path) -> FileStore:
    return FileStore(tmp_path)


def recipe(name: str) -> Recipe[Level]:
    return LEVEL.recipe(LevelRequest((name,)))  # type: ignore[arg-type]


def parts(store: FileStore) -> list[Path]:
    return [path for path in (store.root / "tmp").glob("*/*") if path.name != "lock"]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(data=st.binary(max_size=10_000), key=st.text(min_size=1))
def test_what_is_kept_is_found_and_read_unchanged(store: FileStore, data: bytes, key: str) -> None:
    """For any bytes and any request: keep, find, read give the bytes back, and no temp file."""
    kept = store.keep(recipe(key), data)
    found = store.find(recipe(key))
    assert found is not None
    assert store.read(found.digest) == store.read(kept.digest)
    assert not parts(store)


def test_text_is_compressed_and_media_is_not(store: FileStore) -> None:
    """JSON and PCM lie under zstd, clips as they are."""
    data = b"a" * 100_000
    store.keep(recipe("x"), data)
    assert store.size() < 1_000
    clip = CLIP.recipe(ClipRequest("p", "n", None, (), 0))  # type: ignore[arg-type]
    store.keep(clip, data + b"!")
    assert store.size() > 100_000


@pytest.mark.parametrize("damage", [b"", b"garbage", None])
def test_damaged_bytes_are_never_served(store: FileStore, damage: bytes | None) -> None:
    """A blob that does not match its name is dropped, not found again, and can be made again."""
    kept = store.keep(recipe("x"), b"content")
    (path,) = (store.root / "blobs").glob("*/*")
    path.unlink() if damage is None else path.write_bytes(damage)
    with pytest.raises(ArtifactLost):
        store.read(kept.digest)
    assert store.find(recipe("x")) is None
    again = store.keep(recipe("x"), b"content, made again")
    assert store.read(again.digest) == b"content, made again"
    assert store.find(recipe("x")) == again


def test_an_artifact_needs_all_its_blobs(store: FileStore) -> None:
    """An artifact whose image is gone counts as missing."""
    image = store.put(b"image")
    store.keep(recipe("x"), b"document", (image,), (Degraded("a", "b"),))
    found = store.find(recipe("x"))
    assert found is not None
    assert found.degraded == (Degraded("a", "b"),)
    next((store.root / "blobs").glob(f"*/{image}")).unlink()
    assert store.find(recipe("x")) is None


def test_eviction_keeps_the_last_used(store: FileStore) -> None:
    """Over the limit, what was used longest ago goes first; the rest is still whole."""
    for index in range(10):
        store.keep(recipe(str(index)), os.urandom(10_000))
        path = next((store.root / "index").rglob(recipe(str(index)).key))
        os.utime(path, (time.time() - 1_000 + index,) * 2)
    store.find(recipe("0"))  # used just now
    freed = store.evict(55_000)
    assert 45_000 <= freed <= 60_000
    assert store.size() <= 55_000
    kept = [index for index in range(10) if store.find(recipe(str(index)))]
    assert kept == [0, 6, 7, 8, 9]
    assert all(store.read(store.find(recipe(str(index))).digest) for index in kept)  # type: ignore[union-attr]


def test_old_artifacts_are_made_again(store: FileStore) -> None:
    """Each kind has a maximum age: past it an artifact is neither found nor kept."""
    store.keep(recipe("x"), b"old")
    path = next((store.root / "index").rglob(recipe("x").key))
    record = msgspec.json.decode(path.read_bytes())
    record["created"] -= (LEVEL.max_age_days + 1) * 86_400
    path.write_bytes(msgspec.json.encode(record))
    assert store.find(recipe("x")) is None
    store.evict(10**9)
    assert store.size() == 0


def test_clear_drops_everything(store: FileStore) -> None:
    """After `clear` nothing is found and nothing is stored."""
    store.keep(recipe("x"), b"content")
    assert store.clear() > 0
    assert store.find(recipe("x")) is None
    assert store.size() == 0


KILLED = """
import sys, time
from pathlib import Path
from inkreel.backends.files import FileStore
store = FileStore(Path(sys.argv[1]))
store.scratch.path().write_bytes(b"unfinished")
outside = Path(sys.argv[2]); outside.write_bytes(b"unfinished"); store.scratch.claim(outside)
print("ready", flush=True)
time.sleep(60)
"""


def test_sweep_removes_what_a_killed_process_left_and_nothing_else(tmp_path: Path) -> None:
    """Temp files of a process that was killed go; those of a living one stay."""
    store = FileStore(tmp_path / "store")
    outside = tmp_path / "talk.mp4.part"
    mine = store.scratch.write(b"mine")
    with subprocess.Popen(
        [sys.executable, "-c", KILLED, str(store.root), str(outside)], stdout=subprocess.PIPE
    ) as process:
        assert process.stdout is not None
        process.stdout.readline()
        store.sweep()
        assert outside.exists()
        assert len(parts(store)) == 3
        process.send_signal(signal.SIGKILL)
    store.sweep()
    assert not outside.exists()
    assert parts(store) == [mine]
    store.scratch.close()
    assert not parts(store)


def test_disk_errors_are_told_in_the_users_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A full disk is `disk_full`, a forbidden folder `output_not_writable`; nothing stays."""
    full = FileStore(tmp_path / "full")

    def refuse(self: Path, data: bytes) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_bytes", refuse)
        with pytest.raises(DiskFull):
            full.put(b"x")
    assert not parts(full)
    file = tmp_path / "file"
    file.write_bytes(b"")
    with pytest.raises(OutputNotWritable):
        FileStore(file / "below").put(b"x")
