"""Services outside, and what stands beside them, as `inkreel voices` and `inkreel models` list
them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import msgspec
import typer

from inkreel.model import Struct

if TYPE_CHECKING:
    from inkreel.wiring.lines import Outside


class Told(Struct, frozen=True):
    """A line of a list: what is chosen by `name`, where that is, and what there is to know."""

    name: str
    where: str
    said: str


def told(service: Outside[Any], what: Iterable[str]) -> Told:
    """A service of the settings, and what it lacks."""
    lacks = ", has no key" if service.lacks_key else ""
    lacks += f", is not installed. {service.extra}" if service.lacks_package else ""
    protocol = service.kind.dialect.name.partition("/")[0]
    named = ", ".join(filter(None, what))
    return Told(service.name, f"{protocol} protocol", f"{named}{lacks}")


def show(found: Sequence[Told], before: str, after: str, *, as_json: bool) -> None:
    """The list on stdout: as JSON, or in lines between two others."""
    if as_json:
        typer.echo(msgspec.json.encode(found).decode())
        return
    typer.echo(before)
    for one in found:
        typer.echo(f"{one.name}: {one.said} ({one.where})")
    typer.echo(after)
