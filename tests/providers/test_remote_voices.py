"""Voices over HTTP against a server that misbehaves: what is said is kept, what fails is told."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest

from inkreel.backends.child import Ask, perform
from inkreel.backends.files import FileStore
from inkreel.build import Builder
from inkreel.errors import VoiceFailed, by_code
from inkreel.model import Artifact, Speech, Utterance, VoiceChoice
from inkreel.narrator import Narrator
from inkreel.recipes import SAY, Recipe, SayRequest
from inkreel.settings import Settings
from inkreel.speech.normalise import read_aloud
from inkreel.wiring.services import open_services
from inkreel.wiring.storage import open_storage
from inkreel.wiring.voices import chooser
from tests.providers.misbehaving import Server, misbehaving
from tests.thorough import times

KEY = "sk-loopback-1234"


def sentence(number: int) -> str:
    """A short one that no other number has."""
    letters = "".join("abcdefghij"[int(digit)] for digit in str(number))
    return f"Lamp {letters} is lit."


class Here:
    """`Workers` in this process."""

    def __init__(self, store: FileStore) -> None:
        self.store = store

    async def run(self, recipe: Recipe[Any], rank: tuple[int, ...] = ()) -> Artifact:
        answer = await asyncio.to_thread(
            perform, Ask(str(self.store.root), recipe.step.role, recipe.body), self.store
        )
        if answer.failure:
            raise by_code()[answer.failure.code](answer.failure.message)
        assert answer.artifact
        return answer.artifact

    async def close(self) -> None:
        return None


class Meter:
    def __init__(self) -> None:
        self.ended: list[str] = []

    def called(self, port: str, service: str, ended: str, seconds: float, /) -> None:
        self.ended.append(ended)

    def rests(self, port: str, service: str, resting: bool, /) -> None:  # noqa: FBT001
        self.ended.append("rests" if resting else "is back")


class Desk:
    """A builder with the voice `mine`, and how it was called."""

    def __init__(self, builder: Builder, choice: VoiceChoice, meter: Meter) -> None:
        self.builder, self.choice, self.meter = builder, choice, meter

    async def say(self, text: str) -> Artifact:
        choice = self.choice
        request = SayRequest(
            text, choice.provider, choice.model, choice.voice, choice.form, choice.speed
        )
        return await self.builder.build_artifact(SAY.recipe(request))

    async def speech(self, *sentences: str) -> list[Speech]:
        narrator = Narrator(self.builder, self.choice, "en")
        return [await narrator.say(sentence) for sentence in sentences]


@asynccontextmanager
async def desk(
    server: Server, cache: Path, kind: str = "openai", places: int = 8, **given: object
) -> AsyncIterator[Desk]:
    url = server.root if kind == "elevenlabs" else server.url
    voice = {"kind": kind, "url": url, "key": KEY, "model": "tts-test", "voice": "alloy", **given}
    settings = Settings(cache=cache, voices={"mine": voice})  # type: ignore[arg-type]
    store, meter = FileStore(cache), Meter()
    async with open_services(settings, open_storage(settings), meter) as services:
        builder = Builder(store, Here(store), {"cpu": 2, "network": places}, services)
        yield Desk(builder, chooser(settings)("mine", "en"), meter)
        await builder.close()
    store.scratch.close()


QUICK = {"patience_seconds": 1.0, "read_seconds": 0.3, "deadline_seconds": 0.5, "tries": 3}


@pytest.mark.parametrize("form", ["wav", "pcm", "mp3", "flac"])
@pytest.mark.parametrize("kind", ["openai", "kokoro", "chatterbox"])
def test_each_protocol_is_spoken(kind: str, form: str, tmp_path: Path) -> None:
    """The server is asked as its protocol has it, and its sound is heard in each format; times of
    words are its own where it tells them."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path, kind, format=form) as at:
            (speech,) = await at.speech("The lamp is lit at dusk.")
            assert speech.rate == 24_000
            assert [word.start for word in speech.words] == (
                [0, 4, 9, 12, 16, 19] if kind == "kokoro" else []
            )

    with misbehaving() as server:
        asyncio.run(run(server))
    (said,) = server.said
    captioned = "/dev/captioned_speech"
    assert said.path == (captioned if kind == "kokoro" else "/v1/audio/speech")
    assert said.headers["authorization"] == f"Bearer {KEY}"
    assert said.body["response_format"] == form
    assert said.body["model"] == "tts-test"


@pytest.mark.parametrize("form", ["pcm", "mp3"])
def test_elevenlabs_tells_its_words(form: str, tmp_path: Path) -> None:
    """Times of characters become times of words."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path, "elevenlabs", format=form) as at:
            (speech,) = await at.speech("The lamp is lit.")
            assert [word.start for word in speech.words] == [0, 4, 9, 12]
            assert all(a.at < b.at for a, b in zip(speech.words, speech.words[1:], strict=False))

    with misbehaving() as server:
        asyncio.run(run(server))
    assert server.said[0].path.startswith("/v1/text-to-speech/alloy/with-timestamps?output_format=")
    assert server.said[0].headers["xi-api-key"] == KEY


def test_without_timestamps_there_are_no_words(tmp_path: Path) -> None:
    """A captioned answer without times is sound all the same."""

    async def run(server: Server) -> None:
        server.timestamps = False
        async with desk(server, tmp_path, "kokoro") as at:
            assert (await at.speech("The lamp is lit."))[0].words == ()

    with misbehaving() as server:
        asyncio.run(run(server))


def test_long_sentences_are_said_in_pieces(tmp_path: Path) -> None:
    """No request is longer than the service takes, and the sentence is whole again afterwards."""
    sentence = "The lamp is lit at dusk, " * 20 + "and it burns till dawn."

    async def run(server: Server) -> None:
        async with desk(server, tmp_path, "chatterbox") as at:
            (speech,) = await at.speech(sentence)
            letters = sum(letter.isalpha() for letter in sentence)
            assert len(speech.pcm) / 2 / speech.rate == pytest.approx(letters * 0.07, rel=0.2)

    with misbehaving() as server:
        asyncio.run(run(server))
    assert len(server.said) == 2
    assert max(len(said.text) for said in server.said) <= 280
    texts = sorted((said.text for said in server.said), key=sentence.index)
    assert " ".join(texts) == sentence


@pytest.mark.parametrize(
    "fault",
    ["429", "503 1", "500", "html", "json", "empty", "silence", "half", "other", "short", "cut",
     "hang", "drip"],
)  # fmt: skip
def test_a_moment_of_failure_is_got_over(fault: str, tmp_path: Path) -> None:
    """Whatever goes wrong once is asked for again, and nothing of it is kept or left behind."""

    async def run(server: Server) -> None:
        given = {**QUICK, "patience_seconds": 5.0}
        async with desk(server, tmp_path, **given) as at:  # type: ignore[arg-type]
            made = await at.say("The lamp is lit at dusk, and nobody knows by whom.")
            utterance = at.builder.store.load(made.digest, Utterance)
            assert utterance.sound[:4] == b"RIFF"
            assert list((tmp_path / "tmp").glob("*/[!l]*")) == []

    with misbehaving(lambda number: fault if number == 1 else "") as server:
        asyncio.run(run(server))
        assert len(server.said) == 2
        if fault == "503 1":
            assert server.said[1].at - server.said[0].at >= 1.0


@pytest.mark.parametrize("fault", ["endless", "typed"])
def test_harmless_lies_are_passed_over(fault: str, tmp_path: Path) -> None:
    """A wrong Content-Type, or the length that streaming servers write into WAV, costs no call."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path) as at:
            await at.say("The lamp is lit.")

    with misbehaving(lambda _: fault) as server:
        asyncio.run(run(server))
    assert len(server.said) == 1


@pytest.mark.parametrize(
    ("fault", "calls"),
    [("401", 1), ("400", 1), ("redirect", 1), ("500", 3), ("silence", 3), ("hang", 2), ("drip", 2)],
)
def test_what_does_not_pass_is_told(
    fault: str, calls: int, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    """A service that stays broken ends in `VoiceFailed`, after as many calls as make sense, without
    the key in the error or the log, and with no connection left open."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path, **QUICK) as at:  # type: ignore[arg-type]
            with pytest.raises(VoiceFailed, match="The voice mine failed") as caught:
                async with asyncio.timeout(60):
                    await at.say("The lamp is lit.")
            assert KEY not in caught.value.message
            assert list((tmp_path / "tmp").glob("*/[!l]*")) == []

    with misbehaving(lambda _: fault) as server, caplog.at_level(logging.DEBUG):
        asyncio.run(run(server))
        assert len(server.said) == calls
        for _ in range(200):
            if not server.open:
                break
            asyncio.run(asyncio.sleep(0.01))
        assert server.open == 0
    assert "gives up" in caplog.text
    assert KEY not in caplog.text


def test_a_dead_service_is_left_alone(tmp_path: Path) -> None:
    """After five calls nobody calls it: who asks next is told at once. One probe goes out after
    the rest, and when it is good all is well."""

    async def run(server: Server) -> None:
        well = asyncio.Event()
        server.fault = lambda number: "" if well.is_set() else "500"
        async with desk(server, tmp_path, tries=1, patience_seconds=0.0) as at:
            for number in range(40):
                with pytest.raises(VoiceFailed):
                    await at.say(sentence(number))
            assert len(server.said) == 5
            well.set()
            await asyncio.sleep(0.6)
            server.delay = 0.5  # the probe is still out when the last of them asks
            await asyncio.gather(
                *(at.say(sentence(100 + n)) for n in range(4)), return_exceptions=True
            )
            server.delay = 0.0
            assert (len(server.said), at.meter.ended[-1]) == (6, "is back")
            await at.say("All is well.")

    with misbehaving() as server:
        asyncio.run(run(server))


def test_connections_are_few_and_kept(tmp_path: Path) -> None:
    """A hundred sentences open no more connections than the pool has, nor are more under way."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path, connections=3) as at:
            await asyncio.gather(*(at.say(sentence(n)) for n in range(100)))

    with misbehaving() as server:
        server.delay = 0.002
        asyncio.run(run(server))
        assert server.connections <= 3
        assert server.peak == 3
    assert len(server.said) == 100


def test_a_hundred_who_ask_alike_are_one_call(tmp_path: Path) -> None:
    """Single flight holds over the network; and what was said is found by the next process."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path) as at:
            await asyncio.gather(*(at.say("The lamp is lit.") for _ in range(100)))
        async with desk(server, tmp_path) as at:
            await at.say("The lamp is lit.")

    with misbehaving() as server:
        asyncio.run(run(server))
    assert len(server.said) == 1


def test_a_flaky_service_is_enough(tmp_path: Path) -> None:
    """When 30 of 100 calls fail, 99 of 100 sentences and more are said, with at most 1.6 calls
    for each."""
    rng, calls = random.Random(6), times(50, 200)

    async def run(server: Server) -> int:
        async with desk(server, tmp_path) as at:
            asked = [at.say(sentence(n)) for n in range(calls)]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            return sum(isinstance(answer, Artifact) for answer in answers)

    with misbehaving(lambda _: rng.choice(("500", "503")) if rng.random() < 0.3 else "") as server:
        assert asyncio.run(run(server)) >= 0.99 * calls
    assert len(server.said) <= 1.6 * calls


def test_cancelled_means_not_called_again(tmp_path: Path) -> None:
    """Who is cancelled while a service hangs, or between two tries, makes no further call."""

    async def run(server: Server) -> None:
        async with desk(server, tmp_path) as at:
            for fault in ("hang", "500"):
                server.fault = lambda _, fault=fault: fault
                task = asyncio.create_task(at.say(f"It is {fault}."))
                before = len(server.said)
                while len(server.said) == before:  # noqa: ASYNC110  the server has a thread
                    await asyncio.sleep(0.005)
                task.cancel()
                await asyncio.gather(task, return_exceptions=True)
                after = len(server.said)
                await asyncio.sleep(0.5)
                assert len(server.said) == after

    with misbehaving() as server:
        asyncio.run(run(server))


def test_no_recipe_holds_a_secret(tmp_path: Path) -> None:
    """Neither the key nor the path of the URL, which some make a key, is in a request or the
    store; another address or model is another recipe."""
    voice = {"url": "https://voices.example.com/hidden-path/v1", "key": KEY}
    settings = Settings(cache=tmp_path, voices={"openai": voice})  # type: ignore[arg-type]
    choice = chooser(settings)("openai:nova", "en")
    body = msgspec.json.encode(choice).decode()
    assert KEY not in body
    assert "hidden" not in body
    assert choice.voice == "nova"
    moved = Settings(voices={"openai": {**voice, "url": "https://b.example.com/v1"}})  # type: ignore[arg-type]
    assert chooser(moved)("openai:nova", "en").provider != choice.provider
    assert KEY not in repr(settings)


def test_a_name_that_leads_inside_is_refused(tmp_path: Path) -> None:
    """A voice's URL whose name stands for a private address is not called, unless its network is
    allowed."""

    async def run(server: Server) -> None:
        local = f"http://localhost.:{server.port}/v1"
        for url, networks in (
            (local, ["127.0.0.0/8"]),
            (f"http://ip6-localhost:{server.port}", []),
        ):
            async with desk(server, tmp_path, url=url, networks=networks, tries=1) as at:
                with pytest.raises(VoiceFailed):
                    await at.say("The lamp is lit.")

    with misbehaving() as server:
        asyncio.run(run(server))
    assert server.connections == 0


def test_sentences_are_read_aloud_first() -> None:
    """What a service is sent are words, as the embedded voice gets them."""
    assert read_aloud("It costs 5 %.", "en")[2].spoken == "five"
