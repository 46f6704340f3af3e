"""One validated tree of settings: flags over `INKREEL_*` variables over a file over defaults.

The file is `inkreel.toml` in the working folder, else the one in the user's configuration
folder, else none; `INKREEL_CONFIG` names another. Only wiring and entrypoints read settings.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated, Literal

import platformdirs
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, ValidationError
from pydantic_settings import (
    BaseSettings,
    NoDecode,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from inkreel.errors import SettingError


def _split(value: object) -> object:
    """The parts of a text with commas, as variables hold lists."""
    if not isinstance(value, str):
        return value
    return tuple(part.strip() for part in value.split(",") if part.strip())


Texts = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


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


class ServiceSettings(BaseModel):
    """A service outside: where it is, and how it is called; what is left out comes from its
    kind."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    kind: str = Field(default="", description="Its protocol.")
    url: str = Field(default="", description="Where it is; unset: the vendor's own address.")
    key: SecretStr | None = Field(default=None, description="Its API key.")
    model: str = Field(default="", description="Name of the model.")
    connections: int = Field(default=4, ge=1, le=64, description="Calls at once, and connections.")
    per_minute: int = Field(default=0, ge=0, description="Calls a minute; 0 sets no limit.")
    connect_seconds: float = Field(default=5.0, gt=0, le=60, description="To connect.")
    read_seconds: float = Field(
        default=60.0, gt=0, le=600, description="Until the answer begins, and between its parts."
    )
    write_seconds: float = Field(default=10.0, gt=0, le=60, description="To take the request.")
    deadline_seconds: float = Field(
        default=120.0, gt=0, le=900, description="For a call in all, however slowly it drips."
    )
    tries: int = Field(default=10, ge=1, le=20, description="Calls for one thing.")
    patience_seconds: float = Field(
        default=30.0, ge=0, le=600, description="Waits between those calls, in all."
    )
    proxy: SecretStr | None = Field(default=None, description="URL of an HTTP proxy to it.")
    networks: Annotated[tuple[str, ...], BeforeValidator(_split)] = Field(
        default=(),
        description="Private networks (CIDR) that its name may lead to. An address or localhost "
        "in `url` needs none.",
    )


class VoiceSettings(ServiceSettings):
    """A voice of a service outside."""

    kind: str = Field(
        default="",
        description="Its protocol: openai, kokoro, chatterbox, elevenlabs, edge, or one of a "
        "package; unset: its name if that is one, else openai.",
    )
    voice: str = Field(default="", description="Name of the voice.")
    format: Literal["wav", "pcm", "mp3", "flac", "ogg"] | None = Field(
        default=None, description="The format that is asked for."
    )
    speed: float = Field(default=1.0, ge=0.5, le=2.0, description="1 is the voice's usual one.")
    pace: float | None = Field(
        default=None, ge=60, le=400, description="Words a minute that it says, as you measured it."
    )
    characters: int = Field(
        default=0, ge=0, description="Most that it takes at once: longer sentences are split."
    )


class ModelSettings(ServiceSettings):
    """A language model of a service outside."""

    kind: str = Field(
        default="",
        description="Its protocol and usual place: openai, gemini, anthropic, ollama, vllm, llama, "
        "litellm, or one of a package; unset: its name if that is one, else openai.",
    )
    temperature: float | None = Field(
        default=None, ge=0, le=2, description="How freely it writes; unset: as the model has it."
    )
    context: int = Field(
        default=32_768, ge=4_096, description="Tokens of question and answer that it can hold."
    )
    answer_tokens: int = Field(
        default=8_192, ge=512, description="Most of an answer, with what a model thinks before it."
    )
    prompt_price: float | None = Field(
        default=None, ge=0, description="Of a million tokens that are asked, for the costs told."
    )
    answer_price: float | None = Field(
        default=None, ge=0, description="Of a million tokens that are answered."
    )
    read_seconds: float = Field(
        default=120.0, gt=0, le=600, description="Until the answer begins, and between its parts."
    )
    deadline_seconds: float = Field(
        default=300.0, gt=0, le=900, description="For a call in all, however slowly it drips."
    )
    tries: int = Field(default=6, ge=1, le=20, description="Calls for one thing.")


class ImageSettings(ServiceSettings):
    """A source of images: a service outside, or a folder."""

    kind: str = Field(
        default="",
        description="Its protocol: openai, pexels, pixabay, folder, or one of a package; unset: "
        "its name if that is one, else openai.",
    )
    folder: Path | None = Field(default=None, description="Of a folder: where its pictures lie.")
    style: str = Field(
        default="a clean, modern illustration in calm colours",
        description="Of those that make pictures: how they are to look.",
    )
    size: str = Field(
        default="", description="Of those that make pictures: pixels, e.g. 1792x1024."
    )
    tries: int = Field(default=4, ge=1, le=20, description="Calls for one thing.")
    patience_seconds: float = Field(
        default=10.0, ge=0, le=600, description="Waits between those calls, in all."
    )


class Settings(BaseSettings):
    """Every setting, documented; see `docs/settings.md`."""

    model_config = SettingsConfigDict(
        env_prefix="INKREEL_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    cache: Path = Field(
        default_factory=lambda: platformdirs.user_cache_path("inkreel", appauthor=False),
        description="Folder of the store: artifacts that can be made again.",
    )
    store: str = Field(
        default="",
        description="Where machines share artifacts, uploads and results: s3://BUCKET/PREFIX, or "
        "file:///FOLDER on a shared disk; unset: `cache` and `data` alone. See docs/storage.md.",
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
        ge=0,
        le=256,
        description="Most child processes that draw and encode; the default is one a core. "
        "0 has a service only answer requests.",
    )
    workers_min: int = Field(
        default=1, ge=0, le=256, description="Child processes that a service keeps when idle."
    )
    connections: int = Field(
        default=8, ge=1, le=256, description="Steps that may wait for the network at once."
    )
    max_input_bytes: int = Field(
        default=50_000_000, ge=1, description="Largest document that is read."
    )
    max_pages: int = Field(default=2_000, ge=1, description="Most pages of a PDF.")
    max_music_bytes: int = Field(
        default=50_000_000, ge=1, description="Largest music file that is read."
    )
    language: Literal["auto", "vi", "en"] = Field(
        default="auto", description="Language of the narration."
    )
    size: str = Field(
        default="wide", description="wide, tall or square; or pixels, e.g. 1920x1080."
    )
    theme: str = Field(
        default="light", description="light, dark, brand, one of `themes`, or a theme file (.toml)."
    )
    themes: Path | None = Field(
        default=None, description="Folder of theme files, which clients may choose by name."
    )
    voice: str = Field(
        default="auto",
        description="auto, espeak[:NAME], piper[:NAME], or NAME[:VOICE] of `voices`.",
    )
    piper: Texts = Field(
        default=(),
        description="Piper voices: .onnx files or folders of them, before the usual folders.",
    )
    voices: dict[str, VoiceSettings] = Field(
        default={}, description="Voices of services outside, by name; see below."
    )
    voice_fallback: Texts = Field(
        default=("espeak",),
        description="Voices to tell the whole video in, in this order, when the chosen one fails "
        "for good. Without any the video fails.",
    )
    writer: str = Field(
        default="auto",
        description="Who writes storyboards: own (which auto is), or NAME[:MODEL] of `models`.",
    )
    models: dict[str, ModelSettings] = Field(
        default={}, description="Language models of services outside, by name; see below."
    )
    captions: Literal["burn", "track", "both", "off"] = Field(
        default="burn", description="Burned into the picture, as a track, both, or none."
    )
    illustrate: str = Field(
        default="none",
        description="Source of images for scenes that have nothing to draw: a name of `images`.",
    )
    images: dict[str, ImageSettings] = Field(
        default={}, description="Sources of images, by name; see below."
    )
    seconds: float | None = Field(
        default=None, gt=0, description="Target length; unset tells the document whole."
    )
    thumbnails: bool = Field(
        default=False,
        description="Whether pictures for the seek bars of players are written beside the video; "
        "a service always makes them.",
    )

    fps: int = Field(default=30, description="Frames a second: 24, 25, 30, 50 or 60.")
    profile: Literal["draft", "standard", "quality"] = Field(
        default="standard", description="draft: soon and small; quality: slowly and finely."
    )
    still: Literal["auto", "encode", "skip"] = Field(
        default="auto",
        description="Frames in which nothing changes: encode them, or skip them, which costs "
        "less; auto skips them in drafts.",
    )
    transition: Literal["auto", "cut", "fade", "slide", "wipe"] = Field(
        default="auto", description="Between scenes whose storyboard does not say."
    )
    music: Path | None = Field(
        default=None,
        description="Music to lie under the voice: an MP3, M4A, OGG, WAV or FLAC file. Not for a "
        "service, whose clients send it.",
    )
    music_volume: float = Field(
        default=0.0, description="Decibels over the usual 19 below the voice: -24 to 6."
    )

    verify: bool = Field(
        default=False,
        description="Decode each finished video whole before it gets its name, and refuse it "
        "unless every frame and sample is right.",
    )

    browser: bool = Field(
        default=True,
        description="Have `make --play` open the browser; else it only says where it plays.",
    )

    # --- The service -----------------------------------------------------------------------------

    host: str = Field(default="127.0.0.1", description="Address that the service listens on.")
    port: int = Field(default=8000, ge=0, le=65_535, description="Its port; 0 takes a free one.")
    processes: int = Field(
        default=1, ge=1, le=64, description="Processes that answer requests on that port."
    )
    auth: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Whether requests need an API key; auto asks for one unless the service "
        "listens on loopback. off is refused elsewhere.",
    )
    allowed_hosts: Texts = Field(
        default=(),
        description="Further names in the Host header that are answered when no key is asked "
        "for; loopback names always are.",
    )
    public_url: str = Field(
        default="", description="How clients reach the service, for links in webhooks."
    )
    secret: SecretStr | None = Field(
        default=None,
        description="What links and webhooks are signed with; unset makes one in `data`.",
    )
    link_seconds: int = Field(default=3_600, ge=1, description="How long a signed link is good.")
    cdn_url: str = Field(
        default="",
        description="Where a CDN in front of this service serves videos, segments and pictures, "
        "e.g. https://cdn.example.com; unset: the service does. See docs/storage.md.",
    )
    cdn_purge_url: str = Field(
        default="{url}",
        description="What is asked for when files are dropped: {url} stands for each of their "
        "links; without it one request names many in its body.",
    )
    cdn_purge_method: str = Field(default="PURGE", description="The method of that request.")
    cdn_purge_body: str = Field(
        default="", description="Its body, JSON: {urls} stands for the list of the links."
    )
    cdn_purge_header: SecretStr | None = Field(
        default=None, description="A header of it, e.g. Authorization: Bearer …"
    )
    rate_per_minute: int = Field(
        default=600, ge=0, description="Requests of a client a minute; 0 sets no limit."
    )
    rate_burst: int = Field(default=120, ge=1, description="Requests of a client at once.")
    max_connections: int = Field(
        default=1_000, ge=1, description="Requests that a process answers at once."
    )
    uploads: int = Field(
        default=8, ge=1, description="Uploads that a process takes in and checks at once."
    )
    uploads_waiting: int = Field(
        default=256, ge=0, description="Uploads that wait for that; more are told to come again."
    )
    max_waiting: int = Field(default=10_000, ge=1, description="Jobs that may wait in all.")
    client_waiting: int = Field(default=1_000, ge=1, description="Jobs of a client that may wait.")
    client_running: int = Field(
        default=64, ge=1, description="Jobs of a client that may run at once."
    )
    jobs_at_once: int = Field(
        default=0, ge=0, description="Jobs a worker runs at once; 0 takes as many as `workers`."
    )
    lease_seconds: float = Field(
        default=10.0, gt=0, description="After this a worker that fell silent has lost its jobs."
    )
    queue_hours: float = Field(default=24.0, gt=0, description="A job waits at most so long.")
    keep_hours: float = Field(default=168.0, gt=0, description="Results are kept so long.")
    record_hours: float = Field(
        default=720.0, ge=0, description="An expired job is remembered so long."
    )
    disk_reserve_bytes: int = Field(
        default=500_000_000, ge=0, description="Free space below which uploads are refused."
    )
    drain_seconds: float = Field(
        default=0.0,
        ge=0,
        description="How long a service that was told to end says so to load balancers before it "
        "stops to listen.",
    )
    grace_seconds: float = Field(
        default=25.0, ge=0, description="How long requests may take to finish after that."
    )
    redis_url: SecretStr | None = Field(
        default=None,
        description="Redis that holds the queue of a service on many machines: "
        "redis://HOST:PORT/0, rediss://…, redis+sentinel://HOST:PORT,…/SERVICE or "
        "redis+cluster://HOST:PORT,…; unset: SQLite in `data`, for one machine.",
    )
    redis_prefix: str = Field(
        default="inkreel",
        pattern=r"^[A-Za-z0-9._-]{1,64}$",
        description="Begins all keys, in braces; services that share a Redis have different ones.",
    )
    redis_connections: int = Field(
        default=16, ge=2, le=256, description="Connections of a process to Redis."
    )
    redis_spool: int = Field(
        default=0,
        ge=0,
        description="Orders that each machine keeps on its disk while Redis is away; 0 has them "
        "refused with 503.",
    )
    redis_steps: bool = Field(
        default=False,
        description="Whether the steps of a video go to the workers of all machines, which then "
        "must share the store; else a worker makes its videos alone.",
    )
    steps_out: int = Field(
        default=64, ge=1, le=1_024, description="Steps that a worker has others do at once."
    )
    webhook_networks: Texts = Field(
        default=(),
        description="Private networks (CIDR) that webhooks may reach; public addresses always.",
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
        parts = [str(part) for part in first["loc"]]
        name, variable = ".".join(parts), "__".join(parts).upper()
        # A key may stand under a misspelt name.
        shown = (
            ""
            if parts[:1] in (["voices"], ["models"], ["images"], ["secret"], ["redis_url"])
            else f" = {first['input']!r}"
        )
        raise SettingError(
            f"The setting {name}{shown} is refused: {first['msg']}.",
            hint=f"Correct INKREEL_{variable}, the flag, or the settings file.",
        ) from error
    except ValueError as error:  # the file is not TOML
        raise SettingError(
            f"The settings file cannot be read: {error}.", hint="Correct its TOML syntax."
        ) from error
    return settings
