"""Who is next: fair between clients, urgent first, and nobody starves."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from inkreel import schedule
from inkreel.job import Job, new_job_id
from inkreel.model import Options

START = 1_800_000_000.0
CLOCK = schedule.Clock()


def a_job(client: str, queued: float = 0.0, priority: int = 5, minutes: float = 1.0) -> Job:
    return Job(
        id=new_job_id(START + queued),
        client=client,
        title="",
        options=Options(seconds=minutes * 60),
        source=None,
        priority=priority,
        created=START + queued,
        queued=START + queued,
        sweep=START + queued,
    )


class Line:
    """One worker that takes a minute for a minute of video, and those who wait for it."""

    def __init__(self) -> None:
        self.now = 0.0
        self.clock = schedule.Clock()
        self.behind: dict[str, float] = defaultdict(float)
        self.waiting: list[Job] = []
        self.done: list[tuple[Job, float]] = []

    def work(self, until: float, arrivals: Callable[[float], Iterable[Job]]) -> None:
        """Take one job after the other; `arrivals(now)` are those who came since it was asked."""
        while self.now < until:
            self.waiting += arrivals(self.now)
            tagged = [
                pair
                for client in {job.client for job in self.waiting}
                for pair in schedule.tags(
                    self.clock,
                    self.behind[client],
                    (job for job in self.waiting if job.client == client),
                )
            ]
            job = schedule.first(tagged)
            if job is None:
                self.now += 1
                continue
            tag = next(tag for other, tag in tagged if other is job)
            self.clock, self.behind[job.client] = schedule.started(
                self.clock, job, tag, START + self.now
            )
            self.waiting.remove(job)
            self.done.append((job, self.now))
            self.now += 60 * job.cost

    def minutes(self) -> dict[str, float]:
        """Minutes of video that each client got."""
        got: dict[str, float] = defaultdict(float)
        for job, _ in self.done:
            got[job.client] += job.cost
        return got


def steady(every: float, make: Callable[[float], Job]) -> Callable[[float], Iterable[Job]]:
    """Arrivals at even intervals."""
    next_at = [0.0]

    def arrivals(now: float) -> Iterable[Job]:
        while next_at[0] <= now:
            yield make(next_at[0])
            next_at[0] += every

    return arrivals


def jain(shares: Iterable[float]) -> float:
    """1 when all are equal, 1/n when one has all (R. Jain, 1984)."""
    shares = list(shares)
    return sum(shares) ** 2 / (len(shares) * sum(share * share for share in shares))


def test_a_client_with_many_jobs_does_not_delay_one_with_one() -> None:
    """A hundred jobs wait; another client's only job is next after the one that runs."""
    line = Line()
    line.waiting = [a_job("many", n) for n in range(100)]
    line.work(10 * 60, lambda _now: ())
    line.waiting.append(a_job("one", line.now))
    line.work(12 * 60, lambda _now: ())
    assert "one" in {job.client for job, _ in line.done[-2:]}


def test_clients_get_equal_shares() -> None:
    """Ten clients with jobs of quite different numbers and lengths: while all have work, each gets
    the same minutes of video (Jain index ≥ 0.99)."""
    line = Line()
    for n in range(10):
        length = (0.5, 1.0, 2.0, 5.0, 10.0)[n % 5]
        line.waiting += [a_job(f"c{n}", n, minutes=length) for _ in range(int(120 / length))]
    line.work(800 * 60, lambda _now: ())
    assert {job.client for job in line.waiting} == {f"c{n}" for n in range(10)}
    assert jain(line.minutes().values()) >= 0.99


def test_shares_follow_priority_by_its_weight() -> None:
    """A client whose jobs are three levels more urgent gets twice the minutes, not all."""
    line = Line()
    line.waiting = [a_job("high", priority=8) for _ in range(400)]
    line.waiting += [a_job("usual", priority=5) for _ in range(400)]
    line.work(300 * 60, lambda _now: ())
    got = line.minutes()
    assert 1.9 < got["high"] / got["usual"] < 2.1


def test_who_waits_longer_gets_more_but_not_all() -> None:
    """The jobs of one client are 40 minutes old, those of another come as they are made: the first
    gets about three times the minutes, and still a third one's only job is next."""
    line = Line()
    line.now = 40 * 60
    line.waiting = [a_job("old", 0) for _ in range(200)]

    def fresh(now: float) -> Iterable[Job]:
        if not any(job.client == "fresh" for job in line.waiting):
            yield a_job("fresh", now)

    line.work(80 * 60, fresh)
    got = line.minutes()
    assert 2.5 < got["old"] / got["fresh"] < 4.5
    line.waiting.append(a_job("one", line.now))
    line.work(line.now + 2 * 60, fresh)
    assert "one" in {job.client for job, _ in line.done[-2:]}


def test_a_client_is_charged_less_the_longer_its_job_waited() -> None:
    """Where jobs wait 20 minutes: twice the length for one that did not wait, the length for one
    that waited as they do, two thirds after 40 minutes."""
    job, clock = a_job("ann", minutes=6.0), schedule.Clock(100, 20 * 60)
    places = [schedule.started(clock, job, 110, START + 60 * wait)[1] for wait in (-5, 0, 20, 40)]
    assert places == [122, 122, 116, 114]


def test_who_was_away_has_saved_nothing_up() -> None:
    """A client that comes back after hours shares from now on; it does not take all."""
    line = Line()
    line.work(300 * 60, steady(60, lambda at: a_job("old", at)))
    line.waiting = [a_job("old", line.now) for _ in range(100)]
    line.waiting += [a_job("back", line.now) for _ in range(100)]
    line.done.clear()
    line.work(line.now + 60 * 60, lambda _now: ())
    assert jain(line.minutes().values()) >= 0.99


def test_the_urgent_goes_first_within_a_client() -> None:
    """Of jobs sent together the more urgent is made first."""
    jobs = [a_job("ann", 0, priority) for priority in (0, 9, 5, 7)]
    order = [job.priority for job, _ in schedule.tags(CLOCK, 0, jobs)]
    assert order == [9, 7, 5, 0]


def test_no_job_starves_under_a_flow_of_urgent_ones() -> None:
    """More jobs of priority 9 keep coming than can be made: one of priority 0 is passed only by
    those that come within nine minutes of it, its own client's or others'."""
    for client in ("ann", "bob"):
        line = Line()
        line.waiting = [a_job(client, 0, priority=0)]
        line.work(3_600, steady(50, lambda at: a_job("ann", at, priority=9)))
        (started,) = [at for job, at in line.done if job.priority == 0]
        assert started <= 13 * 60


def test_every_job_is_started_under_overload() -> None:
    """Two clients, all priorities, twice as many as can be made: the order within a client is by
    urgency, so each waits no longer than the backlog and five minutes."""
    line = Line()
    count = [0]

    def make(at: float) -> Job:
        count[0] += 1
        return a_job("ab"[count[0] % 2], at, priority=count[0] * 7 % 10)

    line.work(120 * 60, steady(30, make))
    rest = list(line.waiting)
    line.waiting = []
    for job, started in line.done:
        before = [
            other
            for other in rest
            if other.client == job.client and schedule.urgency(other) < schedule.urgency(job)
        ]
        assert all(other.queued - START > started - 60 for other in before)


def test_a_changed_priority_changes_the_turn() -> None:
    """A waiting job that is made urgent passes the others of its client."""
    jobs = [a_job("ann", n) for n in range(5)]
    jobs[4] = replace(jobs[4], priority=9)
    assert schedule.tags(CLOCK, 0, jobs)[0][0] is jobs[4]
    assert schedule.first(schedule.tags(CLOCK, 0, jobs)) is jobs[4]
    assert schedule.first([]) is None


@settings(deadline=None)
@given(
    clock=st.floats(0, 1e6),
    behind=st.floats(0, 1e6),
    jobs=st.lists(st.tuples(st.floats(0, 1e5), st.integers(0, 9), st.floats(0.1, 40))),
)
def test_tags_are_laid_end_to_end(
    clock: float, behind: float, jobs: list[tuple[float, int, float]]
) -> None:
    """For any jobs: each is tagged once, from where the client stands, one behind the other."""
    waiting = [a_job("ann", *job) for job in jobs]
    tagged = schedule.tags(schedule.Clock(clock), behind, waiting)
    assert sorted(job.id for job, _ in tagged) == sorted(job.id for job in waiting)
    tag = max(clock, behind)
    for (job, at), (following, _) in zip(tagged, [*tagged[1:], *tagged[-1:]], strict=True):
        assert at == tag
        assert schedule.urgency(job) <= schedule.urgency(following)
        assert schedule.length(job) > 0
        tag += schedule.length(job)
