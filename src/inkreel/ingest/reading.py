"""What a format's reader hands over, before it is a Document."""

from __future__ import annotations

from dataclasses import dataclass, field

from inkreel.model import AnyBlock


@dataclass(slots=True)
class Reading:
    """What a format's reader found; `stated` and `metadata` are titles, see `choose_title`."""

    blocks: list[AnyBlock]
    stated: str = ""
    metadata: str = ""
    language: str = ""
    """What the document itself says it is written in (`vi`, `en-GB`), or ""."""
    warnings: list[str] = field(default_factory=list)
