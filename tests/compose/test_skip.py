"""Skipped pictures: what decoders see is x264's own picture, in every frame."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from pathlib import Path

import av
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.compose import clip, encode, skip, sound, transition
from inkreel.compose.mux import Movie
from inkreel.compose.skip import Unexpected, read_extradata, weave
from inkreel.compose.skip.bits import nal_units
from inkreel.model import Digest, Effect, Footage, Packet
from inkreel.recipes import ClipRequest, Encoding, SoundRequest, TransitionRequest
from tests.compose import skipping
from tests.compose.handmade import MemoryShelf, captions, hum, layer, narration, picture
from tests.compose.skipping import PRESETS, SIZES, Pattern, check

STILLS = st.lists(
    st.one_of(st.just(1), st.integers(1, 3), st.integers(1, 60)), min_size=1, max_size=12
).map(lambda stills: (*stills[:-1], stills[-1] + 1))


@settings(max_examples=60, deadline=None)
@given(
    st.builds(
        Pattern,
        st.lists(STILLS.map(tuple), min_size=1, max_size=3).map(tuple),
        st.sampled_from(SIZES),
        st.sampled_from(PRESETS),
        st.integers(12, 40),
        st.sampled_from((8, 30, 150)),
        st.integers(0, 1 << 32),
        st.sampled_from((1, 3)),
    )
)
def test_every_frame_is_the_encoders_own(pattern: Pattern) -> None:
    """Joined segments of any change pattern decode, frame by frame, to x264's own pictures."""
    check(pattern)


@pytest.mark.parametrize("preset", PRESETS)
def test_pictures_are_reordered_around_gaps(preset: str) -> None:
    """B pictures before and after a gap come out at their times."""
    pattern = Pattern(((1,) * 9 + (40,) + (1,) * 9 + (2, 1, 1, 1, 3),), preset=preset, seed=3)
    (woven,) = check(pattern)
    assert any(packet.pts == packet.dts for packet in woven.segment.packets)
    assert len(woven.coded) == 24


def test_what_stands_still_costs_nothing() -> None:
    """Between two changes lies one picture of the encoder, and each repetition is a few bytes."""
    (woven,) = check(Pattern(((148, 2),), size=(1920, 1080)))
    assert [packet.pts for packet in woven.coded] == [0, 148]
    assert all(len(packet.data) < 80 for packet in woven.segment.packets[1:148])


def test_a_long_scene_keeps_its_key_frames() -> None:
    """A key frame comes in time though nothing changes, so that players can seek."""
    (woven,) = check(Pattern(((400,),), interval=150))
    assert [packet.pts for packet in woven.segment.packets if packet.key] == [0, 134, 268]


def test_scenes_with_and_without_gaps_are_one_movie(tmp_path: Path, shelf: MemoryShelf) -> None:
    """Clips and transitions with skipped pictures make a film of the same sights and sounds."""
    films = {}
    for skipped in (False, True):
        films[skipped] = tmp_path / f"{skipped}.mp4"
        encoding = Pattern(()).encoding(skip=skipped)
        with Movie(films[skipped], title="T", language="en", rate=encoding.rate) as movie:
            for footage in scenes(shelf, encoding):
                assert all(segment.degraded == () for segment in footage.segments)
                movie.add(footage)
            movie.close()
    plain, woven = (frames_of(film) for film in films.values())
    assert [frame.pts for frame in woven] == [frame.pts for frame in plain]
    assert len({frame.pts - before.pts for before, frame in itertools.pairwise(woven)}) == 1
    for one, other in zip(plain, woven, strict=True):
        differ = one.to_ndarray().astype(int) - other.to_ndarray()
        assert np.abs(differ).mean() < 1.5
    assert films[True].stat().st_size < 1.5 * films[False].stat().st_size


def scenes(shelf: MemoryShelf, encoding: Encoding) -> Iterator[Footage]:
    before: Digest | None = None
    for number in range(3):
        spoken = narration((9_000,) * 6)
        block = layer(0, Effect.RISE, (100, 80, 60, 40), seed=number)
        board = shelf.store(picture((block,), (90 * number,) * 3))
        said, cards = shelf.store(spoken), shelf.store(captions(spoken))
        lead = 12 if before else 0
        moved = None
        if before:
            wanted = TransitionRequest(before, board, said, cards, lead, "slide", encoding)
            moved = transition(wanted, shelf)
        body = clip(ClipRequest(board, said, cards, (), lead, encoding), shelf).body
        heard = sound(SoundRequest(said, shelf.store(hum(spoken.samples)), encoding.fps), shelf)
        yield Footage((moved, body) if moved else (body,), heard.packets, heard.extradata)
        before = board


def frames_of(path: Path) -> list[av.VideoFrame]:
    with av.open(path) as file:
        return list(file.decode(video=0))


# --- The production check -------------------------------------------------------------------------


def coded() -> tuple[list[Packet], int, skip.ParameterSets]:
    (woven,) = skipping.weave(Pattern(((1, 1, 1, 1, 1, 9, 1, 1, 1, 5),)))
    return list(woven.coded), woven.segment.frames, read_extradata(woven.extradata)


def test_a_lost_picture_is_noticed() -> None:
    """A reference picture that is not there leaves a gap in frame_num."""
    packets, frames, sets = coded()
    with pytest.raises(Unexpected, match="frame_num"):
        weave(packets[:1] + packets[2:], frames, sets)


def test_a_wrong_time_is_noticed() -> None:
    """Times that contradict the encoder's own order of output are not written."""
    packets, frames, sets = coded()
    early, late = sorted(range(1, 5), key=lambda at: packets[at].pts)[:2]
    packets[early], packets[late] = (
        msgspec.structs.replace(packets[early], pts=packets[late].pts),
        msgspec.structs.replace(packets[late], pts=packets[early].pts),
    )
    with pytest.raises(Unexpected):
        weave(packets, frames, sets)


def test_a_gap_after_a_b_picture_is_noticed() -> None:
    """What nothing refers to cannot be repeated."""
    packets, frames, sets = coded()
    b = next(packet for packet in packets if nal_units(packet.data)[-1][0] >> 5 == 0)
    after = [
        packet if packet.pts <= b.pts else msgspec.structs.replace(packet, pts=packet.pts + 4)
        for packet in packets
    ]
    with pytest.raises(Unexpected, match="stands still"):
        weave(after, frames + 4, sets)


def test_doubled_and_stray_times_are_noticed() -> None:
    """Each frame is encoded once at most, and lies inside the segment."""
    packets, frames, sets = coded()
    for pts in (packets[2].pts, frames, -1):
        odd = [*packets[:-1], msgspec.structs.replace(packets[-1], pts=pts)]
        with pytest.raises(Unexpected, match="time"):
            weave(odd, frames, sets)


def test_foreign_packets_are_noticed() -> None:
    """A packet that is no picture of one slice is not passed on."""
    packets, frames, sets = coded()
    for data in (b"", b"abc", packets[0].data * 2, b"\0\0\1\x67\x42", b"\0\0\1\x41"):
        odd = [msgspec.structs.replace(packets[0], data=data), *packets[1:]]
        with pytest.raises(Unexpected):
            weave(odd, frames, sets)


# --- Fallbacks ------------------------------------------------------------------------------------


def draw(encoder: encode.SegmentEncoder) -> None:
    for still in (1, 1, 20, 1, 1, 7):
        for plane in encoder.planes:
            plane[:] = 40 + 5 * still
        encoder.push(still)


def test_a_surprise_in_a_slice_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """What cannot be skipped is encoded, told, and joins with the segments that could."""
    encoding = Pattern(()).encoding()
    good = encode.segment((64, 48), 31, encoding, draw)
    real = skip.weave

    def surprised(packets: tuple[Packet, ...], frames: int, sets: skip.ParameterSets) -> object:
        if len(packets) < frames:
            raise Unexpected("a picture has several slices")
        return real(packets, frames, sets)

    monkeypatch.setattr(skip, "weave", surprised)
    plain = encode.segment((64, 48), 31, encoding, draw)
    assert good.degraded == ()
    assert [each.why for each in plain.degraded] == ["a picture has several slices"]
    assert plain.extradata == good.extradata
    seen = skipping.decode(good.extradata, skipping.joined([good, plain, good]))
    assert [time for time, _ in seen] == list(range(93))


def test_settings_that_cannot_skip_are_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parameter sets that ask for too much lead to a segment as without the switch."""
    pattern = Pattern(())
    monkeypatch.setattr(skip, "X264_PARAMS", "weightb=1")
    fallen = encode.segment((64, 48), 31, pattern.encoding(), draw)
    plain = encode.segment((64, 48), 31, pattern.encoding(skip=False), draw)
    assert "order count" in fallen.degraded[0].why
    assert msgspec.structs.replace(fallen, degraded=()) == plain


def test_the_switch_is_off() -> None:
    """Unless it is asked for, every frame goes through the encoder."""
    assert not Encoding().skip_unchanged
