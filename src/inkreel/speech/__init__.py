"""Scene → Narration, VoiceTrack: what is said, by which words, at which level.

`read_aloud`, `spoken_text` and `calibration_sentences` run where a job is planned and import
nothing heavy; the others run in workers and bring numpy with them when first asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from inkreel.speech.calibration import calibration_sentences
from inkreel.speech.normalise import read_aloud, spoken_text

if TYPE_CHECKING:
    from inkreel.speech.gain import level
    from inkreel.speech.hearing import hear
    from inkreel.speech.join import narrate, track

__all__ = [
    "calibration_sentences",
    "hear",
    "level",
    "narrate",
    "read_aloud",
    "spoken_text",
    "track",
]


def __getattr__(name: str) -> Any:
    if name == "narrate":
        from inkreel.speech.join import narrate

        return narrate
    if name == "track":
        from inkreel.speech.join import track

        return track
    if name == "hear":
        from inkreel.speech.hearing import hear

        return hear
    if name == "level":
        from inkreel.speech.gain import level

        return level
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
