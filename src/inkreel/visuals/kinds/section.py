"""The chapter card: a large number, the chapter's name, its subtitle as the step. Within a
chapter (no number) it is what is said that stands large, under the name that is known."""

from __future__ import annotations

from inkreel.model import Effect, SectionVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import TITLE_TRACKING, draw_eyebrow
from inkreel.visuals.setting import fit
from inkreel.visuals.stage import Box, Stage
from inkreel.visuals.tiles import draw_tiles


def draw(brief: Brief[SectionVisual]) -> int:
    """Draw the card; one step."""
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    within = bool(brief.visual.subtitle and not brief.visual.number)
    pattern, side, box = _layout(stage, columns=1 if within else 2)
    if brief.illustrated:  # the picture stands where the tiles would
        box = stage.content
    else:
        draw_tiles(canvas, theme, pattern, side, shift=2 if within else 1)
    if brief.eyebrow:
        draw_eyebrow(canvas, theme, brief.eyebrow, None if stage.wide else box.y)
        box = box if stage.wide else box.below(box.y + 60)
    number = fit(
        brief.visual.number,
        Style(300, 800, theme.accent, tracking=-0.03),
        width=box.w,
        lines=[(1, 300 if stage.aspect != "square" else 220, 90)],
    )
    title_style = Style(92, 800, theme.ink, tracking=TITLE_TRACKING)
    title_lines = [(2, 96, 64), (3, 72, 44)]
    sub_style = Style(42, 400, theme.muted)
    sub_lines = [(2, 44, 32), (3, 32, 26)]
    if within:
        title_style, title_lines = Style(42, 600, theme.accent), [(2, 42, 32)]
        sub_style = Style(80, 700, theme.ink, tracking=-0.012)
        sub_lines = [(3, 80, 60), (4, 60, 40)]
    title = fit(brief.heading, title_style, width=box.w, lines=title_lines, pitch=1.18)
    subtitle = fit(brief.visual.subtitle, sub_style, width=box.w, lines=sub_lines, pitch=1.3)
    if title.cut or number.cut or subtitle.cut:
        brief.shortened("The chapter's title")
    size, small = title.size, subtitle.size
    gap = 0.5 * size + (34 if within else 0)
    head = 0.74 * number.size + 64 if number.lines[0] else 74
    height = head + 0.8 * size + (len(title.lines) - 1) * 1.18 * size
    height += gap + 1.3 * small * len(subtitle.lines) if subtitle.lines[0] else 0
    y = box.y + max(0.0, box.h - height) * 0.5
    if number.lines[0]:
        big = Style(number.size, 800, theme.accent, tracking=-0.03)
        canvas.base.text(box.x - 0.05 * number.size, y + 0.74 * number.size, number.lines[0], big)
    elif not brief.eyebrow:
        canvas.base.rect(Box(box.x, y + 32, 72, 10), theme.accent, radius=5)
    y += head + 0.8 * size
    for line in title.lines:
        canvas.base.text(box.x - 0.04 * size, y, line, title_style.sized(size))
        y += 1.18 * size
    if subtitle.lines[0]:
        y += gap - 1.18 * size + 0.75 * small
        layer = canvas.layer("subtitle", 0, Effect.RISE)
        for line in subtitle.lines:
            layer.text(box.x, y, line, sub_style.sized(small))
            y += 1.3 * small
        canvas.note_body(small)
    return 1


def _layout(stage: Stage, columns: int) -> tuple[Box, float, Box]:
    content = stage.content
    if stage.wide:
        side = stage.height / 4
        # Three of four rows: the lowest is the captions'.
        pattern = Box(stage.width - columns * side, 0, columns * side, 3 * side)
        return pattern, side, Box(content.x, 150, pattern.x - content.x - 80, stage.height - 338)
    side = stage.width / (4 if stage.aspect == "tall" else 6)
    pattern = Box(0, 0, stage.width, side)
    top = side + 40
    return pattern, side, Box(content.x, top, content.w, content.bottom - top)
