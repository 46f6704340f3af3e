"""Bars over labels: upright, or lying where the labels are long; grouped for several series."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from inkreel.model import ChartVisual, Effect
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Corners, Style
from inkreel.visuals.scale import Scale, decimals_of, number, scale_for
from inkreel.visuals.setting import Setting, cut, width_of
from inkreel.visuals.stage import Box

if TYPE_CHECKING:
    from inkreel.visuals.kinds.chart import Plot

_WIDEST = 150
_TIGHTEST = 24
"""Lying bars are never closer to each other."""
_BELOW = 64
"""Room under the lowest bar for its figure."""
TICK = 26
_LABELS = (30, 28, 26, 24, 22)


def draw(brief: Brief[ChartVisual], plot: Plot) -> None:
    """Draw axes into the base and a step of bars for each label."""
    values = [v for one in plot.series for v in one.values if v is not None]
    scale = scale_for(values, from_zero=True, intervals=intervals_for(plot.box.h))
    if values and min(values) < 0 and scale.share(min(values)) * (plot.box.h - 140) < _BELOW:
        scale = replace(scale, low=scale.low - scale.step)
    labels = _upright_labels(brief, plot)
    if labels is not None:
        _draw_upright(brief, plot, scale, labels)
    elif plot.box.h / len(plot.labels) >= _TIGHTEST:
        _draw_lying(brief, plot, scale)
    else:
        _draw_upright(brief, plot, scale, _thinned_labels(brief, plot))


def intervals_for(height: float) -> int:
    """How many intervals an axis of this height shows."""
    return max(2, min(5, int(height / 110)))


def _upright_labels(brief: Brief[ChartVisual], plot: Plot) -> tuple[Setting, ...] | None:
    """Labels under the bars in one or two lines, or None if they are too long for that."""
    width = (plot.box.w - 110) / len(plot.labels) * 0.92
    for size in _LABELS:
        style = Style(size, 600, brief.theme.muted)
        if any(width_of(word, style) > width for text in plot.labels for word in text.split()):
            continue
        settings = tuple(cut(text, style, width, 2) for text in plot.labels)
        if not any(setting.cut for setting in settings):
            return settings
    return None


def _thinned_labels(brief: Brief[ChartVisual], plot: Plot) -> tuple[Setting, ...]:
    """One line under every second, third … bar, where there are too many for anything else."""
    style = Style(_LABELS[-1], 600, brief.theme.muted)
    band = (plot.box.w - 110) / len(plot.labels)
    every = max(1, math.ceil(130 / band))
    brief.shortened("The row of labels under a chart")
    return tuple(
        cut(text, style, band * every - 12, 1) if index % every == 0 else Setting(("",), style.size)
        for index, text in enumerate(plot.labels)
    )


def _value_style(
    brief: Brief[ChartVisual], plot: Plot, room: float, largest: float
) -> Style | None:
    """Figures above bars: as large as the room allows, none below a readable size."""
    texts = [
        number(v, brief.language, plot.decimals, plot.unit)
        for one in plot.series
        for v in one.values
        if v is not None
    ]
    size = largest
    while size >= 18:
        style = Style(size, 700, brief.theme.ink)
        if all(width_of(text, style) <= room for text in texts):
            return style
        size -= 2
    return None


# --- Upright -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Bar:
    """An upright bar and its figure, whose baseline is at `figure_y`."""

    index: int
    order: int
    box: Box
    value: float
    text: str
    figure_y: float


def _draw_upright(
    brief: Brief[ChartVisual], plot: Plot, scale: Scale, labels: tuple[Setting, ...]
) -> None:
    box, count, muted = plot.box, len(plot.series), brief.theme.muted
    size = labels[0].size
    foot = max(len(one.lines) for one in labels) * 1.2 * size + 24
    ticks = tick_texts(brief, plot, scale)
    left = max(width_of(text, Style(TICK, 400, muted)) for text in ticks) + 24
    field = Box(box.x + left, box.y + 30, box.w - left, box.h - 30 - foot)
    band = field.w / len(labels)
    group_width = min(band * 0.66, _WIDEST * (1 + 0.6 * (count - 1)))
    room = min(band, group_width * 1.5) if count == 1 else group_width / count
    figures = _value_style(brief, plot, room, 36)
    brief.canvas.note_body(min(size, figures.size) if figures else size)
    bars: list[Bar] = []
    for index, label in enumerate(labels):
        middle = field.x + band * (index + 0.5)
        lit = index == brief.visual.highlight
        style = Style(size, 700, brief.theme.ink) if lit else Style(size, 400, muted)
        for row, line in enumerate(label.lines):
            y = field.bottom + 16 + (0.8 + 1.2 * row) * size
            brief.canvas.base.text(middle, y, line, style, "center")
        slot = Box(middle - group_width / 2, field.y, group_width, field.h)
        bars += _bars(brief, plot, scale, (index, slot), figures)
    draw_grid(brief, field, scale, ticks, _figure_boxes(brief, bars, figures))
    _draw_bars(brief, plot, bars, figures)


def _bars(
    brief: Brief[ChartVisual],
    plot: Plot,
    scale: Scale,
    place: tuple[int, Box],
    figures: Style | None,
) -> list[Bar]:
    """The bars of one label beside each other."""
    index, slot = place
    width = slot.w / len(plot.series)
    gap = 0.0 if len(plot.series) == 1 else min(8.0, width * 0.12)
    zero = slot.bottom - scale.share(0) * slot.h
    bars = []
    for order, one in enumerate(plot.series):
        value = one.values[index]
        if value is None:
            continue
        end = slot.bottom - scale.share(value) * slot.h
        box = Box(slot.x + order * width + gap / 2, min(end, zero), width - gap, 0)
        box = Box(box.x, box.y, box.w, max(3.0, abs(end - zero)))
        text = number(value, brief.language, plot.decimals, plot.unit)
        size = _figure_style(brief, index, figures).size if figures else 0
        figure_y = box.y - 0.5 * size if value >= 0 else box.bottom + 1.1 * size
        bars.append(Bar(index, order, box, value, text, figure_y))
    return bars


def _figure_boxes(brief: Brief[ChartVisual], bars: list[Bar], figures: Style | None) -> list[Box]:
    """Where figures stand: grid lines leave a gap there."""
    if figures is None:
        return []
    boxes = []
    for bar in bars:
        style = _figure_style(brief, bar.index, figures)
        width = width_of(bar.text, style) + 20
        top = bar.figure_y - 0.74 * style.size - 8
        boxes.append(Box(bar.box.x + (bar.box.w - width) / 2, top, width, 0.74 * style.size + 16))
    return boxes


def _draw_bars(
    brief: Brief[ChartVisual], plot: Plot, bars: list[Bar], figures: Style | None
) -> None:
    """Each bar is a layer that grows, the figures of a label another that fades in."""
    for index in dict.fromkeys(bar.index for bar in bars):
        group = [bar for bar in bars if bar.index == index]
        for bar in group:
            up = bar.value >= 0
            effect = Effect.GROW if up else Effect.FADE
            radius = min(14.0, bar.box.w * 0.2, bar.box.h)
            corners: Corners = (radius, radius, 0, 0) if up else (0, 0, radius, radius)
            layer = brief.canvas.layer(f"bar-{index + 1}-{bar.order + 1}", index, effect)
            layer.rect(bar.box, _colour(brief, plot, index, bar.order), radius=corners)
        if figures is None:
            continue
        layer = brief.canvas.layer(f"figures-{index + 1}", index, Effect.FADE)
        style = _figure_style(brief, index, figures)
        for bar in group:
            layer.text(bar.box.x + bar.box.w / 2, bar.figure_y, bar.text, style, "center")


def _figure_style(brief: Brief[ChartVisual], index: int, style: Style) -> Style:
    lit = index == brief.visual.highlight and len(brief.visual.series) == 1
    return style.sized(min(44.0, style.size * 1.2)).filled(brief.theme.accent) if lit else style


def _colour(brief: Brief[ChartVisual], plot: Plot, index: int, order: int) -> str:
    if len(plot.series) > 1:
        return plot.colours[order]
    quiet = brief.visual.highlight is not None and index != brief.visual.highlight
    return brief.theme.series[1] if quiet else brief.theme.accent


def tick_texts(brief: Brief[ChartVisual], plot: Plot, scale: Scale) -> list[str]:
    """Figures of the axis; only a percent sign is repeated on each."""
    unit = plot.unit if plot.unit in ("%", "‰") else ""
    decimals = decimals_of(scale.ticks)
    return [number(tick, brief.language, decimals, unit) for tick in scale.ticks]


def draw_grid(
    brief: Brief[ChartVisual], field: Box, scale: Scale, texts: list[str], gaps: list[Box]
) -> None:
    """Dotted level lines with their figures; the line of zero is drawn through."""
    base, theme = brief.canvas.base, brief.theme
    style = Style(TICK, 400, theme.muted)
    for tick, text in zip(scale.ticks, texts, strict=True):
        y = field.bottom - scale.share(tick) * field.h
        base.text(field.x - 20, y + 0.36 * TICK, text, style, "right")
        if abs(tick) < scale.step / 2 if scale.low <= 0 <= scale.high else tick == scale.low:
            base.line([(field.x, y), (field.right, y)], theme.muted, 2)
            continue
        x = field.x
        for gap in sorted((g for g in gaps if g.y < y < g.bottom), key=lambda g: g.x):
            if gap.x > x:
                base.line([(x, y), (gap.x, y)], theme.line, 2, dash=(4, 8))
            x = max(x, gap.right)
        if x < field.right:
            base.line([(x, y), (field.right, y)], theme.line, 2, dash=(4, 8))


# --- Lying ---------------------------------------------------------------------------------------


def _draw_lying(brief: Brief[ChartVisual], plot: Plot, scale: Scale) -> None:
    """Bars from the left, labels before them: for many or long labels."""
    box, count = plot.box, len(plot.labels)
    pitch = min(118.0, box.h / count)
    labels = _lying_labels(brief, plot, pitch)
    size = labels[0].size
    style = Style(size, 500, brief.theme.ink)
    if any(label.cut for label in labels):
        brief.shortened("A label of the chart")
    left = max(width_of(line, style) for label in labels for line in label.lines) + 28
    figure_size = min(36.0, pitch * 0.55 / len(plot.series))
    figures = Style(figure_size, 700, brief.theme.ink) if figure_size >= 12 else None
    right = max(
        width_of(number(v, brief.language, plot.decimals, plot.unit), figures) if figures else 0
        for one in plot.series
        for v in (*one.values, 0.0)
        if v is not None
    )
    top = box.y + (box.h - pitch * count) * 0.3
    field = Box(box.x + left, top, box.w - left - 1.25 * right - 30, pitch * count)
    zero = field.x + scale.share(0) * field.w
    brief.canvas.base.line([(zero, field.y), (zero, field.bottom)], brief.theme.muted, 2)
    brief.canvas.note_body(min(size, figures.size) if figures else size)
    for index, label in enumerate(labels):
        middle = top + pitch * (index + 0.5)
        shown = Style(size, 700, brief.theme.ink) if index == brief.visual.highlight else style
        y = middle - (len(label.lines) - 1) * 0.58 * size + 0.36 * size
        for line in label.lines:
            brief.canvas.base.text(field.x - 24, y, line, shown, "right")
            y += 1.16 * size
        slot = Box(field.x, middle - pitch * 0.33, field.w, pitch * 0.66)
        _draw_lying_group(brief, plot, scale, (index, slot), figures)


def _lying_labels(brief: Brief[ChartVisual], plot: Plot, pitch: float) -> list[Setting]:
    """Labels before lying bars, in two lines where these fit, at the largest size without cuts."""
    room = plot.box.w * 0.36
    size = largest = min(34.0, max(13.0, pitch * 0.42))
    while True:
        style = Style(size, 600, brief.theme.ink)
        most = max(1, min(2, int(pitch * 0.94 // (1.16 * size))))
        labels = [cut(text, style, room, most) for text in plot.labels]
        if size <= max(13.0, 0.6 * largest) or not any(label.cut for label in labels):
            return labels
        size -= 1


def _draw_lying_group(
    brief: Brief[ChartVisual],
    plot: Plot,
    scale: Scale,
    place: tuple[int, Box],
    figures: Style | None,
) -> None:
    index, slot = place
    height = slot.h / len(plot.series)
    gap = 0.0 if len(plot.series) == 1 else min(6.0, height * 0.12)
    zero = slot.x + scale.share(0) * slot.w
    texts = brief.canvas.layer(f"figures-{index + 1}", index, Effect.FADE)
    for order, one in enumerate(plot.series):
        value = one.values[index]
        if value is None:
            continue
        end = slot.x + scale.share(value) * slot.w
        y = slot.y + order * height + gap / 2
        left, width = min(zero, end), max(3.0, abs(end - zero))
        radius = min(12.0, (height - gap) * 0.2, width)
        corners: Corners = (0, radius, radius, 0) if value >= 0 else (radius, 0, 0, radius)
        layer = brief.canvas.layer(f"bar-{index + 1}-{order + 1}", index, Effect.WIPE)
        bar = Box(left, y, width, height - gap)
        layer.rect(bar, _colour(brief, plot, index, order), radius=corners)
        if figures is None:
            continue
        style = _figure_style(brief, index, figures)
        text = number(value, brief.language, plot.decimals, plot.unit)
        x = max(bar.right, zero) + 16
        texts.text(x, y + (height - gap) / 2 + 0.36 * style.size, text, style)
