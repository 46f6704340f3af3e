"""Slice headers: read, and put in another place of the order of output.

Only `pic_order_cnt_lsb` changes. What follows it in the header is copied bit by bit, the slice data
byte by byte: it begins at a whole byte before and after (cabac_alignment_one_bit, 7.3.4).
"""

from __future__ import annotations

from dataclasses import dataclass

from inkreel.compose.skip.bits import BitReader, BitWriter, Unexpected, payload, unit
from inkreel.compose.skip.parameters import ORDER_BITS, ParameterSets

SLICE, IDR_SLICE = 1, 5
P, B, I = 0, 1, 2  # noqa: E741 — slice_type modulo 5 (table 7-6)

_END_OF_MODIFICATIONS = 3
_MEMORY_OPERANDS = {1: 1, 2: 1, 3: 2, 4: 1, 5: 0, 6: 1}
"""Operands of memory_management_control_operation (table 7-9)."""
_FORGET_ALL = 5


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice that is a whole picture."""

    content: bytes
    """Header byte and RBSP."""
    kind: int
    """`P`, `B` or `I`."""
    idr: bool
    reference: bool
    """Other pictures may refer to it."""
    frame_num: int
    order: int
    """`pic_order_cnt_lsb`, modulo 2 to the power of `ParameterSets.order_bits`."""
    order_at: int
    """Where that field begins, in bits."""
    header_end: int
    """Where the header ends, in bits."""


def read_slice(nal_unit: bytes, sets: ParameterSets) -> Slice:
    """slice_header (7.3.3) of a picture in one slice; `Unexpected` for what cannot be moved."""
    content = payload(nal_unit)
    reference, idr = content[0] >> 5 & 3 > 0, content[0] & 31 == IDR_SLICE
    bits = BitReader(content, 8)
    if bits.ue() != 0:
        raise Unexpected("a picture has several slices")
    kind = bits.ue() % 5
    if kind not in (P, B, I):
        raise Unexpected("there are switching slices")
    if bits.ue() != sets.pps_id:
        raise Unexpected("a slice names an unknown parameter set")
    frame_num = bits.u(sets.frame_num_bits)
    if idr:
        bits.ue()  # idr_pic_id
    order_at = bits.position
    order = bits.u(sets.order_bits)
    _read_references(bits, kind, sets)
    if reference:
        _read_marking(bits, idr=idr)
    if kind != I:
        bits.ue()  # cabac_init_idc
    bits.se()  # slice_qp_delta
    if sets.deblocking_control and bits.ue() != 1:
        bits.se()
        bits.se()  # offsets of the deblocking filter
    return Slice(content, kind, idr, reference, frame_num, order, order_at, bits.position)


def _read_references(bits: BitReader, kind: int, sets: ParameterSets) -> None:
    """From direct_spatial_mv_pred_flag to pred_weight_table."""
    if kind == I:
        return
    if kind == B and not bits.flag():
        raise Unexpected("motion of B pictures follows from their order count")
    lengths = sets.list_lengths[: 1 + kind]
    if bits.flag():
        lengths = tuple(bits.ue() + 1 for _ in lengths)
    for _ in lengths:
        _read_modifications(bits)
    if (sets.weighted, sets.weighted_bi)[kind]:
        _read_weights(bits, lengths)


def _read_modifications(bits: BitReader) -> None:
    """ref_pic_list_modification (7.3.3.1), one list."""
    if bits.flag():
        while bits.ue() != _END_OF_MODIFICATIONS:
            bits.ue()


def _read_weights(bits: BitReader, lengths: tuple[int, ...]) -> None:
    """pred_weight_table (7.3.3.2) for 4:2:0."""
    bits.ue()
    bits.ue()  # denominators
    for _ in range(sum(lengths)):
        for components in (1, 2):
            if bits.flag():
                for _ in range(2 * components):
                    bits.se()


def _read_marking(bits: BitReader, *, idr: bool) -> None:
    """dec_ref_pic_marking (7.3.3.3)."""
    if idr:
        bits.u(1)  # no_output_of_prior_pics_flag
        if bits.flag():
            raise Unexpected("there are long-term references")
        return
    if not bits.flag():
        return
    while operation := bits.ue():
        if operation == _FORGET_ALL or operation not in _MEMORY_OPERANDS:
            raise Unexpected("a picture resets the order count")
        for _ in range(_MEMORY_OPERANDS[operation]):
            bits.ue()


def moved(picture: Slice, sets: ParameterSets, order: int) -> bytes:
    """The slice with another `pic_order_cnt_lsb`, as a NAL unit with its start code."""
    source, target = BitReader(picture.content), BitWriter()
    target.copy(source, picture.order_at)
    target.u(order, ORDER_BITS)
    source.position += sets.order_bits
    target.copy(source, picture.header_end - source.position)
    target.align(1)
    # The old alignment ends at the next whole byte.
    data = picture.content[(picture.header_end + 7) >> 3 :]
    return unit(target.bytes() + data)
