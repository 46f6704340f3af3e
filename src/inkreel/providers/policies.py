"""What stands between us and a service that fails now and then: small pieces around any call.

A policy takes a call and makes it, once, often, later or not at all. `around` puts several about
each other, the first outermost; none knows what is called. As wiring puts them:

    Retry → Room → Breaker → Pace → Deadline → Watched → the call

Waits of `Retry` hold no room; who waited for room asks the breaker before he goes out.
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Literal, Protocol, TypeVar

T = TypeVar("T")
Call = Callable[[], Awaitable[T]]

Kind = Literal["busy", "down", "slow", "bad", "refused", "resting", "dead"]
"""Told to come later · away or broken · too late · not what was asked for · refused for good ·
not asked, since it rests · nor worth waiting for."""

BAD_TRIES = 5
"""What came wrong so often is likely to come so again, and each time costs money."""
LATE_TRIES = 3
"""Likewise what came late, and each time costs a whole timeout."""
LATE = 2
"""As how many failures one counts that came late: three timeouts are enough to tell."""
KEY = frozenset({401, 402})
"""How a service says that the key, or what was paid for it, opens nothing."""
PLACE = frozenset({403, 404})
"""Likewise, unless it has answered: then it may be about what was asked."""
LONGEST_WAIT = 86_400.0
"""Of what a service asks for with Retry-After, in seconds."""


class Failed(Exception):
    """A call came to nothing; `why` is for people, `wait` is what the service asks for, in
    seconds, `status` what HTTP said, if it was that."""

    def __init__(self, kind: Kind, why: str, wait: float = 0.0, status: int = 0) -> None:
        super().__init__(why)
        self.kind: Kind = kind
        self.why = why
        self.status = status
        self.wait = min(wait, LONGEST_WAIT)


class Policy(Protocol):
    """Makes a call in its own way. Raises what the call raises, or `Failed`."""

    async def __call__(self, call: Call[T], /) -> T: ...


def around(call: Call[T], *policies: Policy) -> Call[T]:
    """The call within the policies, the first of them outermost."""
    for policy in reversed(policies):
        call = _within(policy, call)
    return call


def _within(policy: Policy, call: Call[T]) -> Call[T]:
    return lambda: policy(call)


class Retry:
    """Calls again, after waits that grow and are jittered, or as the service says; gives up when
    the next wait would go over `patience` seconds in all, or after so many `tries`, of which no
    more than `bad` may come wrong and `LATE_TRIES` late. Waits for a service that rests cost
    patience and no try; one that rests for longer than the `longest` wait is as good as dead."""

    def __init__(
        self,
        tries: int = 10,
        patience: float = 30.0,
        first: float = 0.25,
        longest: float = 8.0,
        bad: int = BAD_TRIES,
        jitter: Callable[[float, float], float] = random.uniform,
    ) -> None:
        self._tries = tries
        self._bad = bad
        self._patience = patience
        self._first = first
        self._longest = longest
        self._jitter = jitter

    async def __call__(self, call: Call[T], /) -> T:
        waited, tries, bad, late = 0.0, 0, 0, 0
        while True:
            try:
                return await call()
            except Failed as failed:
                tries += failed.kind != "resting"
                bad += failed.kind == "bad"
                late += failed.kind == "slow"
                wait = self._wait(tries, failed)
                spent = tries >= self._tries or bad >= self._bad or late >= LATE_TRIES
                asleep = failed.kind == "resting" and failed.wait > self._longest
                hopeless = failed.kind in ("refused", "dead") or asleep
                if hopeless or spent or waited + wait > self._patience:
                    raise
            await asyncio.sleep(wait)
            waited += wait

    def _wait(self, tries: int, failed: Failed) -> float:
        if failed.wait:
            return failed.wait * self._jitter(1.0, 1.05)
        grown = self._first * 2.0 ** (max(1, tries) - 1)
        return min(self._longest, grown) * self._jitter(0.5, 1.0)


class Breaker:
    """Lets a service rest that failed `after` times in a row: meanwhile nobody calls it. Then one
    call is a probe; the rest is over when it is good, and twice as long when it is not; it is no
    shorter than the call that failed. A service that names a time with Retry-After is left alone
    until then. `rests` is told of both ends.

    Who was well a moment ago will likely be so again, and is worth waiting for. Who has never
    answered is not, nor who refuses the key, which is told by one call: they are `dead` as long as
    they rest."""

    PROBING = 0.2
    """Seconds after which those may ask again who came while a probe is under way."""

    def __init__(
        self,
        after: int = 5,
        first: float = 0.5,
        longest: float = 60.0,
        rests: Callable[[bool], object] = bool,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._after = after
        self._tell = rests
        self._first = first
        self._longest = longest
        self._clock = clock
        self._alive = False
        """It has answered, or said that it is busy, and has not refused the key since."""
        self._failures = 0
        self._why = ""
        """Of the last failure."""
        self._rests = 0
        self._until: float | None = None
        """When the rest ends; None: there is none."""
        self._asked = 0.0
        """Until when the service asked to be left alone."""
        self._probing = False

    @property
    def resting(self) -> bool:
        """Whether it is open, or half."""
        return self._until is not None

    @property
    def _dead(self) -> bool:
        """Whether nobody is to wait for it."""
        return not self._alive and self._failures >= self._after

    async def __call__(self, call: Call[T], /) -> T:
        probe = self._admit()
        began = self._clock()
        try:
            answer = await call()
        except Failed as failed:
            self._why = failed.why
            if failed.status in KEY or (failed.status in PLACE and not self._alive):
                self._shut()
            elif failed.kind == "refused":  # it is there, and says so
                self._went_well()
            else:
                self._went_wrong(failed, self._clock() - began, probe=probe)
                if self._dead:
                    failed.kind = "dead"
            raise
        else:
            self._went_well()
            return answer
        finally:
            if probe:
                self._probing = False

    def _admit(self) -> bool:
        """Whether this call is the probe. Raises `Failed` when there is to be no call."""
        if self._until is None:
            return False
        now = self._clock()
        left = self._until - now
        if now < self._asked:
            raise Failed("busy", self._why, self._asked - now)
        if left > 0 and self._dead:
            raise Failed("dead", self._why)
        if left > 0 or self._probing:
            raise Failed("resting", f"{self._why}, again and again", max(left, self.PROBING))
        self._probing = True
        return True

    def _went_well(self) -> None:
        self._alive = True
        self._failures = 0
        if self._until is not None and self._clock() >= self._asked:
            self._rests, self._until = 0, None
            self._tell(False)

    def _went_wrong(self, failed: Failed, took: float, *, probe: bool) -> None:
        self._alive = self._alive or failed.kind == "busy" or failed.wait > 0
        late = failed.kind == "slow"
        self._failures += LATE if late else 1
        now = self._clock()
        # Calls that were made together are late together: nobody is to begin one in between, and
        # to wait for as long again.
        enough = self._failures >= self._after or (late and not self._alive)
        if failed.wait:
            self._asked = max(self._asked, now + failed.wait)
            self._rest(max(self._until or 0.0, self._asked))
        elif probe or (self._until is None and enough):
            # Who hangs is not to have the next one wait for as long again.
            rest = min(self._longest, max(took, self._first * 2.0**self._rests))
            self._rests += 1
            self._rest(max(self._asked, now + rest))

    def _shut(self) -> None:
        """Nobody else is to ask who would be refused as well."""
        self._alive, self._failures = False, self._after
        self._rest(max(self._asked, self._clock() + self._longest))

    def _rest(self, until: float) -> None:
        rested, self._until = self.resting, until
        if not rested:
            self._tell(True)


class Room:
    """So many calls at once; the others wait in line."""

    def __init__(self, places: int) -> None:
        self._places = asyncio.Semaphore(places)

    async def __call__(self, call: Call[T], /) -> T:
        async with self._places:
            return await call()


class Pace:
    """At most so many calls begin within any minute; the others wait for their turn."""

    def __init__(
        self, per_minute: int, minute: float = 60.0, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._begun: deque[float] = deque(maxlen=per_minute)
        self._minute = minute
        self._clock = clock

    async def __call__(self, call: Call[T], /) -> T:
        now = self._clock()
        full = len(self._begun) == self._begun.maxlen
        turn = max(now, self._begun[0] + self._minute) if full else now
        self._begun.append(turn)
        if turn > now:
            await asyncio.sleep(turn - now)
        return await call()


class Deadline:
    """The whole call ends by then, however slowly the answer drips."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds

    async def __call__(self, call: Call[T], /) -> T:
        try:
            async with asyncio.timeout(self._seconds):
                return await call()
        except TimeoutError as error:
            raise Failed("slow", f"it took longer than {self._seconds:g} s") from error


Watch = Callable[[str, float], None]
"""Is told of each call: how it ended (`ok`, or a `Kind`), and how many seconds it took."""


class Watched:
    """Tells of each call."""

    def __init__(self, watch: Watch, clock: Callable[[], float] = time.monotonic) -> None:
        self._watch = watch
        self._clock = clock

    async def __call__(self, call: Call[T], /) -> T:
        began = self._clock()
        ended = "cancelled"
        try:
            answer = await call()
            ended = "ok"
        except Failed as failed:
            ended = failed.kind
            raise
        finally:
            self._watch(ended, self._clock() - began)
        return answer
