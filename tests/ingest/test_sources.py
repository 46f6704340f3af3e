"""Path or bytes → Source."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from inkreel.errors import (
    DocumentTooLarge,
    EmptyDocument,
    FormatMismatch,
    InputNotFound,
    UnsupportedFormat,
)
from inkreel.ingest.sources import open_source, source_from_bytes

from .conftest import MemoryShelf, png

PDF = b"%PDF-1.7\n..."


def test_import_is_light() -> None:
    """The parent process loads no parser: not with the import, not with the call."""
    code = (
        "import sys; from inkreel.ingest.sources import source_from_bytes as s;"
        "s('a.md', b'# x', lambda data: 'd');"
        "heavy = {'pypdfium2', 'markdown_it', 'charset_normalizer', 'numpy'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("name", "data", "media_type"),
    [
        ("a.md", b"# A", "text/markdown"),
        ("a.MARKDOWN", b"A", "text/markdown"),
        ("a.txt", b"# A", "text/plain"),
        ("a.pdf", PDF, "application/pdf"),
        ("a.pdf", b"\n" * 900 + PDF, "application/pdf"),
        ("stdin", PDF, "application/pdf"),
        ("stdin", b"# A\n\nText\n", "text/markdown"),
        ("stdin", b"See [this](x) and **that**.\n", "text/markdown"),
        ("README", b"A plain note.\nOf two lines.\n", "text/plain"),
        ("a.txt", "Chào".encode("utf-16"), "text/plain"),
        ("a.txt", "Chào các bạn".encode("utf-16-le"), "text/plain"),
    ],
)
def test_kind_is_found(name: str, data: bytes, media_type: str) -> None:
    """The name decides where it says something true, else the bytes do."""
    shelf = MemoryShelf()
    source = source_from_bytes(name, data, shelf.put)
    assert source.media_type == media_type
    assert shelf.read(source.digest) == data


@pytest.mark.parametrize("suffix", [".md", ".txt", ".pdf"])
@pytest.mark.parametrize(
    ("data", "what"),
    [
        (png(1, 1), "PNG"),
        (b"\xff\xd8\xff\xe0rest", "JPEG"),
        (b"GIF89a....", "GIF"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "WebP"),
        (b"PK\x03\x04rest", "zip"),
        (b"PK\x03\x04" + b"." * 99 + b"word/document.xml", "Word"),
        (b"\x7fELF\x02", "program"),
        (b"MZ\x90\x00\x03\x00", "program"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "Office"),
        (b"{\\rtf1 text}", "RTF"),
        (b"\x1f\x8b\x08\x00", "gzip"),
        (b"\x00\x01\x02\x03\x04\x05\x06\x07" * 40, "binary"),
    ],
)
def test_wrong_content_is_named(suffix: str, data: bytes, what: str, shelf: MemoryShelf) -> None:
    """A name that lies is refused, and the message says what the file really is."""
    with pytest.raises(FormatMismatch, match=what) as caught:
        source_from_bytes("a" + suffix, data, shelf.put)
    assert caught.value.hint
    assert not shelf.blobs


@pytest.mark.parametrize(("name", "data"), [("a.md", PDF), ("a.txt", PDF), ("a.pdf", b"Text")])
def test_pdf_and_text_are_not_mixed_up(name: str, data: bytes, shelf: MemoryShelf) -> None:
    """A PDF under a text's name, and the reverse, are told apart."""
    with pytest.raises(FormatMismatch):
        source_from_bytes(name, data, shelf.put)


@pytest.mark.parametrize(
    ("name", "data"), [("a.docx", b"PK\x03\x04"), ("a.rst", b"Text"), ("x", png(1, 1))]
)
def test_other_formats_are_unsupported(name: str, data: bytes, shelf: MemoryShelf) -> None:
    """What we do not read is refused by name, or by content when the name is silent."""
    with pytest.raises(UnsupportedFormat):
        source_from_bytes(name, data, shelf.put)


@pytest.mark.parametrize("data", [b"", b" \n\t\r\n", b"\xef\xbb\xbf \n", b"\xff\xfe \x00\n\x00"])
def test_nothing_is_empty(data: bytes, shelf: MemoryShelf) -> None:
    """White space and byte order marks are no document."""
    with pytest.raises(EmptyDocument):
        source_from_bytes("a.md", data, shelf.put)


def test_size_is_limited(tmp_path: Path, shelf: MemoryShelf) -> None:
    """A file is measured before it is read."""
    (tmp_path / "a.txt").write_bytes(b"x" * 101)
    with pytest.raises(DocumentTooLarge):
        open_source(tmp_path / "a.txt", shelf.put, max_bytes=100)
    with pytest.raises(DocumentTooLarge):
        source_from_bytes("a.txt", b"x" * 101, shelf.put, max_bytes=100)


def test_missing_paths_are_not_found(tmp_path: Path, shelf: MemoryShelf) -> None:
    """A missing file, a directory and an impossible name say which of them it is."""
    with pytest.raises(InputNotFound, match="no file"):
        open_source(tmp_path / "gone.md", shelf.put)
    with pytest.raises(InputNotFound, match="directory"):
        open_source(tmp_path, shelf.put)
    with pytest.raises(InputNotFound):
        open_source(Path("a\0b"), shelf.put)


def test_images_stay_in_the_documents_folder(tmp_path: Path, shelf: MemoryShelf) -> None:
    """Only pictures inside the folder are attached: no address, no way up, no link out of it, no
    file that only claims to be a picture."""
    folder = tmp_path / "doc"
    (folder / "img").mkdir(parents=True)
    for path in (
        folder / "img/a.png",
        folder / "b c.png",
        folder / "d.png",
        folder / "e.png",
        tmp_path / "out.png",
    ):
        path.write_bytes(png(4, 4) + path.name.encode())
    (folder / "fake.png").write_text("text")
    (folder / "link.png").symlink_to(tmp_path / "out.png")
    (folder / "note.md").write_text(
        "![](img/a.png) ![](<b c.png>) ![x][d] <img alt='' src=\"e.png\">\n\n[d]: d.png 'title'\n\n"
        f"![](../out.png) ![](link.png) ![]({tmp_path}/out.png) ![](fake.png) ![](gone.png)\n"
        "![](https://example.org/a.png) ![](file:///etc/passwd) ![](img) ![](/etc/passwd)\n"
    )
    source = open_source(folder / "note.md", shelf.put)
    assert {a.path for a in source.attachments} == {"img/a.png", "b c.png", "d.png", "e.png"}


def test_hostile_references_end(tmp_path: Path, shelf: MemoryShelf) -> None:
    """Looking for images takes linear time on any text."""
    for text in (
        "![" * 300_000,
        "![](" * 200_000,
        "<img " * 200_000,
        "[a" * 300_000,
        "[" * 900_000,
    ):
        (tmp_path / "a.md").write_text(text)
        assert open_source(tmp_path / "a.md", shelf.put).attachments == ()
