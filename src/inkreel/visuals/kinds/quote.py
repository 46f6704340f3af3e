"""A sentence worth reading in two or three parts: a quotation with who said it, or a statement."""

from __future__ import annotations

import re

from inkreel.model import Effect, QuoteVisual
from inkreel.visuals.brief import Brief
from inkreel.visuals.canvas import Style
from inkreel.visuals.faces import SLACK
from inkreel.visuals.header import draw_background, draw_eyebrow, draw_header, resting_top
from inkreel.visuals.setting import Setting, cut, fit, width_of
from inkreel.visuals.stage import Box

_QUOTES = "\"'“”„«»‘’ "


_STYLE = Style(88, 600, "", tracking=-0.012)
_PITCH = 1.24
_CLOSING = ".,;:!?…"


def draw(brief: Brief[QuoteVisual]) -> int:
    """Draw the quote, a step for each part and one for who said it; a sentence that nobody is
    named for is the document's own, and stands under its heading without quotation mark."""
    if brief.visual.by:
        return _draw_quotation(brief)
    return _draw_statement(brief)


def _draw_quotation(brief: Brief[QuoteVisual]) -> int:
    canvas, theme, stage = brief.canvas, brief.theme, brief.canvas.stage
    draw_background(canvas, theme)
    if brief.eyebrow:
        draw_eyebrow(canvas, theme, brief.eyebrow)
    box = stage.content
    mark = 300 if stage.aspect != "square" else 220
    head = 60 if brief.eyebrow else 0
    by_room = 110
    setting = _set(brief, min(box.w, 1500), box.h - head - 0.62 * mark - by_room)
    height = 0.62 * mark + len(setting.lines) * _PITCH * setting.size + by_room
    share = 0.38 if stage.aspect == "tall" else 0.5
    y = box.y + head + max(0.0, box.h - head - height) * share
    canvas.base.text(box.x - 0.05 * mark, y + 0.74 * mark, "“", Style(mark, 800, theme.accent))
    parts, y = _draw_parts(brief, setting, box.x, y + 0.62 * mark + 0.86 * setting.size)
    by_style = Style(34, 700, theme.ink)
    by = cut(brief.visual.by, by_style, box.w - 90, 1)
    layer = canvas.layer("by", parts, Effect.FADE)
    y += 44 - 0.24 * setting.size
    layer.rect(Box(box.x, y - 15, 64, 6), theme.accent, radius=3)
    layer.text(box.x + 90, y, by.lines[0], by_style)
    return parts + 1


def _draw_statement(brief: Brief[QuoteVisual]) -> int:
    canvas, theme = brief.canvas, brief.theme
    draw_background(canvas, theme)
    area = draw_header(canvas, theme, brief.eyebrow, brief.heading)
    setting = _set(brief, area.w - 60, area.h)
    height = (len(setting.lines) - 1) * _PITCH * setting.size + 1.1 * setting.size
    top = resting_top(area, height + 24) + 12
    # The bar gives the left edge of the page, as on the card of a figure.
    canvas.base.rect(Box(area.x, top, 12, height), theme.accent, radius=6)
    x, y = area.x + 60, top + 0.86 * setting.size
    marked = _draw_marker(brief, setting, (x, y), area)
    return _draw_parts(brief, setting, x, y)[0] + marked


def _draw_marker(
    brief: Brief[QuoteVisual], setting: Setting, start: tuple[float, float], area: Box
) -> int:
    """A marker's stroke under the emphasis, as the last step: it comes when the voice goes on
    from the statement to what it means. Returns how many steps that makes."""
    style = _STYLE.sized(setting.size)
    (x, y), bands = start, []
    for line in _emphasis(setting.lines, brief.visual.emphasis):
        before, lit, after = (piece for piece, _ in line)
        lit = lit.rstrip()
        if lit:
            lit += after if after.strip(_CLOSING) == "" else ""
            # Where the words stand, not how much room they may need.
            left = x + width_of(before, style) / SLACK - 0.12 * setting.size
            width = width_of(lit, style) / SLACK + 0.24 * setting.size
            top = max(area.y, y - 0.92 * setting.size)
            bottom = min(area.bottom, y + 0.26 * setting.size)
            bands.append(Box(left, top, min(width, area.right - left), bottom - top))
        y += _PITCH * setting.size
    if not bands:
        return 0
    layer = brief.canvas.layer("marker", len(_parts(setting.lines)), Effect.WIPE)
    for band in bands:
        layer.rect(band, brief.theme.soft, radius=0.14 * setting.size)
    return 1


def _set(brief: Brief[QuoteVisual], width: float, height: float) -> Setting:
    text = brief.visual.text.strip(_QUOTES) or brief.visual.text
    ladder = [(3, 88, 68), (5, 76, 48), (9, 56, 30), (14, 36, 20)]
    if brief.canvas.stage.aspect == "tall":
        ladder = [(6, 88, 62), (9, 68, 44), (18, 46, 20)]
    setting = fit(text, _STYLE, width=width, lines=ladder, height=height, pitch=_PITCH)
    if setting.cut:
        brief.shortened("The quote")
    return setting


def _draw_parts(
    brief: Brief[QuoteVisual], setting: Setting, x: float, y: float
) -> tuple[int, float]:
    """Draw the lines from the first baseline `y`; returns how many parts and the next baseline."""
    canvas, theme = brief.canvas, brief.theme
    style = _STYLE.sized(setting.size)
    lines = iter(_emphasis(setting.lines, brief.visual.emphasis))
    parts = _parts(setting.lines)
    for step, count in enumerate(parts):
        layer = canvas.layer(f"part-{step + 1}", step, Effect.RISE)
        for _ in range(count):
            runs = [
                (piece, style.filled(theme.accent if lit else theme.ink))
                for piece, lit in next(lines)
            ]
            layer.runs(x, y, runs)
            y += _PITCH * setting.size
    canvas.note_body(setting.size)
    return len(parts), y


def _parts(lines: tuple[str, ...]) -> list[int]:
    """How many lines each part has: two parts, cut after punctuation if possible."""
    count = len(lines)
    if count < 2:
        return [count]
    first = min(
        range(1, count), key=lambda end: abs(end - count / 2) - 0.9 * _ends_clause(lines, end)
    )
    return [first, count - first]


def _ends_clause(lines: tuple[str, ...], end: int) -> bool:
    return lines[end - 1].endswith((",", ";", ":", ".", "!", "?", "–", "—"))


def _emphasis(lines: tuple[str, ...], emphasis: str) -> list[list[tuple[str, bool]]]:
    """Each line as pieces, those inside `emphasis` marked; it may run over a line end."""
    joined = " ".join(lines)
    start, end = _place(joined, emphasis)
    result, offset = [], 0
    for line in lines:
        low = min(max(start - offset, 0), len(line))
        high = min(max(end - offset, 0), len(line))
        result.append([(line[:low], False), (line[low:high], True), (line[high:], False)])
        offset += len(line) + 1
    return result


def _place(text: str, emphasis: str) -> tuple[int, int]:
    """Where whole words of the text are those of `emphasis`, written alike if they are anywhere."""
    words = rf"(?<!\w){re.escape(emphasis)}(?!\w)"
    found = emphasis and (re.search(words, text) or re.search(words, text, re.IGNORECASE))
    return found.span() if found else (0, 0)
