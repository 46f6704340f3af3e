"""Captions: cards, lines, boxes."""

from __future__ import annotations

from itertools import cycle, pairwise

import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from inkreel.model import SIZES, THEMES, CaptionCard, Captions
from inkreel.recipes import CaptionRequest
from inkreel.visuals import draw_captions
from inkreel.visuals.stage import stage_for
from tests.thorough import times
from tests.visuals.scenes import MemoryShelf

SENTENCES = (
    "Nhãn được ba bác sĩ đọc độc lập, rồi mới hợp nhất.",
    (
        "Sau đó, toàn bộ dữ liệu được chia theo bệnh nhân, chứ không theo ảnh, để mô hình không "
        "bao giờ được nhìn thấy cùng một người ở cả hai tập huấn luyện và kiểm định."
    ),
    "Ngắn thôi.",
)


def _captions(
    sentences: tuple[str, ...] = SENTENCES, size: str = "1920x1080", theme: str = "light"
) -> Captions:
    width, height = SIZES[size]
    words = tuple(tuple(one.split()) for one in sentences)
    return draw_captions(CaptionRequest(words, "vi", theme, width, height), MemoryShelf())


def _pixels(card: CaptionCard, data: bytes) -> np.ndarray:
    return np.frombuffer(data, np.uint8).reshape(card.height, card.width, 4)


_words = st.text(st.characters(exclude_categories=("Cs",)), min_size=1, max_size=12)
_sentences = st.lists(st.lists(_words, min_size=1, max_size=30), min_size=1, max_size=3)


@settings(max_examples=times(20, 60), deadline=None, suppress_health_check=list(HealthCheck))
@given(_sentences, st.sampled_from(sorted(SIZES)))
def test_cards_hold_every_word_once(sentences: list[list[str]], size: str) -> None:
    """Cards follow each other without gaps, never cross a sentence, and each word has its box."""
    width, height = SIZES[size]
    asked = CaptionRequest(tuple(map(tuple, sentences)), "vi", "dark", width, height)
    cards = draw_captions(asked, MemoryShelf()).cards
    counts = [len(sentence) for sentence in sentences]
    ends = set(np.cumsum(counts).tolist())
    assert [card.first for card in cards] == [0, *[card.last for card in cards[:-1]]]
    assert cards[-1].last == sum(counts)
    for card in cards:
        assert not any(card.first < end < card.last for end in ends)
        assert len(card.boxes) == card.last - card.first
        assert 0 <= card.x < card.x + card.width <= width
        assert 0 <= card.y < card.y + card.height <= height
        for left, top, right, bottom in card.boxes:
            assert not any(value % 2 for value in (left, top, right, bottom))
            assert 0 <= left <= right <= card.width
            assert 0 <= top < bottom <= card.height


def test_cards_stand_below_the_content_in_every_format() -> None:
    """A caption never covers the content box, and keeps away from the lower edge."""
    for size, (width, height) in SIZES.items():
        stage = stage_for(width, height)
        for card in _captions(size=size).cards:
            assert card.y / stage.scale >= stage.content.bottom
            assert (card.y + card.height) / stage.scale <= stage.height - 14


def test_boxes_do_not_overlap_and_lighting_all_gives_the_lit_card() -> None:
    """Copying every word's box turns the plain card into the lit one."""
    for card in _captions().cards:
        plain, lit = _pixels(card, card.plain).copy(), _pixels(card, card.lit)
        seen = np.zeros(plain.shape[:2], int)
        for left, top, right, bottom in card.boxes:
            plain[top:bottom, left:right] = lit[top:bottom, left:right]
            seen[top:bottom, left:right] += 1
        assert seen.max() == 1
        assert np.abs(plain.astype(int) - lit).mean() < 0.01


def test_one_box_lights_one_word() -> None:
    """The box of a word holds its ink and no other word's: all boxes differ from plain."""
    card = _captions().cards[0]
    changed = (_pixels(card, card.plain) != _pixels(card, card.lit)).any(axis=2)
    for left, top, right, bottom in card.boxes:
        assert changed[top:bottom, left:right].any()
        edge = changed[top:bottom, [left, max(left, right - 1)]]
        assert not edge.any()


def test_cards_are_opaque_in_the_middle() -> None:
    """The composer copies card rows without blending: only the corners are see-through."""
    for theme, (size, sides) in zip(cycle(THEMES), SIZES.items(), strict=False):
        corner = 30 * min(sides) // 1080
        for card in _captions(size=size, theme=theme).cards:
            alpha = _pixels(card, card.plain)[..., 3]
            assert (alpha[corner:-corner] == 255).all()
            assert alpha[0, 0] < 255


def test_long_sentences_are_cut_at_clauses() -> None:
    """A long sentence is shown in cards that end with its commas where that is possible."""
    words = SENTENCES[1].split()
    ends = [card.last for card in _captions((SENTENCES[1],)).cards]
    assert len(ends) > 1
    assert all(words[end - 1].endswith((",", ".")) for end in ends)


def test_signs_of_other_formats_are_letters() -> None:
    """ASS, HTML and typst markup is shown, not obeyed."""
    card = _captions(("{\\an8} <b>a</b> #panic(1) $x$ *b* \\N",)).cards[0]
    assert len(card.boxes) == 6
    assert all(left < right for left, _, right, _ in card.boxes)


def test_a_monstrous_word_gets_a_card_of_its_own() -> None:
    """A word longer than a line is made smaller and set in two lines."""
    card = _captions(("x" * 160,)).cards[0]
    assert card.boxes == ((0, 0, card.width, card.height),)


def test_neighbours_on_a_line_meet() -> None:
    """The highlight walks without holes: a word's box begins where the one before it ends."""
    card = _captions((SENTENCES[0],)).cards[0]
    rows = {box[1] for box in card.boxes}
    for row in rows:
        line = [box for box in card.boxes if box[1] == row]
        assert all(one[2] == other[0] for one, other in pairwise(line))


def test_missing_letters_are_told() -> None:
    """A letter that no font has is replaced in captions too, and reported."""
    captions = _captions(("một chữ \U00013000 lạ",))
    assert len(captions.degraded) == 1
    assert "U+13000" in captions.degraded[0].what


def test_nothing_to_say_is_no_card() -> None:
    """A scene without words has no captions."""
    assert draw_captions(CaptionRequest((), "vi", "light", 1920, 1080), MemoryShelf()).cards == ()
