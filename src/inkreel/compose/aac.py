"""VoiceTrack → AAC packets of a scene that can be joined with those of other scenes.

An AAC packet of 1,024 samples overlaps with the packet before it: packet n of an encoder carries
samples `[(n-1)·1024, (n+1)·1024)`. So a scene is encoded between silence, and of the packets those
are kept whose second half ends in it: the first one reaches back into the pause of the scene
before, the last one ends with the scene or before. What overlaps at a joint is silence on both
sides, hence no seam, and the sound of the whole video lags by exactly `PRIMING_SAMPLES`, which the
MP4's edit list cuts off.

Where music fills the silence, both sides encode the same samples around a joint: then the encoder
chooses the same windows there, and what overlaps belongs together.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
import numpy.typing as npt
from av.codec.context import Flags

from inkreel.errors import EncodingFailed
from inkreel.model import PACKET_SAMPLES, SAMPLE_RATE, FrameRate, Sound
from inkreel.recipes import SoundRequest

_ROLL_PACKETS = 4
"""Packets before a scene, in which the encoder's state settles; they are not kept."""
_MUSIC_ROLL_PACKETS = 16
"""Where music fills the pause, its bit reservoir must be filled, too, or the first word is coded
more coarsely: of 108 joints 11 were after 4 packets, 1 after 12, none after 16. (The windows are
those of the scene before already after 4.)"""

_SETTINGS = {
    # On speech a third of the time of "twoloop", 10 dB nearer to the source at equal size.
    "aac_coder": "fast",
    # Mid/side with an empty side, and nothing guessed: both channels decode to equal samples.
    "aac_ms": "1",
    "aac_is": "0",
    "aac_pns": "0",
}

_EQUAL_LOUDNESS = 0.5**0.5
"""Both channels carry the voice; at −3.01 dB each, BS.1770 measures what it did in mono."""


def open_codec(bit_rate: int) -> av.AudioCodecContext:
    """The AAC encoder of all scenes, ready to encode; stereo, as players and sites expect it."""
    codec = av.CodecContext.create("aac", "w")
    codec.sample_rate, codec.layout, codec.format = SAMPLE_RATE, "stereo", "fltp"
    codec.time_base = Fraction(1, SAMPLE_RATE)
    codec.bit_rate = bit_rate
    codec.flags |= Flags.global_header
    codec.options = _SETTINGS
    codec.open()
    return codec


def heard(frames: int, request: SoundRequest) -> range:
    """The samples that the encoder hears for a scene, counted from its first one: some packets
    before it, and one behind the last whole one."""
    samples = frames * FrameRate(request.fps).samples
    whole = (request.phase + samples) // PACKET_SAMPLES
    begin = -request.phase
    return range(begin - _roll(request) * PACKET_SAMPLES, begin + (whole + 1) * PACKET_SAMPLES)


def _roll(request: SoundRequest) -> int:
    return _MUSIC_ROLL_PACKETS if request.under else _ROLL_PACKETS


def encode(
    pcm: bytes,
    frames: int,
    request: SoundRequest,
    *,
    music: npt.NDArray[np.float32] | None = None,
    following: bytes = b"",
) -> Sound:
    """The sound of a scene of `frames` frames that begins with s16le mono `pcm` and ends in
    silence, or in the `music` for all that is `heard`. Then the voice of the scene `following`
    matters, too."""
    voice = np.frombuffer(pcm, np.int16)
    samples = frames * FrameRate(request.fps).samples
    if voice.size > samples - 2 * PACKET_SAMPLES:
        raise EncodingFailed(
            f"A scene of {frames} frames does not hold {voice.size} samples and a pause.",
            hint="This is a mistake in Inkreel: report it.",
        )
    stretch = heard(frames, request)
    sound = np.zeros((2, len(stretch)), np.float32)
    _say(voice, sound[:, -stretch.start :])
    if music is not None:
        _say(np.frombuffer(following, np.int16), sound[:, samples - stretch.start :])
        sound += music
    codec = open_codec(request.bit_rate)
    packets = _packets(codec, sound)[_roll(request) : len(stretch) // PACKET_SAMPLES - 1]
    return Sound(frames, codec.extradata or b"", tuple(packets))


def _say(voice: npt.NDArray[np.int16], into: npt.NDArray[np.float32]) -> None:
    said = voice[: into.shape[1]]
    into[:, : said.size] = said * np.float32(_EQUAL_LOUDNESS / 32_768)


def _packets(codec: av.AudioCodecContext, sound: npt.NDArray[np.float32]) -> list[bytes]:
    found: list[bytes] = []
    for start in range(0, sound.shape[1], PACKET_SAMPLES):
        block = np.ascontiguousarray(sound[:, start : start + PACKET_SAMPLES])
        frame = av.AudioFrame.from_ndarray(block, format="fltp", layout="stereo")
        frame.sample_rate, frame.pts = SAMPLE_RATE, start
        frame.time_base = Fraction(1, SAMPLE_RATE)
        found += [bytes(packet) for packet in codec.encode(frame)]
    return found + [bytes(packet) for packet in codec.encode(None)]
