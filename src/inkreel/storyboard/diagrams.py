"""Nodes and edges → what one can say of them, each with the sentence that brings it on screen."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import msgspec

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.storyboard import sentences, spoken
from inkreel.storyboard.sentences import capitalise, inside
from inkreel.storyboard.tongue import Tongue

_YEAR = re.compile(r"[12]\d{3}")
_BRIEF = re.compile(r"\w[\w .]{0,11}")
"""A name too short to be a sentence, which can be said within one: `A`, `S3`."""


@dataclass(frozen=True, slots=True)
class Statement:
    """A sentence, and the edges and nodes (by their numbers) that it brings in."""

    text: str
    edges: tuple[int, ...] = ()
    nodes: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class _Graph:
    """A diagram with its texts as one says them; what cannot be said is empty."""

    visual: DiagramVisual
    tongue: Tongue
    names: tuple[str, ...]
    labels: tuple[str, ...]
    ends: tuple[tuple[int, int], ...]

    def leaving(self, node: int) -> list[int]:
        """Numbers of the edges that leave a node for another."""
        return [k for k, (a, b) in enumerate(self.ends) if a == node != b]

    def within(self, node: int) -> str:
        """A node's name inside a sentence."""
        return inside(self.names[node].rstrip("?"))

    def joined(self, nodes: Sequence[int]) -> str:
        return sentences.join([self.within(n) for n in dict.fromkeys(nodes)], self.tongue)


def statements(visual: DiagramVisual, tongue: Tongue) -> list[Statement]:
    """What the diagram says, in the order in which one would tell it."""
    number = {node.id: index for index, node in enumerate(visual.nodes)}
    graph = _Graph(
        visual,
        tongue,
        tuple(_said(node, tongue) for node in visual.nodes),
        tuple(_label(edge, tongue) for edge in visual.edges),
        tuple((number[edge.source], number[edge.target]) for edge in visual.edges),
    )
    made = _TELLERS[visual.form](graph)
    return [one for one in made if one.text and spoken.speakable(one.text)]


def _said(node: Node, tongue: Tongue) -> str:
    if node.kind in ("start", "end") and not node.text:
        return ""
    shown = node.text or node.id
    said = spoken.say(shown, tongue).text.rstrip(".:;")
    return said or (shown if _BRIEF.fullmatch(shown) else "")


def _label(edge: Edge, tongue: Tongue) -> str:
    """An edge's text as its author began it: `evaporation`, `Bernoulli's law`."""
    said = spoken.say(edge.text, tongue).text.rstrip(".")
    return said[:1].lower() + said[1:] if edge.text[:1].islower() else said


def told(visual: DiagramVisual, own: Sequence[Statement], first: int, last: int) -> DiagramVisual:
    """The diagram with steps and cues: statement k is sentence `first` + k, and what no statement
    brings in comes with sentence `last`."""
    if visual.form == "sequence":
        return _told_sequence(visual, own, first, last)
    number = {node.id: index for index, node in enumerate(visual.nodes)}
    node_steps: dict[int, int] = {}
    edge_steps: dict[int, int] = {}
    cues: list[int] = []

    def bring(nodes: Sequence[int], edges: Sequence[int], cue: int) -> None:
        for node in nodes:
            if node not in node_steps:
                node_steps[node] = len(cues)
                cues.append(cue)
        for edge in edges:
            ends = {number[visual.edges[edge].source], number[visual.edges[edge].target]}
            new = [node for node in sorted(ends) if node not in node_steps]
            bring(new, (), cue)
            if edge not in edge_steps:
                if not new:
                    cues.append(cue)
                edge_steps[edge] = len(cues) - 1

    for index, statement in enumerate(own):
        bring(statement.nodes, statement.edges, first + index)
    bring(range(len(visual.nodes)), range(len(visual.edges)), last)
    return msgspec.structs.replace(
        visual,
        nodes=tuple(
            msgspec.structs.replace(node, step=node_steps[index])
            for index, node in enumerate(visual.nodes)
        ),
        edges=tuple(
            msgspec.structs.replace(edge, step=edge_steps[index])
            for index, edge in enumerate(visual.edges)
        ),
        cues=tuple(cues),
    )


def _told_sequence(
    visual: DiagramVisual, own: Sequence[Statement], first: int, last: int
) -> DiagramVisual:
    """Messages come in their order, each with its sentence or the one before."""
    cue_of = {edge: first + k for k, statement in enumerate(own) for edge in statement.edges}
    unsaid = [index for index in range(len(visual.edges)) if index not in cue_of]
    end = max(cue_of, default=-1)
    cues = [cue_of.get(k, last if k > end else first) for k in range(len(visual.edges))]
    cues = list(itertools.accumulate(cues, max))
    return msgspec.structs.replace(visual, cues=tuple(cues)) if cues or unsaid else visual


# --- Flows and states ----------------------------------------------------------------------------


def _walk(graph: _Graph) -> tuple[list[int], set[int]]:
    """Nodes in the order in which one follows the arrows, the author's where they part; and the
    edges that lead back on the way one came."""
    entered = {b for a, b in graph.ends if a != b}
    order: list[int] = []
    back: set[int] = set()

    def visit(node: int, way: frozenset[int]) -> None:
        order.append(node)
        for edge in graph.leaving(node):
            target = graph.ends[edge][1]
            if target in way | {node}:
                back.add(edge)
            elif target not in order:
                visit(target, way | {node})

    for start in sorted(range(len(graph.names)), key=lambda node: node in entered):
        if start not in order:
            visit(start, frozenset())
    return order, back


def _flow(graph: _Graph) -> list[Statement]:
    """What leads where; what leads to a question is told with the question."""
    order, back = _walk(graph)
    made: list[Statement] = []
    reached: set[int] = set()
    waiting: list[int] = []
    for node in order:
        leaving = [k for k in graph.leaving(node) if graph.names[graph.ends[k][1]]]
        if not leaving or not graph.names[node]:
            continue
        if _asks(graph, node):
            made.append(Statement(_question(graph, node, leaving, back), (*waiting, *leaving)))
            waiting = []
        elif len(leaving) > 1 and not {*leaving} & back:
            made.append(_fork(graph, node, leaving))
        else:
            for edge in leaving:
                if _asks(graph, graph.ends[edge][1]) and edge not in back:
                    waiting.append(edge)
                    made += [] if made else [_begin(graph, node)]
                else:
                    made.append(_single(graph, edge, back, reached, made))
        reached |= {node, *(graph.ends[k][1] for k in leaving)}
    return made


def _begin(graph: _Graph, node: int) -> Statement:
    text = graph.tongue.speech.begins.format(source=graph.within(node))
    return Statement(capitalise(text), (), (node,))


def _asks(graph: _Graph, node: int) -> bool:
    """Whether a node parts the way by answers."""
    return sum(bool(graph.labels[edge]) for edge in graph.leaving(node)) > 1


def _question(graph: _Graph, node: int, leaving: list[int], back: set[int]) -> str:
    name = graph.names[node]
    asked = name.endswith("?")
    branches = ", ".join(_branch(graph, edge, back) for edge in leaving)
    return f"{name} {capitalise(branches)}." if asked else f"{name}: {branches}."


def _branch(graph: _Graph, edge: int, back: set[int]) -> str:
    speech, label = graph.tongue.speech, graph.labels[edge]
    form = speech.branch if label else speech.otherwise
    form = speech.branch_back if edge in back and label else form
    target = graph.within(graph.ends[edge][1])
    return form.format(label=sentences.lower_first(label), target=target)


def _fork(graph: _Graph, node: int, leaving: list[int]) -> Statement:
    targets = graph.joined([graph.ends[edge][1] for edge in leaving])
    text = graph.tongue.speech.leads_to.format(source=graph.names[node], targets=targets)
    return Statement(capitalise(text), tuple(leaving), (node,))


def _single(
    graph: _Graph, edge: int, back: set[int], reached: set[int], made: list[Statement]
) -> Statement:
    """One edge in a sentence: onwards, back, or to where another way led already."""
    speech, (node, target) = graph.tongue.speech, graph.ends[edge]
    before = made[-1].edges if made else ()
    label = graph.labels[edge]
    if edge in back:
        form = speech.back_by if label else speech.back
    elif target in reached:
        form = speech.also_by if label else speech.also
    elif label:
        form = speech.leads_by
    elif before and graph.ends[before[-1]][1] == node:
        last = not graph.leaving(target)
        form = speech.at_last if last else speech.next_comes[len(made) % len(speech.next_comes)]
    else:
        form = speech.leads_to
    text = form.format(
        source=graph.within(node) if form != speech.leads_to else graph.names[node],
        source_first=graph.names[node],
        label=label,
        target=graph.within(target),
        targets=graph.within(target),
        target_first=graph.names[target],
    )
    return Statement(capitalise(text), (edge,), (node,))


def _states(graph: _Graph) -> list[Statement]:
    """One sentence for each change of state."""
    speech = graph.tongue.speech
    made: list[Statement] = []
    for node in _walk(graph)[0]:
        for edge in graph.leaving(node):
            target = graph.ends[edge][1]
            given = {
                "source": graph.within(node),
                "source_first": graph.names[node],
                "target": graph.within(target),
                "label": graph.labels[edge],
            }
            if not graph.names[node]:
                form = speech.first_state
            elif not graph.names[target]:
                form = speech.last_state
            else:
                form = speech.turns_by if graph.labels[edge] else speech.turns
            made.append(Statement(capitalise(form.format(**given)), (edge,), (node,)))
    return made


# --- The other forms -----------------------------------------------------------------------------


def _sequence(graph: _Graph) -> list[Statement]:
    speech = graph.tongue.speech
    made = []
    for index, ((a, b), edge) in enumerate(zip(graph.ends, graph.visual.edges, strict=True)):
        message = graph.labels[index]
        if not (message and graph.names[a] and graph.names[b]):
            continue
        if edge.kind == "note":
            made.append(Statement(sentences.close(message), (index,)))
            continue
        form = speech.acts if a == b else speech.answers if edge.kind == "dashed" else speech.tells
        said = form.format(
            who=graph.names[a], whom=graph.within(b), message=sentences.lower_first(message)
        )
        made.append(Statement(capitalise(said), (index,)))
    return made


def _mindmap(graph: _Graph) -> list[Statement]:
    """The root with its branches, then each branch with its twigs."""
    entered = {b for _, b in graph.ends}
    roots = [k for k in range(len(graph.names)) if k not in entered]
    made: list[Statement] = []
    waiting = roots[:1]
    for node in waiting:
        edges = [k for k in graph.leaving(node) if graph.names[graph.ends[k][1]]]
        targets = [graph.ends[k][1] for k in edges]
        waiting += targets
        if edges and graph.names[node]:
            made.append(Statement(_covers(graph, node, targets), tuple(edges), (node,)))
    return made


def _covers(graph: _Graph, node: int, twigs: Sequence[int]) -> str:
    speech, numbers = graph.tongue.speech, graph.tongue.speech.numbers
    count = numbers[len(twigs)].lower() if len(twigs) < len(numbers) else str(len(twigs))
    root = node not in {b for _, b in graph.ends}
    form = speech.has_branches if root and len(twigs) > 1 else speech.covers
    return capitalise(form.format(node=graph.names[node], count=count, twigs=graph.joined(twigs)))


def _timeline(graph: _Graph) -> list[Statement]:
    """A sentence for each date."""
    made = []
    numbered = enumerate(graph.visual.nodes)
    for period, run in itertools.groupby(numbered, key=lambda pair: pair[1].group):
        nodes = [index for index, _ in run if graph.names[index]]
        texts = [graph.names[k] for k in nodes]
        date = spoken.plain(period, graph.tongue)
        if not texts or not date:
            made += [Statement(sentences.close(graph.names[k]), (), (k,)) for k in nodes]
            continue
        if _YEAR.fullmatch(date):
            date = graph.tongue.speech.in_year.format(year=date)
        events = sentences.join([texts[0], *map(inside, texts[1:])], graph.tongue)
        made.append(Statement(sentences.close(f"{date}: {events}"), (), tuple(nodes)))
    return made


def _layers(graph: _Graph) -> list[Statement]:
    """A sentence for each layer."""
    made = []
    numbered = enumerate(graph.visual.nodes)
    for group, run in itertools.groupby(numbered, key=lambda pair: pair[1].group):
        nodes = [index for index, _ in run if graph.names[index]]
        name = spoken.say(group, graph.tongue).text
        if nodes and name:
            twigs = graph.joined(nodes)
            text = graph.tongue.speech.covers.format(node=name, count="", twigs=twigs)
            made.append(Statement(capitalise(text), (), tuple(nodes)))
    return made


_TELLERS: dict[str, Callable[[_Graph], list[Statement]]] = {
    "flow": _flow,
    "state": _states,
    "sequence": _sequence,
    "mindmap": _mindmap,
    "timeline": _timeline,
    "layers": _layers,
}


def steps_of(entries: Sequence[str]) -> DiagramVisual:
    """A procedure as a flow: its steps one after the other."""
    nodes = tuple(Node(f"n{k}", text) for k, text in enumerate(entries, start=1))
    edges = tuple(_pairs(nodes))
    return DiagramVisual(form="flow", nodes=nodes, edges=edges)


def _pairs(nodes: Sequence[Node]) -> Iterator[Edge]:
    for before, after in itertools.pairwise(nodes):
        yield Edge(before.id, after.id)
