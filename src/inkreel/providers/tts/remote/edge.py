"""Microsoft Edge's read-aloud voices over a web socket: MP3, and when each word begins.

Nobody has promised this service to anyone but Edge. What its maker changes now and then (the
address, a token of the day, the headers) is the package `edge-tts`'s to know; what has to hold (the
guard, the proxy, the limits, the deadline) is our own client's, which speaks the protocol here.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager
from html import escape, unescape
from typing import TYPE_CHECKING, Any

import msgspec

from inkreel.model import Utterance
from inkreel.providers.dialect import decoded
from inkreel.providers.policies import Failed
from inkreel.providers.tts.remote.dialect import placed, utterance
from inkreel.recipes import SayRequest

if TYPE_CHECKING:
    import httpx2

    from inkreel.providers.lines import Line

FORM = "audio-24khz-48kbitrate-mono-mp3"
SOUND_BYTES = 8_000_000
"""Most that is taken for one request: twenty minutes."""
MESSAGE_BYTES = 1_000_000
MOST_WORDS = 100_000
TICKS = 10_000_000
"""A second."""
SKEW_SECONDS = 30
"""A clock that is off by more is set right by the service's: its token goes by the time."""

_UNSAID = dict.fromkeys((*range(9), 11, 12, *range(14, 32)), " ")


class _Listed(msgspec.Struct):
    ShortName: str


class _Text(msgspec.Struct, frozen=True):
    Text: str


class _Heard(msgspec.Struct, frozen=True):
    Offset: int = 0
    text: _Text | None = None


class _Boundary(msgspec.Struct):
    Type: str
    Data: _Heard = _Heard()


class _Metadata(msgspec.Struct):
    Metadata: list[_Boundary]


class Edge:
    """A question, then sound and metadata until `turn.end`: a socket for each."""

    name = "edge/1"

    @property
    def models(self) -> str:
        """The list of voices."""
        from edge_tts.constants import TRUSTED_CLIENT_TOKEN

        return f"/voices/list?trustedclienttoken={TRUSTED_CLIENT_TOKEN}&{_token()}"

    def headers(self, key: str) -> dict[str, str]:  # noqa: ARG002  it has none
        from edge_tts.constants import BASE_HEADERS

        return dict(BASE_HEADERS)

    def known(self, body: bytes) -> frozenset[str]:
        return frozenset(voice.ShortName for voice in decoded(body, list[_Listed]))

    async def say(self, line: Line[Any], request: SayRequest) -> Utterance:
        import httpx2
        from httpx2.websockets import HTTPXWSException, WebSocketUpgradeError

        try:
            async with _socket(line) as socket:
                said = await _caught(socket, request, line.client.timeout.read)
        except httpx2.TimeoutException as error:
            raise Failed("slow", f"no answer in time ({type(error).__name__})") from error
        except WebSocketUpgradeError as error:
            raise _refusal(error.response) from error
        except httpx2.HTTPError as error:
            raise Failed("down", "no connection") from error
        except (HTTPXWSException, ExceptionGroup) as error:
            raise Failed("down", "it does not speak the protocol") from error
        if isinstance(said, Failed):
            raise said
        return said


def _token() -> str:
    """What shows that the caller knows the time and Edge's secret."""
    from edge_tts.constants import SEC_MS_GEC_VERSION
    from edge_tts.drm import DRM

    return f"Sec-MS-GEC={DRM.generate_sec_ms_gec()}&Sec-MS-GEC-Version={SEC_MS_GEC_VERSION}"


def _socket(line: Line[Any]) -> AbstractAsyncContextManager[Any]:
    from edge_tts.constants import TRUSTED_CLIENT_TOKEN, WSS_HEADERS
    from edge_tts.drm import DRM

    named = f"TrustedClientToken={TRUSTED_CLIENT_TOKEN}&ConnectionId={uuid.uuid4().hex}"
    headers = DRM.headers_with_muid(WSS_HEADERS)
    headers.pop("Sec-WebSocket-Version", None)  # the client's own
    return line.client.websocket(
        f"{line.url}/edge/v1?{named}&{_token()}",
        headers=headers,
        max_message_size_bytes=MESSAGE_BYTES,
        keepalive_ping_interval_seconds=None,
    )


def _refusal(answer: httpx2.Response) -> Failed:
    """Why there is no socket. It refuses crowds with 403, and whose clock is wrong."""
    from inkreel.providers.calls import retry_after

    status = answer.status_code
    if status in (403, 429):
        _set_clock(answer.headers)
        return Failed("busy", f"it lets nobody in for now ({status})", retry_after(answer.headers))
    kind = "down" if status >= 500 or status < 400 else "refused"
    return Failed(kind, f"it answered {status}", retry_after(answer.headers))  # type: ignore[arg-type]


def _set_clock(headers: Mapping[str, str]) -> None:
    from edge_tts.drm import DRM

    told = DRM.parse_rfc2616_date(headers.get("date", ""))
    off = (told or 0.0) - DRM.get_unix_timestamp()
    if told is not None and abs(off) > SKEW_SECONDS:
        DRM.adj_clock_skew_seconds(off)


# --- The protocol --------------------------------------------------------------------------------


async def _caught(socket: Any, request: SayRequest, seconds: float | None) -> Utterance | Failed:
    """A failure is returned: what is raised within a socket's task group comes out in another
    shape."""
    from httpx2.websockets import WebSocketDisconnect, WebSocketNetworkError

    try:
        for message in (_configuration(), _question(request)):
            await socket.send_text(message)
        sound = bytearray()
        marks: list[tuple[str, float]] = []
        async for path, body in _answers(socket, seconds):
            if path == "audio":
                sound += body
            elif path == "audio.metadata":
                marks += _marks(body)
            if len(sound) > SOUND_BYTES or len(marks) > MOST_WORDS:
                return Failed("bad", f"its answer is longer than {SOUND_BYTES / 1e6:g} MB")
        return utterance(bytes(sound), request, placed(request.text, marks))
    except TimeoutError:
        return Failed("slow", "it fell silent")
    except WebSocketDisconnect as error:
        return Failed("down", f"it hung up ({error.code})")
    except WebSocketNetworkError:
        return Failed("down", "it broke off")
    except Failed as failed:
        return failed


async def _answers(socket: Any, seconds: float | None) -> AsyncIterator[tuple[str, bytes]]:
    """Paths and bodies until the turn ends. Raises `Failed` (bad) for other frames."""
    import wsproto.events

    while True:
        event = await socket.receive(timeout=seconds)
        if isinstance(event, wsproto.events.TextMessage):
            head, _, body = event.data.encode().partition(b"\r\n\r\n")
        elif isinstance(event, wsproto.events.BytesMessage):
            size = 2 + int.from_bytes(event.data[:2], "big")
            head, body = bytes(event.data[2:size]), bytes(event.data[size:])
        else:
            continue
        path = _header(head, b"path")
        if not path:
            raise Failed("bad", "its answer is not of the protocol")
        if path == "turn.end":
            return
        yield path, body


def _header(head: bytes, name: bytes) -> str:
    for line in head.split(b"\r\n"):
        key, _, value = line.partition(b":")
        if key.strip().lower() == name:
            return value.strip().decode(errors="replace")
    return ""


def _marks(body: bytes) -> list[tuple[str, float]]:
    """Words and the seconds at which they begin."""
    return [
        (unescape(one.Data.text.Text), one.Data.Offset / TICKS)
        for one in decoded(body, _Metadata).Metadata
        if one.Type == "WordBoundary" and one.Data.text is not None
    ]


def _configuration() -> str:
    options = {"sentenceBoundaryEnabled": "false", "wordBoundaryEnabled": "true"}
    audio = {"metadataoptions": options, "outputFormat": FORM}
    body = msgspec.json.encode({"context": {"synthesis": {"audio": audio}}}).decode()
    return (
        f"X-Timestamp:{_now()}\r\nContent-Type:application/json; charset=utf-8\r\n"
        f"Path:speech.config\r\n\r\n{body}\r\n"
    )


def _question(request: SayRequest) -> str:
    language = "-".join(request.voice.split("-")[:2])
    rate = f"{round((request.speed - 1) * 100):+d}%"
    text = escape(request.text.translate(_UNSAID))
    return (
        f"X-RequestId:{uuid.uuid4().hex}\r\nContent-Type:application/ssml+xml\r\n"
        f"X-Timestamp:{_now()}Z\r\nPath:ssml\r\n\r\n"
        "<speak version='1.0' xmlns='http://www.w3.org/2001/10/synthesis' "
        f"xml:lang='{escape(language)}'><voice name='{escape(request.voice)}'>"
        f"<prosody pitch='+0Hz' rate='{rate}' volume='+0%'>{text}</prosody></voice></speak>"
    )


def _now() -> str:
    """As browsers write it."""
    return time.strftime(
        "%a %b %d %Y %H:%M:%S GMT+0000 (Coordinated Universal Time)", time.gmtime()
    )
