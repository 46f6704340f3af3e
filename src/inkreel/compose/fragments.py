"""Footage → fragmented MP4 (CMAF): an initialisation segment, then one for each piece.

A fragment is a pure function of the footage and of where it stands, so that it can be
published when the footage is ready, made again by another process to the same bytes, and played
before the next one exists. Times are those of the finished MP4 to the sample.

Boxes: ISO/IEC 14496-12; `avcC` 14496-15; `esds` 14496-1 and -14; codec names: RFC 6381.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from inkreel.errors import EncodingFailed
from inkreel.model import (
    PACKET_SAMPLES,
    PRIMING_SAMPLES,
    REORDER_FRAMES,
    SAMPLE_RATE,
    Footage,
    FrameRate,
    Packet,
)

VIDEO, AUDIO = 1, 2
"""Track numbers. Both count time in samples."""

_MATRIX = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
_KEY, _DIFFERENCE = 0x02000000, 0x01010000
"""Sample flags: depends on no other; depends on others and is no sync sample."""
_BASE_IS_MOOF, _DEFAULT_DURATION = 0x020000, 0x08
_OFFSET, _SIZES, _FLAGS, _COMPOSITION = 0x01, 0x200, 0x400, 0x800
_START_CODE = re.compile(rb"\x00{2,3}\x01")
_PARAMETER_SETS = (7, 8)


def initialisation(footage: Footage, size: tuple[int, int], rate: FrameRate) -> bytes:
    """What a player needs before the first fragment; the same for all footage of a video."""
    sps, pps = _parameter_sets(footage.segments[0].extradata)
    # Decoding begins before the first frame is shown, and the decoder's first sound is silence.
    early = REORDER_FRAMES * rate.samples
    picture = _avc1(sps, pps, *size)
    video = _track(VIDEO, b"vide", _full("vmhd", 0, 1, bytes(8)), picture, early, size)
    voice = _mp4a(footage.sound_extradata)
    audio = _track(AUDIO, b"soun", _full("smhd", 0, 0, bytes(4)), voice, PRIMING_SAMPLES)
    extends = _box("mvex", *(_trex(track) for track in (VIDEO, AUDIO)))
    return _box("ftyp", b"iso6\0\0\0\0iso6cmfcmp41") + _box("moov", _mvhd(), video, audio, extends)


def fragment(number: int, start: int, footage: Footage, rate: FrameRate) -> bytes:
    """Fragment `number` (from 0), whose first frame is frame `start` of the video."""
    frames = [
        (packet, _length_prefixed(packet.data))
        for part in footage.segments
        for packet in part.packets
    ]
    video = b"".join(data for _, data in frames)
    begin = start * rate.samples
    tracks = (
        Run(VIDEO, begin, rate.samples, _SIZES | _FLAGS | _COMPOSITION, _frames(frames, rate)),
        # Its first packet reaches back into the pause before the scene.
        Run(
            AUDIO,
            begin // PACKET_SAMPLES * PACKET_SAMPLES,
            PACKET_SAMPLES,
            _SIZES,
            _sounds(footage.sound),
        ),
    )
    size = len(_moof(number, tracks, (0, 0)))
    moof = _moof(number, tracks, (size + 8, size + 8 + len(video)))
    return moof + _box("mdat", video, *footage.sound)


def codecs(footage: Footage) -> str:
    """The `codecs` parameter of the media type, e.g. `avc1.640028,mp4a.40.2`."""
    sps, _ = _parameter_sets(footage.segments[0].extradata)
    return f"avc1.{sps[1:4].hex()},mp4a.40.{footage.sound_extradata[0] >> 3}"


# --- Fragments -----------------------------------------------------------------------------------


class Run(NamedTuple):
    """Samples of a track from time `start` on, each `duration` long, in samples of sound."""

    track: int
    start: int
    duration: int
    flags: int
    """Which fields each row has."""
    rows: Sequence[bytes]


def _moof(number: int, runs: Sequence[Run], offsets: Sequence[int]) -> bytes:
    """The fragment's index; `offsets` say where from its start the data of each run begins."""
    tracks = (_traf(run, offset) for run, offset in zip(runs, offsets, strict=True))
    return _box("moof", _full("mfhd", 0, 0, struct.pack(">I", number + 1)), *tracks)


def _traf(run: Run, offset: int) -> bytes:
    defaults = struct.pack(">II", run.track, run.duration)
    return _box(
        "traf",
        _full("tfhd", 0, _BASE_IS_MOOF | _DEFAULT_DURATION, defaults),
        _full("tfdt", 1, 0, struct.pack(">Q", run.start)),
        _full("trun", 1, run.flags | _OFFSET, struct.pack(">II", len(run.rows), offset), *run.rows),
    )


def _frames(frames: Sequence[tuple[Packet, bytes]], rate: FrameRate) -> list[bytes]:
    rows = []
    for packet, data in frames:
        shift = (packet.pts - packet.dts) * rate.samples
        rows.append(struct.pack(">IIi", len(data), _KEY if packet.key else _DIFFERENCE, shift))
    return rows


def _sounds(packets: Sequence[bytes]) -> list[bytes]:
    return [struct.pack(">I", len(data)) for data in packets]


def _length_prefixed(data: bytes) -> bytes:
    """An access unit as MP4 holds it: lengths for start codes, no parameter sets."""
    units = (unit for unit in _units(data) if unit[0] & 31 not in _PARAMETER_SETS)
    return b"".join(struct.pack(">I", len(unit)) + unit for unit in units)


def _units(data: bytes) -> Iterator[bytes]:
    """The NAL units of a byte stream (H.264 annex B)."""
    return (unit for unit in _START_CODE.split(data) if unit)


# --- Initialisation ------------------------------------------------------------------------------


def _parameter_sets(extradata: bytes) -> tuple[bytes, bytes]:
    found = {unit[0] & 31: unit for unit in _units(extradata)}
    try:
        return found[7], found[8]
    except KeyError:
        raise EncodingFailed("A scene was encoded without parameter sets.") from None


def _mvhd() -> bytes:
    times = struct.pack(">IIII", 0, 0, SAMPLE_RATE, 0)
    rate = struct.pack(">IH", 0x10000, 0x100) + bytes(10)
    return _full("mvhd", 0, 0, times, rate, _MATRIX, bytes(24), struct.pack(">I", AUDIO + 1))


def _track(
    track: int,
    kind: bytes,
    header: bytes,
    sample: bytes,
    skipped: int,
    size: tuple[int, int] = (0, 0),
) -> bytes:
    """`skipped` samples at the start are not played."""
    width, height = size
    placed = struct.pack(">HHHH", 0, 0, 0 if track == VIDEO else 0x100, 0)
    tkhd = _full(
        "tkhd",
        0,
        3,
        struct.pack(">IIIII", 0, 0, track, 0, 0),
        bytes(8),
        placed,
        _MATRIX,
        struct.pack(">II", width << 16, height << 16),
    )
    mdhd = _full("mdhd", 0, 0, struct.pack(">IIIIHH", 0, 0, SAMPLE_RATE, 0, 0x55C4, 0))
    name = {b"vide": b"Video\0", b"soun": b"Sound\0"}[kind]
    hdlr = _full("hdlr", 0, 0, bytes(4), kind, bytes(12), name)
    here = _full("url ", 0, 1)
    references = _box("dinf", _full("dref", 0, 0, struct.pack(">I", 1), here))
    empty = [_full(name, 0, 0, bytes(4)) for name in ("stts", "stsc", "stco")]
    table = _box(
        "stbl",
        _full("stsd", 0, 0, struct.pack(">I", 1), sample),
        *empty,
        _full("stsz", 0, 0, bytes(8)),
    )
    media = _box("mdia", mdhd, hdlr, _box("minf", header, references, table))
    edits = _box("edts", _full("elst", 0, 0, struct.pack(">IIiHH", 1, 0, skipped, 1, 0)))
    return _box("trak", tkhd, edits, media)


def _avc1(sps: bytes, pps: bytes, width: int, height: int) -> bytes:
    opening = bytes(6) + struct.pack(">H", 1) + bytes(16) + struct.pack(">HH", width, height)
    dots = struct.pack(">IIIH", 0x480000, 0x480000, 0, 1) + bytes(32) + struct.pack(">Hh", 24, -1)
    sets = struct.pack(">H", len(sps)) + sps + b"\x01" + struct.pack(">H", len(pps)) + pps
    high = b"\xfd\xf8\xf8\x00" if sps[1] in (100, 110, 122, 144) else b""
    avcc = _box("avcC", b"\x01" + sps[1:4] + b"\xff\xe1" + sets + high)
    colours = _box("colr", b"nclx", struct.pack(">HHHB", 1, 1, 1, 0))
    return _box("avc1", opening, dots, avcc, colours)


def _mp4a(settings: bytes) -> bytes:
    opening = bytes(6) + struct.pack(">H", 1) + bytes(8)
    sound = struct.pack(">HHHHI", 2, 16, 0, 0, SAMPLE_RATE << 16)
    specific = _descriptor(5, settings)
    decoder = _descriptor(4, b"\x40\x15" + bytes(11) + specific)
    stream = _descriptor(3, struct.pack(">HB", AUDIO, 0) + decoder + _descriptor(6, b"\x02"))
    return _box("mp4a", opening, sound, _full("esds", 0, 0, stream))


def _trex(track: int) -> bytes:
    return _full("trex", 0, 0, struct.pack(">IIIII", track, 1, 0, 0, 0))


def _descriptor(tag: int, data: bytes) -> bytes:
    return bytes([tag, 0x80, 0x80, 0x80, len(data)]) + data


def _full(name: str, version: int, flags: int, *content: bytes) -> bytes:
    return _box(name, struct.pack(">I", version << 24 | flags), *content)


def _box(name: str, *content: bytes) -> bytes:
    data = b"".join(content)
    return struct.pack(">I", len(data) + 8) + name.encode() + data
