"""What is here: encoder, fonts, voices, store, Redis; with a hint for each lack."""

from __future__ import annotations

import os
import platform
import shutil
import tempfile
from collections.abc import Callable, Iterator
from typing import Literal

from inkreel import __version__
from inkreel.errors import InkreelError
from inkreel.model import Struct
from inkreel.settings import Settings


class Finding(Struct, frozen=True):
    """A line of `inkreel doctor`; `missing` is needed, `optional` is not."""

    name: str
    state: Literal["ok", "optional", "missing"]
    said: str
    hint: str = ""


def examine(settings: Settings) -> list[Finding]:
    """Look at everything that a video needs on this machine."""
    checks: tuple[tuple[str, Callable[[Settings], Iterator[Finding]]], ...] = (
        ("python", _python),
        ("encoder", _encoder),
        ("drawing", _drawing),
        ("fonts", _fonts),
        ("voices", _voices),
        ("store", _store),
        ("redis", _redis),
    )
    findings: list[Finding] = []
    for name, check in checks:
        try:
            findings.extend(check(settings))
        except (ImportError, OSError, InkreelError) as error:
            hint = getattr(error, "hint", "") or "Install inkreel again: make, or pip install."
            findings.append(Finding(name, "missing", f"{type(error).__name__}: {error}", hint))
    return findings


def _python(settings: Settings) -> Iterator[Finding]:
    cores = f"{settings.workers} workers"
    yield Finding("inkreel", "ok", f"{__version__}, Python {platform.python_version()}, {cores}")


def _encoder(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001  a check takes all
    import av

    missing = [name for name in ("libx264", "aac") if name not in av.codecs_available]
    if missing:
        hint = "Install av from its wheel: pip install --force-reinstall --only-binary av av"
        yield Finding("encoder", "missing", f"no {', '.join(missing)} in av", hint)
    else:
        ffmpeg = ".".join(map(str, av.ffmpeg_version_info.lstrip("n").split(".")[:2]))
        yield Finding("encoder", "ok", f"x264 and AAC (av {av.__version__}, FFmpeg {ffmpeg})")


def _drawing(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    from importlib.metadata import version

    import pyvips
    import typst

    major, minor, patch = (pyvips.version(part) for part in range(3))
    said = f"{typst.__name__} {version('typst')}, libvips {major}.{minor}.{patch}"
    yield Finding("drawing", "ok", said)


def _fonts(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    from inkreel.visuals.faces import families

    here = families("sans")
    yield Finding("fonts", "ok", ", ".join(here))
    for family, letters, package in (
        ("Noto Sans CJK SC", "Chinese, Japanese, Korean", "fonts-noto-cjk"),
        ("Noto Color Emoji", "emoji", "fonts-noto-color-emoji"),
    ):
        if family not in here:
            hint = f"Debian: apt-get install {package}"
            yield Finding("fonts", "optional", f"none for {letters}: they are replaced", hint)


def _voices(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    from inkreel.providers.tts import espeak

    names = espeak.voice_names()
    lacking = [name for name in ("vi", "en-us") if name not in names]
    if lacking:
        yield Finding(
            "voice", "missing", f"eSpeak NG without {', '.join(lacking)}", "Install again."
        )
        return
    yield Finding(
        "voice",
        "ok",
        f"eSpeak NG {espeak.VERSION}, {len(names)} voices, embedded",
        "It is a draft voice: clear, but not natural. Natural voices come with a later release.",
    )


def _store(settings: Settings) -> Iterator[Finding]:
    root = settings.cache
    root.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=root):
        free = shutil.disk_usage(root).free
    state: Literal["ok", "missing"] = "ok" if free > 10**9 else "missing"
    hint = "" if state == "ok" else "A video needs up to 1 GB: free some, or set INKREEL_CACHE."
    yield Finding("store", state, f"{root}, {free / 10**9:.1f} GB free", hint)


def _redis(settings: Settings) -> Iterator[Finding]:  # noqa: ARG001
    url = os.environ.get("INKREEL_REDIS_URL")
    said = "set, but not used by this release" if url else "not used: one machine needs none"
    yield Finding("redis", "optional", said)
