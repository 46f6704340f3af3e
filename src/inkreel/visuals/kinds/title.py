"""The opening card: heading and pattern from the start, the subtitle as its step."""

from __future__ import annotations

from dataclasses import replace

from inkreel.model import Effect, TitleVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import TITLE_TRACKING, draw_kicker
from inkreel.visuals.kinds.logo import HEIGHT, draw_logo
from inkreel.visuals.setting import Setting, fit
from inkreel.visuals.stage import Box, Stage
from inkreel.visuals.tiles import draw_tiles


def draw(brief: Brief[TitleVisual]) -> int:
    """Draw the card; one step."""
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    pattern, side, text_box = _layout(stage)
    draw_tiles(canvas, theme, pattern, side)
    if brief.logo:
        text_box = _with_logo(brief, text_box)
    subtitle_style = Style(42, 400, theme.muted)
    subtitle = fit(
        brief.visual.subtitle,
        subtitle_style,
        width=text_box.w,
        lines=[(2, 44, 36), (3, 38, 28)],
        pitch=1.3,
    )
    below = len(subtitle.lines) * 1.3 * subtitle.size + 150
    title_style = Style(104, 800, theme.ink, tracking=TITLE_TRACKING)
    title = _fit_title(brief.heading, title_style, replace(text_box, h=text_box.h - below), stage)
    if title.cut or subtitle.cut:
        brief.shortened("The title")
    _draw_text(brief, text_box, (title, title_style), (subtitle, subtitle_style))
    return 1


def _with_logo(brief: Brief[TitleVisual], box: Box) -> Box:
    """The logo above the text, or under it where the pattern is above; answers what is left."""
    if brief.canvas.stage.wide:
        logo = draw_logo(brief, Box(box.x, 76, box.w, HEIGHT))
        return box.below(76 + HEIGHT + 48) if logo else box
    logo = draw_logo(brief, Box(box.x, box.bottom - HEIGHT - 16, box.w, HEIGHT))
    return replace(box, h=box.h - HEIGHT - 56) if logo else box


def _layout(stage: Stage) -> tuple[Box, float, Box]:
    """Pattern, side of a tile, and the box of the text."""
    if stage.wide:
        side = stage.height / 4
        # Three of four rows: the lowest is the captions'.
        pattern = Box(stage.width - 3 * side, 0, 3 * side, 3 * side)
        return pattern, side, Box(128, 120, pattern.x - 128 - 64, stage.height - 308)
    content = stage.content
    side = stage.width / 4 if stage.aspect == "tall" else stage.width / 6
    rows = 3 if stage.aspect == "tall" else 2
    top = rows * side + (84 if stage.aspect == "tall" else 44)
    pattern = Box(0, 0, stage.width, rows * side)
    return pattern, side, Box(content.x, top, content.w, content.bottom - top)


def _fit_title(heading: str, style: Style, box: Box, stage: Stage) -> Setting:
    ladder = [(3, 104, 76), (4, 84, 60), (6, 66, 40)]
    if stage.aspect == "square":
        ladder = [(2, 92, 72), (3, 80, 56), (5, 60, 36)]
    return fit(heading, style, width=box.w, lines=ladder, height=box.h, pitch=1.17)


def _draw_text(
    brief: Brief[TitleVisual],
    box: Box,
    title: tuple[Setting, Style],
    subtitle: tuple[Setting, Style],
) -> None:
    canvas, theme = brief.canvas, brief.theme
    (title_set, title_style), (sub_set, sub_style) = title, subtitle
    size, small = title_set.size, sub_set.size
    kicker = 84 if brief.eyebrow else 40
    title_height = 0.86 * size + (len(title_set.lines) - 1) * 1.17 * size
    sub_height = (0.62 * size + len(sub_set.lines) * 1.3 * small) if sub_set.lines[0] else 0.0
    slack = box.h - kicker - title_height - sub_height
    y = box.y + max(0.0, slack) * (0.5 if canvas.stage.wide else 0.3)
    if brief.eyebrow:
        eyebrow = fit(
            brief.eyebrow, Style(27, 600, theme.accent), width=box.w - 60, lines=[(1, 27, 27)]
        )
        draw_kicker(canvas, theme, box.x, y, eyebrow.lines[0])
    else:
        canvas.base.rect(Box(box.x, y, 72, 10), theme.accent, radius=5)
    y += kicker + 0.86 * size
    for line in title_set.lines:
        canvas.base.text(box.x - 0.04 * size, y, line, title_style.sized(size))
        y += 1.17 * size
    if not sub_set.lines[0]:
        return
    y += (0.62 - 1.17) * size + 0.55 * small
    layer = canvas.layer("subtitle", 0, Effect.RISE)
    for line in sub_set.lines:
        layer.text(box.x, y, line, sub_style.sized(small))
        y += 1.3 * small
    canvas.note_body(small)
