"""`inkreel cache`: look at the store, tidy it, warm it, have parts of it made again."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from inkreel.entrypoints.running import run
from inkreel.errors import OptionError

if TYPE_CHECKING:
    from inkreel.backends.files import FileStore

cache_app = typer.Typer(help="Look at, tidy and warm the store of artifacts.", no_args_is_help=True)

Cache = Annotated[Path | None, typer.Option(help="Folder of the store.")]
Documents = Annotated[
    list[Path], typer.Argument(help="Documents or storyboards, as they will be sent.")
]
Language = Annotated[str | None, typer.Option(help="auto, vi or en.")]
Size = Annotated[str | None, typer.Option(help="wide, tall or square; or pixels, e.g. 3840x2160.")]
Theme = Annotated[str | None, typer.Option(help="light, dark, brand or a theme file (.toml).")]
Voice = Annotated[
    str | None, typer.Option(help="auto, espeak[:NAME], or NAME[:VOICE] of a service.")
]
Captions = Annotated[str | None, typer.Option(help="burn, track, both or off.")]
Profile = Annotated[str | None, typer.Option(help="draft, standard or quality.")]

UNITS: dict[str, int] = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "B": 1}
SECONDS: dict[str, float] = {"s": 1, "m": 60, "h": 3_600, "d": 86_400}


@cache_app.command("size")
def cache_size(cache: Cache = None) -> None:
    """Print the store's folder and how much it holds."""
    store = _files(cache)
    typer.echo(f"{_bytes(store.size())} in {store.root}")


@cache_app.command("list")
def cache_list(cache: Cache = None) -> None:
    """List the artifacts, the last used first."""
    import datetime as dt

    for entry in sorted(_files(cache).entries(), key=lambda entry: entry.used, reverse=True):
        used = dt.datetime.fromtimestamp(entry.used).astimezone()
        size = _bytes(entry.record.size)
        typer.echo(f"{used:%Y-%m-%d %H:%M}  {size:>9}  {entry.role:<12} {entry.key[:16]}")


@cache_app.command("clear")
def cache_clear(cache: Cache = None) -> None:
    """Drop every artifact of this machine; they are found in the shared store, or made again."""
    typer.echo(f"{_bytes(_files(cache).clear())} freed")


@cache_app.command("evict")
def cache_evict(
    size: Annotated[str, typer.Argument(help="What may stay, e.g. 2GB or 500MB.")],
    cache: Cache = None,
) -> None:
    """Drop the least recently used artifacts of this machine until the rest fits."""
    store = _files(cache)
    freed = store.evict(_parse_bytes(size))
    typer.echo(f"{_bytes(freed)} freed, {_bytes(store.size())} kept")


@cache_app.command("warm")
def cache_warm(  # noqa: PLR0913  an option each
    documents: Documents,
    language: Language = None,
    size: Size = None,
    theme: Theme = None,
    voice: Voice = None,
    captions: Captions = None,
    profile: Profile = None,
    seconds: Annotated[float | None, typer.Option(help="Target length.")] = None,
    workers: Annotated[int | None, typer.Option(help="Child processes.")] = None,
    cache: Cache = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Have all that videos of these documents are made of here, and in the shared store."""
    from inkreel import settings
    from inkreel.entrypoints.progress import progress
    from inkreel.wiring import warming

    loaded = settings.load(
        language=language,
        size=size,
        theme=theme,
        voice=voice,
        captions=captions,
        profile=profile,
        seconds=seconds,
        workers=workers,
        cache=cache,
    )
    for document in documents:
        with progress(quiet=quiet) as report:
            result = run(warming.warm(document, loaded, report))
        made = sum(scene.made for scene in result.scenes)
        typer.echo(f"{document}: {len(result.scenes)} scenes, {made} of them made")


@cache_app.command("invalidate")
def cache_invalidate(  # noqa: PLR0913  an option each
    documents: Annotated[
        list[Path] | None, typer.Argument(help="Only what videos of these are made of.")
    ] = None,
    kind: Annotated[
        list[str] | None, typer.Option(help="Only this kind, e.g. clip; may be given often.")
    ] = None,
    older: Annotated[
        str | None, typer.Option("--older-than", help="Only what is older, e.g. 12h or 7d.")
    ] = None,
    language: Language = None,
    size: Size = None,
    theme: Theme = None,
    voice: Voice = None,
    captions: Captions = None,
    profile: Profile = None,
    cache: Cache = None,
) -> None:
    """Have artifacts made again when they are next needed, on all machines that share the store."""
    from inkreel import settings
    from inkreel.wiring import warming

    if not (documents or kind or older):
        raise OptionError(
            "It is not said what.",
            hint="Name documents, --kind or --older-than; `inkreel cache clear` drops everything.",
        )
    if documents and older:
        raise OptionError(
            "Documents and --older-than do not go together.", hint="Give one of them."
        )
    loaded = settings.load(
        language=language,
        size=size,
        theme=theme,
        voice=voice,
        captions=captions,
        profile=profile,
        cache=cache,
    )
    seconds = _parse_seconds(older) if older else 0.0
    freed = run(warming.invalidate(loaded, documents or (), kind or (), seconds))
    typer.echo(f"{_bytes(freed)} freed")


def _files(cache: Path | None) -> FileStore:
    from inkreel import settings
    from inkreel.backends.files import FileStore

    return FileStore(settings.load(cache=cache).cache)


def _bytes(count: int) -> str:
    for unit in ("TB", "GB", "MB", "KB"):
        if count >= UNITS[unit]:
            return f"{count / UNITS[unit]:.1f} {unit}"
    return f"{count} B"


def _parse_bytes(text: str) -> int:
    number, unit = text.strip().upper(), "B"
    for name in UNITS:
        if number.endswith(name):
            number, unit = number.removesuffix(name), name
            break
    try:
        value = float(number) * UNITS[unit]
    except ValueError as error:
        raise OptionError(
            f"{text!r} is not a size.", hint="Write it like 500MB, 2GB or 0."
        ) from error
    if not 0 <= value < 10**18:
        raise OptionError(f"{text!r} is not a size.", hint="Write it like 500MB, 2GB or 0.")
    return int(value)


def _parse_seconds(text: str) -> float:
    match = re.fullmatch(r"(\d{1,9})([smhd])", text.strip())
    if match is None:
        raise OptionError(f"{text!r} is not an age.", hint="Write it like 90m, 12h or 7d.")
    return float(match[1]) * SECONDS[match[2]]
