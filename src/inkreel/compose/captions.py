"""Narration and caption cards → when each card and word is seen; cues → SRT and WebVTT."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from inkreel.model import CaptionCard, Captions, Cue, FrameRate, Narration

EARLY_MS = 100
"""A card may stand this long before its first word, if the one before is gone."""
LINGER_MS = 300
"""A card stays so long after its last word …"""
BRIDGE_MS = 800
"""… or until the next one, when that comes within this time: captions do not flicker."""

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


def track(
    narration: Narration, cards: Sequence[tuple[int, int]], frames: int, rate: FrameRate
) -> CaptionTrack:
    """Time the cards, given as word spans `(first, last)`, over a scene of `frames` frames."""
    onsets = tuple(itertools.accumulate((rate.at(w.start) for w in narration.words), max))
    early, linger, bridge = (rate.count(each) for each in (EARLY_MS, LINGER_MS, BRIDGE_MS))
    cards = [(first, min(last, len(onsets))) for first, last in cards if first < len(onsets)]
    spans: list[Span] = []
    for index, (first, last) in enumerate(cards):
        before = spans[-1].end if spans else 0
        start = max(before, onsets[first] - early)
        said = max(rate.at(narration.words[last - 1].end), start + 1)
        end = said + linger
        if index + 1 < len(cards):
            following = max(onsets[cards[index + 1][0]], start + 1)
            end = following if following - said <= bridge else end
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


def srt(cues: Iterable[Cue], rate: FrameRate) -> str:
    """SubRip text of cues whose frames count from the video's start."""
    blocks = [
        f"{number}\n{_times(cue, rate, ',')}\n{_unarrowed(cue.text)}\n"
        for number, cue in enumerate(cues, start=1)
    ]
    return "\n".join(blocks)


def vtt(cues: Iterable[Cue], rate: FrameRate) -> str:
    """WebVTT text (https://www.w3.org/TR/webvtt1/) of cues counted from the video's start."""
    blocks = [f"{_times(cue, rate, '.')}\n{_escaped(cue.text)}\n" for cue in cues]
    return "\n".join(["WEBVTT\n", *blocks])


def _times(cue: Cue, rate: FrameRate, point: str) -> str:
    return f"{_clock(cue.start, rate, point)} --> {_clock(cue.end, rate, point)}"


def _clock(frame: int, rate: FrameRate, point: str) -> str:
    # Rounded up: a millisecond early would still show the frame before.
    milliseconds = -(-frame * 1000 // rate.fps)
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
