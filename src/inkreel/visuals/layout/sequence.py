"""Participants and messages → a sequence: columns as far apart as the messages need."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby

from inkreel.model import Edge, Node
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.fitting import LARGEST, Room, mean_lines
from inkreel.visuals.layout.plan import Frame, Label, Placed, Plan, Point, Rail, Route
from inkreel.visuals.layout.shapes import Measured
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

_WRAPS = (5.0, 7.0, 10.0)
_MESSAGES = (8.0, 12.0, 18.0)
_BETWEEN = 1.0
_AIR = 0.25
"""Over a message; more where there is room."""
_ON_LINE = 0.12
_LOOP, _LOOP_HIGH = 1.5, 1.1
_TITLE = 1.35
_FRAME = 0.55
_MARGIN = 0.7
_WIDEST = 17.0
_ROOMIEST = 1.9


@dataclass(frozen=True, slots=True)
class Manner:
    """Where names and messages wrap; how much the columns and rows are pulled apart."""

    names: float
    messages: float
    spread: float = 0.0
    air: float = _AIR


@dataclass(slots=True)
class _Page:
    """A sequence being laid out."""

    nodes: Sequence[Node]
    edges: Sequence[Edge]
    manner: Manner
    ends: list[tuple[int, int]]
    heads: list[Measured]
    texts: list[Measured]
    width: float = 0.0
    columns: list[float] = field(default_factory=list)
    left: float = 0.0
    right: float = 0.0


def sequence(nodes: Sequence[Node], edges: Sequence[Edge], room: Room) -> Plan:
    """The plan whose text is largest in `room`."""
    manners = [Manner(names, messages) for names in _WRAPS for messages in _MESSAGES]
    plans = [(manner, _lay(nodes, edges, manner)) for manner in manners]
    return _relaxed(nodes, edges, room, *max(plans, key=lambda pair: _worth(pair[1], room)))


def _worth(plan: Plan, room: Room) -> float:
    texts = [one.lines for one in plan.placed] + [one.lines for one in plan.labels]
    worth = room.worth(plan.width, plan.height, mean_lines(texts))
    return worth * (0.6 if plan.cut else 1.0)


def _relaxed(
    nodes: Sequence[Node], edges: Sequence[Edge], room: Room, manner: Manner, plan: Plan
) -> Plan:
    """The same, filling the stage."""
    size = min(LARGEST, room.size(plan.width, plan.height))
    free_x, free_y = room.width / size - plan.width, room.height / size - plan.height
    spread = min(_WIDEST, free_x / max(1, len(nodes) - 1) * 0.98)
    air = min(_ROOMIEST, _AIR + free_y / max(1, len(edges) + 1) * 0.9)
    looser = _lay(nodes, edges, replace(manner, spread=max(0.0, spread), air=air))
    return looser if room.size(looser.width, looser.height) >= size * 0.999 else plan


def _lay(nodes: Sequence[Node], edges: Sequence[Edge], manner: Manner) -> Plan:
    number = {node.id: index for index, node in enumerate(nodes)}
    page = _Page(
        nodes,
        edges,
        manner,
        [(number[edge.source], number[edge.target]) for edge in edges],
        [shapes.measured(replace_kind(node), manner.names) for node in nodes],
        [shapes.label(edge.text, manner.messages) for edge in edges],
    )
    page.width = max(head.width for head in page.heads)
    _columns(page)
    return _rows(page)


def replace_kind(node: Node) -> Node:
    """A participant is a plain card, whatever its kind; a store stays one."""
    if node.kind in ("step", "data"):
        return node
    return Node(node.id, node.text, node.detail, "step", node.group, node.step)


def _columns(page: _Page) -> None:
    """Middles of the participants: least distances first, what spans several is shared out."""
    count = len(page.nodes)
    gaps = [page.width + _BETWEEN] * (count - 1)
    left = right = page.width / 2
    needs = [need for index in range(len(page.edges)) for need in _needs(page, index)]
    for low, high, need in sorted(needs, key=lambda n: n[1] - n[0]):
        if low < 0:
            left = max(left, need)
        elif high >= count:
            right = max(right, need)
        elif (lack := need - sum(gaps[low:high])) > 0:
            for between in range(low, high):
                gaps[between] += lack / (high - low)
    gaps = [gap + page.manner.spread for gap in gaps]
    framed = _MARGIN if any(edge.group for edge in page.edges) else 0.0
    at = left + framed
    page.columns = [at]
    for gap in gaps:
        at += gap
        page.columns.append(at)
    page.left, page.right = 0.0, at + right + framed


def _needs(page: _Page, index: int) -> list[tuple[int, int, float]]:
    """How far apart two columns must stand for a message."""
    (a, b), wide = page.ends[index], page.texts[index].width
    low, high = min(a, b), max(a, b)
    if page.edges[index].kind == "note":
        if low < high:
            return [(low, high, wide - 1.0)]
        return [(low - 1, low, wide / 2 + 0.9), (low, low + 1, wide / 2 + 0.9)]
    return [(a, a + 1, _LOOP + wide + 0.6) if a == b else (low, high, wide + 1.5)]


def _rows(page: _Page) -> Plan:
    height = max(head.height for head in page.heads)
    y = height + 0.35
    routes: list[Route] = []
    labels: list[Label] = []
    frames: list[Frame] = []
    index = 0
    for group, run in groupby(page.edges, key=lambda edge: edge.group):
        own = range(index, index + len(list(run)))
        index = own.stop
        top = y
        y += _TITLE + 0.3 if group else 0.0
        for edge in own:
            y = _row(page, edge, y, routes, labels)
        if group:
            y += _FRAME
            frames.append(_frame(page, own, group, top + 0.35, y))
            y += 0.3
    foot = y + 0.5
    placed = tuple(
        Placed(k, head.shape, Box(x - page.width / 2, 0.0, page.width, height), *_texts(head))
        for k, (x, head) in enumerate(zip(page.columns, page.heads, strict=True))
    )
    short = any(one.cut for one in (*page.heads, *page.texts))
    return Plan(
        page.right, foot, placed, tuple(routes), tuple(labels), short, tuple(frames),
        tuple(_lifelines(page, (labels, frames), height, foot)),
    )  # fmt: skip


def _texts(head: Measured) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return head.lines, head.detail


def _row(page: _Page, index: int, y: float, routes: list[Route], labels: list[Label]) -> float:
    """One message from `y` on; answers where the next may begin."""
    (a, b), edge, text = page.ends[index], page.edges[index], page.texts[index]
    one, two = page.columns[a], page.columns[b]
    high = text.height - 0.3 if text.lines else 0.0
    y += page.manner.air
    if edge.kind == "note":
        low, wide = min(one, two), max(abs(two - one) + 1.6, text.width + 0.6)
        x = (one + two) / 2 - wide / 2 if one != two else low - wide / 2
        labels.append(Label(index, Box(x, y, wide, high + 0.7), text.lines, note=True))
        return y + high + 0.7 + 0.1
    if a == b:
        tall = max(_LOOP_HIGH, high + 0.1)
        if text.lines:
            box = Box(one + _LOOP + 0.3, y + (tall - high) / 2, text.width - 0.5, high)
            labels.append(Label(index, box, text.lines))
        middle = y + tall / 2
        up, down = middle - _LOOP_HIGH / 2, middle + _LOOP_HIGH / 2
        run: tuple[Point, ...] = (
            (one, up), (one + _LOOP, up), (one + _LOOP, down), (one, down),
        )  # fmt: skip
        routes.append(Route(index, (run,)))
        return y + tall + 0.15
    if text.lines:
        box = Box((one + two - text.width + 0.5) / 2, y, text.width - 0.5, high)
        labels.append(Label(index, box, text.lines))
    y += high + _ON_LINE
    routes.append(Route(index, (((one, y), (two, y)),)))
    return y + 0.22


def _frame(page: _Page, own: range, group: str, top: float, bottom: float) -> Frame:
    """Around messages that belong together, its title in its upper left corner."""
    ends = [end for index in own for end in page.ends[index]]
    left, right = page.columns[min(ends)], page.columns[max(ends)]
    for index in own:
        a, b = page.ends[index]
        text, kind = page.texts[index], page.edges[index].kind
        if kind == "note":
            middle, half = (page.columns[a] + page.columns[b]) / 2, text.width / 2 + 0.5
            left, right = min(left, middle - half), max(right, middle + half)
        elif a == b:
            right = max(right, page.columns[a] + _LOOP + text.width)
    left = max(0.0, left - _MARGIN - 0.2)
    right = min(page.right, max(right + _MARGIN + 0.2, left + 8.0))
    box = Box(left, top, right - left, bottom - top)
    title = cut(group, shapes.LABEL, box.w - 1.4, 1).lines[0]
    wide = width_of(title, shapes.LABEL) + 1.0
    return Frame(own.start, box, Box(box.x, box.y, wide, _TITLE), title)


def _lifelines(
    page: _Page, texts: tuple[Sequence[Label], Sequence[Frame]], top: float, foot: float
) -> list[Rail]:
    """A line under each participant that leaves out the texts it would run through."""
    boxes = [label.box for label in texts[0]] + [frame.tab for frame in texts[1]]
    rails = []
    for x in page.columns:
        holes = sorted(
            (box.y - 0.1, box.bottom + 0.05) for box in boxes if box.x - 0.2 < x < box.right + 0.2
        )
        y = top
        for low, high in [*holes, (foot, foot)]:
            if low > y + 0.2:
                rails.append(Rail((x, y), (x, low)))
            y = max(y, high)
    return rails
