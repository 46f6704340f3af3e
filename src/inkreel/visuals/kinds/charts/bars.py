"""Bars over labels: upright, or lying where labels are long; beside or upon each other."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import msgspec

from inkreel.model import Effect
from inkreel.visuals.canvas import Corners, Group, Style
from inkreel.visuals.colours import readable_on
from inkreel.visuals.kinds.charts.plot import (
    LEAST,
    Names,
    Plot,
    Spec,
    draw_levels,
    draw_plumbs,
    every_nth,
    intervals_for,
    known,
    set_names,
    tick_width,
)
from inkreel.visuals.scale import Scale, scale_for
from inkreel.visuals.setting import cut, width_of
from inkreel.visuals.stage import Box

_WIDEST = 150
_PITCH = 34.0
"""Lying bars are never closer to each other, so that their labels can be read."""
_HIGHEST, _TALLEST = 118.0, 170.0
"""From lying bar to lying bar, in wide and in tall frames."""
_BELOW = 64
"""Room under the lowest bar for its figure."""
_SIZES = (30, 28, 26, LEAST)
_FIGURE_SHARE = 0.92
"""A figure beside a lying bar is at most so much of its thickness."""
_SEAM = 3.0
"""Gap between bars upon each other."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Where bars stand: their field, the scale along them, and which way they point."""

    field: Box
    scale: Scale
    lying: bool

    def box(self, at: float, width: float, low: float, high: float) -> Box:
        """A bar of `width` that begins `at` along the ground, from one value to another."""
        first, last = sorted((self.scale.share(low), self.scale.share(high)))
        if self.lying:
            x, length = self.field.x + first * self.field.w, (last - first) * self.field.w
            return Box(x, self.field.y + at, max(3.0, length), width)
        y, length = self.field.bottom - last * self.field.h, (last - first) * self.field.h
        return Box(self.field.x + at, y, width, max(3.0, length))

    def corners(self, radius: float, value: float) -> Corners:
        """Rounded where the value ends, square where it begins."""
        up = value >= 0
        if self.lying:
            return (0, radius, radius, 0) if up else (radius, 0, 0, radius)
        return (radius, radius, 0, 0) if up else (0, 0, radius, radius)


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar of label `index` and series `order`. Its figure stands inside it, or at its end."""

    index: int
    order: int
    value: float
    box: Box
    text: str
    inside: bool
    last: bool
    """No other one lies on it."""


def draw(brief: Spec, plot: Plot, form: str) -> None:
    """Draw axes into the base and a step of bars for each label."""
    piled = form in ("stacked", "percent") and len(plot.series) > 1
    values = _ends(plot) if piled else known(plot.series)
    scale = Scale(0, 100, 25) if form == "percent" else None
    names = _upright_names(brief, plot)
    rows = int(plot.box.h // _PITCH)
    lies = names is None or (not piled and _tells_more_lying(brief, plot))
    if lies and len(plot.labels) <= rows * (2 if brief.canvas.stage.wide else 1):
        scale = scale or scale_for(values, from_zero=True, intervals=intervals_for(plot.box.w, 170))
        for part, first in _columns(plot, rows):
            _draw_lying(brief, part, scale, first, piled=piled)
        return
    height = plot.box.h
    scale = scale or scale_for(values, from_zero=True, intervals=intervals_for(height))
    if values and min(values) < 0:
        scale = scale.reaching(min(values), _BELOW, height - 140)
    band = (plot.box.w - 110) / len(plot.labels)
    names = names or every_nth(brief, plot.labels, band, _SIZES[-1])
    _draw_upright(brief, plot, scale, names, piled=piled)


def _tells_more_lying(brief: Spec, plot: Plot) -> bool:
    """Whether bars that stand are too narrow for their figures, while there is room for these
    beside bars that lie: in frames that are no wider than high."""
    count = len(plot.series)
    if brief.canvas.stage.wide:
        return False
    ticks = plot.figures.ticks(scale_for(known(plot.series), from_zero=True))
    band = (plot.box.w - tick_width(ticks) - 24) / len(plot.labels)
    thick = _lying_thickness(plot.box.h / len(plot.labels), count) / count
    upright = _figure_style(brief, plot, _figure_room(band, count), LEAST)
    widest = max(
        (width_of(plot.figures.text(v), Style(LEAST, 700, "")) for v in known(plot.series)),
        default=0.0,
    )
    return upright is None and thick * _FIGURE_SHARE >= LEAST and widest < 0.25 * plot.box.w


def _width(band: float, count: int) -> float:
    """Of the bars of a label together."""
    return min(band * (0.66 if count == 1 else 0.8), _WIDEST * (1 + 0.6 * (count - 1)))


def _figure_room(band: float, count: int) -> float:
    """Over a bar that stands."""
    width = _width(band, count)
    return min(band, width * 1.5) if count == 1 else width / count - 10


def _lying_thickness(pitch: float, count: int) -> float:
    """Of the lying bars of a label together."""
    return pitch * (0.66 if count == 1 else 0.8)


def _columns(plot: Plot, rows: int) -> Iterator[tuple[Plot, int]]:
    """The chart, or its two halves beside each other, with the index of their first label."""
    count = len(plot.labels)
    if count <= rows:
        yield plot, 0
        return
    half, width = -(-count // 2), (plot.box.w - 64) / 2
    for first in (0, half):
        box = replace(plot.box, x=plot.box.x + (width + 64 if first else 0.0), w=width)
        series = tuple(
            msgspec.structs.replace(one, values=one.values[first : first + half])
            for one in plot.series
        )
        labels = plot.labels[first : first + half]
        yield replace(plot, labels=labels, series=series, box=box), first


def _ends(plot: Plot) -> list[float]:
    """How far the bars of each label reach upwards and downwards together."""
    columns = list(zip(*(one.values for one in plot.series), strict=True))
    return [sum(v for v in c if v and v > 0) for c in columns] + [
        sum(v for v in c if v and v < 0) for c in columns
    ]


def _upright_names(brief: Spec, plot: Plot) -> Names | None:
    """Labels under the bars in one or two lines, or None if they are too long for that."""
    width = (plot.box.w - 110) / len(plot.labels) * 0.92
    return set_names(plot.labels, Style(_SIZES[0], 700, brief.theme.ink), width, 2, _SIZES)


# --- Upright -------------------------------------------------------------------------------------


def _draw_upright(brief: Spec, plot: Plot, scale: Scale, names: Names, *, piled: bool) -> None:
    box, count, size = plot.box, 1 if piled else len(plot.series), names.size
    foot = names.lines * 1.2 * size + 24
    ticks = plot.figures.ticks(scale)
    left = tick_width(ticks) + 24
    field = Box(box.x + left, box.y + 30, box.w - left, box.h - 30 - foot)
    ground = Ground(field, scale, lying=False)
    band = field.w / len(plot.labels)
    width, room = _width(band, count), _figure_room(band, count)
    style = _figure_style(brief, plot, room, 36)
    bars = [
        bar
        for index in range(len(plot.labels))
        for bar in _group(
            plot, ground, (index, band * (index + 0.5) - width / 2, width), piled=piled
        )
    ]
    for index, setting in enumerate(names.settings):
        shown = _name_style(brief, index, size)
        for row, line in enumerate(setting.lines):
            y = field.bottom + 16 + (0.8 + 1.2 * row) * size
            half = width_of(line, shown) / 2
            x = min(max(field.x + band * (index + 0.5), box.x + half), box.right - half)
            brief.canvas.base.text(x, y, line, shown, "center")
    totals = {} if not piled or style is None else _totals(brief, plot, style, room)
    gaps = _figure_boxes(brief, bars, style) if style and not piled else []
    draw_levels(brief, field, scale, ticks, gaps)
    brief.canvas.note_body(min(size, style.size) if style else size)
    _draw_bars(brief, plot, ground, bars, style)
    for index, text in totals.items():
        layer = brief.canvas.layer(f"total-{index + 1}", index, Effect.FADE)
        top = min(
            (b.box.y for b in bars if b.index == index and b.value >= 0), default=field.bottom
        )
        layer.text(
            field.x + band * (index + 0.5), top - 14, text, style or Style(LEAST, 700, ""), "center"
        )


def _name_style(brief: Spec, index: int, size: float) -> Style:
    if index == brief.visual.highlight:
        return Style(size, 700, brief.theme.ink)
    return Style(size, 400, brief.theme.muted)


def _totals(brief: Spec, plot: Plot, style: Style, room: float) -> dict[int, str]:
    """What bars upon each other come to, where that is more than they say."""
    if brief.visual.form == "percent" or min(known(plot.series), default=0) < 0:
        return {}
    columns = zip(*(one.values for one in plot.series), strict=True)
    texts = {index: plot.figures.text(sum(v or 0.0 for v in c)) for index, c in enumerate(columns)}
    return texts if all(width_of(text, style) <= room for text in texts.values()) else {}


def _group(
    plot: Plot, ground: Ground, place: tuple[int, float, float], *, piled: bool
) -> Iterator[Bar]:
    """The bars of one label: `place` is its index, where it begins, and how wide it is."""
    index, at, width = place
    whole = [one.values[index] for one in plot.series]
    count = 1 if piled else len(whole)
    gap = 0.0 if count == 1 else min(8.0, width / count * 0.12)
    reached = {True: 0.0, False: 0.0}
    ends = {
        up: max((k for k, v in enumerate(whole) if v and (v > 0) == up), default=-1)
        for up in (True, False)
    }
    for order, value in enumerate(whole):
        if value is None or (piled and not value):
            continue
        up = value >= 0
        low = reached[up] if piled else 0.0
        reached[up] = low + value
        start = at if piled else at + order * width / count + gap / 2
        box = ground.box(start, width / count - gap, low, low + value)
        last = not piled or order == ends[up]
        yield Bar(index, order, value, box, plot.figures.text(value), piled, last)


def _figure_style(brief: Spec, plot: Plot, room: float, largest: float) -> Style | None:
    """Figures of bars: as large as the room allows, or none where they could not be read."""
    texts = [plot.figures.text(value) for value in known(plot.series)]
    size = largest
    while size >= LEAST:
        style = Style(size, 700, brief.theme.ink)
        if all(width_of(text, style) <= room for text in texts):
            return style
        size -= 2
    return None


def _figure_boxes(brief: Spec, bars: Sequence[Bar], style: Style) -> list[Box]:
    """Where figures stand over bars: grid lines leave a gap there."""
    boxes = []
    for bar in bars:
        own = _lit_style(brief, bar.index, style)
        width = width_of(bar.text, own) + 20
        top = _figure_y(bar, own.size) - 0.74 * own.size - 8
        boxes.append(Box(bar.box.x + (bar.box.w - width) / 2, top, width, 0.74 * own.size + 16))
    return boxes


def _figure_y(bar: Bar, size: float) -> float:
    return bar.box.y - 0.5 * size if bar.value >= 0 else bar.box.bottom + 1.1 * size


def _lit_style(brief: Spec, index: int, style: Style) -> Style:
    lit = index == brief.visual.highlight and len(brief.visual.series) == 1
    return style.sized(min(44.0, style.size * 1.2)).filled(brief.theme.accent) if lit else style


# --- Lying ---------------------------------------------------------------------------------------


def _draw_lying(brief: Spec, plot: Plot, scale: Scale, first: int, *, piled: bool) -> None:
    """Bars from the left, labels before them: for many or long labels; `first` is the step of the
    first."""
    box, count = plot.box, 1 if piled else len(plot.series)
    tall = brief.canvas.stage.aspect == "tall"
    highest = _TALLEST * (1 + 0.25 * (count - 1)) if tall else _HIGHEST
    pitch = min(highest, box.h / len(plot.labels))
    names = _lying_names(brief, plot, pitch)
    size = names.size
    style = Style(size, 700, brief.theme.ink)
    left = max(width_of(line, style) for one in names.settings for line in one.lines) + 28
    thick = _lying_thickness(pitch, count)
    large = min(36.0, thick / count * _FIGURE_SHARE)
    figures = Style(large, 700, brief.theme.ink) if large >= LEAST else None
    right = 0.0
    if figures and not piled:
        lit = 1.2 if count == 1 else 1.0
        right = lit * max(
            (width_of(plot.figures.text(v), figures) for v in known(plot.series)), default=0
        )
        if right > 0.3 * box.w:
            figures, right = None, 0.0
    axis = piled or figures is None
    foot = 56 if axis else 0
    pitch = min(pitch, (box.h - foot) / len(plot.labels))
    thick = min(thick, pitch * 0.8)
    top = box.y + (box.h - foot - pitch * len(plot.labels)) * (0.1 if plot.figures.note else 0.3)
    least = min(known(plot.series), default=0.0)
    gutter = right + 24 if least < 0 else 0.0
    ticks = plot.figures.ticks(scale)
    margin = max(30.0, tick_width(ticks[-1:]) / 2 if axis else right + 20)
    field = Box(
        box.x + left + gutter, top, box.w - left - gutter - margin, pitch * len(plot.labels)
    )
    ground = Ground(field, scale, lying=True)
    zero = field.x + scale.share(0) * field.w
    if axis:
        draw_plumbs(brief, field, scale, ticks)
    else:
        brief.canvas.base.line([(zero, field.y), (zero, field.bottom)], brief.theme.muted, 2)
    brief.canvas.note_body(min(size, figures.size) if figures else size)
    bars: list[Bar] = []
    for index, setting in enumerate(names.settings):
        middle = pitch * (index + 0.5)
        weight = 700 if first + index == brief.visual.highlight else 500
        y = top + middle - (len(setting.lines) - 1) * 0.58 * size + 0.36 * size
        for line in setting.lines:
            brief.canvas.base.text(
                box.x + left - 24, y, line, Style(size, weight, brief.theme.ink), "right"
            )
            y += 1.16 * size
        group = _group(plot, ground, (index, middle - thick / 2, thick), piled=piled)
        bars += (replace(bar, index=first + index) for bar in group)
    _draw_bars(brief, plot, ground, bars, figures)


def _lying_names(brief: Spec, plot: Plot, pitch: float) -> Names:
    """Labels before lying bars, in two lines where these fit, at the largest size without cuts."""
    room = plot.box.w * (0.36 if plot.box.w > 1000 else 0.44)
    style = Style(34, 700, brief.theme.ink)
    largest = int(min(34.0, pitch * 0.62))
    for size in range(max(largest, LEAST), LEAST - 1, -1):
        most = max(1, min(2, int(pitch * 0.86 // (1.16 * size))))
        names = Names(tuple(cut(text, style.sized(size), room, most) for text in plot.labels), size)
        if not names.cut:
            return names
    brief.shortened("A label of the chart")
    return names


# --- Drawing -------------------------------------------------------------------------------------


def _draw_bars(
    brief: Spec, plot: Plot, ground: Ground, bars: Sequence[Bar], style: Style | None
) -> None:
    """The bars of a label grow from the ground in one layer, their figures fade in above."""
    for index in dict.fromkeys(bar.index for bar in bars):
        group = [bar for bar in bars if bar.index == index]
        grows = Effect.WIPE if ground.lying else Effect.GROW
        for name, up, effect in (("bars", True, grows), ("below", False, Effect.FADE)):
            part = [bar for bar in group if (bar.value >= 0) == up]
            if part:
                layer = brief.canvas.layer(f"{name}-{index + 1}", index, effect)
                for bar in part:
                    _draw_bar(brief, plot, ground, bar, layer)
        if style is None:
            continue
        layer = brief.canvas.layer(f"figures-{index + 1}", index, Effect.FADE)
        for bar in group:
            _draw_figure(brief, plot, ground, bar, (layer, style))


def _draw_bar(brief: Spec, plot: Plot, ground: Ground, bar: Bar, layer: Group) -> None:
    box, across = bar.box, bar.box.h if ground.lying else bar.box.w
    along = bar.box.w if ground.lying else bar.box.h
    radius = min(14.0, across * 0.2, along) if bar.last else 0.0
    if not bar.last and along > 4 * _SEAM:  # a seam towards the bar that lies on this one
        right = ground.lying and bar.value >= 0
        box = Box(
            box.x + (_SEAM if ground.lying and bar.value < 0 else 0),
            box.y + (_SEAM if not ground.lying and bar.value >= 0 else 0),
            box.w - (_SEAM if right or (ground.lying and bar.value < 0) else 0),
            box.h - (0 if ground.lying else _SEAM),
        )
    layer.rect(box, _colour(brief, plot, bar), radius=ground.corners(radius, bar.value))


def _draw_figure(
    brief: Spec, plot: Plot, ground: Ground, bar: Bar, place: tuple[Group, Style]
) -> None:
    layer, style = place
    if bar.inside:
        _draw_inside(brief, plot, bar, place)
    elif ground.lying:
        own = _lit_style(brief, bar.index, style)
        y = bar.box.y + bar.box.h / 2 + 0.36 * own.size
        if bar.value < 0:
            layer.text(bar.box.x - 16, y, bar.text, own, "right")
        else:
            layer.text(bar.box.right + 16, y, bar.text, own)
    else:
        own = _lit_style(brief, bar.index, style)
        layer.text(bar.box.x + bar.box.w / 2, _figure_y(bar, own.size), bar.text, own, "center")


def _draw_inside(brief: Spec, plot: Plot, bar: Bar, place: tuple[Group, Style]) -> None:
    """A figure in its bar, where there is room for it."""
    layer, style = place
    own = style.sized(max(LEAST, min(30.0, style.size)))
    if bar.box.h < 1.25 * own.size or bar.box.w < width_of(bar.text, own) + 16:
        return
    fill = _colour(brief, plot, bar)
    ink = readable_on(fill, (brief.theme.on, brief.theme.bg, brief.theme.ink))
    middle = (bar.box.x + bar.box.w / 2, bar.box.y + bar.box.h / 2 + 0.36 * own.size)
    layer.text(*middle, bar.text, own.filled(ink), "center")


def _colour(brief: Spec, plot: Plot, bar: Bar) -> str:
    if len(plot.series) > 1:
        return plot.colours[bar.order]
    quiet = brief.visual.highlight is not None and bar.index != brief.visual.highlight
    return brief.theme.series[1] if quiet else brief.theme.accent
