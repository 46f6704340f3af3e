"""One connected part of a flow → its layers measured, cut into rows, placed and routed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from inkreel.model import Edge, Node
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.layering import Layers
from inkreel.visuals.layout.ordering import neighbours
from inkreel.visuals.layout.placing import Extent, Field, placed
from inkreel.visuals.layout.plan import Point
from inkreel.visuals.layout.routing import Band, Hop, Item, route
from inkreel.visuals.layout.shapes import Measured

LOOP = 1.6
"""How far a self loop reaches out."""
LOOPS_APART = 0.5
"""Between the self loops of a node that differ in kind, and between the labels of its loops."""
OFF = 0.12
"""Between a line and its label."""
_BESIDE = 0.3
"""What a corner keeps clear more than a line does: an arrow's head may come from it."""
_UNEVEN = 4.0
"""Em by which the widths of cards may differ and still become one, where flows run down."""
_LONGEST_CHANNEL = 6.0
"""Em that a row may be stretched by in one channel, to be as long as the others."""


@dataclass(frozen=True, slots=True)
class Manner:
    """An arrangement: to the right or down, where labels wrap, into how many rows it is bent."""

    right: bool
    wrap: float
    bands: int = 1
    tight: bool = False
    """With less air in the cards and between them."""
    more: float = 0.0
    """Added between the items of a layer."""
    stretch: float = 0.0
    """Added to every channel."""

    @property
    def gap(self) -> float:
        """Between two items of a layer."""
        return (0.7 if self.tight else 1.0) + self.more

    @property
    def turn(self) -> float:
        """Between two rows of a bent flow."""
        return (1.3 if self.tight else 1.7) + self.stretch


@dataclass(frozen=True, slots=True)
class Part:
    """A connected part of the diagram, its layers already in order."""

    nodes: tuple[int, ...]
    """Item → node."""
    edges: tuple[int, ...]
    """Arc → edge."""
    loops: tuple[tuple[int, int], ...]
    """Item and edge of each self loop."""
    layers: Layers
    rows: list[list[int]]
    profiles: dict[tuple[bool, float, bool, bool], list[Point]] = field(default_factory=dict)
    """For a manner the extents of each layer, kept because many manners share them."""


@dataclass(slots=True)
class Sheet:
    """A part being laid out."""

    part: Part
    nodes: Sequence[Node]
    edges: Sequence[Edge]
    manner: Manner
    sizes: list[Measured | None]
    items: list[Item] = field(default_factory=list)

    def turned(self, width: float, height: float) -> tuple[float, float]:
        """Extents along u and v."""
        return (width, height) if self.manner.right else (height, width)

    def is_node(self, item: int) -> bool:
        return item < len(self.part.nodes)

    def edge(self, arc: int) -> Edge:
        return self.edges[self.part.edges[arc]]


@dataclass(slots=True)
class Row:
    """Layers first … last behind each other: their middles and channels along u."""

    first: int
    last: int
    thick: list[float]
    channels: list[float]
    across: float
    top: float = 0.0
    middle: list[float] = field(default_factory=list)
    starts: list[float] = field(default_factory=list)

    @property
    def length(self) -> float:
        return sum(self.thick) + sum(self.channels)

    def stack(self) -> None:
        u = 0.0
        for index, own in enumerate(self.thick):
            self.middle.append(u + own / 2)
            u += own
            self.starts.append(u)
            u += self.channels[index] if index < len(self.channels) else 0.0


def least(
    part: Part, nodes: Sequence[Node], edges: Sequence[Edge], manner: Manner, *, dots: bool
) -> Point:
    """About the least width and height that `lay` would answer, without its work."""
    key = (manner.right, manner.wrap, manner.bands > 1, manner.tight)
    known = part.profiles.get(key)
    if known is None:
        sheet = measured(part, nodes, edges, manner, dots=dots)
        known = part.profiles[key] = [
            (
                max((sheet.items[i].thick for i in row), default=0.0),
                sum(sheet.items[i].before + sheet.items[i].after + manner.gap for i in row)
                - manner.gap,
            )
            for row in part.rows
        ]
    length = across = 0.0
    for first, last in _cuts(part, [thick for thick, _ in known], manner.bands):
        own = known[first : last + 1]
        length = max(length, sum(thick for thick, _ in own) + 1.2 * (last - first))
        across += manner.turn + max(wide for _, wide in own)
    across -= manner.turn
    return (length, across) if manner.right else (across, length)


# --- Sizes ---------------------------------------------------------------------------------------


def measured(
    part: Part, nodes: Sequence[Node], edges: Sequence[Edge], manner: Manner, *, dots: bool
) -> Sheet:
    """The part with the sizes of its nodes and labels."""
    sizes: list[Measured | None] = [
        shapes.measured(nodes[node], manner.wrap, dots=dots, tight=manner.tight)
        for node in part.nodes
    ]
    sizes += [None] * (len(part.layers.rank) - len(part.nodes))
    sheet = Sheet(part, nodes, edges, manner, sizes)
    for arc, item in enumerate(part.layers.label):
        if item is not None:
            sizes[item] = shapes.label(sheet.edge(arc).text, min(manner.wrap, 8.0))
    _even(sheet)
    sheet.items = [_item(sheet, item) for item in range(len(sizes))]
    for item in dict(part.loops):
        _room_for_loops(sheet, item)
    for corner, node in part.layers.anchor.items():
        sheet.items[corner].anchor = node
        sheet.items[corner].before = sheet.items[corner].after = _BESIDE
    return sheet


def _even(sheet: Sheet) -> None:
    """Cards of a layer are of one size; all cards are as high if they differ by a line at most,
    and as wide where rows stand under each other."""
    cards = {
        item: size
        for item, size in enumerate(sheet.sizes)
        if size and size.shape in ("card", "pill", "cylinder")
    }
    if not cards:
        return
    heights = [size.height for size in cards.values()]
    alike = max(heights) - min(heights) < 1.5 * shapes.PITCH
    widest = max(size.width for size in cards.values())
    narrow = widest - min(size.width for size in cards.values()) < _UNEVEN
    uniform = sheet.manner.bands > 1 or (narrow and not sheet.manner.right)
    for row in sheet.part.rows:
        own = {item: cards[item] for item in row if item in cards}
        width = max((size.width for size in own.values()), default=0.0)
        height = max((size.height for size in own.values()), default=0.0)
        for item, size in own.items():
            sheet.sizes[item] = size.sized(
                widest if uniform else width, max(heights) if alike else height
            )


def _item(sheet: Sheet, index: int) -> Item:
    size = sheet.sizes[index]
    row = sheet.part.layers.rank[index]
    if size is None:
        return Item(row, 0.0, 0.0, 0.0, None)
    thick, across = sheet.turned(size.width, size.height)
    if not sheet.is_node(index):  # a label stands beside its line: above it, or to its right
        return Item(row, thick, OFF, across + OFF, None)
    shape = size.shape
    if shape == "cylinder" and sheet.manner.right:
        shape = "card"  # its sides are straight
    return Item(row, thick, across / 2, across / 2, shape, across / 2)


def _room_for_loops(sheet: Sheet, index: int) -> None:
    """Self loops hang at the node's further side, their labels beyond them."""
    item = sheet.items[index]
    own = [sheet.edges[edge] for at, edge in sheet.part.loops if at == index]
    labels = [loop_label(sheet, edge) for edge in own if edge.text]
    item.after = max(item.after, item.half + loops_reach(sheet, index))
    item.after += sum(across for _, across in labels) + LOOPS_APART * max(0, len(labels) - 1)
    item.room = max([item.room, *(along for along, _ in labels)])


def loop_kinds(sheet: Sheet, index: int) -> list[str]:
    """The kinds of a node's self loops, from the innermost outwards; those alike are one."""
    own = (sheet.edges[edge].kind for at, edge in sheet.part.loops if at == index)
    return list(dict.fromkeys(own))


def loops_reach(sheet: Sheet, index: int) -> float:
    """How far a node's self loops reach out, without their labels."""
    return LOOP + LOOPS_APART * (len(loop_kinds(sheet, index)) - 1)


def loop_label(sheet: Sheet, edge: Edge) -> Point:
    """What the label of a self loop takes along u and v."""
    size = shapes.label(edge.text, min(sheet.manner.wrap, 8.0))
    return sheet.turned(size.width, size.height) if edge.text else (0.0, 0.0)


def hops_of(sheet: Sheet) -> list[list[Hop]]:
    """After each layer the hops to the next."""
    layers = sheet.part.layers
    found: list[list[Hop]] = [[] for _ in sheet.part.rows]
    for arc, chain in enumerate(layers.chains):
        kind = sheet.edge(arc).kind
        back = layers.flipped[arc]
        for at, (top, low) in enumerate(pairwise(chain)):
            first, last = at == 0, at == len(chain) - 2
            head_top = first and kind != "line" and (back or kind == "both")
            head_low = last and kind != "line" and (not back or kind == "both")
            hop = Hop(arc, top, low, head_top, head_low, kind)
            found[layers.rank[top]].append(hop)
    return found


# --- Rows ----------------------------------------------------------------------------------------


def _cuts(part: Part, extents: Sequence[float], count: int) -> list[tuple[int, int]]:
    """First and last layer of each row: of like length, cut where few edges cross."""
    last = len(part.rows) - 1
    if count == 1:
        return [(0, last)]
    thick = [own + 1.6 for own in extents]
    goal = sum(thick) / count
    turns = _turns(part)
    inf = float("inf")
    table: list[list[tuple[float, int]]] = [[(0.0, 0)] + [(inf, 0)] * (last + 1)]
    for _ in range(count):
        line = [(inf, 0)] * (last + 2)
        for end in range(1, last + 2):
            length = 0.0
            for first in range(end - 1, -1, -1):
                length += thick[first]
                cost = table[-1][first][0] + (length - goal) ** 2 + turns[end - 1]
                if cost < line[end][0]:
                    line[end] = (cost, first)
        table.append(line)
    if table[-1][-1][0] == inf:
        return [(0, last)]
    cuts, end = [], last + 1
    for line in reversed(table[1:]):
        first = line[end][1]
        cuts.append((first, end - 1))
        end = first
    return cuts[::-1]


def _turns(part: Part) -> list[float]:
    """What it costs to end a row after each layer: only between nodes, best at a single edge."""
    nodes = [any(item < len(part.nodes) for item in row) for row in part.rows]
    crossing = [0] * len(part.rows)
    for chain in part.layers.chains:
        for item in chain[:-1]:
            crossing[part.layers.rank[item]] += 1
    costs = [3.0 * (count - 1) ** 2 for count in crossing]
    for end in range(len(nodes) - 1):
        if not (nodes[end] and nodes[end + 1]):
            costs[end] = float("inf")
    costs[-1] = 0.0
    return costs


def rows_of(sheet: Sheet, hops: list[list[Hop]]) -> list[Row]:
    """The layers in rows that are placed, routed and of like length."""
    part = sheet.part
    extents = [max((sheet.items[i].thick for i in row), default=0.0) for row in part.rows]
    cuts = _cuts(part, extents, sheet.manner.bands)
    rows = [_row(sheet, hops, index, span) for index, span in enumerate(cuts)]
    _justify(rows)
    return rows


def _is_label(sheet: Sheet, item: int) -> bool:
    return not sheet.is_node(item) and sheet.sizes[item] is not None


def _row(sheet: Sheet, hops: list[list[Hop]], index: int, span: tuple[int, int]) -> Row:
    first, last = span
    rows = sheet.part.rows[first : last + 1]
    inner = hops[first:last]
    if sheet.manner.right and index % 2 == 0:
        for item in (item for row in rows for item in row if _is_label(sheet, item)):
            own = sheet.items[item]
            own.before, own.after = own.after, own.before
    for item, v in placed(_field(sheet, rows, inner)).items():
        sheet.items[item].v = round(v, 4)
    channels = [
        size + sheet.manner.stretch
        for size in route(Band(sheet.items, rows, inner), tight=sheet.manner.tight)
    ]
    thick = [max(max(sheet.items[i].thick, sheet.items[i].room) for i in row) for row in rows]
    across = max(sheet.items[i].v + sheet.items[i].after for row in rows for i in row)
    return Row(first, last, thick, channels, across)


def _field(sheet: Sheet, rows: list[list[int]], inner: list[list[Hop]]) -> Field:
    inside = {item for row in rows for item in row}
    above, below = neighbours(sheet.part.layers)
    labels = {item for item in sheet.part.layers.label if item is not None}
    strong = set()
    for hop in (hop for channel in inner for hop in channel):
        dummies = not (sheet.is_node(hop.top) or sheet.is_node(hop.low))
        back = sheet.part.layers.flipped[hop.arc]
        alone = len(below[hop.top]) == len(above[hop.low]) == 1
        if alone or dummies or (hop.low in labels if back else hop.top in labels):
            strong.add((hop.top, hop.low))
    return Field(
        rows,
        [[o for o in above[i] if o in inside] for i in range(len(sheet.items))],
        [[o for o in below[i] if o in inside] for i in range(len(sheet.items))],
        [Extent(item.before, item.after) for item in sheet.items],
        frozenset(strong),
        sheet.manner.gap,
    )


def _justify(rows: list[Row]) -> None:
    """All rows but the last become as long as the longest; where one turns into the next, the
    layers stand under each other."""
    for upper, lower in pairwise(rows):
        upper.thick[-1] = lower.thick[0] = max(upper.thick[-1], lower.thick[0])
    length = max(row.length for row in rows)
    for row in rows[:-1]:
        more = (length - row.length) / max(1, len(row.channels))
        if more <= _LONGEST_CHANNEL:
            row.channels = [size + more for size in row.channels]
    for row in rows:
        row.stack()
