"""Path or bytes → Source: the part of reading that the parent process may do.

It compares magic bytes, finds the images a Markdown file refers to with bounded patterns, and
hands all bytes to the store. It parses nothing and imports no parser.
"""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from pathlib import Path, PurePosixPath
from typing import Literal
from urllib.parse import unquote

from inkreel.errors import (
    DocumentTooLarge,
    EmptyDocument,
    FormatMismatch,
    InputNotFound,
    UnsupportedFormat,
)
from inkreel.ingest import sniff
from inkreel.model import Attachment, Digest, Source

MediaType = Literal["text/markdown", "text/plain", "application/pdf"]
Put = Callable[[bytes], Digest]

MAX_BYTES = 50_000_000
MAX_IMAGE_BYTES = 20_000_000
MAX_IMAGES = 200

_KINDS: dict[str, MediaType] = {
    ".md": "text/markdown",
    ".markdown": "text/markdown",
    ".mdown": "text/markdown",
    ".mkd": "text/markdown",
    ".txt": "text/plain",
    ".text": "text/plain",
    ".pdf": "application/pdf",
}
SUFFIXES = tuple(_KINDS)
"""Of the names of documents."""
_SUPPORTED = "Inkreel reads Markdown (.md), plain text (.txt) and PDF (.pdf)."

# Each runs over a bounded stretch and excludes its own delimiters: linear on any input.
_REFERENCES = (
    re.compile(r"!\[[^\[\]\n]{0,500}\]\(\s{0,4}(?:<([^<>\n]{1,500})>|([^\s()<>]{1,500}))"),
    re.compile(r"^ {0,3}\[[^\[\]\n]{1,200}\]:[ \t]{0,8}<?([^\s<>]{1,500})", re.MULTILINE),
    re.compile(r"<img\b[^<>]{0,800}?\bsrc\s{0,2}=\s{0,2}[\"']?([^\"'\s<>]{1,500})", re.IGNORECASE),
)


def open_source(path: Path, put: Put, *, max_bytes: int = MAX_BYTES) -> Source:
    """Take a file in, with the local images that a Markdown file shows.

    Raises `InputNotFound`, `DocumentTooLarge`, `EmptyDocument`, `FormatMismatch` or
    `UnsupportedFormat`.
    """
    data = _read_file(path, max_bytes)
    media_type = _media_type(path.name, data)
    digest = put(data)
    attachments: tuple[Attachment, ...] = ()
    if media_type == "text/markdown":
        attachments = _attach_images(data, path.parent, put)
    return Source(path.name, media_type, digest, attachments)


def source_from_bytes(name: str, data: bytes, put: Put, *, max_bytes: int = MAX_BYTES) -> Source:
    """Take bytes in, as they come from stdin or an upload. A name without extension (`stdin`)
    says nothing about the kind: it is sniffed. Raises what `open_source` raises."""
    if len(data) > max_bytes:
        raise _too_large(name, len(data), max_bytes)
    return Source(name, _media_type(name, data), put(data))


def _read_file(path: Path, max_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            status = os.fstat(file.fileno())
            if status.st_size > max_bytes:
                raise _too_large(path.name, status.st_size, max_bytes)
            # One byte more than allowed: a pipe or a growing file has no honest size.
            data = file.read(max_bytes + 1)
    except FileNotFoundError:
        raise InputNotFound(
            f"There is no file {path}.", hint="Check the path and its spelling."
        ) from None
    except IsADirectoryError:
        raise InputNotFound(
            f"{path} is a directory, not a document.", hint="Name one file inside it."
        ) from None
    except PermissionError:
        raise InputNotFound(
            f"{path} may not be read by this user.", hint="Give read permission, e.g. chmod +r."
        ) from None
    except (OSError, ValueError) as error:
        raise InputNotFound(
            f"{path} cannot be read: {error}.", hint="Check the path and the disk."
        ) from error
    if len(data) > max_bytes:
        raise _too_large(path.name, len(data), max_bytes)
    return data


def _too_large(name: str, size: int, max_bytes: int) -> DocumentTooLarge:
    return DocumentTooLarge(
        f"{name} has {size / 1e6:.1f} MB; at most {max_bytes / 1e6:.1f} MB are accepted.",
        hint="Split the document, or take large images out of it.",
    )


def _media_type(name: str, data: bytes) -> MediaType:
    if sniff.is_blank(data):
        raise EmptyDocument(
            f"{name} is empty." if not data else f"{name} holds nothing but white space.",
            hint="Check that the file was saved.",
        )
    suffix = PurePosixPath(name).suffix.lower()
    said = _KINDS.get(suffix)
    really = sniff.foreign(data)
    if said is None:
        return _unnamed(name, suffix, really, data)
    if really:
        raise FormatMismatch(
            f"{name} is named {suffix}, but it is {really}.",
            hint=f"Export the document in a format that its name says. {_SUPPORTED}",
        )
    if (said == "application/pdf") != sniff.is_pdf(data):
        truth = "a text file" if said == "application/pdf" else "a PDF"
        right = ".txt or .md" if said == "application/pdf" else ".pdf"
        raise FormatMismatch(
            f"{name} is named {suffix}, but it is {truth}.", hint=f"Rename it to end in {right}."
        )
    return said


def _unnamed(name: str, suffix: str, really: str, data: bytes) -> MediaType:
    """The kind of data whose name does not tell: README, stdin."""
    if suffix or really:
        what = f"it is {really}" if really else f"{suffix} files are not read"
        raise UnsupportedFormat(
            f"{name} cannot be used: {what}.",
            hint=f"{_SUPPORTED} Save or export the document as one of them.",
        )
    if sniff.is_pdf(data):
        return "application/pdf"
    return "text/markdown" if sniff.looks_like_markdown(data) else "text/plain"


# --- Images beside a Markdown file ---------------------------------------------------------------


def _attach_images(data: bytes, folder: Path, put: Put) -> tuple[Attachment, ...]:
    text = data.decode("utf-8", "replace")
    found = dict.fromkeys(
        next(filter(None, match.groups()), "")
        for pattern in _REFERENCES
        for match in pattern.finditer(text)
    )
    attachments: list[Attachment] = []
    for reference in found:
        if len(attachments) == MAX_IMAGES:
            break
        image = _image_bytes(reference, folder)
        if image is not None:
            attachments.append(Attachment(reference, put(image)))
    return tuple(attachments)


def _image_bytes(reference: str, folder: Path) -> bytes | None:
    """The bytes of a local image inside `folder`, or None: what may not or cannot be shown is
    missing from the attachments, and the reader says so in the document's warnings."""
    relative = unquote(reference.partition("#")[0].partition("?")[0])
    if not relative or relative.startswith(("/", "\\", "~")) or ":" in relative:
        return None
    try:
        root = folder.resolve(strict=True)
        target = (root / relative).resolve(strict=True)
        if not target.is_relative_to(root):
            return None
        descriptor = os.open(target, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with os.fdopen(descriptor, "rb") as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode) or status.st_size > MAX_IMAGE_BYTES:
                return None
            if not is_picture(file.read(16)):
                return None
            file.seek(0)
            return file.read(MAX_IMAGE_BYTES)
    except (OSError, ValueError, RuntimeError):
        return None


def is_picture(head: bytes) -> bool:
    """PNG, JPEG, GIF, WebP or SVG by the first 16 bytes."""
    if head.lstrip().startswith((b"<svg", b"<?xml")):
        return True
    return head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a")) or (
        head.startswith(b"RIFF") and head[8:12] == b"WEBP"
    )
