"""Word events of a voice → the sample at which each shown word begins."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from inkreel.model import SpokenWord, Token

ANCHORED = 0.6
"""Share of the words that must have an event of their own for the voice's times to be used."""


def spans(tokens: Sequence[Token]) -> list[tuple[int, int]]:
    """Characters `[start, end)` of `spoken_text(tokens)` for each token; empty for silent ones."""
    found: list[tuple[int, int]] = []
    at = 0
    for token in tokens:
        found.append((at, at + len(token.spoken)))
        at += len(token.spoken) + 1 if token.spoken else 0
    return found


def native_starts(
    tokens: Sequence[Token], events: Sequence[SpokenWord], samples: int
) -> list[int] | None:
    """Where each token begins, in samples of the voice, or None when the events are no good.

    A token that has no event (voices fuse short words) is put between its neighbours by its
    place in the text. Events that run backwards or lie outside of the audio are passed over.
    """
    places = spans(tokens)
    anchors = _anchors(tokens, places, events, samples)
    spoken = sum(1 for token in tokens if token.spoken)
    if not anchors or len(anchors) < ANCHORED * spoken:
        return None
    length = max(end for _, end in places)
    characters = [character for character, _ in anchors] + [length]
    times = [at for _, at in anchors] + [samples]
    return [int(at) for at in np.interp([start for start, _ in places], characters, times)]


def proportional_starts(tokens: Sequence[Token], first: int, last: int) -> list[int]:
    """Where each token begins when only the sound's extent `[first, last)` is known."""
    places = spans(tokens)
    length = max(1, max((end for _, end in places), default=1))
    return [first + (last - first) * start // length for start, _ in places]


def _anchors(
    tokens: Sequence[Token],
    places: Sequence[tuple[int, int]],
    events: Sequence[SpokenWord],
    samples: int,
) -> list[tuple[int, int]]:
    """First event of each token as (character where the token starts, sample), both rising."""
    anchors: list[tuple[int, int]] = []
    latest = -1
    for token, (start, end) in zip(tokens, places, strict=True):
        inside = [event.at for event in events if start <= event.start < end]
        if token.spoken and inside and latest < inside[0] < samples:
            latest = inside[0]
            anchors.append((start, latest))
    return anchors
