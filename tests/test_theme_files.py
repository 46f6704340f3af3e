"""Theme files: what they may say, who may name them."""

from __future__ import annotations

from pathlib import Path

import pytest

from inkreel.errors import OptionError
from inkreel.model import Brand
from inkreel.settings import load as load_settings
from inkreel.wiring import themes
from inkreel.wiring.options import options_from, plan_for

GOOD = """
name = "Acme"
accent = "#c8102e"
background = "#FFFFFF"
colours = ["#00558C"]
logo = "logo.svg"
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "acme.toml").write_text(GOOD, "utf-8")
    (tmp_path / "logo.svg").write_text("<svg/>", "utf-8")
    return tmp_path


def test_a_theme_file_is_read_by_value(folder: Path) -> None:
    """Colours are upper case, the logo's bytes are in it; where the file lies is not."""
    brand = themes.load(folder / "acme.toml")
    assert brand == Brand(
        name="Acme",
        accent="#C8102E",
        background="#FFFFFF",
        colours=("#00558C",),
        logo=b"<svg/>",
    )


MISTAKES = {
    "accent = 1": "accent",
    "name = 'x'": "no accent",
    "accent = '#12345'": "accent",
    "accent = '#123456'\nlogo = 'gone.png'": "gone.png",
    "accent = '#123456'\ncolour = '#123456'": "'colour'",
    "accent = '#123456'\ncolours = ['red']": "colours",
    "accent = '#123456'\nfonts = 'nowhere'": "0 files",
    "accent = '#123456'\nname = '../../x'": "name",
    "accent = ": "cannot be read",
}


@pytest.mark.parametrize("text", MISTAKES)
def test_mistakes_are_named(text: str, tmp_path: Path) -> None:
    """What is wrong with a theme file is said, with the field of the option."""
    path = tmp_path / "own.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(OptionError) as caught:
        themes.load(path)
    assert MISTAKES[text] in caught.value.message
    assert caught.value.field == "theme"
    assert caught.value.hint


def test_a_file_is_for_who_runs_it_a_name_for_everybody(folder: Path) -> None:
    """The settings may name a file; a client only what is built in or stands in the folder."""
    path = str(folder / "acme.toml")
    own = load_settings(theme=path)
    assert isinstance(plan_for(own, options_from(own)).options.theme, Brand)
    for refused in (path, "acme", "../acme", "/etc/passwd", "acme.toml"):
        with pytest.raises(OptionError, match="no theme"):
            options_from(load_settings(), {"theme": refused})
    shared = load_settings(themes=folder)
    assert themes.names(shared) == ("light", "dark", "brand", "acme")
    options = options_from(shared, {"theme": "acme"})
    assert options.theme == "acme"
    assert plan_for(shared, options).options.theme_name == "Acme"
    (folder / "acme.toml").unlink()
    with pytest.raises(OptionError):
        plan_for(shared, options)
