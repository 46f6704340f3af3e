"""What a protocol of images is to us: how to ask, and how to read the answer. It does nothing."""

from __future__ import annotations

import urllib.parse
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

from inkreel.model import Credit
from inkreel.providers import dialect
from inkreel.providers.dialect import Ask
from inkreel.providers.policies import Failed
from inkreel.recipes import IllustrateRequest

T = TypeVar("T")

SEVERAL = 15
"""How many pictures are asked for where one is picked from a list."""


@dataclass(frozen=True, slots=True)
class Named:
    """A picture: its bytes, or where they are to be had; and whose it is."""

    credit: Credit
    data: bytes = b""
    url: str = ""


class Dialect(dialect.Dialect, Protocol):
    """A protocol of images."""

    def ask(self, request: IllustrateRequest) -> Ask:
        """How a picture is asked for; without a body it is a GET."""

    def signed(self, path: str, key: str) -> str:
        """The path with the key, for those who want it there."""

    def read(self, request: IllustrateRequest, body: bytes) -> Named:
        """What came. Raises `Failed`: bad for what is no answer, refused where it has nothing."""


def query(path: str, **parameters: str | int) -> str:
    """The path with parameters."""
    return f"{path}?{urllib.parse.urlencode(parameters)}"


def picked(found: Sequence[T], request: IllustrateRequest) -> T:
    """One of those that were found. Raises `Failed` (refused) when there are none."""
    if not found:
        raise Failed("refused", f"it has no picture for {request.query[:60]!r}")
    return found[request.pick % len(found)]
