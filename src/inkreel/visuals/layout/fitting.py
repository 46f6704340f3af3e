"""Plans and a stage → how large the text may be, and how parts are packed beside each other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from inkreel.visuals.layout.plan import Plan, Point
from inkreel.visuals.stage import Aspect

LARGEST = 38.0
"""Design pixels of node text beyond which a small diagram looks coarse."""
_MOST_SHELVES = 10
_EASY = 30.0
"""From here on larger text matters less than a natural shape."""


@dataclass(frozen=True, slots=True)
class Room:
    """Where a diagram may stand, in design pixels."""

    width: float
    height: float
    aspect: Aspect

    def size(self, width: float, height: float) -> float:
        """The text size at which `width` × `height` em fit, without an upper limit."""
        return min(self.width / max(width, 0.1), self.height / max(height, 0.1))

    def worth(self, width: float, height: float, lines: float) -> float:
        """What an arrangement of `width` × `height` em is worth: the text size at which it fits,
        less what it costs to read `lines` lines a node."""
        size = min(self.size(width, height), LARGEST)
        size = min(size, _EASY) + 0.35 * max(0.0, size - _EASY)
        return size * (1 - 0.1 * (min(lines, 4.0) - 1))


def mean_lines(texts: Iterable[Sequence[str]]) -> float:
    """How many lines the texts have on average; an empty one counts as one."""
    counts = [max(1, len(lines)) for lines in texts]
    return sum(counts) / max(1, len(counts))


def shelves(sizes: Sequence[Point], room: Room, gap: float) -> tuple[list[Point], Point]:
    """Left top of each box, set in rows in their order, and the size of all."""
    widest = max(width for width, _ in sizes)
    whole = sum(width + gap for width, _ in sizes) - gap
    best = (0.0, *_shelved(sizes, widest, gap))
    for count in range(1, min(len(sizes), _MOST_SHELVES) + 1):
        spots, extent = _shelved(sizes, max(widest, whole / count), gap)
        worth = room.size(*extent)
        if worth > best[0] * 1.001:
            best = (worth, spots, extent)
    return best[1], best[2]


def _shelved(sizes: Sequence[Point], limit: float, gap: float) -> tuple[list[Point], Point]:
    rows: list[list[int]] = [[]]
    used = 0.0
    for index, (width, _) in enumerate(sizes):
        if rows[-1] and used + gap + width > limit + 0.01:
            rows.append([])
            used = 0.0
        used += width + (gap if rows[-1] else 0.0)
        rows[-1].append(index)
    spots = [(0.0, 0.0)] * len(sizes)
    whole = max(sum(sizes[k][0] for k in row) + gap * (len(row) - 1) for row in rows)
    top = 0.0
    for row in rows:
        height = max(sizes[k][1] for k in row)
        left = (whole - sum(sizes[k][0] for k in row) - gap * (len(row) - 1)) / 2
        for k in row:
            spots[k] = (left, top + (height - sizes[k][1]) / 2)
            left += sizes[k][0] + gap
        top += height + gap
    return spots, (whole, top - gap)


def joined(plans: Sequence[Plan], room: Room, gap: float) -> Plan:
    """Plans beside and under each other as one."""
    if len(plans) == 1:
        return plans[0]
    spots, whole = shelves([(plan.width, plan.height) for plan in plans], room, gap)
    moved = [plan.moved(*spot) for plan, spot in zip(plans, spots, strict=True)]
    return Plan(
        *whole,
        tuple(one for plan in moved for one in plan.placed),
        tuple(one for plan in moved for one in plan.routes),
        tuple(one for plan in moved for one in plan.labels),
        any(plan.cut for plan in plans),
    )
