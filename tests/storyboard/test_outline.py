"""The laws of the default writer."""

from __future__ import annotations

import random
import re
import time
from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings

from inkreel.model import (
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    DiagramVisual,
    Digest,
    Document,
    EndVisual,
    Heading,
    Image,
    Paragraph,
    Quote,
    SlideVisual,
    Storyboard,
    TableVisual,
)
from inkreel.recipes import OutlineRequest
from inkreel.storyboard import outline
from inkreel.storyboard.drafting import draft
from inkreel.storyboard.pace import Pace
from tests.thorough import times

from .conftest import MemoryShelf, read_text
from .documents import documents
from .rules import breaches

RATES = {"vi": 190.0, "en": 150.0}


def told(document: Document, seconds: float | None = None) -> Storyboard:
    return draft(document, seconds, RATES[document.language])


def pace_of(document: Document) -> Pace:
    return Pace(RATES[document.language], document.language)


def test_examples_keep_every_rule(example: tuple[str, str]) -> None:
    """What ships is told without a breach: times, openers, bullets, nothing said twice."""
    name, text = example
    document = read_text(text, name)
    assert breaches(told(document), pace_of(document)) == []


@settings(max_examples=times(50, 150), deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_any_document_keeps_every_rule(document: Document) -> None:
    """No document, however odd, makes the writer break a rule."""
    board = told(document)
    assert breaches(board, pace_of(document)) == []


@settings(max_examples=times(20, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(document=documents())
def test_a_target_keeps_every_rule(document: Document) -> None:
    """Choosing scenes for a target breaks no rule either."""
    assert breaches(told(document, 40.0), pace_of(document)) == []


def test_examples_last_a_minute_and_more(example: tuple[str, str]) -> None:
    """Each document that ships makes a video of at least 60 s."""
    name, text = example
    document = read_text(text, name)
    assert pace_of(document).scenes(told(document).scenes) >= 60


def test_vietnamese_demo_is_no_slide_reader() -> None:
    """The demo shows five kinds of visual or more, and at most 40 % slides."""
    from .conftest import EXAMPLES

    board = told(read_text((EXAMPLES / "gioi-thieu.vi.md").read_text(encoding="utf-8")))
    kinds = [type(scene.visual) for scene in board.scenes]
    assert len(set(kinds)) >= 5
    assert kinds.count(SlideVisual) <= 0.4 * len(kinds)


def content(board: Storyboard) -> list[bytes]:
    return [
        msgspec.json.encode(
            [scene.heading, scene.eyebrow, scene.narration, scene.visual], order="deterministic"
        )
        for scene in board.scenes
    ]


def test_one_changed_word_touches_two_scenes_at_most(example: tuple[str, str]) -> None:
    """An edit is local: one word of a paragraph changes the content of at most two scenes."""
    name, text = example
    before = set(content(told(read_text(text, name))))
    words = [
        m
        for m in re.finditer(r"(?<= )[^\W\d_]{4,}(?= )", text)
        if text[text.rfind("\n", 0, m.start()) + 1] not in "#>|`- $"
        and "```" not in text[m.end() : text.find("\n\n", m.end())]
        and text[: m.start()].count("```") % 2 == 0
    ]
    chance = random.Random(7)
    for match in chance.sample(words, 40):
        instead = "đổi" if name.endswith("vi.md") else "quartz"
        edited = text[: match.start()] + instead + text[match.end() :]
        after = content(told(read_text(edited, name)))
        changed = [own for own in after if own not in before]
        assert len(changed) <= 2, (match.group(), [c.decode()[:200] for c in changed])


@pytest.mark.parametrize("seconds", [60.0, 120.0, 300.0, 600.0])
def test_a_target_is_held(seconds: float) -> None:
    """With enough to say, the estimated time is within 8 % of the target."""
    document = long_document(120)
    board = told(document, seconds)
    assert pace_of(document).scenes(board.scenes) == pytest.approx(seconds, rel=0.08)
    assert board.notes


def test_a_source_with_too_little_is_named() -> None:
    """When the document cannot fill the target, the notes say so."""
    board = told(
        read_text("# Tides\n\nThe sea rises twice a day. The Moon pulls at the water."), 300
    )
    assert any("300" in note for note in board.notes)


def test_the_whole_stays_under_twenty_minutes() -> None:
    """Without a target a long document is told in at most 20 minutes."""
    document = long_document(900)
    assert pace_of(document).scenes(told(document).scenes) <= 1_200


def long_document(paragraphs: int) -> Document:
    """Distinct sentences about numbered stations."""
    chance = random.Random(3)
    nouns = [
        "harbour",
        "bridge",
        "market",
        "garden",
        "tower",
        "station",
        "library",
        "canal",
        "museum",
        "square",
    ]
    verbs = ["faces", "joins", "feeds", "borders", "crosses", "serves", "guards", "lights"]
    parts = ["# A city in parts\n"]
    for n in range(paragraphs):
        if n % 4 == 0:
            parts.append(f"## Quarter {n // 4}: the {nouns[n % 10]} side {n}\n")
        said = [
            f"The {chance.choice(nouns)} of street {n} {chance.choice(verbs)} the "
            f"{chance.choice(nouns)} near gate {n * 7 + k} and keeps its old name."
            for k in range(4)
        ]
        parts.append(" ".join(said) + "\n")
    return read_text("\n".join(parts))


def test_a_thesis_is_told_in_a_second() -> None:
    """37,000 words are outlined within a second of CPU time, generously counted."""
    document = long_document(620)
    words = sum(len(getattr(block, "text", "").split()) for block in document.blocks)
    assert words > 37_000
    start = time.process_time()
    told(document)
    assert time.process_time() - start < 4.0


def test_a_numeric_table_becomes_a_chart_with_its_finding() -> None:
    """Vietnamese thousands and decimals are read right, and the ratio is derived."""
    board = told(
        read_text(
            "# Sản lượng\n\nSản lượng ba vùng khác nhau rất rõ trong năm vừa qua của chúng ta.\n\n"
            "| Vùng | Sản lượng (tấn) |\n|---|---:|\n| Đông | 1.250,5 |\n| Tây | 2.501 |\n| Nam | "
            "3.751,5 |\n"
        )
    )
    scene = next(s for s in board.scenes if isinstance(s.visual, ChartVisual))
    chart: Any = scene.visual
    assert chart.series[0].values == (1250.5, 2501.0, 3751.5)
    assert chart.unit == "tấn"
    assert chart.callout == "×3"
    assert [d.formula for d in scene.derived] == ["3.751,5 / 1.250,5"]
    assert any("Nam" in text and "3.751,5 tấn" in text for text in scene.narration)


def test_years_become_a_line() -> None:
    """Four or more years are drawn as a line whose trend is told."""
    rows = "\n".join(f"| {2019 + n} | {40 + 12 * n} |" for n in range(5))
    board = told(
        read_text(
            f"# Visits\n\nVisits to the site were counted.\n\n| Year | Visits |\n|---|---|"
            f"\n{rows}\n"
        )
    )
    chart: Any = next(s.visual for s in board.scenes if isinstance(s.visual, ChartVisual))
    assert chart.form == "line"


SHARES = {
    "donut": ("Nguồn | Tỷ lệ", "Học phí | 52%", "Ngân sách | 31%", "Khác | 17%"),
    "percent": ("Câu | Đồng ý | Không", "Nhanh | 62% | 38%", "Rẻ | 48% | 52%", "Dễ | 55% | 45%"),
    "bar": ("Lớp | Đạt", "A | 52%", "B | 61%", "C | 70%"),
}


def grid(header: str, *rows: str) -> str:
    """A table in Markdown."""
    rule = "|---" * (header.count("|") + 1) + "|"
    return "\n".join(
        ["", *(f"| {line} |" for line in (header,)), rule, *(f"| {r} |" for r in rows)]
    )


@pytest.mark.parametrize("form", SHARES)
def test_shares_become_parts_of_a_whole(form: str) -> None:
    """Percentages that come to a hundred are drawn as parts, others are not."""
    text = "# Trường\n\nTrường có nhiều nguồn thu và mỗi nguồn góp một phần khác nhau rõ rệt.\n\n"
    board = told(read_text(text + grid(*SHARES[form])))
    chart: Any = next(s.visual for s in board.scenes if isinstance(s.visual, ChartVisual))
    assert chart.form == form


OPPOSITES = {
    "vi": (
        ("Trước đây | Bây giờ", "Lưu mỗi nơi một kiểu | Có một kho chung", "Chờ ba ngày | Có ngay"),
        1,
    ),
    "en": (("Pros | Cons", "Fast to start | Hard to change", "Well known | Slow to read"), None),
}


@pytest.mark.parametrize("language", OPPOSITES)
def test_opposite_headings_become_a_comparison(language: str) -> None:
    """Two columns that are each other's contrary stand beside each other, and are told in pairs."""
    rows, highlight = OPPOSITES[language]
    lead = {
        "vi": "# Kho phim\n\nBệnh viện đổi cách lưu phim sau nhiều năm và ai cũng thấy khác.\n\n",
        "en": "# The store\n\nWe looked at the old store for a long time before we judged it.\n\n",
    }
    board = told(read_text(lead[language] + grid(*rows)))
    scene = next(s for s in board.scenes if isinstance(s.visual, ComparisonVisual))
    shown: Any = scene.visual
    assert [side.heading for side in shown.columns] == rows[0].split(" | ")
    assert [f"{a} | {b}" for a, b in zip(*(c.points for c in shown.columns), strict=True)] == list(
        rows[1:]
    )
    assert shown.highlight == highlight
    assert any(":" in text and ";" in text for text in scene.narration)


def test_other_tables_of_two_columns_stay_tables() -> None:
    """Headings that only differ are no comparison."""
    rows = grid("Name | Meaning", "Blob | Bytes with a digest", "Tree | A list of names")
    board = told(
        read_text("# Words\n\nThese are the words of the store that one must know.\n" + rows)
    )
    assert not any(isinstance(s.visual, ComparisonVisual) for s in board.scenes)


def test_the_last_card_says_what_the_document_says() -> None:
    """What is to be taken home are the document's own headings or words, and its title."""
    from .conftest import EXAMPLES

    text = (EXAMPLES / "gioi-thieu.vi.md").read_text(encoding="utf-8")
    last = told(read_text(text)).scenes[-1]
    assert isinstance(last.visual, EndVisual)
    folded = text.casefold()
    assert all(own.casefold() in folded for own in last.visual.takeaways)
    assert last.visual.source.casefold() in folded


def test_a_table_of_words_stays_a_table_and_is_cut() -> None:
    """Wide and long tables are cut to a readable size, and a note says so."""
    head = "| " + " | ".join(f"Column {c}" for c in range(9)) + " |\n" + "|---" * 9 + "|\n"
    rows = "\n".join("| " + " | ".join(f"word {r} {c}" for c in range(9)) + " |" for r in range(12))
    board = told(
        read_text(
            f"# Words\n\nThe words below are arranged by their sound and age.\n\n{head}{rows}\n"
        )
    )
    table: Any = next(s.visual for s in board.scenes if isinstance(s.visual, TableVisual))
    assert len(table.rows) <= 7
    assert len(table.header) <= 6
    assert any("12" in note for note in board.notes)


def test_long_code_is_shown_in_readable_spans() -> None:
    """A long listing is cut: a screen holds 16 lines at most, and a note tells what is missing."""
    code = "\n\n".join(
        f"def step_{n}(value):\n    # Adds {n} to what came before\n    value += {n}\n    return "
        f"value"
        for n in range(14)
    )
    board = told(read_text(f"# Steps\n\nEach function adds a number.\n\n```python\n{code}\n```\n"))
    shown = [s.visual for s in board.scenes if isinstance(s.visual, CodeVisual)]
    assert shown
    assert all(v.text.count("\n") < 16 for v in shown)
    assert board.notes


def test_boilerplate_is_not_told() -> None:
    """References, licence and contents are nobody's film."""
    board = told(
        read_text(
            "# Tool\n\nThe tool sorts stones by colour and by weight.\n\n## Contents\n\n- "
            "[Use](#use)\n\n"
            "## Use\n\nPut the stones in and wait for the bell to ring twice.\n\n"
            "## License\n\nMIT, see the file for what it permits.\n\n## References\n\n1. Smith, "
            "Stones, 2020.\n"
        )
    )
    said = " ".join(text for scene in board.scenes for text in scene.narration)
    assert "MIT" not in said
    assert "Smith" not in said


def test_the_step_reads_its_document_from_the_shelf(shelf: MemoryShelf) -> None:
    """The step's function is pure: request and shelf in, storyboard out."""
    document = read_text(
        "# Tides\n\nThe sea rises twice a day, and falls as often. The Moon pulls at it."
    )
    digest = shelf.save(msgspec.msgpack.encode(document))
    first = outline(OutlineRequest(digest, None, 150.0), shelf)
    assert first == outline(OutlineRequest(digest, None, 150.0), shelf)
    assert first.scenes


def test_a_picture_takes_the_text_after_it() -> None:
    """A picture is shown while the paragraph after it is told, also when a quotation follows."""
    image = Image(
        id="i",
        digest=Digest("ab" * 32),
        width=1920,
        height=1080,
        caption="Số lần so sánh theo số phần tử",
    )
    speaks = Paragraph(
        id="p",
        text="Số lần so sánh tăng rất chậm khi dữ liệu lớn dần. Dữ liệu gấp mười lần chỉ cần thêm "
        "ba hoặc bốn phép so sánh.",
    )
    quoted = Quote(id="q", text="Học, học nữa, học mãi.", by="V. I. Lênin")
    opens = Paragraph(id="o", text="Tuần này nhóm đã hoàn thành phần đọc tài liệu và phần vẽ hình.")
    head = Heading(id="h", level=2, text="Kết quả đo")
    board = told(Document("Báo cáo tuần", "vi", (opens, head, image, speaks, quoted)))
    assert "image" in [scene.visual.kind for scene in board.scenes]


def test_the_demo_shows_a_flow_and_an_image() -> None:
    """The Vietnamese example, read with its picture, shows seven kinds or more, a flow and an image
    among them."""
    from inkreel.ingest import read
    from inkreel.ingest.sources import open_source
    from inkreel.recipes import ReadRequest

    from .conftest import EXAMPLES

    shelf = MemoryShelf()
    source = open_source(EXAMPLES / "gioi-thieu.vi.md", shelf.save)
    board = told(read(ReadRequest(source), shelf))
    kinds = {scene.visual.kind for scene in board.scenes}
    flows = [s for s in board.scenes if isinstance(s.visual, DiagramVisual)]
    assert len(kinds) >= 7
    assert "image" in kinds
    assert any(isinstance(s.visual, DiagramVisual) and s.visual.form == "flow" for s in flows)


def test_no_listing_is_given_up_for_words() -> None:
    """Brief listings under each other become one, and what is told of both follows it."""
    intro = "It serves what is asked for, as long as anybody asks, and after that it rests a while."
    text = (
        f"# A server\n\n{intro}\n\n## Installation\n\nStart a server via docker:\n\n"
        "``` bash\ndocker run -p 6379:6379 -it server:latest\n```\n\n"
        "Simply:\n\n``` bash\n$ pip install client\n```\n\n"
        f"## Use\n\n{intro.replace('It', 'The client')}\n"
    )
    scenes = told(read_text(text)).scenes
    visual = next(s.visual for s in scenes if isinstance(s.visual, CodeVisual))
    assert visual.text == "docker run -p 6379:6379 -it server:latest\n\n$ pip install client"
    assert [span.first for span in visual.focus] == [1, 3]
    said = next(s.narration for s in scenes if s.visual is visual)
    assert "docker" in said[visual.cues[0]]
    assert "pip install" in said[visual.cues[1]]
