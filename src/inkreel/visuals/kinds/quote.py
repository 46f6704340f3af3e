"""A sentence worth reading: it comes in two or three parts, then who said it."""

from __future__ import annotations

from inkreel.model import Effect, QuoteVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.header import draw_background, draw_eyebrow
from inkreel.visuals.setting import cut, fit
from inkreel.visuals.stage import Box

_QUOTES = "\"'“”„«»‘’ "


def draw(brief: Brief[QuoteVisual]) -> int:
    """Draw the quote; a step for each part and one for the attribution."""
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    draw_background(canvas, theme)
    if brief.eyebrow:
        draw_eyebrow(canvas, theme, brief.eyebrow)
    text = brief.visual.text.strip(_QUOTES) or brief.visual.text
    box = stage.content
    width = min(box.w, 1500)
    style = Style(88, 600, theme.ink, tracking=-0.012)
    mark = 300 if stage.aspect != "square" else 220
    head = 60 if brief.eyebrow else 0
    by_room = 110 if brief.visual.by else 0
    room = box.h - head - 0.62 * mark - by_room
    ladder = [(3, 88, 68), (5, 76, 48), (9, 56, 30), (14, 36, 20)]
    if stage.aspect == "tall":
        ladder = [(6, 88, 62), (9, 68, 44), (18, 46, 20)]
    setting = fit(text, style, width=width, lines=ladder, height=room, pitch=1.24)
    if setting.cut:
        brief.shortened("The quote")
    size = setting.size
    height = 0.62 * mark + len(setting.lines) * 1.24 * size + by_room
    share = 0.38 if stage.aspect == "tall" else 0.5
    y = box.y + head + max(0.0, box.h - head - height) * share
    canvas.base.text(box.x - 0.05 * mark, y + 0.74 * mark, "“", Style(mark, 800, theme.accent))
    y += 0.62 * mark + 0.86 * size
    parts = _parts(setting.lines)
    emphasised = _emphasis(setting.lines, brief.visual.emphasis)
    line_index = 0
    for step, count in enumerate(parts):
        layer = canvas.layer(f"part-{step + 1}", step, Effect.RISE)
        for _ in range(count):
            runs = [
                (piece, style.sized(size).filled(theme.accent if lit else theme.ink))
                for piece, lit in emphasised[line_index]
            ]
            layer.runs(box.x, y, runs)
            y += 1.24 * size
            line_index += 1
    canvas.note_body(size)
    if not brief.visual.by:
        return len(parts)
    by_style = Style(34, 700, theme.ink)
    by = cut(brief.visual.by, by_style, box.w - 90, 1)
    layer = canvas.layer("by", len(parts), Effect.FADE)
    y += 44 - 0.24 * size
    layer.rect(Box(box.x, y - 15, 64, 6), theme.accent, radius=3)
    layer.text(box.x + 90, y, by.lines[0], by_style)
    return len(parts) + 1


def _parts(lines: tuple[str, ...]) -> list[int]:
    """How many lines each part has: at most three parts, cut after punctuation if possible."""
    count = len(lines)
    if count <= 2:
        return [1] * count
    wanted = 2 if count < 5 else 3
    ends: list[int] = []
    for part in range(1, wanted):
        ideal = count * part / wanted
        low = (ends[-1] if ends else 0) + 1
        choices = range(low, count - (wanted - part) + 1)
        ends.append(min(choices, key=lambda end: abs(end - ideal) - 0.9 * _ends_clause(lines, end)))
    bounds = [0, *ends, count]
    return [bounds[i + 1] - bounds[i] for i in range(wanted)]


def _ends_clause(lines: tuple[str, ...], end: int) -> bool:
    return lines[end - 1].endswith((",", ";", ":", ".", "!", "?", "–", "—"))


def _emphasis(lines: tuple[str, ...], emphasis: str) -> list[list[tuple[str, bool]]]:
    """Each line as pieces, those inside `emphasis` marked; it may run over a line end."""
    joined = " ".join(lines)
    at = joined.lower().find(emphasis.lower()) if emphasis else -1
    start, end = (at, at + len(emphasis)) if at >= 0 else (0, 0)
    result, offset = [], 0
    for line in lines:
        low = min(max(start - offset, 0), len(line))
        high = min(max(end - offset, 0), len(line))
        result.append([(line[:low], False), (line[low:high], True), (line[high:], False)])
        offset += len(line) + 1
    return result
