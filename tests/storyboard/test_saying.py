"""The laws of what is said: clean, standing alone, in sentences, with its numbers read right."""

from __future__ import annotations

import pytest

from inkreel.model import (
    AnyVisual,
    Language,
    NumberVisual,
    QuoteVisual,
    Scene,
    SectionVisual,
)
from inkreel.storyboard import (
    figures,
    joining,
    keyphrases,
    programs,
    prose,
    sections,
    sentences,
    spoken,
)
from inkreel.storyboard.drafting import TONGUES
from inkreel.storyboard.openers import anchored, utter
from inkreel.storyboard.pace import Pace

EN, VI = TONGUES["en"], TONGUES["vi"]


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [
        ("en", "Ice melts at 0 °C [12].", "Ice melts at 0 °C."),
        ("en", "Ice melts (Smith et al., 2020).", "Ice melts."),
        ("en", "Get it from https://a.example/x?y=1.", "Get it."),
        ("en", "All is kept in the store (https://", "All is kept in the store"),
        ("en", "Write to me@a.example today.", "Write today."),
        ("en", "Ice melts, as shown in Figure 2, from the edge.", "Ice melts from the edge."),
        ("en", "**Ice** melts [fast](https://a.example) in `water`.", "Ice melts fast in water."),
        ("en", "Call `main()` or f(x).", "Call main() or f(x)."),
        ("vi", "Băng tan ở 0 °C (xem Hình 3).", "Băng tan ở 0 °C."),
        ("vi", "Băng tan, đá, tuyết, v.v.", "Băng tan, đá, tuyết, vân vân"),
        ("vi", "Bảng sau cho thấy giá gạo.", "Hãy nhìn giá gạo."),
    ],
)
def test_what_is_written_for_the_eye_is_not_said(
    language: Language, written: str, said: str
) -> None:
    """Citations, links, addresses, markup and pointers to figures are left out."""
    assert spoken.say(written, TONGUES[language]).text == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("CRC B(x), v(x) − CRC B(x), v(x) = m(x) + ∆.", False),
        ("The value of u(x) is known to be 2 × 3.", True),
        ("Call main() or f(x) at a price of ≤ 5 euros.", True),
    ],
)
def test_a_formula_is_no_sentence(text: str, said: bool) -> None:  # noqa: FBT001
    """Half of what it holds are signs."""
    assert spoken.speakable(text) is said


def test_what_stood_in_parentheses_is_kept_to_be_shown() -> None:
    """An aside leaves the sentence but not the scene."""
    said = spoken.say("The key (32 random bytes) stays secret (see Table 2).", EN)
    assert said.text == "The key stays secret."
    assert said.asides == ("32 random bytes",)


def test_what_says_something_only_in_its_sentence_is_not_shown() -> None:
    """An aside stands on the screen by itself."""
    assert spoken.say("Questions (with their answers!) are given (and more).", EN).asides == ()
    assert spoken.say("Câu hỏi (cũng có lời đáp) nằm ở đây.", VI).asides == ()


@pytest.mark.parametrize(
    ("language", "text", "said"),
    [
        ("en", "The disks contain links like:", ["The disks contain links like these."]),
        ("en", "The main parts are:", ["The main parts are the following."]),
        ("en", "You can get it from:", ["You can get it."]),
        ("en", "All of it means that:", ["All of it means the following."]),
        ("en", "The switch is useful when:", ["The switch is useful in these cases."]),
        ("vi", "Các phần chính là:", ["Các phần chính là như sau."]),
        ("vi", "Có thể lấy thông tin từ:", ["Có thể lấy thông tin."]),
        ("en", "For more information please see https://a.example/x.", []),
        ("en", "For an overview of the parts, see https://a.example.", []),
    ],
)
def test_what_announces_or_points_is_a_sentence_or_goes(
    language: Language, text: str, said: list[str]
) -> None:
    """A colon becomes the end of a whole sentence; what is left of a pointer is not said."""
    writer = prose.Writer(TONGUES[language], Pace(150, language), "Title")
    assert [one.text for one in prose.utterances(text, "block", writer)] == said


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The manual is for Debian 12 and its users."),
        ("en", "All of it is told in chapter 14 of the book."),
        ("vi", "Sổ tay dành cho bản phát hành 12 của hệ thống."),
        ("vi", "Mọi thứ được kể trong chương 14 của sách."),
    ],
)
def test_a_number_that_is_part_of_a_name_counts_nothing(language: Language, text: str) -> None:
    """It is not shown as a figure."""
    assert figures.salient(text, TONGUES[language]) is None


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("A wide range of hardware such as disks, laptops, and servers is supported here.", ""),
        (
            "If you have built it, you can publish your own archive.",
            "You can publish your own archive",
        ),
        ("Applications are a single, synchronous callable that takes requests.", ""),
        ("See the web page of the distribution, where it is.", ""),
        ("On the other hand, stable contains old versions.", "Stable contains old versions"),
    ],
)
def test_what_is_shown_of_a_sentence_is_a_clause(text: str, shown: str) -> None:
    """With a verb, so that it says something; never a part of an enumeration."""
    assert keyphrases.clause(text, EN) == shown


@pytest.mark.parametrize(
    ("language", "text", "alone"),
    [
        ("en", "However, the key is safe today.", "The key is safe today."),
        ("en", "Moreover, and therefore, the key is safe.", "The key is safe."),
        ("en", "This means that keys are safe.", "Keys are safe."),
        ("en", "These bacteria grow slowly.", "The bacteria grow slowly."),
        ("en", "In this situation, keys are safe.", "Keys are safe."),
        ("en", "It is safe for now.", None),
        ("en", "This doesn't allow for long keys.", None),
        ("en", "This simplifies the keys.", None),
        ("en", "This process is safe.", "The process is safe."),
        ("en", "This is called melting.", None),
        ("vi", "Tuy nhiên, nước vẫn chảy ra biển.", "Nước vẫn chảy ra biển."),
        ("vi", "Điều này có nghĩa là nước đã sạch.", "Nước đã sạch."),
        ("vi", "Quá trình này diễn ra rất chậm.", "Quá trình diễn ra rất chậm."),
        ("vi", "Nó chảy ra biển.", None),
        ("vi", "Chúng ta cùng xem nhé.", "Chúng ta cùng xem nhé."),
        ("vi", "Tháng này mưa nhiều hơn.", "Tháng này mưa nhiều hơn."),
    ],
)
def test_openers_that_lean_on_what_is_gone(
    language: Language, text: str, alone: str | None
) -> None:
    """A sentence that opens a scene stands alone, or is known not to."""
    assert utter(text, "b", TONGUES[language]).alone == alone


def test_a_leaning_sentence_is_anchored_to_its_topic() -> None:
    """Where nothing precedes a pronoun, the heading names what it means."""
    told = anchored(utter("It begins at the surface.", "b", EN), "Evaporation")
    assert told.alone == "Evaporation: it begins at the surface."


def test_sentences_end_where_they_end() -> None:
    """Abbreviations, initials, decimals and dots inside of words end nothing."""
    text = "Dr. A. Smith used v1.2 at 3.5 GHz, e.g. at night. It worked! Did it? Yes."
    assert sentences.split(text, EN) == [
        "Dr. A. Smith used v1.2 at 3.5 GHz, e.g. at night.",
        "It worked!",
        "Did it?",
        "Yes.",
    ]


@pytest.mark.parametrize(
    ("language", "text", "value"),
    [
        ("vi", "1.250,5", 1250.5),
        ("vi", "1.250", 1250.0),
        ("vi", "3,5", 3.5),
        ("vi", "3.5", 3.5),
        ("en", "1,250.5", 1250.5),
        ("en", "1.250", 1.25),
        ("en", "−12", -12.0),
        ("en", "1.2.3", None),
    ],
)
def test_numbers_are_read_in_their_language(
    language: Language, text: str, value: float | None
) -> None:
    """Comma and dot mean what they mean in the document's language."""
    assert figures.read(text, TONGUES[language]) == value


def test_no_vietnamese_compound_is_cut() -> None:
    """Key phrases are whole runs: "không khí" stays whole although "không" carries no content."""
    shown = [p.text for p in keyphrases.phrases("Hơi nước trong không khí gặp lạnh.", VI)]
    assert "Không khí" in shown
    assert all(text != "Khí" for text in shown)
    due = [p.text for p in keyphrases.phrases("Thời hạn nghiệm thu ngày 24/03 là quá gấp.", VI)]
    assert not any(text.endswith("nghiệm") for text in due)


@pytest.mark.parametrize("cell", ["-3.4", "−3.4", "–12%", "-$38.5", "-.5"])
def test_a_number_below_zero_keeps_its_sign(cell: str) -> None:
    """A cell's minus is no bullet: a loss is never shown as a gain."""
    assert spoken.plain(cell, EN) == cell
    assert spoken.plain("- a point", EN) == "a point"


def test_a_long_listing_is_cut_between_its_parts() -> None:
    """A class too long for a screen is cut before one of its methods, and no line is left out or
    cut short that a screen can hold."""
    body = "\n\n".join(
        f"    def f{k}(self):\n        # Reads\n        return {k}" for k in range(8)
    )
    text = f"class Reader:\n{body}\n    {'x' * 80}"
    screens = programs.screens(text)
    assert all(screen.text.count("\n") < programs.MOST_LINES for screen in screens)
    assert all(screen.text.lstrip().startswith(("class", "def")) for screen in screens)
    shown = [line for screen in screens for line in screen.text.split("\n") if line.strip()]
    assert shown == [line for line in text.split("\n") if line.strip()]


@pytest.mark.parametrize(
    ("heading", "shown"),
    [
        ("3. Results", "Results"),
        ("Chương 2: Mở đầu", "Mở đầu"),
        ("IV - Đánh giá", "Đánh giá"),
        ("B.4.1 Đặt tên", "Đặt tên"),
        ("2.3 Making it", "Making it"),
        ("X-ray images", "X-ray images"),
        ("3-D printing", "3-D printing"),
        ("3.5 million users", "3.5 million users"),
        ("1.5 triệu người dùng", "1.5 triệu người dùng"),
        ("KHÓ KHĂN", "Khó khăn"),
        ("NASA", "NASA"),
        ("TP HCM", "TP HCM"),
    ],
)
def test_a_heading_loses_its_number_and_nothing_else(heading: str, shown: str) -> None:
    """What only counts sections goes; what is part of the words stays."""
    assert sections.clean_heading(heading, VI) == shown


def test_a_figure_keeps_its_whole_unit() -> None:
    """Tonnes are no tonnes a hectare; what counts them does not end in the word before them."""
    found = figures.salient("Xã Vinh Hà thấp nhất với 5,9 tấn/ha vì bị ngập úng từ tháng 2.", VI)
    assert found is not None
    assert (found.value, found.label) == ("5,9 tấn/ha", "Xã Vinh Hà thấp nhất")
    fast = figures.salient("The train goes 300 km/h between the two cities.", EN)
    assert fast is not None
    assert fast.value == "300 km/h"


@pytest.mark.parametrize(
    ("visual", "cue"),
    [
        (NumberVisual(value="20", label="Questions", cues=(1, 1)), 0),
        (QuoteVisual(text="It is so.", cues=(1, 1)), 0),
        (QuoteVisual(text="It is so.", by="Somebody", cues=(1, 1)), 1),
        (SectionVisual(subtitle="It is so", cues=(1,)), 1),
    ],
)
def test_a_screen_is_not_left_empty(visual: AnyVisual, cue: int) -> None:
    """Where only a heading is seen, the first step does not wait for four seconds; a card, or a
    quotation with its mark, holds something already."""
    writer = prose.Writer(EN, Pace(150, "en"), "Title")
    said = ("Ten words are said before it, which takes four seconds.", "There are 20 questions.")
    scene = Scene(id="a", heading="A", narration=said, visual=visual)
    assert joining.prompt(scene, writer).visual.cues[0] == cue


@pytest.mark.parametrize("language", ["en", "vi"])
def test_hostile_sentences_end(language: Language) -> None:
    """Long ones take linear time, whatever they are made of."""
    tongue = TONGUES[language]
    writer = prose.Writer(tongue, Pace(150, language), "Title")
    for part in ("the a, ", "of of ", "A1 12 ", "f(x) ", "https://", ". ", "copyright "):
        prose.utterances(part * 20_000, "block", writer)
        figures.salient(part * 20_000, tongue)
        keyphrases.clause(part * 20_000, tongue, (), 20)
