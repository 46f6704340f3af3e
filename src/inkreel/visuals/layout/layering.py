"""Nodes and edges → layers: cycles are cut, ranks are chosen, long edges pass through dummies.

The first stage of a layered drawing. Ranks make the edges as short as they can be together
(network simplex); a label is a dummy of its own, so that it can overlap nothing later on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

_MOST_PIVOTS = 40


@dataclass(frozen=True, slots=True)
class Arc:
    """An edge between two nodes, given by their numbers; `wide` asks for an item of its own on
    the way (a label, or room beside a parallel edge)."""

    source: int
    target: int
    wide: bool = False


@dataclass(frozen=True, slots=True)
class Layers:
    """Items in layers: the nodes 0 … count-1, then the dummies."""

    count: int
    rank: list[int]
    rows: list[list[int]]
    chains: list[tuple[int, ...]]
    """For each arc the items from its upper to its lower end."""
    flipped: list[bool]
    """For each arc whether its arrow goes upwards."""
    label: list[int | None]
    """For each arc the item that holds its label."""
    arc: list[int]
    """For each dummy (from item `count` on) the arc that it belongs to."""
    anchor: dict[int, int] = field(default_factory=dict)
    """For each corner the node beside which it stands; its arc's chain ends in the corner."""


def layered(count: int, arcs: Sequence[Arc]) -> Layers:
    """Cut a connected graph without self loops into layers."""
    flipped = _backward(count, arcs)
    ends = [
        (a.target, a.source) if back else (a.source, a.target)
        for a, back in zip(arcs, flipped, strict=True)
    ]
    seen: set[tuple[int, int]] = set()
    length = []
    for (top, low), arc in zip(ends, arcs, strict=True):
        # Parallel edges pass each other at a dummy.
        length.append(2 if arc.wide or (top, low) in seen else 1)
        seen.add((top, low))
    rank = ranks(count, [(top, low, least) for (top, low), least in zip(ends, length, strict=True)])
    return _with_dummies(count, rank, ends, flipped, [a.wide for a in arcs])


def _backward(count: int, arcs: Sequence[Arc]) -> list[bool]:
    """The arcs that close a cycle, seen in the author's order."""
    leaving: list[list[int]] = [[] for _ in range(count)]
    entered = [False] * count
    for index, arc in enumerate(arcs):
        leaving[arc.source].append(index)
        entered[arc.target] = True
    state = [0] * count  # 1: being visited, 2: done
    backward = [False] * len(arcs)
    for first in sorted(range(count), key=lambda node: entered[node]):
        if state[first]:
            continue
        state[first] = 1
        stack = [(first, iter(leaving[first]))]
        while stack:
            node, rest = stack[-1]
            for index in rest:
                target = arcs[index].target
                backward[index] = state[target] == 1
                if not state[target]:
                    state[target] = 1
                    stack.append((target, iter(leaving[target])))
                    break
            else:
                state[node] = 2
                stack.pop()
    return backward


def _with_dummies(
    count: int,
    rank: list[int],
    ends: Sequence[tuple[int, int]],
    flipped: list[bool],
    wide: Sequence[bool],
) -> Layers:
    rank = list(rank)
    arc_of: list[int] = []
    chains: list[tuple[int, ...]] = []
    label: list[int | None] = []
    for index, (top, low) in enumerate(ends):
        between = list(range(len(rank), len(rank) + rank[low] - rank[top] - 1))
        rank += range(rank[top] + 1, rank[low])
        arc_of += [index] * len(between)
        chains.append((top, *between, low))
        # Near the end where the arrow begins.
        label.append(between[-1 if flipped[index] else 0] if between and wide[index] else None)
    rows: list[list[int]] = [[] for _ in range(max(rank, default=0) + 1)]
    for item, row in enumerate(rank):
        rows[row].append(item)
    return Layers(count, rank, rows, chains, flipped, label, arc_of)


# --- Ranks ---------------------------------------------------------------------------------------

Rope = tuple[int, int, int]
"""Upper node, lower node, least difference of their ranks."""


def ranks(count: int, ropes: Sequence[Rope]) -> list[int]:
    """Ranks from 0 that respect every rope and make their lengths least in sum."""
    rank = _longest(count, ropes)
    tree = _tight_tree(count, ropes, rank)
    for _ in range(_MOST_PIVOTS):
        leaving = next((r for r in tree if _cut(r, tree, ropes, count) < 0), None)
        if leaving is None:
            break
        _pivot(leaving, tree, ropes, rank)
    first = min(rank, default=0)
    return [own - first for own in rank]


def _longest(count: int, ropes: Sequence[Rope]) -> list[int]:
    rank = [0] * count
    above = [0] * count
    below: list[list[tuple[int, int]]] = [[] for _ in range(count)]
    for top, low, least in ropes:
        above[low] += 1
        below[top].append((low, least))
    ready = [node for node in range(count) if not above[node]]
    for node in ready:
        for low, least in below[node]:
            rank[low] = max(rank[low], rank[node] + least)
            above[low] -= 1
            if not above[low]:
                ready.append(low)
    return rank


def _tight_tree(count: int, ropes: Sequence[Rope], rank: list[int]) -> set[int]:
    """Ropes without slack that span all nodes; ranks are moved until there are enough."""
    inside = {0} if count else set()
    tree: set[int] = set()
    while len(inside) < count:
        grown = True
        while grown:
            grown = False
            for index, (top, low, least) in enumerate(ropes):
                if (top in inside) != (low in inside) and rank[low] - rank[top] == least:
                    inside |= {top, low}
                    tree.add(index)
                    grown = True
        if len(inside) < count:
            crossing = [r for r in ropes if (r[0] in inside) != (r[1] in inside)]
            top, low, least = min(crossing, key=lambda r: rank[r[1]] - rank[r[0]] - r[2])
            slack = rank[low] - rank[top] - least
            for node in inside:
                rank[node] += slack if top in inside else -slack
    return tree


def _side(leaving: int, tree: set[int], ropes: Sequence[Rope], count: int) -> set[int]:
    """The nodes that hang at the upper end when a tree rope is cut."""
    joined: list[list[int]] = [[] for _ in range(count)]
    for index in tree:
        if index != leaving:
            top, low, _ = ropes[index]
            joined[top].append(low)
            joined[low].append(top)
    side = {ropes[leaving][0]}
    stack = [ropes[leaving][0]]
    while stack:
        for node in joined[stack.pop()]:
            if node not in side:
                side.add(node)
                stack.append(node)
    return side


def _cut(index: int, tree: set[int], ropes: Sequence[Rope], count: int) -> int:
    """What it costs to make a tree rope longer by one; negative where that gains."""
    side = _side(index, tree, ropes, count)
    return sum((top in side) - (low in side) for top, low, _ in ropes)


def _pivot(leaving: int, tree: set[int], ropes: Sequence[Rope], rank: list[int]) -> None:
    """Cut a rope, move its upper side up until another rope is tight, and take that one in."""
    side = _side(leaving, tree, ropes, len(rank))
    best, least = leaving, -1
    for index, (top, low, length) in enumerate(ropes):
        if top not in side and low in side:
            slack = rank[low] - rank[top] - length
            if least < 0 or slack < least:
                best, least = index, slack
    if least < 0:
        return
    for node in side:
        rank[node] -= least
    tree.remove(leaving)
    tree.add(best)
