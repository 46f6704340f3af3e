"""The `inkreel` command.

Progress and errors go to stderr; stdout holds the answer alone. Exit status: 0 done, 2 refused
options, 3 bad input, 4 output, 5 a service or process failed, 130 cancelled, 1 a fault of ours.
"""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn, TypeVar

import msgspec
import typer
from rich.console import Console

from inkreel import __version__
from inkreel.entrypoints import caching, commands
from inkreel.entrypoints import models as models_command
from inkreel.entrypoints import voices as voices_command
from inkreel.entrypoints.models import accounts
from inkreel.entrypoints.running import run
from inkreel.errors import Cancelled, InkreelError, OptionError
from inkreel.model import Result

if TYPE_CHECKING:
    from inkreel.model import Result

T = TypeVar("T")

UsageError: type[Exception] = typer.BadParameter.__mro__[1]
"""What typer raises for a refused option; it carries its own copy of click, so click's own class
of this name would not match."""

app = typer.Typer(
    help="A document goes in, a narrated, captioned explainer video comes out.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.add_typer(caching.cache_app, name="cache")
app.add_typer(commands.keys_app, name="keys")

Input = Annotated[
    Path, typer.Argument(help="A .md, .txt, .pdf or storyboard .yaml; - reads stdin.")
]
Language = Annotated[str | None, typer.Option(help="auto, vi or en.")]
Size = Annotated[str | None, typer.Option(help="wide, tall or square; or pixels, e.g. 3840x2160.")]
Theme = Annotated[str | None, typer.Option(help="light, dark, brand or a theme file (.toml).")]
Voice = Annotated[
    str | None,
    typer.Option(help="auto, espeak[:NAME], piper[:NAME], or NAME[:VOICE] of a service."),
]
Writer = Annotated[
    str | None, typer.Option(help="Of the storyboard: auto, own, or NAME[:MODEL] of a service.")
]
Captions = Annotated[str | None, typer.Option(help="burn, track, both or off.")]
Illustrate = Annotated[
    str | None, typer.Option(help="Source of images: none, or a name of `images`.")
]
Seconds = Annotated[float | None, typer.Option(help="Target length; else the whole document.")]
Fps = Annotated[int | None, typer.Option(help="Frames a second: 24, 25, 30, 50 or 60.")]
Thumbnails = Annotated[
    bool | None,
    typer.Option(help="Pictures for the seek bars of players: .thumbnails.vtt and .jpg."),
]
Profile = Annotated[str | None, typer.Option(help="draft, standard or quality.")]
Draft = Annotated[bool, typer.Option("--draft", help="--profile draft: soon and small.")]
Quality = Annotated[bool, typer.Option("--quality", help="--profile quality: slowly and finely.")]
Still = Annotated[
    str | None, typer.Option(help="Frames in which nothing changes: auto, encode or skip.")
]
Transition = Annotated[str | None, typer.Option(help="auto, cut, fade, slide or wipe.")]
Music = Annotated[
    Path | None, typer.Option(help="To lie under the voice: .mp3, .m4a, .ogg, .wav or .flac.")
]
MusicVolume = Annotated[
    float | None, typer.Option(help="Decibels, -24 to 6; 0 is 19 below the voice.")
]
Cache = Annotated[Path | None, typer.Option(help="Folder of the store.")]
Workers = Annotated[int | None, typer.Option(help="Child processes; default one a core.")]
Verify = Annotated[
    bool | None,
    typer.Option("--verify", help="Decode the finished video whole before it gets its name."),
]
Play = Annotated[
    bool, typer.Option("--play", help="Watch it in the browser while it is being made.")
]
Browser = Annotated[
    bool | None,
    typer.Option(help="With --play: open the browser, or only say where it plays."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON, the last on stdout.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")]


def _version(asked: bool) -> None:  # noqa: FBT001  what typer calls
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def inkreel(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version.", is_eager=True, callback=_version),
    ] = False,
) -> None:
    """A document goes in, a narrated, captioned explainer video comes out."""


@app.command()
def make(  # noqa: PLR0913  # long: an option each
    document: Input,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", help="The video (.mp4; default INPUT.mp4 here) or its sound (.m4a)."
        ),
    ] = None,
    language: Language = None,
    size: Size = None,
    theme: Theme = None,
    voice: Voice = None,
    writer: Writer = None,
    captions: Captions = None,
    illustrate: Illustrate = None,
    fps: Fps = None,
    profile: Profile = None,
    draft: Draft = False,
    quality: Quality = False,
    still: Still = None,
    transition: Transition = None,
    seconds: Seconds = None,
    thumbnails: Thumbnails = None,
    music: Music = None,
    music_volume: MusicVolume = None,
    cache: Cache = None,
    workers: Workers = None,
    verify: Verify = None,
    play: Play = False,
    browser: Browser = None,
    as_json: AsJson = False,
    quiet: Quiet = False,
) -> None:
    """Make a video, with captions (.srt, .vtt) and a poster (.jpg) beside it, or only its sound."""
    from inkreel import settings
    from inkreel.entrypoints.progress import progress
    from inkreel.wiring import video

    loaded = settings.load(
        language=language,
        size=size,
        theme=theme,
        voice=voice,
        writer=writer,
        captions=captions,
        illustrate=illustrate,
        fps=fps,
        profile=_profile(profile, draft=draft, quality=quality),
        still=still,
        transition=transition,
        seconds=seconds,
        thumbnails=thumbnails,
        music=music,
        music_volume=music_volume,
        cache=cache,
        workers=workers,
        verify=verify,
        browser=browser,
    )
    place = output or Path(f"{'video' if str(document) == '-' else document.stem}.mp4")
    with contextlib.ExitStack() as telling:
        teller = telling.enter_context(progress(quiet=quiet))

        def done(result: Result) -> None:
            telling.close()
            _tell(result, place, as_json=as_json)

        material = _material(document)
        if play:
            from inkreel.entrypoints.play import theatre

            shown = functools.partial(theatre, teller=teller, done=done, browser=loaded.browser)
            run(video.show(material, place, loaded, teller, shown))
        else:
            done(run(video.make(material, place, loaded, teller)))


def _profile(named: str | None, *, draft: bool, quality: bool) -> str | None:
    """The one that is asked for. Raises `OptionError` for more than one."""
    flags = {"draft": draft, "quality": quality}
    asked = {name for name, on in flags.items() if on} | ({named} if named else set())
    if len(asked) > 1:
        raise OptionError(
            f"A video has one profile, not {' and '.join(sorted(asked))}.",
            hint="Give one of --draft, --quality and --profile.",
        )
    return asked.pop() if asked else None


def _tell(result: Result, place: Path, *, as_json: bool) -> None:
    """What was made: for people on stderr, for programs on stdout."""
    if as_json:
        typer.echo(msgspec.json.encode(result).decode())
        return
    for lost in result.degraded:
        _say(f"degraded: {lost.what}. {lost.why}")
    for scene in result.scenes:
        if scene.credit and scene.credit.link:
            _say(f"picture: {scene.id}: {scene.credit.author}, {scene.credit.link}")
    for lost in dict.fromkeys(scene.degraded for scene in result.scenes if scene.degraded):
        which = ", ".join(scene.id for scene in result.scenes if scene.degraded == lost)
        _say(f"degraded: {which}: {lost.what}. {lost.why}")
    if result.writing:
        _say(accounts(result.writing))
    minutes, rest = divmod(round(result.seconds), 60)
    kind = "sound" if place.suffix.lower() == ".m4a" else "video"
    scenes, made = len(result.scenes), sum(scene.made for scene in result.scenes)
    _say(
        f"{minutes}:{rest:02d} of {kind}, {scenes} scenes "
        f"({made} made, {scenes - made} found) in {result.wall_seconds:.1f} s"
    )
    typer.echo(str(place.resolve()))


@app.command()
def storyboard(  # noqa: PLR0913  an option each
    document: Input,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The YAML file; default stdout.")
    ] = None,
    language: Language = None,
    voice: Voice = None,
    writer: Writer = None,
    illustrate: Illustrate = None,
    seconds: Seconds = None,
    cache: Cache = None,
    quiet: Quiet = False,
) -> None:
    """Write the storyboard that `make` would film, to read and to edit."""
    from inkreel import settings
    from inkreel.entrypoints.progress import progress
    from inkreel.wiring import video

    loaded = settings.load(
        language=language,
        voice=voice,
        writer=writer,
        illustrate=illustrate,
        seconds=seconds,
        cache=cache,
    )
    if output:
        video.check_output(output, video.BOARD_SUFFIXES)
    with progress(quiet=quiet) as report:
        text = run(video.make_storyboard(_material(document), loaded, report))
    if output:
        video.write_text(output, text)
        typer.echo(str(output.resolve()))
    else:
        typer.echo(text, nl=False)


@app.command()
def doctor(cache: Cache = None, as_json: AsJson = False) -> None:
    """Say what is here and what is missing, with a hint for each lack."""
    from inkreel import settings
    from inkreel.entrypoints.doctor import examine

    findings = examine(settings.load(cache=cache))
    if as_json:
        typer.echo(msgspec.json.encode(findings).decode())
    else:
        for finding in findings:
            mark = {"ok": "✓", "optional": "·", "missing": "✗"}[finding.state]
            typer.echo(f"{mark} {finding.name}: {finding.said}")
            if finding.hint:
                typer.echo(f"    → {finding.hint}")
    if any(finding.state == "missing" for finding in findings):
        raise typer.Exit(5)


app.command()(commands.gallery)
app.command()(voices_command.voices)
app.command()(models_command.models)
app.command()(commands.serve)
app.command()(commands.worker)


def main() -> NoReturn:
    """Run the command; every error becomes a message, a hint and an exit status."""
    as_json = "--json" in sys.argv[1:]
    try:
        status = app(standalone_mode=False)
    except typer.Abort:
        status = _fail(Cancelled("Cancelled."), as_json=as_json)
    except UsageError as error:
        context = getattr(error, "ctx", None)
        hint = f"See {context.command_path if context else 'inkreel'} --help."
        message = _message(error)  # none when the help was shown instead
        status = _fail(OptionError(message, hint=hint), as_json=as_json) if message else 2
    except InkreelError as error:
        status = _fail(error, as_json=as_json)
    if status == Cancelled.exit_code:
        # All is in order. The interpreter's own end would wait for what still loads.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)
    gc.freeze()  # the interpreter would look through everything once more, for 50 ms
    sys.exit(status if isinstance(status, int) else 0)


def _message(error: Exception) -> str:
    described: object = getattr(error, "format_message", error.__str__)()
    return str(described)


def _fail(error: InkreelError, *, as_json: bool) -> int:
    console = Console(stderr=True, highlight=False, soft_wrap=True)
    console.print(f"[bold red]error[/] {error.code}: ", end="")
    console.print(error.message, markup=False)
    if error.hint:
        console.print(f"  hint: {error.hint}", markup=False)
    if as_json:
        answer = {"error": {"code": error.code, "message": error.message, "hint": error.hint}}
        typer.echo(msgspec.json.encode(answer).decode())
    return error.exit_code


def _material(document: Path) -> Path | tuple[str, bytes]:
    if str(document) != "-":
        return document
    return "stdin", sys.stdin.buffer.read()


def _say(text: str) -> None:
    typer.echo(text, err=True)
