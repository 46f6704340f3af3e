"""A video whose statements have pictures of a source: asked once, told when it fails."""

from __future__ import annotations

import asyncio
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

import inkreel
from inkreel.entrypoints.http import views
from inkreel.entrypoints.http.links import Links
from inkreel.errors import InvalidStoryboard
from inkreel.model import (
    ILLUSTRATED,
    QuoteVisual,
    Result,
    Scene,
    SectionVisual,
    SlideVisual,
    Storyboard,
    TableVisual,
)
from inkreel.storyboard.board import dump, parse
from inkreel.storyboard.illustrating import MOST, SHARE, illustrated
from tests.jobs.workshop import OPTIONS, workshop
from tests.providers.misbehaving import Server, misbehaving

QUICK: dict[str, object] = {"tries": 2, "patience_seconds": 0.2}


def board() -> Storyboard:
    says = (
        ("Why a coast needs lights", "A lighthouse says where the rocks are."),
        ("What a fog horn is for", "In fog a horn is heard before a light is seen."),
    )
    scenes = tuple(
        Scene(f"s{at}", heading, (text,), QuoteVisual(text=text), illustrate=query)
        for at, ((heading, text), query) in enumerate(zip(says, ("lighthouse", "fog"), strict=True))
    )
    return Storyboard("Lights", "en", scenes)


def make(folder: Path, server: Server, **more: Any) -> Result:
    file = folder / "board.yaml"
    file.write_text(dump(board(), None), encoding="utf-8")
    source = {"url": f"{server.root}/pictures", "kind": "pexels", "key": "k", **QUICK}
    return inkreel.make(
        file,
        folder / "lights.mp4",
        cache=folder / "cache",
        size="1280x720",
        profile="draft",
        captions="off",
        workers=2,
        illustrate="mine",
        images={"mine": source},
        **more,
    )


def test_the_same_again_costs_no_call(tmp_path: Path) -> None:
    """Each scene's picture is asked for once, its credit stands in the result, and the same video
    again asks nobody."""
    with misbehaving() as server:
        first = make(tmp_path, server)
        calls = len(server.said)
        second = make(tmp_path, server)
        assert len(server.said) == calls == 4  # a search and a download for each
    assert [scene.degraded for scene in first.scenes] == [None, None]
    credit = first.scenes[0].credit
    assert credit is not None
    assert (credit.author, credit.source) == ("Jane Doe", "Pexels")
    assert credit.link == "https://www.pexels.com/photo/1"
    assert second.made.pictures == 0
    assert second.scenes[0].credit == credit


def test_a_job_says_whose_its_pictures_are(tmp_path: Path) -> None:
    """The scenes of a finished job have their credit, and so has what HTTP answers."""

    async def run(server: Server) -> None:
        source = {"url": f"{server.root}/pictures", "kind": "pexels", "key": "k", **QUICK}
        options = msgspec.structs.replace(OPTIONS, illustrate="mine")
        async with workshop(tmp_path, images={"mine": source}) as shop:
            job = await shop.film(board(), options)
            async with shop.work():
                done = await shop.ended(job, 90)
            scenes = await shop.queue.scenes(job.id)
        shown = views.video(done, Links(b"s", 0), 4, scenes)
        assert shown.scenes
        told = [scene.credit for scene in shown.scenes]
        assert [one.author for one in told if one] == ["Jane Doe", "Jane Doe"]
        assert told == [scene.credit for scene in scenes]

    with misbehaving() as server:
        asyncio.run(run(server))


def test_a_dead_source_costs_the_pictures_alone(tmp_path: Path) -> None:
    """The video is made, each scene that wanted a picture says that it has none and why, and the
    source is asked no more often than its retries have it."""
    with misbehaving(lambda _: "503") as server:
        result = make(tmp_path, server)
        assert len(server.said) <= 4
    whats = {scene.degraded.what for scene in result.scenes if scene.degraded}
    assert whats == {"the scene has no picture beside it"}
    assert result.scenes[0].degraded is not None
    assert "The images mine failed" in result.scenes[0].degraded.why
    assert (tmp_path / "lights.mp4").stat().st_size > 10_000


def scene(at: int, visual: Any) -> Scene:
    return Scene(f"s{at}", f"Harbour lights {at}", ("Ships steer by harbour lights.",), visual)


def test_the_writer_chooses_few_scenes_that_have_nothing_to_draw() -> None:
    """Statements and chapters alone, never two in a row, a bounded share; what is asked for are
    the words that carry the scene."""
    statement = QuoteVisual(text="Ships steer by harbour lights.")
    quotation = QuoteVisual(text="Keep a good light.", by="A keeper")
    kinds = (statement, SlideVisual(bullets=()), SectionVisual(number="1"), quotation)
    scenes = tuple(scene(at, kinds[at % len(kinds)]) for at in range(200))
    chosen = [one for one in illustrated(Storyboard("T", "en", scenes)).scenes if one.illustrate]
    assert 0 < len(chosen) <= min(MOST, 200 // SHARE + 1)
    assert all(isinstance(one.visual, ILLUSTRATED) for one in chosen)
    assert not any(isinstance(one.visual, SlideVisual) for one in chosen)
    assert all(getattr(one.visual, "by", "") == "" for one in chosen)
    numbers = [int(one.id[1:]) for one in chosen]
    assert all(after - before > 1 for before, after in pairwise(numbers))
    assert "harbour" in chosen[0].illustrate
    assert "ships" in chosen[0].illustrate
    assert all(not one.illustrate for one in scenes)


def test_a_storyboard_names_what_is_to_be_shown() -> None:
    """`illustrate` stands with a scene and is kept; a chart leaves no room for it."""
    text = dump(board(), None)
    assert "illustrate: lighthouse" in text
    assert parse(text) == board()
    full = Scene("s", "Depths", ("It is deep.",), TableVisual(header=("a",), rows=(("1",),)))
    crowded = msgspec.structs.replace(full, illustrate="a reef")
    with pytest.raises(InvalidStoryboard, match="no room for a picture beside its table"):
        parse(dump(Storyboard("T", "en", (crowded,)), None))
