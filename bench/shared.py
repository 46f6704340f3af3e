"""A video with its store in a bucket, against the folder alone, in one run.

    python -m bench.shared [DOCUMENT]

The bucket is moto's S3 on loopback, behind a proxy that counts; it is Python and takes its share of
the cores, which a real one does not.
"""

from __future__ import annotations

import resource
import secrets
import statistics
import sys
import tempfile
import time
from pathlib import Path

import inkreel
from tests import buckets

DOCUMENT = Path("examples/gioi-thieu.vi.md")
ROUNDS = 3


def main() -> None:
    document = Path(sys.argv[1]) if len(sys.argv) > 1 else DOCUMENT
    with tempfile.TemporaryDirectory() as folder, buckets.s3_server() as s3:
        root = Path(folder)
        with buckets.proxy_to(s3) as proxy:
            variables = buckets.settings_of(proxy.address)
            with buckets.environment(**variables):
                measure(document, root, proxy)
    print(f"peak memory of this process: {peak():.0f} MB")


def measure(document: Path, root: Path, proxy: buckets.Proxy) -> None:
    seconds: dict[str, list[float]] = {"folder": [], "bucket": []}
    for _ in range(ROUNDS):
        seconds["folder"].append(make(document, root / secrets.token_hex(4), root))
        url = f"s3://{buckets.BUCKET}/{secrets.token_hex(4)}"
        machine = root / secrets.token_hex(4)
        proxy.forget()
        seconds["bucket"].append(make(document, machine, root, store=url))
        tell("made", proxy)
        make(document, machine, root, store=url)
        tell("found here", proxy)
        took = make(document, root / secrets.token_hex(4), root, store=url)
        tell(f"found elsewhere ({took:.1f} s)", proxy)
    folder, bucket = (statistics.median(each) for each in seconds.values())
    print(f"folder {folder:.1f} s, bucket {bucket:.1f} s: {bucket / folder:.2f} times")


def make(document: Path, cache: Path, root: Path, **settings: object) -> float:
    began = time.monotonic()
    inkreel.make(document, root / "video.mp4", cache=cache, **settings)
    return time.monotonic() - began


def tell(what: str, proxy: buckets.Proxy) -> None:
    asked = ", ".join(f"{count} {name}" for name, count in sorted(proxy.counts.items()))
    print(
        f"{what}: {asked or 'no requests'}; {proxy.sent / 1e6:.1f} MB up, "
        f"{proxy.received / 1e6:.1f} MB down",
        flush=True,
    )
    proxy.forget()


def peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1_000


if __name__ == "__main__":
    main()
