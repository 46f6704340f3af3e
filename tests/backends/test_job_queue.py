"""The contract of `JobQueue` and `KeyRing`, for every backend: add it to `conftest.py`."""

from __future__ import annotations

import asyncio
import random
import string
import time

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from inkreel import schedule
from inkreel.errors import (
    Conflict,
    LeaseLost,
    NotFound,
    QueueFull,
    QuotaExceeded,
    TooMany,
    Unavailable,
    VoiceFailed,
)
from inkreel.job import (
    Admission,
    ApiKey,
    Job,
    JobId,
    ProgressTold,
    Query,
    SceneState,
    StatusTold,
    Webhook,
    new_job_id,
)
from inkreel.jobs import lifecycle
from inkreel.model import Digest, Progress
from tests.backends.conftest import Places
from tests.backends.queues import (
    KEEPING,
    LEASE,
    ROOM,
    SAME,
    Backend,
    Clock,
    Place,
    a_job,
    all_jobs,
    done,
    law,
    statuses_told,
)
from tests.thorough import times


def told(fraction: float) -> ProgressTold:
    return ProgressTold(Progress("clip", "made", scene=0, scenes=3), fraction)


async def claimed(queue: Backend, clock: Clock, worker: str = "w", running: int = 100) -> Job:
    job = await queue.claim(lifecycle.claimed(worker, clock.now, LEASE), running)
    assert job is not None
    return job


# --- Adding and finding --------------------------------------------------------------------------


@law
async def test_what_is_added_is_there_for_every_server(place: Place) -> None:
    """A job that was accepted on one server is answered, unchanged, by all."""
    async with place.open() as one, place.open() as other:
        job = a_job(place.clock.now, title="Thuỷ triều", webhook=Webhook("https://example.org/"))
        assert await one.add(job, ROOM) == job
        assert await other.get(job.id) == job
        assert await other.scenes(job.id) == ()
        assert await statuses_told(other, job.id) == ["queued"]


@law
async def test_forged_ids_and_keys_find_nothing(place: Place) -> None:
    """Of 1,000 forged job ids and API keys, near misses and wildcards among them, none matches."""
    async with place.open() as queue:
        job = await queue.add(a_job(place.clock.now), ROOM)
        await queue.add_key(ApiKey("k1", "ann", Digest("d"), ("read",), 0.0))
        letters = string.printable + "%_*'\"\0"
        forged = ["", "%", "_" * len(job.id), "*", job.id.upper(), f"{job.id} ", job.id[:-1]]
        forged += [new_job_id(place.clock.now) for _ in range(400)]
        forged += [
            "".join(random.Random(n).choices(letters, k=n % 40)) + "!" for n in range(1_000 - 407)
        ]
        assert [await queue.get(JobId(one)) for one in forged] == [None] * 1_000
        assert [await queue.find_key(one) for one in forged] == [None] * 1_000
        assert not await queue.revoke_key("%", 0.0)


@law
async def test_one_idempotency_key_makes_one_job(place: Place) -> None:
    """The second submission with a client's key is answered with the first job, even when the
    queue is full; another client's same key is another job; a removed job frees the key."""
    async with place.open() as queue:
        first = await queue.add(a_job(place.clock.now, idempotency=SAME), ROOM)
        again = a_job(place.clock.now, idempotency=replace(SAME, payload=Digest("1" * 64)))
        assert await queue.add(again, Admission(0, 0)) == first
        assert await queue.by_idempotency("ann", SAME.key) == first
        assert await queue.by_idempotency("bob", SAME.key) is None
        theirs = await queue.add(a_job(place.clock.now, "bob", idempotency=SAME), ROOM)
        assert theirs.id != first.id
        await queue.remove(first.id)
        assert await queue.by_idempotency("ann", SAME.key) is None
        assert (await queue.add(again, ROOM)).id == again.id


def test_parallel_posts_of_many_processes_make_one_job(place: Place) -> None:
    """50 submissions at once with one key, from 5 processes, on a queue that is not there yet:
    one job, and all are answered with it."""
    processes = [place.started("same", "10") for _ in range(5)]
    said = [process.communicate(timeout=60)[0].split() for process in processes]
    ids = [one for answers in said for one in answers]
    assert len(ids) == 50
    assert len(set(ids)) == 1


@law
async def test_no_more_may_wait_than_admitted(place: Place) -> None:
    """The refusal says when to come again and what to do; what runs does not count."""
    async with place.open() as queue:
        admission = Admission(waiting=3, client_waiting=2)
        for client in ("ann", "ann"):
            await queue.add(a_job(place.clock.now, client), admission)
        with pytest.raises(QuotaExceeded) as quota:
            await queue.add(a_job(place.clock.now, "ann"), admission)
        await queue.add(a_job(place.clock.now, "bob"), admission)
        with pytest.raises(QueueFull) as full:
            await queue.add(a_job(place.clock.now, "cid"), admission)
        for refusal in (quota.value, full.value):
            assert isinstance(refusal, TooMany)
            assert refusal.retry_after > 0
            assert refusal.hint
        assert len(await all_jobs(queue)) == 3
        await claimed(queue, place.clock)
        await queue.add(a_job(place.clock.now, "cid"), admission)


# --- Changing ------------------------------------------------------------------------------------


@law
async def test_a_change_is_whole_or_not_at_all(place: Place) -> None:
    """A step that raises leaves job, scenes and events as they were; one that does not raises the
    version by one, and tells its events in order, the status last."""
    async with place.open() as queue:
        job = await queue.add(a_job(place.clock.now), ROOM)
        job = await claimed(queue, place.clock)
        event = await queue.last_event(job.id)

        with pytest.raises(LeaseLost):
            await queue.change(
                job.id, done(replace(job, fence=0), 0), (told(0.5),), (SceneState("a"),)
            )
        assert await queue.get(job.id) == job
        assert await queue.scenes(job.id) == ()
        assert await queue.last_event(job.id) == event

        scenes = (SceneState("a", clip="made"), SceneState("b"))
        after = await queue.change(
            job.id, done(job, place.clock.now), (told(0.9), told(1.0)), scenes
        )
        assert after == await queue.get(job.id)
        assert (after.status, after.version) == ("done", job.version + 1)
        assert await queue.scenes(job.id) == scenes
        news = [event.told for event in await queue.events(job.id, event, 10)]
        assert news == [told(0.9), told(1.0), StatusTold("done", 1)]

        with pytest.raises(NotFound):
            await queue.change(new_job_id(0), lambda job: job)


@law
async def test_what_changes_nothing_is_not_told(place: Place) -> None:
    """A second cancel is no change; progress is one, though the status stays."""
    async with place.open() as queue:
        job = await queue.add(a_job(place.clock.now), ROOM)
        cancel = lifecycle.cancelled(place.clock.now, KEEPING)
        first = await queue.change(job.id, cancel)
        assert await queue.change(job.id, cancel) == first
        assert await statuses_told(queue, job.id) == ["queued", "cancelled"]
        assert (await queue.change(job.id, lambda job: job, (told(0.1),))).version == 3
        assert await statuses_told(queue, job.id) == ["queued", "cancelled"]


@law
async def test_a_failed_try_tells_when_the_next_one_is(place: Place) -> None:
    """The job waits till then, over all servers, and says why."""
    async with place.open() as queue, place.open() as other:
        await queue.add(a_job(place.clock.now), ROOM)
        job = await claimed(queue, place.clock)
        error = VoiceFailed("The voice is away.", hint="Wait.")
        step = lifecycle.failed(job.fence, place.clock.now, KEEPING, error, lambda low, high: 1.0)
        await queue.change(job.id, step)
        event = (await queue.events(job.id, 0, 100))[-1].told
        assert isinstance(event, StatusTold)
        assert event.retry_at == place.clock.now + 2.0
        assert event.error is not None
        assert event.error.code == "voice_failed"
        place.clock.now += 1.9
        assert await other.claim(lifecycle.claimed("w", place.clock.now, LEASE), 9) is None
        place.clock.now += 0.2
        assert (await claimed(other, place.clock)).attempt == 2


@law
async def test_many_changes_at_once_are_all_made(place: Place) -> None:
    """Steps of many servers on one job follow one another; none is lost."""
    async with place.open() as one, place.open() as other:
        job = await one.add(a_job(place.clock.now), ROOM)

        def worn(job: Job) -> Job:
            return replace(job, words=job.words + 1)

        await asyncio.gather(*((one, other)[n % 2].change(job.id, worn) for n in range(100)))
        after = await one.get(job.id)
        assert after is not None
        assert (after.words, after.version) == (100, 101)


# --- Who is next ---------------------------------------------------------------------------------

waiting_jobs = st.lists(
    st.tuples(
        st.sampled_from(["ann", "bob", "cid"]),
        st.integers(0, 9),
        st.sampled_from([-700.0, -65.0, -60.0, 0.0, 0.0, 30.0]),
        st.sampled_from([10, 150, 3_000]),
    ),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=times(20, 60),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],  # each example has its own place
)
@given(waiting=waiting_jobs, running=st.integers(1, 3))
def test_jobs_are_claimed_as_the_schedule_says(
    places: Places, waiting: list[tuple[str, int, float, int]], running: int
) -> None:
    """Whatever waits, whoever's it is: each claim takes the first by tag of all that are ready
    and whose client may run one more."""

    async def check(place: Place) -> None:
        clock, behind = schedule.Clock(), dict.fromkeys(("ann", "bob", "cid"), 0.0)
        jobs: dict[JobId, Job] = {}
        async with place.open() as queue:
            for client, priority, ago, words in waiting:
                job = a_job(place.clock.now + ago, client, priority=priority, words=words)
                jobs[job.id] = await queue.add(job, ROOM)
            held = dict.fromkeys(behind, 0)
            while True:
                ready = [job for job in jobs.values() if job.queued <= place.clock.now]
                tagged = [
                    pair
                    for client in behind
                    if held[client] < running
                    for pair in schedule.tags(
                        clock, behind[client], (job for job in ready if job.client == client)
                    )
                ]
                expected = schedule.first(tagged)
                claim = lifecycle.claimed("w", place.clock.now, LEASE)
                got = await queue.claim(claim, running)
                assert (got and got.id) == (expected and expected.id)
                if expected is None:
                    return
                tag = {job.id: tag for job, tag in tagged}[expected.id]
                clock, behind[expected.client] = schedule.started(
                    clock, expected, tag, place.clock.now
                )
                held[expected.client] += 1
                del jobs[expected.id]

    asyncio.run(check(places()))


@law
async def test_a_hundred_jobs_of_one_do_not_delay_one_of_another(place: Place) -> None:
    """Who comes later with one job is next but one."""
    async with place.open() as queue:
        for _ in range(100):
            await queue.add(a_job(place.clock.now), ROOM)
        await claimed(queue, place.clock)
        await queue.add(a_job(place.clock.now, "bob"), ROOM)
        order = [(await claimed(queue, place.clock)).client for _ in range(3)]
        assert "bob" in order[:2]


@law
async def test_priority_of_a_waiting_job_can_be_changed(place: Place) -> None:
    """The last becomes the first; a running one's can not be changed."""
    async with place.open() as queue:
        jobs = [await queue.add(a_job(place.clock.now + n), ROOM) for n in range(3)]
        place.clock.now += 10
        await queue.change(jobs[2].id, lifecycle.reprioritised(9))
        assert (await claimed(queue, place.clock)).id == jobs[2].id
        with pytest.raises(Conflict):
            await queue.change(jobs[2].id, lifecycle.reprioritised(1))


@law
async def test_a_client_runs_only_so_many(place: Place) -> None:
    """The others' jobs pass those of a client that has its share; they follow when one ends."""
    async with place.open() as queue:
        for client in ("ann", "ann", "ann", "bob"):
            await queue.add(a_job(place.clock.now, client), ROOM)
        claims = [await claimed(queue, place.clock, running=1) for _ in range(2)]
        assert {job.client for job in claims} == {"ann", "bob"}
        assert await queue.claim(lifecycle.claimed("w", place.clock.now, LEASE), 1) is None
        ann = next(job for job in claims if job.client == "ann")
        await queue.change(ann.id, done(ann, place.clock.now))
        assert (await claimed(queue, place.clock, running=1)).client == "ann"


@law
async def test_many_claims_at_once_never_share_a_job(place: Place) -> None:
    """20 workers on 3 servers ask together: each job has one holder."""
    async with place.open() as a, place.open() as b, place.open() as c:
        for _ in range(15):
            await a.add(a_job(place.clock.now), ROOM)
        got = await asyncio.gather(
            *(
                (a, b, c)[n % 3].claim(lifecycle.claimed(f"w{n}", place.clock.now, LEASE), 99)
                for n in range(20)
            )
        )
        ids = [job.id for job in got if job is not None]
        assert len(ids) == len(set(ids)) == 15


# --- Leases --------------------------------------------------------------------------------------


@law
async def test_a_lease_is_renewed_for_its_worker_only(place: Place) -> None:
    """Renewing tells what a worker holds, and is no change that anybody is told of."""
    async with place.open() as queue:
        for _ in range(3):
            await queue.add(a_job(place.clock.now), ROOM)
        mine = [await claimed(queue, place.clock, "me") for _ in range(2)]
        other = await claimed(queue, place.clock, "other")
        place.clock.now += LEASE - 1
        held = await queue.renew("me", place.clock.now + LEASE)
        assert held == {job.id: job.fence for job in mine}
        assert await queue.renew("nobody", place.clock.now) == {}
        place.clock.now += 2
        assert [job.id for job in await queue.due(place.clock.now, 10)] == [other.id]
        after = await queue.get(mine[0].id)
        assert after is not None
        assert after.version == mine[0].version


@law
async def test_a_worker_thought_dead_can_change_nothing(place: Place) -> None:
    """When its job was given to another, all it does is refused; what the other does counts."""
    async with place.open() as queue:
        await queue.add(a_job(place.clock.now), ROOM)
        old = await claimed(queue, place.clock, "old")
        place.clock.now += LEASE + 1
        (lost,) = await queue.due(place.clock.now, 10)
        await queue.change(lost.id, lifecycle.lost(place.clock.now, KEEPING))
        new = await claimed(queue, place.clock, "new")
        assert (new.id, new.attempt, new.lost) == (old.id, 1, 1)
        with pytest.raises(LeaseLost):
            await queue.change(old.id, done(old, place.clock.now))
        with pytest.raises(LeaseLost):
            await queue.change(old.id, lifecycle.lost(place.clock.now, KEEPING))
        assert await queue.renew("old", place.clock.now + LEASE) == {}
        assert (await queue.change(new.id, done(new, place.clock.now))).status == "done"


@law
async def test_all_that_must_be_looked_at_is_due(place: Place) -> None:
    """Dead workers' jobs come first, then webhooks and what waited or was kept long enough; what
    runs is never swept."""
    async with place.open() as queue:
        hook = Webhook("https://example.org/")
        for fields in ({"webhook": hook}, {}, {}, {}):
            await queue.add(a_job(place.clock.now, **fields), ROOM)
            place.clock.now += 0.01
        finished, lost, running = [await claimed(queue, place.clock) for _ in range(3)]
        (waiting,) = await queue.jobs(Query(statuses=("queued",)))
        assert await queue.due(place.clock.now, 10) == []
        await queue.change(finished.id, done(finished, place.clock.now))
        assert [job.id for job in await queue.due(place.clock.now, 10)] == [finished.id]

        def far(job: Job) -> Job:
            return replace(job, lease=place.clock.now + 1_000_000)

        await queue.change(running.id, far)
        place.clock.now += KEEPING.waiting + KEEPING.results + 1
        due = [job.id for job in await queue.due(place.clock.now, 10)]
        assert due[0] == lost.id
        assert set(due[1:]) == {finished.id, waiting.id}
        assert [job.id for job in await queue.due(place.clock.now, 1)] == [lost.id]


# --- Asking --------------------------------------------------------------------------------------


@law
async def test_lists_are_paged_newest_first(place: Place) -> None:
    """Page by page each of the client's jobs comes once, whatever is added meanwhile."""
    async with place.open() as queue:
        mine = []
        for n in range(25):
            place.clock.now += 1
            mine.append((await queue.add(a_job(place.clock.now), ROOM)).id)
            if n % 3 == 0:
                await queue.add(a_job(place.clock.now, "bob"), ROOM)
        seen: list[JobId] = []
        page = await queue.jobs(Query("ann", limit=10))
        while page:
            seen += [job.id for job in page]
            place.clock.now += 1
            await queue.add(a_job(place.clock.now), ROOM)
            page = await queue.jobs(Query("ann", before=page[-1].id, limit=10))
        assert seen == mine[::-1]
        cancel = lifecycle.cancelled(place.clock.now, KEEPING)
        await queue.change(mine[3], cancel)
        assert [job.id for job in await queue.jobs(Query("ann", ("cancelled",)))] == [mine[3]]
        both = await queue.jobs(Query(None, ("cancelled", "queued"), limit=1_000))
        assert len(both) == len(await all_jobs(queue)) == 37
        assert await queue.jobs(Query("nobody")) == []


@law
async def test_events_are_kept_for_late_listeners(place: Place) -> None:
    """Ids grow over all jobs; who asks for what came after an id misses nothing, gets nothing
    twice and nothing of other jobs."""
    async with place.open() as queue, place.open() as other:
        one, two = [await queue.add(a_job(place.clock.now), ROOM) for _ in range(2)]
        for n in range(20):
            await (queue, other)[n % 2].change(one.id, lambda job: job, (told(n / 20),))
            await queue.change(two.id, lambda job: job, (told(0.0),))
        seen, after = [], 0
        while page := await other.events(one.id, after, 7):
            seen += page
            after = page[-1].id
        assert after == await queue.last_event(one.id)
        assert [event.told for event in seen[1:]] == [told(n / 20) for n in range(20)]
        ids = [event.id for event in seen]
        assert ids == sorted(set(ids))
        assert await queue.events(one.id, 10**30, 7) == []
        last = await queue.last_event(two.id)
        await queue.remove(two.id)
        assert await queue.events(two.id, 0, 10) == []
        assert await queue.last_event(two.id) == 0
        await queue.change(one.id, lambda job: job, (told(1.0),))
        assert await queue.last_event(one.id) > last  # an id is never given twice


@law
async def test_a_removed_job_leaves_nothing(place: Place) -> None:
    """Neither scenes nor events; removing what is gone is fine."""
    async with place.open() as queue:
        job = await queue.add(a_job(place.clock.now), ROOM)
        await queue.change(job.id, lambda job: job, (told(0.1),), (SceneState("a"),))
        await queue.remove(job.id)
        await queue.remove(job.id)
        assert await queue.get(job.id) is None
        assert await queue.scenes(job.id) == ()
        assert await queue.jobs(Query()) == []


@law
async def test_the_load_is_told(place: Place) -> None:
    """How many are where, how long the oldest has been ready, who holds how many."""
    async with place.open() as queue:
        for n in range(4):
            await queue.add(a_job(place.clock.now, priority=n), ROOM)
        await queue.add(a_job(place.clock.now + 50), ROOM)
        await claimed(queue, place.clock, "w1")
        place.clock.now += 7
        load = await queue.load(place.clock.now)
        assert {name: count for name, count in load.by_status.items() if count} == {
            "queued": 4,
            "running": 1,
        }
        assert [count for _, count in sorted(load.waiting_by_priority.items())] == (
            [1, 1, 1, 0, 0, 1, 0, 0, 0, 0]
        )
        assert load.oldest_wait == pytest.approx(7)
        assert load.workers == {"w1": 1}


# --- Notice --------------------------------------------------------------------------------------


@law
async def test_changes_by_anybody_wake_those_who_wait(place: Place) -> None:
    """A change by this server, another one, or another process, since the revision, wakes; what
    came between asking and waiting is not missed; nothing wakes for nothing."""
    async with place.open() as queue, place.open() as other:
        revision = await queue.changed(-1, 5)
        began = time.monotonic()
        assert await queue.changed(revision, 0.15) == revision
        assert time.monotonic() - began >= 0.14

        for server in (queue, other):
            await server.add(a_job(place.clock.now), ROOM)
            woken = await queue.changed(revision, 5)
            assert woken != revision
            revision = woken

        waiting = [asyncio.create_task(queue.changed(revision, 20)) for _ in range(50)]
        process = await asyncio.to_thread(place.started, "poke")
        assert len(set(await asyncio.gather(*waiting)) - {revision}) == 1
        await asyncio.to_thread(process.communicate)
        assert time.monotonic() - began < 20


@law
async def test_who_waits_is_woken_when_the_service_ends(place: Place) -> None:
    """Closing ends every wait; what is asked later is refused, retryably."""
    async with place.open() as queue:
        revision = await queue.changed(-1, 0)
        waiting = asyncio.create_task(queue.changed(revision, 30))
        await asyncio.sleep(0.1)
    assert await asyncio.wait_for(waiting, 5) == revision
    with pytest.raises(Unavailable):
        await queue.get(JobId("x"))
    with pytest.raises(Unavailable):
        await queue.check()


# --- Keys ----------------------------------------------------------------------------------------


@law
async def test_keys_are_shared_and_revoked(place: Place) -> None:
    """Every server knows every key at once, and at once no longer."""
    async with place.open() as one, place.open() as other:
        keys = [ApiKey(f"k{n}", "ann", Digest("d"), ("read", "write"), float(n)) for n in range(3)]
        for key in keys:
            await one.add_key(key)
        assert await other.keys() == keys
        assert await other.find_key("k1") == keys[1]
        assert await other.revoke_key("k1", 9.0)
        assert await other.revoke_key("k1", 10.0)
        assert await one.find_key("k1") == replace(keys[1], revoked=9.0)
        assert not await one.revoke_key("k9", 9.0)


@law
async def test_secrets_are_made_once_for_all(place: Place) -> None:
    """What one server signs, the others accept; each name has a secret of its own."""
    async with place.open() as one, place.open() as other:
        found = await asyncio.gather(*(server.secret("links") for server in (one, other) * 5))
        assert len(set(found)) == 1
        assert len(found[0]) == 32
        assert await one.secret("webhooks") != found[0]


# --- Crashes -------------------------------------------------------------------------------------


def test_what_was_accepted_survives_kill(place: Place) -> None:
    """A server is killed while it takes in jobs: all 100 that it had confirmed are there."""
    process = place.started("add")
    assert process.stdout is not None
    said = [process.stdout.readline().strip() for _ in range(100)]
    process.kill()
    said += process.communicate()[0].splitlines()[:-1]

    async def check() -> None:
        async with place.open() as queue:
            assert {*said} <= {job.id for job in await all_jobs(queue)}

    assert len(said) >= 100
    asyncio.run(check())


@law
async def test_killed_workers_lose_nothing_and_do_nothing_twice(place: Place) -> None:
    """200 jobs, three workers, one of them killed at each of 20 random moments of its work (in the
    sample 60 and 6): every job is done and told to be done once."""
    count, kills = times(60, 200), times(6, 20)
    draw = random.Random(7)
    place.clock.now = time.time()
    async with place.open() as queue:
        for n in range(count):
            await queue.add(a_job(place.clock.now, f"client-{n % 5}"), ROOM)
        workers = [place.started("work") for _ in range(3)]
        for _ in range(kills):
            victim = workers.pop(0)
            while f"worker-{victim.pid}" not in (await queue.load(0)).workers:
                assert victim.poll() is None
                await asyncio.sleep(0.005)
            await asyncio.sleep(draw.uniform(0, 0.06))
            victim.kill()
            victim.communicate()
            workers.append(place.started("work"))
        for worker in workers:
            await asyncio.to_thread(worker.communicate, timeout=60)
        jobs = await all_jobs(queue)
        assert [job.status for job in jobs] == ["done"] * count
        for job in jobs:
            news = await statuses_told(queue, job.id)
            assert news.count("done") == 1
            assert news.count("running") == job.lost + 1
            assert len(await queue.scenes(job.id)) == 1
        assert sum(job.lost for job in jobs) >= kills / 2  # they did hit
