"""What all forms of charts share: cleaned data, colours, labels, axes."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import msgspec

from inkreel.model import ChartVisual, Series
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.scale import Figures, Scale
from inkreel.visuals.setting import Setting, cut, width_of
from inkreel.visuals.stage import Box

TICK = 26
LEAST = 24
"""Text of a chart is never smaller, unless that is reported."""
MOST_SERIES = 6

Spec = Brief[ChartVisual]


@dataclass(frozen=True, slots=True)
class Plot:
    """A chart's data and the box that it is drawn in."""

    labels: tuple[str, ...]
    series: tuple[Series, ...]
    colours: tuple[str, ...]
    figures: Figures
    box: Box


@dataclass(frozen=True, slots=True)
class Names:
    """Labels at one size."""

    settings: tuple[Setting, ...]
    size: float

    @property
    def lines(self) -> int:
        return max(len(one.lines) for one in self.settings)

    @property
    def cut(self) -> bool:
        return any(one.cut for one in self.settings)


def clean(visual: ChartVisual) -> tuple[Series, ...]:
    """As many values as labels in every series; what is not a finite number is a gap."""
    count = len(visual.labels)
    return tuple(
        msgspec.structs.replace(
            one,
            values=tuple(
                value if value is not None and math.isfinite(value) else None
                for value in (*one.values, *[None] * count)[:count]
            ),
        )
        for one in visual.series
    )


def known(series: Iterable[Series]) -> list[float]:
    """All values that are there."""
    return [value for one in series for value in one.values if value is not None]


def palette(brief: Spec, count: int) -> tuple[str, ...]:
    """A colour for each series; the quiet second colour comes last unless there are two."""
    order = (0, 1) if count == 2 else (0, 2, 3, 4, 1, 5)
    return tuple(brief.theme.series[order[index % len(order)]] for index in range(count))


def intervals_for(length: float, apart: float = 110) -> int:
    """How many intervals an axis of this length shows."""
    return max(2, min(5, int(length / apart)))


def set_names(
    texts: Sequence[str], style: Style, width: float, most: int, sizes: Sequence[float]
) -> Names | None:
    """All texts at the largest size at which no word is split and nothing is cut."""
    for size in sizes:
        sized = style.sized(size)
        if any(width_of(word, sized) > width for text in texts for word in text.split()):
            continue
        names = Names(tuple(cut(text, sized, width, most) for text in texts), size)
        if not names.cut:
            return names
    return None


def every_nth(brief: Spec, texts: Sequence[str], band: float, size: float) -> Names:
    """One line for every second, third … text, where there are too many for anything else."""
    style = Style(size, 600, brief.theme.muted)
    widest = min(max((width_of(text, style) for text in texts), default=0.0) + 20, 260.0)
    every = max(1, math.ceil(widest / band))
    settings = []
    for index, text in enumerate(texts):
        edge = 2 * band * (min(index, len(texts) - 1 - index) + 0.5)
        room = max(60.0, min(band * every - 12, edge))
        shown = text if index % every == 0 else ""
        settings.append(cut(shown, style, room, 1))
    names = Names(tuple(settings), size)
    if names.cut or not all(text[-1:].isdigit() for text in texts):
        brief.shortened("The row of labels under a chart")
    return names


def tick_width(texts: Sequence[str]) -> float:
    """Room that the figures of an axis need."""
    return max(width_of(text, Style(TICK, 400, "")) for text in texts)


def draw_levels(
    brief: Spec, field: Box, scale: Scale, texts: Sequence[str], gaps: Sequence[Box] = ()
) -> None:
    """Dotted level lines with their figures; the line of zero is drawn through. Lines leave a gap
    where a figure stands."""
    base, theme = brief.canvas.base, brief.theme
    style = Style(TICK, 400, theme.muted)
    for tick, text in zip(scale.ticks, texts, strict=True):
        y = field.bottom - scale.share(tick) * field.h
        base.text(field.x - 20, y + 0.36 * TICK, text, style, "right")
        if _is_ground(tick, scale):
            base.line([(field.x, y), (field.right, y)], theme.muted, 2)
            continue
        x = field.x
        for gap in sorted((g for g in gaps if g.y < y < g.bottom), key=lambda g: g.x):
            if gap.x > x:
                base.line([(x, y), (gap.x, y)], theme.line, 2, dash=(4, 8))
            x = max(x, gap.right)
        if x < field.right:
            base.line([(x, y), (field.right, y)], theme.line, 2, dash=(4, 8))


def draw_plumbs(brief: Spec, field: Box, scale: Scale, texts: Sequence[str]) -> None:
    """Dotted plumb lines with their figures below them."""
    base, theme = brief.canvas.base, brief.theme
    style = Style(TICK, 400, theme.muted)
    taken = -math.inf
    for tick, text in zip(scale.ticks, texts, strict=True):
        x = field.x + scale.share(tick) * field.w
        ends = [(x, field.y), (x, field.bottom)]
        if _is_ground(tick, scale):
            base.line(ends, theme.muted, 2)
        else:
            base.line(ends, theme.line, 2, dash=(4, 8))
        half = width_of(text, style) / 2
        if x - half > taken:
            base.text(x, field.bottom + 42, text, style, "center")
            taken = x + half + 16


def _is_ground(tick: float, scale: Scale) -> bool:
    """Whether a tick is where bars stand: zero, or the low end of an axis without it."""
    return abs(tick) < scale.step / 2 if scale.low <= 0 <= scale.high else tick == scale.low
