"""Source → Document: what all formats share around their readers."""

from __future__ import annotations

import unicodedata

from inkreel.errors import DamagedDocument, EmptyDocument, FormatMismatch
from inkreel.ingest import sniff
from inkreel.ingest.captions import attach_captions
from inkreel.ingest.encodings import decode
from inkreel.ingest.identity import name_blocks
from inkreel.ingest.language import guess, prose
from inkreel.ingest.reading import Reading
from inkreel.ingest.titles import choose_title
from inkreel.model import AnyBlock, Document, Language
from inkreel.ports import Shelf
from inkreel.recipes import ReadRequest


def read_source(request: ReadRequest, shelf: Shelf) -> Document:
    """Read the source's bytes. Raises a subclass of `InputError`."""
    data = shelf.read(request.source.digest)
    name = request.source.name
    if sniff.is_blank(data):
        raise EmptyDocument(f"{name} is empty.", hint="Check that the file was saved.")
    foreign = sniff.foreign(data)
    if foreign or (request.source.media_type != "application/pdf" and sniff.is_pdf(data)):
        raise FormatMismatch(
            f"{name} was taken for {request.source.media_type}, but it is {foreign or 'a PDF'}.",
            hint="Export the document as Markdown, text or PDF.",
        )
    try:
        reading = _read(request, data, shelf)
    except RecursionError as error:
        raise DamagedDocument(
            f"{name} is nested too deeply to be read.", hint="Flatten its lists and quotes."
        ) from error
    return _finish(request, reading)


def _read(request: ReadRequest, data: bytes, shelf: Shelf) -> Reading:
    """Only the reader that is needed is imported: a note needs no PDF library."""
    source = request.source
    if source.media_type == "application/pdf":
        from inkreel.ingest.pdf import read_pdf

        return read_pdf(data, source.name, request.max_pages)
    text, warnings = decode(data)
    if source.media_type == "text/plain":
        from inkreel.ingest.text import read_text

        reading = read_text(text)
    else:
        from inkreel.ingest.markdown import read_markdown

        reading = read_markdown(text, source, shelf.read)
    reading.warnings[:0] = warnings
    return reading


def _finish(request: ReadRequest, reading: Reading) -> Document:
    blocks = attach_captions(reading.blocks)
    title, blocks = choose_title(
        blocks, stated=reading.stated, metadata=reading.metadata, name=request.source.name
    )
    if not blocks:
        raise EmptyDocument(
            " ".join((f"{request.source.name} holds nothing that can be told.", *reading.warnings)),
            hint="Add text: a title, comments, links and remote images alone make no video.",
        )
    language, doubt = _language(request, reading, title, blocks)
    return Document(
        title=unicodedata.normalize("NFC", title),
        language=language,
        blocks=name_blocks(blocks),
        warnings=(*reading.warnings, doubt) if doubt else tuple(reading.warnings),
    )


def _language(
    request: ReadRequest, reading: Reading, title: str, blocks: list[AnyBlock]
) -> tuple[Language, str]:
    if request.language != "auto":
        return request.language, ""
    stated = reading.language.strip().lower()[:2]
    if stated == "vi":
        return "vi", ""
    if stated == "en":
        return "en", ""
    return guess(f"{title}\n{prose(blocks)}")
