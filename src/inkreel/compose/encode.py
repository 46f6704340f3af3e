"""Frames → H.264 segment.

All segments of a video are made with the same settings, hence with the same parameter sets, and
each starts with an IDR picture: they are joined by adding an offset to their times.

With `Encoding.skip_unchanged` x264 sees only the frames that change; `inkreel.compose.skip` writes
the others (decision 13).
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import cast

import av
import msgspec
import numpy as np
from av.codec.context import Flags
from av.video.frame import PictureType

from inkreel.compose import skip
from inkreel.compose.planes import Bytes, Planes
from inkreel.errors import EncodingFailed
from inkreel.model import REORDER_FRAMES, Degraded, Packet, Segment
from inkreel.recipes import Encoding

_BT709 = 1
_LIMITED_RANGE = 1

X264_PARAMS = (
    "b-pyramid=none:scenecut=0:b-adapt=0:mbtree=0:rc-lookahead=0:weightp=0"
    ":ipratio=2:pbratio=1.1:cpu-independent=1"
)
"""Nothing looks ahead (decision 33): where a scene begins is known, and what is drawn is flat, so
one quantiser does for all of it. What an I picture shows is often seen for seconds, hence its finer
one. `cpu-independent`: else x264's fastest searches depend on what memory held before."""

Draw = Callable[["SegmentEncoder"], None]
"""Pushes all frames of a segment."""


def segment(size: tuple[int, int], frames: int, encoding: Encoding, draw: Draw) -> Segment:
    """Encode what `draw` pushes; where pictures cannot be skipped, plainly, and it is told."""
    try:
        return _drawn(SegmentEncoder(*size, frames, encoding), draw)
    except skip.Unexpected as reason:
        encoder = _plain_encoder(size, frames, encoding)
        told = Degraded("Frames that stand still were encoded one by one", f"{reason}")
    try:
        return msgspec.structs.replace(_drawn(encoder, draw), degraded=(told,))
    except skip.Unexpected as reason:
        raise EncodingFailed(
            f"x264 made a stream that cannot be joined with others: {reason}.",
            hint="Turn `skip_unchanged` off.",
        ) from reason


def _drawn(encoder: SegmentEncoder, draw: Draw) -> Segment:
    draw(encoder)
    return encoder.finish()


def _plain_encoder(size: tuple[int, int], frames: int, encoding: Encoding) -> SegmentEncoder:
    """One that encodes every frame, and whose segments join with those of the same settings."""
    try:
        return SegmentEncoder(*size, frames, encoding, every=True)
    except skip.Unexpected:
        # The parameter sets follow from the settings: no other segment could skip either.
        off = msgspec.structs.replace(encoding, skip_unchanged=False)
        return SegmentEncoder(*size, frames, off)


class SegmentEncoder:
    """An x264 encoder with one reusable frame: draw on `planes`, then `push`.

    Raises `skip.Unexpected` where pictures should be skipped and cannot be; `every` encodes
    frames that stand still like others.
    """

    def __init__(
        self, width: int, height: int, frames: int, encoding: Encoding, *, every: bool = False
    ) -> None:
        self._frames = frames
        self._spacing = key_spacing(frames, encoding)
        self._pushed = 0
        self._packets: list[Packet] = []
        self._codec = _open(width, height, encoding)
        self._sets = _parameter_sets(self._codec) if encoding.skip_unchanged else None
        self._every = every or not encoding.skip_unchanged
        self._frame = av.VideoFrame(width, height, "yuv420p")
        self._frame.time_base = Fraction(1, encoding.fps)
        y, u, v = (view(plane) for plane in self._frame.planes)
        self.planes = Planes(y, u, v)

    def push(self, frames: int = 1) -> None:
        """Encode what `planes` show now as the next frame, or the next few."""
        end = self._pushed + frames
        while self._pushed < end:
            # A key frame is encoded though nothing changes: players seek to it.
            next_key = (self._pushed // self._spacing + 1) * self._spacing
            shown = 1 if self._every else min(end, next_key) - self._pushed
            self._frame.pts = self._pushed
            self._frame.pict_type = self._picture_type(shown)
            self._encode(self._frame)
            self._pushed += shown

    def _picture_type(self, shown: int) -> PictureType:
        if self._pushed % self._spacing == 0:
            return PictureType.I
        # What is shown again must be a picture that others may refer to.
        return PictureType.P if shown > 1 else PictureType.NONE

    def finish(self) -> Segment:
        """Flush the encoder and check that every frame came out once, in order."""
        self._encode(None)
        packets, extradata = tuple(self._packets), self._codec.extradata or b""
        if self._sets:
            packets = skip.weave(packets, self._frames, self._sets)
            extradata = self._sets.extradata
        times = [packet.pts for packet in packets]
        decode_times = [packet.dts for packet in packets]
        if sorted(times) != list(range(self._frames)) or decode_times != [
            number - REORDER_FRAMES for number in range(self._frames)
        ]:
            raise EncodingFailed(
                f"The encoder answered {self._frames} frames with unexpected times.",
                hint="Report this with the preset and the version of PyAV that you use.",
            )
        return Segment(self._frames, extradata, packets)

    def _encode(self, frame: av.VideoFrame | None) -> None:
        try:
            packets = self._codec.encode(frame)
        except av.error.FFmpegError as error:
            raise EncodingFailed(f"x264 could not encode a frame: {error}.") from error
        for packet in packets:
            self._packets.append(
                Packet(packet.pts or 0, packet.dts or 0, packet.is_keyframe, bytes(packet))
            )


def _parameter_sets(codec: av.VideoCodecContext) -> skip.ParameterSets:
    sets = skip.read_extradata(codec.extradata or b"")
    if sets.reorder_frames != REORDER_FRAMES:
        raise skip.Unexpected(f"up to {sets.reorder_frames} pictures come early")
    return sets


def key_spacing(frames: int, encoding: Encoding) -> int:
    """Distance of key frames: even, so that none stands alone at the end (two IDR pictures in a
    row would need different ids across a join)."""
    interval = encoding.rate.count(1000 * encoding.keyframe_seconds)
    groups = -(-frames // interval)
    return -(-frames // groups)


def _open(width: int, height: int, encoding: Encoding) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, encoding.fps), Fraction(encoding.fps)
    codec.color_primaries = codec.color_trc = codec.colorspace = _BT709
    codec.color_range = _LIMITED_RANGE
    codec.gop_size = encoding.rate.count(1000 * encoding.keyframe_seconds)
    # One per worker: the workers already fill the cores, and threads cost compression.
    codec.thread_count = 1
    codec.flags |= Flags.global_header | Flags.closed_gop
    codec.options = {
        "preset": encoding.preset,
        "qp": str(encoding.qp),
        "bf": "3",
        "tune": "animation",
        "profile": "high",
        "forced-idr": "1",
        "x264-params": f"{X264_PARAMS}:{skip.X264_PARAMS}"
        if encoding.skip_unchanged
        else X264_PARAMS,
    }
    try:
        codec.open()
    except (av.error.FFmpegError, ValueError) as error:
        raise EncodingFailed(
            f"x264 refused {width}×{height} with preset {encoding.preset}: {error}.",
            hint="Choose another size or preset.",
        ) from error
    return codec


def view(plane: av.video.plane.VideoPlane) -> Bytes:
    """A plane's memory as a writable array; rows may be padded, that is cut off."""
    memory = np.frombuffer(cast("memoryview[int]", plane), np.uint8)
    return memory.reshape(-1, plane.line_size)[: plane.height, : plane.width]
