"""Music under scenes that are encoded each for itself."""

from __future__ import annotations

from dataclasses import dataclass

import av
import msgspec
import numpy as np
import pytest

from inkreel.compose import aac, mix, sound
from inkreel.compose.timeline import scene_frames
from inkreel.model import (
    BED_PIECE,
    PACKET_SAMPLES,
    PRIMING_SAMPLES,
    Bed,
    Digest,
    FrameRate,
    Narration,
    Sound,
    VoiceTrack,
)
from inkreel.recipes import SoundRequest, Under
from tests.compose.handmade import MemoryShelf, narration, voice_track

SECOND = 48_000
LENGTHS = ((9_000, 14_000), (7_000,), (16_000, 8_000, 12_000), (5_000, 6_000), (11_000,))


def chord(seconds: float) -> np.ndarray:
    """Four beating tones a side, at −20 LUFS or so."""
    time = np.arange(round(seconds * SECOND)) / SECOND
    tones = np.array([220, 277.2, 329.6, 440])[:, None]
    return np.stack(
        [np.sin(2 * np.pi * tones * pitch * time).sum(0) * 0.08 for pitch in (1, 1.003)]
    )


def bed_of(music: np.ndarray, shelf: MemoryShelf) -> Digest:
    pcm = (music.T * 32_767).astype("<i2")
    pieces = [pcm[at : at + BED_PIECE].tobytes() for at in range(0, len(pcm), BED_PIECE)]
    return shelf.store(
        Bed(len(pcm), tuple(shelf.save(msgspec.msgpack.encode(piece)) for piece in pieces))
    )


def spoken(words: tuple[int, ...], seed: int) -> tuple[Narration, VoiceTrack]:
    """Syllables of dull noise; the first one 10 ms after the start, as a voice's."""
    rng = np.random.default_rng(seed)
    count = sum(words)
    noise = np.convolve(rng.standard_normal(count), np.hanning(48) / 8, "same")
    voice = noise * np.repeat(rng.random(count // 4_000 + 1), 4_000)[:count] * 12_000
    voice[:480] = 0
    return narration(words, 1), voice_track(voice.clip(-32_768, 32_767))


@dataclass(frozen=True)
class Talk:
    """Scenes with music: what is to be heard, and as it is heard; where scenes join."""

    wanted: np.ndarray
    spliced: np.ndarray
    joints: list[int]
    sounds: list[Sound]


def talk(fps: int, music: np.ndarray, volume_db: float = 0.0) -> Talk:
    shelf, rate = MemoryShelf(), FrameRate(fps)
    bed = bed_of(music, shelf)
    told = [spoken(words, seed) for seed, words in enumerate(LENGTHS)]
    voices = [shelf.store(track) for _, track in told]
    begin, joints, sounds, wanted = 0, [], [], []
    for number, (said, track) in enumerate(told):
        under = Under(bed, begin, [*voices, None][number + 1], volume_db)
        phase = begin % PACKET_SAMPLES
        request = SoundRequest(shelf.store(said), voices[number], fps, phase, under=under)
        sounds.append(sound(request, shelf))
        samples = scene_frames(said, rate) * rate.samples
        voice = np.zeros(samples)
        voice[: said.samples] = np.frombuffer(track.pcm, np.int16) / 32_768 * 0.5**0.5
        wanted.append(voice + mix.music(under, said, samples, range(samples), shelf))
        begin += samples
        joints.append(begin)
    packets = [packet for each in sounds for packet in each.packets]
    whole = np.concatenate(wanted, axis=1)
    heard = decoded([*packets, packets[-1], packets[-1]], sounds[0].extradata)
    return Talk(whole, heard[:, : whole.shape[1]], joints[:-1], sounds)


def decoded(packets: list[bytes], extradata: bytes) -> np.ndarray:
    codec = av.CodecContext.create("aac", "r")
    codec.extradata, codec.sample_rate, codec.layout = extradata, SECOND, "stereo"
    frames = [f.to_ndarray() for data in packets for f in codec.decode(av.Packet(data))]
    return np.concatenate(frames, axis=1)[:, PRIMING_SAMPLES:]


def in_one(wanted: np.ndarray) -> np.ndarray:
    """One encode of everything."""
    codec = aac.open_codec(128_000)
    rest = -wanted.shape[1] % PACKET_SAMPLES + PACKET_SAMPLES
    packets = aac._packets(codec, np.pad(wanted, ((0, 0), (0, rest))).astype(np.float32))
    return decoded(packets, codec.extradata or b"")[:, : wanted.shape[1]]


def errors(heard: np.ndarray, wanted: np.ndarray, around: list[int]) -> np.ndarray:
    """Root mean square of the error in the packets' length before and after these samples."""
    difference = heard - wanted
    places = [at + side for at in around for side in (-PACKET_SAMPLES, 0)]
    return np.array([np.std(difference[:, at : at + PACKET_SAMPLES]) for at in places])


@pytest.mark.parametrize("fps", [24, 30])
def test_scenes_with_music_join_without_a_seam(fps: int) -> None:
    """Scenes that each were encoded alone decode as one encode of the whole mix does: around the
    joints the error is no larger, there is no lag, and neither side is silent."""
    made = talk(fps, chord(3), volume_db=6)
    whole = in_one(made.wanted)
    spliced = errors(made.spliced, made.wanted, made.joints)
    once = errors(whole, made.wanted, made.joints)
    assert np.all(spliced <= once * 1.5 + 1e-5)
    everywhere = range(PACKET_SAMPLES, made.wanted.shape[1] - PACKET_SAMPLES, PACKET_SAMPLES)
    assert spliced.max() <= errors(whole, made.wanted, list(everywhere)).max()
    for at in made.joints:
        before = made.wanted[:, at - PACKET_SAMPLES : at]
        assert np.std(before) > 100 * np.std(made.spliced[:, at - PACKET_SAMPLES : at] - before)
        window = made.wanted[0, at - 4_000 : at + 4_000]
        heard = made.spliced[0, at - 4_050 : at + 4_050]
        assert int(np.argmax(np.correlate(heard, window))) == 50


def test_a_video_begins_and_ends_calmly() -> None:
    """Music comes in from silence and is gone before the end, where the last packet is repeated."""
    made = talk(30, chord(3))
    quiet = made.spliced - talk(30, chord(3) * 0).spliced
    assert np.abs(quiet[:, :1_000]).max() < 0.001
    assert np.abs(made.spliced[:, -2 * PACKET_SAMPLES :]).max() < 1e-4


def test_music_depends_on_the_time_alone_around_a_joint() -> None:
    """What a scene is given of its neighbours is what they are given themselves, so that nothing
    has to be known of them but when they speak."""
    shelf, samples = MemoryShelf(), 4 * SECOND
    bed = bed_of(chord(2), shelf)
    one = narration((50_000, 40_000), 1)  # 2 s of silence to the scene's end
    other = narration((70_000,), 1)
    reach = aac._MUSIC_ROLL_PACKETS * PACKET_SAMPLES + PACKET_SAMPLES
    around = range(samples - reach, samples + PACKET_SAMPLES)
    following = Digest("")
    left = mix.music(Under(bed, SECOND, following), one, samples, around, shelf)
    moved = range(-reach, PACKET_SAMPLES)
    right = mix.music(Under(bed, SECOND + samples, None), other, samples, moved, shelf)
    assert np.array_equal(left, right)


def test_music_is_low_under_speech_and_rises_in_long_pauses() -> None:
    """19 LU below the voice while it speaks, a little louder in pauses of more than a second, and
    never with a step."""
    told = narration((SECOND, SECOND), 1)
    under = Under(Digest(""), 10 * SECOND, Digest(""))
    curve = 20 * np.log10(mix.gain(under, told, 5 * SECOND, range(5 * SECOND)))
    assert np.allclose(curve[: 2 * SECOND], mix.UNDER_SPEECH_DB)
    assert np.isclose(curve.max(), mix.UNDER_SPEECH_DB + mix.RISE_DB)
    assert np.allclose(curve[-mix.GUARD :], mix.UNDER_SPEECH_DB)
    assert np.abs(np.diff(curve)).max() < 0.001
    short = 20 * np.log10(mix.gain(under, told, 2 * SECOND + mix.PAUSE - 1, range(3 * SECOND)))
    assert np.allclose(short, mix.UNDER_SPEECH_DB)


@pytest.mark.parametrize("seconds", [1.0, 7.0, 30.0])
def test_music_is_repeated_without_a_gap(seconds: float) -> None:
    """However short or long the music, it goes on: no click, no hole where it begins again; and
    any stretch of it is the same, whoever asks."""
    shelf = MemoryShelf()
    rng = np.random.default_rng(2)
    noise = np.stack(
        [
            np.convolve(side, np.hanning(32) / 16, "same")
            for side in rng.standard_normal((2, round(seconds * SECOND)))
        ]
    )
    bed = shelf.load(bed_of(noise * 0.3, shelf), Bed)
    long = mix.play(bed, shelf, 0, 40 * SECOND)
    levels = np.sqrt(np.mean(long.reshape(2, -1, 4_800) ** 2, axis=2))
    assert levels.min() > 0.6 * levels.mean()
    assert levels.max() < 1.5 * levels.mean()
    assert np.abs(np.diff(long)).max() <= 1.5 * np.abs(np.diff(noise * 0.3)).max()
    start = 23 * SECOND + 17
    part = mix.play(bed, shelf, start, SECOND)
    assert np.allclose(part, long[:, start : start + SECOND], atol=1e-6)
    assert np.all(mix.play(bed, shelf, -100, 100) == 0)
