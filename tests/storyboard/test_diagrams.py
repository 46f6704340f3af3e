"""Diagrams in documents: told in true sentences, each with what it brings on the screen."""

from __future__ import annotations

from inkreel.model import CodeVisual, DiagramVisual, Storyboard
from inkreel.storyboard.drafting import draft

from .conftest import read_text

ORDER = """# Đặt hàng

Một đơn hàng đi qua nhiều tay trước khi tới khách.

```mermaid
flowchart TD
  A([Khách đặt]) --> B[Kiểm tra kho]
  B --> C{Còn hàng?}
  C -->|Có| D[Đóng gói]
  C -->|Không| E[Đặt thêm]
  E -->|hàng về| B
  D --> F([Giao hàng])
```
"""


def told(text: str) -> Storyboard:
    document = read_text(text)
    return draft(document, None, {"vi": 190.0, "en": 150.0}[document.language])


def test_a_flow_is_told_from_its_arrows() -> None:
    """Steps, answers and ways back are said as what they are, and no arrow is said twice."""
    scene = next(s for s in told(ORDER).scenes if isinstance(s.visual, DiagramVisual))
    assert scene.narration[-4:] == (
        "Khách đặt dẫn đến kiểm tra kho.",
        "Còn hàng? Có thì đến đóng gói, không thì đến đặt thêm.",
        "Đóng gói dẫn đến giao hàng.",
        "Từ đặt thêm, hàng về đưa trở về kiểm tra kho.",
    )


def test_nodes_appear_with_their_sentence() -> None:
    """A node comes with the sentence that first names it, but the first one is seen early."""
    scene = next(s for s in told(ORDER).scenes if isinstance(s.visual, DiagramVisual))
    visual = scene.visual
    assert isinstance(visual, DiagramVisual)
    for node in visual.nodes[1:]:
        sentence = scene.narration[visual.cues[node.step or 0]]
        assert node.text.rstrip("?").lower() in sentence.lower()
    step = {node.id: node.step or 0 for node in visual.nodes}
    assert all((e.step or 0) >= max(step[e.source], step[e.target]) for e in visual.edges)


def test_every_form_is_told_in_both_languages() -> None:
    """Sequences, mind maps, time lines and states have sentences of their own."""
    sources = {
        "sequenceDiagram\nApp->>Server: ask\nServer-->>App: answer": "App tells Server: ask.",
        "mindmap\n root((Thing))\n  Left part\n  Right part": (
            "Thing has two branches: left part and right part."
        ),
        "timeline\n1969 : First landing\n1998 : Station opens": "In 1969: First landing.",
        "stateDiagram-v2\n[*] --> Idle\nIdle --> Busy: job comes\nBusy --> Idle: job done": (
            "From Idle, job comes leads to Busy."
        ),
    }
    for source, sentence in sources.items():
        board = told(
            f"# A picture of parts\n\nThis is how it works.\n\n```mermaid\n{source}\n```\n"
        )
        scene = next(s for s in board.scenes if isinstance(s.visual, DiagramVisual))
        assert sentence in scene.narration


def test_an_unknown_diagram_is_shown_as_code_and_told() -> None:
    """What cannot be drawn is not lost: it is shown as code, and a note says why."""
    text = "# Types\n\nMost things have a place in an order that everybody knows.\n\n## Animals\n\n"
    text += (
        "The types of animals stand in a simple order. Each of them takes from the one above.\n\n"
    )
    board = told(f"{text}```mermaid\nclassDiagram\n  Animal <|-- Duck\n```\n")
    assert any(isinstance(scene.visual, CodeVisual) for scene in board.scenes)
    assert any("line 9" in note and "classDiagram" in note for note in board.notes)


def test_short_numbered_steps_become_a_flow() -> None:
    """A procedure of a few words a step is drawn step by step; other lists are not."""
    steps = (
        "1. Tải gói cài đặt\n2. Giải nén vào thư mục\n3. Chạy trình cài đặt\n4. Khởi động lại máy\n"
    )
    intro = "# Cài đặt\n\nViệc cài đặt chương trình gồm bốn bước ngắn:\n\n"
    visuals = [scene.visual for scene in told(intro + steps).scenes]
    flow = next(v for v in visuals if isinstance(v, DiagramVisual))
    assert [node.text for node in flow.nodes][:2] == ["Tải gói cài đặt", "Giải nén vào thư mục"]
    bulleted = told("# Cài đặt\n\nCó bốn thứ cần biết:\n\n" + steps.replace("1.", "-"))
    assert not any(isinstance(scene.visual, DiagramVisual) for scene in bulleted.scenes)
