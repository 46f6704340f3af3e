"""The gallery shows all there is, on a page that needs nothing else."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args, get_type_hints

import pytest

from inkreel.model import ChartForm, ChartVisual, DiagramVisual
from inkreel.storyboard.board import KINDS
from inkreel.wiring.gallery import samples
from tests.thorough import thorough


def test_every_kind_is_shown() -> None:
    """A kind of visual, or a form of chart, that is added is added to the gallery too."""
    visuals = [scene.visual for scene in samples().scenes]
    assert set(KINDS) == {visual.kind for visual in visuals}
    forms = {visual.form for visual in visuals if isinstance(visual, ChartVisual)}
    assert forms == set(get_args(ChartForm))
    drawn = {visual.form for visual in visuals if isinstance(visual, DiagramVisual)}
    assert drawn == set(get_args(get_type_hints(DiagramVisual)["form"]))


@pytest.mark.parametrize("shape", ["16:9", pytest.param("9:16", marks=thorough)])
def test_the_page_is_whole(shape: str, tmp_path: Path) -> None:
    """Each picture is there, none lacks anything, and nothing is fetched from elsewhere."""
    command = [sys.executable, "-m", "inkreel", "gallery", str(tmp_path / "out"), "--quiet"]
    asked = ["--theme", "dark", "--shape", shape, "--cache", str(tmp_path / "store")]
    done = subprocess.run([*command, *asked], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    page = Path(done.stdout.strip())
    text = page.read_text("utf-8")
    named = re.findall(r'src="([^"]+)"', text)
    assert len(named) == len(samples().scenes)
    for name in named:
        assert (page.parent / name).read_bytes().startswith(b"\xff\xd8\xff")
    assert 'class="told"' not in text
    assert "http" not in text


def test_an_unknown_shape_is_refused(tmp_path: Path) -> None:
    """The error names the shapes there are, and nothing is written."""
    command = [sys.executable, "-m", "inkreel", "gallery", str(tmp_path / "out")]
    done = subprocess.run([*command, "--shape", "5:4"], capture_output=True, text=True)
    assert done.returncode == 2
    assert "16:9" in done.stderr
    assert not (tmp_path / "out").exists()
