"""Fixtures of the composer's tests."""

from __future__ import annotations

import pytest

from tests.compose.handmade import MemoryShelf


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()
