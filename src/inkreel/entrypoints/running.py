"""Work of a command, from its start to its end or to the signal that ends it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Coroutine
from typing import Any, TypeVar

from inkreel.errors import Cancelled

T = TypeVar("T")


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C, SIGTERM and SIGHUP cancel it cleanly."""

    async def guarded() -> T:
        task = asyncio.ensure_future(work)
        loop = asyncio.get_running_loop()
        for name in ("SIGTERM", "SIGHUP", "SIGINT"):
            if hasattr(signal, name) and sys.platform != "win32":
                loop.add_signal_handler(getattr(signal, name), task.cancel)
        return await task

    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio takes it from there
    try:
        return asyncio.run(guarded())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Cancelled(
            "Cancelled.", hint="Run it again to go on: finished scenes are kept."
        ) from None
