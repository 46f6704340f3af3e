"""Text → `vi` or `en`, by letters that only Vietnamese has and by the most frequent words."""

from __future__ import annotations

import re
from collections.abc import Iterable

from inkreel.model import AnyBlock, Heading, Language, Listing, Paragraph, Quote

SAMPLE = 200_000
"""Characters looked at."""

_VIETNAMESE_LETTERS = frozenset("ăđơưạảấầẩẫậắằẳẵặẹẻẽếềểễệỉịọỏốồổỗộớờởỡợụủứừửữựỳỵỷỹ")
_WORDS = re.compile(r"[^\W\d_]+")
# Written without marks, as people type on keyboards that lack them.
_BARE_VIETNAMESE = re.compile(
    r"\b(?:va|cua|khong|la|duoc|cho|nhung|trong|nguoi|voi|nay|khi|da|tu|nhu|cac|mot|thi|phai|cung)\b"
)
_ENGLISH = re.compile(
    r"\b(?:the|of|and|to|in|is|that|for|it|as|was|with|be|by|on|not|are|this|from|or|have|an|they"
    r"|which|at|you|can|has|its|if|when|will)\b"
)


def guess(text: str) -> tuple[Language, str]:
    """The language, and a warning when the text seems to be neither (else "")."""
    sample = text[:SAMPLE].lower()
    letters = sum(map(str.isalpha, sample))
    marked = sum(c in _VIETNAMESE_LETTERS for c in sample)
    if letters and marked / letters > 0.03:
        return "vi", ""
    words = len(_WORDS.findall(sample))
    vietnamese = len(_BARE_VIETNAMESE.findall(sample)) / max(1, words)
    english = len(_ENGLISH.findall(sample)) / max(1, words)
    if vietnamese > english and vietnamese > 0.08:
        return "vi", ""
    if words > 100 and english < 0.04:
        return "en", "The language seems to be neither Vietnamese nor English; read as English."
    return "en", ""


def prose(blocks: Iterable[AnyBlock]) -> str:
    """What the author wrote as sentences, without code, tables and formulas."""
    parts: list[str] = []
    size = 0
    for block in blocks:
        if isinstance(block, Heading | Paragraph | Quote):
            parts.append(block.text)
        elif isinstance(block, Listing):
            parts.extend(f"{item.label} {item.text}" for item in block.items)
        else:
            continue
        size += len(parts[-1])
        if size > SAMPLE:
            break
    return "\n".join(parts)
