"""Letters, lines and numbers."""

from __future__ import annotations

import math
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.visuals.canvas import Style
from inkreel.visuals.faces import chain, covers
from inkreel.visuals.glyphs import BOX, Cover
from inkreel.visuals.scale import decimals_of, number, scale_for
from inkreel.visuals.setting import break_lines, cut, fit, width_of

STYLE = Style(48, 600, "#000000")
_VOWELS = "aăâeêioôơuưy"
_TONES = ("", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323")
VIETNAMESE = "đĐ" + "".join(
    unicodedata.normalize("NFC", form + tone)
    for vowel in _VOWELS
    for form in (vowel, vowel.upper())
    for tone in _TONES
)


@pytest.mark.parametrize("face", ["sans", "mono"])
@pytest.mark.parametrize("weight", [400, 600, 700, 800])
def test_the_first_face_has_all_vietnamese_letters(face: str, weight: int) -> None:
    """Vietnamese never falls back to another face in the middle of a word."""
    first = chain(face, weight)[0]
    assert [letter for letter in VIETNAMESE if ord(letter) not in first.advances] == []


@settings(max_examples=200)
@given(st.text(max_size=60))
def test_every_drawn_letter_has_a_glyph(text: str) -> None:
    """After covering, no letter is left that would be dropped silently."""
    drawn = Cover().text(text)
    assert all(covers(letter) or letter in " \u200c\u200d" for letter in drawn)


def test_replaced_letters_are_told_once() -> None:
    """A missing letter becomes its kin or a box, and the report names it."""
    cover = Cover()
    assert cover.text("𝑥 → ✅ \U00013000") == f"x → ✓ {BOX}"
    assert cover.text("\U00013000") == BOX
    (report,) = cover.degraded
    assert "U+13000" in report.what
    assert report.what.count("U+13000") == 1
    assert "font" in report.why


def test_decomposed_text_is_composed() -> None:
    """Text in NFD is drawn with the composed letters and is not reported."""
    cover = Cover()
    assert cover.text(unicodedata.normalize("NFD", "Ặ Ễ ữ")) == "Ặ Ễ ữ"
    assert cover.degraded == ()


@settings(max_examples=200, deadline=None)
@given(st.lists(st.text("abcđẶữ,./", min_size=1, max_size=90), max_size=25), st.floats(200, 1600))
def test_lines_fit_and_lose_nothing(words: list[str], width: float) -> None:
    """Lines are no wider than asked and hold all letters in order."""
    text = " ".join(words)
    lines = break_lines(text, STYLE, width)
    assert all(width_of(line, STYLE) <= width + 0.5 for line in lines)
    assert "".join(lines).replace(" ", "") == text.replace(" ", "")


@settings(max_examples=100, deadline=None)
@given(st.text("abcđ ẶữM", max_size=400), st.floats(120, 900))
def test_cut_text_says_so(text: str, width: float) -> None:
    """What is cut ends with an ellipsis, is flagged, and still fits."""
    setting = cut(text, STYLE, width, 2)
    assert len(setting.lines) <= 2
    assert setting.cut == setting.lines[-1].endswith("…")
    assert all(width_of(line, STYLE) <= width + 0.5 for line in setting.lines)


def test_no_word_is_left_alone_and_compounds_stay_together() -> None:
    """A title breaks into like lines and does not tear a Vietnamese word in two."""
    style = Style(70, 700, "#000000")
    lines = break_lines("Bốn điều kiện để mô hình đáng tin cậy", style, 912)
    assert lines == ["Bốn điều kiện để", "mô hình đáng tin cậy"]
    lines = break_lines("Máy học đọc phim như thế nào và khi nào ta nên tin nó", style, 912)
    assert min(len(line.split()) for line in lines) > 1


def test_fitting_takes_the_largest_size_that_fits() -> None:
    """A short text is set large, a long one smaller, none smaller than asked."""
    ladder = [(1, 70.0, 54.0), (2, 58.0, 40.0)]
    assert fit("Ngắn", STYLE, width=900, lines=ladder).size == 70
    longer = fit("Một tiêu đề khá dài để xuống dòng", STYLE, width=900, lines=ladder)
    assert (len(longer.lines), longer.size) == (2, 58)
    assert fit("dài " * 200, STYLE, width=900, lines=ladder).cut


@pytest.mark.parametrize(
    ("value", "language", "decimals", "unit", "shown"),
    [
        (1234.5, "vi", 1, "", "1.234,5"),
        (1234.5, "en", 1, "", "1,234.5"),
        (-0.25, "vi", 2, "%", "−0,25%"),
        (-0.001, "en", 1, "", "0.0"),
        (12, "en", 0, "ms", "12\u00a0ms"),
    ],
)
def test_numbers_are_written_as_the_language_does(
    value: float, language: str, decimals: int, unit: str, shown: str
) -> None:
    """Separators follow the language, a minus is a minus, nothing is minus zero."""
    assert number(value, language, decimals, unit) == shown  # type: ignore[arg-type]


@settings(max_examples=300)
@given(
    values=st.lists(st.floats(-1e12, 1e12, allow_subnormal=False), max_size=20),
    from_zero=st.booleans(),
    intervals=st.integers(2, 5),
)
def test_axes_cover_their_values(values: list[float], *, from_zero: bool, intervals: int) -> None:
    """Ticks are even, hold all values, include zero for bars, and are not too many."""
    values = [value for value in values if value == 0 or abs(value) > 1e-6]
    scale = scale_for(values, from_zero=from_zero, intervals=intervals)
    assert all(-1e-9 <= scale.share(value) <= 1 + 1e-9 for value in values)
    assert 2 <= len(scale.ticks) <= intervals + 4
    assert math.isclose(scale.ticks[-1], scale.high, rel_tol=1e-6, abs_tol=scale.step * 1e-6)
    if from_zero:
        assert scale.low <= 0 <= scale.high


def test_only_needed_decimals_are_shown() -> None:
    """All figures of a chart have the decimals that its most exact value needs."""
    assert decimals_of([1.0, 2.0]) == 0
    assert decimals_of([1.5, 2.25]) == 2
    assert decimals_of([0.1 + 0.2]) == 1
    assert decimals_of([1234.5678]) == 1


def test_code_is_not_cut_within_an_operator() -> None:
    """A line that is too long goes on after a comma or a space; without those after a sign, never
    between the letters of `==` or behind the sign of a number."""
    from inkreel.visuals.kinds.code import _end

    line = "    scores = scores.masked_fill(mask == 0, -1e9)"
    for columns in range(12, len(line)):
        end = _end(list(line), columns)
        assert end <= columns
        assert line[max(0, end - 1) : end + 1] not in ("==", "-1")
    assert line[: _end(list(line), 40)].endswith("== ")
    assert _end(list("x" * 50), 40) == 40
