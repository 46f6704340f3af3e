"""A finished video, read back and decoded whole: is it what was made?

`frames` decodes a span of the pictures, so that many workers share a video; `tracks` reads every
packet once, decodes the sound, and looks at captions and chapters. Each frame must be there once
and on time, each skipped picture must show what the one before shows, and the decoders must have
nothing to say. What a decoder cannot notice (a flipped bit that gives another picture) the seal
does: the file holds, byte by byte, what the encoders answered.
"""

from __future__ import annotations

import contextlib
import struct
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NoReturn, TypeAlias, cast

import av
import numpy as np
from av.container import InputContainer
from av.stream import Disposition

from inkreel.compose.encode import view
from inkreel.compose.seal import Seal
from inkreel.compose.skip.filler import is_skipped_picture
from inkreel.errors import VideoDamaged
from inkreel.model import PACKET_SAMPLES, PRIMING_SAMPLES, SAMPLE_RATE, FrameRate
from inkreel.ports import Shelf
from inkreel.recipes import FramesRequest, FramesSeen, TracksRequest, TracksSeen

Muxed: TypeAlias = "av.Packet[Any]"
Timed: TypeAlias = "Muxed | av.VideoFrame"

_DECODERS = ("h264", "aac")
_STRICT = {"err_detect": "crccheck+bitstream+buffer+explode"}
"""Every check that FFmpeg's decoders have; what fails one is an error."""


def frames(request: FramesRequest, shelf: Shelf) -> FramesSeen:  # noqa: ARG001
    """Decode frames `[first, last)` of a video. Raises `VideoDamaged`."""
    seen = skipped = 0
    with _reading(request.video) as file:
        due: int | None = None
        before: av.VideoFrame | None = None
        for number, frame, skips in _pictures(file, request):
            due = min(number, request.first) if due is None else due
            if number != due:
                _refuse(f"frame {due} is missing", due, request.fps)
            if skips and (before is None or not _alike(before, frame)):
                _refuse(f"the skipped frame {number} shows something new", number, request.fps)
            if number >= request.first:
                seen, skipped = seen + 1, skipped + skips
            before, due = frame, due + 1
            if due == request.last:
                break
        if due != request.last:
            _refuse(f"frame {due or request.first} is missing", due or request.first, request.fps)
    return FramesSeen(seen, skipped)


def _pictures(
    file: InputContainer, request: FramesRequest
) -> Iterator[tuple[int, av.VideoFrame, bool]]:
    """Number, frame, and whether it was skipped, from the last key frame before the span on."""
    stream = next(iter(_film(file)), None)
    if stream is None:
        _refuse("there are no pictures")
    # Smoothing pictures that nothing refers to cannot fail, and takes a quarter of the time.
    stream.codec_context.options = {**_STRICT, "skip_loop_filter": "noref"}
    stream.codec_context.thread_count = 1  # the spans share the cores
    unit = stream.time_base or Fraction(1)
    file.seek(int(Fraction(request.first, request.fps) / unit), stream=stream)
    skipped: set[int] = set()
    for packet in file.demux(stream):
        if packet.pts is not None and is_skipped_picture(_units(packet)[-1]):
            skipped.add(_number(packet, request.fps))
        for frame in packet.decode():
            number = _number(frame, request.fps)
            yield number, frame, number in skipped
            skipped.discard(number)


def tracks(request: TracksRequest, shelf: Shelf) -> TracksSeen:  # noqa: ARG001
    """Read all packets of a video. Raises `VideoDamaged`."""
    with _reading(request.video) as file:
        check = _Tracks(request)
        check.head(file)
        for stream in file.streams.audio:
            stream.codec_context.options = _STRICT
        for packet in file.demux(*_film(file), *file.streams.audio, *file.streams.subtitles):
            if packet.stream.type == "audio":
                check.sound(packet)
            elif packet.pts is not None and packet.stream.type == "video":
                check.picture(packet)
            elif packet.pts is not None:
                check.cue(packet)
        return check.end()


class _Tracks:
    """What was read so far."""

    def __init__(self, request: TracksRequest) -> None:
        self._asked = request
        self._rate = FrameRate(request.fps)
        self._seal = Seal()
        self._next = 0
        """The first frame, in the order of output, that was not read yet."""
        self._early: set[int] = set()
        self._decoded = -1
        """Time of decoding of the last picture, in frames."""
        self._heard = -PRIMING_SAMPLES
        """Where the next packet of sound begins, in samples."""
        self._samples = 0
        self._cues = 0

    def head(self, file: InputContainer) -> None:
        """The streams, as the file describes them, and the chapters."""
        length = Fraction(self._asked.frames, self._rate.fps)
        pictures = _film(file)
        if len(pictures) != self._asked.seen or len(file.streams.audio) != 1:
            _refuse("its tracks are not those that were made")
        for stream in (*pictures, *file.streams.audio):
            lasts = (stream.duration or 0) * (stream.time_base or Fraction(0))
            if stream.start_time != 0 or lasts != length:
                _refuse(f"the {stream.type} begins or ends at another time than the scenes")
        if any(stream.average_rate != self._rate.fps for stream in pictures):
            _refuse(f"there are not {self._rate.fps} frames a second")
        marks = [
            tuple(each[end] * Fraction(each["time_base"] or 0) for end in ("start", "end"))
            for each in file.chapters()
        ]
        bounds = [0, *(end for _, end in marks)]
        inside = [start for start, _ in marks] == bounds[:-1] and bounds[-1] in (0, length)
        if len(marks) != self._asked.chapters or not inside:
            _refuse("the chapters are not those of the scenes")

    def picture(self, packet: Muxed) -> None:
        """Each frame once; what is shown later may be decoded earlier."""
        number = _number(packet, self._rate.fps)
        decoded = _number(packet, self._rate.fps, packet.dts)
        if number < self._next or number in self._early:
            _refuse(f"frame {number} is there twice", number, self._rate.fps)
        if decoded < self._decoded or decoded > number:
            _refuse(f"frame {number} is decoded too late", number, self._rate.fps)
        self._decoded = decoded + 1
        self._early.add(number)
        while self._next in self._early:
            self._early.remove(self._next)
            self._next += 1
        self._seal.picture(_units(packet))

    def sound(self, packet: Muxed) -> None:
        """Packets follow one another, and each gives its samples."""
        for frame in packet.decode():
            self._samples += cast("av.AudioFrame", frame).samples
        if packet.pts is None:
            return  # it only flushes the decoder
        if packet.pts * packet.time_base != Fraction(self._heard, SAMPLE_RATE):
            _refuse("the sound has a gap", self._heard, SAMPLE_RATE)
        self._heard += packet.duration or 0
        self._seal.sound(bytes(packet))

    def cue(self, packet: Muxed) -> None:
        """A caption lies within the video; those without text are gaps."""
        start = (packet.pts or 0) * packet.time_base
        end = start + (packet.duration or 0) * packet.time_base
        if start < 0 or end > Fraction(self._asked.frames, self._rate.fps):
            _refuse("a caption lies outside the video")
        self._cues += packet.size > struct.calcsize(">H")

    def end(self) -> TracksSeen:
        """Everything was read."""
        asked, whole = self._asked, self._asked.frames * self._rate.samples
        if self._next != asked.frames * asked.seen or self._early:
            _refuse(f"frame {self._next} is missing", self._next, asked.fps)
        # The decoder answers whole packets; the last one may be longer than what is heard of it.
        if self._heard != whole or self._samples != -(-whole // PACKET_SAMPLES) * PACKET_SAMPLES:
            _refuse("the sound ends early", min(self._heard, self._samples), SAMPLE_RATE)
        if self._cues != asked.cues:
            _refuse(f"{self._cues} of {asked.cues} captions are there")
        if self._seal.digest != asked.seal:
            _refuse("its data are not those that were encoded")
        return TracksSeen(whole, self._cues)


def _film(file: InputContainer) -> list[av.VideoStream]:
    """The tracks of pictures; a cover is none."""
    return [s for s in file.streams.video if Disposition.attached_pic not in s.disposition]


@contextlib.contextmanager
def _reading(video: str) -> Iterator[InputContainer]:
    """The file; whatever the decoders say while it is read is held against it."""
    level, brief = av.logging.get_level(), av.logging.get_skip_repeated()
    av.logging.set_level(av.logging.WARNING)
    av.logging.set_skip_repeated(False)
    try:
        with av.logging.Capture() as said, av.open(video) as file:
            yield file
        if _words(said):
            _refuse(f"the decoder says: {_words(said)}")
    except (av.error.FFmpegError, OSError) as error:
        words = _words(said) or str(error)
        raise VideoDamaged(_message(f"it cannot be decoded: {words}"), hint=_HINT) from error
    finally:
        av.logging.set_level(level)
        av.logging.set_skip_repeated(brief)


def _words(said: list[tuple[int, str, str]]) -> str:
    """What the decoders said, each thing once."""
    lines = (line.strip().rstrip(".") for _, name, line in said if name in _DECODERS)
    return "; ".join(dict.fromkeys(lines))


def _number(timed: Timed, fps: int, time: int | None = None) -> int:
    """Which frame is shown (or, with its `time` of decoding, decoded) then."""
    at = timed.pts if time is None else time
    number = Fraction(at or 0) * (timed.time_base or 0) * fps
    if number.denominator != 1:
        _refuse("a frame is not on time", number, fps)
    return int(number)


def _units(packet: Muxed) -> list[bytes]:
    """The NAL units of a picture as MP4 holds it: each after its length."""
    data, units, at = bytes(packet), [], 0
    while at < len(data):
        end = at + 4 + int.from_bytes(data[at : at + 4])
        units.append(data[at + 4 : end])
        at = end
    return units


def _alike(one: av.VideoFrame, other: av.VideoFrame) -> bool:
    pairs = zip(one.planes, other.planes, strict=True)
    return all(np.array_equal(view(a), view(b)) for a, b in pairs)


_HINT = (
    "Nothing was kept under its name. Run it again; if it fails in the same way, have every scene "
    "made anew: inkreel cache clear."
)


def _refuse(what: str, at: Fraction | int | None = None, rate: int = 1) -> NoReturn:
    """Raise what is wrong, and where (counted at `rate` a second)."""
    raise VideoDamaged(_message(what, None if at is None else float(at / rate)), hint=_HINT)


def _message(what: str, seconds: float | None = None) -> str:
    if seconds is not None:
        minutes, rest = divmod(seconds, 60)
        what = f"{what} (at {minutes:.0f}:{rest:06.3f})"
    return f"The finished video does not stand its check: {what}."
