"""TeX: what can be set is set whole, what could be code is inert, what cannot be set is shown."""

from __future__ import annotations

import json
import re
import unicodedata
from collections import Counter
from pathlib import Path

import pypdfium2
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.model import FormulaStep, FormulaVisual
from inkreel.visuals import draw, faces
from inkreel.visuals.canvas import Canvas, Style
from inkreel.visuals.layers import take_apart
from inkreel.visuals.stage import stage_for
from inkreel.visuals.tex import Node, UntranslatableFormulaError, lit, names, translate
from inkreel.visuals.typeset import KIT, typeset
from inkreel.visuals.typeset import _compiler as compiler
from tests.visuals.scenes import MemoryShelf, request

_PARTS = (Path(__file__).parent / "formulas.txt").read_text(encoding="utf-8").split("\n\n")
_SET, _SHOWN = (
    [part.strip() for part in parts if not part.startswith("%%")]
    for parts in (_PARTS[:-7], _PARTS[-6:])
)

ATTACKS = (
    r"\text{" + '" #panic(1) "}',
    r"\text{" + '"#read("draw.typ")"}',
    r'\operatorname{a"); #panic("x}',
    r"\mathrm{" + '"#eval("1")"}',
    '"#panic(1)"',
    "#panic(1)",
    r"\#panic(1)",
    r"\text{#panic(1)}",
    r"\text{\" #panic(1) \"}",
    r"x $ #panic(1) $",
    r"x ` #panic(1) `",
    r"x @preview/foo",
    r"\std.panic(1)",
    r"\std.read{draw.typ}",
    r"\text{a} // \text{b}",
    r"\text{a}/* */",
    r"\foo{\text{" + '"+sys.version+"' + "}}",
    "\\text{a\\u{22} #panic(1) \\u{22}}",
    "\\text{a\n#panic(1)\n}",
    r"\href{http://x}{y}",
    r"\input{/etc/passwd}",
    r"\csname panic\endcsname",
    "{" * 500,
    "x^" * 400 + "2",
    "\\frac{" * 200,
    "\x00\ue000",
    r"\def\x{\x\x}\x",
    r"\catcode`\@=11",
    r"\write18{touch x}",
    r"\text{$#panic(1)$}",
    r"\operatorname{#eval(1)}",
    r"\tag{#panic(1)}",
    "\\R" * 700,
)


_DRESS = re.compile(
    r"\\begin\{[a-z]+\*?\}(?:\{[lcr|]+\})?|\\end\{[a-z]+\*?\}|\\(?:label|color|hspace)\{[^}]*\}"
    r"|\\textcolor\{[a-z]+\}|\\phantom\{[^}]*\}"
)
_COMMAND = re.compile(r"\\([A-Za-z]+)|\\(.)")
_DOTS = "\u2026\u22ef."


def _letters(text: str) -> Counter[str]:
    """How often each letter, digit and sign is there, whatever font it is set in."""
    plain = unicodedata.normalize("NFKD", text)
    return Counter(one for one in plain if not one.isspace() and one not in _DOTS)


def _asked(tex: str) -> Counter[str]:
    """The letters of a formula, found without reading what its commands do with them."""

    def sign(found: re.Match[str]) -> str:
        name = found[1] or found[2]
        if name in names.LIMITED or name in names.FUNCTIONS:
            return names.LIMITED.get(name, name)
        return names.SIGNS.get(name, "") if len(name) > 1 else ""

    bare = _COMMAND.sub(sign, _DRESS.sub("", tex))
    kept = re.sub(r"[{}^_&~$()\[\]|/.'*\-:;,!=<>+%]", "", bare)
    return _letters(kept)


def _seen(tree: Node) -> Counter[str]:
    """The letters of a formula as they stand on its page."""
    families = {face: faces.families(face) for face in ("sans", "mono")}
    scene = json.dumps({**_page(tree).scene(), "faces": families})
    pdf = compiler(*faces.folders()).compile(format="pdf", sys_inputs={"scene": scene})
    with pypdfium2.PdfDocument(pdf) as document:
        return _letters(document[0].get_textpage().get_text_bounded())


def _page(tree: Node) -> Canvas:
    canvas = Canvas(stage_for(3840, 2160), "vi")
    canvas.base.math(0, 0, tree, Style(40, 400, "#000000"))
    return canvas


@pytest.mark.parametrize("tex", _SET)
def test_formulas_of_papers_are_set_whole(tex: str) -> None:
    """Every letter, digit and sign of a formula stands on its page, as often as it is written."""
    assert not _asked(tex) - _seen(translate(tex))


def test_a_hundred_formulas_are_set(shelf: MemoryShelf) -> None:
    """None of the hundred is reported as something else than maths."""
    assert len(_SET) >= 100
    for at in range(0, len(_SET), 6):
        steps = tuple(FormulaStep(tex) for tex in _SET[at : at + 6])
        told = draw(request(FormulaVisual(steps=steps)), shelf).degraded
        assert not [one.what for one in told if "source" in one.what]


@pytest.mark.parametrize("tex", _SHOWN)
def test_what_cannot_be_set_is_shown_as_source(tex: str, shelf: MemoryShelf) -> None:
    """A formula that is broken or beyond us is never set in part: it is shown, and reported."""
    picture = draw(request(FormulaVisual(steps=(FormulaStep("a^2"), FormulaStep(tex)))), shelf)
    assert picture.steps == 2
    shown = tex if len(tex) <= 40 else tex[:39] + "\u2026"
    assert [one.what for one in picture.degraded] == [
        f"The formula {shown} is shown as its TeX source"
    ]


def test_every_sign_has_a_glyph() -> None:
    """No command of the table stands for a sign that the maths font lacks."""
    missing = _glyphs(["sign", "\U00013000"])
    assert len(missing) == 1
    for name, sign in names.SIGNS.items():
        assert not _glyphs(["sign", sign]) & missing, name


def _glyphs(tree: Node) -> set[str]:
    return set(take_apart(typeset(_page(tree).scene()), 3840, 2160).glyphs.values())


@pytest.mark.parametrize("tex", ATTACKS)
def test_attacks_are_inert(tex: str, shelf: MemoryShelf) -> None:
    """Code in a formula is never run: it is set as text or shown as source."""
    draw(request(FormulaVisual(steps=(FormulaStep(tex, tex),)), heading=tex, eyebrow=tex), shelf)


def test_the_kit_evaluates_nothing() -> None:
    """No text can become code, since nothing in the kit makes code of a text."""
    for file in KIT.glob("*.typ"):
        code = re.sub(r"//.*", "", file.read_text(encoding="utf-8"))
        assert not re.search(r"\b(?:eval|plugin|read|include)\b", code), file.name


_PIECES = r"""
\frac { } a b1 \sqrt [ ] ^ _ & \\ \left( \right) \begin{matrix} \end{matrix} \text{x}
' \sum \not \over \bf \hat \underbrace # $ % ~ \, ( | \mathbb \big \middle| \tag{1}
""".split()  # noqa: SIM905


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.sampled_from(_PIECES),
        max_size=14,
    ).map(" ".join)
    | st.text(alphabet='\\{}"#()$`@/;.,abpnicstd _^&\n1', max_size=40)
)
def test_what_is_translated_can_be_set(tex: str) -> None:
    """Whatever is written, either it is said that it cannot be translated, or the kit sets it."""
    try:
        tree = translate(tex)
    except UntranslatableFormulaError:
        return
    typeset(_page(tree).scene())


def test_quotes_and_hashes_survive_as_text() -> None:
    """Signs that are dangerous elsewhere are kept where they are only text."""
    assert translate(r"\text{C# hay " + '"một"}') == ["text", 'C# hay "một"', ""]


_ATTENTION = r"\operatorname{softmax}\left(\frac{QK^\top}{\sqrt{d_k}}\right)V"
_MARKS = (r"QK^\top", r"\sqrt{d_k}", "V")


def test_a_part_is_set_off_wherever_it_stands() -> None:
    """A marked part is found as it is written, in a fraction or in a root; another one is not."""
    tree = translate(_ATTENTION)
    for mark in _MARKS:
        assert "lit" in json.dumps(lit(tree, translate(mark)))
    assert lit(tree, translate("W")) is None


def test_one_formula_is_taken_apart(shelf: MemoryShelf) -> None:
    """Steps with marks in one formula show it once, and each its part and its note."""
    steps = tuple(FormulaStep(_ATTENTION, f"phần {mark}", mark) for mark in _MARKS)
    picture = draw(request(FormulaVisual(steps=steps)), shelf)
    assert picture.steps == len(steps)
    assert picture.degraded == ()
    seen = [layer for layer in picture.layers if layer.name.startswith("whole-focus")]
    assert [layer.step for layer in seen] == [0, 1, 2]
    assert len({layer.rgba for layer in seen}) == len(seen)


def test_a_part_that_is_not_there_costs_nothing(shelf: MemoryShelf) -> None:
    """A mark that the formula does not have, or that cannot be read, leaves it as it is."""
    steps = (FormulaStep("a + b", "x", "c"), FormulaStep("a + b", "y", r"\unheard{"))
    picture = draw(request(FormulaVisual(steps=steps)), shelf)
    assert picture.steps == 2
