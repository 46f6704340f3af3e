"""The storyboards that are composed: two generated ones, and one of a real document.

In the *still* one layers come in with what is said, and rest. In the *moving* one each layer is cut
into strips that come in one after the other through the whole scene, so that nearly every frame
differs. The pictures are the product's own.
"""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import msgspec
import numpy as np

from inkreel.model import (
    AnyVisual,
    Bullet,
    ChartVisual,
    CodeVisual,
    Effect,
    Layer,
    Picture,
    QuoteVisual,
    Scene,
    Series,
    SlideVisual,
    Span,
    Storyboard,
    TableVisual,
    TitleVisual,
)
from inkreel.settings import Settings
from inkreel.storyboard.board import dump, parse
from inkreel.wiring.video import make_storyboard

ROOT = Path(__file__).resolve().parent.parent
DOCUMENT = ROOT / "examples" / "gioi-thieu.vi.md"

TEXT = (
    "Every scene of this story says one thing and shows it at the same moment.",
    "A layer comes in with the sentence that speaks of it, and then it rests.",
    "What rests costs nothing but the encoder's look at it.",
)
RESTLESS = (
    "Every layer of this scene comes in with a word that speaks of it, and before it has come to "
    "rest the next one is already on its way."
)
VISUALS: tuple[tuple[str, AnyVisual], ...] = (
    (
        "What happens on the way",
        SlideVisual(
            bullets=(
                Bullet("Read the blocks", "headings, lists, tables"),
                Bullet("Write the scenes", "one thought each"),
                Bullet("Say and draw them", "at the same time"),
                Bullet("Join by packet", "never encode twice"),
            ),
            cues=(0, 0, 1, 2),
        ),
    ),
    (
        "A function, line by line",
        CodeVisual(
            text="def ease(t):\n    rest = 1 - t\n    return 1 - rest ** 3\n\nprint(ease(0.5))",
            language="python",
            focus=(Span(1, 1), Span(2, 3), Span(5, 5)),
            cues=(0, 1, 2),
        ),
    ),
    (
        "Letters of five words",
        ChartVisual(
            form="bar",
            labels=("read", "write", "draw", "speak", "compose"),
            series=(Series("letters", (4.0, 5.0, 4.0, 5.0, 7.0)),),
        ),
    ),
    (
        "Squares and cubes",
        TableVisual(
            header=("n", "n²", "n³"),
            rows=(("2", "4", "8"), ("3", "9", "27"), ("4", "16", "64"), ("5", "25", "125")),
        ),
    ),
    ("In one sentence", QuoteVisual(text="What does not change need not be drawn again.")),
    ("A document becomes a film", TitleVisual(subtitle="Scene by scene")),
)

MOTIONS = (Effect.RISE, Effect.WIPE, Effect.RISE, Effect.GROW)


def still(scenes: int) -> Storyboard:
    """Two sentences a scene."""
    return _board("still", [TEXT[number % 2 :][:2] for number in range(scenes)])


def moving(scenes: int) -> Storyboard:
    """A sentence a scene, for pictures that `cut` has cut: a strip comes in with each word."""
    board = _board("moving", [(RESTLESS,)] * scenes)
    cues = (0,) * len(RESTLESS.split())
    cued = (
        msgspec.structs.replace(scene, visual=msgspec.structs.replace(scene.visual, cues=cues))
        for scene in board.scenes
    )
    return msgspec.structs.replace(board, scenes=tuple(cued))


def long(scenes: int) -> Storyboard:
    """Scenes that share nothing, not even a first sentence."""
    said = (f"This is scene {number} of {scenes}." for number in range(1, scenes + 1))
    return _board("long", [(first, *TEXT[1:]) for first in said])


def save(board: Storyboard, path: Path) -> Path:
    """As the `make` command reads it."""
    path.write_text(dump(board, None), "utf-8")
    return path


def _board(title: str, texts: list[tuple[str, ...]]) -> Storyboard:
    """A scene for each text, no two alike, or one would be found for the other; the kinds of
    visuals take turns."""
    kinds = itertools.cycle(VISUALS)
    scenes = []
    for number, (said, (name, visual)) in enumerate(zip(texts, kinds, strict=False), start=1):
        cues = tuple(min(cue, len(said) - 1) for cue in visual.cues)
        shown = msgspec.structs.replace(visual, cues=cues)
        scenes.append(Scene(f"scene-{number}", f"{number}. {name}", said, shown, "Bench"))
    return Storyboard(title, "en", tuple(scenes))


def cut(picture: Picture) -> Picture:
    """The picture in upright strips, which take turns with pieces of a bar along its foot: as many
    as words are said."""
    height, words = 8, len(RESTLESS.split())
    pixels = np.full((height, picture.width, 4), (67, 56, 202, 255), np.uint8).tobytes()
    bar = Layer("bar", 0, Effect.WIPE, 0, picture.height - height, picture.width, height, pixels)
    edges = [
        words // 2 * number // len(picture.layers) for number in range(len(picture.layers) + 1)
    ]
    strips = [
        msgspec.structs.replace(strip, effect=motion)
        for layer, (first, last) in zip(picture.layers, itertools.pairwise(edges), strict=True)
        for strip, motion in zip(_strips(layer, last - first), itertools.cycle(MOTIONS))
    ]
    turns = itertools.chain.from_iterable(zip(strips, _strips(bar, len(strips)), strict=True))
    stepped = tuple(msgspec.structs.replace(strip, step=step) for step, strip in enumerate(turns))
    return msgspec.structs.replace(picture, layers=stepped, steps=len(stepped))


def _strips(layer: Layer, count: int) -> list[Layer]:
    """Upright strips of even width."""
    rgba = np.frombuffer(layer.rgba, np.uint8).reshape(layer.height, layer.width, 4)
    edges = [layer.width * number // count // 2 * 2 for number in range(count)] + [layer.width]
    return [
        msgspec.structs.replace(
            layer,
            x=layer.x + left,
            width=right - left,
            rgba=np.ascontiguousarray(rgba[:, left:right]).tobytes(),
        )
        for left, right in itertools.pairwise(edges)
        if right > left
    ]


def document(seconds: float, cache: Path) -> Storyboard:
    """What the product makes of the repository's example."""
    settings = Settings(cache=cache, seconds=seconds)
    return parse(asyncio.run(make_storyboard(DOCUMENT, settings, lambda _: None)))
