"""The laws of layouts: whatever a diagram joins, nothing lies on anything else."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.model import Edge, Node
from inkreel.visuals.layout.fitting import Room
from inkreel.visuals.layout.flow import flow
from inkreel.visuals.layout.layering import Arc, layered, ranks
from inkreel.visuals.layout.mindmap import branches, mindmap
from inkreel.visuals.layout.ordering import crossings, neighbours, ordered
from inkreel.visuals.layout.plan import Plan
from inkreel.visuals.layout.sequence import sequence
from inkreel.visuals.layout.shapes import measured
from tests.thorough import times
from tests.visuals.graphs import breaches, graphs

ROOMS = {
    "wide": Room(1664, 609, "wide"),
    "tall": Room(912, 985, "tall"),
    "square": Room(912, 500, "square"),
}
Graph = tuple[tuple[Node, ...], tuple[Edge, ...]]
rooms = st.sampled_from(list(ROOMS.values()))
often = settings(
    max_examples=times(40, 120), deadline=None, suppress_health_check=list(HealthCheck)
)


@often
@given(graphs(), rooms, st.booleans())
def test_flows_keep_the_laws(
    graph: Graph,
    room: Room,
    dots: bool,  # noqa: FBT001
) -> None:
    """In any flow of up to 30 nodes edges touch outlines and cross no node; nothing overlaps."""
    nodes, edges = graph
    plan = flow(nodes, edges, room, dots=dots)
    assert sorted(route.edge for route in plan.routes) == list(range(len(edges)))
    assert list(breaches(plan, nodes, edges)) == []


_LONG = "x" * 160
_TANGLE = (
    *("5 arrow 10 dữ α Ặc", "2 dashed 1", "8 dashed 3", "2 dashed 8", "3 both 8", "1 arrow 4"),
    *("8 dashed 9", "6 arrow 8", "8 arrow 11 a a thanh Ễn", "4 both 3", "4 arrow 5"),
    *("9 both 5 liệu Ặc dữ gửi", "1 line 5"),
)


def _edges(lines: Sequence[str]) -> tuple[Edge, ...]:
    """Edges from lines such as `0 arrow 1 text`."""
    words = [line.split(maxsplit=3) for line in lines]
    return tuple(Edge(f"n{a}", f"n{b}", "".join(text), kind) for a, kind, b, *text in words)


def _kept(texts: Sequence[str], lines: Sequence[str], room: str, kind: str = "step") -> Plan:
    """The plan of a graph, once it has been seen to keep the laws."""
    nodes, edges = tuple(Node(f"n{k}", t, kind=kind) for k, t in enumerate(texts)), _edges(lines)
    plan = flow(nodes, edges, ROOMS[room])
    assert list(breaches(plan, nodes, edges)) == []
    return plan


def test_edges_that_turn_into_one_node_keep_its_ends_apart() -> None:
    """Where a bent flow turns, an edge that ends in a node and one that leaves it backwards run
    on lanes of their own, though they are of one kind: one has a head there, the other has not."""
    texts = ["", "", "", "", "the a https://example.com/a/very/long/path?x=1", _LONG]
    texts += ["dữ thư tra 漢字 kiểm", "NGUYỄN Ặc a Ễn Ặc", _LONG, "", "", _LONG]
    plan = _kept(texts, _TANGLE, "square")
    assert len({round(one.box.x) for one in plan.placed}) > 2


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", ["step", "decision", "start"])
@pytest.mark.parametrize("text", ["", _LONG])
@pytest.mark.parametrize(
    "lines",
    [
        ("0 dashed 2", "0 both 1", "0 line 1"),
        ("0 line 2", "0 line 1", "0 both 1", "2 both 1"),
        ("0 both 1 x", "1 line 0 x", "0 arrow 1", "0 dashed 1", "1 dashed 0 x", "1 arrow 0 x"),
    ],
)
def test_parallel_edges_of_different_kinds_lie_apart(
    room: str, kind: str, text: str, lines: tuple[str, ...]
) -> None:
    """Two edges of which each ends where the other begins cannot both have one track: one of them
    shifts twice."""
    _kept(("", text, ""), lines, room, kind)


@pytest.mark.parametrize("room", ROOMS)
@pytest.mark.parametrize("kind", ["step", "decision", "start", "data"])
def test_self_loops_can_be_told_apart(room: str, kind: str) -> None:
    """Loops of one node that differ in kind are lines of their own, and their labels stand apart;
    loops that are alike are one line."""
    loops = ("0 arrow 1", "0 arrow 0 thử lại", "0 dashed 0 bỏ qua", "0 arrow 0", "0 line 0 chờ")
    plan = _kept(("", "a"), loops, room, kind)
    ways = {route.edge: route.runs for route in plan.routes}
    assert ways[1] == ways[3]
    assert len({ways[1], ways[2], ways[4]}) == 3


@often
@given(graphs(most=12, edges=2.0), rooms)
def test_sequences_keep_the_laws(graph: Graph, room: Room) -> None:
    """Messages and notes stand between their participants; no texts overlap."""
    nodes, edges = graph
    kinds = ("arrow", "dashed", "note")
    groups = ("", "", "mỗi phút", "khi lỗi")
    messages = tuple(
        Edge(e.source, e.target, e.text, kinds[k % 3], groups[k // 2 % 4])
        for k, e in enumerate(edges)
    )
    plan = sequence(nodes, messages, room)
    drawn = [label.edge for label in plan.labels if label.note] + [r.edge for r in plan.routes]
    assert sorted(drawn) == list(range(len(messages)))
    on_lines = (one for one in breaches(plan, nodes, messages) if "does not touch" not in one)
    assert list(on_lines) == []
    for rail, label in itertools.product(plan.rails, plan.labels):
        beside = not label.box.x < rail.start[0] < label.box.right
        assert beside or rail.end[1] <= label.box.y or rail.start[1] >= label.box.bottom


@often
@given(graphs(edges=1.1), rooms)
def test_mind_maps_keep_the_laws(graph: Graph, room: Room) -> None:
    """Every thought hangs at one branch, and none lies on another."""
    nodes, edges = graph[0], branches(*graph)
    plan = mindmap(nodes, edges, room)
    assert len(plan.routes) == len(nodes) - 1
    assert list(breaches(plan, nodes, edges)) == []


@often
@given(graphs(), rooms)
def test_same_diagram_same_plan(graph: Graph, room: Room) -> None:
    """Laying out is a function."""
    nodes, edges = graph
    assert flow(nodes[:9], _among(edges, 9), room) == flow(nodes[:9], _among(edges, 9), room)


def _among(edges: tuple[Edge, ...], count: int) -> tuple[Edge, ...]:
    return tuple(e for e in edges if int(e.source[1:]) < count and int(e.target[1:]) < count)


arcs = st.integers(2, 12).flatmap(
    lambda count: st.tuples(
        st.just(count),
        st.lists(st.tuples(*[st.integers(0, count - 1)] * 2), min_size=1, max_size=20),
    )
)


def _connected(count: int, pairs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """The pairs with a chain through all nodes, without loops."""
    return [pair for pair in [*pairs, *itertools.pairwise(range(count))] if pair[0] != pair[1]]


@often
@given(arcs)
def test_edges_lead_downwards_once_cycles_are_cut(given_arcs: tuple[int, list]) -> None:
    """Every edge goes from a layer to a later one, or is known to lead back; chains miss none."""
    count, pairs = given_arcs
    joined = _connected(count, pairs)
    layers = layered(count, [Arc(a, b) for a, b in joined])
    for (a, b), back, chain in zip(joined, layers.flipped, layers.chains, strict=True):
        assert (chain[0], chain[-1]) == ((b, a) if back else (a, b))
        assert [layers.rank[item] for item in chain] == list(
            range(layers.rank[chain[0]], layers.rank[chain[-1]] + 1)
        )
        assert len(chain) > 1


@often
@given(arcs)
def test_ranks_are_the_shortest(given_arcs: tuple[int, list]) -> None:
    """No single node can be moved so that the edges become shorter in sum."""
    count, pairs = given_arcs
    ropes = [(min(p), max(p), 1) for p in _connected(count, pairs)]
    rank = ranks(count, ropes)
    assert all(rank[low] - rank[top] >= least for top, low, least in ropes)
    length = sum(rank[low] - rank[top] for top, low, _ in ropes)
    for node, way in itertools.product(range(count), (-1, 1)):
        moved = [own + way * (index == node) for index, own in enumerate(rank)]
        if all(moved[low] - moved[top] >= least for top, low, least in ropes):
            assert sum(moved[low] - moved[top] for top, low, _ in ropes) >= length


def test_a_tree_has_no_crossings() -> None:
    """What can be drawn without crossings in its layers is."""
    pairs = [(0, 1), (0, 2), (0, 3), (2, 4), (1, 5), (3, 6), (1, 7), (3, 8), (2, 9)]
    layers = layered(10, [Arc(a, b) for a, b in pairs])
    assert crossings(ordered(layers), neighbours(layers)[1]) == 0


def test_two_ways_back_do_not_cross_the_way_on() -> None:
    """A decision with two returns and an exit is drawn without crossings, though that needs two
    exchanges that gain nothing alone, and the returns stand in the author's order."""
    texts = {(2, 3), (2, 4), (2, 5)}
    pairs = [(0, 1), (1, 2), (2, 3), (2, 4), (2, 5), (4, 1), (5, 1)]
    layers = layered(6, [Arc(a, b, (a, b) in texts) for a, b in pairs])
    rows = ordered(layers)
    assert crossings(rows, neighbours(layers)[1]) == 0
    assert [node for node in rows[layers.rank[3]] if node < 6] == [4, 3, 5]


def test_a_diamond_keeps_off_its_letters() -> None:
    """A decision is no flat lozenge: its sides keep a distance from its text."""
    for text in ("Có phải đáp án?", "Đủ?", "Đơn hàng đã được thanh toán hết chưa?"):
        shape = measured(Node("a", text, kind="decision"), 9.0)
        assert shape.width / shape.height < 3


@pytest.mark.parametrize("room", ROOMS)
def test_small_flows_are_set_large(room: str) -> None:
    """Eight short steps fit every aspect at 28 pixels or more."""
    nodes = tuple(Node(f"n{k}", f"Bước {k}") for k in range(8))
    edges = tuple(Edge(a.id, b.id) for a, b in itertools.pairwise(nodes))
    plan = flow(nodes, edges, ROOMS[room])
    assert ROOMS[room].size(plan.width, plan.height) >= 28


def test_a_long_flow_is_bent() -> None:
    """Twenty steps in a wide room run in rows, and still no edge crosses a node."""
    nodes = tuple(Node(f"n{k}", f"Bước {k}") for k in range(20))
    edges = tuple(Edge(a.id, b.id) for a, b in itertools.pairwise(nodes))
    plan = flow(nodes, edges, ROOMS["wide"])
    assert len({round(one.box.y, 1) for one in plan.placed}) > 1
    assert ROOMS["wide"].size(plan.width, plan.height) >= 28
    assert list(breaches(plan, nodes, edges)) == []


def test_what_leads_back_runs_beside_the_flow() -> None:
    """A retry leaves its decision by a side and enters the step by a side; the flow is straight."""
    nodes = (Node("a", "Trả tiền"), Node("b", "Được?", kind="decision"), Node("c", "Giao"))
    edges = (Edge("a", "b"), Edge("b", "c", "có"), Edge("b", "a", "thử lại"))
    plan = flow(nodes, edges, ROOMS["wide"])
    routes = {route.edge: route.runs[0] for route in plan.routes}
    assert len(routes[0]) == len(routes[1]) == 2
    assert len(routes[2]) == 4
