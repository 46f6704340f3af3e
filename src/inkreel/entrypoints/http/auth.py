"""Who asks, and whether they may: an API key, or nothing but being on this machine.

Without keys everybody on this machine is the client `local`. So that a web page elsewhere cannot
use a visitor's browser to act here, requests are then refused that come from another machine,
under a foreign name (DNS rebinding), or change something on behalf of a foreign page.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from fastapi import Depends
from starlette.requests import Request

from inkreel.entrypoints.http.state import Served, Service
from inkreel.entrypoints.keys import is_loopback
from inkreel.errors import NotAllowed, NotAuthenticated, RateLimited
from inkreel.job import Scope
from inkreel.settings import Settings

LOCAL = "local"
KEY = re.compile(r"ink_([0-9A-Za-z]{1,40})_([0-9A-Za-z_-]{16,200})")
SAFE_METHODS = ("GET", "HEAD", "OPTIONS")
_INCLUDED: dict[Scope, tuple[Scope, ...]] = {
    "read": ("read", "write", "admin"),
    "write": ("write", "admin"),
    "admin": ("admin",),
}
"""Scopes that each asked-for scope is part of."""


@dataclass(frozen=True, slots=True)
class Caller:
    """A client and what it may."""

    client: str
    scopes: tuple[Scope, ...]

    def may(self, scope: Scope) -> bool:
        """Whether one of its scopes includes this one."""
        return any(own in self.scopes for own in _INCLUDED[scope])


async def _caller(request: Request, service: Served) -> Caller:
    """Who asks. Raises `NotAuthenticated`, `NotAllowed`."""
    if not service.asks_for_keys:
        _check_local(request, service.settings)
        return Caller(LOCAL, ("admin",))
    header = request.headers.get("authorization", "")
    scheme, _, text = header.partition(" ")
    match = KEY.fullmatch(text.strip()) if scheme.lower() == "bearer" else None
    found = await service.keys.find_key(match[1]) if match else None
    digest = hashlib.sha256(match[2].encode()).hexdigest() if match else ""
    right = found is not None and hmac.compare_digest(found.digest, digest)
    if found is None or not right or found.revoked is not None:
        raise NotAuthenticated(
            "No valid API key came with the request." if header else "This needs an API key.",
            hint="Send `Authorization: Bearer ink_…`; `inkreel keys create` makes a key.",
        )
    return Caller(found.client, found.scopes)


def needs(scope: Scope) -> Callable[..., Awaitable[Caller]]:
    """The caller, if it has this scope and has not asked too often."""

    async def check(request: Request, service: Served) -> Caller:
        caller = await _caller(request, service)
        await _count(request, service, caller)
        if not caller.may(scope):
            raise NotAllowed(
                f"This key may not do that: it lacks the scope {scope}.",
                hint=f"Use a key with the scope {scope}.",
            )
        return caller

    return check


async def viewer(request: Request, service: Served) -> Caller | None:
    """The caller, or None for one with a signed link, which is checked where its path is known."""
    if request.query_params.get("signature"):
        return None
    return await needs("read")(request, service)


Reader = Annotated[Caller, Depends(needs("read"))]
Writer = Annotated[Caller, Depends(needs("write"))]
Operator = Annotated[Caller, Depends(needs("admin"))]
Viewer = Annotated[Caller | None, Depends(viewer)]


async def _count(request: Request, service: Service, caller: Caller) -> None:
    """Take the request from the client's allowance, and say what is left of it."""
    settings = service.settings
    if not service.asks_for_keys or settings.rate_per_minute == 0:
        return
    allowance = await service.rates.take(
        caller.client, settings.rate_per_minute, settings.rate_burst, time.time()
    )
    request.scope["inkreel.headers"] = [
        (b"ratelimit-policy", b'"client";q=%d;w=60' % settings.rate_per_minute),
        (b"ratelimit", b'"client";r=%d;t=%d' % (allowance.remaining, allowance.reset + 0.999)),
    ]
    if allowance.retry_after:
        raise RateLimited(
            f"More than {settings.rate_per_minute} requests a minute.",
            hint="Wait as long as Retry-After says.",
            retry_after=allowance.retry_after,
        )


# --- Without keys --------------------------------------------------------------------------------


def _check_local(request: Request, settings: Settings) -> None:
    peer = request.client
    if peer is not None and not is_loopback(peer.host):
        raise NotAllowed(
            "Without API keys only this machine is answered.",
            hint="Start the service with INKREEL_AUTH=on and make a key: inkreel keys create.",
        )
    host = request.headers.get("host", "")
    name = _name(host)
    if not is_loopback(name) and name not in settings.allowed_hosts:
        raise NotAllowed(
            f"Without API keys requests to the host {name[:100]!r} are not answered.",
            hint="Use localhost, or name the host in INKREEL_ALLOWED_HOSTS.",
        )
    if request.method not in SAFE_METHODS and _is_foreign(request, host):
        raise NotAllowed(
            "Another site's page may not change anything here.",
            hint="Open the service's own page, or use API keys.",
        )


def _is_foreign(request: Request, host: str) -> bool:
    if request.headers.get("sec-fetch-site", "") == "cross-site":
        return True
    origin = request.headers.get("origin")
    return origin is not None and urlsplit(origin).netloc.lower() != host.lower()


def _name(host: str) -> str:
    """A Host header without its port."""
    match = re.fullmatch(r"(\[[0-9a-fA-F:.]+\]|[^:\[\]]+)(?::\d{1,5})?", host)
    return match[1].lower() if match else host.lower()
