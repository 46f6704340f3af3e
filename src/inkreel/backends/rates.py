"""The generic cell rate algorithm: one number per client, when its allowance is whole again.

No request fails because it cannot be counted: what shares its counts with others counts `Alone`
where it cannot.
"""

from __future__ import annotations

from inkreel.job import Allowance

SWEEP_AFTER = 1_000
"""Clients after which those whose allowance is whole are forgotten."""
UNLIMITED = 0
"""Requests a minute that set no limit."""


def allowed(full: float, per_minute: int, burst: int, now: float) -> tuple[float, Allowance]:
    """One request more, when the allowance is whole again at `full`: that time now, and the answer.

    A request puts it off by a minute's share; it is refused if that would be further away than a
    burst takes.
    """
    each = 60.0 / per_minute
    after = max(full, now) + each
    over = after - (now + burst * each)
    if over > 1e-6:
        return full, Allowance(remaining=0, reset=full - now, retry_after=over)
    remaining = int((burst * each - (after - now)) / each + 1e-6)
    return after, Allowance(remaining=remaining, reset=after - now)


class Alone:
    """Rate limits of this process, in memory."""

    def __init__(self) -> None:
        self._full: dict[str, float] = {}

    def take(self, client: str, per_minute: int, burst: int, now: float) -> Allowance:
        if len(self._full) > SWEEP_AFTER:
            self._full = {name: full for name, full in self._full.items() if full > now}
        full, allowance = allowed(self._full.get(client, now), per_minute, burst, now)
        self._full[client] = full
        return allowance
