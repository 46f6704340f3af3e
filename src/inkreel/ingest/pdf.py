"""PDF → blocks: text with its typefaces and places by pdfium, structure by `structure`.

pdfium may abort the process on hostile files; the worker's limits are the other half of this.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pypdfium2 as pdfium
import pypdfium2.raw as raw

from inkreel.errors import DamagedDocument, EncryptedDocument, InputError, NoText, TooManyPages
from inkreel.ingest import chunking, structure
from inkreel.ingest.chunking import Outline
from inkreel.ingest.columns import gutters, order
from inkreel.ingest.encodings import clean
from inkreel.ingest.matter import without_contents
from inkreel.ingest.pagelines import PageText, Piece
from inkreel.ingest.reading import Reading
from inkreel.ingest.ruled import Grid, Rule, grids, rules_of
from inkreel.ingest.running import Page, drop_footnotes, drop_running, most_common_size

MAX_BOOKMARKS = 5_000
_FEWEST_LETTERS = 20
"""A document with fewer letters a page than this, and none of them a sentence, has no text."""


def read_pdf(data: bytes, name: str, max_pages: int) -> Reading:
    """Read a PDF. Raises `EncryptedDocument`, `DamagedDocument`, `TooManyPages` or `NoText`."""
    document = _open(data, name)
    try:
        count = len(document)
        if count == 0:
            raise _damaged(name, "it has no pages")
        if count > max_pages:
            raise TooManyPages(
                f"{name} has {count:,} pages; at most {max_pages:,} are read.",
                hint="Split the document, or raise the limit of pages.",
            )
        return _read(document, name)
    finally:
        document.close()


def _open(data: bytes, name: str) -> pdfium.PdfDocument:
    try:
        return pdfium.PdfDocument(data)
    except pdfium.PdfiumError as error:
        code = getattr(error, "err_code", None)
        if code == raw.FPDF_ERR_PASSWORD:
            raise EncryptedDocument(
                f"{name} is encrypted: it opens only with a password.",
                hint="Save a copy without a password and use that.",
            ) from error
        if code == raw.FPDF_ERR_SECURITY:
            raise EncryptedDocument(
                f"{name} is protected in a way that cannot be read.",
                hint="Save a copy without protection and use that.",
            ) from error
        raise _damaged(name, "it is cut off or no valid PDF") from error


def _damaged(name: str, why: str) -> DamagedDocument:
    return DamagedDocument(
        f"{name} cannot be read: {why}.",
        hint="Download or export the document again; open it in a viewer to check it.",
    )


@dataclass(slots=True)
class _Raw:
    """What is taken from a page while it is open."""

    number: int
    pieces: list[Piece]
    rules: list[Rule]
    height: float
    pictured: bool


def _read(document: pdfium.PdfDocument, name: str) -> Reading:
    raws: list[_Raw] = []
    for number in range(1, len(document) + 1):
        try:
            raws.append(_open_page(document, number))
        except pdfium.PdfiumError:
            continue
    if not raws:
        raise _damaged(name, "none of its pages can be opened")
    pages, tables, listed = _lay_out(raws)
    pictures = sum(page.pictured for page in raws)
    _require_text(pages, name, pictures)
    drop_running(pages)
    body = most_common_size(pages)
    notes = drop_footnotes(pages, body)
    setting = chunking.measure(pages, body)
    blocks, formulas, beside = structure.build(pages, tables, _outline(document), setting)
    left_out = (
        (len(document) - len(raws), "damaged", "page(s)"),
        (pictures, "pictures without text (OCR is not included)", "page(s)"),
        (listed + beside, "table of contents, index, notices of rights", "line(s)"),
        (notes, "small print at the foot of pages", "line(s)"),
        (formulas, "formulas that are drawn, not written", "line(s)"),
    )
    return Reading(
        blocks,
        metadata=_said(lambda: document.get_metadata_value("Title")).strip(),
        warnings=[f"Left out, {why}: {count} {what}." for count, why, what in left_out if count],
    )


def _open_page(document: pdfium.PdfDocument, number: int) -> _Raw:
    page = document[number - 1]
    text = None
    try:
        text = PageText(page)
        pieces = text.pieces()
        pictured = not pieces and _has_image(page)
        rules = rules_of(page) if pieces else []
        return _Raw(number, pieces, rules, page.get_height(), pictured)
    finally:
        if text is not None:
            text.close()
        page.close()


def _lay_out(raws: list[_Raw]) -> tuple[list[Page], dict[int, Grid], int]:
    """Pages with their lines in reading order, the table that a line (by id) belongs to, and how
    many lines of a table of contents were left out."""
    pages: list[Page] = []
    tables: dict[int, Grid] = {}
    found = gutters([page.pieces for page in raws])
    whole = [order(page.pieces, page.number, at) for page, at in zip(raws, found, strict=True)]
    kept = without_contents(whole)
    for raw_page, lines in zip(raws, kept, strict=True):
        for grid in grids(lines, raw_page.rules):
            tables.update((id(line), grid) for line in grid.lines)
        pages.append(Page(lines, raw_page.height))
    return pages, tables, sum(map(len, whole)) - sum(map(len, kept))


def _has_image(page: pdfium.PdfPage) -> bool:
    count = min(raw.FPDFPage_CountObjects(page), 100)
    shapes = (raw.FPDFPage_GetObject(page, index) for index in range(count))
    kinds = {raw.FPDFPageObj_GetType(shape) for shape in shapes}
    return bool(kinds & {raw.FPDF_PAGEOBJ_IMAGE, raw.FPDF_PAGEOBJ_FORM})


def _require_text(pages: list[Page], name: str, pictures: int) -> None:
    text = "".join(piece.text for page in pages for line in page.lines for piece in line.pieces)
    letters = sum(map(str.isalpha, text))
    unknown = text.count("\ufffd") + sum("\ue000" <= c <= "\uf8ff" for c in text)
    if letters < _FEWEST_LETTERS * min(len(pages), 5) and pictures:
        raise _no_text(name, "its pages are pictures (a scan), and OCR is not included")
    if not letters:
        raise _no_text(name, "no page holds any letters")
    if unknown > letters:
        raise _no_text(name, "its fonts do not say which letters they draw")


def _no_text(name: str, why: str) -> InputError:
    return NoText(
        f"{name} has no text that can be read: {why}.",
        hint="Run the document through an OCR program first, and use the PDF or text it writes.",
    )


def _outline(document: pdfium.PdfDocument) -> Outline:
    outline = Outline()
    for bookmark in _bookmarks(document):
        destination = bookmark.get_dest()
        index = destination.get_index() if destination else None
        if index is not None:
            outline.add(index + 1, _said(bookmark.get_title), bookmark.level)
    return outline


def _said(read: Callable[[], str]) -> str:
    """A text beside the pages; none where it is not UTF-16."""
    try:
        return clean(read())
    except UnicodeDecodeError:
        return ""


def _bookmarks(document: pdfium.PdfDocument) -> Iterator[pdfium.PdfBookmark]:
    for count, bookmark in enumerate(document.get_toc(max_depth=6)):
        if count == MAX_BOOKMARKS:
            return
        yield bookmark
