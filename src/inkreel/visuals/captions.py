"""Shown words → Captions: cards of at most two lines, each plain and with every word lit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate

import msgspec

from inkreel.model import CaptionCard, Captions, Degraded, Effect
from inkreel.ports import Shelf
from inkreel.recipes import CaptionRequest
from inkreel.visuals.bidi import is_rtl, visual_order
from inkreel.visuals.canvas import Canvas, Marked, Style
from inkreel.visuals.drawing import theme_for
from inkreel.visuals.faces import advance
from inkreel.visuals.glyphs import Cover
from inkreel.visuals.layers import Bounds, Drawing, Sheet, crop_of, rasterise, take_apart
from inkreel.visuals.linebreaks import break_cost
from inkreel.visuals.setting import cut
from inkreel.visuals.stage import Box, Stage, stage_for
from inkreel.visuals.typefaces import typeface_of
from inkreel.visuals.typeset import typeset

_WEIGHT = 600
_PITCH = 1.36
_PAD_X, _PAD_Y, _RADIUS = 38, 20, 24
_MOST_LINES = 2
_SHORTENED = Degraded("A caption was shortened", "it is one word that is longer than two lines")


@dataclass(frozen=True, slots=True)
class Card:
    """Words `[first, last)` of the narration in one or two lines; `size` is smaller only where a
    single word is too long."""

    first: int
    last: int
    lines: tuple[tuple[tuple[int, str], ...], ...]
    """(index of the word, text) of each line, as they are read."""
    size: float
    rtl: bool
    """Whether its sentence is read from right to left."""
    cut: bool = False


def draw_captions(request: CaptionRequest, shelf: Shelf) -> Captions:  # noqa: ARG001
    """Draw the caption cards of a scene. Raises `DrawingFailed`."""
    with typeface_of(request.theme) as told:
        captions = _drawn(request)
    return msgspec.structs.replace(captions, degraded=(*captions.degraded, *told))


def _drawn(request: CaptionRequest) -> Captions:
    cover = Cover()
    stage = stage_for(request.width, request.height)
    theme = theme_for(request.theme)
    sentences = [[cover.text(word).strip() for word in words] for words in request.sentences]
    cards = list(_cards(sentences, stage))
    canvas = Canvas(stage, request.language)
    for index, card in enumerate(cards):
        _draw(canvas, index, card, (theme.caption, theme.caption_ink))
    if not cards:
        return Captions(())
    sheet = take_apart(typeset(canvas.scene()), request.width, request.height)
    colours = (theme.caption_ink.lower(), theme.caption_lit.lower())
    return Captions(
        tuple(
            _card(sheet, drawing, card, colours)
            for drawing, card in zip(sheet.drawings, cards, strict=True)
        ),
        (*cover.degraded, *([_SHORTENED] if any(card.cut for card in cards) else [])),
    )


# --- Words → cards -------------------------------------------------------------------------------


def _cards(sentences: Sequence[Sequence[str]], stage: Stage) -> Iterator[Card]:
    size = {"wide": 42, "tall": 46, "square": 40}[stage.aspect]
    measure = min(1200 if stage.wide else 2000, stage.caption_width - 2 * _PAD_X)
    offset = 0
    for words in sentences:
        rtl = is_rtl(" ".join(words))
        for first, last in _chunks(words, size, measure):
            indexed = tuple(enumerate(words))[first:last]
            lines, set_size = _lines(indexed, size, measure)
            shifted = tuple(tuple((offset + k, word) for k, word in line) for line in lines)
            short = sum(len(word) for line in lines for _, word in line)
            lost = short < sum(len(word) for _, word in indexed)
            yield Card(offset + first, offset + last, shifted, set_size, rtl, lost)
        offset += len(words)


def _chunks(words: Sequence[str], size: float, measure: float) -> list[tuple[int, int]]:
    """Cut one sentence into cards: few, equally full, ending where a clause ends."""
    ends = list(accumulate((_width(word + " ", size) for word in words), initial=0.0))
    count = len(words)
    best = [0.0] + [float("inf")] * count
    start = [0] * (count + 1)
    for last in range(1, count + 1):
        for first in range(last - 1, -1, -1):
            width = ends[last] - ends[first]
            alone = first == last - 1
            if not alone and not _fits(ends, first, last, measure):
                break
            fill = min(1.0, width / (_MOST_LINES * measure))
            cost = best[first] + 1.0 + 0.8 * (1 - fill) ** 2
            cost += 0.0 if last == count else 0.45 + 12 * break_cost(words[last - 1], words[last])
            cost += 0.5 if alone and count > 1 else 0.0
            if cost < best[last]:
                best[last], start[last] = cost, first
    cuts: list[tuple[int, int]] = []
    while count:
        cuts.append((start[count], count))
        count = start[count]
    return cuts[::-1]


def _fits(ends: Sequence[float], first: int, last: int, measure: float) -> bool:
    whole = ends[last] - ends[first]
    return whole <= measure or any(
        ends[middle] - ends[first] <= measure and ends[last] - ends[middle] <= measure
        for middle in range(first + 1, last)
    )


def _lines(
    words: tuple[tuple[int, str], ...], size: float, measure: float
) -> tuple[tuple[tuple[tuple[int, str], ...], ...], float]:
    """One line, or two of like length; a single word too long for a line is made smaller."""
    widths = [_width(word + " ", size) for _, word in words]
    if len(words) == 1:
        return _single(words[0], size, measure)
    if sum(widths) <= measure:
        return (words,), size
    ends = list(accumulate(widths, initial=0.0))

    def badness(middle: int) -> float:
        top, bottom = ends[middle], ends[-1] - ends[middle]
        if max(top, bottom) > measure:
            return 10.0 + max(top, bottom) / measure
        return abs(top - bottom) / ends[-1] + 6 * break_cost(words[middle - 1][1], words[middle][1])

    middle = min(range(1, len(words)), key=badness)
    return (words[:middle], words[middle:]), size


def _single(
    word: tuple[int, str], size: float, measure: float
) -> tuple[tuple[tuple[tuple[int, str], ...], ...], float]:
    index, text = word
    smallest = 18.0
    while size > smallest:
        setting = cut(text, Style(size, _WEIGHT, ""), measure, _MOST_LINES)
        if not setting.cut:
            break
        size -= 2
    return tuple(((index, line),) for line in setting.lines), size


def _width(text: str, size: float) -> float:
    return advance(text, size, _WEIGHT)


# --- Cards → pixels ------------------------------------------------------------------------------


def _draw(canvas: Canvas, index: int, card: Card, colours: tuple[str, str]) -> None:
    stage, (field, ink) = canvas.stage, colours
    style = Style(card.size, _WEIGHT, ink)
    pitch = _PITCH * card.size
    widest = max(_width(" ".join(word for _, word in line), card.size) for line in card.lines)
    scale = stage.scale
    width = _even(widest + 2 * _PAD_X, scale)
    height = _even(len(card.lines) * pitch + 2 * _PAD_Y, scale)
    x = _even((stage.width - width) / 2, scale)
    y = _even(stage.caption_middle - height / 2, scale)
    group = canvas.layer(f"card-{index}", index, Effect.FADE)
    group.rect(Box(x, y, width, height), field, radius=_RADIUS)
    baseline = y + _PAD_Y + pitch / 2 + 0.34 * card.size
    for row, line in enumerate(card.lines):
        order = visual_order([word for _, word in line], rtl=card.rtl)
        marked = [Marked(f"{row}/{line[at][0]}", line[at][1], card.rtl) for at in order]
        group.words(stage.width / 2, baseline + row * pitch, marked, style)


def _even(value: float, scale: float) -> float:
    """The nearest length that is an even number of pixels of the video."""
    return 2 * round(value * scale / 2) / scale


def _card(sheet: Sheet, drawing: Drawing, card: Card, colours: tuple[str, str]) -> CaptionCard:
    crop = crop_of(drawing.bounds or (0, 0, 2, 2), sheet.width, sheet.height) or (0, 0, 2, 2)
    plain, lit = colours
    lit_markup = drawing.markup.replace(f'fill="{plain}"', f'fill="{lit}"')
    x, y, width, height = crop
    return CaptionCard(
        first=card.first,
        last=card.last,
        x=x,
        y=y,
        width=width,
        height=height,
        plain=rasterise(sheet, drawing.markup, crop),
        lit=rasterise(sheet, lit_markup, crop),
        boxes=_boxes(drawing, card, crop),
    )


def _boxes(
    drawing: Drawing, card: Card, crop: tuple[int, int, int, int]
) -> tuple[tuple[int, int, int, int], ...]:
    """A box for each word, as high as its line; neighbours meet in the middle of the space."""
    x, _, width, height = crop
    rows = len(card.lines)
    edges = [round(height * row / rows / 2) * 2 for row in range(rows + 1)]
    if card.last - card.first == 1:
        return ((0, 0, width, height),)
    boxes: list[tuple[int, int, int, int]] = []
    for row, line in enumerate(card.lines):
        sides = _sides([drawing.marks.get(f"{row}/{k}") for k, _ in line], x, width)
        boxes += [(left, edges[row], right, edges[row + 1]) for left, right in sides]
    return tuple(boxes)


def _sides(inks: Sequence[Bounds | None], x: int, width: int) -> list[tuple[int, int]]:
    """Left and right of each word of a line, in the order in which they are read."""
    sides = [(0, 0)] * len(inks)
    seen = sorted((ink, place) for place, ink in enumerate(inks) if ink)
    left = 0
    for at, (ink, place) in enumerate(seen):
        middle = (ink[2] + seen[at + 1][0][0]) / 2 - x if at + 1 < len(seen) else width
        right = max(left, min(width, round(middle / 2) * 2))
        sides[place] = (left, right)
        left = right
    return sides
