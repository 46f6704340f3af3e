"""The last card: what to take home, and where it is from."""

from __future__ import annotations

from dataclasses import replace

from inkreel.model import Bullet, EndVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import TITLE_TRACKING, draw_eyebrow
from inkreel.visuals.kinds.logo import HEIGHT, draw_logo
from inkreel.visuals.kinds.slide import draw_bullets
from inkreel.visuals.setting import cut, fit
from inkreel.visuals.stage import Box, Stage
from inkreel.visuals.tiles import draw_tiles

MOST = 3
_SOURCE = 28


def draw(brief: Brief[EndVisual]) -> int:
    """Draw the card; a step for each thing to take home."""
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    pattern, side, box = _layout(stage)
    draw_tiles(canvas, theme, pattern, side)
    draw_eyebrow(canvas, theme, brief.eyebrow, box.y)
    ladder = [(1, 84, 60), (2, 68, 48), (3, 52, 40)]
    style = Style(84, 800, theme.ink, tracking=TITLE_TRACKING)
    heading = fit(brief.heading, style, width=box.w, lines=ladder, pitch=1.18)
    if heading.cut:
        brief.shortened("The heading of the last card")
    y = box.y + 76 + 0.74 * heading.size
    for line in heading.lines:
        canvas.base.text(box.x - 0.04 * heading.size, y, line, style.sized(heading.size))
        y += 1.18 * heading.size
    area = box.below(y - 1.18 * heading.size + 64 if brief.heading else box.y + 90)
    if brief.logo and draw_logo(brief, Box(area.x, area.bottom - HEIGHT - 16, area.w, HEIGHT)):
        area = replace(area, h=area.h - HEIGHT - 60)
    area = _draw_source(brief, area)
    takeaways = brief.visual.takeaways[:MOST]
    if len(brief.visual.takeaways) > MOST:
        brief.lost("Not all is shown on the last card", "three things are as many as one keeps")
    draw_bullets(brief, [Bullet(text) for text in takeaways], area)
    return len(brief.visual.takeaways)


def _draw_source(brief: Brief[EndVisual], area: Box) -> Box:
    """A hairline and the small line under it; returns what is left above."""
    if not brief.visual.source:
        return area
    theme = brief.theme
    style = Style(_SOURCE, 400, theme.muted)
    source = cut(brief.visual.source, style, area.w, 2)
    if source.cut:
        brief.shortened("The source on the last card")
    height = len(source.lines) * 1.3 * _SOURCE
    y = area.bottom - height
    brief.canvas.base.rect(Box(area.x, y - 26, area.w, 2), theme.line)
    for row, line in enumerate(source.lines):
        brief.canvas.base.text(area.x, y + (0.9 + 1.3 * row) * _SOURCE, line, style)
    return Box(area.x, area.y, area.w, area.h - height - 52)


def _layout(stage: Stage) -> tuple[Box, float, Box]:
    content = stage.content
    if stage.wide:
        side = stage.height / 4
        # Three of four rows: the lowest is the captions'.
        pattern = Box(stage.width - side, 0, side, 3 * side)
        return pattern, side, Box(content.x, content.y, pattern.x - content.x - 80, content.h)
    side = stage.width / (4 if stage.aspect == "tall" else 6)
    pattern = Box(0, 0, stage.width, side)
    top = side + 48
    return pattern, side, Box(content.x, top, content.w, content.bottom - top)
