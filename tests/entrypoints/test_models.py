"""Language models on the command line: doctor looks at them, packages add protocols."""

from __future__ import annotations

import os
import tomllib
from pathlib import Path

from inkreel.entrypoints.doctor import Finding, examine
from inkreel.settings import Settings
from tests.entrypoints.test_voices import KEY, run
from tests.providers.misbehaving import misbehaving


def findings(**given: str) -> Finding:
    settings = Settings(models={"mine": given})  # type: ignore[arg-type]
    return next(one for one in examine(settings) if one.name == "model mine")


def test_doctor_looks_at_each_model() -> None:
    """Key, reach and model are told apart, each with what to do."""
    with misbehaving() as server:
        url = server.url
        found = findings(url=url, model="tts-test")
        assert (found.state, found.said) == ("ok", "chat protocol, reachable, has tts-test")
        found = findings(url=url, model="other")
        assert (found.state, found.hint) == (
            "missing", "Set INKREEL_MODELS__MINE__MODEL to one that it has.",
        )  # fmt: skip
    found = findings(url=url, model="m")
    assert (found.state, found.said) == ("missing", "chat protocol: no connection")
    found = findings(kind="anthropic", model="m")
    assert (found.state, found.hint) == ("missing", "Set INKREEL_MODELS__MINE__KEY.")


def test_a_package_adds_a_protocol(tmp_path: Path) -> None:
    """The example of the docs, installed as packages are, is asked in its own words; what it
    answers is no scene, and the house writes."""
    example = Path(__file__).parent.parent.parent / "examples" / "model"
    installed = tmp_path / "inkreel_echo-1.dist-info"
    installed.mkdir()
    project = tomllib.loads((example / "pyproject.toml").read_text("utf-8"))["project"]
    ((name, points),) = project["entry-points"].items()
    lines = "\n".join(f"{key} = {value}" for key, value in points.items())
    (installed / "entry_points.txt").write_text(f"[{name}]\n{lines}\n")
    (installed / "METADATA").write_text(f"Name: {project['name']}\nVersion: 1\n")
    path = os.pathsep.join([str(tmp_path), str(example), os.environ.get("PYTHONPATH", "")])
    document = tmp_path / "lamp.md"
    document.write_text("# Lamp\n\nThe lamp is lit at dusk, every day. It burns until dawn.\n")
    with misbehaving(lambda _: "json") as server:
        variables = {
            "PYTHONPATH": path,
            "INKREEL_MODELS__ECHO__URL": server.url,
            "INKREEL_MODELS__ECHO__KEY": KEY,
            "INKREEL_WORKERS": "1",
        }
        asked = ("storyboard", str(document), "--writer", "echo:cave")
        told = run(*asked, cache=tmp_path / "cache", **variables)
    assert told.returncode == 0, told.stderr
    assert "The lamp is lit at dusk" in told.stdout
    assert "without a language model: The model echo failed" in told.stderr
    assert (server.said[0].path, server.said[0].body["to"]) == ("/v1/talk", "cave")
    assert server.said[0].headers["x-echo-key"] == KEY
    source = (example / "echo.py").read_text("utf-8").splitlines()
    assert len([line for line in source if line.strip()]) <= 22
