"""A real llama.cpp server with a random model: `make llama` builds it and runs these.

What the model says is nonsense; what is tested is that a real server takes what we ask, streams
what we read, and keeps to our schema.
"""

from __future__ import annotations

import asyncio
import copy
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inkreel.model import DraftScene, Usage
from inkreel.providers.llm import schema
from inkreel.providers.llm.dialect import RUNGS, Question, Rung, Turn
from inkreel.providers.llm.writers import Answer
from inkreel.settings import Settings
from inkreel.wiring import models
from inkreel.wiring.lines import Unmetered, open_lines
from inkreel.wiring.options import options_from, plan_for
from inkreel.wiring.services import look
from tests.test_writer import house, write

SERVER = os.environ.get("INKREEL_LLAMA_SERVER", "")
MODEL = os.environ.get("INKREEL_LLAMA_MODEL", "")

pytestmark = pytest.mark.skipif(not SERVER or not MODEL, reason="run by `make llama`")


class Running:
    """As the tests of the writer have it."""

    def __init__(self, url: str) -> None:
        self.url = url


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    port = free_port()
    log = tmp_path_factory.mktemp("llama") / "log"
    command = [SERVER, "-m", MODEL, "--host", "127.0.0.1", "--port", str(port), "-c", "16384",
               "-np", "2", "-t", "2", "--no-webui", "--alias", "random", "--seed", "7"]  # fmt: skip
    with log.open("wb") as out, subprocess.Popen(command, stdout=out, stderr=out) as process:
        url = f"http://127.0.0.1:{port}"
        try:
            for _ in range(600):
                assert process.poll() is None, log.read_text(errors="replace")[-3_000:]
                try:
                    with urllib.request.urlopen(f"{url}/health", timeout=1):
                        break
                except OSError:
                    time.sleep(0.1)
            yield Running(f"{url}/v1")
        finally:
            process.terminate()


def asked_for() -> dict[str, Any]:
    """Our schema; as a model that speaks at random often says `[]`, with a scene at least."""
    asked = copy.deepcopy(schema.strict())
    asked["properties"]["scenes"]["minItems"] = 1
    return asked


def ask(server: Running, rung: Rung, answer_tokens: int = 3_000) -> tuple[Answer, Usage]:
    spent: list[Usage] = []

    async def run() -> Answer:
        settings = Settings(models={"mine": {"kind": "llama", "url": server.url}})  # type: ignore[arg-type]
        configured = models.configured(settings)
        async with open_lines(configured, models._line, Unmetered()) as lines:
            question = Question(
                "random",
                "You tell.",
                (Turn("user", "Tell the tides."),),
                asked_for(),
                rung,
                1.0,
                answer_tokens,
            )
            return await lines["mine"][1].answer(question, spent.append)

    return asyncio.run(run()), spent[0]


def test_the_strict_schema_is_kept(server: Running) -> None:
    """The server builds a grammar of our schema: what closes fits our types, whatever it says."""
    for _ in range(5):
        answer, usage = ask(server, "schema")
        for text in answer.scenes:
            msgspec.json.decode(text, type=DraftScene)
        assert answer.begun
        assert not usage.estimated
        assert usage.answer_tokens > 10
        if answer.scenes:
            return
    raise AssertionError("no scene closed")


@pytest.mark.parametrize("rung", RUNGS)
def test_each_rung_is_taken(server: Running, rung: Rung) -> None:
    """The server refuses none of the forms, streams, and says why it ends."""
    answer, usage = ask(server, rung, 300)
    assert answer.over in ("stop", "length")
    assert usage.calls == 1
    assert usage.estimated == (rung == "plain")


def test_nonsense_is_not_told(server: Running, tmp_path: Path) -> None:
    """A whole storyboard by this model is the one of the house: every scene that it wrote is
    refused by the checks, or every section failed."""

    async def run() -> None:
        more = {"kind": "llama", "model": "random", "temperature": 1.0, "context": 8_192,
                "answer_tokens": 2_000, "tries": 2, "deadline_seconds": 60}  # fmt: skip
        async with house(server, tmp_path, **more) as (builder, settings):  # type: ignore[arg-type]
            told = await write(builder, plan_for(settings, options_from(settings)))
            own = await write(
                builder, plan_for(settings, options_from(settings, {"writer": "own"}))
            )
        assert told.board == own.board
        assert told.writing is not None
        assert told.writing.own == told.writing.sections == 3
        assert told.degraded

    asyncio.run(run())


def test_doctor_finds_the_model(server: Running) -> None:
    """The list of models is read."""

    async def run() -> list[tuple[str, str]]:
        given = {"kind": "llama", "url": server.url, "model": "random"}
        settings = Settings(models={"mine": given})  # type: ignore[arg-type]
        return [(seen.state, seen.said) async for seen in look(settings)]

    assert asyncio.run(run()) == [("ok", "chat protocol, reachable, has random")]
