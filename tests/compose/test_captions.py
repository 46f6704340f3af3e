"""Caption timing, SubRip and WebVTT."""

from __future__ import annotations

import itertools
import re

from hypothesis import given
from hypothesis import strategies as st

from inkreel.compose import captions as subject
from inkreel.compose.timeline import scene_frames
from inkreel.model import Cue, FrameRate
from tests.compose.handmade import captions, narration

WORDS = st.lists(st.integers(0, 40_000), min_size=1, max_size=40).map(tuple)


@given(WORDS.filter(any), st.integers(1, 7))
def test_cards_never_overlap_and_cover_their_words(words: tuple[int, ...], per_card: int) -> None:
    """Cards follow each other inside the scene, and each word is lit from its first frame on."""
    spoken = narration(words)
    frames = scene_frames(spoken, RATE)
    drawn = captions(spoken, per_card)
    timed = subject.track(spoken, subject.cards_of(drawn), frames, RATE)
    assert all(0 <= span.start < span.end <= frames for span in timed.spans)
    assert all(a.end <= b.start for a, b in itertools.pairwise(timed.spans))
    assert all(span.end - RATE.at(spoken.words[span.last - 1].end) <= 24 for span in timed.spans)


def test_the_lit_word_is_the_one_being_said() -> None:
    """In the middle of every word, that word's box is lit."""
    spoken = narration((9_600,) * 12)
    timed = subject.track(
        spoken, subject.cards_of(captions(spoken, 5)), scene_frames(spoken, RATE), RATE
    )
    for index, word in enumerate(spoken.words):
        shown = timed.shown(RATE.at((word.start + word.end) // 2))
        assert shown is not None
        assert timed.spans[shown.card].first + shown.word == index


def test_captions_do_not_flicker_in_short_pauses() -> None:
    """Between two sentences the card stays; after the last word it leaves within 0.3 s."""
    spoken = narration((9_600,) * 8)
    frames = scene_frames(spoken, RATE)
    timed = subject.track(spoken, subject.cards_of(captions(spoken, 4)), frames, RATE)
    end = RATE.at(spoken.words[-1].end)
    assert all(timed.shown(frame) for frame in range(end + 9))
    assert timed.shown(end + 9) is None


@given(st.lists(st.text("abcđ ", min_size=1, max_size=14).map(str.strip).filter(bool), min_size=1))
def test_captions_without_cards_have_two_short_lines(shown: list[str]) -> None:
    """Captions that are not drawn hold every word once, in lines of about 42 letters."""
    spoken = narration((9_600,) * len(shown), words_per_sentence=20)
    words = tuple(
        word.__class__(text, word.start, word.end)
        for word, text in zip(spoken.words, shown, strict=True)
    )
    spoken = spoken.__class__(spoken.samples, words, spoken.sentences)
    timed = subject.track(spoken, subject.cards_for(spoken), scene_frames(spoken, RATE), RATE)
    found = subject.cues(spoken, timed, ())
    assert " ".join(cue.text.replace("\n", " ") for cue in found) == " ".join(shown)
    assert all(len(line) <= 50 for cue in found for line in cue.text.split("\n"))
    assert all(cue.text.count("\n") <= 1 for cue in found)


def test_a_drawn_card_breaks_its_text_where_it_is_drawn() -> None:
    """A word drawn lower starts a line of the caption's text."""
    spoken = narration((9_600,) * 4)
    drawn = captions(spoken, 4)
    card = drawn.cards[0]
    boxes = (*card.boxes[:2], *((a, b + 12, c, d + 12) for a, b, c, d in card.boxes[2:]))
    card = card.__class__(
        card.first, card.last, card.x, card.y, card.width, card.height, b"", b"", boxes
    )
    timed = subject.track(spoken, [(0, 4)], scene_frames(spoken, RATE), RATE)
    assert subject.cues(spoken, timed, (card,))[0].text == "w0 w1\nw2 w3"


RATE = FrameRate(30)
CUES = (
    Cue(0, 45, "Nếu a < b & b > c:\nkhi đó a --> c"),
    Cue(107_999, 108_001, "one hour"),
)


def test_srt() -> None:
    """SubRip counts from one, has commas in times and no arrow in its text."""
    assert subject.srt(CUES, RATE) == (
        "1\n00:00:00,000 --> 00:00:01,500\nNếu a < b & b > c:\nkhi đó a → c\n\n"
        "2\n00:59:59,967 --> 01:00:00,034\none hour\n"
    )


def test_vtt() -> None:
    """WebVTT has points in times and escapes `&`, `<` and `>`."""
    assert subject.vtt(CUES, RATE) == (
        "WEBVTT\n\n"
        "00:00:00.000 --> 00:00:01.500\nNếu a &lt; b &amp; b &gt; c:\nkhi đó a --&gt; c\n\n"
        "00:59:59.967 --> 01:00:00.034\none hour\n"
    )


@given(st.lists(st.text(max_size=30), max_size=5))
def test_no_text_breaks_the_files(texts: list[str]) -> None:
    """Whatever a caption says, a file has one time line and no empty line per cue."""
    found = [Cue(30 * n, 30 * n + 30, text) for n, text in enumerate(texts)]
    for written in (subject.srt(found, RATE), subject.vtt(found, RATE)):
        assert written.count("-->") == len(texts)
        assert len(re.findall(r"^[\d:.,]+ --> [\d:.,]+$", written, re.MULTILINE)) == len(texts)
