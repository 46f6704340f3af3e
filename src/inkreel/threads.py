"""Work that blocks, beside the event loop."""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Callable
from typing import Any, TypeVar

T = TypeVar("T")


async def in_thread(work: Callable[..., T], *asked: object) -> T:
    """As `asyncio.to_thread`; when cancelled it waits for the thread, so that nobody else touches
    the movie meanwhile."""
    running = asyncio.ensure_future(asyncio.to_thread(work, *asked))
    try:
        return await asyncio.shield(running)
    except asyncio.CancelledError:
        await asyncio.wait([running])
        raise


async def let_go(work: Callable[..., T], *asked: object) -> T:
    """As `asyncio.to_thread`; when cancelled the thread is left to end by itself. It moves a whole
    video about and has the disk keep it: nobody waits for that who does not want it any more."""
    loop = asyncio.get_running_loop()
    told: asyncio.Future[T] = loop.create_future()

    def settle(done: Callable[[Any], None], what: object) -> None:
        if not told.done():
            done(what)

    def run() -> None:
        done: Callable[[Any], None] = told.set_result
        what: object
        try:
            what = work(*asked)
        except BaseException as error:  # noqa: BLE001  raised by who awaits it
            done, what = told.set_exception, error
        with contextlib.suppress(RuntimeError):  # the loop has ended before
            loop.call_soon_threadsafe(settle, done, what)

    threading.Thread(target=run, daemon=True).start()
    return await told
