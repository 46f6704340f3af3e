"""What is here: encoder, fonts, voices, stores, service, Redis; with a hint for each lack."""

from __future__ import annotations

import asyncio
import platform
import re
import secrets
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal

from inkreel import __version__
from inkreel.errors import InkreelError, SettingError
from inkreel.model import Struct
from inkreel.settings import Settings

TRIED = "doctor"
"""Folder of the shared store for what is only written to be read and removed."""


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
        ("piper", _piper),
        ("services", _services),
        ("store", _store),
        ("shared store", _shared_store),
        ("service", _service),
        ("keys", _keys),
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
        "It is a draft voice: clear, but not natural. For natural ones see docs/voices.md.",
    )


def _piper(settings: Settings) -> Iterator[Finding]:
    from importlib.metadata import version

    from inkreel.providers.tts import piper
    from inkreel.wiring.voices import piper_folder, piper_voices

    found = piper_voices(settings)
    for one in found.values():
        if one.fault:
            hint = "Put both files of the voice beside each other, or get it anew."
            yield Finding(f"voice piper:{one.name}", "missing", one.fault, hint)
    usable = [one.name for one in found.values() if not one.fault]
    get = f"For a natural voice offline: {piper.fetching('vi', piper_folder(settings))}"
    if not piper.installed():
        said = f"not installed, for {', '.join(usable)}" if usable else "not installed"
        yield Finding("voice piper", "optional", said, f"{piper.EXTRA}.")
    elif not usable:
        yield Finding("voice piper", "optional", "installed, no voice is here", get)
    else:
        runtime = f"Piper {version(piper.PACKAGE)}, ONNX Runtime {version('onnxruntime')}"
        yield Finding("voice piper", "ok", f"{runtime}: {', '.join(usable)}")


_STATES: dict[str, tuple[Literal["ok", "missing"], str]] = {
    "ok": ("ok", ""),
    "keyless": ("missing", "Set {key}."),
    "uninstalled": ("missing", "{extra}"),
    "failed": ("missing", "Check its url, its key and that it runs."),
    "modelless": ("missing", "Set {model} to one that it has."),
}


def _services(settings: Settings) -> Iterator[Finding]:
    from inkreel.wiring.services import Seen, look

    async def gather() -> list[Seen]:
        return [seen async for seen in look(settings)]

    for seen in asyncio.run(gather()):
        service, (state, hint) = seen.service, _STATES[seen.state]
        hint = hint.format(
            key=service.variable("key"), model=service.variable("model"), extra=service.extra
        )
        yield Finding(f"{service.noun} {service.name}", state, seen.said, hint)


def _store(settings: Settings) -> Iterator[Finding]:
    yield _folder(
        "store", settings.cache, "A video needs up to 1 GB: free some, or set INKREEL_CACHE."
    )


def _shared_store(settings: Settings) -> Iterator[Finding]:
    from inkreel.wiring.storage import open_storage

    name, bucket = "shared store", open_storage(settings).bucket
    if bucket is None:
        yield Finding(name, "optional", "not used: one machine needs none")
        return
    key, data = f"{TRIED}/{secrets.token_hex(8)}", secrets.token_bytes(1_000)
    began = time.monotonic()
    try:
        does = {
            "does not keep what it is given": bucket.create(key, data) and bucket.read(key) == data,
            "writes over what is there (conditional puts)": not bucket.create(key, b""),
            "does not list what it keeps": any(seen.key == key for seen in bucket.keys(TRIED)),
        }
    finally:
        bucket.drop([key])
    does["does not remove what it is told to"] = bucket.read(key) is None
    each = (time.monotonic() - began) * 1000 / 6
    lacks = [what for what, fine in does.items() if not fine]
    if lacks:
        hint = "Use a store with conditional puts and the right to put, get, list and delete."
        yield Finding(name, "missing", f"{bucket.url} {', '.join(lacks)}", hint)
    else:
        said = f"{bucket.url} keeps, lists and removes, {each:.0f} ms a request"
        yield Finding(name, "ok", said)


def _folder(name: str, root: Path, hint: str) -> Finding:
    """Whether it can be made and written to, with a gigabyte left."""
    there = root.absolute()
    while not there.exists():
        there = there.parent
    with tempfile.TemporaryFile(dir=there):
        free = shutil.disk_usage(there).free
    said = f"{root}, {free / 10**9:.1f} GB free"
    return Finding(name, "ok", said) if free > 10**9 else Finding(name, "missing", said, hint)


def _service(settings: Settings) -> Iterator[Finding]:
    from importlib.metadata import version

    from inkreel.entrypoints.serve import check_installed

    try:
        check_installed()
    except SettingError as error:
        yield Finding("service", "optional", error.message, error.hint)
        return
    packages = ", ".join(f"{name} {version(name)}" for name in ("fastapi", "uvicorn", "httpx2"))
    yield Finding("service", "ok", packages)
    yield _folder("data", settings.data, "Uploads and results need room: set INKREEL_DATA.")


def _keys(settings: Settings) -> Iterator[Finding]:
    from inkreel.entrypoints.keys import CREATE, asks_for_keys, usable_keys

    count = asyncio.run(usable_keys(settings))
    if count:
        yield Finding("keys", "ok", "1 API key" if count == 1 else f"{count} API keys")
    elif asks_for_keys(settings):
        said = f"none, but the service asks for one on {settings.host}"
        yield Finding("keys", "missing", said, CREATE)
    else:
        yield Finding("keys", "optional", "none: the service answers this machine alone", CREATE)


def _redis(settings: Settings) -> Iterator[Finding]:
    if settings.redis_url is None:
        yield Finding("redis", "optional", "not used: one machine needs none")
        return
    said = asyncio.run(_asked(settings))
    lacks = [what for what, there in said.items() if not there]
    if lacks:
        hint = "A queue must not forget: appendonly yes, maxmemory-policy noeviction."
        yield Finding("redis", "missing", f"it answers, but {', '.join(lacks)}", hint)
    else:
        yield Finding("redis", "ok", "it answers, writes to its disk and evicts nothing")


async def _asked(settings: Settings) -> dict[str, bool]:
    """What must be so of Redis, and whether it is. Raises `Unavailable`, `SettingError`."""
    from inkreel.wiring.queue import open_link

    link = open_link(settings)
    try:
        persistence, memory = [
            str(await link.ask("INFO", section)) for section in ("persistence", "memory")
        ]
    finally:
        await link.close()
    return {
        "it does not write to its disk (appendonly)": re.search(r"aof_enabled\W+1", persistence)
        is not None,
        "it evicts keys (maxmemory-policy)": "noeviction" in memory,
    }
