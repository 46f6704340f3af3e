"""Bodies of requests, taken in within bounds: of size, also after inflating, and of time.

A client must send something every 20 s, and a body must be there in 30 s and a second more for
each 16 kB: whoever is slower holds a connection for nothing.
"""

from __future__ import annotations

import asyncio
import re
import zlib
from collections.abc import AsyncGenerator, Iterator
from contextlib import aclosing
from typing import Any, TypeVar

import msgspec
from starlette.requests import ClientDisconnect, Request

from inkreel.entrypoints.http.problems import FieldProblem, Invalid
from inkreel.errors import BodyTooLarge, BodyTooSlow, BodyTypeRefused, InkreelError

T = TypeVar("T")

Pieces = AsyncGenerator[bytes, None]

STALL_SECONDS = 20.0
BODY_SECONDS = 30.0
BYTES_PER_SECOND = 16_000
PIECE = 256 * 1024
"""Inflated bytes that are held at once."""
JSON_BYTES = 10_000_000
SMALL_BYTES = 65_536
"""JSON that is read in less time than a thread takes to begin."""


def media_type(request: Request) -> str:
    """What the body says it is, without parameters."""
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()


async def chunks(request: Request, limit: int, too_large: InkreelError) -> Pieces:
    """The plain bytes of the body; raises `too_large` when there are more than `limit`, before
    or after inflating. Raises `BodyTooSlow`, `BodyTypeRefused`, `ClientDisconnect`."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise BodyTypeRefused(
            f"The Content-Encoding {coding[:40]!r} is not taken.", hint="Send it plain or as gzip."
        )
    declared = request.headers.get("content-length", "")
    if declared.isdecimal() and int(declared) > limit:
        raise too_large
    inflate = Inflater() if coding.endswith("gzip") else None
    size = 0
    async with aclosing(_received(request, limit, too_large)) as received:
        async for data in received:
            for piece in inflate.feed(data) if inflate else (data,):
                size += len(piece)
                if size > limit:
                    raise too_large
                yield piece
    if inflate is not None:
        inflate.finish()


async def _received(request: Request, limit: int, too_large: InkreelError) -> Pieces:
    loop = asyncio.get_running_loop()
    began, size, more = loop.time(), 0, True
    while more:
        left = began + BODY_SECONDS + size / BYTES_PER_SECOND - loop.time()
        try:
            async with asyncio.timeout(min(STALL_SECONDS, left)):
                message = await request.receive()
        except TimeoutError:
            raise BodyTooSlow(
                f"The body came too slowly: {size} bytes in {loop.time() - began:.0f} s.",
                hint="Send it again over a better connection.",
            ) from None
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        data = message.get("body", b"")
        size += len(data)
        if size > limit:
            raise too_large
        more = message.get("more_body", False)
        if data:
            yield data


class Inflater:
    """gzip, piece by piece, so that a bomb goes off in small portions."""

    def __init__(self) -> None:
        self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._between = True

    def feed(self, data: bytes) -> Iterator[bytes]:
        """Plain pieces of at most `PIECE` bytes. Raises `Invalid`."""
        while data:
            if self._stream.eof:  # a further member
                self._stream = zlib.decompressobj(zlib.MAX_WBITS | 16)
            self._between = False
            try:
                piece = self._stream.decompress(data, PIECE)
            except zlib.error as error:
                raise Invalid(FieldProblem("body", f"not valid gzip ({error})")) from error
            data = self._stream.unconsumed_tail
            if self._stream.eof:
                self._between = True
                data = self._stream.unused_data
            if piece:
                yield piece

    def finish(self) -> None:
        """Raises `Invalid` when the end is missing."""
        if not self._between:
            raise Invalid(FieldProblem("body", "the gzip data ends too early"))


async def whole(request: Request, limit: int) -> bytes:
    """The plain body. Raises `BodyTooLarge` and what `chunks` raises."""
    too_large = BodyTooLarge(
        f"The body has more than {limit / 1e6:.1f} MB.",
        hint="Send long texts as a document: multipart/form-data.",
    )
    async with aclosing(chunks(request, limit, too_large)) as pieces:
        return b"".join([piece async for piece in pieces])


async def decoded(request: Request, kind: type[T], limit: int = JSON_BYTES) -> T:
    """A JSON body as this type. Raises `BodyTypeRefused`, `Invalid` and what `whole` raises."""
    if media_type(request) != "application/json":
        raise BodyTypeRefused(
            f"The Content-Type {media_type(request)[:60]!r} is not taken here.",
            hint="Send application/json.",
        )
    data = await whole(request, limit)
    try:
        if len(data) < SMALL_BYTES:
            return msgspec.json.decode(data, type=kind)
        return await asyncio.to_thread(msgspec.json.decode, data, type=kind)
    except msgspec.ValidationError as error:
        raise refused(error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid(FieldProblem("body", f"not valid JSON ({str(error)[:200]})")) from error


def converted(values: dict[str, Any], kind: type[T]) -> T:
    """Form fields as this type; numbers are written as text. Raises `Invalid`."""
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise refused(error) from error


def refused(error: msgspec.ValidationError) -> Invalid:
    """The field and what is wrong with it."""
    message, _, place = str(error).partition(" - at `$")
    field = place.rstrip("`").lstrip(".") or "body"
    named = re.search(r"(?:unknown|required) field `([^`]*)`", message)
    if named:
        field = named[1] if field == "body" else f"{field}.{named[1]}"
    return Invalid(FieldProblem(field[:200], message[:300]))
