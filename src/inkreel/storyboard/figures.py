"""Numbers as a language writes them: read, written, found in a sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.storyboard import keyphrases
from inkreel.storyboard.sentences import capitalise
from inkreel.storyboard.tongue import Tongue

_CELL = re.compile(
    r"(?P<before>[$€£¥₫~≈<>≤≥+]|\b(?:USD|EUR|VND)\s*)?\s*"
    r"(?P<number>[-−–]?\d[\d.,\u00a0\u202f ]*)(?:\s*(?P<after>[^\d\s].{0,14}))?"
)
_FIGURE = re.compile(
    r"(?<![\w.,/\-–^])(?P<sign>[$€£¥]\s?|"
    r"[-−](?=\d))?(?P<number>\d{1,3}(?:[.,\u00a0\u202f]\d{3})+(?:[.,]\d+)?"
    r"|\d+(?:[.,]\d+)?)(?P<percent>\s?%)?(?![\w/]|[.,:]\d|[-–]\w)"
)


_ACCOUNTED = re.compile(r"\((?P<number>[$€£¥]?\s*\d[\d.,]*)\)")
"""A loss, as accounts write it."""
_ACCOUNTS = re.compile(
    r"\b(?:profits?|loss(?:es)?|incomes?|earnings|cash|balances?|ebitd?a?|lãi|lỗ"
    r"|lợi nhuận|thu nhập|dòng tiền|số dư|chênh lệch)\b",
    re.IGNORECASE,
)
"""Names of what accounts write in parentheses where it is lost."""
_OWED = re.compile(r"^[-−–]\s?(?P<sign>[$€£¥])")
_MONEY = re.compile(
    r"(?P<sign>[$€£¥])\s?(?P<size>[^\W\d]+)|(?P<before>[^\W\d]+)\s?(?P<after>[$€£¥])"
)
_SIZES = {
    "K": ("k", "thousand", "nghìn", "ngàn"),
    "M": ("m", "mn", "mio", "million", "millions", "triệu", "tr"),
    "B": ("b", "bn", "billion", "billions", "tỷ", "tỉ"),
    "T": ("t", "tn", "trillion", "trillions"),
}
_SIZES_SAID = {"K": "nghìn", "M": "triệu", "B": "tỷ", "T": "nghìn tỷ"}
_LONGEST_SENTENCE = 1_000
"""Letters; a sentence that is spoken has fewer."""
_NAMING = re.compile(
    r"(?:\b(?:[vV]ersions?|[rR]eleases?|[cC]hapters?|[sS]ections?|[sS]teps?|[pP]ages?|[fF]igures?"
    r"|[tT]ables?|[pP]hases?|[lL]evels?|[tT]ypes?|[pP]arts?|[lL]ines?|[pP]hiên bản|[bB]ản phát hành"
    r"|[cC]hương|[mM]ục|[bB]ước|[tT]rang|[hH]ình|[bB]ảng|[đĐ]iều|[kK]hoản|[lL]oại|[cC]ấp|[lL]ớp"
    r"|[gG]iai đoạn|[tT]háng|[nN]ăm|[qQ]uý|[tT]hứ|[sS]ố|[lL]ần)"
    r"|(?<=[^.!?] )[A-ZĐ][\w-]*)\s$"
)
"""Before a number that is part of a name ("Debian 12", "chapter 3"), and counts nothing."""
_RANGE = re.compile(r"(?<![\w.,/])(\d[\d.,]*)\s?(?:đến|tới|to|and|–|-)\s?$")


@dataclass(frozen=True, slots=True)
class Quantity:
    value: float
    unit: str
    shown: str
    decimals: int = 0


def read(text: str, tongue: Tongue) -> float | None:
    """A number written with the language's separators; the other style is understood when it
    cannot be meant otherwise."""
    digits = re.sub(r"[\s\u00a0\u202f]", "", text).replace("−", "-").replace("–", "-")
    sign = -1.0 if digits.startswith("-") else 1.0
    digits = digits.lstrip("-").rstrip(".,")
    plain = _plain(digits, tongue)
    if plain is None:
        return None
    return sign * float(plain)


def _plain(digits: str, tongue: Tongue) -> str | None:
    """The digits with "." as decimal mark and no thousands marks."""
    thousands, decimal = re.escape(tongue.thousands), re.escape(tongue.decimal)
    if re.fullmatch(r"\d+", digits):
        return digits
    if re.fullmatch(rf"\d{{1,3}}(?:{thousands}\d{{3}})+(?:{decimal}\d+)?", digits):
        return digits.replace(tongue.thousands, "").replace(tongue.decimal, ".")
    if re.fullmatch(rf"\d+{decimal}\d+", digits):
        return digits.replace(tongue.decimal, ".")
    # Written in the other style: 3.5 in Vietnamese, 3,5 in English.
    if re.fullmatch(rf"\d+{thousands}\d+", digits):
        return digits.replace(tongue.thousands, ".")
    if re.fullmatch(rf"\d{{1,3}}(?:{decimal}\d{{3}})+(?:{thousands}\d+)?", digits):
        return digits.replace(tongue.decimal, "").replace(tongue.thousands, ".")
    return None


def column(cells: Sequence[str], name: str, tongue: Tongue) -> tuple[Quantity | None, ...]:
    """The cells of a table's column as numbers; what is none is None."""
    accounts = _ACCOUNTS.search(name) is not None or any(map(_is_loss, cells))
    return tuple(cell(text, tongue, accounts=accounts) for text in cells)


def _is_loss(text: str) -> bool:
    """Whether what stands in parentheses can only be a sum, and not the mark of a footnote."""
    match = _ACCOUNTED.fullmatch(text.strip().strip("*_"))
    return match is not None and not re.fullmatch(r"\d{1,2}", match["number"])


def cell(text: str, tongue: Tongue, *, accounts: bool = False) -> Quantity | None:
    """A table cell that is a number, perhaps with a unit; in `accounts` one in parentheses is a
    loss."""
    text = text.strip().strip("*_")
    if accounts:
        text = _ACCOUNTED.sub(r"-\g<number>", text)
    text = _OWED.sub(r"\g<sign>-", text)
    match = _CELL.fullmatch(text)
    if not match:
        return None
    value = read(match["number"], tongue)
    if value is None:
        return None
    after = (match["after"] or "").strip()
    if len(after.split()) > 2 or re.search(r"[\d;:()/]\s*\d", after):
        return None
    before = (match["before"] or "").strip()
    if before in "~≈<>≤≥+":
        before = ""
    unit = before + after if _money(before + after)[1] else before or after
    return Quantity(value, unit, text, _decimals(value, match["number"]))


def _decimals(value: float, written: str) -> int:
    """Digits after the decimal mark, as the cell writes them."""
    tail = re.split(r"[.,]", written.strip())[-1]
    return 0 if value == int(value) else min(len(tail), 4)


def write(value: float, tongue: Tongue, digits: int | None = None) -> str:
    """A number as the language writes it; without `digits` up to three significant decimals."""
    if digits is None:
        digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    text = f"{abs(value):,.{digits}f}"
    if "." in text and digits:
        text = text.rstrip("0").rstrip(".")
    if abs(value) < 10_000:
        text = text.replace(",", "") if tongue.language == "en" and value < 1000 else text
    text = text.replace(",", "\0").replace(".", tongue.decimal).replace("\0", tongue.thousands)
    return ("−" if value < 0 else "") + text


def amount(value: float, unit: str, tongue: Tongue, digits: int | None = None) -> str:
    """A number with its unit: the sign of a currency stands before it, its size behind it
    ("−$3.5M", "$3,5 triệu")."""
    text = write(abs(value), tongue, digits)
    minus = "−" if value < 0 and text.strip("0.,") else ""
    sign, size = _money(unit)
    if sign:
        name = size if tongue.language == "en" or not size else f" {_SIZES_SAID[size]}"
        return f"{minus}{sign}{text}{name}"
    if not unit or len(unit.split()) > 3:
        return minus + text
    space = "" if unit == "%" and tongue.language == "en" else " "
    return f"{minus}{text}{space}{unit}"


def _money(unit: str) -> tuple[str, str]:
    """The sign of a currency and the letter of its size ("$M", "bn €"); empty for other units."""
    if unit in ("$", "€", "£", "¥"):
        return unit, ""
    match = _MONEY.fullmatch(unit)
    if not match:
        return "", ""
    word = (match["size"] or match["before"]).casefold()
    size = next((letter for letter, words in _SIZES.items() if word in words), "")
    return (match["sign"] or match["after"], size) if size else ("", "")


def ratio(value: float, tongue: Tongue) -> str:
    """A ratio with one decimal below ten and none above."""
    return write(value, tongue, 1 if value < 10 else 0)


@dataclass(frozen=True, slots=True)
class Salient:
    """A figure of a sentence with what it counts."""

    value: str
    label: str
    score: float


def salient(sentence: str, tongue: Tongue) -> Salient | None:
    """The figure most worth showing large; None when none counts anything nameable."""
    best: Salient | None = None
    for match in _FIGURE.finditer(sentence[:_LONGEST_SENTENCE]):
        found = _candidate(sentence, match, tongue)
        if found and (best is None or found.score > best.score):
            best = found
    return best


def _candidate(sentence: str, match: re.Match[str], tongue: Tongue) -> Salient | None:
    value = read(match["number"], tongue)
    if value is None or _NAMING.search(sentence[: match.start()]):
        return None
    rest = sentence[match.end() :]
    shown = (match["sign"] or "").strip() + match["number"] + ("%" if match["percent"] else "")
    scale = tongue.magnitude.match(rest)
    if scale:
        shown, rest = shown + scale.group(), rest[scale.end() :]
    unit = re.match(r"[\s\u00a0]?([^\W\d]+[²³]?|°[CF])(/[^\W\d]+[²³23]?)?", rest)
    has_unit = bool(unit and unit[1].casefold() in tongue.units)
    if has_unit and unit:
        shown, rest = f"{shown} {unit[1]}{unit[2] or ''}", rest[unit.end() :]
    label = _label(rest, tongue)
    if not label and (has_unit or match["percent"] or scale):
        label = _label_after(rest) or _label_around(sentence[: match.start()], rest, tongue)
    if span := _RANGE.search(sentence[: match.start()]):
        shown = f"{span[1]}–{shown}"
    year = not (has_unit or scale or match["percent"] or match["sign"]) and (
        len(match["number"]) == 4 and 1000 <= value <= 2100
    )
    if not label or year or (value < 3 and not (match["percent"] or scale or has_unit)):
        return None
    score = 0.6 + 0.3 * bool(match["percent"]) + 0.3 * bool(scale) + 0.2 * has_unit
    score += 0.3 * (value >= 1000) + 0.1 * (value >= 10)
    return Salient(shown, label, score)


def _label(rest: str, tongue: Tongue) -> str:
    """The noun phrase that follows: a short clause whole, else up to a function word."""
    clause = re.split(r"[,.;:!?()–—]", rest, maxsplit=1)[0]
    lead = re.match(
        r"\s*(?:of\s+)?(?:the\s+|a\s+|an\s+|all\s+|its\s+|của\s+)*", clause, re.IGNORECASE
    )
    body = clause[lead.end() :] if lead else clause
    found = keyphrases.phrases(body, tongue)
    if not found or found[0].position > 0.02 or len(found[0].text.split()) > 6:
        return ""
    whole = body.strip()
    few = len(found[0].text.split()) < len(whole.split()) <= _CLAUSE_WORDS
    return capitalise(whole) if few and not re.search(r"\d", whole) else found[0].text


def _label_after(rest: str) -> str:
    """The words up to the next mark, when they are few: "after one charge"."""
    clause = re.split(r"[,.;:!?()–—]", rest, maxsplit=1)[0].split()
    few = 3 <= len(clause) <= 6 and not any(map(str.isdigit, "".join(clause)))
    return capitalise(" ".join(clause)) if few else ""


def _label_around(before: str, after: str, tongue: Tongue) -> str:
    """The clause that the figure stands in, a gap where the figure is: "A drop spends … in the
    air"; its part before the figure when the whole is long."""
    lead = _APPROXIMATELY.sub("", _MARK.split(before)[-1].strip())
    rest = _MARK.split(after, maxsplit=1)[0].strip()
    if tongue.language == "vi":
        lead = lead.removesuffix(" là").removesuffix(" có")
    elif not rest and lead.rpartition(" ")[2].casefold() in tongue.function_words:
        return ""  # "a document of …" is no sentence
    if len(lead.split()) < 3 or tongue.connective.match(lead) or re.search(r"\d", lead):
        return ""
    whole = f"{lead} … {rest}" if rest else lead
    if len(whole.split()) <= _LABEL_WORDS[tongue.language] and not re.search(r"\d", rest):
        return capitalise(whole)
    ends_open = tongue.language == "en"  # an English clause without its object says little
    lead = _TRAILING.sub("", lead)
    few = 3 <= len(lead.split()) <= _LABEL_WORDS[tongue.language]
    return capitalise(lead) if few and not ends_open else ""


_TRAILING = re.compile(
    r"(?:\s(?:là|có|với|đạt|được|còn|lên|xuống|tới|đến|từ|ở|tại|về|của|bằng|ra|vào|trên))+$",
    re.IGNORECASE,
)
"""What wants the figure behind it."""
_CLAUSE_WORDS = 5
"""Words up to which what follows a figure is shown whole."""
_LABEL_WORDS = {"en": 9, "vi": 12}
_MARK = re.compile(r"[,.;:!?()–—]")
_APPROXIMATELY = re.compile(
    r"\s*\b(?:about|around|roughly|nearly|almost|some|only|just|over|up to|more than|less than|at"
    r" least|at most|khoảng|gần|hơn|chừng|chỉ|đến|tới|ít nhất|nhiều nhất|không quá)$",
    re.IGNORECASE,
)
