"""Strangers' text and images: nothing in them is obeyed.

Each row is an attack with what is expected of it. All go through the real steps in worker
processes, beside a server that counts who asks it and a picture that nobody may see.
"""

from __future__ import annotations

import asyncio
import http.server
import itertools
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest

from inkreel.backends.children import ChildWorkers
from inkreel.backends.files import FileStore
from inkreel.compose.captions import srt, vtt
from inkreel.errors import InkreelError, WorkerFailed
from inkreel.ingest.sources import source_from_bytes
from inkreel.model import (
    Artifact,
    Bullet,
    ChartVisual,
    CodeVisual,
    ComparisonVisual,
    Cue,
    DiagramVisual,
    Edge,
    EndVisual,
    FormulaStep,
    FormulaVisual,
    FrameRate,
    ImageVisual,
    Node,
    NumberVisual,
    Picture,
    QuoteVisual,
    Series,
    Side,
    SlideVisual,
    Storyboard,
    TableVisual,
    TitleVisual,
    Visual,
)
from inkreel.recipes import (
    CAPTION,
    DRAW,
    OUTLINE,
    READ,
    CaptionRequest,
    DrawRequest,
    OutlineRequest,
    ReadRequest,
    Recipe,
)
from tests.thorough import times

OTHERS = times(1, 2)

# --- Text, in every place where text is shown ----------------------------------------------------

TEXTS = {
    "typst read": '#read("/etc/passwd")',
    "typst read kit": '#read("draw.typ")',
    "typst panic": '#panic("x")',
    "typst eval": '#eval("1+1")',
    "typst import": '#import "@preview/cetz:0.2.0"',
    "typst include": '#include "/etc/passwd"',
    "typst plugin": '#plugin("x.wasm")',
    "typst image": '#image("/etc/hostname")',
    "typst loop": "#while true {}",
    "typst bomb": "#let f(x) = f(x + x); #f((1,) * 9999)",
    "typst quotes": '"); panic("x',
    "typst string end": '\\" #panic(1) \\"',
    "typst maths": "$ #panic(1) $",
    "typst raw": "```#panic(1)```",
    "typst label": "<label> @label",
    "typst show": "#show: it => panic()",
    "typst comment": "/* // */ #",
    "typst emphasis": "*b* _i_ = h - l + e \\ ~ --- ...",
    "typst inputs": "#sys.inputs.scene",
    "json": '", "runs": [], "draw": "math", "x": "',
    "tex input": r"\input{/etc/passwd}",
    "tex write": r"\immediate\write18{touch pwned}",
    "tex open": r"\newread\f \openin\f=/etc/passwd",
    "tex recursion": r"\def\a{\a\a}\a",
    "tex catcode": r"\catcode`\#=13",
    "tex laughs": r"\def\a{xx}\def\b{\a\a}\def\c{\b\b}\c" * 9,
    "tex csname": r"\csname input\endcsname",
    "tex include": r"\includegraphics{/etc/passwd}",
    "tex text": r"\text{" + '" #panic(1) "}',
    "tex operator": r"\operatorname{x}} #panic(1) {",
    "tex deep": r"\frac{" * 300,
    "tex braces": "{" * 3_000,
    "tex wide": r"\begin{array}{" + "c" * 900 + "} x \\end{array}",
    "tex verb": r"\verb|#panic(1)|",
    "html": "<script>alert(1)</script><img src=x onerror=y>",
    "svg": '</text></svg><image href="file:///etc/passwd"/>',
    "entities": "&lt;&#x41;&amp;lt; <![CDATA[x]]> <!ENTITY a SYSTEM 'file:///etc/passwd'>",
    "ass": r"{\an8\fs200\p1}m 0 0 l 9 9{\p0}\N",
    "srt": "x\n\n2\n00:00:00,000 --> 99:00:00,000\ny",
    "vtt": "<c.red>x</c><00:00:01.000>&nbsp;NOTE STYLE ::cue{}",
    "ansi": "\x1b[31mred\x1b]0;title\x07",
    "controls": "a\x00b\x01\x08\x0b\x0c\x7f\x85c",
    "overrides": "\u202eabc\u202d\u2066x\u2069\u200f",
    "invisible": "\u200b\ufeff\u2060\u00ad\u034f\u180e\u3164x",
    "surrogate halves": "\ufffd\ufffe\uffff\U0010ffff",
    "marks": "Z" + "\u0310\u0327" * 300,
    "joiners": "👨" + "\u200d👨" * 200,
    "separators": "a\u2028b\u2029c\rd\x1ce",
    "one long word": "x" * 300_000,
    "one long line": "từ " * 100_000,
    "lines": "\n" * 100_000,
    "formats": "%s %n {0} ${HOME} $(id) `id` ; | & ~/../..",
    "names": "../../etc/passwd\\..\\CON:x*?",
    "numbers": "1e999 -0 NaN Infinity 0x7fffffff",
    "mermaid": 'graph TD; a["<script>x</script>"] --> b[#quot;]; click a href "file:///etc/passwd"',
}


def _pictures(text: str) -> list[Visual]:
    """The text in the places of a picture; each text is drawn in some of them."""
    step = FormulaStep(text, text, text)
    return [
        SlideVisual(bullets=(Bullet(text, text),)),
        TableVisual(header=(text, "b"), rows=((text, text),), highlight=0),
        CodeVisual(text=text, language=text[:20], file=text),
        FormulaVisual(steps=(step, step)),
        QuoteVisual(text=text, by=text, emphasis=text),
        TitleVisual(subtitle=text),
        NumberVisual(value=text, label=text, detail=text),
        ComparisonVisual(columns=(Side(text, (text,)), Side(text, (text,)))),
        EndVisual(takeaways=(text,), source=text),
        DiagramVisual(
            form="flow",
            nodes=(Node(text, text, text, group=text), Node("b")),
            edges=(Edge(text, "b", text), Edge("b", text)),
            highlight=text,
        ),
        ChartVisual(form="bar", labels=(text, "b"), series=(Series(text, (1, 2)),), unit=text),
    ]


# --- Images --------------------------------------------------------------------------------------


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _png(width: int, height: int, *, extra: bytes = b"", rows: bytes | None = None) -> bytes:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    data = zlib.compress(rows if rows is not None else b"\0" * ((width * 3 + 1) * height), 9)
    ends = _chunk(b"IDAT", data) + _chunk(b"IEND", b"")
    return b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", head) + extra + ends


_RED = _png(4, 4, rows=(b"\0" + b"\xff\0\0" * 4) * 4)
_BOMB = zlib.compress(b"\0" * 50_000_000, 9)
_SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'width="100" height="100">'
)
_XML = '<?xml version="1.0"?><!DOCTYPE svg ['
_BLUR = (
    f'{_SVG}<filter id="f" width="1e7"><feGaussianBlur stdDeviation="1e6"/></filter>'
    '<rect width="90" height="90" filter="url(#f)"/></svg>'
)
_LAUGHS = '<!ENTITY a "xxxxxxxxxx">' + "".join(
    f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
)
_NESTED = '<g id="a0"><rect width="9" height="9"/></g>' + "".join(
    f'<g id="a{n}">{f"<use xlink:href={chr(34)}#a{n - 1}{chr(34)}/>" * 10}</g>' for n in range(1, 9)
)

IMAGES: dict[str, tuple[str | bytes, bool]] = {
    "svg file": (f'{_SVG}<image xlink:href="file://SECRET" width="99" height="99"/></svg>', True),
    "svg path": (f'{_SVG}<image xlink:href="SECRET" width="99" height="99"/></svg>', True),
    "svg net": (f'{_SVG}<image xlink:href="SERVER" width="99" height="99"/></svg>', True),
    "svg style": (f'{_SVG}<style>@import url("SERVER");</style></svg>', True),
    "svg paint": (f'{_SVG}<rect width="99" height="99" fill="url(SERVER#a)"/></svg>', True),
    "svg use": (f'{_SVG}<use xlink:href="SERVER#a"/></svg>', True),
    "svg include": (f'{_SVG}<include href="file://SECRET" parse="text"/></svg>', True),
    "svg script": (f"{_SVG}<script>while(1){{}}</script></svg>", True),
    "svg recursion": (f'{_SVG}<g id="a"><use xlink:href="#a"/></g></svg>', True),
    "svg large": (f"{_SVG.replace('100', '100000')}</svg>", False),
    "svg blur": (_BLUR, True),
    "svg nested": (f'{_SVG}<defs>{_NESTED}</defs><use xlink:href="#a8"/></svg>', False),
    "svg deep": (f"{_SVG}{'<g>' * 50_000}", False),
    "xml entity": (
        f"{_XML}<!ENTITY x SYSTEM 'file://SECRET'>]>{_SVG}<text>&x;</text></svg>",
        False,
    ),
    "xml laughs": (f"{_XML}{_LAUGHS}]>{_SVG}<text>&j;</text></svg>", False),
    "xml other": ('<?xml version="1.0"?><html/>', False),
    "png 65,000 squared": (_png(65_000, 65_000, rows=b"\0" * 999), False),
    "png text bomb": (_png(4, 4, extra=_chunk(b"iTXt", b"a\0\1\0\0\0" + _BOMB)), True),
    "png profile bomb": (_png(4, 4, extra=_chunk(b"iCCP", b"a\0\0" + _BOMB)), True),
    "png cut off": (_png(400, 400)[:90], False),
    "png and zip": (_png(4, 4) + b"PK\3\4<script>alert(1)</script>", True),
    "gif 65,535 squared": (b"GIF89a\xff\xff\xff\xff" + b"\0" * 99, False),
    "jpeg of nothing": (b"\xff\xd8\xff" + b"\0" * 99, False),
    "webp of nothing": (b"RIFF\xff\xff\xff\xffWEBPVP8X" + b"\xff" * 40, False),
    "postscript": (b"%!PS (x) run", False),
    "magick": (b"push graphic-context\nimage over 0,0 0,0 'SERVER'", False),
    "nothing": (b"", False),
}
"""Bytes, and whether they are shown; SECRET and SERVER are filled in."""

# --- Documents -----------------------------------------------------------------------------------

DOCUMENTS = {
    "all texts": "\n\n".join(
        f"# {text}\n\n{text}\n\n- {text}\n- {text}\n\n$$\n{text}\n$$\n\n"
        f"```{text[:20]}\n{text}\n```\n\n> {text}\n\n![{text}]({text[:90]})"
        for text in (text[:300] for text in TEXTS.values())
    ).encode(),
    "10 MB line": b"# a\n\n" + b"x" * 10_000_000,
    "10 MB of brackets": b"# a\n\n" + b"[" * 10_000_000,
    "nested quotes": b"# a\n\n" + b">" * 100_000 + b" x",
    "zeros": b"# a\n\n" + b"\0" * 100_000 + b"text here\n",
    "not unicode": b"# a\n\n\xed\xa0\x80\xff\xfe text \xc0\xaf here\n",
    "image outside": b"# a\n\nText here.\n\n![x](../../../etc/passwd)\n![y](file:///etc/passwd)\n",
    "image on the net": b"# a\n\nText here.\n\n![x](SERVER)\n<img src='SERVER'>\n",
}


def _mermaid(source: str) -> bytes:
    return f"# Sơ đồ\n\nMột sơ đồ ở đây.\n\n```mermaid\n{source}\n```\n".encode()


DOCUMENTS |= {
    "mermaid markup": _mermaid(
        "flowchart TD\n"
        'a["<img src=SERVER onerror=alert(1)>"] -->|"#quot;#panic(1)"| b\n'
        'click a href "javascript:alert(1)"\n'
        "style a fill:url(SERVER)"
    ),
    "mermaid settings": _mermaid(
        "%%{init: {'securityLevel': 'loose', 'themeCSS': '@import url(SERVER)'}}%%\n"
        "flowchart LR\na --> b"
    ),
    "mermaid loop": _mermaid("flowchart TD\na --> a\na --> b\nb --> a\nb --> b"),
    "mermaid crowd": _mermaid(
        "flowchart TD\n" + "\n".join(f"n{k} --> n{k + 1}" for k in range(3000))
    ),
    "mermaid knot": _mermaid(
        "flowchart TD\n" + "\n".join(f"n{j} --> n{k}" for j in range(40) for k in range(40))
    ),
    "mermaid depth": _mermaid("mindmap\n" + "\n".join(" " * k + f"n{k}" for k in range(900))),
    "mermaid brackets": _mermaid("flowchart TD\na" + "[" * 20_000),
    "mermaid one line": _mermaid("sequenceDiagram\nA->>B: " + "x" * 200_000),
}

# --- What came of them ---------------------------------------------------------------------------


@dataclass
class Outcome:
    """What the steps answered to each row, and who was asked meanwhile."""

    store: FileStore
    answers: dict[str, list[Artifact | InkreelError]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[str, list[str]]]:
    """Its address, and which paths it was asked for."""
    asked: list[str] = []

    class Counting(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()
            self.wfile.write(_RED)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with http.server.HTTPServer(("127.0.0.1", 0), Counting) as counting:
        threading.Thread(target=counting.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{counting.server_port}/x.png", asked
        counting.shutdown()


@pytest.fixture(scope="module")
def outcome(tmp_path_factory: pytest.TempPathFactory, server: tuple[str, list[str]]) -> Outcome:
    """All rows, through workers; none may take longer than all are given."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "secret.png").write_bytes(_RED)
    address, asked = server

    def filled(data: str | bytes) -> bytes:
        raw = data.encode() if isinstance(data, str) else data
        return raw.replace(b"SECRET", str(folder / "secret.png").encode()).replace(
            b"SERVER", address.encode()
        )

    found = Outcome(FileStore(folder / "store"), asked=asked)
    asyncio.run(_run_all(found, filled))
    return found


class Attack:
    """Has the steps done by workers, two at once, and keeps what they answer."""

    def __init__(self, found: Outcome) -> None:
        self._store, self._answers = found.store, found.answers
        self.workers = ChildWorkers(found.store.root)
        self._gate = asyncio.Semaphore(2)

    async def answer(self, name: str, recipe: Recipe[Any]) -> Artifact | None:
        answers = self._answers.setdefault(name, [])
        async with self._gate:
            try:
                made = await self.workers.run(recipe)
            except InkreelError as error:
                answers.append(error)
                return None
        answers.append(made)
        return made

    async def read(self, name: str, raw: bytes) -> None:
        """Read a document, tell it, and draw the first scenes."""
        try:
            source = source_from_bytes("a.md", raw, self._store.put)
        except InkreelError as error:
            self._answers[name] = [error]
            return
        document = await self.answer(name, READ.recipe(ReadRequest(source)))
        if document is None:
            return
        board = OUTLINE.recipe(OutlineRequest(document.digest, 600.0, 150.0))
        made = await self.answer(name, board)
        scenes = self._store.load(made.digest, Storyboard).scenes if made else ()
        for scene in scenes[:4]:
            await self.answer(name, _drawn(scene.heading, scene.visual))


async def _run_all(found: Outcome, filled: Callable[[str | bytes], bytes]) -> None:
    attack = Attack(found)
    jobs = [attack.answer(f"text/{name}", recipe) for name, recipe in _text_recipes()]
    for name, (data, _) in IMAGES.items():
        digest = found.store.put(filled(data))
        drawn = _drawn("Ảnh", ImageVisual(digest=digest, width=9, height=9, caption="x"))
        jobs.append(attack.answer(f"image/{name}", drawn))
    readings = [attack.read(f"document/{name}", filled(raw)) for name, raw in DOCUMENTS.items()]
    try:
        async with asyncio.timeout(240):
            await asyncio.gather(*jobs, *readings)
    finally:
        await attack.workers.close()


def _text_recipes() -> Iterator[tuple[str, Recipe[Any]]]:
    """Each text in the heading, in the captions, and in other kinds of picture by turns."""
    turns = itertools.cycle(range(11))
    for name, text in TEXTS.items():
        kinds = _pictures(text)
        for visual in (kinds[3], *(kinds[next(turns)] for _ in range(OTHERS))):
            yield name, _drawn(text, visual)
        words = tuple(text.split()[:500]) or ("x",)
        yield name, CAPTION.recipe(CaptionRequest((words,), "vi", "dark", 1280, 720))


def _drawn(heading: str, visual: Any) -> Recipe[Picture]:
    return DRAW.recipe(DrawRequest(heading, heading[:200], visual, "vi", "light", 1280, 720))


# --- The law -------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", TEXTS)
def test_text_is_text(name: str, outcome: Outcome) -> None:
    """Whatever is written, wherever it is shown, a picture is drawn of it and nothing else."""
    answers = outcome.answers[f"text/{name}"]
    assert len(answers) == 2 + OTHERS
    assert all(isinstance(one, Artifact) for one in answers), answers


@pytest.mark.parametrize("name", TEXTS)
def test_a_caption_file_holds_one_caption(name: str) -> None:
    """No text ends its caption, begins another one, or styles it."""
    cue = Cue(0, 30, TEXTS[name][:2_000])
    for text in (srt([cue], FrameRate()), vtt([cue], FrameRate())):
        body = text.removeprefix("WEBVTT\n\n")
        assert body.count("-->") == 1
        assert "\n\n" not in body.strip()
    assert "<" not in vtt([cue], FrameRate())


@pytest.mark.parametrize("name", IMAGES)
def test_images_are_shown_or_told(name: str, outcome: Outcome) -> None:
    """An image is drawn without what it refers to, or it is told why it is not; red is what a
    picture of somebody else would be."""
    (answer,) = outcome.answers[f"image/{name}"]
    assert isinstance(answer, Artifact), answer
    told = [one.what for one in answer.degraded]
    assert (told == []) == IMAGES[name][1], told
    picture = outcome.store.load(answer.digest, Picture)
    assert b"\xff\0\0" * 20 not in picture.base


@pytest.mark.parametrize("name", DOCUMENTS)
def test_documents_are_read_or_refused(name: str, outcome: Outcome) -> None:
    """A document is read within its limits, or refused by an error that says what to do."""
    for answer in outcome.answers[f"document/{name}"]:
        if isinstance(answer, InkreelError):
            assert answer.hint
            assert answer.code not in (InkreelError.code, WorkerFailed.code)


def test_nobody_is_asked(outcome: Outcome) -> None:
    """Nothing in a document or an image makes a worker ask somebody on the net."""
    assert outcome.answers
    assert outcome.asked == []


def test_there_are_enough_attacks() -> None:
    """The table is not to be thinned out."""
    assert len(TEXTS) + len(IMAGES) + len(DOCUMENTS) >= 60
