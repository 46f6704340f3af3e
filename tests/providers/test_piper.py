"""A Piper voice of the user's: found, chosen, run by the real Piper in a worker, timed."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("piper")
pytest.importorskip("onnx")

import inkreel
from inkreel.backends.child import Ask, WorkerShelf, perform
from inkreel.backends.files import FileStore
from inkreel.entrypoints.doctor import _piper
from inkreel.entrypoints.voices import listed
from inkreel.errors import OptionError
from inkreel.model import Language, Options, Speech
from inkreel.providers.tts import piper
from inkreel.recipes import SPEAK, SYNTHESISE, SpeakRequest, SynthesiseRequest
from inkreel.settings import Settings
from inkreel.speech.normalise import read_aloud, spoken_text
from inkreel.speech.timing import native_starts
from inkreel.wiring.options import options_from, plan_for
from inkreel.wiring.voices import chooser
from tests.providers.neural import LETTER, RATE, write_voice

SENTENCES: dict[Language, str] = {
    "en": "Most of the water on Earth is in the ocean, and it covers a lot of the planet.",
    "vi": "Nước bốc hơi từ mặt biển, ngưng tụ thành mây rồi rơi xuống thành mưa.",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A voice for each language, one of them deep in a tree as collections have it."""
    place = tmp_path / "voices"
    write_voice(place)
    write_voice(
        place / "vi" / "vi_VN" / "hum" / "low", "vi_VN-hum-low", espeak="vi", speakers=("a", "b")
    )
    return place


def settings_for(folder: Path, **more: Any) -> Settings:
    """Kept apart from what this machine may have."""
    return Settings(piper=(str(folder),), data=folder / "data", cache=folder / "cache", **more)


def say(folder: Path, voice: str, language: Language, text: str) -> Speech:
    """As a worker does, in this process."""
    choice = chooser(settings_for(folder))(voice, language)
    assert choice.file
    request = SynthesiseRequest(text, choice.provider, choice.file, choice.voice)
    store = FileStore(folder / "cache")
    return piper.synthesise(request, WorkerShelf(store))


def test_auto_takes_the_users_own_voice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is a Piper voice of the language, `auto` is that; where there is none, or Piper
    is not installed, it stays what it was."""
    choose = chooser(settings_for(folder))
    for language, name in (("en", "en_US-hum-low"), ("vi", "vi_VN-hum-low")):
        chosen = choose("auto", language)  # type: ignore[arg-type]
        assert chosen.file is not None
        assert Path(chosen.file.path).stem == name
        assert chosen == choose(f"piper:{name}", language)  # type: ignore[arg-type]
    only = settings_for(folder / "vi")
    assert chooser(only)("auto", "en").provider.startswith("espeak-ng/")
    monkeypatch.setattr(piper, "installed", lambda: False)
    assert choose("auto", "vi").provider.startswith("espeak-ng/")


def test_what_cannot_be_chosen_is_refused_with_the_way_out(folder: Path) -> None:
    """A lack says which command ends it: the package, a voice, its second file, its speakers."""
    settings = settings_for(folder)
    (folder / "en_GB-odd-low.onnx").write_bytes(b"")
    (folder / "de_DE-odd-low.onnx").write_bytes(b"")
    (folder / "de_DE-odd-low.onnx.json").write_text("[]")
    for voice, language, words in (
        ("piper:nobody", "en", "Here are: de_DE-odd-low, en_GB-odd-low, en_US-hum-low"),
        ("piper:en_GB-odd-low", "en", "beside each other"),
        ("piper:de_DE-odd-low", "en", "beside each other"),
        ("piper:vi_VN-hum-low#c", "vi", "It has: a, b"),
    ):
        with pytest.raises(OptionError) as caught:
            options_from(settings, {"voice": voice, "language": language})
        assert words in caught.value.hint
        assert caught.value.field == "voice"
    with pytest.raises(OptionError) as caught:
        chooser(settings_for(folder / "vi"))("piper", "en")
    assert f"--data-dir {folder / 'vi' / 'data' / 'piper'}" in caught.value.hint
    # Of a document whose language is found later, any language will do.
    assert options_from(settings_for(folder / "vi"), {"voice": "piper"}).voice == "piper"


@pytest.mark.parametrize("language", SENTENCES)
def test_words_are_timed_by_the_phonemes(language: Language, folder: Path) -> None:
    """Each word begins where the first of its phonemes is heard: a whole number of phonemes from
    the start, in order, also where a voice says several words as one."""
    text = spoken_text(read_aloud(SENTENCES[language], language))
    said = say(folder, "piper", language, text)
    assert said.rate == RATE
    tokens = read_aloud(SENTENCES[language], language)
    assert len(said.words) >= 0.9 * len(text.split())
    starts = native_starts(tokens, said.words, len(said.pcm) // 2)
    assert starts is not None
    assert starts == sorted(starts)
    assert all(word.at % LETTER == 0 for word in said.words)
    pcm = np.abs(np.frombuffer(said.pcm, "<i2").astype(int))
    for word in said.words:  # it hums from there, and what is between letters is silent
        assert pcm[word.at : word.at + LETTER].max() > 3_000


def test_a_voice_without_times_is_heard_all_the_same(tmp_path: Path) -> None:
    """A model that tells no lengths speaks; its words are timed by their length, which is told."""
    write_voice(tmp_path / "voices", timed=False)
    said = say(tmp_path / "voices", "piper", "en", "The lamp is lit.")
    assert said.words == ()
    assert len(said.pcm) > RATE


def test_the_parent_stays_without_piper(folder: Path) -> None:
    """Finding, choosing and listing load neither Piper nor ONNX Runtime."""
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from inkreel.settings import Settings\n"
        "from inkreel.wiring.voices import chooser\n"
        "from inkreel.entrypoints.voices import listed\n"
        f"settings = Settings(piper=({str(folder)!r},))\n"
        "assert chooser(settings)('piper', 'vi').file\n"
        "assert any(one.name == 'piper:vi_VN-hum-low' for one in listed(settings))\n"
        "print([name for name in sys.modules if name.split('.')[0] in ('piper', 'onnxruntime')])\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr


def test_one_worker_speaks_with_both_voices(folder: Path) -> None:
    """eSpeak NG and Piper, which brings another, live in one process in any order."""
    store = FileStore(folder / "cache")
    choice = chooser(settings_for(folder))("piper", "en")
    assert choice.file
    for number in range(3):
        text = f"Lamp {'abc'[number]} is lit."
        for recipe in (
            SPEAK.recipe(SpeakRequest(text, "espeak-ng/1.52.0", "en-us", 155)),
            SYNTHESISE.recipe(SynthesiseRequest(text, choice.provider, choice.file, "")),
        ):
            answer = perform(Ask(str(store.root), recipe.step.role, recipe.body), store)
            assert answer.failure is None
    store.scratch.close()


def test_the_list_and_the_doctor_explain(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Which voices there are, what they lack, and which command gets one."""
    settings = settings_for(folder)
    (folder / "en_GB-odd-low.onnx").write_bytes(b"")
    told = {one.name: one.said for one in listed(settings)}
    assert told["piper:vi_VN-hum-low"] == "vi, 22050 Hz, low, 2 speakers"
    assert told["piper:en_GB-odd-low"] == "en_GB-odd-low.onnx.json is not beside it"
    lacking, here = _piper(settings)
    assert (lacking.state, here.state) == ("missing", "ok")
    assert here.said.endswith("en_US-hum-low, vi_VN-hum-low")
    empty = settings_for(tmp_path / "none")
    assert [one.state for one in _piper(empty)] == ["optional"]
    monkeypatch.setattr(piper, "installed", lambda: False)
    assert piper.EXTRA in next(iter(_piper(empty))).hint
    assert all(piper.EXTRA in one.said for one in listed(empty) if one.name == "piper")


DOCUMENT = "# Lamps\n\nA lamp is lit at dusk. Another one is lit at dawn.\n"


@pytest.mark.parametrize("file", ["whole", "damaged"])
def test_a_video_is_told_by_one_voice(file: str, tmp_path: Path) -> None:
    """A Piper voice tells a whole video with times of its own; one whose file is damaged gives way
    to the next voice for the whole of it, and the result says so."""
    model = write_voice(tmp_path / "voices")
    if file == "damaged":
        model.write_bytes(b"no model" * 100)
    document = tmp_path / "lamps.md"
    document.write_text(DOCUMENT)
    result = inkreel.make(
        document,
        tmp_path / "lamps.mp4",
        cache=tmp_path / "cache",
        data=tmp_path / "data",
        piper=(str(tmp_path / "voices"),),
        voice="piper",
        size="1280x720",
        workers=2,
    )
    whole = ["the whole video is told by espeak"] if file == "damaged" else []
    assert [one.what for one in result.degraded] == whole
    if whole:
        assert "en_US-hum-low.onnx" in result.degraded[0].why
    assert {scene.degraded for scene in result.scenes} == {None}


def test_a_chain_passes_over_who_lacks_the_language(folder: Path) -> None:
    """A Piper voice of one language may stand in a chain: in another it gives way to the next."""
    settings = settings_for(folder / "vi", voice_fallback=("piper", "espeak"))
    plan = plan_for(settings, Options(voice="espeak:en"))
    assert plan.fallbacks == ("piper",)
    assert plan_for(settings, Options(voice="piper")).fallbacks == ("espeak",)
    # `auto` is the Piper voice in Vietnamese and the embedded one in English already.
    assert plan_for(settings, Options()).fallbacks == ("espeak",)


def test_a_changed_file_speaks_anew(folder: Path) -> None:
    """A voice is named by what its files hold: another model is not taken for what it was."""
    before = chooser(settings_for(folder))("piper", "en").file
    sidecar = folder / "en_US-hum-low.onnx.json"
    told = json.loads(sidecar.read_text())
    told["hop_length"] = 128
    sidecar.write_text(json.dumps(told))
    after = chooser(settings_for(folder))("piper", "en").file
    assert before is not None
    assert after is not None
    assert before.path == after.path
    assert before.digest != after.digest
