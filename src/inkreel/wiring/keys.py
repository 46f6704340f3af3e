"""Settings → what a service signs with."""

from __future__ import annotations

import hmac

from inkreel.ports import KeyRing
from inkreel.settings import Settings


async def secret(settings: Settings, keys: KeyRing, name: str) -> bytes:
    """32 bytes to sign with, for one use: derived from the configured secret, so that a service
    on many machines has one, else made once and kept in the data folder."""
    if settings.secret:  # an empty one could be guessed
        return hmac.digest(settings.secret.get_secret_value().encode(), name.encode(), "sha256")
    return await keys.secret(name)
