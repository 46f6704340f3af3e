"""How near a video is to the finished frames: SSIM and PSNR of the luma, and how large it is."""

from __future__ import annotations

import re
import subprocess
from dataclasses import dataclass
from pathlib import Path

import av

EVERY = 4
"""Each so many frames are compared."""


@dataclass(frozen=True)
class Likeness:
    ssim: float
    psnr: float
    """dB over all frames."""
    frames: int
    bytes: int
    """Of the picture alone."""


def compare(ffmpeg: str, video: Path, finished: Path, window: tuple[int, int]) -> Likeness:
    """Compare with frames `window` of the finished ones, one by one by their number."""
    first, last = window
    number = "setpts=N/TB"
    graph = (
        f"[0:v]{number},select=not(mod(n\\,{EVERY})),split[a][b];"
        f"[1:v]trim=start_frame={first}:end_frame={last},{number},"
        f"select=not(mod(n\\,{EVERY})),split[c][d];"
        "[a][c]ssim=shortest=1[s];[b][d]psnr=shortest=1[p]"
    )
    command = [ffmpeg, "-nostdin", "-v", "info", "-i", video, "-i", finished]
    command += ["-lavfi", graph, "-map", "[s]", "-f", "null", "-", "-map", "[p]", "-f", "null", "-"]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stderr
    ssim = re.search(r"SSIM Y:([\d.]+)", told)
    psnr = re.search(r"PSNR y:([\d.]+|inf)", told)
    assert ssim, told
    assert psnr, told
    with av.open(str(video)) as file:
        sizes = [packet.size for packet in file.demux(video=0) if packet.size]
    return Likeness(float(ssim[1]), float(psnr[1]), len(sizes), sum(sizes))
