"""Skipped pictures: what decoders see is x264's own picture, in every frame."""

from __future__ import annotations

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inkreel.compose import encode, skip
from inkreel.compose.skip import Unexpected, read_extradata, weave
from inkreel.compose.skip.bits import nal_units
from inkreel.model import Packet
from tests.compose import skipping
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
    assert not encode.Encoding().skip_unchanged
