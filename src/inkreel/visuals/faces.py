"""Font files → who draws which letter, and how wide it is.

Measuring sums advance widths of the shipped faces without kerning, which is right to about one
percent; `SLACK` covers the rest. The kit shapes and kerns for real.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import cache, cached_property, lru_cache
from pathlib import Path

import fontpkg
from fontTools.ttLib import TTFont, TTLibError

SLACK = 1.012
Own = tuple[str, tuple[str, ...]]
"""A typeface of the user's: its family ("" takes the first file's) and its files."""
_own: ContextVar[Own | None] = ContextVar("own", default=None)
"""Drawing is deep, and every measure of a text depends on this; it is set for one picture."""
_PACKAGES = ("be-vietnam-pro", "inter", "jetbrains-mono")
_SYSTEM_FONTS = (
    ("Noto Sans CJK SC", "NotoSansCJK-Regular.ttc"),
    ("Noto Sans Arabic", "NotoSansArabic-Regular.ttf"),
    ("Noto Sans Hebrew", "NotoSansHebrew-Regular.ttf"),
    ("Noto Sans Devanagari", "NotoSansDevanagari-Regular.ttf"),
    ("Noto Sans Thai", "NotoSansThai-Regular.ttf"),
    ("Noto Color Emoji", "NotoColorEmoji.ttf"),
    ("DejaVu Sans", "DejaVuSans.ttf"),
    ("Noto Sans Symbols2", "NotoSansSymbols2-Regular.ttf"),
    ("Noto Sans Math", "NotoSansMath-Regular.ttf"),
)
"""What Debian and others have for scripts and signs that our own faces lack."""
_MEASURED_WELL = ("Be Vietnam Pro", "JetBrains Mono")
_SYSTEM_ROOTS = ("/usr/share/fonts", "/usr/local/share/fonts")


class UnreadableFontError(ValueError):
    """A typeface cannot be used; the message says why."""


@dataclass(frozen=True)
class Face:
    """A font file as far as measuring needs it."""

    family: str
    path: Path

    @cached_property
    def advances(self) -> dict[int, float]:
        """Width of each letter in em, read when the first one is asked for."""
        with TTFont(self.path, lazy=True, fontNumber=0) as font:
            em = font["head"].unitsPerEm
            widths = font["hmtx"].metrics
            return {code: widths[name][0] / em for code, name in font.getBestCmap().items()}


@cache
def _shipped(package: str, weight: int) -> Face:
    names = {
        "be-vietnam-pro": "Be Vietnam Pro",
        "inter": "Inter",
        "jetbrains-mono": "JetBrains Mono",
    }
    return Face(names[package], Path(fontpkg.path(package, weight, nearest=True)))


@cache
def _installed() -> tuple[Face, ...]:
    """Faces for other scripts, where the system has them."""
    found = []
    for family, name in _SYSTEM_FONTS:
        paths = (path for root in _SYSTEM_ROOTS for path in sorted(Path(root).rglob(name)))
        path = next(paths, None)
        if path is not None:
            found.append(Face(family, path))
    return tuple(found)


@contextmanager
def using(own: Own | None) -> Iterator[None]:
    """Measure and set with a typeface of the user's before ours."""
    token = _own.set(own)
    try:
        yield
    finally:
        _own.reset(token)


def own() -> Own | None:
    """The typeface in use that is not ours."""
    return _own.get()


@lru_cache(maxsize=8)
def opened(typeface: Own) -> tuple[tuple[int, Face], ...]:
    """Weight and face of each upright file of its family. Raises `UnreadableFontError`."""
    found: list[tuple[int, Face]] = []
    family, files = typeface
    for file in files:
        try:
            with Path(file).open("rb") as data, TTFont(data, lazy=True) as font:
                name = font["name"].getDebugName(16) or font["name"].getDebugName(1) or ""
                weight, slanted = font["OS/2"].usWeightClass, font["OS/2"].fsSelection & 1
            if slanted or (family and name != family):
                continue
            face = Face(name, Path(file))
            found.append((weight, face))
            face.advances  # noqa: B018  a file that cannot be read is told now
        except (
            TTLibError,
            KeyError,
            OSError,
            AttributeError,
            AssertionError,
            struct.error,
        ) as error:
            raise UnreadableFontError(f"{Path(file).name} is no font that can be read") from error
        family = family or name
    if not found:
        raise UnreadableFontError(f"no file holds the family {family!r}, upright")
    return tuple(sorted(found, key=lambda one: one[0]))


def chain(face: str, weight: int) -> tuple[Face, ...]:
    """The faces that are asked for a letter, in order; `face` is `sans` or `mono`."""
    return _chain(face, weight, _own.get())


@lru_cache(maxsize=128)
def _chain(face: str, weight: int, typeface: Own | None) -> tuple[Face, ...]:
    sans: tuple[Face, ...] = (_shipped("be-vietnam-pro", weight), _shipped("inter", 400))
    if typeface:
        nearest = min(opened(typeface), key=lambda one: abs(one[0] - weight))
        sans = (nearest[1], *sans)
    mono = _shipped("jetbrains-mono", 400)
    order = (mono, *sans) if face == "mono" else (*sans, mono)
    return (*order, *_installed())


def families(face: str) -> list[str]:
    """Family names for the kit, in the order of `chain`."""
    return [one.family for one in chain(face, 400)]


def folders() -> list[str]:
    """Where the kit finds the font files."""
    return sorted({str(one.path.parent) for one in chain("sans", 400)})


def covers(letter: str) -> bool:
    """Whether any face draws this letter."""
    code = ord(letter)
    return any(code in one.advances for one in chain("sans", 400))


@lru_cache(maxsize=8192)
def _advance(code: int, face: str, weight: int, typeface: Own | None) -> float:
    for one in _chain(face, weight, typeface):
        width = one.advances.get(code)
        if width is not None:
            return width if one.family in _MEASURED_WELL else width * 1.04
    return 1.0


@lru_cache(maxsize=8192)
def _em(text: str, face: str, weight: int, typeface: Own | None) -> float:
    """Width in em: a text is measured at many sizes until one fits."""
    return sum(_advance(ord(letter), face, weight, typeface) for letter in text)


def advance(
    text: str, size: float, weight: int, *, tracking: float = 0.0, face: str = "sans"
) -> float:
    """Width of one line of text, in the unit of `size`."""
    if face == "mono" and text.isascii():
        return size * 0.6 * len(text)
    em = _em(text, face, weight, _own.get())
    slack = 1.0 if face == "mono" else SLACK
    return size * (em * slack + tracking * len(text))
