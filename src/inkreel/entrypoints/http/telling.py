"""What happens to a video, as server-sent events out of the record of jobs.

Events are kept with ids that grow, so that a listener who was cut off goes on after the last one
that it has, at any process, and misses none and hears none twice.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass

import msgspec

from inkreel.entrypoints.http import schemas, views
from inkreel.entrypoints.http.links import Links
from inkreel.job import ENDED, Event, Job, Status, StatusTold
from inkreel.ports import JobRecord

EVENT_STREAM = "text/event-stream"
PING = b": ping\n\n"
PING_SECONDS = 15.0
TOGETHER_SECONDS = 0.1
"""Changes that follow one another faster are told together: each costs every listener a look."""
AT_ONCE = 500
RETRY_MILLISECONDS = 1_000


@dataclass(frozen=True, slots=True)
class Telling:
    """Tells listeners of jobs until `ending`; those that `stay` also when the job has ended."""

    record: JobRecord
    links: Links
    tries: int
    ending: asyncio.Event
    stay: bool = False

    async def events(self, job: Job, last: int | None) -> AsyncIterator[bytes]:
        """All that happens to a job after event `last`, and first how it stands when that is
        None. After its end comes `end`."""
        yield b"retry: %d\n\n" % RETRY_MILLISECONDS
        record, links = self.record, self.links
        revision: int | None = await record.changed(-1, 0)  # before looking: nothing is missed
        newest = await record.last_event(job.id)
        fresh = last is None
        # One that lies ahead would hide what comes.
        last = newest if last is None else min(last, newest)
        found = await record.get(job.id) or job  # before its events: what they say is later
        if fresh:
            scenes = await record.scenes(job.id)
            yield _said("snapshot", views.video(found, links, self.tries, scenes), last)
        status = found.status
        while True:
            told = await record.events(job.id, last, AT_ONCE)
            if told:
                found = await record.get(job.id) or found
            for event in told:
                yield _said(*views.event(found, event.told, links), event.id)
            last = told[-1].id if told else last
            status = _status(told, status)
            if len(told) == AT_ONCE:
                continue
            if status in ENDED and not self.stay:
                yield _said("end", schemas.EndEvent(status=status))
                return
            if revision is None:
                return  # who listens goes on elsewhere, after the last event
            change = await self._change(revision)
            if change == revision:
                if await record.get(job.id) is None:
                    return
                yield PING
            revision = change

    async def _change(self, revision: int) -> int | None:
        """The revision after the next change, the same one after a while without; None when no
        more will be told."""
        changed = asyncio.create_task(self.record.changed(revision, PING_SECONDS))
        ending = asyncio.create_task(self.ending.wait())
        try:
            await asyncio.wait({changed, ending}, return_when=asyncio.FIRST_COMPLETED)
            if ending.done():
                return None
            if changed.result() != revision:
                await asyncio.wait({ending}, timeout=TOGETHER_SECONDS)
            return changed.result()
        finally:
            for task in (changed, ending):
                task.cancel()
            await asyncio.wait({changed, ending})


def _status(told: Sequence[Event], before: Status) -> Status:
    """The last one that is told of."""
    said = [one.told.status for one in told if isinstance(one.told, StatusTold)]
    return said[-1] if said else before


def _said(name: str, data: schemas.Shown, number: int | None = None) -> bytes:
    told = b"" if number is None else b"id: %d\n" % number
    return b"event: %s\ndata: %s\n%s\n" % (name.encode(), msgspec.json.encode(data), told)
