"""Diagrams as people write them in a storyboard → the fields of `DiagramVisual`.

A node may be its text alone, an edge `a -> b` or `a -> b: its text`, a chain `a -> b -> c`; and
instead of all of them there may be Mermaid source.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from inkreel.errors import InvalidStoryboard
from inkreel.model import DiagramVisual
from inkreel.storyboard import mermaid

MOST_NODES, MOST_EDGES, MOST_STEPS = 30, 60, 60
"""What a picture can show."""
HINT = (
    f"Edges name nodes by their ids. A diagram has at most {MOST_NODES} nodes and {MOST_EDGES} "
    "edges; tell a larger one in several scenes."
)
_ARROW = "->"


def expanded(raw: Mapping[Any, Any], where: str) -> dict[Any, Any]:
    """The fields of a diagram, written out. Raises `InvalidStoryboard` for Mermaid source that
    is not understood."""
    own = dict(raw)
    if (source := own.pop("mermaid", None)) is not None:
        if own.get("nodes") or own.get("edges"):
            raise InvalidStoryboard(
                f"{where}: the diagram has both Mermaid source and nodes of its own.",
                hint="Keep either `mermaid` or `nodes` and `edges`.",
            )
        own = {**_read(str(source), where), **{k: v for k, v in own.items() if v is not None}}
    if isinstance(own.get("nodes"), list):
        own["nodes"] = [{"id": one} if isinstance(one, str) else one for one in own["nodes"]]
    if isinstance(own.get("edges"), list):
        own["edges"] = [edge for one in own["edges"] for edge in _edges(one)]
    return own


def _read(source: str, where: str) -> dict[str, Any]:
    try:
        read = mermaid.diagram(source)
    except mermaid.Unread as error:
        raise InvalidStoryboard(
            f"{where}: the Mermaid source cannot be drawn: {error}.",
            hint="Flowcharts, sequence diagrams, mind maps, time lines and state diagrams can.",
        ) from error
    plain: dict[str, Any] = msgspec.to_builtins(read)
    return {name: plain[name] for name in ("form", "nodes", "edges")}


def _edges(one: Any) -> Iterator[Any]:
    """An entry of the list as one edge or, for a chain, as several."""
    text, label = one, None
    if isinstance(one, dict) and len(one) == 1 and _ARROW in str(next(iter(one))):
        [(text, label)] = one.items()
    if not isinstance(text, str) or _ARROW not in text:
        yield one
        return
    if label is None and ": " in text:
        text, label = text.split(": ", 1)
    ends = [end.strip() for end in text.split(_ARROW)]
    for source, target in itertools.pairwise(ends):
        yield {"from": source, "to": target, "text": label or ""}


def misfits(visual: DiagramVisual) -> Iterable[str]:
    """What does not fit together inside a diagram."""
    ids = [node.id for node in visual.nodes]
    if not ids:
        yield "the diagram has no nodes."
    if len(ids) > MOST_NODES or len(visual.edges) > MOST_EDGES:
        yield f"the diagram has {len(ids)} nodes and {len(visual.edges)} edges."
    if twice := [name for name in ids if ids.count(name) > 1]:
        yield f"two nodes have the id {twice[0]!r}."
    ends = [end for edge in visual.edges for end in (edge.source, edge.target)]
    if lost := [end for end in [*ends, visual.highlight or ids[0]] if end not in ids]:
        yield f"there is no node with the id {lost[0]!r}."
    steps = [node.step or 0 for node in visual.nodes] + [edge.step or 0 for edge in visual.edges]
    if late := [step for step in steps if step >= MOST_STEPS]:
        yield f"step {late[0]} is beyond the last possible one ({MOST_STEPS - 1})."
    if visual.form in ("timeline", "layers") and visual.edges:
        yield f"a diagram of the form {visual.form} has groups, no edges."
    if visual.form == "mindmap":
        yield from _tree_misfits(visual, ids)


def _tree_misfits(visual: DiagramVisual, ids: list[str]) -> Iterable[str]:
    entered = [edge.target for edge in visual.edges]
    if twice := [name for name in entered if entered.count(name) > 1]:
        yield f"in a mind map {twice[0]!r} can hang at one branch only."
    roots = [name for name in ids if name not in entered]
    if len(roots) != 1:
        yield f"a mind map has one root, not {len(roots)}."
