"""Bytes of a music file → s16 stereo samples and their loudness, within limits.

The kind is told by magic bytes and decoded by that demuxer and a codec that belongs to it, so that
no file reaches the parsers of play lists, streams or pictures. Damaged packets are passed over, as
players do, and counted.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import av
import numpy as np
from av.container import InputContainer

from inkreel.errors import MusicUnreadable
from inkreel.model import SAMPLE_RATE

MAX_SECONDS = 600
"""Of the music's beginning that is used; a longer video hears it again."""

RATES = range(8_000, 192_001)
MAX_CHANNELS = 8

_CODECS = ("mp3", "aac", "alac", "vorbis", "opus", "flac", "pcm")
"""How the names of the decoders begin that are let in."""
_HINT = "Use an ordinary MP3, M4A, OGG, WAV or FLAC file."

Link = tuple[str, str]
"""A filter and its options."""


@dataclass(slots=True)
class Decoded:
    """s16 stereo samples at `SAMPLE_RATE`, one after the other."""

    pcm: bytearray = field(default_factory=bytearray)
    loudness: float = -70.0
    """LUFS."""
    damaged: int = 0
    """Packets that could not be decoded."""
    cut: bool = False
    """There is more music than is used."""


def decode(data: bytes) -> Decoded:
    """Raises `MusicUnreadable`."""
    kind = _kind(data)
    decoded = Decoded()
    try:
        with av.open(io.BytesIO(data), "r", format=kind) as file:
            _listen(file, decoded)
    except (av.error.FFmpegError, ValueError, OverflowError) as error:
        raise MusicUnreadable(f"The music cannot be decoded: {error}.", hint=_HINT) from error
    if not decoded.pcm:
        raise MusicUnreadable("There is no sound in the music file.", hint=_HINT)
    return decoded


def through(frames: Iterable[av.AudioFrame], *links: Link) -> Iterator[av.AudioFrame]:
    """Frames, all of one kind, after these filters."""
    graph: av.filter.Graph | None = None
    for frame in frames:
        if graph is None:
            graph = _graph(frame, links)
        graph.push(frame)
        yield from _pulled(graph)
    if graph is not None:
        graph.push(None)
        yield from _pulled(graph)


def _kind(data: bytes) -> str:
    """FFmpeg's name of the demuxer."""
    if data.startswith(b"RIFF") and data[8:12] == b"WAVE":
        return "wav"
    if data[4:8] == b"ftyp":
        return "mov"
    for magic, kind in ((b"ID3", "mp3"), (b"OggS", "ogg"), (b"fLaC", "flac")):
        if data.startswith(magic):
            return kind
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "mp3"
    raise MusicUnreadable("The music file is of no kind that is read.", hint=_HINT)


def _listen(file: InputContainer, decoded: Decoded) -> None:
    if not file.streams.audio:
        raise MusicUnreadable("There is no sound in the music file.", hint=_HINT)
    stream = file.streams.audio[0]
    context = stream.codec_context
    if not context.name.startswith(_CODECS):
        raise MusicUnreadable(
            f"The music is coded as {context.name}, which is not read.", hint=_HINT
        )
    if context.rate not in RATES or not 1 <= context.layout.nb_channels <= MAX_CHANNELS:
        raise MusicUnreadable(
            f"The music has {context.rate} samples a second in {context.layout.nb_channels} "
            "channels, which is not read.",
            hint=_HINT,
        )
    stereo = f"sample_fmts=flt:sample_rates={SAMPLE_RATE}:channel_layouts=stereo"
    limit = MAX_SECONDS * SAMPLE_RATE * 4
    heard = through(_decoded(file, stream, decoded), ("aformat", stereo), ("ebur128", "metadata=1"))
    for frame in heard:
        decoded.loudness = float(frame.metadata.get("lavfi.r128.I", decoded.loudness))
        samples = np.clip(frame.to_ndarray() * 32_768, -32_768, 32_767)
        decoded.pcm += samples.astype("<i2").tobytes()
        if len(decoded.pcm) > limit:
            del decoded.pcm[limit:]
            decoded.cut = True
            return


def _decoded(
    file: InputContainer, stream: av.AudioStream, decoded: Decoded
) -> Iterator[av.AudioFrame]:
    for packet in file.demux(stream):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            decoded.damaged += 1


def _graph(frame: av.AudioFrame, links: Iterable[Link]) -> av.filter.Graph:
    graph = av.filter.Graph()
    last = graph.add_abuffer(
        sample_rate=frame.sample_rate,
        format=frame.format.name,
        layout=frame.layout.name,
        time_base=frame.time_base,
    )
    for link in (*links, ("abuffersink", "")):
        following = graph.add(*link)
        last.link_to(following)
        last = following
    graph.configure()
    return graph


def _pulled(graph: av.filter.Graph) -> Iterator[av.AudioFrame]:
    while True:
        try:
            frame = graph.pull()
        except (av.error.BlockingIOError, av.error.EOFError):
            return
        assert isinstance(frame, av.AudioFrame)  # noqa: S101  no other was put in
        yield frame
