"""A brand's few colours become a theme that can be read, whatever they are."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.errors import DrawingFailed
from inkreel.model import Brand, Digest, FontFile, TitleVisual
from inkreel.recipes import CaptionRequest, DrawRequest
from inkreel.visuals import draw, draw_captions, flatten
from inkreel.visuals.colours import contrast, from_oklch, mix, oklch, readable_on
from inkreel.visuals.palette import palette_of
from tests.visuals.scenes import SCENES, MemoryShelf, png, request

colours = st.one_of(
    st.integers(0, 0xFFFFFF).map(lambda n: f"#{n:06X}"),
    st.sampled_from(("#000000", "#FFFFFF", "#808080", "#FFD700", "#0000FF")),
)
brands = st.builds(
    Brand,
    name=st.just("Any"),
    accent=colours,
    background=st.one_of(st.just(""), colours),
    ink=st.one_of(st.just(""), colours),
    colours=st.lists(colours, max_size=5).map(tuple),
)


@settings(max_examples=150, deadline=None)
@given(brand=brands)
def test_any_brand_can_be_read(brand: Brand) -> None:
    """Text has a contrast of 4.5 on every field that it stands on, ink 7, shapes 3."""
    theme = palette_of(brand).theme
    code = theme.code
    fields = (theme.bg, theme.surface, theme.ornament, theme.soft)
    assert min(contrast(theme.ink, field) for field in fields) >= 7
    for text in (theme.muted, theme.accent):
        assert min(contrast(text, field) for field in fields) >= 4.5
    assert contrast(theme.on, theme.accent) >= 4.5
    assert contrast(theme.caption_ink, theme.caption) >= 7
    assert contrast(theme.caption_lit, theme.caption) >= 4.5
    tokens = (code.text, code.muted, code.keyword, code.name, code.string, code.number)
    for band in (code.panel, code.band, code.added, code.removed):
        assert min(contrast(token, band) for token in (*tokens, code.operator)) >= 4.5
    assert contrast(code.muted, code.bar) >= 4.5
    assert contrast(code.plus, code.added) >= 4.5
    assert contrast(code.minus, code.removed) >= 4.5
    assert len(theme.series) == 6
    assert min(contrast(colour, theme.bg) for colour in theme.series) >= 3


@settings(max_examples=150, deadline=None)
@given(colour=colours, other=colours)
def test_colours_keep_what_they_are(colour: str, other: str) -> None:
    """A colour survives the way to OKLCH and back, and black or white is read on any."""
    there = from_oklch(*oklch(colour))
    assert all(abs(int(colour[i : i + 2], 16) - int(there[i : i + 2], 16)) <= 1 for i in (1, 3, 5))
    assert contrast(readable_on(colour), colour) >= 4.5
    assert mix(colour, other, 1.0) == colour
    assert contrast(colour, other) == contrast(other, colour) >= 1


def test_good_colours_stay_and_changes_are_told(shelf: MemoryShelf) -> None:
    """A brand that can be read is taken as it is; one that cannot is told on its first card."""
    good = Brand(name="Good", accent="#C8102E", background="#FFFFFF", ink="#1A1A1A")
    theme = palette_of(good).theme
    assert (theme.accent, theme.bg, theme.ink) == ("#C8102E", "#FFFFFF", "#1A1A1A")
    assert palette_of(good).changed == ()
    pale = msgspec.structs.replace(good, accent="#FFD400")
    told = draw(branded("title", pale), shelf).degraded
    assert "#FFD400" in told[0].what
    assert draw(branded("slide", pale), shelf).degraded == ()


def test_a_bright_brand_is_set_on_a_dark_field() -> None:
    """Yellow stays yellow where no background was asked for."""
    theme = palette_of(Brand(name="Sun", accent="#FFD400")).theme
    assert theme.accent == "#FFD400"
    assert contrast("#FFFFFF", theme.bg) > 11


LOGO = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 100" width="200" height="100">'
    b'<rect x="20" y="20" width="160" height="60" fill="#101010"/></svg>'
)


def branded(kind: str, brand: Brand, size: str = "1920x1080") -> DrawRequest:
    return msgspec.structs.replace(request(SCENES[kind], size), theme=brand)


@pytest.mark.parametrize("size", ["1920x1080", "1080x1920", "1080x1080"])
@pytest.mark.parametrize("kind", ["title", "end"])
def test_a_logo_is_seen(kind: str, size: str, shelf: MemoryShelf) -> None:
    """The logo stands on the first and the last card, on a plate where it would be lost."""
    for background, plate in (("#FFFFFF", False), ("#000000", True)):
        brand = Brand(name="B", accent="#00C2A8", background=background, logo=LOGO)
        with_logo = draw(branded(kind, brand, size), shelf)
        without = draw(branded(kind, msgspec.structs.replace(brand, logo=b""), size), shelf)
        changed = (flatten(with_logo, -1) != flatten(without, -1)).any(axis=2)
        frame = flatten(with_logo, -1)[changed]
        assert (frame == 0x10).all(axis=1).sum() > 2_000
        assert plate == ((frame == 255).all(axis=1).sum() > 1_000 and background == "#000000")
        assert [one for one in with_logo.degraded if "logo" in one.what] == []


@pytest.mark.parametrize(
    "data", [b"GIF but not", png(40, 40)[:50], b"<svg><script>alert(1)</script>", b"%PDF-1.7"]
)
def test_a_broken_logo_is_told(data: bytes, shelf: MemoryShelf) -> None:
    """A logo that cannot be read is left out, visibly, and the card stays."""
    brand = Brand(name="B", accent="#00C2A8", logo=data)
    picture = draw(branded("title", brand), shelf)
    assert any("logo" in one.what for one in picture.degraded)


def font(package: str, weight: int) -> FontFile:
    import hashlib

    import fontpkg

    path = Path(fontpkg.path(package, weight, nearest=True))
    return FontFile(str(path), Digest(hashlib.sha256(path.read_bytes()).hexdigest()))


def test_a_typeface_is_used_and_its_gaps_are_told(shelf: MemoryShelf) -> None:
    """Text is set in the brand's family; letters that it lacks come from ours and are told; the
    next picture knows nothing of it."""
    plain = Brand(name="B", accent="#00695C", background="#FFFFFF")
    own = msgspec.structs.replace(
        plain, family="JetBrains Mono", fonts=(font("jetbrains-mono", 400),)
    )
    asked = request(TitleVisual(subtitle="iiii wwww"), heading="Ấn Độ 漢")
    before = draw(msgspec.structs.replace(asked, theme=plain), shelf)
    drawn = draw(msgspec.structs.replace(asked, theme=own), shelf)
    after = draw(msgspec.structs.replace(asked, theme=plain), shelf)
    assert drawn.base != before.base
    assert before == after
    told = [one.what for one in drawn.degraded if "another typeface" in one.what]
    assert told in ([], ["Letters set in another typeface: 漢"])
    captions = CaptionRequest((("một", "hai"),), "vi", own, 1920, 1080)
    assert draw_captions(captions, shelf) != draw_captions(
        msgspec.structs.replace(captions, theme=plain), shelf
    )


def test_a_typeface_that_is_none_is_told(shelf: MemoryShelf, tmp_path: Path) -> None:
    """A file that is no font, or holds another family, is reported, and ours is used."""
    import hashlib

    path = tmp_path / "broken.ttf"
    path.write_bytes(b"\0\1\0\0 no font")
    broken = FontFile(str(path), Digest(hashlib.sha256(path.read_bytes()).hexdigest()))
    plain = Brand(name="B", accent="#00695C")
    usual = draw(branded("slide", plain), shelf)
    for family, files in (("", (broken,)), ("Nowhere", (font("jetbrains-mono", 400),))):
        brand = msgspec.structs.replace(plain, family=family, fonts=files)
        picture = draw(branded("slide", brand), shelf)
        assert "is not used" in picture.degraded[0].what
        assert picture.layers == usual.layers


def test_a_font_that_was_changed_is_an_error(shelf: MemoryShelf, tmp_path: Path) -> None:
    """A request names fonts by what they hold: other bytes at that path are not drawn with."""
    path = tmp_path / "one.ttf"
    path.write_bytes(b"other bytes")
    brand = Brand(name="B", accent="#00695C", fonts=(FontFile(str(path), Digest("0" * 64)),))
    with pytest.raises(DrawingFailed, match="was changed"):
        draw(branded("slide", brand), shelf)
