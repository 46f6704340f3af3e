"""Settings → what a CDN in front of the service is told."""

from __future__ import annotations

from inkreel.errors import SettingError
from inkreel.jobs.purging import Purged, Request
from inkreel.ports import Objects
from inkreel.providers.http import fault_of, meant
from inkreel.settings import Settings

HINT = "Write it like https://cdn.example.com, without a password."


def known_to_cdn(settings: Settings, objects: Objects) -> Objects:
    """The objects; where a CDN keeps some, it is told what is dropped. Raises `SettingError`."""
    return objects if purge_request(settings) is None else Purged(objects)


def purge_request(settings: Settings) -> Request | None:
    """How the CDN is told; None when there is none. Raises `SettingError`."""
    cdn = settings.cdn_url.rstrip("/")
    if not cdn:
        return None
    for name, url in (("cdn_url", cdn), ("cdn_purge_url", settings.cdn_purge_url)):
        asked = url.replace("{url}", cdn)
        fault = fault_of(asked, meant(asked))
        if fault:
            raise SettingError(f"The setting {name} is refused: {fault}.", hint=HINT, field=name)
    given = settings.cdn_purge_header
    header = None
    if given is not None:
        title, colon, value = given.get_secret_value().partition(":")
        if not colon:
            raise SettingError(
                "The setting cdn_purge_header is refused: it has no colon.",
                hint="Write it like Authorization: Bearer …",
                field="cdn_purge_header",
            )
        header = title.strip(), value.strip()
    return Request(
        cdn, settings.cdn_purge_method, settings.cdn_purge_url, settings.cdn_purge_body, header
    )
