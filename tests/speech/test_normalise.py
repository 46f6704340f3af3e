"""Sentence → tokens: every class of written form, and what may never reach a voice."""

from __future__ import annotations

import re
import subprocess
import sys
import unicodedata
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.model import Language
from inkreel.speech import read_aloud, spoken_text
from tests.thorough import times

LANGUAGES: tuple[Language, ...] = ("vi", "en")
PAIRS = Path(__file__).parent / "pairs"


def pairs(language: str) -> list[tuple[str, str]]:
    lines = (PAIRS / f"{language}.txt").read_text(encoding="utf-8").splitlines()
    found = [tuple(line.split(" => ")) for line in lines if not line.startswith("## ")]
    return [(found_[0], found_[1]) for found_ in found[1:]]


@pytest.mark.parametrize(
    ("language", "written", "said"),
    [(language, *pair) for language in LANGUAGES for pair in pairs(language)],
)
def test_written_is_said_as_people_say_it(language: Language, written: str, said: str) -> None:
    """Every pair of the hand-made tables holds, word for word and pause for pause."""
    assert spoken_text(read_aloud(written, language)).removesuffix(".") == said


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_tables_are_large_enough_to_mean_something(language: Language) -> None:
    """At least 150 pairs a language, none of them twice."""
    written = [pair[0] for pair in pairs(language)]
    assert len(written) >= 150
    assert len(set(written)) == len(written)


FRAGMENTS = (PAIRS / "fragments.txt").read_text(encoding="utf-8").split()
SENTENCES = st.one_of(
    st.text(max_size=40),
    st.lists(st.sampled_from(FRAGMENTS), max_size=12).map(" ".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=6).map("".join),
    st.text(alphabet="0123456789.,:/-–%$€kKmM ()×xX+=<>≤ⅣIVX²₂'\"#@&_abhgs°đ₫", max_size=20),
)


@settings(max_examples=times(266, 800), deadline=None)
@given(SENTENCES, st.sampled_from(LANGUAGES))
def test_no_digit_symbol_or_markup_reaches_a_voice(sentence: str, language: Language) -> None:
    """Only letters, single spaces and the marks a voice pauses at are ever said."""
    for token in read_aloud(sentence, language):
        assert token.spoken == " ".join(token.spoken.split())
        for character in token.spoken:
            assert character in " ,.;?!'-" or unicodedata.category(character)[0] in "LM"
        assert not token.spoken or any(character.isalpha() for character in token.spoken)
        assert not re.search(r"[,.;?!][,.;?!]", token.spoken)


@settings(max_examples=times(100, 300), deadline=None)
@given(SENTENCES, st.sampled_from(LANGUAGES))
def test_captions_show_what_was_written(sentence: str, language: Language) -> None:
    """The shown words are the sentence, split at white space and otherwise untouched."""
    assert [token.shown for token in read_aloud(sentence, language)] == sentence.split()


@settings(max_examples=times(100, 300), deadline=None)
@given(st.integers(0, 10**21), st.sampled_from(LANGUAGES))
def test_every_integer_has_words(value: int, language: Language) -> None:
    """A number of any size is said in words, and two neighbours are said differently."""
    said, neighbour = (
        spoken_text(read_aloud(f"x = {number}", language)) for number in (value, value + 1)
    )
    assert said != neighbour
    assert said.startswith("x ")


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_lone_dash_is_shown_but_silent(language: Language) -> None:
    """A dash becomes a pause behind the word before it."""
    tokens = read_aloud("A — B", language)
    assert [(token.shown, token.spoken) for token in tokens] == [("A", "A,"), ("—", ""), ("B", "B")]


def test_planning_a_job_stays_light() -> None:
    """`read_aloud` and `choose` import no numpy: they run in the parent process."""
    code = (
        "import sys, inkreel.speech, inkreel.providers.tts.espeak as e;"
        "inkreel.speech.read_aloud('5 km', 'en'); e.choose('auto', 'vi');"
        "sys.exit('numpy' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
