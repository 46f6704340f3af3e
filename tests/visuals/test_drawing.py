"""Pictures: their steps, layers, pixels and sameness."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from inkreel.errors import ArtifactLost, OptionError
from inkreel.model import SHAPES, SIZES, THEMES, Digest, Effect, ImageVisual
from inkreel.visuals import draw, flatten
from inkreel.visuals.drawing import lay_out
from inkreel.visuals.layers import rasterise_opaque, take_apart
from inkreel.visuals.stage import stage_for
from inkreel.visuals.typeset import typeset
from tests.thorough import ALL, times
from tests.visuals.scenes import SCENES, STEPS, MemoryShelf, image_visual, png, request

_COVERS = ("title", "section", "end")
_SAMPLE = SIZES if ALL else [sizes[0] for sizes in SHAPES.values()]
"""Sizes: one of each shape does for most, since a size only changes how fine it is."""


@pytest.mark.parametrize("kind", SCENES)
@pytest.mark.parametrize("size", _SAMPLE)
def test_layers_are_even_and_inside(kind: str, size: str, shelf: MemoryShelf) -> None:
    """Every layer has even coordinates inside the picture and as many bytes as it has pixels."""
    picture = draw(request(SCENES[kind], size), shelf)
    assert (picture.width, picture.height) == SIZES[size]
    assert len(picture.base) == picture.width * picture.height * 3
    assert picture.layers
    for layer in picture.layers:
        assert not any(v % 2 for v in (layer.x, layer.y, layer.width, layer.height))
        assert 0 <= layer.x < layer.x + layer.width <= picture.width
        assert 0 <= layer.y < layer.y + layer.height <= picture.height
        assert len(layer.rgba) == layer.width * layer.height * 4
    assert len({layer.name for layer in picture.layers}) == len(picture.layers)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("shape", SHAPES)
def test_a_size_only_changes_how_fine_it_is(shape: str, theme: str, shelf: MemoryShelf) -> None:
    """In every theme the sizes of a shape show the same: each part where it is in the others, to
    the pixel of the coarsest, and set as large."""
    width, height = SIZES[SHAPES[shape][0]]
    alike = [each for each in SIZES.items() if each[1][0] * height == each[1][1] * width]
    pictures = [draw(request(SCENES["slide"], name, theme), shelf) for name, _ in alike]
    assert len(pictures) == 4
    first = pictures[0]
    for picture in pictures[1:]:
        times = picture.width / first.width
        assert picture.text_px == first.text_px
        assert [one.name for one in picture.layers] == [one.name for one in first.layers]
        for fine, coarse in zip(picture.layers, first.layers, strict=True):
            for side in ("x", "y", "width", "height"):
                assert abs(getattr(fine, side) / times - getattr(coarse, side)) <= 4


@pytest.mark.parametrize("kind", STEPS)
def test_steps_are_those_of_the_model(kind: str, shelf: MemoryShelf) -> None:
    """A picture has the steps that the visual's docstring promises, and each brings something."""
    picture = draw(request(SCENES[kind]), shelf)
    assert picture.steps == STEPS[kind]
    assert {layer.step for layer in picture.layers} == set(range(picture.steps))


@pytest.mark.parametrize("kind", SCENES)
@pytest.mark.parametrize("theme", list(THEMES)[: times(2, 9)])
def test_layers_recompose_the_whole_frame(kind: str, theme: str, shelf: MemoryShelf) -> None:
    """Base and layers, put together, are the page as typst wrote it."""
    asked = request(SCENES[kind], theme=theme)
    drawn = lay_out(asked, shelf)
    sheet = take_apart(typeset(drawn.canvas.scene()), asked.width, asked.height)
    shown = f'<rect width="100%" height="100%" fill="{drawn.canvas.ground}"/>'
    shown += "".join(one.markup for one in sheet.drawings if "/focus/" not in one.label)
    crop = (0, 0, asked.width, asked.height)
    whole = np.frombuffer(rasterise_opaque(sheet, shown, crop), np.uint8)
    final = flatten(draw(asked, shelf)).reshape(-1)
    assert np.abs(whole.astype(np.int16) - final).mean() < 0.05


@pytest.mark.parametrize("kind", [kind for kind in SCENES if kind not in _COVERS])
def test_caption_room_is_left_free(kind: str, shelf: MemoryShelf) -> None:
    """Nothing but the background stands in the lower 188 lines of a wide picture."""
    low = flatten(draw(request(SCENES[kind]), shelf))[1080 - 184 :]
    assert (low == low[-1, 0]).all()


@pytest.mark.parametrize("kind", SCENES)
def test_same_request_same_bytes(kind: str, shelf: MemoryShelf) -> None:
    """Drawing is a function: the same request twice gives the same picture."""
    asked = request(SCENES[kind], "1280x720", "dark")
    assert draw(asked, shelf) == draw(asked, shelf)


def test_focus_is_only_seen_in_its_step(shelf: MemoryShelf) -> None:
    """A step shows its focus; the next one and the final state do not."""
    picture = draw(request(SCENES["slide"]), shelf)
    badge = next(one for one in picture.layers if one.effect is Effect.FOCUS and one.step == 0)
    inside = (slice(badge.y + 8, badge.y + 12), slice(badge.x + 40, badge.x + 44))
    now, later, final = (flatten(picture, step)[inside] for step in (0, 1, None))
    assert (now == (0x43, 0x38, 0xCA)).all()
    assert (later == (0xE8, 0xE9, 0xFC)).all()
    assert (final == later).all()


def test_flat_parts_have_exactly_their_colour(shelf: MemoryShelf) -> None:
    """No gradient and no dither: the background is one colour up to the ornament."""
    frame = flatten(draw(request(SCENES["slide"]), shelf), -1)
    assert (frame[300:900, :1200] == (0xF6, 0xF7, 0xFB)).all()


def test_an_image_keeps_its_shape_and_colours(shelf: MemoryShelf) -> None:
    """A picture of the document is scaled, not stretched, and lies in the base, where what drifts
    over it comes to rest."""
    visual = image_visual(shelf, png(400, 200), 400, 200)
    picture = draw(request(visual), shelf)
    assert picture.steps == 1
    assert picture.degraded == ()
    assert [layer.name for layer in picture.layers] == ["photo-1", "caption"]
    frame = flatten(picture, -1).astype(int)
    red = (frame[..., 0] > 200) & (frame[..., 1] < 60) & (frame[..., 2] < 160)
    assert red.any()


def test_in_a_draft_an_image_stands_still(shelf: MemoryShelf) -> None:
    """A draft shows an image at rest from the beginning: what drifts is encoded frame by frame."""
    asked = request(image_visual(shelf, png(400, 200), 400, 200))
    moved, still = draw(asked, shelf), draw(msgspec.structs.replace(asked, still=True), shelf)
    assert [layer.name for layer in still.layers] == ["caption"]
    assert (flatten(still) == flatten(moved)).all()


@pytest.mark.parametrize("size", [(1, 1), (30, 3000), (3000, 30), (900, 700)])
def test_any_shape_of_image_fits(size: tuple[int, int], shelf: MemoryShelf) -> None:
    """A hair line or a single pixel is drawn like any other image."""
    visual = image_visual(shelf, png(*size, alpha=True), *size)
    for format_name in SIZES:
        assert draw(request(visual, format_name), shelf).degraded == ()


@pytest.mark.parametrize(
    "data",
    [b"", b"not an image", png(40, 40)[:60], b"\xff\xd8\xff broken", b"<svg><broken"],
)
def test_a_broken_image_is_told(data: bytes, shelf: MemoryShelf) -> None:
    """A damaged image degrades the picture visibly; its caption is still shown."""
    visual = ImageVisual(digest=shelf.save(data), width=40, height=40, caption="Hình 1")
    picture = draw(request(visual), shelf)
    assert "not shown" in picture.degraded[0].what
    assert [layer.name for layer in picture.layers] == ["caption"]


def test_a_lost_image_is_an_error(shelf: MemoryShelf) -> None:
    """What the store lost is made again, not papered over."""
    with pytest.raises(ArtifactLost):
        draw(request(ImageVisual(digest=Digest("0" * 64), width=1, height=1)), shelf)


def test_unknown_theme_is_refused(shelf: MemoryShelf) -> None:
    """A theme that does not exist is the user's error and names the ones that do."""
    with pytest.raises(OptionError) as caught:
        draw(request(SCENES["title"], theme="neon"), shelf)
    assert "light" in caught.value.hint


@pytest.mark.parametrize("size", sorted(SIZES))
@pytest.mark.parametrize("shape", [(1600, 900), (600, 1200), (2400, 500), (40, 40)])
def test_a_picture_and_its_words_stay_in_their_place(
    size: str, shape: tuple[int, int], shelf: MemoryShelf
) -> None:
    """However long its caption is, what is read with an image is not where captions are shown,
    nor smaller than 28 px."""
    visual = msgspec.structs.replace(
        image_visual(shelf, png(*shape), *shape), caption="Bản đồ chú ý của mô hình " * 8
    )
    picture = draw(request(visual, size), shelf)
    stage = stage_for(*SIZES[size])
    bottom = max(layer.y + layer.height for layer in picture.layers)
    assert bottom <= stage.content.bottom * stage.scale + 2
    assert picture.text_px >= 28
