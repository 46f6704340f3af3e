"""Steps and the words that are said of them."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from inkreel.cueing import onsets, shown
from inkreel.model import Bullet, DiagramVisual, Edge, Node, SlideVisual, TableVisual

SAID = [
    sentence.split()
    for sentence in (
        "Dữ liệu phải thỏa ba điều kiện.",
        "Trước hết, các giá trị đã sắp xếp, rồi ta truy cập trực tiếp được từng ô.",
        "Sau cùng, tập hợp ít thay đổi.",
    )
]


def said(number: int | None) -> str:
    """From a word on, three words."""
    words = [word for sentence in SAID for word in sentence]
    return "" if number is None else " ".join(words[number : number + 3])


def test_a_step_comes_with_its_words() -> None:
    """Bullets without cues are found where they are said, two of them in one sentence."""
    visual = SlideVisual(
        bullets=(Bullet("Đã sắp xếp"), Bullet("Truy cập trực tiếp"), Bullet("Ít thay đổi"))
    )
    found = [said(word) for word in onsets(shown(visual), SAID)]
    assert found == ["đã sắp xếp,", "truy cập trực", "ít thay đổi."]


def test_a_cue_says_in_which_sentence() -> None:
    """A step that has a cue is looked for in that sentence alone."""
    twice = [["Một", "con", "mèo."], ["Hai", "con", "mèo."]]
    assert onsets(("con mèo",), twice, (1,)) == (4,)
    assert onsets(("con chó và con bò",), twice, (1,)) == (None,)


def test_what_is_not_said_is_not_guessed() -> None:
    """A step of which less than half is said has no word, and moves no other one."""
    found = onsets(("Đã sắp xếp", "Một điều khác hẳn ở đây", "Ít thay đổi"), SAID)
    assert [said(word) for word in found] == ["đã sắp xếp,", "", "ít thay đổi."]


def test_figures_are_words() -> None:
    """Rows are found by their first cell, years and figures too."""
    visual = TableVisual(header=("Năm", "Số"), rows=(("2021", "41"), ("2024", "103")))
    words = ["Từ", "2021", "đến", "2024,", "số", "ấy", "tăng."]
    assert onsets(shown(visual), [words]) == (1, 3)


def test_nodes_come_with_their_names() -> None:
    """Steps of a diagram are named by the nodes and edges that come with them."""
    visual = DiagramVisual(
        form="flow",
        nodes=(Node("a", "Nhận đơn", step=0), Node("b", "Giao hàng", step=1)),
        edges=(Edge("a", "b", "trong ngày", step=1),),
    )
    assert shown(visual) == ("Nhận đơn", "Giao hàng trong ngày")


NAMED = ("một", "hai", "ba", "bốn", "năm", "sáu", "7", "8,5")
words = st.lists(st.sampled_from(NAMED), min_size=1, max_size=6)


@given(
    st.lists(words.map(" ".join), max_size=8),
    st.lists(words, max_size=6),
    st.lists(st.integers(-2, 8), max_size=8),
)
def test_steps_follow_each_other(
    texts: list[str], sentences: list[list[str]], cues: list[int]
) -> None:
    """Whatever is shown and said, the words found stand in the order of the steps."""
    found = onsets(texts, sentences, cues)
    known = [word for word in found if word is not None]
    assert len(found) == len(texts)
    assert known == sorted(set(known))
    assert all(0 <= word < sum(map(len, sentences)) for word in known)
