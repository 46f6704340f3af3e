"""Sentence → tokens: words as captions show them, each with what is said."""

from __future__ import annotations

from collections.abc import Sequence

from inkreel.model import Language, Token


def read_aloud(sentence: str, language: Language) -> tuple[Token, ...]:
    """Shown words (separated by white space) with how each is said in `language`."""
    return tuple(Token(word, word) for word in sentence.split())


def spoken_text(tokens: Sequence[Token]) -> str:
    """What a voice is given: the spoken words joined by single spaces."""
    return " ".join(token.spoken for token in tokens if token.spoken)
