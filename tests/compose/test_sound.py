"""Narration → AAC that joins by packet."""

from __future__ import annotations

import av
import numpy as np
import pytest

from inkreel.compose import sound
from inkreel.errors import EncodingFailed
from inkreel.model import SAMPLES_PER_FRAME
from inkreel.recipes import Encoding


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


SCENES = [(48, 60_000), (32, 10_000), (160, 220_000), (64, 77_777), (32, 20_001)]


def test_scenes_join_by_packet() -> None:
    """Scenes one after the other decode like one encode of everything: no lag, no seam."""
    encoding = Encoding()
    packets: list[bytes] = []
    expected = []
    for seed, (frames, samples) in enumerate(SCENES):
        pcm = voice(seed, samples)
        made, extradata = sound.encode(pcm.tobytes(), frames, encoding)
        assert len(made) * 1_024 == frames * SAMPLES_PER_FRAME
        packets += made
        expected.append(np.pad(pcm, (0, frames * SAMPLES_PER_FRAME - samples)))
    source = np.concatenate(expected) / 32_768 * 0.5**0.5
    heard = decoded([*packets, packets[-1]], extradata)[:, sound.PRIMING :]
    assert heard.shape[1] == source.size
    start = 0
    for frames, samples in SCENES:
        length = frames * SAMPLES_PER_FRAME
        mine, theirs = heard[0, start : start + length], source[start : start + length]
        # The error is far below the sound, at the joint as elsewhere …
        assert np.sqrt(np.mean((mine - theirs)[:2_048] ** 2)) < 0.05 * np.std(theirs[:2_048])
        # … silence is silent (but for the last packet, which knows the sound to come) …
        assert np.abs(mine[samples + 2_048 : -1_024]).max(initial=0) < 1e-4
        assert np.abs(mine[-1_024:]).max() < 0.02
        # … and no other lag fits better.
        window = theirs[3_000:9_000]
        fit = [np.dot(mine[3_000 + lag : 9_000 + lag], window) for lag in range(-50, 51)]
        assert int(np.argmax(fit)) - 50 == 0
        start += length


def test_loudness_is_untouched() -> None:
    """Both channels together carry the power of the mono voice, and are the same."""
    pcm = voice(7, 220_000)
    packets, extradata = sound.encode(pcm.tobytes(), 160, Encoding())
    heard = decoded([*packets, packets[-1]], extradata)
    power = np.sum(np.square(heard, dtype=np.float64))
    told = np.sum(np.square(pcm / 32_768))
    assert abs(10 * np.log10(power / told)) < 0.05
    assert np.array_equal(heard[0], heard[1])


def test_the_same_scene_gives_the_same_packets() -> None:
    """Encoding has no memory of the scene before."""
    pcm = voice(1, 50_000).tobytes()
    first = sound.encode(pcm, 48, Encoding())
    sound.encode(voice(2, 20_000).tobytes(), 48, Encoding())
    assert sound.encode(pcm, 48, Encoding()) == first


def test_a_scene_without_pause_is_refused() -> None:
    """Sound up to the scene's end could not be joined."""
    with pytest.raises(EncodingFailed):
        sound.encode(bytes(2 * 32 * SAMPLES_PER_FRAME), 32, Encoding())
