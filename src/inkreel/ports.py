"""The seams: what the house asks of those who hold state or do work for it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any, Protocol, TypeVar

from inkreel.job import (
    Admission,
    Allowance,
    ApiKey,
    Change,
    Event,
    Job,
    JobId,
    Load,
    Query,
    SceneState,
    Told,
)
from inkreel.model import Artifact, Degraded, Digest
from inkreel.recipes import Recipe

T = TypeVar("T")


class Shelf(Protocol):
    """The store as a step sees it: content only, no keys."""

    def load(self, digest: Digest, kind: type[T]) -> T:
        """Decode an artifact. Raises `ArtifactLost` when it is gone or damaged."""

    def read(self, digest: Digest) -> bytes:
        """The plain bytes. Raises `ArtifactLost`."""

    def save(self, data: bytes) -> Digest:
        """Keep further bytes; they live as long as the artifact being made."""


class Store(Protocol):
    """Recipe key → digest, digest → bytes. Safe for many processes; calls block on the disk."""

    def find(self, recipe: Recipe[Any]) -> Artifact | None:
        """The artifact of this recipe, if every byte it needs is there and it is not too old."""

    def keep(
        self,
        recipe: Recipe[Any],
        data: bytes,
        also: tuple[Digest, ...] = (),
        degraded: tuple[Degraded, ...] = (),
    ) -> Artifact:
        """Store what a step made. Put-if-absent: returns the artifact that won."""

    def put(self, data: bytes) -> Digest:
        """Store bytes that no recipe made (an upload)."""

    def read(self, digest: Digest) -> bytes:
        """The plain bytes, verified by hash. Damaged ones are dropped and raise `ArtifactLost`."""

    def load(self, digest: Digest, kind: type[T]) -> T:
        """Decode an artifact. Raises `ArtifactLost`."""


Rank = tuple[int, ...]
"""Whose turn it is: the smaller goes first, compared as tuples (job, scene, …)."""


class Workers(Protocol):
    """Decides where a step runs: in a child process here, or on another machine."""

    async def run(self, recipe: Recipe[Any], rank: Rank = ()) -> Artifact:
        """Run the step where the store can be reached, and keep what it made. `rank` is for those
        that share their places with others."""

    async def close(self) -> None:
        """End all children at once."""


Build = Callable[[Recipe[Any]], Awaitable[Artifact]]
"""Find or make an artifact, in one's turn."""


class Service(Protocol):
    """Does a network step: someone outside makes it, and it takes no core meanwhile."""

    async def __call__(self, recipe: Recipe[Any], build: Build) -> Artifact:
        """Have it done, and keep what was made; `build` makes what it takes to check it."""


class Locks(Protocol):
    """What several machines would otherwise do at the same time."""

    def held(self, name: str) -> AbstractAsyncContextManager[bool]:
        """Hold a lock, as far as that can be told to others; answers whether another one held it
        meanwhile."""


class Meter(Protocol):
    """Is told how services outside do: each by its `port`, the table of the settings that it
    stands in, and its name there."""

    def called(self, port: str, service: str, ended: str, seconds: float, /) -> None:
        """A call ended: `ok`, `cancelled`, or how it failed."""

    def rests(self, port: str, service: str, resting: bool, /) -> None:  # noqa: FBT001  a gauge of one bit
        """A service that failed too often is left alone, or is called again."""

    def spent(self, service: str, prompt_tokens: int, answer_tokens: int, /) -> None:
        """A language model was asked, and has answered."""


class JobRecord(Protocol):
    """What is known of jobs, their scenes and events, and how it changes.

    Every change of a job raises its `version`; one that changes its status, attempt or error also
    adds a `StatusTold` event. A step that raises changes nothing.
    """

    async def get(self, job: JobId) -> Job | None: ...

    async def scenes(self, job: JobId) -> tuple[SceneState, ...]:
        """How far each scene is, as far as scenes are known."""

    async def change(
        self,
        job: JobId,
        change: Change,
        told: Sequence[Told] = (),
        scenes: tuple[SceneState, ...] | None = None,
    ) -> Job:
        """Apply a step, tell of it and set the scenes: all, or nothing. Raises `NotFound`."""

    async def events(self, job: JobId, after: int, limit: int) -> list[Event]:
        """What was told since, oldest first."""

    async def last_event(self, job: JobId) -> int:
        """Id of the newest event, 0 if there is none."""

    async def changed(self, since: int, seconds: float) -> int:
        """Wait until something, by any process, has changed since; at most `seconds`.
        Returns the present revision, to wait from; -1 waits for nothing."""


class JobQueue(JobRecord, Protocol):
    """Jobs, their scenes and events, and who is next (`schedule.py`). Safe for many processes;
    whatever a method has done when it returns survives kill -9 and loss of power.
    """

    async def add(self, job: Job, admission: Admission) -> Job:
        """Have a new job wait. If the client has sent this idempotency key before, the answer is
        the job that is there. Raises `QueueFull`, `QuotaExceeded`."""

    async def waiting(self, client: str) -> tuple[int, int]:
        """How many jobs wait, in all and of this client: what `add` looks at."""

    async def claim(self, change: Change, client_running: int) -> Job | None:
        """Apply a step to the next job that is ready and whose client has fewer running."""

    async def renew(self, worker: str, until: float) -> dict[JobId, int]:
        """Prolong all leases of a worker; returns what it holds, with fences."""

    async def jobs(self, query: Query) -> list[Job]:
        """Newest first."""

    async def by_idempotency(self, client: str, key: str) -> Job | None:
        """The job that the client sent with this idempotency key."""

    async def due(self, now: float, limit: int) -> list[Job]:
        """Jobs whose lease has run out, whose `sweep` has come, or whose webhook is due."""

    async def remove(self, job: JobId) -> None:
        """Forget a job with its scenes and events."""

    async def load(self, now: float) -> Load:
        """The queue at a glance."""

    async def check(self) -> str:
        """`ok`, or what it makes do with. Raises `Unavailable` when the queue is away."""

    async def close(self) -> None: ...


class KeyRing(Protocol):
    """API keys. Safe for many processes."""

    async def add_key(self, key: ApiKey) -> None: ...

    async def find_key(self, key: str) -> ApiKey | None: ...

    async def keys(self) -> list[ApiKey]: ...

    async def revoke_key(self, key: str, now: float) -> bool:
        """False when there is no such key."""

    async def secret(self, name: str) -> bytes:
        """32 random bytes under this name, made at the first asking: what links and webhooks
        are signed with."""

    async def close(self) -> None: ...


class Rates(Protocol):
    """Rate limits that all processes of a service share."""

    async def take(self, client: str, per_minute: int, burst: int, now: float) -> Allowance:
        """Take one request from the client's allowance (GCRA)."""


class Objects(Protocol):
    """Files that must stay until they are dropped: uploads and results. Keys are paths with /.
    Safe for many processes; calls block on the disk or the network. Those whose truth is elsewhere
    raise `Unavailable` while it is away."""

    def place(self, key: str, file: Path) -> None:
        """Take over a finished local file, durably; it is whole under its key or not at all.
        Raises `DiskFull`."""

    def write(self, key: str, data: bytes) -> None:
        """As `place`, for small ones."""

    def read(self, key: str) -> bytes:
        """Raises `NotFound`."""

    def size(self, key: str) -> int | None:
        """Bytes of it; None when it is not there."""

    def stream(self, key: str, first: int, end: int) -> AsyncGenerator[bytes, None]:
        """Bytes `[first, end)` in pieces, as fast as they are taken. Raises `NotFound`."""

    def scratch(self) -> Path:
        """A new name for an unfinished file, swept if this process dies."""

    def drop(self, prefix: str) -> None:
        """Remove all whose keys begin so; none is fine."""

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        """Keys and sizes in bytes."""

    def free(self) -> int:
        """Bytes that can still be written on this machine."""
