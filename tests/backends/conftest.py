"""Where the contract of the queue is tested: SQLite and one Redis server in the default run; with
`INKREEL_TEST_REDIS=all` (`make redis`) Sentinel and Cluster, too."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests import redis_servers
from tests.backends.queues import Clock, Place

ALL = ("sqlite", "redis", "sentinel", "cluster")
BACKENDS = ALL if os.environ.get("INKREEL_TEST_REDIS") == "all" else ALL[:2]

Places = Callable[[], Place]


class Deployments:
    """Redis servers, started when first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[str, redis_servers.Deployment] = {}

    def of(self, kind: str) -> redis_servers.Deployment:
        if not redis_servers.installed():
            pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
        if kind not in self._running:
            self._running[kind] = self._stack.enter_context(redis_servers.running(kind))
        return self._running[kind]


@pytest.fixture(scope="session")
def deployments() -> Iterator[Deployments]:
    with ExitStack() as stack:
        yield Deployments(stack)


@pytest.fixture(params=BACKENDS)
def places(request: pytest.FixtureRequest, tmp_path: Path, deployments: Deployments) -> Places:
    """Makes empty places for a queue, each apart from the others."""

    def fresh() -> Place:
        name = secrets.token_hex(6)
        if request.param == "sqlite":
            return Place(f"sqlite:{tmp_path / name / 'service.db'}", Clock())
        return Place(f"{deployments.of(request.param).url}#test-{name}", Clock())

    return fresh


@pytest.fixture
def place(places: Places) -> Place:
    """One of them."""
    return places()
