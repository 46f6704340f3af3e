"""What a container must hand back: a sum over the coded data that was put in.

A container keeps pictures in another form than encoders answer them (lengths in place of start
codes), so that the units are summed, each with its length, in the order of decoding.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from inkreel.model import Digest


class Seal:
    """Sums over the pictures and the sound of a video."""

    def __init__(self) -> None:
        self._pictures, self._sound = hashlib.sha256(), hashlib.sha256()

    def picture(self, units: Iterable[bytes]) -> None:
        """Add the NAL units of the next picture."""
        for unit in units:
            self._pictures.update(len(unit).to_bytes(4))
            self._pictures.update(unit)

    def sound(self, packet: bytes) -> None:
        """Add the next packet of sound."""
        self._sound.update(len(packet).to_bytes(4))
        self._sound.update(packet)

    @property
    def digest(self) -> Digest:
        """Of all that was added."""
        both = self._pictures.digest() + self._sound.digest()
        return Digest(hashlib.sha256(both).hexdigest())
