"""What any protocol is to us: how to show the key, what to ask, how to read a list of models. It
does nothing; each room of protocols adds how its own thing is asked for and read."""

from __future__ import annotations

import binascii
import re
import urllib.parse
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import msgspec

from inkreel.providers.policies import Failed

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ask:
    """A request: the path below the service's URL, and what is sent as JSON."""

    path: str
    body: dict[str, Any] = field(default_factory=dict)


class Dialect(Protocol):
    """A protocol. `name` has its version: what it made is not taken for another's."""

    name: str

    @property
    def models(self) -> str:
        """Path of the list of models, with GET."""

    def headers(self, key: str) -> dict[str, str]:
        """How a request shows its key; none for an empty one."""

    def known(self, body: bytes) -> frozenset[str]:
        """Models in the list. Raises `Failed` (bad)."""


def fault_of_url(url: str) -> str:
    """Why it cannot be the address of a service; empty for a good one. Whom it leads to is for the
    guard to say, where connections are made."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        return "it is not http://… or https://…"
    if parts.username or parts.password:
        return "it holds a user name or password"
    if parts.query or parts.fragment or re.search(r"[^\x21-\x7e]|\\", url):
        return "it has a query, or letters that no URL has"
    return ""


def decoded(body: bytes, kind: type[T]) -> T:
    """JSON of this shape. Raises `Failed` (bad)."""
    try:
        return msgspec.json.decode(body, type=kind)
    except msgspec.DecodeError as error:
        raise Failed("bad", f"its answer is not the JSON it should be ({error})"[:160]) from error


def unpacked(text: str) -> bytes:
    """Bytes written as base64. Raises `Failed` (bad)."""
    try:
        return binascii.a2b_base64(text, strict_mode=True)
    except (binascii.Error, ValueError) as error:
        raise Failed("bad", "an answer is not the base64 it should be") from error
