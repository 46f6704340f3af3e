"""What comes in from outside: too much, forged, or meant to break."""

from __future__ import annotations

import asyncio
import os
import random
import secrets
import string
import subprocess
import sys
from pathlib import Path

from bench.chaos.promises import Measured, promise
from bench.chaos.service import document, folder, service, submit


@promise("15", "an upload without end", "413, at most the limit + 10 MB read")
async def endless() -> Measured:
    limit = 5_000_000
    async with service("--workers", "0", INKREEL_MAX_INPUT_BYTES=str(limit)) as (running, client):
        reader, writer = await asyncio.open_connection("127.0.0.1", running.port)
        part = (
            b'--x\r\nContent-Disposition: form-data; name="document"; filename="a.md"\r\n'
            b"Content-Type: text/markdown\r\n\r\n"
        )
        writer.write(
            (
                f"POST /v1/videos HTTP/1.1\r\nHost: 127.0.0.1:{running.port}\r\n"
                "Content-Type: multipart/form-data; boundary=x\r\n"
                "Transfer-Encoding: chunked\r\n\r\n"
            ).encode()
            + f"{len(part):x}\r\n".encode()
            + part
            + b"\r\n"
        )
        sent = 0
        chunk = b"a" * 65_536
        answer = asyncio.create_task(reader.read(65_536))
        while sent < 200_000_000 and not answer.done():
            writer.write(f"{len(chunk):x}\r\n".encode() + chunk + b"\r\n")
            sent += len(chunk)
            try:
                await asyncio.wait_for(writer.drain(), 5)
            except (TimeoutError, ConnectionError):
                break
            await asyncio.sleep(0)
        status = (await asyncio.wait_for(answer, 10))[9:12].decode()
        writer.close()
        left = [
            path
            for path in running.data.rglob("*")
            if path.is_file() and path.stat().st_size > 10**6
        ]
        good = (await submit(client, document(1))).status_code
        figure = f"{status} after {sent / 1e6:.1f} MB of {limit / 1e6:.0f}, {len(left)} files left"
        return Measured(
            f"{figure}, next upload {good}",
            status == "413" and sent <= limit + 10_000_000 and not left and good == 202,
        )


@promise("24", "1,000 forged keys, signatures and others' ids", "0 accepted; another's job is 404")
async def forged() -> Measured:
    dice = random.Random(24)
    with folder() as root:
        keys = [_key(root, name) for name in ("one", "two")]
        return await _forged(root, keys, dice)


async def _forged(root: Path, keys: list[str], dice: random.Random) -> Measured:
    settings = {"INKREEL_AUTH": "on", "INKREEL_RATE_PER_MINUTE": "0"}
    async with service("--workers", "0", root=root, **settings) as (_, client):
        mine = {"Authorization": f"Bearer {keys[0]}"}
        other = {"Authorization": f"Bearer {keys[1]}"}
        answer = await client.post(
            "/v1/videos", json={"text": document(1).decode(), "format": "md"}, headers=mine
        )
        job = answer.json()["id"]
        accepted = 0
        for _ in range(400):
            accepted += (
                await client.get(
                    "/v1/videos", headers={"Authorization": f"Bearer {_forge(keys[0], dice)}"}
                )
            ).status_code != 401
        for _ in range(300):
            signature = secrets.token_urlsafe(32)
            path = (
                f"/v1/videos/{job}/content?variant=video&expires=99999999999&signature={signature}"
            )
            accepted += (await client.get(path)).status_code not in (401, 403)
        others = {}
        for path in ("", "/events", "/storyboard", "/content?variant=video", "/scenes/1/thumbnail"):
            status = (await client.get(f"/v1/videos/{job}{path}", headers=other)).status_code
            others[status] = others.get(status, 0) + 1
        for _ in range(300):
            guess = job[:-4] + "".join(dice.choices("0123456789abcdefghjkmnpqrstvwxyz", k=4))
            accepted += (
                guess != job
                and (await client.get(f"/v1/videos/{guess}", headers=mine)).status_code != 404
            )
        good = (await client.get(f"/v1/videos/{job}", headers=mine)).status_code
        figure = f"{accepted} of 1,000 accepted; another's job answers {others}; one's own {good}"
        return Measured(figure, not accepted and set(others) == {404} and good == 200)


def _key(root: Path, name: str) -> str:
    made = subprocess.run(
        [sys.executable, "-m", "inkreel", "keys", "create", "--client", name],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "INKREEL_DATA": str(root / "data")},
    )
    return next(word for word in made.stdout.split() if word.startswith("ink_"))


def _forge(key: str, dice: random.Random) -> str:
    at = dice.randrange(len(key))
    letter = dice.choice(string.ascii_letters + string.digits)
    return key[:at] + (letter if letter != key[at] else "-") + key[at + 1 :]
