"""Bytes → text: byte order mark, strict UTF-8, UTF-16 by its NULs, then the old Vietnamese
code pages (TCVN3, windows-1258) and what a statistical guess says. Always NFC."""

from __future__ import annotations

import codecs
import re
import unicodedata

from charset_normalizer import from_bytes

from inkreel.ingest import sniff

MAX_BYTES = 5_000_000
"""Text beyond this is not read: War and Peace has 3.2 MB."""
MAX_LINES = 150_000

# TCVN 5712:1993 VN3 ("ABC"): lower case with marks, upper case only without tone.
_TCVN3 = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xB5: "àảãá",
    0xB9: "ạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹề",
    0xD3: "ểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳ",
    0xFB: "ỷỹýỵ",
}
_TCVN3_TABLE = {
    start + offset: letter
    for start, letters in _TCVN3.items()
    for offset, letter in enumerate(letters)
}

_VIETNAMESE_WORDS = re.compile(
    r"\b(?:của|và|là|các|không|được|có|cho|một|những|trong|người|với|để|này|đến|khi|đã|từ|như)\b",
    re.IGNORECASE,
)
_DROPPED: dict[int, str | None] = dict.fromkeys(
    (
        *(c for c in range(32) if c not in (9, 10)),
        *range(0x7F, 0xA0),
        0x00AD,  # soft hyphen
        *range(0x200B, 0x200D),  # zero width space and non-joiner
        *range(0x200E, 0x2010),  # direction marks
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        0xFEFF,
        *range(0xFFF9, 0xFFFC),
    )
)
_CLEAN = _DROPPED | {
    0x0B: "\n",
    0x0C: "\n\n",
    0x85: "\n",
    0xA0: " ",
    0x2007: " ",
    0x202F: " ",
    0x2028: "\n",
    0x2029: "\n\n",
}


def decode(data: bytes) -> tuple[str, tuple[str, ...]]:
    """Text in NFC with `\\n` line ends and no control characters, and warnings on what was
    guessed or left out."""
    warnings: list[str] = []
    if len(data) > MAX_BYTES:
        warnings.append(
            f"Only the first {MAX_BYTES // 1_000_000} MB of {len(data) / 1e6:.1f} MB were read."
        )
        data = _cut(data)
    text, warning = _decode(data)
    if warning:
        warnings.append(warning)
    text = clean(text)
    if text.count("\n") > MAX_LINES:
        warnings.append(f"Only the first {MAX_LINES:,} lines were read.")
        text = "\n".join(text.split("\n", MAX_LINES)[:MAX_LINES])
    return text, tuple(warnings)


def clean(text: str) -> str:
    """NFC, `\\n` line ends, no controls, no invisible or direction-changing characters."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").translate(_CLEAN)
    return unicodedata.normalize("NFC", text)


def _cut(data: bytes) -> bytes:
    """The first `MAX_BYTES`, ended behind a line or at least a whole letter."""
    piece = data[: MAX_BYTES - MAX_BYTES % 4]
    if sniff.utf16(data):
        return piece
    line = piece.rfind(b"\n", len(piece) // 2)
    if line >= 0:
        return piece[:line]
    while piece and piece[-1] & 0xC0 == 0x80:
        piece = piece[:-1]
    return piece[:-1] if piece and piece[-1] >= 0xC0 else piece


def _decode(data: bytes) -> tuple[str, str]:
    if data.startswith((codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)):
        return data.decode("utf-32", "replace"), ""
    wide = sniff.utf16(data)
    if wide:
        return data.decode(wide, "replace").removeprefix("\ufeff"), ""
    try:
        return data.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        return _decode_legacy(data)


def _decode_legacy(data: bytes) -> tuple[str, str]:
    patched = data.decode("utf-8-sig", "replace")
    broken = patched.count("\ufffd")
    letters = sum(map(data.count, range(0xC3, 0xF5)))
    score, text, name = _best_vietnamese(data)
    if broken * 20 < letters and _vietnamese(patched) >= score:
        return patched, f"{broken} bytes are not valid UTF-8 and were replaced."
    if score > 0.01:
        return text, f"The text was read as {name}."
    guess = from_bytes(data[: sniff.HEAD]).best()
    encoding = guess.encoding if guess is not None else "cp1252"
    return (
        data.decode(encoding, "replace"),
        f"The text encoding is not Unicode; it was read as {encoding}.",
    )


def _best_vietnamese(data: bytes) -> tuple[float, str, str]:
    readings = (
        (data.decode("latin-1").translate(_TCVN3_TABLE), "TCVN3 (ABC)"),
        (unicodedata.normalize("NFC", data.decode("cp1258", "replace")), "windows-1258"),
    )
    return max((_vietnamese(text), text, name) for text, name in readings)


def _vietnamese(text: str) -> float:
    """Share of words that are among the most frequent Vietnamese ones, in the first 100,000
    characters."""
    head = text[:100_000]
    return len(_VIETNAMESE_WORDS.findall(head)) / max(1, len(head.split()))
