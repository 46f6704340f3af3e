"""`inkreel voices` and what `inkreel doctor` says of services."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tomllib
import wave
from pathlib import Path

import pytest

from inkreel.entrypoints.doctor import Finding, _services
from inkreel.settings import Settings
from tests.providers.misbehaving import misbehaving

KEY = "sk-loopback-1234"


def run(*arguments: str, cache: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "inkreel", *arguments],
        capture_output=True,
        text=True,
        env={
            **os.environ,
            "INKREEL_CACHE": str(cache),
            "XDG_DATA_HOME": str(cache / "none"),  # voices that this machine may have
            **variables,
        },
        timeout=60,
    )


def test_voices_are_listed_and_tried(tmp_path: Path) -> None:
    """The list names the embedded voice and those of the settings, without a secret; a trial is a
    WAV file that holds the sentence."""
    with misbehaving() as server:
        variables = {
            "INKREEL_VOICES__MINE__URL": server.url,
            "INKREEL_VOICES__MINE__KEY": KEY,
            "INKREEL_VOICES__OPENAI__VOICE": "nova",
            "INKREEL_WORKERS": "1",
        }
        listed = run("voices", "--json", cache=tmp_path, **variables)
        file = tmp_path / "trial.wav"
        tried = run("voices", "--try", "mine:a", "-o", str(file), cache=tmp_path, **variables)
    told = {one["name"]: one["said"] for one in json.loads(listed.stdout)}
    assert list(told) == ["espeak", "piper", "mine", "openai"]
    assert told["openai"].endswith("nova, has no key")
    assert tried.returncode == 0, tried.stderr
    assert [said.body["voice"] for said in server.said] == ["a"]
    with wave.open(str(file)) as sound:
        assert sound.getframerate() == 24_000
        assert 2 < sound.getnframes() / 24_000 < 6
    assert KEY not in listed.stdout + listed.stderr + tried.stdout + tried.stderr


def test_the_embedded_voice_can_be_tried(tmp_path: Path) -> None:
    """A trial needs no service; what cannot be written or said is told in words."""
    file = tmp_path / "trial.wav"
    done = run("voices", "--try", "auto", "--language", "vi", "-o", str(file), cache=tmp_path)
    assert done.returncode == 0, done.stderr
    assert file.stat().st_size > 40_000
    for more, code in (
        (["--try", "auto", "--language", "de"], "option_invalid"),
        (["--try", "auto", "-o", str(tmp_path / "no" / "a.wav")], "output_not_writable"),
        (["--try", "openai"], "option_invalid"),
    ):
        failed = run("voices", *more, cache=tmp_path)
        assert f"error {code}" in failed.stderr


def findings(**voice: object) -> Finding:
    (found,) = _services(Settings(voices={"mine": {"key": KEY, **voice}}))  # type: ignore[arg-type]
    return found


def test_the_doctor_looks_at_services(tmp_path: Path) -> None:
    """For each service: is the key there, can it be reached, does it have the model."""
    with misbehaving() as server:
        url = server.url
        found = findings(url=url, model="tts-test")
        assert (found.state, found.said) == ("ok", "openai protocol, reachable, has tts-test")
        found = findings(url=url, model="other")
        assert (found.state, found.said[-19:]) == ("missing", "does not list other")
        assert "INKREEL_VOICES__MINE__MODEL" in found.hint
        found = findings(kind="elevenlabs", url=f"{server.root}", model="tts-test")
        assert found.state == "ok"
    found = findings(url=url)
    assert (found.state, found.said) == ("missing", "openai protocol: no connection")
    found = findings(kind="openai", key="")
    assert (found.state, found.said) == ("missing", "has no key")


def test_a_package_adds_a_protocol(tmp_path: Path) -> None:
    """The example of the docs, installed as packages are, is listed, speaks and is looked at."""
    example = Path(__file__).parent.parent.parent / "examples" / "voice"
    installed = tmp_path / "inkreel_parrot-1.dist-info"
    installed.mkdir()
    project = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, points),) = project["entry-points"].items()
    lines = "\n".join(f"{key} = {value}" for key, value in points.items())
    (installed / "entry_points.txt").write_text(f"[{name}]\n{lines}\n")
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: 1\n")
    path = os.pathsep.join([str(tmp_path), str(example), os.environ.get("PYTHONPATH", "")])
    with misbehaving() as server:
        variables = {
            "PYTHONPATH": path,
            "INKREEL_VOICES__PARROT__URL": server.url,
            "INKREEL_VOICES__PARROT__MODEL": "grey",
            "INKREEL_VOICES__PARROT__KEY": KEY,
            "INKREEL_WORKERS": "1",
        }
        file = str(tmp_path / "a.wav")
        asked = ("voices", "--try", "parrot:polly", "-o", file)
        tried = run(*asked, cache=tmp_path / "cache", **variables)
        listed = run("voices", "--json", cache=tmp_path, **variables)
    assert tried.returncode == 0, tried.stderr
    assert (server.said[0].path, server.said[0].body["who"]) == ("/v1/say", "polly")
    assert server.said[0].headers["x-parrot-key"] == KEY
    assert json.loads(listed.stdout)[-1]["name"] == "parrot"
    source = (example / "parrot.py").read_text("utf-8").splitlines()
    assert len([line for line in source if line.strip()]) <= 22
    refused = run("voices", cache=tmp_path, INKREEL_VOICES__A__KIND="crow")
    assert "'crow' of the voice a is not known" in refused.stderr


@pytest.mark.parametrize("name", ["key", "keyy", "proxy"])
def test_a_refused_setting_is_not_repeated(name: str, tmp_path: Path) -> None:
    """A key under a misspelt name does not reach the terminal."""
    variables = {f"INKREEL_VOICES__MINE__{name.upper()}": KEY, "INKREEL_VOICES__MINE__TRIES": "x"}
    done = run("voices", cache=tmp_path, **variables)
    assert done.returncode == 2
    assert "error setting_invalid" in done.stderr
    assert KEY not in done.stderr
