"""Charts: bars, lines, areas, pies and points, with a legend and a call-out card."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from inkreel.model import ChartVisual, Effect, Series
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_header
from inkreel.visuals.kinds.charts import bars, lines, pie, scatter
from inkreel.visuals.kinds.charts.plot import MOST_SERIES, Plot, Spec, clean, known, palette
from inkreel.visuals.scale import figures_for, in_full
from inkreel.visuals.setting import cut, fit, width_of
from inkreel.visuals.stage import Box

_LEAST_PLOT = 330
"""Height that a plot with its legend needs."""


def draw(brief: Brief[ChartVisual]) -> int:
    """Draw the chart; a step for each label, or for each series of lines and areas."""
    draw_background(brief.canvas, brief.theme)
    area = draw_header(brief.canvas, brief.theme, brief.eyebrow, brief.heading)
    if not brief.visual.labels or not brief.visual.series:
        return brief.visual.counted
    brief = replace(brief, visual=_in_full(brief.visual))
    visual = brief.visual
    series = _shown(brief, clean(visual))
    form = _form(brief, series)
    if form in ("pie", "donut"):
        pie.draw(brief, area, series[0])
        return visual.counted
    box = _draw_callout(brief, area, visual.counted)
    if form == "scatter":
        scatter.draw(brief, box, series)
        return visual.counted
    if form == "percent":
        series = _shares(series)
    figures = figures_for(known(series), "%" if form == "percent" else visual.unit, brief.language)
    colours = palette(brief, len(series))
    if len(series) > 1 and form != "line":
        box = _draw_legend(brief, box, [one.name for one in series], colours)
    if figures.note:
        style = Style(26, 400, brief.theme.muted)
        brief.canvas.base.text(
            box.x, box.y + 22, cut(figures.note, style, box.w, 1).lines[0], style
        )
        box = box.below(box.y + 46)
    plot = Plot(visual.labels, series, colours, figures, box)
    if form in ("line", "area"):
        lines.draw(brief, plot, area=form == "area")
    else:
        bars.draw(brief, plot, form)
    return visual.counted


def _in_full(visual: ChartVisual) -> ChartVisual:
    """Sums of money in full: how many millions they are written in is the language's matter."""
    times, unit = in_full(visual.unit)
    if times == 1:
        return visual
    series = tuple(
        msgspec.structs.replace(
            one, values=tuple(v if v is None else round(v * times, 2) for v in one.values)
        )
        for one in visual.series
    )
    return msgspec.structs.replace(visual, series=series, unit=unit)


def _shown(brief: Spec, series: tuple[Series, ...]) -> tuple[Series, ...]:
    """No more series than can be told apart."""
    if len(series) > MOST_SERIES:
        brief.lost(
            f"{len(series) - MOST_SERIES} series of a chart are not shown",
            f"more than {MOST_SERIES} cannot be told apart",
        )
    return series[:MOST_SERIES]


def _form(brief: Spec, series: tuple[Series, ...]) -> str:
    """The form that was asked for, or the one that can show these values."""
    form = brief.visual.form
    values = known(series)
    if form in ("pie", "donut", "percent") and (min(values, default=0) < 0 or not any(values)):
        instead = "stacked" if form == "percent" else "bar"
        brief.lost(f"A {form} chart is drawn as bars", "its values are no parts of a whole")
        return instead
    if form in ("pie", "donut") and len(series) > 1:
        brief.lost(f"A {form} chart is drawn as bars", "it has more than one series")
        return "percent"
    if form == "area" and min(values, default=0) < 0:
        brief.lost("An area chart is drawn as lines", "it has values below zero")
        return "line"
    if form == "scatter" and len(series) < 2:
        brief.lost("A scatter chart is drawn as bars", "it has one series where it needs two")
        return "bar"
    return form


def _shares(series: tuple[Series, ...]) -> tuple[Series, ...]:
    """Of each label, how many percent each series has."""
    sums = [
        sum(v or 0.0 for v in column) for column in zip(*(s.values for s in series), strict=True)
    ]
    return tuple(
        msgspec.structs.replace(
            one,
            values=tuple(
                round(100 * v / total, 1) if v is not None and total else None
                for v, total in zip(one.values, sums, strict=True)
            ),
        )
        for one in series
    )


def _draw_legend(brief: Spec, box: Box, names: list[str], colours: tuple[str, ...]) -> Box:
    """Coloured squares with the names of the series; returns what is left below."""
    style = Style(28, 500, brief.theme.ink)
    x, y = box.x, box.y
    for name, colour in zip(names, colours, strict=True):
        setting = cut(name, style, max(box.w / min(3, len(names)) - 80, 200), 1)
        if setting.cut:
            brief.shortened("A name in the legend of a chart")
        width = 36 + width_of(setting.lines[0], style)
        if x > box.x and x + width > box.right:
            x, y = box.x, y + 42
        brief.canvas.base.rect(Box(x, y + 4, 22, 22), colour, radius=6)
        brief.canvas.base.text(x + 36, y + 25, setting.lines[0], style)
        x += width + 44
    return box.below(y + 62)


def _draw_callout(brief: Spec, area: Box, steps: int) -> Box:
    """The finding on a card beside (or below) the plot, with the last step."""
    visual, theme = brief.visual, brief.theme
    if not visual.callout:
        return area
    wide = brief.canvas.stage.wide
    height = 230 if brief.canvas.stage.aspect == "tall" else 170
    if not wide and area.h - height < _LEAST_PLOT:
        brief.lost("The call-out of a chart is not shown", "the heading leaves no room for it")
        return area
    card = (
        Box(area.right - 440, area.y + 10, 440, area.h - 72)
        if wide
        else Box(area.x, area.bottom - height, area.w, height)
    )
    layer = brief.canvas.layer("callout", max(0, steps - 1), Effect.FADE)
    layer.rect(card, theme.surface, radius=28, stroke=theme.line)
    inner = card.inset(44, 36)
    figure_width = inner.w if wide else inner.w * 0.44
    big = Style(116, 800, theme.accent, tracking=-0.02)
    ladder = [(1, 116 if wide else 92, 64), (2, 72, 44), (4, 44, 28)]
    figure = fit(visual.callout, big, width=figure_width, lines=ladder, height=card.h * 0.5)
    big = big.sized(figure.size)
    small = Style(33, 400, theme.muted)
    detail_width = inner.w if wide or not visual.callout_detail else inner.w * 0.5
    detail = cut(visual.callout_detail, small, detail_width, 5 if wide else 3)
    if figure.cut or detail.cut:
        brief.shortened("The call-out of a chart")
    figure_height = (0.76 + 1.1 * (len(figure.lines) - 1)) * figure.size
    detail_height = len(detail.lines) * 43 if detail.lines[0] else 0
    if wide:
        top = card.y + (card.h - figure_height - detail_height - (26 if detail_height else 0)) / 2
        detail_x, detail_top = inner.x, top + figure_height + 26
    else:
        top = card.y + (card.h - figure_height) / 2
        drawn = max(width_of(line, big) for line in figure.lines)
        detail_x, detail_top = inner.x + drawn + 56, card.y + (card.h - detail_height) / 2
    for index, line in enumerate(figure.lines):
        y = top + 0.75 * figure.size + index * 1.1 * figure.size
        layer.text(inner.x - 0.04 * figure.size, y, line, big)
    if detail_height:
        for index, line in enumerate(detail.lines):
            layer.text(detail_x, detail_top + 32 + index * 43, line, small)
    if wide:
        return Box(area.x, area.y, area.w - card.w - 76, area.h)
    return Box(area.x, area.y, area.w, area.h - height - 40)
