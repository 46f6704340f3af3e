"""Videos with frames that stand still, encoded, and what a decoder makes of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import av
import numpy as np

from inkreel.compose.encode import SegmentEncoder
from inkreel.compose.planes import Planes
from inkreel.model import Packet, Segment
from inkreel.recipes import Encoding

PRESETS = ("superfast", "veryfast", "faster", "fast", "medium")
SIZES = ((16, 16), (32, 16), (48, 80), (50, 34), (64, 48), (134, 70), (176, 144))
"""Odd and even counts of macroblocks, whole and cropped ones."""


@dataclass(frozen=True)
class Pattern:
    """Segments to be joined; a segment is how long each of its sights stands still."""

    segments: tuple[tuple[int, ...], ...]
    size: tuple[int, int] = (64, 48)
    preset: str = "veryfast"
    qp: int = 24
    interval: int = 150
    seed: int = 0
    threads: int = 1
    """Of the decoder; more than one are frame threads."""

    @property
    def frames(self) -> int:
        return sum(map(sum, self.segments))

    def encoding(self, *, skip: bool = True) -> Encoding:
        return Encoding(
            self.preset, self.qp, keyframe_seconds=self.interval / 30, skip_unchanged=skip
        )


@dataclass(frozen=True)
class Woven:
    """A segment, and what x264 made for it: packets with the header they belong to."""

    segment: Segment
    coded: tuple[Packet, ...]
    extradata: bytes


def paint(planes: Planes, dice: np.random.Generator) -> None:
    """Change the picture as films do: a cut, a moving block, a fade, grain, a spot, nothing."""
    kind = dice.integers(7)
    height, width = planes.y.shape
    top, left = int(dice.integers(height)), int(dice.integers(width))
    if kind == 0:
        for plane in planes:
            plane[:] = dice.integers(16, 235)
    elif kind == 1:
        for plane in planes:
            fade = plane.astype(np.int32) * dice.integers(180, 320) // 256
            plane[:] = np.clip(fade, 16, 235)
    elif kind == 2:
        planes.y[:] = np.clip(planes.y + dice.integers(-9, 10, planes.y.shape), 16, 235)
    elif kind == 3:
        planes.y[top, left] = dice.integers(16, 235)
    elif kind == 4:
        for plane in planes:
            plane[:] = np.roll(
                plane, (int(dice.integers(-6, 7)), int(dice.integers(-6, 7))), (0, 1)
            )
    elif kind == 5:
        planes.y[top:, left : left + 24] = dice.integers(
            16, 235, planes.y[top:, left : left + 24].shape
        )
        planes.u[top // 2 :, left // 2 :] = dice.integers(16, 235)


def weave(pattern: Pattern) -> Iterator[Woven]:
    """Encode the pattern's segments, one after the other."""
    dice = np.random.default_rng(pattern.seed)
    for stills in pattern.segments:
        encoder = SegmentEncoder(*pattern.size, sum(stills), pattern.encoding())
        for plane in encoder.planes:
            plane[:] = dice.integers(16, 235)
        for still in stills:
            paint(encoder.planes, dice)
            encoder.push(still)
        segment = encoder.finish()
        yield Woven(segment, tuple(encoder._packets), encoder._codec.extradata or b"")


def decode(
    extradata: bytes, packets: Sequence[Packet], threads: int = 1
) -> list[tuple[int, np.ndarray]]:
    """Decode with every check that FFmpeg has: times and pictures."""
    decoder = av.CodecContext.create("h264", "r")
    decoder.extradata = extradata
    decoder.options = {"err_detect": "crccheck+bitstream+buffer+explode"}
    decoder.thread_count = threads
    decoder.thread_type = "FRAME"
    frames = []
    for packet in packets:
        data = av.Packet(packet.data)
        data.pts, data.dts = packet.pts, packet.dts
        frames += decoder.decode(data)
    frames += decoder.decode(None)
    return [(frame.pts or 0, frame.to_ndarray()) for frame in frames]


def joined(segments: Sequence[Segment]) -> list[Packet]:
    packets: list[Packet] = []
    for segment in segments:
        start = len(packets)
        packets += [
            Packet(start + packet.pts, start + packet.dts, packet.key, packet.data)
            for packet in segment.packets
        ]
    return packets


def check(pattern: Pattern) -> list[Woven]:
    """Decode all frames: each equals x264's own picture of it, without a word from the decoder."""
    woven = list(weave(pattern))
    level = av.logging.get_level()
    av.logging.set_level(av.logging.WARNING)
    try:
        with av.logging.Capture(local=False) as said:
            _check(pattern, woven)
    finally:
        av.logging.set_level(level)
    assert said == []
    return woven


def _check(pattern: Pattern, woven: Sequence[Woven]) -> None:
    header = woven[0].segment.extradata
    assert all(each.segment.extradata == header for each in woven)
    packets = joined([each.segment for each in woven])
    assert [packet.dts for packet in packets] == list(range(-1, pattern.frames - 1))
    assert all(packet.dts <= packet.pts for packet in packets)
    seen = decode(header, packets, pattern.threads)
    assert [time for time, _ in seen] == list(range(pattern.frames))
    start = 0
    for each, stills in zip(woven, pattern.segments, strict=True):
        own = dict(decode(each.extradata, each.coded))
        assert set(_starts(stills)) <= set(own)
        shown = own[0]
        for frame in range(sum(stills)):
            shown = own.get(frame, shown)
            assert np.array_equal(seen[start + frame][1], shown), f"frame {start + frame}"
        start += sum(stills)


def _starts(stills: Sequence[int]) -> list[int]:
    return [sum(stills[:number]) for number in range(len(stills))]
