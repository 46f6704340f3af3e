"""Text → sentences, in one linear pass; long ones are parted where a speaker would breathe."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from inkreel.storyboard.tongue import Tongue, words

_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)")
_LAST_WORD = re.compile(r"[\w.&]+$")
_NUMBERED = re.compile(r"\d{1,3}")
_OPENING = "\"'“‘«([¿¡"


def split(text: str, tongue: Tongue) -> list[str]:
    """The sentences of a paragraph; abbreviations, initials and numbers do not end one."""
    text = " ".join(text.split())
    found: list[str] = []
    start = 0
    for match in _END.finditer(text):
        if match.start() < start or not _ends(text, start, match, tongue):
            continue
        found.append(text[start : match.end()].strip())
        start = match.end()
    rest = text[start:].strip()
    if rest:
        found.append(rest)
    return found


def _ends(text: str, start: int, match: re.Match[str], tongue: Tongue) -> bool:
    after = text[match.end() : match.end() + 4].lstrip().lstrip(_OPENING)
    if not after or not (after[0].isupper() or after[0].isdigit() or not after[0].isalpha()):
        return False
    if match.group()[0] != ".":
        return True
    before = _LAST_WORD.search(text, max(start, match.start() - 24), match.start())
    word = before.group() if before else ""
    if word.lower() in tongue.abbreviations:
        return False
    if len(word) == 1 and word.isupper():
        return False
    # "1. Wash" at the start is a numbered line, not a sentence.
    return not (_NUMBERED.fullmatch(word) and match.start() - start <= len(word))


def part(sentence: str, tongue: Tongue, limit: int, *, force: bool = False) -> list[str]:
    """Part a sentence of more than `limit` words at its clauses, else at commas; when it is far
    too long, or with `force`, anywhere."""
    count = len(sentence.split())
    if count <= limit:
        return [sentence]
    cut = _best_cut(sentence, tongue.clause.finditer(sentence), 6)
    if cut is None and (force or count > limit * 1.6):
        cut = _best_cut(sentence, re.finditer(r"[,:]\s+(?P<next>\S)", sentence), 4)
    if cut is None and (force or count > limit * 2.4):
        middle = len(" ".join(sentence.split()[: count // 2]))
        cut = (middle, middle + 1)
    if cut is None:
        return [sentence]
    first = sentence[: cut[0]].rstrip(" ,;:–—") + "."
    second = capitalise(sentence[cut[1] :].lstrip())
    return [*part(first, tongue, limit), *part(second, tongue, limit)]


def _best_cut(
    sentence: str, matches: Iterator[re.Match[str]], least: int
) -> tuple[int, int] | None:
    """The cut nearest the middle that leaves `least` words on both sides."""
    middle = len(sentence) / 2
    for match in sorted(matches, key=lambda match: abs(match.start() - middle)):
        left, right = match.start(), match.start("next")
        if min(len(sentence[:left].split()), len(sentence[right:].split())) >= least:
            return left, right
    return None


def capitalise(text: str) -> str:
    """First letter in upper case, unless the first word is written its own way (`iPhone`)."""
    if not text:
        return text
    first = text.split(maxsplit=1)[0].rstrip(".,;:!?")
    plain = first.islower() and all(letter.isalpha() or letter in "-'’" for letter in first)
    return text[0].upper() + text[1:] if plain else text


_NAMES = words(
    "Python Java JavaScript Docker Git GitHub Linux Windows Redis Rust Google Internet Trung Anh "
    "Pháp "
    "I Vietnam Earth Sun Moon English French Vietnamese"
)


_DATES = re.compile(
    r"(?:January|February|April|June|July|August|September|October|November|December"
    r"|(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)\b"
    r"|(?:March|May|Jan|Feb|Mar|Apr|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)\.?(?=$|[^\w]*\d|\W*[(\[,;:–—])"
)
"""English months and days, which are names; words such as "may" where they stand like one."""


def lower_first(text: str) -> str:
    """First letter in lower case, unless the text opens with a name."""
    opening = text.split(maxsplit=2)
    if not opening or opening[0] in _NAMES or _DATES.match(text):
        return text
    first = opening[0].rstrip(".,:;!?")
    ordinary = first[1:].islower() or first in {"A", "À", "Ở"}
    named = len(opening) > 1 and opening[1][:1].isupper()
    return text[0].lower() + text[1:] if ordinary and not named else text


def inside(name: str) -> str:
    """A label as it stands inside a sentence: a single word may be a name and stays."""
    return lower_first(name) if len(name.split()) > 1 else name


def close(text: str) -> str:
    """End with a full stop unless the sentence has its own ending."""
    text = text.rstrip(" ,;:–—-")
    return text if text.endswith((".", "!", "?", "…", ".”", "?”", "!”", '."')) else text + "."


def join(names: Sequence[str], tongue: Tongue) -> str:
    """ "A", "A and B", "A, B and C"."""
    if len(names) < 2:
        return "".join(names)
    return f"{', '.join(names[:-1])} {tongue.speech.conjunction} {names[-1]}"
