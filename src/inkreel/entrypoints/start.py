"""Where the `inkreel` command begins: what makes a video needs a process, soon."""

from __future__ import annotations

import os
import signal
import sys

from inkreel.backends.hatching import hatch_early

CANCELLED = 130


def main() -> None:
    """Run the command."""
    for name in (signal.SIGINT, signal.SIGTERM):
        if signal.getsignal(name) is not signal.SIG_IGN:
            signal.signal(name, _leave)
    if sys.argv[1:2] == ["make"]:
        hatch_early()
    # Loading it takes as long as that process takes to be ready.
    from inkreel.entrypoints.cli import main as command

    command()


def _leave(*_: object) -> None:
    """End at once, until the work begins and has a way to be cancelled: there is nothing to undo.
    An exception would be shown as a fault, and where a library is loading even be swallowed."""
    os._exit(CANCELLED)
