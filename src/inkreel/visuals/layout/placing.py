"""Ordered layers → a coordinate across the layers for every item, in the manner of Brandes and
Köpf: items are aligned with their median neighbours in four ways, and the four are averaged.

Segments of long edges, and a label with the node it leads to, are aligned before all others, so
that they are straight.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class Extent:
    """What an item takes across the layers, before and after its line."""

    before: float
    after: float


@dataclass(frozen=True, slots=True)
class Field:
    """All that placing looks at."""

    rows: Sequence[Sequence[int]]
    above: Sequence[Sequence[int]]
    below: Sequence[Sequence[int]]
    extents: Sequence[Extent]
    strong: frozenset[tuple[int, int]]
    """Segments (upper, lower) that should be straight above all."""
    gap: float


def placed(field: Field) -> dict[int, float]:
    """The line of every item; the least begins at 0."""
    place = {item: at for row in field.rows for at, item in enumerate(row)}
    torn = _torn(field, place)
    layouts = [
        _one(field, torn, down=down, leftward=leftward)
        for down in (True, False)
        for leftward in (True, False)
    ]
    spans = [_span(layout, field.extents) for layout in layouts]
    narrow = min(range(4), key=lambda k: spans[k][1] - spans[k][0])
    low, high = spans[narrow]
    for index, layout in enumerate(layouts):
        shift = low - spans[index][0] if index % 2 == 0 else high - spans[index][1]
        for item in layout:
            layout[item] += shift
    middle = {}
    for item in place:
        four = sorted(layout[item] for layout in layouts)
        middle[item] = (four[1] + four[2]) / 2
    first = _span(middle, field.extents)[0]
    return {item: at - first for item, at in middle.items()}


def _span(lines: dict[int, float], extents: Sequence[Extent]) -> tuple[float, float]:
    return (
        min(at - extents[item].before for item, at in lines.items()),
        max(at + extents[item].after for item, at in lines.items()),
    )


def _torn(field: Field, place: dict[int, int]) -> set[tuple[int, int]]:
    """Segments that cross a strong one: nothing is aligned along them."""
    torn = set()
    for row in field.rows:
        segments = [(top, low) for top in row for low in field.below[top]]
        strong = [pair for pair in segments if pair in field.strong]
        for top, low in segments:
            if (top, low) in field.strong:
                continue
            for a, b in strong:
                if (place[top] - place[a]) * (place[low] - place[b]) < 0:
                    torn.add((top, low))
                    break
    return torn


def _one(
    field: Field, torn: set[tuple[int, int]], *, down: bool, leftward: bool
) -> dict[int, float]:
    """One of the four layouts: aligned with the layer above or below, packed to one side."""
    rows = [list(row) if leftward else list(row)[::-1] for row in field.rows]
    if not down:
        rows.reverse()
    root = _aligned(field, rows, torn, down=down)
    lines = _packed(field, rows, root, leftward=leftward)
    return lines if leftward else {item: -at for item, at in lines.items()}


def _aligned(
    field: Field, rows: list[list[int]], torn: set[tuple[int, int]], *, down: bool
) -> dict[int, int]:
    """For each item the first item of its block."""
    place = {item: at for row in rows for at, item in enumerate(row)}
    joined = field.above if down else field.below
    root = {item: item for item in place}
    for row in rows:
        reached = -1
        taken: set[int] = set()
        for item in row:
            for other in _medians(item, joined[item], place, field.strong, down=down):
                pair = (other, item) if down else (item, other)
                if other not in place or pair in torn or other in taken:
                    continue
                if reached < place[other]:
                    root[item] = root[other]
                    taken.add(other)
                    reached = place[other]
                    break
    return root


def _medians(
    item: int,
    others: Sequence[int],
    place: dict[int, int],
    strong: frozenset[tuple[int, int]],
    *,
    down: bool,
) -> list[int]:
    """The neighbours that an item may be aligned with, best first."""
    if not others:
        return []
    firm = [o for o in others if ((o, item) if down else (item, o)) in strong]
    known = sorted((o for o in firm or others if o in place), key=place.__getitem__)
    half = len(known)
    if not half:
        return []
    return list(dict.fromkeys((known[(half - 1) // 2], known[half // 2])))


def _packed(
    field: Field, rows: list[list[int]], root: dict[int, int], *, leftward: bool
) -> dict[int, float]:
    """Blocks as far to the left as they go, then those with room on the right pulled to their
    neighbours."""
    ways: dict[int, dict[int, float]] = {}
    entering: dict[int, int] = dict.fromkeys(root.values(), 0)
    for row in rows:
        for a, b in pairwise(row):
            one, two = field.extents[a], field.extents[b]
            apart = field.gap + (one.after + two.before if leftward else one.before + two.after)
            known = ways.setdefault(root[a], {})
            if root[b] not in known:
                entering[root[b]] += 1
            known[root[b]] = max(known.get(root[b], 0.0), apart)
    at = dict.fromkeys(entering, 0.0)
    ready = [block for block, count in entering.items() if not count]
    for block in ready:
        for other, apart in ways.get(block, {}).items():
            at[other] = max(at[other], at[block] + apart)
            entering[other] -= 1
            if not entering[other]:
                ready.append(other)
    for block in reversed(ready):
        room = [at[other] - apart for other, apart in ways.get(block, {}).items()]
        if room:
            at[block] = max(at[block], min(room))
    return {item: at[block] for item, block in root.items()}
