"""Settings → the API keys and secrets of a service."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING

from inkreel.ports import KeyRing
from inkreel.settings import Settings

if TYPE_CHECKING:
    from inkreel.backends.sqlite import SqliteKeys

DATABASE = "service.db"


def open_key_ring(settings: Settings) -> SqliteKeys:
    """The keys kept in the data folder; the file is made at the first call."""
    from inkreel.backends.sqlite import SqliteKeys

    return SqliteKeys(settings.data / DATABASE)


async def secret(settings: Settings, keys: KeyRing, name: str) -> bytes:
    """32 bytes to sign with, for one use: derived from the configured secret, so that a service
    on many machines has one, else made once and kept in the data folder."""
    if settings.secret:  # an empty one could be guessed
        return hmac.digest(settings.secret.get_secret_value().encode(), name.encode(), "sha256")
    return await keys.secret(name)
