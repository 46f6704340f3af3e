"""A storyboard by a language model, section by section; and by the house where that fails."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

import inkreel
from inkreel import recipes
from inkreel.backends.files import FileStore
from inkreel.build import Builder
from inkreel.errors import OptionError
from inkreel.ingest.sources import source_from_bytes
from inkreel.job import StatusTold
from inkreel.model import Counts, Options, Result, Storyboard, Usage, Writing
from inkreel.pipeline import Plan, read_and_write
from inkreel.settings import Settings
from inkreel.speech.calibration import calibration_sentences
from inkreel.speech.normalise import read_aloud, spoken_text
from inkreel.wiring.lines import Unmetered
from inkreel.wiring.options import options_from, plan_for
from inkreel.wiring.services import open_services
from inkreel.wiring.storage import open_storage
from inkreel.writer import Task, Written, find
from tests.jobs.workshop import OPTIONS, workshop
from tests.providers.misbehaving import Server, misbehaving
from tests.providers.test_remote_voices import Here

DOCUMENT = """# Tide tables

A tide table tells when the sea is high and when it is low at one harbour. Sailors have used such
tables for hundreds of years.

## How to read one

Every row holds a day, and every day has two high waters. The height is counted from the chart's
zero, so that it can be added to the depth that the chart prints.

## What it leaves out

Wind and air pressure are not in the table. A strong wind from the sea raises the water, and high
pressure lowers it.
"""
QUICK: dict[str, object] = {"patience_seconds": 0.2, "tries": 2}


def model_at(server: Server, **more: object) -> dict[str, Any]:
    return {"mine": {"url": server.url, "model": "chat-test", **QUICK, **more}}


@asynccontextmanager
async def house(
    server: Server, cache: Path, **more: object
) -> AsyncIterator[tuple[Builder, Settings]]:
    settings = Settings(cache=cache, writer="mine", models=model_at(server, **more))  # type: ignore[arg-type]
    store = FileStore(cache)
    async with open_services(settings, open_storage(settings), Unmetered()) as services:
        builder = Builder(store, Here(store), {"cpu": 2, "network": 8}, services)
        yield builder, settings
        await builder.close()
    store.scratch.close()


async def write(builder: Builder, plan: Plan, text: str = DOCUMENT) -> Written:
    source = source_from_bytes("tides.md", text.encode(), builder.store.put, max_bytes=10**6)
    _, written = await read_and_write(source, plan, builder, lambda _: None)
    return written


def written(server: Server, cache: Path, *texts: str, **more: object) -> list[Written]:
    """What becomes of these documents, one after the other, each in a process of its own."""

    async def run(text: str) -> Written:
        async with house(server, cache, **more) as (builder, settings):
            return await write(builder, plan_for(settings, options_from(settings)), text)

    return [asyncio.run(run(text)) for text in texts or (DOCUMENT,)]


def said(board: Storyboard) -> str:
    return " ".join(sentence for scene in board.scenes for sentence in scene.narration)


def test_the_same_again_costs_nothing(tmp_path: Path) -> None:
    """A document that was written is found; one with another sentence costs one call."""
    changed = DOCUMENT.replace("Wind and air pressure", "Wind, rain and air pressure")
    with misbehaving() as server:
        first, again, other = written(
            server, tmp_path, DOCUMENT, DOCUMENT, changed, prompt_price=2.0, answer_price=10.0
        )
        assert len(server.said) == 4
    assert first.degraded == again.degraded == ()
    assert first.writing is not None
    assert (first.writing.sections, first.writing.found, first.writing.usage.calls) == (3, 0, 3)
    assert first.writing.cost == pytest.approx(3 * (1_000 * 2 + 100 * 10) / 1e6)
    assert again.writing is not None
    assert (again.writing.found, again.writing.usage.calls, again.writing.cost) == (3, 0, 0)
    assert again.board == first.board
    assert not again.built.made
    assert other.writing is not None
    assert (other.writing.found, other.writing.usage.calls) == (2, 1)
    assert "rain" in said(other.board)


def test_a_board_is_framed_and_cites_its_blocks(tmp_path: Path) -> None:
    """A title card, the sections in their order, each scene with an id and sources of its own."""
    with misbehaving() as server:
        (told,) = written(server, tmp_path)
    scenes = told.board.scenes
    assert scenes[0].visual.kind == "title"
    assert [scene.id for scene in scenes[1:]] == [
        "intro-2", "how-to-read-one-1", "what-it-leaves-out-1",
    ]  # fmt: skip
    assert all(scene.sources for scene in scenes[1:])


@pytest.mark.parametrize("fault", ["500", "401", "prose"])
def test_a_dead_model_leaves_it_to_the_house(fault: str, tmp_path: Path) -> None:
    """Whatever is wrong with the model, the storyboard is the one that the house writes, under the
    recipe of the house; the fallback and its reason are told."""
    with misbehaving(lambda _: fault) as server:
        (told,) = written(server, tmp_path)

        async def own() -> Written:
            async with house(server, tmp_path) as (builder, settings):
                return await write(builder, plan_for(settings, Options(writer="own")))

        alone = asyncio.run(own())
    assert told.board == alone.board
    assert not alone.built.made
    (lost,) = told.degraded
    assert lost.what == "the storyboard is written without a language model"
    assert lost.why.startswith("The model mine failed")
    assert told.writing is not None
    assert (told.writing.sections, told.writing.own) == (3, 3)
    assert alone.writing is None
    assert alone.degraded == ()


def test_a_section_that_fails_is_told_by_the_house(tmp_path: Path) -> None:
    """The others stay as the model wrote them; when it is well again, that section alone is asked
    for."""
    with misbehaving() as server:
        server.fault = lambda n: "declines" if "Every row holds" in server.said[n - 1].text else ""
        (first,) = written(server, tmp_path)
        server.fault = lambda _: ""
        calls = len(server.said)
        (second,) = written(server, tmp_path)
        assert len(server.said) == calls + 1
    (lost,) = first.degraded
    assert lost.what == "1 of 3 sections are told without a language model"
    assert "Every row holds a day" in said(first.board)
    assert second.degraded == ()
    assert second.board != first.board


def test_a_lost_scene_is_told_by_the_house(tmp_path: Path) -> None:
    """A scene that was wrong twice takes its blocks to the writer of the house; nothing that the
    model invented is said, and the result says so, also when it is found again."""
    more = "Spring tides are the highest ones. They come when Sun and Moon pull in one line."
    text = f"{DOCUMENT}\n{more}\n"
    with misbehaving(lambda _: "figures") as server:
        first, again = written(server, tmp_path, text, text)
        assert first.writing is not None
        assert first.writing.own == 2  # they have but one scene
        assert len(server.said) == 3 * 2
    assert "98,765" not in said(first.board)
    assert "high pressure lowers it" in said(first.board)
    for told in (first, again):
        whats = [one.what for one in told.degraded]
        assert "a scene is told without a language model" in whats


def test_what_was_written_is_found(tmp_path: Path) -> None:
    """Who asks for the storyboard meanwhile gets what the model wrote, and the one of the house
    only when the model has had its turn."""
    with misbehaving() as server:

        async def run() -> None:
            async with house(server, tmp_path) as (builder, settings):
                plan = plan_for(settings, options_from(settings))
                source = source_from_bytes(
                    "t.md", DOCUMENT.encode(), builder.store.put, max_bytes=10**6
                )
                read = await builder.build(recipes.READ.recipe(recipes.ReadRequest(source)))
                pace = plan.choose_voice("auto", "en").pace
                task = Task(read.artifact.digest, None, pace)
                store = builder.store
                await builder.build(task.outline())
                assert find(task, plan.writer, store, over=False) is None
                told = await write(builder, plan)
                assert find(task, plan.writer, store, over=True) == told.board
                own = find(task, None, store, over=False)
                assert own is not None
                assert own != told.board

        asyncio.run(run())


def words(text: str) -> str:
    return " ".join(re.findall(r"\w+", text))


def test_scenes_are_made_while_others_are_written(tmp_path: Path) -> None:
    """The first section is said while the last one is being written; nothing is said, drawn or
    counted twice for it, nor anything that is not in the video."""

    with misbehaving() as model, misbehaving() as voice:
        model.holds = lambda asked: (
            "Wind and air" in asked.text and not any("Sailors" in said.text for said in voice.said)
        )
        document = tmp_path / "tides.md"
        document.write_text(DOCUMENT, encoding="utf-8")
        result = inkreel.make(
            document,
            tmp_path / "tides.mp4",
            cache=tmp_path / "cache",
            size="1280x720",
            profile="draft",
            workers=2,
            writer="mine",
            voice="mine",
            models=model_at(model),
            voices={"mine": {"url": voice.url, "voice": "a"}},
        )
        texts = [said.text for said in voice.said]
    assert result.degraded == ()
    count = len(result.scenes)
    assert (result.made.narrations, result.made.pictures, result.made.clips) == (count,) * 3
    assert result.found == Counts()
    lines = (tmp_path / "tides.vtt").read_text("utf-8").splitlines()
    shown = words(" ".join(line for line in lines if "-->" not in line))
    level = {spoken_text(read_aloud(one, "en")) for one in calibration_sentences("en")}
    assert len(texts) == len(set(texts))
    assert [one for one in texts if one not in level and words(one) not in shown] == []


def test_short_targets_leave_sections_out(tmp_path: Path) -> None:
    """Where there is no time for all sections, the model is asked for those that fit."""
    names = ("oak", "elm", "ash", "fir", "yew", "bay")
    parts = [f"\n## The {n}\n\n" + f"The {n} of the park is lit at dusk. " * 3 for n in names]
    text = "# Lamps\n" + "".join(parts)
    with misbehaving() as server:
        settings = Settings(cache=tmp_path, writer="mine", seconds=40, models=model_at(server))  # type: ignore[arg-type]

        async def run() -> Written:
            async with house(server, tmp_path) as (builder, _):
                return await write(builder, plan_for(settings, options_from(settings)), text)

        told = asyncio.run(run())
    assert told.writing is not None
    assert told.writing.sections == 3


def test_a_writer_that_is_not_set_up_is_refused() -> None:
    """Before any work is done, and by the name of the option."""
    with pytest.raises(OptionError) as caught:
        options_from(Settings(), {"writer": "ollama"})
    assert caught.value.field == "writer"
    assert "INKREEL_MODELS__OLLAMA__URL" in caught.value.hint


def test_a_job_says_what_the_model_did(tmp_path: Path) -> None:
    """A job whose model fails for a section is done in one try, marked as degraded; what was
    written and what it took stands in its outcome."""

    async def run(server: Server) -> None:
        options = msgspec.structs.replace(OPTIONS, writer="mine")
        async with workshop(tmp_path, models=model_at(server)) as shop:
            job = await shop.tell(DOCUMENT, options)
            async with shop.work():
                done = await shop.ended(job, 90)
            assert (done.status, done.attempt) == ("done", 1)
            assert any("1 of 3 sections" in one.what for one in done.degraded)
            assert done.outcome is not None
            assert done.outcome.writing is not None
            assert (done.outcome.writing.sections, done.outcome.writing.own) == (3, 1)
            told = [event.told for event in await shop.told(job)]
            statuses = [one.status for one in told if isinstance(one, StatusTold)]
            assert statuses == ["queued", "running", "done"]

    with misbehaving() as server:
        server.fault = lambda n: "declines" if "Every row holds" in server.said[n - 1].text else ""
        asyncio.run(run(server))


def test_the_command_tells_what_the_model_did(capsys: pytest.CaptureFixture[str]) -> None:
    """`--json` and the words on the terminal say who wrote the storyboard and what it cost."""
    from inkreel.entrypoints.cli import _tell

    writing = Writing("mine", "m", 3, 1, 0, Usage(2, 2_000, 200, estimated=True), 0.0125)
    result = Result("t.mp4", 60.0, (), Counts(), Counts(), 1.0, writing=writing)
    _tell(result, Path("t.mp4"), as_json=False)
    _tell(result, Path("t.mp4"), as_json=True)
    told = capsys.readouterr()
    assert "storyboard by mine (m): 3 sections, 1 found, 0 told without it" in told.err
    assert "2 calls, about 2000 + 200 tokens, cost 0.0125" in told.err
    said_ = json.loads(told.out.splitlines()[-1])["writing"]
    assert (said_["cost"], said_["usage"]["prompt_tokens"]) == (0.0125, 2_000)
