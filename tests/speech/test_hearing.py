"""What a service sent, heard: decoded whatever it says of itself, refused if it is no such text."""

from __future__ import annotations

import struct

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.errors import VoiceFailed
from inkreel.model import Digest, SpokenWord, Utterance
from inkreel.recipes import HearRequest
from inkreel.speech.clauses import pieces
from inkreel.speech.hearing import hear
from tests.providers.misbehaving import RATE, hum, packed, wav

TEXT = "the lighthouse stands on the northern cape, and its lamp is lit at dusk."


class Shelf:
    def __init__(self, *utterances: Utterance) -> None:
        self.utterances = utterances

    def load(self, digest: Digest, kind: type) -> Utterance:
        return self.utterances[int(digest)]


def heard(*said: Utterance, texts: tuple[str, ...] = (TEXT,)):
    digests = tuple(Digest(str(n)) for n in range(len(said)))
    return hear(HearRequest(texts, digests, 1.0), Shelf(*said))  # type: ignore[arg-type]


def pcm_of(text: str = TEXT) -> bytes:
    return hum(text).tobytes()


def stereo(pcm: bytes) -> bytes:
    both = np.repeat(np.frombuffer(pcm, "<i2"), 2).astype("<f4") / 32768
    head = struct.pack("<4sI4s4sIHHIIHH", b"RIFF", 0, b"WAVE", b"fmt ", 16, 3, 2, RATE,
                       RATE * 8, 8, 32)  # fmt: skip
    odd = struct.pack("<4sI3sx", b"note", 3, b"abc")
    return head + odd + struct.pack("<4sI", b"data", len(both) * 4) + both.tobytes()


@pytest.mark.parametrize(
    "said",
    [
        Utterance("wav", wav(pcm_of())),
        Utterance("wav", wav(pcm_of(), told=0xFFFF_FFFF)),
        Utterance("wav", wav(pcm_of(), told=0)),
        Utterance("wav", wav(pcm_of(), told=1_000)),
        Utterance("wav", wav(pcm_of()) + struct.pack("<4sI4s", b"LIST", 4, b"INFO")),
        Utterance("wav", stereo(pcm_of())),
        Utterance("pcm", pcm_of(), RATE),
        Utterance("pcm", pcm_of() + b"\0", RATE),
        Utterance("flac", packed(pcm_of(), "flac")),
        Utterance("mp3", packed(pcm_of(), "mp3")),
    ],
    ids=["wav", "endless", "zero", "shorter", "tailed", "float", "pcm", "odd", "flac", "mp3"],
)
def test_every_format_is_heard(said: Utterance) -> None:
    """Whatever it is packed in, and whatever length it claims, the sound is what was said."""
    speech = heard(said)
    got, sent = np.frombuffer(speech.pcm, "<i2"), hum(TEXT)
    assert speech.rate == RATE
    assert abs(len(got) - len(sent)) <= 2_400  # an MP3 begins and ends with silence
    size = min(len(got), len(sent))
    shift = 1_105 if said.form == "mp3" and len(got) > len(sent) else 0
    level = np.sqrt(np.mean(got.astype(float) ** 2)) / np.sqrt(np.mean(sent.astype(float) ** 2))
    assert 0.9 < level < 1.1
    if said.form != "mp3":
        assert np.abs(got[shift:size].astype(int) - sent[: size - shift]).max() <= 1


@pytest.mark.parametrize(
    "said",
    [
        Utterance("wav", wav(pcm_of()[: len(pcm_of()) // 2], told=len(pcm_of()))),
        Utterance("wav", wav(pcm_of()[: len(pcm_of()) // 4 * 2])),
        Utterance("wav", wav(bytes(len(pcm_of())))),
        Utterance("wav", wav(pcm_of(TEXT * 3))),
        Utterance("wav", wav(pcm_of())[:40]),
        Utterance("wav", wav(b"")),
        Utterance("wav", b"RIFF\0\0\0\0WAVE"),
        Utterance("mp3", b"ID3" + bytes(5_000)),
        Utterance("flac", packed(pcm_of(), "flac")[:600]),
        Utterance("pcm", b"", RATE),
        Utterance("pcm", np.where(np.arange(60_000) % 9_000 == 0, 9_000, 0).astype("<i2").tobytes(),
                  RATE),
    ],
    ids=["short", "half", "silent", "other", "head", "none", "bare", "mp3", "flac", "pcm", "click"],
)  # fmt: skip
def test_what_is_not_the_text_is_refused(said: Utterance) -> None:
    """Cut, silent, damaged sound and that of another text is never taken for the sentence."""
    with pytest.raises(VoiceFailed):
        heard(said)


@given(st.integers(0, 200), st.binary(max_size=8), st.integers(0, 300))
def test_damaged_files_do_no_harm(at: int, junk: bytes, cut: int) -> None:
    """Whatever the bytes are, they are heard or refused in words."""
    data = wav(pcm_of("a short text"))
    damaged = (data[:at] + junk + data[at + len(junk) :])[: len(data) - cut]
    try:
        speech = heard(Utterance("wav", damaged), texts=("a short text",))
    except VoiceFailed:
        return
    assert speech.pcm


def test_a_sound_that_ends_at_its_loudest_is_cut() -> None:
    """A service that stops in the middle of a vowel is noticed, though the length may be right."""
    whole = hum(TEXT)
    loud = int(np.argmax(np.abs(whole[int(len(whole) * 0.8) :]))) + int(len(whole) * 0.8)
    with pytest.raises(VoiceFailed, match="middle of a sound"):
        heard(Utterance("wav", wav(whole[: loud + 200].tobytes())))


def test_pieces_are_one_sentence() -> None:
    """Pieces are joined with a short pause, and their words lie where they are heard."""
    first, second = pieces(TEXT, 50)
    words = (SpokenWord(0, 3, 200),)
    speech = heard(
        Utterance("wav", wav(pcm_of(first)), words=words),
        Utterance("wav", wav(pcm_of(second)), words=words),
        texts=(first, second),
    )
    alone = [len(hum(text)) - 2 * (RATE // 10 - RATE * 3 // 100) for text in (first, second)]
    assert len(speech.pcm) // 2 == pytest.approx(sum(alone) + RATE * 14 // 100, abs=400)
    assert [(word.start, word.end) for word in speech.words] == [
        (0, 3),
        (len(first) + 1, len(first) + 4),
    ]
    pause = speech.words[1].at - RATE * 130 // 1000 - RATE * 14 // 100
    assert pause == pytest.approx(alone[0], abs=400)


def test_voices_at_two_rates_are_not_joined() -> None:
    """A service that changes its sample rate within a sentence is refused."""
    first, second = pieces(TEXT, 50)
    other = Utterance("pcm", pcm_of(second), 22_050)
    with pytest.raises(VoiceFailed, match="rate"):
        heard(Utterance("wav", wav(pcm_of(first))), other, texts=(first, second))


@given(st.text("ab ,.;", max_size=400), st.integers(5, 60))
def test_no_piece_is_too_long_and_no_letter_lost(text: str, limit: int) -> None:
    """Pieces keep every word in order, within the limit."""
    text = " ".join(text.split())
    cut = pieces(text, limit)
    assert "".join(cut).replace(" ", "") == text.replace(" ", "")
    assert all(len(one) <= limit for one in cut)
    if len(text) <= limit:
        assert cut == (text,)


def test_pieces_end_where_one_breathes() -> None:
    """A long sentence is cut behind clauses, not within words."""
    long = "When the tide turns, the boats come in; when it falls, they wait, and nobody hurries."
    assert pieces(long, 50) == (
        "When the tide turns, the boats come in;",
        "when it falls, they wait, and nobody hurries.",
    )
    assert msgspec.json.decode(msgspec.json.encode(pieces("", 10))) == [""]
