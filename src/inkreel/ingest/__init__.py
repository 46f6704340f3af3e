"""Source → Document: one file per format, run in a worker with hard limits.

`inkreel.ingest.sources` alone runs in the parent process; it looks at magic bytes and parses
nothing. Everything that understands a stranger's bytes is imported by `read`, in the child.
"""

from __future__ import annotations

from inkreel.model import Document
from inkreel.ports import Shelf
from inkreel.recipes import ReadRequest


def read(request: ReadRequest, shelf: Shelf) -> Document:
    """Read a source of any supported kind. Raises a subclass of `InputError`."""
    from inkreel.ingest.document import read_source

    return read_source(request, shelf)
