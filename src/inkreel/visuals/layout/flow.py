"""Flows and states → the arrangement in which their text is largest.

Layers follow each other downwards or to the right; a long flow is bent like a strip of paper, so
that its rows run to the right and back to the left. All arrangements are reckoned in em, and the
one that fills the stage with the largest text is taken.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from inkreel.model import Edge, Node
from inkreel.visuals.layout import assembly, shapes, sheet
from inkreel.visuals.layout.corners import cornered
from inkreel.visuals.layout.fitting import LARGEST, Room, joined, mean_lines, shelves
from inkreel.visuals.layout.layering import Arc, layered
from inkreel.visuals.layout.ordering import ordered
from inkreel.visuals.layout.plan import Plan
from inkreel.visuals.layout.sheet import Manner, Part

_WRAPS = (5.0, 6.5, 8.5, 12.0)
_MOST_ROWS = 8
_MOST_TRIED = 5
_CRAMPED = 28.0
"""Text smaller than this is worth less air."""
_BETWEEN = 1.6
"""Between parts that no edge joins."""
_AGAINST, _BENT, _BENT_AGAIN, _TIGHT = 1.8, 2.6, 0.6, 0.7
"""Pixels of text that it is worth to run the natural way, straight, in few rows, with air."""
_WIDEST_GAP, _LONGEST_STRETCH = 2.2, 1.8


def flow(nodes: Sequence[Node], edges: Sequence[Edge], room: Room, *, dots: bool = False) -> Plan:
    """The plan whose text is largest in `room`; `dots` lets starts and ends be bare dots."""
    task = Task(nodes, edges, room, dots)
    found = task.tried(task.manners(tight=False))
    best = max(found, key=lambda one: one[0])
    if room.size(best[2].width, best[2].height) < _CRAMPED:
        best = max(found + task.tried(task.manners(tight=True)), key=lambda one: one[0])
    return task.relaxed(best[1], best[2])


Found = tuple[float, Manner, Plan]


class Task:
    """A flow to be laid out in a room: its connected parts, and manners to try."""

    def __init__(
        self,
        nodes: Sequence[Node],
        edges: Sequence[Edge],
        room: Room,
        dots: bool,  # noqa: FBT001
    ) -> None:
        self.nodes, self.edges, self.room, self.dots = nodes, edges, room, dots
        self.parts = parts(nodes, edges)
        self.lines = {
            wrap: mean_lines(shapes.measured(node, wrap, dots=dots).lines for node in nodes)
            for wrap in _WRAPS
        }

    def lay(self, manner: Manner) -> Plan:
        """All parts in one manner."""
        plans = [
            assembly.lay(part, self.nodes, self.edges, manner, dots=self.dots)
            for part in self.parts
        ]
        return joined(plans, self.room, _BETWEEN)

    def tried(self, manners: Sequence[tuple[float, Manner]]) -> list[Found]:
        """The first manners laid out, as long as a better one may follow."""
        found: list[Found] = []
        for bound, manner in manners[:_MOST_TRIED]:
            if any(worth >= bound for worth, _, _ in found):
                break
            plan = self.lay(manner)
            worth = self.worth(plan.width, plan.height, manner, cut=plan.cut)
            found.append((worth, manner, plan))
        return found

    def worth(self, width: float, height: float, manner: Manner, *, cut: bool) -> float:
        """The text size in pixels, less what looks worse: cut texts, the other direction, turns,
        narrow labels."""
        size = self.room.worth(width, height, self.lines[manner.wrap])
        natural = manner.right != (self.room.aspect == "tall")
        size -= 0.0 if natural else _AGAINST
        size -= _BENT + _BENT_AGAIN * (manner.bands - 2) if manner.bands > 1 else 0.0
        size -= _TIGHT if manner.tight else 0.0
        return size * (0.6 if cut else 1.0)

    def manners(self, *, tight: bool) -> list[tuple[float, Manner]]:
        """Manners with what they can be worth at best, best first."""
        found = []
        longest = max(len(part.rows) for part in self.parts)
        for wrap in _WRAPS:
            down = Manner(False, wrap, 1, tight)
            found.append((self._bound(down), down))
            best = 0.0
            for rows in range(1, max(1, min(_MOST_ROWS, longest // 2)) + 1):
                manner = Manner(True, wrap, rows, tight)
                bound = self._bound(manner)
                found.append((bound, manner))
                if bound < 0.8 * best:
                    break  # more turns only make it higher
                best = max(best, bound)
        return sorted(found, key=lambda pair: -pair[0])

    def _bound(self, manner: Manner) -> float:
        sizes = [
            sheet.least(part, self.nodes, self.edges, manner, dots=self.dots) for part in self.parts
        ]
        _, whole = shelves(sizes, self.room, _BETWEEN)
        return self.worth(*whole, manner, cut=False)

    def relaxed(self, manner: Manner, plan: Plan) -> Plan:
        """The same with more air, where the text is as large as it may be."""
        size = self.room.size(plan.width, plan.height)
        if size <= LARGEST * 1.02:
            return plan
        free_x = self.room.width / LARGEST - plan.width
        free_y = self.room.height / LARGEST - plan.height
        along, across = (free_x, free_y) if manner.right else (free_y, free_x)
        layers = max(len(part.rows) for part in self.parts) / manner.bands
        wide = max(len(row) for part in self.parts for row in part.rows) * manner.bands
        for share in (0.8, 0.4):
            looser = replace(
                manner,
                more=min(_WIDEST_GAP, share * max(0.0, across) / max(1, wide)),
                stretch=min(_LONGEST_STRETCH, share * max(0.0, along) / max(1, layers)),
            )
            airy = self.lay(looser)
            if self.room.size(airy.width, airy.height) >= LARGEST:
                return airy
        return plan


def parts(nodes: Sequence[Node], edges: Sequence[Edge]) -> list[Part]:
    """The connected parts, in the order of their first nodes."""
    number = {node.id: index for index, node in enumerate(nodes)}
    ends = [(number[edge.source], number[edge.target]) for edge in edges]
    root = list(range(len(nodes)))

    def top(node: int) -> int:
        while root[node] != node:
            root[node] = root[root[node]]
            node = root[node]
        return node

    for a, b in ends:
        one, two = sorted((top(a), top(b)))
        root[two] = one
    groups: dict[int, list[int]] = {}
    for node in range(len(nodes)):
        groups.setdefault(top(node), []).append(node)
    return [_part(own, nodes, edges, ends) for own in groups.values()]


def _part(
    own: list[int],
    nodes: Sequence[Node],
    edges: Sequence[Edge],
    ends: Sequence[tuple[int, int]],
) -> Part:
    item = {node: index for index, node in enumerate(own)}
    inner = [at for at, (a, b) in enumerate(ends) if a in item and a != b]
    loops = tuple((item[a], at) for at, (a, b) in enumerate(ends) if a in item and a == b)
    arcs = [Arc(item[ends[at][0]], item[ends[at][1]], bool(edges[at].text)) for at in inner]
    layers = layered(len(own), arcs)
    decisions = {item[node] for node in own if nodes[node].kind == "decision"}
    layers, rows = cornered(layers, ordered(layers), decisions, {at for at, _ in loops})
    return Part(tuple(own), tuple(inner), loops, layers, rows)
