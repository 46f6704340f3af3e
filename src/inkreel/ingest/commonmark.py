"""Markdown → block tokens: CommonMark with tables, maths, footnotes, definition lists, admonitions.

The parser splits blocks once; inline markup is parsed block by block and only where there is
any, which keeps memory small and long tables fast. Everything is bounded: nesting, table cells,
brackets in a paragraph; what was left out is counted and said.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from markdown_it import MarkdownIt
from markdown_it.common.normalize_url import normalizeLink
from markdown_it.common.utils import normalizeReference
from markdown_it.rules_block import StateBlock
from markdown_it.rules_block.table import table as gfm_table
from markdown_it.token import Token
from mdit_py_plugins.admon import admon_plugin
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.footnote import footnote_plugin

from inkreel.ingest.inline import Prose, plain, read_inline

MAX_NESTING = 32
MAX_COLUMNS = 50
MAX_ROWS = 1_000
MAX_CELLS = 100_000
"""Of all tables of a document together."""
MAX_INLINE = 50_000
MAX_FORMULA_LINES = 60
MAX_BRACKETS = 400
"""Link brackets in one paragraph: the inline parser is quadratic in unclosed ones."""

_MARKUP = re.compile(r"[\\`*_\[<&$~^\n]")
_MARKS = re.compile(r"[\\`*_\[\]<>&~^]+")
_MATH_OPEN = re.compile(
    r"\\\[|\\begin\{((?:equation|align|alignat|gather|multline|flalign|eqnarray|[bpvBV]?matrix)\*?)\}"
)
_REFERENCE = re.compile(
    r"\[([^\[\]]{1,999})\]:[ \t]*<?([^\s<>]+)>?[ \t]*(\"[^\"]*\"|'[^']*'|\([^()]*\))?[ \t]*$"
)
_BARE_MARKERS = re.compile(r"[\s>*+\-\d.)]*")


class Tokens:
    """A parsed document: block tokens, what the parser left out, and inline parsing on demand."""

    def __init__(self, text: str) -> None:
        self.parser = _parser()
        self.env: dict[str, object] = {"left_out": Counter[str]()}
        self.tokens: list[Token] = self.parser.parse(text, self.env)
        self.lines = text.split("\n")
        self._count_too_deep()

    @property
    def left_out(self) -> Counter[str]:
        return self.env["left_out"]  # type: ignore[return-value]

    def prose(self, inline: Token) -> Prose:
        """The plain text of an `inline` token."""
        content = inline.content
        if not _MARKUP.search(content):
            return Prose(plain(content).strip())
        if len(content) > MAX_INLINE or content.count("[") > MAX_BRACKETS:
            self.left_out["markup"] += 1
            return Prose(plain(_MARKS.sub(" ", content)).strip())
        children: list[Token] = []
        self.parser.inline.parse(content, self.parser, self.env, children)
        return read_inline(children)

    def close_of(self, index: int) -> int:
        """Index of the token that closes the one at `index`."""
        level = self.tokens[index].level
        index += 1
        while index < len(self.tokens) and self.tokens[index].level > level:
            index += 1
        return index

    def _count_too_deep(self) -> None:
        """The parser drops what is nested deeper than `MAX_NESTING` without a word: such a
        container is empty though its lines are not."""
        for token, after in zip(self.tokens, self.tokens[1:], strict=False):
            deepest = token.nesting == 1 and token.level == MAX_NESTING - 1
            if deepest and after.nesting == -1 and token.map:
                text = "".join(self.lines[token.map[0] : token.map[1]])[:10_000]
                if not _BARE_MARKERS.fullmatch(text):
                    self.left_out["depth"] += 1


def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"maxNesting": MAX_NESTING, "html": True})
    parser.enable(["table", "strikethrough"])
    parser.use(footnote_plugin).use(deflist_plugin).use(admon_plugin)
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.block.ruler.at("reference", _reference)
    parser.block.ruler.at("table", _bounded_table, {"alt": ["paragraph", "reference"]})
    parser.block.ruler.before(
        "fence", "directive", _directive, {"alt": ["paragraph", "reference", "blockquote", "list"]}
    )
    parser.block.ruler.before(
        "fence", "display_math", _display_math, {"alt": ["paragraph", "reference", "blockquote"]}
    )
    # Inline parsing is done block by block in `prose`; footnote text is left out anyway.
    parser.disable(["inline", "text_join", "footnote_tail"], ignoreInvalid=True)
    return parser


def _line(state: StateBlock, line: int) -> str:
    return state.src[state.bMarks[line] + state.tShift[line] : state.eMarks[line]]


def _skip_filled(state: StateBlock, line: int, end: int) -> int:
    while line < end and not state.isEmpty(line):
        line += 1
    return line


def _bounded_table(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    """The parser's table rule with limits on columns, rows and cells."""
    if start + 2 > end or "|" not in _line(state, start) + _line(state, start + 1):
        return False
    columns = _line(state, start + 1).count("|") + 1
    left_out: Counter[str] = state.env["left_out"]
    used = state.env.get("cells", 0)
    room = min(MAX_ROWS, max(0, MAX_CELLS - used) // columns)
    if (columns > MAX_COLUMNS or room < 1) and gfm_table(state, start, end, True):
        if not silent:
            state.line = _skip_filled(state, start, end)
            left_out["table"] += 1
        return True
    limit = start + 2 + room
    if not gfm_table(state, start, min(end, limit), silent):
        return False
    if not silent:
        state.env["cells"] = used + columns * (state.line - start)
        if state.line == limit < end:
            state.line = _skip_filled(state, limit, end)
            left_out["rows"] += state.line - limit
    return True


def _directive(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001, FBT001
    """`:::note` and `:::` lines of site generators: the fence goes, what it holds stays."""
    if state.is_code_block(start) or not _line(state, start).startswith(":::"):
        return False
    if not silent:
        state.line = start + 1
    return True


def _display_math(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: FBT001
    r"""`\[ … \]` and `\begin{equation} … \end{equation}` on lines of their own, as LaTeX writes."""
    opening = _MATH_OPEN.match(_line(state, start))
    if opening is None or state.is_code_block(start):
        return False
    closing = r"\]" if opening.group(1) is None else rf"\end{{{opening.group(1)}}}"
    # Where a search without success ended: who starts later need not look there again.
    searched = state.env.setdefault("searched", {})
    limit = min(end, start + MAX_FORMULA_LINES)
    line = max(start, searched.get(closing, 0))
    while line < limit and not state.isEmpty(line):
        if _line(state, line).rstrip().endswith(closing):
            if not silent:
                _push_formula(state, start, line + 1, brackets=opening.group(1) is None)
            return True
        line += 1
    searched[closing] = line
    return False


def _push_formula(state: StateBlock, start: int, end: int, *, brackets: bool) -> None:
    source = state.getLines(start, end, state.blkIndent, False).strip()
    token = state.push("math_block", "math", 0)
    token.content = source[2:-2].strip() if brackets else source
    token.map = [start, end]
    state.line = end


def _reference(state: StateBlock, start: int, end: int, silent: bool) -> bool:  # noqa: ARG001, FBT001
    """`[label]: address "title"` on one line. The parser's own rule also reads definitions over
    several lines, in quadratic time."""
    definition = (
        None if state.is_code_block(start) else _REFERENCE.match(_line(state, start)[:2000])
    )
    if definition is None or definition.group(1).startswith("^"):
        return False
    if not silent:
        references: dict[str, dict[str, str]] = state.env.setdefault("references", {})
        title = (definition.group(3) or "")[1:-1]
        target = {"href": normalizeLink(definition.group(2)), "title": title}
        references.setdefault(normalizeReference(definition.group(1)), target)
        state.line = start + 1
    return True


_Count = Callable[[int], str]
_SAID: dict[str, _Count] = {
    "depth": lambda n: f"Left out, nested deeper than {MAX_NESTING} levels: {n} passage(s).",
    "table": lambda n: f"Left out, too many columns or cells: {n} table(s).",
    "rows": lambda n: f"Left out, a table is read up to {MAX_ROWS} rows: {n} row(s).",
    "markup": lambda n: f"Read without inline markup, too large: {n} paragraph(s).",
    "html_table": lambda n: f"Left out, only Markdown tables are read: {n} HTML table(s).",
    "footnote": lambda n: f"Left out: {n} footnote(s).",
    "links": lambda n: f"Left out, nothing but links: {n} passage(s).",
    "image": lambda n: (
        f"Left out, not a PNG, JPEG, WebP, GIF or SVG in the document's folder: {n} image(s)."
    ),
}


def describe(left_out: Counter[str]) -> tuple[str, ...]:
    """One sentence for each kind of thing that was left out."""
    return tuple(say(left_out[key]) for key, say in _SAID.items() if left_out[key])
