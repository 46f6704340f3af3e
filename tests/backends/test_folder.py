"""`Objects` in a folder: durable, never outside, and what a full disk does."""

from __future__ import annotations

import errno
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.backends import folder as folder_module
from inkreel.backends.folder import FolderObjects
from inkreel.errors import DiskFull, NotFound, Unavailable
from inkreel.job import new_job_id
from inkreel.model import Digest

JOB = new_job_id(1_800_000_000.0)
DIGEST = Digest("a" * 64)


@pytest.fixture
def objects(tmp_path: Path) -> Iterator[FolderObjects]:
    objects = FolderObjects(tmp_path / "objects")
    yield objects
    objects.close()


def files(root: Path) -> list[Path]:
    return [path for path in root.rglob("*") if path.is_file() and path.name != "lock"]


def test_a_new_object_replaces_the_old_one(objects: FolderObjects) -> None:
    """Whoever has the old one open goes on reading it whole."""
    objects.write("videos/x/source", b"old" * 100_000)
    with (objects.root / "videos/x/source").open("rb") as reader:
        start = reader.read(3)
        objects.write("videos/x/source", b"new")
        assert start + reader.read() == b"old" * 100_000
    assert objects.read("videos/x/source") == b"new"


@settings(
    suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300, deadline=None
)
@given(key=st.text(st.sampled_from("ab./\\~%\0\n -_:*?"), max_size=12) | st.text(max_size=20))
def test_no_key_leaves_the_folder(objects: FolderObjects, tmp_path: Path, key: str) -> None:
    """For any key: it is refused, or lies below the root and is listed under its own name."""
    try:
        objects.write(key, b"x")
    except (NotFound, Unavailable):  # "a" is a file already where "a/b" is asked for
        pass
    else:
        assert (key, 1) in list(objects.sizes(""))
        assert objects.read(key) == b"x"
    inside = objects.root.resolve()
    assert all(inside in path.resolve().parents for path in files(tmp_path))


def test_links_are_not_followed_by_listing(objects: FolderObjects, tmp_path: Path) -> None:
    """Dropping a prefix removes no file that lies elsewhere."""
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "precious").write_bytes(b"p")
    objects.write("videos/x/source", b"x")
    (objects.root / "videos/x/link").symlink_to(outside)
    objects.drop("videos/")
    assert (outside / "precious").exists()


def test_a_full_disk_leaves_nothing_behind(
    objects: FolderObjects, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`DiskFull` with a hint; no object, no temp file; the next attempt with room succeeds."""

    def full(*_arguments: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    objects.write("videos/x/old", b"old")
    with monkeypatch.context() as patch:
        patch.setattr(folder_module, "_sync", full)
        with pytest.raises(DiskFull) as refusal:
            objects.write("videos/x/new", b"new")
        part = objects.scratch()
        part.write_bytes(b"part")
        with pytest.raises(DiskFull):
            objects.place("videos/x/new", part)
    assert refusal.value.hint
    assert objects.size("videos/x/new") is None
    assert files(objects.root) == [objects.root / "videos/x/old", part] or files(objects.root) == [
        part,
        objects.root / "videos/x/old",
    ]
    objects.place("videos/x/new", part)
    assert objects.read("videos/x/new") == b"part"


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(folder)], capture_output=True
    )
    if mounted.returncode != 0:
        pytest.skip("mounting needs rights")
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


def test_a_really_full_disk_is_told(small_disk: Path, tmp_path: Path) -> None:
    """Writing there, or moving there from another file system, is refused and leaves nothing."""
    objects = FolderObjects(small_disk / "objects")
    assert objects.free() <= 1_000_000_000
    with pytest.raises(DiskFull):
        objects.write("videos/x/source", b"x" * 2_000_000)
    elsewhere = tmp_path / "big"
    elsewhere.write_bytes(b"x" * 2_000_000)
    with pytest.raises(DiskFull):
        objects.place("videos/x/source", elsewhere)
    assert elsewhere.exists()
    assert files(objects.root) == []
    small = tmp_path / "small"
    small.write_bytes(b"small")
    objects.place("videos/x/source", small)
    assert objects.read("videos/x/source") == b"small"
    assert not small.exists()
    objects.close()


def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    """The refusal says where, why and what to check."""
    (tmp_path / "file").write_bytes(b"")
    objects = FolderObjects(tmp_path / "file" / "objects")
    with pytest.raises(Unavailable, match="objects"):
        objects.write("a", b"x")


PLACES = """
import sys
from pathlib import Path
from inkreel.backends.folder import FolderObjects
objects = FolderObjects(Path(sys.argv[1]))
n = 0
while True:
    part = objects.scratch()
    part.write_bytes(b"%d" % (n % 10) * 300_000)
    objects.place(f"videos/x/{n}", part)
    sys.stdout.write(f"{n}\\n")
    sys.stdout.flush()
    n += 1
"""


def test_killed_writers_leave_only_whole_objects(tmp_path: Path) -> None:
    """Processes are killed while they write: what was confirmed is there, whatever is there is
    whole, and what they left unfinished is swept, though not what a living one is writing."""
    root = tmp_path / "objects"
    living = FolderObjects(root)
    mine = living.scratch()
    mine.write_bytes(b"mine")
    for n in range(4):
        process = subprocess.Popen(
            [sys.executable, "-c", PLACES, str(root)], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout is not None
        said = [process.stdout.readline() for _ in range(5)]
        time.sleep(0.003 * n)
        process.kill()
        said += process.communicate()[0].splitlines(keepends=True)
        for line in said:
            if line.endswith("\n"):
                assert living.size(f"videos/x/{int(line)}") is not None
    sizes = dict(living.sizes("videos/"))
    assert set(sizes.values()) == {300_000}
    living.sweep()
    assert mine.exists()
    assert files(root / "tmp") == [mine]
    living.close()
