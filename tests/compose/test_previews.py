"""Small pictures of scenes: what they show, and how they stand on sheets."""

from __future__ import annotations

import io
import itertools
import random
import re

import av
import msgspec
import numpy as np
import pytest
import pyvips

from inkreel.compose import clip
from inkreel.compose.planes import Planes, from_rgb
from inkreel.compose.previews import PIXELS, jpeg, parts, shrink
from inkreel.compose.sheets import ACROSS, PLACES, Sheet, Sheets, index
from inkreel.errors import EncodingFailed
from inkreel.model import FRAME_RATES, Clip, Effect, FrameRate, Preview
from inkreel.recipes import ClipRequest, Encoding
from tests.compose.handmade import (
    HEIGHT,
    WIDTH,
    MemoryShelf,
    captions,
    layer,
    narration,
    picture,
)


def pixels(data: bytes) -> np.ndarray:
    """What a JPEG shows: RGB as libjpeg decodes it without a warning, beside YUV as FFmpeg does."""
    rgb = pyvips.Image.jpegload_buffer(data, fail_on="warning").numpy()
    with av.open(io.BytesIO(data), format="jpeg_pipe") as file:
        (frame,) = file.decode(video=0)
    assert frame.format.name == "yuvj444p"
    return np.dstack((rgb, frame.to_ndarray().transpose(1, 2, 0)))


def drawing(width: int, height: int, seed: int) -> np.ndarray:
    """Blocks of colour, other ones for each seed."""
    rng = np.random.default_rng(seed)
    coarse = rng.integers(0, 256, (height // 9 + 1, width // 9 + 1, 3), np.uint8)
    return coarse.repeat(9, 0).repeat(9, 1)[:height, :width]


def requested(
    shelf: MemoryShelf, seconds: int, *, lead: int = 0, fps: int = 30, shown: bool = True
) -> ClipRequest:
    """A scene whose layers come in over its whole length, with or without captions."""
    said = narration((24_000,) * (2 * seconds))
    blocks = tuple(
        layer(step, Effect.FADE, (20 + 60 * step, 40, 50, 60), seed=step) for step in range(5)
    )
    cards = shelf.store(captions(said)) if shown else None
    scene = shelf.store(picture(blocks)), shelf.store(said), cards
    return ClipRequest(*scene, (), lead, Encoding(fps=fps))


def seen_in(made: Clip) -> list[Planes]:
    """The frames of a clip as they are decoded."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = made.body.extradata
    half, found = (HEIGHT // 2, WIDTH // 2), []
    for packet in (*(av.Packet(one.data) for one in made.body.packets), None):
        for frame in decoder.decode(packet):
            y, u, v = np.split(
                frame.to_ndarray().reshape(-1), [WIDTH * HEIGHT, WIDTH * HEIGHT * 5 // 4]
            )
            found.append(Planes(y.reshape(HEIGHT, WIDTH), u.reshape(half), v.reshape(half)))
    return found


def test_parts_tile_the_scene() -> None:
    """Equal parts follow each other without a gap from the first frame to the last, each 3.3 to
    7.5 seconds long unless the scene is shorter, at every frame rate."""
    for fps, frames in itertools.product(FRAME_RATES, [2, 16, 32, *range(48, 20_000, 397)]):
        found = parts(frames, FrameRate(fps))
        edges = [start for start, _ in found] + [found[-1][1]]
        assert edges == [0, *(end for _, end in found)]
        assert edges[-1] == frames
        lengths = np.diff(edges)
        assert lengths.min() >= 1
        assert lengths.max() - lengths.min() <= 1
        assert lengths.max() <= 7.5 * fps + 1
        assert frames <= 5 * fps or lengths.min() >= 3.3 * fps


@pytest.mark.parametrize(
    ("seconds", "lead", "fps"), [(1, 0, 30), (12, 12, 30), (31, 12, 24), (14, 0, 60)]
)
def test_a_scene_shows_what_its_film_shows(seconds: int, lead: int, fps: int) -> None:
    """Its previews tile it, lead included, and each is the frame in the middle of its part."""
    shelf = MemoryShelf()
    made = clip(requested(shelf, seconds, lead=lead, fps=fps), shelf)
    frames = lead + made.body.frames
    assert [(one.start, one.end) for one in made.previews] == parts(frames, FrameRate(fps))
    film, seen = seen_in(made), []
    for preview in made.previews:
        wanted = shrink(film[max(lead, (preview.start + preview.end) // 2) - lead])
        shown = pixels(preview.jpeg).astype(int)
        seen.append(shown)
        assert np.abs(shown - pixels(jpeg(wanted))).mean() < 2.5
    differences = [np.abs(one - other).mean() for one, other in itertools.pairwise(seen)]
    assert all(difference > 0.5 for difference in differences), "steps and captions go on"


def test_a_scene_made_in_parts_shows_the_same() -> None:
    """Each preview is taken in one of the parts, also one that reaches over a cut."""
    shelf = MemoryShelf()
    request = requested(shelf, 12)
    whole = clip(request, shelf)
    edges = [0, 48, 144, whole.body.frames]
    found = [
        preview
        for span in itertools.pairwise(edges)
        for preview in clip(msgspec.structs.replace(request, span=span), shelf).previews
    ]
    assert found == list(whole.previews)


def test_what_stands_still_is_shown_once() -> None:
    """Parts whose middle looks the same share a picture, and are one cue."""
    shelf = MemoryShelf()
    still = clip(requested(shelf, 40, shown=False), shelf)
    edges = parts(still.body.frames, FrameRate())
    assert len(still.previews) < len(edges)
    assert still.previews[0].start == 0
    assert still.previews[-1].end == still.body.frames
    for one, following in itertools.pairwise(still.previews):
        assert one.end == following.start
    assert {one.start for one in still.previews} <= {start for start, _ in edges}


@pytest.mark.parametrize(
    ("size", "small"),
    [
        ((1920, 1080), (240, 135)),
        ((1280, 720), (213, 120)),
        ((1080, 1080), (180, 180)),
        ((1080, 1920), (135, 240)),
        ((3840, 2160), (240, 135)),
        ((64, 36), (32, 18)),
    ],
)
def test_pictures_keep_their_colours_and_shape(
    size: tuple[int, int], small: tuple[int, int]
) -> None:
    """A small picture has the colours of the large one, its shape to a percent, and about the
    same number of pixels in every shape."""
    width, height = size
    for colour in ((246, 247, 251), (17, 22, 51), (67, 56, 202), (251, 191, 36), (255, 0, 0)):
        rgb = bytes(colour) * (width * height)
        found = shrink(from_rgb(rgb, width, height))
        assert found.shape == (small[1], small[0], 3)
        assert np.abs(found.astype(int) - colour).max() <= 2
    assert abs(small[0] / small[1] / (width / height) - 1) < 0.01
    assert width * height < PIXELS or 0.75 < small[0] * small[1] / PIXELS < 1.4


def check(sheets: list[Sheet], pictures: list[bytes], width: int, height: int) -> None:
    """Every place of every sheet holds the pixels of its own picture."""
    at = 0
    for sheet in sheets:
        whole = pixels(sheet.jpeg)
        assert max(whole.shape) <= ACROSS * 240
        for _, _, x, y, *size in sheet.places:
            assert size == [width, height]
            shown = whole[y : y + height, x : x + width]
            assert shown.shape[:2] == (height, width), "it lies in its sheet"
            assert np.array_equal(shown, pixels(pictures[at]))
            at += 1
    assert at == len(pictures)


@pytest.mark.parametrize(
    ("width", "height", "count"),
    [(240, 135, 1), (213, 120, 9), (135, 240, 10), (180, 180, 11), (48, 27, 100), (33, 17, 205)],
)
def test_sheets_hold_the_pictures_as_they_were(width: int, height: int, count: int) -> None:
    """Joining decodes nothing: every pixel on a sheet is that of the picture by itself, whatever
    its size and however many there are; a sheet has at most 100 places."""
    sheets = Sheets()
    pictures = [jpeg(drawing(width, height, seed)) for seed in range(count)]
    for number, data in enumerate(pictures):
        sheets.add([Preview(0, 7, data)], 7 * number)
    found = sheets.all()
    assert [len(sheet.places) for sheet in found] == [
        min(PLACES, count - first) for first in range(0, count, PLACES)
    ]
    check(found, pictures, width, height)


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_cues_tile_the_video_to_the_millisecond(fps: int) -> None:
    """Whatever the lengths of scenes, a cue begins when the one before ends, the first at 0 and
    the last one ends with the video; each names a place that no other names."""
    rng, rate, sheets = random.Random(4), FrameRate(fps), Sheets()
    start = count = 0
    data = jpeg(drawing(48, 27, 0))
    while count < 230:
        frames = rate.quantum * rng.randint(2, 60)
        previews = [Preview(*part, data) for part in parts(frames, rate)]
        sheets.add(previews, start)
        start, count = start + frames, count + len(previews)
    found = sheets.all()
    text = index(found, [f"s{number}.jpg" for number in range(len(found))], rate)
    assert text.startswith("WEBVTT\n\n")
    cues = re.findall(r"^(\S+) --> (\S+)\n(s\d\.jpg#xywh=\d+,\d+,48,27)\n", text, re.MULTILINE)
    assert len({link for *_, link in cues}) == len(cues) == count
    edges = [milliseconds(begin) for begin, _, _ in cues]
    assert [milliseconds(end) for _, end, _ in cues] == [*edges[1:], -(-start * 1000 // fps)]
    assert edges[0] == 0
    assert edges == sorted(set(edges))


def milliseconds(stamp: str) -> int:
    hours, minutes, seconds, thousandths = (int(part) for part in re.split("[:.]", stamp))
    return ((hours * 60 + minutes) * 60 + seconds) * 1000 + thousandths


def test_pictures_of_two_sizes_are_refused() -> None:
    """They cannot share a header; nothing is shown that is not there."""
    sheets = Sheets()
    sheets.add(
        [Preview(0, 1, jpeg(drawing(48, 27, 0))), Preview(1, 2, jpeg(drawing(27, 48, 0)))], 0
    )
    with pytest.raises(EncodingFailed):
        sheets.all()
