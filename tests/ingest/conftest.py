"""A store in memory, and ways to read text, files and freshly typeset PDFs."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import fontpkg
import msgspec
import pytest
import typst

from inkreel.ingest import read
from inkreel.ingest.sources import source_from_bytes
from inkreel.model import AnyBlock, Digest, Document
from inkreel.recipes import ReadRequest


class MemoryShelf:
    """Digest → bytes."""

    def __init__(self) -> None:
        self.blobs: dict[str, bytes] = {}

    def put(self, data: bytes) -> Digest:
        digest = Digest(hashlib.sha256(data).hexdigest())
        self.blobs[digest] = data
        return digest

    save = put

    def read(self, digest: Digest) -> bytes:
        return self.blobs[digest]

    def load(self, digest: Digest, kind: type[Any]) -> Any:
        return msgspec.msgpack.decode(self.blobs[digest], type=kind)


def read_bytes(name: str, data: bytes, **options: Any) -> Document:
    """Take bytes in by name and read them."""
    shelf = MemoryShelf()
    source = source_from_bytes(name, data, shelf.put)
    return read(ReadRequest(source, **options), shelf)


def markdown(text: str, **options: Any) -> Document:
    return read_bytes("note.md", text.encode(), **options)


def plain(text: str, **options: Any) -> Document:
    return read_bytes("note.txt", text.encode(), **options)


def kinds(blocks: tuple[AnyBlock, ...]) -> list[str]:
    return [type(block).__name__ for block in blocks]


def only(document: Document, kind: type[Any]) -> Any:
    """The single block of a kind."""
    (block,) = (block for block in document.blocks if isinstance(block, kind))
    return block


def png(width: int, height: int) -> bytes:
    """The header of a PNG: enough for whoever only asks its size."""
    return b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + width.to_bytes(4) + height.to_bytes(4)


def typeset(source: str) -> bytes:
    """A PDF by typst, with the shipped faces."""
    folders = {
        str(Path(fontpkg.path(package, 400, nearest=True)).parent)
        for package in ("be-vietnam-pro", "inter", "jetbrains-mono")
    }
    head = '#set text(font: ("Be Vietnam Pro", "Inter"))\n'
    return typst.compile(
        (head + source).encode(), font_paths=sorted(folders), ignore_system_fonts=True
    )


@pytest.fixture
def shelf() -> MemoryShelf:
    return MemoryShelf()


@pytest.fixture(scope="session")
def setter() -> Callable[[str], bytes]:
    return typeset
