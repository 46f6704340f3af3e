"""Edge's voices, over a socket to a server that misbehaves: said, timed, not kept when bad."""

from __future__ import annotations

import asyncio
import socket
import time
import tracemalloc
from pathlib import Path

import pytest

pytest.importorskip("edge_tts")
pytest.importorskip("wsproto")

from edge_tts.drm import DRM

import inkreel
from inkreel.entrypoints.doctor import _services
from inkreel.entrypoints.voices import listed
from inkreel.errors import OptionError, VoiceFailed
from inkreel.settings import Settings
from inkreel.wiring import lines
from inkreel.wiring.voices import chooser
from tests.providers.misbehaving import Server, misbehaving
from tests.providers.test_remote_voices import QUICK, desk

VOICE = "en-US-EmmaMultilingualNeural"
MOST_BYTES = 16_000_000


@pytest.fixture(autouse=True)
def clock() -> object:
    """The package keeps its clock for the whole process."""
    DRM.clock_skew_seconds = 0.0
    yield
    DRM.clock_skew_seconds = 0.0


def run(server: Server, folder: Path, *sentences: str, **given: object) -> list[object]:
    async def say() -> list[object]:
        more = {"voice": VOICE, "model": "", **given}
        async with desk(server, folder, "edge", **more) as at:
            return list(await at.speech(*sentences))

    return asyncio.run(say())


def test_a_sentence_is_said_with_times_of_its_own(tmp_path: Path) -> None:
    """Asked for with word boundaries, in one voice, at a rate, with the token of the day; what
    comes is MP3 at 24 kHz, and every word has its time. What is no text of XML is escaped."""
    text = "Salt & sugar <dissolve> in water."
    with misbehaving() as server:
        (said,) = run(server, tmp_path, text, speed=1.25)
    (asked,) = server.said
    assert asked.text.split()[0] == "Salt"
    assert "dissolve" in asked.text
    assert asked.body["rate"] == "+25%"
    assert asked.body["voice"] == VOICE
    assert "Sec-MS-GEC=" in asked.path
    assert asked.headers["origin"].startswith("chrome-extension://")
    assert said.rate == 24_000  # type: ignore[attr-defined]
    times = [word.at for word in said.words]  # type: ignore[attr-defined]
    assert len(times) >= 4
    assert times == sorted(times)


@pytest.mark.parametrize(
    "fault", ["403", "429", "503", "cut", "html", "json", "empty", "silence", "half", "other"]
)
def test_what_passes_is_asked_for_again(fault: str, tmp_path: Path) -> None:
    """After one failure of any kind the sentence is said, over a new socket, and only what was
    heard to be good is kept."""
    with misbehaving(lambda number: fault if number == 1 else "") as server:
        (said,) = run(
            server, tmp_path, "The lamp at the end of the pier is lit at dusk every evening."
        )
    assert len(server.said) == 2
    assert said.words  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("fault", "why"),
    [
        ("403", "nobody in"),
        ("400", "400"),
        ("hang", "silent|longer than"),
        ("drip", "longer than"),
        ("frames", "protocol"),
        ("flood", "longer than"),
        ("heap", "hung up"),
    ],
)
def test_what_lasts_is_told(fault: str, why: str, tmp_path: Path) -> None:
    """A service that never answers well fails in bounded time, in words, and leaves no
    connection."""
    with misbehaving(lambda _: fault) as server:
        with pytest.raises(VoiceFailed, match=why):
            run(server, tmp_path, "The lamp is lit at dusk.", **QUICK)
        for _ in range(40):  # it notices when it next sends
            if server.open:
                time.sleep(0.05)
        assert server.open == 0


def test_a_flood_is_no_flood_here(tmp_path: Path) -> None:
    """Sound without end adds little memory."""
    with misbehaving(lambda _: "flood") as server:
        once = {**QUICK, "tries": 1, "deadline_seconds": 9}
        tracemalloc.start()
        with pytest.raises(VoiceFailed):
            run(server, tmp_path, "The lamp is lit.", **once)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert peak < MOST_BYTES


def test_a_wrong_clock_is_set_right(tmp_path: Path) -> None:
    """Its token goes by the time: who is refused by a service whose clock is another takes that."""
    with misbehaving(lambda number: "late" if number == 1 else "") as server:
        run(server, tmp_path, "The lamp is lit.")
    assert 3_500 < DRM.clock_skew_seconds < 3_700
    first, second = (said.path.partition("Sec-MS-GEC=")[2][:40] for said in server.said)
    assert first != second


def test_private_addresses_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The socket goes through the same guard as all else: a name that leads here is refused, and
    no proxy is taken from the environment."""
    monkeypatch.setenv("HTTPS_PROXY", "http://127.0.0.1:9")
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: [(2, 1, 6, "", ("127.0.0.1", 80))])
    with misbehaving() as server:
        url = f"http://speech.example:{server.port}/v1"
        with pytest.raises(VoiceFailed, match="no connection"):
            run(server, tmp_path, "The lamp is lit.", **QUICK, url=url)
    assert server.connections == 0


def test_it_is_chosen_by_language_and_only_where_it_is_set_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each language has a voice; who has not set it up, or not installed it, is told how."""
    choose = chooser(Settings(voices={"edge": {}}))  # type: ignore[arg-type]
    assert choose("edge", "vi").voice == "vi-VN-HoaiMyNeural"
    assert choose("edge", "en").voice == VOICE
    assert choose("edge:vi-VN-NamMinhNeural", "vi").voice == "vi-VN-NamMinhNeural"
    with pytest.raises(OptionError) as caught:
        chooser(Settings())("edge", "vi")
    assert "INKREEL_VOICES__EDGE__KIND to edge" in caught.value.hint
    monkeypatch.setattr(lines.Outside, "lacks_package", True)
    with pytest.raises(OptionError) as caught:
        choose("edge", "vi")
    assert "'.[edge]'" in caught.value.hint
    told = {one.name: one.said for one in listed(Settings(voices={"edge": {}}))}  # type: ignore[arg-type]
    assert "'.[edge]'" in told["edge"]
    (found,) = _services(Settings(voices={"edge": {}}))  # type: ignore[arg-type]
    assert (found.state, found.said) == ("missing", "is not installed")
    assert "'.[edge]'" in found.hint


def test_the_doctor_looks_for_its_voices() -> None:
    """It has no models: its voices are looked for in its list."""
    with misbehaving() as server:
        server.models = ("vi-VN-HoaiMyNeural", VOICE)
        voices = {"edge": {"url": server.url}}
        (found,) = _services(Settings(voices=voices))  # type: ignore[arg-type]
        assert (found.state, found.said) == (
            "ok",
            f"edge protocol, reachable, has vi-VN-HoaiMyNeural, {VOICE}",
        )
        server.models = (VOICE,)
        (found,) = _services(Settings(voices=voices))  # type: ignore[arg-type]
        assert found.said.endswith("does not list vi-VN-HoaiMyNeural")


def test_a_video_is_told_whole_by_it_or_by_the_next(tmp_path: Path) -> None:
    """Where it dies amid a video, all of it is told by the next voice."""
    document = tmp_path / "lamps.md"
    document.write_text("# Lamps\n\nA lamp is lit at dusk. Another one is lit at dawn.\n")
    with misbehaving(lambda number: "503" if number > 7 else "") as server:
        result = inkreel.make(
            document,
            tmp_path / "lamps.mp4",
            cache=tmp_path / "cache",
            voice="edge",
            voices={"edge": {"url": server.url, "tries": 2, "patience_seconds": 0.2}},
            size="1280x720",
            workers=2,
        )
    (lost,) = result.degraded
    assert lost.what == "the whole video is told by espeak"
