"""A diagram: laid out in em, set at the largest size that fits; nodes and edges come in steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.errors import DiagramTooLarge
from inkreel.model import DiagramVisual, Edge, Effect, Node
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.header import draw_background, draw_header
from inkreel.visuals.kinds import strata, timeline
from inkreel.visuals.kinds.nodes import Look, Pencil, calm, effect_of
from inkreel.visuals.layout import shapes
from inkreel.visuals.layout.fitting import LARGEST, Room
from inkreel.visuals.layout.flow import flow
from inkreel.visuals.layout.mindmap import branches, mindmap
from inkreel.visuals.layout.plan import Label, Placed, Plan, Route
from inkreel.visuals.layout.sequence import sequence
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

_MOST_STEPS = 100
_LEAST = 13.0
"""Design pixels of text below which nobody could read a diagram, so that none is drawn."""


@dataclass(frozen=True, slots=True)
class Told:
    """A diagram made sound: ids that are known, and when each node and edge appears."""

    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    node_steps: tuple[int, ...]
    edge_steps: tuple[int, ...]
    steps: int


def draw(brief: Brief[DiagramVisual]) -> int:
    """Draw the diagram. Raises `DiagramTooLarge` when its text would be too small to read."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    told = _told(brief)
    if not told.nodes:
        return 0
    form = brief.visual.form
    if form in ("timeline", "layers"):
        if told.edges:
            brief.lost("The edges of a diagram are not shown", f"{form} join nothing")
        other = timeline if form == "timeline" else strata
        size = other.draw(brief, area, told.nodes, told.node_steps)
        _check(brief, size)
        return told.steps
    area = _legend(brief, area)
    room = Room(area.w, area.h, brief.canvas.stage.aspect)
    plan = _plan(brief, told, room)
    size = min(LARGEST, room.size(plan.width, plan.height))
    _check(brief, size)
    if plan.cut:
        brief.shortened("A text of the diagram")
    x = area.x + (area.w - plan.width * size) / 2
    y = area.y + (area.h - plan.height * size) * 0.42
    _Show(brief, Pencil(brief.theme, x, y, size), plan, told).draw()
    brief.canvas.note_body(size * (shapes.LABEL.size if form == "sequence" else 1.0))
    return told.steps


def _check(brief: Brief[DiagramVisual], size: float) -> None:
    """Refuse what nobody could read."""
    count = len(brief.visual.nodes)
    if size < _LEAST:
        raise DiagramTooLarge(
            f"A diagram of {count} nodes is too much for one picture: its text would be "
            f"{size:.0f} pixels high.",
            hint="Shorten its texts, leave nodes out, or tell it in two scenes.",
        )


def _told(brief: Brief[DiagramVisual]) -> Told:
    """Nodes and edges that can be drawn, with their steps; what cannot is told."""
    visual = brief.visual
    nodes = tuple({node.id: node for node in reversed(visual.nodes)}.values())[::-1]
    if len(nodes) < len(visual.nodes):
        brief.lost("Some nodes of a diagram are not shown", "other nodes have the same id")
    number = {node.id: index for index, node in enumerate(nodes)}
    edges = tuple(e for e in visual.edges if e.source in number and e.target in number)
    if len(edges) < len(visual.edges):
        brief.lost("Some edges of a diagram are not shown", "they lead to nodes that are not there")
    if visual.form == "mindmap":
        edges = _branches(brief, nodes, edges)
    node_steps, edge_steps = _steps(visual.form, nodes, edges)
    return Told(
        nodes, edges, node_steps, edge_steps, max((*node_steps, *edge_steps), default=-1) + 1
    )


def _branches(
    brief: Brief[DiagramVisual], nodes: tuple[Node, ...], edges: tuple[Edge, ...]
) -> tuple[Edge, ...]:
    """The edges of the tree that a mind map is, from each branch to its twigs."""
    kept = branches(nodes, edges) if nodes else ()
    if any(edge.text for edge in edges):
        brief.lost("The labels of a mind map's edges are not shown", "its branches are bare")
    if {(e.source, e.target) for e in edges} - {(e.source, e.target) for e in kept}:
        brief.lost("Some edges of a mind map are not shown", "its branches do not join again")
    return kept


def _steps(
    form: str, nodes: tuple[Node, ...], edges: tuple[Edge, ...]
) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """When each node and each edge appears."""
    if form == "sequence":
        return (0,) * len(nodes), _counted([edge.step for edge in edges])
    steps = _counted([node.step for node in nodes])
    if form == "layers" and all(node.step is None for node in nodes):
        groups = list(dict.fromkeys(node.group or node.id for node in nodes))
        steps = tuple(groups.index(node.group or node.id) for node in nodes)
    at = {node.id: step for node, step in zip(nodes, steps, strict=True)}
    own = []
    for edge in edges:
        least = max(at[edge.source], at[edge.target])
        own.append(min(max(edge.step or 0, least), _MOST_STEPS - 1))
    return steps, tuple(own)


def _counted(given: Sequence[int | None]) -> tuple[int, ...]:
    """Steps, where what has none comes one after the one before it."""
    steps: list[int] = []
    for own in given:
        after = steps[-1] + 1 if steps else 0
        steps.append(min(after if own is None else own, _MOST_STEPS - 1))
    return tuple(steps)


def _plan(brief: Brief[DiagramVisual], told: Told, room: Room) -> Plan:
    form = brief.visual.form
    if form == "sequence":
        return sequence(told.nodes, told.edges, room)
    if form == "mindmap":
        return mindmap(told.nodes, told.edges, room)
    return flow(told.nodes, told.edges, room, dots=form == "state")


# --- Groups --------------------------------------------------------------------------------------


def _tints(brief: Brief[DiagramVisual]) -> dict[str, str]:
    """A colour for each group of a flow."""
    if brief.visual.form not in ("flow", "state"):
        return {}
    groups = dict.fromkeys(node.group for node in brief.visual.nodes if node.group)
    palette = brief.theme.series
    order = (3, 2, 4, 0, 5, 1)
    return {group: palette[order[k % 6] % len(palette)] for k, group in enumerate(groups)}


def _legend(brief: Brief[DiagramVisual], area: Box) -> Box:
    """The groups' names beside their colours; answers what is left below."""
    tints = _tints(brief)
    if not tints:
        return area
    style = Style(27, 500, brief.theme.ink)
    x, y = area.x, area.y - 20
    for name, colour in tints.items():
        shown = cut(name, style, min(440.0, area.w - 40), 1).lines[0]
        width = 36 + width_of(shown, style)
        if x > area.x and x + width > area.right:
            x, y = area.x, y + 42
        brief.canvas.base.rect(Box(x, y + 4, 22, 22), colour, radius=6)
        brief.canvas.base.text(x + 36, y + 25, shown, style)
        x += width + 44
    return area.below(y + 58)


# --- Drawing -------------------------------------------------------------------------------------


class _Show:
    """Everything in the order of its step: edges, nodes, then what is in focus there."""

    def __init__(self, brief: Brief[DiagramVisual], pencil: Pencil, plan: Plan, told: Told) -> None:
        self.brief, self.pencil, self.plan, self.told = brief, pencil, plan, told
        self.sequence = brief.visual.form == "sequence"
        self.tints = _tints(brief)
        self.looks = [self._look(index) for index in range(len(told.nodes))]
        self.labels = {label.edge: label for label in plan.labels}

    def _look(self, index: int) -> Look:
        node, form = self.told.nodes[index], self.brief.visual.form
        first = form == "mindmap" and self._is_root(node)
        if node.id == self.brief.visual.highlight or first:
            return "bold"
        if form in ("flow", "state") and node.kind in ("start", "end"):
            return "bold"
        return "soft" if node.kind == "decision" and form != "sequence" else "plain"

    def _is_root(self, node: Node) -> bool:
        return all(edge.target != node.id for edge in self.told.edges)

    def draw(self) -> None:
        base = self.brief.canvas.base
        for rail in self.plan.rails:
            self.pencil.rail(base, rail)
        if self.sequence:
            for one in self.plan.placed:
                self._node(base, one)
        for step in range(self.told.steps):
            self._frames(step)
            edges = [k for k, own in enumerate(self.told.edge_steps) if own == step]
            placed = [
                one
                for one in self.plan.placed
                if self.told.node_steps[one.node] == step and not self.sequence
            ]
            routes = [route for route in self.plan.routes if route.edge in edges]
            notes = [self.labels[k] for k in edges if k in self.labels and self.labels[k].note]
            self._come(step, routes, placed, notes)
            self._focus(step, routes, placed, notes)

    def _frames(self, step: int) -> None:
        for frame in self.plan.frames:
            if self.told.edge_steps[frame.edge] == step:
                layer = self.brief.canvas.layer(f"frame-{frame.edge + 1}", step, Effect.FADE)
                self.pencil.frame(layer, frame)

    def _node(self, group: Group, placed: Placed, look: Look | None = None) -> None:
        tint = self.tints.get(self.told.nodes[placed.node].group, "")
        self.pencil.node(group, placed, look or self.looks[placed.node], tint)

    def _come(
        self, step: int, routes: list[Route], placed: list[Placed], notes: list[Label]
    ) -> None:
        canvas, theme = self.brief.canvas, self.brief.theme
        for route in routes:
            layer = canvas.layer(f"edge-{route.edge + 1}", step, effect_of(route))
            self._edge(layer, route, lit=False)
        for note in notes:
            layer = canvas.layer(f"edge-{note.edge + 1}", step, Effect.FADE)
            self.pencil.label(layer, note, theme.muted)
        if placed:
            layer = canvas.layer(f"node-{placed[0].node + 1}", step, Effect.FADE)
            for one in placed:
                self._node(layer, one)

    def _edge(self, layer: Group, route: Route, *, lit: bool) -> None:
        theme, edge = self.brief.theme, self.told.edges[route.edge]
        kind = "line" if route.curve else edge.kind
        trunk = self.brief.visual.form == "mindmap" and self._is_root(self._source(edge))
        colour = theme.accent if self.sequence or trunk else calm(theme)
        if edge.kind == "dashed" and self.sequence:
            colour = calm(theme)
        self.pencil.route(layer, route, theme.accent if lit else colour, kind, bold=lit or trunk)
        if route.edge in self.labels:
            self.pencil.label(layer, self.labels[route.edge], theme.accent if lit else theme.muted)

    def _source(self, edge: Edge) -> Node:
        return next(node for node in self.told.nodes if node.id == edge.source)

    def _focus(
        self, step: int, routes: list[Route], placed: list[Placed], notes: list[Label]
    ) -> None:
        if not (routes or placed or notes):
            return
        layer = self.brief.canvas.layer(f"focus-{step + 1}", step, Effect.FOCUS)
        for route in routes:
            self._edge(layer, route, lit=True)
        for note in notes:
            self.pencil.note_lit(layer, note)
        for one in placed:
            if self.looks[one.node] == "bold":
                self.pencil.halo(layer, one)
            self._node(layer, one, "lit")
