"""API keys as people handle them: `ink_<id>_<secret>`, shown once and kept as a hash.

Also who must show one: nobody on loopback unless it is asked for, everybody elsewhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
import re
import secrets
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

from inkreel.errors import OptionError, SettingError
from inkreel.job import SCOPES, ApiKey, Scope
from inkreel.model import Digest
from inkreel.ports import KeyRing
from inkreel.settings import Settings

CLIENT = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@-]{0,63}")
ID_BYTES, SECRET_BYTES = 6, 24
CREATE = "inkreel keys create --client NAME"


def check_client(client: str) -> str:
    """A client's name. Raises `OptionError`."""
    if not CLIENT.fullmatch(client):
        raise OptionError(
            f"The client {client[:80]!r} is refused.",
            hint="Use up to 64 letters, digits, dots, dashes, underscores or @.",
            field="client",
        )
    return client


def new_key(client: str, scopes: Iterable[str], now: float) -> tuple[ApiKey, str]:
    """A key as it is kept, and the text that only its owner gets. Raises `OptionError`."""
    chosen: list[Scope] = [scope for scope in SCOPES if scope in scopes]
    unknown = sorted(set(scopes) - set(SCOPES))
    if unknown or not chosen:
        raise OptionError(
            f"The scope {', '.join(unknown) or 'of a key'} is refused.",
            hint=f"Use one or more of: {', '.join(SCOPES)}.",
            field="scope",
        )
    secret = secrets.token_hex(SECRET_BYTES)
    key = ApiKey(
        id=secrets.token_hex(ID_BYTES),
        client=check_client(client),
        digest=Digest(hashlib.sha256(secret.encode()).hexdigest()),
        scopes=tuple(chosen),
        created=now,
    )
    return key, f"ink_{key.id}_{secret}"


def key_id(text: str) -> str:
    """The id in a key, or the id itself."""
    return text.split("_")[1] if text.count("_") == 2 else text


@asynccontextmanager
async def open_keys(settings: Settings) -> AsyncIterator[KeyRing]:
    """The keys of the service over this data folder."""
    from inkreel.wiring.queue import open_key_ring

    ring = open_key_ring(settings)
    try:
        yield ring
    finally:
        await ring.close()


async def usable_keys(settings: Settings) -> int:
    """How many keys are not revoked; makes no file where there is none."""
    from inkreel.wiring.queue import DATABASE

    if settings.redis_url is None and not (settings.data / DATABASE).exists():
        return 0
    async with open_keys(settings) as ring:
        return sum(key.revoked is None for key in await ring.keys())


def asks_for_keys(settings: Settings) -> bool:
    """Whether a service with these settings asks for API keys."""
    if settings.auth == "auto":
        return not is_loopback(settings.host)
    return settings.auth == "on"


def is_loopback(host: str) -> bool:
    """Whether a name or address can only be this machine."""
    host = host.lower().strip("[]").rstrip(".")
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_loopback


async def check_may_listen(settings: Settings) -> None:
    """Nobody may come in unknown from elsewhere. Raises `SettingError`."""
    if settings.auth == "off" and not is_loopback(settings.host):
        raise SettingError(
            f"Without API keys the service does not listen on {settings.host}: everybody who "
            "reaches it could use it.",
            hint=f"Make a key ({CREATE}) and leave auth at auto, or listen on 127.0.0.1.",
            field="auth",
        )
    if asks_for_keys(settings) and not await usable_keys(settings):
        raise SettingError(
            f"The service asks for API keys on {settings.host}, and there is none yet.",
            hint=f"Make one: {CREATE}",
            field="auth",
        )
