"""Fuzzed uploads: what a stranger may send in the place of a document.

python -m bench.chaos 14
"""

from __future__ import annotations

import asyncio
import gzip
import random
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import httpx2

from bench.chaos.promises import Measured, promise
from bench.chaos.service import Service, document, service, submit

ROOT = Path(__file__).resolve().parents[2]
NAMES = (
    "a.md", "a.txt", "a.pdf", "a", "", ".md", "a.MD", "a.docx", "../../etc/cron.d/a.md",
    "C:\\a.md", "a\x00.md", "a\r\nX-Evil: 1.md", "\u202egpj.md", "x" * 400 + ".md", "tmp/a.md",
    "/a.md", "a.md/..", "các thuỷ triều.md", "%2e%2e%2fa.md", "a.pdf.md", "NUL.txt",
    "'\"; drop table.txt",
)  # fmt: skip
TYPES = (
    "", "text/markdown", "application/pdf", "image/png", "text/plain; charset=utf-16", "x",
    "application/octet-stream", "multipart/form-data; boundary=y", "a" * 300,
)  # fmt: skip
FIELDS = (
    "title", "theme", "size", "voice", "seconds", "priority", "webhook_url", "language", "captions",
    "document", "", "__proto__", "client", "id", "x" * 200,
)  # fmt: skip
VALUES = (
    "", "dark", "0", "-1", "1e999", "nan", "9" * 400, "../../etc/passwd", "\x00", "vi", "true", "5",
    "http://127.0.0.1/", "https://example.com/hook", "espeak:../../x", "🌊" * 50, "{}", "1920x1080",
)  # fmt: skip
SEEDS = (
    document(1),
    (ROOT / "README.md").read_bytes()[:6_000],
    (
        b"%PDF-1.7\n1 0 obj<</Type/Catalog/Pages 2 0 R>>endobj\n"
        b"2 0 obj<</Type/Pages/Kids[]/Count 0>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF"
    ),
    "thuỷ triều lên".encode("utf-16"),
    b"\xff\xfe",
    b"# " * 3_000,
    b"[" * 20_000,
    b"|" * 9_000 + b"\n" + b"|-" * 4_000,
    b"$$" + b"{" * 5_000 + b"$$",
    b"\x00" * 4_096,
    b"",
)


def mutated(dice: random.Random, data: bytes) -> bytes:
    """A seed with some of its bytes changed, cut, doubled or replaced."""
    made = bytearray(data)
    for _ in range(dice.choice((0, 0, 1, 3, 30))):
        at = dice.randrange(len(made) + 1)
        match dice.randrange(4):
            case 0:
                made[at:at] = dice.randbytes(dice.randrange(1, 40))
            case 1:
                del made[at : at + dice.randrange(1, 200)]
            case 2:
                made[at:at] = made[max(0, at - 50) : at] * dice.randrange(1, 20)
            case _:
                made[at : at + 4] = dice.choice(
                    (b"\x00", b"\r\n--x", b"%PDF-", b"PK\x03\x04", b"\xff")
                )
    return bytes(made[:100_000])


def _odd(dice: random.Random, share: float, odd: tuple[str, ...], usual: str) -> str:
    return dice.choice(odd) if dice.random() < share else usual


def request(dice: random.Random) -> tuple[bytes, dict[str, str]]:
    """A body and its headers: a form as it should be, with some of it wrong."""
    parts = []
    for _ in range(dice.choice((0, 1, 1, 1, 1, 1, 2))):
        name = _odd(dice, 0.05, ("file", "", "Document"), "document")
        filename = _odd(dice, 0.4, NAMES, dice.choice(("a.md", "a.txt", "a.pdf"))).replace(
            '"', '\\"'
        )
        kind = _odd(dice, 0.2, TYPES, "")
        head = f'Content-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        head += f"Content-Type: {kind}\r\n" if kind else ""
        parts.append(
            head.encode(errors="surrogatepass") + b"\r\n" + mutated(dice, dice.choice(SEEDS))
        )
    for _ in range(dice.choice((0, 0, 0, 0, 0, 1, 2, 5))):
        head = f'Content-Disposition: form-data; name="{dice.choice(FIELDS)}"\r\n\r\n'
        parts.append(head.encode() + dice.choice(VALUES).encode(errors="surrogatepass"))
    dice.shuffle(parts)
    body = b"".join(b"--x\r\n" + part + b"\r\n" for part in parts) + b"--x--\r\n"
    headers = {"Content-Type": "multipart/form-data; boundary=x"}
    match dice.randrange(24):
        case 0:
            body = body[: dice.randrange(len(body))]
        case 1:
            body = mutated(dice, body)
        case 2:
            body, headers["Content-Encoding"] = gzip.compress(body), "gzip"
        case 3:
            headers["Content-Encoding"] = dice.choice(
                ("gzip", "br", "deflate", "identity", "gzip, gzip")
            )
        case 4:
            headers["Content-Type"] = dice.choice(
                (
                    "multipart/form-data",
                    "multipart/form-data; boundary=",
                    "application/json",
                    "text/plain",
                )
            )
        case 5:
            headers["Idempotency-Key"] = dice.choice(("a", "b" * 300, "c d", "d"))
    return body, headers


def requests(seed: int, count: int) -> Iterator[tuple[bytes, dict[str, str]]]:
    """The same ones for a seed."""
    dice = random.Random(seed)
    for _ in range(count):
        yield request(dice)


def strangers(data: Path, known: set[str]) -> list[Path]:
    """Files in the data folder that belong to no video and to none of our own."""
    found = []
    for path in data.rglob("*"):
        place = path.relative_to(data).parts
        ours = (
            place[0].startswith(("service.db", "limits.db", "run", "worker")) or path.name == "lock"
        )
        of_a_job = place[:2] == ("objects", "videos") and len(place) == 4 and place[2] in known
        if path.is_file() and not ours and not of_a_job:
            found.append(path)
    return found


@promise("14", "1,000 fuzzed uploads", "0 5xx, 0 files outside the store, nothing left behind")
async def fuzzed() -> Measured:
    async with service("--workers", "0") as (running, client):
        statuses: Counter[int] = Counter()
        dropped = 0
        gate = asyncio.Semaphore(4)

        async def send(body: bytes, headers: dict[str, str]) -> None:
            nonlocal dropped
            async with gate:
                try:
                    answer = await client.post("/v1/videos", content=body, headers=headers)
                    statuses[answer.status_code] += 1
                except httpx2.TransportError:
                    dropped += 1

        await asyncio.gather(*(send(*one) for one in requests(14, 1_000)))
        good = (await submit(client, document(1))).status_code
        left = await _left(running, client)
        broken = sum(count for status, count in statuses.items() if status >= 500)
        told = ", ".join(f"{count} × {status}" for status, count in sorted(statuses.items()))
        figure = f"{told}; {dropped} dropped; {len(left)} files too many; the next upload {good}"
        return Measured(figure, not broken and not dropped and not left and good == 202)


async def _left(running: Service, client: httpx2.AsyncClient) -> list[Path]:
    known: set[str] = set()
    cursor: dict[str, str] = {}
    while True:
        page = (await client.get("/v1/videos", params={"limit": "1000", **cursor})).json()
        known |= {video["id"] for video in page["data"]}
        if page["next_cursor"] is None:
            return strangers(running.data, known)
        cursor = {"cursor": page["next_cursor"]}
