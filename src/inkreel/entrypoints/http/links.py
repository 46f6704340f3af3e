"""Links that carry their own permission: signed over path, variant, version and time of expiry,
so that `<video src>` works where no header can be sent."""

from __future__ import annotations

import base64
import hmac
import re
import time
import unicodedata
from dataclasses import dataclass
from urllib.parse import quote

from inkreel.errors import NotAllowed
from inkreel.job import (
    JobId,
    SceneSegment,
    Variant,
    result_key,
    segment_key,
    served_link,
    thumbnail_key,
)
from inkreel.model import Digest

VIDEOS = "/v1/videos"
SEGMENT_SUFFIX = ".m4s"
_SPRITE = re.compile(r"^[0-9a-f]{64}(?=#xywh=)", re.MULTILINE)
_WITHOUT_STROKE = str.maketrans("đĐ", "dD")
"""Letters that do not come apart into a plain one and its mark."""


@dataclass(frozen=True, slots=True)
class Links:
    """Paths of the API, below `root`; `expires` is in whole seconds since the epoch. What may be
    kept for ever lies below `cdn`, if there is one."""

    secret: bytes
    expires: int
    root: str = ""
    cdn: str = ""

    @classmethod
    def at(cls, secret: bytes, now: float, seconds: int, root: str = "", cdn: str = "") -> Links:
        """Links that are good for `seconds` or a little more. They stay the same for half of
        that, so that a browser that asks for the status again keeps the pictures it has."""
        step = max(1, seconds // 2)
        return cls(secret, (int(now) // step + 1) * step + seconds, root, cdn)

    def video(self, job: JobId, *below: str) -> str:
        """A job, or something of it."""
        return "/".join((self.root + VIDEOS, job, *below))

    def content(self, job: JobId, variant: Variant, version: Digest) -> str:
        """A result, signed and with its version."""
        served = served_link(result_key(job, version, variant))
        if self.cdn and served:
            return self._served(served)
        path = f"{VIDEOS}/{job}/content"
        proof = self.sign(path, variant, version, self.expires)
        return (
            f"{self.root}{path}?variant={variant}&version={version}"
            f"&expires={self.expires}&signature={proof}"
        )

    def signed(self, job: JobId, thumbnails: str) -> str:
        """WebVTT of thumbnails as it is kept, with links in the place of its sprites' versions."""
        return _SPRITE.sub(lambda found: self.content(job, "sprite", Digest(found[0])), thumbnails)

    def thumbnail(self, job: JobId, number: int, digest: Digest) -> str:
        """The small picture of a scene (from 1), signed and with its version."""
        if self.cdn:
            return self._served(served_link(thumbnail_key(job, digest)))
        return self._versioned(f"{VIDEOS}/{job}/scenes/{number}/thumbnail", digest)

    def segment(self, job: JobId, segment: SceneSegment) -> str:
        """A scene, or a part of it, as players stream it."""
        return self._segment(job, segment.number, segment.digest)

    def initialisation(self, job: JobId, digest: Digest) -> str:
        """What players need before all segments."""
        return self._segment(job, 0, digest)

    def _segment(self, job: JobId, number: int, digest: Digest) -> str:
        if self.cdn:
            return self._served(served_link(segment_key(job, digest)))
        # FFmpeg plays nothing that is not named like a video.
        return self._versioned(f"{VIDEOS}/{job}/segments/{number}{SEGMENT_SUFFIX}", digest)

    def playlist(self, job: JobId) -> str:
        """What players follow, signed: its links are."""
        path = f"{VIDEOS}/{job}/playlist.m3u8"
        proof = self.sign(path, "", "", self.expires)
        return f"{self.root}{path}?expires={self.expires}&signature={proof}"

    def _served(self, path: str) -> str:
        proof = self.sign(path, "", "", self.expires)
        return f"{self.cdn}{path}?expires={self.expires}&signature={proof}"

    def _versioned(self, path: str, digest: Digest) -> str:
        proof = self.sign(path, "", digest, self.expires)
        return f"{self.root}{path}?version={digest}&expires={self.expires}&signature={proof}"

    def sign(self, path: str, variant: str, version: str, expires: int) -> str:
        """HMAC-SHA256 in base64url."""
        said = f"{path}\n{variant}\n{version}\n{expires}".encode()
        proof = hmac.digest(self.secret, said, "sha256")
        return base64.urlsafe_b64encode(proof).rstrip(b"=").decode()

    def check(self, signature: str, path: str, variant: str, version: str, expires: int) -> None:
        """Raises `NotAllowed` for a forged or expired signature."""
        right = self.sign(path, variant, version, expires)
        if not hmac.compare_digest(right.encode(), signature.encode()):
            raise NotAllowed(
                "The signature of this link is not valid.",
                hint="Use a link from `files` of the video as it is.",
            )
        if expires < time.time():
            raise NotAllowed(
                "This link has expired.", hint="Ask for the video again: it has a fresh link."
            )


def disposition(title: str, suffix: str, *, download: bool) -> str:
    """Content-Disposition with the video's title as the file's name, in any script."""
    name = " ".join(
        "".join(c if c.isprintable() and c not in '/\\"' else " " for c in title).split()
    )
    name = f"{name[:100].strip('. ') or 'video'}.{suffix}"
    bare = unicodedata.normalize("NFD", name.translate(_WITHOUT_STROKE))
    plain = bare.encode("ascii", "ignore").decode().replace("%", "").strip() or f"video.{suffix}"
    if plain.startswith("."):
        plain = f"video{plain}"
    kind = "attachment" if download else "inline"
    return f"{kind}; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
