"""Clips and transitions → MP4, scene by scene, in constant memory."""

from __future__ import annotations

import contextlib
import errno
import heapq
import io
import os
import struct
import types
from collections.abc import Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Self, TypeAlias

import av
from av.container import OutputContainer

from inkreel.compose import sound
from inkreel.errors import DiskFull, EncodingFailed, InkreelError, OutputNotWritable
from inkreel.model import FPS, SAMPLE_RATE, SAMPLES_PER_FRAME, Clip, Cue, Language, Segment, Struct

Muxed: TypeAlias = "av.Packet[av.stream.Stream]"

_FRAME_TIME = Fraction(1, FPS)
_SAMPLE_TIME = Fraction(1, SAMPLE_RATE)
# A clock on which samples and frames are whole: edit lists then cut the sound to the sample.
_MP4 = {"movflags": "+faststart", "movie_timescale": str(SAMPLE_RATE)}
_TEXT_TIME = Fraction(1, 100 * FPS)
_STYLE = b"""[V4+ Styles]
Format: Name, Fontname, Fontsize, PrimaryColour, Alignment
Style: Default,Sans,18,&Hffffff,2

[Events]
Format: Layer, Start, End, Style, Text
"""
"""Look of soft captions, in the ASS form that the MP4 text encoder asks for."""
_ISO_639_2: dict[Language, str] = {"vi": "vie", "en": "eng"}
_NO_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Chapter(Struct, frozen=True):
    """A named place: `start` counts frames from the video's start."""

    title: str
    start: int


class Movie:
    """An MP4 being written at `path`, whole after `close`; errors call it `shown`.

    Add the scenes in order; `frames` tells how long it is so far. Nothing stays at `path` when
    something fails. As a context it closes nothing by itself, but aborts when the block fails.
    """

    def __init__(
        self,
        path: Path,
        *,
        title: str,
        language: Language,
        captions: bool = False,
        shown: Path | None = None,
    ) -> None:
        self.frames = 0
        self._path = path
        self._shown = shown or path
        self._language = language
        self._title = title
        self._captions = captions
        self._extradata = b"", b""
        self._last_audio = b""
        self._audio_packets = 0
        self._streams: list[av.stream.Stream] = []
        self._output: OutputContainer | None = None
        with self._writing():
            path.open("wb").close()

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

    def add(self, clip: Clip, transition: Segment | None) -> None:
        """Write a scene: its transition, its body, its sound, its cues."""
        segments = (transition, clip.body) if transition else (clip.body,)
        self._check(clip, segments)
        with self._writing():
            if self._output is None:
                self._output = self._open(clip)
            for packet in self._merged(clip, segments):
                self._output.mux_one(packet)
        self.frames += clip.lead + clip.body.frames
        self._audio_packets += len(clip.audio)
        self._last_audio = clip.audio[-1]

    def close(self, chapters: Sequence[Chapter] = ()) -> None:
        """Write chapters and index, and flush the file to the disk."""
        if self._output is None:
            self.abort()
            raise EncodingFailed("There is no scene to write.")
        with self._writing():
            # The last scene ends in silence: its last packet again completes the overlap.
            self._output.mux_one(self._audio_packet(self._last_audio, self._audio_packets))
            self._output.set_chapters(self._chapter_entries(chapters))
            output, self._output = self._output, None
            output.close()
            with self._path.open("rb") as file:
                os.fsync(file.fileno())

    def abort(self) -> None:
        """Remove the unfinished file."""
        output, self._output = self._output, None
        if output is not None:
            # The trailer of a file that is thrown away may fail as it likes.
            with contextlib.suppress(av.error.FFmpegError, OSError):
                output.close()
        if not self._path.is_dir():
            self._path.unlink(missing_ok=True)

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

    def _check(self, clip: Clip, segments: Sequence[Segment]) -> None:
        lead = segments[0].frames if len(segments) > 1 else 0
        known = self._extradata if self._output else (clip.body.extradata, clip.audio_extradata)
        alike = all(segment.extradata == known[0] for segment in segments)
        if not alike or clip.audio_extradata != known[1]:
            raise EncodingFailed("Scenes of different size or encoding cannot be joined.")
        samples = (clip.lead + clip.body.frames) * SAMPLES_PER_FRAME
        if lead != clip.lead or samples != len(clip.audio) * sound.PACKET_SAMPLES:
            raise EncodingFailed("Picture and sound of a scene differ in length.")
        self._extradata = known

    def _open(self, clip: Clip) -> OutputContainer:
        output = av.open(os.fspath(self._path), "w", format="mp4", options=_MP4)
        output.metadata["title"] = self._title
        # Read from the stream itself: size, colours and profile reach the MP4's boxes.
        with av.open(io.BytesIO(_annex_b(clip.body)), "r", format="h264") as template:
            self._streams.append(output.add_stream_from_template(template.streams.video[0]))
        self._streams[0].time_base = _FRAME_TIME
        audio = output.add_stream("aac", rate=SAMPLE_RATE, layout="stereo")
        self._streams.append(audio)
        audio.codec_context.open()
        if audio.codec_context.extradata != clip.audio_extradata:
            raise EncodingFailed("The scenes' sound was encoded for another kind of file.")
        if self._captions:
            self._streams.append(_caption_stream(output))
        for stream in self._streams[1:]:
            stream.metadata["language"] = _ISO_639_2[self._language]
        return output

    def _merged(self, clip: Clip, segments: Sequence[Segment]) -> Iterator[Muxed]:
        """The scene's packets of all streams in the order of their decoding."""
        parts = [self._video(segments), self._audio(clip)]
        if self._captions:
            parts.append(self._text(clip.cues))
        return heapq.merge(*parts, key=_decoding_time)

    def _video(self, segments: Sequence[Segment]) -> Iterator[Muxed]:
        start = self.frames
        for segment in segments:
            for packet in segment.packets:
                times = start + packet.pts, start + packet.dts, 1
                muxed = _packet(self._streams[0], packet.data, times, _FRAME_TIME)
                muxed.is_keyframe = packet.key
                yield muxed
            start += segment.frames

    def _audio(self, clip: Clip) -> Iterator[Muxed]:
        for number, data in enumerate(clip.audio, start=self._audio_packets):
            yield self._audio_packet(data, number)

    def _audio_packet(self, data: bytes, number: int) -> Muxed:
        # The muxer turns what comes before zero into an edit list.
        time = number * sound.PACKET_SAMPLES - sound.PRIMING
        return _packet(self._streams[1], data, (time, time, sound.PACKET_SAMPLES), _SAMPLE_TIME)

    def _text(self, cues: Sequence[Cue]) -> Iterator[Muxed]:
        for cue in cues:
            text = cue.text.encode()
            start = self.frames + cue.start
            data = struct.pack(">H", len(text)) + text
            yield _packet(self._streams[2], data, (start, start, cue.end - cue.start), _FRAME_TIME)

    def _chapter_entries(self, chapters: Sequence[Chapter]) -> list[av.container.core.Chapter]:
        ends = [*(chapter.start for chapter in chapters), self.frames][1:]
        return [
            {
                "id": number,
                "start": chapter.start,
                "end": end,
                "time_base": _FRAME_TIME,
                "metadata": {"title": chapter.title},
            }
            for number, (chapter, end) in enumerate(zip(chapters, ends, strict=True))
        ]


def _annex_b(segment: Segment) -> bytes:
    return segment.extradata + b"".join(packet.data for packet in segment.packets[:2])


def _caption_stream(output: OutputContainer) -> av.subtitles.stream.SubtitleStream:
    stream = output.add_stream("mov_text")
    stream.codec_context.subtitle_header = _STYLE
    stream.codec_context.time_base = _FRAME_TIME
    stream.codec_context.open()
    stream.time_base = _TEXT_TIME
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
