"""Written text → text that can be said, and what was taken out of it.

Citations, links, footnote marks, markup and pointers to figures go; what stood in parentheses is
kept aside, since it can be shown while the sentence is spoken.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from inkreel.storyboard import sentences
from inkreel.storyboard.tongue import Tongue

_LINK = re.compile(r"!?\[([^\]\n]{0,300})\]\((?:[^)\s]{0,2000})(?:\s+\"[^\"]*\")?\)")
_IMAGE = re.compile(r"!\[[^\]\n]{0,300}\](?:\([^)\n]{0,2000}\)|\[[^\]\n]{0,300}\])?")
_REFERENCE_LINK = re.compile(r"\[([^\[\]\n]{1,300})\](?:\[[^\[\]\n]{0,100}\])?")
_PREPOSITION = (
    r"(?:\s+(?:at|to|from|via|see|on|visit|under|tại|ở|từ|xem(?: thêm)?(?: tại)?|theo|qua|here))?"
)
_URL = re.compile(
    _PREPOSITION
    + r"(?:\s*:)?\s*[<(]?(?:(?:https?|ftp|file|git|ssh)://|www\.|mailto:)"
    + r"(?:[^\s<>]*[^\s<>.,;:!?])?[>)]?",
    re.IGNORECASE,
)
_MAIL = re.compile(_PREPOSITION + r"\s*<?[\w.+-]{1,64}@[\w-]{1,64}(?:\.[\w-]+)+>?")
_FOOTNOTE = re.compile(
    r"\s*\[(?:\^[^\]\s]{1,40}|\d{1,3}(?:\s*[,;–-]\s*\d{1,3})*|"
    r"[A-Z][A-Za-z+]{1,8}\d{2}[a-z]?)\](?!\()"
)
_SUPERSCRIPT = re.compile(r"(?<=[^\W\d]{4})[¹²³⁰⁴-⁹]+(?=[\s.,;:]|$)|(?<=[.,;:!?”\"])[¹²³⁰⁴-⁹]+")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,300}>|<!--.*?-->|&(?:nbsp|amp|lt|gt|quot|#\d+);")
_EMOJI_CODE = re.compile(r"(?<!\w):[a-z][a-z0-9_+-]{1,30}:(?!\w)")
_MARKS = re.compile(
    r"\*{1,3}(?=\S)|(?<=\S)\*{1,3}|(?<!\w)_{1,2}(?=\w)|(?<=\w)_{1,2}(?!\w)|`+|~~|^#{1,6}\s+"
)
_CITED = re.compile(
    r"(?:[A-ZĐÀ-Ỹ][^()]{0,120}?,?\s*(?:19|20)\d\d[a-z]?(?:\s*[;,][^()]{0,120})?|"
    r"(?:19|20)\d\d[a-z]?(?:,\s*p+\.\s*\d+)?|ibid\.?|op\. cit\.?|sic|\^?\d{1,2}|p+\.\s*\d+\S*|"
    r"trang \d+)"
)
_POINTER = re.compile(
    r"(?:see|cf|fig|figure|table|section|eq|appendix|chapter|xem|hình|bảng|mục|phần|chương|theo|"
    r"nguồn|source|ibid|link|here|tham khảo|ảnh|photo)\b",
    re.IGNORECASE,
)
_CONTINUES = re.compile(
    r"(?:and|or|but|with|without|if|unless|including|no|not|in|on|for|from|to|by|as|which|who"
    r"|this|that|these|và|hoặc|hay|nhưng|với|nếu|trong|ở|tại|cho|từ|theo|không|có|là|cũng)\b",
    re.IGNORECASE,
)
"""An aside that says something only within its sentence."""
_DOLLARS = re.compile(r"\$\$?([^$\n]{1,200})\$\$?")
_LONE_MARK = re.compile(r"(?<!\S)[#$>|*~]+(?!\S)")
_CODED = re.compile(r"[_=<>{}$#|\\~]|\w/\w|^--?\w|^[#$%&+/]$|\(\)|::|^/|;$")
_MATHS = re.compile(r"[=+−·×∆∑∏∫∈≤≥≠→|⁰¹²³⁴-⁹₀-₉ᵢᵤₖₙ]|\w\(\w+\)")
_SPACE_BEFORE = re.compile(r"\s+([,.;:!?…])(?=\s|$)")
_NEGATIVE = re.compile(r"\s*[-–][$€£¥₫]?[.,]?\d")
"""A number below zero: its sign is no bullet."""
_DOUBLED = re.compile(r"([,;:])(?:\s*[,;:])+|,\s*(?=[.!?])")


@dataclass(frozen=True, slots=True)
class Said:
    """Text ready for the voice and what was kept aside."""

    text: str
    asides: tuple[str, ...] = ()


def say(text: str, tongue: Tongue) -> Said:
    """Clean one sentence or one short text; the result may be empty."""
    text = _unmark(text)
    text = tongue.reference.sub(" ", text)
    text, asides = _lift_parentheses(text)
    for pattern, instead in tongue.written:
        text = pattern.sub(instead, text)
    text = _tidy(text)
    kept = tuple(a for a in (_tidy(_unmark(aside)) for aside in asides) if _informs(a))
    return Said(sentences.capitalise(text) if speakable(text) else "", kept)


def plain(text: str, tongue: Tongue) -> str:
    """A heading, a label, a cell: without markup, links, notes or emoji; parentheses stay."""
    text = _unmark(text)
    return _tidy(tongue.reference.sub(" ", text)) if text else ""


def speakable(text: str) -> bool:
    """Whether a voice can say it: some letters, and not a line of code, of TeX, of a formula."""
    letters = sum(map(str.isalpha, text))
    if letters < 2 or "\\" in text:
        return False
    odd = sum(text.count(mark) for mark in "{}[]<>|=_#@^~`$*")
    if odd * 8 > letters:
        return False
    words = text.split()
    if 2 * sum(bool(_MATHS.search(word)) for word in words) > len(words) > 2:
        return False
    coded = sum(bool(_CODED.search(word)) for word in words)
    return coded * 4 <= len(words) or coded <= 1


def _unmark(text: str) -> str:
    text = _IMAGE.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    text = _URL.sub(" ", text)
    text = _MAIL.sub(" ", text)
    text = _FOOTNOTE.sub("", text)
    text = _REFERENCE_LINK.sub(r"\1", text)
    text = _SUPERSCRIPT.sub("", text)
    text = _EMOJI_CODE.sub(" ", text)
    text = _DOLLARS.sub(r"\1", text)
    text = _LONE_MARK.sub("", text)
    text = _MARKS.sub("", text)
    return "".join(c for c in text if not _pictograph(c))


def _pictograph(char: str) -> bool:
    if char < "\u2190":
        return char in "\u00ad\u200b\u200c\u200d\u200e\u200f\u2028\u2029" or (
            char < " " and char not in "\t\n\r"
        )
    if char in "\ufe0f\ufe0e\u20e3\ufeff":
        return True
    return (unicodedata.category(char) == "So" and not "℀" <= char <= "⅏") or char >= "\U0001f000"


def _lift_parentheses(text: str) -> tuple[str, list[str]]:
    """Take out `( … )` and `[ … ]` that open after a space; calls such as `f(x)` stay."""
    kept: list[str] = []
    asides: list[str] = []
    depth = 0
    opened = 0
    position = 0
    for index, char in enumerate(text):
        if char in "([" and (depth or index == 0 or text[index - 1].isspace()):
            if depth == 0:
                kept.append(text[position:index])
                opened = index + 1
            depth += 1
        elif char in ")]" and depth:
            depth -= 1
            if depth == 0:
                asides.append(text[opened:index])
                position = index + 1
    if depth:  # never closed: the mark goes, the words stay
        kept.append(text[opened:])
    else:
        kept.append(text[position:])
    return " ".join(kept), asides


def _informs(aside: str) -> bool:
    words = aside.split()
    return (
        0 < len(words) <= 9
        and speakable(aside)
        and not _CITED.fullmatch(aside)
        and not _POINTER.match(aside)
        and not _CONTINUES.match(aside)
        and not aside.endswith(("!", "?"))
    )


def _tidy(text: str) -> str:
    text = " ".join(text.split())
    text = _SPACE_BEFORE.sub(r"\1", text)
    text = _DOUBLED.sub(lambda m: m.group(1) or "", text)
    text = re.sub(r"[“\"]\s*[”\"]|(?<!\w)\(\s*\)|(?<!\w)\[\s*\]", "", text)
    text = re.sub(r"\s+", " ", text)
    if not _NEGATIVE.match(text):
        text = re.sub(r"^[\s,.;:!?–—•·*>-]+(?=\w|[“\"'«(])", "", text)
    return text.strip()
