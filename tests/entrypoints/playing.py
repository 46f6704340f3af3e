"""`inkreel make --play` as a user starts it, where only the core is installed."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil

from tests.conftest import Made

CORE_ONLY = """
import sys
for name in ("fastapi", "starlette", "uvicorn", "httptools", "httpx2", "prometheus_client"):
    sys.modules[name] = None
from inkreel.entrypoints.cli import main
main()
"""

OPTIONS = ("--size", "1280x720", "--captions", "both")


class Playing:
    """The command; `address` is where it says that it plays."""

    def __init__(self, made: Made, folder: Path, *flags: str, **variables: str) -> None:
        self.cache, self.video = folder / "cache", folder / "tides.mp4"
        if not self.cache.exists():
            # Everything is found but the clips: they take a few seconds.
            shutil.copytree(made.cache, self.cache)
            shutil.rmtree(self.cache / "index" / "clip")
        core, document, video = [sys.executable, "-c", CORE_ONLY], made.document, self.video
        self.process = subprocess.Popen(
            [*core, "make", str(document), "-o", str(video), "--play", *OPTIONS, *flags],
            env={**os.environ, "INKREEL_CACHE": str(self.cache), **variables},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.said: list[str] = []
        self._listener = threading.Thread(target=self._listen)
        self._listener.start()
        self.address = self.found(r"Playing at (http://127\.0\.0\.1:\d+/[\w-]{22}) ")

    def _listen(self) -> None:
        assert self.process.stderr
        for line in self.process.stderr:
            self.said.append(line)

    def found(self, pattern: str) -> str:
        """Wait until it says so."""
        until = time.monotonic() + 60
        while time.monotonic() < until:
            match = re.search(pattern, "".join(self.said))
            if match:
                return match[1]
            assert self.process.poll() is None, self.said
            time.sleep(0.01)
        raise TimeoutError(pattern)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Its children pause as soon as something can be played: more is not made meanwhile."""
        with urllib.request.urlopen(f"{self.address}/playlist.m3u8", timeout=60) as playlist:
            assert b"ENDLIST" not in playlist.read()
        children = psutil.Process(self.process.pid).children()
        for child in children:
            child.suspend()
        try:
            yield
        finally:
            for child in children:
                with suppress(psutil.NoSuchProcess):  # it was ended meanwhile
                    child.resume()

    def ended(self) -> tuple[int, str]:
        """Wait for the end: exit status and answer."""
        assert self.process.stdout
        answer = self.process.stdout.read()
        status = self.process.wait(60)
        self._listener.join()
        return status, answer

    def left(self) -> list[Path]:
        """What lies there that is neither a result nor kept in the store."""
        folder = self.video.parent
        return [*(self.cache / "tmp").glob("*"), *folder.glob(".*")]


@contextmanager
def playing(made: Made, folder: Path, *flags: str, **variables: str) -> Iterator[Playing]:
    """The command, ended afterwards whatever happened."""
    command = Playing(made, folder, "--no-browser", *flags, **variables)
    try:
        yield command
    finally:
        if command.process.poll() is None:
            command.process.kill()
        command.ended()
        assert command.process.stderr
        assert command.process.stdout
        command.process.stderr.close()
        command.process.stdout.close()
