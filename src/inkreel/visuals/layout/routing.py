"""Placed layers → edges of straight pieces that touch the outlines and cross no node.

Coordinates are abstract: `u` goes from layer to layer, `v` along a layer. Between two layers
lies a channel; an edge that has to shift there does so on a track, and the tracks are ordered
such that edges cross as little as can be and never lie on each other, but for those that leave
one node or enter one node together.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from inkreel.visuals.layout.plan import Point, Shape
from inkreel.visuals.layout.shapes import outline

LEAD, ARROW = 0.6, 1.25
"""Room between a layer and the nearest track, without and with an arrow's head."""
BARE, SHORTEST, SHORT = 0.45, 1.55, 1.3
"""Least channel beside labels or dummies, and between two nodes, also where it is tight."""
TRACK = 0.8
_SAME = 0.02
_CLOSE = 0.45
"""Lines nearer than this look like one."""
_ASIDE = 0.9
"""How far from the middle of a side edges of the other sense touch it."""
_SLIDE = 0.9
"""Offsets up to this are straightened by moving the edge's end along its node."""


@dataclass(slots=True)
class Item:
    """A node, a label or a dummy in its layer: its extent along u and around its line in v."""

    row: int
    thick: float
    before: float
    after: float
    shape: Shape | None
    """None for a dummy, a corner or a label."""
    half: float = 0.0
    """Half the node's own extent in v; what `after` has more is a loop's."""
    v: float = 0.0
    room: float = 0.0
    """What a loop's label needs along u."""
    anchor: int | None = None
    """A corner's node."""


@dataclass(slots=True)
class Hop:
    """The piece of an arc between two neighbouring layers."""

    arc: int
    top: int
    low: int
    head_top: bool
    head_low: bool
    style: str
    p: float = 0.0
    q: float = 0.0
    track: int = -1
    bend: float | None = None
    """Where an edge that shifts twice runs between its two tracks."""
    track_after: int = -1


@dataclass(slots=True)
class Net:
    """Hops that share a track, with all their ends."""

    hops: list[Hop]
    lefts: list[float] = field(default_factory=list)
    rights: list[float] = field(default_factory=list)
    low: float = 0.0
    high: float = 0.0
    track: int = 0
    bend: float | None = None
    after: Net | None = None
    """The first shift of the same hops, up to their bend, when this is the second."""

    def measure(self) -> None:
        self.lefts = sorted({hop.p for hop in self.hops})
        self.rights = sorted({hop.q for hop in self.hops})
        if self.bend is not None:
            self.lefts, self.rights = (
                ([self.bend], self.rights) if self.after else (self.lefts, [self.bend])
            )
        ends = self.lefts + self.rights
        self.low, self.high = min(ends), max(ends)


@dataclass(frozen=True, slots=True)
class Band:
    """Rows that lie behind each other: their items in order, and the hops between them."""

    items: Sequence[Item]
    rows: Sequence[Sequence[int]]
    hops: Sequence[Sequence[Hop]]
    """After each row but the last, those to the next row."""


def route(band: Band, *, tight: bool) -> list[float]:
    """Find the ends and tracks of all hops; answers the least size of each channel."""
    for hops in band.hops:
        _ports(band, hops)
    return [_channel(band, hops, SHORT if tight else SHORTEST) for hops in band.hops]


# --- Where edges touch nodes ---------------------------------------------------------------------


def _ports(band: Band, hops: Sequence[Hop]) -> None:
    ends(band.items, hops)
    for hop in hops:
        _straighten(band.items, hop, hops)


def _spread(items: Sequence[Item], item: int, hops: list[Hop], *, low_end: bool) -> None:
    """Edges that go on with the flow share the middle of a side; those against it, or of the
    other sense, share an end beside it."""
    own = items[item]
    onward = [hop for hop in hops if (hop.head_low if low_end else not hop.head_top)]
    against = [hop for hop in hops if hop not in onward]
    offset = 0.0
    if own.shape is not None and onward and against:
        far = [items[hop.top if low_end else hop.low].v for hop in (*onward, *against)]
        first = sum(far[: len(onward)]) / len(onward)
        second = sum(far[len(onward) :]) / len(against)
        offset = min(_ASIDE, own.half * 0.6) * (-1 if second < first else 1)
    for hop in onward:
        _touch(hop, own.v, low_end=low_end)
    for hop in against:
        _touch(hop, own.v + offset, low_end=low_end)


def _touch(hop: Hop, v: float, *, low_end: bool) -> None:
    if low_end:
        hop.q = v
    else:
        hop.p = v


def _flat(own: Item) -> float:
    """How far an end may be moved along a node's side."""
    if own.shape == "card":
        return max(0.0, own.half - 0.6)
    return max(0.0, own.half - 1.3) if own.shape in ("pill", "cylinder") else 0.0


def _straighten(items: Sequence[Item], hop: Hop, hops: Sequence[Hop]) -> None:
    """Move the end of an edge that is alone there, so that a small shift vanishes."""
    if abs(hop.p - hop.q) <= _SAME or abs(hop.p - hop.q) > _SLIDE:
        return
    top, low = items[hop.top], items[hop.low]
    alone_low = sum(other.low == hop.low for other in hops) == 1
    alone_top = sum(other.top == hop.top for other in hops) == 1
    if alone_low and abs(hop.p - low.v) <= _flat(low):
        hop.q = hop.p
    elif alone_top and abs(hop.q - top.v) <= _flat(top):
        hop.p = hop.q


# --- Tracks --------------------------------------------------------------------------------------


def _channel(band: Band, hops: Sequence[Hop], least: float) -> float:
    """Give every hop that shifts its track; answers how wide the channel has to be."""
    nets = _nets([hop for hop in hops if abs(hop.p - hop.q) > _SAME])
    order = _order(nets)
    if _overlaps(order):
        _part(band, hops, order)
        order = _order(order)
    while (found := _bent(band, hops, order)) is not None:
        order = _order(found)
    count = _levels(order)
    for net in order:
        for hop in net.hops:
            if net.after:
                hop.bend, hop.track_after = net.bend, net.track
            else:
                hop.track = net.track
    arrow_low, arrow_top = any(h.head_low for h in hops), any(h.head_top for h in hops)
    if not count:
        nodes = any(
            band.items[h.top].shape is not None and band.items[h.low].shape is not None
            for h in hops
        )
        return least + (0.6 if arrow_low and arrow_top else 0.0) if nodes else BARE
    lead = ARROW if arrow_top else LEAD
    return lead + (count - 1) * TRACK + (ARROW if arrow_low else LEAD)


def track_at(hops: Sequence[Hop], track: int, start: float) -> float:
    """Where a track of a channel lies that begins at `start`."""
    arrow = any(hop.head_top for hop in hops)
    return start + (ARROW if arrow else LEAD) + track * TRACK


def _nets(hops: list[Hop]) -> list[Net]:
    """Hops into one end share a track, then those out of one end."""
    rest = list(hops)
    nets: list[Net] = []
    for end in ("low", "top"):
        groups: dict[tuple[int, float, str], list[Hop]] = {}
        for hop in rest:
            at = hop.q if end == "low" else hop.p
            groups.setdefault((getattr(hop, end), at, hop.style), []).append(hop)
        for group in groups.values():
            if len(group) > 1:
                nets.append(Net(group))
                rest = [hop for hop in rest if hop not in group]
    nets += [Net([hop]) for hop in rest]
    for net in nets:
        net.measure()
    return nets


def _cost(first: Net, second: Net) -> int:
    """Crossings when `first` lies on the track before `second`; overlaps weigh a thousand."""
    if second.after is first:
        return 0
    if first.after is second:
        return 1_000_000
    if first.high < second.low - _CLOSE or second.high < first.low - _CLOSE:
        return 0
    cost = sum(second.low < at < second.high for at in first.rights)
    cost += sum(first.low < at < first.high for at in second.lefts)
    cost += 1000 * sum(abs(a - b) < _CLOSE for a in first.rights for b in second.lefts)
    return cost


def _order(nets: list[Net]) -> list[Net]:
    """Each net is put where it costs least, until nothing changes."""
    order = sorted(nets, key=lambda net: (net.low + net.high, net.low))
    for _ in range(4):
        changed = False
        for net in list(order):
            now = order.index(net)
            order.remove(net)
            best, least = 0, None
            cost = sum(_cost(net, other) for other in order)
            for at in range(len(order) + 1):
                if at:
                    cost += _cost(order[at - 1], net) - _cost(net, order[at - 1])
                if least is None or cost < least or (cost == least and at == now):
                    best, least = at, cost
            order.insert(best, net)
            changed |= best != now
        if not changed:
            break
    return order


def _overlaps(order: Sequence[Net]) -> list[tuple[Net, Net]]:
    """Pairs of nets, in their order, of which one lies on the other."""
    return [
        (first, second)
        for at, first in enumerate(order)
        for second in order[at + 1 :]
        if _cost(first, second) >= 1000
    ]


def _part(band: Band, hops: Sequence[Hop], order: Sequence[Net]) -> None:
    """Move ends along their nodes where two edges would lie on each other."""
    for first, second in _overlaps(order):
        for a in first.hops:
            for b in second.hops:
                if abs(a.q - b.p) < _CLOSE:
                    _apart(band, hops, first, a, b)
        first.measure()
        second.measure()


def _apart(band: Band, hops: Sequence[Hop], net: Net, a: Hop, b: Hop) -> None:
    low, top = band.items[a.low], band.items[b.top]
    shift = 0.8
    moved = [hop for hop in net.hops if hop.low == a.low and hop.q == a.q]
    q = low.v + (shift if a.p > a.q else -shift)
    p = top.v + (shift if b.q > b.p else -shift)
    if _may_move(low, shift) and _clear(_ends([h for h in hops if h not in moved]), q) >= _CLOSE:
        for hop in moved:
            hop.q = q
    elif _may_move(top, shift) and _clear(_ends([h for h in hops if h is not b]), p) >= _CLOSE:
        b.p = p


def _may_move(item: Item, shift: float) -> bool:
    return item.shape == "card" and _flat(item) >= shift


def _ends(hops: Sequence[Hop]) -> list[float]:
    return [at for hop in hops for at in (hop.p, hop.q)]


def _clear(taken: Sequence[float], v: float) -> float:
    """How far a line at `v` would be from those that are taken."""
    return min((abs(at - v) for at in taken), default=_CLOSE)


def _bent(band: Band, hops: Sequence[Hop], order: Sequence[Net]) -> list[Net] | None:
    """The nets with one more that shifts twice, if two lie on each other still: each has an end
    where the other begins, so that neither can be first. None where nothing is left to bend."""
    for pair in _overlaps(order):
        whole = [net for net in pair if net.bend is None]
        if whole:
            net = min(whole, key=lambda net: len(net.hops))
            net.bend = _between(band, hops, order, net)
            last = Net(net.hops, bend=net.bend, after=net)
            net.measure()
            last.measure()
            return [*order, last]
    return None


def _between(band: Band, hops: Sequence[Hop], order: Sequence[Net], net: Net) -> float:
    """A free line for what shifts twice, near its ends."""
    items = [band.items[item] for hop in hops for item in (hop.top, hop.low)]
    first = min(item.v - item.before for item in items)
    last = max(item.v + item.after for item in items)
    taken = _ends(hops) + [other.bend for other in order if other.bend is not None]
    lines = sorted({*taken, first, last})
    tried = [(a + b) / 2 for a, b in pairwise(lines)]
    tried += [at + way * 1.2 * _CLOSE for at in lines for way in (-1, 1)]
    middle = (net.low + net.high) / 2
    return min(
        (at for at in tried if first <= at <= last),
        key=lambda at: (-min(_clear(taken, at), _CLOSE), abs(at - middle)),
        default=middle,
    )


def _levels(order: Sequence[Net]) -> int:
    """Nets that do not touch share a track; answers the number of tracks."""
    for at, net in enumerate(order):
        before = [
            other.track
            for other in order[:at]
            if other.high > net.low - TRACK and other.low < net.high + TRACK
        ]
        net.track = max(before, default=-1) + 1
    return max((net.track for net in order), default=-1) + 1


# --- Points --------------------------------------------------------------------------------------


def side_of(item: Item, at: float) -> float:
    """How far from a node's middle its outline is, along u on the line `at`."""
    if item.shape is None:
        return 0.0
    return outline(item.shape, 2 * item.half, item.thick, at - item.v)


def ends(items: Sequence[Item], hops: Sequence[Hop]) -> None:
    """Where hops touch their nodes when nothing is straightened."""
    for item in {hop.top for hop in hops}:
        _spread(items, item, [hop for hop in hops if hop.top == item], low_end=False)
    for item in {hop.low for hop in hops}:
        _spread(items, item, [hop for hop in hops if hop.low == item], low_end=True)


def points(
    hop: Hop, items: Sequence[Item], middle: tuple[float, float], tracks: tuple[float, float]
) -> list[Point]:
    """The points of a hop from its upper to its lower end; `middle` are the layers' middles, and
    `tracks` where its two tracks lie."""
    shift = [] if hop.track < 0 else [(tracks[0], hop.p), (tracks[0], hop.q)]
    if hop.bend is not None:
        first, last = tracks
        shift = [(first, hop.p), (first, hop.bend), (last, hop.bend), (last, hop.q)]
    return [*tip(hop, items, middle[0]), *shift, *tip(hop, items, middle[1], low_end=True)]


def tip(hop: Hop, items: Sequence[Item], middle: float, *, low_end: bool = False) -> list[Point]:
    """Where a hop begins, or with `low_end` ends: on the outline of its node or of the node
    beside its corner."""
    item, v = (items[hop.low], hop.q) if low_end else (items[hop.top], hop.p)
    if item.anchor is None:
        reach = side_of(item, v)
        return [(middle - reach if low_end else middle + reach, v)]
    node = items[item.anchor]
    side = node.v + (node.half if v > node.v else -node.half)
    way = [(middle, side), (middle, v)]
    return way[::-1] if low_end else way
