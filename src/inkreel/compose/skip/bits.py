"""Bytes ↔ syntax elements: fixed-length and Exp-Golomb codes, NAL units, emulation prevention."""

from __future__ import annotations

import re

_LONGEST_ZEROS = 32
"""Leading zeros of the longest Exp-Golomb code that the syntax uses (9.1)."""

_START_CODE = b"\0\0\1"
_EMULATION = re.compile(rb"\0\0(?=[\0-\3])")


class Unexpected(Exception):
    """The stream holds something that skipped pictures were not made for; says what."""


class BitReader:
    """Reads syntax elements from an RBSP, first bit first (7.2)."""

    def __init__(self, data: bytes, position: int = 0) -> None:
        self._data = data
        self.position = position
        """In bits from the start."""

    @property
    def left(self) -> int:
        return 8 * len(self._data) - self.position

    def u(self, bits: int) -> int:
        """An unsigned number of so many bits."""
        end = self.position + bits
        if end > 8 * len(self._data):
            raise Unexpected("a NAL unit ends too early")
        window = self._data[self.position >> 3 : (end + 7) >> 3]
        self.position = end
        return int.from_bytes(window) >> (-end & 7) & ((1 << bits) - 1)

    def flag(self) -> bool:
        return self.u(1) == 1

    def ue(self) -> int:
        """An unsigned Exp-Golomb code (9.1)."""
        zeros = 0
        while not self.u(1):
            zeros += 1
            if zeros > _LONGEST_ZEROS:
                raise Unexpected("a code is longer than any syntax element")
        return (1 << zeros) - 1 + self.u(zeros)

    def se(self) -> int:
        """A signed Exp-Golomb code (9.1.1): 0, 1, −1, 2, −2 …"""
        code = self.ue()
        return (code + 1) // 2 if code & 1 else -(code // 2)


class BitWriter:
    """Writes what `BitReader` reads."""

    def __init__(self) -> None:
        self._value = 0
        self._bits = 0

    def u(self, value: int, bits: int) -> None:
        if value >> bits:
            raise ValueError(f"{value} does not fit {bits} bits")
        self._value = self._value << bits | value
        self._bits += bits

    def flag(self, value: bool) -> None:  # noqa: FBT001 — the syntax element itself
        self.u(int(value), 1)

    def ue(self, value: int) -> None:
        # As many zeros as there are bits after the first one.
        bits = (value + 1).bit_length()
        self.u(value + 1, 2 * bits - 1)

    def se(self, value: int) -> None:
        self.ue(2 * value - 1 if value > 0 else -2 * value)

    def copy(self, source: BitReader, bits: int) -> None:
        """Take so many bits from `source` as they are."""
        self.u(source.u(bits), bits)

    def align(self, bit: int) -> None:
        """Fill the last byte with `bit`."""
        while self._bits & 7:
            self.u(bit, 1)

    def bytes(self) -> bytes:
        """What was written; whole bytes only."""
        if self._bits & 7:
            raise ValueError("the last byte is not whole")
        return self._value.to_bytes(self._bits >> 3)


def trailing(writer: BitWriter) -> None:
    """rbsp_trailing_bits (7.3.2.11)."""
    writer.u(1, 1)
    writer.align(0)


def nal_units(stream: bytes) -> list[bytes]:
    """The NAL units of a byte stream (annex B), without their start codes."""
    first, *units = stream.split(_START_CODE)
    # Zeros before a start code belong to the byte stream; no NAL unit ends in one (7.4.1).
    found = [unit.rstrip(b"\0") for unit in units]
    if first.strip(b"\0") or not found or not all(found):
        raise Unexpected("a packet is not a row of NAL units")
    return found


def payload(unit: bytes) -> bytes:
    """A NAL unit without its emulation prevention (7.3.1): header byte, then the RBSP."""
    return unit.replace(b"\0\0\3", b"\0\0")


def unit(content: bytes) -> bytes:
    """Header byte and RBSP as a NAL unit with its start code (7.3.1, annex B)."""
    escaped = _EMULATION.sub(b"\0\0\3", content)
    # Only cabac_zero_words end in zero (7.4.1).
    closing = b"\3" if escaped.endswith(b"\0") else b""
    return b"\0" + _START_CODE + escaped + closing
