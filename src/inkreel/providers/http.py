"""The one way out over HTTP: a client with bounds, behind a guard against private addresses.

Who lets us call a URL of their choice could have us call ourselves or our neighbours. The guard
sits where connections are made: it resolves the name itself, refuses every address that is not
public, and connects to the very address that it checked, so that no second answer of a name
server, redirect or odd spelling leads elsewhere. `networks` are private ones that are meant.
"""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import logging
import re
import socket
import ssl
import threading
from collections.abc import Awaitable, Callable, Iterable, Sequence
from functools import lru_cache
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Any

import anyio
import httpcore2
import httpx2

from inkreel.errors import SettingError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]
"""Name and port → addresses as text; raises OSError."""

TIMEOUT = httpx2.Timeout(connect=5.0, read=10.0, write=10.0, pool=5.0)
"""Seconds for each of the four; the whole is the caller's to bound (`asyncio.timeout`)."""
ADDRESSES_TRIED = 3
URL_CHARACTERS = 2_048
EPHEMERAL = 1_024
"""Ports below this serve other protocols, save for those of the web."""

NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
ASSIGNED = ipaddress.IPv6Network("2000::/3")
"""All public IPv6 addresses are in it."""
NEVER: tuple[Network, ...] = tuple(
    map(
        ipaddress.ip_network,
        (
            "168.63.129.16/32",  # a cloud's own services, under a public address
            "192.0.0.0/24",  # protocol assignments
            "192.88.99.0/24",  # relays of 6to4
            "2001::/23",  # protocol assignments, with Teredo's tunnels
            "2001:db8::/32",  # documentation
            "3fff::/20",  # documentation
        ),
    )
)
"""Not for the public, though older tables of Python say so."""

_LABEL = r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?"
_NAME = re.compile(rf"(?=.{{1,253}}$)({_LABEL}\.)*{_LABEL}")
_NUMBER = re.compile(r"(.*\.)?(\d+|0x[0-9a-f]*)")
"""What a resolver may take for an IPv4 address: its last label is a number."""


class Refused(httpcore2.ConnectError):
    """The guard does not let the connection out; to callers of httpx2 a `ConnectError`."""


def networks_from(texts: Iterable[str], setting: str = "webhook_networks") -> tuple[Network, ...]:
    """Networks in CIDR notation. Raises `SettingError`."""
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingError(
            f"The setting {setting} is refused: {error}.",
            hint="Write networks like 10.1.0.0/16 or fd00:1::/64.",
        ) from error


def is_open(address: Address, networks: Sequence[Network] = ()) -> bool:
    """Whether the guard lets a connection to this address out."""
    if any(address in network for network in networks):
        return True
    if isinstance(address, ipaddress.IPv6Address):
        inner = _embedded(address)
        if inner is not None:
            return is_open(inner, networks)
        if address not in ASSIGNED:
            return False
    return (
        address.is_global
        and not address.is_multicast
        and not address.is_reserved
        and not any(address in network for network in NEVER)
    )


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that is reached through this one."""
    if address in NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFF_FFFF)
    return address.ipv4_mapped or address.sixtofour


def literal(host: str) -> Address | None:
    """The address that the host is, None for a name. Raises `ValueError` for odd spellings:
    decimal, octal, hexadecimal or short IPv4, scopes, trailing dots, letters no name has."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        if _NUMBER.fullmatch(host) or not _NAME.fullmatch(host):
            raise ValueError(f"{host[:100]!r} is not a host name or an address") from None
        return None
    if "%" in host:
        raise ValueError(f"{host[:100]!r} has a scope")
    return address


def fault_of(url: str, networks: Sequence[Network] = ()) -> str:
    """Why a URL can be seen to be out of bounds without asking a name server: it is not http(s),
    holds a password, or names a private address. Empty for a good one."""
    try:
        return _fault(url, networks)
    except (ValueError, httpx2.InvalidURL) as error:
        return str(error)


def _fault(url: str, networks: Sequence[Network]) -> str:
    if len(url) > URL_CHARACTERS or re.search(r"[^\x21-\x7e]|\\", url):
        return "it is too long, or has spaces or letters outside ASCII"
    if not re.match(r"https?://[^/?#]", url, re.IGNORECASE):
        return "it is not http://… or https://…"
    if re.match(r"[^/]*//[^/?#]*@", url):
        return "it holds a user name or password"
    parsed = httpx2.URL(url)
    _check_port(443 if parsed.port is None else parsed.port)
    host = parsed.raw_host.decode().lower()
    address = literal(host)
    if address is not None and not is_open(address, networks):
        return f"{host} is not a public address"
    if (host == "localhost" or host.endswith(".localhost")) and not networks:
        return f"{host} is this machine"
    return ""


def _check_port(port: int) -> None:
    if port not in (80, 443) and not EPHEMERAL <= port < 65_536:
        raise ValueError(f"port {port} is not one of the web")


async def _resolve(host: str, port: int) -> list[str]:
    """In a thread of its own: a slow name server holds up neither the event loop's common
    threads nor the end of the process."""
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def ask() -> None:
        found: list[str] | OSError
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
        except (OSError, UnicodeError) as error:
            found = OSError(str(error))
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(tell, found)

    def tell(found: list[str] | OSError) -> None:
        if answer.cancelled():
            return
        if isinstance(found, OSError):
            answer.set_exception(found)
        else:
            answer.set_result(found)

    threading.Thread(target=ask, name="resolve", daemon=True).start()
    return await answer


class Guard(httpcore2.AsyncNetworkBackend):
    """Makes connections, to public addresses and the allowed networks only."""

    def __init__(
        self,
        networks: Sequence[Network] = (),
        resolve: Resolve = _resolve,
        network: httpcore2.AsyncNetworkBackend | None = None,
    ) -> None:
        self._networks = networks
        self._resolve = resolve
        self._network = network or httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109  the signature of the base
        local_address: str | None = None,
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            with anyio.fail_after(timeout):
                addresses = await self._addresses(host.lower(), port)
                for address in addresses[:-1]:
                    try:
                        return await self._network.connect_tcp(
                            str(address), port, timeout, local_address, socket_options
                        )
                    except httpcore2.ConnectError:
                        continue
                return await self._network.connect_tcp(
                    str(addresses[-1]), port, timeout, local_address, socket_options
                )
        except TimeoutError as error:
            raise httpcore2.ConnectTimeout("no connection in time") from error

    async def _addresses(self, host: str, port: int) -> list[Address]:
        """Where to connect to: all that the name stands for, if each of them may be reached."""
        try:
            _check_port(port)
            address = literal(host)
        except ValueError as error:
            raise Refused(str(error)) from error
        if address is not None:
            found = [address]
        else:
            try:
                found = [ipaddress.ip_address(text) for text in await self._resolve(host, port)]
            except (OSError, ValueError) as error:
                raise httpcore2.ConnectError(f"the name {host} is not known") from error
        if not found:
            raise httpcore2.ConnectError(f"the name {host} is not known")
        if not all(is_open(one, self._networks) for one in found):
            raise Refused(f"{host} is not at a public address")
        return found[:ADDRESSES_TRIED]

    async def connect_unix_socket(
        self,
        path: str,
        timeout: float | None = None,  # noqa: ARG002, ASYNC109  the signature of the base
        socket_options: Iterable[httpcore2.SOCKET_OPTION] | None = None,  # noqa: ARG002
    ) -> httpcore2.AsyncNetworkStream:
        raise Refused(f"{path} is not an address")

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)


class _Transport(httpx2.AsyncHTTPTransport):
    """httpx2's own, but for who makes the connections."""

    def __init__(self, guard: Guard, limits: httpx2.Limits, proxy: str) -> None:
        super().__init__(verify=_tls(), trust_env=False, limits=limits)
        pool: dict[str, Any] = {
            "ssl_context": _tls(),
            "max_connections": limits.max_connections,
            "max_keepalive_connections": limits.max_keepalive_connections,
            "keepalive_expiry": limits.keepalive_expiry,
            "network_backend": guard,
        }
        if proxy:
            told = httpx2.Proxy(proxy)
            self._pool = httpcore2.AsyncHTTPProxy(
                str(told.url), proxy_auth=told.raw_auth, proxy_ssl_context=told.ssl_context, **pool
            )
        else:
            self._pool = httpcore2.AsyncConnectionPool(**pool)


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    """Costs 10–20 ms to make."""
    return httpx2.create_ssl_context(trust_env=False)


def open_client(
    guard: Guard, connections: int = 16, timeout: httpx2.Timeout = TIMEOUT, proxy: str = ""
) -> httpx2.AsyncClient:
    """A client for the life of a process: nothing from the environment, no redirect followed, no
    cookie kept, no more connections than this, a proxy only where one is given."""
    logging.getLogger("httpx2").setLevel(logging.WARNING)  # it writes whole URLs, with secrets
    limits = httpx2.Limits(
        max_connections=connections, max_keepalive_connections=connections, keepalive_expiry=15.0
    )
    return httpx2.AsyncClient(
        transport=_Transport(guard, limits, proxy),
        timeout=timeout,
        trust_env=False,
        follow_redirects=False,
        cookies=CookieJar(DefaultCookiePolicy(allowed_domains=())),
        headers={"User-Agent": "Inkreel"},
    )


def meant(url: str) -> tuple[Network, ...]:
    """The private network that a URL of the operator's own names outright: a literal address, or
    this machine as `localhost`. What a name stands for is not."""
    host = httpx2.URL(url).raw_host.decode().lower()
    if host == "localhost":
        return tuple(map(ipaddress.ip_network, ("127.0.0.0/8", "::1/128")))
    try:
        address = literal(host)
    except ValueError:
        return ()
    return () if address is None else (ipaddress.ip_network(address),)
