"""What it costs to say a list of 1,000 videos: ours against FastAPI's plain encoder.

python bench/serialisation.py
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import msgspec
from fastapi.encoders import jsonable_encoder

from inkreel.entrypoints.http import schemas, views
from inkreel.entrypoints.http.answers import Json
from inkreel.entrypoints.http.links import Links
from inkreel.job import File, Job, Outcome, Summary, new_job_id, result_key
from inkreel.model import Counts, Digest, Options, Source

COUNT = 1_000
ROUNDS = 7
PROMISED = 0.5


def job(number: int) -> Job:
    """A finished one, with four files."""
    now = 1_795_000_000.0 + number
    made = new_job_id(now)
    variants = ("video", "poster", "vtt", "srt")
    digests = [Digest(f"{number * 7 + at:064x}") for at in range(4)]
    return Job(
        id=made,
        client="local",
        title=f"How lighthouse {number} works",
        options=Options(),
        source=Source("lighthouse.md", "text/markdown", digests[0]),
        words=412,
        status="done",
        created=now,
        queued=now,
        started=now + 0.2,
        ended=now + 12.5,
        sweep=now + 604_800,
        summary=Summary("video", 1.0, 9, 9),
        outcome=Outcome(96.0, 12.3, Counts(1, 40, 9, 9), Counts()),
        files=tuple(
            File(variant, result_key(made, digest, variant), digest, 1_482_113)
            for variant, digest in zip(variants, digests, strict=True)
        ),
    )


def best(work: Callable[[], object]) -> float:
    """Milliseconds of the fastest round."""
    taken = []
    for _ in range(ROUNDS):
        began = time.perf_counter()
        work()
        taken.append(time.perf_counter() - began)
    return min(taken) * 1000


@dataclass(frozen=True)
class Measured:
    """Milliseconds for a list of 1,000 jobs, from the jobs to the bytes."""

    ours: float
    plain: float
    same: bool

    @property
    def ratio(self) -> float:
        return self.ours / self.plain


def measure(count: int = COUNT) -> Measured:
    """Both ways to the same JSON. The plain one is given what FastAPI would be given: objects."""
    jobs = [job(number) for number in range(count)]
    links = Links(b"s" * 32, 1_795_003_600)

    def shown() -> schemas.VideoList:
        return schemas.VideoList(
            data=tuple(views.video(one, links, 4) for one in jobs), next_cursor=None
        )

    def ours() -> bytes:
        return bytes(Json(shown()).body)

    def plain() -> bytes:
        made = [_dictionary(one, links) for one in jobs]
        encoded = jsonable_encoder({"object": "list", "data": made, "next_cursor": None})
        return json.dumps(encoded, ensure_ascii=False, separators=(",", ":")).encode()

    return Measured(best(ours), best(plain), json.loads(ours()) == json.loads(plain()))


def _dictionary(one: Job, links: Links) -> dict[str, Any]:
    """A video as a handler without schemas would give it to FastAPI."""
    return msgspec.to_builtins(views.video(one, links, 4))


def main() -> None:
    found = measure()
    print(f"ours   {found.ours:7.1f} ms   {COUNT} jobs to JSON, with signed links")
    print(f"plain  {found.plain:7.1f} ms   jsonable_encoder and json")
    print(f"ratio  {found.ratio:7.2f}      promised at most {PROMISED}")


if __name__ == "__main__":
    main()
