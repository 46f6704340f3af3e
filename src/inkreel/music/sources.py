"""What a parent process may know of a music file: how large it is."""

from __future__ import annotations

from inkreel.errors import MusicUnreadable


def fitting(data: bytes, max_bytes: int) -> bytes:
    """The music, unless it is too large. Raises `MusicUnreadable`."""
    if len(data) > max_bytes:
        raise MusicUnreadable(
            f"The music has more than {max_bytes / 1e6:.1f} MB.",
            hint="Use an MP3 of a few minutes.",
        )
    return data
