"""Work of a command, from its start to its end or to the signal that ends it."""

from __future__ import annotations

import asyncio
import signal
import sys
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from inkreel.errors import Cancelled

T = TypeVar("T")


def when_told_to_stop(call: Callable[[], object]) -> None:
    """Have the running loop call this at SIGTERM, SIGHUP and SIGINT; but what whoever started us
    has us ignore (`nohup`, a script's background) is not heard."""
    if sys.platform == "win32":
        return
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            asyncio.get_running_loop().add_signal_handler(number, call)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; Ctrl-C, SIGTERM and SIGHUP cancel it cleanly."""

    async def guarded() -> T:
        task = asyncio.ensure_future(work)
        when_told_to_stop(task.cancel)
        return await task

    if sys.platform == "win32":
        signal.signal(signal.SIGINT, signal.default_int_handler)  # asyncio takes it from there
    try:
        return asyncio.run(guarded())
    except (asyncio.CancelledError, KeyboardInterrupt):
        raise Cancelled(
            "Cancelled.", hint="Run it again to go on: finished scenes are kept."
        ) from None
