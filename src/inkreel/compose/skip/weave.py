"""Packets of the changed frames → packets of all frames, in the order of decoding.

A skipped picture repeats the last reference picture, so two things must hold where frames stand
still. The frame before them is a reference picture (the encoder was told to make it a P or an I
picture), and they are decoded after the B pictures that lie before it and before the next
reference picture. Both are checked here, with the rest of what the order of output rests on.
"""

from __future__ import annotations

from collections.abc import Sequence

from inkreel.compose.skip import slices
from inkreel.compose.skip.bits import Unexpected, nal_units, payload, unit
from inkreel.compose.skip.filler import skipped_picture
from inkreel.compose.skip.parameters import ORDER_BITS, ParameterSets
from inkreel.compose.skip.slices import Slice
from inkreel.model import Packet

_MESSAGE = 6
"""nal_unit_type of supplemental information; x264 signs its first picture with it."""

LONGEST_GROUP = (1 << ORDER_BITS) // 4
"""Frames from one IDR picture to the next: they count by two, within half of the range."""


def weave(coded: Sequence[Packet], frames: int, sets: ParameterSets) -> tuple[Packet, ...]:
    """All `frames` packets from those of the changed ones, whose `pts` are true.

    Raises `Unexpected` if the stream is not what the module was made for.
    """
    loom = _Loom(coded, frames, sets)
    for packet in coded:
        loom.take(packet)
        loom.fill()
    return loom.finish()


class _Loom:
    """Where the weaving stands. Groups are what an IDR picture starts."""

    def __init__(self, coded: Sequence[Packet], frames: int, sets: ParameterSets) -> None:
        self._sets = sets
        self._frames = frames
        self._pending = {packet.pts for packet in coded}
        """Frames of the encoder that are not written yet."""
        if len(self._pending) != len(coded) or not self._pending <= set(range(frames)):
            raise Unexpected("two pictures have one time, or one lies outside")
        self._packets: list[Packet] = []
        self._next = 0
        """The first frame, in the order of output, that is not written yet."""
        self._early: set[int] = set()
        """Frames behind it that are."""
        self._still = -1
        """The last frame of the encoder before it: what a skipped picture there has to show."""
        self._reference = -1
        """The last reference picture in the order of decoding: what it will show."""
        self._start = 0
        self._frame_num = 0
        self._order = _Order(sets.order_bits)

    def take(self, packet: Packet) -> None:
        """Write a picture of the encoder at its place."""
        messages, picture = _parts(packet.data, self._sets)
        if picture.idr:
            self._begin(packet.pts)
        self._check(packet, picture)
        order = 2 * (packet.pts - self._start)
        self._order.note(picture, order)
        data = messages + slices.moved(picture, self._sets, order)
        self._append(packet.pts, data, key=picture.idr)
        if picture.reference:
            self._reference = packet.pts
            self._frame_num = (picture.frame_num + 1) % (1 << self._sets.frame_num_bits)
        self._pending.remove(packet.pts)
        self._early.add(packet.pts)

    def _begin(self, start: int) -> None:
        if start != self._next or self._early:
            raise Unexpected("an IDR picture is decoded before a frame that precedes it")
        self._order.close()
        self._start, self._frame_num = start, 0

    def _check(self, packet: Packet, picture: Slice) -> None:
        if picture.idr != packet.key or not (picture.idr or self._packets):
            raise Unexpected("a group does not start with an IDR picture")
        if picture.frame_num != self._frame_num:
            raise Unexpected("frame_num has a gap")
        if picture.reference == (picture.kind == slices.B):
            raise Unexpected("a B picture is referred to, or another one is not")
        if not 0 <= packet.pts - self._start < LONGEST_GROUP:
            raise Unexpected("a picture lies outside its group, or the group is too long")

    def fill(self) -> None:
        """Write the skipped pictures whose turn has come."""
        while self._next < self._frames:
            if self._next in self._early:
                self._early.remove(self._next)
                self._still = self._next
            elif self._next in self._pending:
                return
            else:
                self._skip()
            self._next += 1

    def _skip(self) -> None:
        if self._early or self._still != self._reference:
            raise Unexpected("a frame stands still that is not the last reference picture")
        order = 2 * (self._next - self._start)
        if order >= 2 * LONGEST_GROUP:
            raise Unexpected("a group is too long")
        self._append(self._next, skipped_picture(self._sets, self._frame_num, order), key=False)

    def _append(self, pts: int, data: bytes, *, key: bool) -> None:
        if sum(early > pts for early in self._early) > self._sets.reorder_frames:
            raise Unexpected("pictures come earlier than the parameter set says")
        dts = len(self._packets) - self._sets.reorder_frames
        self._packets.append(Packet(pts, dts, key, data))

    def finish(self) -> tuple[Packet, ...]:
        """All packets, counted."""
        self._order.close()
        if self._next != self._frames or len(self._packets) != self._frames:
            raise Unexpected("pictures are missing")
        return tuple(self._packets)


class _Order:
    """Compares the encoder's own order of output (8.2.1.1) with that of the times."""

    def __init__(self, bits: int) -> None:
        self._range = 1 << bits
        self._reference = 0
        self._group: list[tuple[int, int]] = []

    def note(self, picture: Slice, order: int) -> None:
        # Nearest to that of the last reference picture.
        half = self._range // 2
        own = self._reference + (picture.order - self._reference + half) % self._range - half
        self._group.append((own, order))
        if picture.reference:
            self._reference = own

    def close(self) -> None:
        """The group ends: its pictures must be in one order by both."""
        orders = [order for _, order in sorted(self._group)]
        if orders != sorted(orders):
            raise Unexpected("the encoder's order of output is not that of the times")
        self._group, self._reference = [], 0


def _parts(data: bytes, sets: ParameterSets) -> tuple[bytes, Slice]:
    """The messages of a packet as they are, and the one slice after them."""
    *messages, last = nal_units(data)
    if any(each[0] & 31 != _MESSAGE for each in messages):
        raise Unexpected("a packet holds more than messages and a slice")
    if last[0] & 31 not in (slices.SLICE, slices.IDR_SLICE):
        raise Unexpected("a packet does not end with a slice")
    return b"".join(unit(payload(each)) for each in messages), slices.read_slice(last, sets)
