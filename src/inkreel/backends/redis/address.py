"""Where Redis is: `INKREEL_REDIS_URL` taken apart.

    redis://[user:password@]host[:port][/database]              one server; rediss:// over TLS
    redis+sentinel://[user:password@]host[:port],…/service      whoever the sentinels name
    redis+cluster://[user:password@]host[:port],…               whoever has our slot

`rediss+sentinel://` and `rediss+cluster://` speak TLS, too; `?ca=FILE` names the certificates that
servers are checked with, `?sentinel_password=…` what the sentinels ask for.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

from inkreel.errors import SettingError

Kind = Literal["single", "sentinel", "cluster"]
PORTS: dict[Kind, int] = {"single": 6379, "sentinel": 26379, "cluster": 6379}
KINDS: dict[str, Kind] = {"": "single", "sentinel": "sentinel", "cluster": "cluster"}
FORMS = (
    "redis://HOST:PORT/0, rediss://…, redis+sentinel://HOST:PORT,HOST:PORT/SERVICE or "
    "redis+cluster://HOST:PORT,HOST:PORT"
)
OPTIONS = frozenset({"ca", "sentinel_password"})

Node = tuple[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """`nodes` are those that are asked where the server is, or it itself."""

    kind: Kind
    nodes: tuple[Node, ...]
    service: str = ""
    database: int = 0
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    sentinel_password: str | None = field(default=None, repr=False)
    tls: bool = False
    ca: str | None = None

    @property
    def shown(self) -> str:
        """For people: without what opens it."""
        return ", ".join(f"{host}:{port}" for host, port in self.nodes)


def parse(url: str) -> Address:
    """Raises `SettingError`; no message holds the password."""
    parts = urlsplit(url)
    secure, _, kind = parts.scheme.partition("+")
    if secure not in ("redis", "rediss") or kind not in KINDS:
        raise _refused(f"its scheme is {parts.scheme!r}")
    credentials, _, hosts = parts.netloc.rpartition("@")
    username, _, password = credentials.partition(":")
    which = KINDS[kind]
    nodes = tuple(_node(host, PORTS[which]) for host in hosts.split(",") if host)
    options = dict(parse_qsl(parts.query))
    path = parts.path.strip("/")
    if not nodes or (which == "single" and len(nodes) > 1):
        raise _refused("it names no host" if not nodes else "it names more than one host")
    if which == "sentinel" and not path:
        raise _refused("it does not say which service to ask the sentinels for")
    if set(options) - OPTIONS:
        raise _refused(f"it has the unknown option {min(set(options) - OPTIONS)!r}")
    if which == "single" and path and not path.isdecimal():
        raise _refused(f"its database is {path!r}")
    return Address(
        kind=which,
        nodes=nodes,
        service=path if which == "sentinel" else "",
        database=int(path) if which == "single" and path else 0,
        username=unquote(username) or None,
        password=unquote(password) or None,
        sentinel_password=options.get("sentinel_password"),
        tls=secure == "rediss",
        ca=options.get("ca"),
    )


def _node(text: str, port: int) -> Node:
    parts = urlsplit(f"//{text}")
    try:
        return parts.hostname or "localhost", parts.port or port
    except ValueError as error:
        raise _refused(f"{text!r} is no host and port") from error


def _refused(why: str) -> SettingError:
    return SettingError(
        f"The setting redis_url is refused: {why}.", hint=f"Write {FORMS}.", field="redis_url"
    )
