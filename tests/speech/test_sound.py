"""Speech → Narration: loudness, peaks, joins and word times of real speech."""

from __future__ import annotations

import itertools
import math

import av
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.errors import VoiceFailed
from inkreel.model import SAMPLE_RATE, Language, Speech, SpokenWord, Token
from inkreel.recipes import LevelRequest
from inkreel.speech import calibration_sentences, level
from inkreel.speech.limiter import CEILING_DBTP, limit
from inkreel.speech.loudness import integrated_loudness, true_peak
from inkreel.speech.resample import resample
from tests.thorough import times

from .conftest import Studio

Samples = npt.NDArray[np.float32]
LANGUAGES: tuple[Language, ...] = ("vi", "en")

TEXTS: dict[str, tuple[Language, tuple[tuple[str, ...], ...]]] = {
    "vi prose": (
        "vi",
        (
            ("Dòng sông chảy qua thành phố.", "Hai bên bờ là những hàng cây cổ thụ, mát rượi."),
            ("Người ta kể rằng ngày xưa, nơi đây từng là một bến cảng rất đông vui.",),
            ("Bây giờ chỉ còn lại vài con thuyền nhỏ và tiếng chuông chùa mỗi sáng.", "Yên tĩnh."),
        ),
    ),
    "vi numbers": (
        "vi",
        (
            ("Năm 2024, doanh thu đạt 3.250 tỷ đồng, tăng 15,7% so với 2023.",),
            ("Máy chủ có 64GB RAM và 2 CPU 2,4GHz, giá 45.900.000đ.", "Độ phức tạp là O(n log n)."),
            ("Nhiệt độ từ 18°C đến 35°C.",),
        ),
    ),
    "en prose": (
        "en",
        (
            ("A cache remembers what was done before.", "It must never remember the wrong thing."),
            ("Whoever changes one line should not wait for everything else to be made again.",),
            ("So every result is stored under the name of its inputs, and found again later.",),
        ),
    ),
    "en numbers": (
        "en",
        (
            ("In 2024, 1,234 users paid $5.5 million, 12.5% more than in 1997.",),
            ("The server has 64GB RAM.", "Quicksort runs in O(n log n), or O(n²) at worst."),
            ("It took 250 ms at 3.2 GHz.",),
        ),
    ),
}


def ffmpeg_loudness(samples: Samples) -> tuple[float, float]:
    """Integrated loudness and true peak (dBTP) by FFmpeg's ebur128 filter."""
    graph = av.filter.Graph()
    source = graph.add_abuffer(
        sample_rate=SAMPLE_RATE, format="flt", layout="mono", time_base=f"1/{SAMPLE_RATE}"
    )
    meter = graph.add("ebur128", "metadata=1:peak=true")
    sink = graph.add("abuffersink")
    source.link_to(meter)
    meter.link_to(sink)
    graph.configure()
    last: dict[str, str] = {}
    for start in range(0, len(samples), 4800):
        block = samples[None, start : start + 4800]
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(block), "flt", "mono")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        graph.push(frame)
        while True:
            try:
                last = dict(graph.pull().metadata) or last
            except (av.error.BlockingIOError, av.error.EOFError):
                break
    peaks = [float(value) for key, value in last.items() if key.startswith("lavfi.r128.true_peak")]
    return float(last["lavfi.r128.I"]), 20 * math.log10(max(peaks)) if peaks else -99.0


@pytest.mark.parametrize("name", TEXTS)
def test_a_whole_video_has_the_loudness_that_sites_ask_for(studio: Studio, name: str) -> None:
    """Scenes with pauses between them land at −16 ± 1 LUFS and below −1 dBTP, by FFmpeg."""
    language, scenes = TEXTS[name]
    pause = np.zeros(SAMPLE_RATE * 6 // 10, np.float32)
    parts = [part for texts in scenes for part in (studio.voice(texts, language), pause)]
    loudness, peak = ffmpeg_loudness(np.concatenate(parts))
    assert -17 <= loudness <= -15
    assert peak <= -1


@pytest.mark.parametrize("name", TEXTS)
def test_words_and_sentences_tile_the_narration(studio: Studio, name: str) -> None:
    """Words are those shown, in order, inside of their sentence, which has an exact span."""
    language, scenes = TEXTS[name]
    for texts in scenes:
        narration = studio.narrate(texts, language)
        length = len(studio.voice(texts, language))
        assert narration.samples == length
        assert [word.text for word in narration.words] == " ".join(texts).split()
        assert narration.timing == "native"
        assert not narration.degraded
        assert narration.sentences[0].start == 0
        assert narration.sentences[-1].end == length
        for sentence, text in zip(narration.sentences, texts, strict=True):
            words = narration.words[sentence.first : sentence.last]
            assert len(words) == len(text.split())
            edges = [sentence.start, *(e for w in words for e in (w.start, w.end)), sentence.end]
            assert edges == sorted(edges)
        for before, after in itertools.pairwise(narration.sentences):
            assert after.start - before.end == SAMPLE_RATE * 350 // 1000


def test_a_scene_begins_and_ends_with_sound(studio: Studio) -> None:
    """10 ms before the first sound, and no long tail: the pauses belong to the clip."""
    samples = np.abs(studio.voice(("Xin chào các bạn.",), "vi"))
    loud = np.flatnonzero(samples > 0.01)
    assert loud[0] <= SAMPLE_RATE * 20 // 1000
    assert len(samples) - loud[-1] <= SAMPLE_RATE * 50 // 1000


def test_joins_do_not_click(studio: Studio) -> None:
    """At every edge of a sentence the sound comes from and goes to nothing without a step."""
    texts = ("Một hai ba.", "Bốn năm sáu.", "Bảy tám chín.")
    narration, samples = studio.narrate(texts, "vi"), studio.voice(texts, "vi")
    for sentence in narration.sentences:
        for edge in (sentence.start, sentence.end):
            near = samples[max(0, edge - 24) : edge + 24]
            assert np.abs(np.diff(near)).max(initial=0) < 0.01
            assert np.abs(near).min(initial=1) < 0.001


def test_a_changed_sentence_changes_no_other_sample(studio: Studio) -> None:
    """Level and limiter work sentence by sentence, so that an edit stays local."""
    first = "Câu thứ nhất giữ nguyên."
    texts = [(first, other) for other in ("Câu này đổi!", "Một câu khác hẳn, dài hơn.")]
    a, b = (studio.narrate(each, "vi").sentences[0] for each in texts)
    assert a == b
    one, other = (studio.voice(each, "vi") for each in texts)
    assert (one[: a.end] == other[: a.end]).all()


def tone(milliseconds: int, *, before: int = 0, rate: int = 22_050, level: float = 0.3) -> bytes:
    time = np.arange(rate * milliseconds // 1000) / rate
    sound = level * np.sin(2 * np.pi * 220 * time)
    silent = np.zeros(rate * before // 1000)
    return (np.concatenate((silent, sound, silent)) * 32767).astype("<i2").tobytes()


def test_a_silent_sentence_is_refused(studio: Studio) -> None:
    """Silence instead of speech is an error of the voice, not a silent scene."""
    with pytest.raises(VoiceFailed, match="silence"):
        studio.join([(Token("một", "một"),)], [Speech(22_050, bytes(44_100), ())])


def test_a_cut_off_sentence_is_refused(studio: Studio) -> None:
    """Less than 15 ms of sound a letter is no speech."""
    tokens = (Token("Nghiêng", "Nghiêng"), Token("nghiêng", "nghiêng"))
    with pytest.raises(VoiceFailed, match="broke off"):
        studio.join([tokens], [Speech(22_050, tone(60), ())])


TOKENS = (Token("một", "một"), Token("—", ""), Token("2", "hai"), Token("ba", "ba"))


@pytest.mark.parametrize(
    "events",
    [
        (),
        (SpokenWord(0, 3, 0),),
        (SpokenWord(0, 3, 9_000), SpokenWord(4, 7, 5_000), SpokenWord(8, 10, 1_000)),
        (SpokenWord(40, 43, 0), SpokenWord(50, 53, 5_000), SpokenWord(60, 62, 9_000)),
        (SpokenWord(0, 3, 10**7), SpokenWord(4, 7, 10**7), SpokenWord(8, 10, 10**7)),
    ],
)
def test_useless_word_events_are_a_visible_fallback(
    studio: Studio, events: tuple[SpokenWord, ...]
) -> None:
    """Missing, reversed or outlying events lead to proportional times, and the job says so."""
    narration = studio.join([TOKENS], [Speech(22_050, tone(900, before=100), events)])
    assert narration.timing == "proportional"
    assert len(narration.degraded) == 1
    starts = [word.start for word in narration.words]
    assert starts == sorted(starts)
    assert starts[0] >= 0
    assert narration.words[-1].end <= narration.samples


def test_native_events_land_on_their_samples(studio: Studio) -> None:
    """An event at 300 ms of the voice is 300 ms, less what was trimmed, in the narration."""
    events = (SpokenWord(0, 3, 2_205), SpokenWord(4, 7, 6_615), SpokenWord(8, 10, 11_025))
    narration = studio.join([TOKENS], [Speech(22_050, tone(900, before=100), events)])
    assert narration.timing == "native"
    trimmed = 90 * SAMPLE_RATE // 1000
    for word, milliseconds in zip((0, 2, 3), (100, 300, 500), strict=True):
        at = milliseconds * SAMPLE_RATE // 1000 - trimmed
        assert abs(narration.words[word].start - at) < 48
    silent = narration.words[1]
    assert silent.start == silent.end == narration.words[2].start


def test_a_fused_word_lies_between_its_neighbours(studio: Studio) -> None:
    """A word without an event of its own is put where its place in the text puts it."""
    events = (SpokenWord(0, 3, 2_205), SpokenWord(8, 10, 11_025))
    narration = studio.join([TOKENS], [Speech(22_050, tone(900, before=100), events)])
    first, _, fused, last = narration.words
    assert narration.timing == "native"
    assert first.start < fused.start < last.start


@pytest.mark.parametrize(
    ("rate", "frequency"), [(22_050, 9_000), (24_000, 10_000), (44_100, 15_000)]
)
def test_resampling_keeps_time_and_sound(rate: int, frequency: int) -> None:
    """A tone comes out as the same tone, sample 0 at time 0, with an error below −90 dB."""
    time = np.arange(rate) / rate
    out = resample(np.sin(2 * np.pi * frequency * time).astype(np.float32), rate, SAMPLE_RATE)
    assert len(out) == SAMPLE_RATE
    true = np.sin(2 * np.pi * frequency * np.arange(SAMPLE_RATE) / SAMPLE_RATE)
    assert np.abs(out - true)[2_000:-2_000].max() < 10 ** (-90 / 20)


def test_loudness_agrees_with_ffmpeg() -> None:
    """Integrated loudness and true peak are those of another implementation of BS.1770."""
    noise = np.random.default_rng(7).standard_normal(SAMPLE_RATE * 8)
    swell = 0.05 * (1.2 + np.sin(np.arange(len(noise)) / 30_000))
    samples = (noise * swell).astype(np.float32)
    loudness, peak = ffmpeg_loudness(samples)
    assert abs(integrated_loudness(samples) - loudness) < 0.1
    assert abs(20 * math.log10(true_peak(samples)) - peak) < 0.3


@settings(max_examples=times(15, 40), deadline=None)
@given(st.integers(0, 2**32 - 1), st.floats(-10, 30), st.integers(1, 9_000))
def test_the_limiter_holds_its_ceiling(seed: int, gain_db: float, length: int) -> None:
    """Whatever the sound and the gain, the true peak stays at the ceiling, and quiet is kept."""
    random = np.random.default_rng(seed)
    samples = (random.standard_normal(length) * random.uniform(0, 0.5)).astype(np.float32)
    out = limit(samples, gain_db)
    assert len(out) == length
    assert true_peak(out) <= 10 ** ((CEILING_DBTP + 0.1) / 20)
    louder = samples * np.float32(10 ** (gain_db / 20))
    assert np.all(np.abs(out) <= np.abs(louder) * 1.0001)


@pytest.mark.parametrize("name", ["vi prose", "en prose"])
def test_words_light_up_when_they_are_heard(studio: Studio, name: str) -> None:
    """Where an onset is plain to see, behind 60 ms of silence, a word begins: 35 ms on average."""
    language, scenes = TEXTS[name]
    errors: list[float] = []
    for texts in scenes:
        narration = studio.narrate(texts, language)
        loud = np.flatnonzero(np.abs(studio.voice(texts, language)) > 0.01)
        onsets = loud[np.diff(loud, prepend=-SAMPLE_RATE) > SAMPLE_RATE * 60 // 1000]
        starts = np.array([word.start for word in narration.words])
        errors += [float(np.abs(starts - onset).min()) / SAMPLE_RATE for onset in onsets]
    assert np.mean(errors) <= 0.035


def test_a_gain_is_found_for_any_voice(studio: Studio) -> None:
    """Calibration lands on −16 LUFS although the limiter takes a part of the gain."""
    for language in LANGUAGES:
        speeches = tuple(
            studio.shelf.keep(studio.say(text, language)[1])
            for text in calibration_sentences(language)
        )
        found = level(LevelRequest(speeches), studio.shelf)
        assert abs(found.loudness_lufs + 16) <= 0.1


def test_a_voice_that_said_nothing_has_no_level(studio: Studio) -> None:
    """Nothing cannot be brought to a loudness, and says so."""
    with pytest.raises(VoiceFailed, match="too short"):
        level(LevelRequest(()), studio.shelf)
