"""Warming the store before anybody asks, and having parts of it made again."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path

import pytest

from inkreel.backends.files import FileStore
from inkreel.errors import OptionError
from inkreel.job import Job
from inkreel.model import Counts
from inkreel.settings import Settings
from inkreel.wiring.warming import invalidate, warm
from tests.jobs.workshop import OPTIONS, document, workshop

JOBS = 20


def settings_for(root: Path) -> Settings:
    return Settings(
        cache=root / "cache",
        data=root / "data",
        size=OPTIONS.size,
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
    """Twenty jobs for a warmed document make nothing, small pictures and poster included; one for
    another document does. What is then had made again by document is made again for it, and the
    other one's stays; and so by kind and by age."""
    settings, lamp = settings_for(tmp_path), tmp_path / "lamp.md"
    lamp.write_text(document("lamp"))

    async def run(*names: str) -> list[Job]:
        async with workshop(tmp_path, jobs_at_once=2, lease_seconds=60.0) as shop:
            jobs = [await shop.submit(name) for name in names]
            async with shop.work():
                return [await shop.ended(job, 300) for job in jobs]

    result = asyncio.run(warm(lamp, settings, lambda _: None))
    assert result.made.clips
    warmed = artifacts(settings)
    assert {"thumbnail", "poster"} <= set(warmed)
    ended = asyncio.run(run(*["lamp"] * JOBS))
    assert {job.status for job in ended} == {"done"}
    assert {job.outcome.made for job in ended if job.outcome} == {Counts()}
    assert artifacts(settings) == warmed
    again = asyncio.run(warm(lamp, settings, lambda _: None))
    assert again.made == Counts()

    (other,) = asyncio.run(run("buoy"))
    assert other.outcome
    assert other.outcome.made.clips

    assert asyncio.run(invalidate(settings, [lamp], [], 0.0)) > 0
    left = artifacts(settings)
    assert not left["clip"] & warmed["clip"]
    assert left["clip"]
    assert asyncio.run(invalidate(settings, [lamp], [], 0.0)) == 0
    before, _ = asyncio.run(run("lamp", "buoy"))
    assert before.outcome
    assert before.outcome.made.clips == result.made.clips

    asyncio.run(invalidate(settings, [], ["clip", "sound"], 3_600.0))
    assert artifacts(settings)["clip"]
    asyncio.run(invalidate(settings, [], ["clip", "sound"], 0.0))
    rest = artifacts(settings)
    assert not {"clip", "sound"} & set(rest)
    assert {"picture", "narration"} <= set(rest)
    time.sleep(0.01)
    asyncio.run(invalidate(settings, [], [], 0.0))
    assert not artifacts(settings)


def test_an_unknown_kind_is_refused(tmp_path: Path) -> None:
    """The answer names the kinds there are."""
    with pytest.raises(OptionError) as told:
        asyncio.run(invalidate(settings_for(tmp_path), [], ["clips"], 0.0))
    assert "clip," in told.value.hint
