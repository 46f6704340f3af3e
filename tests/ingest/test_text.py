"""Plain text → blocks."""

from __future__ import annotations

import pytest

from inkreel.model import Code, Heading, Listing, Paragraph, Quote

from .conftest import kinds, only, plain

LONG = "Đây là một đoạn văn đủ dài để không ai nhầm nó với một tiêu đề của tài liệu này."


def headings(text: str) -> list[tuple[int, str]]:
    return [(b.level, b.text) for b in plain(text).blocks if isinstance(b, Heading)]


def test_wrapped_lines_are_joined() -> None:
    """A paragraph is what stands between blank lines, whatever its line breaks."""
    document = plain(f"Tiêu đề ngắn\n\nMột câu được\nngắt ra làm\nba dòng.\n\n{LONG}\n")
    assert document.title == "Tiêu đề ngắn"
    assert [b.text for b in document.blocks] == ["Một câu được ngắt ra làm ba dòng.", LONG]  # type: ignore[union-attr]


def test_compounds_keep_their_hyphen() -> None:
    """A hyphen at a line's end goes only when the word is known without it."""
    text = plain("A well-\nknown way of auto-\nmatic and automatic joining.\n\nMore of it.\n")
    assert isinstance(text.blocks[0], Paragraph)
    assert text.blocks[0].text == "A well-known way of automatic and automatic joining."


@pytest.mark.parametrize(
    "line",
    ["KẾT QUẢ", "Kết quả\n-------", "Chương 2", "2.1 Kết quả", "Phần II: Kết quả", "Kết quả"],
)
def test_headings_are_recognised(line: str) -> None:
    """Capitals, underlines, numbers, words like "Chương", and a short line before a long one."""
    text = f"Tên tài liệu\n============\n\n{LONG}\n\n{line}\n\n{LONG} Nữa.\n"
    assert [found for _, found in headings(text)] == [line.partition("\n")[0]]


@pytest.mark.parametrize(
    "line", ["He left.", "1. Buy milk\n2. Go home", "- only this", "Dear all,"]
)
def test_other_short_lines_are_no_headings(line: str) -> None:
    """Sentences, lists and greetings are not sections."""
    assert headings(f"# Title\n\n{LONG}\n\n{line}\n\n{LONG} Nữa.\n") == []


def test_headings_before_lists() -> None:
    """A short line also opens a section when a list, or its announcement, comes next."""
    text = f"Title of it\n\n{LONG}\n\nChuẩn bị\n\nBạn cần:\n- đất\n- chậu\n\nCác bước\n\n1. Gieo\n"
    assert [found for _, found in headings(text)] == ["Chuẩn bị", "Các bước"]


def test_lists_with_labels_and_children() -> None:
    """Dashes, bullets and numbers make lists; deeper ones are children."""
    listing = only(
        plain("Intro to it:\n- Speed: it is\n  very fast\n    - a detail\n- Size\n\n* no\n"),
        Listing,
    )
    assert [(i.label, i.text, i.children) for i in listing.items] == [
        ("Speed", "it is very fast", ("a detail",)),
        ("", "Size", ()),
        ("", "no", ()),
    ]


def test_each_long_line_is_a_paragraph() -> None:
    """Text without blank lines, as notepads write it, is not one huge paragraph."""
    document = plain("\n".join([LONG * 3] * 4))
    assert kinds(document.blocks) == ["Paragraph"] * 4


def test_gutenberg_frame_goes() -> None:
    """The licence around a book is not told, and its title field is the title."""
    document = plain(
        "The Project Gutenberg eBook of A Book\n\nTitle: A Book\n\n"
        "*** START OF THE PROJECT GUTENBERG EBOOK A BOOK ***\n\nIt was late.\n\nIt was dark.\n\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK A BOOK ***\n\nLicence.\n"
    )
    assert document.title == "A Book"
    assert [b.text for b in document.blocks] == ["It was late.", "It was dark."]  # type: ignore[union-attr]


def test_mail_has_its_subject_as_title() -> None:
    """Header fields and signature of a mail are not told; what is cited is a quote."""
    document = plain(
        "From: a@example.org\nSubject: The plan\nDate: Monday\n\nHello there, all.\n\n"
        "> we start\n> at nine\n\n-- \nSig\n"
    )
    assert document.title == "The plan"
    assert kinds(document.blocks) == ["Paragraph", "Quote"]
    assert only(document, Quote).text == "we start at nine"


def test_hostile_text_ends() -> None:
    """Long groups and long lines take linear time."""
    sources = (
        "![a](\n" * 40_000,
        "a-\n" * 40_000,
        "x" * 1_000_000,
        "> " * 200_000 + "a",
        "# " + "a" * 400_000,
        "$ ls\n\n" * 40_000,
        "www." * 100_000 + "\nx",
        "when: now\n" * 40_000,
    )
    for source in sources:
        assert plain("Title\n\n" + source).blocks


def test_what_is_typed_at_a_prompt_is_code() -> None:
    """Commands and commented settings are neither headings nor prose; headings still are."""
    document = plain(
        "# A guide\n\nSome words on how it is done, in a sentence of a line's length or so.\n\n"
        "# cp debian.iso /dev/sdX\n# mount -t proc proc /proc\n\n"
        "Then go on with the second thing, which takes a whole line to be said in.\n\n"
        "$ ls\n\n$ cat notes\n\n"
        "# where the gateway is\noption routers 10.0.0.1;\nsubnet=10.0.0.0/8\n\n"
        "    for name in *.txt; do\n        echo $name\n    done\n\n"
        "# sync\n\n# Introduction to the rest\nHere it begins, with words that are prose again.\n"
    )
    assert document.title == "A guide"
    headings = [block.text for block in document.blocks if isinstance(block, Heading)]
    assert headings == ["Introduction to the rest"]
    first, second = [block.text for block in document.blocks if isinstance(block, Code)]
    assert first == "# cp debian.iso /dev/sdX\n# mount -t proc proc /proc"
    assert second == (
        "$ ls\n\n$ cat notes\n\n# where the gateway is\noption routers 10.0.0.1;\n"
        "subnet=10.0.0.0/8\n\nfor name in *.txt; do\n    echo $name\ndone\n\n# sync"
    )


def test_comments_are_no_headings_where_commands_are_typed() -> None:
    """In a text that marks its headings otherwise, # stands before what root types."""
    text = (
        "The guide\n=========\n\n# cp debian.iso /dev/sdX\n\nWords go on in a sentence here.\n\n"
        "# Disable the network for now\n# and for ever\n\nMore words go on in a sentence here.\n"
    )
    assert headings(text) == []
    assert plain(text).title == "The guide"


def test_the_title_stands_above_all_headings() -> None:
    """A heading of the first level within the text is none of the document's."""
    document = plain("Overview\n--------\n\nWords of it.\n\nAll of it\n=========\n\nMore words.\n")
    assert document.title != "All of it"


def test_small_letters_make_no_command() -> None:
    """A heading may begin with one where nothing is typed."""
    document = plain("# A guide\n\nWords.\n\n## introduction to it\n\nMore words follow here.\n")
    assert [(b.level, b.text) for b in document.blocks if isinstance(b, Heading)] == [
        (2, "introduction to it")
    ]


def test_a_table_of_contents_is_left_out() -> None:
    """Titles with their numbers are told where they stand; a stroke at a line's end joins."""
    document = plain(
        "The guide\n\nTable of Contents\n\n1. Disks\n    1.1. Large ones, and how they are\n"
        "    made\n    1.2. Small ones\n2. Tapes\n\n1. Disks\n\n"
        "Words on disks go on here, in a sentence that is long enough to be prose and/\nor more.\n"
    )
    assert [type(block).__name__ for block in document.blocks] == ["Heading", "Paragraph"]
    assert only(document, Paragraph).text.endswith("to be prose and/or more.")
    assert any("table of contents" in warning for warning in document.warnings)


def test_a_form_is_no_table_of_contents() -> None:
    """Dots are to be filled in: what is numbered below them is told."""
    document = plain(
        "A form\n\nName: ..........................\n\n1. I know the rules.\n2. I keep to them.\n"
    )
    assert [item.text for item in only(document, Listing).items] == [
        "I know the rules.",
        "I keep to them.",
    ]
