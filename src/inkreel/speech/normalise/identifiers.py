"""What machines read: addresses, files, options and names in code."""

from __future__ import annotations

import re

from inkreel.speech.normalise.formula import FUNCTIONS
from inkreel.speech.normalise.names import camel, split_words
from inkreel.speech.normalise.tongue import Tongue, word_set
from inkreel.speech.normalise.written import Line, Reading

_DOMAINS = "com|org|net|edu|gov|io|dev|ai|app|info|vn|uk|de|fr|jp|eu|us|co|me|html"
_HOST = rf"(?:[\w-]+\.)+(?:{_DOMAINS})(?:\.\w\w)?"
_URL = re.compile(
    rf"(?:[a-z][a-z0-9+.-]*://(?P<any>[^/\s?#]+)|(?P<known>{_HOST}))(?:[/?#:]\S*)?", re.IGNORECASE
)
_MAIL = re.compile(r"(?P<who>[\w.+-]+)@(?P<host>[\w-]+(?:\.[\w-]+)+)")
_FILE = re.compile(r"(?P<stem>[\w./\\-]*[\w-])?\.(?P<kind>[A-Za-z][A-Za-z0-9]{0,5})")
_FLAG = re.compile(r"(?P<dashes>--?)(?P<name>[A-Za-z][\w-]*)(?:=(?P<value>\S*))?")
_PATH = re.compile(
    r"(?:~|\.{1,2})?(?:/[\w.@-]+)+/?|[\w.-]+(?:/[\w.-]+){2,}/?|[A-Za-z]:(?:\\[\w.-]+)+"
)
_CODE = re.compile(r"[\w.:>$@-]*(?:_|::|->|\(|[a-z][A-Z]|\w\.[a-zA-Z])[\w.:>()\[\]$@-]*")


def address(line: Line, at: int) -> Reading | None:
    """URLs by their host only, and e-mail."""
    tongue, core = line.tongue, line.core(at).removeprefix("mailto:")
    mail = _MAIL.fullmatch(core)
    if mail:
        who, host = _dotted(mail["who"], tongue, ending=False), _dotted(mail["host"], tongue)
        return (f"{who} {tongue.at_sign} {host}",)
    url = _URL.fullmatch(core)
    if url:
        host = (url["any"] or url["known"]).rpartition("@")[2].partition(":")[0]
        return (_dotted(host.removeprefix("www."), tongue),)
    return None


def option(line: Line, at: int) -> Reading | None:
    """--verbose, -v, --size=1080."""
    found = _FLAG.fullmatch(line.core(at))
    if found is None:
        return None
    tongue = line.tongue
    said = f"{tongue.flags[len(found['dashes']) - 1]} {_words(found['name'], tongue)}"
    value = f" {tongue.symbols['=']} {_dotted(found['value'], tongue)}" if found["value"] else ""
    return (said + value,)


def path(line: Line, at: int) -> Reading | None:
    """/usr/local/bin, ./src/main.py."""
    core = line.core(at)
    if not _PATH.fullmatch(core) or re.fullmatch(r"[\d/.]+", core):
        return None
    parts = [
        _dotted(part, line.tongue)
        for part in re.split(r"[/\\]", core)
        if part not in ("", ".", "..", "~")
    ]
    leading = core[0] in "/~." or ":" in core
    slash = line.tongue.slash
    return ((f"{slash} " if leading else "") + f" {slash} ".join(parts),)


def file_or_code(line: Line, at: int) -> Reading | None:
    """main.py, .gitignore, snake_case, camelCase, foo(), a.b."""
    core = line.core(at)
    if not re.search(r"[^\W\d]", core):
        return None
    if _FILE.fullmatch(core) or _CODE.fullmatch(core):
        head, paren, argument = core.partition("(")
        if paren and argument and (len(head) <= 2 or head in FUNCTIONS):
            return None  # f(x), O(n): a formula
        said = _dotted(f"{head} {argument}" if argument else head, line.tongue)
        return (said,) if said else None
    return None


def _dotted(text: str, tongue: Tongue, *, ending: bool = True) -> str:
    """Parts with "dot" between them; a short ending is said as letters."""
    parts = text.split(".")
    said = [_words(part, tongue) for part in parts]
    if ending and len(parts) > 1:
        said[-1] = _ending(parts[-1], tongue)
    joined = f" {tongue.dot} ".join(said)
    return " ".join(joined.split())


_SAID_ENDINGS = word_set("com org net info env lock text app dev edu gov json yaml toml")


def _ending(text: str, tongue: Tongue) -> str:
    if (
        text.lower() in _SAID_ENDINGS
        or not 2 <= len(text) <= 4
        or not text.isascii()
        or not text.isalpha()
    ):
        return _words(text.upper() if text.upper() in tongue.said else text, tongue)
    return tongue.spell(text)


def _words(text: str, tongue: Tongue) -> str:
    """Parts between underscores, hyphens and humps."""
    if text.lower() in tongue.words:
        return tongue.words[text.lower()]
    parts = [hump for part in re.split(r"[\W_]+", text) for hump in camel(part)]
    return " ".join(split_words(part, tongue) for part in parts)
