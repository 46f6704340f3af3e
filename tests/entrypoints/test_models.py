"""`inkreel models`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from inkreel.entrypoints.cli import _tell
from inkreel.model import Counts, Degraded, Result, SceneResult
from tests.entrypoints.test_voices import KEY, run
from tests.providers.misbehaving import misbehaving


def test_models_are_listed_and_tried(tmp_path: Path) -> None:
    """The list names the writer of the house and the models of the settings, without a secret; a
    trial shows what one writes and what that took, and asks again the next time."""
    with misbehaving() as server:
        variables = {
            "INKREEL_MODELS__MINE__URL": server.url,
            "INKREEL_MODELS__MINE__KEY": KEY,
            "INKREEL_MODELS__MINE__MODEL": "m",
            "INKREEL_MODELS__OPENAI__MODEL": "large",
        }
        listed = run("models", "--json", cache=tmp_path, **variables)
        tried = run("models", "--try", "mine:other", cache=tmp_path, **variables)
        again = run(
            "models", "--try", "mine", "--language", "vi", "--json", cache=tmp_path, **variables
        )
    told = {one["name"]: one["said"] for one in json.loads(listed.stdout)}
    assert list(told) == ["own", "mine", "openai"]
    assert told["openai"] == "large, has no key"
    assert tried.returncode == 0, tried.stderr
    assert "The sea rises and falls twice a day." in tried.stdout
    assert "storyboard by mine (other): 1 sections" in tried.stderr
    writing = json.loads(again.stdout)["writing"]
    assert (writing["model"], writing["found"], writing["usage"]["calls"]) == ("m", 0, 1)
    assert [said.body["model"] for said in server.said] == ["other", "m"]
    assert KEY not in "".join(one.stdout + one.stderr for one in (listed, tried, again))


def test_a_model_that_fails_says_why(tmp_path: Path) -> None:
    """Nothing stands in for a model that is tried: its failure is the command's."""
    with misbehaving(lambda _: "401") as server:
        variables = {"INKREEL_MODELS__MINE__URL": server.url, "INKREEL_MODELS__MINE__MODEL": "m"}
        failed = run("models", "--try", "mine", cache=tmp_path, **variables)
        unknown = run("models", "--try", "other", cache=tmp_path, **variables)
    assert "error writer_failed" in failed.stderr
    assert "it does not accept the key (401)" in failed.stderr
    assert "error option_invalid" in unknown.stderr


def test_one_reason_is_told_once(capsys: pytest.CaptureFixture[str]) -> None:
    """What befell many scenes alike is one line on the terminal, with all of their names."""
    key = Degraded("the scene has no picture beside it", "It does not accept the key (401).")
    late = Degraded("the scene has no picture beside it", "No answer in time.")
    lost = (key, None, late, key)
    scenes = tuple(
        SceneResult(name, "", "quote", 0.0, 1.0, made=True, degraded=one)
        for name, one in zip("abcd", lost, strict=True)
    )
    _tell(Result("t.mp4", 4.0, scenes, Counts(), Counts(), 1.0), Path("t.mp4"), as_json=False)
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("degraded")]
    assert told == [
        f"degraded: a, d: {key.what}. {key.why}",
        f"degraded: c: {late.what}. {late.why}",
    ]
