"""Sources of images against a server that misbehaves: what is a picture is kept, nothing else."""

from __future__ import annotations

import asyncio
import socket
import tomllib
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from inkreel.backends.files import FileStore
from inkreel.build import Builder
from inkreel.entrypoints.doctor import _services
from inkreel.errors import ImageFailed, OptionError, SettingError
from inkreel.model import Artifact, Illustration, ImageChoice, Photo
from inkreel.recipes import DEVELOP, ILLUSTRATE, DevelopRequest, IllustrateRequest
from inkreel.settings import Settings
from inkreel.wiring.images import chooser
from inkreel.wiring.options import options_from
from inkreel.wiring.services import open_services
from inkreel.wiring.storage import open_storage
from tests.providers.misbehaving import Server, misbehaving
from tests.providers.pictures import stripes
from tests.providers.test_remote_voices import Here, Meter

KEY = "sk-loopback-1234"
QUICK = {"tries": 2, "patience_seconds": 0.3, "read_seconds": 0.5, "deadline_seconds": 2.0}
MOST_BYTES = 16_000_000


class Desk:
    def __init__(self, builder: Builder, store: FileStore, choice: ImageChoice) -> None:
        self.builder, self.store, self.choice = builder, store, choice

    async def ask(self, query: str = "a light on the coast", pick: int = 0) -> Artifact:
        one = self.choice
        request = IllustrateRequest(
            query, "en", "landscape", one.provider, one.model, one.style, one.size, pick
        )
        return await self.builder.build_artifact(ILLUSTRATE.recipe(request))

    async def illustration(
        self, query: str = "a light on the coast", pick: int = 0
    ) -> Illustration:
        return self.store.load((await self.ask(query, pick)).digest, Illustration)

    async def photo(self, of: Illustration) -> Photo:
        built = await self.builder.build_artifact(DEVELOP.recipe(DevelopRequest(of.image)))
        return self.store.load(built.digest, Photo)


@asynccontextmanager
async def desk(settings: Settings) -> AsyncIterator[Desk]:
    store = FileStore(settings.cache)
    async with open_services(settings, open_storage(settings), Meter()) as services:
        builder = Builder(store, Here(store), {"cpu": 2, "network": 8}, services)
        choice = chooser(settings)("mine")
        assert choice
        yield Desk(builder, store, choice)
        await builder.close()
    store.scratch.close()


def settings_for(server: Server, cache: Path, kind: str = "openai", **given: object) -> Settings:
    source = {"kind": kind, "url": f"{server.root}/pictures", "key": KEY, **given}
    return Settings(cache=cache, images={"mine": source})  # type: ignore[arg-type]


def run(settings: Settings, *queries: str) -> list[tuple[Illustration, Photo]]:
    async def ask() -> list[tuple[Illustration, Photo]]:
        async with desk(settings) as at:
            found = [await at.illustration(query) for query in queries or ("a light",)]
            return [(one, await at.photo(one)) for one in found]

    return asyncio.run(ask())


@pytest.mark.parametrize("kind", ["openai", "pexels", "pixabay"])
def test_each_protocol_is_spoken(kind: str, tmp_path: Path) -> None:
    """The source is asked as its protocol has it, once for a query; whose the picture is, and
    where it was found, is kept with it. Its key goes to the source alone."""
    with misbehaving() as server:
        settings = settings_for(server, tmp_path, kind)
        ((found, photo),) = run(settings)
        calls = len(server.said)
        assert run(settings)[0][0] == found
        assert len(server.said) == calls  # the second time costs no call
        first, *rest = server.said
    assert (photo.width, photo.height) == (1_200, 900)
    assert "a light" in first.text
    shown = first.headers.get("authorization", "") + first.path
    assert KEY in shown
    for said in rest:
        assert KEY not in str(said.headers) + said.path
    if kind == "openai":
        assert found.credit.generated
        assert first.body["size"] == "1536x1024"
    else:
        assert found.credit.author.lower().startswith("jane")
        assert found.credit.link.startswith("https://")


def test_connections_are_few_and_kept(tmp_path: Path) -> None:
    """Twenty searches with their downloads open no more connections than the pool has."""

    async def ask(server: Server) -> None:
        async with desk(settings_for(server, tmp_path, "pexels", connections=3)) as at:
            await asyncio.gather(*(at.ask(f"light {number}") for number in range(20)))

    with misbehaving() as server:
        asyncio.run(ask(server))
        assert server.connections <= 3
    assert len(server.said) == 40


def test_a_picture_that_is_gone_is_one_picture(tmp_path: Path) -> None:
    """A refusal where a picture should lie says nothing of the key: the next search goes out."""

    async def ask(server: Server) -> None:
        async with desk(settings_for(server, tmp_path, "pexels")) as at:
            with pytest.raises(ImageFailed, match="404"):
                await at.ask("a light")
            await at.ask("a horn")

    with misbehaving(lambda number: "404" if number == 2 else "") as server:
        asyncio.run(ask(server))
    assert len(server.said) == 4


@pytest.mark.parametrize(
    "fault",
    ["429", "503", "500", "429 1", "cut", "html", "json", "bomb", "tiny", "gif", "empty", "none"],
)
def test_what_passes_is_asked_for_again(fault: str, tmp_path: Path) -> None:
    """After one failure of any kind a picture is there, and nothing else was kept: no page, no
    bomb, nothing that would be a blur."""
    with misbehaving(lambda number: fault if number == 1 else "") as server:
        ((_, photo),) = run(settings_for(server, tmp_path))
        assert len(server.said) == 2
    assert photo.width == 1_200


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("401", "key"),
        ("hang", "in time"),
        ("drip", "longer than 2 s"),
        ("bomb", "900000000 pixels|30000"),
        ("html", "JSON"),
        ("huge", "longer than 34 MB"),
        ("private", "not public"),
        ("rebound", "no connection"),
    ],
)
def test_what_lasts_is_told(
    fault: str, why: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that never gives a picture fails in words, without its key, and leaves nothing in
    the store; an address that it names goes through the guard, also by a name."""
    local = socket.getaddrinfo
    monkeypatch.setattr(
        socket,
        "getaddrinfo",
        lambda host, *more, **named: local(
            "127.0.0.1" if "rebound" in str(host) else host, *more, **named
        ),
    )
    with (
        misbehaving(lambda _: fault) as server,
        pytest.raises(ImageFailed, match=why) as caught,
    ):
        run(settings_for(server, tmp_path, **QUICK))
    assert KEY not in caught.value.message + caught.value.hint
    assert not list((tmp_path / "scratch").glob("**/*.part"))


def test_a_lying_type_does_not_matter(tmp_path: Path) -> None:
    """The first bytes say what it is; a file of the source's own place may be private, as it is."""
    with misbehaving(lambda number: "linked" if number == 1 else "typed") as server:
        ((_, photo),) = run(settings_for(server, tmp_path))
        assert [said.path for said in server.said] == [
            "/pictures/images/generations",
            "/pictures/file.jpg",
        ]
    assert photo.width == 1_200


def test_a_body_without_end_adds_little_memory(tmp_path: Path) -> None:
    """500 MB in place of a picture: at most 16 MB more are held."""
    with misbehaving(lambda _: "huge") as server:
        settings = settings_for(server, tmp_path, **{**QUICK, "tries": 1, "deadline_seconds": 60})
        tracemalloc.start()
        with pytest.raises(ImageFailed):
            run(settings)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MOST_BYTES


def test_a_folder_is_searched_by_words(tmp_path: Path) -> None:
    """Names and captions count, whatever their case and marks; a caption's credit is kept; scenes
    with one query get different pictures as long as there are some; a folder that changes is
    another source."""
    place = tmp_path / "pictures"
    (place / "sub").mkdir(parents=True)
    (place / "hai-dang-1.jpg").write_bytes(stripes())
    (place / "sub" / "x.png").write_bytes(stripes(900, 700, ".png"))
    (place / "sub" / "x.txt").write_text("Ngọn hải đăng lúc bình minh\ncredit: Kho ảnh nhà\n")
    (place / "boat.webp").write_bytes(stripes(form=".webp"))
    settings = Settings(
        cache=tmp_path / "cache",
        images={"mine": {"kind": "folder", "folder": place}},  # type: ignore[dict-item]
    )

    async def ask() -> None:
        async with desk(settings) as at:
            found = await at.illustration("ngọn hải đăng")
            assert found.credit.source == "Kho ảnh nhà"
            assert (await at.photo(found)).width == 900
            both = {(await at.illustration("Hải Đăng", pick)).image for pick in range(3)}
            assert len(both) == 2
            with pytest.raises(ImageFailed, match="no picture for 'volcano'"):
                await at.ask("volcano")

    asyncio.run(ask())
    before = chooser(settings)("mine")
    (place / "new.jpg").write_bytes(stripes())
    assert chooser(settings)("mine") != before


def test_what_is_not_set_up_is_refused_at_once(tmp_path: Path) -> None:
    """The error says which setting is lacking, before any work is done."""
    for images, given, words in (
        ({}, "pexels", "INKREEL_IMAGES__PEXELS__KEY"),
        ({"pixabay": {}}, "pixabay", "INKREEL_IMAGES__PIXABAY__KEY"),
        ({"mine": {"url": "http://127.0.0.1:1"}}, "other", "NAME of: mine"),
    ):
        with pytest.raises(OptionError) as caught:
            options_from(Settings(images=images), {"illustrate": given})  # type: ignore[arg-type]
        assert caught.value.field == "illustrate"
        assert words in caught.value.hint
    with pytest.raises(SettingError, match="in no folder"):
        options_from(Settings(images={"folder": {}}))  # type: ignore[arg-type]


def test_the_doctor_looks_at_sources(tmp_path: Path) -> None:
    """For each: is the key there, can it be reached, does it have the model; stock has none."""
    with misbehaving() as server:
        url = f"{server.root}/pictures"
        (found,) = _services(Settings(images={"pexels": {"url": url, "key": KEY}}))  # type: ignore[arg-type]
        assert (found.state, found.said) == ("ok", "pexels protocol, reachable")
        given: dict[str, Any] = {"openai": {"url": server.url, "key": KEY, "model": "tts-test"}}
        (found,) = _services(Settings(images=given))
        assert (found.name, found.state) == ("source of images openai", "ok")
    (found,) = _services(Settings(images={"pixabay": {}}))  # type: ignore[arg-type]
    assert (found.state, found.said) == ("missing", "has no key")
    assert "INKREEL_IMAGES__PIXABAY__KEY" in found.hint


def test_a_package_adds_a_protocol(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The example of the docs, installed as packages are, gives pictures and is looked at."""
    example = Path(__file__).parent.parent.parent / "examples" / "images"
    installed = tmp_path / "site" / "inkreel_easel-1.dist-info"
    installed.mkdir(parents=True)
    project = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, points),) = project["entry-points"].items()
    lines = "\n".join(f"{key} = {value}" for key, value in points.items())
    (installed / "entry_points.txt").write_text(f"[{name}]\n{lines}\n")
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: 1\n")
    for path in (installed.parent, example):
        monkeypatch.syspath_prepend(str(path))
    with misbehaving() as server:
        settings = settings_for(server, tmp_path / "cache", "easel")
        ((found, photo),) = run(settings)
        (looked,) = _services(settings)
    assert found.credit.source == "Easel"
    assert photo.width == 1_200
    assert server.said[0].headers["x-easel-key"] == KEY
    assert looked.state == "ok"
    source = (example / "easel.py").read_text("utf-8").splitlines()
    assert len([line for line in source if line.strip()]) <= 24
