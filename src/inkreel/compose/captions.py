"""Narration and caption cards → when each card and word is seen; cues → SRT and WebVTT."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inkreel.compose.timeline import frame_of
from inkreel.model import FPS, CaptionCard, Captions, Cue, Narration

EARLY_FRAMES = 3
"""A card may stand this long before its first word, if the one before is gone."""
LINGER_FRAMES = 9
"""A card stays 0.3 s after its last word …"""
BRIDGE_FRAMES = 24
"""… or until the next one, when that comes within 0.8 s: captions do not flicker."""

LINE_LETTERS = 42
"""Letters a line of a caption without a drawn card, as broadcasters set them."""


class Shown(NamedTuple):
    """The caption of a frame: card `card`, its word `word` (from 0, or -1) lit."""

    card: int
    word: int


class Span(NamedTuple):
    """Words `[first, last)` of the narration, seen in frames `[start, end)`."""

    first: int
    last: int
    start: int
    end: int


@dataclass(frozen=True)
class CaptionTrack:
    """The captions of a scene in time order; spans never overlap."""

    spans: tuple[Span, ...]
    onsets: tuple[int, ...]
    """First frame of every word of the narration."""

    def shown(self, frame: int) -> Shown | None:
        """What is seen in `frame`, or None."""
        for index, span in enumerate(self.spans):
            if span.start <= frame < span.end:
                begun = [o for o in self.onsets[span.first : span.last] if o <= frame]
                return Shown(index, len(begun) - 1)
        return None


def track(narration: Narration, cards: Sequence[tuple[int, int]], frames: int) -> CaptionTrack:
    """Time the cards, given as word spans `(first, last)`, over a scene of `frames` frames."""
    onsets = tuple(itertools.accumulate((frame_of(w.start) for w in narration.words), max))
    cards = [(first, min(last, len(onsets))) for first, last in cards if first < len(onsets)]
    spans: list[Span] = []
    for index, (first, last) in enumerate(cards):
        before = spans[-1].end if spans else 0
        start = max(before, onsets[first] - EARLY_FRAMES)
        said = max(frame_of(narration.words[last - 1].end), start + 1)
        end = said + LINGER_FRAMES
        if index + 1 < len(cards):
            following = max(onsets[cards[index + 1][0]], start + 1)
            end = following if following - said <= BRIDGE_FRAMES else end
        spans.append(Span(first, last, start, min(end, frames)))
    return CaptionTrack(tuple(span for span in spans if span.start < span.end), onsets)


def cards_of(captions: Captions) -> list[tuple[int, int]]:
    """Word spans of drawn cards."""
    return [(card.first, card.last) for card in captions.cards]


def cards_for(narration: Narration) -> list[tuple[int, int]]:
    """Word spans of at most two lines each, for captions that are not drawn."""
    cards: list[tuple[int, int]] = []
    for sentence in narration.sentences:
        first, letters = sentence.first, 0
        for index in range(sentence.first, sentence.last):
            letters += len(narration.words[index].text) + 1
            if letters > 2 * LINE_LETTERS - 4 and index > first:
                cards.append((first, index))
                first, letters = index, len(narration.words[index].text) + 1
        if first < sentence.last:
            cards.append((first, sentence.last))
    return cards


def cues(narration: Narration, timed: CaptionTrack, cards: Sequence[CaptionCard]) -> list[Cue]:
    """The captions as text, broken into lines where the drawn card is."""
    tops = {card.first: [box[1] for box in card.boxes] for card in cards}
    found: list[Cue] = []
    for span in timed.spans:
        words = [word.text for word in narration.words[span.first : span.last]]
        lines = _as_drawn(words, tops[span.first]) if span.first in tops else _balanced(words)
        found.append(Cue(span.start, span.end, "\n".join(lines)))
    return found


def _as_drawn(words: Sequence[str], tops: Sequence[int]) -> list[str]:
    """A word whose box lies lower than the one before starts a line."""
    lines: list[list[str]] = []
    top: int | None = None
    for word, box_top in itertools.zip_longest(words, tops[: len(words)]):
        if top is None or (box_top is not None and box_top > top):
            lines.append([])
        top = box_top if box_top is not None else top
        lines[-1].append(word)
    return [" ".join(line) for line in lines]


def _balanced(words: Sequence[str]) -> list[str]:
    text = " ".join(words)
    if len(text) <= LINE_LETTERS or len(words) < 2:
        return [text]
    breaks = range(1, len(words))
    best = min(breaks, key=lambda at: max(len(" ".join(words[:at])), len(" ".join(words[at:]))))
    return [" ".join(words[:best]), " ".join(words[best:])]


def srt(cues: Iterable[Cue]) -> str:
    """SubRip text of cues whose frames count from the video's start."""
    blocks = [
        f"{number}\n{_clock(cue.start, ',')} --> {_clock(cue.end, ',')}\n{_unarrowed(cue.text)}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue]) -> str:
    """WebVTT text (https://www.w3.org/TR/webvtt1/) of cues counted from the video's start."""
    blocks = [
        f"{_clock(cue.start, '.')} --> {_clock(cue.end, '.')}\n{_escaped(cue.text)}\n"
        for cue in cues
    ]
    return "\n".join(["WEBVTT\n", *blocks])


def _clock(frame: int, point: str) -> str:
    # Rounded up: a millisecond early would still show the frame before.
    milliseconds = -(-frame * 1000 // FPS)
    seconds, milliseconds = divmod(milliseconds, 1000)
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours:02}:{minutes:02}:{seconds:02}{point}{milliseconds:03}"


def _unarrowed(text: str) -> str:
    """SubRip has no escapes: an arrow in the text is set as the sign; empty lines would end it."""
    lines = (line for line in text.replace("-->", "→").splitlines() if line.strip())
    return "\n".join(lines)


def _escaped(text: str) -> str:
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return "\n".join(line for line in text.splitlines() if line.strip())
