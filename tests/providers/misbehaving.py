"""A server of speech and chat on loopback that fails on command, over real connections.

It speaks OpenAI's, Kokoro-FastAPI's, ElevenLabs' and Edge's protocols of speech. What it says is no
speech but has its shape: syllables of a hum, as many as the text has, that fade at their ends. As a
language model it retells what it is shown: see `chatting.py`.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import email.utils
import io
import json
import struct
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from tests.providers import chatting

RATE = 24_000
LETTER = 0.07
"""Seconds."""

Fault = str
"""Empty: answer well. `429`, `503 2` (with Retry-After) …: that status. `hang`, `drip`, `cut`,
`html`, `json`, `empty`, `silence`, `half` (of the sound), `other` (a text thrice as long), `short`
(fewer bytes than WAV says), `endless` (WAV of unknown length), `typed` (the type of a page),
`abrupt` (ends within a sound), `redirect`, `key` (says the key in a 400). On a socket also `late`
(a 403 whose clock is an hour ahead), `frames` (of another protocol), `flood` (sound without end),
`heap` (one message of 2 MB)."""


@dataclass
class Said:
    """A request for speech."""

    text: str
    at: float
    path: str
    headers: dict[str, str]
    body: dict[str, object]


@dataclass
class Server:
    """What it does, and what was done to it."""

    fault: Callable[[int], Fault] = lambda number: ""
    """By the number of the request, from 1."""
    delay: float = 0.0
    holds: Callable[[Said], bool] = lambda said: False
    """Whether a request is not answered yet."""
    said: list[Said] = field(default_factory=list)
    connections: int = 0
    open: int = 0
    port: int = 0
    now: int = 0
    peak: int = 0
    models: tuple[str, ...] = ("tts-test",)
    timestamps: bool = True
    lock: threading.Lock = field(default_factory=threading.Lock)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def root(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def hum(text: str) -> np.ndarray:
    """A syllable for three letters each; it begins and ends softly."""
    letters = max(1, sum(letter.isalpha() for letter in text))
    count = max(1, letters // 3)
    size = int(RATE * LETTER * letters / count)
    at = np.arange(size) / RATE
    tone = sum(np.sin(2 * np.pi * 140 * k * at) / k for k in range(1, 8))
    syllable = np.sin(np.pi * np.arange(size) / size) ** 0.7 * tone
    quiet = np.zeros(RATE // 10)
    sound = np.concatenate([quiet, *[syllable] * count, quiet])
    return (np.clip(sound / 3, -1, 1) * 20_000).astype("<i2")


def wav(pcm: bytes, told: int | None = None) -> bytes:
    length = len(pcm) if told is None else told
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", (length + 36) % 2**32, b"WAVE", b"fmt ", 16,
                       1, 1, RATE, RATE * 2, 2, 16)  # fmt: skip
    return head + struct.pack("<4sI", b"data", length) + pcm


def packed(pcm: bytes, form: str) -> bytes:
    import av

    file = io.BytesIO()
    with av.open(file, "w", format=form) as container:
        stream = container.add_stream({"mp3": "libmp3lame", "flac": "flac"}[form], rate=RATE)
        stream.layout = "mono"
        frame = av.AudioFrame.from_ndarray(np.frombuffer(pcm, "<i2")[None, :], "s16", "mono")
        frame.rate = RATE
        resampler = av.AudioResampler(stream.format or "s16p", "mono", RATE)
        for part in resampler.resample(frame):
            container.mux(stream.encode(part))
        container.mux(stream.encode(None))
    return file.getvalue()


def sound(server: Server, said: Said, fault: Fault) -> bytes:
    pcm = hum(said.text * 3 if fault == "other" else said.text).tobytes()
    if fault == "silence":
        pcm = bytes(len(pcm))
    elif fault == "half":
        pcm = pcm[: len(pcm) // 4 * 2]
    elif fault == "abrupt":
        pcm = pcm[: int(len(pcm) * 0.8) // 2 * 2]
        loud = np.frombuffer(pcm, "<i2").copy()
        loud[-2_000:] = hum("mmm")[RATE // 10 + 1_000 :][:2_000]
        pcm = loud.tobytes()
    form = str(said.body.get("response_format", "wav"))
    if "text-to-speech" in said.path:
        form = "mp3" if "mp3" in said.path else "pcm"
    if fault == "short":
        return wav(pcm[: len(pcm) // 2], told=len(pcm))
    if fault == "endless":
        return wav(pcm, told=0xFFFF_FFFF)
    if form == "wav":
        return wav(pcm)
    return pcm if form == "pcm" else packed(pcm, form)


def answer(server: Server, said: Said, fault: Fault) -> tuple[str, bytes]:
    """Content type and body."""
    if fault == "html":
        return "audio/wav", b"<!doctype html><title>Sign in</title>" + b" " * 2_000
    if fault == "json":
        return "audio/wav", b'{"error": {"message": "no voice"}}'
    if fault == "empty":
        return "audio/wav", b""
    data = sound(server, said, fault)
    if "captioned" in said.path:
        words = said.text.split()
        stamps = [{"word": w, "start_time": 0.1 + 0.3 * n, "end_time": 0.4 + 0.3 * n}
                  for n, w in enumerate(words)]  # fmt: skip
        told = {"audio": base64.b64encode(data).decode(), "audio_format": "audio/wav",
                "timestamps": stamps if server.timestamps else None}  # fmt: skip
        return "application/json", json.dumps(told).encode()
    if "text-to-speech" in said.path:
        seconds = len(hum(said.text)) / RATE
        starts = [0.1 + seconds * n / len(said.text) for n in range(len(said.text))]
        alignment = {"characters": list(said.text), "character_start_times_seconds": starts,
                     "character_end_times_seconds": starts}  # fmt: skip
        told = {"audio_base64": base64.b64encode(data).decode(), "alignment": alignment,
                "normalized_alignment": None}  # fmt: skip
        return "application/json", json.dumps(told).encode()
    return ("text/html" if fault == "typed" else "audio/wav"), data


class Connection:
    def __init__(self, server: Server, reader: asyncio.StreamReader, writer: asyncio.StreamWriter):
        self.server, self.reader, self.writer = server, reader, writer

    async def serve(self) -> None:
        self.server.connections += 1
        self.server.open += 1
        try:
            with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
                while True:
                    await self.one()
        finally:
            self.server.open -= 1
            self.writer.close()

    async def one(self) -> None:
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode("latin-1")
        line, *rest = head.strip().split("\r\n")
        headers = {k.lower(): v.strip() for k, _, v in (one.partition(":") for one in rest)}
        body = await self.reader.readexactly(int(headers.get("content-length", 0)))
        path = line.split()[1]
        if headers.get("upgrade") == "websocket":
            await self.talk(path, headers)
            raise ConnectionError
        if path.startswith("/v1/voices/list"):
            listed = [{"ShortName": one} for one in self.server.models]
            await self.send("200 OK", "application/json", json.dumps(listed).encode())
            return
        if path.startswith("/pictures"):
            await self.picture(path, headers, body)
            return
        if path.endswith("/models"):
            names = self.server.models
            listed = (
                [{"model_id": one} for one in names]
                if "xi-api-key" in headers
                else {"object": "list", "data": [{"id": one, "object": "model"} for one in names]}
            )
            await self.send("200 OK", "application/json", json.dumps(listed).encode())
            return
        given = json.loads(body)
        turns = given.get("messages")
        text = turns[-1]["content"] if turns else str(given.get("input") or given.get("text"))
        said = Said(text, time.monotonic(), path, headers, given)
        with self.server.lock:
            self.server.said.append(said)
            number = len(self.server.said)
        self.server.now += 1
        self.server.peak = max(self.server.peak, self.server.now)
        try:
            await asyncio.sleep(self.server.delay)
            while self.server.holds(said):  # noqa: ASYNC110  it is said in another thread
                await asyncio.sleep(0.02)
            await self.act(said, self.server.fault(number))
        finally:
            self.server.now -= 1

    async def act(self, said: Said, fault: Fault) -> None:
        if fault[:3].isdigit():
            status, _, after = fault.partition(" ")
            more = f"Retry-After: {after}\r\n" if after else ""
            await self.send(f"{status} No", "application/json", b'{"detail": "later"}', more)
        elif fault == "redirect":
            more = "Location: http://127.0.0.1:1/\r\n"
            await self.send("307 Go", "text/plain", b"", more)
        elif fault == "key":
            shown = json.dumps({"error": f"bad key {said.headers.get('authorization', '')}"})
            await self.send("400 No", "application/json", shown.encode())
        elif fault == "hang":
            await self.reader.read()
            raise ConnectionError
        elif fault == "drip":
            await self.drip()
        else:
            status = 200
            if "messages" in said.body and fault not in ("html", "json", "empty"):
                status, kind, data = chatting.answer(said.body, fault)
            else:
                kind, data = answer(self.server, said, fault)
            if fault == "cut":
                self.head("200 OK", kind, len(data))
                self.writer.write(data[: len(data) // 2])
                await self.writer.drain()
                raise ConnectionError
            await self.send(f"{status} {'OK' if status == 200 else 'No'}", kind, data)

    async def talk(self, path: str, headers: dict[str, str]) -> None:
        """A web socket: one question and its answer, as Edge has it."""
        from tests.providers.sockets import Socket, accepted

        with self.server.lock:
            self.server.said.append(Said("", time.monotonic(), path, headers, {}))
            said, number = self.server.said[-1], len(self.server.said)
        fault = self.server.fault(number)
        if fault[:3].isdigit() or fault in ("late", "html"):
            status, _, after = {"late": "403", "html": "200"}.get(fault, fault).partition(" ")
            ahead = email.utils.formatdate(time.time() + (3_600 if fault == "late" else 0))
            more = f"Date: {ahead}\r\n" + (f"Retry-After: {after}\r\n" if after else "")
            await self.send(f"{status} No", "text/html", b"<html>", more)
            return
        self.writer.write(accepted(headers))
        await Socket(self.reader, self.writer, said).answer(fault)

    async def picture(self, path: str, headers: dict[str, str], body: bytes) -> None:
        """A source of images, below `/pictures`."""
        from tests.providers.pictures import answered, asked, streamed

        said = Said(asked(path, body), time.monotonic(), path, headers, json.loads(body or b"{}"))
        with self.server.lock:
            self.server.said.append(said)
            number = len(self.server.said)
        fault = self.server.fault(number)
        if fault[:3].isdigit() or fault in ("hang", "drip", "redirect", "key"):
            await self.act(said, fault)
        elif fault == "huge":
            self.head("200 OK", "image/jpeg", 500_000_000)
            await streamed(self.writer, 500_000_000)
        else:
            kind, data = answered(self.server, said, fault)
            if fault == "cut":
                self.head("200 OK", kind, len(data))
                self.writer.write(data[: len(data) // 2])
                await self.writer.drain()
                raise ConnectionError
            await self.send("200 OK", kind, data)

    async def drip(self) -> None:
        self.head("200 OK", "audio/wav", 1_000_000)
        for byte in wav(bytes(1_000)):
            self.writer.write(bytes([byte]))
            await self.writer.drain()
            await asyncio.sleep(0.1)

    async def send(self, status: str, kind: str, data: bytes, more: str = "") -> None:
        self.head(status, kind, len(data), more)
        self.writer.write(data)
        await self.writer.drain()

    def head(self, status: str, kind: str, length: int, more: str = "") -> None:
        told = (
            f"HTTP/1.1 {status}\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{more}\r\n"
        )
        self.writer.write(told.encode())


@contextmanager
def misbehaving(fault: Callable[[int], Fault] = lambda number: "") -> Iterator[Server]:
    """The server, in a thread of its own."""
    server = Server(fault)
    loop = asyncio.new_event_loop()
    tasks: set[asyncio.Task[None]] = set()
    ready = threading.Event()
    over = asyncio.Event()

    async def serve() -> None:
        async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            task = asyncio.current_task()
            assert task
            tasks.add(task)
            task.add_done_callback(tasks.discard)
            with contextlib.suppress(asyncio.CancelledError):  # the server ends
                await Connection(server, reader, writer).serve()

        listener = await asyncio.start_server(accept, "127.0.0.1", 0)
        server.port = listener.sockets[0].getsockname()[1]
        ready.set()
        await over.wait()
        listener.close()
        for task in list(tasks):
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    thread = threading.Thread(target=lambda: loop.run_until_complete(serve()), daemon=True)
    thread.start()
    ready.wait()
    try:
        yield server
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()
