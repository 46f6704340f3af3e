"""Scenes → the ones worth their time: tf-idf centroid, place and cue words, then MMR, in plain
Python. Vietnamese is counted by pairs of syllables, its words being mostly of two."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Sequence

from inkreel.model import Scene
from inkreel.storyboard import keyphrases
from inkreel.storyboard.pace import SCENE_PAUSE, Pace
from inkreel.storyboard.tongue import Tongue

Vector = dict[str, float]
_LOOKALIKE = 0.35
"""Weight of what is already told against the value of a scene."""
_WORTH = {"chart": 0.25, "number": 0.15, "code": 0.1, "formula": 0.15, "table": 0.1, "image": 0.1}
_POOL = 400
"""Scenes that are compared with each other; beyond, only their value counts."""


def choose(scenes: Sequence[Scene], seconds: float, pace: Pace, tongue: Tongue) -> list[int]:
    """Indices, in order, of the scenes that fill `seconds` with what matters most."""
    lengths = [pace.sentences(scene.narration) + SCENE_PAUSE for scene in scenes]
    vectors = _vectors(scenes, tongue)
    values = _values(scenes, vectors, tongue)
    chosen = _greedy(lengths, vectors, values, seconds)
    return sorted(_fitted(chosen, lengths, values, seconds))


def _vectors(scenes: Sequence[Scene], tongue: Tongue) -> list[Vector]:
    counts = [Counter(_grams(" ".join(scene.narration), tongue)) for scene in scenes]
    spread = Counter(gram for count in counts for gram in count)
    total = len(scenes)
    vectors = []
    for count in counts:
        raw = {g: n * math.log(1 + total / spread[g]) for g, n in count.items()}
        norm = math.sqrt(sum(w * w for w in raw.values())) or 1.0
        vectors.append({g: w / norm for g, w in raw.items()})
    return vectors


def _grams(text: str, tongue: Tongue) -> list[str]:
    words = keyphrases.bag(text)
    if tongue.language == "vi":
        return [
            f"{a} {b}"
            for a, b in itertools.pairwise(words)
            if a not in tongue.function_words or b not in tongue.function_words
        ]
    return [w for w in words if w not in tongue.function_words and len(w) > 2]


def _values(scenes: Sequence[Scene], vectors: Sequence[Vector], tongue: Tongue) -> list[float]:
    centroid: Vector = {}
    for vector in vectors:
        for gram, weight in vector.items():
            centroid[gram] = centroid.get(gram, 0.0) + weight
    norm = math.sqrt(sum(w * w for w in centroid.values())) or 1.0
    values = []
    opened: set[str] = set()
    for index, (scene, vector) in enumerate(zip(scenes, vectors, strict=True)):
        value = sum(w * centroid[g] for g, w in vector.items()) / norm
        value += 0.2 * (scene.id not in opened) + 0.1 * (index < len(scenes) * 0.2)
        value += 0.05 * sum(bool(tongue.cue_words.search(text)) for text in scene.narration)
        value += _WORTH.get(_kind(scene), 0.0)
        opened.add(scene.id)
        values.append(value)
    return values


def _kind(scene: Scene) -> str:
    return str(type(scene.visual).__struct_config__.tag)


def _greedy(
    lengths: Sequence[float], vectors: Sequence[Vector], values: Sequence[float], seconds: float
) -> set[int]:
    """Maximal marginal relevance until the time is filled."""
    ranked = sorted(range(len(values)), key=lambda i: -values[i])[:_POOL]
    similar = dict.fromkeys(ranked, 0.0)
    chosen: set[int] = set()
    left = seconds
    while ranked:
        best = max(ranked, key=lambda i: values[i] - _LOOKALIKE * similar[i])
        ranked.remove(best)
        if lengths[best] > left + 3.0:
            continue
        chosen.add(best)
        left -= lengths[best]
        if left < 3.0:
            break
        for i in ranked:
            similar[i] = max(similar[i], _cosine(vectors[best], vectors[i]))
    return chosen


def _cosine(a: Vector, b: Vector) -> float:
    if len(b) < len(a):
        a, b = b, a
    return sum(weight * b[gram] for gram, weight in a.items() if gram in b)


def _fitted(
    chosen: set[int], lengths: Sequence[float], values: Sequence[float], seconds: float
) -> set[int]:
    """Add, drop or exchange single scenes until the time is met within 2 %, keeping the value."""
    chosen = set(chosen)
    for _ in range(12):
        gap = seconds - sum(lengths[i] for i in chosen)
        if abs(gap) <= 0.02 * seconds:
            break
        others = [i for i in range(len(lengths)) if i not in chosen]
        moves: list[tuple[float, int | None, int | None]] = [(_cost(gap, 0.0, seconds), None, None)]
        moves += [(_cost(gap - lengths[i], values[i], seconds), None, i) for i in others]
        for out in sorted(chosen, key=lambda i: values[i])[:40]:
            loose = gap + lengths[out]
            moves.append((_cost(loose, -values[out], seconds), out, None))
            moves += [
                (_cost(loose - lengths[i], values[i] - values[out], seconds), out, i)
                for i in sorted(others, key=lambda i: -values[i])[:60]
            ]
        _, drop, add = min(moves, key=lambda m: m[0])
        if drop is None and add is None:
            break
        chosen.discard(drop if drop is not None else -1)
        if add is not None:
            chosen.add(add)
    return chosen


def _cost(gap: float, gained: float, seconds: float) -> float:
    return abs(gap) / seconds - 0.01 * gained
