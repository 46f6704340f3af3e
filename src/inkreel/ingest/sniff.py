"""Bytes → what they are, by hand: magic numbers first, the share of control bytes last.

Light enough for the parent process: looks at a few kilobytes and parses nothing.
"""

from __future__ import annotations

import re

HEAD = 65_536
"""Bytes at the start that are looked at."""

_MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n\x1a\n", "a PNG image"),
    (b"\xff\xd8\xff", "a JPEG image"),
    (b"GIF87a", "a GIF image"),
    (b"GIF89a", "a GIF image"),
    (b"II*\x00", "a TIFF image"),
    (b"MM\x00*", "a TIFF image"),
    (b"\x00\x00\x01\x00", "an icon"),
    (b"8BPS", "a Photoshop image"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Office file (.doc, .xls or .ppt)"),
    (b"{\\rtf", "an RTF document"),
    (b"%!PS", "a PostScript file"),
    (b"PK\x03\x04", "a zip archive"),
    (b"PK\x05\x06", "an empty zip archive"),
    (b"Rar!\x1a\x07", "a RAR archive"),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive"),
    (b"\x1f\x8b", "a gzip archive"),
    (b"BZh", "a bzip2 archive"),
    (b"\xfd7zXZ\x00", "an xz archive"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard archive"),
    (b"\x7fELF", "a program (ELF)"),
    (b"\xcf\xfa\xed\xfe", "a program (Mach-O)"),
    (b"\xca\xfe\xba\xbe", "a Java class or Mach-O program"),
    (b"\x00asm", "a WebAssembly program"),
    (b"OggS\x00", "an Ogg sound or film"),
    (b"fLaC\x00", "a FLAC sound"),
    (b"ID3\x02", "an MP3 sound"),
    (b"ID3\x03", "an MP3 sound"),
    (b"ID3\x04", "an MP3 sound"),
    (b"\x1a\x45\xdf\xa3", "a Matroska or WebM film"),
    (b"SQLite format 3\x00", "an SQLite database"),
    (b"wOFF", "a font"),
    (b"wOF2", "a font"),
    (b"OTTO\x00", "a font"),
    (b"\x00\x01\x00\x00\x00", "a font"),
)

_RIFF = {b"WEBP": "a WebP image", b"WAVE": "a WAVE sound", b"AVI ": "an AVI film"}

_ZIP_MEMBERS: tuple[tuple[bytes, str], ...] = (
    (b"word/document.xml", "a Word document (.docx)"),
    (b"ppt/presentation.xml", "a PowerPoint file (.pptx)"),
    (b"xl/workbook.xml", "an Excel workbook (.xlsx)"),
    (b"application/epub+zip", "an EPUB book"),
    (b"application/vnd.oasis.opendocument", "an OpenDocument file"),
)

_CONTROL = bytes(code for code in range(32) if code not in b"\t\n\x0b\x0c\r\x08\x1b") + b"\x7f"
_MARKDOWN = re.compile(
    r"""^(?: \#{1,6}[ ]\S | \s{0,3}(?:```|~~~) | \s{0,3}[-*+][ ]\S.*\*\*
        | \|.*\|\s*$ | \s{0,3}>[ ]?\S | ---[ \t]*$ | \s{0,3}\d+\.[ ]+\*\*
        | .*(?:\]\([^)\s]+\) | \*\*\S | `\S) )""",
    re.VERBOSE | re.MULTILINE,
)


def is_pdf(data: bytes) -> bool:
    """Whether `%PDF-` stands in the first 1,024 bytes, as readers accept it."""
    return b"%PDF-" in data[:1024]


def foreign(data: bytes) -> str:
    """What the bytes are when they are no document of ours ("a PNG image"), else ""."""
    if is_pdf(data):
        return ""
    for magic, what in _MAGIC:
        if data.startswith(magic):
            return _zip_kind(data) if magic == b"PK\x03\x04" else what
    if data.startswith(b"RIFF") and data[8:12] in _RIFF:
        return _RIFF[data[8:12]]
    if data[4:8] == b"ftyp":
        return "an MP4, HEIC or AVIF file"
    head = data[:HEAD]
    if b"\x00" in head[:512]:
        if data.startswith(b"MZ"):
            return "a program for Windows"
        if data.startswith(b"BM"):
            return "a BMP image"
    return "binary data" if is_binary(head) else ""


def _zip_kind(data: bytes) -> str:
    """Names a zip by members that its directory (the end of the file) or its start lists."""
    ends = data[:HEAD] + data[-HEAD:]
    return next((what for member, what in _ZIP_MEMBERS if member in ends), "a zip archive")


def utf16(data: bytes) -> str:
    """`utf-16-le` or `utf-16-be` when byte order mark or NUL pattern say so, else ""."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16-le" if data[0] == 0xFF else "utf-16-be"
    head = data[:4096]
    if len(head) < 4:
        return ""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    half = len(head) // 2
    # Latin letters have a zero high byte; Vietnamese ones (U+1Exx) do not, hence 30 %.
    if odd > 0.3 * half and even < 0.02 * half:
        return "utf-16-le"
    if even > 0.3 * half and odd < 0.02 * half:
        return "utf-16-be"
    return ""


def is_binary(head: bytes) -> bool:
    """More control bytes than any text has. UTF-16 is text."""
    if not head or utf16(head):
        return False
    controls = len(head) - len(head.translate(None, _CONTROL))
    return controls > max(2, 0.01 * len(head))


def is_blank(data: bytes) -> bool:
    """Nothing but white space, NULs and byte order marks."""
    if utf16(data):
        data = data.removeprefix(b"\xff\xfe").removeprefix(b"\xfe\xff")
    return not data.removeprefix(b"\xef\xbb\xbf").strip(b" \t\r\n\x0b\x0c\x00")


def looks_like_markdown(data: bytes) -> bool:
    """Whether at least one line in twenty-five of the first 16 KiB carries Markdown's marks."""
    lines = [line[:400] for line in data[:16_384].decode("utf-8", "replace").splitlines()]
    filled = [line for line in lines if line.strip()]
    marked = sum(1 for line in filled if _MARKDOWN.match(line))
    return marked > 0 and marked >= len(filled) / 25
