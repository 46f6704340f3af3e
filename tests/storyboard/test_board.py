"""The laws of the storyboard as a file."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.errors import InvalidStoryboard
from inkreel.model import (
    AnyVisual,
    Bullet,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    Derived,
    DiagramVisual,
    Digest,
    Document,
    Edge,
    EndVisual,
    FormulaStep,
    FormulaVisual,
    ImageVisual,
    Node,
    NumberVisual,
    QuoteVisual,
    Scene,
    SectionVisual,
    Series,
    Side,
    SlideVisual,
    Span,
    Storyboard,
    TableVisual,
    TitleVisual,
)
from inkreel.storyboard.board import dump, parse
from inkreel.storyboard.drafting import draft
from tests.thorough import times

from .conftest import read_text
from .documents import documents

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)
_FULL = _TEXT.filter(lambda text: bool(text.strip()))
_VALUES = st.one_of(st.none(), st.floats(allow_nan=False, allow_infinity=False))


@st.composite
def _tables(draw: st.DrawFn) -> TableVisual:
    width = draw(st.integers(1, 4))
    row = st.lists(_TEXT, min_size=width, max_size=width).map(tuple)
    rows = draw(st.lists(row, min_size=1, max_size=4).map(tuple))
    highlight = draw(st.one_of(st.none(), st.integers(0, len(rows) - 1)))
    return TableVisual(header=draw(row), rows=rows, highlight=highlight)


@st.composite
def _charts(draw: st.DrawFn) -> ChartVisual:
    labels = draw(st.lists(_TEXT, min_size=1, max_size=4).map(tuple))
    values = st.lists(_VALUES, min_size=len(labels), max_size=len(labels)).map(tuple)
    series = draw(st.lists(st.builds(Series, name=_TEXT, values=values), min_size=1, max_size=3))
    return ChartVisual(
        form=draw(st.sampled_from(("bar", "donut", "stacked"))),
        labels=labels,
        series=tuple(series),
        unit=draw(_TEXT),
        highlight=0,
    )


@st.composite
def _diagrams(draw: st.DrawFn) -> DiagramVisual:
    ids = draw(st.lists(_FULL, min_size=1, max_size=4, unique=True))
    step = st.one_of(st.none(), st.integers(0, 9))
    nodes = tuple(
        Node(one, draw(_TEXT), draw(_TEXT), "decision", draw(_TEXT), draw(step)) for one in ids
    )
    ends = st.sampled_from(ids)
    edges = st.builds(Edge, ends, ends, _TEXT, st.sampled_from(("arrow", "both")), _TEXT, step)
    return DiagramVisual(
        form="flow", nodes=nodes, edges=tuple(draw(st.lists(edges, max_size=3))), highlight=ids[0]
    )


_VISUALS: st.SearchStrategy[AnyVisual] = st.one_of(
    st.builds(TitleVisual, subtitle=_TEXT, cues=st.just((0,))),
    st.builds(SectionVisual, number=_TEXT, subtitle=_TEXT),
    st.builds(
        SlideVisual,
        bullets=st.lists(st.builds(Bullet, text=_TEXT, detail=_TEXT), max_size=4).map(tuple),
        cues=st.lists(st.just(0), max_size=4).map(tuple),
    ),
    st.builds(
        CodeVisual,
        text=_TEXT,
        diff=st.booleans(),
        language=_TEXT,
        file=_TEXT,
        focus=st.just((Span(first=1, last=1),)),
    ),
    st.builds(
        ComparisonVisual,
        columns=st.lists(
            st.builds(Side, heading=_TEXT, points=st.lists(_TEXT, max_size=3).map(tuple)),
            min_size=1,
            max_size=3,
        ).map(tuple),
        highlight=st.sampled_from((None, 0)),
    ),
    st.builds(EndVisual, takeaways=st.lists(_TEXT, max_size=3).map(tuple), source=_TEXT),
    _tables(),
    _charts(),
    _diagrams(),
    st.builds(QuoteVisual, text=_FULL, by=_TEXT, emphasis=_TEXT),
    st.builds(
        FormulaVisual,
        steps=st.lists(st.builds(FormulaStep, tex=_TEXT, note=_TEXT), max_size=3).map(tuple),
    ),
    st.builds(NumberVisual, value=_TEXT, label=_TEXT, detail=_TEXT),
    st.builds(
        ImageVisual, digest=st.just(Digest("ab" * 32)), width=st.integers(1), height=st.integers(1)
    ),
)


@st.composite
def boards(draw: st.DrawFn) -> Storyboard:
    """Any valid storyboard."""
    scenes = [
        Scene(
            id=f"{draw(st.sampled_from('abc'))}-{n}",
            heading=draw(_TEXT),
            narration=tuple(draw(st.lists(_FULL, min_size=1, max_size=3))),
            visual=draw(_VISUALS),
            eyebrow=draw(_TEXT),
            sources=tuple(draw(st.lists(_TEXT, max_size=2))),
            derived=tuple(
                draw(st.lists(st.builds(Derived, value=_TEXT, formula=_TEXT), max_size=2))
            ),
            transition=draw(st.sampled_from(["auto", "cut", "wipe"])),
        )
        for n in range(draw(st.integers(1, 3)))
    ]
    return Storyboard(
        title=draw(_TEXT),
        language=draw(st.sampled_from(["vi", "en"])),
        scenes=tuple(scenes),
        notes=tuple(draw(st.lists(_TEXT, max_size=2))),
    )


@settings(max_examples=times(66, 200), deadline=None, suppress_health_check=list(HealthCheck))
@given(board=boards())
def test_what_is_dumped_is_parsed_back(board: Storyboard) -> None:
    """dump then parse is the identity, whatever the text holds."""
    assert parse(dump(board, None)) == board


@settings(max_examples=times(20, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_comments_never_spoil_the_file(document: Document) -> None:
    """The identity holds with comments that quote the document."""
    board = draft(document, None, 170.0)
    if board.scenes:
        assert parse(dump(board, document)) == board


def test_comments_quote_what_a_scene_cites(example: tuple[str, str]) -> None:
    """Each scene that cites blocks says in a comment where they stand and how they begin."""
    name, text = example
    document = read_text(text, name)
    dumped = dump(draft(document, None, 170.0), document)
    assert "# cites line " in dumped
    comments = "".join(line for line in dumped.splitlines() if line.lstrip().startswith("# cites"))
    assert "{" not in comments.replace("{", "", text.count("{"))


GOOD = """
title: Tides
language: en
scenes:
  - heading: 2024
    narration: The sea rises twice a day.
    visual:
      kind: slide
      bullets:
        - Moon
        - text: Sun
          detail:
      cues: ['0', 0]
  - id: chart
    heading: Heights
    narration:
      - Yes.
      - no
    visual:
      kind: chart
      form: bar
      labels: [1, 2]
      series:
        - name: Height
          values: [4.1, ]
      highlight:
"""


def test_hand_edits_are_understood() -> None:
    """Numbers as text, single values as lists, bare bullets, empty fields and lost ids are fine."""
    board = parse(GOOD.replace("[4.1, ]", '["4.1", null]'))
    first, second = board.scenes
    assert first.id == "2024-1"
    assert first.heading == "2024"
    assert first.narration == ("The sea rises twice a day.",)
    assert first.visual == SlideVisual(bullets=(Bullet("Moon"), Bullet("Sun")), cues=(0, 0))
    assert second.narration == ("Yes.", "no")
    assert isinstance(second.visual, ChartVisual)
    assert second.visual.labels == ("1", "2")
    assert second.visual.series[0].values == (4.1, None)


SKETCHED = """
title: Orders
language: en
scenes:
  - heading: By hand
    narration: One.
    visual:
      kind: diagram
      form: flow
      nodes:
        - Order
        - {id: stock, text: 'In stock?', kind: decision}
      edges:
        - Order -> stock
        - stock -> Order: no
        - {from: stock, to: Order, text: 'yes'}
        - Order -> stock -> Order
  - heading: In Mermaid
    narration: Two.
    visual:
      kind: diagram
      highlight: B
      mermaid: |
        flowchart LR
          A[Order] -->|asks| B[(Stock)]
"""


def test_diagrams_are_written_briefly() -> None:
    """Nodes may be their texts, edges arrows with a text, and the whole Mermaid source."""
    board = parse(SKETCHED)
    by_hand, mermaid = (scene.visual for scene in board.scenes)
    assert isinstance(by_hand, DiagramVisual)
    assert [node.id for node in by_hand.nodes] == ["Order", "stock"]
    assert [(e.source, e.target, e.text) for e in by_hand.edges] == [
        ("Order", "stock", ""),
        ("stock", "Order", "no"),
        ("stock", "Order", "yes"),
        ("Order", "stock", ""),
        ("stock", "Order", ""),
    ]
    assert mermaid == DiagramVisual(
        form="flow",
        nodes=(Node("A", "Order"), Node("B", "Stock", kind="data")),
        edges=(Edge("A", "B", "asks"),),
        highlight="B",
    )
    dumped = dump(board, None)
    assert "- {from: stock, to: Order, text: 'no'}" in dumped
    assert parse(dumped) == board


HEAD = "title: a\nlanguage: en\nscenes:\n"
MISTAKES = {
    "": ("no storyboard", "inkreel storyboard"),
    "title: a\nlanguage: en\n": ("no scenes", "scenes"),
    HEAD + "  - narration: x\n    visual: {kind: slyde}\n": ("slyde", "slide"),
    HEAD + "  - naration: x\n": ("naration", "narration"),
    HEAD + "  - narration: x\n": ("kind", "quote"),
    HEAD + "  - x\n": ("Scene 1", "heading"),
    HEAD.replace("en", "xx", 1) + "  - narration: x\n    visual: {kind: title}\n": ("language", ""),
    HEAD + "  - id: one\n    narration: x\n    visual: {kind: title, cues: [1]}\n": (
        "Scene 1 (one): cue 1",
        "0 to 0",
    ),
    HEAD + "  - {id: one, narration: x, visual: {kind: title}, transition: zoom}\n": (
        "Scene 1 (one), field transition",
        "inkreel storyboard",
    ),
    HEAD + "  - heading: b\n": ("says nothing", "sentence"),
    HEAD + "  - narration: x\n    visual: {kind: number, value: 3}\n": ("label", ""),
    HEAD + "  - narration: x\n    visual: {kind: code, text: x, focus: [{first: 1, last: 3}]}\n": (
        "focus",
        "",
    ),
    HEAD
    + "  - {id: s, narration: x, visual: {kind: title}}\n"
    + "  - {id: s, narration: y, visual: {kind: title}}\n": ("'s'", "own id"),
    HEAD + "  - narration: x\n    visual: {kind: diagram, mermaid: 'pie title A'}\n": (
        "Scene 1: the Mermaid source cannot be drawn: diagrams of the kind “pie”",
        "Flowcharts",
    ),
    HEAD
    + "  - narration: x\n    visual: {kind: diagram, form: flow, nodes: [a], edges: [a -> b]}\n": (
        "no node with the id 'b'",
        "ids",
    ),
    HEAD + "  - narration: x\n    visual: {kind: diagram, form: mindmap, nodes: [a, b]}\n": (
        "one root",
        "",
    ),
    "a: [b": ("line", "Check"),
    "a: &x 1\nb: *x\n": ("aliases", ""),
    "title: a\ntitle: b\n": ("twice", ""),
    "- !!python/object/apply:os.system [ls]\n": ("not valid YAML", ""),
    "[" * 20_000: ("nested", ""),
}


@pytest.mark.parametrize("text", MISTAKES, ids=range(len(MISTAKES)))
def test_mistakes_are_named_with_their_fix(text: str) -> None:
    """A refused storyboard says which scene and field, and what to do."""
    message, hint = MISTAKES[text]
    with pytest.raises(InvalidStoryboard) as caught:
        parse(text)
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_an_outlined_board_survives_the_store() -> None:
    """A storyboard travels as MessagePack and comes back equal."""
    board = draft(
        read_text("# Tides\n\nThe sea rises twice a day, and it falls as often."), None, 150
    )
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(board), type=Storyboard) == board
