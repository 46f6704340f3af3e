"""Every letter: drawn by some font or replaced and told, and read in its own direction."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import fontpkg
import pytest
from fontTools.ttLib import TTFont

from inkreel.model import Bullet, Captions, QuoteVisual, SlideVisual, TableVisual, TitleVisual
from inkreel.recipes import CaptionRequest
from inkreel.visuals import draw, draw_captions, faces, glyphs, setting
from inkreel.visuals.bidi import is_rtl, mostly_rtl, visual_order
from inkreel.visuals.canvas import Canvas, Marked, Style
from inkreel.visuals.glyphs import BOX, Cover
from inkreel.visuals.layers import take_apart
from inkreel.visuals.setting import break_lines, width_of
from inkreel.visuals.stage import stage_for
from inkreel.visuals.typeset import typeset
from tests.visuals.scenes import MemoryShelf, request
from tests.visuals.test_text import VIETNAMESE

HEBREW = "שלום עולם מודל גדול"
BLOCKS = {
    "vietnamese": VIETNAMESE,
    "decomposed": unicodedata.normalize("NFD", VIETNAMESE),
    "latin": "".join(map(chr, range(0x00A1, 0x0180))),
    "greek": "".join(map(chr, range(0x0391, 0x03CA))),
    "cyrillic": "".join(map(chr, range(0x0410, 0x0460))),
    "punctuation": "".join(map(chr, range(0x2010, 0x2060))),
    "currency": "₫€£¥₽₩₹₿",
    "scripts": "⁰¹²³⁴⁵₀₁₂₃ₙ½⅓¼",
    "arrows": "".join(map(chr, range(0x2190, 0x2200))),
    "maths": "".join(map(chr, range(0x2200, 0x2300))),
    "maths letters": "𝑥𝐀ℝℒ𝔤",
    "technical": "⌘⌥⏎⌊⌋⟨⟩",
    "boxes": "".join(map(chr, range(0x2500, 0x2600))),
    "signs": "✓✗★☆♥♣☎☂⚠✔❌",
    "cjk": "漢字汉字かなカナ한국어、。「」",
    "emoji": "🚀😀👍🏽👨‍👩‍👧❤️",
    "right to left": "שלום مرحبا ١٢٣",
    "indian": "हिन्दी ไทย",
    "private": "\ue000\uf8ff\U0010fffd",
    "unassigned": "\u0378\U000e0080",
}


def _forget() -> None:
    """Fonts are looked for once; here they come and go."""
    kept = (faces._installed, faces._chain, faces._advance, glyphs._letter, setting._broken)
    for cache in kept:
        cache.cache_clear()


@pytest.fixture(params=["as here", "none", "one"])
def fonts(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Iterator[str]:
    """The fonts of this machine, none at all, or one for Hebrew and one for two ideographs."""
    if request.param != "as here":
        monkeypatch.setattr(faces, "_SYSTEM_ROOTS", (str(tmp_path),))
    if request.param == "one":
        _font(tmp_path / "NotoSansHebrew-Regular.ttf", "Noto Sans Hebrew", HEBREW)
        _font(tmp_path / "NotoSansCJK-Regular.ttc", "Noto Sans CJK SC", "漢字。")
    _forget()
    yield request.param
    _forget()


def _font(path: Path, family: str, letters: str) -> None:
    """A font that draws its letters as others look."""
    with TTFont(fontpkg.path("be-vietnam-pro", 400)) as font:
        shapes = {ord(letter): "A" for letter in letters if not letter.isspace()}
        for table in font["cmap"].tables:
            table.cmap = dict(shapes)
        for record in font["name"].names:
            if record.nameID in (1, 16):
                record.string = family
        font.save(path)


@pytest.mark.parametrize("block", BLOCKS)
def test_no_letter_is_left_out_silently(block: str, fonts: str) -> None:
    """Each letter leaves ink, itself or its stand-in, and every stand-in is told."""
    cover = Cover()
    seen = 0
    canvas = Canvas(stage_for(1920, 1080), "vi")
    for index, letter in enumerate(unicodedata.normalize("NFC", BLOCKS[block])):
        drawn = cover.text(letter)
        if not drawn.strip():
            assert letter.isspace() or _has_no_ink(letter)
            continue
        told = "".join(one.what for one in cover.degraded)
        assert drawn == letter or f"U+{ord(letter):04X}" in told or " more" in told
        word = [Marked(str(index), drawn, rtl=False)]
        canvas.base.words(40 + index % 40 * 40, 40 + index // 40 * 60, word, _STYLE)
        seen += 1
    (drawing,) = take_apart(typeset(canvas.scene()), 1920, 1080).drawings
    assert len(drawing.marks) == seen


_STYLE = Style(30, 600, "#000000")


def _has_no_ink(letter: str) -> bool:
    """Signs that say how others look, and marks that no font here can put on a letter."""
    return unicodedata.category(letter) in ("Cf", "Mn", "Sk", "Me")


def test_a_font_that_is_there_is_used(fonts: str) -> None:
    """Hebrew and ideographs are drawn where a font has them, else as boxes with a report."""
    cover = Cover()
    drawn = cover.text("שלום 漢字")
    if fonts == "one":
        assert drawn == "שלום 漢字"
        assert cover.degraded == ()
    if fonts == "none":
        assert drawn == f"{BOX * 4} {BOX * 2}"
        assert "hebrew letter shin" in cover.degraded[0].what


ORDERS = (
    ("a b c", False, "a b c"),
    ("א ב ג", True, "ג ב א"),
    ("א Deep Learning ב", True, "ב Deep Learning א"),
    ("xem א ב nhé", False, "xem ב א nhé"),
    ("א 12 ב", True, "ב 12 א"),
    ("xem א 12 ב nhé", False, "xem ב 12 א nhé"),
    ("א – ב", True, "ב – א"),
    ("א ב !", True, "! ב א"),
    ("a – ב", False, "a – ב"),
    ("A א B", False, "A א B"),
    ("A B", True, "A B"),
    ("42 א", True, "א 42"),
    ("", True, ""),
)


@pytest.mark.parametrize(("read", "rtl", "seen"), ORDERS)
def test_words_stand_in_the_order_of_their_scripts(read: str, rtl: bool, seen: str) -> None:  # noqa: FBT001
    """Words of a line from left to right, as the Unicode algorithm orders them."""
    words = read.split()
    assert [words[index] for index in visual_order(words, rtl=rtl)] == seen.split()


def test_the_first_letter_says_how_a_line_is_read() -> None:
    """Figures and signs have no direction of their own."""
    assert is_rtl("1. שלום abc")
    assert not is_rtl("a שלום")
    assert not is_rtl("123 – …")
    assert mostly_rtl(["GPU", "מודל גדול"])
    assert not mostly_rtl(["The letter א"])


RIGHT_TO_LEFT = {
    "slide": SlideVisual(bullets=(Bullet("שלום עולם", "מודל"), Bullet("GPU גדול"))),
    "table": TableVisual(header=("מודל", "AUC"), rows=(("ResNet", "0,874"), ("גדול", "0,9"))),
    "quote": QuoteVisual(text="מודל גדול", by="עולם"),
    "title": TitleVisual(subtitle="מודל גדול"),
}


@pytest.mark.parametrize("name", RIGHT_TO_LEFT)
@pytest.mark.parametrize("fonts", ["one"], indirect=True)
def test_right_to_left_pictures_begin_at_the_right(
    name: str, fonts: str, shelf: MemoryShelf
) -> None:
    """A picture whose text is read from the right ends at the right edge of the content, where one
    that is not begins at the left one."""
    picture = draw(request(RIGHT_TO_LEFT[name], heading="מודל גדול", eyebrow=""), shelf)
    content = stage_for(1920, 1080).content
    right = max(layer.x + layer.width for layer in picture.layers)
    assert content.right - 100 <= right <= content.right + 10


@pytest.mark.parametrize("fonts", ["one"], indirect=True)
def test_caption_words_light_up_from_the_right(fonts: str) -> None:
    """In a sentence read from the right each word's box lies left of the one before; words of
    another script among them keep their own order."""
    boxes = _captions("שלום עולם מודל גדול").cards[0].boxes
    assert all(before[0] == after[2] for before, after in pairwise(boxes))
    first, deep, learning, last = _captions("שלום Deep Learning גדול").cards[0].boxes
    assert last[0] < deep[0] < learning[0] < first[0]


def _captions(text: str) -> Captions:
    asked = CaptionRequest((tuple(text.split()),), "vi", "dark", 1920, 1080)
    return draw_captions(asked, MemoryShelf())


@pytest.mark.parametrize("fonts", ["one"], indirect=True)
def test_ideographs_break_between_each_other(fonts: str) -> None:
    """A line without spaces is broken into lines of like length, never before a full stop."""
    text = "漢字" * 14 + "。"
    lines = break_lines(text, _STYLE, 400)
    assert "".join(lines) == text
    assert all(width_of(line, _STYLE) <= 400 for line in lines)
    assert not any(line.startswith("。") for line in lines)
    assert max(map(len, lines)) - min(map(len, lines)) <= 4


def test_a_word_too_long_for_its_card_is_told() -> None:
    """A caption never loses letters silently."""
    told = [one.what for one in _captions("x" * 900).degraded]
    assert told == ["A caption was shortened"]
    assert _captions("x" * 60).degraded == ()
