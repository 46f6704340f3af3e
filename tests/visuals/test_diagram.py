"""Diagrams on the canvas: when their parts come, where edges begin, and what is told."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from inkreel.errors import DiagramTooLarge
from inkreel.model import DiagramVisual, Edge, Effect, Node, Picture
from inkreel.visuals import draw
from inkreel.visuals.drawing import lay_out
from tests.visuals.scenes import MemoryShelf, request


def chain(count: int, text: str = "Bước {}", **more: Any) -> DiagramVisual:
    nodes = tuple(Node(f"n{k}", text.format(k)) for k in range(count))
    edges = tuple(Edge(a.id, b.id) for a, b in itertools.pairwise(nodes))
    return DiagramVisual(form="flow", nodes=nodes, edges=edges, **more)


def steps(picture: Picture) -> dict[str, int]:
    return {layer.name: layer.step for layer in picture.layers}


def told(visual: DiagramVisual) -> str:
    return " ".join(one.what for one in draw(request(visual), MemoryShelf()).degraded)


def test_nodes_come_one_by_one_with_their_edges(shelf: MemoryShelf) -> None:
    """A node takes the step after the one before it; an edge comes with the later of its ends."""
    visual = DiagramVisual(
        form="flow",
        nodes=(Node("a"), Node("b"), Node("c", step=1), Node("d")),
        edges=(Edge("a", "d"), Edge("b", "a"), Edge("a", "b", step=2)),
    )
    found = steps(draw(request(visual), shelf))
    assert {name: step for name, step in found.items() if not name.startswith("focus")} == {
        "node-1": 0,
        "node-2": 1,
        "edge-2": 1,
        "node-4": 2,
        "edge-1": 2,
        "edge-3": 2,
    }


def test_each_step_is_in_focus_once(shelf: MemoryShelf) -> None:
    """What a step brings is lit while it is spoken of."""
    picture = draw(request(chain(5)), shelf)
    lit = [layer.step for layer in picture.layers if layer.effect is Effect.FOCUS]
    assert lit == list(range(picture.steps)) == list(range(5))


def test_edges_are_drawn_from_their_beginning(shelf: MemoryShelf) -> None:
    """In a bent flow the upper row is drawn to the right, the turn down, the lower row back."""
    picture = draw(request(chain(9)), shelf)
    effects = [layer.effect for layer in picture.layers if layer.name.startswith("edge")]
    assert {Effect.WIPE, Effect.DROP, Effect.BACK} == set(effects)
    assert effects == sorted(effects, key=[Effect.WIPE, Effect.DROP, Effect.BACK].index)
    down = draw(request(chain(3), "1080x1920"), shelf)
    assert {x.effect for x in down.layers if x.name.startswith("edge")} == {Effect.DROP}


def test_messages_come_in_their_order(shelf: MemoryShelf) -> None:
    """Participants are there from the start; messages, notes and frames come in steps."""
    visual = DiagramVisual(
        form="sequence",
        nodes=(Node("a"), Node("b")),
        edges=(
            Edge("a", "b", "một"),
            Edge("b", "a", "hai", group="lặp"),
            Edge("a", "b", "ghi", kind="note"),
        ),
    )
    found = steps(draw(request(visual), shelf))
    assert [found[name] for name in ("edge-1", "edge-2", "frame-2", "edge-3")] == [0, 1, 1, 2]
    assert not any(name.startswith("node") for name in found)


@pytest.mark.parametrize("size", ["1920x1080", "1080x1920", "1080x1080"])
def test_thirty_short_steps_can_be_read(size: str, shelf: MemoryShelf) -> None:
    """Thirty nodes fit one picture; text of less than 24 pixels is told."""
    picture = draw(request(chain(30, "B{}"), size), shelf)
    assert picture.text_px >= 24
    assert picture.degraded == ()


def test_what_nobody_could_read_is_refused(shelf: MemoryShelf) -> None:
    """The error says how large it would be, and what to do."""
    nodes = tuple(Node(f"n{k}", "một nhãn rất dài " * 5) for k in range(30))
    edges = tuple(Edge(f"n{k % 30}", f"n{(k * 7 + k // 30) % 30}", "một nhãn") for k in range(60))
    with pytest.raises(DiagramTooLarge) as caught:
        lay_out(request(DiagramVisual(form="flow", nodes=nodes, edges=edges)), shelf)
    assert "30 nodes" in caught.value.message
    assert "two scenes" in caught.value.hint


TOLD = {
    "shortened": DiagramVisual(form="flow", nodes=(Node("a", "dài " * 80),)),
    "same id": DiagramVisual(form="flow", nodes=(Node("a"), Node("a"))),
    "lead to": DiagramVisual(form="flow", nodes=(Node("a"),), edges=(Edge("a", "b"),)),
    "join again": DiagramVisual(
        form="mindmap",
        nodes=(Node("a"), Node("b"), Node("c")),
        edges=(Edge("a", "b"), Edge("a", "c"), Edge("b", "c")),
    ),
    "labels of a mind map's edges": DiagramVisual(
        form="mindmap", nodes=(Node("a"), Node("b")), edges=(Edge("a", "b", "vì"),)
    ),
    "timeline join nothing": DiagramVisual(
        form="timeline", nodes=(Node("a"), Node("b")), edges=(Edge("a", "b"),)
    ),
}


@pytest.mark.parametrize("words", TOLD)
def test_what_is_not_shown_is_told(words: str) -> None:
    """Nothing of a diagram is left out silently."""
    degraded = draw(request(TOLD[words]), MemoryShelf()).degraded
    assert any(words in f"{one.what} {one.why}" for one in degraded)


def test_the_highlight_stands_out(shelf: MemoryShelf) -> None:
    """A node that is named as highlight is filled with the accent colour."""
    plain, lit = (lay_out(request(chain(3, highlight=name)), shelf) for name in ("", "n1"))

    def fill(drawn: Any) -> str:
        group = next(g for g in drawn.canvas.layers if g.label.endswith("/node-2"))
        return str(group.items[0]["fill"])

    assert (fill(plain), fill(lit)) == ("#FFFFFF", "#4338CA")


def test_nothing_is_drawn_of_nothing(shelf: MemoryShelf) -> None:
    """A diagram without nodes is a picture without steps."""
    assert draw(request(DiagramVisual(form="flow", nodes=())), shelf).steps == 0
