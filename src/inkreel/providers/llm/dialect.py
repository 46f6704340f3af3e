"""What a protocol of language models is to us: how to ask, and how to read a piece of the answer.
It does nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, Protocol

from inkreel.model import Usage
from inkreel.providers import dialect
from inkreel.providers.dialect import Ask

Rung = Literal["schema", "object", "plain"]
"""How structure is asked for: a strict schema · JSON, with the schema in the prompt · nothing but
the schema in the prompt."""
RUNGS: tuple[Rung, ...] = ("schema", "object", "plain")


@dataclass(frozen=True, slots=True)
class Turn:
    """What was said: by us (`user`), or before by the model (`assistant`)."""

    role: Literal["user", "assistant"]
    text: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a model is asked: who it is to be, what was said, and the form of the answer."""

    model: str
    system: str
    turns: tuple[Turn, ...]
    schema: dict[str, Any]
    rung: Rung
    temperature: float | None
    answer_tokens: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of an answer. `over` says why it ends: `stop`, `length` (there was more to say)."""

    text: str = ""
    over: str = ""
    usage: Usage | None = None


class Dialect(dialect.Dialect, Protocol):
    """A protocol of language models that stream events (SSE)."""

    def ask(self, question: Question) -> Ask:
        """How it is asked."""

    def read(self, event: bytes) -> Piece | None:
        """The data of an event; None for the last one, behind which nothing comes. A whole answer
        that was not streamed is read, too. Raises `Failed`."""
