"""Plain text → blocks."""

from __future__ import annotations

import pytest

from inkreel.model import Heading, Listing, Paragraph, Quote

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
    for source in ("![a](\n" * 40_000, "a-\n" * 40_000, "x" * 1_000_000, "> " * 200_000 + "a"):
        assert plain("Title\n\n" + source).blocks
