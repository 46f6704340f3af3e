"""Music files made on the spot, and how loud a sound is."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from inkreel.music.decoding import through

_KINDS = {
    ".mp3": ("mp3", "libmp3lame"),
    ".m4a": ("mp4", "aac"),
    ".ogg": ("ogg", "libopus"),
    ".wav": ("wav", "pcm_s16le"),
    ".flac": ("flac", "flac"),
}
BLOCK = 16_384


def frames(sound: np.ndarray, rate: int) -> list[av.AudioFrame]:
    """Rows of −1 … 1 as frames."""
    made = []
    for at in range(0, sound.shape[1], BLOCK):
        block = np.ascontiguousarray(sound[:, at : at + BLOCK], np.float32)
        layout = "mono" if len(sound) == 1 else "stereo"
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout=layout)
        frame.sample_rate, frame.pts, frame.time_base = rate, at, Fraction(1, rate)
        made.append(frame)
    return made


def write(path: Path, sound: np.ndarray, rate: int) -> bytes:
    """A file of the kind that its suffix says; answers its bytes."""
    container, codec = _KINDS[path.suffix]
    layout = "mono" if len(sound) == 1 else "stereo"
    with av.open(path, "w", format=container) as file:
        wanted = 48_000 if codec == "libopus" else rate
        stream = file.add_stream(codec, rate=wanted, layout=layout)
        stream.codec_context.open()
        kind = f"sample_fmts={stream.format.name}:sample_rates={wanted}:channel_layouts={layout}"
        size = stream.codec_context.frame_size or BLOCK
        for frame in through(
            frames(sound, rate), ("aformat", kind), ("asetnsamples", f"{size}:p=0")
        ):
            file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    return path.read_bytes()


def loudness(sound: np.ndarray) -> tuple[float, float]:
    """Integrated loudness in LUFS and true peak in dBTP of two rows at 48 kHz."""
    measured, peak = -70.0, 0.0
    for frame in through(frames(sound, 48_000), ("ebur128", "peak=true:metadata=1")):
        measured = float(frame.metadata.get("lavfi.r128.I", measured))
        peaks = (v for k, v in frame.metadata.items() if "true_peaks_ch" in k)
        peak = max([peak, *map(float, peaks)])
    return measured, float(20 * np.log10(max(peak, 1e-9)))
