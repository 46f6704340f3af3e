"""What is too much for one picture is shown in parts that can be read."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.cueing import cues
from inkreel.model import (
    AnyVisual,
    Bullet,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    Edge,
    FormulaStep,
    FormulaVisual,
    Language,
    Node,
    QuoteVisual,
    Scene,
    Side,
    SlideVisual,
    Span,
    Storyboard,
    TableVisual,
)
from inkreel.recipes import FitRequest
from inkreel.visuals import fit
from inkreel.visuals.drawing import lay_out
from tests.thorough import times
from tests.visuals.scenes import MemoryShelf, request, visuals

NARRATION = tuple(f"Đây là câu thứ {number} của cảnh này." for number in range(8))
LISTING = "\n\n".join(f"def f{k}(x):\n    y = x + {k}\n    return y" for k in range(10))
TOO_MUCH: dict[str, AnyVisual] = {
    "fourteen bullets": SlideVisual(
        bullets=tuple(Bullet(f"Ý thứ {k} của bài này", "và dòng phụ") for k in range(1, 15))
    ),
    "forty lines of code": CodeVisual(text=LISTING, language="python"),
    "twenty rows": TableVisual(
        header=("Tên", "Giá trị"),
        rows=tuple((f"Hàng {k}", str(k)) for k in range(20)),
        highlight=17,
    ),
    "ten points": ComparisonVisual(
        columns=tuple(Side(f"Cột {c}", tuple(f"điểm thứ {k}" for k in range(10))) for c in "AB")
    ),
    "sixteen messages": DiagramVisual(
        form="sequence",
        nodes=(Node("a", "Khách"), Node("b", "Máy chủ"), Node("c", "Kho")),
        edges=tuple(Edge("ab"[k % 2], "bc"[k % 2], f"bước thứ {k}", step=k) for k in range(16)),
    ),
    "a quote of a page": QuoteVisual(
        text=" ".join(f"Câu thứ {k} của lời này nói thêm một điều khá dài." for k in range(36)),
        by="Một người",
    ),
    "twelve formulas": FormulaVisual(
        steps=tuple(FormulaStep(rf"x_{{{k}}} = \frac{{a}}{{{k}}}", "ghi chú") for k in range(12))
    ),
}


def fitted(
    visual: AnyVisual,
    narration: tuple[str, ...] = NARRATION,
    size: tuple[int, int] = (1920, 1080),
    language: Language = "vi",
) -> Storyboard:
    scene = Scene("canh", "Tiêu đề", narration, visual, eyebrow="Phần 1", transition="wipe")
    board = Storyboard("Bài", language, (scene,))
    asked = FitRequest(board, (cues(visual, narration),), "light", *size)
    return fit(asked, MemoryShelf())


def parts_of(visual: Any) -> tuple[Any, ...]:
    """All that stands in a visual, in order."""
    match visual:
        case SlideVisual():
            return visual.bullets
        case TableVisual():
            return visual.rows
        case CodeVisual():
            return tuple(line for line in visual.text.split("\n") if line.strip())
        case FormulaVisual():
            return visual.steps
        case DiagramVisual():
            return tuple(edge.text for edge in visual.edges)
        case QuoteVisual():
            return tuple(sentence.rstrip(".") for sentence in visual.text.split(". "))
        case ComparisonVisual():
            return tuple(zip(*(side.points for side in visual.columns), strict=True))
    return (visual,)


@pytest.mark.parametrize("case", TOO_MUCH)
@pytest.mark.parametrize("size", [(1920, 1080), (1080, 1920), (1080, 1080)])
def test_what_is_too_much_becomes_scenes(case: str, size: tuple[int, int]) -> None:
    """Each part can be read, nothing is lost or told twice, and the user is told."""
    board = fitted(TOO_MUCH[case], size=size)
    shown = [part for scene in board.scenes for part in parts_of(scene.visual)]
    assert shown == list(parts_of(TOO_MUCH[case]))
    assert tuple(s for scene in board.scenes for s in scene.narration) == NARRATION
    assert len({scene.id for scene in board.scenes}) == len(board.scenes)
    for scene in board.scenes:
        assert scene.narration
        drawn = lay_out(
            request(scene.visual, f"{size[0]}x{size[1]}", heading=scene.heading), MemoryShelf()
        )
        assert not drawn.crowded
    assert len(board.notes) == (len(board.scenes) > 1)
    if size == (1920, 1080):
        assert len(board.scenes) > 1


def test_parts_count_on() -> None:
    """Bullets, lines and eyebrows are numbered through all parts; what is lit stays where it is,
    and only the first part comes in as its author said."""
    slides = fitted(TOO_MUCH["fourteen bullets"]).scenes
    firsts = [s.visual.first for s in slides if isinstance(s.visual, SlideVisual)]
    assert firsts[0] == 1
    assert all(
        later - first == len(parts_of(scene.visual))
        for (first, later), scene in zip(pairwise(firsts), slides, strict=False)
    )
    assert [s.eyebrow for s in slides[:2]] == [f"Phần 1 · {k}/{len(slides)}" for k in (1, 2)]
    assert [s.transition for s in slides[:2]] == ["wipe", "auto"]
    listing = [s.visual for s in fitted(TOO_MUCH["forty lines of code"]).scenes]
    lines = LISTING.split("\n")
    assert all(
        lines[v.first - 1] == v.text.split("\n")[0] for v in listing if isinstance(v, CodeVisual)
    )
    tables = [s.visual for s in fitted(TOO_MUCH["twenty rows"]).scenes]
    lit = [v.rows[v.highlight] for v in tables if isinstance(v, TableVisual) and v.highlight]
    assert lit == [("Hàng 17", "17")]


def test_code_is_cut_where_something_begins() -> None:
    """A part of a listing begins with a definition, not in the middle of one."""
    for scene in fitted(TOO_MUCH["forty lines of code"]).scenes:
        assert isinstance(scene.visual, CodeVisual)
        assert scene.visual.text.startswith("def ")


def test_lines_in_focus_stay_in_focus() -> None:
    """A span that is in focus is found in its part, with its cue."""
    visual = CodeVisual(text=LISTING, focus=(Span(1, 15), Span(16, 39)), cues=(0, 4))
    scenes = fitted(visual).scenes
    assert len(scenes) > 1
    for scene in scenes:
        assert isinstance(scene.visual, CodeVisual)
        assert scene.visual.focus
        count = scene.visual.text.count("\n") + 1
        assert all(1 <= s.first <= s.last <= count for s in scene.visual.focus)
        assert all(cue < len(scene.narration) for cue in scene.visual.cues)


def test_a_part_has_what_is_said_of_it() -> None:
    """Bullets go where their words are said, not where they would be cut evenly."""
    bullets = tuple(
        Bullet(f"Điều {name} rất dài nên chữ phải nhỏ đi", "phụ") for name in "ABCDEFGHIK"
    )
    said = ("Trước hết là điều A và điều B và điều C.", *(f"Rồi điều {n}." for n in "DEFGHIK"))
    for scene in fitted(SlideVisual(bullets=bullets), said).scenes:
        assert isinstance(scene.visual, SlideVisual)
        spoken = " ".join(scene.narration)
        assert all(bullet.text[:6].lower() in spoken.lower() for bullet in scene.visual.bullets)


def test_one_sentence_is_cut_at_its_clauses() -> None:
    """Where there are fewer sentences than parts, clauses become sentences."""
    names = [f"ý thứ {k}" for k in range(1, 15)]
    bullets = tuple(Bullet(f"{name.capitalize()} của bài", "dòng phụ") for name in names)
    board = fitted(SlideVisual(bullets=bullets), (f"Bài có {', '.join(names)}.",))
    assert len(board.scenes) > 1
    assert all(scene.narration[0][0].isupper() for scene in board.scenes)
    assert all(s.endswith(".") for scene in board.scenes for s in scene.narration)


def test_what_cannot_be_cut_stays() -> None:
    """One short sentence, or one thing too long, stays one scene: its picture tells."""
    assert len(fitted(TOO_MUCH["twenty rows"], ("Bảng.",)).scenes) == 1
    quote = QuoteVisual(text="rất nhiều chữ " * 80)
    assert len(fitted(quote).scenes) == 1


def test_what_fits_is_left_as_it_is() -> None:
    """A scene that can be read is the very same afterwards."""
    scene = Scene("a", "A", ("Một câu.",), SlideVisual(bullets=(Bullet("Một"), Bullet("Hai"))))
    board = Storyboard("Bài", "en", (scene,), notes=("Sẵn có.",))
    assert fit(FitRequest(board, ((),), "dark", 1920, 1080), MemoryShelf()) == board


@settings(max_examples=times(20, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(
    visuals.filter(lambda v: v.kind not in ("diagram", "chart")),
    st.lists(
        st.sampled_from(("Một câu.", "Hai, ba; bốn và năm.", "x" * 90)), min_size=1, max_size=9
    ),
    st.lists(st.integers(0, 8), max_size=9),
)
def test_no_scene_is_lost(visual: AnyVisual, narration: list[str], given: list[int]) -> None:
    """Whatever a scene says and shows, all its words are said in order, in scenes that say
    something and whose cues point at what they say."""
    own = tuple(min(cue, len(narration) - 1) for cue in given)
    visual = msgspec.structs.replace(visual, cues=own)
    scenes = fitted(visual, tuple(narration)).scenes
    said = [word.strip(".,;").lower() for s in scenes for t in s.narration for word in t.split()]
    assert said == [word.strip(".,;").lower() for text in narration for word in text.split()]
    for scene in scenes:
        assert scene.narration
        assert all(0 <= cue < len(scene.narration) for cue in scene.visual.cues)
