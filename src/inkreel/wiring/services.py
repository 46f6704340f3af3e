"""Settings → who does network steps, by role; and a look at each of them."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from inkreel.ports import Meter, Service
from inkreel.providers.policies import Deadline, Failed
from inkreel.settings import Settings
from inkreel.wiring import images, models, voices
from inkreel.wiring.lines import Outside, Unmetered, open_lines
from inkreel.wiring.storage import Storage

if TYPE_CHECKING:
    from inkreel.providers.lines import Line

LOOK_SECONDS = 15.0
"""For one look at a service, in all."""


@asynccontextmanager
async def open_services(
    settings: Settings, storage: Storage, meter: Meter
) -> AsyncIterator[Mapping[str, Service]]:
    """A pooled client per service, closed afterwards. Raises `SettingError`."""
    opened: dict[str, Service] = {}
    async with AsyncExitStack() as stack:
        for kind in (voices.open_service, models.open_service, images.open_service):
            opened |= await stack.enter_async_context(kind(settings, storage, meter))
        yield opened


State = Literal["ok", "keyless", "uninstalled", "failed", "modelless"]


@dataclass(frozen=True, slots=True)
class Seen:
    """A service as it was found."""

    service: Outside[Any]
    state: State
    said: str


async def look(settings: Settings) -> AsyncIterator[Seen]:
    """Each service outside: calls it once, with its list of models, which costs nothing."""
    services: list[Outside[Any]] = [
        *models.configured(settings).values(),
        *voices.configured(settings).values(),
        *images.configured(settings).values(),
    ]
    for service in services:
        if service.lacks_key:
            yield Seen(service, "keyless", "has no key")
        elif service.lacks_package:
            yield Seen(service, "uninstalled", "is not installed")
        else:
            yield await _asked(service)


def _line(service: Outside[Any]) -> Callable[[], type[Line[Any]]]:
    """The type of its line: some show their key in another way."""
    if isinstance(service, images.Images):
        return images.line_type

    def plain() -> type[Line[Any]]:
        from inkreel.providers.lines import Line

        return Line

    return plain


async def _asked(service: Outside[Any]) -> Seen:
    shown = f"{service.kind.dialect.name.partition('/')[0]} protocol"
    with tempfile.TemporaryDirectory() as folder:
        one = {service.name: service}
        async with open_lines(one, _line(service), Unmetered()) as lines:
            line, part = lines[service.name][1], Path(folder) / "models"
            try:
                known = await Deadline(LOOK_SECONDS)(lambda: line.models(part))
            except Failed as failed:
                if failed.status == 404:
                    return Seen(service, "ok", f"{shown}, reachable; it has no list of models")
                return Seen(service, "failed", f"{shown}: {failed.why}")
    lacking = [one for one in service.listed if one not in known]
    if lacking:
        return Seen(service, "modelless", f"{shown}, reachable, does not list {lacking[0]}")
    has = f", has {', '.join(service.listed)}" if service.listed else ""
    return Seen(service, "ok", f"{shown}, reachable{has}")
