"""Bytes → text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.ingest.encodings import _TCVN3_TABLE, MAX_BYTES, decode

VIETNAMESE = (
    "Tiếng Việt là ngôn ngữ của người Việt và là ngôn ngữ chính thức tại Việt Nam. "
    "Đây là tiếng mẹ đẻ của phần lớn dân cư, và được dùng như ngôn ngữ thứ hai của các dân tộc "
    "thiểu số. Những người học nó phải để ý đến các dấu thanh, không được bỏ qua.\n"
)


def as_windows_1258(text: str) -> bytes:
    """Base letter and mark apart, as the code page has them."""
    out = b""
    for letter in unicodedata.normalize("NFC", text):
        for form in (letter, *_split_tone(letter)):
            try:
                out += form.encode("cp1258")
                break
            except UnicodeEncodeError:
                continue
    return out


def _split_tone(letter: str) -> tuple[str, ...]:
    parts = unicodedata.normalize("NFD", letter)
    tones = [c for c in parts if c in "\u0300\u0301\u0303\u0309\u0323"]
    base = unicodedata.normalize("NFC", "".join(c for c in parts if c not in tones))
    return (base + "".join(tones),)


def as_tcvn3(text: str) -> bytes:
    codes = {letter: code for code, letter in _TCVN3_TABLE.items()}
    return bytes(codes.get(letter, ord(letter) if ord(letter) < 128 else 63) for letter in text)


@pytest.mark.parametrize(
    "data",
    [
        VIETNAMESE.encode(),
        VIETNAMESE.encode("utf-8-sig"),
        VIETNAMESE.encode("utf-16"),
        VIETNAMESE.encode("utf-16-le"),
        VIETNAMESE.encode("utf-16-be"),
        VIETNAMESE.encode("utf-32"),
        unicodedata.normalize("NFD", VIETNAMESE).encode(),
        as_windows_1258(VIETNAMESE),
        VIETNAMESE.replace("\n", "\r\n").encode(),
    ],
    ids=["utf8", "bom", "utf16", "le", "be", "utf32", "nfd", "windows-1258", "crlf"],
)
def test_every_encoding_gives_the_same_text(data: bytes) -> None:
    """Old and new encodings of a text are read alike, in NFC."""
    assert decode(data)[0] == VIETNAMESE


def test_tcvn3_is_read() -> None:
    """The ABC fonts' encoding, which guessers take for Latin-1, is recognised by its words."""
    text, warnings = decode(as_tcvn3(VIETNAMESE))
    assert text == VIETNAMESE
    assert "TCVN3" in warnings[0]


def test_latin_text_is_guessed_with_a_word() -> None:
    """Other code pages are guessed, and the guess is said."""
    text, warnings = decode(
        ("Le café était fermé à l'été, très tôt le matin. " * 20).encode("latin-1")
    )
    assert "café était" in text
    assert warnings


def test_a_broken_byte_does_not_spoil_the_rest() -> None:
    """One bad byte in a UTF-8 file is replaced and counted."""
    text, warnings = decode(VIETNAMESE.encode() * 3 + b"\xff" + VIETNAMESE.encode())
    assert text.count("Tiếng Việt") == 4
    assert "1 bytes" in warnings[0]


def test_long_texts_are_cut_at_a_line() -> None:
    """Beyond the limit nothing is read, the last line is whole, and that is said."""
    text, warnings = decode(VIETNAMESE.encode() * 30_000)
    assert MAX_BYTES // 2 < len(text.encode()) <= MAX_BYTES
    assert text.endswith(VIETNAMESE.strip())
    assert "MB were read" in warnings[0]


@given(st.binary(max_size=600))
def test_any_bytes_decode_to_clean_nfc(data: bytes) -> None:
    """Whatever the bytes: NFC, no control characters but tab and line feed, no surrogates."""
    text = decode(data)[0]
    assert unicodedata.is_normalized("NFC", text)
    assert not any(unicodedata.category(c) == "Cs" for c in text)
    assert not any(unicodedata.category(c) == "Cc" and c not in "\t\n" for c in text)
