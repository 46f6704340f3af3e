"""When a voice fails for good: the whole video is told by the next one, and says so."""

from __future__ import annotations

import asyncio
import json
import re
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

import inkreel
from inkreel import settings
from inkreel.backends.sqlite import SqliteJobs
from inkreel.errors import OptionError, SettingError, VoiceFailed
from inkreel.job import Job, JobId, SegmentTold, StatusTold
from inkreel.jobs.premiere import Premiere
from inkreel.model import Options, Result
from inkreel.settings import Settings
from inkreel.wiring import video
from inkreel.wiring.options import options_from, plan_for
from tests.jobs.workshop import OPTIONS, storyboard, workshop
from tests.providers.misbehaving import Fault, Said, Server, misbehaving

DOCUMENT = """# Tide tables

A tide table tells when the sea is high and when it is low at one harbour.

## How to read one

Every row holds a day, and every day has two high waters. The height is counted from the chart.
"""
QUICK: dict[str, object] = {"patience_seconds": 0.2, "tries": 2}
CALIBRATION = 6
"""Sentences that a voice's level is measured by."""


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that the tests share: pictures and the embedded voice are made once."""
    return tmp_path_factory.mktemp("cache")


def voice_at(server: Server, **more: object) -> dict[str, Any]:
    return {"mine": {"url": server.url, "model": "tts-test", "voice": "a", **QUICK, **more}}


def make(folder: Path, cache: Path, server: Server, text: str = DOCUMENT, **more: Any) -> Result:
    document = folder / "tides.md"
    document.write_text(text, encoding="utf-8")
    return inkreel.make(
        document,
        folder / "tides.mp4",
        **{
            "cache": cache,
            "size": "1280x720",
            "workers": 2,
            "voice": "mine",
            "voices": voice_at(server),
            **more,
        },
    )


def test_only_what_changed_is_said_again(tmp_path: Path, cache: Path) -> None:
    """The same document costs no call the second time, and one with another sentence one call."""
    with misbehaving() as server:
        first = make(tmp_path, cache, server)
        assert first.degraded == ()
        assert len(server.said) > CALIBRATION
        server.said.clear()
        assert make(tmp_path, cache, server).made.narrations == 0
        assert server.said == []
        changed = DOCUMENT.replace("two high waters", "two high tides")
        make(tmp_path, cache, server, changed)
        assert [said.text for said in server.said] == [
            "Every row holds a day, and every day has two high tides."
        ]


@pytest.mark.parametrize("dies", [1, CALIBRATION + 2])
def test_a_voice_that_dies_is_replaced_whole(dies: int, tmp_path: Path, cache: Path) -> None:
    """Whether it dies at once or amid the video: all of it is told by the next voice, none by the
    one that failed, and the result says which and why."""
    warned: list[str] = []
    with misbehaving(lambda number: "500" if number >= dies else "") as server:
        result = make(
            tmp_path,
            tmp_path / "cache" if dies > 1 else cache,
            server,
            voices=voice_at(server, model=f"dies-{dies}"),
            progress=lambda said: warned.append(said.heading) if said.state == "warning" else None,
        )
    (lost,) = result.degraded
    assert lost.what == "the whole video is told by espeak"
    assert lost.why.startswith("The voice mine failed: it answered 500")
    assert any("told by espeak" in heading for heading in warned)
    assert {scene.degraded for scene in result.scenes} == {None}  # espeak times its words
    assert (tmp_path / "tides.mp4").stat().st_size > 10_000
    assert not list(tmp_path.glob("*.part*"))


def speaks(said: Said) -> str:
    """Which service was asked."""
    if said.path.startswith("/pictures"):
        return "images"
    return "model" if "messages" in said.body else "voice"


def test_a_voice_that_dies_leaves_the_writing_alone(tmp_path: Path, cache: Path) -> None:
    """While a language model writes, its calls are not cut off and made again since a voice, which
    nobody has needed yet, is known to be dead."""
    with misbehaving() as model, misbehaving(lambda _: "401") as voice:
        voice.delay, model.delay = 1.0, 2.5
        result = make(
            tmp_path,
            cache,
            voice,
            writer="mine",
            models={"mine": {"url": model.url, "model": "m"}},
            voices=voice_at(voice, model="shut"),
        )
        asked = [said.text for said in model.said]
    assert len(asked) == len(set(asked)) == 2
    (lost,) = result.degraded
    assert lost.what == "the whole video is told by espeak"


@pytest.mark.parametrize(("fault", "most"), [("500", 8), ("401", 4)])
def test_all_dead_at_once_are_given_up_at_once(
    fault: Fault, most: int, tmp_path: Path, cache: Path
) -> None:
    """Nobody waits for services that have never answered: each is asked as often as it takes to
    tell, by four callers at once, whatever its patience, and the house makes the video."""
    patient: dict[str, object] = {"tries": 20, "patience_seconds": 600}
    text = "# Buoys\n" + "".join(
        f"\n## Buoy {name}\n\nThe buoy {name} lies in the fairway, and its lamp is lit at dusk. "
        f"Whoever sails past {name} at night can see it from afar.\n\nA keeper visits {name} once "
        "a year. He cleans its glass and renews its paint.\n"
        for name in ("Ann", "Bea", "Cat", "Dot", "Eve")
    )
    with misbehaving(lambda _: fault) as server:
        result = make(
            tmp_path,
            cache,
            server,
            text,
            writer="mine",
            illustrate="mine",
            models={"mine": {"url": server.url, "model": "m", **patient}},
            voices=voice_at(server, model=fault, **patient),
            images={"mine": {"url": f"{server.root}/pictures", "kind": "pexels", **patient}},
        )
        calls = Counter(speaks(said) for said in server.said)
    assert set(calls) == {"model", "voice", "images"}
    assert max(calls.values()) <= most
    assert [lost.what for lost in result.degraded] == [
        "the whole video is told by espeak",
        "the storyboard is written without a language model",
    ]
    assert any(scene.degraded for scene in result.scenes)


def test_who_watches_sees_the_next_edition(tmp_path: Path, cache: Path) -> None:
    """Watched while it is made: what was played ends, and all of it is played anew in the next
    voice."""
    watched: list[tuple[int, int]] = []

    @asynccontextmanager
    async def theatre(premiere: Premiere) -> AsyncIterator[Callable[[Result], Awaitable[None]]]:
        async def over(result: Result) -> None:
            segments = [one for scene in premiere.shown for one in scene.segments]
            watched.append((premiere.job.edition, len(segments)))
            assert [one.number for one in segments] == list(range(1, len(segments) + 1))
            assert premiere.job.status == "done"
            assert premiere.job.degraded == result.degraded != ()

        yield over

    document = tmp_path / "tides.md"
    document.write_text(DOCUMENT, encoding="utf-8")
    with misbehaving(lambda number: "500" if number > CALIBRATION + 1 else "") as server:
        loaded = settings.load(
            cache=cache,
            size="1280x720",
            profile="draft",
            workers=2,
            voice="mine",
            voices=voice_at(server, model="watched"),
        )
        shown = video.show(document, tmp_path / "t.mp4", loaded, lambda _: None, theatre)
        asyncio.run(shown)
    ((edition, segments),) = watched
    assert edition == 2
    assert segments >= 3


def test_without_a_fallback_the_video_fails(tmp_path: Path, cache: Path) -> None:
    """Nothing takes the place of a voice where nothing may; no file is left."""
    with misbehaving(lambda _: "401") as server, pytest.raises(VoiceFailed, match="key"):
        make(tmp_path, cache, server, voice_fallback="", voices=voice_at(server, model="none"))
    assert not (tmp_path / "tides.mp4").exists()


def test_the_chain_is_followed(tmp_path: Path, cache: Path) -> None:
    """Each voice of the chain gets its turn, and both that failed are told."""
    with misbehaving(lambda _: "503") as dead, misbehaving() as good:
        voices = voice_at(dead, model="chain")
        voices["second"] = {**voices["mine"], "url": dead.url + "/two"}
        voices["third"] = {**voices["mine"], "url": good.url}
        chain = "second,third,espeak"
        result = make(tmp_path, cache, dead, voices=voices, voice_fallback=chain)
    assert [one.what.rpartition(" ")[2] for one in result.degraded] == ["second", "third"]
    assert len(good.said) > CALIBRATION


def test_who_fails_alike_is_no_fallback() -> None:
    """A voice does not follow itself, and a chain that names nobody is refused."""
    voices = {"mine": {"url": "http://127.0.0.1:9999/v1"}}
    settings = Settings(voices=voices, voice_fallback=("mine", "espeak", "espeak:vi"))  # type: ignore[arg-type]
    assert plan_for(settings, Options(voice="mine")).fallbacks == ("espeak",)
    assert plan_for(settings, Options(voice="espeak:vi")).fallbacks == ("mine",)
    assert plan_for(Settings(), Options()).fallbacks == ()
    with pytest.raises(SettingError, match="voice_fallback"):
        plan_for(Settings(voice_fallback=("nobody",)), Options())


@pytest.mark.parametrize(
    ("voice", "words"),
    [
        ("openai:alloy", "INKREEL_VOICES__OPENAI__KEY"),
        ("kokoro", "INKREEL_VOICES__KOKORO__URL"),
        ("eleven", "INKREEL_VOICES__ELEVEN__VOICE"),
        ("nobody", "eleven"),
    ],
)
def test_a_voice_that_is_not_set_up_is_refused_at_once(voice: str, words: str) -> None:
    """The error says which setting is lacking, before any work is done."""
    voices = {"eleven": {"kind": "elevenlabs", "key": "k"}}
    settings = Settings(voices=voices)  # type: ignore[arg-type]
    with pytest.raises(OptionError) as caught:
        options_from(settings, {"voice": voice})
    assert caught.value.field == "voice"
    assert words in caught.value.hint


@pytest.mark.parametrize(
    "url",
    [
        "ftp://a.example/v1",
        "https://me:secret@a.example/v1",
        "https://a.example/v1?key=secret",
        "x",
    ],
)
def test_odd_addresses_are_refused(url: str) -> None:
    """A URL with a password, or none at all, is refused in words that do not repeat it."""
    with pytest.raises(SettingError) as caught:
        plan_for(Settings(voices={"mine": {"url": url}}), Options())  # type: ignore[arg-type]
    assert "secret" not in caught.value.message + caught.value.hint


def test_variables_and_file_name_voices(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table of the file and a variable with the key make one voice."""
    file = tmp_path / "inkreel.toml"
    file.write_text(
        'voice = "mine"\n[voices.mine]\nkind = "kokoro"\nurl = "http://127.0.0.1:1/v1"\n'
        'networks = ["10.0.0.0/8"]\n',
        encoding="utf-8",
    )
    monkeypatch.setenv("INKREEL_CONFIG", str(file))
    monkeypatch.setenv("INKREEL_VOICES__MINE__KEY", "hush-hush")
    monkeypatch.setenv("INKREEL_VOICES__MINE__SPEED", "1.25")
    monkeypatch.setenv("INKREEL_VOICES__OPENAI__KEY", "other")
    settings = inkreel_settings()
    assert settings.voices["mine"].kind == "kokoro"
    assert settings.voices["mine"].speed == 1.25
    assert settings.voices["mine"].networks == ("10.0.0.0/8",)
    key = settings.voices["mine"].key
    assert key is not None
    assert key.get_secret_value() == "hush-hush"
    assert "hush-hush" not in repr(settings)
    assert plan_for(settings, options_from(settings)).narrator("en").voice == "af_heart"
    chosen = options_from(settings, {"voice": "openai:nova"})
    assert plan_for(settings, chosen).narrator("vi").voice == "nova"


def inkreel_settings() -> Settings:
    from inkreel.settings import load

    return load()


def amid(after: int) -> Callable[[int], Fault]:
    return lambda number: "500" if number > after else ""


def test_a_job_begins_anew_with_the_next_voice(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was already playing ends: the next edition of the stream is told whole by the next
    voice, waits for no time and is no try; the job says what was lost. Who asks meanwhile is shown
    no scene of the edition that ended."""
    written = SqliteJobs.change
    between: list[object] = []

    async def watched(queue: SqliteJobs, job: JobId, *change: Any) -> Job:
        after = await written(queue, job, *change)
        if (after.status, after.edition) == ("queued", 2):
            between.append(await queue.scenes(job))
        return after

    monkeypatch.setattr(SqliteJobs, "change", watched)

    async def run() -> None:
        # The first scene can be played; then the voice dies.
        with misbehaving(amid(CALIBRATION + 1)) as server:
            options = Options(
                **{**{f: getattr(OPTIONS, f) for f in OPTIONS.__struct_fields__}, "voice": "mine"}
            )
            async with workshop(
                tmp_path, cache=cache, voices=voice_at(server, model="job")
            ) as shop:
                job = await shop.film(storyboard("tide", 12), options)
                async with shop.work():
                    done = await shop.ended(job)
                assert (done.status, done.edition, done.attempt) == ("done", 2, 1)
                assert between == [()]
                (lost,) = done.degraded
                assert lost == done.fallbacks[0]
                assert lost.what == "the whole video is told by espeak"
                told = [event.told for event in await shop.told(job)]
                statuses = [one.status for one in told if isinstance(one, StatusTold)]
                assert statuses == ["queued", "running", "queued", "running", "done"]
                numbers = [one.segment.number for one in told if isinstance(one, SegmentTold)]
                assert numbers[-12:] == sorted(numbers[-12:])
                assert len({one.degraded for one in await shop.queue.scenes(job.id)}) == 1

    asyncio.run(run())


def test_the_json_tells_of_the_fallback(
    tmp_path: Path, cache: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--json` and the words on the terminal both say that another voice tells the video."""
    from inkreel.entrypoints import cli

    (tmp_path / "tides.md").write_text(DOCUMENT, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INKREEL_CACHE", str(cache))
    monkeypatch.setenv("INKREEL_WORKERS", "2")
    with misbehaving(lambda _: "401") as server:
        monkeypatch.setenv("INKREEL_VOICES__MINE__URL", server.url)
        asked = ["inkreel", "make", "tides.md", "--voice", "mine", "--size", "1280x720"]
        for more in ([], ["--json"]):
            monkeypatch.setattr("sys.argv", [*asked, *more])
            with pytest.raises(SystemExit) as ended:
                cli.main()
            assert ended.value.code == 0
    said = capsys.readouterr()
    assert re.search(r"degraded: the whole video is told by espeak\. The voice mine", said.err)
    result = json.loads(said.out.splitlines()[-1])
    assert result["degraded"][0]["what"] == "the whole video is told by espeak"
