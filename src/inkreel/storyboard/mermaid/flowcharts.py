"""`flowchart` and `graph` → nodes with their shapes, edges with their texts."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, cast

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.storyboard.mermaid.source import Line, label

EdgeKind = Literal["arrow", "dashed", "line", "both", "note"]

_IGNORED = re.compile(
    r"(?:style|classDef|class|linkStyle|click|direction|accTitle|accDescr|title)\b"
)
_SUBGRAPH = re.compile(
    r"subgraph\b\s*(?P<id>[^\[\"]*?)\s*(?:\[(?P<title>.*)\]|(?P<quoted>\".*\"))?$"
)
_QUOTED = re.compile(r"\s*\"[^\"]*\"")
_AND = re.compile(r"\s*&\s*")
_ID = re.compile(
    r"\s*(?P<id>[^\s\[\](){}<>|;&\"@:=~-]+(?:[-.:](?![-.:>])[^\s\[\](){}<>|;&\"@:=~-]+)*)"
)
_SHAPES = (
    ("(((", ")))", "round"), ("((", "))", "round"), ("([", "])", "round"), ("[(", ")]", "data"),
    ("[[", "]]", "step"), ("{{", "}}", "step"), ("[/", "/]", "step"), ("[\\", "\\]", "step"),
    ("[/", "\\]", "step"), ("[\\", "/]", "step"), ("[", "]", "step"), ("(", ")", "step"),
    ("{", "}", "decision"), (">", "]", "step"),
)  # fmt: skip
_OBJECT = re.compile(r"@\{(?P<body>[^{}]*)\}")
_PAIR = re.compile(r"(?P<name>\w+)\s*:\s*(?P<value>\"[^\"]*\"|[^,\"]+)")
_CLASS = re.compile(r":::[\w,-]+")
_LINK = re.compile(
    r"\s*(?:(?P<id>[\w-]+)@)?(?P<tail>[<ox](?=[-=.]))?"
    r"(?P<body>--+|==+|-\.+-?|~~~+)(?P<head>>|[ox](?!\w))?"
    r"(?:\s*\|(?P<bar>\"[^\"]*\"|[^|]*)\|)?"
)
_TEXT_END = {
    "-": re.compile(r"\s*(?P<body>--+)(?P<head>[>ox])?(?!-)"),
    "=": re.compile(r"\s*(?P<body>==+)(?P<head>[>ox])?(?!=)"),
    ".": re.compile(r"\s*(?P<body>\.+-+)(?P<head>[>ox])?"),
}


@dataclass(slots=True)
class _Reader:
    """A flowchart being read."""

    texts: dict[str, str] = field(default_factory=dict)
    shapes: dict[str, str] = field(default_factory=dict)
    groups: dict[str, str] = field(default_factory=dict)
    edges: list[Edge] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)
    """Id and title of the subgraphs that are not closed yet."""
    links: set[str] = field(default_factory=set)
    """Ids of edges, which may be told more about."""
    frames: set[str] = field(default_factory=set)
    """Ids of subgraphs: no edge may end there."""


def flowchart(lines: Iterable[Line]) -> DiagramVisual:
    """Read the lines after the header. Raises `Unread`."""
    reader = _Reader()
    for line in lines:
        for part in _statements(line.text):
            _statement(reader, Line(line.number, part, line.indent))
    return DiagramVisual(form="flow", nodes=tuple(_nodes(reader)), edges=tuple(reader.edges))


def _statements(text: str) -> list[str]:
    """Parted at semicolons that stand in no text."""
    parts, depth, quoted, start = [], 0, False, 0
    for at, char in enumerate(text):
        quoted ^= char == '"'
        if not quoted:
            depth += (char in "([{") - (char in ")]}")
        if char == ";" and not quoted and depth <= 0 and not re.search(r"#\w+$", text[:at]):
            parts.append(text[start:at].strip())
            start = at + 1
    return [part for part in [*parts, text[start:].strip()] if part]


def _statement(reader: _Reader, line: Line) -> None:
    if line.text == "end":
        if not reader.open:
            raise line.unread("closes no subgraph")
        reader.open.pop()
    elif match := _SUBGRAPH.match(line.text):
        title = label(match["title"] or match["quoted"] or match["id"])
        reader.open.append((match["id"], title))
        reader.frames.add(match["id"] or title)
    elif not _IGNORED.match(line.text) and line.text.partition("@{")[0] not in reader.links:
        _chain(reader, line)


def _chain(reader: _Reader, line: Line) -> None:
    """`A & B -->|text| C --> D`"""
    sources, at = _several(reader, line, 0)
    while at < len(line.text):
        kind, text, at = _link(reader, line, at)
        targets, at = _several(reader, line, at)
        for source in sources if kind else ():
            for target in targets:
                if reader.frames & {source, target}:
                    raise line.unread("joins a whole subgraph, which is not drawn")
                reader.edges.append(Edge(source, target, text, cast("EdgeKind", kind)))
        sources = targets


def _several(reader: _Reader, line: Line, at: int) -> tuple[list[str], int]:
    names = []
    while True:
        name, at = _node(reader, line, at)
        names.append(name)
        ampersand = _AND.match(line.text, at)
        if not ampersand:
            return names, at + len(line.text[at:]) - len(line.text[at:].lstrip())
        at = ampersand.end()


def _node(reader: _Reader, line: Line, at: int) -> tuple[str, int]:
    match = _ID.match(line.text, at)
    if not match:
        raise line.unread()
    name, at = match["id"], match.end()
    known = name in reader.texts
    reader.texts.setdefault(name, "")
    reader.shapes.setdefault(name, "step")
    if reader.open and not known:
        reader.groups[name] = reader.open[-1][1]
    for opening, closing, shape in _SHAPES:
        if line.text.startswith(opening, at):
            end = _closing(line, at + len(opening), closing)
            if end is not None:
                reader.texts[name] = label(line.text[at + len(opening) : end])
                reader.shapes[name] = shape
                at = end + len(closing)
                break
    else:
        if line.text[at : at + 1] in tuple("[({"):
            raise line.unread("opens a shape that is not closed")
        at = _object(reader, line, name, at)
    suffix = _CLASS.match(line.text, at)
    return name, suffix.end() if suffix else at


def _closing(line: Line, start: int, closing: str) -> int | None:
    """Where a shape is closed, outside of quotes."""
    text = line.text
    if text.startswith('"', start):
        end = text.find('"', start + 1) + 1
        return end if end and text.startswith(closing, end) else None
    end = text.find(closing, start)
    inside = text[start:end]
    # The shortest shape must not swallow a longer one.
    return None if end < 0 or any(mark in inside for mark in '[]{}"') else end


def _object(reader: _Reader, line: Line, name: str, at: int) -> int:
    """`A@{ shape: diamond, label: "…" }`"""
    match = _OBJECT.match(line.text, at)
    if not match:
        return at
    given = {pair["name"]: label(pair["value"]) for pair in _PAIR.finditer(match["body"])}
    reader.texts[name] = given.get("label", reader.texts[name])
    shape = given.get("shape", "")
    if shape in ("diamond", "diam", "decision", "question"):
        reader.shapes[name] = "decision"
    elif shape in ("cyl", "cylinder", "database", "db", "das", "h-cyl"):
        reader.shapes[name] = "data"
    elif shape in ("stadium", "terminal", "pill", "circle", "circ", "dbl-circ"):
        reader.shapes[name] = "round"
    return match.end()


def _link(reader: _Reader, line: Line, at: int) -> tuple[str, str, int]:
    """Kind (empty for an invisible link), text and end of the link that begins here."""
    match = _LINK.match(line.text, at)
    if not match:
        raise line.unread()
    reader.links |= {match["id"]} if match["id"] else set()
    body, head, text = match["body"], match["head"], match["bar"] or ""
    at = match.end()
    style = "." if "." in body else body[0]
    plain = body in ("--", "==", "-.") and not head and match["bar"] is None
    if plain:
        quoted = _QUOTED.match(line.text, at)
        end = _TEXT_END[style].search(line.text, quoted.end() if quoted else at)
        if not end:
            raise line.unread("has a link without an end")
        text, head, at = line.text[at : end.start()], end["head"], end.end()
    if style == "~":
        return "", "", at
    kind = "dashed" if style == "." else "arrow"
    if match["tail"] and head:
        kind = "both"
    elif not head:
        kind = "line"
    return kind, label(text), at


def _nodes(reader: _Reader) -> Iterable[Node]:
    left = {edge.source for edge in reader.edges}
    entered = {edge.target for edge in reader.edges}
    for name, text in reader.texts.items():
        shape = reader.shapes[name]
        kind: Literal["step", "decision", "start", "end", "data"] = "step"
        if shape == "round" and (name in left) != (name in entered):
            kind = "start" if name in left else "end"
        elif shape == "decision":
            kind = "decision"
        elif shape == "data":
            kind = "data"
        yield Node(name, "" if text == name else text, kind=kind, group=reader.groups.get(name, ""))
