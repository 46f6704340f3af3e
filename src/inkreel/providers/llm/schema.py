"""The typed scenes → the JSON Schema that servers take: without references, of few keywords."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from inkreel.model import DraftScene, Struct

KEYWORDS = frozenset(
    {"type", "properties", "required", "additionalProperties", "items", "anyOf", "enum"}
)
"""What all servers with structured output know; they refuse, or ignore, much of the rest."""


class Answer(Struct, frozen=True):
    """What a model is asked for."""

    scenes: tuple[DraftScene, ...]


@cache
def strict() -> dict[str, Any]:
    """As strict output takes it: every property is required, and no others are allowed."""
    return _inlined(_root(), _definitions(), every=True)


@cache
def instructions() -> str:
    """The schema as a part of the prompt, where a server does not take it by itself."""
    schema = _inlined(_root(), _definitions(), every=False)
    text = Path(__file__).with_name("format.md").read_text(encoding="utf-8")
    return f"{text.strip()}\n\n{msgspec.json.encode(schema).decode()}"


def _root() -> dict[str, Any]:
    return msgspec.json.schema(Answer)


def _definitions() -> dict[str, Any]:
    found: dict[str, Any] = _root()["$defs"]
    return found


def _inlined(schema: dict[str, Any], definitions: dict[str, Any], *, every: bool) -> dict[str, Any]:
    if "$ref" in schema:
        return _inlined(definitions[schema["$ref"].rpartition("/")[2]], definitions, every=every)
    kept = {name: value for name, value in schema.items() if name in KEYWORDS}
    if "items" in kept:
        kept["items"] = _inlined(kept["items"], definitions, every=every)
    if "anyOf" in kept:
        kept["anyOf"] = [_inlined(one, definitions, every=every) for one in kept["anyOf"]]
    if "properties" in kept:
        properties = {
            name: _inlined(value, definitions, every=every)
            for name, value in kept["properties"].items()
        }
        kept |= {"properties": properties, "additionalProperties": False}
        if every:
            kept["required"] = list(properties)
    return kept
