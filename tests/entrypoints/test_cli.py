"""The command as a user runs it: a process of its own, with its exit status and its streams."""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from inkreel.settings import load
from tests.conftest import DOCUMENT, Made
from tests.thorough import times

INKREEL = [sys.executable, "-m", "inkreel"]
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)


def run(
    *arguments: str | Path, cache: Path, stdin: bytes | None = None, **variables: str
) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        [*INKREEL, *map(str, arguments)],
        input=stdin,
        stdin=None if stdin is not None else subprocess.DEVNULL,
        capture_output=True,
        env={**os.environ, "INKREEL_CACHE": str(cache), **variables},
        timeout=120,
    )


def left_behind(folder: Path) -> list[str]:
    """Everything below that is not an input and not the store's finished content."""
    return sorted(
        str(path.relative_to(folder))
        for path in folder.rglob("*")
        if path.is_file() and ("tmp" in path.parts[len(folder.parts) :] or ".part" in path.name)
    )


def test_a_video_has_one_profile(tmp_path: Path) -> None:
    """Flags that contradict each other are refused before anything is read."""
    done = run("make", "none.md", "--draft", "--profile", "quality", cache=tmp_path)
    assert done.returncode == 2
    assert b"not draft and quality" in done.stderr


def test_json_is_the_last_line_of_stdout(made: Made, tmp_path: Path) -> None:
    """`--json` prints one line with the promised fields; progress goes to stderr."""
    out = tmp_path / "tides.mp4"
    done = run(
        "make", made.document, "-o", out, "--json", "--size", "1280x720", "--captions", "both",
        cache=made.cache,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    (line,) = done.stdout.splitlines()
    told = json.loads(line)
    assert set(told) == {
        "video", "seconds", "scenes", "made", "found", "wall_seconds", "verified", "degraded",
        "writing",
    }  # fmt: skip
    assert set(told["made"]) == {"storyboards", "narrations", "pictures", "clips"}
    assert set(told["scenes"][0]) == {
        "id", "heading", "visual", "start", "seconds", "made", "degraded", "credit",
    }  # fmt: skip
    assert told["made"]["clips"] == 0
    assert out.exists()
    assert b"scene 1/" in done.stderr


def test_the_path_is_the_answer(made: Made, tmp_path: Path) -> None:
    """Without --json stdout holds the video's path alone; stdin is read for `-`."""
    out = tmp_path / "a.mp4"
    done = run(
        "make", "-", "-o", out, "--size", "1280x720", "--captions", "both",
        cache=made.cache, stdin=DOCUMENT.encode(),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert done.stdout.decode().strip() == str(out)


@pytest.mark.parametrize(
    ("name", "data", "code", "status"),
    [
        ("empty.md", b"", "document_empty", 3),
        ("blank.txt", b" \n\t\n", "document_empty", 3),
        ("picture.md", PNG, "format_mismatch", 3),
        ("picture.png", PNG, "format_unsupported", 3),
        ("binary.txt", bytes(range(256)) * 20, "format_mismatch", 3),
        ("broken.pdf", b"%PDF-1.7\nnothing more", "document_damaged", 3),
        ("board.yaml", b"scenes: 3\n", "storyboard_invalid", 3),
    ],
)
def test_bad_input_is_told_and_leaves_nothing(
    tmp_path: Path, name: str, data: bytes, code: str, status: int
) -> None:
    """Each kind of bad input has its own code, a hint and an exit status, and leaves nothing."""
    document = tmp_path / name
    document.write_bytes(data)
    out = tmp_path / "out" / "a.mp4"
    done = run("make", document, "-o", out, "--json", cache=tmp_path / "cache")
    assert done.returncode == status, done.stderr
    error = json.loads(done.stdout.splitlines()[-1])["error"]
    assert error["code"] == code
    assert error["message"]
    assert error["hint"]
    assert code.encode() in done.stderr
    assert not out.parent.exists()
    assert not left_behind(tmp_path)


@pytest.mark.parametrize(
    ("arguments", "code", "status"),
    [
        (["missing.md"], "input_not_found", 3),
        (["notes.md", "--speed", "9"], "option_invalid", 2),
        (["notes.md", "--size", "800x600"], "option_invalid", 2),
        (["notes.md", "--theme", "neon"], "option_invalid", 2),
        (["notes.md", "--voice", "nobody"], "option_invalid", 2),
        (["notes.md", "--language", "xx"], "setting_invalid", 2),
        (["notes.md", "--seconds", "-5"], "setting_invalid", 2),
        (["notes.md", "-o", "talk.avi"], "option_invalid", 2),
        (["notes.md", "-o", "notes.md/a.mp4"], "output_not_writable", 4),
        (["notes.md", "-o", "/proc/a.mp4"], "output_not_writable", 4),
    ],
)
def test_refusals_have_code_hint_and_status(
    tmp_path: Path, arguments: list[str], code: str, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Refused options and outputs are told before any work is done."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "notes.md").write_text(DOCUMENT)
    done = run("make", *arguments, cache=tmp_path / "cache")
    assert done.returncode == status, done.stderr
    assert code.encode() in done.stderr
    assert b"hint:" in done.stderr
    assert done.stdout == b""
    assert sorted(path.name for path in tmp_path.iterdir()) == ["notes.md"]


def test_settings_come_from_variables_and_a_file(tmp_path: Path) -> None:
    """A wrong setting names itself, its value and where to correct it."""
    (tmp_path / "notes.md").write_text(DOCUMENT)
    done = run("make", tmp_path / "notes.md", cache=tmp_path / "c", INKREEL_WORKERS="none")
    assert done.returncode == 2
    assert b"workers = 'none'" in done.stderr
    file = tmp_path / "inkreel.toml"
    file.write_text("colour = 'red'\n")
    done = run("make", tmp_path / "notes.md", cache=tmp_path / "c", INKREEL_CONFIG=str(file))
    assert done.returncode == 2
    assert b"colour" in done.stderr


def test_lists_in_variables_have_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    """A file gives lists as TOML does."""
    monkeypatch.setenv("INKREEL_WEBHOOK_NETWORKS", "10.1.0.0/16, fd00:1::/64")
    monkeypatch.setenv("INKREEL_ALLOWED_HOSTS", "videos.example.com")
    settings = load()
    assert settings.webhook_networks == ("10.1.0.0/16", "fd00:1::/64")
    assert settings.allowed_hosts == ("videos.example.com",)
    monkeypatch.setenv("INKREEL_ALLOWED_HOSTS", "")
    assert load(webhook_networks=["10.1.0.0/16"]).allowed_hosts == ()


def start(
    made: Made, out: Path, cache: Path, before: Callable[[], object] | None = None
) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [*INKREEL, "make", str(made.document), "-o", str(out), "--size", "1280x720",
         "--captions", "both"],
        env={**os.environ, "INKREEL_CACHE": str(cache)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        preexec_fn=before,  # noqa: PLW1509
    )  # fmt: skip


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_cancelling_leaves_no_temp_file_and_no_child(made: Made, tmp_path: Path, name: str) -> None:
    """Ctrl-C and SIGTERM end with status 130, nothing unfinished and no process behind."""
    out = tmp_path / "out" / "a.mp4"
    with start(made, out, tmp_path / "cache") as process:
        watched = psutil.Process(process.pid)
        children: list[psutil.Process] = []
        while len(children) < 2:
            children = watched.children(recursive=True)
            time.sleep(0.02)
        time.sleep(0.4)
        children = watched.children(recursive=True)
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=60)
    assert process.returncode == 130, said
    assert b"cancelled" in said
    assert not psutil.wait_procs(children, timeout=30)[1]
    assert not left_behind(tmp_path)
    assert not out.exists()


@pytest.mark.parametrize("name", ["SIGINT", "SIGHUP"])
def test_what_is_ignored_from_the_start_cancels_nothing(
    made: Made, tmp_path: Path, name: str
) -> None:
    """`nohup inkreel make …`, or `&` in a script: who started it wants it to go on."""
    number = getattr(signal, name)
    with start(
        made, tmp_path / "a.mp4", made.cache, before=lambda: signal.signal(number, signal.SIG_IGN)
    ) as process:
        while process.poll() is None:
            process.send_signal(number)
            time.sleep(0.1)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said


@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM"])
def test_cancelling_while_it_loads_ends_at_once(made: Made, tmp_path: Path, name: str) -> None:
    """Whatever is being imported, it is neither shown as a fault nor gone on with."""
    for number in range(8):
        with start(made, tmp_path / "a.mp4", tmp_path / "cache") as process:
            while not psutil.Process(process.pid).children():  # from then on it loads
                time.sleep(0.005)
            time.sleep(0.06 * number)
            process.send_signal(getattr(signal, name))
            _, said = process.communicate(timeout=10)
        assert process.returncode == 130, said
        assert b"Traceback" not in said
    assert not left_behind(tmp_path)


def clips(cache: Path) -> int:
    return len(list((cache / "index" / "clip").rglob("*/*")))


def test_a_run_killed_again_and_again_goes_on(made: Made, tmp_path: Path) -> None:
    """kill -9 at a random moment, ten times (in the sample three): always ends well, finds what was
    finished, and leaves nothing behind."""
    rng = random.Random(10)
    cache, out = tmp_path / "cache", tmp_path / "a.mp4"
    for _ in range(times(3, 10)):
        with start(made, out, cache) as process:
            time.sleep(rng.uniform(0.3, 4.0))
            children = []
            with contextlib.suppress(psutil.NoSuchProcess):  # it may have finished
                children = psutil.Process(process.pid).children(recursive=True)
            process.kill()
            process.communicate()
        assert not psutil.wait_procs(children, timeout=30)[1]
        assert not out.exists() or process.returncode in (0, -signal.SIGKILL)
    finished = clips(cache)
    done = run(
        "make", made.document, "-o", out, "--json", "--size", "1280x720", "--captions", "both",
        cache=cache,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    scenes, parts = len(told["scenes"]), clips(cache)
    assert told["found"]["clips"] + told["made"]["clips"] == scenes
    # The first scene is made in parts, and counts as made when one of them was.
    assert finished - (parts - scenes) <= told["found"]["clips"] + 1 <= finished + 1
    assert out.read_bytes()[4:8] == b"ftyp"
    assert not left_behind(tmp_path)


def test_a_storyboard_is_written_edited_and_filmed(made: Made, tmp_path: Path) -> None:
    """`storyboard` writes what `make` films: unchanged scenes are found, an edit is made."""
    board = tmp_path / "board.yaml"
    done = run("storyboard", made.document, "-o", board, cache=made.cache)
    assert done.returncode == 0, done.stderr
    text = board.read_text(encoding="utf-8")
    assert "#" in text
    board.write_text(text.replace("A strong wind", "A stiff wind"), encoding="utf-8")
    done = run(
        "make", board, "-o", tmp_path / "b.mp4", "--json", "--size", "1280x720",
        "--captions", "both", cache=made.cache,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert 1 <= told["made"]["clips"] <= 2
    assert told["found"]["clips"] >= 1


def test_what_was_left_out_is_told(tmp_path: Path) -> None:
    """A missing image is a warning on stderr, and no reason to stop."""
    document = tmp_path / "notes.md"
    document.write_text(f"{DOCUMENT}\n![A chart](missing.png)\n")
    done = run("storyboard", document, cache=tmp_path / "cache")
    assert done.returncode == 0
    assert b"warning: Left out" in done.stderr


def test_the_cache_is_shown_and_tidied(tmp_path: Path) -> None:
    """size, list, evict and clear work on the store that INKREEL_CACHE names."""
    (tmp_path / "notes.md").write_text(DOCUMENT)
    cache = tmp_path / "cache"
    assert run("storyboard", tmp_path / "notes.md", cache=cache).returncode == 0
    assert b"KB in" in run("cache", "size", cache=cache).stdout
    assert b"storyboard" in run("cache", "list", cache=cache).stdout
    assert run("cache", "evict", "1GB", cache=cache).returncode == 0
    assert run("cache", "evict", "big", cache=cache).returncode == 2
    assert b"freed" in run("cache", "clear", cache=cache).stdout
    assert b"0 B in" in run("cache", "size", cache=cache).stdout


def test_doctor_finds_what_a_video_needs(tmp_path: Path) -> None:
    """On a machine that can make videos `doctor` finds nothing missing."""
    done = run("doctor", "--json", cache=tmp_path / "cache")
    assert done.returncode == 0, done.stdout
    names = {finding["name"] for finding in json.loads(done.stdout)}
    assert {"encoder", "drawing", "fonts", "voice", "store", "redis"} <= names
