"""Never a pile-up: so many at once, so many in line, and whoever comes after is told at once."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager

from inkreel.errors import Busy


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
