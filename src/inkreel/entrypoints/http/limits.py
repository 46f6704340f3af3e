"""Never a pile-up: so many at once, so many in line, and whoever comes after is told at once."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Generic, TypeVar

from inkreel.errors import Busy

T = TypeVar("T")

FORGET_AFTER = 1_000
"""Names after which answers that are old are forgotten."""


class Turnstile:
    """`places` may be inside at once and `line` wait; for more there is `Busy`."""

    def __init__(self, places: int, line: int, what: str) -> None:
        self._places = asyncio.Semaphore(places)
        self._most = places + line
        self._what = what
        self.under_way = 0
        self.of: Counter[str] = Counter()
        """Under way for each client."""

    @contextmanager
    def admitted(self, client: str) -> Iterator[None]:
        """Be in line or inside. Raises `Busy`."""
        if self.under_way >= self._most:
            raise Busy(
                f"{self.under_way} {self._what} are under way, as many as this process takes.",
                hint="Try again in a moment.",
            )
        self.under_way += 1
        self.of[client] += 1
        try:
            yield
        finally:
            self.under_way -= 1
            self.of[client] -= 1
            if not self.of[client]:
                del self.of[client]

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place, and hold it."""
        async with self._places:
            yield


class Recent(Generic[T]):
    """Answers that are good for so many seconds from the question on: a crowd that wants to know
    the same asks once."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._asked: dict[str, tuple[float, asyncio.Task[T]]] = {}

    async def of(self, name: str, ask: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """What `ask` says, or said just now. Raises what it raises."""
        now = time.monotonic()
        until, asking = self._asked.get(name, (0.0, None))
        if asking is None or (now > until and asking.done()):
            if len(self._asked) > FORGET_AFTER:
                self._asked = {
                    one: (then, task)
                    for one, (then, task) in self._asked.items()
                    if then >= now or not task.done()
                }
            asking = asyncio.create_task(ask())
            self._asked[name] = (now + self._seconds, asking)
        return await asyncio.shield(asking)  # it is others', too
