"""Edge's side of a web socket, for the server that misbehaves."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import json
import re
import xml.etree.ElementTree as ET

import wsproto
from wsproto.connection import ConnectionType
from wsproto.events import BytesMessage, CloseConnection, Event, TextMessage

from tests.providers.misbehaving import RATE, Fault, Said, hum, packed

GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
PIECE = 700
"""Bytes of sound in a message, about what Edge sends."""


def accepted(headers: dict[str, str]) -> bytes:
    """The answer to a handshake."""
    key = hashlib.sha1((headers["sec-websocket-key"] + GUID).encode()).digest()
    return (
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Accept: {base64.b64encode(key).decode()}\r\n\r\n"
    ).encode()


def framed(path: str, body: bytes, kind: str = "audio/mpeg") -> bytes:
    head = f"X-RequestId:1\r\nContent-Type:{kind}\r\nPath:{path}\r\n".encode()
    return len(head).to_bytes(2, "big") + head + body


class Socket:
    """A connection that has become a socket."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, said: Said
    ) -> None:
        self.reader, self.writer, self.said = reader, writer, said
        self.protocol = wsproto.connection.Connection(ConnectionType.SERVER)

    async def answer(self, fault: Fault) -> None:
        configuration = await self.text()
        assert '"wordBoundaryEnabled":"true"' in configuration
        question = (await self.text()).partition("\r\n\r\n")[2]
        speak = ET.fromstring(question)
        voice = next(iter(speak))
        self.said.text = "".join(speak.itertext())
        self.said.body = {"voice": voice.get("name"), "rate": voice[0].get("rate")}
        await self.send(TextMessage("X-RequestId:1\r\nPath:turn.start\r\n\r\n{}"))
        if fault == "hang":
            await self.reader.read()
        elif fault == "frames":
            await self.send(BytesMessage(b"\x00"))
        elif fault == "heap":
            await self.send(BytesMessage(framed("audio", bytes(2_000_000))))
            await self.reader.read()
        elif fault in ("flood", "drip"):
            await self.endless(0.1 if fault == "drip" else 0)
        else:
            await self.say(fault)

    async def say(self, fault: Fault) -> None:
        pcm = hum(self.said.text * 3 if fault == "other" else self.said.text).tobytes()
        if fault == "silence":
            pcm = bytes(len(pcm))
        elif fault == "half":
            pcm = pcm[: len(pcm) // 4 * 2]
        sound = b"" if fault == "empty" else packed(pcm, "mp3")
        words = self.words()
        for at in range(0, len(sound), PIECE):
            if words:
                await self.metadata([words.pop(0)], fault)
            await self.send(BytesMessage(framed("audio", sound[at : at + PIECE])))
            if fault == "cut" and at > len(sound) // 2:
                return
        await self.metadata(words, fault)
        await self.send(TextMessage("X-RequestId:1\r\nPath:turn.end\r\n\r\n{}"))
        await self.send(CloseConnection(1000))

    async def metadata(self, words: list[dict[str, object]], fault: Fault) -> None:
        told = [{"Type": "WordBoundary", "Data": word} for word in words]
        told.append({"Type": "SessionEnd", "Data": {"Offset": 1}})
        body = "<html>" if fault == "json" else json.dumps({"Metadata": told})
        await self.send(TextMessage(f"X-RequestId:1\r\nPath:audio.metadata\r\n\r\n{body}"))

    def words(self) -> list[dict[str, object]]:
        """Spread over the sound."""
        found = [word.rstrip(".,") for word in re.findall(r"\S+", self.said.text)]
        length = len(hum(self.said.text)) / RATE * 10_000_000
        return [
            {
                "Offset": int(length * number / len(found)),
                "Duration": 1,
                "text": {"Text": word.replace("&", "&amp;"), "Length": len(word)},
            }
            for number, word in enumerate(found)
        ]

    async def endless(self, wait: float) -> None:
        while True:
            await self.send(BytesMessage(framed("audio", b"\xff\xfb" * 20_000)))
            await asyncio.sleep(wait)

    async def text(self) -> str:
        said = ""
        while True:
            for event in self.protocol.events():
                if isinstance(event, TextMessage):
                    said += event.data
                    if event.message_finished:
                        return said
            data = await self.reader.read(65_536)
            if not data:
                raise ConnectionError
            self.protocol.receive_data(data)

    async def send(self, event: Event) -> None:
        self.writer.write(self.protocol.send(event))
        await self.writer.drain()
