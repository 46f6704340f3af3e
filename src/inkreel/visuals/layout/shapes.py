"""A node's text → its lines and its size, in em of that text."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from inkreel.model import Node
from inkreel.visuals.canvas import Style
from inkreel.visuals.layout.plan import Shape
from inkreel.visuals.setting import cut, width_of

NODE = Style(1.0, 600, "#000000")
DETAIL = Style(0.8, 400, "#000000")
LABEL = Style(0.86, 500, "#000000")
"""How texts are set, relative to the node's own."""

PITCH, DETAIL_PITCH, LABEL_PITCH = 1.26, 1.04, 1.1
"""Line heights in em of the node text; Vietnamese stacks its tone marks."""
PAD_X, PAD_Y = 0.9, 0.58
_TIGHT_X, _TIGHT_Y = 0.65, 0.38
LID = 0.32
"""Half the height of a cylinder's lid."""
DOT = 1.0
_MOST_LINES, _MOST_DETAIL, _MOST_LABEL = 4, 3, 3
_NARROWEST = 3.4
_OFF, _FLAT = 0.6, 2.4
"""Between a diamond's sides and its text; width by height from which it looks flat."""
_LONG_WORD = 24
_WHOLE = 9.0
"""Words up to this width are not torn, wherever their neighbours wrap."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A node or label: how it is drawn and how large it is."""

    shape: Shape
    lines: tuple[str, ...]
    detail: tuple[str, ...]
    width: float
    height: float
    cut: bool = False

    def sized(self, width: float, height: float) -> Measured:
        return Measured(self.shape, self.lines, self.detail, width, height, self.cut)


def shown(node: Node) -> str:
    """What stands on a node."""
    return node.text or node.id


@lru_cache(maxsize=4096)
def measured(node: Node, wrap: float, *, dots: bool = False, tight: bool = False) -> Measured:
    """A node whose text is wrapped at about `wrap` em; `dots` lets starts and ends without a text
    be dots."""
    if dots and node.kind in ("start", "end") and not node.text:
        return Measured("dot" if node.kind == "start" else "ring", (), (), DOT, DOT)
    wrap = max(wrap, min(_longest_word(shown(node)), _WHOLE))
    if node.kind == "decision":
        return _diamond(shown(node), wrap, 0.6 if tight else 0.75)
    pad, pad_y = (_TIGHT_X, _TIGHT_Y) if tight else (PAD_X, PAD_Y)
    text = cut(shown(node), NODE, wrap, _MOST_LINES)
    detail = cut(node.detail, DETAIL, max(wrap, 6.0), _MOST_DETAIL)
    width = max(_widest(text.lines, NODE), _widest(detail.lines, DETAIL))
    height = len(text.lines) * PITCH + 2 * pad_y
    if node.detail:
        height += len(detail.lines) * DETAIL_PITCH + 0.1
    shape: Shape = "card"
    if node.kind in ("start", "end"):
        pad, shape = pad + 0.35, "pill"
    elif node.kind == "data":
        height, shape = height + 2 * LID, "cylinder"
    below = detail.lines if node.detail else ()
    return Measured(
        shape,
        text.lines,
        below,
        max(width + 2 * pad, _NARROWEST),
        height,
        text.cut or detail.cut,
    )


def _longest_word(text: str) -> float:
    return max((width_of(word, NODE) for word in text.split()), default=0.0) + 0.01


def torn(text: str, style: Style, width: float) -> bool:
    """Whether a word of usual length has to be split."""
    words = (word for word in text.split() if len(word) <= _LONG_WORD)
    return any(width_of(word, style) > width for word in words)


def _diamond(text: str, wrap: float, least: float) -> Measured:
    """The diamond of least area that holds the text and is not flat: its sides keep off letters."""
    found: list[Measured] = []
    for share in (1.0, 0.75, 0.5):
        setting = cut(text, NODE, wrap * share, _MOST_LINES)
        if found and (setting.cut or setting.lines == found[-1].lines):
            continue
        half = len(setting.lines) * PITCH / 2
        for room in (least, 1.1, 1.5, 2.0):
            tall = half + room
            width = max(
                2 * (width_of(line, NODE) / 2 + _OFF) / (1 - _reach(at, half) / tall)
                for at, line in enumerate(setting.lines)
            )
            wide = max(width, _NARROWEST + 1.0)
            found.append(Measured("diamond", setting.lines, (), wide, tall * 2, setting.cut))
    return min(
        found,
        key=lambda one: one.width * one.height * max(1.0, one.width / one.height / _FLAT),
    )


def _reach(line: int, half: float) -> float:
    """How far from the middle a line's letters reach."""
    top = line * PITCH - half
    return max(abs(top + 0.25), abs(top + PITCH - 0.3))


def _widest(lines: Sequence[str], style: Style) -> float:
    return max((width_of(line, style) for line in lines), default=0.0)


@lru_cache(maxsize=4096)
def label(text: str, wrap: float) -> Measured:
    """An edge's text with the air around it; without a text only the air."""
    if not text:
        return Measured("bare", (), (), 0.3, 0.3)
    setting = cut(text, LABEL, wrap, _MOST_LABEL)
    width = _widest(setting.lines, LABEL) + 0.5
    height = len(setting.lines) * LABEL_PITCH + 0.3
    return Measured("bare", setting.lines, (), width, height, setting.cut)


def outline(shape: Shape, width: float, height: float, offset: float) -> float:
    """How far the outline is from the middle, upwards or downwards, `offset` beside the middle."""
    across = min(abs(offset), width / 2)
    if shape == "diamond":
        return height / 2 * (1 - across / (width / 2))
    if shape in ("dot", "ring"):
        return _arc(height / 2, across)
    if shape == "pill":
        radius = min(width, height) / 2
        return height / 2 - radius + _arc(radius, max(0.0, across - (width / 2 - radius)))
    if shape == "cylinder":
        return height / 2 - LID + LID * _arc(1.0, across / (width / 2))
    return height / 2


def _arc(radius: float, across: float) -> float:
    return math.sqrt(max(0.0, radius * radius - across * across))
