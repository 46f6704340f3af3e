"""Where the `inkreel` command begins: what makes a video needs a process, soon."""

from __future__ import annotations

import sys

from inkreel.backends.hatching import hatch_early


def main() -> None:
    """Run the command."""
    if sys.argv[1:2] == ["make"]:
        hatch_early()
    # Loading it takes as long as that process takes to be ready.
    from inkreel.entrypoints.cli import main as command

    command()
