"""A store in memory, and the documents that ship."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inkreel.ingest import read
from inkreel.model import Digest, Document, Source
from inkreel.recipes import ReadRequest

EXAMPLES = Path(__file__).parents[2] / "examples"
KINDS = {".md": "text/markdown", ".txt": "text/plain"}


class MemoryShelf:
    """Digest → bytes."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def save(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    def read(self, digest: Digest) -> bytes:
        return self.blobs[digest]

    def load(self, digest: Digest, kind: Any) -> Any:
        return msgspec.msgpack.decode(self.blobs[digest], type=kind)


def read_text(text: str, name: str = "notes.md") -> Document:
    """A document from its text."""
    shelf = MemoryShelf()
    media: Any = KINDS[Path(name).suffix]
    source = Source(name=name, media_type=media, digest=shelf.save(text.encode()))
    return read(ReadRequest(source), shelf)


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture(params=["gioi-thieu.vi.md", "content-addressing.md", "water-cycle.txt"])
def example(request: pytest.FixtureRequest) -> tuple[str, str]:
    """Name and text of a document that ships."""
    return request.param, (EXAMPLES / request.param).read_text(encoding="utf-8")
