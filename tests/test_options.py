"""What a user asked for → Options: from the command, a form or JSON alike."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from msgspec.structs import replace

import inkreel
from inkreel.errors import OptionError, SettingError
from inkreel.model import SIZES, CaptionsMode, Options, Profile, Still
from inkreel.recipes import PROFILES, Encoding, Recording, recording_for
from inkreel.settings import Settings
from inkreel.wiring.options import options_from


def test_choices_lie_over_the_settings() -> None:
    """What is given wins, None gives nothing, and numbers may be written as text."""
    settings = Settings(theme="dark", captions="both")
    chosen = options_from(settings, {"seconds": "90", "size": "1280x720", "voice": None})
    assert chosen == Options(
        size="1280x720", theme="dark", captions=CaptionsMode.BOTH, seconds=90.0
    )


@pytest.mark.parametrize(
    ("given", "size"),
    [
        ({}, "1920x1080"),
        ({"size": "tall"}, "1080x1920"),
        ({"profile": "draft"}, "1280x720"),
        ({"profile": "draft", "size": "tall"}, "720x1280"),
        ({"profile": "draft", "size": "square"}, "720x720"),
        ({"profile": "draft", "size": "1080x1920"}, "1080x1920"),
        ({"profile": "quality"}, "1920x1080"),
    ],
)
def test_a_draft_is_small_unless_a_size_is_given(given: dict[str, object], size: str) -> None:
    """A shape is as large as its profile has it; pixels that are asked for are kept."""
    assert options_from(Settings(), given).size == size


@pytest.mark.parametrize("profile", PROFILES)
def test_still_frames_are_skipped_in_drafts_alone(profile: Profile) -> None:
    """Unless it is asked for: drafts are cheap, and what leaves the house plays everywhere. What
    is asked for changes nothing else."""
    chosen = {
        still: recording_for(Options(profile=profile, still=still, fps=25))
        for still in get_args(Still)
    }
    skips = {still: recording.encoding.skip_unchanged for still, recording in chosen.items()}
    assert skips == {"auto": profile == "draft", "encode": False, "skip": True}
    plain = {replace(one.encoding, skip_unchanged=False) for one in chosen.values()}
    assert plain == {replace(PROFILES[profile].encoding, fps=25, skip_unchanged=False)}


def test_a_refused_size_names_those_there_are() -> None:
    """Who asks for a size that is not made is told every one that is."""
    with pytest.raises(OptionError) as told:
        options_from(Settings(), {"size": "7680x4320"})
    assert all(size in told.value.hint for size in ("wide", "tall", "square", *SIZES))


def test_options_of_old_jobs_are_read() -> None:
    """What was ordered before there was a choice is made as it was then."""
    old = b'{"language":"vi","size":"1920x1080","theme":"dark","captions":"both","seconds":90.0}'
    options = msgspec.json.decode(old, type=Options)
    assert (options.size, options.fps) == ("1920x1080", 30)
    assert recording_for(options) == Recording(Encoding(), 128_000)
    assert options_from(Settings()) == Options()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("language", "de"),
        ("size", "1x1"),
        ("size", 3),
        ("size", "1920x1081"),
        ("theme", "x" * 10_000),
        ("voice", "espeak:nobody"),
        ("voice", ["auto"]),
        ("captions", "yes"),
        ("seconds", "soon"),
        ("seconds", 0),
        ("seconds", "nan"),
        ("seconds", "inf"),
        ("seconds", True),
        ("profile", "best"),
        ("fps", 23),
        ("fps", "fast"),
        ("colour", "red"),
    ],
)
def test_a_refused_choice_is_named(field: str, value: object) -> None:
    """The error names the field, repeats little of the value, and says what to do."""
    with pytest.raises(OptionError) as told:
        options_from(Settings(), {field: value})
    assert told.value.field == field
    assert told.value.hint
    assert len(told.value.message) < 300


def test_nothing_is_made_without_workers(tmp_path: Path) -> None:
    """0 workers are for a service that only answers: the command refuses them, with a hint."""
    with pytest.raises(SettingError, match="0 workers") as told:
        asyncio.run(inkreel.make_async(tmp_path / "a.md", tmp_path / "a.mp4", workers=0))
    assert "--workers" in told.value.hint
