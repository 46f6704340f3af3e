"""Sources of images, for the server that misbehaves: it makes, finds and serves coloured stripes.

Below `/pictures`: `/images/generations` (OpenAI's), `/search` (Pexels'), `/?…` (Pixabay's) and the
files that they name. Further faults: `bomb` (a PNG of 900 million pixels), `tiny`, `gif`, `none`
(nothing is found), `private` (names an address of ours), `rebound` (a name that leads to one),
`linked` (names a file of its own), `huge` (500 MB).
"""

from __future__ import annotations

import asyncio
import base64
import json
import struct
import urllib.parse
import zlib
from functools import cache

import numpy as np
import pyvips

from tests.providers.misbehaving import Fault, Said, Server


def asked(path: str, body: bytes) -> str:
    """What a picture is to show."""
    if body:
        return str(json.loads(body).get("prompt", ""))
    parameters = urllib.parse.parse_qs(urllib.parse.urlsplit(path).query)
    return (parameters.get("query") or parameters.get("q") or [path])[0]


@cache
def stripes(width: int = 1_200, height: int = 900, form: str = ".jpg") -> bytes:
    """A picture: what catches the eye is a red square at its right."""
    pixels = np.full((height, width, 3), 200, np.uint8)
    pixels[:, :, 2] = np.linspace(120, 220, height, dtype=np.uint8)[:, None]
    edge = height // 4
    pixels[edge : 2 * edge, width - 2 * edge : width - edge] = (220, 30, 30)
    image = pyvips.Image.new_from_memory(pixels.tobytes(), width, height, 3, "uchar")
    data: bytes = image.write_to_buffer(form)
    return data


def bomb(side: int = 30_000) -> bytes:
    """A PNG that says it is large; its rows are one colour, packed a thousand to one."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
        )

    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    rows = zlib.compress(bytes(side * 3 + 1) * 50)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def picture(fault: Fault) -> bytes:
    if fault == "bomb":
        return bomb()
    if fault == "tiny":
        return stripes(40, 30)
    if fault == "gif":
        return stripes(form=".gif")
    if fault == "html":
        return b"<!doctype html><title>Sign in</title>" + b" " * 2_000
    if fault == "empty":
        return b""
    return stripes()


def answered(server: Server, said: Said, fault: Fault) -> tuple[str, bytes]:
    """Content type and body."""
    if said.path.startswith("/pictures/file"):
        return ("text/html" if fault == "typed" else "image/jpeg"), picture(fault)
    if fault in ("html", "json"):
        return "application/json", b"<html>" if fault == "html" else b'{"data": 3, "photos": 3}'
    file = f"{server.root}/pictures/file.jpg"
    url = {"private": "http://10.0.0.1/a.jpg", "rebound": "http://rebound.example/a.jpg"}.get(
        fault, file
    )
    if said.path.startswith(("/pictures/find", "/pictures/painters")):  # the example's
        return "application/json", json.dumps([file]).encode()
    if "/images/generations" in said.path:
        made = base64.b64encode(picture(fault)).decode()
        image = {"url": url} if fault in ("linked", "private", "rebound") else {"b64_json": made}
        told: dict[str, object] = {"created": 1, "data": [] if fault == "none" else [image]}
    elif "/search" in said.path:
        photo = {"url": "https://www.pexels.com/photo/1", "photographer": "Jane Doe",
                 "src": {"large2x": url}}  # fmt: skip
        told = {"photos": [] if fault == "none" else [photo]}
    else:
        hit = {"pageURL": "https://pixabay.com/photos/1", "user": "jane", "largeImageURL": url}
        told = {"total": 1, "hits": [] if fault == "none" else [hit]}
    return "application/json", json.dumps(told).encode()


async def streamed(writer: asyncio.StreamWriter, size: int) -> None:
    """A JPEG's first bytes, then so many of nothing."""
    writer.write(b"\xff\xd8\xff")
    for _ in range(size // 1_000_000):
        writer.write(bytes(1_000_000))
        await writer.drain()
