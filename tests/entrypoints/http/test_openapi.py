"""The documents of the API: true, whole, and made of what the code says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import httpx2
import msgspec

from bench.chaos.schema import CONFIG
from bench.chaos.uploads import requests, strangers
from inkreel.entrypoints.http import examples, problems, schemas
from tests.entrypoints.http.server import Running, every
from tests.thorough import times

FILES = ("/content", "/thumbnail", "/segments/{number}")


def test_what_is_written_is_what_is_answered(server: Running, tmp_path: Path) -> None:
    """Generated requests to every operation: no 5xx, no status, type or body that is not in the
    OpenAPI document, nothing accepted that it forbids."""
    (tmp_path / "schemathesis.toml").write_text(CONFIG)
    program = str(Path(sys.executable).with_name("schemathesis"))
    url = f"http://127.0.0.1:{server.port}/openapi.json"
    examples_each = str(times(1, 4))
    done = subprocess.run(
        [program, "run", url, "-n", examples_each, "--seed", "1", "--continue-on-failure"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stdout[-6_000:] + done.stderr[-2_000:]


def test_fuzzed_uploads_break_nothing(server: Running, client: httpx2.Client) -> None:
    """Whatever is sent in the place of a document is taken or refused, and what is refused leaves
    nothing behind (the long run is in bench/chaos/uploads.py)."""
    for body, headers in requests(14, 60):
        answer = client.post("/v1/videos", content=body, headers=headers)
        assert answer.status_code < 500, answer.text
        if answer.status_code != 202:
            assert answer.headers["content-type"] == problems.MEDIA_TYPE
            assert answer.json()["hint"]
    assert strangers(server.data, {video["id"] for video in every(client)}) == []


def test_operations_are_named_and_shown(client: httpx2.Client) -> None:
    """Each has a stable name, a summary, an example of what it answers, and its errors."""
    made = client.get("/openapi.json").json()
    assert made["openapi"].startswith("3.1")
    told = {
        one["operationId"]: (path, method, one)
        for path, methods in made["paths"].items()
        for method, one in methods.items()
    }
    assert sorted(told) == [
        "cancel_video",
        "clean",
        "create_video",
        "delete_video",
        "get_admin",
        "get_content",
        "get_file",
        "get_liveness",
        "get_me",
        "get_metrics",
        "get_playlist",
        "get_readiness",
        "get_segment",
        "get_startup",
        "get_storyboard",
        "get_thumbnail",
        "get_video",
        "list_videos",
        "replace_storyboard",
        "retry_video",
        "stream_events",
        "update_video",
    ]
    for path, method, one in told.values():
        assert one["summary"]
        assert one["description"]
        assert one["tags"]
        assert {"429", "500", "503"} <= set(one["responses"])
        for status, answer in one["responses"].items():
            for media, content in answer.get("content", {}).items():
                is_file = (
                    path.endswith(("/content", "/thumbnail", "/segments/{number}", "/files/{name}"))
                    and status < "300"
                )
                shown = "example" in content or "examples" in content
                assert shown or is_file, (method, path, status, media)
        for content in one.get("requestBody", {}).get("content", {}).values():
            assert "example" in content


def test_examples_are_true() -> None:
    """An example has every field of what it shows, and no other."""
    for example, kind in (
        (examples.VIDEO, schemas.Video),
        (examples.ACCEPTED, schemas.Video),
        (examples.CANCELLED, schemas.Video),
        (examples.LIST, schemas.VideoList),
        (examples.ME, schemas.Me),
        (examples.ADMIN, schemas.AdminView),
        (examples.HEALTH, schemas.Health),
        (examples.CLEANED, schemas.Cleaned),
        (examples.TEXT, schemas.CreateVideo),
        (examples.STORYBOARD, schemas.Storyboard),
    ):
        built = msgspec.to_builtins(msgspec.convert(example, kind))
        assert _fields(example) <= _fields(built), kind


def _fields(value: object, place: str = "") -> set[str]:
    if isinstance(value, dict):
        return {f"{place}.{name}" for name in value}.union(
            *(_fields(below, f"{place}.{name}") for name, below in value.items())
        )
    if isinstance(value, list | tuple):
        return set().union(*(_fields(below, f"{place}[]") for below in value))
    return set()


def test_the_page_of_the_api_needs_no_scripts(client: httpx2.Client) -> None:
    """/docs shows every operation and every code, with nothing from elsewhere."""
    page = client.get("/docs").text
    assert "<script" not in page
    assert "http://" not in page.replace("http://www.w3.org", "")
    for name in ("create_video", "stream_events", *problems.CODES):
        assert f"id='{name}'" in page
