"""The contract of `Rates`: many processes, one allowance."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.backends.rates import allowed
from inkreel.backends.redis import RedisRates
from inkreel.backends.sqlite import SqliteRates
from inkreel.ports import Rates
from tests.backends.queues import Place, law, linked

NOW = 1_800_000_000.0


@asynccontextmanager
async def opened(place: Place, count: int) -> AsyncIterator[list[Rates]]:
    """Servers that share their limits."""
    if place.backend == "sqlite":
        path = Path(place.address.removeprefix("sqlite:")).with_name("limits.db")
        files = [SqliteRates(path) for _ in range(count)]
        yield [*files]
        for rates in files:
            await rates.close()
    else:
        links = [linked(place.address) for _ in range(count)]
        yield [RedisRates(link) for link in links]
        for link in links:
            await link.close()


@law
async def test_a_burst_then_the_rate(place: Place) -> None:
    """A burst is taken at once, over all servers; then one more every sixtieth of a minute's
    share. A refusal says when, and takes nothing."""
    async with opened(place, 2) as servers:
        await check_burst(servers)


async def check_burst(servers: list[Rates]) -> None:
    answers = [await servers[n % 2].take("ann", 60, 5, NOW) for n in range(8)]
    assert [answer.remaining for answer in answers] == [4, 3, 2, 1, 0, 0, 0, 0]
    assert [answer.retry_after == 0 for answer in answers] == [True] * 5 + [False] * 3
    assert answers[-1].retry_after == pytest.approx(1.0)
    assert answers[-1].reset == pytest.approx(5.0)
    assert (await servers[0].take("bob", 60, 5, NOW)).remaining == 4
    assert (await servers[0].take("ann", 60, 5, NOW + 0.9)).retry_after > 0
    assert (await servers[1].take("ann", 60, 5, NOW + 1.0)).retry_after == 0
    assert (await servers[1].take("ann", 60, 5, NOW + 60)).remaining == 4


@law
async def test_requests_at_once_share_the_allowance(place: Place) -> None:
    """Of 100 requests at once over three servers exactly the burst is let in."""
    async with opened(place, 3) as servers:
        answers = await asyncio.gather(
            *(servers[n % 3].take("ann", 600, 40, NOW) for n in range(100))
        )
    assert sum(answer.retry_after == 0 for answer in answers) == 40


@law
async def test_no_limit_is_no_limit(tmp_path: Path) -> None:
    """A rate of 0 lets everything in, and needs no file."""
    rates = SqliteRates(tmp_path / "limits.db")
    answers = [await rates.take("ann", 0, 3, NOW) for _ in range(10)]
    assert {answer.retry_after for answer in answers} == {0.0}
    assert not (tmp_path / "limits.db").exists()
    await rates.close()


@law
async def test_counting_goes_on_when_the_file_cannot(tmp_path: Path) -> None:
    """A damaged file is made anew; where none can be written the process counts for itself. No
    request fails for it, and none passes uncounted for long."""
    path = tmp_path / "limits.db"
    path.write_bytes(b"not a database" * 1_000)
    rates = SqliteRates(path)
    answers = [await rates.take("ann", 60, 3, NOW) for _ in range(8)]
    assert 3 <= sum(answer.retry_after == 0 for answer in answers) <= 4
    assert path.read_bytes().startswith(b"SQLite format 3")
    await rates.close()

    (tmp_path / "file").write_bytes(b"")
    nowhere = SqliteRates(tmp_path / "file" / "limits.db")
    answers = [await nowhere.take("ann", 60, 3, NOW) for _ in range(8)]
    assert sum(answer.retry_after == 0 for answer in answers) == 3
    await nowhere.close()


@settings(deadline=None)
@given(
    per_minute=st.integers(1, 6_000),
    burst=st.integers(1, 50),
    gaps=st.lists(st.floats(0, 5), min_size=1, max_size=60),
)
def test_never_more_than_the_rate_and_a_burst(
    per_minute: int, burst: int, gaps: list[float]
) -> None:
    """For any arrivals: in any time no more than a burst and the rate's share are let in; who
    comes again when told to is let in."""
    now, full, taken = 0.0, 0.0, 0
    for gap in gaps:
        now += gap
        full, answer = allowed(full, per_minute, burst, now)
        if answer.retry_after:
            assert answer.remaining == 0
            assert allowed(full, per_minute, burst, now + answer.retry_after)[1].retry_after == 0
        else:
            taken += 1
        assert 0 <= answer.remaining < burst or burst == answer.remaining == 0
        assert 0 <= answer.reset <= burst * 60 / per_minute + 1e-6
        assert taken <= burst + now * per_minute / 60 + 1e-3
