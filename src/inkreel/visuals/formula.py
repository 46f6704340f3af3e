"""TeX → typst's maths notation, made inert: what comes out can set maths and nothing else.

The translator passes some input through as it is, so code could hide in it: `\\text{" #panic(1)"}`.
Quotes and hashes are taken out before, and after it every token is checked.
"""

from __future__ import annotations

import re
from functools import lru_cache

from tex2typst import tex2typst

LONGEST = 1_500
_DEEPEST = 40
_HASH = "\ue000"
_SHELLS = (("$$", "$$"), ("$", "$"), (r"\[", r"\]"), (r"\(", r"\)"))
_DROPPED = re.compile(
    r"\\(?:label|tag|color)\*?\{[^{}]*\}|\\(?:nonumber|notag|displaystyle|textstyle|limits|,$)"
)
_TOKEN = re.compile(
    r'"(?:[^"\\#]|\\.)*"'  # a text
    r"|\\[^\w#]|\\$"  # an escaped sign, a line end
    r"|\#none\b|\#h\(-?(?:math\.thin\.amount|[\d.]+em)\)"  # the only code that may stand here
    r"|[^\W\d_][\w.]*"  # a name
    r"|[^\\\"#`@$]",  # any other sign that does not begin code, text or a reference
    re.DOTALL,
)
_NAMES_DENIED = frozenset({"std", "eval", "plugin", "read", "sys", "include", "import"})


class UntranslatableFormulaError(ValueError):
    """The formula cannot be set as maths; the message says why."""


@lru_cache(maxsize=512)
def translate(tex: str) -> str:
    """Typst maths for a TeX formula, safe to evaluate. Raises `UntranslatableFormulaError`."""
    source = _bare(tex)
    if not source:
        raise UntranslatableFormulaError("it is empty")
    if len(source) > LONGEST:
        raise UntranslatableFormulaError(f"it is longer than {LONGEST} letters")
    if _depth(source) > _DEEPEST:
        raise UntranslatableFormulaError(f"it is nested more than {_DEEPEST} deep")
    source = re.sub(r"\\?#", _HASH, source.replace('"', "”"))
    source = _DROPPED.sub("", source)
    try:
        result = str(tex2typst(source))
    except ValueError as error:
        raise UntranslatableFormulaError(str(error).splitlines()[0]) from error
    return _checked(_spaced(result))


def _spaced(result: str) -> str:
    """Spaces as TeX has them: none beside a text, a wide one between value and condition."""
    if "cases(" in result:
        result = result.replace(" & ", " & quad ")
    return re.sub(r'(?<=[\w)\]]") (?=[(\[])', "", result)


def _bare(tex: str) -> str:
    source = tex.strip()
    for begin, end in _SHELLS:
        if source.startswith(begin) and source.endswith(end) and len(source) > len(begin + end):
            return source[len(begin) : -len(end)].strip()
    return source


def _depth(source: str) -> int:
    depth = deepest = 0
    for sign in source:
        depth += (sign in "{([") - (sign in "})]")
        deepest = max(deepest, depth)
    return deepest


def _checked(result: str) -> str:
    """The result, if every token in it is known to be harmless."""
    parts: list[str] = []
    position = 0
    while position < len(result):
        token = _TOKEN.match(result, position)
        if token is None:
            raise UntranslatableFormulaError(f"“{result[position]}” cannot stand in a formula")
        text = token[0]
        if text.split(".")[0] in _NAMES_DENIED:
            raise UntranslatableFormulaError(f"“{text}” is not maths")
        parts.append(_with_hash(text))
        position = token.end()
    return "".join(parts)


def _with_hash(token: str) -> str:
    if token.startswith('"'):
        return token.replace(_HASH, "#")
    return token.replace(_HASH, '"#"')
