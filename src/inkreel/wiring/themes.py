"""The name of a theme, or its file → what is drawn with.

    name = "Acme"
    accent = "#C8102E"
    background = "#FFFFFF"   # may be left out, as all that follows
    ink = "#1A1A1A"
    colours = ["#00558C", "#F2A900"]
    logo = "logo.svg"
    family = "Acme Sans"
    fonts = "fonts"          # a folder of .ttf and .otf files

Paths are relative to the file. Whoever runs Inkreel may name a file; clients of the service
choose among the built-in themes and those in the folder `themes` of the settings.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any

from inkreel.errors import OptionError
from inkreel.model import THEMES, Brand, Digest, FontFile
from inkreel.settings import Settings

SUFFIX = ".toml"
LARGEST_LOGO, LARGEST_FONT, MOST_FONTS = 300_000, 20_000_000, 24
_NAME = re.compile(r"[\w][\w .-]{0,59}")
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_FIELDS = ("name", "accent", "background", "ink", "colours", "logo", "family", "fonts")
_MOST_COLOURS = 5
_HINT = 'A theme needs a name and an accent: name = "Acme", accent = "#C8102E".'


def names(settings: Settings) -> tuple[str, ...]:
    """The themes that anybody may choose: those built in, and those in the folder."""
    own = sorted(settings.themes.glob(f"*{SUFFIX}")) if settings.themes else []
    return (*THEMES, *(path.stem for path in own if path.stem not in THEMES))


def find(settings: Settings, name: str) -> str | Brand:
    """What a name or the path of a theme file stands for. Raises `OptionError`."""
    if name in THEMES:
        return name
    if name in names(settings) and settings.themes:
        return load(settings.themes / f"{name}{SUFFIX}")
    return load(Path(name))


def load(path: Path) -> Brand:
    """Read a theme file. Raises `OptionError`, which says what is wrong with it."""
    try:
        raw = tomllib.loads(path.read_text("utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _refused(path, f"cannot be read: {error}") from error
    unknown = [name for name in raw if name not in _FIELDS]
    if unknown:
        known = ", ".join(_FIELDS)
        raise _refused(path, f"has an unknown field {unknown[0]!r}", hint=f"Known: {known}.")
    name = _text(path, raw, "name") or path.stem
    if not _NAME.fullmatch(name):
        raise _refused(path, f"has a name that is not usable: {name[:60]!r}")
    accent = _colour(path, raw, "accent")
    if not accent:
        raise _refused(path, "has no accent")
    colours = raw.get("colours", [])
    if not isinstance(colours, list) or len(colours) > _MOST_COLOURS:
        raise _refused(path, f"needs a list of at most {_MOST_COLOURS} colours")
    return Brand(
        name=name,
        accent=accent,
        background=_colour(path, raw, "background"),
        ink=_colour(path, raw, "ink"),
        colours=tuple(_checked(path, "colours", colour) for colour in colours),
        logo=_logo(path, _text(path, raw, "logo")),
        family=_text(path, raw, "family"),
        fonts=_fonts(path, _text(path, raw, "fonts")),
    )


def _text(path: Path, raw: dict[str, Any], name: str) -> str:
    value = raw.get(name, "")
    if not isinstance(value, str):
        raise _refused(path, f"has a {name} that is no text")
    return value.strip()


def _colour(path: Path, raw: dict[str, Any], name: str) -> str:
    value = raw.get(name, "")
    return _checked(path, name, value) if value else ""


def _checked(path: Path, name: str, value: object) -> str:
    if not isinstance(value, str) or not _COLOUR.fullmatch(value):
        raise _refused(path, f"has {name} = {value!r}", hint='Write colours like "#C8102E".')
    return value.upper()


def _logo(path: Path, name: str) -> bytes:
    """The logo's bytes as they are: a child process looks into them."""
    if not name:
        return b""
    data = _bytes(path, path.parent / name, LARGEST_LOGO)
    if not data:
        raise _refused(path, f"has an empty logo {name!r}")
    return data


def _fonts(path: Path, name: str) -> tuple[FontFile, ...]:
    if not name:
        return ()
    folder = path.parent / name
    files = sorted(p for p in folder.glob("*") if p.suffix.lower() in (".ttf", ".otf"))
    if not 0 < len(files) <= MOST_FONTS:
        raise _refused(
            path,
            f"names a folder of fonts with {len(files)} files",
            hint=f"Put 1 to {MOST_FONTS} .ttf or .otf files into {folder}.",
        )
    return tuple(
        FontFile(
            path=str(file.resolve()),
            digest=Digest(hashlib.sha256(_bytes(path, file, LARGEST_FONT)).hexdigest()),
        )
        for file in files
    )


def _bytes(theme: Path, path: Path, most: int) -> bytes:
    try:
        if path.stat().st_size > most:
            raise _refused(theme, f"needs {path.name}, which has more than {most // 1000} KB")
        return path.read_bytes()
    except OSError as error:
        raise _refused(theme, f"needs {path.name}, which cannot be read: {error}") from error


def _refused(path: Path, why: str, hint: str = _HINT) -> OptionError:
    return OptionError(f"The theme {path.name} {why}.", hint=hint, field="theme")
