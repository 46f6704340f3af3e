"""One call over HTTP → its body in a file, or `Failed` with what a policy needs to know.

Bodies are streamed: whatever a service sends, memory holds `BATCH` of it, and the file at most
the limit. Nothing that is raised or logged holds a secret: answers are quoted without them, and
URLs are not quoted at all.
"""

from __future__ import annotations

import asyncio
import contextlib
import email.utils
import re
import time
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

import httpx2

from inkreel.providers.policies import Failed, Kind

BATCH = 1 << 20
"""Bytes that are held before a thread writes them."""
TASTE = 2_000
"""Bytes of a refusal that are read, to tell why."""
SHOWN = 160

_KINDS: dict[int, Kind] = {408: "slow", 425: "busy", 429: "busy", 529: "busy"}
_WHY: dict[int, str] = {
    401: "it does not accept the key (401)",
    403: "the key may not do that (403)",
    404: "it does not know the model, the voice or the path (404)",
    429: "it has too much to do, or the quota is used up (429)",
}


class Secrets:
    """Texts that must not be told."""

    def __init__(self, texts: Sequence[str]) -> None:
        self._texts = [text for text in texts if text]

    def hidden(self, text: str) -> str:
        """The text without them."""
        for secret in self._texts:
            text = text.replace(secret, "…")
        return text


async def fetch(
    client: httpx2.AsyncClient, request: httpx2.Request, part: Path, limit: int, secrets: Secrets
) -> None:
    """Send a request and write the body of its answer to `part`, which `limit` bytes fit in.

    Raises `Failed`: refused, busy, away, late, cut off, or too long.
    """
    async with answered(client, request, limit, secrets) as chunks:
        await _write(chunks, part)


@contextlib.asynccontextmanager
async def answered(
    client: httpx2.AsyncClient, request: httpx2.Request, limit: int, secrets: Secrets
) -> AsyncIterator[AsyncIterator[bytes]]:
    """Send a request; gives the body of its answer as it comes, `limit` bytes at most. Raises
    `Failed`, also while it is read."""
    try:
        answer = await client.send(request, stream=True)
        try:
            if not answer.is_success:
                raise await _refusal(answer, secrets)
            _check_head(answer, limit)
            yield _chunks(answer, limit)
        finally:
            await answer.aclose()
    except httpx2.TimeoutException as error:
        raise Failed("slow", f"no answer in time ({type(error).__name__})") from error
    except (httpx2.HTTPError, httpx2.StreamError) as error:
        raise Failed("down", _fault(error)) from error


def _check_head(answer: httpx2.Response, limit: int) -> None:
    told = answer.headers.get("content-length", "")
    if told.isascii() and told.isdigit() and int(told[:18]) > limit:
        raise _too_long(limit)
    if answer.headers.get("content-encoding", "identity").lower() not in ("identity", ""):
        raise Failed("bad", "its answer is packed, which it was not asked for")


async def _chunks(answer: httpx2.Response, limit: int) -> AsyncIterator[bytes]:
    size = 0
    async for chunk in answer.aiter_raw():
        size += len(chunk)
        if size > limit:
            raise _too_long(limit)
        yield chunk


async def _write(chunks: AsyncIterator[bytes], part: Path) -> None:
    waiting: list[bytes] = []
    held, mode = 0, "wb"
    async for chunk in chunks:
        held += len(chunk)
        waiting.append(chunk)
        if held >= BATCH:
            await asyncio.to_thread(_put, part, mode, waiting)
            waiting, held, mode = [], 0, "ab"
    await asyncio.to_thread(_put, part, mode, waiting)


def _put(part: Path, mode: str, chunks: Sequence[bytes]) -> None:
    # Closed by the thread that opened it: nobody else gets it when the call is given up meanwhile.
    with part.open(mode) as file:
        file.writelines(chunks)


def _too_long(limit: int) -> Failed:
    return Failed("bad", f"its answer is longer than {limit / 1e6:g} MB")


async def _refusal(answer: httpx2.Response, secrets: Secrets) -> Failed:
    """Why a service refuses: its status in words, and a line of what it says."""
    status = answer.status_code
    said = b""
    with contextlib.suppress(httpx2.HTTPError, TimeoutError):
        async with asyncio.timeout(2):
            async for chunk in answer.aiter_raw():
                said += chunk
                if len(said) >= TASTE:
                    break
    kind = kind_of(status)
    why = _WHY.get(status, f"it answered {status}")
    quoted = _line(secrets.hidden(said[:TASTE].decode(errors="replace")))
    return Failed(kind, f"{why}{quoted}", retry_after(answer.headers), status)


def kind_of(status: int) -> Kind:
    """What a refusal with this status means."""
    return _KINDS.get(status, "down" if status >= 500 else "refused")


def _line(text: str) -> str:
    """A printable line of it; nothing of a page of HTML."""
    if re.match(r"\s*<", text):
        return ""
    plain = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return f": {plain[:SHOWN]}" if plain else ""


def _fault(error: Exception) -> str:
    """Without the URL, which may hold a secret."""
    if isinstance(error, httpx2.ConnectError):
        return "no connection"
    if isinstance(error, httpx2.RemoteProtocolError):
        return "it broke off, or does not speak HTTP"
    return f"the connection failed ({type(error).__name__})"


def retry_after(headers: httpx2.Headers) -> float:
    """Seconds that the answer asks for: a number or a date; 0 when it does not."""
    text = headers.get("retry-after", "")
    if text.isascii() and text.isdigit():
        return float(text[:9])
    with contextlib.suppress(TypeError, ValueError):
        return max(0.0, email.utils.parsedate_to_datetime(text).timestamp() - time.time())
    return 0.0
