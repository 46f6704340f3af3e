"""Skipped pictures, bit by bit: codes, NAL units, parameter sets, slice headers."""

from __future__ import annotations

import contextlib
from dataclasses import replace

import av
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inkreel.compose import encode
from inkreel.compose.skip import Unexpected, read_extradata, slices
from inkreel.compose.skip.bits import (
    BitReader,
    BitWriter,
    nal_units,
    payload,
    trailing,
    unit,
)
from inkreel.compose.skip.filler import skipped_picture
from inkreel.compose.skip.parameters import ORDER_BITS
from inkreel.model import REORDER_FRAMES
from inkreel.recipes import Encoding
from tests.compose import skipping
from tests.compose.skipping import PRESETS, Pattern

ELEMENT = st.one_of(
    st.tuples(st.just("u"), st.integers(0, 1 << 20), st.integers(21, 40)),
    st.tuples(st.just("ue"), st.integers(0, (1 << 32) - 2)),
    st.tuples(st.just("se"), st.integers(-(1 << 31) + 1, (1 << 31) - 1)),
    st.tuples(st.just("flag"), st.booleans()),
)
ZEROS = st.lists(st.sampled_from((0, 0, 0, 1, 2, 3, 4, 255)), max_size=40).map(bytes)


@given(st.lists(ELEMENT))
def test_elements_come_back(elements: list[tuple[str, int] | tuple[str, int, int]]) -> None:
    """What is written is read, code by code, to the last bit."""
    target = BitWriter()
    for kind, *values in elements:
        getattr(target, kind)(*values)
    trailing(target)
    source = BitReader(target.bytes())
    for kind, value, *bits in elements:
        assert getattr(source, kind)(*bits) == value
    assert source.u(1) == 1
    assert source.left < 8


@pytest.mark.parametrize(
    ("code", "unsigned", "signed"),
    [("1", 0, 0), ("010", 1, 1), ("011", 2, -1), ("00100", 3, 2), ("00111", 6, -3)],
)
def test_codes_are_those_of_the_standard(code: str, unsigned: int, signed: int) -> None:
    """Exp-Golomb codes are those of tables 9-2 and 9-3."""
    data = int(code.ljust(8, "0"), 2).to_bytes()
    assert (BitReader(data).ue(), BitReader(data).se()) == (unsigned, signed)


@given(ZEROS, st.integers(0, 3))
def test_nal_units_hide_start_codes(content: bytes, zero_words: int) -> None:
    """Inside a NAL unit no start code can be read, and its content comes back."""
    content = b"\x41" + content + b"\x80" + b"\0\0" * zero_words
    escaped = unit(content).removeprefix(b"\0\0\0\1")
    assert not any(code in escaped for code in (b"\0\0\0", b"\0\0\1", b"\0\0\2"))
    assert not escaped.endswith(b"\0")
    assert payload(escaped) == content


@given(st.lists(ZEROS.map(lambda content: b"\x41" + content + b"\x80"), min_size=1))
def test_streams_split_into_units(contents: list[bytes]) -> None:
    """A stream is cut exactly where a unit begins, whatever the units hold."""
    stream = b"".join(map(unit, contents))
    assert [payload(each) for each in nal_units(stream)] == contents


@given(st.binary(max_size=60))
def test_garbage_is_refused_not_crashed_on(data: bytes) -> None:
    """Any bytes are either read or refused as `Unexpected`."""
    with contextlib.suppress(Unexpected):
        read_extradata(b"\0\0\1\x67" + data + b"\0\0\1\x68" + data)


@pytest.mark.parametrize("preset", PRESETS)
@pytest.mark.parametrize("size", [(16, 16), (50, 34), (1280, 720), (1920, 1080), (3840, 2160)])
def test_parameter_sets_only_grow_the_order_count(preset: str, size: tuple[int, int]) -> None:
    """x264's parameter sets come back as they were, save for the wider field, which is stable."""
    codec = encode._open(*size, Encoding(preset, skip_unchanged=True))
    assert codec.extradata
    before = read_extradata(codec.extradata)
    after = read_extradata(before.extradata)
    assert before.order_bits < ORDER_BITS
    assert after == replace(before, order_bits=ORDER_BITS)
    assert before.macroblocks == -(-size[0] // 16) * -(-size[1] // 16)
    assert before.reorder_frames == REORDER_FRAMES
    narrow, wide = (payload(nal_units(each)[0]) for each in (codec.extradata, after.extradata))
    # The code of 16 − 4 has 7 bits, that of a narrower field 1 to 5; profile and level stay.
    assert 0 <= len(wide) - len(narrow) <= 1
    assert wide[:4] == narrow[:4]


@pytest.mark.parametrize(
    "params",
    [
        "cabac=0",
        "weightb=1",
        "bframes=0",
        "nal-hrd=vbr:vbv-maxrate=900:vbv-bufsize=900",
        "fake-interlaced=1",
    ],
)
def test_other_streams_are_refused(params: str) -> None:
    """Parameter sets that skipped pictures were not made for are named as such."""
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = 64, 48, "yuv420p"
    codec.time_base, codec.flags = encode.Fraction(1, 30), encode.Flags.global_header
    codec.options = {"x264-params": f"weightb=0:{params}"}
    codec.open()
    assert codec.extradata
    with pytest.raises(Unexpected):
        read_extradata(codec.extradata)


@pytest.mark.parametrize("preset", PRESETS)
def test_slices_move_and_return(preset: str) -> None:
    """A slice moved to another place of the order holds the same bits otherwise."""
    (woven,) = skipping.weave(Pattern(((1,) * 30,), preset=preset, seed=5))
    sets = read_extradata(woven.extradata)
    wide = read_extradata(sets.extradata)
    kinds = set()
    for packet in woven.coded:
        first = slices.read_slice(nal_units(packet.data)[-1], sets)
        (moved,) = nal_units(slices.moved(first, sets, 40_000))
        again = slices.read_slice(moved, wide)
        (back,) = nal_units(slices.moved(again, wide, first.order))
        last = slices.read_slice(back, wide)
        assert again.order == 40_000
        kinds.add(first.kind)
        for found in (again, last):
            same = (first.kind, first.idr, first.reference, first.frame_num)
            assert (found.kind, found.idr, found.reference, found.frame_num) == same
            assert tail(found) == tail(first)
            assert found.header_end - first.header_end == ORDER_BITS - sets.order_bits
    assert kinds == {slices.I, slices.P, slices.B}


def tail(picture: slices.Slice) -> bytes:
    """The slice data."""
    return picture.content[-(-picture.header_end // 8) :]


def test_a_skipped_picture_says_what_it_is() -> None:
    """It is a P picture in one slice, at its place, that nothing refers to."""
    (woven,) = skipping.weave(Pattern(((5,),)))
    sets = read_extradata(woven.extradata)
    (made,) = nal_units(skipped_picture(sets, 3, 1_234))
    read = slices.read_slice(made, read_extradata(sets.extradata))
    assert (read.kind, read.idr, read.reference) == (slices.P, False, False)
    assert (read.frame_num, read.order) == (3, 1_234)
