"""Ordered layers → layers with corners: where edges turn to leave or enter a node by its side.

What leads back runs beside the nodes and enters by their sides, and a decision sends its branches
out of its sides. A corner is a dummy in the node's own layer, next to it, so that the way between
the two is always free.
"""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import replace

from inkreel.visuals.layout.layering import Layers
from inkreel.visuals.layout.ordering import crossings, neighbours

_OUTSIDE = 1_000
"""A step that leads outside of everything else."""
_LIKE = 1
"""Branches that differ by so many nodes at most leave a decision on both sides."""


def cornered(
    layers: Layers,
    rows: Sequence[Sequence[int]],
    decisions: AbstractSet[int],
    looped: AbstractSet[int],
) -> tuple[Layers, list[list[int]]]:
    """The layers and their rows with corners in them. Nodes in `looped` have a self loop on
    their further side."""
    work = _Work(layers, [list(row) for row in rows], looped)
    for node in sorted(decisions):
        work.branches(node)
    for arc, back in enumerate(layers.flipped):
        if back:
            work.return_way(arc)
    return work.done()


class _Work:
    """Corners being put in."""

    def __init__(self, layers: Layers, rows: list[list[int]], looped: AbstractSet[int]) -> None:
        self.layers, self.rows = layers, rows
        self.chains = [list(chain) for chain in layers.chains]
        self.rank = list(layers.rank)
        self.arc = list(layers.arc)
        self.anchor: dict[int, int] = dict(layers.anchor)
        self.used = {(node, True) for node in looped}
        self.place = {item: at for row in rows for at, item in enumerate(row)}
        self.above, self.below = neighbours(layers)

    def branches(self, node: int) -> None:
        """A decision's outer branches; the one that most hangs on goes straight on, unless they
        are alike."""
        own = [
            arc
            for arc, chain in enumerate(self.chains)
            if chain[0] == node and not self.layers.flipped[arc]
        ]
        if len(own) < 2:
            return
        own.sort(key=lambda arc: self.place[self.chains[arc][1]])
        heavy = {arc: self._weight(self.chains[arc][-1]) for arc in own}
        outer = {own[0]: False, own[-1]: True}
        back = any(
            chain[-1] == node and self.layers.flipped[arc] for arc, chain in enumerate(self.chains)
        )
        if len(own) == 2 and (back or abs(heavy[own[0]] - heavy[own[1]]) > _LIKE):
            outer.pop(max(own, key=lambda arc: (heavy[arc], -arc)))
        for arc, right in outer.items():
            self._put(arc, node, right=right, low_end=False)

    def _weight(self, node: int) -> int:
        """How many items hang on it."""
        seen = {node}
        stack = [node]
        while stack:
            for other in self.below[stack.pop()]:
                if other not in seen:
                    seen.add(other)
                    stack.append(other)
        return sum(item < self.layers.count for item in seen)

    def return_way(self, arc: int) -> None:
        """Both ends of what leads back, on the side where its dummies are; they may change places
        with their neighbours, if that lets both ends use the same side and nothing cross."""
        if not self._free(arc):
            fewest = self._crossings(self.rows)
            for step in (-1, 1, -_OUTSIDE, _OUTSIDE):
                moved = self._shifted(arc, step)
                if moved and self._crossings(moved) <= fewest:
                    before, self.rows = self.rows, moved
                    self._replace()
                    if self._free(arc):
                        break
                    self.rows = before
                    self._replace()
        for low_end, right in zip((False, True), self._wanted(arc), strict=True):
            if not self._taken(arc, low_end, right):
                node = self.chains[arc][-1 if low_end else 0]
                self._put(arc, node, right=bool(right), low_end=low_end)

    def _free(self, arc: int) -> bool:
        """Whether both ends can use the sides of their nodes."""
        wanted = self._wanted(arc)
        return not any(self._taken(arc, low, wanted[low]) for low in (False, True))

    def _taken(self, arc: int, low_end: bool, right: bool | None) -> bool:  # noqa: FBT001
        return right is None or (self.layers.chains[arc][-1 if low_end else 0], right) in self.used

    def _wanted(self, arc: int) -> tuple[bool | None, bool | None]:
        """At the upper and the lower end the side on which an arc lies beside all others."""
        chain = self.layers.chains[arc]
        sides: list[bool | None] = []
        for node, next_one, joined in (
            (chain[0], chain[1], self.below),
            (chain[-1], chain[-2], self.above),
        ):
            others = [self.place[o] for o in joined[node] if o != next_one]
            at = self.place[next_one]
            right = not others or at > max(others)
            sides.append(right if right or at < min(others) else None)
        return sides[0], sides[1]

    def _shifted(self, arc: int, step: int) -> list[list[int]] | None:
        """The rows with an arc's dummies one place further."""
        rows = [list(row) for row in self.rows]
        for dummy in self.layers.chains[arc][1:-1]:
            row = rows[self.rank[dummy]]
            at = row.index(dummy)
            to = at + step if abs(step) < _OUTSIDE else 0 if step < 0 else len(row) - 1
            if not 0 <= to < len(row) or (abs(step) < _OUTSIDE and row[to] < self.layers.count):
                return None
            row.insert(to, row.pop(at))
        return rows

    def _crossings(self, rows: list[list[int]]) -> int:
        return crossings([[i for i in row if i not in self.anchor] for row in rows], self.below)

    def _replace(self) -> None:
        self.place = {item: at for row in self.rows for at, item in enumerate(row)}

    def _put(self, arc: int, node: int, *, right: bool, low_end: bool) -> None:
        if (node, right) in self.used:
            return
        self.used.add((node, right))
        corner = len(self.rank)
        self.rank.append(self.rank[node])
        self.arc.append(arc)
        self.anchor[corner] = node
        self.chains[arc][-1 if low_end else 0] = corner
        row = self.rows[self.rank[node]]
        row.insert(row.index(node) + right, corner)
        self._replace()

    def done(self) -> tuple[Layers, list[list[int]]]:
        layers = replace(
            self.layers,
            rank=self.rank,
            rows=self.rows,
            chains=[tuple(chain) for chain in self.chains],
            arc=self.arc,
            anchor=self.anchor,
        )
        return layers, self.rows
