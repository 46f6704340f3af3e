"""Footage → MP4, or M4A where it is only heard, piece by piece, in constant memory."""

from __future__ import annotations

import contextlib
import errno
import heapq
import io
import os
import struct
import threading
import types
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Self, TypeAlias

import av
from av.container import OutputContainer
from av.stream import Disposition

from inkreel.compose.seal import Seal
from inkreel.compose.skip.bits import nal_units
from inkreel.errors import DiskFull, EncodingFailed, InkreelError, OutputNotWritable
from inkreel.model import (
    PACKET_SAMPLES,
    PRIMING_SAMPLES,
    SAMPLE_RATE,
    Cue,
    Digest,
    Footage,
    FrameRate,
    Language,
    Segment,
    Struct,
)

Muxed: TypeAlias = "av.Packet[av.stream.Stream]"

_SAMPLE_TIME = Fraction(1, SAMPLE_RATE)
# A clock on which samples and frames are whole: edit lists then cut the sound to the sample.
_MP4 = {"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE)}
_M4A = {**_MP4, "brand": "M4A "}
_STYLE = b"""[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Sans,18,&Hffffff,2

[Events]
Format: Layer, Start, End, Style, Text
"""
"""Look of soft captions, in the ASS form that the MP4 text encoder asks for."""
_AT_ONCE = 1 << 20
"""Bytes that are written with one call."""
_ISO_639_2: dict[Language, str] = {"vi": "vie", "en": "eng"}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Chapter(Struct, frozen=True):
    """A named place: `start` counts frames from the video's start."""

    title: str
    start: int


class _File(io.FileIO):
    """Written to through Python, which lets other threads run meanwhile: FFmpeg moves all of a
    film by its index when that is done, and would hold them up for it."""

    def write(self, data: bytes) -> int:  # type: ignore[override]
        """All of them, whatever there was room for at once: nobody looks at the answer."""
        rest = memoryview(data)
        while rest:
            rest = rest[super().write(rest) :]
        return len(data)


class Movie:
    """An MP4 being written at `path`, whole after `close`; errors call it `shown`. Of footage that
    is only heard it becomes an M4A, without a caption track.

    Add the footage in order; `frames` tells how long it is so far. Nothing stays at `path` when
    something fails. As a context it closes nothing by itself, but aborts when the block fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        title: str,
        language: Language,
        rate: FrameRate,
        captions: bool = False,
        shown: Path | None = None,
    ) -> None:
        self.frames = 0
        self._rate = rate
        self._frame_time = Fraction(1, rate.fps)
        self._path = path
        self._shown = shown or path
        self._language = language
        self._title = title
        self._captions = captions
        self._extradata = b"", b""
        self._last_audio = b""
        self._audio_packets = 0
        self._seal = Seal()
        self._streams: dict[str, av.stream.Stream] = {}
        self._output: OutputContainer | None = None
        self._taking = threading.Lock()
        try:
            self._file = _File(os.fspath(path), "wb")
        except OSError as error:
            raise self._told(error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: types.TracebackType | None,
    ) -> None:
        if kind is not None:
            self.abort()

    def add(self, footage: Footage) -> None:
        """Write its segments, its sound, its cues."""
        self._check(footage)
        with self._writing():
            if self._output is None:
                self._output = self._open(footage)
            for packet in self._merged(footage):
                self._output.mux_one(packet)
        self.frames += footage.frames
        self._audio_packets += len(footage.sound)
        self._last_audio = footage.sound[-1]

    def close(self, chapters: Sequence[Chapter] = (), cover: bytes = b"") -> None:
        """Write chapters and index, and flush the file to the disk. `cover` is a JPEG for an M4A;
        a film shows itself."""
        output = self._taken()
        if output is None:
            self.abort()
            raise EncodingFailed("There is no scene to write.")
        with self._writing():
            # The last scene ends in silence: its last packet again completes the overlap.
            for number in range(self._audio_packets, -(-self._samples // PACKET_SAMPLES) + 1):
                packet = self._audio_packet(self._last_audio, number)
                # Sound ends with the picture, to the sample.
                packet.duration = min(PACKET_SAMPLES, self._samples - (packet.pts or 0))
                output.mux_one(packet)
            if cover and "cover" in self._streams:
                times = 0, 0, 0
                output.mux_one(_packet(self._streams["cover"], cover, times, _SAMPLE_TIME))
            output.set_chapters(self._chapter_entries(chapters))
            output.close()
            os.fsync(self._file.fileno())
            self._file.close()

    @property
    def seal(self) -> Digest:
        """Over the coded data of the video."""
        return self._seal.digest

    def abort(self) -> None:
        """Remove the unfinished file, also while another thread is at `close`, which then fails."""
        output = self._taken()
        self._file.close()  # so that no index is written for it
        if output is not None:
            # The trailer of a file that is thrown away may fail as it likes.
            with contextlib.suppress(av.error.FFmpegError, OSError):
                output.close()
        if not self._path.is_dir():
            self._path.unlink(missing_ok=True)

    def _taken(self) -> OutputContainer | None:
        """What is written into, for its taker alone to close."""
        with self._taking:
            output, self._output = self._output, None
            return output

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        """Tell errors of the disk in our words; whatever fails, no unfinished file stays."""
        try:
            yield
        except (OSError, av.error.FFmpegError) as error:
            self.abort()
            raise self._told(error) from error

    def _told(self, error: OSError | av.error.FFmpegError) -> InkreelError:
        number = error.errno or 0
        reason = os.strerror(number) if number > 0 else str(error)
        if number in _NO_SPACE:
            return DiskFull(
                f"{self._shown} cannot be written: {reason}.",
                hint="Free some space or choose another folder, then run the command again.",
            )
        if isinstance(error, OSError):
            return OutputNotWritable(
                f"{self._shown} cannot be written: {reason}.",
                hint="Choose a folder that exists and that you may write to.",
            )
        return EncodingFailed(f"The MP4 could not be written: {error}.")

    @property
    def _samples(self) -> int:
        return self.frames * self._rate.samples

    def _check(self, footage: Footage) -> None:
        first = footage.segments[0].extradata, footage.sound_extradata
        known = self._extradata if self._output else first
        alike = all(segment.extradata == known[0] for segment in footage.segments)
        if not alike or footage.sound_extradata != known[1]:
            raise EncodingFailed(
                "Scenes of different size or encoding cannot be joined.",
                hint="This is a mistake in Inkreel: report it.",
            )
        samples = self._samples + footage.frames * self._rate.samples
        if self._audio_packets + len(footage.sound) != samples // PACKET_SAMPLES:
            raise EncodingFailed("Picture and sound of a scene differ in length.")
        self._extradata = known

    def _open(self, footage: Footage) -> OutputContainer:
        options = _MP4 if footage.seen else _M4A
        output = av.open(self._file, "w", format="mp4", options=options, buffer_size=_AT_ONCE)
        output.metadata["title"] = self._title
        streams = self._streams
        if footage.seen:
            streams["picture"] = _picture_stream(output, footage.segments[0])
            streams["picture"].time_base = self._frame_time
        audio = output.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        streams["sound"] = audio
        audio.codec_context.open()
        if audio.codec_context.extradata != footage.sound_extradata:
            raise EncodingFailed("The scenes' sound was encoded for another kind of file.")
        if not footage.seen:
            streams["cover"] = _cover_stream(output)
        elif self._captions:
            streams["text"] = _caption_stream(output, self._rate)
        for name in streams.keys() & {"sound", "text"}:
            streams[name].metadata["language"] = _ISO_639_2[self._language]
        return output

    def _merged(self, footage: Footage) -> Iterator[Muxed]:
        """The packets of all streams in the order of their decoding."""
        parts = [self._video(footage.segments), self._audio(footage.sound)]
        if "text" in self._streams:
            parts.append(self._text(footage.cues))
        return heapq.merge(*parts, key=_decoding_time)

    def _video(self, segments: Sequence[Segment]) -> Iterator[Muxed]:
        start = self.frames
        for segment in segments:
            for packet in segment.packets:
                times = start + packet.pts, start + packet.dts, 1
                muxed = _packet(self._streams["picture"], packet.data, times, self._frame_time)
                muxed.is_keyframe = packet.key
                self._seal.picture(nal_units(packet.data))
                yield muxed
            start += segment.frames

    def _audio(self, packets: Sequence[bytes]) -> Iterator[Muxed]:
        for number, data in enumerate(packets, start=self._audio_packets):
            yield self._audio_packet(data, number)

    def _audio_packet(self, data: bytes, number: int) -> Muxed:
        # The muxer turns what comes before zero into an edit list.
        self._seal.sound(data)
        time = number * PACKET_SAMPLES - PRIMING_SAMPLES
        return _packet(self._streams["sound"], data, (time, time, PACKET_SAMPLES), _SAMPLE_TIME)

    def _text(self, cues: Sequence[Cue]) -> Iterator[Muxed]:
        for cue in cues:
            text = cue.text.encode()
            start = self.frames + cue.start
            data = struct.pack(">H", len(text)) + text
            times = start, start, cue.end - cue.start
            yield _packet(self._streams["text"], data, times, self._frame_time)

    def _chapter_entries(self, chapters: Sequence[Chapter]) -> list[av.container.core.Chapter]:
        ends = [*(chapter.start for chapter in chapters), self.frames][1:]
        return [
            {
                "id": number,
                "start": chapter.start,
                "end": end,
                "time_base": self._frame_time,
                "metadata": {"title": chapter.title},
            }
            for number, (chapter, end) in enumerate(zip(chapters, ends, strict=True))
        ]


def _picture_stream(output: OutputContainer, segment: Segment) -> av.stream.Stream:
    # Read from the stream itself: size, colours and profile reach the MP4's boxes.
    begin = segment.extradata + b"".join(packet.data for packet in segment.packets[:2])
    with av.open(io.BytesIO(begin), "r", format="h264") as template:
        return output.add_stream_from_template(template.streams.video[0])


def _cover_stream(output: OutputContainer) -> av.stream.Stream:
    """What is written into it becomes the file's cover; only its kind is told here."""
    stream = output.add_stream("mjpeg", rate=1)
    stream.width, stream.height, stream.pix_fmt = 16, 16, "yuvj420p"
    stream.disposition = Disposition.attached_pic
    return stream


def _caption_stream(output: OutputContainer, rate: FrameRate) -> av.subtitles.stream.SubtitleStream:
    stream = output.add_stream("mov_text")
    stream.codec_context.subtitle_header = _STYLE
    stream.codec_context.time_base = Fraction(1, rate.fps)
    stream.codec_context.open()
    stream.time_base = Fraction(1, 100 * rate.fps)
    return stream


def _packet(
    stream: av.stream.Stream, data: bytes, times: tuple[int, int, int], unit: Fraction
) -> Muxed:
    """A packet with pts, dts and duration counted in `unit`."""
    packet: Muxed = av.Packet(data)
    packet.stream, packet.time_base = stream, unit
    packet.pts, packet.dts, packet.duration = times
    packet.is_keyframe = True
    return packet


def _decoding_time(packet: Muxed) -> Fraction:
    return (packet.dts or 0) * packet.time_base
