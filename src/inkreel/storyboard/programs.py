"""Code → what is shown of it (a readable span, in steps) and what can be said from reading it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from inkreel.model import Span
from inkreel.storyboard import sentences, spoken
from inkreel.storyboard.tongue import Tongue

MOST_LINES, MOST_COLUMNS = 16, 96
_DEFINITION = re.compile(
    r"^\s*(?:export\s+|default\s+|pub(?:\([a-z]+\))?\s+|public\s+|private\s+|static\s+|async\s+|"
    r"final\s+)*"
    r"(?:def|function|fn|func|fun|sub)\s+(?:\([^)]*\)\s*)?(?P<name>[A-Za-z_]\w*)\s*[(<\[]"
    r"|^\s*(?:export\s+)?(?:const|let|"
    r"var)\s+(?P<arrow>[A-Za-z_]\w*)\s*=\s*(?:async\s*)?\([^)]*\)\s*=>"
)
_CLASS = re.compile(
    r"^\s*(?:export\s+|pub\s+|public\s+|abstract\s+)*(?:class|struct|interface|trait|"
    r"enum)\s+(?P<name>\w+)"
)
_COMMENT = re.compile(
    r"^\s*(?:#(?!!|\[|include|define|if|end)|//|--(?!\w)|;;|%%)\s?(?P<text>.*\w.*)$"
)
_TRAILING = re.compile(r"\s(?:#|//)\s+(?P<text>\w[^\"']{5,})$")
_DOCSTRING = re.compile(r"^\s*[rRuU]?(?:\"\"\"|''')(?P<text>[^\"']{8,160}?)(?:\"\"\"|'''|$)")
_COMMAND = re.compile(r"^\s*(?:\$ |> )?(?:sudo )?([a-z][\w-]*(?: [a-z][\w-]*)?)(?:\s|$)")
_IMPORT = re.compile(r"^\s*(?:from|import|use|require)\s+[\"'<]?([A-Za-z_]\w*)", re.MULTILINE)
_NAMES = {
    "py": "Python",
    "js": "JavaScript",
    "ts": "TypeScript",
    "javascript": "JavaScript",
    "typescript": "TypeScript",
    "json": "JSON",
    "yaml": "YAML",
    "yml": "YAML",
    "toml": "TOML",
    "html": "HTML",
    "css": "CSS",
    "sql": "SQL",
    "cpp": "C++",
    "rs": "Rust",
    "php": "PHP",
    "text": "",
    "txt": "",
    "xml": "XML",
    "ini": "INI",
}
_UNREMARKED = frozenset({"markdown", "json", "html", "diff", "text", "txt", "mermaid"})
_SHELL = frozenset({"bash", "sh", "shell", "console", "zsh", "shell-session", "terminal"})


@dataclass(frozen=True, slots=True)
class Screen:
    """Lines of a listing that fit a screen."""

    text: str
    full: str
    """The same lines before they were cut to the screen's width."""
    whole: bool
    lines: int
    """Lines of the whole listing."""


@dataclass(frozen=True, slots=True)
class Remark:
    """A sentence read off the code and the lines it is about."""

    text: str
    span: Span


def screens(text: str) -> list[Screen]:
    """The listing cut at its blank lines into screens of at most `MOST_LINES` lines."""
    lines = _dedented(text)
    total = len(lines)
    if total <= MOST_LINES:
        return [_screen(lines, total)] if total else []
    cut: list[list[str]] = []
    for block in _blocks(lines):
        if cut and len(cut[-1]) + 1 + len(block) <= MOST_LINES:
            cut[-1] += ["", *block]
        else:
            cut += _pieces(block)
    cut = [s for s in cut if sum(bool(line.strip()) for line in s) >= 2] or cut[:1]
    return [_screen(s, total) for s in cut]


def _pieces(block: list[str]) -> list[list[str]]:
    """A block in pieces that fit a screen, cut near its middle at an empty line, else before the
    line that is least indented."""
    if len(block) <= MOST_LINES:
        return [block]

    def cost(at: int) -> float:
        indent = len(block[at]) - len(block[at].lstrip())
        here = 0.0 if not block[at - 1].strip() else 2.0 + indent
        return abs(at - len(block) / 2) / 2 + here + 100 * (not block[at].strip())

    middle = min(range(2, len(block) - 1), key=cost)
    head = block[:middle]
    while not head[-1].strip():
        head = head[:-1]
    return [*_pieces(head), *_pieces(block[middle:])]


def _screen(lines: Sequence[str], total: int) -> Screen:
    narrow = (x if len(x) <= MOST_COLUMNS else x[: MOST_COLUMNS - 1] + "…" for x in lines)
    return Screen("\n".join(narrow), "\n".join(lines), whole=len(lines) == total, lines=total)


def _dedented(text: str) -> list[str]:
    lines = [line.expandtabs(4).rstrip() for line in text.replace("\r", "").split("\n")]
    while lines and not lines[0]:
        lines.pop(0)
    while lines and not lines[-1]:
        lines.pop()
    margin = min((len(x) - len(x.lstrip()) for x in lines if x), default=0)
    lines = [line[margin:] for line in lines]
    return [line for i, line in enumerate(lines) if line or (i and lines[i - 1])]


def _blocks(lines: Sequence[str]) -> list[list[str]]:
    """Runs between blank lines before lines without indent."""
    blocks: list[list[str]] = [[]]
    for index, line in enumerate(lines):
        following = lines[index + 1] if index + 1 < len(lines) else ""
        if (not line and following[:1].strip()) or (not line and len(blocks[-1]) > MOST_LINES // 2):
            blocks.append([])
        else:
            blocks[-1].append(line)
    return [block for block in blocks if block]


def focus(text: str, most: int) -> tuple[Span, ...]:
    """Groups of lines that belong together, at most `most`, covering the listing in order."""
    lines = text.split("\n")
    starts = [0]
    for index in range(1, len(lines)):
        previous, line = lines[index - 1], lines[index]
        if not line.strip():
            continue
        fresh = not previous.strip() or (_COMMENT.match(line) and not _COMMENT.match(previous))
        if fresh and index - starts[-1] >= 1:
            starts.append(index)
    if len(starts) < most:
        starts = sorted({*starts, *_indent_starts(lines)})
    while len(starts) > max(1, most):
        sizes = [b - a for a, b in zip(starts, [*starts[1:], len(lines)], strict=True)]
        small = min(range(1, len(starts)), key=lambda i: sizes[i] + sizes[i - 1])
        starts.pop(small)
    ends = [*starts[1:], len(lines)]
    return tuple(_span(lines, a, b) for a, b in zip(starts, ends, strict=True))


def _span(lines: Sequence[str], start: int, end: int) -> Span:
    while end - 1 > start and not lines[end - 1].strip():
        end -= 1
    return Span(first=start + 1, last=end)


def _indent_starts(lines: Sequence[str]) -> list[int]:
    """Lines that go back to the indent of the block's body: its statements."""
    indents = sorted({len(x) - len(x.lstrip()) for x in lines if x.strip()})
    body = indents[1] if len(indents) > 1 else indents[0]
    return [
        i for i, x in enumerate(lines) if x.strip() and len(x) - len(x.lstrip()) <= body and i > 0
    ]


def remarks(text: str, language: str, tongue: Tongue) -> list[Remark]:
    """Comments, docstrings and definitions, as sentences with their lines."""
    lines = text.split("\n")
    found: list[Remark] = []
    names: list[str] = []
    first = 0
    for index, line in enumerate(lines):
        definition = _DEFINITION.match(line)
        if definition:
            names.append(definition["name"] or definition["arrow"])
            first = first or index + 1
        remark = _comment(lines, index, language, tongue)
        if remark:
            found.append(remark)
    classes = [m["name"] for m in map(_CLASS.match, lines) if m]
    if names and not found:
        said = sentences.join([readable(name) for name in dict.fromkeys(names[:3])], tongue)
        text = tongue.speech.defines.format(names=said)
        found.append(Remark(text, Span(first=first, last=len(lines))))
    elif classes and not found:
        said = readable(classes[0])
        found.append(
            Remark(tongue.speech.defines_class.format(names=said), Span(first=1, last=len(lines)))
        )
    return found


def _comment(lines: Sequence[str], index: int, language: str, tongue: Tongue) -> Remark | None:
    line = lines[index]
    match = _COMMENT.match(line) or _DOCSTRING.match(line) or _TRAILING.search(line)
    if not match or language in _UNREMARKED:
        return None
    text = match["text"].strip(" -=*#/")
    if _COMMENT.match(line) and index and _COMMENT.match(lines[index - 1]):
        return None  # goes on from the line before
    if _COMMENT.match(line):
        for later in lines[index + 1 : index + 3]:
            more = _COMMENT.match(later)
            if not more or text.endswith("."):
                break
            text += " " + more["text"].strip()
    said = spoken.say(text, tongue).text
    if not 3 <= len(said.split()) <= 24 or re.search(r"[=;{}()]|->|noqa|TODO|FIXME|type:", said):
        return None
    last = index + 1
    while (
        last < len(lines)
        and lines[last].strip()
        and not (last > index + 1 and _COMMENT.match(lines[last]))
    ):
        last += 1
    return Remark(sentences.close(said), Span(first=index + 1, last=max(last, index + 1)))


def readable(name: str) -> str:
    """An identifier as one says it: `binary_search` → binary search."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name.strip("_").replace("_", " ")).strip()


_TOPIC_WORDS = 9
"""A heading of so many words is said within a sentence."""


def facts(screen: Screen, language: str, heading: str, tongue: Tongue) -> list[str]:
    """What can be said of code nobody speaks about: how long it is, what it builds on, what it
    runs."""
    vi = tongue.language == "vi"
    name = _NAMES.get(language, language.capitalize() if language else "")
    topic = sentences.lower_first(heading)
    if language in _SHELL:
        commands = [match[1] for match in map(_COMMAND.match, screen.text.split("\n")) if match]
        said = sentences.join(list(dict.fromkeys(commands))[:3], tongue)
        form = (
            "Trên dòng lệnh, {} bắt đầu bằng {}."
            if vi
            else "On the command line, {} starts with {}."
        )
        return [form.format(topic, said)] if said else []
    size = screen.text.count("\n") + 1
    if len(topic.split()) > _TOPIC_WORDS or topic.endswith(("?", "…")):
        topic = "phần này" if vi else "this"
    if vi:
        first = f"{sentences.capitalise(topic)} gọn trong {size} dòng {name or 'mã'}."
    else:
        lines = "line" if size == 1 else "lines"
        first = f"In {name or 'code'}, {topic} takes {size} {lines}."
    used = list(dict.fromkeys(name for name in _IMPORT.findall(screen.text) if name))
    if not used:
        return [first]
    built = sentences.join([readable(u) for u in used[:3]], tongue)
    return [first, f"Nền tảng là {built}." if vi else f"It builds on {built}."]
