"""What a crowd wants to know is asked once, and again soon."""

from __future__ import annotations

import asyncio

from inkreel.entrypoints.http.limits import Recent
from inkreel.errors import Unavailable


class Clerk:
    """Says how often it was asked, a moment later; fails when told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.fails = False

    async def answer(self) -> int:
        self.asked += 1
        await asyncio.sleep(0.01)
        if self.fails:
            raise Unavailable("Not now.", hint="Try again later.")
        return self.asked


def test_a_crowd_asks_once() -> None:
    """Who comes while a question is under way, or just after, gets its answer; others ask anew."""

    async def run() -> None:
        clerk, recent = Clerk(), Recent[int](0.05)
        assert await asyncio.gather(*(recent.of("a", clerk.answer) for _ in range(20))) == [1] * 20
        assert await recent.of("a", clerk.answer) == 1
        assert await recent.of("b", clerk.answer) == 2
        await asyncio.sleep(0.06)
        assert await recent.of("a", clerk.answer) == 3

    asyncio.run(run())


def test_who_leaves_takes_no_answer_away() -> None:
    """The first of a crowd may be cancelled; the others get what it asked for."""

    async def run() -> None:
        clerk, recent = Clerk(), Recent[int](0.05)
        first, second = (asyncio.create_task(recent.of("a", clerk.answer)) for _ in range(2))
        await asyncio.sleep(0)
        first.cancel()
        assert await second == 1

    asyncio.run(run())


def test_a_failure_is_told_to_the_crowd_and_not_kept() -> None:
    """All who waited are told; after a moment it is asked again."""

    async def run() -> None:
        clerk, recent = Clerk(), Recent[int](0.02)
        clerk.fails = True
        asked = [recent.of("a", clerk.answer) for _ in range(3)]
        told = await asyncio.gather(*asked, return_exceptions=True)
        assert [type(one) for one in told] == [Unavailable] * 3
        clerk.fails = False
        await asyncio.sleep(0.03)
        assert await recent.of("a", clerk.answer) == 2

    asyncio.run(run())


def test_names_are_forgotten() -> None:
    """However many clients come, only those of the last moment are held."""

    async def run() -> None:
        recent = Recent[int](0.0)

        async def answer() -> int:
            return 1

        for number in range(1_100):
            await recent.of(f"client-{number}", answer)
        assert len(recent._asked) < 1_100

    asyncio.run(run())
