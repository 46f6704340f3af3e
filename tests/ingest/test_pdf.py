"""PDF → blocks."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.errors import (
    DamagedDocument,
    EncryptedDocument,
    InputError,
    NoText,
    TooManyPages,
)
from inkreel.model import Code, Document, Formula, Heading, Listing, Paragraph, Quote, Table
from tests.thorough import times

from .conftest import only, read_bytes, typeset

EXAMPLES = Path(__file__).parents[2] / "examples"


def pdf(source: str) -> Document:
    return read_bytes("paper.pdf", typeset(source))


def texts(document: Document) -> str:
    return "\n".join(str(getattr(block, "text", "")) for block in document.blocks)


@pytest.fixture(scope="module")
def report() -> Document:
    return read_bytes("report.pdf", (EXAMPLES / "report.pdf").read_bytes())


# --- The demo's report ---------------------------------------------------------------------------


def test_report_has_its_headings(report: Document) -> None:
    """Title and sections come from type and outline, without their numbers."""
    assert report.title == "How a content-addressed build cache works"
    assert [(b.level, b.text) for b in report.blocks if isinstance(b, Heading)] == [
        (2, "The problem"),
        (2, "Two tables instead of one"),
        (3, "What belongs in the key"),
        (2, "How a lookup runs"),
        (3, "Early cut-off"),
        (2, "What it saves"),
        (2, "Limits"),
    ]


def test_report_loses_running_heads(report: Document) -> None:
    """Header, footer and page numbers are nowhere in the text."""
    for running in ("Build cache report", "Technical note", "Content-addressed storage", "Page"):
        assert running not in texts(report)


def test_report_keeps_structure(report: Document) -> None:
    """Lists, table, formula and quote of the page are blocks of their kind."""
    listings = [b for b in report.blocks if isinstance(b, Listing)]
    assert [(len(b.items), b.ordered) for b in listings] == [(2, False), (4, True), (3, True)]
    assert [item.label for item in listings[2].items] == ["Hit", "Miss", "Lost content"]
    table = only(report, Table)
    assert table.header == ("Share of hits", "Steps run", "Build time (s)", "Speed-up")
    assert table.rows[-1] == ("99 %", "4", "34", "35.9")
    assert table.caption.startswith("Computed build time")
    assert only(report, Formula).tex.replace(" ", "").startswith("T(h)=(1-h)\\cdotn")
    assert only(report, Quote).text.startswith("An input that is not in the key")
    assert report.warnings == ()


def test_report_joins_lines_into_paragraphs(report: Document) -> None:
    """No paragraph ends within a sentence, and none holds a line break or half a word."""
    for block in report.blocks:
        if isinstance(block, Paragraph):
            assert block.text.endswith((".", ":", "needs")), block.text
            assert "\n" not in block.text
            assert "- " not in block.text


def test_report_places_lie_on_its_pages(report: Document) -> None:
    """Each block can be shown on its page: pages never go back, boxes lie inside the paper."""
    pages = [block.place.page or 0 for block in report.blocks]
    assert pages == sorted(pages)
    assert set(pages) == {1, 2}
    for block in report.blocks:
        left, top, right, bottom = block.place.box or (0.0,) * 4
        assert 0 < left < right < 596
        assert 0 < top < bottom < 842


def test_report_is_typeset_from_its_source() -> None:
    """The committed PDF says what its source says."""
    fresh = pdfium.PdfDocument(typeset((EXAMPLES / "report.typ").read_text()))
    kept = pdfium.PdfDocument(EXAMPLES / "report.pdf")
    try:
        assert [page.get_textpage().get_text_range() for page in fresh] == [
            page.get_textpage().get_text_range() for page in kept
        ]
    finally:
        fresh.close()
        kept.close()


# --- Layout --------------------------------------------------------------------------------------

TWO_COLUMNS = """
#set page(paper: "a4", columns: 2, header: [Proceedings of a Test #h(1fr) 12], numbering: "1")
#set text(size: 9.5pt)
#set par(justify: true, first-line-indent: 1em, spacing: 0.65em)
#set heading(numbering: "1.", outlined: false, bookmarked: false)
#place(top + center, scope: "parent", float: true)[
  #text(18pt, weight: "bold")[On the reading of columns] \\ A. Writer \\ writer\\@example.org]
= Introduction
First sentence of the left column. #lorem(120)

Second paragraph. #lorem(90)
= Method
#lorem(280)
== Details
#lorem(200) The value $x^2 + y_1$ matters.
= Results
Last section begins here. #lorem(120) Last words of all.
"""


def test_two_columns_are_read_one_after_the_other() -> None:
    """Sections come in order, and no line of one column is mixed into the other."""
    document = pdf(TWO_COLUMNS)
    assert document.title == "On the reading of columns"
    assert [b.text for b in document.blocks if isinstance(b, Heading)] == [
        "Introduction", "Method", "Details", "Results",
    ]  # fmt: skip
    paragraphs = [b.text for b in document.blocks if isinstance(b, Paragraph)]
    assert len(paragraphs) == 5
    assert paragraphs[0].startswith("First sentence of the left column. Lorem ipsum dolor sit")
    assert paragraphs[1].startswith("Second paragraph.")
    assert paragraphs[3].endswith("The value x² + y₁ matters.")
    assert paragraphs[4].endswith("Last words of all.")
    assert "writer@" not in texts(document)
    assert "Proceedings" not in texts(document)


@pytest.mark.parametrize("count", [3, 4])
def test_newsletters_are_read_column_by_column(count: int) -> None:
    """Three or four columns, with a headline over all of them."""
    parts = "\n".join(
        f"= Story {n}\nThe story with number {n} begins here. #lorem(140) Here ends story {n}.\n"
        for n in range(1, 7)
    )
    document = pdf(
        f'#set page(paper: "a4", flipped: true, columns: {count}, margin: 1.5cm)\n'
        "#set text(size: 9pt)\n#set par(justify: true)\n"
        '#place(top + center, scope: "parent", float: true)[#text(22pt)[News of the harbour]]\n'
        + parts
    )
    paragraphs = [block.text for block in document.blocks if isinstance(block, Paragraph)]
    assert [text[:23] for text in paragraphs] == [f"The story with number {n}" for n in range(1, 7)]
    assert [text[-8:] for text in paragraphs] == [f"story {n}." for n in range(1, 7)]


def test_headings_without_outline_come_from_type() -> None:
    """Size and weight tell headings and their levels when there are no bookmarks."""
    document = pdf(
        "#set heading(bookmarked: false)\n#text(24pt)[The title of it]\n\n"
        "= Alpha\nSome text stands here. #lorem(30)\n== Beta\n#lorem(30)\n= Gamma\n#lorem(30)\n"
    )
    assert document.title == "The title of it"
    assert [(b.level, b.text) for b in document.blocks if isinstance(b, Heading)] == [
        (2, "Alpha"), (3, "Beta"), (2, "Gamma"),
    ]  # fmt: skip


def test_vietnamese_pdf() -> None:
    """Letters with two marks come out whole, and the language is found."""
    sentence = "Một hệ thống tốt phải dễ hiểu, dễ sửa và được kiểm thử kỹ lưỡng."
    document = pdf(f"= Mở đầu\n{sentence} {sentence}\n\n- Thứ nhất\n- Thứ hai\n")
    assert document.language == "vi"
    assert sentence in texts(document)
    assert [item.text for item in only(document, Listing).items] == ["Thứ nhất", "Thứ hai"]


def test_code_keeps_its_lines() -> None:
    """Lines in a face of fixed width are code, indented as on the page."""
    document = pdf(
        '#show raw: set text(font: "JetBrains Mono")\n= A\nSome text before it stands here.\n'
        "```\ndef f(x):\n    return x + 1\n```\nSome text after it stands here.\n"
    )
    assert only(document, Code).text == "def f(x):\n    return x + 1"


def test_drawn_formulas_are_counted_not_told() -> None:
    """Fractions and integrals fall apart as text: they are left out, and that is said."""
    document = pdf(
        "= A\nSome text before it.\n$ integral_0^1 x^2 / (1 + x) dif x = z $\nText after.\n"
    )
    assert texts(document).split("\n")[-2:] == ["Some text before it.", "Text after."]
    assert any("formulas" in warning for warning in document.warnings)


def test_paragraphs_go_on_over_pages() -> None:
    """A page break within a sentence is no end of a paragraph."""
    document = pdf(
        '#set page(height: 8cm, numbering: "1")\n= A\n#for i in range(60) [word #i goes on ]\nend.'
    )
    paragraph = only(document, Paragraph)
    assert paragraph.text.endswith("word 59 goes on end.")


def test_turned_pages_are_read_upright() -> None:
    """Text that stands sideways on the sheet is read like any other."""
    turned = pdf(
        "#set page(width: 14cm, height: 20cm)\n#rotate(90deg, reflow: true)[#box(width: 16cm)["
        "#text(20pt)[Wide title here] #parbreak() First sentence of it all. #lorem(40)]]"
    )
    assert turned.title == "Wide title here"
    assert texts(turned).startswith("First sentence of it all. Lorem ipsum")


# --- Refusals ------------------------------------------------------------------------------------


def test_scan_has_no_text() -> None:
    """Pages that are pictures are refused with a word on OCR."""
    scan = (
        "#image(bytes(range(256).map(i => 255 - i)), width: 100%, "
        'format: (encoding: "luma8", width: 16, height: 16))'
    )
    with pytest.raises(NoText, match="scan") as caught:
        pdf(f"{scan}\n#pagebreak()\n{scan}")
    assert "OCR" in caught.value.hint


def test_empty_pages_have_no_text() -> None:
    """A drawing without a letter is refused, and not called a scan."""
    with pytest.raises(NoText, match="no page holds any letters"):
        pdf("#rect(width: 2cm, height: 1cm)")


def _rc4(key: bytes, data: bytes) -> bytes:
    state = list(range(256))
    j = 0
    for i in range(256):
        j = (j + state[i] + key[i % len(key)]) % 256
        state[i], state[j] = state[j], state[i]
    out = bytearray()
    i = j = 0
    for byte in data:
        i = (i + 1) % 256
        j = (j + state[i]) % 256
        state[i], state[j] = state[j], state[i]
        out.append(byte ^ state[(state[i] + state[j]) % 256])
    return bytes(out)


def encrypted(password: bytes) -> bytes:
    """A one-page PDF under the standard handler, revision 2 (40-bit RC4), by the specification."""
    padding = bytes.fromhex("28BF4E5E4E758A4164004E56FFFA01082E2E00B6D0683E802F0CA9FE6453697A")
    user = (password + padding)[:32]
    owner = _rc4(hashlib.md5(user).digest()[:5], user)
    identity = bytes(16)
    permissions = (-4).to_bytes(4, "little", signed=True)
    key = hashlib.md5(user + owner + permissions + identity).digest()[:5]
    check = _rc4(key, padding)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>",
        b"<</Filter/Standard/V 1/R 2/P -4/O<%s>/U<%s>>>"
        % (owner.hex().encode(), check.hex().encode()),
    ]
    out = b"%PDF-1.4\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    ids = identity.hex().encode()
    return (
        out
        + b"xref\n0 5\n0000000000 65535 f \n" + table
        + b"trailer\n<</Size 5/Root 1 0 R/Encrypt 4 0 R/ID[<%s><%s>]>>\n" % (ids, ids)
        + b"startxref\n%d\n%%%%EOF" % len(out)
    )  # fmt: skip


def test_password_is_asked_for() -> None:
    """A document that needs a password is refused as such, not as damaged."""
    with pytest.raises(EncryptedDocument) as caught:
        read_bytes("secret.pdf", encrypted(b"secret"))
    assert caught.value.hint
    with pytest.raises(NoText):
        read_bytes("open.pdf", encrypted(b""))


def test_cut_off_files_are_damaged() -> None:
    """A download that ended early is refused with an error of its own, wherever it ended."""
    data = (EXAMPLES / "report.pdf").read_bytes()
    for share in (0.05, 0.3, 0.6, 0.9, 0.97):
        with pytest.raises((DamagedDocument, NoText)):
            read_bytes("report.pdf", data[: int(len(data) * share)])


def test_too_many_pages() -> None:
    """The limit of pages holds, and the error names both numbers."""
    with pytest.raises(TooManyPages, match=r"2 pages; at most 1"):
        read_bytes("report.pdf", (EXAMPLES / "report.pdf").read_bytes(), max_pages=1)


@settings(max_examples=times(20, 60), deadline=None)
@given(st.data())
def test_damaged_bytes_are_refused_or_read(data: st.DataObject) -> None:
    """Whatever bytes are changed in a PDF: a document or an input error, nothing else."""
    damaged = bytearray((EXAMPLES / "report.pdf").read_bytes())
    for _ in range(data.draw(st.integers(1, 20))):
        damaged[data.draw(st.integers(10, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    try:
        document = read_bytes("x.pdf", bytes(damaged))
    except InputError:
        return
    assert document.blocks


def test_titles_that_are_no_text_are_left_out() -> None:
    """Records beside the pages may hold anything, also what is not UTF-16."""
    data = typeset('#set document(title: "Thuỷ triều")\n= Thuỷ triều\nThe sea falls twice a day.')
    whole, half = b"/Title<FEFF0054", b"/Title<FEFFD800"
    assert data.count(whole) == 2  # the document's and a bookmark's
    assert "The sea falls" in texts(read_bytes("paper.pdf", data.replace(whole, half)))
