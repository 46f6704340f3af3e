"""Layers → an order within each, with as few crossings as medians and swaps can find."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations, pairwise

from inkreel.visuals.layout.layering import Layers

_SWEEPS = 10


def ordered(layers: Layers) -> list[list[int]]:
    """The rows of `layers`, each in the order in which it is drawn."""
    above, below = neighbours(layers)
    rows = _first_order(layers, below)
    best, fewest = rows, crossings(rows, below)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        rows = [list(row) for row in rows]
        _sweep(rows, above if sweep % 2 == 0 else below, down=sweep % 2 == 0, last=sweep % 4 > 1)
        _swap(rows, above, below, ties=sweep % 4 > 1)
        now = crossings(rows, below)
        if now < fewest:
            best, fewest = rows, now
    turned = [row[::-1] for row in best]  # crosses as often
    return min(best, turned, key=lambda each: _against(each, layers.count))


def _against(rows: Sequence[Sequence[int]], count: int) -> int:
    """How many pairs of nodes stand in another order than the author's."""
    pairs = (pair for row in rows for pair in combinations([k for k in row if k < count], 2))
    return sum(first > second for first, second in pairs)


def neighbours(layers: Layers) -> tuple[list[list[int]], list[list[int]]]:
    """For each item the items that it is joined to in the layer above, and in that below."""
    above: list[list[int]] = [[] for _ in layers.rank]
    below: list[list[int]] = [[] for _ in layers.rank]
    for chain in layers.chains:
        for top, low in pairwise(chain):
            below[top].append(low)
            above[low].append(top)
    return above, below


def crossings(rows: Sequence[Sequence[int]], below: Sequence[Sequence[int]]) -> int:
    """How often edges cross between neighbouring rows."""
    total = 0
    for upper, lower in pairwise(rows):
        place = {item: index for index, item in enumerate(lower)}
        seen: list[int] = []
        for item in upper:
            ends = sorted(place[low] for low in below[item])
            total += sum(other > end for end in ends for other in seen)
            seen += ends
    return total


def _first_order(layers: Layers, below: Sequence[Sequence[int]]) -> list[list[int]]:
    """Depth first from the top, in the author's order: what belongs together stands together."""
    rows: list[list[int]] = [[] for _ in layers.rows]
    seen: set[int] = set()
    for row in layers.rows:
        for first in row:
            stack = [first]
            while stack:
                item = stack.pop()
                if item not in seen:
                    seen.add(item)
                    rows[layers.rank[item]].append(item)
                    stack += reversed(below[item])
    return rows


def _sweep(
    rows: list[list[int]], fixed: Sequence[Sequence[int]], *, down: bool, last: bool
) -> None:
    """Sort each row by the medians of its neighbours in the row before; `last` turns ties."""
    order = range(1, len(rows)) if down else range(len(rows) - 2, -1, -1)
    for index in order:
        place = {item: at for at, item in enumerate(rows[index - 1 if down else index + 1])}
        row = rows[index]
        keyed = []
        for at, item in enumerate(row):
            ends = sorted(place[other] for other in fixed[item])
            middle = _median(ends) if ends else float(at)
            keyed.append((middle, -at if last else at, item))
        rows[index] = [item for _, _, item in sorted(keyed)]


def _median(ends: Sequence[int]) -> float:
    half = len(ends) // 2
    if len(ends) % 2:
        return float(ends[half])
    if len(ends) == 2:
        return (ends[0] + ends[1]) / 2
    left, right = ends[half - 1] - ends[0], ends[-1] - ends[half]
    if not left + right:
        return (ends[half - 1] + ends[half]) / 2
    return (ends[half - 1] * right + ends[half] * left) / (left + right)


def _swap(
    rows: list[list[int]],
    above: Sequence[Sequence[int]],
    below: Sequence[Sequence[int]],
    *,
    ties: bool,
) -> None:
    """Exchange neighbours while that removes crossings; `ties`: also those that cross either way,
    for that may be the way to where they do not."""
    place = {item: at for row in rows for at, item in enumerate(row)}
    better = True
    rounds = 0
    while better and rounds < 4:
        better, rounds = False, rounds + 1
        for row in rows:
            for at in range(len(row) - 1):
                a, b = row[at], row[at + 1]
                now = _inversions(a, b, above, below, place)
                then = _inversions(b, a, above, below, place)
                if now > then or (ties and now == then > 0):
                    row[at], row[at + 1] = b, a
                    place[a], place[b] = at + 1, at
                    better = True


def _inversions(
    left: int,
    right: int,
    above: Sequence[Sequence[int]],
    below: Sequence[Sequence[int]],
    place: dict[int, int],
) -> int:
    """Crossings of the edges of two neighbours."""
    return sum(
        place[a] > place[b]
        for joined in (above, below)
        for a in joined[left]
        for b in joined[right]
    )
