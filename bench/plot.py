"""The figures of `bench.compose` → a picture (SVG): a bar for each way, how many times faster than
real time it is, and beside it what that took."""

from __future__ import annotations

from html import escape
from typing import Any

from inkreel.visuals.themes import LIGHT

Json = dict[str, Any]
WIDTH, MARGIN = 1200, 40
LABELS, BARS = 290, 380
"""Where the bars begin, and how long the longest is."""
ROW, HEAD, GAP = 34, 64, 26
COLUMNS = (
    (820, "CPU", "of the bound"),
    (910, "memory", "MB, peak"),
    (1000, "picture", "kB"),
    (1080, "SSIM", ""),
    (1160, "PSNR", "dB"),
)
BOUNDS = {"bound": "bound: x264 alone", "bound, encoded as ours": "bound, with our settings"}
TITLES = {
    "still": "Still: layers come in with what is said, and rest",
    "moving": "Moving: something comes in with every word",
    "document": "A real document: the beginning of the Vietnamese example",
}


def compose(told: Json) -> str:
    """All films under each other."""
    top, parts = 150, _title(told)
    for film in told["films"]:
        parts += _film(film, top)
        top += HEAD + ROW * len(film["ways"]) + GAP
    size = f'width="{WIDTH}" height="{top}" viewBox="0 0 {WIDTH} {top}"'
    font = 'font-family="Inter, system-ui, -apple-system, Segoe UI, Roboto, sans-serif"'
    page = f'<rect width="{WIDTH}" height="{top}" rx="12" fill="{LIGHT.bg}"/>'
    body = "\n".join([page, *parts])
    return f'<svg xmlns="http://www.w3.org/2000/svg" {size} {font}>\n{body}\n</svg>\n'


def _title(told: Json) -> list[str]:
    rivals = f"ffmpeg {told['ffmpeg'].split('-')[0]}, MoviePy {told['moviepy']}"
    encoder = f"x264 {told['preset']}, crf {told['crf']}, ours qp {told['qp']}"
    machine = f"{told['machine']}. {encoder}; PyAV {told['pyav']}, "
    runs = f"Medians of {told['runs']} runs; as guides show, and MoviePy: of 10 s, scaled."
    title = "Composing a 1080p film: how many times faster than real time"
    return [
        _text(MARGIN, 58, title, 26, bold=True),
        _text(MARGIN, 88, f"{machine}{rivals}.", 15, LIGHT.muted),
        _text(MARGIN, 110, runs, 15, LIGHT.muted),
    ]


def about(film: Json) -> str:
    """Its length, and how much of it moves."""
    length = f"{film['seconds']:.0f} s in {film['scenes']} scenes"
    return f"{length}, {film['changed']:.0%} of the frames differ from the one before"


def _film(film: Json, top: int) -> list[str]:
    edge = f'x1="{MARGIN}" x2="{WIDTH - MARGIN}" y1="{top - 8}" y2="{top - 8}"'
    parts = [
        f'<line {edge} stroke="{LIGHT.line}"/>',
        _text(MARGIN, top + 20, TITLES[film["film"]], 18, bold=True),
        _text(MARGIN, top + 44, about(film), 14, LIGHT.muted),
    ]
    for x, name, unit in COLUMNS:
        parts.append(_text(x, top + 24, name, 14, anchor="end", bold=True))
        parts.append(_text(x, top + 42, unit, 12, LIGHT.muted, anchor="end"))
    fastest = max(film["seconds"] / way["wall_seconds"] for way in film["ways"])
    for number, way in enumerate(film["ways"]):
        parts += _row(film, way, fastest, top + HEAD + ROW * number)
    return parts


def _row(film: Json, way: Json, fastest: float, top: int) -> list[str]:
    pace = film["seconds"] / way["wall_seconds"]
    length = max(2, round(BARS * pace / fastest))
    ours, bound = way["way"].startswith("inkreel"), way["peak_bytes"] is None
    colour = LIGHT.accent if ours else LIGHT.series[1] if not bound else LIGHT.soft
    edge = f' stroke="{LIGHT.series[1]}" stroke-dasharray="4 3"' if bound else ""
    name = BOUNDS.get(way["way"], way["way"])
    middle, place = top + 20, f'x="{LABELS}" y="{top + 3}" width="{length}" height="24"'
    cells = [
        f"{way['cpu_of_bound']:.2f}",
        "–" if bound else f"{way['peak_bytes'] / 1e6:,.0f}",
        f"{way['bytes'] / 1000:,.0f}",
        f"{way['ssim']:.4f}",
        f"{way['psnr_db']:.1f}",
    ]
    figures = [
        _text(x, middle, cell, 15, anchor="end", bold=ours)
        for (x, _, _), cell in zip(COLUMNS, cells, strict=True)
    ]
    return [
        _text(LABELS - 12, middle, name, 15, anchor="end", bold=ours),
        f'<rect {place} rx="4" fill="{colour}"{edge}/>',
        _text(LABELS + length + 8, middle, f"{pace:.1f}×", 15, bold=ours),
        *figures,
    ]


def _text(x: int, y: int, words: str, size: int, colour: str = LIGHT.ink, **look: Any) -> str:
    weight = ' font-weight="600"' if look.get("bold") else ""
    anchor = f' text-anchor="{look["anchor"]}"' if look.get("anchor") else ""
    place = f'x="{x}" y="{y}" font-size="{size}" fill="{colour}"'
    return f"<text {place}{weight}{anchor}>{escape(words)}</text>"
