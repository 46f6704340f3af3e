"""The skipped picture: a P picture that repeats the last reference picture, sample by sample.

All its macroblocks are P_Skip. Motion is predicted to be zero: the first macroblock has no
neighbour above or beside it, every other one has such a neighbour with zero motion (8.4.1.1). So
each sample is copied from the first entry of list 0, which is the last reference picture in the
order of decoding (8.2.4.2.1), and no edge is filtered.
"""

from __future__ import annotations

from functools import cache

from inkreel.compose.skip.bits import BitWriter, unit
from inkreel.compose.skip.parameters import ORDER_BITS, ParameterSets

_HEADER_BYTE = 0x01
"""nal_unit_type 1 (a slice, no IDR), nal_ref_idc 0: nothing refers to it."""
_P_ALONE = 5
"""slice_type of a picture that has P slices only (table 7-6)."""
_SECOND_BYTE = 0b1_00110 << 2
"""It opens with first_mb_in_slice 0 and that slice_type (9.1); two bits follow."""

# Nothing is quantised; the initial state of the context depends on it, and at 51 a skipped
# macroblock is at once the likely one. State of context 11 for mb_skip_flag, cabac_init_idc 0:
# m = 23, n = 33 (table 9-13), (23 · 51 >> 4) + 33 − 64 with valMPS 1 (9.3.1.1).
_QP = 51
_FIRST_STATE = 42
_LAST_STATE = 62
_LPS_RANGES = (
    (16, 20, 23, 27), (15, 19, 22, 25), (14, 18, 21, 24), (14, 17, 20, 23), (13, 16, 19, 22),
    (12, 15, 18, 21), (12, 14, 17, 20), (11, 14, 16, 19), (11, 13, 15, 18), (10, 12, 15, 17),
    (10, 12, 14, 16), (9, 11, 13, 15), (9, 11, 12, 14), (8, 10, 12, 14), (8, 9, 11, 13),
    (7, 9, 11, 12), (7, 9, 10, 12), (7, 8, 10, 11), (6, 8, 9, 11), (6, 7, 9, 10), (6, 7, 8, 9),
)  # fmt: skip
"""rangeTabLPS (table 9-44) from `_FIRST_STATE` to `_LAST_STATE`: it never leaves these, since only
the more probable symbol is coded."""


def skipped_picture(sets: ParameterSets, frame_num: int, order: int) -> bytes:
    """A NAL unit with its start code: slice_header (7.3.3), then nothing but skipped macroblocks.

    `frame_num` is one more than that of the last reference picture (7.4.3).
    """
    bits = BitWriter()
    bits.u(_HEADER_BYTE, 8)
    bits.ue(0)  # first_mb_in_slice
    bits.ue(_P_ALONE)
    bits.ue(sets.pps_id)
    bits.u(frame_num, sets.frame_num_bits)
    bits.u(order, ORDER_BITS)
    bits.flag(True)  # num_ref_idx_active_override_flag: one entry is all we need
    bits.ue(0)
    bits.flag(False)  # ref_pic_list_modification_flag_l0
    if sets.weighted:
        # Denominators of 1 and no weights: samples are copied (8.4.2.3).
        bits.ue(0)
        bits.ue(0)
        bits.u(0, 2)
    bits.ue(0)  # cabac_init_idc
    bits.se(_QP - sets.initial_qp)
    if sets.deblocking_control:
        bits.ue(1)  # disable_deblocking_filter_idc: spares the decoder to find that out
    bits.align(1)
    return unit(bits.bytes() + _skipped_macroblocks(sets.macroblocks))


def is_skipped_picture(nal_unit: bytes) -> bool:
    """Whether a NAL unit is one of ours: no encoder makes P pictures that nothing refers to."""
    return nal_unit[0] == _HEADER_BYTE and nal_unit[1] & ~3 == _SECOND_BYTE


@cache
def _skipped_macroblocks(count: int) -> bytes:
    """slice_data (7.3.4) for so many skipped macroblocks, up to the RBSP's last bit.

    Only the more probable symbol is ever coded, which leaves the low end of the interval at zero
    (9.3.4.2): the encoder's output is a zero for each time the interval was doubled, then its end.
    """
    state, interval, doubled = 0, 510, 0
    for macroblock in range(count):
        if macroblock:
            interval, doubled = _renormalised(interval, doubled)
        # mb_skip_flag 1; no neighbour is unlike it, so the context is always the same.
        interval -= _LPS_RANGES[state][interval >> 6 & 3]
        state = min(state + 1, _LAST_STATE - _FIRST_STATE)
        interval, doubled = _renormalised(interval, doubled)
        # end_of_slice_flag takes the last 2 of the interval (9.3.4.5), which mean 1.
        interval -= 2
    bits = BitWriter()
    # Ten bits of the low end, without the very first one (PutBit, 9.3.4.4); the last one is
    # rbsp_stop_one_bit (9.3.4.5).
    bits.u(interval | 1, doubled + 9)
    bits.align(0)
    return bits.bytes()


def _renormalised(interval: int, doubled: int) -> tuple[int, int]:
    """RenormE (9.3.4.3); once is enough after so little was taken."""
    return (interval << 1, doubled + 1) if interval < 256 else (interval, doubled)
