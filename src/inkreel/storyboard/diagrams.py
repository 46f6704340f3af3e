"""Mermaid source → what its arrows say, since the source is what is shown."""

from __future__ import annotations

import itertools
import re

from inkreel.storyboard import sentences, spoken
from inkreel.storyboard.tongue import Tongue

_NODE = re.compile(
    r"(?P<id>[\w.-]+?)\s*(?:(?:\[{1,2}|\({1,3}|\{{1,2}|>)[\"/\\(\[]*(?P<label>[^\[\](){}\"|]{1,60})"
    r"[\"/\\)\]]*[\])}]+)?(?::::\w+)?\s*$"
)
_ARROW = re.compile(
    r"\s*(?:<?(?:--+|==+|-\.+)(?:\s*[^->|=.]{1,40}?\s*(?:--+|==+|\.+-))?[>xo]?(?:\|[^|]{0,40}\|)?|"
    r"<?-->|---)\s*"
)
_MESSAGE = re.compile(
    r"^\s*(\w[\w ]*?)\s*(?:-->>|->>|-->|->|-\)|--\))\s*[+-]?(\w[\w ]*?)\s*:\s*(.+)$"
)
_NAMED = re.compile(r"^\s*(?:participant|actor)\s+(\w+)\s+as\s+(.+)$")
_MOST = 5


def arrows(text: str, tongue: Tongue) -> list[tuple[str, int]]:
    """Sentences with the line (from 1) each begins at: what leads where, or who tells whom."""
    lines = text.split("\n")
    if any(line.strip().startswith("sequenceDiagram") for line in lines):
        return _messages(lines, tongue)
    return _edges(lines, tongue)


def _edges(lines: list[str], tongue: Tongue) -> list[tuple[str, int]]:
    names: dict[str, str] = {}
    edges: list[tuple[str, str, int]] = []
    for number, line in enumerate(lines, start=1):
        pieces = [p for p in _ARROW.split(line.strip().rstrip(";")) if p is not None]
        nodes = [m for m in map(_NODE.match, pieces) if m]
        if len(pieces) < 2 or len(nodes) < len(pieces):
            continue
        for node in nodes:
            label = spoken.say((node["label"] or "").replace("<br/>", " "), tongue).text
            if label or node["id"] not in names:
                names[node["id"]] = label or node["id"]
        edges += [(a["id"], b["id"], number) for a, b in itertools.pairwise(nodes)]
    reached: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    for source, target, number in edges:
        reached.setdefault(source, []).append(names[target])
        first.setdefault(source, number)
    found = []
    for source, targets in list(reached.items())[:_MOST]:
        last = sentences.join([sentences.lower_first(t) for t in dict.fromkeys(targets)], tongue)
        form = tongue.speech.leads_to
        said = form.format(source=sentences.capitalise(names[source]), targets=last)
        if spoken.speakable(said):
            found.append((said, first[source]))
    return found


def _messages(lines: list[str], tongue: Tongue) -> list[tuple[str, int]]:
    names = {m[1]: m[2].strip() for m in map(_NAMED.match, lines) if m}
    found = []
    for number, line in enumerate(lines, start=1):
        match = _MESSAGE.match(line)
        if not match:
            continue
        message = spoken.say(match[3], tongue).text
        who, whom = (names.get(n.strip(), n.strip()) for n in (match[1], match[2]))
        said = tongue.speech.tells.format(
            who=sentences.capitalise(who), whom=whom, message=sentences.lower_first(message)
        )
        if message and spoken.speakable(said):
            found.append((said, number))
    return found[:_MOST]
