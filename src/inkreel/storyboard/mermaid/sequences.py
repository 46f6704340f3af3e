"""`sequenceDiagram` → participants, messages, notes, and the frames around messages."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal

from inkreel.model import DiagramVisual, Edge, Node
from inkreel.storyboard.mermaid.source import Line, label

_IGNORED = re.compile(
    r"(?:activate|deactivate|destroy|autonumber|title|accTitle|accDescr|links?|properties|details)\b"
)
_PARTICIPANT = re.compile(
    r"(?:create\s+)?(?:participant|actor)\s+(?P<id>[^\s@]+(?:\s+(?!as\b)[^\s@]+)*)"
    r"(?:@\{[^{}]*\})?(?:\s+as\s+(?P<name>.+))?$"
)
_MESSAGE = re.compile(
    r"(?P<who>(?:[^-<>:]|-(?=\w))+?)\s*(?P<arrow><<-{1,2}>>|-{1,2}(?:>>|>|x|\)))\s*[+-]?\s*"
    r"(?P<whom>(?:[^-<>:+]|-(?=\w))+?)\s*(?::\s*(?P<text>.*))?$"
)
_NOTE = re.compile(
    r"note\s+(?:over|(?:left|right)\s+of)\s+(?P<who>[^,:]+)(?:,(?P<whom>[^:]+))?:\s*(?P<text>.*)$",
    re.IGNORECASE,
)
_BLOCK = re.compile(r"(?P<word>loop|alt|opt|par|critical|break|rect|box)\b\s*(?P<title>.*)$")
_BRANCH = re.compile(r"(?:else|and|option)\b\s*(?P<title>.*)$")


@dataclass(slots=True)
class _Reader:
    """A sequence being read."""

    names: dict[str, str] = field(default_factory=dict)
    messages: list[Edge] = field(default_factory=list)
    open: list[tuple[str, str]] = field(default_factory=list)
    """Word and title of the blocks that are not closed yet."""

    def known(self, name: str) -> str:
        name = name.strip()
        self.names.setdefault(name, "")
        return name

    @property
    def group(self) -> str:
        """What frames a message here: the blocks it stands in."""
        frames = ((word, title) for word, title in self.open if word not in ("rect", "box"))
        return " · ".join(title or word for word, title in frames)


def sequence(lines: Iterable[Line]) -> DiagramVisual:
    """Read the lines after the header. Raises `Unread`."""
    reader = _Reader()
    for line in lines:
        text = line.text.rstrip(";").strip()
        if not (_structure(reader, line, text) or _spoken(reader, text) or _IGNORED.match(text)):
            raise line.unread()
    named = reader.names.items()
    nodes = tuple(Node(name, "" if shown == name else shown) for name, shown in named)
    return DiagramVisual(form="sequence", nodes=nodes, edges=tuple(reader.messages))


def _structure(reader: _Reader, line: Line, text: str) -> bool:
    """Participants, and where blocks begin and end."""
    if match := _PARTICIPANT.match(text):
        reader.names[match["id"]] = label(match["name"] or "")
    elif text == "end":
        if not reader.open:
            raise line.unread("closes no block")
        reader.open.pop()
    elif match := _BLOCK.match(text):
        reader.open.append((match["word"], label(match["title"])))
    elif reader.open and (match := _BRANCH.match(text)):
        reader.open[-1] = (reader.open[-1][0], label(match["title"]) or "…")
    else:
        return False
    return True


def _spoken(reader: _Reader, text: str) -> bool:
    """Messages and notes."""
    if match := _NOTE.match(text):
        who = reader.known(match["who"])
        whom = reader.known(match["whom"]) if match["whom"] else who
        reader.messages.append(Edge(who, whom, label(match["text"]), "note", reader.group))
    elif match := _MESSAGE.match(text):
        kind: Literal["arrow", "dashed", "both"] = "dashed" if "--" in match["arrow"] else "arrow"
        if match["arrow"].startswith("<<"):
            kind = "both"
        who, whom = reader.known(match["who"]), reader.known(match["whom"])
        said = label(match["text"] or "")
        reader.messages.append(Edge(who, whom, said, kind, reader.group))
    else:
        return False
    return True
