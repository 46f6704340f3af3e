"""Warming the store before anybody asks, and having parts of it made again."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from inkreel.backends.files import FileStore
from inkreel.errors import OptionError
from inkreel.job import Job
from inkreel.model import Counts, Digest
from inkreel.recipes import LEVEL, LevelRequest
from inkreel.settings import Settings
from inkreel.wiring.warming import invalidate, warm
from tests.jobs.workshop import OPTIONS, document, workshop

JOBS = 20


def settings_for(root: Path) -> Settings:
    return Settings(
        cache=root / "cache",
        data=root / "data",
        size=OPTIONS.size,
        profile=OPTIONS.profile,
        language="en",
        captions="track",
        workers=2,
    )


def artifacts(settings: Settings) -> dict[str, set[str]]:
    """Keys of all that is there, by kind."""
    kinds: dict[str, set[str]] = {}
    for entry in FileStore(settings.cache).entries():
        kinds.setdefault(entry.role, set()).add(entry.key)
    return kinds


def test_after_warming_jobs_miss_nothing(tmp_path: Path) -> None:
    """Twenty jobs for a warmed document make nothing, small pictures and poster included."""
    settings, lamp = settings_for(tmp_path), tmp_path / "lamp.md"
    lamp.write_text(document("lamp"))

    async def run() -> list[Job]:
        async with workshop(tmp_path, jobs_at_once=2, lease_seconds=60.0) as shop:
            jobs = [await shop.submit("lamp") for _ in range(JOBS)]
            async with shop.work():
                return [await shop.ended(job, 300) for job in jobs]

    result = asyncio.run(warm(lamp, settings, lambda _: None))
    assert result.made.clips
    warmed = artifacts(settings)
    assert {"thumbnail", "poster"} <= set(warmed)
    ended = asyncio.run(run())
    assert {job.status for job in ended} == {"done"}
    assert {job.outcome.made for job in ended if job.outcome} == {Counts()}
    assert artifacts(settings) == warmed
    forget(settings, lamp, warmed)


def forget(settings: Settings, lamp: Path, warmed: dict[str, set[str]]) -> None:
    """What is had made again by age, by kind and by document is gone, and nothing else is."""
    other = LEVEL.recipe(LevelRequest((Digest("another"),)))
    FileStore(settings.cache).keep(other, b"level")
    everything = {**warmed, "level": warmed["level"] | {other.key}}
    asyncio.run(invalidate(settings, [], [], 3_600.0))
    assert artifacts(settings) == everything
    asyncio.run(invalidate(settings, [], ["clip", "sound"], 0.0))
    rest = {kind: keys for kind, keys in everything.items() if kind not in ("clip", "sound")}
    assert artifacts(settings) == rest
    asyncio.run(invalidate(settings, [lamp], ["picture"], 0.0))
    del rest["picture"]
    assert artifacts(settings) == rest
    assert asyncio.run(invalidate(settings, [lamp], [], 0.0)) > 0
    left = artifacts(settings)
    assert left["level"] == {other.key}
    assert not {"document", "storyboard", "narration", "speech"} & set(left)
    assert asyncio.run(invalidate(settings, [lamp], [], 0.0)) == 0
    asyncio.run(invalidate(settings, [], ["level"], 0.0))
    assert "level" not in artifacts(settings)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """The answer names the kinds there are."""
    with pytest.raises(OptionError) as told:
        asyncio.run(invalidate(settings_for(tmp_path), [], ["clips"], 0.0))
    assert "clip," in told.value.hint
