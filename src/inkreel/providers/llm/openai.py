"""`POST /chat/completions` as OpenAI made it, which all others speak, too."""

from __future__ import annotations

from typing import Any

import msgspec

from inkreel.model import Usage
from inkreel.providers.dialect import Ask, decoded
from inkreel.providers.llm.dialect import Piece, Question
from inkreel.providers.openai import Compatible
from inkreel.providers.policies import Failed


class _Delta(msgspec.Struct):
    content: str | None = None
    refusal: str | None = None


class _Choice(msgspec.Struct):
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None


class _Usage(msgspec.Struct):
    prompt_tokens: int = 0
    completion_tokens: int = 0


class _Chunk(msgspec.Struct):
    choices: list[_Choice] = []
    usage: _Usage | None = None
    error: Any = None


class Chat(Compatible):
    """`limit` names the field that bounds the answer: newer models of OpenAI's own take none but
    `max_completion_tokens`, other servers may know none but `max_tokens`."""

    name = "chat/1"

    def __init__(self, limit: str = "max_tokens") -> None:
        self._limit = limit

    def ask(self, question: Question) -> Ask:
        said = [{"role": turn.role, "content": turn.text} for turn in question.turns]
        body: dict[str, object] = {
            "model": question.model,
            "messages": [{"role": "system", "content": question.system}, *said],
            "stream": True,
            self._limit: question.answer_tokens,
        }
        if question.temperature is not None:  # some models refuse to be asked
            body["temperature"] = question.temperature
        if question.rung != "plain":
            body["stream_options"] = {"include_usage": True}
        if question.rung == "object":
            body["response_format"] = {"type": "json_object"}
        elif question.rung == "schema":
            schema = {"name": "scenes", "strict": True, "schema": question.schema}
            body["response_format"] = {"type": "json_schema", "json_schema": schema}
        return Ask("/chat/completions", body)

    def read(self, event: bytes) -> Piece | None:
        if event.strip() == b"[DONE]":
            return None
        chunk = decoded(event, _Chunk)
        if chunk.error is not None:
            said = msgspec.json.encode(chunk.error).decode()
            raise Failed("down", f"it broke off: {said[:120]}")
        used = chunk.usage
        usage = Usage(0, used.prompt_tokens, used.completion_tokens) if used else None
        if not chunk.choices:
            return Piece(usage=usage)
        choice = chunk.choices[0]
        said_now = choice.delta or choice.message or _Delta()
        if said_now.refusal or choice.finish_reason == "content_filter":
            raise Failed("refused", "the model declines to tell this")
        return Piece(said_now.content or "", choice.finish_reason or "", usage)


class Anthropic(Chat):
    """Anthropic's compatible endpoint; its list of models wants the key in its own way."""

    def headers(self, key: str) -> dict[str, str]:
        own = {"x-api-key": key, "anthropic-version": "2023-06-01"} if key else {}
        return {**super().headers(key), **own}
