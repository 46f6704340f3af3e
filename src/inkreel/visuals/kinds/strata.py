"""An architecture in layers: a band for each, its parts as cards beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from inkreel.model import DiagramVisual, Effect, Node
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.kinds.nodes import hairline, quiet
from inkreel.visuals.layout.shapes import shown, torn
from inkreel.visuals.setting import Setting, cut, width_of
from inkreel.visuals.stage import Box

_LARGEST, _SMALLEST = 38.0, 10.0
_PITCH, _DETAIL, _DETAIL_PITCH = 1.24, 0.8, 1.24
_MOST, _MOST_DETAIL = 3, 2
_ROUND = 0.5


@dataclass(frozen=True, slots=True)
class Part:
    """A card: its node's number and its texts."""

    node: int
    text: Setting
    detail: Setting
    torn: bool

    @property
    def height(self) -> float:
        below = len(self.detail.lines) * _DETAIL_PITCH * self.detail.size
        lines = len(self.text.lines) * _PITCH * self.text.size
        return lines + (below if self.detail.lines[0] else 0.0)


@dataclass(frozen=True, slots=True)
class Band:
    """A layer with its cards in rows of `columns`."""

    title: Setting
    parts: tuple[Part, ...]
    columns: int
    card: float
    """Height of a card."""
    height: float
    slab: bool = False
    """It is a single card itself, its detail beside its text."""


@dataclass(frozen=True, slots=True)
class Stack:
    """All layers at one size; `aside` is the titles' width, 0 where they stand on top."""

    size: float
    aside: float
    bands: tuple[Band, ...]
    gap: float
    short: bool
    column: float = 0.0
    """Where the details of slabs begin."""

    @property
    def height(self) -> float:
        return sum(band.height for band in self.bands) + self.gap * (len(self.bands) - 1)


def draw(
    brief: Brief[DiagramVisual], area: Box, nodes: Sequence[Node], steps: Sequence[int]
) -> float:
    """Draw the layers; answers the size of their text."""
    stack = _fit(brief, area, nodes)
    brief.canvas.note_body(stack.size)
    if stack.size < _SMALLEST:
        return stack.size
    if stack.short:
        brief.shortened("A text of the layers")
    free = area.h - stack.height
    # Bands take up to half as much more height, if there is room.
    more = min(free / len(stack.bands), 1.5 * stack.size)
    y = area.y + (free - more * len(stack.bands)) * 0.4
    for index, band in enumerate(stack.bands):
        box = Box(area.x, y, area.w, band.height + more)
        _draw_band(brief, stack, index, box, steps)
        y += box.h + stack.gap
    return stack.size


def _fit(brief: Brief[DiagramVisual], area: Box, nodes: Sequence[Node]) -> Stack:
    groups: dict[str, list[tuple[int, Node]]] = {}
    for index, node in enumerate(nodes):
        groups.setdefault(node.group or f"\0{index}", []).append((index, node))
    titled = any(node.group for node in nodes)
    aside = 0.2 * area.w if titled and brief.canvas.stage.wide else 0.0
    size = _LARGEST
    while size > _SMALLEST:
        stack = _stack(brief, area, groups, size, aside)
        if stack.height <= area.h and (not stack.short or size < 24):
            return stack
        size -= 2 if size > 26 else 1
    return Stack(_SMALLEST - 1, 0.0, (), 0.0, short=True)


def _stack(
    brief: Brief[DiagramVisual],
    area: Box,
    groups: dict[str, list[tuple[int, Node]]],
    size: float,
    aside: float,
) -> Stack:
    bands, short = [], False
    for name, own in groups.items():
        if name.startswith("\0"):
            bands.append(_slab(brief, own[0], size, area.w))
            short |= any(p.text.cut or p.detail.cut or p.torn for p in bands[-1].parts)
            continue
        width = aside - 1.6 * size if aside else area.w - 1.6 * size
        head = cut(name, _title(brief, size), max(width, size), 3 if aside else 1)
        band = _band(brief, head, own, size, (area.w - aside - 0.7 * size, bool(aside)))
        short |= head.cut or any(p.text.cut or p.detail.cut or p.torn for p in band.parts)
        bands.append(band)
    # Bands of one height look calmer, where there is room.
    tallest = max(band.height for band in bands)
    if tallest * len(bands) + 0.55 * size * (len(bands) - 1) <= area.h:
        bands = [replace(band, height=tallest) for band in bands]
    style = _styles(brief, size)[0]
    slabs = [line for band in bands if band.slab for line in band.parts[0].text.lines]
    column = max((width_of(line, style) for line in slabs), default=0.0) + 3.0 * size
    return Stack(size, aside, tuple(bands), 0.55 * size, short, min(column, 0.42 * area.w))


def _title(brief: Brief[DiagramVisual], size: float) -> Style:
    return Style(size, 700, brief.theme.accent, tracking=-0.005)


def _band(
    brief: Brief[DiagramVisual],
    title: Setting,
    own: Sequence[tuple[int, Node]],
    size: float,
    room: tuple[float, bool],
) -> Band:
    """The band with as few rows of cards as their texts allow."""
    width, beside = room
    found = []
    for rows in range(1, len(own) + 1):
        columns = -(-len(own) // rows)
        inner = (width - 0.55 * size * (columns + 1)) / columns - 1.1 * size
        if inner < 3.2 * size and columns > 1:
            continue
        parts = tuple(_part(brief, index, node, size, max(inner, size)) for index, node in own)
        card = max(part.height for part in parts) + 0.95 * size
        head = 0.0 if beside or not title.lines[0] else 1.5 * size
        high = rows * card + (rows - 1) * 0.5 * size + 1.1 * size + head
        high = max(high, len(title.lines) * _PITCH * size + 1.1 * size if beside else 0.0)
        found.append(Band(title, parts, columns, card, high))
    return min(found, key=lambda band: (any(p.text.cut or p.torn for p in band.parts), band.height))


def _slab(brief: Brief[DiagramVisual], own: tuple[int, Node], size: float, width: float) -> Band:
    """A layer without a name of its own."""
    index, node = own
    share = 0.42 if node.detail else 1.0
    text, detail = _styles(brief, size)
    part = Part(
        index,
        cut(shown(node), text, width * share - 1.6 * size, 2),
        cut(node.detail, detail, width * 0.58 - 1.2 * size, 2),
        torn(shown(node), text, width * share - 1.6 * size),
    )
    below = len(part.detail.lines) * _DETAIL_PITCH * part.detail.size
    high = max(len(part.text.lines) * _PITCH * size, below if part.detail.lines[0] else 0.0)
    high += 0.85 * size
    return Band(Setting(("",), size), (part,), 1, high, high, slab=True)


def _part(brief: Brief[DiagramVisual], index: int, node: Node, size: float, width: float) -> Part:
    text, detail = _styles(brief, size)
    return Part(
        index,
        cut(shown(node), text, width, _MOST),
        cut(node.detail, detail, width, _MOST_DETAIL),
        torn(shown(node), text, width),
    )


def _styles(brief: Brief[DiagramVisual], size: float) -> tuple[Style, Style]:
    return (
        Style(size, 600, brief.theme.ink),
        Style(round(_DETAIL * size, 1), 400, brief.theme.muted),
    )


# --- Drawing -------------------------------------------------------------------------------------


def _draw_band(
    brief: Brief[DiagramVisual], stack: Stack, index: int, box: Box, steps: Sequence[int]
) -> None:
    band, theme, size = stack.bands[index], brief.theme, stack.size
    if band.slab:
        _draw_slab(brief, stack, band, box, steps[band.parts[0].node])
        return
    first = min(steps[part.node] for part in band.parts)
    layer = brief.canvas.layer(f"band-{index + 1}", first, Effect.FADE)
    layer.rect(box, theme.soft, radius=_ROUND * size)
    inner = Box(box.x + stack.aside, box.y, box.w - stack.aside, box.h)
    if band.title.lines[0]:
        _draw_title(brief, layer, stack, band, box)
        if not stack.aside:
            inner = inner.below(box.y + 1.5 * size)
    rows = -(-len(band.parts) // band.columns)
    pad = 0.55 * size
    high = (inner.h - pad * 2 - 0.5 * size * (rows - 1)) / rows
    high = min(high, band.card * 1.35)
    top = inner.y + (inner.h - rows * high - (rows - 1) * 0.5 * size) / 2
    focused: dict[int, Group] = {}
    for at, part in enumerate(band.parts):
        row, column = divmod(at, band.columns)
        count = min(band.columns, len(band.parts) - row * band.columns)
        width = (inner.w - pad * (count + 1)) / count
        card = Box(
            inner.x + pad + column * (width + pad), top + row * (high + 0.5 * size), width, high
        )
        step = steps[part.node]
        own = layer
        if step != first:
            own = brief.canvas.layer(f"node-{part.node + 1}", step, Effect.FADE)
        _draw_part(brief, own, part, card, lit=False)
        if step not in focused:
            focused[step] = brief.canvas.layer(f"focus-{index + 1}-{step + 1}", step, Effect.FOCUS)
        _draw_part(brief, focused[step], part, card, lit=True)


def _draw_slab(brief: Brief[DiagramVisual], stack: Stack, band: Band, box: Box, step: int) -> None:
    """The text at the left, what explains it from a common edge on."""
    part, theme = band.parts[0], brief.theme
    number = part.node + 1
    for lit in (False, True):
        effect = Effect.FOCUS if lit else Effect.RISE
        layer = brief.canvas.layer(f"{'focus' if lit else 'node'}-{number}", step, effect)
        text, detail = _styles(brief, part.text.size)
        fill, stroke = theme.surface, hairline(theme)
        if lit:
            fill = stroke = theme.accent
            text, detail = text.filled(theme.on), detail.filled(quiet(theme.on, theme.accent))
        layer.rect(box, fill, radius=_ROUND * text.size, stroke=stroke)
        x = box.x + 0.9 * text.size
        _draw_lines(layer, part.text, text, (x, box.y + box.h / 2), _PITCH)
        if part.detail.lines[0]:
            middle = (box.x + stack.column, box.y + box.h / 2)
            _draw_lines(layer, part.detail, detail, middle, _DETAIL_PITCH)


def _draw_lines(
    layer: Group, setting: Setting, style: Style, middle: tuple[float, float], pitch: float
) -> None:
    """Lines from the left, around a height."""
    x, y = middle
    y -= (len(setting.lines) - 1) / 2 * pitch * style.size
    for line in setting.lines:
        layer.text(x, y + 0.36 * style.size, line, style)
        y += pitch * style.size


def _draw_title(
    brief: Brief[DiagramVisual], layer: Group, stack: Stack, band: Band, box: Box
) -> None:
    size = stack.size
    style = _title(brief, size)
    x, y = box.x + 0.8 * size, box.y + 1.28 * size
    if stack.aside:
        high = (len(band.title.lines) - 1) * _PITCH * size
        y = box.y + box.h / 2 - high / 2 + 0.36 * size
    for line in band.title.lines:
        layer.text(x, y, line, style)
        y += _PITCH * size


def _draw_part(
    brief: Brief[DiagramVisual], layer: Group, part: Part, card: Box, *, lit: bool
) -> None:
    theme = brief.theme
    text, detail = _styles(brief, part.text.size)
    fill, stroke = theme.surface, hairline(theme)
    if lit:
        fill = stroke = theme.accent
        text, detail = text.filled(theme.on), detail.filled(quiet(theme.on, theme.accent))
    layer.rect(card, fill, radius=0.42 * text.size, stroke=stroke)
    x = card.x + card.w / 2
    y = card.y + (card.h - part.height) / 2
    for line in part.text.lines:
        layer.text(x, y + 0.97 * text.size, line, text, "center")
        y += _PITCH * text.size
    for line in part.detail.lines if part.detail.lines[0] else ():
        layer.text(x, y + 0.92 * detail.size, line, detail, "center")
        y += _DETAIL_PITCH * detail.size
