"""multipart/form-data → a document and perhaps music in scratch files, and their fields, never more
than allowed.

Nothing is kept in memory, and the scratch files are gone when the request is, however it ends.
"""

from __future__ import annotations

import asyncio
import errno
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from python_multipart.exceptions import FormParserError
from python_multipart.multipart import MultipartParser, parse_options_header
from starlette.requests import Request

from inkreel.entrypoints.http import body
from inkreel.entrypoints.http.problems import FieldProblem, Invalid
from inkreel.errors import (
    DiskFull,
    DocumentTooLarge,
    FormatMismatch,
    InkreelError,
    MusicUnreadable,
    Unavailable,
)
from inkreel.ingest import sniff
from inkreel.ingest.sources import SUFFIXES
from inkreel.jobs.orders import Material, Upload
from inkreel.ports import Objects

DOCUMENT = "document"
MUSIC = "music"
MAX_FIELDS = 20
FIELD_BYTES = 8_192
ENVELOPE_BYTES = 500_000
"""What a body may have beside its files."""
WRITE_BYTES = 1 << 20
NAME_CHARACTERS = 150

_NEUTRAL = ("", "application/octet-stream", "binary/octet-stream", "application/x-unknown")
_PDF = ("application/pdf", "application/x-pdf")
_TEXT = ("application/markdown", "application/x-markdown")


@dataclass(slots=True)
class Form:
    """What came: the files by the names of their parts, the document among them."""

    fields: dict[str, str]
    name: str
    declared: str
    """Content-Type of the document's part."""
    files: dict[str, Path]

    def material(self) -> Material:
        """The files in memory. Raises `FormatMismatch` when the document's type belies it."""
        music = self.files[MUSIC].read_bytes() if MUSIC in self.files else None
        return Material(self._upload(), music)

    def _upload(self) -> Upload:
        data = self.files[DOCUMENT].read_bytes()
        declared = self.declared
        fits = _PDF if sniff.is_pdf(data) else _TEXT
        text = declared.startswith("text/") and not sniff.is_pdf(data)
        ours = PurePosixPath(self.name).suffix.lower() in SUFFIXES  # others are refused by name
        if data and ours and declared not in (*_NEUTRAL, *fits) and not text:
            raise FormatMismatch(
                f"{self.name} was sent as {declared[:60]}, which it is not.",
                hint="Send the right Content-Type with the file, or application/octet-stream.",
            )
        return Upload(self.name, data)


@asynccontextmanager
async def received(
    request: Request, objects: Objects, limits: dict[str, int]
) -> AsyncIterator[Form]:
    """The form, while it is needed; `limits` are the bytes that each of its files may have. Raises
    `Invalid`, `DocumentTooLarge`, `MusicUnreadable`, `DiskFull` and what `body.chunks` raises."""
    boundary = _boundary(request)
    paths = await asyncio.to_thread(lambda: {name: objects.scratch() for name in limits})
    try:
        parts = Parts(boundary, limits)
        most = sum(limits.values()) + ENVELOPE_BYTES
        pieces = body.chunks(request, most, too_large(DOCUMENT, limits[DOCUMENT]))
        async with aclosing(pieces):
            async for piece in pieces:
                parts.feed(piece)
                if sum(map(len, parts.unwritten.values())) >= WRITE_BYTES:
                    await _write(paths, parts)
        await _write(paths, parts)
        yield parts.form(paths)
    except OSError as error:
        raise _disk(error) from error
    finally:
        await asyncio.to_thread(_remove, *paths.values())


def _remove(*paths: Path) -> None:
    for path in paths:
        path.unlink(missing_ok=True)


async def _write(paths: dict[str, Path], parts: Parts) -> None:
    unwritten, parts.unwritten = parts.unwritten, {}

    def append() -> None:
        for name, data in unwritten.items():
            with paths[name].open("ab") as file:
                file.write(data)

    await asyncio.to_thread(append)


def too_large(name: str, limit: int) -> InkreelError:
    """A file of more than `limit` bytes is refused so."""
    message = f"The {name} has more than {limit / 1e6:.1f} MB."
    if name == MUSIC:
        return MusicUnreadable(message, hint="Use an MP3 of a few minutes.")
    return DocumentTooLarge(message, hint="Split the document, or take large images out of it.")


def _disk(error: OSError) -> DiskFull | Unavailable:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFull("There is no room for the upload.", hint="Try again later.")
    return Unavailable(
        f"The upload cannot be written: {error.strerror}.", hint="Tell the service's operator."
    )


def _boundary(request: Request) -> bytes:
    _, options = parse_options_header(request.headers.get("content-type", ""))
    boundary = options.get(b"boundary", b"")
    if not 0 < len(boundary) <= 70:
        raise Invalid(FieldProblem("body", "the multipart boundary is missing or too long"))
    return boundary


class Parts:
    """The parts of a form, as their bytes come."""

    def __init__(self, boundary: bytes, limits: dict[str, int]) -> None:
        self.unwritten: dict[str, bytearray] = {}
        """What has come of each file since it was last written."""
        self._limits = limits
        self._fields: dict[str, bytearray] = {}
        self._document: tuple[str, str] | None = None
        self._sizes: dict[str, int] = {}
        """Bytes of each file so far."""
        self._into: bytearray | str = ""
        """The field, or the name of the file, that is being read."""
        self._header = (bytearray(), bytearray())
        self._headers: dict[bytes, bytes] = {}
        self._ended = False
        self._parser = MultipartParser(
            boundary,
            {
                "on_part_begin": self._begin,
                "on_header_field": lambda data, start, end: self._header[0].extend(data[start:end]),
                "on_header_value": lambda data, start, end: self._header[1].extend(data[start:end]),
                "on_header_end": self._head,
                "on_headers_finished": self._open,
                "on_part_data": self._data,
                "on_end": self._end,
            },
        )

    def feed(self, data: bytes) -> None:
        """Raises `Invalid`, `DocumentTooLarge`."""
        try:
            self._parser.write(data)
        except FormParserError as error:
            raise Invalid(
                FieldProblem("body", f"not valid multipart/form-data ({error})")
            ) from error

    def form(self, paths: dict[str, Path]) -> Form:
        """What came in all. Raises `Invalid`."""
        if not self._ended:
            raise Invalid(FieldProblem("body", "the last multipart boundary is missing"))
        if self._document is None:
            raise Invalid(
                FieldProblem(DOCUMENT, "a file is required"),
                hint="Send one file in the field `document`, or application/json with `text`.",
            )
        try:
            fields = {name: value.decode() for name, value in self._fields.items()}
        except UnicodeDecodeError as error:
            raise Invalid(FieldProblem("body", "a field is not UTF-8")) from error
        return Form(fields, *self._document, {name: paths[name] for name in self._sizes})

    def _begin(self) -> None:
        self._headers = {}

    def _head(self) -> None:
        name, value = self._header
        self._headers[bytes(name).lower()] = bytes(value)
        self._header = (bytearray(), bytearray())

    def _open(self) -> None:
        _, options = parse_options_header(self._headers.get(b"content-disposition"))
        name = options.get(b"name", b"").decode(errors="replace")
        if b"filename" in options:
            self._open_file(name, options[b"filename"].decode(errors="replace"))
            return
        if name in self._limits:
            raise Invalid(FieldProblem(name, "it must be a file with a name"))
        if name in self._fields:
            raise Invalid(FieldProblem(name[:100], "it stands here twice"))
        if len(self._fields) == MAX_FIELDS:
            raise Invalid(FieldProblem(name[:100], f"there are more than {MAX_FIELDS} fields"))
        self._into = self._fields[name] = bytearray()

    def _open_file(self, name: str, filename: str) -> None:
        if name not in self._limits or name in self._sizes:
            raise Invalid(
                FieldProblem(name[:100], "one file is taken as `document`, and one as `music`")
            )
        self._into, self._sizes[name], self.unwritten[name] = name, 0, bytearray()
        if name == DOCUMENT:
            declared = self._headers.get(b"content-type", b"").decode("latin-1")
            declared = declared.partition(";")[0].strip().lower()
            self._document = (shown_name(filename, "document"), declared)

    def _data(self, data: bytes, start: int, end: int) -> None:
        if isinstance(self._into, str):
            name = self._into
            self._sizes[name] += end - start
            if self._sizes[name] > self._limits[name]:
                raise too_large(name, self._limits[name])
            self.unwritten.setdefault(name, bytearray()).extend(data[start:end])
            return
        self._into += data[start:end]
        if len(self._into) > FIELD_BYTES:
            raise Invalid(FieldProblem("body", f"a field has more than {FIELD_BYTES} bytes"))

    def _end(self) -> None:
        self._ended = True


def shown_name(name: str, otherwise: str) -> str:
    """A file's name to show: its last part, printable, not long, with its suffix."""
    last = name.replace("\\", "/").rpartition("/")[2]
    last = " ".join("".join(c if c.isprintable() else " " for c in last).split())
    suffix = PurePosixPath(last).suffix[:20]
    if len(last) > NAME_CHARACTERS:
        last = last[: NAME_CHARACTERS - len(suffix)] + suffix
    return last or otherwise
