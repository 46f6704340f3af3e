"""Work that goes on for as long as a process: whatever it raises is told, and it goes on."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Awaitable, Callable

from inkreel.errors import InkreelError

log = logging.getLogger(__name__)

FAULT_SECONDS = 1.0
"""Wait after something was raised."""


async def again_and_again(
    work: Callable[[], Awaitable[object]], pause: float, stop: asyncio.Event
) -> None:
    """Do `work` with pauses (seconds) until `stop`; a round that has begun is ended."""
    while not stop.is_set():
        wait = pause
        try:
            await work()
        except InkreelError as error:  # the queue or the disk is away for a moment
            log.warning("%s", error.message)
            wait = FAULT_SECONDS
        except Exception:
            log.exception("a fault of ours; it goes on")
            wait = FAULT_SECONDS
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), wait)
