"""TeX: what can be set is set, what could be code is inert, what cannot be set is shown."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.errors import DrawingFailed
from inkreel.model import FormulaStep, FormulaVisual
from inkreel.visuals import draw
from inkreel.visuals.canvas import Canvas
from inkreel.visuals.formula import UntranslatableFormulaError, translate
from inkreel.visuals.stage import stage_for
from inkreel.visuals.typeset import typeset
from tests.visuals.scenes import MemoryShelf, request

GOOD = (
    r"E = mc^2",
    r"\frac{-b \pm \sqrt{b^2 - 4ac}}{2a}",
    r"\int_0^\infty e^{-x^2}\,dx = \frac{\sqrt{\pi}}{2}",
    r"\sum_{n=1}^{\infty} \frac{1}{n^2} = \frac{\pi^2}{6}",
    r"\begin{pmatrix} a & b \\ c & d \end{pmatrix}",
    r"f(x) = \begin{cases} x & x > 0 \\ 0 & \text{khác} \end{cases}",
    r"\begin{aligned} a &= b \\ &= c \end{aligned}",
    r"\nabla \cdot \mathbf{E} = \frac{\rho}{\varepsilon_0}",
    r"\mathbb{E}[X] = \mathcal{L}(\theta)",
    r"P(A \mid B) = \frac{P(B \mid A)\,P(A)}{P(B)}",
    r"\hat{y} = \sigma(w^\top x + b)",
    r"\lim_{n\to\infty} \left(1+\frac1n\right)^n",
    r"\binom{n}{k} \le \overline{x} \cdot \|x\|_2",
    r"\underbrace{a+b}_{\text{tổng}}",
    r"\text{độ nhạy} = \frac{TP}{TP + FN}",
    r"$$x_{ij}^{(k)}$$",
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
)


@pytest.mark.parametrize("tex", GOOD)
def test_ordinary_formulas_are_set(tex: str, shelf: MemoryShelf) -> None:
    """Formulas of papers and textbooks are set as maths, not shown as source."""
    picture = draw(request(FormulaVisual(steps=(FormulaStep(tex),))), shelf)
    assert picture.degraded == ()


@pytest.mark.parametrize("tex", ATTACKS)
def test_attacks_are_inert(tex: str, shelf: MemoryShelf) -> None:
    """Code in a formula is never run: it is set as text or shown as source."""
    draw(request(FormulaVisual(steps=(FormulaStep(tex, tex),)), heading=tex, eyebrow=tex), shelf)


@settings(max_examples=300, deadline=None)
@given(st.text(alphabet='\\{}"#()$`@/;.,abpnicstd _^&\n1', max_size=40))
def test_nothing_translated_can_run(tex: str) -> None:
    """What the translation lets pass has code only from the short list, outside of texts."""
    try:
        source = translate(tex)
    except UntranslatableFormulaError:
        return
    canvas = Canvas(stage_for(1920, 1080), "en")
    canvas.base.math(0, 0, source, 40, "#000000")
    try:
        typeset(canvas.scene())
        message = ""
    except DrawingFailed as error:
        message = error.message
    assert "panicked" not in message
    assert "file" not in message


def test_unknown_commands_are_shown_as_source(shelf: MemoryShelf) -> None:
    """A command that nobody knows costs its own formula only, and is reported."""
    steps = (FormulaStep(r"a^2"), FormulaStep(r"\unheard{x}"))
    picture = draw(request(FormulaVisual(steps=steps)), shelf)
    assert picture.steps == 2
    assert [one.what for one in picture.degraded] == [
        r"The formula \unheard{x} is shown as its TeX source"
    ]


def test_quotes_and_hashes_survive_as_text() -> None:
    """Signs that are dangerous in typst are kept where they are only text."""
    assert translate(r"\text{C# hay}") == '"C# hay"'
    assert '"' not in translate(r"\text{một \"hai\"}").strip('"')
