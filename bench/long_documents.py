"""Long documents of made-up but readable prose, as Markdown and as PDF, the same each time."""

from __future__ import annotations

import random

WORDS_A_PAGE = 300

_SUBJECTS = (
    "The harbour", "A tide gauge", "The lighthouse keeper", "Every chart", "The pilot boat",
    "A falling barometer", "The night watch", "Each buoy", "The dredger", "A spring tide",
)  # fmt: skip
_VERBS = (
    "records", "changes", "follows", "warns of", "depends on", "measures", "announces",
    "is checked against", "outlasts", "explains",
)  # fmt: skip
_OBJECTS = (
    "the height of the water", "the depth over the bar", "a wind from the north",
    "the time of slack water", "the draught of the ship", "the set of the current",
    "the light of the second beacon", "the entries of the log", "the swell in the channel",
    "the notice to mariners",
)  # fmt: skip
_ENDINGS = (
    "twice a day", "before the ship leaves", "for as long as the season lasts", "within an hour",
    "whatever the weather brings", "as the almanac foretold", "at the turn of the tide",
)  # fmt: skip


def sentence(dice: random.Random) -> str:
    """One that can be said."""
    parts = (dice.choice(each) for each in (_SUBJECTS, _VERBS, _OBJECTS, _ENDINGS))
    return f"{' '.join(parts)}, and entry {dice.randrange(10, 9_999)} says so."


def paragraph(dice: random.Random) -> str:
    return " ".join(sentence(dice) for _ in range(5))


def markdown(pages: int, seed: int = 1) -> str:
    """So many pages of `WORDS_A_PAGE` words with headings, lists and tables."""
    dice = random.Random(seed)
    parts = ["# The book of the harbour"]
    words, chapter = 0, 0
    while words < pages * WORDS_A_PAGE:
        chapter += 1
        subject, thing = dice.choice(_SUBJECTS), dice.choice(_OBJECTS)
        parts.append(f"## {chapter}. {subject} and {thing}")
        parts += [paragraph(dice) for _ in range(4)]
        rows = "\n".join(f"| Week {n} | {dice.randrange(10, 90) / 10} |" for n in range(1, 5))
        parts.append(f"| Week | Height in m |\n|---|---|\n{rows}")
        parts.append("\n".join(f"- {sentence(dice)}" for _ in range(3)))
        words += len(" ".join(parts[-7:]).split())
    return "\n\n".join(parts) + "\n"


def pdf(pages: int, seed: int = 1) -> bytes:
    """So many pages of a set book."""
    import typst

    dice = random.Random(seed)
    parts = ['#set page(paper: "a4", numbering: "1")\n#set text(11pt)\n#set par(justify: true)']
    for number in range(1, pages + 1):
        parts.append(f"= {number}. {dice.choice(_SUBJECTS)} and {dice.choice(_OBJECTS)}")
        parts += [paragraph(dice) for _ in range(4)]
        parts.append("#pagebreak(weak: true)")
    return bytes(typst.compile("\n\n".join(parts).encode(), format="pdf"))
