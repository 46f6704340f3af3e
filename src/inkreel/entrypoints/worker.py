"""One worker process: `inkreel worker`, or a child that the service keeps.

SIGTERM has it hand back its jobs and end; what it had made is found by the next worker.
"""

from __future__ import annotations

import asyncio
import logging
import os
import sys

from inkreel.errors import InkreelError
from inkreel.settings import Settings

log = logging.getLogger(__name__)


def main() -> None:
    """Work by the settings of the environment until SIGTERM, SIGINT or the parent's end."""
    from inkreel.settings import load

    try:
        asyncio.run(work(load()))
    except InkreelError as error:
        sys.stderr.write(f"error {error.code}: {error.message}\n  hint: {error.hint}\n")
        sys.exit(error.exit_code)


async def work(settings: Settings) -> None:
    """Work until SIGTERM, SIGINT or the parent's end. Raises `SettingError`, `Unavailable`."""
    from inkreel.entrypoints.keeping import end_with_parent
    from inkreel.entrypoints.metrics import Metrics, counted
    from inkreel.entrypoints.running import when_told_to_stop
    from inkreel.wiring.options import check_workers
    from inkreel.wiring.worker import open_worker

    check_workers(settings)
    logging.basicConfig(
        stream=sys.stderr, level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s"
    )
    stop = asyncio.Event()
    when_told_to_stop(stop.set)
    loop = asyncio.get_running_loop()
    end_with_parent(lambda: loop.call_soon_threadsafe(stop.set))
    metrics = Metrics()
    async with open_worker(
        settings, lambda queue: counted(queue, metrics), metrics.services
    ) as worker:
        log.info("worker %d is ready: %d processes", os.getpid(), settings.workers)
        await worker.run(stop)
    log.info("worker %d ends", os.getpid())


if __name__ == "__main__":
    main()
