"""Databases of former versions."""

from __future__ import annotations

import asyncio
import sqlite3
import time
from pathlib import Path

import msgspec

from inkreel.backends.sqlite import SqliteJobs
from inkreel.backends.sqlite.schema import MIGRATIONS
from inkreel.job import Job, SceneSegment, SceneState, SegmentTold, Told, new_job_id
from inkreel.model import Digest, Options

SCENES = b"""[
 {"heading":"A","segment":"d1","start":0.0,"seconds":9.6},
 {"heading":"B","segment":null,"start":null,"seconds":null}
]"""
TOLD = b'{"type":"segment","scene":2,"digest":"d3","start":20.0,"seconds":4.8}'


def test_scenes_of_one_segment_become_scenes_of_several(tmp_path: Path) -> None:
    """What could be played before an upgrade can be played after it."""
    now = time.time()
    job = Job(
        id=new_job_id(now), client="c", title="t", options=Options(), source=None,
        created=now, queued=now, sweep=now + 60,
    )  # fmt: skip
    path = tmp_path / "service.db"
    with sqlite3.connect(path) as old:
        old.executescript(f"{MIGRATIONS[0]}; PRAGMA user_version = 1")
        columns = (job.id, "c", "running", 5, now, 0.0, now, None, "", None, None)
        old.execute(
            f"INSERT INTO jobs VALUES ({', '.join('?' * 12)})", (*columns, msgspec.json.encode(job))
        )
        old.execute("INSERT INTO scenes VALUES (?, ?)", (job.id, SCENES))
        old.execute("INSERT INTO events (job, at, told) VALUES (?, 0, ?)", (job.id, TOLD))
    old.close()

    async def read() -> tuple[tuple[SceneState, ...], list[Told]]:
        queue = SqliteJobs(path)
        try:
            events = await queue.events(job.id, 0, 10)
            return await queue.scenes(job.id), [event.told for event in events]
        finally:
            await queue.close()

    scenes, told = asyncio.run(read())
    segment = SceneSegment(1, Digest("d1"), 9.6)
    assert scenes[0] == SceneState("A", segments=(segment,), start=0.0, seconds=9.6)
    assert scenes[1] == SceneState("B")
    assert told == [SegmentTold(2, SceneSegment(3, Digest("d3"), 4.8), 20.0)]
