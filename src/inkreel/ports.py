"""The seams: what the house asks of those who hold state or do work for it."""

from __future__ import annotations

from typing import Any, Protocol, TypeVar

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


class Workers(Protocol):
    """Decides where a step runs: in a child process here, or on another machine."""

    async def run(self, recipe: Recipe[Any]) -> Artifact:
        """Run the step where the store can be reached, and keep what it made."""

    async def close(self) -> None:
        """End all children at once."""
