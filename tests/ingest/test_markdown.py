"""Markdown → blocks."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkreel.errors import EmptyDocument
from inkreel.ingest import read
from inkreel.ingest.sources import open_source
from inkreel.model import (
    Code,
    Formula,
    Heading,
    Image,
    Item,
    Listing,
    Paragraph,
    Quote,
    Table,
)
from inkreel.recipes import ReadRequest

from .conftest import MemoryShelf, kinds, markdown, only, plain, png


def test_first_top_heading_is_the_title_and_no_block() -> None:
    """A title is said once: the heading that became it is not told again."""
    document = markdown("# Máy học\n\n## Dữ liệu\n\nMột đoạn văn.\n")
    assert document.title == "Máy học"
    assert [b.text for b in document.blocks if isinstance(b, Heading)] == ["Dữ liệu"]


def test_front_matter_states_title_and_language() -> None:
    """What the author states beats every guess, and the equal heading goes."""
    document = markdown('---\ntitle: "A plan"\nlang: vi\n---\n# A plan\n\nThe text is English.\n')
    assert (document.title, document.language) == ("A plan", "vi")
    assert kinds(document.blocks) == ["Paragraph"]


def test_request_overrides_the_language() -> None:
    """The user's word on the language is final."""
    assert markdown("The text is English.\n\nAnd long.", language="vi").language == "vi"


def test_paragraph_is_plain_text_with_terms_in_order() -> None:
    """Inline markup is gone, addresses too; what was marked is remembered."""
    paragraph = only(
        markdown("A **store** keeps `bytes` for *you*; see [the docs](https://a.b/c) or\n"
                 "https://www.example.org/x?y=1. H<sub>2</sub>O, x<sup>2</sup>.[^n]\n\n"
                 "[^n]: aside\n"),
        Paragraph,
    )  # fmt: skip
    assert paragraph.text == "A store keeps bytes for you; see the docs or example.org. H₂O, x²."
    assert paragraph.terms == ("store", "bytes", "you")


@pytest.mark.parametrize(
    ("entry", "label", "text"),
    [
        ("**Speed:** it is fast", "Speed", "it is fast"),
        ("**Speed**: it is fast", "Speed", "it is fast"),
        ("**Speed** – it is fast", "Speed", "it is fast"),
        ("**Speed.** It is fast", "Speed", "It is fast"),
        ("`--flag`: turns it on", "--flag", "turns it on"),
        ("[Name](x.md) - what it is", "Name", "what it is"),
        ("Tốc độ: rất nhanh", "Tốc độ", "rất nhanh"),
        ("It starts at 10:30 sharp", "", "It starts at 10:30 sharp"),
        ("[x] done", "", "done"),
        ("**All of it is bold**", "", "All of it is bold"),
    ],
)
def test_leading_term_is_the_label(entry: str, label: str, text: str) -> None:
    """An entry's leading term is parted from what is said about it, however it is marked."""
    listing = only(markdown(f"- {entry}\n- another\n"), Listing)
    assert listing.items[0] == Item(text=text, label=label)


def test_nested_entries_are_children_and_code_follows() -> None:
    """Entries below an entry are its children; a fence inside a list is a block of its own."""
    document = markdown(
        "1. Install\n   ```bash\n   make\n   ```\n2. Run\n   - a\n     - b\n   - c\n"
    )
    listing = only(document, Listing)
    assert listing.ordered
    assert listing.items[1] == Item(text="Run", children=("a", "b", "c"))
    assert only(document, Code).text == "make"


def test_table_has_header_rows_and_caption() -> None:
    """Cells are plain text, and "Table 1:" beside a table is its caption."""
    table = only(
        markdown(
            "| a | b |\n|--|:-:|\n| `1` | $x_1$ |\n| 2 | *c* |\n\n*Table 1: Numbers*\n\nEnd.\n"
        ),
        Table,
    )
    assert table.header == ("a", "b")
    assert table.rows == (("1", "x₁"), ("2", "c"))
    assert table.caption == "Numbers"


@pytest.mark.parametrize(
    ("info", "language", "file"),
    [
        ("Python", "python", ""),
        ('python title="a b.py"', "python", "a b.py"),
        ("python:app.py", "python", "app.py"),
        ("js src/a.js", "js", "src/a.js"),
        ("{.rust}", "rust", ""),
        ("", "", ""),
    ],
)
def test_fence_names_language_and_file(info: str, language: str, file: str) -> None:
    """All usual spellings of a fence's information are understood."""
    code = only(markdown(f"Text.\n\n```{info}\n  x = 1\ny\n```\n"), Code)
    assert (code.language, code.file, code.text) == (language, file, "  x = 1\ny")


@pytest.mark.parametrize(
    "source",
    [
        "$$\na = b\n$$",
        "$$a = b$$",
        "```math\na = b\n```",
        "\\[ a = b \\]",
        "\\[\na = b\n\\]",
    ],
)
def test_display_maths_is_a_formula(source: str) -> None:
    """Every way to set display maths gives its TeX."""
    assert only(markdown(f"Before.\n\n{source}\n\nAfter.\n"), Formula).tex == "a = b"


def test_latex_environment_is_a_formula() -> None:
    """An environment keeps its begin and end, which the typesetter needs."""
    source = "\\begin{align}\na &= b\\\\\nc &= d\n\\end{align}"
    assert only(markdown(f"Before.\n\n{source}\n"), Formula).tex == source


def test_prices_are_no_maths() -> None:
    """Two prices in a sentence do not make a formula."""
    text = "It costs $5 today and $10 tomorrow."
    assert only(markdown(text + "\n"), Paragraph).text == text


@pytest.mark.parametrize(
    "source",
    [
        "> Talk is cheap.\n> — Someone",
        "> Talk is cheap.\n>\n> -- Someone",
        '> "Talk is cheap." — Someone',
    ],
)
def test_quote_names_its_author(source: str) -> None:
    """A last line behind a dash is who said it."""
    quote = only(markdown(source + "\n"), Quote)
    assert quote.text.strip('"') == "Talk is cheap."
    assert quote.by == "Someone"


def test_quoted_structure_is_unwrapped() -> None:
    """A list inside a quote, or an alert, is told as what it is."""
    document = markdown('> [!NOTE]\n> Mind this.\n\n> - a\n> - b\n\n!!! tip "Try it"\n    Now.\n')
    assert kinds(document.blocks) == ["Paragraph", "Listing", "Paragraph"]
    assert [b.text for b in document.blocks if isinstance(b, Paragraph)] == [
        "Mind this.",
        "Try it: Now.",
    ]


def test_readme_clutter_goes() -> None:
    """Comments, badges, bars of links and tables of contents are not told; HTML text is."""
    document = markdown(
        '<!-- hidden -->\n<div align="center">\n<img src="https://a/b.svg">\n<h1>Tool</h1>\n'
        "<p>It <b>works</b>.</p>\n<script>evil()</script>\n</div>\n\n"
        "[![build](https://a/b.svg)](https://c)\n\n[Docs](d) | [Chat](e)\n\n"
        "## Contents\n\n- [Use](#use)\n  - [More](#more)\n\n## Use\n\n"
        "<details><summary>Click</summary>\n\nInside.\n\n</details>\n"
    )
    assert document.title == "Tool"
    assert [block.text for block in document.blocks] == ["It works.", "Use", "Inside."]  # type: ignore[union-attr]


def test_local_image_is_shown_with_its_caption(tmp_path: Path, shelf: MemoryShelf) -> None:
    """A picture beside the document is found by the path as it is written, escapes included."""
    (tmp_path / "my pic.png").write_bytes(png(640, 480))
    note = tmp_path / "note.md"
    note.write_text('Text.\n\n![a plan](<my pic.png> "title")\n*The plan*\n\n![x](gone.png)\n')
    document = read(ReadRequest(open_source(note, shelf.put)), shelf)
    image = only(document, Image)
    assert (image.width, image.height, image.alt, image.caption) == (640, 480, "a plan", "The plan")
    assert any("1 image" in warning for warning in document.warnings)


def test_bold_line_is_a_heading() -> None:
    """A short line that is wholly bold opens a section, as writers mean it."""
    document = markdown("# T\n\n## A\n\n**Results**\n\nThey are good.\n")
    assert [b.level for b in document.blocks if isinstance(b, Heading)] == [2, 3]


def test_lines_are_places() -> None:
    """Every block knows the line it begins on."""
    document = markdown("---\ntitle: T\n---\n\nOne.\n\n- a\n\n```\nx\n```\n")
    assert [block.place.line for block in document.blocks] == [5, 7, 9]


def test_too_deep_text_is_counted() -> None:
    """What the parser drops without a word is said."""
    deep = "".join("  " * level + "- entry\n" for level in range(60))
    assert any("nested deeper" in warning for warning in markdown(deep).warnings)


def test_long_tables_are_cut_with_a_word() -> None:
    """A table is read up to a limit, and the rest is counted."""
    document = markdown("| a | b |\n|--|--|\n" + "| 1 | 2 |\n" * 3_000)
    assert len(only(document, Table).rows) == 1_000
    assert any("2000 row" in warning for warning in document.warnings)


@pytest.mark.parametrize(
    "source",
    [
        ">" * 100_000,
        "[" * 100_000,
        "![a](\n" * 20_000,
        "\\begin{equation}\n" * 20_000,
        "\\[\n" * 20_000,
        "[a]: b\n" * 20_000,
        "<!--" * 50_000,
        "$" + "{" * 100_000 + "$",
        "|" + "a|" * 2_000 + "\n|" + "-|" * 2_000 + "\n" + ("|" + "b|" * 2_000 + "\n") * 200,
        "*a_ " * 50_000,
        "word " * 500_000,
    ],
    ids=["quotes", "brackets", "images", "environments", "maths", "references", "comments",
         "braces", "table", "emphasis", "line"],
)  # fmt: skip
def test_hostile_markdown_ends(source: str) -> None:
    """What makes parsers explode is read, or refused, in linear time."""
    try:
        markdown("# T\n\nText.\n\n" + source)
    except EmptyDocument:
        pytest.fail("the text before it was lost")


def test_lines_with_labels_are_a_list() -> None:
    """Nobody ends the lines of a letterhead with two spaces: they are not one sentence."""
    text = "# Minutes\n\n**When:** at noon\n**Where:** the third floor\n\nSome words: others.\n"
    listing = only(markdown(text), Listing)
    assert [(item.label, item.text) for item in listing.items] == [
        ("When", "at noon"),
        ("Where", "the third floor"),
    ]
    assert only(markdown(text), Paragraph).text == "Some words: others."
    assert only(plain(text.replace("*", "")), Listing).items == listing.items
