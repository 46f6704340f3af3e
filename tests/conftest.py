"""What the whole-flow tests share: one small document, made once."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from hypothesis import settings

import inkreel
from inkreel.model import Result
from inkreel.settings import cores
from tests.buckets import s3_server

# Where the tests run in the background of a script Ctrl-C is ignored, also by what they start, and
# some of them press it.
signal.signal(signal.SIGINT, signal.default_int_handler)


def pytest_xdist_auto_num_workers() -> int:
    """One more than cores, for tests wait for servers a quarter of the time; four at most, for
    each has processes of its own that need memory."""
    return min(cores() + 1, 4)


DOCUMENT = """# Tide tables

A tide table tells when the sea is high and when it is low at one harbour.

## How to read one

Every row holds a day, and every day has two high waters. The height is counted from the chart's
zero, so that it can be added to the depth that the chart prints.

| Day | Height in m |
|-----|-------------|
| 1   | 4.1         |
| 2   | 4.4         |
| 3   | 4.8         |

## What it leaves out

Wind and air pressure are not in the table. A strong wind from the sea raises the water, and high
pressure lowers it.
"""


@dataclass(frozen=True)
class Made:
    """A finished video with its document and the store it was made in."""

    document: Path
    video: Path
    cache: Path
    result: Result


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    """A short video at 1280x720 with burned captions and a caption track."""
    folder = tmp_path_factory.mktemp("made")
    document = folder / "tides.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    video = folder / "tides.mp4"
    result = inkreel.make(document, video, cache=folder / "cache", size="1280x720", captions="both")
    return Made(document, video, folder / "cache", result)


# The default run searches the same examples each time: what it finds, it finds for everyone.
settings.register_profile("default-run", derandomize=True, deadline=None)
settings.load_profile("default-run")


@pytest.fixture(scope="session")
def s3() -> Iterator[str]:
    """The address of an S3 with one bucket, `buckets.BUCKET`."""
    with s3_server() as address:
        yield address
