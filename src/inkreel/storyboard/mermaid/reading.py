"""The header decides which kind of diagram the lines are."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from inkreel.model import DiagramVisual
from inkreel.storyboard.mermaid.flowcharts import flowchart
from inkreel.storyboard.mermaid.outlines import mindmap, timeline
from inkreel.storyboard.mermaid.sequences import sequence
from inkreel.storyboard.mermaid.source import Line, Unread, lines_of
from inkreel.storyboard.mermaid.states import states

_HEADER = re.compile(
    r"(?P<word>flowchart(?:-elk)?|graph|sequenceDiagram|mindmap|timeline|stateDiagram(?:-v2)?)"
    r"(?:\s+(?:TB|TD|BT|LR|RL))?\s*(?:;\s*(?P<rest>.*))?$"
)
_READERS: dict[str, Callable[[Iterable[Line]], DiagramVisual]] = {
    "flowchart": flowchart,
    "flowchart-elk": flowchart,
    "graph": flowchart,
    "sequenceDiagram": sequence,
    "mindmap": mindmap,
    "timeline": timeline,
    "stateDiagram": states,
    "stateDiagram-v2": states,
}


def diagram(text: str) -> DiagramVisual:
    """Read Mermaid source. Raises `Unread` with the line that is not understood, or that there
    is nothing to draw."""
    lines = list(lines_of(text))
    if not lines:
        raise Unread("it is empty")
    first, *rest = lines
    match = _HEADER.match(first.text)
    if not match:
        word = re.split(r"[\s;]", first.text)[0]
        if word in _READERS:
            raise first.unread()
        raise Unread(f"diagrams of the kind “{word[:32]}” are not drawn")
    if match["rest"]:
        rest.insert(0, Line(first.number, match["rest"], first.indent))
    read = _READERS[match["word"]](rest)
    if not read.nodes:
        raise Unread("it joins nothing")
    return read
