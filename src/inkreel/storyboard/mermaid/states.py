"""`stateDiagram` → states and what leads from one to another."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.storyboard.mermaid.source import Line, label

_IGNORED = re.compile(
    r"(?:direction|classDef|class|style|click|accTitle|accDescr|title|hide|scale)\b"
)
_EDGE = re.compile(r"(?P<a>\[\*\]|[^\s:]+)\s*-->\s*(?P<b>\[\*\]|[^\s:]+)\s*(?::\s*(?P<text>.*))?$")
_NAMED = re.compile(r"state\s+(?P<text>\".*?\")\s+as\s+(?P<id>[^\s{]+)\s*(?P<open>\{)?$")
_STATE = re.compile(r"state\s+(?P<id>[^\s{<]+)\s*(?:<<(?P<kind>\w+)>>)?\s*(?P<open>\{)?$")
_TOLD = re.compile(r"(?P<id>[^\s:\[\]]+)\s*:\s*(?P<text>.+)$")
_ALONE = re.compile(r"(?P<id>[^\s:{}\[\]<>]+)$")
_NOTE = re.compile(r"note\s+(?:left|right)\s+of\s+[^\s:]+\s*(?P<text>:.*)?$", re.IGNORECASE)
_CLASS = re.compile(r":::[\w-]+")

Kind = Literal["step", "decision", "start", "end", "data"]


@dataclass(slots=True)
class _Reader:
    """A state diagram being read."""

    texts: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, Kind] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    """The composite states that are not closed yet."""
    composites: list[str] = field(default_factory=list)
    in_note: bool = False

    def state(self, name: str, kind: Kind = "step") -> str:
        if name not in self.texts and self.open:
            self.groups[name] = self.open[-1]
        self.texts.setdefault(name, "")
        self.kinds.setdefault(name, kind)
        return name

    def end_of(self, name: str, kind: Kind) -> str:
        """A state, or the dot that `[*]` stands for here."""
        if name != "[*]":
            return self.state(name)
        return self.state(f"[*] {kind} {self.open[-1]}" if self.open else f"[*] {kind}", kind)


def states(lines: Iterable[Line]) -> DiagramVisual:
    """Read the lines after the header. Raises `Unread`."""
    reader = _Reader()
    for line in lines:
        text = _CLASS.sub("", line.text.rstrip(";")).strip()
        if reader.in_note:
            reader.in_note = text != "end note"
        elif not (_frame(reader, line, text) or _said(reader, text)):
            raise line.unread()
    _through_composites(reader)
    nodes = tuple(
        Node(
            name,
            "" if text == name else text,
            kind=reader.kinds[name],
            group=reader.texts.get(reader.groups.get(name, ""), "") or reader.groups.get(name, ""),
        )
        for name, text in reader.texts.items()
        if name not in reader.composites
    )
    return DiagramVisual(form="state", nodes=nodes, edges=tuple(reader.edges))


def _frame(reader: _Reader, line: Line, text: str) -> bool:
    """Where composite states begin and end, and what is left aside."""
    if text == "}":
        if not reader.open:
            raise line.unread("closes no state")
        reader.open.pop()
    elif match := _NAMED.match(text) or _STATE.match(text):
        given = match.groupdict()
        kind: Kind = "decision" if given.get("kind") == "choice" else "step"
        reader.state(match["id"], kind)
        if given.get("text"):
            reader.texts[match["id"]] = label(given["text"])
        if match["open"]:
            reader.composites.append(match["id"])
            reader.open.append(match["id"])
    elif match := _NOTE.match(text):
        reader.in_note = not match["text"]
    else:
        return text == "--" or bool(_IGNORED.match(text))
    return True


def _said(reader: _Reader, text: str) -> bool:
    """Edges and texts."""
    if match := _EDGE.match(text):
        source = reader.end_of(match["a"], "start")
        target = reader.end_of(match["b"], "end")
        reader.edges.append(Edge(source, target, label(match["text"] or "")))
    elif match := _TOLD.match(text):
        name = reader.state(match["id"])
        reader.texts[name] = " ".join(filter(None, [reader.texts[name], label(match["text"])]))
    elif match := _ALONE.match(text):
        reader.state(match["id"])
    else:
        return False
    return True


def _through_composites(reader: _Reader) -> None:
    """What leads into a composite state leads to where it begins; what leaves it, leaves from
    where it ends. The dots inside are not needed then."""
    for name in reader.composites:
        begin, end = f"[*] start {name}", f"[*] end {name}"
        first = [edge.target for edge in reader.edges if edge.source == begin]
        last = [edge.source for edge in reader.edges if edge.target == end]
        inside = [one for one, group in reader.groups.items() if group == name]
        into = first[:1] or inside[:1]
        out = last or inside[-1:]
        made: list[Edge] = []
        for edge in reader.edges:
            if edge.source == begin or edge.target == end:
                continue
            sources = out if edge.source == name else [edge.source]
            targets = into if edge.target == name else [edge.target]
            made += [Edge(a, b, edge.text, edge.kind) for a in sources for b in targets]
        reader.edges = made
        for dot in (begin, end):
            reader.texts.pop(dot, None)
