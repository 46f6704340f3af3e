"""What takes long: all of it by `make thorough`, a sample by `make test`."""

from __future__ import annotations

import os

import pytest

ALL = os.environ.get("INKREEL_TEST") == "thorough"

thorough = pytest.mark.skipif(not ALL, reason="takes long: make thorough")
"""For tests, or cases of one, whose like is in the sample."""


def times(usual: int, most: int) -> int:
    """So often, or so many."""
    return most if ALL else usual
