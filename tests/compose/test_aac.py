"""Narration → AAC that joins by packet."""

from __future__ import annotations

import av
import numpy as np
import pytest

from inkreel.compose import aac
from inkreel.errors import EncodingFailed
from inkreel.model import PACKET_SAMPLES, PRIMING_SAMPLES, Digest, FrameRate
from inkreel.recipes import SoundRequest


def voice(seed: int, samples: int) -> np.ndarray:
    """Dull noise with syllables: loud from its very first sample, with sharp attacks."""
    rng = np.random.default_rng(seed)
    noise = np.convolve(rng.standard_normal(samples), np.hanning(48) / 8, "same")
    syllables = np.repeat(rng.random(samples // 4_000 + 1), 4_000)[:samples]
    return (noise * syllables * 12_000).clip(-32_768, 32_767).astype(np.int16)


def decoded(packets: list[bytes], extradata: bytes) -> np.ndarray:
    codec = av.CodecContext.create("aac", "r")
    codec.extradata, codec.sample_rate, codec.layout = extradata, 48_000, "stereo"
    frames = [f.to_ndarray() for data in packets for f in codec.decode(av.Packet(data))]
    return np.concatenate(frames, axis=1)


def asked(fps: int = 30, phase: int = 0) -> SoundRequest:
    return SoundRequest(Digest(""), Digest(""), fps, phase)


SCENES = [(48, 60_000), (32, 10_000), (160, 220_000), (64, 77_777), (32, 20_001)]


@pytest.mark.parametrize("fps", [24, 25, 30, 50, 60])
def test_scenes_join_by_packet(fps: int) -> None:
    """Scenes one after the other decode like one encode of everything, at any frame rate and also
    where they begin within a packet: no lag, no seam."""
    rate = FrameRate(fps)
    packets: list[bytes] = []
    expected: list[np.ndarray] = []
    scenes = []
    for seed, (frames, samples) in enumerate(SCENES):
        pcm = voice(seed, samples)
        whole = -(-frames * 1_600 // rate.samples // rate.quantum) * rate.quantum
        begin = sum(each.size for each in expected)
        made = aac.encode(pcm.tobytes(), whole, asked(fps, begin % PACKET_SAMPLES))
        packets += made.packets
        length = whole * rate.samples
        scenes.append((length, samples))
        assert len(packets) == (begin + length) // PACKET_SAMPLES
        expected.append(np.pad(pcm, (0, length - samples)))
    source = np.concatenate(expected) / 32_768 * 0.5**0.5
    heard = decoded([*packets, packets[-1], packets[-1]], made.extradata)[:, PRIMING_SAMPLES:]
    assert heard.shape[1] >= source.size
    start = 0
    for length, samples in scenes:
        mine, theirs = heard[0, start : start + length], source[start : start + length]
        # The error is far below the sound, at the joint as elsewhere …
        assert np.sqrt(np.mean((mine - theirs)[:2_048] ** 2)) < 0.05 * np.std(theirs[:2_048])
        # … silence is silent (but for the last packet, which knows the sound to come) …
        assert np.abs(mine[samples + 2_048 : -2_048]).max(initial=0) < 1e-4
        assert np.abs(mine[-2_048:]).max() < 0.02
        # … and no other lag fits better.
        window = theirs[3_000:9_000]
        fit = [np.dot(mine[3_000 + lag : 9_000 + lag], window) for lag in range(-50, 51)]
        assert int(np.argmax(fit)) - 50 == 0
        start += length


def test_loudness_is_untouched() -> None:
    """Both channels together carry the power of the mono voice, and are the same."""
    pcm = voice(7, 220_000)
    made = aac.encode(pcm.tobytes(), 160, asked())
    heard = decoded([*made.packets, made.packets[-1]], made.extradata)
    power = np.sum(np.square(heard, dtype=np.float64))
    told = np.sum(np.square(pcm / 32_768))
    assert abs(10 * np.log10(power / told)) < 0.05
    assert np.array_equal(heard[0], heard[1])


def test_the_same_scene_gives_the_same_packets() -> None:
    """Encoding has no memory of the scene before."""
    pcm = voice(1, 50_000).tobytes()
    first = aac.encode(pcm, 48, asked())
    aac.encode(voice(2, 20_000).tobytes(), 48, asked())
    assert aac.encode(pcm, 48, asked()) == first


def test_a_scene_without_pause_is_refused() -> None:
    """Sound up to the scene's end could not be joined."""
    with pytest.raises(EncodingFailed):
        aac.encode(bytes(2 * 32 * 1_600), 32, asked())
