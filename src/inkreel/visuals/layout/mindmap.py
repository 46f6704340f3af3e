"""A tree of thoughts → the root with its branches on both sides, on one side, or below it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from inkreel.model import Edge, Node
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.fitting import LARGEST, Room, mean_lines
from inkreel.visuals.layout.plan import Placed, Plan, Point, Route
from inkreel.visuals.layout.shapes import Measured
from inkreel.visuals.stage import Box

_WRAPS = (5.5, 7.0, 9.0, 12.0)
_GAP, _FAMILY = 0.6, 1.0
"""Between two twigs of a branch, and between two branches."""
_REACH, _SHORT = 2.4, 1.5
"""Between two generations; the least where it is tight."""
_WIDEST = 6.0
_BARE_HIGH, _BARE_WIDE = 0.25, 0.5


@dataclass(frozen=True, slots=True)
class Manner:
    """`sides` 2: left and right, 1: right, 0: below. With `bare` the twigs have no cards."""

    sides: int
    wrap: float
    bare: bool
    reach: float = _SHORT
    gap: float = _GAP
    even: bool = False
    """All cards of a generation are as high as the highest."""


@dataclass(slots=True)
class Twig:
    """A node of the tree with what grows from it."""

    node: int
    edge: int
    depth: int
    twigs: list[Twig] = field(default_factory=list)


def tree(nodes: Sequence[Node], edges: Sequence[Edge]) -> Twig:
    """The tree that the edges make; what they do not reach grows from the root."""
    number = {node.id: index for index, node in enumerate(nodes)}
    ends = [(number[edge.source], number[edge.target]) for edge in edges]
    entered = {b for _, b in ends}
    first = next((k for k in range(len(nodes)) if k not in entered), 0)
    root = Twig(first, -1, 0)
    reached = {first}
    waiting = [root]
    free = iter(range(len(nodes)))
    while waiting:
        own = waiting.pop(0)
        for index, (a, b) in enumerate(ends):
            if a == own.node and b not in reached:
                reached.add(b)
                own.twigs.append(Twig(b, index, own.depth + 1))
        waiting += own.twigs
        if not waiting:
            lost = next((k for k in free if k not in reached), None)
            if lost is not None:
                reached.add(lost)
                root.twigs.append(Twig(lost, -1, 1))
                waiting.append(root.twigs[-1])
    return root


def branches(nodes: Sequence[Node], edges: Sequence[Edge]) -> tuple[Edge, ...]:
    """The edges of the tree, from each branch to its twigs."""
    kept: list[Edge] = []
    waiting = [tree(nodes, edges)]
    for twig in waiting:
        kept += [Edge(nodes[twig.node].id, nodes[own.node].id) for own in twig.twigs]
        waiting += twig.twigs
    return tuple(kept)


def mindmap(nodes: Sequence[Node], edges: Sequence[Edge], room: Room) -> Plan:
    """The plan whose text is largest in `room`; the edges are `branches`."""
    root = tree(nodes, edges)
    manners = _manners(root, room)
    return _relaxed(nodes, root, room, max(manners, key=lambda one: _worth(nodes, root, room, one)))


def _worth(nodes: Sequence[Node], root: Twig, room: Room, manner: Manner) -> float:
    plan = _lay(nodes, root, manner)
    lines = mean_lines(one.lines for one in plan.placed)
    worth = room.worth(plan.width, plan.height, lines) * (0.6 if plan.cut else 1.0)
    worth *= 0.82 if manner.bare else 1.0
    return worth * (1.0 if (manner.sides == 2) == (room.aspect == "wide") else 0.95)


def _manners(root: Twig, room: Room) -> list[Manner]:
    deep = any(twig.twigs for twig in root.twigs)
    return [
        Manner(sides, wrap, bare)
        for sides in (2, 1, 0)
        for wrap in _WRAPS
        for bare in ((False, True) if deep else (False,))
        if sides or room.aspect != "wide" or not deep
    ]


def _relaxed(nodes: Sequence[Node], root: Twig, room: Room, manner: Manner) -> Plan:
    """The same with longer ways and more air, as far as the stage has room."""
    plan = _lay(nodes, root, manner)
    size = min(LARGEST, room.size(plan.width, plan.height))
    free_x, free_y = room.width / size - plan.width, room.height / size - plan.height
    along, across = (free_x, free_y) if manner.sides else (free_y, free_x)
    deepest = max(1, _deepest(root))
    ways = deepest * max(1, manner.sides)
    leaves = max(1, _leaves(root) // max(1, manner.sides))
    for share, even in ((0.7, True), (0.9, False), (0.5, False)):
        looser = Manner(
            manner.sides,
            manner.wrap,
            manner.bare,
            min(_WIDEST if manner.sides else 3.0, manner.reach + share * along / ways),
            min(1.6, manner.gap + share * across / leaves / (2.5 if even else 1.5)),
            even,
        )
        airy = _lay(nodes, root, looser)
        if room.size(airy.width, airy.height) >= size * 0.999:
            return airy
    return plan


def _deepest(twig: Twig) -> int:
    return max((_deepest(one) for one in twig.twigs), default=twig.depth)


def _leaves(twig: Twig) -> int:
    return sum(_leaves(one) for one in twig.twigs) or 1


# --- One manner ----------------------------------------------------------------------------------


@dataclass(slots=True)
class _Page:
    """Along `u` the generations follow each other, along `v` the twigs stand beside each other."""

    manner: Manner
    sizes: dict[int, Measured]
    turned: bool
    generations: list[float] = field(default_factory=list)
    """The extent of each generation along u."""
    middles: dict[int, Point] = field(default_factory=dict)

    def extents(self, twig: Twig) -> Point:
        size = self.sizes[twig.node]
        return (size.height, size.width) if self.turned else (size.width, size.height)


def _lay(nodes: Sequence[Node], root: Twig, manner: Manner) -> Plan:
    sizes = _sizes(nodes, root, manner)
    page = _Page(manner, sizes, manner.sides == 0)
    page.generations = [max(page.extents(one)[0] for one in row) for row in _generations(root)]
    sides = [root.twigs]
    if manner.sides == 2 and len(root.twigs) > 1:
        sides = _halves(page, root.twigs)
    heights = [_height(page, side) for side in sides]
    tallest = max([*heights, page.extents(root)[1]])
    page.middles[root.node] = (0.0, tallest / 2)
    for k, (side, height) in enumerate(zip(sides, heights, strict=True)):
        _grow(page, side, (tallest - height) / 2, 1 if k == 0 else -1)
    return _drawn(page, root)


def _sizes(nodes: Sequence[Node], root: Twig, manner: Manner) -> dict[int, Measured]:
    sizes = {}
    for depth, row in enumerate(_generations(root)):
        own = {}
        for twig in row:
            node = nodes[twig.node]
            plain = Node(node.id, node.text, node.detail, "step" if depth else "start")
            size = shapes.measured(plain, manner.wrap)
            if manner.bare and depth > 1 and not twig.twigs:
                size = _bare(size)
            own[twig.node] = size
        cards = [size for size in own.values() if size.shape == "card"]
        width = max((size.width for size in cards), default=0.0)
        height = max((size.height for size in cards), default=0.0)
        for index, size in own.items():
            card = size.shape == "card"
            high = height if manner.even else size.height
            sizes[index] = size.sized(width, high) if card else size
    return sizes


def _bare(size: Measured) -> Measured:
    width = size.width - 2 * shapes.PAD_X + 2 * _BARE_WIDE
    return Measured(
        "bare",
        size.lines,
        size.detail,
        width,
        size.height - 2 * shapes.PAD_Y + _BARE_HIGH,
        size.cut,
    )


def _generations(root: Twig) -> list[list[Twig]]:
    rows = [[root]]
    while below := [twig for own in rows[-1] for twig in own.twigs]:
        rows.append(below)
    return rows


def _halves(page: _Page, branches: list[Twig]) -> list[list[Twig]]:
    """The first branches go to the right, the others to the left, as evenly as can be."""
    heights = [_height(page, [branch]) for branch in branches]
    best = min(
        range(1, len(branches)),
        key=lambda k: (
            round(max(sum(heights[:k]), sum(heights[k:])), 3),
            abs(2 * k - len(branches)),
        ),
    )
    return [branches[:best], branches[best:]]


def _height(page: _Page, twigs: list[Twig]) -> float:
    if not twigs:
        return 0.0
    gap = _gap(page, twigs)
    return sum(_own_height(page, twig) for twig in twigs) + gap * (len(twigs) - 1)


def _own_height(page: _Page, twig: Twig) -> float:
    return max(page.extents(twig)[1], _height(page, twig.twigs))


def _gap(page: _Page, twigs: list[Twig]) -> float:
    branched = any(twig.twigs for twig in twigs)
    bare = all(page.sizes[twig.node].shape == "bare" for twig in twigs)
    return page.manner.gap * (0.3 if bare else _FAMILY / _GAP if branched else 1.0)


def _grow(page: _Page, twigs: list[Twig], start: float, way: int) -> None:
    """Place twigs one under the other from `start` on, and what grows from them."""
    at = start
    gap = _gap(page, twigs)
    for twig in twigs:
        height = _own_height(page, twig)
        depth = twig.depth
        u = page.generations[0] / 2 + sum(page.generations[1:depth]) + page.manner.reach * depth
        own = page.extents(twig)[0]
        page.middles[twig.node] = (way * (u + own / 2), at + height / 2)
        inner = _height(page, twig.twigs)
        _grow(page, twig.twigs, at + (height - inner) / 2, way)
        at += height + gap


def _drawn(page: _Page, root: Twig) -> Plan:
    placed: list[Placed] = []
    routes: list[Route] = []
    waiting = [root]
    while waiting:
        twig = waiting.pop(0)
        placed.append(_box(page, twig))
        routes += [_way(page, twig, own) for own in twig.twigs]
        waiting += twig.twigs
    left = min(one.box.x for one in placed)
    top = min(one.box.y for one in placed)
    plan = Plan(
        max(one.box.right for one in placed) - left,
        max(one.box.bottom for one in placed) - top,
        tuple(sorted(placed, key=lambda one: one.node)),
        tuple(routes),
        cut=any(size.cut for size in page.sizes.values()),
    )
    return plan.moved(-left, -top)


def _box(page: _Page, twig: Twig) -> Placed:
    size = page.sizes[twig.node]
    u, v = page.middles[twig.node]
    x, y = (v, u) if page.turned else (u, v)
    box = Box(x - size.width / 2, y - size.height / 2, size.width, size.height)
    return Placed(twig.node, size.shape, box, size.lines, size.detail)


def _way(page: _Page, parent: Twig, twig: Twig) -> Route:
    """A calm curve from side to side."""
    (u, v), (u2, v2) = page.middles[parent.node], page.middles[twig.node]
    way = 1 if u2 > u else -1
    start = u + way * page.extents(parent)[0] / 2
    end = u2 - way * page.extents(twig)[0] / 2
    spots = [(start, v), (end, v2)]
    run = tuple((b, a) if page.turned else (a, b) for a, b in spots)
    return Route(twig.edge, (run,), "downwards" if page.turned else "sideways")
