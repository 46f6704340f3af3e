"""The bound: encoding the finished frames, lying in memory, and nothing else: with a preset and a
quality (`CRF`), all else as x264 decides, or with our settings.

One thread for each segment and a segment a core, as ours; no drawing, no conversion, no sound, no
file.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from fractions import Fraction
from functools import partial
from pathlib import Path

import av

from bench.film import Film
from bench.meter import Spent, cores
from inkreel.compose import encode
from inkreel.compose.planes import Planes
from inkreel.recipes import Encoding

CRF = 21
"""As like the frames as ours, in the first four digits of SSIM."""


def bound(film: Film, encoding: Encoding, target: Path, *, usual: bool) -> Spent:
    """Encode them; the byte stream is kept to be compared. The wall is what it would be if all
    cores did nothing else."""
    scenes = range(len(film.scenes))
    # A fresh process, as a worker is; it draws the frames, unmeasured, and encodes them.
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(cores(), context) as pool, target.open("wb") as file:
        seconds = 0.0
        for data, used in pool.map(partial(_scene, film, encoding, usual=usual), scenes):
            file.write(data)
            seconds += used
    return Spent(seconds / cores(), seconds)


def _scene(film: Film, encoding: Encoding, scene: int, *, usual: bool) -> tuple[bytes, float]:
    data, seconds = b"", 0.0
    for segment in film.finished(scene):
        pictures = _pictures(segment)
        began = time.process_time()
        packets = encoded(pictures, encoding, usual=usual)
        seconds += time.process_time() - began
        data += packets
    return data, seconds


def encoded(pictures: Sequence[av.VideoFrame], encoding: Encoding, *, usual: bool) -> bytes:
    """An H.264 byte stream."""
    size = pictures[0].width, pictures[0].height
    codec = _usual(*size, encoding) if usual else encode._open(*size, encoding)
    packets = []
    for number, picture in enumerate(pictures):
        picture.pts, picture.time_base = number, Fraction(1, encoding.fps)
        packets += codec.encode(picture)
    packets += codec.encode(None)
    return (codec.extradata or b"") + b"".join(bytes(packet) for packet in packets)


def _usual(width: int, height: int, encoding: Encoding) -> av.VideoCodecContext:
    codec = av.CodecContext.create("libx264", "w")
    codec.width, codec.height, codec.pix_fmt = width, height, "yuv420p"
    codec.time_base, codec.framerate = Fraction(1, encoding.fps), Fraction(encoding.fps)
    codec.gop_size = encoding.rate.count(1000 * encoding.keyframe_seconds)
    codec.thread_count = 1
    codec.options = {"preset": encoding.preset, "crf": str(CRF), "tune": "animation"}
    _tag(codec)
    codec.open()
    return codec


def _tag(codec: av.VideoCodecContext) -> None:
    """As all others, or frames would be converted before they are compared."""
    codec.color_primaries = codec.color_trc = codec.colorspace = encode._BT709
    codec.color_range = encode._LIMITED_RANGE


def _pictures(frames: Sequence[Planes]) -> list[av.VideoFrame]:
    """Frames that are the same are in memory once."""
    known = {id(planes): planes for planes in frames}
    made = {name: video_frame(planes) for name, planes in known.items()}
    return [made[id(planes)] for planes in frames]


def video_frame(picture: Planes) -> av.VideoFrame:
    height, width = picture.y.shape
    frame = av.VideoFrame(width, height, "yuv420p")
    for plane, pixels in zip(frame.planes, picture, strict=True):
        encode.view(plane)[:] = pixels
    return frame


def lossless(film: Film, encoding: Encoding, target: Path) -> tuple[int, int]:
    """Write the finished frames as they are, to compare with; says how many they are, and how
    many of them differ from the one before."""
    frames = changed = 0
    with av.open(str(target), "w", format="h264") as output:
        stream: av.VideoStream | None = None
        for segment in _segments(film):
            frames, changed = frames + len(segment), changed + len({id(each) for each in segment})
            for planes in segment:
                picture = video_frame(planes)
                stream = stream or _lossless(output, picture, encoding)
                output.mux(stream.encode(picture))
        assert stream
        output.mux(stream.encode(None))
    return frames, changed


def _segments(film: Film) -> Iterator[list[Planes]]:
    for scene in range(len(film.scenes)):
        yield from film.finished(scene)


def _lossless(
    output: av.container.OutputContainer, picture: av.VideoFrame, encoding: Encoding
) -> av.VideoStream:
    stream = output.add_stream("libx264", rate=encoding.fps)
    stream.width, stream.height = picture.width, picture.height
    stream.options = {"preset": "ultrafast", "qp": "0"}
    _tag(stream.codec_context)
    return stream
