"""Settings → the way to a service outside: what it is, whether it can be meant, and its `Line`.

Whatever a service is for, the same settings say how it is reached (`settings.ServiceSettings`), and
the same policies stand about each call.
"""

from __future__ import annotations

import hashlib
import importlib.util
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from typing import TYPE_CHECKING, Any, ClassVar, Generic, Self, TypeVar

from inkreel.errors import OptionError, SettingError
from inkreel.ports import Meter
from inkreel.providers.dialect import Dialect, fault_of_url
from inkreel.providers.policies import (
    BAD_TRIES,
    Breaker,
    Deadline,
    Pace,
    Policy,
    Retry,
    Room,
    Watched,
)
from inkreel.settings import ServiceSettings

if TYPE_CHECKING:
    import httpx2

    from inkreel.providers.lines import Line

D = TypeVar("D", bound=Dialect)
K = TypeVar("K", bound="Kind[Any]")
S = TypeVar("S", bound="Outside[Any]")
L = TypeVar("L", bound="Line[Any]")


@dataclass(frozen=True)
class Kind(Generic[D]):
    """A vendor: its protocol, and what is used where the settings are silent."""

    dialect: D
    url: str
    model: str
    keyed: bool = False
    """Whether its own address asks for a key."""
    package: str = ""
    """What it takes besides the HTTP library, and the extra that has it: `edge_tts:edge`."""


@dataclass(frozen=True)
class Outside(Generic[D]):
    """A service of the settings, with what its kind adds."""

    noun: ClassVar[str]
    """What users call it: `voice`."""
    setting: ClassVar[str]
    """The table of the settings that holds it: `voices`; also the extra that installs what it
    takes, and `inkreel.` before it the entry points by which a package adds a kind."""

    own: ClassVar[tuple[str, ...]]
    """Names that mean something of the house."""

    bad: ClassVar[int] = BAD_TRIES
    """How often it is asked again that answered with something else."""

    name: str
    kind: Kind[D]
    given: ServiceSettings

    @property
    def url(self) -> str:
        return (self.given.url or self.kind.url).rstrip("/")

    @property
    def model(self) -> str:
        return self.given.model or self.kind.model

    @property
    def listed(self) -> tuple[str, ...]:
        """What its list of models is to hold."""
        return (self.model,)

    @property
    def key(self) -> str:
        return self.given.key.get_secret_value() if self.given.key else ""

    @property
    def lacks_key(self) -> bool:
        """Whether it cannot work without a key that is not there."""
        return self.kind.keyed and not self.key and not self.given.url

    @property
    def lacks_package(self) -> bool:
        """Whether what it takes is not installed."""
        package = self.kind.package.partition(":")[0]
        return bool(package) and importlib.util.find_spec(package) is None

    @property
    def extra(self) -> str:
        """How what it takes is installed."""
        name = self.kind.package.rpartition(":")[2] or self.setting
        return f"Install it with its extra, in a checkout: pip install '.[{name}]'"

    @property
    def provider(self) -> str:
        """Names the protocol and, by a hash, where it is spoken; a URL may hold a secret."""
        return f"{self.kind.dialect.name}@{hashlib.sha256(self.url.encode()).hexdigest()[:12]}"

    def variable(self, field: str) -> str:
        """Of the environment, that sets a field of it."""
        return f"INKREEL_{self.setting.upper()}__{self.name.upper()}__{field.upper()}"

    def check_ready(self) -> None:
        """Raises `OptionError` when it lacks what it cannot be chosen without."""
        if self.lacks_package:
            raise OptionError(f"The {self.noun} {self.name} is not installed.", hint=self.extra)
        if self.lacks_key:
            raise OptionError(
                f"The {self.noun} {self.name} has no key.", hint=f"Set {self.variable('key')}."
            )

    def checked(self) -> Self:
        """Itself. Raises `SettingError` for a URL that cannot be one."""
        fault = fault_of_url(self.url)
        if fault:
            raise SettingError(
                f"The URL of the {self.noun} {self.name} is refused: {fault}.",
                hint="Write it like https://host/v1, without a password or what follows a ?.",
                field=self.setting,
            )
        return self


def kind_of(
    service: type[Outside[Any]],
    name: str,
    given: ServiceSettings,
    kinds: Mapping[str, K],
    packaged: Callable[[Any], K],
) -> K:
    """The kind that a service names, or its name does; one of ours, or of an installed package
    (`packaged` has its dialect), which names everything else in the settings. Raises
    `SettingError`."""
    check_name(service, name)
    group = f"inkreel.{service.setting}"
    added = {point.name: point for point in entry_points(group=group)}
    known = name in kinds or name in added
    wanted = given.kind or (name if known else "openai")
    if wanted in kinds:
        return kinds[wanted]
    if wanted in added:
        return packaged(added[wanted].load()())
    raise SettingError(
        f"The kind {wanted[:60]!r} of the {service.noun} {name} is not known.",
        hint=f"Use: {', '.join((*kinds, *added))}.",
    )


def check_name(service: type[Outside[Any]], name: str) -> None:
    """Raises `SettingError` for a name that is taken."""
    if name in service.own:
        raise SettingError(
            f"A {service.noun} cannot be named {name}.", hint="Give it another name."
        )


def unknown(
    service: type[Outside[Any]],
    asked: str,
    kinds: Mapping[str, Kind[Any]],
    names: Iterable[str],
    forms: str,
) -> OptionError:
    """Why an option means none of the `names` in the settings: it is a vendor that is not set up,
    or nothing at all; `forms` is how one of them is meant."""
    name = asked.partition(":")[0]
    if name not in kinds:
        known = ", ".join(dict.fromkeys((*names, *kinds)))
        return OptionError(f"There is no {service.noun} {asked[:60]!r}.", hint=f"{forms}: {known}.")
    kind = kinds[name]
    lacks = "KEY" if kind.keyed else f"KIND to {name}" if kind.package else "URL"
    return OptionError(
        f"The {service.noun} {name} is not set up.",
        hint=f"Set INKREEL_{service.setting.upper()}__{name.upper()}__{lacks}, or "
        f"[{service.setting}.{name}] in inkreel.toml.",
    )


class Unmetered:
    """A `Meter` where nobody reads one."""

    def called(self, *_: object) -> None:
        return None

    def rests(self, *_: object) -> None:
        return None

    def spent(self, *_: object) -> None:
        return None


@asynccontextmanager
async def open_lines(
    services: Mapping[str, S], line: Callable[[], type[L]], meter: Meter
) -> AsyncIterator[dict[str, tuple[S, L]]]:
    """A line to each, by name: a pooled client each, closed afterwards. `line` says of which type;
    it is only asked where there is a service, as it brings the HTTP library. Raises `SettingError`
    when that is not here."""
    opened: dict[str, tuple[S, L]] = {}
    async with AsyncExitStack() as stack:
        for name, service in services.items():
            made = _line(service, line, meter)
            await stack.enter_async_context(made.client)
            opened[name] = service, made
        yield opened


def open_guarded(service: Outside[Any]) -> httpx2.AsyncClient:
    """A client for addresses that a service names: like its own, but to public ones alone."""
    from inkreel.providers.http import Guard, meant, open_client

    given = service.given
    proxy = given.proxy.get_secret_value() if given.proxy else ""
    guard = Guard(meant(proxy) if proxy else ())
    return open_client(guard, given.connections, _timeout(service), proxy)


def _timeout(service: Outside[Any]) -> httpx2.Timeout:
    import httpx2

    given = service.given
    return httpx2.Timeout(
        connect=given.connect_seconds,
        read=given.read_seconds,
        write=given.write_seconds,
        pool=given.read_seconds,
    )


def _line(service: Outside[Any], line: Callable[[], type[L]], meter: Meter) -> L:
    try:
        from inkreel.providers.http import Guard, meant, networks_from, open_client

        made = line()
    except ImportError as error:
        raise SettingError(
            f"The {service.noun} {service.name} needs a library for HTTP ({error.name}).",
            hint=service.extra,
        ) from error
    given = service.given
    proxy = given.proxy.get_secret_value() if given.proxy else ""
    networks = (
        *networks_from(given.networks, f"networks of a {service.noun}"),
        *meant(proxy or service.url),
    )
    client = open_client(Guard(networks), given.connections, _timeout(service), proxy)
    retry = Retry(given.tries, given.patience_seconds, bad=service.bad)
    guarded = _policies(service, meter)
    return made(
        service.name, service.kind.dialect, service.url, service.key, client, retry, guarded
    )


def _policies(service: Outside[Any], meter: Meter) -> Callable[[str], tuple[Policy, ...]]:
    """What stands about each call, within the retries: room and pace are the service's, a breaker
    is a model's."""
    given = service.given
    room = Room(given.connections)
    pace = (Pace(given.per_minute),) if given.per_minute else ()

    def guarded(model: str) -> tuple[Policy, ...]:
        told = f"{service.name}/{model}" if model != service.model else service.name
        breaker = Breaker(rests=partial(meter.rests, service.setting, told))
        watched = Watched(partial(meter.called, service.setting, told))
        return (room, breaker, *pace, Deadline(given.deadline_seconds), watched)

    return guarded
