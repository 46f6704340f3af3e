"""One validated tree of settings: flags over `INKREEL_*` variables over a file over defaults.

The file is `inkreel.toml` in the working folder, else the one in the user's configuration
folder, else none; `INKREEL_CONFIG` names another. Only wiring and entrypoints read settings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

import platformdirs
from pydantic import Field, ValidationError
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inkreel.errors import SettingError


def _file() -> Path | None:
    named = os.environ.get("INKREEL_CONFIG")
    if named:
        if not Path(named).is_file():
            raise SettingError(
                f"INKREEL_CONFIG names {named}, which is not a file.",
                hint="Give the path of a TOML file, or unset it.",
            )
        return Path(named)
    for path in (
        Path("inkreel.toml"),
        platformdirs.user_config_path("inkreel", appauthor=False) / "inkreel.toml",
    ):
        if path.is_file():
            return path
    return None


def cores() -> int:
    """Cores this process may use: affinity and a container's CPU share are heeded."""
    count = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    count = count or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text(encoding="ascii").split()
    except (OSError, ValueError):
        return count
    return count if quota == "max" else max(1, min(count, round(int(quota) / int(period))))


class Settings(BaseSettings):
    """Every setting, documented; see `docs/settings.md`."""

    model_config = SettingsConfigDict(env_prefix="INKREEL_", extra="forbid", frozen=True)

    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("inkreel", appauthor=False),
        description="Folder of the store: artifacts that can be made again.",
    )
    data: Path = Field(
        default_factory=lambda: platformdirs.user_data_path("inkreel", appauthor=False),
        description="Folder of what the service keeps: jobs, uploads, results.",
    )
    cache_max_bytes: int = Field(
        default=10_000_000_000,
        ge=0,
        description="The store is brought under this after a run; least recently used goes first.",
    )
    workers: int = Field(
        default_factory=cores,
        ge=1,
        le=256,
        description="Child processes that draw and encode; the default is one a core.",
    )
    connections: int = Field(
        default=8, ge=1, le=256, description="Steps that may wait for the network at once."
    )
    max_input_bytes: int = Field(
        default=50_000_000, ge=1, description="Largest document that is read."
    )
    max_pages: int = Field(default=2_000, ge=1, description="Most pages of a PDF.")
    language: Literal["auto", "vi", "en"] = Field(
        default="auto", description="Language of the narration."
    )
    size: str = Field(default="1920x1080", description="Pixels of the video.")
    theme: str = Field(default="light", description="light, dark or brand.")
    voice: str = Field(default="auto", description="auto, or PROVIDER[:NAME].")
    captions: Literal["burn", "track", "both", "off"] = Field(
        default="burn", description="Burned into the picture, as a track, both, or none."
    )
    seconds: float | None = Field(
        default=None, gt=0, description="Target length; unset tells the document whole."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003  the base's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Flags, then the environment, then the file."""
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, _file())


def load(**flags: object) -> Settings:
    """Read all settings; flags that are None are left to the environment and the file.

    Raises:
        SettingError: a value is refused; the message names it, the value and the rule.
    """
    given = {name: value for name, value in flags.items() if value is not None}
    try:
        settings = Settings(**given)  # type: ignore[arg-type]
    except ValidationError as error:
        first = error.errors()[0]
        name = ".".join(str(part) for part in first["loc"])
        raise SettingError(
            f"The setting {name} = {first['input']!r} is refused: {first['msg']}.",
            hint=f"Correct INKREEL_{name.upper()}, the flag, or the settings file.",
        ) from error
    except ValueError as error:  # the file is not TOML
        raise SettingError(
            f"The settings file cannot be read: {error}.", hint="Correct its TOML syntax."
        ) from error
    return settings
