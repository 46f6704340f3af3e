"""Rows of a flow → everything in its place: every other row turned round, and the turns between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import Edge, Node
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.plan import Label, Placed, Plan, Point, Route
from inkreel.visuals.layout.routing import (
    ARROW,
    LEAD,
    TRACK,
    Hop,
    ends,
    points,
    tip,
    track_at,
)
from inkreel.visuals.layout.sheet import (
    LOOP,
    LOOPS_APART,
    OFF,
    Manner,
    Part,
    Row,
    Sheet,
    hops_of,
    loop_kinds,
    loop_label,
    loops_reach,
    measured,
    rows_of,
)
from inkreel.visuals.stage import Box

_LOOP_HALF = 0.7
"""Half the height of a self loop."""
_LOOPS_WIDE = 0.42
"""Half the height of the outermost of several, as a share of their node's."""


def lay(
    part: Part, nodes: Sequence[Node], edges: Sequence[Edge], manner: Manner, *, dots: bool
) -> Plan:
    """Lay out a part. Edges cross no node and labels touch nothing, whatever the manner."""
    sheet = measured(part, nodes, edges, manner, dots=dots)
    hops = hops_of(sheet)
    rows = rows_of(sheet, hops)
    return _assembled(sheet, hops, rows)


@dataclass(slots=True)
class _Page:
    """Rows under each other; every other one is turned round."""

    sheet: Sheet
    rows: list[Row]
    length: float
    runs: dict[int, list[list[Point]]]
    """For each arc its pieces, from its upper to its lower end."""

    def at(self, row: int, u: float, v: float) -> Point:
        own = self.rows[row]
        return (u, own.top + v) if row % 2 == 0 else (self.length - u, own.top + own.across - v)

    def middle(self, row: int, item: int) -> float:
        own = self.rows[row]
        return own.middle[self.sheet.items[item].row - own.first]


def _assembled(sheet: Sheet, hops: list[list[Hop]], rows: list[Row]) -> Plan:
    page = _Page(sheet, rows, max(row.length for row in rows), {})
    top, turn = 0.0, sheet.manner.turn
    for row in rows:
        row.top, top = top, top + row.across + turn
    left, right = 0.0, page.length
    for index, row in enumerate(rows):
        for layer in range(row.first, row.last):
            _draw_hops(page, index, hops[layer], layer - row.first)
        if index + 1 < len(rows):
            reach = _draw_turn(page, index, hops[row.last])
            left, right = (left, max(right, reach)) if index % 2 == 0 else (min(left, reach), right)
    plan = Plan(
        right - left,
        top - turn,
        tuple(_nodes(page)),
        tuple(_routes(page)),
        tuple(_labels(page)),
        any(size is not None and size.cut for size in sheet.sizes),
    ).moved(-left, 0.0)
    if sheet.manner.right:
        return plan
    turned = plan.mapped(lambda at: (at[1], at[0]))
    return Plan(plan.height, plan.width, turned.placed, turned.routes, turned.labels, plan.cut)


def _draw_hops(page: _Page, row: int, hops: Sequence[Hop], channel: int) -> None:
    own = page.rows[row]
    for hop in hops:
        start = own.starts[channel]
        tracks = track_at(hops, hop.track, start), track_at(hops, hop.track_after, start)
        middle = (own.middle[channel], own.middle[channel + 1])
        drawn = points(hop, page.sheet.items, middle, tracks)
        page.runs.setdefault(hop.arc, []).append([page.at(row, *at) for at in drawn])


def _draw_turn(page: _Page, row: int, hops: list[Hop]) -> float:
    """Edges from one row to the next, nested in each other; answers how far out they reach."""
    items, forward = page.sheet.items, row % 2 == 0
    outside = page.length if forward else 0.0
    ends(items, hops)
    if len(hops) == 1 and (straight := _straight_turn(page, row, hops[0])):
        page.runs.setdefault(hops[0].arc, []).append(straight)
        return outside
    headed = any(hop.head_top or hop.head_low for hop in hops)
    lane, lanes = ARROW if headed else LEAD, dict[tuple[int, float, str], float]()
    # The edge that leaves lowest turns first; edges into one end turn together.
    for hop in sorted(hops, key=lambda hop: -hop.p):
        into = (hop.low, hop.q, hop.style)
        if into not in lanes:
            lanes[into], lane = lane, lane + TRACK
        x = outside + (lanes[into] if forward else -lanes[into])
        one = [page.at(row, *at) for at in tip(hop, items, page.middle(row, hop.top))]
        low = page.middle(row + 1, hop.low)
        two = [page.at(row + 1, *at) for at in tip(hop, items, low, low_end=True)]
        drawn = [*one, (x, one[-1][1]), (x, two[0][1]), *two]
        page.runs.setdefault(hop.arc, []).append(drawn)
    return outside + (lane - TRACK + 0.1) * (1 if forward else -1)


def _straight_turn(page: _Page, row: int, hop: Hop) -> list[Point] | None:
    """Straight down, where the edge's ends stand under each other with nothing between."""
    items, sheet = page.sheet.items, page.sheet
    if not (sheet.is_node(hop.top) and sheet.is_node(hop.low)):
        return None
    upper, lower = items[hop.top], items[hop.low]
    x, y = page.at(row, page.middle(row, hop.top), upper.v)
    x2, y2 = page.at(row + 1, page.middle(row + 1, hop.low), lower.v)
    last, first = sheet.part.rows[upper.row][-1], sheet.part.rows[lower.row][-1]
    if row % 2:
        last, first = sheet.part.rows[upper.row][0], sheet.part.rows[lower.row][0]
    looped = upper.after > upper.half + 0.01 or lower.after > lower.half + 0.01
    if abs(x - x2) > 0.01 or last != hop.top or first != hop.low or looped:
        return None
    return [(x, y + upper.half), (x, y2 - lower.half)]


def _nodes(page: _Page) -> list[Placed]:
    found = []
    for index, row in enumerate(page.rows):
        for layer in page.sheet.part.rows[row.first : row.last + 1]:
            for item in layer:
                size = page.sheet.sizes[item]
                if page.sheet.is_node(item) and size:
                    box = _box(page, index, item)
                    node = page.sheet.part.nodes[item]
                    found.append(Placed(node, size.shape, box, size.lines, size.detail))
    return found


def _box(page: _Page, row: int, item: int) -> Box:
    own = page.sheet.items[item]
    low, high = own.v - own.half, own.v + own.half
    if not page.sheet.is_node(item):
        low, high = own.v + OFF, own.v + own.after
        if own.before > own.after:
            low, high = own.v - own.before, own.v - OFF
    middle = page.middle(row, item)
    (x1, y1), (_, y2) = (page.at(row, middle, v) for v in (low, high))
    return Box(x1 - own.thick / 2, min(y1, y2), own.thick, abs(y2 - y1))


def _labels(page: _Page) -> list[Label]:
    sheet = page.sheet
    found = []
    for arc, item in enumerate(sheet.part.layers.label):
        size = sheet.sizes[item] if item is not None else None
        if item is not None and size and size.lines:
            row = _row_of(page, item)
            found.append(Label(sheet.part.edges[arc], _box(page, row, item), size.lines))
    beyond: dict[int, float] = {}
    for item, edge in sheet.part.loops:
        size = shapes.label(sheet.edges[edge].text, min(sheet.manner.wrap, 8.0))
        along, across = loop_label(sheet, sheet.edges[edge])
        if size.lines:
            own, row = sheet.items[item], _row_of(page, item)
            v = beyond.get(item, own.v + own.half + loops_reach(sheet, item))
            beyond[item] = v + across + LOOPS_APART
            x, y = page.at(row, page.middle(row, item), v + across / 2)
            found.append(Label(edge, Box(x - along / 2, y - across / 2, along, across), size.lines))
    return found


def _row_of(page: _Page, item: int) -> int:
    layer = page.sheet.items[item].row
    return next(k for k, row in enumerate(page.rows) if row.first <= layer <= row.last)


def _routes(page: _Page) -> list[Route]:
    sheet = page.sheet
    found = []
    for arc, pieces in sorted(page.runs.items()):
        runs = _joined(pieces)
        if sheet.part.layers.flipped[arc]:
            runs = [run[::-1] for run in runs[::-1]]
        found.append(Route(sheet.part.edges[arc], tuple(tuple(run) for run in runs)))
    for item, edge in sheet.part.loops:
        found.append(Route(edge, (_loop(page, item, sheet.edges[edge].kind),)))
    return found


def _joined(pieces: list[list[Point]]) -> list[list[Point]]:
    """Pieces that meet become one; points inside a straight line go."""
    runs: list[list[Point]] = []
    for piece in pieces:
        meets = runs and all(abs(a - b) < 0.05 for a, b in zip(runs[-1][-1], piece[0], strict=True))
        if meets:
            runs[-1] += piece[1:]
        else:
            runs.append(list(piece))
    return [_plain(run) for run in runs]


def _plain(run: list[Point]) -> list[Point]:
    kept = run[:1]
    for at, after in zip(run[1:], [*run[2:], None], strict=True):
        before = kept[-1]
        if abs(at[0] - before[0]) + abs(at[1] - before[1]) < 0.01 and after is not None:
            continue
        if after is not None and any(
            abs(before[k] - at[k]) < 0.01 and abs(at[k] - after[k]) < 0.01 for k in (0, 1)
        ):
            continue
        kept.append(at)
    return kept


def _side(sheet: Sheet, item: int, at: float) -> float:
    """How far a node's further side is from its middle, `at` beside the middle."""
    own, size = sheet.items[item], sheet.sizes[item]
    shape = size.shape if size else "card"
    if shape == "cylinder" and not sheet.manner.right:
        shape = "card"  # its walls are straight
    return shapes.outline(shape, own.thick, 2 * own.half, at)


def _loop(page: _Page, item: int, kind: str) -> tuple[Point, ...]:
    own, row = page.sheet.items[item], _row_of(page, item)
    kinds = loop_kinds(page.sheet, item)
    place, count = kinds.index(kind), len(kinds)
    half = min(_LOOP_HALF, own.thick * 0.3) if count == 1 else own.thick * _LOOPS_WIDE
    half *= (place + 1) / count
    middle = page.middle(row, item)
    near = own.v + _side(page.sheet, item, half)
    far = own.v + own.half + LOOP * 0.7 + LOOPS_APART * place
    corners = [(middle - half, near), (middle - half, far), (middle + half, far)]
    return tuple(page.at(row, *at) for at in (*corners, (middle + half, near)))
