"""Random diagrams, and the laws of a plan as a function that lists its breaches."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from typing import Any

from hypothesis import strategies as st

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.visuals.layout.plan import Placed, Plan, Point, Route
from inkreel.visuals.layout.shapes import outline
from inkreel.visuals.stage import Box

_PROSE = (
    "dữ liệu NGUYỄN Ặc Ễn kiểm tra đơn hàng thanh toán gửi thư phản hồi a the queue "
    "https://example.com/a/very/long/path?x=1 漢字 → α"
)
_WORDS = tuple(_PROSE.split())
phrases = st.lists(st.sampled_from(_WORDS), max_size=5).map(" ".join)
labels = st.one_of(phrases, phrases, phrases, st.just(""), st.just("x" * 160))
KINDS = ("step", "step", "step", "decision", "start", "end", "data")
EDGES = ("arrow", "arrow", "dashed", "line", "both")


@st.composite
def graphs(
    draw: st.DrawFn, most: int = 30, edges: float = 1.5
) -> tuple[tuple[Node, ...], tuple[Edge, ...]]:
    """Nodes and edges of a flow: loops, parallels and cycles among them."""
    count = draw(st.integers(1, most))
    nodes = tuple(
        Node(f"n{k}", draw(labels), draw(st.sampled_from(("", "", "", "dòng phụ"))), draw(_kinds))
        for k in range(count)
    )
    reach = draw(st.sampled_from((2, 5, count)))
    ends = st.tuples(st.integers(0, count - 1), st.integers(-1, reach))
    pairs = draw(st.lists(ends, max_size=int(count * edges)))
    made = tuple(
        Edge(f"n{a}", f"n{(a + way) % count}", draw(texts), draw(_edges)) for a, way in pairs
    )
    return nodes, made


_kinds: Any = st.sampled_from(KINDS)
_edges: Any = st.sampled_from(EDGES)
texts = st.one_of(st.just(""), phrases)

diagrams = st.builds(
    lambda graph, form, groups, highlight: DiagramVisual(
        form=form,
        nodes=tuple(
            Node(n.id, n.text, n.detail, n.kind, groups[k % len(groups)])
            for k, n in enumerate(graph[0])
        ),
        edges=graph[1],
        highlight=highlight,
    ),
    graphs(most=7, edges=1.2),
    st.sampled_from(("flow", "sequence", "mindmap", "timeline", "layers", "state")),
    st.lists(st.sampled_from(("", "", "1945", "Dịch vụ")), min_size=1, max_size=3),
    st.sampled_from(("", "n0", "nowhere")),
)
"""Diagrams that fit a picture, texts of any length among them."""


# --- Laws ----------------------------------------------------------------------------------------

_NEAR = 0.06


def breaches(plan: Plan, nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[str]:
    """What is wrong with a plan; nothing should be."""
    if sorted(one.node for one in plan.placed) != list(range(len(nodes))):
        yield "a node is missing"
    yield from _lumped(plan, edges)
    yield from _outside(plan)
    yield from _overlaps(plan)
    yield from _ways(plan, nodes, edges)


def _outside(plan: Plan) -> Iterator[str]:
    spots = [spot for route in plan.routes for run in route.runs for spot in run]
    for box in _boxes(plan):
        spots += [(box.x, box.y), (box.right, box.bottom)]
    for x, y in spots:
        if not (-_NEAR <= x <= plan.width + _NEAR and -_NEAR <= y <= plan.height + _NEAR):
            yield f"outside: {x:.2f}, {y:.2f} of {plan.width:.2f} × {plan.height:.2f}"


def _boxes(plan: Plan) -> list[Box]:
    boxes = [one.box for one in plan.placed] + [one.box for one in plan.labels]
    return boxes + [frame.tab for frame in plan.frames]


def _overlaps(plan: Plan) -> Iterator[str]:
    """Nodes, labels and titles lie on nothing, and no edge runs through a label."""
    for one, two in itertools.combinations(_boxes(plan), 2):
        if _meet(one, two):
            yield f"boxes overlap: {one} and {two}"
    for route in plan.routes:
        for label in plan.labels:
            if any(_meet(_span(a, b), label.box) for a, b in _pieces(route)):
                yield f"edge {route.edge} runs through the label of {label.edge}"


def _lumped(plan: Plan, edges: Sequence[Edge]) -> Iterator[str]:
    """Labels of one node's loops do not read as one text."""
    for one, two in itertools.combinations(plan.labels, 2):
        a, b = edges[one.edge], edges[two.edge]
        if a.source == a.target == b.source == b.target and not (one.note or two.note):
            x, y = (
                max(p, q) - min(r, s)
                for p, q, r, s in (
                    (one.box.x, two.box.x, one.box.right, two.box.right),
                    (one.box.y, two.box.y, one.box.bottom, two.box.bottom),
                )
            )
            if max(x, y) < 0.4:
                yield f"the loops {one.edge} and {two.edge} have labels that read as one"


def _ways(plan: Plan, nodes: Sequence[Node], edges: Sequence[Edge]) -> Iterator[str]:
    """Edges begin and end on outlines, run through no node, and on no edge of other nodes."""
    placed = {nodes[one.node].id: one for one in plan.placed}
    for route in plan.routes:
        edge = edges[route.edge]
        for spot, name in (
            (route.runs[0][0], edge.source),
            (route.runs[-1][-1], edge.target),
        ):
            if not _touches(spot, placed[name]):
                yield f"edge {route.edge} does not touch {name}: {spot}, {placed[name]}"
        for a, b in _pieces(route):
            for one in plan.placed:
                if any(_inside(spot, one) for spot in _along(a, b)):
                    yield f"edge {route.edge} runs through node {one.node}"
    for one, two in itertools.combinations(plan.routes, 2):
        if _same_loop(edges[one.edge], edges[two.edge]):
            continue
        if not _tips(edges[one.edge]) & _tips(edges[two.edge]) and _on_each_other(one, two):
            yield f"edges {one.edge} and {two.edge} lie on each other"


def _tips(edge: Edge) -> set[tuple[str, bool]]:
    """Ends that edges may share: at one node, both with a head or both without."""
    return {(edge.source, edge.kind == "both"), (edge.target, edge.kind != "line")}


def _pieces(route: Route) -> Iterator[tuple[Point, Point]]:
    for run in route.runs:
        yield from itertools.pairwise(run)


def _span(a: Point, b: Point) -> Box:
    x, y = min(a[0], b[0]), min(a[1], b[1])
    return Box(x, y, abs(a[0] - b[0]), abs(a[1] - b[1]))


def _meet(one: Box, two: Box, least: float = 0.03) -> bool:
    return (
        one.x < two.right - least
        and two.x < one.right - least
        and one.y < two.bottom - least
        and two.y < one.bottom - least
    )


def _along(a: Point, b: Point) -> Iterator[Point]:
    for share in (0.02, 0.1, 0.25, 0.5, 0.75, 0.9, 0.98):
        yield a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _reach(spot: Point, placed: Placed) -> tuple[float, float, float]:
    """How far a spot is from the node's middle, and the outline there."""
    box = placed.box
    dx, dy = spot[0] - box.x - box.w / 2, spot[1] - box.y - box.h / 2
    return abs(dx), abs(dy), outline(placed.shape, box.w, box.h, dx)


def _inside(spot: Point, placed: Placed) -> bool:
    dx, dy, reach = _reach(spot, placed)
    return dx < placed.box.w / 2 - _NEAR and dy < reach - _NEAR


def _touches(spot: Point, placed: Placed) -> bool:
    dx, dy, reach = _reach(spot, placed)
    wall = placed.shape in ("card", "pill", "cylinder", "bare")
    beside = wall and abs(dx - placed.box.w / 2) < _NEAR and dy < placed.box.h / 2 + _NEAR
    return dx < placed.box.w / 2 + _NEAR and (abs(dy - reach) < _NEAR or beside)


def _same_loop(one: Edge, two: Edge) -> bool:
    """Self loops of a node that are of one kind are one line; their labels stand apart."""
    return one.source == one.target == two.source == two.target and one.kind == two.kind


def _on_each_other(one: Route, two: Route) -> bool:
    for (a, b), (c, d) in itertools.product(_pieces(one), _pieces(two)):
        for k in (0, 1):
            level = abs(a[k] - b[k]) < 0.02 and abs(c[k] - d[k]) < 0.02
            if level and abs(a[k] - c[k]) < 0.05:
                low = max(min(a[1 - k], b[1 - k]), min(c[1 - k], d[1 - k]))
                high = min(max(a[1 - k], b[1 - k]), max(c[1 - k], d[1 - k]))
                if high - low > 0.1:
                    return True
    return False
