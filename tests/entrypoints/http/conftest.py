"""One server for most tests, and one that asks for keys."""

from __future__ import annotations

from collections.abc import Iterator

import httpx2
import pytest

from tests.entrypoints.http.server import Running, running


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    with running(tmp_path_factory.mktemp("http"), max_input_bytes=2_000_000) as server:
        yield server


@pytest.fixture(scope="session")
def keyed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("keyed")
    with running(folder, auth="on", rate_per_minute=0) as server:
        yield server


@pytest.fixture
def client(server: Running) -> Iterator[httpx2.Client]:
    with server.client() as client:
        yield client
