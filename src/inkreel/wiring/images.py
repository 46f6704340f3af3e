"""Settings → sources of images: which there are, which one is meant, and who asks them."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from inkreel.errors import SettingError
from inkreel.model import ImageChoice
from inkreel.ports import Meter, Service
from inkreel.providers.images.dialect import Dialect
from inkreel.providers.images.folder import Folder
from inkreel.providers.images.openai import OpenAI
from inkreel.providers.images.pexels import Pexels
from inkreel.providers.images.pixabay import Pixabay
from inkreel.recipes import ILLUSTRATE
from inkreel.settings import ImageSettings, Settings
from inkreel.wiring import lines
from inkreel.wiring.storage import Storage

if TYPE_CHECKING:
    from inkreel.providers.images import Line

NONE = "none"
FOLDER = "folder"

Kind = lines.Kind[Dialect]

KINDS: dict[str, Kind] = {
    "openai": Kind(OpenAI(), "https://api.openai.com/v1", "gpt-image-1", keyed=True),
    "pexels": Kind(Pexels(), "https://api.pexels.com/v1", "", keyed=True),
    "pixabay": Kind(Pixabay(), "https://pixabay.com/api", "", keyed=True),
}


@dataclass(frozen=True)
class Images(lines.Outside[Dialect]):
    """A service of the settings that gives images."""

    noun = "source of images"
    setting = "images"
    own = (NONE,)

    given: ImageSettings

    @property
    def listed(self) -> tuple[str, ...]:
        """Stock has no models."""
        return (self.model,) if self.model else ()

    def choice(self) -> ImageChoice:
        """For a video. Raises `OptionError`."""
        self.check_ready()
        makes = bool(self.model)
        return ImageChoice(
            self.name,
            self.provider,
            self.model,
            self.given.style if makes else "",
            self.given.size if makes else "",
        )


def configured(settings: Settings) -> dict[str, Images]:
    """The services of images that the settings name. Raises `SettingError`."""
    return {
        name: Images(name, lines.kind_of(Images, name, given, KINDS, _packaged), given).checked()
        for name, given in settings.images.items()
        if not _is_folder(name, given)
    }


def folders(settings: Settings) -> dict[str, Folder]:
    """The folders of images that the settings name. Raises `SettingError`."""
    return {
        name: _folder(name, given)
        for name, given in settings.images.items()
        if _is_folder(name, given)
    }


def _is_folder(name: str, given: ImageSettings) -> bool:
    return FOLDER in (given.kind, name if not given.kind else "")


def _folder(name: str, given: ImageSettings) -> Folder:
    lines.check_name(Images, name)
    if given.folder is None or not given.folder.expanduser().is_dir():
        raise SettingError(
            f"The images {name} are in no folder.",
            hint=f"Set INKREEL_IMAGES__{name.upper()}__FOLDER to one.",
            field="images",
        )
    return Folder(name, given.folder.expanduser())


def _packaged(dialect: Dialect) -> Kind:
    return Kind(dialect, "", "")


Choose = Callable[[str], ImageChoice | None]


def chooser(settings: Settings) -> Choose:
    """What the option `illustrate` stands for: `none`, or a name of the settings."""
    known, local = configured(settings), folders(settings)

    def choose(images: str) -> ImageChoice | None:
        if images == NONE:
            return None
        if images in known:
            return known[images].choice()
        if images in local:
            return ImageChoice(images, local[images].provider)
        raise lines.unknown(Images, images, KINDS, (*known, *local), "Use none, or NAME of")

    return choose


@asynccontextmanager
async def open_service(
    settings: Settings, storage: Storage, meter: Meter
) -> AsyncIterator[dict[str, Service]]:
    """Who gives images, by the step's role; nobody without a source of them."""
    local = {folder.provider: folder for folder in folders(settings).values()}
    async with AsyncExitStack() as stack:
        outside = lines.open_lines(configured(settings), line_type, meter)
        opened = await stack.enter_async_context(outside)
        for images, line in opened.values():
            line.abroad = lines.open_guarded(images)
            await stack.enter_async_context(line.abroad)
        if not (opened or local):
            yield {}
            return
        from inkreel.providers.images import Images as Asked

        by_provider = {images.provider: line for images, line in opened.values()}
        yield {
            ILLUSTRATE.role: Asked(
                storage.store, storage.files.scratch.path, {**by_provider, **local}
            )
        }


def line_type() -> type[Line]:
    """Brings the HTTP library."""
    from inkreel.providers.images import Line

    return Line
