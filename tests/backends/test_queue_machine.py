"""The queue and the life of its jobs as a machine: whatever comes, in whatever order."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TypeVar

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from inkreel.errors import (
    Conflict,
    InkreelError,
    InputError,
    LeaseLost,
    QuotaExceeded,
    VoiceFailed,
)
from inkreel.job import (
    ENDED,
    Admission,
    Change,
    Event,
    Idempotency,
    Job,
    JobId,
    ProgressTold,
    Query,
    StatusTold,
    Webhook,
)
from inkreel.jobs import lifecycle
from inkreel.model import Digest, Progress
from tests.backends.conftest import Places
from tests.backends.queues import KEEPING, LEASE, Backend, a_job, done, opened
from tests.thorough import times

T = TypeVar("T")
ADMISSION = Admission(waiting=100, client_waiting=4)
WORKERS = ("w1", "w2")
CLIENTS = ("ann", "bob")


class Service(RuleBasedStateMachine):
    """Two servers over one queue, two workers that may die, users who do what they like."""

    jobs = Bundle("jobs")
    claims = Bundle("claims")

    def __init__(self, places: Places) -> None:
        super().__init__()
        self.places = places

    @initialize()
    def start(self) -> None:
        self.runner = asyncio.Runner()
        place = self.places()
        self.clock = place.clock
        self.servers = [opened(place.address, self.clock) for _ in range(2)]
        self.turn = 0
        self.seen: dict[JobId, Job] = {}
        self.told: dict[JobId, list[Event]] = {}

    def teardown(self) -> None:
        if hasattr(self, "runner"):
            for server in self.servers:
                self.runner.run(server.close())
            self.runner.close()

    def ask(self, question: Callable[[Backend], Awaitable[T]]) -> T:
        """The servers take turns, as behind a balancer."""
        self.turn += 1

        async def asked() -> T:
            return await question(self.servers[self.turn % 2])

        return self.runner.run(asked())

    def try_to(self, job: JobId, change: Change, *refusals: type[InkreelError]) -> None:
        """A step that may be refused, and then has changed nothing."""
        before = self.ask(lambda queue: queue.get(job))
        if before is None:
            return
        try:
            after = self.ask(lambda queue: queue.change(job, change))
        except refusals:
            assert self.ask(lambda queue: queue.get(job)) == before
        else:
            assert after == self.ask(lambda queue: queue.get(job))

    # --- What happens ----------------------------------------------------------------------------

    @rule(
        target=jobs,
        client=st.sampled_from(CLIENTS),
        priority=st.integers(0, 9),
        key=st.sampled_from([None, "a", "b"]),
        hook=st.sampled_from([None, Webhook("https://example.org/")]),
    )
    def submit(self, client: str, priority: int, key: str | None, hook: Webhook | None) -> object:
        job = a_job(
            self.clock.now,
            client,
            priority=priority,
            idempotency=key and Idempotency(key, Digest("")),
            webhook=hook,
        )
        sent = key and self.ask(lambda queue: queue.by_idempotency(client, key))
        mine = Query(client, ("queued",))
        waiting = self.ask(lambda queue: queue.jobs(mine))
        try:
            added = self.ask(lambda queue: queue.add(job, ADMISSION))
        except QuotaExceeded:
            assert len(waiting) >= ADMISSION.client_waiting
            assert not sent
            return multiple()
        assert added == (sent or job)
        self.seen.setdefault(added.id, added)
        return added.id

    @rule(target=claims, worker=st.sampled_from(WORKERS))
    def claim(self, worker: str) -> object:
        change = lifecycle.claimed(worker, self.clock.now, LEASE)
        job = self.ask(lambda queue: queue.claim(change, 2))
        if job is None:
            return multiple()
        before = self.seen[job.id]
        assert before.queued <= self.clock.now
        assert job.fence > before.fence
        return job

    @rule(claim=claims, seconds=st.floats(0, 1))
    def progress(self, claim: Job, seconds: float) -> None:
        def change(job: Job) -> Job:
            lifecycle.held(job, claim.fence)
            return job

        told = ProgressTold(Progress("clip", "made"), seconds)
        try:
            self.ask(lambda queue: queue.change(claim.id, change, (told,)))
        except InkreelError:
            assert not self.holds(claim)

    @rule(claim=claims, how=st.sampled_from(["finish", "fail", "refuse", "hand back"]))
    def end(self, claim: Job, how: str) -> None:
        now, fence = self.clock.now, claim.fence
        change = {
            "finish": done(claim, now),
            "fail": lifecycle.failed(fence, now, KEEPING, VoiceFailed("no voice")),
            "refuse": lifecycle.failed(fence, now, KEEPING, InputError("no text")),
            "hand back": lifecycle.handed_back(fence, now, KEEPING),
        }[how]
        held = self.holds(claim)
        self.try_to(claim.id, change, LeaseLost)
        assert not self.holds(claim)
        after = self.ask(lambda queue: queue.get(claim.id))
        if held and how == "finish":
            assert after is not None
            assert after.status == "done"

    @rule(worker=st.sampled_from(WORKERS))
    def renew(self, worker: str) -> None:
        held = self.ask(lambda queue: queue.renew(worker, self.clock.now + LEASE))
        running = self.ask(lambda queue: queue.jobs(Query(None, ("running",))))
        assert held == {job.id: job.fence for job in running if job.worker == worker}

    @rule(job=jobs)
    def cancel(self, job: JobId) -> None:
        self.try_to(job, lifecycle.cancelled(self.clock.now, KEEPING), Conflict)

    @rule(job=jobs)
    def retry(self, job: JobId) -> None:
        self.try_to(job, lifecycle.retried(self.clock.now, KEEPING), Conflict)

    @rule(job=jobs)
    def edit(self, job: JobId) -> None:
        self.try_to(
            job, lifecycle.reboarded(self.clock.now, KEEPING, Digest("b" * 64), 100), Conflict
        )

    @rule(job=jobs, priority=st.integers(0, 9))
    def hurry(self, job: JobId, priority: int) -> None:
        self.try_to(job, lifecycle.reprioritised(priority), Conflict)

    @rule(job=jobs)
    def delete(self, job: JobId) -> None:
        self.ask(lambda queue: queue.remove(job))
        self.seen.pop(job, None)
        self.told.pop(job, None)

    @rule(seconds=st.sampled_from([0.5, 5.0, LEASE + 1, KEEPING.waiting + 1]))
    def wait(self, seconds: float) -> None:
        self.clock.now += seconds

    @rule()
    def look_after(self) -> None:
        """The janitor: what is due is put right; a second look finds none of it."""
        now = self.clock.now
        for job in self.ask(lambda queue: queue.due(now, 1_000)):
            if job.status == "running":
                assert job.webhook is None or job.lease is not None
                self.try_to(job.id, lifecycle.lost(now, KEEPING), LeaseLost)
            elif job.sweep <= now and job.status == "expired":
                self.delete(job.id)
            elif job.sweep <= now:
                self.try_to(job.id, lifecycle.aged(now, KEEPING))
        for job in self.ask(lambda queue: queue.due(now, 1_000)):
            assert job.webhook is not None
            assert job.webhook.due is not None

    # --- What always holds -----------------------------------------------------------------------

    def holds(self, claim: Job) -> bool:
        job = self.ask(lambda queue: queue.get(claim.id))
        return job is not None and job.status == "running" and job.fence == claim.fence

    @invariant()
    def nothing_is_lost_and_all_is_told(self) -> None:
        """No job vanishes, versions and fences never fall, a job has a holder exactly when it
        runs, and its events are those seen before and newer ones, the last as its status is."""
        if not hasattr(self, "seen"):
            return
        found = {job.id: job for job in self.ask(lambda queue: queue.jobs(Query(limit=10_000)))}
        assert set(found) == set(self.seen)
        for name, job in found.items():
            before = self.seen[name]
            assert (job.client, job.created) == (before.client, before.created)
            assert job.version >= before.version
            assert job.fence >= before.fence
            assert job.edition >= before.edition
            if job.version == before.version:
                assert job == before or job.lease != before.lease
            assert (job.status == "running") == (job.lease is not None) == (job.worker != "")
            assert job.status != "done" or job.ended is not None
            self.events_are_whole(job)
            self.seen[name] = job

    def events_are_whole(self, job: Job) -> None:
        events = self.ask(lambda queue: queue.events(job.id, 0, 10_000))
        before = self.told.get(job.id, [])
        assert events[: len(before)] == before
        ids = [event.id for event in events]
        assert ids == sorted(set(ids))
        last = [event.told for event in events if isinstance(event.told, StatusTold)][-1]
        assert (last.status, last.attempt, last.error) == (job.status, job.attempt, job.error)
        assert self.ask(lambda queue: queue.last_event(job.id)) == ids[-1]
        self.told[job.id] = events

    @invariant()
    def the_load_adds_up(self) -> None:
        if hasattr(self, "seen"):
            load = self.ask(lambda queue: queue.load(self.clock.now))
            assert sum(load.by_status.values()) == len(self.seen)
            assert sum(load.workers.values()) == load.by_status["running"]
            assert sum(load.waiting_by_priority.values()) == load.by_status["queued"]
            ended = sum(load.by_status[status] for status in ENDED)
            assert ended == sum(job.status in ENDED for job in self.seen.values())


def test_the_queue_keeps_its_promises(places: Places) -> None:
    """Whatever comes, in whatever order, what always holds holds."""
    steps = settings(max_examples=times(15, 40), stateful_step_count=40, deadline=None)
    run_state_machine_as_test(lambda: Service(places), settings=steps)
