"""Frames → H.264 segment.

All segments of a video are made with the same settings, hence with the same parameter sets, and
each starts with an IDR picture: they are joined by adding an offset to their times.
"""

from __future__ import annotations

from fractions import Fraction
from typing import cast

import av
import numpy as np
from av.codec.context import Flags
from av.video.frame import PictureType

from inkreel.compose.planes import Bytes, Planes
from inkreel.errors import EncodingFailed
from inkreel.model import FPS, Packet, Segment
from inkreel.recipes import Encoding

_BT709 = 1
_LIMITED_RANGE = 1

REORDER_FRAMES = 1
"""Distance of dts to pts at a segment's start: B pictures, but none that is referred to."""


class SegmentEncoder:
    """An x264 encoder with one reusable frame: draw on `planes`, then `push`."""

    def __init__(self, width: int, height: int, frames: int, encoding: Encoding) -> None:
        self._frames = frames
        self._spacing = key_spacing(frames, encoding.keyframe_interval)
        self._pushed = 0
        self._packets: list[Packet] = []
        self._codec = _open(width, height, encoding)
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self._frame.time_base = Fraction(1, FPS)
        y, u, v = (_view(plane) for plane in self._frame.planes)
        self.planes = Planes(y, u, v)

    def push(self) -> None:
        """Encode what `planes` show now as the next frame."""
        key = self._pushed % self._spacing == 0
        self._frame.pts = self._pushed
        self._frame.pict_type = PictureType.I if key else PictureType.NONE
        self._pushed += 1
        self._encode(self._frame)

    def finish(self) -> Segment:
        """Flush the encoder and check that every frame came out once, in order."""
        self._encode(None)
        times = [packet.pts for packet in self._packets]
        decode_times = [packet.dts for packet in self._packets]
        if sorted(times) != list(range(self._frames)) or decode_times != [
            number - REORDER_FRAMES for number in range(self._frames)
        ]:
            raise EncodingFailed(
                f"The encoder answered {self._frames} frames with unexpected times.",
                hint="Report this with the preset and the version of PyAV that you use.",
            )
        return Segment(self._frames, self._codec.extradata or b"", tuple(self._packets))

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            packets = self._codec.encode(frame)
        except av.error.FFmpegError as error:
            raise EncodingFailed(f"x264 could not encode a frame: {error}.") from error
        for packet in packets:
            self._packets.append(
                Packet(packet.pts or 0, packet.dts or 0, packet.is_keyframe, bytes(packet))
            )


def key_spacing(frames: int, interval: int) -> int:
    """Distance of key frames, at most `interval`: even, so that none stands alone at the end
    (two IDR pictures in a row would need different ids across a join)."""
    groups = -(-frames // interval)
    return -(-frames // groups)


def _open(width: int, height: int, encoding: Encoding) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, FPS), Fraction(FPS)
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = _LIMITED_RANGE
    codec.gop_size = encoding.keyframe_interval
    # One per worker: the workers already fill the cores, and threads cost compression.
    codec.thread_count = 1
    codec.flags |= Flags.global_header | Flags.closed_gop
    codec.options = {
        "preset": encoding.preset,
        "crf": str(encoding.crf),
        "tune": "animation",
        "profile": "high",
        "forced-idr": "1",
        # cpu-independent: else x264's fastest searches depend on what memory held before.
        "x264-params": "b-pyramid=none:scenecut=0:cpu-independent=1",
    }
    try:
        codec.open()
    except (av.error.FFmpegError, ValueError) as error:
        raise EncodingFailed(
            f"x264 refused {width}×{height} with preset {encoding.preset}: {error}.",
            hint="Choose another size or preset.",
        ) from error
    return codec


def _view(plane: av.video.plane.VideoPlane) -> Bytes:
    """A plane's memory as a writable array; rows may be padded, that is cut off."""
    memory = np.frombuffer(cast("memoryview[int]", plane), np.uint8)
    return memory.reshape(-1, plane.line_size)[: plane.height, : plane.width]
