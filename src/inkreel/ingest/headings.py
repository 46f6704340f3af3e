"""A line of text → whether it reads like a heading, and of which level.

Shared by plain text and PDF: what they have in common is that headings carry no mark.
"""

from __future__ import annotations

import re

NUMBER = re.compile(r"^\s*(?:(?:[A-Z]\.)?\d{1,2}(?:\.\d{1,2})*\.?|[IVX]{1,5}\.)\s+(?=[^\W\d])")
"""Of a section, before its title."""
_NUMBERED = re.compile(r"(\d{1,2}(?:\.\d{1,2}){0,4})(\.?)\s+(\S.*)")
_ROMAN = re.compile(r"[IVXL]{1,6}\.\s+\S")
_CHAPTER = re.compile(
    r"(?:chương|phần|part|chapter|book|appendix|phụ lục|hồi)\s+(?:thứ\s+)?[\dIVXLC]+\b"
    r"|(?:chương|phần|chapter|part)\s+(?:một|hai|ba|bốn|năm|one|two|three|four|five)\b",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"(?:điều|mục|bài|section|article|lesson)\s+[\dIVXLC]+\b", re.IGNORECASE)


def looks_like_heading(text: str) -> bool:
    """A short line that is a heading by its own words: ALL CAPS, "Chương 1", "Điều 5. …"."""
    if _CHAPTER.match(text) or _ARTICLE.match(text):
        return len(text) <= 90 and text[-1] not in ";,"
    letters = [c for c in text if c.isalpha()]
    capital = len(letters) >= 3 and all(c.isupper() for c in letters)
    return capital and len(text) <= 80 and text[-1] not in ",;"


def is_numbered(text: str) -> bool:
    """ "2 Method", "1.2. Setup", "IV. Results": a section number before a capital letter."""
    match = _NUMBERED.fullmatch(text)
    if match:
        return match.group(3)[0].isupper() and len(text) <= 100
    return bool(_ROMAN.match(text))


def level_of(text: str) -> int:
    """Level by the words or the number: chapters and "1." 2, "1.2" 3, "1.2.3" 4."""
    match = _NUMBERED.fullmatch(text)
    if match:
        return min(6, match.group(1).count(".") + 2)
    return 3 if _ARTICLE.match(text) else 2


def is_chapter(text: str) -> bool:
    """Whether a heading names its place in a book, as a title does not."""
    return bool(_CHAPTER.match(text) or _ARTICLE.match(text) or is_numbered(text))
