"""The commands of the service: `serve`, `worker` and `keys`."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

keys_app = typer.Typer(
    help="Make, list and revoke the API keys of a service.", no_args_is_help=True
)

Data = Annotated[Path | None, typer.Option(help="Folder of jobs, uploads, results and keys.")]
Cache = Annotated[Path | None, typer.Option(help="Folder of the store.")]
Workers = Annotated[
    str | None,
    typer.Option(metavar="N|MIN:MAX", help="Child processes that draw and encode."),
]
AsJson = Annotated[bool, typer.Option("--json", help="One line of JSON on stdout.")]
Client = Annotated[str, typer.Option(help="Whose it is. Keys of one client share its videos.")]


def serve(
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    port: Annotated[int | None, typer.Option(help="Its port; 0 takes a free one.")] = None,
    workers: Workers = None,
    processes: Annotated[
        int | None, typer.Option(help="Processes that answer requests on that port.")
    ] = None,
    data: Data = None,
    cache: Cache = None,
) -> None:
    """Run the service: HTTP API, web page and workers. --workers 0 has it only answer requests."""
    from inkreel.entrypoints import serve as service

    loaded = _settings(
        host=host, port=port, processes=processes, data=data, cache=cache, workers=workers
    )
    asyncio.run(service.serve(loaded, lambda text: typer.echo(text, err=True)))


def worker(workers: Workers = None, data: Data = None, cache: Cache = None) -> None:
    """Run the jobs of a service in the foreground, until Ctrl-C or SIGTERM."""
    from inkreel.entrypoints.serve import check_installed

    check_installed()
    from inkreel.entrypoints import worker as process

    asyncio.run(process.work(_settings(data=data, cache=cache, workers=workers)))


def gallery(
    folder: Annotated[Path, typer.Argument(help="Where the page and its pictures go.")] = Path(
        "gallery"
    ),
    theme: Annotated[
        list[str] | None, typer.Option(help="May be given often. Default: all that are built in.")
    ] = None,
    shape: Annotated[
        list[str] | None,
        typer.Option(help="16:9, 9:16, 1:1 or 4K; may be given often. Default: all but 4K."),
    ] = None,
    cache: Cache = None,
    workers: Annotated[
        int | None, typer.Option(help="Child processes; default one a core.")
    ] = None,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
) -> None:
    """Draw every kind of picture in every theme and shape, on a page to look at."""
    from inkreel import settings
    from inkreel.model import THEMES
    from inkreel.wiring.gallery import USUAL, make_gallery

    def report(text: str) -> None:
        if not quiet:
            typer.echo(text, err=True)

    loaded = settings.load(cache=cache, workers=workers)
    made = make_gallery(folder, loaded, theme or THEMES, shape or USUAL, report)
    typer.echo(str(asyncio.run(made).resolve()))


@keys_app.command("create")
def keys_create(
    client: Client,
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, write or admin; may be given often. Default: read and write."),
    ] = None,
    data: Data = None,
    as_json: AsJson = False,
) -> None:
    """Make an API key and print it, this once: only its hash is kept."""
    from inkreel.entrypoints.keys import new_key, open_keys

    key, text = new_key(client, scope or ["read", "write"], time.time())

    async def add() -> None:
        async with open_keys(_settings(data=data)) as ring:
            await ring.add_key(key)

    asyncio.run(add())
    if as_json:
        _say_json({"id": key.id, "client": key.client, "scopes": key.scopes, "key": text})
        return
    typer.echo(
        f"A key for {key.client} ({', '.join(key.scopes)}). It is not shown again:", err=True
    )
    typer.echo(text)


@keys_app.command("list")
def keys_list(data: Data = None, as_json: AsJson = False) -> None:
    """List the keys, without their secrets."""
    import datetime as dt

    from inkreel.entrypoints.keys import open_keys
    from inkreel.job import ApiKey

    async def read() -> list[ApiKey]:
        async with open_keys(_settings(data=data)) as ring:
            return await ring.keys()

    found = asyncio.run(read())
    if as_json:
        shown = ("id", "client", "scopes", "created", "revoked")
        _say_json([{name: getattr(key, name) for name in shown} for key in found])
        return
    for key in found:
        made = dt.datetime.fromtimestamp(key.created).astimezone()
        state = "" if key.revoked is None else "  revoked"
        typer.echo(f"{key.id}  {made:%Y-%m-%d}  {key.client:<20} {','.join(key.scopes)}{state}")


@keys_app.command("revoke")
def keys_revoke(
    key: Annotated[str, typer.Argument(help="The id of the key, or the key itself.")],
    data: Data = None,
) -> None:
    """Take a key out of use, at once and for good."""
    from inkreel.entrypoints.keys import key_id, open_keys
    from inkreel.errors import NotFound

    async def revoke() -> bool:
        async with open_keys(_settings(data=data)) as ring:
            return await ring.revoke_key(key_id(key), time.time())

    if not asyncio.run(revoke()):
        raise NotFound(f"There is no key {key_id(key)[:80]!r}.", hint="See inkreel keys list.")
    typer.echo(f"{key_id(key)} is revoked.", err=True)


@keys_app.command("webhook-secret")
def keys_webhook_secret(client: Client, data: Data = None) -> None:
    """Print what webhooks to this client are signed with (Standard Webhooks)."""
    from inkreel.entrypoints.keys import check_client, open_keys
    from inkreel.entrypoints.serve import check_installed

    check_installed()
    from inkreel.jobs.webhooks import secret_for, shown
    from inkreel.wiring.keys import secret

    loaded = _settings(data=data)

    async def read() -> bytes:
        async with open_keys(loaded) as ring:
            return await secret(loaded, ring, "webhooks")

    typer.echo(shown(secret_for(check_client(client), asyncio.run(read()))))


def _settings(*, workers: str | None = None, **flags: object) -> Any:
    from inkreel import settings
    from inkreel.entrypoints.serve import parse_workers

    if workers is None:
        return settings.load(**flags)
    most, least = parse_workers(workers)
    if least is None:
        least = min(most, settings.load(**flags).workers_min)
    return settings.load(**flags, workers=most, workers_min=least)


def _say_json(answer: object) -> None:
    typer.echo(msgspec.json.encode(answer).decode())
