"""Fixtures of the drawing room's tests."""

from __future__ import annotations

import pytest

from tests.visuals.scenes import MemoryShelf


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()
