"""Sequence and picture parameter sets: what they allow, and a wider picture order count.

x264 chooses the fewest bits for `pic_order_cnt_lsb` that tell its own pictures apart. Between the
pictures of a video that stands still lie hundreds of others, so the field is widened.
"""

from __future__ import annotations

from dataclasses import dataclass

from inkreel.compose.skip.bits import BitReader, BitWriter, Unexpected, nal_units, payload, unit

SPS, PPS = 7, 8

ORDER_BITS = 16
"""Bits of `pic_order_cnt_lsb`, the most that there are (7.4.2.1.1): 16,383 frames may stand still
in a row, since a picture must be within half the range of the last reference picture (8.2.1.1)."""

_HIGH_PROFILES = (100, 110, 122, 244)
_EXTENDED_SAR = 255


@dataclass(frozen=True, slots=True)
class ParameterSets:
    """What is needed to read and write the slices of one stream."""

    extradata: bytes
    """Both parameter sets with start codes, with the order count widened."""
    macroblocks: int
    """Of one picture."""
    reorder_frames: int
    frame_num_bits: int
    order_bits: int
    """Of `pic_order_cnt_lsb` as x264 wrote it."""
    pps_id: int
    list_lengths: tuple[int, int]
    """Entries of the reference lists where a slice does not say otherwise."""
    weighted: bool
    """P slices carry a table of weights."""
    weighted_bi: bool
    """B slices do."""
    initial_qp: int
    deblocking_control: bool


def read_extradata(extradata: bytes) -> ParameterSets:
    """Read and widen the parameter sets of an encoder; `Unexpected` if they ask for too much."""
    units = [payload(each) for each in nal_units(extradata)]
    if [each[0] & 31 for each in units] != [SPS, PPS]:
        raise Unexpected("the header is not one sequence and one picture parameter set")
    sequence, picture = units
    read = _read_sequence(sequence)
    found = _read_picture(picture)
    return ParameterSets(
        extradata=unit(_widened(sequence, read)) + unit(picture),
        macroblocks=read.macroblocks,
        reorder_frames=read.reorder_frames,
        frame_num_bits=read.frame_num_bits,
        order_bits=read.order_bits,
        pps_id=found.pps_id,
        list_lengths=found.list_lengths,
        weighted=found.weighted,
        weighted_bi=found.weighted_bi,
        initial_qp=found.initial_qp,
        deblocking_control=found.deblocking_control,
    )


def _require(holds: bool, otherwise: str) -> None:  # noqa: FBT001 — reads like `assert`
    if not holds:
        raise Unexpected(otherwise)


@dataclass(frozen=True, slots=True)
class _Sequence:
    macroblocks: int
    reorder_frames: int
    frame_num_bits: int
    order_bits: int
    order_at: int
    """Where `log2_max_pic_order_cnt_lsb_minus4` begins, in bits, and where it ends."""
    order_end: int


def _read_sequence(content: bytes) -> _Sequence:
    """seq_parameter_set_data (7.3.2.1.1)."""
    bits = BitReader(content, 8)
    profile = bits.u(8)
    bits.u(16)  # constraint flags, level
    bits.ue()  # seq_parameter_set_id
    if profile in _HIGH_PROFILES:
        _read_high(bits)
    frame_num_bits = 4 + bits.ue()
    _require(bits.ue() == 0, "pic_order_cnt_type is not 0")
    order_at = bits.position
    order_bits = 4 + bits.ue()
    order_end = bits.position
    references = bits.ue()
    _require(not bits.flag(), "gaps in frame_num are allowed")
    macroblocks = (bits.ue() + 1) * (bits.ue() + 1)
    _require(bits.flag(), "there may be fields")
    bits.flag()  # direct_8x8_inference_flag concerns B pictures, and those stay as they are
    if bits.flag():
        for _ in range(4):  # frame cropping
            bits.ue()
    _require(bits.flag(), "there is no VUI")
    reorder, buffered = _read_vui(bits)
    _require(buffered >= references, "the VUI promises less memory than the references need")
    return _Sequence(macroblocks, reorder, frame_num_bits, order_bits, order_at, order_end)


def _read_high(bits: BitReader) -> None:
    _require(bits.ue() == 1, "the chroma format is not 4:2:0")
    bits.ue()
    bits.ue()  # bit depths
    bits.flag()  # qpprime_y_zero_transform_bypass_flag
    _require(not bits.flag(), "there is a scaling matrix")


def _read_vui(bits: BitReader) -> tuple[int, int]:
    """vui_parameters (E.1.1): how many pictures come early, how many are kept."""
    if bits.flag() and bits.u(8) == _EXTENDED_SAR:
        bits.u(32)
    if bits.flag():
        bits.flag()  # overscan
    if bits.flag():
        bits.u(4)  # video_format, video_full_range_flag
        if bits.flag():
            bits.u(24)  # colours
    if bits.flag():
        bits.ue()
        bits.ue()  # chroma sample location
    if bits.flag():
        bits.u(65)  # num_units_in_tick, time_scale, fixed_frame_rate_flag
    # Such streams time each picture in messages of their own.
    _require(not bits.flag() and not bits.flag(), "there are HRD parameters")
    _require(not bits.flag(), "pictures have timing messages")
    _require(bits.flag(), "the VUI does not limit reordering")
    bits.flag()
    for _ in range(4):  # motion over the edges, sizes, lengths of vectors
        bits.ue()
    return bits.ue(), bits.ue()


def _widened(content: bytes, read: _Sequence) -> bytes:
    """The parameter set with `ORDER_BITS` in the order count, all else as it was."""
    source, target = BitReader(content), BitWriter()
    target.copy(source, read.order_at)
    target.ue(ORDER_BITS - 4)
    source.position = read.order_end
    # All up to rbsp_stop_one_bit, the last bit that is set.
    end = 8 * len(content) - _zeros_at_end(content)
    target.copy(source, end - source.position)
    target.align(0)
    return target.bytes()


def _zeros_at_end(content: bytes) -> int:
    value = int.from_bytes(content)
    return (value & -value).bit_length() - 1


@dataclass(frozen=True, slots=True)
class _Picture:
    pps_id: int
    list_lengths: tuple[int, int]
    weighted: bool
    weighted_bi: bool
    initial_qp: int
    deblocking_control: bool


def _read_picture(content: bytes) -> _Picture:
    """pic_parameter_set_rbsp (7.3.2.2)."""
    bits = BitReader(content, 8)
    pps_id = bits.ue()
    bits.ue()  # seq_parameter_set_id
    _require(bits.flag(), "the entropy coding is not CABAC")
    _require(not bits.flag(), "slices carry an order count of a second field")
    _require(bits.ue() == 0, "there are slice groups")
    lengths = bits.ue() + 1, bits.ue() + 1
    weighted = bits.flag()
    bi_weights = bits.u(2)
    _require(bi_weights < 2, "weights of B pictures follow from their order count")
    initial_qp = 26 + bits.se()
    bits.se()  # pic_init_qs
    bits.se()  # chroma_qp_index_offset
    deblocking_control = bits.flag()
    bits.flag()  # constrained_intra_pred_flag
    _require(not bits.flag(), "there may be redundant pictures")
    return _Picture(pps_id, lengths, weighted, bi_weights == 1, initial_qp, deblocking_control)
