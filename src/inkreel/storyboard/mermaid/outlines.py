"""`mindmap` and `timeline`: what is said by indents and colons."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.storyboard.mermaid.source import Line, label

_SHAPE = re.compile(
    r"(?P<id>[^\[\](){}]*?)\s*"
    r"(?:\[(?P<a>.*)\]|\(\((?P<b>.*)\)\)|\)\)(?P<c>.*)\(\(|\{\{(?P<d>.*)\}\}|\((?P<e>.*)\)|"
    r"\)(?P<f>.*)\()$"
)
_ASIDE = re.compile(r"::icon\(.*\)$|:::")
_IGNORED = re.compile(r"(?:accTitle|accDescr)\b")


def mindmap(lines: Iterable[Line]) -> DiagramVisual:
    """Read the lines after the header: a deeper indent is a twig of the line above."""
    nodes: list[Node] = []
    edges: list[Edge] = []
    path: list[tuple[int, str]] = []
    for line in lines:
        if _ASIDE.match(line.text) or _IGNORED.match(line.text):
            continue
        while path and path[-1][0] >= line.indent:
            path.pop()
        if nodes and not path:
            raise line.unread("is a second root")
        text = re.split(r"\s*:::", line.text)[0]
        match = _SHAPE.match(text)
        shown = next(filter(None, match.groups()[1:]), "") if match else text
        name = f"n{len(nodes) + 1}"
        nodes.append(Node(name, label(shown) or "…"))
        if path:
            edges.append(Edge(path[-1][1], name))
        path.append((line.indent, name))
    return DiagramVisual(form="mindmap", nodes=tuple(nodes), edges=tuple(edges))


def timeline(lines: Iterable[Line]) -> DiagramVisual:
    """Read the lines after the header: `period : event : event`. Sections are left aside."""
    nodes: list[Node] = []
    period = ""
    for line in lines:
        if re.match(r"(?:title|section|accTitle|accDescr)\b", line.text):
            continue
        first, *events = re.split(r"\s*:\s+|\s*:$|^:\s*", line.text)
        if first.strip():
            period = label(first)
        elif not period:
            raise line.unread("comes before any date")
        told = [label(event) for event in events if event.strip()]
        if not told:
            nodes.append(Node(f"e{len(nodes) + 1}", period))
        for event in told:
            nodes.append(Node(f"e{len(nodes) + 1}", event, group=period))
    return DiagramVisual(form="timeline", nodes=tuple(nodes))
