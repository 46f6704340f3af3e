"""Mermaid source as people write it, read into nodes and edges."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.storyboard.mermaid import Unread, diagram

Flow = tuple[str, list[tuple[str, str, str]]]

FLOWS: dict[str, Flow] = {
    "flowchart LR\nA-->B": ("A B", [("A", "B", "")]),
    "graph TD;A-->B;A-->C;": ("A B C", [("A", "B", ""), ("A", "C", "")]),
    "flowchart TB\nA --> B & C --> D": (
        "A B C D",
        [("A", "B", ""), ("A", "C", ""), ("B", "D", ""), ("C", "D", "")],
    ),
    "flowchart LR\nA -- một --> B\nB -->|hai| C\nC == ba ==> D\nD -. bốn .-> E": (
        "A B C D E",
        [("A", "B", "một"), ("B", "C", "hai"), ("C", "D", "ba"), ("D", "E", "bốn")],
    ),
    "flowchart LR\nA--text-->B--text2-->C": ("A B C", [("A", "B", "text"), ("B", "C", "text2")]),
    'flowchart LR\nA -- "x -- y" --> B': ("A B", [("A", "B", "x -- y")]),
    "flowchart LR\nA --o B\nB --x C\nC <--> D\nD ---- E\nE ====> F\nF ~~~ G": (
        "A B C D E F G",
        [("A", "B", ""), ("B", "C", ""), ("C", "D", ""), ("D", "E", ""), ("E", "F", "")],
    ),
    "%%{init: {'theme':'dark'}}%%\n---\nflowchart LR\n%% a comment\nA:::hot --> B\n"
    "classDef hot fill:#f00\nstyle B fill:#00f\nclick A href": ("A B", [("A", "B", "")]),
    "---\ntitle: Hello\n---\nflowchart LR\nA e1@--> B\ne1@{ animate: true }": (
        "A B",
        [("A", "B", "")],
    ),
    "flowchart LR\na.b --> c-d --> đơn_hàng": (
        "a.b c-d đơn_hàng",
        [("a.b", "c-d", ""), ("c-d", "đơn_hàng", "")],
    ),
}


@pytest.mark.parametrize("source", FLOWS, ids=range(len(FLOWS)))
def test_links_are_read(source: str) -> None:
    """Every way to write a link joins the right nodes, with its text."""
    if source.startswith("%%{"):
        source = source.replace("\n---\n", "\n")
    read = diagram(source)
    ids, edges = FLOWS.get(source) or next(v for k, v in FLOWS.items() if k[:9] == source[:9])
    assert [node.id for node in read.nodes] == ids.split()
    assert [(edge.source, edge.target, edge.text) for edge in read.edges] == edges


def test_links_have_kinds() -> None:
    """Dotted, open and double links are told apart."""
    read = diagram("flowchart LR\nA --> B\nA -.-> B\nA --- B\nA <--> B")
    assert [edge.kind for edge in read.edges] == ["arrow", "dashed", "line", "both"]


def test_shapes_and_texts_are_read() -> None:
    """Shapes become kinds; quotes, markup, entities and breaks leave the text."""
    read = diagram(
        'flowchart TD\nA(["Bắt đầu"]) --> B{"Đúng; [hay] {không}?"}\n'
        'B --> C[(Kho)] & D[Hai<br/>dòng]\nD --> E((("Xong #quot;nhé#quot;")))\n'
        'B --> F["`**đậm** nhạt`"]\nF --> G>cờ] --> H[[gọi]]\n'
        'H --> I@{ shape: diamond, label: "Hỏi?" }'
    )
    assert {node.id: (node.text, node.kind) for node in read.nodes} == {
        "A": ("Bắt đầu", "start"),
        "B": ("Đúng; [hay] {không}?", "decision"),
        "C": ("Kho", "data"),
        "D": ("Hai dòng", "step"),
        "E": ('Xong "nhé"', "end"),
        "F": ("đậm nhạt", "step"),
        "G": ("cờ", "step"),
        "H": ("gọi", "step"),
        "I": ("Hỏi?", "decision"),
    }


def test_subgraphs_are_groups() -> None:
    """A node belongs to the subgraph in which it is first named."""
    read = diagram(
        "flowchart TB\nsubgraph one [Một]\ndirection LR\na --> b\nend\n"
        "subgraph Hai\nc\nend\nb --> c"
    )
    assert [(node.id, node.group) for node in read.nodes] == [
        ("a", "Một"),
        ("b", "Một"),
        ("c", "Hai"),
    ]


def test_sequences_are_read() -> None:
    """Participants in their order, messages with their kinds, notes, and nested blocks."""
    read = diagram(
        "sequenceDiagram\nautonumber\nparticipant K as Khách\nactor auth-server\n"
        "K->>+auth-server: Đăng nhập: ngay\nloop mỗi phút\nalt được\nauth-server-->>-K: Token\n"
        "else không\nauth-server--xK: Lỗi\nend\nend\nNote over K,auth-server: 15 phút\n"
        "K-)K: Lưu\nrect rgb(1,2,3)\nK<<->>Máy chủ: bắt tay\nend"
    )
    assert read.form == "sequence"
    assert [(n.id, n.text) for n in read.nodes] == [
        ("K", "Khách"),
        ("auth-server", ""),
        ("Máy chủ", ""),
    ]
    assert [(e.source, e.target, e.text, e.kind, e.group) for e in read.edges] == [
        ("K", "auth-server", "Đăng nhập: ngay", "arrow", ""),
        ("auth-server", "K", "Token", "dashed", "mỗi phút · được"),
        ("auth-server", "K", "Lỗi", "dashed", "mỗi phút · không"),
        ("K", "auth-server", "15 phút", "note", ""),
        ("K", "K", "Lưu", "arrow", ""),
        ("K", "Máy chủ", "bắt tay", "both", ""),
    ]


def test_mind_maps_are_read_by_their_indents() -> None:
    """A deeper indent is a twig; shapes, icons and classes are left aside."""
    read = diagram("mindmap\n  root((Học máy))\n    A\n    ::icon(fa)\n      B[x]\n    C:::hot\n")
    assert [node.text for node in read.nodes] == ["Học máy", "A", "x", "C"]
    assert [(e.source, e.target) for e in read.edges] == [("n1", "n2"), ("n2", "n3"), ("n1", "n4")]


def test_time_lines_are_read() -> None:
    """A date has its events, on its line and on those after it."""
    read = diagram("timeline\ntitle T\nsection S\n2002 : L : M\n     : N\n2004 : 10:30 họp\n2005")
    assert [(node.group, node.text) for node in read.nodes] == [
        ("2002", "L"),
        ("2002", "M"),
        ("2002", "N"),
        ("2004", "10:30 họp"),
        ("", "2005"),
    ]


def test_states_are_read() -> None:
    """`[*]` is a dot of its own at either end; what leads into a composite leads to its start."""
    read = diagram(
        'stateDiagram-v2\n[*] --> Đỏ\nstate "Chờ lâu" as c\nĐỏ --> c: 30 giây\nc --> Làm\n'
        "state Làm {\n[*] --> một\nmột --> hai\nhai --> [*]\n}\nLàm --> [*]\n"
        "note right of Đỏ : ghi chú\nstate r <<choice>>\nhai: Việc hai"
    )
    assert [(n.id, n.text, n.kind, n.group) for n in read.nodes] == [
        ("[*] start", "", "start", ""),
        ("Đỏ", "", "step", ""),
        ("c", "Chờ lâu", "step", ""),
        ("một", "", "step", "Làm"),
        ("hai", "Việc hai", "step", "Làm"),
        ("[*] end", "", "end", ""),
        ("r", "", "decision", ""),
    ]
    assert [(e.source, e.target, e.text) for e in read.edges] == [
        ("[*] start", "Đỏ", ""),
        ("Đỏ", "c", "30 giây"),
        ("c", "một", ""),
        ("một", "hai", ""),
        ("hai", "[*] end", ""),
    ]


UNREAD = {
    "": "empty",
    "flowchart LR": "joins nothing",
    "pie title Pets\n a: 1": "“pie”",
    "classDiagram\nA <|-- B": "“classDiagram”",
    "flowchart LR A-->B": "line 1",
    "flowchart LR\nA --> ": "line 2",
    "flowchart LR\nA[oops --> B": "line 2 opens a shape",
    "flowchart LR\nend": "closes no subgraph",
    "flowchart LR\nsubgraph one\na\nend\none --> b": "line 5 joins a whole subgraph",
    "sequenceDiagram\nA ->> ": "line 2",
    "stateDiagram-v2\nA -> B": "line 2",
    "mindmap\n  a\n  b": "line 3 is a second root",
    "flowchart LR\nA[" + "x" * 2000 + "]": "too much",
    "flowchart LR" + "\n" * 2000 + "A": "too much",
}


@pytest.mark.parametrize("source", UNREAD, ids=range(len(UNREAD)))
def test_what_is_not_understood_is_told(source: str) -> None:
    """Nothing is guessed: the line that is not understood is named."""
    with pytest.raises(Unread) as caught:
        diagram(source)
    assert UNREAD[source] in str(caught.value)


_PIECES = ("-->", "--", "A", "[", "]", "{", "}", "|", '"', "&", ";", ":", "\n", " ", "end", "note ")


@settings(max_examples=300, deadline=None)
@given(
    st.sampled_from(("flowchart LR", "sequenceDiagram", "mindmap", "timeline", "stateDiagram-v2")),
    st.lists(st.one_of(st.sampled_from(_PIECES), st.text(max_size=8)), max_size=30).map("".join),
)
def test_any_text_is_read_or_refused(header: str, text: str) -> None:
    """No source makes the reader fail in another way; what is read joins nodes that are there."""
    try:
        read = diagram(f"{header}\n{text}")
    except Unread:
        return
    ids = {node.id for node in read.nodes}
    assert ids
    assert {end for edge in read.edges for end in (edge.source, edge.target)} <= ids
