"""Parts of a whole: sectors with a list of their names and values beside or below them."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from inkreel.model import Effect, Series
from inkreel.visuals.canvas import Group, Style
from inkreel.visuals.kinds.charts.plot import LEAST, Spec
from inkreel.visuals.scale import Figures, figures_for, number
from inkreel.visuals.setting import Setting, cut, fit, width_of
from inkreel.visuals.stage import Box

_MOST = 6
"""Sectors with a colour of their own; the smallest others are taken together."""
_OTHERS = {"vi": "Còn lại", "en": "Others"}
_HOLE = 0.6
_STEP = math.radians(1.5)
_APART, _REACH = 110.0, 0.5
"""Between names and figures, and what a list takes at least of its room: the eye finds the line."""
_EASY = 34
"""Names in larger letters stay on one line."""
_SIZES = (42, 40, 38, 36, 34, 32, 30, 28, 26, LEAST)


@dataclass(frozen=True, slots=True)
class Sector:
    """A part: the step in which it comes, its share, and how it is written."""

    step: int
    name: str
    value: float
    share: float
    text: str
    percent: str
    colour: str


@dataclass(frozen=True, slots=True)
class Disc:
    """Centre and radius of the pie; `hole` is a share of it."""

    x: float
    y: float
    r: float
    hole: float


def draw(brief: Spec, area: Box, series: Series) -> None:
    """Draw a step for each label: its sector and its line in the list."""
    wide, beside = brief.canvas.stage.wide, brief.canvas.stage.aspect != "tall"
    sectors = _sectors(brief, series)
    donut = brief.visual.form == "donut"
    hole = _HOLE if donut else 0.0
    under = bool(brief.visual.callout) and not donut
    side = min(area.h - 10, area.w * 0.4) if beside else min(area.w * 0.62, area.h * 0.5)
    gap = 120 if wide else 64
    height = side if wide else min(area.h, 1.35 * side)
    if beside:
        area = area.below(area.y + max(0.0, area.h - height) * 0.3)
        disc = Disc(area.x + side / 2 + 20, area.y + height / 2, side / 2 - 12, hole)
        list_box = Box(area.x + side + gap, area.y, area.w - side - gap, height)
    else:
        disc = Disc(area.x + area.w / 2, area.y + side / 2, side / 2 - 12, hole)
        list_box = Box(area.x, area.y + side + 36, area.w, area.h - side - 36)
    if wide:  # what is left over stands on both sides
        shift = max(0.0, list_box.right - _right_edge(sectors, list_box)) / 2
        disc = replace(disc, x=disc.x + shift)
        list_box = replace(list_box, x=list_box.x + shift, w=list_box.w - shift)
    if under:
        list_box = _draw_finding(brief, list_box)
    if donut:
        _draw_hole(brief, disc, sectors)
    _draw_list(brief, sectors, disc, list_box)


def _right_edge(sectors: list[Sector], box: Box) -> float:
    """Where the lines of the list end."""
    return _fit_list(sectors, box, _pitch(sectors, box))[2][1] + 20


def _pitch(sectors: list[Sector], box: Box) -> float:
    return min(112.0, box.h / len(sectors))


def _sectors(brief: Spec, series: Series) -> list[Sector]:
    """The parts in their order; what is too small for a colour of its own is the last one."""
    values = [max(value or 0.0, 0.0) for value in series.values]
    total = sum(values)
    figures = figures_for([v for v in values if v], brief.visual.unit, brief.language)
    ranked = sorted((k for k, v in enumerate(values) if v), key=lambda k: -values[k])
    own = sorted(ranked if len(ranked) <= _MOST else ranked[: _MOST - 1])
    theme = brief.theme
    order = (0, 2, 3, 4, 1, 5)
    sectors = [
        _sector(brief, figures, (k, brief.visual.labels[k]), (values[k], total)) for k in own
    ]
    sectors = [
        _coloured(sector, theme.series[order[place]]) for place, sector in enumerate(sectors)
    ]
    rest = [k for k in ranked if k not in own]
    if rest:
        name = f"{_OTHERS[brief.language]} ({len(rest)})"
        last = _sector(
            brief, figures, (max(*own, *rest), name), (sum(values[k] for k in rest), total)
        )
        sectors.append(_coloured(last, theme.series[5]))
        brief.lost(
            f"{len(rest)} parts of a {brief.visual.form} chart are taken together",
            f"more than {_MOST} cannot be told apart",
        )
    return sectors


def _sector(
    brief: Spec, figures: Figures, named: tuple[int, str], part: tuple[float, float]
) -> Sector:
    (step, name), (value, total) = named, part
    share = value / total
    percent = number(100 * share, brief.language, 0 if share >= 0.01 else 1, "%")
    text = figures.text(value, full=True)
    return Sector(step, name, value, share, text, "" if brief.visual.unit == "%" else percent, "")


def _coloured(sector: Sector, colour: str) -> Sector:
    return replace(sector, colour=colour)


# --- Sectors -------------------------------------------------------------------------------------


def _draw_sector(group: Group, disc: Disc, begin: float, sector: Sector, seam: str) -> None:
    """A part of the ring from `begin` on (0 is at the top, 1 a whole turn)."""
    first, last = begin * math.tau, (begin + sector.share) * math.tau
    steps = max(1, math.ceil((last - first) / _STEP))
    angles = [first + (last - first) * k / steps for k in range(steps + 1)]
    outer = [(disc.x + disc.r * math.sin(a), disc.y - disc.r * math.cos(a)) for a in angles]
    r = disc.r * disc.hole
    inner = [(disc.x + r * math.sin(a), disc.y - r * math.cos(a)) for a in reversed(angles)]
    group.polygon([*outer, *(inner if disc.hole else [(disc.x, disc.y)])], sector.colour)
    if sector.share < 1:
        for a in (first, last):
            ends = [(disc.x + q * math.sin(a), disc.y - q * math.cos(a)) for q in (r, disc.r + 2)]
            group.polygon(_band(ends, 4.0), seam)


def _band(ends: list[tuple[float, float]], width: float) -> list[tuple[float, float]]:
    """A straight line as a thin field, so that its ends are cut square."""
    (x0, y0), (x1, y1) = ends
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy = (y1 - y0) / length * width / 2, (x0 - x1) / length * width / 2
    return [(x0 + dx, y0 + dy), (x1 + dx, y1 + dy), (x1 - dx, y1 - dy), (x0 - dx, y0 - dy)]


def _draw_hole(brief: Spec, disc: Disc, sectors: list[Sector]) -> None:
    """In the middle of a ring stands the finding, or the part that matters."""
    visual, theme = brief.visual, brief.theme
    lit = next((s for s in sectors if s.step == visual.highlight), None)
    figure, detail = visual.callout, visual.callout_detail
    if not figure and lit is not None:
        figure, detail = lit.percent or lit.text, lit.name
    if not figure:
        return
    last = max(sector.step for sector in sectors)
    layer = brief.canvas.layer("finding", last, Effect.FADE)
    inner = disc.r * disc.hole
    big = fit(
        figure,
        Style(92, 800, theme.accent, tracking=-0.02),
        width=1.5 * inner,
        lines=[(1, 92, 44), (2, 44, LEAST)],
    )
    small = Style(30 if brief.canvas.stage.wide else LEAST, 400, theme.muted)
    under = cut(detail, small, 1.36 * inner, 2)
    if big.cut or under.cut:
        brief.shortened("The finding in a donut chart")
    height = (0.74 + 1.1 * (len(big.lines) - 1)) * big.size
    rest = 18 + len(under.lines) * 1.24 * small.size if under.lines[0] else 0.0
    y = disc.y - (height + rest) / 2 + 0.74 * big.size
    style = Style(big.size, 800, theme.accent, tracking=-0.02)
    for line in big.lines:
        layer.text(disc.x, y, line, style, "center")
        y += 1.1 * big.size
    y += 18 + 0.86 * small.size - 1.1 * big.size
    for line in under.lines:
        layer.text(disc.x, y, line, small, "center")
        y += 1.24 * small.size


def _draw_finding(brief: Spec, box: Box) -> Box:
    """The finding of a pie under its list; returns what is left for the list."""
    visual, theme = brief.visual, brief.theme
    style = Style(72, 800, theme.accent, tracking=-0.02)
    figure = fit(visual.callout, style, width=box.w * 0.5, lines=[(1, 72, 44), (2, 44, 28)])
    used = max(width_of(line, style.sized(figure.size)) for line in figure.lines)
    small = Style(30, 400, theme.muted)
    detail = cut(visual.callout_detail, small, box.w - used - 36, 2)
    if figure.cut or detail.cut:
        brief.shortened("The call-out of a chart")
    layer = brief.canvas.layer("callout", max(0, len(visual.labels) - 1), Effect.FADE)
    y = box.bottom - 30
    for line in reversed(figure.lines):
        layer.text(box.x, y, line, style.sized(figure.size))
        y -= 1.1 * figure.size
    for row, line in enumerate(detail.lines):
        offset = (row - len(detail.lines) + 1) * 1.24 * small.size
        layer.text(box.x + used + 36, box.bottom - 34 + offset, line, small)
    return Box(box.x, box.y, box.w, box.h - 30 - 1.1 * figure.size * len(figure.lines) - 24)


# --- The list ------------------------------------------------------------------------------------


def _draw_list(brief: Spec, sectors: list[Sector], disc: Disc, box: Box) -> None:
    """A line for each part: its colour, name, value and share; the spoken one has a band."""
    pitch = _pitch(sectors, box)
    size, names, columns = _fit_list(sectors, box, pitch)
    if any(name.cut for name in names) and sectors[0].percent:
        # The values say what the shares say.
        sectors = [replace(sector, percent="") for sector in sectors]
        size, names, columns = _fit_list(sectors, box, pitch)
    if any(name.cut for name in names):
        brief.shortened("A name in a chart")
    top = box.y + max(0.0, (box.h - pitch * len(sectors)) / 2)
    if brief.canvas.stage.aspect == "tall":
        top = box.y
    brief.canvas.note_body(size)
    begin = 0.0
    theme = brief.theme
    for index, sector in enumerate(sectors):
        row = Box(box.x - 24, top + pitch * index, columns[1] + 44 - box.x, pitch)
        layer = brief.canvas.layer(f"sector-{index + 1}", sector.step, Effect.FADE)
        _draw_sector(layer, disc, begin, sector, theme.bg)
        begin += sector.share
        lit = sector.step == brief.visual.highlight
        name = Style(size, 700 if lit else 500, theme.ink)
        _draw_row(layer, sector, (names[index], name, columns), row, theme.muted)
        focus = brief.canvas.layer(f"row-{index + 1}", sector.step, Effect.FOCUS)
        focus.rect(row.inset(0, 4), theme.soft, radius=18)
        _draw_row(focus, sector, (names[index], name.filled(theme.ink), columns), row, theme.ink)


def _fit_list(
    sectors: list[Sector], box: Box, pitch: float
) -> tuple[float, list[Setting], tuple[float, float]]:
    """Size, names, and the right edges of values and shares."""
    for size in _SIZES:
        bold = Style(size, 700, "")
        share = max(width_of(s.percent, bold) for s in sectors)
        value = max(width_of(s.text, bold) for s in sectors)
        name = max(width_of(s.name, bold) for s in sectors)
        after = share + 32 if share else 0.0
        natural = 44 + name + _APART + value + 20 + after
        right = min(box.right, box.x + max(natural, _REACH * box.w))
        edges = (right - 20 - after, right - 20)
        room = max(edges[0] - value - 24 - box.x - 44, 60.0)
        most = 2 if pitch >= 2.5 * size and size <= _EASY else 1
        names = [cut(s.name, bold, room, most) for s in sectors]
        if pitch >= 1.3 * size and not any(name.cut for name in names):
            break
    return size, names, edges


def _draw_row(
    group: Group,
    sector: Sector,
    texts: tuple[Setting, Style, tuple[float, float]],
    row: Box,
    quiet: str,
) -> None:
    name, style, (value_x, share_x) = texts
    size = style.size
    middle = row.y + row.h / 2
    group.rect(Box(row.x + 18, middle - 13, 26, 26), sector.colour, radius=8)
    y = middle - (len(name.lines) - 1) * 0.58 * size + 0.36 * size
    for line in name.lines:
        group.text(row.x + 68, y, line, style)
        y += 1.16 * size
    y = middle + 0.36 * size
    group.text(value_x, y, sector.text, Style(size, 700, style.fill), "right")
    group.text(share_x, y, sector.percent, Style(size, 400, quiet), "right")
