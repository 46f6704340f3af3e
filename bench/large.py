"""A large result up to a bucket and down again: what memory it takes.

python -m bench.large [MEGABYTES]
"""

from __future__ import annotations

import asyncio
import hashlib
import sys
import tempfile
import time
from pathlib import Path

import psutil

from tests import buckets

MEGABYTES = 500
KEY = "videos/x/film"


def main() -> None:
    from inkreel.backends.bucket import bucket
    from inkreel.backends.bucket.bucket import Bucket
    from inkreel.backends.bucket.objects import BucketObjects

    # moto joins the parts of an upload in Python, and says nothing meanwhile.
    bucket.READ_SECONDS = 600
    size = int(sys.argv[1]) if len(sys.argv) > 1 else MEGABYTES
    with (
        tempfile.TemporaryDirectory() as folder,
        buckets.s3_server() as s3,
        buckets.environment(**buckets.settings_of(s3)),
    ):
        objects = BucketObjects(Bucket(f"s3://{buckets.BUCKET}/large"), Path(folder))
        objects.write("videos/x/small", b"x")
        film = objects.scratch()
        written = hashlib.sha256()
        with film.open("wb") as file:
            for number in range(size):
                piece = number.to_bytes(8, "big") * 125_000
                file.write(piece)
                written.update(piece)
        peak("up", lambda: objects.place(KEY, film))
        read = hashlib.sha256()

        async def down() -> None:
            async for piece in objects.stream(KEY, 0, size * 1_000_000):
                read.update(piece)

        peak("down", lambda: asyncio.run(down()))
        assert read.digest() == written.digest()
        objects.close()


def peak(what: str, work: object) -> None:
    """Do it, and say how much more memory this process held than before."""
    import threading

    me, over = psutil.Process(), threading.Event()
    before = most = me.memory_info().rss

    def watch() -> None:
        nonlocal most
        while not over.wait(0.01):
            most = max(most, me.memory_info().rss)

    watching = threading.Thread(target=watch)
    watching.start()
    began = time.monotonic()
    work()  # type: ignore[operator]
    took = time.monotonic() - began
    over.set()
    watching.join()
    print(f"{what}: {(most - before) / 1e6:.0f} MB more than {before / 1e6:.0f} MB, {took:.1f} s")


if __name__ == "__main__":
    main()
