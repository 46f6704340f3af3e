"""Laws of every document, whatever its format."""

from __future__ import annotations

import unicodedata

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.errors import InputError
from inkreel.ingest import pictures, read
from inkreel.ingest.language import guess
from inkreel.model import Document, Source
from inkreel.recipes import ReadRequest
from tests.thorough import times

from .conftest import MemoryShelf, markdown, plain, png

MARKS = "#*_`~[]()!>|-+=$\\<>&:1. \n\tabâế"


def strings(value: object) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, dict):
        return [text for part in value.values() for text in strings(part)]
    return (
        [text for part in value for text in strings(part)]
        if isinstance(value, (list, tuple))
        else []
    )


@settings(max_examples=times(50, 150), deadline=None)
@given(
    st.one_of(st.binary(max_size=400), st.text(alphabet=MARKS, max_size=400).map(str.encode)),
    st.sampled_from(["text/markdown", "text/plain", "application/pdf"]),
)
def test_any_bytes_are_read_or_refused(data: bytes, media_type: str) -> None:
    """No bytes raise anything but an input error, and what is read is NFC with unique ids."""
    shelf = MemoryShelf()
    source = Source("x", media_type, shelf.put(data))  # type: ignore[arg-type]
    try:
        document = read(ReadRequest(source), shelf)
    except InputError as refusal:
        error = refusal
    else:
        error = None
        check(document)
    assert error is None or (error.message and error.hint)


def check(document: Document) -> None:
    ids = [block.id for block in document.blocks]
    assert len(ids) == len(set(ids)) > 0
    assert all(unicodedata.is_normalized("NFC", s) for s in strings(msgspec.to_builtins(document)))
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(document), type=Document) == document


PARAGRAPHS = st.lists(
    st.text(alphabet="abcdeơư ", min_size=1, max_size=30).map(lambda s: f"w{s.strip()}."),
    min_size=2, max_size=12, unique=True,
)  # fmt: skip


@settings(deadline=None)
@given(PARAGRAPHS, st.data())
def test_ids_survive_edits_elsewhere(paragraphs: list[str], data: st.DataObject) -> None:
    """Editing one paragraph renames that block alone: scenes of all others are found again."""
    edited = list(paragraphs)
    at = data.draw(st.integers(0, len(edited) - 1))
    edited[at] = "Something else altogether."
    before = markdown("# T\n\n" + "\n\n".join(paragraphs)).blocks
    after = markdown("# T\n\nNew.\n\n" + "\n\n".join(edited)).blocks[1:]
    changed = [i for i, (a, b) in enumerate(zip(before, after, strict=True)) if a.id != b.id]
    assert changed == [at]


def test_repeated_blocks_are_counted() -> None:
    """Equal blocks have ids that differ by a counter only."""
    ids = [block.id for block in markdown("# T\n\nSame.\n\nSame.\n\nSame.\n").blocks]
    assert ids == [ids[0], f"{ids[0]}-2", f"{ids[0]}-3"]
    assert len(ids[0]) == 8


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Hà Nội là thủ đô của nước Việt Nam.", "vi"),
        ("Ha Noi la thu do cua nuoc Viet Nam va khong phai la thanh pho lon nhat", "vi"),
        ("The capital of Vietnam is Hà Nội, and it is an old town.", "en"),
        ("A café is not a Vietnamese word, naïve as it may be.", "en"),
        ("", "en"),
    ],
)
def test_language_is_found(text: str, language: str) -> None:
    """Vietnamese with and without marks is told from English that cites it."""
    assert guess(text)[0] == language


def test_code_has_no_language() -> None:
    """A Vietnamese article full of English code is Vietnamese."""
    code = "```python\n" + "for the item in the list of it and that: pass\n" * 50 + "```\n"
    assert markdown(f"# Học máy\n\nĐoạn văn này giải thích mã.\n\n{code}").language == "vi"


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("my-report_final.md", "My report final"),
        ("stdin", "It begins with a sentence of quite many…"),
    ],
)
def test_title_of_last_resort(name: str, title: str) -> None:
    """Without any heading the file's name is the title; without a name, the first words are."""
    shelf = MemoryShelf()
    data = b"It begins with a sentence of quite many words, more than a title has.\n\nEnd."
    source = Source(name, "text/markdown", shelf.put(data))
    assert read(ReadRequest(source), shelf).title == title


def test_text_and_markdown_agree_on_prose() -> None:
    """The same prose gives the same blocks in both formats."""
    text = "First paragraph, which is a sentence.\n\nSecond paragraph, which is one too.\n"
    assert [b.id for b in plain(text).blocks] == [b.id for b in markdown(text).blocks]


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (png(640, 480), (640, 480)),
        (b"GIF89a\x80\x02\xe0\x01", (640, 480)),
        (b"\xff\xd8\xff\xe0\x00\x04ab\xff\xc0\x00\x11\x08\x01\xe0\x02\x80", (640, 480)),
        (b"RIFF....WEBPVP8 ....\x00\x00\x00\x9d\x01\x2a\x80\x02\xe0\x01", (640, 480)),
        (b"RIFF....WEBPVP8X....\x00\x00\x00\x00\x7f\x02\x00\xdf\x01\x00", (640, 480)),
        (b"RIFF....WEBPVP8L....\x2f\x7f\xc2\x77\x00", (640, 480)),
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="640" height="480px">', (640, 480)),
        (b'<?xml version="1.0"?>\n<!-- a -->\n<svg viewBox="0 0 639.6 480">', (640, 480)),
        (b'<svg width="100%" height="100%" viewBox="0,0,640,480">', (640, 480)),
        (b'<svg width="640" height="99999999">', None),
        (b"<?xml version='1.0'?><html/>", None),
        (b"<svg width='60000' height='60000'>", None),
        (png(0, 5), None),
        (png(60_000, 60_000), None),
        (b"\xff\xd8\xff", None),
        (b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000, None),
        (b"text", None),
    ],
)
def test_picture_sizes_come_from_headers(data: bytes, size: tuple[int, int] | None) -> None:
    """Width and height are read without decoding; damaged and huge pictures have none."""
    assert pictures.size(data) == size


@given(
    st.binary(max_size=80),
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF89a", b"RIFF....WEBPVP8L"]),
)
def test_any_picture_header_is_safe(data: bytes, magic: bytes) -> None:
    """No header raises."""
    pictures.size(magic + data)
