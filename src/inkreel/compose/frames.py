"""Picture, captions and timeline → frames, of which only what changes is drawn.

A frame is defined as: the base, every visible layer in order, the caption card. The canvas
reaches the same pixels by restoring and drawing only the rectangles in which the looks differ
from the frame before.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np

from inkreel.compose.captions import CaptionTrack, Shown
from inkreel.compose.planes import (
    Brush,
    Planes,
    Rect,
    Sprite,
    blank,
    enlarged,
    from_rgb,
    sprite,
)
from inkreel.compose.timeline import HIDDEN, OPAQUE, SETTLED, WHOLE, Look, Timeline
from inkreel.model import DRIFT_BEGIN, CaptionCard, Captions, Effect, Layer, Picture


class FrameKey(NamedTuple):
    """All that decides how a frame looks: frames of a scene with equal keys have equal pixels."""

    looks: tuple[Look, ...]
    caption: Shown | None


def frame_key(
    picture: Picture, timeline: Timeline, captions: CaptionTrack | None, frame: int
) -> FrameKey:
    """The key of a frame of the scene's body."""
    looks = tuple(timeline.look(layer, frame) for layer in picture.layers)
    return FrameKey(looks, captions.shown(frame) if captions else None)


def settled_key(picture: Picture) -> FrameKey:
    """The key of the picture at its scene's end: all layers but those in focus, no caption."""
    looks = (HIDDEN if layer.effect is Effect.FOCUS else SETTLED for layer in picture.layers)
    return FrameKey(tuple(looks), None)


class CaptionPainter:
    """Caption cards as sprites; keeps the current card only, with its lit word patched in."""

    def __init__(self, captions: Captions) -> None:
        self._cards = captions.cards
        self._current: tuple[int, Sprite, Sprite, Sprite] | None = None
        self._word = -1

    def dirty(self, before: Shown | None, after: Shown | None) -> list[Rect]:
        """Where two captions differ."""
        if before == after:
            return []
        if before and after and before.card == after.card:
            card = self._cards[after.card]
            boxes = (_box(card, shown.word) for shown in (before, after))
            return [box.moved(card.x, card.y) for box in boxes if box]
        return [_card_rect(self._cards[shown.card]) for shown in (before, after) if shown]

    def draw(self, onto: Planes, brush: Brush, shown: Shown, rect: Rect) -> None:
        """Draw the caption inside `rect`."""
        card = self._cards[shown.card]
        part = rect.meet(_card_rect(card))
        if part.area:
            brush.blend(onto, self._sprite(shown), (card.x, card.y), part, OPAQUE)

    def _sprite(self, shown: Shown) -> Sprite:
        card = self._cards[shown.card]
        if self._current is None or self._current[0] != shown.card:
            plain = sprite(card.plain, card.width, card.height)
            lit = sprite(card.lit, card.width, card.height)
            self._current = shown.card, plain.copy(), plain, lit
            self._word = -1
        _, composed, plain, lit = self._current
        if self._word != shown.word:
            for box, source in ((_box(card, self._word), plain), (_box(card, shown.word), lit)):
                if box:
                    composed.patch(source, box)
            self._word = shown.word
        return composed


def _card_rect(card: CaptionCard) -> Rect:
    return Rect(card.x, card.y, card.x + card.width, card.y + card.height)


def _box(card: CaptionCard, word: int) -> Rect | None:
    return Rect(*card.boxes[word]) if 0 <= word < len(card.boxes) else None


class Canvas:
    """Draws the frames of one picture into `target`, rectangle by rectangle."""

    def __init__(self, picture: Picture, captions: Captions | None, target: Planes) -> None:
        self._layers = picture.layers
        self._sprites: list[Sprite | None] = [None] * len(picture.layers)
        self._photos: dict[int, Planes] = {}
        # The base with those layers drawn in that will not change any more.
        self._floor = from_rgb(picture.base, picture.width, picture.height)
        self._baked = 0
        self._painter = CaptionPainter(captions) if captions else None
        self._target = target
        self._brush = Brush(picture.width, picture.height)
        self._shown: FrameKey | None = None

    def show(self, key: FrameKey) -> bool:
        """Bring the target to `key`; says whether any pixel may have changed."""
        dirty = merge(self._dirty(key))
        self._redraw(key, dirty)
        return bool(dirty)

    def play(self, keys: Iterable[FrameKey]) -> Iterator[int]:
        """Show `keys` one after the other; yields for how many frames each sight stands still.

        The target shows it until the next one is asked for.
        """
        still = 0
        for key in keys:
            dirty = merge(self._dirty(key))
            if dirty and still:
                yield still
                still = 0
            self._redraw(key, dirty)
            still += 1
        if still:
            yield still

    def _redraw(self, key: FrameKey, dirty: Sequence[Rect]) -> None:
        if dirty:
            loose = range(self._baked, len(self._layers))
            extents = [(at, self._extent(self._layers[at], key.looks[at])) for at in loose]
            for rect in dirty:
                self._draw(key, rect, extents)
        self._shown = key
        self._bake(key.looks)

    def _dirty(self, key: FrameKey) -> list[Rect]:
        """Where `key` differs from what is shown."""
        if self._shown is None:
            return [self._target.rect]
        found = []
        for layer, old, new in zip(self._layers, self._shown.looks, key.looks, strict=True):
            if old != new:
                found += self._layer_dirty(layer, old, new)
        if self._painter:
            found += self._painter.dirty(self._shown.caption, key.caption)
        return [rect for rect in found if rect.area]

    def _layer_dirty(self, layer: Layer, old: Look, new: Look) -> list[Rect]:
        before, after = self._extent(layer, old), self._extent(layer, new)
        if layer.effect is Effect.DRIFT:
            return [after]
        if (old.opacity, old.sunk) == (new.opacity, new.sunk):
            return [_beyond(layer.effect, before, after)]
        return [before, after]

    def _extent(self, layer: Layer, look: Look) -> Rect:
        """The part of the picture that a layer covers, inside the picture."""
        if look.opacity == 0:
            return Rect(0, 0, 0, 0)
        rect = uncovered(layer, look.share).moved(0, self._sunk(look))
        return rect.meet(self._target.rect)

    def _sunk(self, look: Look) -> int:
        """Even pixels: half a chroma sample cannot be moved."""
        return round(look.sunk * self._target.rect.bottom / 2000) * 2

    def _draw(self, key: FrameKey, rect: Rect, extents: Sequence[tuple[int, Rect]]) -> None:
        """Redraw `rect` as `key` wants it; `extents` are those of the layers above the floor."""
        self._target.put(self._floor, rect)
        for index, extent in extents:
            part = rect.meet(extent)
            if part.area:
                self._blend(self._target, index, key.looks[index], part)
        if self._painter and key.caption:
            self._painter.draw(self._target, self._brush, key.caption, rect)

    def _blend(self, onto: Planes, index: int, look: Look, part: Rect) -> None:
        layer = self._layers[index]
        if layer.effect is Effect.DRIFT:
            self._lay(onto, index, look, part)
            return
        what = self._sprites[index]
        if what is None:
            what = self._sprites[index] = sprite(layer.rgba, layer.width, layer.height)
        at = (layer.x, layer.y + self._sunk(look))
        self._brush.blend(onto, what, at, part, look.opacity)

    def _lay(self, onto: Planes, index: int, look: Look, part: Rect) -> None:
        """Draw a photo that drifts."""
        layer = self._layers[index]
        if index not in self._photos:
            rgba = np.frombuffer(layer.rgba, np.uint8).reshape(-1, 4)
            self._photos[index] = from_rgb(rgba[:, :3].tobytes(), layer.width, layer.height)
        photo = self._photos[index]
        if look.share < WHOLE:
            photo = enlarged(photo, DRIFT_BEGIN + (1 - DRIFT_BEGIN) * look.share / WHOLE)
        source = part.moved(-layer.x, -layer.y)
        for plane, other, to, of in zip(
            onto,
            photo,
            (part, part.halved(), part.halved()),
            (source, source.halved(), source.halved()),
            strict=True,
        ):
            plane[to.top : to.bottom, to.left : to.right] = other[
                of.top : of.bottom, of.left : of.right
            ]

    def _bake(self, looks: Sequence[Look]) -> None:
        """Draw the lowest layers into the floor as far as they are final, and let them go."""
        while self._baked < len(looks) and looks[self._baked].final:
            index = self._baked
            part = self._extent(self._layers[index], looks[index])
            if part.area:
                self._blend(self._floor, index, looks[index], part)
            self._sprites[index] = None
            self._photos.pop(index, None)
            self._baked += 1


def uncovered(layer: Layer, share: int) -> Rect:
    """The part of a layer that is seen when `share` of `WHOLE` is uncovered, in even pixels."""
    rect = Rect(layer.x, layer.y, layer.x + layer.width, layer.y + layer.height)
    high = round(layer.height * share / WHOLE / 2) * 2
    wide = round(layer.width * share / WHOLE / 2) * 2
    match layer.effect:
        case Effect.GROW:
            return rect._replace(top=rect.bottom - high)
        case Effect.DROP:
            return rect._replace(bottom=rect.top + high)
        case Effect.WIPE:
            return rect._replace(right=rect.left + wide)
        case Effect.BACK:
            return rect._replace(left=rect.right - wide)
        case _:
            return rect


def _beyond(effect: Effect, small: Rect, large: Rect) -> Rect:
    """What is newly uncovered; layers never cover up again."""
    match effect:
        case Effect.GROW:
            return large._replace(bottom=small.top)
        case Effect.DROP:
            return large._replace(top=small.bottom)
        case Effect.BACK:
            return large._replace(right=small.left)
        case _:
            return large._replace(left=small.right)


def merge(rects: Sequence[Rect]) -> list[Rect]:
    """Join rectangles where that costs no more pixels than drawing both."""
    found: list[Rect] = []
    for rect in rects:
        for index, other in enumerate(found):
            if rect.join(other).area <= rect.area + other.area:
                found[index] = rect.join(other)
                break
        else:
            found.append(rect)
    return found


def settled(picture: Picture) -> Planes:
    """The picture as its scene leaves it."""
    planes = blank(picture.width, picture.height)
    Canvas(picture, None, planes).show(settled_key(picture))
    return planes
