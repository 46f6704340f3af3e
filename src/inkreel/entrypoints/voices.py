"""`inkreel voices`: which there are, what each is, and how one sounds."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

import typer

from inkreel.entrypoints.listing import Told, show, told
from inkreel.model import Language, Speech
from inkreel.settings import Settings

TRIAL: dict[Language, str] = {
    "en": "This is how I sound when I tell your video, sentence by sentence.",
    "vi": "Đây là giọng của tôi khi kể video của bạn, từng câu một.",
}


def voices(
    try_: Annotated[
        str | None, typer.Option("--try", help="Have this voice say a sentence into a WAV file.")
    ] = None,
    text: Annotated[str | None, typer.Option(help="What it says; default a sentence.")] = None,
    language: Annotated[str, typer.Option(help="vi or en.")] = "en",
    output: Annotated[Path, typer.Option("--output", "-o", help="The file.")] = Path("voice.wav"),
    cache: Annotated[Path | None, typer.Option(help="Folder of the store.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One line of JSON on stdout.")] = False,
) -> None:
    """List the voices that --voice takes; --try NAME says a sentence with one."""
    from inkreel import settings
    from inkreel.errors import OptionError

    loaded = settings.load(cache=cache)
    if try_ is None:
        following = " → ".join(loaded.voice_fallback) or "none: then the video fails"
        after = f"When the chosen one fails: {following}"
        show(listed(loaded), f"auto: {_automatic(loaded)}", after, as_json=as_json)
        return
    if language not in TRIAL:
        raise OptionError(f"The language {language!r} is not known.", hint="Use vi or en.")
    spoken: Language = "vi" if language == "vi" else "en"
    said = asyncio.run(_say(loaded, try_, spoken, text or TRIAL[spoken]))
    _write(output, said)
    seconds = len(said.pcm) / 2 / said.rate
    times = "with times of its own" if said.words else "without times for its words"
    typer.echo(f"{seconds:.1f} s at {said.rate} Hz, {times}", err=True)
    typer.echo(str(output.resolve()))


def listed(settings: Settings) -> list[Told]:
    """The embedded voice, Piper's on this machine, then those of the settings. Raises
    `SettingError`."""
    from inkreel.providers.tts import espeak
    from inkreel.wiring.voices import configured

    standard = ", ".join(espeak.DEFAULT_VOICES.values())
    names = f"{len(espeak.voice_names())} voices, by default {standard}"
    found = [Told("espeak", "embedded", f"eSpeak NG {espeak.VERSION}: {names}"), *_piper(settings)]
    for voice in configured(settings).values():
        spoken = dict.fromkeys(voice.given.voice or voice.kind.spoken(one) for one in TRIAL)
        named = ", ".join(filter(None, spoken)) or "no voice is set: write NAME:VOICE"
        found.append(told(voice, (voice.model, named)))
    return found


def _piper(settings: Settings) -> list[Told]:
    """Piper's voices; where there is none, how to get one."""
    from inkreel.providers.tts import piper
    from inkreel.wiring.voices import piper_folder, piper_voices

    lacks = "" if piper.installed() else f", but Piper is not installed: {piper.EXTRA}"
    found = [
        Told(f"piper:{one.name}", str(one.path), f"{one.said}{lacks}")
        for one in piper_voices(settings).values()
    ]
    get = piper.fetching("vi", piper_folder(settings))
    how = get if piper.installed() else f"{piper.EXTRA}, then {get}"
    return found or [Told("piper", "no voice is here", f"natural and offline; get one: {how}")]


def _automatic(settings: Settings) -> str:
    """What `auto` stands for."""
    from inkreel.wiring.voices import chooser

    choose = chooser(settings)
    taken = ((language, choose("auto", language)) for language in TRIAL)
    return ", ".join(
        f"{Path(one.file.path).stem if one.file else one.voice} for {language}"
        for language, one in taken
    )


async def _say(settings: Settings, voice: str, language: Language, text: str) -> Speech:
    from inkreel.wiring.trial import say

    return await say(settings, voice, language, text)


def _write(path: Path, said: Speech) -> None:
    import wave

    from inkreel.errors import OutputNotWritable

    try:
        with wave.open(str(path), "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(said.rate)
            file.writeframes(said.pcm)
    except OSError as error:
        raise OutputNotWritable(
            f"{path} cannot be written: {error.strerror}.", hint="Give another --output."
        ) from error
