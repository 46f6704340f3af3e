"""What a user asked for → `Options` and `Plan`, checked before any work is done."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

from inkreel.errors import OptionError, SettingError
from inkreel.model import FRAME_RATES, SHAPES, SIZES, Options, Profile
from inkreel.pipeline import Plan
from inkreel.settings import Settings
from inkreel.wiring import images, models, themes, voices

KNOWN: dict[str, tuple[object, ...]] = {"fps": FRAME_RATES}
HINTS = {
    "language": "Use auto, vi or en.",
    "size": f"Use one of: {', '.join((*SHAPES, *SIZES))}.",
    "theme": "Give the name of a theme.",
    "profile": "Use draft, standard or quality.",
    "still": "Use auto, encode or skip.",
    "transition": "Use auto, cut, fade, slide or wipe.",
    "fps": f"Use one of: {', '.join(map(str, FRAME_RATES))}.",
    "voice": "Use auto, espeak:NAME, piper:NAME, or NAME:VOICE of a service.",
    "writer": "Use auto, own, or NAME:MODEL of a service.",
    "illustrate": "Use none, or a name of `images` in the settings.",
    "captions": "Use burn, track, both or off.",
    "music_volume": "Give decibels from -24 to 6; 0 is 19 below the voice.",
    "seconds": "Give a number of seconds, e.g. 90, or leave it out to tell the whole document.",
}
MUSIC_VOLUMES = (-24.0, 6.0)
"""More would leave no room for the voice."""
_SHOWN = 60
"""Characters of a refused value that its error repeats."""


def options_from(settings: Settings, given: Mapping[str, object] | None = None) -> Options:
    """The choices in `given` over those of the settings; None is a choice not made, and numbers
    may be written as text (form fields).

    Raises `OptionError`, whose `field` names the option.
    """
    fields = _fields()
    chosen = {name: value for name, value in (given or {}).items() if value is not None}
    for name in chosen:
        if name not in fields:
            raise OptionError(
                f"There is no option {_shown(name)}.",
                hint=f"Use: {', '.join(fields)}.",
                field=name[:_SHOWN],
            )
    values = {name: getattr(settings, name) for name in fields} | chosen
    checked = {name: _value(fields[name], value) for name, value in values.items()}
    checked["size"] = _size(checked["size"], checked["profile"])
    options = msgspec.convert(checked, Options)
    _check(options, voices.chooser(settings))
    _check_writer(options, models.chooser(settings))
    _check_images(options, images.chooser(settings))
    _check_theme(settings, options, own="theme" not in chosen)
    return options


def plan_for(settings: Settings, options: Options) -> Plan:
    """How a video of these options is made. Raises `OptionError` for a theme that is gone."""
    if isinstance(options.theme, str):
        options = msgspec.structs.replace(options, theme=themes.find(settings, options.theme))
    return Plan(
        options,
        voices.chooser(settings),
        at_once=settings.workers + 2,
        max_pages=settings.max_pages,
        writer=models.chooser(settings)(options.writer),
        verify=settings.verify,
        fallbacks=voices.fallbacks(settings, options.voice),
        images=images.chooser(settings)(options.illustrate),
    )


def check_workers(settings: Settings) -> None:
    """Raises `SettingError` when there is nobody to make anything."""
    if settings.workers == 0:
        raise SettingError(
            "There are 0 workers, so that nothing can be made here.",
            hint="Give at least one: --workers 1 or INKREEL_WORKERS=1.",
            field="workers",
        )


@cache
def _fields() -> dict[str, msgspec.structs.FieldInfo]:
    """Of the options, by name."""
    return {field.name: field for field in msgspec.structs.fields(Options)}


def _value(field: msgspec.structs.FieldInfo, value: object) -> Any:
    try:
        return msgspec.convert(value, field.type, strict=False)
    except msgspec.ValidationError as error:
        raise _refused(field.name, value, f"{error}.") from error


def _size(size: str, profile: Profile) -> str:
    """In pixels; a draft of a shape is small."""
    if size in SHAPES:
        return SHAPES[size][profile == "draft"]
    if size not in SIZES:
        raise _refused("size", size, "it is not known.")
    return size


def _check(options: Options, choose: voices.Choose) -> None:
    for name, known in KNOWN.items():
        value = getattr(options, name)
        if value not in known:
            raise _refused(name, value, "it is not known.")
    seconds = options.seconds
    if seconds is not None and not (math.isfinite(seconds) and seconds > 0):
        raise _refused("seconds", seconds, "it must be above 0.")
    if not MUSIC_VOLUMES[0] <= options.music_volume <= MUSIC_VOLUMES[1]:
        raise _refused("music_volume", options.music_volume, "it is out of range.")
    try:
        if options.language == "auto":
            voices.in_any_language(choose, options.voice)
        else:
            choose(options.voice, options.language)
    except OptionError as error:
        raise OptionError(error.message, hint=error.hint, field="voice") from error


def _check_writer(options: Options, choose: models.Choose) -> None:
    try:
        choose(options.writer)
    except OptionError as error:
        raise OptionError(error.message, hint=error.hint, field="writer") from error


def _check_images(options: Options, choose: images.Choose) -> None:
    try:
        choose(options.illustrate)
    except OptionError as error:
        raise OptionError(error.message, hint=error.hint, field="illustrate") from error


def _check_theme(settings: Settings, options: Options, *, own: bool) -> None:
    """Clients choose by name; only who set the settings up may name a file."""
    name, known = str(options.theme), themes.names(settings)
    if name in known:
        return
    if not own or not name.endswith(themes.SUFFIX):
        hint = f"Use one of: {', '.join(known)}{', or a theme file (.toml)' if own else ''}."
        raise OptionError(f"There is no theme {_shown(name)}.", hint=hint, field="theme")
    themes.load(Path(name))


def _refused(name: str, value: object, why: str) -> OptionError:
    message = f"The {name} {_shown(value)} is refused: {why}"
    return OptionError(message, hint=HINTS[name], field=name)


def _shown(value: object) -> str:
    shown = repr(value)
    return shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
