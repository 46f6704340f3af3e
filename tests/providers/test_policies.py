"""What stands between us and a service: each piece alone, on a clock of our own."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from functools import partial
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.providers import policies
from inkreel.providers.policies import (
    Breaker,
    Deadline,
    Failed,
    Kind,
    Pace,
    Retry,
    Room,
    Watched,
    around,
)


class Clock:
    """Time passes when somebody sleeps."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch | None = None) -> None:
        self.now = 1_000.0
        self.slept: list[float] = []
        if monkeypatch:
            # Only the policies': servers of other tests sleep in threads of this process.
            here = SimpleNamespace(**vars(asyncio) | {"sleep": self.sleep})
            monkeypatch.setattr(policies, "asyncio", here)

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Service:
    """Answers as the script says: a kind of failure, or well; the last of it for ever."""

    def __init__(self, *script: Kind | str, wait: float = 0.0, status: int = 0) -> None:
        self.script = list(script)
        self.wait = wait
        self.status = status
        self.calls = 0

    async def __call__(self) -> int:
        self.calls += 1
        kind = self.script.pop(0) if len(self.script) > 1 else self.script[0]
        if kind != "ok":
            raise Failed(kind, kind, self.wait, self.status)  # type: ignore[arg-type]
        return self.calls


def steady(low: float, high: float) -> float:
    return high


def ask(policy: policies.Policy, service: Callable[[], Awaitable[int]]) -> int | str:
    try:
        return asyncio.run(policy(service))  # type: ignore[arg-type]
    except Failed as failed:
        return failed.kind


def test_a_dead_service_rests_after_five_calls() -> None:
    """The breaker opens at the fifth failure in a row, and from then on nobody is called."""
    clock, dead = Clock(), Service("down")
    breaker = Breaker(clock=clock)
    for _ in range(50):
        ask(breaker, dead)
    assert dead.calls == 5
    assert breaker.resting


def test_one_probe_goes_through() -> None:
    """After the rest one call of many at once is let through; when it is good, all are."""
    clock = Clock()
    rests: list[bool] = []
    breaker = Breaker(clock=clock, rests=rests.append)
    for _ in range(5):
        ask(breaker, Service("down"))
    clock.now += 0.6
    door = asyncio.Event()
    calls = 0

    async def slow() -> int:
        nonlocal calls
        calls += 1
        await door.wait()
        return calls

    async def crowd() -> list[int | BaseException]:
        tasks = [asyncio.create_task(breaker(slow)) for _ in range(50)]
        await asyncio.sleep(0.01)
        door.set()
        return await asyncio.gather(*tasks, return_exceptions=True)

    answers = asyncio.run(crowd())
    assert calls == 1
    assert sum(isinstance(one, Failed) for one in answers) == 49
    assert ask(breaker, Service("ok")) == 1
    assert rests == [True, False]


def test_rests_grow_while_probes_fail() -> None:
    """Each failed probe doubles the rest, up to a minute; a good one ends it for good."""
    clock = Clock()
    breaker, dead = Breaker(clock=clock), Service("down")
    ask(breaker, Service("ok"))
    for _ in range(5):
        ask(breaker, dead)
    rests = []
    for _ in range(9):
        began = clock.now
        while ask(breaker, dead) == "resting":
            clock.now += 0.125
        rests.append(round(clock.now - began, 1))
    assert rests == [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 60.0, 60.0]
    clock.now += 61
    assert ask(breaker, Service("ok")) == 1
    for _ in range(4):
        ask(breaker, dead)
    assert not breaker.resting


def test_a_probe_that_is_given_up_is_made_again() -> None:
    """A caller who leaves during the probe does not keep the service closed for ever."""
    clock = Clock()
    breaker = Breaker(clock=clock)
    for _ in range(5):
        ask(breaker, Service("down"))
    clock.now += 1

    async def leave() -> None:
        task = asyncio.create_task(breaker(asyncio.Event().wait))  # type: ignore[arg-type]
        await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    asyncio.run(leave())
    assert ask(breaker, Service("ok")) == 1


def test_a_service_that_asks_for_time_gets_it() -> None:
    """After Retry-After nobody is called before that time, however others fare meanwhile, and no
    other failures are needed for it."""
    clock = Clock()
    breaker = Breaker(clock=clock)
    assert ask(breaker, Service("busy", wait=30.0)) == "busy"
    good = Service("ok")
    for _ in range(29):
        clock.now += 1
        assert ask(breaker, good) == "busy"
    assert good.calls == 0
    clock.now += 1.1
    assert ask(breaker, good) == 1


def test_a_refusal_is_no_failure_of_the_service() -> None:
    """A request that is refused for good does not have others wait."""
    breaker = Breaker(clock=Clock())
    for _ in range(20):
        assert ask(breaker, Service("refused")) == "refused"
    assert not breaker.resting


def test_waits_grow_and_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits double up to the longest, and the last error is told when patience is at its end."""
    clock, dead = Clock(monkeypatch), Service("down")
    assert ask(Retry(jitter=steady), dead) == "down"
    assert clock.slept == [0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 8.0]
    assert sum(clock.slept) <= 30
    assert dead.calls == 8


def test_nobody_waits_for_who_never_answered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that has failed from the first call on is given up when its breaker opens, by all
    who ask; once it answers it is worth waiting for, and so is one that is merely busy."""
    clock, dead = Clock(monkeypatch), Service("down")
    breaker, retry = Breaker(clock=clock), Retry(jitter=steady)
    told = [ask(retry, around(dead, breaker)) for _ in range(20)]
    assert told == ["dead"] * 20
    assert dead.calls == 5
    assert clock.slept == [0.25, 0.5, 1.0, 2.0]  # the first caller's, before it was open
    clock.now += 1
    assert ask(retry, around(Service("ok"), breaker)) == 1
    assert ask(retry, around(Service(*["down"] * 7, "ok"), breaker)) == 8
    busy = Service(*["busy"] * 7, "ok")
    assert ask(retry, around(busy, Breaker(clock=clock))) == 8


def test_a_key_that_is_refused_is_shown_once() -> None:
    """Who asks next is told the same without a call. After a minute one call tries it anew, and
    when it is let in, all are."""
    clock, shut = Clock(), Service("refused", status=401)
    rests: list[bool] = []
    breaker = Breaker(clock=clock, rests=rests.append)
    assert ask(breaker, Service("ok")) == 1
    assert ask(breaker, shut) == "refused"
    assert [ask(breaker, shut) for _ in range(20)] == ["dead"] * 20
    clock.now += 59
    assert ask(breaker, shut) == "dead"
    assert shut.calls == 1
    clock.now += 2
    assert ask(breaker, Service("ok")) == 1
    assert rests == [True, False]


@pytest.mark.parametrize("status", [403, 404])
def test_a_place_that_is_not_there_is_asked_for_once(status: int) -> None:
    """Unless it has answered: then the refusal is about one question, and others may be put."""
    nowhere = Service("refused", status=status)
    breaker = Breaker(clock=Clock())
    told = [ask(breaker, nowhere) for _ in range(10)]
    assert told == ["refused", *["dead"] * 9]
    breaker = Breaker(clock=Clock())
    assert ask(breaker, Service("ok")) == 1
    assert [ask(breaker, nowhere) for _ in range(10)] == ["refused"] * 10


def test_a_service_that_hangs_costs_one_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    """Calls that were made together are late together, one after the other; who begins in between
    would wait for as long again. A lone caller asks three times."""
    clock = Clock()
    breaker, retry, silent = Breaker(clock=clock), Retry(jitter=steady), Service("slow")
    doors = [asyncio.Event() for _ in range(4)]

    async def late(door: asyncio.Event) -> int:
        await door.wait()
        return await silent()

    async def crowd() -> list[str]:
        told = []
        calls = [asyncio.create_task(breaker(partial(late, door))) for door in doors]
        await asyncio.sleep(0)
        for door, call in zip(doors, calls, strict=True):
            door.set()
            with pytest.raises(Failed):
                await call
            with pytest.raises(Failed) as refused:  # who comes now
                await breaker(silent)
            told.append(refused.value.kind)
        return told

    assert asyncio.run(crowd()) == ["resting", "resting", "dead", "dead"]
    assert silent.calls == 4
    clock = Clock(monkeypatch)
    lone = Service("slow")
    assert ask(retry, around(lone, Breaker(clock=clock))) == "dead"
    assert lone.calls == 3
    once = Service("slow", "ok")
    assert ask(retry, around(once, Breaker(clock=clock))) == 2


def test_a_rest_is_as_long_as_the_call_was(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that hangs for a minute costs who asks it first that minute, and nobody another:
    neither he nor those who come within the next minute wait."""
    clock = Clock(monkeypatch)
    breaker, retry = Breaker(clock=clock), Retry(jitter=steady)
    calls = 0

    async def hang() -> int:
        nonlocal calls
        calls += 1
        clock.now += 60
        raise Failed("slow", "no answer in time")

    began = clock.now
    for _ in range(20):
        assert ask(retry, around(hang, breaker)) == "resting"
    assert calls == 1
    assert clock.now - began <= 61


def test_who_meets_a_dead_service_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """Short rests are sat out; once a rest is longer than any wait, a call fails at once."""
    clock, dead = Clock(monkeypatch), Service("down")
    breaker = Breaker(clock=clock)
    ask(breaker, Service("ok"))
    retry = Retry(jitter=lambda low, high: low)

    async def once() -> None:
        await retry(around(dead, breaker))

    for waits in (True, False, False):
        clock.slept.clear()
        with pytest.raises(Failed):
            asyncio.run(once())
        assert bool(clock.slept) == waits
    assert dead.calls == 10
    assert clock.now - 1_000 <= 30


def test_retry_after_is_heeded_or_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next call comes no sooner than asked for; a wait beyond all patience is not begun."""
    clock = Clock(monkeypatch)
    assert ask(Retry(), Service("busy", "busy", "ok", wait=7.0)) == 3
    assert all(wait >= 7.0 for wait in clock.slept)
    clock.slept.clear()
    assert ask(Retry(patience=30), Service("busy", wait=31.0)) == "busy"
    assert clock.slept == []


@pytest.mark.parametrize(("kind", "calls"), [("refused", 1), ("bad", 5), ("busy", 8), ("slow", 3)])
def test_each_failure_has_its_number_of_tries(
    kind: Kind, calls: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is refused is not asked again; what is bad or late a few times, since each costs money
    or a whole timeout."""
    Clock(monkeypatch)
    service = Service(kind)
    assert ask(Retry(jitter=steady), service) == kind
    assert service.calls == calls


@given(st.lists(st.sampled_from(["ok", "down", "busy", "slow"]), min_size=1, max_size=60))
def test_a_resting_service_is_never_called(script: list[str]) -> None:
    """Whatever happens, no call goes out while the breaker rests, but for one probe at a time; and
    a service that is well again is found to be."""
    clock = Clock()
    breaker = Breaker(clock=clock)
    service = Service(*script, "ok")

    async def run() -> None:
        for _ in range(200):
            before, until = service.calls, breaker._until
            with contextlib.suppress(Failed):
                await breaker(service)
            if until is not None and clock.now < until:
                assert service.calls == before
            clock.now += 0.3
        service.script = ["ok"]
        clock.now += 120
        assert await breaker(service) == service.calls

    asyncio.run(run())
    assert not breaker.resting


def test_no_more_calls_at_once_than_there_is_room_for() -> None:
    """The others wait in line, and all are served."""
    room, now, peak = Room(3), 0, 0

    async def call() -> None:
        nonlocal now, peak
        now += 1
        peak = max(peak, now)
        await asyncio.sleep(0.001)
        now -= 1

    async def crowd() -> None:
        await asyncio.gather(*(room(call) for _ in range(30)))

    asyncio.run(crowd())
    assert peak == 3


def test_the_pace_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """No minute sees more calls begin than are allowed."""
    clock = Clock(monkeypatch)
    pace, begun = Pace(10, clock=clock), []

    async def call() -> None:
        begun.append(clock.now)

    async def crowd() -> None:
        for _ in range(35):
            await pace(call)

    asyncio.run(crowd())
    for at in begun:
        assert sum(at <= other < at + 60 for other in begun) <= 10


def test_a_drip_ends_by_the_deadline() -> None:
    """A call that never ends is ended, and told as late; what it held is let go."""
    ended = False

    async def forever() -> None:
        nonlocal ended
        try:
            await asyncio.Event().wait()
        finally:
            ended = True

    with pytest.raises(Failed, match=r"longer than 0\.01 s"):
        asyncio.run(Deadline(0.01)(forever))
    assert ended


def test_each_call_is_told_and_the_first_policy_is_outermost() -> None:
    """The watch inside the retries sees every call; those that were not made are not told."""
    told: list[str] = []
    watched = Watched(lambda ended, seconds: told.append(ended))
    call = around(Service("down", "bad", "ok"), Retry(first=0.001), watched)
    assert asyncio.run(call()) == 3
    assert told == ["down", "bad", "ok"]
